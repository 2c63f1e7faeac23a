#include "contract/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 100 };

struct reader {
    yaml_parser_t parser;
    char **why;
};

static json_t *read_value(struct reader *reader, const yaml_event_t *event, int depth);

static void *fail(struct reader *reader, yaml_mark_t mark, const char *text)
{
    if (!*reader->why && asprintf(reader->why, "line %zu, column %zu: %s", mark.line + 1, mark.column + 1, text) < 0)
        abort();
    return NULL;
}

/* Takes the next event, which the caller then deletes. */
static bool next(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    const char *problem = reader->parser.problem ? reader->parser.problem : "not YAML in UTF-8";
    fail(reader, reader->parser.problem_mark, problem);
    return false;
}

static bool among(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* Skips the digits (of 0-7, 0-9 or 0-f) at `text`. */
static const char *skip(const char *text, const char *digits)
{
    return text + strspn(text, digits);
}

/* YAML 1.2.2 10.3.2: [-+]? [0-9]+ | 0o [0-7]+ | 0x [0-9a-fA-F]+; 0 when it is none, otherwise the base. */
static int integer_base(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits && !*skip(digits, "0123456789"))
        return 10;
    if (strncmp(text, "0o", 2) == 0 && text[2] && !*skip(text + 2, "01234567"))
        return 8;
    if (strncmp(text, "0x", 2) == 0 && text[2] && !*skip(text + 2, "0123456789abcdefABCDEF"))
        return 16;
    return 0;
}

/* YAML 1.2.2 10.3.2: [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(const char *text)
{
    const char *whole = text + (*text == '-' || *text == '+');
    const char *end = skip(whole, "0123456789");
    bool digits = end > whole;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip(fraction, "0123456789");
        digits = digits || end > fraction;
    }
    if (!digits)
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');
        end = skip(exponent, "0123456789");
        if (end == exponent)
            return false;
    }
    return !*end;
}

static json_t *resolve_plain(struct reader *reader, const char *text, yaml_mark_t mark)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const beyond[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                         "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};
    if (among(text, nulls))
        return json_null();
    if (among(text, trues))
        return json_true();
    if (among(text, falses))
        return json_false();
    if (among(text, beyond))
        return fail(reader, mark, "JSON has no infinity and no NaN");
    int base = integer_base(text);
    if (base) {
        errno = 0;
        long long value = strtoll(base == 10 ? text : text + 2, NULL, base);
        return errno ? fail(reader, mark, "an integer beyond 64 bits") : json_integer(value);
    }
    if (is_real(text)) {
        json_t *value = json_real(strtod(text, NULL));
        return value ? value : fail(reader, mark, "a number out of range");
    }
    return json_string(text);
}

static bool plain_event(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
                        const yaml_char_t *tag)
{
    if (anchor)
        fail(reader, event->start_mark, "anchors are not used in a contract");
    else if (tag)
        fail(reader, event->start_mark, "tags are not used in a contract");
    return !anchor && !tag;
}

/* Lends the text of a scalar event, or NULL. */
static const char *scalar_text(struct reader *reader, const yaml_event_t *event)
{
    if (!plain_event(reader, event, event->data.scalar.anchor, event->data.scalar.tag))
        return NULL;
    const char *text = (const char *)event->data.scalar.value;
    return strlen(text) == event->data.scalar.length ? text : fail(reader, event->start_mark, "NUL in a scalar");
}

static json_t *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = scalar_text(reader, event);
    if (!text)
        return NULL;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return resolve_plain(reader, text, event->start_mark);
    return json_string(text);
}

/* Reads the value that follows, whatever it is. */
static json_t *read_next(struct reader *reader, int depth)
{
    yaml_event_t event;
    if (!next(reader, &event))
        return NULL;
    json_t *value = read_value(reader, &event, depth);
    yaml_event_delete(&event);
    return value;
}

static bool read_member(struct reader *reader, const yaml_event_t *event, json_t *object, int depth)
{
    if (event->type != YAML_SCALAR_EVENT)
        return fail(reader, event->start_mark, "a key must be a scalar");
    const char *key = scalar_text(reader, event);
    if (!key)
        return false;
    if (json_object_get(object, key))
        return fail(reader, event->start_mark, "a duplicate key");
    json_t *value = read_next(reader, depth);
    return value && json_object_set_new(object, key, value) == 0;
}

static json_t *read_mapping(struct reader *reader, int depth)
{
    json_t *object = json_object();
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event))
            break;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        bool good = end || read_member(reader, &event, object, depth);
        yaml_event_delete(&event);
        if (end)
            return object;
        if (!good)
            break;
    }
    json_decref(object);
    return NULL;
}

static json_t *read_sequence(struct reader *reader, int depth)
{
    json_t *array = json_array();
    for (;;) {
        yaml_event_t event;
        if (!next(reader, &event))
            break;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        json_t *item = end ? NULL : read_value(reader, &event, depth);
        yaml_event_delete(&event);
        if (end)
            return array;
        if (!item)
            break;
        json_array_append_new(array, item);
    }
    json_decref(array);
    return NULL;
}

static json_t *read_value(struct reader *reader, const yaml_event_t *event, int depth)
{
    if (depth == DEPTH_MAX)
        return fail(reader, event->start_mark, "nested too deeply");
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_MAPPING_START_EVENT:
        if (!plain_event(reader, event, event->data.mapping_start.anchor, event->data.mapping_start.tag))
            return NULL;
        return read_mapping(reader, depth + 1);
    case YAML_SEQUENCE_START_EVENT:
        if (!plain_event(reader, event, event->data.sequence_start.anchor, event->data.sequence_start.tag))
            return NULL;
        return read_sequence(reader, depth + 1);
    case YAML_ALIAS_EVENT:
        return fail(reader, event->start_mark, "aliases are not used in a contract");
    default:
        return fail(reader, event->start_mark, "a value is missing");
    }
}

/* Takes the next event and requires that it is of this type. */
static bool expect(struct reader *reader, yaml_event_type_t type, const char *otherwise)
{
    yaml_event_t event;
    if (!next(reader, &event))
        return false;
    bool right = event.type == type;
    if (!right)
        fail(reader, event.start_mark, otherwise);
    yaml_event_delete(&event);
    return right;
}

json_t *yaml_load(const char *text, size_t length, char **why)
{
    struct reader reader = {.why = why};
    *why = NULL;
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    json_t *value = NULL;
    if (expect(&reader, YAML_STREAM_START_EVENT, "no stream") &&
        expect(&reader, YAML_DOCUMENT_START_EVENT, "no document"))
        value = read_next(&reader, 0);
    if (value && !(expect(&reader, YAML_DOCUMENT_END_EVENT, "the document does not end") &&
                   expect(&reader, YAML_STREAM_END_EVENT, "more than one document"))) {
        json_decref(value);
        value = NULL;
    }
    yaml_parser_delete(&reader.parser);
    return value;
}
