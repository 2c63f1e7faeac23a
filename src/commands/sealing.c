#include "commands/sealing.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { KEYS_MAX = 8 };

struct sealing {
    struct note_signer *signers[KEYS_MAX];
    struct signing signing;
    struct sequencer *sequencer;
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

struct sealing *sealing_start(const struct options *options, const char *conninfo, char **why)
{
    struct sealing *sealing = calloc(1, sizeof(*sealing));
    if (!sealing)
        abort();
    if (read_options(sealing, options, why))
        sealing->sequencer = sequencer_start(conninfo, &sealing->signing, why);
    if (sealing->sequencer)
        return sealing;
    sealing_stop(sealing);
    return NULL;
}

void sealing_stop(struct sealing *sealing)
{
    if (!sealing)
        return;
    sequencer_stop(sealing->sequencer);
    for (size_t i = 0; i < sealing->signing.count; i++)
        note_signer_free(sealing->signers[i]);
    free(sealing);
}

void sealing_gauges(struct sealing *sealing, struct sequencer_gauges *gauges)
{
    sequencer_gauges(sealing->sequencer, gauges);
}
