/* The Merkle tree of RFC 6962: hashes, proofs, and their verification. Knows bytes and hashes alone. */
#ifndef SAMSYN_LOG_MERKLE_H
#define SAMSYN_LOG_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MERKLE_HASH = 32, MERKLE_PROOF_MAX = 64, MERKLE_LEVELS = 64 };

/* The largest tree that is proved of and signed: what an int64 and a bigint hold. */
#define MERKLE_SIZE_MAX (UINT64_MAX >> 1)

struct merkle_hash {
    unsigned char bytes[MERKLE_HASH];
};

/* The root of the empty tree, SHA-256 of nothing; the hash of a leaf, SHA-256(0x00, bytes); of a node,
 * SHA-256(0x01, left, right). RFC 6962 2.1. */
struct merkle_hash merkle_empty(void);
struct merkle_hash merkle_leaf(const void *bytes, size_t length);
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);

bool merkle_equal(const struct merkle_hash *one, const struct merkle_hash *other);

/* Where hashes of a tree are found: `subtree` gives the hash of the complete subtree of 2^level leaves whose first leaf
 * is index * 2^level; false when it cannot (then whatever asked fails). It is asked for complete subtrees only. */
struct merkle_source {
    bool (*subtree)(void *context, unsigned level, uint64_t index, struct merkle_hash *hash);
    void *context;
};

struct merkle_proof {
    size_t count;
    struct merkle_hash hashes[MERKLE_PROOF_MAX];
};

/* The root of the first `size` leaves. */
bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *root);

/* The proof that leaf `index` is in the tree of `size` (RFC 6962 2.1.1), from the leaf's sibling upwards; false when
 * index >= size or the size is beyond MERKLE_SIZE_MAX. */
bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            struct merkle_proof *proof);

/* The proof that the tree of `from` is a beginning of the tree of `to` (RFC 6962 2.1.2); empty when from is 0 or equals
 * to; false when from > to or `to` is beyond MERKLE_SIZE_MAX. */
bool merkle_prove_consistency(const struct merkle_source *source, uint64_t from, uint64_t to,
                              struct merkle_proof *proof);

/* Either of the two. */
typedef bool merkle_prove(const struct merkle_source *source, uint64_t one, uint64_t other, struct merkle_proof *proof);

/* Verification as in RFC 9162 2.1.3.2 and 2.1.4.2, exact: a proof with a hash too few or too many is refused. A tree of
 * 0 is consistent with any other by an empty proof, if its root is that of the empty tree. */
bool merkle_verify_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                             const struct merkle_hash *root, const struct merkle_proof *proof);
bool merkle_verify_consistency(uint64_t from, uint64_t to, const struct merkle_hash *from_root,
                               const struct merkle_hash *to_root, const struct merkle_proof *proof);

/* A tree that grows leaf by leaf and keeps the roots of its complete subtrees alone: the memory of 64 hashes for any
 * number of leaves. Zeroed, it is the empty tree. */
struct merkle_range {
    uint64_t size;
    struct merkle_hash peaks[MERKLE_LEVELS]; /* of level l, where bit l of size is set */
};
void merkle_range_add(struct merkle_range *range, const struct merkle_hash *leaf);
struct merkle_hash merkle_range_root(const struct merkle_range *range);

#endif
