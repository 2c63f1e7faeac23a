/* Proofs out of the tiles in the database, for the hooks that hand them out. */
#ifndef SAMSYN_OPERATION_PROOF_H
#define SAMSYN_OPERATION_PROOF_H

#include <jansson.h>

#include "log/tile_set.h"
#include "operation/errand.h"

/* Fetches the tiles that `set` wants. False with the reply made the problem, also when one of them is not there. */
bool proof_fetch(struct errand *errand, struct tile_set *set);

/* The proof that the tree of `from` is a beginning of that of `to`, which has been sealed. False as proof_fetch. */
bool proof_consistency(struct errand *errand, uint64_t from, uint64_t to, struct merkle_proof *proof);

/* The hashes of a proof in base64: a new reference. */
json_t *proof_hashes(const struct merkle_proof *proof);

/* The text of a value, which it steals; lent by the arena. */
const char *proof_text(struct arena *arena, json_t *value);

/* The calls that this makes of the database, without values, for `samsyn check`; lends a table of `*count`. */
const struct db_call *proof_calls(size_t *count);

#endif
