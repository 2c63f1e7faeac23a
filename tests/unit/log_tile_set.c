/* Proofs made from tiles that are fetched together. */
#include "log/tile_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 70000 };

static struct arena *arena;
static struct merkle_hash leaves[LEAVES];
static struct merkle_hash level1[LEAVES / TILE_WIDTH + 1], level2[LEAVES / TILE_WIDTH / TILE_WIDTH + 1];
static size_t fetched;

static void keep(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    (void)context;
    struct merkle_hash *levels[] = {leaves, level1, level2};
    if (name->level > 0)
        memcpy(levels[name->level] + name->index * TILE_WIDTH, hashes, name->width * sizeof(*hashes));
}

static int begin(void **state)
{
    (void)state;
    struct tile_edge *edge = calloc(1, sizeof(*edge));
    arena = arena_create();
    for (unsigned i = 0; i < LEAVES; i++) {
        leaves[i] = merkle_leaf(&i, sizeof(i));
        tile_edge_add(edge, &leaves[i], keep, NULL);
    }
    tile_edge_partial(edge, keep, NULL);
    free(edge);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* What the database would answer for a tree of `size`. */
static void fetch(struct tile_set *set, uint64_t size)
{
    const struct merkle_hash *levels[] = {leaves, level1, level2};
    size_t wanted = set->count;
    fetched = 0;
    for (size_t i = 0; i < wanted; i++) {
        const struct tile_entry *tile = &set->tiles[i];
        unsigned width = tile_width(tile->level, tile->index, size);
        const char *cells[] = {arena_printf(arena, "%u", tile->level),
                               arena_printf(arena, "%llu", (unsigned long long)tile->index), NULL};
        if (width == 0)
            continue;
        cells[2] =
            tile_write_bytea(levels[tile->level] + tile->index * TILE_WIDTH, width * sizeof(struct merkle_hash), arena);
        assert_true(tile_set_add(set, cells));
        fetched++;
    }
}

static struct merkle_hash root_of(uint64_t size)
{
    struct merkle_range range = {.size = 0};
    for (uint64_t i = 0; i < size; i++)
        merkle_range_add(&range, &leaves[i]);
    return merkle_range_root(&range);
}

static void proofs_come_from_few_tiles(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 255, 256, 257, 300, 512, 65535, 65536, 65537, 69999, LEAVES};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct merkle_hash root = root_of(sizes[i]);
        const uint64_t indexes[] = {0, sizes[i] / 3, sizes[i] / 2, sizes[i] - 1};
        for (size_t j = 0; j < 4; j++) {
            struct tile_set set;
            struct merkle_proof proof;
            tile_set_begin(&set, arena);
            struct merkle_source source = tile_set_source(&set);
            assert_true(merkle_prove_inclusion(&source, indexes[j], sizes[i], &proof));
            assert_true(sizes[i] == 1 || !tile_set_complete(&set));
            fetch(&set, sizes[i]);
            assert_true(tile_set_complete(&set));
            assert_true(fetched <= 2 * 3);
            assert_true(merkle_prove_inclusion(&source, indexes[j], sizes[i], &proof));
            assert_true(merkle_verify_inclusion(&leaves[indexes[j]], indexes[j], sizes[i], &root, &proof));
        }
    }
}

static void many_proofs_come_from_one_set(void **state)
{
    (void)state;
    enum { STEP = 97 };
    struct merkle_hash root = root_of(LEAVES);
    struct merkle_proof proof;
    struct tile_set set;
    tile_set_begin(&set, arena);
    struct merkle_source source = tile_set_source(&set);
    for (uint64_t index = 0; index < LEAVES; index += STEP)
        assert_true(merkle_prove_inclusion(&source, index, LEAVES, &proof));
    fetch(&set, LEAVES);
    assert_true(tile_set_complete(&set));
    assert_int_equal(fetched, LEAVES / TILE_WIDTH + 1 + 2 + 1); /* of the leaves, above them, and at the top */
    for (uint64_t index = 0; index < LEAVES; index += STEP) {
        assert_true(merkle_prove_inclusion(&source, index, LEAVES, &proof));
        assert_true(merkle_verify_inclusion(&leaves[index], index, LEAVES, &root, &proof));
    }
}

static void a_tile_that_is_too_narrow_is_told(void **state)
{
    (void)state;
    struct tile_set set;
    struct merkle_proof proof;
    tile_set_begin(&set, arena);
    struct merkle_source source = tile_set_source(&set);
    assert_true(merkle_prove_consistency(&source, 1000, LEAVES, &proof));
    fetch(&set, 1001);
    assert_false(tile_set_complete(&set));
}

static void a_row_that_is_no_tile_is_refused(void **state)
{
    (void)state;
    struct tile_set set;
    static const char *const cells[][3] = {{"0", "0", NULL},
                                           {"0", "0", "00"},
                                           {"0", "0", "\\x0"},
                                           {"0", "0", "\\x00"},
                                           {"0", "0", "\\xGG"},
                                           {"0", "1", "\\x"},
                                           {"0", "0", "\\x0000000000000000000000000000000000000000000000000000000000"}};
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        tile_set_begin(&set, arena);
        tile_set_want(&set, 0, 0, 1);
        assert_false(tile_set_add(&set, cells[i]) && tile_set_complete(&set));
    }
}

static void the_values_name_each_tile_once(void **state)
{
    (void)state;
    struct tile_set set;
    const char *values[2];
    tile_set_begin(&set, arena);
    tile_set_want(&set, 0, 7, 3);
    tile_set_want(&set, 1, 0, 1);
    tile_set_want(&set, 0, 7, 9);
    tile_set_values(&set, values);
    assert_string_equal(values[0], "{0,1}");
    assert_string_equal(values[1], "{7,0}");
    assert_int_equal(set.tiles[0].needed, 9);
}

static void bytes_survive_the_way_to_the_database_and_back(void **state)
{
    (void)state;
    unsigned char bytes[256];
    const unsigned char *back;
    size_t length;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    assert_true(tile_read_bytea(tile_write_bytea(bytes, sizeof(bytes), arena), arena, &back, &length));
    assert_int_equal(length, sizeof(bytes));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_come_from_few_tiles),
        cmocka_unit_test(many_proofs_come_from_one_set),
        cmocka_unit_test(a_tile_that_is_too_narrow_is_told),
        cmocka_unit_test(a_row_that_is_no_tile_is_refused),
        cmocka_unit_test(the_values_name_each_tile_once),
        cmocka_unit_test(bytes_survive_the_way_to_the_database_and_back),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
