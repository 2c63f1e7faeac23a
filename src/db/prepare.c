#include <libpq-fe.h>

#include "base/clock.h"
#include "db/pipeline.h"
#include "db/pool.h"

/* Reads up to the NULL after a statement's result, which the caller owns; NULL when the connection broke. */
static PGresult *read_one(struct connection *connection, int64_t deadline)
{
    bool late = false;
    PGresult *first = connection_result(connection, deadline, &late);
    if (first && !(PQresultStatus(first) == PGRES_FATAL_ERROR && !PQresultErrorField(first, PG_DIAG_SQLSTATE)))
        PQclear(connection_result(connection, deadline, &late));
    return first;
}

static void describe(const PGresult *result, struct arena *arena, struct db_reply *reply)
{
    size_t columns = (size_t)PQnfields(result);
    reply->count = 1;
    reply->results = arena_alloc(arena, sizeof(*reply->results));
    reply->results->columns = columns;
    reply->results->names = arena_alloc(arena, (columns + 1) * sizeof(*reply->results->names));
    for (size_t i = 0; i < columns; i++)
        reply->results->names[i] = arena_strdup(arena, PQfname(result, (int)i));
}

/* The unnamed statement, which the next one replaces: nothing stays behind in the session. */
static bool send_all(struct connection *connection, const struct target *target, const struct db_call *call)
{
    PGconn *handle = connection->handle;
    return (target->prepare || pipeline_send_settings(connection, target)) &&
           PQsendPrepare(handle, "", call->sql, (int)call->count, NULL) && PQsendDescribePrepared(handle, "") &&
           PQpipelineSync(handle);
}

static enum db_status prepare(struct connection *connection, const struct target *target, const struct db_call *call,
                              struct arena *arena, struct db_reply *reply, bool *keep)
{
    int64_t deadline = clock_monotonic_us() + target->bound_us;
    *keep = false;
    if (!send_all(connection, target, call))
        return DB_DOWN;
    if (!target->prepare)
        PQclear(read_one(connection, deadline));
    PGresult *parsed = read_one(connection, deadline);
    PGresult *described = read_one(connection, deadline);
    bool late = false;
    PGresult *sync = connection_result(connection, deadline, &late);
    enum db_status status = DB_DOWN;
    if (PQresultStatus(sync) == PGRES_PIPELINE_SYNC) {
        *keep = true;
        status = PQresultStatus(described) == PGRES_COMMAND_OK ? DB_OK : DB_REFUSED;
        if (status == DB_OK)
            describe(described, arena, reply);
        else
            pipeline_refusal(PQresultStatus(parsed) == PGRES_COMMAND_OK ? described : parsed, 0, arena, reply);
    }
    PQclear(parsed);
    PQclear(described);
    PQclear(sync);
    return status;
}

enum db_status db_prepare(struct db *db, const struct db_call *call, struct arena *arena, struct db_reply *reply)
{
    struct connection *connection;
    bool keep;
    *reply = (struct db_reply){.message = "", .detail = "", .constraint = ""};
    enum db_status status = pool_take(db, &connection);
    if (status != DB_OK)
        return status;
    status = prepare(connection, pool_target(db), call, arena, reply, &keep);
    pool_give(db, connection, keep);
    return status;
}
