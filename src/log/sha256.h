/* SHA-256 of a few pieces of memory, as quick as OpenSSL gives it: no look-up and no allocation for a hash. */
#ifndef SAMSYN_LOG_SHA256_H
#define SAMSYN_LOG_SHA256_H

#include <stddef.h>

enum { SHA256_SIZE = 32 };

struct sha256_piece {
    const void *bytes; /* borrowed; NULL is allowed where length is 0 */
    size_t length;
};

/* The hash of the pieces one after another, into `out`, which may be part of a piece. Thread-safe. Aborts when memory
 * is exhausted. */
void sha256(const struct sha256_piece *pieces, size_t count, unsigned char out[SHA256_SIZE]);

#endif
