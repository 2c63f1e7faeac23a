/* Reads sql/queries/<resource>.sql: named blocks of statements, as text. */
#ifndef SAMSYN_OPERATION_QUERIES_H
#define SAMSYN_OPERATION_QUERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* What stands between one header line and the next:
 *   -- name: listCases      the statements of an operation; the last one is its reply statement
 *   -- stream: exportX      the one statement whose rows an export streams
 * followed, for a list, by a line `-- list: api.case_view` or `-- list: by cursor`. */
struct block {
    const char *file; /* "sql/queries/cases.sql" */
    unsigned line;    /* of the header, from 1 */
    const char *name; /* operationId */
    bool stream;
    const char *list;        /* the view, "by cursor", or NULL for a single reply */
    size_t count;            /* statements, at least 1 */
    const char **statements; /* without semicolon and outer blanks; comments are kept */
    struct block *next;
};

/* Reads one file. Returns its blocks in order, lent by the arena (NULL and no `*why` for a file without any); or
 * NULL with `*why` (lent) naming file, line and block: text before the first header, a block without statement,
 * an unknown header, a quote or comment without end, a positional parameter. */
struct block *queries_read(struct arena *arena, const char *file, const char *text, size_t length, const char **why);

#endif
