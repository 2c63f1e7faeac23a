/* Proofs that are almost right: every one of them is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "log_tree.h"

enum { SMALL = 34 }; /* trees of all sizes to this are tried with everything */

/* A claim, true or not: of a leaf at an index in a tree, or of two trees. */
struct claim {
    bool consistency;
    uint64_t first; /* the index, or the smaller size */
    uint64_t size;
    struct merkle_hash leaf; /* or the smaller root */
    struct merkle_hash root;
    struct merkle_proof proof;
};

static bool holds(const struct claim *claim)
{
    return claim->consistency
               ? merkle_verify_consistency(claim->first, claim->size, &claim->leaf, &claim->root, &claim->proof)
               : merkle_verify_inclusion(&claim->leaf, claim->first, claim->size, &claim->root, &claim->proof);
}

static void refuse(struct claim claim, const char *what)
{
    if (holds(&claim))
        fail_msg("%s %u of %u is believed with %s", claim.consistency ? "tree" : "leaf", (unsigned)claim.first,
                 (unsigned)claim.size, what);
}

static struct claim inclusion(size_t index, size_t size)
{
    const struct merkle_source source = {tree_subtree, &size};
    struct claim claim = {false, index, size, tree_leaves[index], tree_root(size), {0}};
    assert_true(merkle_prove_inclusion(&source, index, size, &claim.proof));
    assert_true(holds(&claim));
    return claim;
}

static struct claim consistency(size_t from, size_t to)
{
    const struct merkle_source source = {tree_subtree, &to};
    struct claim claim = {true, from, to, tree_root(from), tree_root(to), {0}};
    assert_true(merkle_prove_consistency(&source, from, to, &claim.proof));
    assert_true(holds(&claim));
    return claim;
}

static void insert(struct merkle_proof *proof, size_t at, const struct merkle_hash *hash)
{
    memmove(&proof->hashes[at + 1], &proof->hashes[at], (proof->count - at) * sizeof(*hash));
    proof->hashes[at] = *hash;
    proof->count++;
}

static void cut(struct merkle_proof *proof, size_t at)
{
    proof->count--;
    memmove(&proof->hashes[at], &proof->hashes[at + 1], (proof->count - at) * sizeof(proof->hashes[0]));
}

/* A hash less at any place, one more at any place, none at all, two changed for each other, all backwards. */
static void refuse_other_lengths_and_orders(const struct claim *claim)
{
    const struct merkle_hash others[] = {claim->leaf, claim->root, merkle_empty(), {{0}}};
    size_t count = claim->proof.count;
    struct claim forged;
    for (size_t at = 0; at <= count; at++) {
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            forged = *claim;
            insert(&forged.proof, at, &others[i]);
            refuse(forged, "a hash more");
        }
        if (at < count) {
            forged = *claim;
            insert(&forged.proof, at, &claim->proof.hashes[at]);
            refuse(forged, "a hash twice");
            forged = *claim;
            cut(&forged.proof, at);
            refuse(forged, "a hash less");
        }
        for (size_t other = at + 1; other < count; other++) {
            forged = *claim;
            forged.proof.hashes[at] = claim->proof.hashes[other];
            forged.proof.hashes[other] = claim->proof.hashes[at];
            refuse(forged, "two hashes changed for each other");
        }
    }
    forged = *claim;
    for (size_t i = 0; i < count; i++)
        forged.proof.hashes[i] = claim->proof.hashes[count - 1 - i];
    if (count > 1)
        refuse(forged, "its hashes backwards");
    forged = *claim;
    forged.proof.count = 0;
    if (count > 0)
        refuse(forged, "no proof");
    for (size_t more = count + 1; more <= MERKLE_PROOF_MAX; more++) {
        forged = *claim;
        forged.proof.count = more;
        refuse(forged, "zeroes behind");
    }
    forged.proof.count = MERKLE_PROOF_MAX + 1; /* and sizes that could need as many */
    refuse(forged, "more hashes than there is room for");
    forged.size = UINT64_MAX;
    forged.first = (UINT64_C(1) << 63) + 1;
    refuse(forged, "more hashes than there is room for");
    forged.proof.count = SIZE_MAX;
    refuse(forged, "more hashes than there is room for");
}

/* The proof of a higher tree, of which the one that is claimed is the right half. */
static void refuse_a_tree_above(const struct claim *claim)
{
    const struct merkle_hash left = tree_root(3);
    struct claim forged = *claim;
    insert(&forged.proof, forged.proof.count, &left);
    forged.root = merkle_node(&left, &claim->root);
    if (claim->consistency)
        forged.leaf = merkle_node(&left, &claim->leaf);
    refuse(forged, "a tree above its own");
}

static void refuse_every_bit_changed(const struct claim *claim)
{
    struct claim forged = *claim;
    unsigned char *parts[MERKLE_PROOF_MAX + 2] = {forged.leaf.bytes, forged.root.bytes};
    for (size_t i = 0; i < claim->proof.count; i++)
        parts[i + 2] = forged.proof.hashes[i].bytes;
    for (size_t part = 0; part < claim->proof.count + 2; part++) {
        for (size_t bit = 0; bit < 8 * (size_t)MERKLE_HASH; bit++) {
            parts[part][bit / 8] ^= (unsigned char)(1 << bit % 8);
            refuse(forged, "a bit changed");
            parts[part][bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}

static void inclusion_with_other_hashes_is_refused(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SMALL; size++) {
        for (size_t index = 0; index < size; index++) {
            struct claim claim = inclusion(index, size);
            refuse_other_lengths_and_orders(&claim);
            refuse_a_tree_above(&claim);
            for (size_t other = 0; other < SMALL; other++) {
                struct claim forged = claim;
                forged.leaf = tree_leaves[other];
                if (other != index)
                    refuse(forged, "another leaf");
                forged = claim;
                forged.root = tree_root(other);
                if (other != size)
                    refuse(forged, "another root");
            }
        }
    }
}

static void inclusion_at_another_place_is_refused(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SMALL; size++) {
        for (size_t index = 0; index < size; index++) {
            struct claim claim = inclusion(index, size), forged = claim;
            for (forged.first = 0; forged.first < 2 * SMALL; forged.first++)
                if (forged.first != index)
                    refuse(forged, "another index");
            forged.first = UINT64_MAX;
            refuse(forged, "another index");
            forged.first = index + (UINT64_C(1) << 32);
            refuse(forged, "another index");
            forged.first = index | UINT64_C(1) << 63;
            refuse(forged, "another index");

            forged = claim;
            for (forged.size = 0; forged.size <= index; forged.size++)
                refuse(forged, "a tree that ends before it");
            uint64_t higher = 2;
            while (higher < size)
                higher *= 2;
            forged.size = higher + 1;
            refuse(forged, "a higher tree");
            forged.size = UINT64_MAX;
            refuse(forged, "a higher tree");
        }
    }
}

static void consistency_with_other_hashes_is_refused(void **state)
{
    (void)state;
    for (size_t to = 0; to <= SMALL; to++) {
        for (size_t from = 0; from <= to; from++) {
            struct claim claim = consistency(from, to);
            refuse_other_lengths_and_orders(&claim);
            refuse_a_tree_above(&claim);
            for (size_t other = 0; other <= SMALL; other++) {
                struct claim forged = claim;
                forged.leaf = tree_root(other);
                if (other != from)
                    refuse(forged, "another root before");
                forged = claim;
                forged.root = tree_root(other);
                if (other != to && from > 0)
                    refuse(forged, "another root after");
            }
        }
    }
}

static void consistency_of_other_sizes_is_refused(void **state)
{
    (void)state;
    for (size_t to = 1; to <= SMALL; to++) {
        for (size_t from = 0; from <= to; from++) {
            struct claim claim = consistency(from, to), forged = claim;
            for (forged.first = 0; forged.first <= 2 * SMALL; forged.first++)
                if (forged.first != from)
                    refuse(forged, "another size before");
            forged.first = UINT64_MAX;
            refuse(forged, "another size before");

            forged = claim;
            for (forged.size = 0; forged.size <= from; forged.size++)
                if (forged.size != to && from > 0)
                    refuse(forged, "another size after");
            if (from > 0 && from < to) {
                forged = claim;
                forged.first = to;
                forged.size = from;
                refuse(forged, "sizes changed for each other");
                forged.leaf = claim.root;
                forged.root = claim.leaf;
                refuse(forged, "trees changed for each other");
                forged.first = from;
                forged.size = to;
                refuse(forged, "roots changed for each other");
            }
        }
    }
}

static void no_bit_of_a_proof_can_be_changed(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 7, 8, 13, 33};
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t first = 0; first<sizes[i]; first += sizes[i]> 8 ? 3 : 1) {
            struct claim claim = inclusion(first, sizes[i]);
            refuse_every_bit_changed(&claim);
            claim = consistency(first + 1, sizes[i]);
            refuse_every_bit_changed(&claim);
        }
    }
}

/* What the standards leave to say of nothing. */
static void an_empty_tree_is_the_beginning_of_any(void **state)
{
    struct merkle_hash empty = merkle_empty(), root = tree_root(5), zeroes = {{0}};
    struct merkle_proof none = {0};
    (void)state;
    assert_true(merkle_verify_consistency(0, 0, &empty, &empty, &none));
    assert_true(merkle_verify_consistency(0, 5, &empty, &root, &none));
    assert_true(merkle_verify_consistency(0, UINT64_MAX, &empty, &root, &none));

    assert_false(merkle_verify_consistency(0, 0, &empty, &root, &none));
    assert_false(merkle_verify_consistency(0, 0, &root, &root, &none));
    assert_false(merkle_verify_consistency(0, 0, &zeroes, &zeroes, &none));
    assert_false(merkle_verify_consistency(0, 5, &root, &root, &none));
    assert_false(merkle_verify_consistency(0, 5, &zeroes, &root, &none));
    assert_false(merkle_verify_consistency(5, 0, &root, &empty, &none));
    assert_false(merkle_verify_consistency(5, 0, &empty, &empty, &none));
    assert_false(merkle_verify_inclusion(&empty, 0, 0, &empty, &none));
    assert_false(merkle_verify_inclusion(&root, 0, 0, &root, &none));
    for (none.count = 1; none.count <= MERKLE_PROOF_MAX; none.count++) {
        assert_false(merkle_verify_consistency(0, 5, &empty, &root, &none));
        assert_false(merkle_verify_consistency(0, 0, &empty, &empty, &none));
        assert_false(merkle_verify_consistency(5, 5, &root, &root, &none));
    }
}

static int set_up(void **state)
{
    (void)state;
    tree_fill();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inclusion_with_other_hashes_is_refused),
        cmocka_unit_test(inclusion_at_another_place_is_refused),
        cmocka_unit_test(consistency_with_other_hashes_is_refused),
        cmocka_unit_test(consistency_of_other_sizes_is_refused),
        cmocka_unit_test(no_bit_of_a_proof_can_be_changed),
        cmocka_unit_test(an_empty_tree_is_the_beginning_of_any),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
