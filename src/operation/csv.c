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

static void add_value(struct buffer *buffer, const json_t *value)
{
    if (json_is_string(value)) {
        add_field(buffer, json_string_value(value));
    } else if (value && !json_is_null(value)) {
        char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        if (!json)
            abort();
        if (json_is_number(value))
            buffer_put(buffer, json);
        else
            add_field(buffer, json);
        free(json);
    }
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
