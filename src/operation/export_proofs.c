#include "operation/export_proofs.h"

#include <stdlib.h>
#include <string.h>

#include "log/checkpoint.h"
#include "operation/proof.h"
#include "operation/stream.h"

/* Events proved together: the tiles of so many are in memory at a time. */
enum { GROUP = 512 };

struct proving {
    struct buffer header;
    uint64_t size; /* of the checkpoint */
    long long events;
    const struct errand *errand; /* of the part */
    const char *const *bodies;   /* of the part, and how many; which is next; up to which they are prepared */
    size_t count, next, prepared;
    struct arena *arena; /* of the group, as what follows */
    struct tile_set tiles;
    struct proof_event found[GROUP];
    json_t *told[GROUP];
};

/* -- a group ------------------------------------------------------------------------------------------------------ */

static void forget_group(struct proving *proving)
{
    for (size_t i = 0; i < GROUP; i++) {
        json_decref(proving->told[i]);
        proving->told[i] = NULL;
        proving->found[i] = (struct proof_event){0};
    }
    arena_destroy(proving->arena);
    proving->arena = NULL;
}

static bool read_told(struct proving *proving, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *told = proving->told[i] = json_loads(proving->bodies[proving->next + i], 0, NULL);
        proving->found[i].id = json_string_value(json_object_get(told, "id"));
        proving->found[i].at = json_string_value(json_object_get(told, "at"));
        if (!proving->found[i].id || !proving->found[i].at)
            return false;
    }
    return true;
}

static bool covered(const struct proving *proving, const struct proof_event *event)
{
    return event->found && event->index < proving->size;
}

/* Reads the rows of the next group and fetches the tiles that prove them. The reply is on its way: what goes wrong is
 * logged, and breaks it. */
static bool prepare(struct proving *proving)
{
    struct reply nowhere = {0};
    struct errand errand = *proving->errand;
    size_t left = proving->count - proving->next, count = left < GROUP ? left : GROUP;
    struct merkle_proof proof;
    forget_group(proving);
    errand.reply = &nowhere;
    errand.arena = proving->arena = arena_create();
    if (!read_told(proving, count) || !proof_events(&errand, proving->found, count))
        return false;
    tile_set_begin(&proving->tiles, proving->arena);
    struct merkle_source source = tile_set_source(&proving->tiles);
    for (size_t i = 0; i < count; i++)
        if (covered(proving, &proving->found[i]))
            merkle_prove_inclusion(&source, proving->found[i].index, proving->size, &proof);
    proving->prepared = proving->next + count;
    return proof_fetch(&errand, &proving->tiles);
}

/* -- the lines ---------------------------------------------------------------------------------------------------- */

static void put_header(void *context, struct buffer *text)
{
    const struct proving *proving = context;
    buffer_add(text, proving->header.bytes, proving->header.length);
}

static bool take_part(void *context, const struct errand *errand, const char *const *bodies, size_t count)
{
    struct proving *proving = context;
    proving->errand = errand;
    proving->bodies = bodies;
    proving->count = count;
    proving->next = proving->prepared = 0;
    return true;
}

static bool put_proved(struct proving *proving, size_t at, const char *body, struct buffer *text)
{
    struct merkle_proof proof;
    const struct proof_event *event = &proving->found[at];
    struct merkle_source source = tile_set_source(&proving->tiles);
    json_t *opening = event_open(&event->row, proving->told[at], event->own);
    if (!opening || !merkle_prove_inclusion(&source, event->index, proving->size, &proof)) {
        json_decref(opening);
        return false;
    }
    buffer_put(text, "{\"index\":");
    buffer_number(text, (long long)event->index);
    buffer_put(text, ",\"event\":");
    buffer_put(text, body);
    buffer_put(text, ",\"opening\":");
    buffer_put(text, proof_text(proving->arena, opening));
    buffer_put(text, ",\"proof\":");
    buffer_put(text, proof_text(proving->arena, checkpoint_proof_json(&proof)));
    buffer_put(text, "}\n");
    proving->events++;
    return true;
}

static bool put_row(void *context, const char *body, struct buffer *text)
{
    struct proving *proving = context;
    if (proving->next == proving->prepared && !prepare(proving))
        return false;
    size_t at = proving->next++ % GROUP;
    return !covered(proving, &proving->found[at]) || put_proved(proving, at, body, text);
}

static void put_end(void *context, struct buffer *text)
{
    const struct proving *proving = context;
    buffer_put(text, "{\"end\":true,\"events\":");
    buffer_number(text, proving->events);
    buffer_put(text, "}\n");
}

static const struct stream_writer writer = {.begin = put_header, .part = take_part, .row = put_row, .end = put_end};

/* -- the beginning ------------------------------------------------------------------------------------------------ */

static uint64_t size_of(const char *checkpoint)
{
    return strtoull(strchr(checkpoint, '\n') + 1, NULL, 10);
}

/* False with the reply made the problem. */
static bool write_header(struct errand *errand, const json_t *head, struct proving *proving, struct arena *arena)
{
    struct merkle_proof proof;
    const char *checkpoint = json_string_value(json_object_get(head, "checkpoint"));
    const char *since = json_string_value(json_object_get(head, "since"));
    struct buffer text = buffer_begin(arena, 1024);
    buffer_put(&text, "{\"samsynExport\":1,\"origin\":");
    buffer_json(&text, arena_strndup(arena, checkpoint, strcspn(checkpoint, "\n")));
    buffer_put(&text, ",\"checkpoint\":");
    buffer_json(&text, checkpoint);
    if (since) {
        if (!proof_consistency(errand, size_of(since), proving->size, &proof))
            return false;
        buffer_put(&text, ",\"since\":{\"checkpoint\":");
        buffer_json(&text, since);
        buffer_put(&text, ",\"proof\":");
        buffer_put(&text, proof_text(arena, checkpoint_proof_json(&proof)));
        buffer_byte(&text, '}');
    }
    buffer_put(&text, "}\n");
    proving->header = text;
    return true;
}

static void forget(void *context)
{
    forget_group(context);
}

void export_proofs(struct errand *errand, const json_t *head)
{
    struct arena *arena = arena_create();
    struct proving *proving = arena_alloc(arena, sizeof(*proving));
    arena_defer(arena, forget, proving);
    proving->size = (uint64_t)json_integer_value(json_object_get(head, "size"));
    if (write_header(errand, head, proving, arena))
        stream_answer(errand, arena, &writer, proving);
    else
        arena_destroy(arena);
}
