/* Forward-only migrations: numbered, checksummed, under an advisory lock. */
#ifndef SAMSYN_DB_MIGRATE_H
#define SAMSYN_DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct migration {
    int number;
    const char *name;
    const char *sql;
    size_t length;
};

/* Applies every migration that the database has not seen, each in a transaction of its own, as the role of `conninfo`
 * (the owner; directly, not through a transaction pooler). `migrations` are in ascending order of number. Two runs at
 * once wait for each other. Creates the schema samsyn when it is missing, and keeps number, name, SHA-256 and time in
 * samsyn.migration, which the role samsyn_api may read. The search path is pg_catalog. Refuses when an applied one is
 * missing here or has another checksum, or when one here was added behind those applied. Returns the number applied, or
 * -1 with `*why` (owned by the caller), which names the file, and the line where the server tells it; what came before
 * the failing file stays applied. `*why` is NULL otherwise. */
int migrate_run(const char *conninfo, const struct migration *migrations, size_t count, char **why);

/* What a look at the migrations of a database came to. */
enum migrate_state { MIGRATE_SAME, MIGRATE_DIFFERENT, MIGRATE_UNKNOWN /* the database could not be asked */ };

/* Whether the database has exactly these migrations; `*why` (owned by the caller) is NULL when it has. Works as the API
 * role. */
enum migrate_state migrate_verify(const char *conninfo, const struct migration *migrations, size_t count, char **why);

#endif
