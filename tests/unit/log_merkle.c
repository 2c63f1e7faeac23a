/* Trees and proofs: known answers, a second implementation, and trees too large to be kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "log_tree.h"

static struct merkle_hash from_hex(const char *hex)
{
    struct merkle_hash hash;
    assert_int_equal(strlen(hex), 2 * MERKLE_HASH);
    for (size_t i = 0; i < MERKLE_HASH; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        hash.bytes[i] = (unsigned char)byte;
    }
    return hash;
}

static void assert_hash(struct merkle_hash hash, const char *hex)
{
    struct merkle_hash expected = from_hex(hex);
    assert_memory_equal(hash.bytes, expected.bytes, MERKLE_HASH);
}

/* The tree of eight leaves by which implementations of Certificate Transparency are tested. */
static const struct {
    const char *bytes;
    size_t length;
} known_leaves[] = {
    {"", 0},
    {"\x00", 1},
    {"\x10", 1},
    {"\x20\x21", 2},
    {"\x30\x31", 2},
    {"\x40\x41\x42\x43", 4},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
};
static const char *const known_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
#define H1 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define H01 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define H23 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define H4 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define H45 "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define H6 "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
#define H67 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define H0 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define H0123 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define H4567 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
struct known_proof {
    uint64_t first; /* the index, or the smaller size */
    uint64_t size;
    const char *hashes[4];
};

static size_t known_size = 8;
static const struct merkle_source known = {tree_subtree, &known_size};

static void fill_known(void)
{
    memset(tree_computed, 0, sizeof(tree_computed));
    for (size_t i = 0; i < 8; i++)
        tree_leaves[i] = merkle_leaf(known_leaves[i].bytes, known_leaves[i].length);
}

static void assert_proof(const struct merkle_proof *proof, const struct known_proof *expected)
{
    for (size_t i = 0; i < proof->count; i++)
        assert_hash(proof->hashes[i], expected->hashes[i]);
    assert_null(expected->hashes[proof->count]);
}

static void the_known_tree_has_its_known_roots(void **state)
{
    struct merkle_range range = {0};
    (void)state;
    fill_known();
    assert_hash(merkle_empty(), known_roots[0]);
    for (size_t size = 0; size <= 8; size++) {
        struct merkle_hash root;
        assert_true(merkle_root(&known, size, &root));
        assert_hash(root, known_roots[size]);
        assert_hash(merkle_range_root(&range), known_roots[size]);
        if (size < 8)
            merkle_range_add(&range, &tree_leaves[size]);
    }
}

static void the_known_tree_has_its_known_proofs(void **state)
{
    static const struct known_proof inclusions[] = {
        {0, 1, {NULL}}, {0, 8, {H1, H23, H4567}}, {5, 8, {H4, H67, H0123}}, {2, 3, {H01}}, {1, 5, {H0, H23, H4}},
    };
    static const struct known_proof consistencies[] = {
        {0, 8, {NULL}},    {1, 1, {NULL}},           {1, 8, {H1, H23, H4567}}, {6, 8, {H45, H67, H0123}},
        {2, 5, {H23, H4}}, {6, 7, {H45, H6, H0123}},
    };
    struct merkle_proof proof;
    (void)state;
    fill_known();
    for (size_t i = 0; i < sizeof(inclusions) / sizeof(inclusions[0]); i++) {
        const struct known_proof *expected = &inclusions[i];
        struct merkle_hash root = from_hex(known_roots[expected->size]);
        assert_true(merkle_prove_inclusion(&known, expected->first, expected->size, &proof));
        assert_proof(&proof, expected);
        assert_true(
            merkle_verify_inclusion(&tree_leaves[expected->first], expected->first, expected->size, &root, &proof));
    }
    for (size_t i = 0; i < sizeof(consistencies) / sizeof(consistencies[0]); i++) {
        const struct known_proof *expected = &consistencies[i];
        struct merkle_hash from = from_hex(known_roots[expected->first]), to = from_hex(known_roots[expected->size]);
        assert_true(merkle_prove_consistency(&known, expected->first, expected->size, &proof));
        assert_proof(&proof, expected);
        assert_true(merkle_verify_consistency(expected->first, expected->size, &from, &to, &proof));
    }
}

static void a_leaf_is_never_a_node(void **state)
{
    struct merkle_hash left = merkle_leaf("a", 1), right = merkle_leaf("b", 1), node = merkle_node(&left, &right);
    unsigned char bytes[65] = {0x01};
    (void)state;
    memcpy(bytes + 1, left.bytes, 32);
    memcpy(bytes + 33, right.bytes, 32);
    struct merkle_hash bare = merkle_leaf(bytes + 1, 64), prefixed = merkle_leaf(bytes, 65);
    struct merkle_hash swapped = merkle_node(&right, &left), same = merkle_node(&left, &right);

    assert_false(merkle_equal(&node, &bare));
    assert_false(merkle_equal(&node, &prefixed));
    assert_false(merkle_equal(&node, &swapped));
    assert_true(merkle_equal(&node, &same));
}

static void leaves_of_any_length_are_hashed(void **state)
{
    static unsigned char bytes[100];
    (void)state;
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        memset(bytes, (int)length, sizeof(bytes));
        struct merkle_hash one = merkle_leaf(bytes, length), other = tree_leaf(bytes, length);
        assert_true(merkle_equal(&one, &other));
    }
    struct merkle_hash nothing = merkle_leaf(NULL, 0);
    assert_hash(nothing, H0);
}

static void assert_same(const struct merkle_proof *one, const struct merkle_proof *other)
{
    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->hashes, other->hashes, one->count * sizeof(one->hashes[0]));
}

static void every_tree_to_300_is_as_the_standard_makes_it(void **state)
{
    struct merkle_range range = {0};
    (void)state;
    for (size_t size = 0; size <= TREE_MAX; size++) {
        const struct merkle_source source = {tree_subtree, &size};
        struct merkle_hash root, expected = tree_root(size), ranged = merkle_range_root(&range);
        assert_true(merkle_root(&source, size, &root));
        assert_true(merkle_equal(&root, &expected));
        assert_true(merkle_equal(&ranged, &expected));
        assert_int_equal(range.size, size);
        if (size < TREE_MAX)
            merkle_range_add(&range, &tree_leaves[size]);
    }
}

static void every_leaf_of_every_tree_to_300_is_proved(void **state)
{
    (void)state;
    for (size_t size = 1; size <= TREE_MAX; size++) {
        const struct merkle_source source = {tree_subtree, &size};
        struct merkle_hash root = tree_root(size);
        for (size_t index = 0; index < size; index++) {
            struct merkle_proof proof, expected = {0};
            assert_true(merkle_prove_inclusion(&source, index, size, &proof));
            tree_path(index, 0, size, &expected);
            assert_same(&proof, &expected);
            assert_true(merkle_verify_inclusion(&tree_leaves[index], index, size, &root, &proof));
        }
    }
}

static void every_pair_of_trees_to_300_is_proved_consistent(void **state)
{
    (void)state;
    for (size_t to = 0; to <= TREE_MAX; to++) {
        const struct merkle_source source = {tree_subtree, &to};
        struct merkle_hash to_root = tree_root(to);
        for (size_t from = 0; from <= to; from++) {
            struct merkle_proof proof, expected = {0};
            struct merkle_hash from_root = tree_root(from);
            assert_true(merkle_prove_consistency(&source, from, to, &proof));
            if (from > 0)
                tree_subproof(from, 0, to, true, &expected);
            assert_same(&proof, &expected);
            assert_true(merkle_verify_consistency(from, to, &from_root, &to_root, &proof));
        }
    }
}

/* A tree of any size: one leaf is marked, all others are alike, and so are all subtrees without the marked one. */
static struct merkle_hash alike[MERKLE_LEVELS];
struct vast {
    uint64_t marked;
    uint64_t size;
};

static bool vast_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct vast *vast = context;
    uint64_t last = (index << level) + ((UINT64_C(1) << level) - 1);
    if (last >= vast->size)
        fail_msg("asked for an incomplete subtree");
    if (vast->marked >> level != index) {
        *hash = alike[level];
    } else if (level == 0) {
        *hash = merkle_leaf("marked", 6);
    } else {
        struct merkle_hash left, right;
        vast_subtree(context, level - 1, 2 * index, &left);
        vast_subtree(context, level - 1, 2 * index + 1, &right);
        *hash = merkle_node(&left, &right);
    }
    return true;
}

/* splitmix64: the same numbers in every run. */
static uint64_t next_random(void)
{
    static uint64_t seed = 20260101;
    uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t random_to(uint64_t most)
{
    return most == UINT64_MAX ? next_random() : next_random() % (most + 1);
}

static void check_vast_tree(struct vast vast, uint64_t from)
{
    const struct merkle_source source = {vast_subtree, &vast};
    struct merkle_hash root, from_root, leaf = merkle_leaf("marked", 6);
    struct merkle_proof proof;
    assert_true(merkle_root(&source, vast.size, &root));

    assert_true(merkle_prove_inclusion(&source, vast.marked, vast.size, &proof));
    assert_true(merkle_verify_inclusion(&leaf, vast.marked, vast.size, &root, &proof));
    assert_false(merkle_verify_inclusion(&alike[0], vast.marked, vast.size, &root, &proof));
    assert_false(merkle_verify_inclusion(&leaf, vast.marked + 1, vast.size, &root, &proof));
    assert_false(merkle_verify_inclusion(&leaf, vast.marked - 1, vast.size, &root, &proof));
    assert_false(merkle_verify_inclusion(&leaf, vast.marked, vast.marked, &root, &proof));

    assert_true(merkle_root(&source, from, &from_root));
    assert_true(merkle_prove_consistency(&source, from, vast.size, &proof));
    assert_true(merkle_verify_consistency(from, vast.size, &from_root, &root, &proof));
    if (from > 0 && from < vast.size) {
        assert_false(merkle_verify_consistency(from, vast.size, &root, &root, &proof));
        assert_false(merkle_verify_consistency(from, vast.size, &from_root, &from_root, &proof));
        proof.hashes[proof.count - 1].bytes[31] ^= 1;
        assert_false(merkle_verify_consistency(from, vast.size, &from_root, &root, &proof));
    }
}

static void trees_too_large_to_be_kept_are_proved_of(void **state)
{
    (void)state;
    alike[0] = merkle_leaf("alike", 5);
    for (unsigned level = 1; level < MERKLE_LEVELS; level++)
        alike[level] = merkle_node(&alike[level - 1], &alike[level - 1]);

    for (unsigned i = 0; i < 3000; i++) {
        uint64_t most = i % 3 == 0 ? MERKLE_SIZE_MAX : (UINT64_C(1) << 40) - 1;
        uint64_t size = 1 + random_to((most >> random_to(38)) - 1);
        check_vast_tree((struct vast){random_to(size - 1), size}, random_to(size));
    }
    for (unsigned bit = 1; bit < 63; bit++) { /* around powers of two, where shapes change */
        uint64_t power = UINT64_C(1) << bit;
        for (uint64_t size = power - 1; size <= power + 1; size++) {
            check_vast_tree((struct vast){0, size}, 1);
            check_vast_tree((struct vast){size - 1, size}, size - 1);
            check_vast_tree((struct vast){size / 2, size}, power / 2);
        }
    }
    check_vast_tree((struct vast){MERKLE_SIZE_MAX - 1, MERKLE_SIZE_MAX}, MERKLE_SIZE_MAX - 1);
    check_vast_tree((struct vast){1, MERKLE_SIZE_MAX}, 3);
}

static void no_proof_is_made_of_what_is_not_there(void **state)
{
    size_t size = 7;
    const struct merkle_source source = {tree_subtree, &size};
    struct merkle_proof proof;
    (void)state;
    assert_false(merkle_prove_inclusion(&source, 0, 0, &proof));
    assert_false(merkle_prove_inclusion(&source, 7, 7, &proof));
    assert_false(merkle_prove_inclusion(&source, UINT64_MAX, 7, &proof));
    assert_false(merkle_prove_inclusion(&source, 0, MERKLE_SIZE_MAX + 1, &proof));
    assert_false(merkle_prove_inclusion(&source, 0, UINT64_MAX, &proof));
    assert_false(merkle_prove_consistency(&source, 1, 0, &proof));
    assert_false(merkle_prove_consistency(&source, 7, 6, &proof));
    assert_false(merkle_prove_consistency(&source, UINT64_MAX, 7, &proof));
    assert_false(merkle_prove_consistency(&source, 1, MERKLE_SIZE_MAX + 1, &proof));
    assert_false(merkle_prove_consistency(&source, 0, UINT64_MAX, &proof));
}

struct failing {
    size_t size;
    unsigned left;
};

static bool failing_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct failing *failing = context;
    return failing->left-- > 0 && tree_subtree(&failing->size, level, index, hash);
}

/* Whatever look-up it is that fails, the answer is no, and not half a proof. */
static void a_source_that_fails_is_told(void **state)
{
    enum { SIZE = 237, INDEX = 100, FROM = 77 };
    struct failing failing = {SIZE, 1000};
    const struct merkle_source source = {failing_subtree, &failing};
    struct merkle_proof proof;
    struct merkle_hash root;
    unsigned needed[3];
    (void)state;
    assert_true(merkle_root(&source, SIZE, &root));
    needed[0] = 1000 - failing.left;
    failing.left = 1000;
    assert_true(merkle_prove_inclusion(&source, INDEX, SIZE, &proof));
    needed[1] = 1000 - failing.left;
    failing.left = 1000;
    assert_true(merkle_prove_consistency(&source, FROM, SIZE, &proof));
    needed[2] = 1000 - failing.left;

    for (unsigned i = 0; i < 3; i++) {
        assert_in_range(needed[i], 2, 16);
        for (unsigned allowed = 0; allowed < needed[i]; allowed++) {
            failing.left = allowed;
            assert_false(i == 0   ? merkle_root(&source, SIZE, &root)
                         : i == 1 ? merkle_prove_inclusion(&source, INDEX, SIZE, &proof)
                                  : merkle_prove_consistency(&source, FROM, SIZE, &proof));
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    memset(tree_computed, 0, sizeof(tree_computed));
    tree_fill();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_tree_has_its_known_roots),
        cmocka_unit_test(the_known_tree_has_its_known_proofs),
        cmocka_unit_test(a_leaf_is_never_a_node),
        cmocka_unit_test(leaves_of_any_length_are_hashed),
        cmocka_unit_test_setup(every_tree_to_300_is_as_the_standard_makes_it, set_up),
        cmocka_unit_test_setup(every_leaf_of_every_tree_to_300_is_proved, set_up),
        cmocka_unit_test_setup(every_pair_of_trees_to_300_is_proved_consistent, set_up),
        cmocka_unit_test(trees_too_large_to_be_kept_are_proved_of),
        cmocka_unit_test_setup(no_proof_is_made_of_what_is_not_there, set_up),
        cmocka_unit_test_setup(a_source_that_fails_is_told, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
