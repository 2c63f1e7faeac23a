#include "http/connections.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

enum { SLOWEST_BYTES_PER_S = 1000 };

enum phase { WAITING, ANSWERING, REPLYING };

struct connection {
    struct connections *all;
    struct connection *next, *previous;
    int fd;
    bool surplus;
    bool cut;
    _Atomic int phase;
    _Atomic int64_t since; /* start of the phase, clock_monotonic_us */
    _Atomic int64_t bytes; /* of the reply, as far as is known */
};

struct connections {
    pthread_mutex_t lock; /* guards the list, so that a descriptor is shut only while it is ours */
    pthread_cond_t stop;
    pthread_t warden;
    bool stopping;
    struct connection *first;
    size_t count, most;
    int64_t patience_us;
    atomic_size_t busy;
};

static bool too_slow(const struct connections *all, struct connection *connection, int64_t now)
{
    int64_t took = now - atomic_load(&connection->since);
    switch (atomic_load(&connection->phase)) {
    case WAITING:
        return took > all->patience_us;
    case REPLYING:
        return took > all->patience_us + atomic_load(&connection->bytes) * (1000000 / SLOWEST_BYTES_PER_S);
    default:
        return false; /* its statement has a time-out of its own */
    }
}

/* Caller holds the lock. Cutting wakes the thread that serves the connection; it closes the descriptor. */
static void cut(struct connection *connection)
{
    if (!connection->cut)
        shutdown(connection->fd, SHUT_RDWR);
    connection->cut = true;
}

static void *keep_watch(void *context)
{
    struct connections *all = context;
    pthread_mutex_lock(&all->lock);
    while (!all->stopping) {
        int64_t now = clock_monotonic_us();
        int slow = 0;
        for (struct connection *c = all->first; c; c = c->next) {
            if (!c->cut && too_slow(all, c, now)) {
                cut(c);
                slow++;
            }
        }
        if (slow)
            log_event(LOG_WARNING, "slow-clients-cut", "{s:i}", "connections", slow);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&all->stop, &all->lock, &until);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

struct connections *connections_create(size_t most, int patience_s)
{
    struct connections *all = calloc(1, sizeof(*all));
    if (!all)
        abort();
    all->most = most;
    all->patience_us = (int64_t)patience_s * 1000000;
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&all->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&all->warden, NULL, keep_watch, all) != 0)
        abort();
    return all;
}

void connections_destroy(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_signal(&all->stop);
    pthread_mutex_unlock(&all->lock);
    pthread_join(all->warden, NULL);
    pthread_cond_destroy(&all->stop);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

static void enter(struct connection *connection, enum phase phase, int64_t bytes)
{
    atomic_store(&connection->bytes, bytes);
    atomic_store(&connection->since, clock_monotonic_us());
    atomic_store(&connection->phase, phase);
}

struct connection *connections_open(struct connections *all, int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        abort();
    connection->all = all;
    connection->fd = fd;
    enter(connection, WAITING, 0);
    pthread_mutex_lock(&all->lock);
    connection->surplus = ++all->count > all->most;
    connection->next = all->first;
    if (all->first)
        all->first->previous = connection;
    all->first = connection;
    pthread_mutex_unlock(&all->lock);
    return connection;
}

void connections_close(struct connection *connection)
{
    struct connections *all = connection->all;
    pthread_mutex_lock(&all->lock);
    all->count--;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        all->first = connection->next;
    pthread_mutex_unlock(&all->lock);
    free(connection);
}

bool connection_is_surplus(const struct connection *connection)
{
    return connection->surplus;
}

void connection_begin(struct connection *connection)
{
    atomic_fetch_add(&connection->all->busy, 1);
    enter(connection, ANSWERING, 0);
}

void connection_replying(struct connection *connection, int64_t length)
{
    enter(connection, REPLYING, length < 0 ? 0 : length);
}

void connection_streamed(struct connection *connection, size_t bytes)
{
    atomic_fetch_add(&connection->bytes, (int64_t)bytes);
}

void connection_end(struct connection *connection)
{
    if (atomic_load(&connection->phase) != WAITING)
        atomic_fetch_sub(&connection->all->busy, 1);
    enter(connection, WAITING, 0);
}

bool connection_abandoned(const struct connection *connection)
{
    struct pollfd socket = {.fd = connection->fd, .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0;
}

size_t connections_busy(struct connections *all)
{
    return atomic_load(&all->busy);
}

size_t connections_count(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    size_t count = all->count;
    pthread_mutex_unlock(&all->lock);
    return count;
}

void connections_retire(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    for (struct connection *c = all->first; c; c = c->next)
        if (atomic_load(&c->phase) == WAITING)
            shutdown(c->fd, SHUT_RD);
    pthread_mutex_unlock(&all->lock);
}

void connections_cut(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    for (struct connection *c = all->first; c; c = c->next)
        cut(c);
    pthread_mutex_unlock(&all->lock);
}
