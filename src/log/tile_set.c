#include "log/tile_set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char tile_set_sql[] =
    "select t.level, t.index, t.hashes from unnest($1::smallint[], $2::bigint[]) w (level, index) "
    "join samsyn.log_tiles t on t.level = w.level and t.index = w.index";

void tile_set_begin(struct tile_set *set, struct arena *arena)
{
    set->arena = arena;
    set->count = 0;
}

static struct tile_entry *find(struct tile_set *set, unsigned level, uint64_t index)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->tiles[i].level == level && set->tiles[i].index == index)
            return &set->tiles[i];
    return NULL;
}

void tile_set_want(struct tile_set *set, unsigned level, uint64_t index, unsigned needed)
{
    struct tile_entry *tile = find(set, level, index);
    if (!tile && set->count < TILE_SET_MAX) {
        tile = &set->tiles[set->count++];
        *tile = (struct tile_entry){.level = level, .index = index};
    }
    if (tile && tile->needed < needed)
        tile->needed = needed;
}

bool tile_set_complete(const struct tile_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->tiles[i].width < set->tiles[i].needed)
            return false;
    return set->count < TILE_SET_MAX;
}

const struct merkle_hash *tile_set_find(struct tile_set *set, unsigned level, uint64_t index, unsigned width)
{
    const struct tile_entry *tile = find(set, level, index);
    return tile && tile->width >= width ? tile->hashes : NULL;
}

static bool subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct tile_set *set = context;
    unsigned height = level % TILE_HEIGHT, below = TILE_HEIGHT - height;
    unsigned position = (unsigned)(index & ((UINT64_C(1) << below) - 1)), needed = (position + 1) << height;
    const struct merkle_hash *hashes = tile_set_find(set, level / TILE_HEIGHT, index >> below, needed);
    if (hashes)
        *hash = tile_subtree(hashes, height, position);
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
    const char *levels = "", *indexes = "";
    for (size_t i = 0; i < set->count; i++) {
        levels = arena_printf(set->arena, "%s%s%u", levels, i > 0 ? "," : "", set->tiles[i].level);
        indexes = arena_printf(set->arena, "%s%s%" PRIu64, indexes, i > 0 ? "," : "", set->tiles[i].index);
    }
    values[0] = arena_printf(set->arena, "{%s}", levels);
    values[1] = arena_printf(set->arena, "{%s}", indexes);
}

bool tile_set_add(struct tile_set *set, const char *const cells[3])
{
    const unsigned char *bytes;
    size_t length;
    struct tile_entry *tile = find(set, (unsigned)strtoul(cells[0], NULL, 10), strtoull(cells[1], NULL, 10));
    if (!tile || !tile_read_bytea(cells[2], set->arena, &bytes, &length) || length % MERKLE_HASH != 0 ||
        length > (size_t)TILE_WIDTH * MERKLE_HASH)
        return false;
    struct merkle_hash *hashes = arena_alloc(set->arena, length);
    memcpy(hashes, bytes, length);
    tile->hashes = hashes;
    tile->width = (unsigned)(length / MERKLE_HASH);
    return true;
}

static int digit(char character)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = character ? strchr(digits, character) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool tile_read_bytea(const char *text, struct arena *arena, const unsigned char **bytes, size_t *length)
{
    if (!text || strncmp(text, "\\x", 2) != 0 || strlen(text) % 2 != 0)
        return false;
    *length = strlen(text) / 2 - 1;
    unsigned char *out = arena_alloc(arena, *length + 1);
    for (size_t i = 0; i < *length; i++) {
        int high = digit(text[2 + 2 * i]), low = digit(text[3 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
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
