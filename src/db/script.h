/* SQL that is run as a whole and by hand: one connection, one transaction, for what is loaded by the owner. */
#ifndef SAMSYN_DB_SCRIPT_H
#define SAMSYN_DB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/db.h"

struct script;

/* Connects and begins the transaction. The caller owns it. NULL with `*why` (malloc'd). Every `*why` below is, too. */
struct script *script_begin(const char *conninfo, char **why);

/* Runs one or several statements and drops their results. */
bool script_run(struct script *script, const char *sql, char **why);

/* Runs one statement and lends its rows by the arena. */
bool script_rows(struct script *script, const char *sql, struct arena *arena, struct db_rows *rows, char **why);

/* The same with `count` parameters, $1 and so on; NULL is null. */
bool script_call(struct script *script, const char *sql, size_t count, const char *const *values, struct arena *arena,
                 struct db_rows *rows, char **why);

/* Sends what `sql`, a `copy ... from stdin`, is to read: begin, any number of puts, end. */
bool script_copy_begin(struct script *script, const char *sql, char **why);
bool script_copy_put(struct script *script, const char *bytes, size_t length, char **why);
bool script_copy_end(struct script *script, char **why);

/* Commits: true when it stood. */
bool script_commit(struct script *script, char **why);

/* Ends the connection; what was not committed is rolled back. NULL is allowed. */
void script_end(struct script *script);

#endif
