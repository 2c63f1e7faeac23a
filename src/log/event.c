#include "log/event.h"

#include <stdlib.h>
#include <string.h>

#include "log/checkpoint.h"
#include "log/commitment.h"
#include "log/sha256.h"

const struct event_name event_names[EVENT_FIELDS] = {
#define X(identifier, column, name, kind) {column, name, kind},
    EVENT_TABLE(X)
#undef X
};

static const char first_line[] = "samsyn-access-event/2\n";

/* The items of "{a,b}": identifiers and codes, which PostgreSQL never quotes. */
static bool read_list(const char *cell, struct arena *arena, struct event_list *list)
{
    size_t length = cell ? strlen(cell) : 0;
    if (length < 2 || cell[0] != '{' || cell[length - 1] != '}' || strpbrk(cell, "\"\\ "))
        return false;
    if (length == 2)
        return true;
    char *text = arena_strndup(arena, cell + 1, length - 2);
    size_t count = 1;
    for (const char *at = text; *at; at++)
        count += *at == ',';
    const char **items = arena_alloc(arena, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i] = text;
        text += strcspn(text, ",");
        *text++ = '\0';
    }
    *list = (struct event_list){items, count};
    return count <= EVENT_ITEMS_MAX;
}

bool event_read(const char *const cells[EVENT_CELLS], struct arena *arena, struct event *event)
{
    *event = (struct event){.nonce = cells[EVENT_NONCE]};
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        if (event_names[i].kind == EVENT_IS_TEXT)
            event->texts[i] = cells[i];
        else if (!read_list(cells[i], arena, &event->lists[i]))
            return false;
    }
    return event->nonce && event->texts[EVENT_ID] && event->texts[EVENT_OUTCOME];
}

static bool is_denied(const struct event *event)
{
    return strcmp(event->texts[EVENT_OUTCOME], "denied") == 0;
}

static struct commitment commit(const struct event *event, size_t field)
{
    return (struct commitment){.nonce = event->nonce,
                               .name = event_names[field].column,
                               .least = is_denied(event) ? EVENT_SLOTS_DENIED : EVENT_SLOTS,
                               .items = event->lists[field].items,
                               .count = event->lists[field].count};
}

/* -- the canonical form ------------------------------------------------------------------------------------------- */

/* A text that grows; lines are put at its end. */
struct form {
    struct arena *arena;
    char *bytes;
    size_t length, capacity;
};

static void put(struct form *form, const char *bytes, size_t length)
{
    if (form->length + length + 1 > form->capacity) {
        size_t capacity = 2 * (form->length + length + 1);
        char *larger = arena_alloc(form->arena, capacity);
        memcpy(larger, form->bytes, form->length);
        form->bytes = larger;
        form->capacity = capacity;
    }
    memcpy(form->bytes + form->length, bytes, length);
    form->length += length;
    form->bytes[form->length] = '\0';
}

static void put_text(struct form *form, const char *text)
{
    put(form, text, strlen(text));
}

/* A number, then `mark`; or `mark` before it when `before`. */
static void put_number(struct form *form, size_t number)
{
    char digits[24];
    char *at = digits + sizeof(digits);
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(form, at, (size_t)(digits + sizeof(digits) - at));
}

static void put_value(struct form *form, const char *value)
{
    size_t length = strlen(value);
    put_number(form, length);
    put(form, ":", 1);
    put(form, value, length);
}

static void put_list(struct form *form, const struct event_list *list)
{
    put(form, "*", 1);
    put_number(form, list->count);
    for (size_t i = 0; i < list->count; i++) {
        put(form, " ", 1);
        put_value(form, list->items[i]);
    }
}

static void put_commitment(struct form *form, const struct merkle_hash *hash)
{
    static const char digits[] = "0123456789abcdef";
    char hex[1 + 2 * MERKLE_HASH] = "#";
    for (size_t i = 0; i < MERKLE_HASH; i++) {
        hex[1 + 2 * i] = digits[hash->bytes[i] >> 4];
        hex[2 + 2 * i] = digits[hash->bytes[i] & 15];
    }
    put(form, hex, sizeof(hex));
}

/* The form of what is open in `event` and of the commitments. */
static struct form write_form(const struct event *event, const struct merkle_hash commitments[EVENT_FIELDS],
                              struct arena *arena)
{
    struct form form = {.arena = arena, .bytes = arena_alloc(arena, 2048), .capacity = 2048};
    put_text(&form, first_line);
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        put_text(&form, event_names[i].column);
        put(&form, " ", 1);
        if (event_names[i].kind == EVENT_IS_COMMITTED)
            put_commitment(&form, &commitments[i]);
        else if (event_names[i].kind == EVENT_IS_LIST)
            put_list(&form, &event->lists[i]);
        else if (event->texts[i])
            put_value(&form, event->texts[i]);
        else
            put(&form, "-", 1);
        put(&form, "\n", 1);
    }
    return form;
}

static struct form canonical(const struct event *event, struct arena *arena)
{
    struct merkle_hash commitments[EVENT_FIELDS];
    for (size_t i = 0; i < EVENT_FIELDS; i++)
        if (event_names[i].kind == EVENT_IS_COMMITTED) {
            struct commitment it = commit(event, i);
            commitments[i] = commitment_hash(&it);
        }
    return write_form(event, commitments, arena);
}

const char *event_canonical(const struct event *event, struct arena *arena)
{
    return canonical(event, arena).bytes;
}

struct merkle_hash event_leaf(const struct event *event, struct arena *arena)
{
    struct form form = canonical(event, arena);
    return merkle_leaf(form.bytes, form.length);
}

/* -- what is shown of it ------------------------------------------------------------------------------------------ */

json_t *event_open(const struct event *event, const json_t *told, bool own)
{
    json_t *commitments = json_object();
    bool whole = own && !is_denied(event);
    bool fits = true;
    for (size_t i = 0; i < EVENT_FIELDS && fits; i++) {
        if (event_names[i].kind != EVENT_IS_COMMITTED)
            continue;
        struct commitment it = commit(event, i);
        json_t *how = commitment_open(&it, json_object_get(told, event_names[i].name), whole && i != EVENT_PARTY_IDS);
        fits = how && json_object_set_new(commitments, event_names[i].name, how) == 0;
    }
    json_t *opening =
        json_pack("{s:i, s:s, s:o}", "version", 2, "transaction", event->texts[EVENT_TXID], "commitments", commitments);
    if (fits)
        return opening;
    json_decref(opening);
    return NULL;
}

/* The texts and open lists of an event that was told, as the row has them. */
static bool read_told(const json_t *told, const json_t *opening, struct arena *arena, struct event *event)
{
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        const json_t *value = json_object_get(i == EVENT_TXID ? opening : told, event_names[i].name);
        if (event_names[i].kind == EVENT_IS_TEXT) {
            if (value && (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)))
                return false;
            event->texts[i] = json_string_value(value);
        } else if (event_names[i].kind == EVENT_IS_LIST) {
            if (value && !json_is_array(value))
                return false;
            const char **items = arena_alloc(arena, (json_array_size(value) + 1) * sizeof(*items));
            for (size_t j = 0; j < json_array_size(value); j++)
                if (!(items[j] = json_string_value(json_array_get(value, j))))
                    return false;
            event->lists[i] = (struct event_list){items, json_array_size(value)};
        }
    }
    return event->texts[EVENT_ID] && event->texts[EVENT_OUTCOME] && event->texts[EVENT_TXID];
}

const char *event_check(const json_t *told, const json_t *opening, struct arena *arena, struct merkle_hash *leaf)
{
    struct merkle_hash commitments[EVENT_FIELDS];
    struct event event = {.nonce = NULL};
    if (json_integer_value(json_object_get(opening, "version")) != 2)
        return "the opening is not of version 2";
    if (!read_told(told, opening, arena, &event))
        return "the event has a member of another type, or lacks one";
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        if (event_names[i].kind != EVENT_IS_COMMITTED)
            continue;
        struct commitment it = commit(&event, i);
        const json_t *how = json_object_get(json_object_get(opening, "commitments"), event_names[i].name);
        const char *why = commitment_check(&it, json_object_get(told, event_names[i].name), how, &commitments[i]);
        if (why)
            return arena_printf(arena, "%s: %s", event_names[i].name, why);
    }
    struct form form = write_form(&event, commitments, arena);
    *leaf = merkle_leaf(form.bytes, form.length);
    return NULL;
}
