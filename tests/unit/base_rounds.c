/* A thread that works in rounds, and what is told of trouble in them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/rounds.h"

struct work {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned rounds;
    atomic_bool stopping_seen, waits;
};

static void count(void *context, const atomic_bool *stopping)
{
    struct work *work = context;
    pthread_mutex_lock(&work->lock);
    work->rounds++;
    pthread_cond_signal(&work->changed);
    pthread_mutex_unlock(&work->lock);
    while (atomic_load(&work->waits) && !atomic_load(stopping))
        ;
    if (atomic_load(stopping))
        atomic_store(&work->stopping_seen, true);
}

static void wait_for(struct work *work, unsigned rounds)
{
    pthread_mutex_lock(&work->lock);
    while (work->rounds < rounds)
        pthread_cond_wait(&work->changed, &work->lock);
    pthread_mutex_unlock(&work->lock);
}

static void rounds_follow_each_other_until_they_are_stopped(void **state)
{
    struct work work = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    (void)state;

    struct rounds *rounds = rounds_start(0, count, &work);
    wait_for(&work, 5);
    rounds_stop(rounds);

    assert_true(work.rounds >= 5); /* and nobody counts any more: TSan would see it */
}

static void a_round_is_told_that_it_is_to_end(void **state)
{
    struct work work = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .waits = true};
    (void)state;

    struct rounds *rounds = rounds_start(0, count, &work);
    wait_for(&work, 1);
    rounds_stop(rounds);

    assert_true(work.stopping_seen);
    assert_int_equal(work.rounds, 1);
}

static void who_is_stopped_before_the_first_round_has_none(void **state)
{
    struct work work = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    (void)state;

    rounds_stop(rounds_start(3600, count, &work));

    assert_int_equal(work.rounds, 0);
    rounds_stop(NULL);
}

static void trouble_is_kept_until_it_is_over(void **state)
{
    char *last = NULL;
    (void)state;

    log_trouble(&last, LOG_DEBUG, "trouble", "name", strdup("one"));
    assert_string_equal(last, "one");
    log_trouble(&last, LOG_DEBUG, "trouble", NULL, strdup("other"));
    assert_string_equal(last, "other");
    log_trouble(&last, LOG_DEBUG, "trouble", NULL, NULL);
    assert_null(last);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_follow_each_other_until_they_are_stopped),
        cmocka_unit_test(a_round_is_told_that_it_is_to_end),
        cmocka_unit_test(who_is_stopped_before_the_first_round_has_none),
        cmocka_unit_test(trouble_is_kept_until_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
