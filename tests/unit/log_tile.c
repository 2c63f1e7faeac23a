/* Tiles: how many there are, and that the edge of a tree makes the same tree as RFC 6962 does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log/tile.h"

/* The example of tlog-tiles, and its boundaries. */
static void a_tree_has_the_tiles_that_its_size_says(void **state)
{
    (void)state;
    assert_int_equal(tile_width(0, 0, 70000), 256);
    assert_int_equal(tile_width(0, 272, 70000), 256);
    assert_int_equal(tile_width(0, 273, 70000), 112);
    assert_int_equal(tile_width(0, 274, 70000), 0);
    assert_int_equal(tile_width(1, 0, 70000), 256);
    assert_int_equal(tile_width(1, 1, 70000), 17);
    assert_int_equal(tile_width(1, 2, 70000), 0);
    assert_int_equal(tile_width(2, 0, 70000), 1);
    assert_int_equal(tile_width(2, 1, 70000), 0);
    assert_int_equal(tile_width(3, 0, 70000), 0);

    assert_int_equal(tile_width(0, 0, 0), 0);
    assert_int_equal(tile_width(0, 0, 255), 255);
    assert_int_equal(tile_width(1, 0, 255), 0);
    assert_int_equal(tile_width(0, 0, 256), 256);
    assert_int_equal(tile_width(0, 1, 256), 0);
    assert_int_equal(tile_width(1, 0, 256), 1);
    assert_int_equal(tile_width(7, 0, MERKLE_SIZE_MAX), 127);
    assert_int_equal(tile_width(0, UINT64_MAX, MERKLE_SIZE_MAX), 0);
}

static struct merkle_hash numbered_leaf(uint64_t number)
{
    return merkle_leaf(&number, sizeof(number));
}

static void a_tile_gives_the_subtrees_within_it(void **state)
{
    struct merkle_hash hashes[TILE_WIDTH];
    (void)state;
    for (uint64_t i = 0; i < TILE_WIDTH; i++)
        hashes[i] = numbered_leaf(i);

    for (unsigned height = 0; height <= TILE_HEIGHT; height++) {
        for (unsigned position = 0; position < (unsigned)TILE_WIDTH >> height; position++) {
            struct merkle_range range = {0};
            for (unsigned i = position << height; i < (position + 1) << height; i++)
                merkle_range_add(&range, &hashes[i]);
            struct merkle_hash expected = merkle_range_root(&range), found = tile_subtree(hashes, height, position);
            assert_true(merkle_equal(&expected, &found));
        }
    }
}

static void every_subtree_has_its_place(void **state)
{
    static const struct {
        unsigned level;
        uint64_t index;
        struct tile_place place;
    } table[] = {
        {0, 0, {0, 0, 0, 0}},    {0, 255, {0, 0, 0, 255}}, {0, 256, {0, 1, 0, 0}},
        {7, 1, {0, 0, 7, 1}},    {7, 2, {0, 1, 7, 0}},     {8, 0, {1, 0, 0, 0}},
        {8, 300, {1, 1, 0, 44}}, {11, 33, {1, 1, 3, 1}},   {62, 0, {7, 0, 6, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct tile_place place = tile_place(table[i].level, table[i].index);
        assert_int_equal(place.level, table[i].place.level);
        assert_int_equal(place.index, table[i].place.index);
        assert_int_equal(place.height, table[i].place.height);
        assert_int_equal(place.position, table[i].place.position);
    }
}

/* Whole tiles as they were emitted; level 2 has none in a tree of the size below. */
enum { LEAVES = 70000, TILES = LEAVES / TILE_WIDTH };
static struct store {
    struct merkle_hash whole[2][TILES][TILE_WIDTH];
    uint64_t count[2];
    struct tile_name partial[TILE_LEVELS];
    struct merkle_hash edge[TILE_LEVELS][TILE_WIDTH];
    size_t partial_count;
} store;

static void keep_whole(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    struct store *kept = context;
    assert_in_range(name->level, 0, 1);
    assert_int_equal(name->width, TILE_WIDTH);
    assert_int_equal(name->index, kept->count[name->level]++);
    memcpy(kept->whole[name->level][name->index], hashes, sizeof(kept->whole[0][0]));
}

static void keep_partial(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    struct store *kept = context;
    kept->partial[kept->partial_count++] = *name;
    memcpy(kept->edge[name->level], hashes, name->width * sizeof(*hashes));
}

static bool stored_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct store *kept = context;
    struct tile_place place = tile_place(level, index);
    unsigned width = tile_width(place.level, place.index, LEAVES);
    if (((place.position + 1) << place.height) > width)
        fail_msg("subtree %u of %u is not within its tile", (unsigned)index, level);
    const struct merkle_hash *tile =
        width == TILE_WIDTH ? kept->whole[place.level][place.index] : kept->edge[place.level];
    *hash = tile_subtree(tile, place.height, place.position);
    return true;
}

static void the_tiles_of_a_tree_are_enough_to_prove_its_leaves(void **state)
{
    struct tile_edge *edge = calloc(1, sizeof(*edge));
    struct merkle_range range = {0};
    struct merkle_hash early = merkle_empty();
    (void)state;
    for (uint64_t i = 0; i < LEAVES; i++) {
        struct merkle_hash leaf = numbered_leaf(i);
        tile_edge_add(edge, &leaf, keep_whole, &store);
        merkle_range_add(&range, &leaf);
        if (i % 997 == 0 || i < 600) {
            struct merkle_hash one = tile_edge_root(edge), other = merkle_range_root(&range);
            assert_true(merkle_equal(&one, &other));
        }
        if (i + 1 == 12345)
            early = merkle_range_root(&range);
    }
    tile_edge_partial(edge, keep_partial, &store);
    struct merkle_hash root = tile_edge_root(edge);
    free(edge);

    /* one tile of each level but the last is whole, as tlog-tiles counts them for this size */
    assert_int_equal(store.count[0], 273);
    assert_int_equal(store.count[1], 1);
    assert_int_equal(store.partial_count, 3);
    assert_int_equal(store.partial[0].width, 112);
    assert_int_equal(store.partial[0].index, 273);
    assert_int_equal(store.partial[1].width, 17);
    assert_int_equal(store.partial[1].index, 1);
    assert_int_equal(store.partial[2].width, 1);
    assert_int_equal(store.partial[2].index, 0);

    const struct merkle_source source = {stored_subtree, &store};
    struct merkle_proof proof;
    for (uint64_t index = 0; index < LEAVES; index += index < 1000 ? 1 : 613) {
        struct merkle_hash leaf = numbered_leaf(index);
        assert_true(merkle_prove_inclusion(&source, index, LEAVES, &proof));
        assert_true(merkle_verify_inclusion(&leaf, index, LEAVES, &root, &proof));
    }
    assert_true(merkle_prove_consistency(&source, 12345, LEAVES, &proof));
    assert_true(merkle_verify_consistency(12345, LEAVES, &early, &root, &proof));
}

static void an_empty_edge_has_no_tile(void **state)
{
    struct tile_edge *edge = calloc(1, sizeof(*edge));
    struct merkle_hash empty = merkle_empty(), root = tile_edge_root(edge);
    (void)state;
    store.partial_count = 0;

    tile_edge_partial(edge, keep_partial, &store);

    assert_int_equal(store.partial_count, 0);
    assert_true(merkle_equal(&root, &empty));
    free(edge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_has_the_tiles_that_its_size_says),
        cmocka_unit_test(a_tile_gives_the_subtrees_within_it),
        cmocka_unit_test(every_subtree_has_its_place),
        cmocka_unit_test(the_tiles_of_a_tree_are_enough_to_prove_its_leaves),
        cmocka_unit_test(an_empty_edge_has_no_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
