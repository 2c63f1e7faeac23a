#include "log/merkle.h"

#include <string.h>

#include "log/sha256.h"

/* What parts leaves from nodes (RFC 6962 2.1), so that neither can be given out for the other. */
enum { LEAF = 0x00, NODE = 0x01 };

struct merkle_hash merkle_empty(void)
{
    struct merkle_hash hash = {0};
    sha256(NULL, 0, hash.bytes);
    return hash;
}

struct merkle_hash merkle_leaf(const void *bytes, size_t length)
{
    struct merkle_hash hash = {0};
    static const unsigned char prefix = LEAF;
    const struct sha256_piece pieces[] = {{&prefix, 1}, {bytes, length}};
    sha256(pieces, 2, hash.bytes);
    return hash;
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
    struct merkle_hash hash;
    unsigned char bytes[1 + 2 * MERKLE_HASH] = {NODE}; /* in one piece, which is quicker */
    memcpy(bytes + 1, left->bytes, MERKLE_HASH);
    memcpy(bytes + 1 + MERKLE_HASH, right->bytes, MERKLE_HASH);
    sha256(&(struct sha256_piece){bytes, sizeof(bytes)}, 1, hash.bytes);
    return hash;
}

bool merkle_equal(const struct merkle_hash *one, const struct merkle_hash *other)
{
    return memcmp(one->bytes, other->bytes, MERKLE_HASH) == 0;
}

/* The hash of leaves begin to end (not empty), where begin is a multiple of a power of two not less than their number:
 * the complete subtrees that it is made of, one for each bit of the number, folded from the right. */
static bool hash_range(const struct merkle_source *source, uint64_t begin, uint64_t end, struct merkle_hash *hash)
{
    uint64_t count = end - begin;
    bool any = false;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        struct merkle_hash left;
        if (!(count >> level & 1))
            continue;
        uint64_t first = begin + (count & ~((UINT64_C(2) << level) - 1));
        if (!source->subtree(source->context, level, first >> level, &left))
            return false;
        *hash = any ? merkle_node(&left, hash) : left;
        any = true;
    }
    return any;
}

bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *root)
{
    if (size == 0)
        *root = merkle_empty();
    return size == 0 || hash_range(source, 0, size, root);
}

static bool add_hash(const struct merkle_source *source, uint64_t begin, uint64_t end, struct merkle_proof *proof)
{
    return proof->count < MERKLE_PROOF_MAX && hash_range(source, begin, end, &proof->hashes[proof->count++]);
}

/* Adds the siblings that lead from node `index` of `level` up to the root of the tree of `size`. A node without one is
 * the last of its level, and is the same node a level higher. */
static bool add_siblings(const struct merkle_source *source, unsigned level, uint64_t index, uint64_t size,
                         struct merkle_proof *proof)
{
    for (uint64_t last = (size - 1) >> level; last > 0; last >>= 1, index >>= 1, level++) {
        uint64_t sibling = index ^ 1;
        uint64_t begin = sibling << level;
        if (sibling > last)
            continue;
        if (!add_hash(source, begin, sibling == last ? size : begin + (UINT64_C(1) << level), proof))
            return false;
    }
    return true;
}

bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            struct merkle_proof *proof)
{
    proof->count = 0;
    return index < size && size <= MERKLE_SIZE_MAX && add_siblings(source, 0, index, size, proof);
}

/* The largest complete subtree at the end of the smaller tree is where the proof begins. Is it the whole smaller tree,
 * then whoever verifies has its hash already. */
bool merkle_prove_consistency(const struct merkle_source *source, uint64_t from, uint64_t to,
                              struct merkle_proof *proof)
{
    proof->count = 0;
    if (from > to || to > MERKLE_SIZE_MAX)
        return false;
    if (from == 0 || from == to)
        return true;
    unsigned level = 0;
    uint64_t index = from - 1;
    for (; index & 1; index >>= 1)
        level++;
    if (index > 0 && !add_hash(source, index << level, from, proof))
        return false;
    return add_siblings(source, level, index, to, proof);
}

/* Where a verifier stands on its way up: `node` is its place at the present level, `last` that of the level's last. */
struct climb {
    uint64_t node;
    uint64_t last;
};

/* One step up by a hash of the proof: true when that hash is to the left. */
static bool climb_from_right(struct climb *climb)
{
    bool right = climb->node & 1 || climb->node == climb->last;
    while (right && !(climb->node & 1) && climb->node > 0) {
        climb->node >>= 1;
        climb->last >>= 1;
    }
    climb->node >>= 1;
    climb->last >>= 1;
    return right;
}

bool merkle_verify_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                             const struct merkle_hash *root, const struct merkle_proof *proof)
{
    struct climb climb = {index, size - 1};
    struct merkle_hash hash = *leaf;
    if (index >= size || proof->count > MERKLE_PROOF_MAX)
        return false;
    for (size_t i = 0; i < proof->count; i++) {
        if (climb.last == 0)
            return false;
        const struct merkle_hash *sibling = &proof->hashes[i];
        hash = climb_from_right(&climb) ? merkle_node(sibling, &hash) : merkle_node(&hash, sibling);
    }
    return climb.last == 0 && merkle_equal(&hash, root);
}

/* Of trees neither empty nor equal in size. */
static bool verify_growth(uint64_t from, uint64_t to, const struct merkle_hash *from_root,
                          const struct merkle_hash *to_root, const struct merkle_proof *proof)
{
    struct climb climb = {from - 1, to - 1};
    for (; climb.node & 1; climb.node >>= 1)
        climb.last >>= 1;
    size_t next = climb.node > 0 ? 1 : 0;
    struct merkle_hash before = next ? proof->hashes[0] : *from_root, after = before;
    for (; next < proof->count; next++) {
        if (climb.last == 0)
            return false;
        const struct merkle_hash *sibling = &proof->hashes[next];
        if (climb_from_right(&climb)) {
            before = merkle_node(sibling, &before);
            after = merkle_node(sibling, &after);
        } else {
            after = merkle_node(&after, sibling);
        }
    }
    return climb.last == 0 && merkle_equal(&before, from_root) && merkle_equal(&after, to_root);
}

bool merkle_verify_consistency(uint64_t from, uint64_t to, const struct merkle_hash *from_root,
                               const struct merkle_hash *to_root, const struct merkle_proof *proof)
{
    if (from > to || proof->count > MERKLE_PROOF_MAX)
        return false;
    if (from > 0 && from < to)
        return verify_growth(from, to, from_root, to_root, proof);
    struct merkle_hash empty = merkle_empty();
    return proof->count == 0 && (from > 0 || merkle_equal(from_root, &empty)) &&
           (from < to || merkle_equal(from_root, to_root));
}

void merkle_range_add(struct merkle_range *range, const struct merkle_hash *leaf)
{
    struct merkle_hash hash = *leaf;
    unsigned level = 0;
    for (; range->size >> level & 1; level++)
        hash = merkle_node(&range->peaks[level], &hash);
    range->peaks[level] = hash;
    range->size++;
}

static bool peak(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    const struct merkle_range *range = *(const struct merkle_range *const *)context;
    (void)index; /* there is one peak to a level */
    *hash = range->peaks[level];
    return true;
}

struct merkle_hash merkle_range_root(const struct merkle_range *range)
{
    const struct merkle_source source = {peak, &range};
    struct merkle_hash root;
    merkle_root(&source, range->size, &root);
    return root;
}
