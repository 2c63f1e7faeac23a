#include "operation/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A spreadsheet takes a cell that begins so for a formula and carries it out (OWASP, "CSV injection"); an apostrophe
 * in front makes it text. */
static bool formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

static void add_field(struct buffer *buffer, const char *text)
{
    bool quote = formula(text) || strpbrk(text, ",\"\r\n") || *text == ' ';
    if (quote)
        buffer_byte(buffer, '"');
    if (formula(text))
        buffer_byte(buffer, '\'');
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            buffer_byte(buffer, '"');
        buffer_byte(buffer, *at);
    }
    if (quote)
        buffer_byte(buffer, '"');
}

static void add_json(struct buffer *buffer, const json_t *value)
{
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!json)
        abort();
    if (json_is_number(value))
        buffer_put(buffer, json);
    else
        add_field(buffer, json);
    free(json);
}

/* The lists of our exports hold identifiers and codes, in which no space can stand. */
static void add_list(struct buffer *buffer, const json_t *list)
{
    struct buffer field = buffer_begin(buffer->arena, 64);
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        buffer_put(&field, i ? " " : "");
        buffer_put(&field, json_string_value(item));
    }
    add_field(buffer, field.bytes);
}

static bool of_strings(const json_t *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) if (!json_is_string(item)) return false;
    return json_is_array(value);
}

static void add_value(struct buffer *buffer, const json_t *value)
{
    if (json_is_string(value))
        add_field(buffer, json_string_value(value));
    else if (of_strings(value))
        add_list(buffer, value);
    else if (value && !json_is_null(value))
        add_json(buffer, value);
}

void csv_header(struct buffer *buffer, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_put(buffer, i ? "," : "");
        add_field(buffer, names[i]);
    }
    buffer_put(buffer, "\r\n");
}

void csv_record(struct buffer *buffer, const char *const *names, size_t count, const json_t *row)
{
    for (size_t i = 0; i < count; i++) {
        buffer_put(buffer, i ? "," : "");
        add_value(buffer, json_object_get(row, names[i]));
    }
    buffer_put(buffer, "\r\n");
}
