#include "operation/document.h"

#include <ctype.h>
#include <string.h>

enum { REFERENCES_MAX = 16 };

static const json_t *follow(const json_t *document, const char *reference)
{
    const json_t *node = document;
    const char *at = *reference == '#' ? reference + 1 : "";
    while (node && *at == '/') {
        size_t length = strcspn(++at, "/");
        node = json_object_getn(node, at, length);
        at += length;
    }
    return node;
}

const json_t *document_resolve(const json_t *document, const json_t *node)
{
    for (int i = 0; i < REFERENCES_MAX; i++) {
        const char *reference = json_string_value(json_object_get(node, "$ref"));
        if (!reference)
            return node;
        node = follow(document, reference);
    }
    return NULL;
}

const json_t *document_operation(const json_t *document, const struct operation *operation)
{
    char method[16] = "";
    for (size_t i = 0; i < sizeof(method) - 1 && operation->method[i]; i++)
        method[i] = (char)tolower((unsigned char)operation->method[i]);
    return json_object_get(json_object_get(json_object_get(document, "paths"), operation->path), method);
}

const char *document_text(const json_t *object, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : fallback;
}

static const char *type_name(const json_t *schema)
{
    const json_t *type = json_object_get(schema, "type");
    const char *name = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
    return name ? name : json_object_get(schema, "enum") ? "string" : "object";
}

const char *document_type(struct arena *arena, const json_t *document, const json_t *schema)
{
    const char *reference = document_text(schema, "$ref", NULL);
    const char *format = document_text(document_resolve(document, schema), "format", NULL);
    const json_t *items = json_object_get(schema, "items");
    if (reference && strrchr(reference, '/'))
        return strrchr(reference, '/') + 1;
    if (items)
        return arena_printf(arena, "list of %s", document_type(arena, document, items));
    return format ? arena_printf(arena, "%s (%s)", type_name(schema), format) : type_name(schema);
}
