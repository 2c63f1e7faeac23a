/* The tiles that a proof or a root needs: made once in vain to find out which, fetched together, then made in earnest.
 *
 *   tile_set_begin; merkle_prove_...(source, ...)    its result is nothing, but the set knows what is wanted
 *   fetch with tile_set_sql, and tile_set_add each row
 *   merkle_prove_...(source, ...)                    right if tile_set_complete
 */
#ifndef SAMSYN_LOG_TILE_SET_H
#define SAMSYN_LOG_TILE_SET_H

#include "base/arena.h"
#include "log/tile.h"

struct tile_set {
    struct arena *arena; /* lends all that follows */
    size_t count;
    struct tile_entry {
        unsigned level, needed, width; /* how many hashes are wanted, and how many there are */
        uint64_t index;
        const struct merkle_hash *hashes;
        struct merkle_hash *inner; /* of the subtrees within the tile, when one was asked for */
    } * tiles;
    size_t room;    /* for tiles; of places there are twice as many */
    size_t *places; /* by level and index: 1 + where in tiles, 0 for none */
};

void tile_set_begin(struct tile_set *set, struct arena *arena);

/* Asks for the first `needed` hashes of a tile. */
void tile_set_want(struct tile_set *set, unsigned level, uint64_t index, unsigned needed);

/* Everything that was asked for is there. */
bool tile_set_complete(const struct tile_set *set);

/* A source that borrows the set. */
struct merkle_source tile_set_source(struct tile_set *set);

/* The SQL that fetches the wanted tiles, whose columns are level, index and hashes, and its two values: lists of levels
 * and indexes. Lent by the arena. */
extern const char tile_set_sql[];
void tile_set_values(const struct tile_set *set, const char *values[2]);

/* Adds a row of it as text; false when it is no tile. */
bool tile_set_add(struct tile_set *set, const char *const cells[3]);

/* The bytes of "\x0123...", PostgreSQL's text of a bytea, lent; false when it is none. */
bool tile_read_bytea(const char *text, struct arena *arena, const unsigned char **bytes, size_t *length);

/* The other way. Lent. */
const char *tile_write_bytea(const void *bytes, size_t length, struct arena *arena);

#endif
