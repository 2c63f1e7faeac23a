#include "log/sequencer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "log/store.h"

enum { PERIOD_S = 1, BATCH = 2048 };

struct sequencer {
    const char *conninfo;
    const struct signing *signing;
    struct script *script; /* NULL while there is no connection */
    char *complaint;       /* what was last told to the log, or NULL */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t stop_asked;
    bool stopping;
    struct sequencer_gauges gauges;
};

static bool stopping(struct sequencer *sequencer)
{
    pthread_mutex_lock(&sequencer->lock);
    bool stopping = sequencer->stopping;
    pthread_mutex_unlock(&sequencer->lock);
    return stopping;
}

/* Says once what is wrong, until it is something else. Steals `why`. */
static void complain(struct sequencer *sequencer, enum log_level level, const char *event, char *why)
{
    if (!sequencer->complaint || strcmp(sequencer->complaint, why) != 0)
        log_event(level, event, "{s:s}", "reason", why);
    free(sequencer->complaint);
    sequencer->complaint = why;
}

static void forget_complaint(struct sequencer *sequencer)
{
    free(sequencer->complaint);
    sequencer->complaint = NULL;
}

static void fail(struct sequencer *sequencer, char *why)
{
    complain(sequencer, LOG_WARNING, "sealing-failed", why);
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
static bool seal(struct sequencer *sequencer, char **why)
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
    } while (sealed == BATCH && !stopping(sequencer));
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
        complain(sequencer, LOG_ERROR, "checkpoint-refused", *why);
    *why = NULL;
    pthread_mutex_lock(&sequencer->lock);
    sequencer->gauges.refused = result == SIGNING_REFUSED;
    if (size > 0)
        sequencer->gauges.signed_size = size;
    pthread_mutex_unlock(&sequencer->lock);
    return true;
}

static void work(struct sequencer *sequencer)
{
    char *why = NULL;
    if (!connect(sequencer, &why) || !seal(sequencer, &why) || !sign(sequencer, &why) || !measure(sequencer, &why))
        fail(sequencer, why);
    else if (!sequencer->gauges.refused)
        forget_complaint(sequencer);
}

/* Sleeps until the next round; false when it is time to stop. */
static bool wait(struct sequencer *sequencer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PERIOD_S;
    pthread_mutex_lock(&sequencer->lock);
    while (!sequencer->stopping && pthread_cond_timedwait(&sequencer->stop_asked, &sequencer->lock, &until) == 0)
        ;
    bool stopping = sequencer->stopping;
    pthread_mutex_unlock(&sequencer->lock);
    return !stopping;
}

static void *keep_working(void *context)
{
    do
        work(context);
    while (wait(context));
    return NULL;
}

static void destroy(struct sequencer *sequencer)
{
    script_end(sequencer->script);
    pthread_cond_destroy(&sequencer->stop_asked);
    pthread_mutex_destroy(&sequencer->lock);
    free(sequencer->complaint);
    free(sequencer);
}

struct sequencer *sequencer_start(const char *conninfo, const struct signing *signing, char **why)
{
    pthread_condattr_t monotonic;
    struct sequencer *sequencer = calloc(1, sizeof(*sequencer));
    if (!sequencer)
        abort();
    sequencer->conninfo = conninfo;
    sequencer->signing = signing;
    pthread_mutex_init(&sequencer->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sequencer->stop_asked, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&sequencer->thread, NULL, keep_working, sequencer) == 0)
        return sequencer;
    *why = strdup("no thread can be started");
    destroy(sequencer);
    return NULL;
}

void sequencer_stop(struct sequencer *sequencer)
{
    if (!sequencer)
        return;
    pthread_mutex_lock(&sequencer->lock);
    sequencer->stopping = true;
    pthread_cond_signal(&sequencer->stop_asked);
    pthread_mutex_unlock(&sequencer->lock);
    pthread_join(sequencer->thread, NULL);
    destroy(sequencer);
}

void sequencer_gauges(struct sequencer *sequencer, struct sequencer_gauges *gauges)
{
    pthread_mutex_lock(&sequencer->lock);
    *gauges = sequencer->gauges;
    pthread_mutex_unlock(&sequencer->lock);
}
