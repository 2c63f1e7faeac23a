/* One connection: how it is made, whether it still lives, and waiting for it without ever hanging. */
#ifndef SAMSYN_DB_CONNECTION_H
#define SAMSYN_DB_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "db/names.h"

/* Where and how to connect, worked out once from the options. Immutable, shared by all threads. */
struct target {
    char **keywords; /* NULL-terminated, owned with their values */
    char **values;
    size_t count;
    bool prepare;
    char statement_timeout[16]; /* milliseconds, as text */
    char lock_timeout[16];
    int64_t bound_us; /* longest wait for a server that ought to have given up itself by now */
};

/* False, having logged why, when the connection string cannot be parsed. */
bool target_init(struct target *target, const struct db_options *options);
void target_clear(struct target *target);

struct connection {
    PGconn *handle;                     /* NULL when closed; otherwise non-blocking and in pipeline mode */
    struct names prepared;              /* statements that this session holds */
    bool doomed;                        /* the server announced that it ends the session */
    const struct db_interest *interest; /* in what is under way, or NULL; it is cancelled when that is over */
    struct connection *next;            /* for the pool */
};

/* Connects; blocks for at most the connection string's connect_timeout (3 s unless given) for each host.
 * False, having logged why. */
bool connection_open(struct connection *connection, const struct target *target);

void connection_close(struct connection *connection);

/* For a connection on which nothing is under way: false when the server has gone away meanwhile. Never blocks. */
bool connection_alive(struct connection *connection);

/* The next result of what was sent, or NULL at the end of a statement, sending what is still unsent. Owned by the
 * caller. *late is set, and NULL returned, when the server stayed silent until `deadline` (clock_monotonic_us). */
PGresult *connection_result(struct connection *connection, int64_t deadline, bool *late);

#endif
