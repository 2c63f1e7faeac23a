#include "base/rounds.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct rounds {
    unsigned period_s;
    rounds_work work;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop_asked;
    atomic_bool stopping;
};

/* Sleeps until the next round; false when it is time to stop. */
static bool wait(struct rounds *rounds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += rounds->period_s;
    pthread_mutex_lock(&rounds->lock);
    while (!atomic_load(&rounds->stopping) && pthread_cond_timedwait(&rounds->stop_asked, &rounds->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&rounds->lock);
    return !atomic_load(&rounds->stopping);
}

static void *keep_working(void *context)
{
    struct rounds *rounds = context;
    while (wait(rounds))
        rounds->work(rounds->context, &rounds->stopping);
    return NULL;
}

static void destroy(struct rounds *rounds)
{
    pthread_cond_destroy(&rounds->stop_asked);
    pthread_mutex_destroy(&rounds->lock);
    free(rounds);
}

struct rounds *rounds_start(unsigned period_s, rounds_work work, void *context)
{
    pthread_condattr_t monotonic;
    struct rounds *rounds = calloc(1, sizeof(*rounds));
    if (!rounds)
        abort();
    rounds->period_s = period_s;
    rounds->work = work;
    rounds->context = context;
    pthread_mutex_init(&rounds->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&rounds->stop_asked, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&rounds->thread, NULL, keep_working, rounds) == 0)
        return rounds;
    destroy(rounds);
    return NULL;
}

void rounds_stop(struct rounds *rounds)
{
    if (!rounds)
        return;
    pthread_mutex_lock(&rounds->lock);
    atomic_store(&rounds->stopping, true);
    pthread_cond_signal(&rounds->stop_asked);
    pthread_mutex_unlock(&rounds->lock);
    pthread_join(rounds->thread, NULL);
    destroy(rounds);
}
