#include "contract/contract.h"

#include <string.h>

#include "contract/text.h"
#include "contract/value.h"

enum { DEPTH_MAX = 32 };

/* Counts brackets outside strings before anything is built; the parser itself would recurse 2,048 deep. */
static bool too_deep(const char *bytes, size_t length)
{
    bool in_string = false;
    size_t depth = 0;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > DEPTH_MAX)
                return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* jansson's own texts quote the input, so they are replaced. */
static const char *explain(const json_error_t *error, struct arena *arena)
{
    const char *text = "not valid JSON";
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        text = "the same key twice in an object";
        break;
    case json_error_premature_end_of_input:
        text = "the JSON ends too early";
        break;
    case json_error_end_of_input_expected:
        text = "something follows after the JSON value";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        text = "U+0000 is not allowed";
        break;
    case json_error_numeric_overflow:
        text = "a number out of range";
        break;
    default:
        break;
    }
    return arena_printf(arena, "line %d, column %d: %s", error->line, error->column, text);
}

static void release(void *value)
{
    json_decref(value);
}

json_t *contract_parse_body(const char *bytes, size_t length, struct arena *arena, const char **why)
{
    *why = NULL;
    if (length == 0)
        *why = "the body is empty";
    else if (!text_is_utf8(bytes, length))
        *why = "not well-formed UTF-8";
    else if (memchr(bytes, '\0', length))
        *why = "a NUL byte is not allowed";
    else if (too_deep(bytes, length))
        *why = "nested more than 32 levels deep";
    if (*why)
        return NULL;
    json_error_t error;
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        *why = explain(&error, arena);
        return NULL;
    }
    /* 1.0 is an integer to the contract but not to SQL's cast: it becomes 1. */
    value = value_normalise(value);
    arena_defer(arena, release, value);
    return value;
}
