#include "db/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { POOL_MAX = 200, BACKOFF_FIRST_US = 20000, BACKOFF_LAST_US = 320000 };

/* A thread in the queue, on its own stack. A connection is handed to it directly, never put back first, so that no
 * late-comer can overtake. */
struct waiter {
    pthread_cond_t wake;
    struct connection *granted;
    struct waiter *next;
};

struct db {
    struct target target;
    int64_t wait_us;
    size_t size;
    struct connection *slots; /* [size] */

    pthread_mutex_t lock;         /* guards what follows */
    struct connection *idle_open; /* last in, first out: the rest may stay cold */
    struct connection *idle_closed;
    struct waiter *first, **last; /* not empty only while nothing is idle */
    size_t busy, waiting;
    uint64_t waits, waited_us, timeouts, reconnects;
    int64_t backoff_us, try_again_at; /* no attempt to connect before */

    _Atomic size_t open;
};

struct db *db_create(const struct db_options *options)
{
    struct db *db = calloc(1, sizeof(*db));
    if (!db)
        abort();
    if (!target_init(&db->target, options)) {
        free(db);
        return NULL;
    }
    db->size = options->pool_size < 1 ? 1 : options->pool_size > POOL_MAX ? POOL_MAX : options->pool_size;
    db->wait_us = (int64_t)options->wait_ms * 1000;
    db->last = &db->first;
    pthread_mutex_init(&db->lock, NULL);
    db->slots = calloc(db->size, sizeof(*db->slots));
    if (!db->slots)
        abort();
    for (size_t i = 0; i < db->size; i++) {
        db->slots[i].next = db->idle_closed;
        db->idle_closed = &db->slots[i];
    }
    return db;
}

void db_destroy(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->size; i++)
        connection_close(&db->slots[i]);
    free(db->slots);
    pthread_mutex_destroy(&db->lock);
    target_clear(&db->target);
    free(db);
}

const struct target *pool_target(const struct db *db)
{
    return &db->target;
}

static struct connection *pop(struct connection **stack)
{
    struct connection *top = *stack;
    if (top)
        *stack = top->next;
    return top;
}

static void push(struct connection **stack, struct connection *connection)
{
    connection->next = *stack;
    *stack = connection;
}

static void leave_queue(struct db *db, struct waiter *leaver)
{
    struct waiter **place = &db->first;
    while (*place != leaver)
        place = &(*place)->next;
    *place = leaver->next;
    if (!*place)
        db->last = place;
    db->waiting--;
}

/* Waits in the queue, with the lock held; NULL when the time is up. */
static struct connection *wait_in_queue(struct db *db)
{
    struct waiter self = {.wake = PTHREAD_COND_INITIALIZER};
    *db->last = &self;
    db->last = &self.next;
    db->waiting++;
    db->waits++;
    int64_t since = clock_monotonic_us();
    int64_t until = since + db->wait_us;
    struct timespec deadline = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    int failed = 0;
    while (!self.granted && !failed)
        failed = pthread_cond_clockwait(&self.wake, &db->lock, CLOCK_MONOTONIC, &deadline);
    if (!self.granted) {
        leave_queue(db, &self);
        db->timeouts++;
    }
    db->waited_us += (uint64_t)(clock_monotonic_us() - since);
    pthread_cond_destroy(&self.wake);
    return self.granted;
}

static struct connection *take_slot(struct db *db)
{
    pthread_mutex_lock(&db->lock);
    struct connection *slot = pop(&db->idle_open);
    if (!slot)
        slot = pop(&db->idle_closed);
    if (slot)
        db->busy++;
    else
        slot = wait_in_queue(db);
    pthread_mutex_unlock(&db->lock);
    return slot;
}

static void give_slot(struct db *db, struct connection *slot)
{
    pthread_mutex_lock(&db->lock);
    struct waiter *heir = db->first;
    if (heir) {
        heir->granted = slot;
        leave_queue(db, heir);
        pthread_cond_signal(&heir->wake);
    } else {
        db->busy--;
        push(slot->handle ? &db->idle_open : &db->idle_closed, slot);
    }
    pthread_mutex_unlock(&db->lock);
}

static bool may_connect(struct db *db)
{
    pthread_mutex_lock(&db->lock);
    bool may = clock_monotonic_us() >= db->try_again_at;
    pthread_mutex_unlock(&db->lock);
    return may;
}

static void remember_attempt(struct db *db, bool success)
{
    pthread_mutex_lock(&db->lock);
    if (success) {
        db->backoff_us = 0;
    } else {
        int64_t doubled = db->backoff_us ? db->backoff_us * 2 : BACKOFF_FIRST_US;
        db->backoff_us = doubled < BACKOFF_LAST_US ? doubled : BACKOFF_LAST_US;
    }
    db->try_again_at = success ? 0 : clock_monotonic_us() + db->backoff_us;
    pthread_mutex_unlock(&db->lock);
}

/* Connects, unless another attempt failed just now: a dead database is asked a few times a second, however many
 * requests come, and they are refused at once. */
static bool open_slot(struct db *db, struct connection *slot)
{
    if (!may_connect(db))
        return false;
    bool opened = connection_open(slot, &db->target);
    remember_attempt(db, opened);
    if (opened)
        atomic_fetch_add(&db->open, 1);
    return opened;
}

static void close_slot(struct db *db, struct connection *slot)
{
    connection_close(slot);
    atomic_fetch_sub(&db->open, 1);
    pthread_mutex_lock(&db->lock);
    db->reconnects++;
    pthread_mutex_unlock(&db->lock);
}

enum db_status pool_take(struct db *db, struct connection **connection)
{
    struct connection *slot = take_slot(db);
    if (!slot)
        return DB_BUSY;
    if (slot->handle && !connection_alive(slot))
        close_slot(db, slot);
    if (!slot->handle && !open_slot(db, slot)) {
        give_slot(db, slot);
        return DB_DOWN;
    }
    *connection = slot;
    return DB_OK;
}

void pool_give(struct db *db, struct connection *connection, bool keep)
{
    if (!keep)
        close_slot(db, connection);
    give_slot(db, connection);
}

void db_gauges(struct db *db, struct db_gauges *gauges)
{
    pthread_mutex_lock(&db->lock);
    *gauges = (struct db_gauges){
        .size = db->size,
        .open = atomic_load(&db->open),
        .busy = db->busy,
        .waiting = db->waiting,
        .waits = db->waits,
        .wait_us = db->waited_us,
        .timeouts = db->timeouts,
        .reconnects = db->reconnects,
    };
    pthread_mutex_unlock(&db->lock);
}
