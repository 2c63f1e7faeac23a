#include "commands/sealing.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { KEYS_MAX = 8 };

struct sealing {
    struct note_signer *signers[KEYS_MAX];
    struct signing signing;
    struct sequencer *sequencer;
    struct arena *arena;           /* lends the list */
    struct witness_list witnesses; /* of this log */
    struct witnessing *witnessing;
    struct note_signer *witness; /* that this server is of other logs, or NULL */
};

static bool say(const char *what, char **why)
{
    *why = strdup(what);
    if (!*why)
        abort();
    return false;
}

static bool read_keys(struct sealing *sealing, const char *files, const char *origin, char **why)
{
    char *copy = strdup(files), *rest = copy;
    bool good = true;
    if (!copy)
        abort();
    for (char *file = strsep(&rest, ","); good && file; file = strsep(&rest, ",")) {
        good = sealing->signing.count < KEYS_MAX || say("--log-keys: at most eight", why);
        struct note_signer *signer = good ? note_signer_read(file, origin, NOTE_SIGNED, why) : NULL;
        good = signer != NULL;
        if (good)
            sealing->signers[sealing->signing.count++] = signer;
    }
    free(copy);
    return good;
}

static bool read_options(struct sealing *sealing, const struct options *options, char **why)
{
    const char *keys = options_text(options, OPTION_LOG_KEYS);
    sealing->signing = (struct signing){.origin = options_text(options, OPTION_LOG_ORIGIN),
                                        .signers = sealing->signers,
                                        .memory = options_text(options, OPTION_LOG_MEMORY)};
    if (!keys) {
        log_event(LOG_WARNING, "log-not-signed", "{s:s}", "reason", "no --log-keys");
        return true;
    }
    if (!sealing->signing.origin || !sealing->signing.memory)
        return say("--log-keys needs --log-origin and --log-memory beside it", why);
    return read_keys(sealing, keys, sealing->signing.origin, why);
}

static bool read_witnesses(struct sealing *sealing, const struct options *options, char **why)
{
    const char *file = options_text(options, OPTION_LOG_WITNESSES);
    if (file && sealing->signing.count == 0)
        return say("--log-witnesses needs --log-keys beside it", why);
    return !file || witness_list_read(file, sealing->arena, &sealing->witnesses, why);
}

/* Its verifier key is told, so that others can be configured with it. */
static bool read_witness_key(struct sealing *sealing, const struct options *options, char **why)
{
    const char *file = options_text(options, OPTION_WITNESS_KEY), *name = options_text(options, OPTION_WITNESS_NAME);
    if (!file != !name)
        return say("--witness-key and --witness-name go together", why);
    if (!file)
        return true;
    sealing->witness = note_signer_read(file, name, NOTE_COSIGNED, why);
    if (sealing->witness)
        log_event(LOG_INFO, "witness", "{s:s}", "verifierKey",
                  note_verifier_text(note_signer_verifier(sealing->witness), sealing->arena));
    return sealing->witness != NULL;
}

struct sealing *sealing_start(const struct options *options, const char *conninfo, char **why)
{
    struct sealing *sealing = calloc(1, sizeof(*sealing));
    if (!sealing)
        abort();
    sealing->arena = arena_create();
    if (read_options(sealing, options, why) && read_witnesses(sealing, options, why) &&
        read_witness_key(sealing, options, why))
        sealing->sequencer = sequencer_start(conninfo, &sealing->signing, why);
    if (sealing->sequencer && sealing->witnesses.count > 0)
        sealing->witnessing = witnessing_start(conninfo, &sealing->witnesses, why);
    if (sealing->sequencer && (sealing->witnessing || sealing->witnesses.count == 0))
        return sealing;
    sealing_stop(sealing);
    return NULL;
}

void sealing_stop(struct sealing *sealing)
{
    if (!sealing)
        return;
    witnessing_stop(sealing->witnessing);
    sequencer_stop(sealing->sequencer);
    note_signer_free(sealing->witness);
    arena_destroy(sealing->arena);
    for (size_t i = 0; i < sealing->signing.count; i++)
        note_signer_free(sealing->signers[i]);
    free(sealing);
}

void sealing_gauges(struct sealing *sealing, struct sequencer_gauges *gauges)
{
    sequencer_gauges(sealing->sequencer, gauges);
}

size_t sealing_witnesses(struct sealing *sealing, struct witnessing_gauges gauges[WITNESSES_MAX])
{
    return witnessing_gauges(sealing->witnessing, gauges);
}

const struct note_signer *sealing_witness(const struct sealing *sealing)
{
    return sealing->witness;
}
