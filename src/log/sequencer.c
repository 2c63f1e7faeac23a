#include "log/sequencer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/rounds.h"
#include "log/store.h"

enum { PERIOD_S = 1, BATCH = 2048 };

struct sequencer {
    const char *conninfo;
    const struct signing *signing;
    struct script *script; /* NULL while there is no connection */
    char *complaint;       /* what was last told to the log, or NULL */
    struct rounds *rounds;
    pthread_mutex_t lock; /* of what follows */
    struct sequencer_gauges gauges;
};

static void fail(struct sequencer *sequencer, char *why)
{
    log_trouble(&sequencer->complaint, LOG_WARNING, "sealing-failed", NULL, why);
    script_end(sequencer->script);
    sequencer->script = NULL;
    pthread_mutex_lock(&sequencer->lock);
    sequencer->gauges.failures++;
    pthread_mutex_unlock(&sequencer->lock);
}

static bool connect(struct sequencer *sequencer, char **why)
{
    if (!sequencer->script)
        sequencer->script = script_begin(sequencer->conninfo, why);
    return sequencer->script != NULL;
}

/* Seals until nothing is left to. */
static bool seal(struct sequencer *sequencer, const atomic_bool *stopping, char **why)
{
    size_t sealed;
    uint64_t size = 0;
    do {
        if (!store_seal(sequencer->script, BATCH, &sealed, &size, why))
            return false;
        pthread_mutex_lock(&sequencer->lock);
        sequencer->gauges.sealed += sealed;
        if (sealed > 0)
            sequencer->gauges.size = size;
        pthread_mutex_unlock(&sequencer->lock);
    } while (sealed == BATCH && !atomic_load(stopping));
    return true;
}

static bool measure(struct sequencer *sequencer, char **why)
{
    struct arena *arena = arena_create();
    struct db_rows rows;
    bool good =
        script_run(sequencer->script, "begin", why) &&
        script_call(sequencer->script,
                    "select floor(samsyn.unsealed_seconds())::bigint, coalesce(max(size), 0) from samsyn.log_trees", 0,
                    NULL, arena, &rows, why) &&
        script_commit(sequencer->script, why);
    if (good) {
        pthread_mutex_lock(&sequencer->lock);
        sequencer->gauges.unsealed_s = strtoull(rows.cells[0], NULL, 10);
        sequencer->gauges.size = strtoull(rows.cells[1], NULL, 10);
        pthread_mutex_unlock(&sequencer->lock);
    }
    arena_destroy(arena);
    return good;
}

static bool sign(struct sequencer *sequencer, char **why)
{
    uint64_t size = 0;
    enum signing_result result = signing_run(sequencer->signing, sequencer->script, &size, why);
    if (result == SIGNING_FAILED)
        return false;
    if (result == SIGNING_REFUSED)
        log_trouble(&sequencer->complaint, LOG_ERROR, "checkpoint-refused", NULL, *why);
    *why = NULL;
    pthread_mutex_lock(&sequencer->lock);
    sequencer->gauges.refused = result == SIGNING_REFUSED;
    if (size > 0)
        sequencer->gauges.signed_size = size;
    pthread_mutex_unlock(&sequencer->lock);
    return true;
}

static void work(void *context, const atomic_bool *stopping)
{
    struct sequencer *sequencer = context;
    char *why = NULL;
    if (!connect(sequencer, &why) || !seal(sequencer, stopping, &why) || !sign(sequencer, &why) ||
        !measure(sequencer, &why))
        fail(sequencer, why);
    else if (!sequencer->gauges.refused)
        log_trouble(&sequencer->complaint, LOG_INFO, "", NULL, NULL);
}

static void destroy(struct sequencer *sequencer)
{
    script_end(sequencer->script);
    pthread_mutex_destroy(&sequencer->lock);
    free(sequencer->complaint);
    free(sequencer);
}

struct sequencer *sequencer_start(const char *conninfo, const struct signing *signing, char **why)
{
    struct sequencer *sequencer = calloc(1, sizeof(*sequencer));
    if (!sequencer)
        abort();
    sequencer->conninfo = conninfo;
    sequencer->signing = signing;
    pthread_mutex_init(&sequencer->lock, NULL);
    sequencer->rounds = rounds_start(PERIOD_S, work, sequencer);
    if (sequencer->rounds)
        return sequencer;
    *why = strdup("no thread can be started");
    destroy(sequencer);
    return NULL;
}

void sequencer_stop(struct sequencer *sequencer)
{
    if (!sequencer)
        return;
    rounds_stop(sequencer->rounds);
    destroy(sequencer);
}

void sequencer_gauges(struct sequencer *sequencer, struct sequencer_gauges *gauges)
{
    pthread_mutex_lock(&sequencer->lock);
    *gauges = sequencer->gauges;
    pthread_mutex_unlock(&sequencer->lock);
}
