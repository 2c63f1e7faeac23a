#include "log/archive.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/base64.h"
#include "log/event.h"
#include "log/store.h"

enum { PAGE = 512, GROUP = TILE_WIDTH };

static bool say(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool say(char **why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(why, format, arguments) < 0)
        abort();
    va_end(arguments);
    return false;
}

/* -- the checkpoint ----------------------------------------------------------------------------------------------- */

static bool read_note(const char *text, struct arena *arena, struct note *note, struct archive *archive, char **why)
{
    const char *fault = note_parse(text, strlen(text), arena, note);
    if (!fault)
        fault = checkpoint_parse(note->text, arena, &archive->checkpoint);
    archive->note = text;
    if (fault)
        say(why, "the checkpoint of the archive: %s", fault);
    return !fault;
}

bool archive_begin(struct script *script, const char *month, uint64_t size, struct arena *arena,
                   struct archive *archive, char **why)
{
    const char *values[] = {arena_printf(arena, "%" PRIu64, size)};
    struct db_rows rows;
    struct note note;
    if (!script_call(script, "select samsyn.checkpoint($1)", 1, values, arena, &rows, why))
        return false;
    if (!rows.cells[0]) {
        say(why, "this log has signed no tree of %" PRIu64 " entries", size);
        return false;
    }
    archive->month = month;
    return read_note(rows.cells[0], arena, &note, archive, why);
}

/* Every signature that the archive shows must be one that the database keeps: with others it would not verify later. */
static bool is_signed(const struct note *note, const struct archive *known)
{
    size_t length = strlen(note->text);
    bool good = note->count > 0 && strncmp(known->note, note->text, length) == 0 && known->note[length] == '\n' &&
                strcmp(note->signatures[0].name, known->checkpoint.origin) == 0;
    for (size_t i = 0; good && i < note->count; i++)
        good = strstr(known->note, note->signatures[i].line) != NULL;
    return good;
}

bool archive_resume(struct script *script, const char *month, const char *line, size_t length, struct arena *arena,
                    struct archive *archive, char **why)
{
    json_t *header = json_loadb(line, length, 0, NULL);
    const char *of = json_string_value(json_object_get(header, "month"));
    const char *text = json_string_value(json_object_get(header, "checkpoint"));
    struct archive known;
    struct note note;
    bool good = of && text && strcmp(of, month) == 0;
    if (!good)
        say(why, "the file is no archive of the access log of %s", month);
    archive->month = month;
    good = good && read_note(arena_strdup(arena, text), arena, &note, archive, why) &&
           archive_begin(script, month, archive->checkpoint.size, arena, &known, why) &&
           (is_signed(&note, &known) || say(why, "the checkpoint of the archive is not one that this log has signed"));
    json_decref(header);
    return good;
}

/* -- lines -------------------------------------------------------------------------------------------------------- */

struct maker {
    struct script *script;
    const struct archive *archive;
    archive_emit emit;
    void *context;
    EVP_MD_CTX *hash;
    struct archive_sum *sum;

    bool any; /* a tile has begun */
    uint64_t tile;
    unsigned width;
    struct merkle_hash hashes[TILE_WIDTH];

    struct arena *group; /* lends what proves the tiles below one tile of level 1 */
    struct tile_set set;
};

/* Steals the line. */
static bool emit(struct maker *maker, json_t *line, char **why)
{
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (!text)
        return say(why, "a row is not text in UTF-8");
    size_t length = strlen(text);
    text[length++] = '\n';
    if (EVP_DigestUpdate(maker->hash, text, length) != 1)
        abort();
    bool good = maker->emit(maker->context, text, length, why);
    free(text);
    return good;
}

static bool emit_tile(struct maker *maker, const struct merkle_proof *proof, struct arena *arena, char **why)
{
    size_t size = maker->width * sizeof(*maker->hashes);
    char *text = arena_alloc(arena, BASE64_ENCODED_SIZE(size));
    base64_encode(maker->hashes[0].bytes, size, text);
    maker->sum->tiles++;
    return emit(maker,
                json_pack("{s:I, s:s, s:o}", "tile", (json_int_t)maker->tile, "hashes", text, "proof",
                          checkpoint_proof_json(proof)),
                why);
}

static json_t *list_of(const struct event_list *list)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(items, json_string(list->items[i]));
    return items;
}

static bool emit_row(struct maker *maker, uint64_t index, const struct event *event, char **why)
{
    json_t *row = json_object();
    for (size_t i = 0; i < EVENT_FIELDS; i++)
        json_object_set_new(row, event_names[i].column,
                            event_names[i].kind != EVENT_IS_TEXT ? list_of(&event->lists[i])
                            : event->texts[i]                    ? json_string(event->texts[i])
                                                                 : json_null());
    json_object_set_new(row, "nonce", json_string(event->nonce));
    maker->sum->events++;
    return emit(maker, json_pack("{s:I, s:o}", "index", (json_int_t)index, "row", row), why);
}

/* -- tiles -------------------------------------------------------------------------------------------------------- */

/* The node over the last tile of level 0 where it is not whole: of its complete subtrees, from the right. */
static bool last_node(const struct merkle_source *inner, uint64_t size, struct merkle_hash *hash)
{
    bool any = false, good = true;
    uint64_t end = size;
    for (unsigned level = 0; good && level < TILE_HEIGHT; level++) {
        struct merkle_hash left;
        if (!(size >> level & 1))
            continue;
        end -= UINT64_C(1) << level;
        good = inner->subtree(inner->context, level, end >> level, &left);
        *hash = any ? merkle_node(&left, hash) : left;
        any = true;
    }
    return good;
}

/* The tree whose leaves are the nodes over the tiles: RFC 6962 splits at powers of two, so it is the same one. */
static bool node_subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    struct maker *maker = context;
    struct merkle_source inner = tile_set_source(&maker->set);
    struct merkle_hash left, right;
    if ((index + 1) << (level + TILE_HEIGHT) <= maker->archive->checkpoint.size)
        return inner.subtree(inner.context, level + TILE_HEIGHT, index, hash);
    if (level == 0)
        return last_node(&inner, maker->archive->checkpoint.size, hash);
    if (!node_subtree(maker, level - 1, 2 * index, &left) || !node_subtree(maker, level - 1, 2 * index + 1, &right))
        return false;
    *hash = merkle_node(&left, &right);
    return true;
}

static bool prove_tile(struct maker *maker, struct merkle_proof *proof, char **why)
{
    const struct checkpoint *checkpoint = &maker->archive->checkpoint;
    uint64_t nodes = checkpoint->size / TILE_WIDTH + (checkpoint->size % TILE_WIDTH != 0);
    struct merkle_source source = {.subtree = node_subtree, .context = maker};
    struct merkle_hash node = tile_node(maker->hashes, maker->width);
    bool good = merkle_prove_inclusion(&source, maker->tile, nodes, proof);
    if (good && !tile_set_complete(&maker->set)) {
        if (!store_fetch(maker->script, &maker->set, why))
            return false;
        good = merkle_prove_inclusion(&source, maker->tile, nodes, proof);
    }
    good = good && merkle_verify_inclusion(&node, maker->tile, nodes, &checkpoint->root, proof);
    return good || say(why, "tile %" PRIu64 " of the log is not what was signed", maker->tile);
}

static bool fetch_hashes(struct maker *maker, struct arena *arena, char **why)
{
    struct tile_set set;
    tile_set_begin(&set, arena);
    tile_set_want(&set, 0, maker->tile, maker->width);
    if (!store_fetch(maker->script, &set, why))
        return false;
    memcpy(maker->hashes, set.tiles[0].hashes, maker->width * sizeof(*maker->hashes));
    return true;
}

static bool begin_tile(struct maker *maker, uint64_t tile, char **why)
{
    if (!maker->any || tile / GROUP != maker->tile / GROUP) {
        arena_destroy(maker->group);
        maker->group = arena_create();
        tile_set_begin(&maker->set, maker->group);
    }
    maker->any = true;
    maker->tile = tile;
    maker->width = tile_width(0, tile, maker->archive->checkpoint.size);
    if (maker->width == 0)
        return say(why, "the checkpoint is of a tree without entry %" PRIu64, tile * TILE_WIDTH);
    struct arena *arena = arena_create();
    struct merkle_proof proof;
    bool good =
        fetch_hashes(maker, arena, why) && prove_tile(maker, &proof, why) && emit_tile(maker, &proof, arena, why);
    arena_destroy(arena);
    return good;
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

static bool add_row(struct maker *maker, const char *const *cells, char **why)
{
    uint64_t index = strtoull(cells[0], NULL, 10);
    struct event event;
    if (!cells[1])
        return say(why, "entry %" PRIu64 " is missing", index);
    if ((!maker->any || index / TILE_WIDTH != maker->tile) && !begin_tile(maker, index / TILE_WIDTH, why))
        return false;
    struct arena *arena = arena_create();
    bool good = index % TILE_WIDTH < maker->width && event_read(cells + 1, arena, &event);
    if (good) {
        struct merkle_hash leaf = event_leaf(&event, arena);
        good = merkle_equal(&leaf, &maker->hashes[index % TILE_WIDTH]);
    }
    good = good ? emit_row(maker, index, &event, why)
                : say(why, "entry %" PRIu64 ": the row is not what was sealed", index);
    arena_destroy(arena);
    return good;
}

/* The rows behind entry `*after`, which becomes the last of them; `*more` is false when there are none. */
static bool add_page(struct maker *maker, int64_t *after, bool *more, char **why)
{
    enum { CELLS = 1 + EVENT_CELLS };
    struct arena *arena = arena_create();
    struct db_rows rows;
    const char *values[] = {arena_printf(arena, "%s-01", maker->archive->month),
                            arena_printf(arena, "%" PRId64, *after), arena_printf(arena, "%d", PAGE)};
    bool good =
        script_call(maker->script,
                    "select r.index, " EVENT_COLUMNS " from samsyn.log_month_rows($1::date, $2::bigint, $3::integer) r "
                    "cross join lateral (select (r.event).*) e order by r.index",
                    3, values, arena, &rows, why);
    for (size_t i = 0; good && i < rows.rows; i++)
        good = add_row(maker, (const char *const *)rows.cells + i * CELLS, why);
    *more = good && rows.rows == PAGE;
    if (good && rows.rows > 0)
        *after = strtoll(rows.cells[(rows.rows - 1) * CELLS], NULL, 10);
    arena_destroy(arena);
    return good;
}

static bool make(struct maker *maker, char **why)
{
    const struct archive *archive = maker->archive;
    int64_t after = -1;
    bool more = true;
    bool good = emit(maker,
                     json_pack("{s:i, s:s, s:s, s:s}", "samsynArchive", 1, "origin", archive->checkpoint.origin,
                               "month", archive->month, "checkpoint", archive->note),
                     why);
    while (good && more)
        good = add_page(maker, &after, &more, why);
    return good && emit(maker,
                        json_pack("{s:b, s:I, s:I}", "end", 1, "events", (json_int_t)maker->sum->events, "tiles",
                                  (json_int_t)maker->sum->tiles),
                        why);
}

bool archive_make(struct script *script, const struct archive *archive, archive_emit emit_line, void *context,
                  struct archive_sum *sum, char **why)
{
    struct maker maker = {.script = script,
                          .archive = archive,
                          .emit = emit_line,
                          .context = context,
                          .hash = EVP_MD_CTX_new(),
                          .sum = sum};
    *sum = (struct archive_sum){0};
    if (!maker.hash || EVP_DigestInit_ex(maker.hash, EVP_sha256(), NULL) != 1)
        abort();
    bool good = make(&maker, why);
    if (EVP_DigestFinal_ex(maker.hash, sum->sha256, NULL) != 1)
        abort();
    EVP_MD_CTX_free(maker.hash);
    arena_destroy(maker.group);
    return good;
}
