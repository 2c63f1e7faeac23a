#include "log/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log/event.h"

/* -- reading ------------------------------------------------------------------------------------------------------ */

static bool say(const char *what, char **why)
{
    *why = strdup(what);
    if (!*why)
        abort();
    return false;
}

bool store_fetch(struct script *script, struct tile_set *set, char **why)
{
    const char *values[2];
    struct db_rows rows;
    tile_set_values(set, values);
    if (!script_call(script, tile_set_sql, 2, values, set->arena, &rows, why))
        return false;
    for (size_t i = 0; i < rows.rows; i++)
        if (!tile_set_add(set, (const char *const *)rows.cells + 3 * i))
            return say("a tile of the log is malformed", why);
    return tile_set_complete(set) || say("a tile of the log is missing or too narrow", why);
}

bool store_edge(struct script *script, uint64_t size, struct tile_edge *edge, char **why)
{
    struct arena *arena = arena_create();
    struct tile_set set;
    tile_set_begin(&set, arena);
    memset(edge, 0, sizeof(*edge));
    edge->size = size;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        unsigned width = (unsigned)(size >> (TILE_HEIGHT * level)) % TILE_WIDTH;
        if (width > 0)
            tile_set_want(&set, level, level + 1 < TILE_LEVELS ? size >> (TILE_HEIGHT * (level + 1)) : 0, width);
    }
    bool good = set.count == 0 || store_fetch(script, &set, why);
    for (size_t i = 0; good && i < set.count; i++)
        memcpy(edge->tiles[set.tiles[i].level], set.tiles[i].hashes, set.tiles[i].needed * sizeof(*edge->tiles[0]));
    arena_destroy(arena);
    return good;
}

bool store_root(struct script *script, uint64_t size, struct merkle_hash *root, char **why)
{
    struct arena *arena = arena_create();
    struct tile_set set;
    tile_set_begin(&set, arena);
    struct merkle_source source = tile_set_source(&set);
    bool good = merkle_root(&source, size, root) && (set.count == 0 || store_fetch(script, &set, why)) &&
                merkle_root(&source, size, root);
    arena_destroy(arena);
    return good;
}

bool store_consistency(struct script *script, uint64_t from, uint64_t to, struct merkle_proof *proof, char **why)
{
    struct arena *arena = arena_create();
    struct tile_set set;
    tile_set_begin(&set, arena);
    struct merkle_source source = tile_set_source(&set);
    bool good = merkle_prove_consistency(&source, from, to, proof) || say("the smaller tree is the larger one", why);
    good = good && (set.count == 0 || store_fetch(script, &set, why)) &&
           merkle_prove_consistency(&source, from, to, proof);
    arena_destroy(arena);
    return good;
}

/* -- sealing ------------------------------------------------------------------------------------------------------ */

/* The lists of what has grown, as they become. */
struct growth {
    struct arena *arena;
    size_t count, capacity;
    const char **levels, **indexes, **tiles;
};

static void note_tile(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    struct growth *growth = context;
    if (growth->count == growth->capacity)
        abort(); /* there is room for every tile that so many rows can make */
    growth->levels[growth->count] = arena_printf(growth->arena, "%u", name->level);
    growth->indexes[growth->count] = arena_printf(growth->arena, "%" PRIu64, name->index);
    growth->tiles[growth->count++] =
        arena_printf(growth->arena, "\"\\%s\"", tile_write_bytea(hashes, name->width * sizeof(*hashes), growth->arena));
}

/* "{a,b}" */
static const char *array_of(struct arena *arena, const char *const *items, size_t count)
{
    size_t length = 3;
    for (size_t i = 0; i < count; i++)
        length += strlen(items[i]) + 1;
    char *text = arena_alloc(arena, length), *at = text;
    for (size_t i = 0; i < count; i++) {
        *at++ = i == 0 ? '{' : ',';
        at = stpcpy(at, items[i]);
    }
    memcpy(at, count > 0 ? "}" : "{}", count > 0 ? 2 : 3);
    return text;
}

/* What one row adds to the tree. */
static bool add_row(struct tile_edge *edge, const char *const *cells, struct growth *growth, char **why)
{
    struct event event;
    struct arena *arena = arena_create();
    bool good = event_read(cells, arena, &event);
    if (good) {
        struct merkle_hash leaf = event_leaf(&event, arena);
        tile_edge_add(edge, &leaf, note_tile, growth);
    }
    arena_destroy(arena);
    return good || say("a row of the access log cannot be read", why);
}

static bool keep(struct script *script, const char *const reached[3], const struct tile_edge *edge,
                 const char *const *last, const struct growth *growth, char **why)
{
    struct arena *arena = growth->arena;
    struct merkle_hash root = tile_edge_root(edge);
    struct db_rows rows;
    const char *values[] = {reached[0],
                            reached[1],
                            reached[2],
                            arena_printf(arena, "%" PRIu64, edge->size),
                            tile_write_bytea(&root, sizeof(root), arena),
                            last[EVENT_TXID],
                            last[EVENT_ID],
                            array_of(arena, growth->levels, growth->count),
                            array_of(arena, growth->indexes, growth->count),
                            array_of(arena, growth->tiles, growth->count)};
    return script_call(script,
                       "select samsyn.seal(row($1::bigint, $2::xid8, $3::uuid)::samsyn.log_position, $4::bigint, "
                       "$5::bytea, $6::xid8, $7::uuid, $8::smallint[], $9::bigint[], $10::bytea[])",
                       10, values, arena, &rows, why);
}

static struct growth begin_growth(struct arena *arena, size_t rows)
{
    size_t most = 2 * (rows / TILE_WIDTH) + 4 * (size_t)TILE_LEVELS;
    return (struct growth){.arena = arena,
                           .capacity = most,
                           .levels = arena_alloc(arena, most * sizeof(char *)),
                           .indexes = arena_alloc(arena, most * sizeof(char *)),
                           .tiles = arena_alloc(arena, most * sizeof(char *))};
}

/* The rows behind `reached`, which is size, transaction and row. */
static bool seal_rows(struct script *script, const char *const reached[3], size_t most, struct arena *arena,
                      size_t *sealed, uint64_t *size, char **why)
{
    const char *values[] = {reached[1], reached[2], arena_printf(arena, "%zu", most)};
    struct tile_edge edge;
    struct db_rows rows;
    if (!script_call(script, "select " EVENT_COLUMNS " from samsyn.unsealed_events($1::xid8, $2::uuid, $3::integer) e",
                     3, values, arena, &rows, why))
        return false;
    if (rows.rows == 0)
        return true;
    if (!store_edge(script, strtoull(reached[0], NULL, 10), &edge, why))
        return false;
    struct growth growth = begin_growth(arena, rows.rows);
    const char *const *cells = (const char *const *)rows.cells;
    for (size_t i = 0; i < rows.rows; i++)
        if (!add_row(&edge, cells + i * EVENT_CELLS, &growth, why))
            return false;
    tile_edge_partial(&edge, note_tile, &growth);
    if (!keep(script, reached, &edge, cells + (rows.rows - 1) * EVENT_CELLS, &growth, why))
        return false;
    *sealed = rows.rows;
    *size = edge.size;
    return true;
}

bool store_seal(struct script *script, size_t most, size_t *sealed, uint64_t *size, char **why)
{
    struct arena *arena = arena_create();
    struct db_rows reached;
    *sealed = 0;
    bool good =
        script_run(script, "begin", why) &&
        script_call(script, "select size, txid, id from samsyn.begin_sealing()", 0, NULL, arena, &reached, why) &&
        (reached.rows == 0 || seal_rows(script, (const char *const *)reached.cells, most, arena, sealed, size, why)) &&
        script_commit(script, why);
    arena_destroy(arena);
    return good;
}
