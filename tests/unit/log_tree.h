/* RFC 6962 2.1 a second time: recursive, word by word as the standard has it, over leaves that are kept. What it makes
 * is compared with what src/log/merkle.c makes. Include once per test program. */
#ifndef SAMSYN_TEST_LOG_TREE_H
#define SAMSYN_TEST_LOG_TREE_H

#include <openssl/evp.h>
#include <string.h>

#include "log/merkle.h"

enum { TREE_MAX = 300 };

static struct merkle_hash tree_leaves[TREE_MAX];
static struct merkle_hash tree_known[TREE_MAX + 1][TREE_MAX + 1]; /* of leaves from and to, once computed */
static bool tree_computed[TREE_MAX + 1][TREE_MAX + 1];

static struct merkle_hash tree_digest(const void *bytes, size_t length)
{
    struct merkle_hash hash;
    unsigned size = 0;
    EVP_Digest(bytes, length, hash.bytes, &size, EVP_sha256(), NULL);
    return hash;
}

/* SHA-256(0x00, bytes), of at most 100 bytes. */
static struct merkle_hash tree_leaf(const void *bytes, size_t length)
{
    unsigned char all[101] = {0x00};
    memcpy(all + 1, bytes, length);
    return tree_digest(all, 1 + length);
}

/* The largest power of two smaller than n. */
static size_t tree_split(size_t n)
{
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    return k;
}

/* MTH(D[from:to]) */
static struct merkle_hash tree_hash(size_t from, size_t to)
{
    if (tree_computed[from][to])
        return tree_known[from][to];
    struct merkle_hash hash;
    if (from == to) {
        hash = tree_digest("", 0);
    } else if (to - from == 1) {
        hash = tree_leaves[from];
    } else {
        size_t middle = from + tree_split(to - from);
        struct merkle_hash left = tree_hash(from, middle), right = tree_hash(middle, to);
        unsigned char all[65] = {0x01};
        memcpy(all + 1, left.bytes, 32);
        memcpy(all + 33, right.bytes, 32);
        hash = tree_digest(all, sizeof(all));
    }
    tree_computed[from][to] = true;
    return tree_known[from][to] = hash;
}

/* PATH(m, D[from:to]), m counted from `from` */
static inline void tree_path(size_t m, size_t from, size_t to, struct merkle_proof *proof)
{
    if (to - from == 1)
        return;
    size_t k = tree_split(to - from);
    if (m < k) {
        tree_path(m, from, from + k, proof);
        proof->hashes[proof->count++] = tree_hash(from + k, to);
    } else {
        tree_path(m - k, from + k, to, proof);
        proof->hashes[proof->count++] = tree_hash(from, from + k);
    }
}

/* SUBPROOF(m, D[from:to], whole) */
static inline void tree_subproof(size_t m, size_t from, size_t to, bool whole, struct merkle_proof *proof)
{
    if (m == to - from) {
        if (!whole)
            proof->hashes[proof->count++] = tree_hash(from, to);
        return;
    }
    size_t k = tree_split(to - from);
    if (m <= k) {
        tree_subproof(m, from, from + k, whole, proof);
        proof->hashes[proof->count++] = tree_hash(from + k, to);
    } else {
        tree_subproof(m - k, from + k, to, false, proof);
        proof->hashes[proof->count++] = tree_hash(from, from + k);
    }
}

static inline struct merkle_hash tree_root(size_t size)
{
    return tree_hash(0, size);
}

/* A source over the same leaves, for a tree of `*context` of them; it is never to be asked for what is incomplete. */
static inline bool tree_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    const size_t *size = context;
    size_t from = (size_t)(index << level), to = from + ((size_t)1 << level);
    if (to > *size)
        fail_msg("asked for an incomplete subtree: %zu to %zu of %zu", from, to, *size);
    *hash = tree_hash(from, to);
    return true;
}

static inline void tree_fill(void)
{
    for (size_t i = 0; i < TREE_MAX; i++)
        tree_leaves[i] = tree_leaf(&i, sizeof(i));
}

#endif
