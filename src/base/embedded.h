/* Files that the binary carries: openapi.yaml, the contract's registers and everything under sql/. */
#ifndef SAMSYN_BASE_EMBEDDED_H
#define SAMSYN_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *path; /* "sql/queries/cases.sql", relative to the top of the source tree */
    const char *start;
    size_t length; /* a NUL follows the last byte */
};

/* The file of exactly this path, or NULL. */
const struct embedded *embedded_find(const char *path);

/* Walks the files whose path starts with `prefix`, in order of path: the next one after `previous` (NULL to
 * begin), or NULL at the end. */
const struct embedded *embedded_next(const char *prefix, const struct embedded *previous);

#endif
