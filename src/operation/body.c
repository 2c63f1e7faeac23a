#include "operation/body.h"

#include <stdlib.h>
#include <string.h>

/* Adds the object `json` up to its closing brace; `*first` tells whether it is empty. */
static void open_object(struct buffer *buffer, const char *json, bool *first)
{
    size_t length = strlen(json);
    while (length > 0 && strchr(" \t\r\n}", json[length - 1])) {
        length--;
        if (json[length] == '}')
            break;
    }
    buffer_add(buffer, json, length);
    size_t inner = buffer->length;
    while (inner > 0 && strchr(" \t\r\n", buffer->bytes[inner - 1]))
        inner--;
    *first = inner == 0 || buffer->bytes[inner - 1] == '{';
}

static void add_linked(struct buffer *buffer, struct body_context *context, const char *json, const struct link *links,
                       size_t count)
{
    bool first;
    open_object(buffer, json, &first);
    buffer_put(buffer, first ? "\"_links\":{" : ",\"_links\":{");
    first = true;
    links_add(buffer, &context->links, links, count, false, &first);
    buffer_put(buffer, "}}");
}

static const struct link *self_of(const struct operation *operation)
{
    for (size_t i = 0; i < operation->link_count; i++)
        if (strcmp(operation->links[i].rel, "self") == 0)
            return &operation->links[i];
    return NULL;
}

struct buffer body_single(struct arena *arena, struct body_context *context, const char *json, const char **location)
{
    const struct operation *operation = context->operation;
    const struct link *self = self_of(operation);
    struct buffer buffer = buffer_begin(arena, strlen(json) + 256 * operation->link_count + 32);
    json_t *body = operation->link_count ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
    context->links.body = body;
    add_linked(&buffer, context, json, operation->links, operation->link_count);
    *location = NULL;
    if (self && operation->success == 201) {
        struct buffer address = buffer_begin(arena, 128);
        *location = links_address(&address, &context->links, self) ? address.bytes : NULL;
    }
    context->links.body = NULL;
    json_decref(body);
    return buffer;
}

/* The rows with a body: the last has none when there are none, or when a list by cursor paused there. */
static size_t present(const struct db_rows *rows)
{
    bool bare = rows->rows > 0 && !rows->cells[(rows->rows - 1) * rows->columns + COLUMN_BODY];
    return rows->rows - bare;
}

static void add_items(struct buffer *buffer, struct body_context *context, const struct db_rows *rows)
{
    const struct operation *operation = context->operation;
    for (size_t i = 0; i < present(rows); i++) {
        const char *json = rows->cells[i * rows->columns + COLUMN_BODY];
        json_t *item = operation->item_link_count && json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
        buffer_put(buffer, i ? "," : "");
        context->links.body = item;
        add_linked(buffer, context, json ? json : "{}", operation->item_links, operation->item_link_count);
        context->links.body = NULL;
        json_decref(item);
    }
}

static void add_page_link(struct buffer *buffer, struct body_context *context, const char *rel, const char *name,
                          const char *value, bool *first)
{
    struct buffer href = buffer_begin(buffer->arena, 256);
    buffer_put(&href, context->url);
    links_query(&href, context->query, name, value);
    links_member(buffer, rel, href.bytes, context->operation->method, first);
}

static void add_numbered(struct buffer *buffer, struct body_context *context, const char *rel, long long page,
                         bool *first)
{
    add_page_link(buffer, context, rel, "page", arena_printf(buffer->arena, "%lld", page), first);
}

static void add_page_links(struct buffer *buffer, struct body_context *context, long long total, bool *first)
{
    long long last = total > 0 ? (total - 1) / context->limit + 1 : 1;
    add_numbered(buffer, context, "self", context->page, first);
    add_numbered(buffer, context, "first", 1, first);
    add_numbered(buffer, context, "last", last, first);
    if (context->page < last)
        add_numbered(buffer, context, "next", context->page + 1, first);
    if (context->page > 1)
        add_numbered(buffer, context, "prev", context->page - 1 < last ? context->page - 1 : last, first);
}

static void add_cursor_links(struct buffer *buffer, struct body_context *context, const struct db_rows *rows,
                             bool *first)
{
    size_t count = present(rows);
    bool paused = count < rows->rows;
    const char *cursor = rows->rows ? rows->cells[(rows->rows - 1) * rows->columns + COLUMN_EXTRA] : NULL;
    struct buffer self = buffer_begin(buffer->arena, 256);
    buffer_put(&self, context->url);
    links_query(&self, context->query, "", NULL);
    links_member(buffer, "self", self.bytes, context->operation->method, first);
    add_page_link(buffer, context, "first", "cursor", NULL, first);
    if (cursor && (paused || (long long)count >= context->limit))
        add_page_link(buffer, context, "next", "cursor", cursor, first);
}

static void add_meta(struct buffer *buffer, const char *name, long long value)
{
    buffer_put(buffer, buffer->bytes[buffer->length - 1] == '{' ? "" : ",");
    buffer_json(buffer, name);
    buffer_byte(buffer, ':');
    buffer_number(buffer, value);
}

struct buffer body_list(struct arena *arena, struct body_context *context, enum shape shape, const struct db_rows *rows)
{
    struct buffer buffer = buffer_begin(arena, 1024 + rows->rows * 1024);
    const char *total = shape == SHAPE_LIST && rows->rows ? rows->cells[COLUMN_EXTRA] : NULL;
    long long total_records = total ? strtoll(total, NULL, 10) : 0;
    long long offset = 0;
    bool first = true;
    if (__builtin_mul_overflow(context->page - 1, context->limit, &offset))
        offset = INT64_MAX;
    buffer_byte(&buffer, '{');
    buffer_json(&buffer, context->operation->collection);
    buffer_put(&buffer, ":[");
    add_items(&buffer, context, rows);
    buffer_put(&buffer, "],\"_meta\":{");
    if (shape == SHAPE_LIST) {
        add_meta(&buffer, "totalRecords", total_records);
        add_meta(&buffer, "page", context->page);
        add_meta(&buffer, "offset", offset);
    }
    add_meta(&buffer, "limit", context->limit);
    add_meta(&buffer, "count", (long long)present(rows));
    buffer_put(&buffer, "},\"_links\":{");
    if (shape == SHAPE_LIST)
        add_page_links(&buffer, context, total_records, &first);
    else
        add_cursor_links(&buffer, context, rows, &first);
    links_add(&buffer, &context->links, context->operation->links, context->operation->link_count, true, &first);
    buffer_put(&buffer, "}}");
    return buffer;
}
