/* The sealed log as the database keeps it: how rows are sealed, and what a tree of it looks like. */
#ifndef SAMSYN_LOG_STORE_H
#define SAMSYN_LOG_STORE_H

#include "db/script.h"
#include "log/tile_set.h"

/* Every function fails with `*why` (malloc'd), and then leaves the transaction to its caller. */

/* Fetches the tiles that the set wants. */
bool store_fetch(struct script *script, struct tile_set *set, char **why);

/* The right edge of the tree of `size`. */
bool store_edge(struct script *script, uint64_t size, struct tile_edge *edge, char **why);

/* The root of the tree of `size`, and the proof that it is a beginning of the tree of `to`; `proof` may be NULL. */
bool store_root(struct script *script, uint64_t size, struct merkle_hash *root, char **why);
bool store_consistency(struct script *script, uint64_t from, uint64_t to, struct merkle_proof *proof, char **why);

/* Seals the next rows, at most `most`, in a transaction of its own. `*sealed` is how many: fewer than `most` when there
 * are no more, or when another node seals. `*size` is left alone then, else the new size. */
bool store_seal(struct script *script, size_t most, size_t *sealed, uint64_t *size, char **why);

#endif
