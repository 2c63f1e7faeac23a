/* What the server can do: every operation of the contract with the statements or the hook that carry it out. */
#ifndef SAMSYN_OPERATION_CATALOGUE_H
#define SAMSYN_OPERATION_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "contract/contract.h"
#include "operation/hooks.h"
#include "operation/statement.h"

/* How one operation is carried out. */
struct plan {
    const struct operation *operation;
    const struct hook *hook; /* or NULL */
    const char *file;        /* of its block, or NULL without one */
    unsigned line;
    enum shape shape;
    size_t write_count;
    const struct statement *writes; /* sent as they are, before the reply statement */
    struct statement reply;         /* wrapped; name NULL without one */
    struct statement keyed;         /* wrapped so that the Idempotency-Key is kept; name NULL when it takes no key */
    struct statement stream;        /* of an export; name NULL without one */
    bool reads;                     /* writes nothing but the audit log: may be sent again on a broken connection */
};

struct catalogue;

/* One file of statements; `path` and `text` are borrowed for the call. */
struct source_file {
    const char *path, *text;
    size_t length;
};

/* Joins the contract (borrowed until the catalogue is destroyed), the statements and the hooks. Returns NULL with
 * `*why` (malloc'd) when an operation has neither statement nor hook or both, when a statement belongs to no operation
 * or names a parameter that its operation lacks, when a path or query parameter is used by no statement of its
 * operation (a filter that does not filter), when the reply statement of an operation with Idempotency-Key writes, and
 * when an operation without token wants a permission or an audit row. */
struct catalogue *catalogue_create(const struct contract *contract, const struct source_file *files, size_t count,
                                   char **why);
void catalogue_destroy(struct catalogue *catalogue);

/* The embedded sql/queries/, as catalogue_create takes it; lent by `arena`. */
const struct source_file *catalogue_embedded(struct arena *arena, size_t *count);

/* The plan of an operation of the contract; never NULL. */
const struct plan *catalogue_plan(const struct catalogue *catalogue, const struct operation *operation);

#endif
