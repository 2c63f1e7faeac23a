/* Tokens that were verified before: a bounded, set-associative cache with a lock per stripe. */
#ifndef SAMSYN_AUTH_TOKEN_CACHE_H
#define SAMSYN_AUTH_TOKEN_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "auth/claims.h"

enum { TOKEN_CACHE_KEY_SIZE = 32, TOKEN_CACHE_WAYS = 8 };

struct token_cache;

/* Creates a cache of at most `entries` tokens, rounded up to a power of two of at least 8; 0 gives NULL, a cache
 * that holds nothing and that every function here takes. The caller owns it. */
struct token_cache *token_cache_create(size_t entries);
void token_cache_destroy(struct token_cache *cache);

/* The claims of the token with this SHA-256, with a reference that the caller owns, or NULL. An entry at or beyond its
 * exp at the time `now`, or verified with keys of an earlier generation than the issuer's present one, is dropped. */
struct claims *token_cache_find(struct token_cache *cache, const unsigned char key[static TOKEN_CACHE_KEY_SIZE],
                                int64_t now);

/* Keeps the claims, taking a reference of its own; the least recently used entry of the same set gives way. */
void token_cache_put(struct token_cache *cache, const unsigned char key[static TOKEN_CACHE_KEY_SIZE],
                     struct claims *claims);

#endif
