#include <libpq-fe.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/pipeline.h"
#include "db/pool.h"

struct db_stream {
    struct db *db;
    struct connection connection;
    PGresult *row;      /* the row that is lent, or the first one, fetched ahead */
    bool ahead;         /* `row` has not been lent yet */
    bool running;       /* the server may still be at it */
    const char **cells; /* [columns] */
    size_t columns;
    enum db_status status; /* how it ended, once it has */
};

/* The statement's own time is its reader's: a slow reader blocks the server in sending, and is limited by whoever
 * serves the reader. The wait for the server is limited in fetch. */
static const char opening[] = "begin isolation level repeatable read, read only";
static const char unlimited[] = "select pg_catalog.set_config('statement_timeout', '0', true)";

static void set_row(struct db_stream *stream, PGresult *row)
{
    PQclear(stream->row);
    stream->row = row;
    if (!row)
        return;
    size_t columns = (size_t)PQnfields(row);
    if (!stream->cells || columns != stream->columns) {
        free(stream->cells);
        stream->cells = calloc(columns + 1, sizeof(*stream->cells));
        if (!stream->cells)
            abort();
        stream->columns = columns;
    }
    for (size_t i = 0; i < columns; i++)
        stream->cells[i] = PQgetisnull(row, 0, (int)i) ? NULL : PQgetvalue(row, 0, (int)i);
}

static void end(struct db_stream *stream, enum db_status status)
{
    set_row(stream, NULL);
    stream->status = status;
    stream->running = false;
}

/* A failure midway goes to the log by its SQLSTATE alone: the server's messages may quote what a row holds. */
static void log_failure(const PGresult *result, bool late)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate)
        log_event(LOG_ERROR, "stream-failed", "{s:s}", "sqlstate", sqlstate);
    else
        log_event(LOG_ERROR, "stream-broken", "{s:b}", "late", late);
}

/* Fetches one row, or ends the stream. `error` takes what the server said; NULL sends it to the log. */
static void fetch(struct db_stream *stream, struct arena *arena, struct db_reply *error)
{
    bool late = false;
    int64_t deadline = clock_monotonic_us() + pool_target(stream->db)->bound_us;
    PGresult *result = connection_result(&stream->connection, deadline, &late);
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        set_row(stream, result);
        return;
    case PGRES_TUPLES_OK: /* after the last row, empty */
    case PGRES_COMMAND_OK:
        end(stream, DB_OK);
        break;
    default:
        end(stream, PQresultErrorField(result, PG_DIAG_SQLSTATE) ? DB_REFUSED : DB_UNKNOWN);
        stream->running = late;
        if (error && result)
            pipeline_refusal(result, error->count, arena, error);
        else
            log_failure(result, late);
        break;
    }
    PQclear(result);
}

/* Sends the statement after the set-up, row by row from now on, and waits for the first row or the refusal. */
static void start(struct db_stream *stream, const struct db_call *call, struct arena *arena, struct db_reply *reply)
{
    PGconn *handle = stream->connection.handle;
    if (!PQexitPipelineMode(handle) ||
        !PQsendQueryParams(handle, call->sql, (int)call->count, NULL, call->values, NULL, NULL, 0) ||
        !PQsetSingleRowMode(handle)) {
        stream->status = DB_DOWN;
        return;
    }
    stream->running = true;
    fetch(stream, arena, reply);
    stream->ahead = stream->row != NULL;
}

static enum db_status set_up(struct db_stream *stream, const struct db_call *setup, size_t count, struct arena *arena,
                             struct db_reply *reply)
{
    struct db_call *calls = arena_alloc(arena, (count + 1) * sizeof(*calls));
    for (size_t i = 0; i < count; i++)
        calls[i] = setup[i];
    calls[count] = (struct db_call){.sql = unlimited};
    struct outcome outcome =
        pipeline_exchange(&stream->connection, pool_target(stream->db), opening, calls, count + 1, arena, reply);
    reply->count = count;
    return outcome.status == DB_UNKNOWN ? DB_DOWN : outcome.status; /* nothing was written */
}

enum db_status db_stream_open(struct db *db, const struct db_call *setup, size_t setup_count,
                              const struct db_call *call, struct arena *arena, struct db_stream **stream,
                              struct db_reply *reply)
{
    *stream = NULL;
    *reply = (struct db_reply){.message = "", .detail = "", .constraint = ""};
    struct db_stream *made = calloc(1, sizeof(*made));
    if (!made)
        abort();
    made->db = db;
    enum db_status status = pool_open_stream(db, &made->connection);
    if (status != DB_OK) {
        free(made);
        return status;
    }
    made->status = set_up(made, setup, setup_count, arena, reply);
    if (made->status == DB_OK)
        start(made, call, arena, reply);
    status = made->status == DB_UNKNOWN ? DB_DOWN : made->status;
    if (status == DB_OK)
        *stream = made;
    else
        db_stream_close(made);
    return status;
}

enum db_status db_stream_next(struct db_stream *stream, const char *const **cells, size_t *columns, bool *end_reached)
{
    if (!stream->ahead && stream->row)
        fetch(stream, NULL, NULL);
    stream->ahead = false;
    *cells = stream->cells;
    *columns = stream->columns;
    *end_reached = !stream->row;
    return stream->status;
}

/* Tells the server not to go on for nobody. */
static void cancel(struct db_stream *stream)
{
    char ignored[256];
    PGcancel *handle = PQgetCancel(stream->connection.handle);
    if (handle)
        PQcancel(handle, ignored, sizeof(ignored));
    PQfreeCancel(handle);
}

void db_stream_close(struct db_stream *stream)
{
    if (!stream)
        return;
    if (stream->running)
        cancel(stream);
    set_row(stream, NULL);
    free(stream->cells);
    pool_close_stream(stream->db, &stream->connection);
    free(stream);
}
