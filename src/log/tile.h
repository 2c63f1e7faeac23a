/* Tiles: the tree cut into pieces of 256 hashes, as stored and as served to mirrors (C2SP tlog-tiles). A tile of level
 * L holds the hashes of complete subtrees of 256^L leaves; its index counts tiles of that level from the left; the last
 * one of a level may be narrower than 256. */
#ifndef SAMSYN_LOG_TILE_H
#define SAMSYN_LOG_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/merkle.h"

enum { TILE_HEIGHT = 8, TILE_WIDTH = 256, TILE_LEVELS = 8 };

struct tile_name {
    unsigned level; /* 0..7 */
    uint64_t index;
    unsigned width; /* 1..256 */
};

/* How many hashes tile (level, index) has in the tree of `size`: 0 (it does not exist) to 256. */
unsigned tile_width(unsigned level, uint64_t index, uint64_t size);

/* Where the hash of the complete subtree of 2^level leaves that begins at leaf index * 2^level is found: in which tile,
 * and there at which height and position (see tile_subtree). The subtrees of a merkle_source are asked for so. */
struct tile_place {
    unsigned level;
    uint64_t index;
    unsigned height;   /* 0..7 */
    unsigned position; /* below 256 >> height */
};
struct tile_place tile_place(unsigned level, uint64_t index);

/* Within a tile: the hash of the complete subtree of 2^height of its hashes (height 0..8) that begins at hash
 * position * 2^height. Asked within its width only. */
struct merkle_hash tile_subtree(const struct merkle_hash *hashes, unsigned height, unsigned position);

/* The hash of the tree over all `width` hashes of a tile, from 1. */
struct merkle_hash tile_node(const struct merkle_hash *hashes, unsigned width);

/* The right edge of a tree: the last tile of each level, of which leaves are added. `emit` is told each tile that has
 * become whole, in the order in which they do. */
struct tile_edge {
    uint64_t size;
    struct merkle_hash tiles[TILE_LEVELS][TILE_WIDTH]; /* of level l, (size >> 8l) % 256 of them */
};
typedef void (*tile_emit)(void *context, const struct tile_name *name, const struct merkle_hash *hashes);
void tile_edge_add(struct tile_edge *edge, const struct merkle_hash *leaf, tile_emit emit, void *context);

/* Tells `emit` the tiles of the edge that are not whole, none of width 0. */
void tile_edge_partial(const struct tile_edge *edge, tile_emit emit, void *context);
/* The root of the tree that the edge is of. */
struct merkle_hash tile_edge_root(const struct tile_edge *edge);

#endif
