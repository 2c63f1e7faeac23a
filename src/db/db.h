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
    const char *conninfo;     /* libpq connection string, several hosts allowed */
    size_t pool_size;         /* connections, 1..200 */
    int wait_ms;              /* longest wait for a connection before DB_BUSY; waiters are served in order of arrival */
    int statement_timeout_ms; /* set on each connection; a server silent for two seconds more is given up */
    int lock_timeout_ms;
    bool prepare; /* named prepared statements; false for poolers that cannot keep them */
};

/* Creates the pool. Connections are opened when first needed and replaced when lost; what they are given at the start
 * is in connection.c. The caller owns it, and destroys it when no thread uses it any more. NULL, having logged why,
 * when conninfo cannot be parsed. */
struct db *db_create(const struct db_options *options);
void db_destroy(struct db *db);

/* One statement of a pipeline. `name` identifies the prepared statement within the process (the same name always
 * has the same sql), at most 63 bytes; without one (NULL) it is parsed each time. Parameters are text, NULL for
 * null. */
struct db_call {
    const char *name;
    const char *sql; /* $1 .. $n with explicit casts */
    size_t count;
    const char *const *values;
};

enum db_status {
    DB_OK,      /* all statements ran and the commit stood */
    DB_REFUSED, /* a statement failed; everything was rolled back; see sqlstate */
    DB_BUSY,    /* no connection within wait_ms; nothing was sent */
    DB_DOWN,    /* no connection could be made, or it broke before anything could have been committed */
    DB_UNKNOWN  /* the connection broke after the pipeline was sent: it may have been committed */
};

struct db_rows {
    size_t rows, columns;
    const char **names; /* [columns] */
    const char **cells; /* [rows * columns], NULL for null */
};

struct db_reply {
    size_t count; /* results, one for each call */
    struct db_rows *results;
    size_t failed; /* index of the call that failed, for DB_REFUSED */
    char sqlstate[6];
    const char *message;    /* for SQLSTATE SA001 the error code; otherwise for the log, never for a client */
    const char *detail;     /* SA001: JSON Pointer of the member at fault, or "" */
    const char *constraint; /* name of the violated constraint, or "" */
};

/* Sends all `calls` (at least one) and one Sync in a single pipeline and waits for the Sync's result. The reply is lent
 * by `arena`. With `retry` (the calls only read) a broken connection is replaced and the calls sent once more; without,
 * only if nothing had been sent, or all was rolled back because the session's prepared statements no longer fitted.
 * `sqlstate` and `message` are also set for DB_DOWN and DB_UNKNOWN when the server said something. */
enum db_status db_run(struct db *db, const struct db_call *calls, size_t count, bool retry, struct arena *arena,
                      struct db_reply *reply);

/* Whether what is being run is still wanted. */
struct db_interest {
    bool (*lasts)(void *context);
    void *context;
};

/* As db_run, but `interest` is asked several times a second while the answer is waited for, and when it is over the
 * statement is cancelled: DB_REFUSED with SQLSTATE 57014. */
enum db_status db_run_while(struct db *db, const struct db_interest *interest, const struct db_call *calls,
                            size_t count, bool retry, struct arena *arena, struct db_reply *reply);

/* For metrics: connections of the pool, those open and those lent; threads waiting now; since the start: waits, their
 * sum in microseconds, those that ended in DB_BUSY, and connections closed because they were lost. */
struct db_gauges {
    size_t size, open, busy, waiting;
    uint64_t waits, wait_us, timeouts, reconnects;
};
void db_gauges(struct db *db, struct db_gauges *gauges);

/* Prepares `call` without running it: DB_OK with the names of its columns and no rows, or DB_REFUSED with why not, in
 * `reply`. Privileges on tables are checked only when a statement runs. For `samsyn check`. */
enum db_status db_prepare(struct db *db, const struct db_call *call, struct arena *arena, struct db_reply *reply);

#endif
