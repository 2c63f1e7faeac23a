/* The pool: a fixed number of connections and a queue of threads in order of arrival. */
#ifndef SAMSYN_DB_POOL_H
#define SAMSYN_DB_POOL_H

#include <stdbool.h>

#include "db/connection.h"
#include "db/db.h"

/* Lends a live connection: DB_OK, DB_BUSY after the pool's wait, or DB_DOWN when none can be made. */
enum db_status pool_take(struct db *db, struct connection **connection);

/* Gives it back; one that is not to be kept is closed and replaced when next needed. */
void pool_give(struct db *db, struct connection *connection, bool keep);

/* Lends what all connections are made from. */
const struct target *pool_target(const struct db *db);

#endif
