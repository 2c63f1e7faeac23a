/* The public keys of one issuer, read from a JWK Set (RFC 7517) by rhonabwy: an immutable set shared by reference. */
#ifndef SAMSYN_AUTH_JWKS_H
#define SAMSYN_AUTH_JWKS_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/algorithm.h"
#include "auth/auth.h"

enum { JWKS_MAX_KEYS = 64, JWKS_MIN_RSA_BITS = 2048, JWKS_MAX_RSA_BITS = 8192 };

struct jwk {
    char *kid;                /* NULL when the key has none */
    enum algorithm algorithm; /* the one and only algorithm of this key */
    char *pem;                /* SubjectPublicKeyInfo, with an ending NUL */
    size_t pem_length;
    EVP_PKEY *public_key;
};

struct jwks {
    atomic_uint references;
    uint64_t generation; /* set by the owner of the set before it is shared */
    size_t count;
    struct jwk keys[];
};

/* Reads {"keys": [...]}. A key's algorithm is its `alg`, or else the first of `allowed` (in the issuer's own
 * order) that fits its kty and crv. Keys that cannot verify a token here are passed over: another kty, crv or
 * algorithm than the allowed ones, `use` other than sig, key_ops without verify, symmetric or private ones, RSA
 * below 2048 bits (national REST API profile SAK.02) or above 8192, a point that is not on the curve. Only the
 * members that make the key are read: x5u, which rhonabwy would fetch, and x5c never. Returns a set with one
 * reference, possibly empty, or NULL with `*why` (malloc'd) when the document is no JWK Set or has more than 64
 * keys. */
struct jwks *jwks_parse(const json_t *document, const enum algorithm *allowed, size_t allowed_count, char **why);

/* Lends the key that a token with this kid (NULL for none) and algorithm must be verified with.
 * TOKEN_KEY_UNKNOWN: no such kid, or no kid while not exactly one key has the algorithm. TOKEN_ALGORITHM: the
 * kid is there but its key has another algorithm. */
enum token_failure jwks_find(const struct jwks *set, const char *kid, enum algorithm algorithm, const struct jwk **key);

/* True when every key of `before` is in `after` unchanged. */
bool jwks_includes(const struct jwks *after, const struct jwks *before);

/* Adds a reference and returns the set; takes one away, freeing the set with the last. NULL is allowed. */
struct jwks *jwks_share(struct jwks *set);
void jwks_release(struct jwks *set);

#endif
