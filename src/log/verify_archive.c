/* The lines of an archive: whole rows, below the tiles that they were sealed in. */
#include <inttypes.h>
#include <string.h>

#include "log/base64.h"
#include "log/event.h"
#include "log/verify_lines.h"

void verify_archive_header(struct verify *verify, json_t *header)
{
    static const char *const names[] = {"samsynArchive", "origin", "month", "checkpoint", NULL};
    const json_t *origin = json_object_get(header, "origin"), *note = json_object_get(header, "checkpoint");
    const char *month = json_string_value(json_object_get(header, "month"));
    if (json_integer_value(json_object_get(header, "samsynArchive")) != 1 || !origin || !month ||
        strlen(month) != strlen("2026-11")) {
        verify_wrong(verify, "the archive is of a version that is not known here; nothing below can be checked");
        verify->lost = true;
        return;
    }
    verify->summary.month = arena_strdup(verify->arena, month);
    verify_only(verify, header, names);
    verify_head(verify, origin, json_string_value(note), json_string_length(note));
}

static bool read_hashes(struct verify *verify, const json_t *text)
{
    unsigned char bytes[BASE64_DECODED_SIZE(BASE64_ENCODED_SIZE(sizeof(verify->tile.hashes)))];
    size_t size, length = json_string_length(text);
    if (!json_is_string(text) || BASE64_DECODED_SIZE(length) > sizeof(bytes) ||
        !base64_decode(json_string_value(text), length, bytes, &size) ||
        size != (size_t)verify->tile.width * MERKLE_HASH)
        return false;
    memcpy(verify->tile.hashes, bytes, size);
    return true;
}

/* A tree of whole tiles, and a narrower one at its end, is a tree of the nodes over them (RFC 6962 2.1 splits at powers
 * of two): so a tile is proved as a leaf is. */
static const char *check_tile(struct verify *verify, json_t *line)
{
    const struct checkpoint *head = &verify->summary.head.checkpoint;
    struct merkle_proof proof;
    uint64_t index;
    if (!verify_read_count(json_object_get(line, "tile"), &index))
        return "the line has no tile that is a number";
    if (verify->tile.any && index <= verify->tile.index)
        return "the tile is not behind the one before it";
    verify->tile.any = true;
    verify->tile.index = index;
    verify->tile.width = index <= head->size / TILE_WIDTH ? tile_width(0, index, head->size) : 0;
    if (verify->tile.width == 0)
        return "the log is not that long";
    if (!read_hashes(verify, json_object_get(line, "hashes")))
        return "the tile has not as many hashes as it must have";
    struct merkle_hash node = tile_node(verify->tile.hashes, verify->tile.width);
    uint64_t nodes = head->size / TILE_WIDTH + (head->size % TILE_WIDTH != 0);
    if (!verify_read_proof(json_object_get(line, "proof"), &proof) ||
        !merkle_verify_inclusion(&node, index, nodes, &head->root, &proof))
        return "the hashes of the tile are not those in the log";
    return NULL;
}

static void take_tile(struct verify *verify, json_t *line)
{
    static const char *const names[] = {"tile", "hashes", "proof", NULL};
    verify->tile.tiles++;
    verify->tile.good = false;
    if (!verify_only(verify, line, names))
        return;
    const char *why = check_tile(verify, line);
    verify->tile.good = !why;
    if (why) {
        verify_wrong(verify, "%s", why);
        return;
    }
    verify->tile.next = verify->tile.index * TILE_WIDTH;
    verify->summary.hidden += verify->tile.width;
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

static bool read_list(const json_t *value, struct arena *arena, struct event_list *list)
{
    size_t count = json_array_size(value);
    const char **items = arena_alloc(arena, (count + 1) * sizeof(*items));
    if (!json_is_array(value) || count > EVENT_ITEMS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!(items[i] = json_string_value(json_array_get(value, i))))
            return false;
    *list = (struct event_list){items, count};
    return true;
}

static bool read_row(const json_t *row, struct arena *arena, struct event *event)
{
    *event = (struct event){.nonce = json_string_value(json_object_get(row, "nonce"))};
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        const json_t *value = json_object_get(row, event_names[i].column);
        if (event_names[i].kind != EVENT_IS_TEXT) {
            if (!read_list(value, arena, &event->lists[i]))
                return false;
        } else if (json_is_string(value)) {
            event->texts[i] = json_string_value(value);
        } else if (!json_is_null(value)) {
            return false;
        }
    }
    return event->nonce && event->texts[EVENT_ID] && event->texts[EVENT_AT] && event->texts[EVENT_OUTCOME];
}

static const char *check_row(struct verify *verify, const json_t *row, uint64_t index, struct arena *arena)
{
    struct event event;
    if (index / TILE_WIDTH != verify->tile.index || index % TILE_WIDTH >= verify->tile.width)
        return "the row is not in the tile before it";
    if (index < verify->tile.next)
        return "the row is not behind the one before it, or there twice";
    if (!read_row(row, arena, &event))
        return "the row lacks a column, or has one of another type";
    if (strncmp(event.texts[EVENT_AT], verify->summary.month, strlen(verify->summary.month)) != 0)
        return "the row is of another month";
    struct merkle_hash leaf = event_leaf(&event, arena);
    if (!merkle_equal(&leaf, &verify->tile.hashes[index % TILE_WIDTH]))
        return "what the row says is not what is in the log at that place";
    verify->tile.next = index + 1;
    verify->summary.hidden--;
    verify_shown(verify, event.texts[EVENT_AT]);
    return NULL;
}

static void note_names(struct verify *verify, json_t *row)
{
    static const char *const names[] = {
#define X(identifier, column, name, kind) column,
        EVENT_TABLE(X)
#undef X
            "nonce",
        NULL};
    verify_note_unsealed(verify, row, names);
}

static void take_row(struct verify *verify, json_t *line)
{
    static const char *const names[] = {"index", "row", NULL};
    uint64_t index;
    verify->summary.events++;
    if (!verify_only(verify, line, names))
        return;
    if (!verify_read_count(json_object_get(line, "index"), &index)) {
        verify_wrong(verify, "the line has no index that is a number");
        return;
    }
    json_t *row = json_object_get(line, "row");
    struct arena *arena = arena_create();
    const char *why =
        verify->tile.good ? check_row(verify, row, index, arena) : "there is no tile before it to check it with";
    if (why)
        verify_wrong(verify, "entry %" PRIu64 ": %s", index, why);
    else
        note_names(verify, row);
    arena_destroy(arena);
}

void verify_archive_line(struct verify *verify, json_t *line)
{
    if (json_object_get(line, "tile"))
        take_tile(verify, line);
    else
        take_row(verify, line);
}

void verify_archive_end(struct verify *verify, json_t *line)
{
    uint64_t tiles;
    if (!verify_read_count(json_object_get(line, "tiles"), &tiles) || tiles != verify->tile.tiles)
        verify_wrong(verify, "the last line says another number of tiles than the %" PRIu64 " before it",
                     verify->tile.tiles);
}
