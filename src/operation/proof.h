/* Proofs out of the tiles in the database, for the hooks that hand them out. */
#ifndef SAMSYN_OPERATION_PROOF_H
#define SAMSYN_OPERATION_PROOF_H

#include <jansson.h>

#include "log/event.h"
#include "log/tile_set.h"
#include "operation/errand.h"

/* Fetches the tiles that `set` wants. False with the reply made the problem, also when one of them is not there. */
bool proof_fetch(struct errand *errand, struct tile_set *set);

/* The proof that the tree of `from` is a beginning of that of `to`, which has been sealed. False as proof_fetch. */
bool proof_consistency(struct errand *errand, uint64_t from, uint64_t to, struct merkle_proof *proof);

/* An event that somebody was told: what its row and the log have. */
struct proof_event {
    const char *id, *at; /* set by the caller */
    bool found;          /* it is sealed and may still be read */
    bool own;            /* the principal's organisation acted */
    uint64_t index;
    struct event row;
};

/* Finds the rows of `count` events, as the principal may read them: in a transaction of its own that begins with
 * samsyn.enter. What they lend lives in the errand's arena. False as proof_fetch. */
bool proof_events(struct errand *errand, struct proof_event *events, size_t count);

/* The proof that leaf `index` is in the tree of `size`. False as proof_fetch. */
bool proof_inclusion(struct errand *errand, uint64_t index, uint64_t size, struct merkle_proof *proof);

/* The text of a value, which it steals; lent by the arena. */
const char *proof_text(struct arena *arena, json_t *value);

/* The calls that this makes of the database, without values, for `samsyn check`; lends a table of `*count`. */
const struct db_call *proof_calls(size_t *count);

#endif
