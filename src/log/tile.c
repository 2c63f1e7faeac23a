#include "log/tile.h"

/* How many hashes level `level` has in a tree of `size`. */
static uint64_t hashes_of(unsigned level, uint64_t size)
{
    return size >> TILE_HEIGHT * level;
}

/* How many of them are in a tile that is not whole. */
static unsigned partial_width(unsigned level, uint64_t size)
{
    return (unsigned)(hashes_of(level, size) % TILE_WIDTH);
}

unsigned tile_width(unsigned level, uint64_t index, uint64_t size)
{
    uint64_t whole = hashes_of(level, size) / TILE_WIDTH;
    if (index > whole)
        return 0;
    return index < whole ? TILE_WIDTH : partial_width(level, size);
}

struct tile_place tile_place(unsigned level, uint64_t index)
{
    unsigned height = level % TILE_HEIGHT, in_row = TILE_WIDTH >> height;
    return (struct tile_place){level / TILE_HEIGHT, index / in_row, height, (unsigned)(index % in_row)};
}

struct merkle_hash tile_subtree(const struct merkle_hash *hashes, unsigned height, unsigned position)
{
    if (height == 0)
        return hashes[position];
    struct merkle_hash left = tile_subtree(hashes, height - 1, 2 * position);
    struct merkle_hash right = tile_subtree(hashes, height - 1, 2 * position + 1);
    return merkle_node(&left, &right);
}

struct merkle_hash tile_node(const struct merkle_hash *hashes, unsigned width)
{
    struct merkle_range range = {0};
    for (unsigned i = 0; i < width; i++)
        merkle_range_add(&range, &hashes[i]);
    return merkle_range_root(&range);
}

void tile_edge_add(struct tile_edge *edge, const struct merkle_hash *leaf, tile_emit emit, void *context)
{
    struct merkle_hash hash = *leaf;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        struct merkle_hash *tile = edge->tiles[level];
        unsigned position = partial_width(level, edge->size);
        tile[position] = hash;
        if (position < TILE_WIDTH - 1)
            break;
        emit(context, &(struct tile_name){level, hashes_of(level, edge->size) / TILE_WIDTH, TILE_WIDTH}, tile);
        hash = tile_subtree(tile, TILE_HEIGHT, 0);
    }
    edge->size++;
}

void tile_edge_partial(const struct tile_edge *edge, tile_emit emit, void *context)
{
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        unsigned width = partial_width(level, edge->size);
        uint64_t index = hashes_of(level, edge->size) / TILE_WIDTH;
        if (width > 0)
            emit(context, &(struct tile_name){level, index, width}, edge->tiles[level]);
    }
}

/* Of the subtrees that a root is made of, each is within the last tile of its level. */
static bool edge_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    const struct tile_edge *edge = *(const struct tile_edge *const *)context;
    struct tile_place place = tile_place(level, index);
    *hash = tile_subtree(edge->tiles[place.level], place.height, place.position);
    return true;
}

struct merkle_hash tile_edge_root(const struct tile_edge *edge)
{
    struct merkle_hash root;
    const struct merkle_source source = {edge_subtree, &edge};
    merkle_root(&source, edge->size, &root);
    return root;
}
