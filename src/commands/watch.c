#include "commands/watch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rounds.h"

enum { PERIOD_S = 1, OVERDUE_US = 10 * 1000000, HOUR_US_THOUSANDS = 3600000 };

struct watch {
    struct watch_options options;
    struct rounds *rounds;
    bool verified;             /* the schema, since the database was last unreachable */
    char *complaint;           /* what was last logged about the schema, or NULL */
    int64_t housekeeping_due;  /* monotonic, microseconds */
    _Atomic(const char *) why; /* not ready, or NULL; a constant */
    _Atomic int64_t looked;    /* when it was found out */
    atomic_bool draining;
};

static bool run(struct watch *watch, const char *name, const char *sql)
{
    struct arena *arena = arena_create();
    struct db_reply reply;
    struct db_call call = {.name = name, .sql = sql};
    enum db_status status = db_run(watch->options.db, &call, 1, true, arena, &reply);
    arena_destroy(arena);
    return status == DB_OK || status == DB_BUSY; /* a pool that is taken is in use, so there is a database */
}

/* Another schema is complained of, in `complaint` too; that the database went away meanwhile is not. */
static enum migrate_state verify(struct watch *watch)
{
    char *why = NULL;
    if (watch->verified)
        return MIGRATE_SAME;
    enum migrate_state state =
        migrate_verify(watch->options.conninfo, watch->options.migrations, watch->options.count, &why);
    watch->verified = state == MIGRATE_SAME;
    if (state == MIGRATE_UNKNOWN) {
        free(why);
        return state;
    }
    if (state == MIGRATE_DIFFERENT && (!watch->complaint || strcmp(watch->complaint, why) != 0))
        log_event(LOG_ERROR, "schema-not-verified", "{s:s}", "reason", why);
    free(watch->complaint);
    watch->complaint = why;
    return state;
}

/* Whether an hour is over: partitions are made months ahead and days are counted when they are over, so that once an
 * hour is more than often enough for all. */
static bool is_due(struct watch *watch)
{
    int64_t now = clock_monotonic_us();
    if (now < watch->housekeeping_due)
        return false;
    watch->housekeeping_due = now + (int64_t)HOUR_US_THOUSANDS * 1000;
    return true;
}

/* What fails of it keeps nothing else from being done. */
static bool keep_house(struct watch *watch)
{
    bool forgotten = run(watch, "forget_replies", "select samsyn.forget_replies()");
    return run(watch, "count_access", "select samsyn.count_access()") && forgotten;
}

static void look(struct watch *watch)
{
    bool reachable = run(watch, "reachable", "select 1");
    watch->verified = watch->verified && reachable;
    enum migrate_state schema = reachable ? verify(watch) : MIGRATE_UNKNOWN;
    bool right = schema == MIGRATE_SAME, due = right && is_due(watch);
    /* Requests find the partition of their month; they do not wait for the rest. */
    bool done = !due || run(watch, "extend_access_events", "select samsyn.extend_access_events()");
    executor_open(watch->options.executor, right);
    atomic_store(&watch->why, schema == MIGRATE_UNKNOWN          ? "the database cannot be reached"
                              : schema == MIGRATE_DIFFERENT      ? "the database has another schema"
                              : !auth_ready(watch->options.auth) ? "an issuer's keys are not loaded"
                                                                 : NULL);
    atomic_store(&watch->looked, clock_monotonic_us());
    done = (!due || keep_house(watch)) && done;
    if (!done)
        log_event(LOG_WARNING, "housekeeping-failed", NULL);
}

static void look_again(void *context, const atomic_bool *stopping)
{
    (void)stopping;
    look(context);
}

static void destroy(struct watch *watch)
{
    executor_open(watch->options.executor, false);
    free(watch->complaint);
    free(watch);
}

struct watch *watch_start(const struct watch_options *options, char **why)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        abort();
    watch->options = *options;
    look(watch);
    if (watch->complaint)
        *why = strdup(watch->complaint);
    else if (!(watch->rounds = rounds_start(PERIOD_S, look_again, watch)))
        *why = strdup("no thread can be started");
    else
        return watch;
    destroy(watch);
    return NULL;
}

void watch_stop(struct watch *watch)
{
    rounds_stop(watch->rounds);
    destroy(watch);
}

void watch_drain(struct watch *watch)
{
    atomic_store(&watch->draining, true);
}

const char *watch_ready(void *context)
{
    struct watch *watch = context;
    if (atomic_load(&watch->draining))
        return "the server is going down";
    if (clock_monotonic_us() - atomic_load(&watch->looked) > OVERDUE_US)
        return "the database does not answer";
    return atomic_load(&watch->why);
}
