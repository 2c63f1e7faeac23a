#include "auth/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { STRIPES = 64 };

struct entry {
    unsigned char key[TOKEN_CACHE_KEY_SIZE];
    struct claims *claims; /* NULL: free */
    uint64_t used;         /* the stripe's tick of the last use */
};

struct set {
    struct entry ways[TOKEN_CACHE_WAYS];
};

struct stripe {
    pthread_mutex_t lock;
    uint64_t tick;
};

struct token_cache {
    struct stripe stripes[STRIPES];
    size_t set_count; /* a power of two */
    struct set sets[];
};

struct token_cache *token_cache_create(size_t entries)
{
    size_t sets = 1;
    if (entries == 0)
        return NULL;
    while (sets * TOKEN_CACHE_WAYS < entries)
        sets *= 2;
    struct token_cache *cache = calloc(1, sizeof(*cache) + sets * sizeof(struct set));
    if (!cache)
        abort();
    cache->set_count = sets;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&cache->stripes[i].lock, NULL);
    return cache;
}

static void drop(struct entry *entry)
{
    claims_release(entry->claims);
    entry->claims = NULL;
}

void token_cache_destroy(struct token_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < cache->set_count; i++)
        for (size_t way = 0; way < TOKEN_CACHE_WAYS; way++)
            drop(&cache->sets[i].ways[way]);
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&cache->stripes[i].lock);
    free(cache);
}

/* The key is a hash already, so its first bytes choose the set and, with it, the stripe. */
static size_t set_index(const struct token_cache *cache, const unsigned char *key)
{
    uint64_t bits;
    memcpy(&bits, key, sizeof(bits));
    return (size_t)bits & (cache->set_count - 1);
}

static bool still_good(const struct claims *claims, int64_t now)
{
    return now < claims->expires && claims->generation == key_source_generation(claims->issuer->keys);
}

struct claims *token_cache_find(struct token_cache *cache, const unsigned char key[static TOKEN_CACHE_KEY_SIZE],
                                int64_t now)
{
    struct claims *found = NULL;
    if (!cache)
        return NULL;
    size_t index = set_index(cache, key);
    struct stripe *stripe = &cache->stripes[index % STRIPES];
    pthread_mutex_lock(&stripe->lock);
    for (size_t way = 0; way < TOKEN_CACHE_WAYS; way++) {
        struct entry *entry = &cache->sets[index].ways[way];
        if (!entry->claims || memcmp(entry->key, key, TOKEN_CACHE_KEY_SIZE) != 0)
            continue;
        if (still_good(entry->claims, now)) {
            entry->used = ++stripe->tick;
            found = claims_share(entry->claims);
        } else {
            drop(entry);
        }
        break;
    }
    pthread_mutex_unlock(&stripe->lock);
    return found;
}

/* The entry that holds the key already, or a free one, or the least recently used. */
static struct entry *choose(struct set *set, const unsigned char *key)
{
    struct entry *chosen = &set->ways[0];
    for (size_t way = 0; way < TOKEN_CACHE_WAYS; way++) {
        struct entry *entry = &set->ways[way];
        if (entry->claims && memcmp(entry->key, key, TOKEN_CACHE_KEY_SIZE) == 0)
            return entry;
        if (chosen->claims && (!entry->claims || entry->used < chosen->used))
            chosen = entry;
    }
    return chosen;
}

void token_cache_put(struct token_cache *cache, const unsigned char key[static TOKEN_CACHE_KEY_SIZE],
                     struct claims *claims)
{
    if (!cache)
        return;
    size_t index = set_index(cache, key);
    struct stripe *stripe = &cache->stripes[index % STRIPES];
    pthread_mutex_lock(&stripe->lock);
    struct entry *entry = choose(&cache->sets[index], key);
    drop(entry);
    memcpy(entry->key, key, TOKEN_CACHE_KEY_SIZE);
    entry->claims = claims_share(claims);
    entry->used = ++stripe->tick;
    pthread_mutex_unlock(&stripe->lock);
}
