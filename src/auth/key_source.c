#include "auth/key_source.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/fetch.h"
#include "base/clock.h"
#include "base/log.h"

enum { MICROSECONDS = 1000000 };

struct key_source {
    char *issuer, *file, *url;
    int64_t interval_us;
    enum algorithm allowed[ALGORITHM_COUNT];
    size_t allowed_count;

    pthread_t thread;
    bool threaded;
    atomic_bool stopping;
    _Atomic uint64_t generation;

    pthread_mutex_t lock; /* for what follows; never held while something is read */
    pthread_cond_t changed;
    struct jwks *keys;
    uint64_t started, finished; /* loads, counted */
    bool wanted;
    unsigned waiting;
    bool demanded_before;
    int64_t demanded_us; /* the last demand that was granted */
    int64_t due_us;      /* the next load */
};

static json_t *read_document_file(const char *path, char **why)
{
    json_error_t error;
    json_t *json = NULL;
    char *bytes = malloc(FETCH_MAX_BYTES + 1);
    FILE *file = fopen(path, "rbe");
    if (!bytes)
        abort();
    size_t length = file ? fread(bytes, 1, FETCH_MAX_BYTES + 1, file) : 0;
    if (!file || ferror(file))
        *why = strdup("cannot be read");
    else if (length > FETCH_MAX_BYTES)
        *why = strdup("is larger than 256 KiB");
    else if (!(json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error)))
        *why = strdup("is not JSON");
    if (file)
        fclose(file);
    free(bytes);
    return json;
}

/* The keys as they stand at the source now, or NULL with `*why`. Called without the lock. */
static struct jwks *load(struct key_source *source, char **why)
{
    json_t *document =
        source->file ? read_document_file(source->file, why) : fetch_json(source->url, &source->stopping, why);
    struct jwks *keys = document ? jwks_parse(document, source->allowed, source->allowed_count, why) : NULL;
    json_decref(document);
    return keys;
}

/* Puts the keys in place, stealing them. Called with the lock. What the source says counts even when it says that no
 * key is left: that is how an issuer revokes. */
static void publish(struct key_source *source, struct jwks *keys)
{
    struct jwks *before = source->keys;
    bool same = jwks_includes(keys, before) && keys->count == before->count;
    keys->generation = before->generation + (jwks_includes(keys, before) ? 0 : 1);
    source->keys = keys;
    atomic_store(&source->generation, keys->generation);
    if (!same)
        log_event(LOG_INFO, "issuer-keys-loaded", "{s:s, s:I}", "issuer", source->issuer, "keys",
                  (json_int_t)keys->count);
    jwks_release(before);
}

static void finish(struct key_source *source, struct jwks *keys, char *why)
{
    int64_t retry = (int64_t)KEY_SOURCE_RETRY_SECONDS * MICROSECONDS;
    int64_t pause = keys || source->interval_us < retry ? source->interval_us : retry;
    if (keys)
        publish(source, keys);
    else
        log_event(LOG_WARNING, "issuer-keys-unavailable", "{s:s, s:s}", "issuer", source->issuer, "reason",
                  why ? why : "");
    free(why);
    source->due_us = clock_monotonic_us() + pause;
    source->finished++;
    pthread_cond_broadcast(&source->changed);
}

/* Waits for a change, at most until `deadline_us` of the monotonic clock. Called with the lock. */
static bool wait_until(struct key_source *source, int64_t deadline_us)
{
    struct timespec deadline = {.tv_sec = deadline_us / MICROSECONDS, .tv_nsec = deadline_us % MICROSECONDS * 1000};
    return pthread_cond_timedwait(&source->changed, &source->lock, &deadline) != ETIMEDOUT;
}

static void *keep_fresh(void *context)
{
    struct key_source *source = context;
    pthread_mutex_lock(&source->lock);
    while (!atomic_load(&source->stopping)) {
        if (!source->wanted && clock_monotonic_us() < source->due_us) {
            wait_until(source, source->due_us);
            continue;
        }
        char *why = NULL;
        source->wanted = false;
        source->started++;
        pthread_mutex_unlock(&source->lock);
        struct jwks *keys = load(source, &why);
        pthread_mutex_lock(&source->lock);
        finish(source, keys, why);
    }
    pthread_mutex_unlock(&source->lock);
    return NULL;
}

/* The signals of the process belong to its main thread. */
static bool start_thread(struct key_source *source)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    source->threaded = pthread_create(&source->thread, NULL, keep_fresh, source) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return source->threaded;
}

static char *copy_text(const char *text)
{
    return text ? strdup(text) : NULL;
}

static struct key_source *prepare(const struct key_origin *origin)
{
    pthread_condattr_t monotonic;
    struct key_source *source = calloc(1, sizeof(*source));
    if (!source)
        abort();
    source->issuer = copy_text(origin->issuer);
    source->file = copy_text(origin->file);
    source->url = copy_text(origin->url);
    source->interval_us = origin->refresh_seconds * MICROSECONDS;
    source->allowed_count = origin->allowed_count;
    memcpy(source->allowed, origin->allowed, origin->allowed_count * sizeof(*origin->allowed));
    pthread_mutex_init(&source->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&source->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return source;
}

static struct jwks *first_keys(struct key_source *source, const json_t *document, char **why)
{
    json_t *nothing = json_pack("{s:[]}", "keys");
    const json_t *start = document ? document : nothing;
    struct jwks *keys =
        source->file ? load(source, why) : jwks_parse(start, source->allowed, source->allowed_count, why);
    json_decref(nothing);
    if (keys && keys->count == 0 && !source->url) {
        jwks_release(keys);
        *why = strdup("has no key that can verify a token of this issuer's algorithms");
        return NULL;
    }
    return keys;
}

struct key_source *key_source_create(const struct key_origin *origin, char **why)
{
    struct key_source *source = prepare(origin);
    source->keys = first_keys(source, origin->document, why);
    if (!source->keys)
        goto failed;
    source->due_us = source->file ? clock_monotonic_us() + source->interval_us : 0;
    if (!origin->document && !start_thread(source)) {
        *why = strdup("cannot be kept fresh: no thread could be started");
        goto failed;
    }
    return source;
failed:
    key_source_destroy(source);
    return NULL;
}

void key_source_destroy(struct key_source *source)
{
    if (!source)
        return;
    if (source->threaded) {
        pthread_mutex_lock(&source->lock);
        atomic_store(&source->stopping, true);
        pthread_cond_broadcast(&source->changed);
        pthread_mutex_unlock(&source->lock);
        pthread_join(source->thread, NULL);
    }
    pthread_cond_destroy(&source->changed);
    pthread_mutex_destroy(&source->lock);
    jwks_release(source->keys);
    free(source->issuer);
    free(source->file);
    free(source->url);
    free(source);
}

struct jwks *key_source_keys(struct key_source *source)
{
    pthread_mutex_lock(&source->lock);
    struct jwks *keys = jwks_share(source->keys);
    pthread_mutex_unlock(&source->lock);
    return keys;
}

uint64_t key_source_generation(const struct key_source *source)
{
    return atomic_load(&source->generation);
}

/* The load to wait for, or 0 for none. A load that runs may have read the old keys already, so that a demand that is
 * granted asks for the next one. Called with the lock. */
static uint64_t load_to_await(struct key_source *source)
{
    int64_t now = clock_monotonic_us();
    if (source->wanted)
        return source->started + 1;
    if (!source->demanded_before || now - source->demanded_us >= source->interval_us) {
        source->demanded_before = true;
        source->demanded_us = now;
        source->wanted = true;
        pthread_cond_broadcast(&source->changed);
        return source->started + 1;
    }
    return source->started > source->finished ? source->started : 0;
}

bool key_source_demand(struct key_source *source)
{
    if (!source->threaded)
        return false;
    int64_t deadline = clock_monotonic_us() + (int64_t)KEY_SOURCE_WAIT_MS * 1000;
    pthread_mutex_lock(&source->lock);
    uint64_t target = load_to_await(source);
    bool in_time = target > 0 && source->waiting < KEY_SOURCE_MAX_WAITERS;
    source->waiting++;
    while (in_time && source->finished < target && !atomic_load(&source->stopping))
        in_time = wait_until(source, deadline) || source->finished >= target;
    source->waiting--;
    pthread_mutex_unlock(&source->lock);
    return in_time;
}
