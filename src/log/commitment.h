/* A list of which each item can be shown by itself: see event.h for how it is made. */
#ifndef SAMSYN_LOG_COMMITMENT_H
#define SAMSYN_LOG_COMMITMENT_H

#include <jansson.h>

#include "log/merkle.h"

/* Borrows all. For commitment_check nonce and items are not known. */
struct commitment {
    const char *nonce, *name;
    size_t least; /* slots: a power of two */
    const char *const *items;
    size_t count;
};

struct merkle_hash commitment_hash(const struct commitment *commitment);

/* How the items in `told` (a JSON array, NULL for none) are shown; `whole` when they are all. A new reference, or NULL
 * when `told` has an item that the list has not. */
json_t *commitment_open(const struct commitment *commitment, const json_t *told, bool whole);

/* The hash of the commitment from what was told and how: NULL, or why they do not fit: a constant. */
const char *commitment_check(const struct commitment *commitment, const json_t *told, const json_t *how,
                             struct merkle_hash *hash);

#endif
