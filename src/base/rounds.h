/* A thread that does its work in rounds, until it is stopped. */
#ifndef SAMSYN_BASE_ROUNDS_H
#define SAMSYN_BASE_ROUNDS_H

#include <stdatomic.h>

struct rounds;

/* One round. `*stopping` turns true when it is time to come to an end. */
typedef void (*rounds_work)(void *context, const atomic_bool *stopping);

/* Starts the thread: a round `period_s` seconds from now, and each further one so long after the one before has ended.
 * The caller owns it; `context` is borrowed until rounds_stop. NULL when there can be no thread. */
struct rounds *rounds_start(unsigned period_s, rounds_work work, void *context);

/* Waits for the end of the round and frees it. NULL is allowed. */
void rounds_stop(struct rounds *rounds);

#endif
