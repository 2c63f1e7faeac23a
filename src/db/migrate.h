/* Forward-only migrations: numbered, checksummed, under an advisory lock. */
#ifndef SAMSYN_DB_MIGRATE_H
#define SAMSYN_DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct migration { int number; const char *name; const char *sql; size_t length; };

/* Applies every migration that the database has not seen, each in a transaction of its own, as the role of
 * `conninfo` (the owner). Records number, name, SHA-256 and time in samsyn.migration. Refuses when an applied one is missing here
 * or has another checksum. Returns the number applied, or -1 with `*why` (malloc'd). */
int migrate_run(const char *conninfo, const struct migration *migrations, size_t count, char **why);

/* 0 when the database has exactly these migrations; else -1 with `*why` (malloc'd). Works as the API role. */
int migrate_verify(const char *conninfo, const struct migration *migrations, size_t count, char **why);

#endif
