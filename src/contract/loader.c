#include "contract/loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCES_MAX = 16, TOKEN_MAX = 256 };

bool loader_fail(struct loader *loader, const char *pointer, const char *format, ...)
{
    if (loader->why)
        return false;
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    if (asprintf(&loader->why, "%s: %s", *pointer ? pointer : "/", text) < 0)
        abort();
    free(text);
    return false;
}

const char *loader_child(struct loader *loader, const char *pointer, const char *key)
{
    size_t length = strlen(pointer);
    char *child = arena_alloc(loader->arena, length + 2 + 2 * strlen(key));
    memcpy(child, pointer, length);
    char *out = child + length;
    *out++ = '/';
    for (; *key; key++) {
        if (*key == '~' || *key == '/') {
            *out++ = '~';
            *out++ = *key == '~' ? '0' : '1';
        } else {
            *out++ = *key;
        }
    }
    return child;
}

const char *loader_item(struct loader *loader, const char *pointer, size_t index)
{
    return arena_printf(loader->arena, "%s/%zu", pointer, index);
}

/* Unescapes one reference token into `token`; returns what follows it, or NULL when it is malformed. */
static const char *read_token(const char *text, char token[static TOKEN_MAX])
{
    size_t length = 0;
    for (; *text && *text != '/'; text++) {
        if (length == TOKEN_MAX - 1 || (*text == '~' && text[1] != '0' && text[1] != '1'))
            return NULL;
        token[length++] = *text != '~' ? *text : *++text == '0' ? '~' : '/';
    }
    token[length] = '\0';
    return text;
}

bool loader_find(const struct loader *loader, const char *pointer, json_t **found)
{
    char token[TOKEN_MAX];
    json_t *node = loader->document;
    while (node && *pointer == '/') {
        pointer = read_token(pointer + 1, token);
        if (!pointer)
            return false;
        if (json_is_array(node))
            node = json_array_get(node, strtoul(token, NULL, 10));
        else
            node = json_object_get(node, token);
    }
    *found = node;
    return node && !*pointer;
}

bool loader_follow(struct loader *loader, json_t **node, const char **pointer)
{
    for (int i = 0; i < REFERENCES_MAX; i++) {
        const json_t *member = json_object_get(*node, "$ref");
        if (!member)
            return true;
        const char *reference = json_string_value(member);
        if (!reference || strncmp(reference, "#/components/", 13) != 0)
            return loader_fail(loader, *pointer, "a $ref must lead into #/components/");
        json_t *found = NULL;
        if (!loader_find(loader, reference + 1, &found))
            return loader_fail(loader, *pointer, "$ref %s leads nowhere", reference);
        *node = found;
        *pointer = reference + 1;
    }
    return loader_fail(loader, *pointer, "$ref goes round in a circle");
}

const char *loader_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}
