/* The signature algorithms that a token may carry (RFC 7518 3.3 and 3.4): asymmetric ones only, so that `none` and
 * a public key used as an HMAC secret are not even names here (RFC 8725 3.1). */
#ifndef SAMSYN_AUTH_ALGORITHM_H
#define SAMSYN_AUTH_ALGORITHM_H

#include <stddef.h>

enum algorithm {
    ALGORITHM_NONE_OF_THESE,
    ALGORITHM_RS256,
    ALGORITHM_RS384,
    ALGORITHM_RS512,
    ALGORITHM_ES256,
    ALGORITHM_ES384,
    ALGORITHM_ES512,
    ALGORITHM_COUNT
};

struct algorithm_info {
    const char *name;       /* "ES256", as in `alg` */
    const char *digest;     /* OpenSSL's name of the hash */
    const char *key_type;   /* "RSA" or "EC", as in `kty` */
    const char *curve;      /* "P-256", as in `crv`; NULL for RSA */
    size_t coordinate_size; /* bytes of r and of s in the signature; 0 for RSA, where the key decides */
};

/* Lends the row of `algorithm`, which must be a real one. */
const struct algorithm_info *algorithm_info(enum algorithm algorithm);

/* The algorithm of exactly this name (case counts, RFC 7515 4.1.1), or ALGORITHM_NONE_OF_THESE. NULL is allowed. */
enum algorithm algorithm_from_name(const char *name);

#endif
