#include "db/pipeline.h"

#include <string.h>

#include "base/clock.h"
#include "db/pool.h"

/* PostgreSQL cuts names at this length, so that longer ones could be taken for one another. */
enum { NAME_MAX_LENGTH = 63 };

/* A pipeline under way. */
struct exchange {
    struct connection *connection;
    const struct target *target;
    const struct db_call *calls;
    size_t count;
    bool *prepares; /* [count] whether the call's Parse goes with it */
    struct arena *arena;
    struct db_reply *reply;
    int64_t deadline;
    struct outcome outcome;
    bool refused; /* an error with an SQLSTATE came */
    bool certain; /* from the server itself, which thereby rolled back */
    bool fatal;   /* and it ends the session */
};

static bool is_named(const struct exchange *x, const struct db_call *call)
{
    return x->target->prepare && call->name && strlen(call->name) <= NAME_MAX_LENGTH;
}

/* Whether the session holds the statement, or will by the time the call is reached. */
static bool is_prepared(const struct exchange *x, size_t index)
{
    const char *name = x->calls[index].name;
    if (names_has(&x->connection->prepared, name))
        return true;
    for (size_t i = 0; i < index; i++)
        if (x->prepares[i] && strcmp(x->calls[i].name, name) == 0)
            return true;
    return false;
}

static bool send_call(struct exchange *x, size_t index)
{
    const struct db_call *call = &x->calls[index];
    PGconn *handle = x->connection->handle;
    int count = (int)call->count;
    if (!is_named(x, call))
        return PQsendQueryParams(handle, call->sql, count, NULL, call->values, NULL, NULL, 0);
    if (!is_prepared(x, index)) {
        if (!PQsendPrepare(handle, call->name, call->sql, count, NULL))
            return false;
        x->prepares[index] = true;
    }
    return PQsendQueryPrepared(handle, call->name, count, call->values, NULL, NULL, 0);
}

bool pipeline_send_settings(struct connection *connection, const struct target *target)
{
    const char *values[] = {target->statement_timeout, target->lock_timeout};
    return PQsendQueryParams(connection->handle,
                             "select pg_catalog.set_config('search_path', 'pg_catalog', true),"
                             " pg_catalog.set_config('statement_timeout', $1::pg_catalog.text, true),"
                             " pg_catalog.set_config('lock_timeout', $2::pg_catalog.text, true),"
                             " pg_catalog.set_config('idle_in_transaction_session_timeout', '10000', true),"
                             " pg_catalog.set_config('timezone', 'UTC', true),"
                             " pg_catalog.set_config('jit', 'off', true)",
                             2, NULL, values, NULL, NULL, 0);
}

static bool send_all(struct exchange *x)
{
    PGconn *handle = x->connection->handle;
    if (!x->target->prepare && !pipeline_send_settings(x->connection, x->target))
        return false;
    for (size_t i = 0; i < x->count; i++)
        if (!send_call(x, i))
            return false;
    return PQpipelineSync(handle);
}

static void release_result(void *result)
{
    PQclear(result);
}

/* The arena steals the result; cells point into it. */
static void keep_rows(struct exchange *x, PGresult *result, struct db_rows *rows)
{
    arena_defer(x->arena, release_result, result);
    size_t columns = (size_t)PQnfields(result), count = (size_t)PQntuples(result);
    *rows = (struct db_rows){.rows = count, .columns = columns};
    rows->names = arena_alloc(x->arena, (columns + 1) * sizeof(*rows->names));
    rows->cells = arena_alloc(x->arena, (count * columns + 1) * sizeof(*rows->cells));
    for (size_t c = 0; c < columns; c++)
        rows->names[c] = PQfname(result, (int)c);
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < columns; c++)
            if (!PQgetisnull(result, (int)r, (int)c))
                rows->cells[r * columns + c] = PQgetvalue(result, (int)r, (int)c);
}

static const char *field(const PGresult *result, int code, struct arena *arena)
{
    const char *text = PQresultErrorField(result, code);
    return arena_strdup(arena, text ? text : "");
}

void pipeline_refusal(const PGresult *result, size_t failed, struct arena *arena, struct db_reply *reply)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    reply->failed = failed;
    memcpy(reply->sqlstate, "\0\0\0\0\0", sizeof(reply->sqlstate));
    if (sqlstate)
        strncpy(reply->sqlstate, sqlstate, sizeof(reply->sqlstate) - 1);
    reply->message =
        sqlstate ? field(result, PG_DIAG_MESSAGE_PRIMARY, arena) : arena_strdup(arena, PQresultErrorMessage(result));
    reply->detail = field(result, PG_DIAG_MESSAGE_DETAIL, arena);
    reply->constraint = field(result, PG_DIAG_CONSTRAINT_NAME, arena);
}

/* The session no longer is what its bookkeeping says: a prepared statement missing (26000) or already there (42P05),
 * its result type changed by a migration (0A000), or the host has become a standby (25006). A fresh one helps. */
static bool is_stale(const char *sqlstate)
{
    static const char *const states[] = {"26000", "42P05", "0A000", "25006"};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    return false;
}

/* The first error is the cause, what follows is aborted. One without SQLSTATE is libpq's own: the connection broke.
 * Class 08 may come from a pooler that lost its server and does not know the outcome either. */
static void note_error(struct exchange *x, const PGresult *result, size_t index)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!x->refused)
        pipeline_refusal(result, index, x->arena, x->reply);
    if (!sqlstate) {
        x->outcome.lost = true;
    } else if (!x->refused) {
        x->refused = true;
        x->certain = strncmp(sqlstate, "08", 2) != 0;
        x->fatal = severity && strcmp(severity, "ERROR") != 0;
        x->outcome.stale = is_stale(sqlstate);
    }
}

/* Reads the result of one statement and the NULL after it. True when it ran; *rows, unless NULL, is then filled. */
static bool read_statement(struct exchange *x, size_t index, struct db_rows *rows)
{
    bool ran = false, any = false;
    while (!x->outcome.lost) {
        PGresult *result = connection_result(x->connection, x->deadline, &x->outcome.late);
        if (!result) {
            x->outcome.lost = x->outcome.late || !any;
            break;
        }
        any = true;
        switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
            ran = true;
            if (!rows)
                break;
            keep_rows(x, result, rows);
            continue;
        case PGRES_PIPELINE_ABORTED:
            break;
        case PGRES_FATAL_ERROR:
            note_error(x, result, index);
            break;
        default: /* COPY has no place in a pipeline */
            x->outcome.lost = true;
            break;
        }
        PQclear(result);
    }
    return ran;
}

/* Reads the Sync's result: the commit stood, or what was refused is rolled back. The commit itself may fail, by a
 * deferred constraint for example: then an error and a NULL come first. */
static void read_sync(struct exchange *x)
{
    bool done = false;
    for (int nulls = 0; !x->outcome.lost && !done;) {
        PGresult *result = connection_result(x->connection, x->deadline, &x->outcome.late);
        done = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (!result)
            x->outcome.lost = x->outcome.late || nulls++ > 0;
        else if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            note_error(x, result, x->count - 1);
        else
            x->outcome.lost = !done;
        PQclear(result);
    }
}

static void read_all(struct exchange *x)
{
    if (!x->target->prepare)
        read_statement(x, 0, NULL);
    for (size_t i = 0; i < x->count; i++) {
        /* A Parse that stood outlives the rollback of what follows it; one that failed or was skipped does not
         * exist. */
        if (x->prepares[i] && read_statement(x, i, NULL))
            names_add(&x->connection->prepared, x->calls[i].name);
        read_statement(x, i, &x->reply->results[i]);
    }
    read_sync(x);
}

/* A server that reported an error before the Sync's result has rolled back, even if the connection broke then. */
static enum db_status judge(const struct exchange *x)
{
    if (!x->outcome.lost)
        return x->refused ? DB_REFUSED : DB_OK;
    if (x->refused && x->certain)
        return x->fatal ? DB_DOWN : DB_REFUSED;
    return x->outcome.sent ? DB_UNKNOWN : DB_DOWN;
}

struct outcome pipeline_exchange(struct connection *connection, const struct target *target,
                                 const struct db_call *calls, size_t count, struct arena *arena, struct db_reply *reply)
{
    *reply = (struct db_reply){.count = count, .message = "", .detail = "", .constraint = ""};
    reply->results = arena_alloc(arena, (count + 1) * sizeof(*reply->results));
    struct exchange x = {
        .connection = connection,
        .target = target,
        .calls = calls,
        .count = count,
        .prepares = arena_alloc(arena, count + 1),
        .arena = arena,
        .reply = reply,
        .deadline = clock_monotonic_us() + target->bound_us,
    };
    x.outcome.sent = send_all(&x);
    x.outcome.lost = !x.outcome.sent;
    if (x.outcome.lost)
        reply->message = arena_strdup(arena, PQerrorMessage(connection->handle));
    else
        read_all(&x);
    if (x.outcome.late)
        reply->message = "the server did not answer in time";
    x.outcome.status = judge(&x);
    return x.outcome;
}

/* Once more, and only what cannot have been done: nothing was sent, or it was rolled back for a reason that a new
 * session does not have, or it only reads. */
static bool worth_repeating(const struct outcome *outcome, bool retry)
{
    if (outcome->late)
        return false;
    return outcome->stale || (outcome->lost && outcome->status != DB_REFUSED && (retry || !outcome->sent));
}

enum db_status db_run(struct db *db, const struct db_call *calls, size_t count, bool retry, struct arena *arena,
                      struct db_reply *reply)
{
    return db_run_while(db, NULL, calls, count, retry, arena, reply);
}

enum db_status db_run_while(struct db *db, const struct db_interest *interest, const struct db_call *calls,
                            size_t count, bool retry, struct arena *arena, struct db_reply *reply)
{
    for (int attempt = 0;; attempt++) {
        struct connection *connection;
        *reply = (struct db_reply){.message = "", .detail = "", .constraint = ""};
        enum db_status status = pool_take(db, &connection);
        if (status != DB_OK)
            return status;
        connection->interest = interest;
        struct outcome outcome = pipeline_exchange(connection, pool_target(db), calls, count, arena, reply);
        connection->interest = NULL;
        pool_give(db, connection, !outcome.lost && !outcome.stale);
        if (attempt > 0 || !worth_repeating(&outcome, retry))
            return outcome.status;
    }
}
