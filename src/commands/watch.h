/* Watches what the server stands on: is the database reachable, is its schema right, are the keys loaded. And keeps
 * house in it: partitions ahead, kept replies forgotten. */
#ifndef SAMSYN_COMMANDS_WATCH_H
#define SAMSYN_COMMANDS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/auth.h"
#include "db/db.h"
#include "db/migrate.h"
#include "operation/executor.h"

struct watch;

struct watch_options {
    const char *conninfo;               /* of the API role */
    const struct migration *migrations; /* of this binary */
    size_t count;
    struct db *db;
    struct auth *auth;
    struct executor *executor; /* opened while the schema is right */
};

/* Looks once, then every second on a thread of its own; everything is borrowed until watch_stop. NULL with `*why`
 * (malloc'd) when the database is reachable and its schema is not this binary's: then the server must not start. An
 * unreachable database is waited for, and its schema verified when it comes, and whenever it comes back. */
struct watch *watch_start(const struct watch_options *options, char **why);

/* Stops the thread and closes the executor. */
void watch_stop(struct watch *watch);

/* From now on not ready: the server is going down. */
void watch_drain(struct watch *watch);

/* For the management listener: NULL when ready, else why not. `context` is a struct watch; costs nothing. */
const char *watch_ready(void *context);

#endif
