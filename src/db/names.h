/* A set of names: which statements a connection has prepared. */
#ifndef SAMSYN_DB_NAMES_H
#define SAMSYN_DB_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed is empty. Not thread-safe. */
struct names {
    char **slots; /* [size], NULL where free */
    size_t size;  /* 0 or a power of two */
    size_t count;
};

bool names_has(const struct names *names, const char *name);

/* Adds a copy of `name` unless it is there. */
void names_add(struct names *names, const char *name);

/* Empties the set and frees what it owns. */
void names_clear(struct names *names);

#endif
