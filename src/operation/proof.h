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

/* An event that somebody is told: what its row and the log have. */
struct proof_event {
    const char *id, *at; /* as they were told */
    bool found;          /* it is sealed and may still be read */
    bool own;            /* the principal's organisation acted */
    uint64_t index;
    struct event row;
};

/* Finds the rows of `count` events whose id and at are set, as the principal may read them: in a transaction of its own
 * that begins with samsyn.enter. What they lend lives in the errand's arena. False as proof_fetch. */
bool proof_events(struct errand *errand, struct proof_event *events, size_t count);

/* Carries out the operation's statements and finds, in the same transaction, the row of the one event that the path
 * names. NULL with the reply made the problem; otherwise the rows of the reply statement, and the event is not found
 * when there are none. */
const struct db_rows *proof_event_statements(struct errand *errand, struct proof_event *event);

/* The proof that leaf `index` is in the tree of `size`. False as proof_fetch. */
bool proof_inclusion(struct errand *errand, uint64_t index, uint64_t size, struct merkle_proof *proof);

/* The text of a value, which it steals; lent by the arena. */
const char *proof_text(struct arena *arena, json_t *value);

/* The calls that this makes of the database, without values, for `samsyn check`; lends a table of `*count`. */
const struct db_call *proof_calls(size_t *count);

#endif
