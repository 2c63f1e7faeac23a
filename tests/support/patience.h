/* How tests wait: for what happens, as long as it takes, never for a time in which it should have happened. */
#ifndef SAMSYN_TESTS_PATIENCE_H
#define SAMSYN_TESTS_PATIENCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"

/* How long anything that is waited for may take before it counts as hung: a machine may be slow, and any process may
 * stand still for a while. It costs nothing as long as all is well. */
enum { PATIENCE_MS = 300000 };

static inline void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Waits until the condition holds; the test fails when it never does. */
#define WAIT_UNTIL(condition)                                                                                          \
    do {                                                                                                               \
        int64_t hung = clock_monotonic_us() + (int64_t)PATIENCE_MS * 1000;                                             \
        while (!(condition)) {                                                                                         \
            if (clock_monotonic_us() > hung)                                                                           \
                fail_msg("never came true: %s", #condition);                                                           \
            sleep_ms(2);                                                                                               \
        }                                                                                                              \
    } while (0)

/* Holds threads where the test wants them, until it lets them pass. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool closed;
    unsigned held;
};

#define GATE_OPEN                                                                                                      \
    {                                                                                                                  \
        .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER                                          \
    }

static inline void gate_close(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->closed = true;
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->closed = false;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_pass(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->held++;
    while (gate->closed)
        pthread_cond_wait(&gate->opened, &gate->lock);
    gate->held--;
    pthread_mutex_unlock(&gate->lock);
}

/* How many threads stand before it. */
static inline unsigned gate_held(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    unsigned held = gate->held;
    pthread_mutex_unlock(&gate->lock);
    return held;
}

#endif
