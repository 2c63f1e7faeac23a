/* The tree: its hashes level by level, its roots, and who has signed them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/base64.h"
#include "log/verify_audit.h"

enum { TREE_SIZE, TREE_ROOT, TREE_TXID, TREE_ID, TREE_NOT_BEFORE, TREE_LINES };
enum { TILE_INDEX, TILE_HASHES };
enum { TILE_CHARACTERS = BASE64_ENCODED_SIZE(TILE_WIDTH * MERKLE_HASH) };

#define HASHES "translate(encode(t.hashes, 'base64'), E'\\n', '')"

/* -- keys --------------------------------------------------------------------------------------------------------- */

static bool is_given(const struct verify_keys *keys, const struct note_verifier *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].name, key->name) == 0 && memcmp(keys->keys[i].id, key->id, NOTE_KEY_ID) == 0)
            return true;
    return false;
}

/* What the database says of keys is believed of nobody; but that it differs from what was given must be said. */
static void check_key(struct audit *audit, const char *const *cells)
{
    struct note_verifier key = {.name = ""};
    char id[2 * NOTE_KEY_ID + 1];
    struct arena *arena = arena_create();
    bool log = strcmp(cells[2], "log") == 0;
    const char *why = note_verifier_parse(cells[1], arena, &key);
    for (size_t i = 0; i < NOTE_KEY_ID; i++)
        snprintf(id + 2 * i, 3, "%02x", key.id[i]);
    if (why || strcmp(key.name, cells[0]) != 0 || (key.kind == NOTE_SIGNED) != log || strcmp(id, cells[3]) != 0)
        audit_find(audit, DATABASE_SIGNATURE, "the key %s: what is kept of it is not a key of that name", cells[0]);
    else if (log && !is_given(&audit->check->trust->log, &key))
        audit_find(audit, DATABASE_SIGNATURE, "the key %s has signed for the log, and was not given", cells[1]);
    arena_destroy(arena);
}

static bool check_keys(struct audit *audit)
{
    struct db_rows rows;
    struct arena *arena = arena_create();
    bool good = script_rows(audit->check->script,
                            "select name, verifier, kind, encode(key_id, 'hex') from samsyn.log_keys order by name, "
                            "first_used_at",
                            arena, &rows, audit->why);
    for (size_t i = 0; good && i < rows.rows; i++)
        check_key(audit, (const char *const *)rows.cells + i * rows.columns);
    arena_destroy(arena);
    return good;
}

bool audit_trees_begin(struct audit *audit)
{
    static const char trees[] = "select t.size, encode(t.root, 'base64'), t.last_txid, t.last_id,\n"
                                "    samsyn.utc_micro(t.sealed_at - interval '1 hour'),\n"
                                "    (select string_agg(s.line, '' order by s.name, s.key_id) from "
                                "samsyn.log_signatures s where s.size = t.size)\n"
                                "from samsyn.log_trees t order by t.size";
    struct script *script = audit->check->script;
    return check_keys(audit) &&
           verify_cursor_open(&audit->tiles, script, "log_audit_tiles", "fetch 64 from log_audit_tiles",
                              "select t.index, " HASHES " from samsyn.log_tiles t where t.level = 0 order by t.index",
                              audit->why) &&
           verify_cursor_open(&audit->trees, script, "log_audit_trees", "fetch 500 from log_audit_trees", trees,
                              audit->why);
}

/* -- hashes ------------------------------------------------------------------------------------------------------- */

static unsigned read_hashes(const char *text, struct merkle_hash hashes[TILE_WIDTH])
{
    unsigned char bytes[BASE64_DECODED_SIZE(TILE_CHARACTERS)];
    size_t size, length = strlen(text);
    if (length >= TILE_CHARACTERS || !base64_decode(text, length, bytes, &size) || size % MERKLE_HASH != 0)
        return 0;
    memcpy(hashes, bytes, size);
    return (unsigned)(size / MERKLE_HASH);
}

/* Reads the tile of level 0 that begins at this entry. */
static void read_tile(struct audit *audit, uint64_t tile)
{
    unsigned expected = tile_width(0, tile, audit->check->newest.size);
    const char *const *cells = verify_cursor_peek(&audit->tiles, audit->why);
    audit->width = 0;
    if (cells && strtoull(cells[TILE_INDEX], NULL, 10) == tile) {
        audit->width = read_hashes(cells[TILE_HASHES], audit->hashes);
        verify_cursor_move(&audit->tiles);
    }
    if (audit->width < expected)
        audit_find(audit, DATABASE_TREE, "the hashes of the entries from %" PRIu64 " on are missing",
                   tile * TILE_WIDTH + audit->width);
    else if (audit->width > expected)
        audit_find(audit, DATABASE_TREE, "there are hashes of entries behind the last tree: the log was longer once");
}

const struct merkle_hash *audit_trees_hash(struct audit *audit, uint64_t index)
{
    if (index % TILE_WIDTH == 0)
        read_tile(audit, index / TILE_WIDTH);
    return index % TILE_WIDTH < audit->width ? &audit->hashes[index % TILE_WIDTH] : NULL;
}

/* A tile above the lowest level as it must be, against the one that is kept. */
static void check_upper(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    struct audit *audit = context;
    if (name->level == 0)
        return;
    struct arena *arena = arena_create();
    struct merkle_hash *kept = arena_alloc(arena, TILE_WIDTH * sizeof(*kept));
    const char *values[] = {arena_printf(arena, "%u", name->level), arena_printf(arena, "%" PRIu64, name->index)};
    const char *const *cells = audit_row(
        audit,
        "select t.index, " HASHES " from samsyn.log_tiles t where t.level = $1::smallint and t.index = $2::bigint", 2,
        values, arena);
    audit->upper++;
    if (!cells || read_hashes(cells[TILE_HASHES], kept) != name->width ||
        memcmp(kept, hashes, name->width * sizeof(*kept)) != 0)
        audit_find(audit, DATABASE_TREE, "the tile %" PRIu64 " of level %u is not what the level below it makes",
                   name->index, name->level);
    arena_destroy(arena);
}

/* -- trees -------------------------------------------------------------------------------------------------------- */

static void check_signatures(struct audit *audit, const struct checkpoint *checkpoint, const char *lines)
{
    struct database_check *check = audit->check;
    struct verified verified;
    struct arena *arena = arena_create();
    const char *note = arena_printf(arena, "%s\n%s", checkpoint_text(checkpoint, arena), lines);
    const char *why = verify_note(check->trust, 0, note, strlen(note), arena, &verified);
    check->signed_trees++;
    if (why) {
        audit_find(audit, DATABASE_SIGNATURE, "the checkpoint of %" PRIu64 " entries: %s", checkpoint->size, why);
    } else {
        check->newest_signed = verified;
        check->newest_signed.checkpoint.origin = checkpoint->origin;
        if (verified.cosigned >= check->trust->needed)
            check->cosigned_size = checkpoint->size;
    }
    arena_destroy(arena);
}

/* The tree that ends where the entries have come to. */
static void check_tree(struct audit *audit, const char *const *tree)
{
    struct database_check *check = audit->check;
    struct merkle_hash root;
    struct checkpoint checkpoint = {
        .origin = check->trust->log.keys[0].name, .size = audit->range.size, .root = merkle_range_root(&audit->range)};
    check->trees++;
    if (!checkpoint_hash_parse(tree[TREE_ROOT], &root) || !merkle_equal(&root, &checkpoint.root))
        audit_find(audit, DATABASE_TREE, "the root of the tree of %" PRIu64 " entries is not what its hashes make",
                   checkpoint.size);
    if (audit->behind == checkpoint.size &&
        (strcmp(tree[TREE_TXID], audit->txid) != 0 || strcmp(tree[TREE_ID], audit->id) != 0))
        audit_find(audit, DATABASE_TREE, "the tree of %" PRIu64 " entries does not end where it says", checkpoint.size);
    if (tree[TREE_LINES])
        check_signatures(audit, &checkpoint, tree[TREE_LINES]);
    snprintf(audit->not_before, sizeof(audit->not_before), "%s", tree[TREE_NOT_BEFORE]);
}

static void check_kept(struct audit *audit)
{
    const struct checkpoint *kept = audit->check->kept;
    if (!kept || kept->size != audit->range.size)
        return;
    struct merkle_hash root = merkle_range_root(&audit->range);
    if (!merkle_equal(&root, &kept->root))
        audit_find(audit, DATABASE_KEPT,
                   "the log of %" PRIu64 " entries is another one than by the checkpoint that was kept", kept->size);
}

void audit_trees_step(struct audit *audit, const struct merkle_hash *hash)
{
    audit->broken = audit->broken || !hash;
    if (audit->broken)
        return;
    merkle_range_add(&audit->range, hash);
    tile_edge_add(audit->edge, hash, check_upper, audit);
    check_kept(audit);
    const char *const *tree = verify_cursor_peek(&audit->trees, audit->why);
    while (tree && strtoull(tree[TREE_SIZE], NULL, 10) <= audit->range.size) {
        check_tree(audit, tree);
        verify_cursor_move(&audit->trees);
        tree = verify_cursor_peek(&audit->trees, audit->why);
    }
}

/* -- the end ------------------------------------------------------------------------------------------------------ */

static void check_rest(struct audit *audit)
{
    struct arena *arena = arena_create();
    tile_edge_partial(audit->edge, check_upper, audit);
    const char *const *cells =
        audit_row(audit, "select count(*) from samsyn.log_tiles where level > 0", 0, NULL, arena);
    if (cells && strtoull(cells[0], NULL, 10) > audit->upper)
        audit_find(audit, DATABASE_TREE, "there are tiles that no tree of this size has: the log was longer once");
    arena_destroy(arena);
}

void audit_trees_end(struct audit *audit)
{
    const struct database_check *check = audit->check;
    if (verify_cursor_peek(&audit->tiles, audit->why))
        audit_find(audit, DATABASE_TREE, "there are hashes of entries behind the last tree: the log was longer once");
    if (audit->broken)
        audit_find(audit, DATABASE_TREE, "hashes are missing: no tree from %" PRIu64 " entries on could be checked",
                   audit->range.size + 1);
    else
        check_rest(audit);
    if (!check->newest_signed.checkpoint.origin)
        audit_find(audit, DATABASE_SIGNATURE, "there is no checkpoint that a given key has signed");
    if (check->trust->needed > 0 && check->cosigned_size == 0)
        audit_find(audit, DATABASE_SIGNATURE, "no checkpoint is cosigned by %zu of the given witnesses",
                   check->trust->needed);
    if (check->kept && check->kept->size > audit->range.size)
        audit_find(audit, DATABASE_KEPT,
                   "the log had %" PRIu64 " entries by the checkpoint that was kept, and %" PRIu64 " can be checked",
                   check->kept->size, audit->range.size);
}
