/* The database: a pool of connections on which a request is one pipeline and one implicit transaction.
 * The only place that includes libpq. */
#ifndef SAMSYN_DB_DB_H
#define SAMSYN_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct db;

struct db_options {
    const char *conninfo;       /* libpq connection string, several hosts allowed */
    size_t pool_size;           /* connections, 1..200 */
    int wait_ms;                /* longest wait for a connection before DB_BUSY; waiters are served in order of arrival */
    int statement_timeout_ms;   /* set on each connection */
    int lock_timeout_ms;
    bool prepare;               /* named prepared statements; false for poolers that cannot keep them */
};

/* Creates the pool. Connections are opened when first needed and replaced when lost. The caller owns it. */
struct db *db_create(const struct db_options *options);
void db_destroy(struct db *db);

/* One statement of a pipeline. `name` identifies the prepared statement within the process (the same name always
 * has the same sql); parameters are text, NULL for null. */
struct db_call {
    const char *name;
    const char *sql;            /* $1 .. $n with explicit casts */
    size_t count;
    const char *const *values;
};

enum db_status {
    DB_OK,          /* all statements ran and the commit stood */
    DB_REFUSED,     /* a statement failed; everything was rolled back; see sqlstate */
    DB_BUSY,        /* no connection within wait_ms; nothing was sent */
    DB_DOWN,        /* no connection could be made, or it broke before anything could have been committed */
    DB_UNKNOWN      /* the connection broke after the pipeline was sent: it may have been committed */
};

struct db_rows {
    size_t rows, columns;
    const char **names;         /* [columns] */
    const char **cells;         /* [rows * columns], NULL for null */
};

struct db_reply {
    size_t count;               /* results, one for each call */
    struct db_rows *results;
    size_t failed;              /* index of the call that failed, for DB_REFUSED */
    char sqlstate[6];
    const char *message;        /* primary message: for SQLSTATE SA001 the error code; for the log otherwise, never for a client */
    const char *detail;         /* SA001: JSON Pointer of the member at fault, or "" */
    const char *constraint;     /* name of the violated constraint, or "" */
};

/* Sends all `calls` and one Sync in a single pipeline and waits for the Sync's result. The reply is lent by `arena`.
 * With `retry` (the calls only read) a broken connection is replaced and the calls sent once more. */
enum db_status db_run(struct db *db, const struct db_call *calls, size_t count, bool retry, struct arena *arena,
                      struct db_reply *reply);

/* A read whose rows are fetched as they are needed, on a connection of its own for its duration. `setup` calls run
 * first in the same transaction (read only, repeatable read). */
struct db_stream;
enum db_status db_stream_open(struct db *db, const struct db_call *setup, size_t setup_count, const struct db_call *call,
                              struct arena *arena, struct db_stream **stream, struct db_reply *reply);
/* Lends the cells of the next row until the next call; *end when there is none. DB_UNKNOWN when the connection broke. */
enum db_status db_stream_next(struct db_stream *stream, const char *const **cells, size_t *columns, bool *end);
/* Ends it early or late; cancels what still runs. */
void db_stream_close(struct db_stream *stream);

/* For metrics. */
struct db_gauges { size_t size, open, busy, waiting; uint64_t waits, wait_us, timeouts, reconnects; };
void db_gauges(struct db *db, struct db_gauges *gauges);

/* Prepares `call` without running it; DB_REFUSED tells why not in `reply`. For `samsyn check`. */
enum db_status db_prepare(struct db *db, const struct db_call *call, struct arena *arena, struct db_reply *reply);

#endif
