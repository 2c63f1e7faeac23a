#include "log/tile_set.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TILES_AT_FIRST = 16 };

const char tile_set_sql[] =
    "select t.level, t.index, t.hashes from unnest($1::smallint[], $2::bigint[]) w (level, index) "
    "join samsyn.log_tiles t on t.level = w.level and t.index = w.index";

/* Where the tile is among the places, or may be put. */
static size_t *place_of(const struct tile_set *set, unsigned level, uint64_t index)
{
    size_t mask = 2 * set->room - 1;
    size_t at = (size_t)((index * 8 + level) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
    while (set->places[at] &&
           (set->tiles[set->places[at] - 1].level != level || set->tiles[set->places[at] - 1].index != index))
        at = (at + 1) & mask;
    return &set->places[at];
}

static struct tile_entry *find(const struct tile_set *set, unsigned level, uint64_t index)
{
    size_t place = *place_of(set, level, index);
    return place ? &set->tiles[place - 1] : NULL;
}

/* Makes room for `room` tiles, a power of two. */
static void widen(struct tile_set *set, size_t room)
{
    struct tile_entry *tiles = arena_alloc(set->arena, room * sizeof(*tiles));
    if (set->count > 0)
        memcpy(tiles, set->tiles, set->count * sizeof(*tiles));
    set->tiles = tiles;
    set->room = room;
    set->places = arena_alloc(set->arena, 2 * room * sizeof(*set->places));
    for (size_t i = 0; i < set->count; i++)
        *place_of(set, tiles[i].level, tiles[i].index) = i + 1;
}

void tile_set_begin(struct tile_set *set, struct arena *arena)
{
    *set = (struct tile_set){.arena = arena};
    widen(set, TILES_AT_FIRST);
}

void tile_set_want(struct tile_set *set, unsigned level, uint64_t index, unsigned needed)
{
    size_t place = *place_of(set, level, index);
    if (place == 0) {
        if (set->count == set->room)
            widen(set, 2 * set->room);
        set->tiles[set->count] = (struct tile_entry){.level = level, .index = index};
        place = *place_of(set, level, index) = ++set->count;
    }
    if (set->tiles[place - 1].needed < needed)
        set->tiles[place - 1].needed = needed;
}

bool tile_set_complete(const struct tile_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->tiles[i].width < set->tiles[i].needed)
            return false;
    return true;
}

/* Of height h, counted from 1, the inner hashes begin behind those of the heights below: 128, 64 ... of them. */
static size_t inner_begin(unsigned height)
{
    return TILE_WIDTH - (2U * TILE_WIDTH >> height);
}

/* All subtrees of a tile, once: who proves one of its leaves will often prove the next one too. */
static void fill_inner(struct tile_set *set, struct tile_entry *tile)
{
    const struct merkle_hash *below = tile->hashes;
    tile->inner = arena_alloc(set->arena, TILE_WIDTH * sizeof(*tile->inner));
    for (unsigned height = 1; height <= TILE_HEIGHT; height++) {
        struct merkle_hash *level = tile->inner + inner_begin(height);
        for (size_t i = 0; i < tile->width >> height; i++)
            level[i] = merkle_node(&below[2 * i], &below[2 * i + 1]);
        below = level;
    }
}

static struct merkle_hash inner_hash(struct tile_set *set, struct tile_entry *tile, unsigned height, unsigned position)
{
    if (height == 0)
        return tile->hashes[position];
    if (!tile->inner)
        fill_inner(set, tile);
    return tile->inner[inner_begin(height) + position];
}

static bool subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct tile_set *set = context;
    unsigned height = level % TILE_HEIGHT, below = TILE_HEIGHT - height;
    unsigned position = (unsigned)(index & ((UINT64_C(1) << below) - 1)), needed = (position + 1) << height;
    size_t place = *place_of(set, level / TILE_HEIGHT, index >> below);
    if (place > 0 && set->tiles[place - 1].width >= needed)
        *hash = inner_hash(set, &set->tiles[place - 1], height, position);
    else
        tile_set_want(set, level / TILE_HEIGHT, index >> below, needed);
    return true;
}

struct merkle_source tile_set_source(struct tile_set *set)
{
    return (struct merkle_source){.subtree = subtree, .context = set};
}

void tile_set_values(const struct tile_set *set, const char *values[2])
{
    enum { LEVEL_DIGITS = 2, INDEX_DIGITS = 21 }; /* with a comma */
    char *levels = arena_alloc(set->arena, set->count * LEVEL_DIGITS + 3), *level = levels;
    char *indexes = arena_alloc(set->arena, set->count * INDEX_DIGITS + 3), *index = indexes;
    for (size_t i = 0; i < set->count; i++) {
        level += snprintf(level, LEVEL_DIGITS + 1, "%c%u", i > 0 ? ',' : '{', set->tiles[i].level);
        index += snprintf(index, INDEX_DIGITS + 1, "%c%" PRIu64, i > 0 ? ',' : '{', set->tiles[i].index);
    }
    snprintf(level, sizeof("{}"), "%s", set->count > 0 ? "}" : "{}");
    snprintf(index, sizeof("{}"), "%s", set->count > 0 ? "}" : "{}");
    values[0] = levels;
    values[1] = indexes;
}

bool tile_set_add(struct tile_set *set, const char *const cells[3])
{
    const unsigned char *bytes;
    size_t length;
    struct tile_entry *tile = find(set, (unsigned)strtoul(cells[0], NULL, 10), strtoull(cells[1], NULL, 10));
    if (!tile || !tile_read_bytea(cells[2], set->arena, &bytes, &length) || length % MERKLE_HASH != 0 ||
        length > (size_t)TILE_WIDTH * MERKLE_HASH)
        return false;
    tile->hashes = (const struct merkle_hash *)bytes;
    tile->width = (unsigned)(length / MERKLE_HASH);
    return true;
}

/* Of a hexadecimal digit, one more than it stands for; 0 of anything else. */
static const unsigned char digit_values[UCHAR_MAX + 1] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

bool tile_read_bytea(const char *text, struct arena *arena, const unsigned char **bytes, size_t *length)
{
    size_t size = text ? strlen(text) : 0;
    if (size < 2 || size % 2 != 0 || strncmp(text, "\\x", 2) != 0)
        return false;
    *length = size / 2 - 1;
    const unsigned char *in = (const unsigned char *)text + 2;
    unsigned char *out = arena_alloc(arena, *length + 1);
    for (size_t i = 0; i < *length; i++) {
        unsigned char high = digit_values[in[2 * i]], low = digit_values[in[2 * i + 1]];
        if (high == 0 || low == 0)
            return false;
        out[i] = (unsigned char)((high - 1) << 4 | (low - 1));
    }
    *bytes = out;
    return true;
}

const char *tile_write_bytea(const void *bytes, size_t length, struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    char *text = arena_alloc(arena, 2 * length + 3);
    text[0] = '\\';
    text[1] = 'x';
    for (size_t i = 0; i < length; i++) {
        text[2 + 2 * i] = digits[in[i] >> 4];
        text[3 + 2 * i] = digits[in[i] & 15];
    }
    return text;
}
