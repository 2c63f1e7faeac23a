#include "operation/links.h"

#include <ctype.h>
#include <string.h>

bool links_permitted(const char *permissions, const char *permission)
{
    if (!permission)
        return true;
    size_t length = strlen(permission);
    for (const char *at = permissions ? strstr(permissions, permission) : NULL; at; at = strstr(at + 1, permission))
        if (at > permissions && strchr("{,\"", at[-1]) && strchr("},\"", at[length]) && at[length])
            return true;
    return false;
}

static const json_t *request_value(const struct link_context *context, const char *expression)
{
    static const char *const places[] = {"$request.path.", "$request.query."};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(expression, places[i], strlen(places[i])) == 0)
            return json_object_get(context->parameters, expression + strlen(places[i]));
    return NULL;
}

/* Follows an RFC 6901 pointer through objects; our link expressions point at names that need no escapes. */
static const json_t *body_value(const json_t *value, const char *pointer)
{
    while (value && *pointer == '/') {
        size_t length = strcspn(++pointer, "/");
        value = json_object_getn(value, pointer, length);
        pointer += length;
    }
    return value;
}

/* Adds the value of a link's parameter, encoded for a path segment or a query; false when there is none. */
static bool add_value(struct buffer *buffer, const struct link_context *context, const char *expression)
{
    const char *pointer = strchr(expression, '#');
    const json_t *value;
    if (*expression != '$') {
        buffer_url(buffer, expression);
        return true;
    }
    value = pointer ? body_value(context->body, pointer + 1) : request_value(context, expression);
    if (json_is_string(value))
        buffer_url(buffer, json_string_value(value));
    else if (json_is_integer(value))
        buffer_number(buffer, (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        buffer_put(buffer, json_is_true(value) ? "true" : "false");
    else
        return false;
    return true;
}

static const char *expression_of(const struct link *link, const char *name, size_t length)
{
    for (size_t i = 0; i < link->count; i++)
        if (strlen(link->parameters[i].name) == length && memcmp(link->parameters[i].name, name, length) == 0)
            return link->parameters[i].expression;
    return NULL;
}

static bool add_path(struct buffer *buffer, const struct link_context *context, const struct link *link)
{
    for (const char *at = link->target->path; *at;) {
        size_t literal = strcspn(at, "{");
        buffer_add(buffer, at, literal);
        at += literal;
        if (*at != '{')
            break;
        size_t length = strcspn(at + 1, "}");
        const char *expression = expression_of(link, at + 1, length);
        if (!expression || !add_value(buffer, context, expression))
            return false;
        at += length + 2;
    }
    return true;
}

static bool in_path(const struct link *link, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(link->target->path, '{'); at; at = strchr(at + 1, '{'))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}')
            return true;
    return false;
}

bool links_address(struct buffer *buffer, const struct link_context *context, const struct link *link)
{
    size_t before = buffer->length;
    char separator = '?';
    buffer_put(buffer, context->base_url);
    buffer_put(buffer, context->base_path);
    bool complete = add_path(buffer, context, link);
    for (size_t i = 0; complete && i < link->count; i++) {
        if (in_path(link, link->parameters[i].name))
            continue;
        buffer_byte(buffer, separator);
        buffer_url(buffer, link->parameters[i].name);
        buffer_byte(buffer, '=');
        complete = add_value(buffer, context, link->parameters[i].expression);
        separator = '&';
    }
    if (!complete) {
        buffer->length = before;
        buffer->bytes[before] = '\0';
    }
    return complete;
}

/* x-when: every property named must have one of the values listed. */
static bool applies(const struct link *link, const json_t *body)
{
    const char *property;
    json_t *allowed;
    json_object_foreach(link->when, property, allowed)
    {
        const json_t *value = json_object_get(body, property);
        bool met = false;
        for (size_t i = 0; !met && i < json_array_size(allowed); i++)
            met = json_equal(value, json_array_get(allowed, i));
        if (!met)
            return false;
    }
    return true;
}

static void open_member(struct buffer *buffer, const char *rel, bool *first)
{
    buffer_put(buffer, *first ? "" : ",");
    buffer_json(buffer, rel);
    buffer_put(buffer, ":{\"href\":\"");
    *first = false;
}

static void close_member(struct buffer *buffer, const char *rel, const char *method)
{
    buffer_put(buffer, "\",\"rel\":");
    buffer_json(buffer, rel);
    buffer_put(buffer, ",\"method\":\"");
    buffer_put(buffer, method);
    buffer_put(buffer, "\"}");
}

void links_member(struct buffer *buffer, const char *rel, const char *href, const char *method, bool *first)
{
    open_member(buffer, rel, first);
    buffer_put(buffer, href);
    close_member(buffer, rel, method);
}

void links_add(struct buffer *buffer, const struct link_context *context, const struct link *links, size_t count,
               bool but_self, bool *first)
{
    for (size_t i = 0; i < count; i++) {
        const struct link *link = &links[i];
        size_t before = buffer->length;
        bool was_first = *first;
        if ((but_self && strcmp(link->rel, "self") == 0) ||
            !links_permitted(context->permissions, link->target->permission) ||
            (link->when && !applies(link, context->body)))
            continue;
        open_member(buffer, link->rel, first);
        if (links_address(buffer, context, link)) {
            close_member(buffer, link->rel, link->target->method);
        } else {
            buffer->length = before;
            buffer->bytes[before] = '\0';
            *first = was_first;
        }
    }
}

void links_raw(struct buffer *buffer, const char *raw, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)raw[i];
        bool escape =
            byte == '%' && length - i > 2 && isxdigit((unsigned char)raw[i + 1]) && isxdigit((unsigned char)raw[i + 2]);
        if (escape || (byte < 0x80 && (isalnum(byte) || (byte && strchr("-._~!$&'()*+,;=:@/?", byte))))) {
            buffer_byte(buffer, raw[i]);
        } else {
            char encoded[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            buffer_add(buffer, encoded, sizeof(encoded));
        }
    }
}

void links_query(struct buffer *buffer, const char *query, const char *name, const char *value)
{
    size_t name_length = strlen(name);
    char separator = '?';
    for (const char *at = query; at && *at;) {
        size_t length = strcspn(at, "&");
        bool replaced = length > name_length && at[name_length] == '=' && memcmp(at, name, name_length) == 0;
        if (length > 0 && !replaced) {
            buffer_byte(buffer, separator);
            links_raw(buffer, at, length);
            separator = '&';
        }
        at += length + (at[length] == '&');
    }
    if (value) {
        buffer_byte(buffer, separator);
        buffer_url(buffer, name);
        buffer_byte(buffer, '=');
        buffer_url(buffer, value);
    }
}
