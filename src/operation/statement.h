/* From a statement as written to a statement as sent: the reply statement in its shape, `:name` as `$n::type`. */
#ifndef SAMSYN_OPERATION_STATEMENT_H
#define SAMSYN_OPERATION_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "contract/contract.h"

/* How the reply statement's rows become the reply. */
enum shape {
    SHAPE_SINGLE, /* one row is the reply, none is 404 */
    SHAPE_LIST,   /* rows of `id`: the executor counts, pages and joins the view */
    SHAPE_CURSOR  /* rows of the reply columns and `cursor`, limited by the statement itself */
};

/* Columns of a wrapped reply statement. */
enum {
    COLUMN_BODY,
    COLUMN_ETAG,
    COLUMN_RESOURCE,
    COLUMN_REFUSAL, /* code of the refusal that log_access wrote in place of an answer, or null */
    COLUMN_EXTRA /* total or cursor */,
    COLUMN_COUNT
};

/* Where the value of $n comes from. */
enum source {
    SOURCE_PARAMETER,
    SOURCE_BODY,
    SOURCE_IF_MATCH,
    SOURCE_ID,
    SOURCE_LIMIT,
    SOURCE_OFFSET,
    SOURCE_KEY,
    SOURCE_HASH,
    SOURCE_PART
};

struct slot {
    enum source source;
    const struct parameter *parameter; /* for SOURCE_PARAMETER; borrowed from the contract */
};

enum { SLOTS_MAX = 32 };

struct statement {
    const char *name; /* of the prepared statement: unique within the process */
    const char *sql;  /* with $1 .. $count */
    size_t count;
    struct slot slots[SLOTS_MAX];
};

struct wrapping {
    enum shape shape;
    const char *view; /* SHAPE_LIST: "api.case_view" */
    bool audited;     /* the rows are given to samsyn.log_access or log_list, in the same statement */
    bool keyed;       /* SHAPE_SINGLE: the resource is kept under the Idempotency-Key */
};

/* Wraps `statement` (one, without semicolon) so that its result has the columns above. CTEs of a statement that begins
 * with `with` are lifted to the top, as PostgreSQL demands of those that write. Lent by the arena; NULL with `*why`
 * (lent) when a `with` has no main statement. */
const char *statement_wrap(struct arena *arena, const char *statement, const struct wrapping *wrapping,
                           const char **why);

/* Numbers the parameters of `sql` for `operation`: path and query parameters of the contract by name, :body, :ifMatch,
 * :id, :limit, :offset, in wrapped statements :idempotencyKey and :requestHash, in those of a stream :part. The same
 * name gets the same number. Returns false with `*why` (lent) naming the parameter. `name` is kept, not copied. */
bool statement_compile(struct arena *arena, const char *name, const char *sql, const struct operation *operation,
                       struct statement *statement, const char **why);

#endif
