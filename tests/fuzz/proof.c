/* Proofs of entries, and proofs of a small tree that are changed at will: what is accepted is exactly
 * what was made. The first byte of the input chooses the way in. */
#include <stdlib.h>
#include <string.h>

#include "log/checkpoint.h"
#include "log/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool so)
{
    if (!so)
        abort();
}

static void read_proof(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct entry_proof proof;
    if (!entry_proof_parse((const char *)data, size, arena, &proof)) {
        const char *written = entry_proof_text(&proof, arena);
        require(strlen(written) == size && memcmp(written, data, size) == 0);
    }
    arena_destroy(arena);
}

static bool leaf_range(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct merkle_range range = {0};
    (void)context;
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        struct merkle_hash leaf = merkle_leaf(&i, sizeof(i));
        merkle_range_add(&range, &leaf);
    }
    *hash = merkle_range_root(&range);
    return true;
}

static const struct merkle_source source = {leaf_range, NULL};

/* A proof with a byte of one hash replaced, and hashes cut off or repeated at its end: true when it is another one. */
static bool change(struct merkle_proof *proof, const uint8_t data[4])
{
    const struct merkle_proof before = *proof;
    size_t count = data[2] % (MERKLE_PROOF_MAX + 1);
    if (proof->count > 0)
        proof->hashes[data[0] % proof->count].bytes[data[1] % MERKLE_HASH] = data[3];
    for (size_t i = proof->count; i < count; i++)
        proof->hashes[i] = proof->hashes[proof->count > 0 ? proof->count - 1 : 0];
    proof->count = count;
    return count != before.count || memcmp(proof->hashes, before.hashes, count * sizeof(before.hashes[0])) != 0;
}

static void forge(const uint8_t *data, size_t size)
{
    struct merkle_proof proof = {0};
    struct merkle_hash roots[2], leaf;
    if (size < 7)
        return;
    uint64_t to = 1 + data[0], from = data[1] % to, other = data[2];
    merkle_root(&source, to, &roots[1]);
    merkle_root(&source, from, &roots[0]);
    leaf_range(NULL, 0, from, &leaf);

    require(merkle_prove_inclusion(&source, from, to, &proof));
    require(merkle_verify_inclusion(&leaf, from, to, &roots[1], &proof));
    require(other == from || !merkle_verify_inclusion(&leaf, other, to, &roots[1], &proof));
    bool changed = change(&proof, data + 3);
    require(merkle_verify_inclusion(&leaf, from, to, &roots[1], &proof) == !changed);

    proof = (struct merkle_proof){0};
    require(merkle_prove_consistency(&source, from, to, &proof));
    require(merkle_verify_consistency(from, to, &roots[0], &roots[1], &proof));
    require(other == from || !merkle_verify_consistency(other, to, &roots[0], &roots[1], &proof));
    changed = change(&proof, data + 3);
    require(merkle_verify_consistency(from, to, &roots[0], &roots[1], &proof) == !changed);
}

/* Proofs made of nothing but the input. */
static void invent(const uint8_t *data, size_t size)
{
    struct {
        uint64_t first, size;
        struct merkle_hash leaf, root;
        struct merkle_proof proof;
    } claim;
    memset(&claim, 0, sizeof(claim));
    memcpy(&claim, data, size < sizeof(claim) ? size : sizeof(claim));
    if (merkle_verify_inclusion(&claim.leaf, claim.first, claim.size, &claim.root, &claim.proof))
        require(claim.size == 1 && claim.proof.count == 0 && merkle_equal(&claim.leaf, &claim.root));
    if (merkle_verify_consistency(claim.first, claim.size, &claim.leaf, &claim.root, &claim.proof))
        require(claim.first == claim.size || claim.first == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const ways[])(const uint8_t *, size_t) = {read_proof, forge, invent};
    if (size > 0)
        ways[data[0] % 3](data + 1, size - 1);
    return 0;
}
