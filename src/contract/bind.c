#include "contract/contract.h"

#include <stdlib.h>
#include <string.h>

#include "contract/schema.h"
#include "contract/text.h"
#include "contract/value.h"

struct binding {
    const struct operation *operation;
    struct arena *arena;
    struct violations *violations;
    json_t *values; /* parameter name -> typed value */
    bool *seen;     /* of each parameter */
};

static const char *place_of(const struct binding *binding, const struct parameter *parameter)
{
    static const char *const places[] = {
        [PARAMETER_PATH] = "path", [PARAMETER_QUERY] = "query", [PARAMETER_HEADER] = "header"};
    return arena_printf(binding->arena, "/%s/%s", places[parameter->place], parameter->name);
}

static json_t *refuse(const struct binding *binding, const char *pointer, const char *rule, const char *en,
                      const char *sv)
{
    violations_add(binding->violations, pointer, rule, en, sv);
    return NULL;
}

static json_t *refuse_encoding(const struct binding *binding, const char *pointer)
{
    return refuse(binding, pointer, "encoding", "must be percent-encoded UTF-8", "ska vara procentkodad UTF-8");
}

/* A number as JSON writes one, nothing around it, and an integer in digits alone: 1e1 is one to JSON Schema, but in an
 * address it would only be a second way of writing 10. NULL for anything else. */
static json_t *read_number(const char *text, bool integer)
{
    size_t length = strlen(text);
    if (length == 0 || !strchr("-0123456789", text[0]) || !strchr("0123456789", text[length - 1]) ||
        (integer && strspn(text + 1, "0123456789") != length - 1))
        return NULL;
    json_t *value = json_loadb(text, length, JSON_DECODE_ANY, NULL);
    return value ? value_normalise(value) : NULL;
}

static json_t *convert_number(const struct binding *binding, const char *text, bool integer, const char *pointer)
{
    json_t *value = read_number(text, integer);
    if (value && (!integer || json_is_integer(value)))
        return value;
    json_decref(value);
    if (integer)
        return refuse(binding, pointer, "type", "must be an integer", "ska vara ett heltal");
    return refuse(binding, pointer, "type", "must be a number", "ska vara ett tal");
}

static json_t *convert(const struct binding *binding, const struct parameter *parameter, const char *text,
                       const char *pointer)
{
    if (parameter->type == VALUE_INTEGER || parameter->type == VALUE_NUMBER)
        return convert_number(binding, text, parameter->type == VALUE_INTEGER, pointer);
    if (parameter->type != VALUE_BOOLEAN) {
        json_t *value = json_string(text);
        return value ? value : refuse_encoding(binding, pointer);
    }
    if (strcmp(text, "true") == 0)
        return json_true();
    if (strcmp(text, "false") == 0)
        return json_false();
    return refuse(binding, pointer, "type", "must be true or false", "ska vara true eller false");
}

/* Splits at the commas before decoding, so that an encoded comma belongs to its item. */
static json_t *convert_array(const struct binding *binding, const char *raw, size_t length, bool encoded,
                             const char *pointer)
{
    json_t *array = json_array();
    for (const char *at = raw;; at++) {
        const char *comma = memchr(at, ',', length - (size_t)(at - raw));
        const char *end = comma ? comma : raw + length;
        const char *text = encoded ? text_decode(at, (size_t)(end - at), true, binding->arena)
                                   : arena_strndup(binding->arena, at, (size_t)(end - at));
        if (!text || json_array_append_new(array, json_string(text)) != 0) {
            json_decref(array);
            return refuse_encoding(binding, pointer);
        }
        if (!comma)
            return array;
        at = comma;
    }
}

/* Takes what the client sent for `parameter`: percent-encoded when it comes from the query. */
static void bind_value(struct binding *binding, const struct parameter *parameter, const char *raw, size_t length)
{
    const char *pointer = place_of(binding, parameter);
    bool encoded = parameter->place == PARAMETER_QUERY;
    json_t *value = NULL;
    if (parameter->type == VALUE_TEXT_ARRAY) {
        value = convert_array(binding, raw, length, encoded, pointer);
    } else {
        const char *text =
            encoded ? text_decode(raw, length, true, binding->arena) : arena_strndup(binding->arena, raw, length);
        value = text ? convert(binding, parameter, text, pointer) : refuse_encoding(binding, pointer);
    }
    if (!value)
        return;
    schema_validate(parameter->schema, value, pointer, binding->arena, binding->violations);
    json_object_set_new(binding->values, parameter->name, value);
}

static void bind_path(struct binding *binding, const struct route *route)
{
    for (size_t i = 0; i < binding->operation->parameter_count; i++) {
        const struct parameter *parameter = &binding->operation->parameters[i];
        for (size_t v = 0; v < route->value_count; v++) {
            if (parameter->place != PARAMETER_PATH || strcmp(parameter->name, route->values[v].name) != 0)
                continue;
            binding->seen[i] = true;
            bind_value(binding, parameter, route->values[v].value, strlen(route->values[v].value));
        }
    }
}

static size_t find_query_parameter(const struct operation *operation, const char *name)
{
    size_t i = 0;
    while (i < operation->parameter_count &&
           (operation->parameters[i].place != PARAMETER_QUERY || strcmp(operation->parameters[i].name, name) != 0))
        i++;
    return i;
}

/* One "name=value" of the query. */
static void bind_query_piece(struct binding *binding, const char *piece, size_t length)
{
    const char *equals = memchr(piece, '=', length);
    size_t name_length = equals ? (size_t)(equals - piece) : length;
    const char *name = text_decode(piece, name_length, true, binding->arena);
    if (!name) {
        refuse_encoding(binding, "/query");
        return;
    }
    const char *pointer = text_is_name(name) ? arena_printf(binding->arena, "/query/%s", name) : "/query";
    size_t i = find_query_parameter(binding->operation, name);
    if (i == binding->operation->parameter_count) {
        refuse(binding, pointer, "unknown", "is not a parameter of this operation", "är ingen parameter här");
    } else if (binding->seen[i]) {
        refuse(binding, pointer, "repeated", "is given more than once", "anges mer än en gång");
    } else {
        binding->seen[i] = true;
        const char *value = equals ? equals + 1 : piece + length;
        bind_value(binding, &binding->operation->parameters[i], value, (size_t)(piece + length - value));
    }
}

static void bind_query(struct binding *binding, const char *query)
{
    while (query && *query) {
        size_t length = strcspn(query, "&");
        if (length > 0)
            bind_query_piece(binding, query, length);
        query += length + (query[length] == '&');
    }
}

static void bind_headers(struct binding *binding, header_reader header, void *request)
{
    for (size_t i = 0; i < binding->operation->parameter_count; i++) {
        const struct parameter *parameter = &binding->operation->parameters[i];
        const char *value = parameter->place == PARAMETER_HEADER ? header(request, parameter->name) : NULL;
        if (!value)
            continue;
        binding->seen[i] = true;
        bind_value(binding, parameter, value, strlen(value));
    }
}

/* The default is copied: the contract is shared between threads, and reference counts are not atomic. */
static void bind_absent(struct binding *binding)
{
    for (size_t i = 0; i < binding->operation->parameter_count; i++) {
        const struct parameter *parameter = &binding->operation->parameters[i];
        if (binding->seen[i])
            continue;
        if (parameter->required)
            refuse(binding, place_of(binding, parameter), "required", "is required", "krävs");
        else if (parameter->fallback)
            json_object_set_new(binding->values, parameter->name, json_deep_copy(parameter->fallback));
    }
}

static void release(void *value)
{
    json_decref(value);
}

json_t *contract_bind(const struct operation *operation, const struct route *route, const char *query,
                      header_reader header, void *request, struct arena *arena, struct violations *violations)
{
    struct binding binding = {operation, arena, violations, json_object(), NULL};
    if (!binding.values)
        abort();
    arena_defer(arena, release, binding.values);
    binding.seen = arena_alloc(arena, (operation->parameter_count + 1) * sizeof(*binding.seen));
    bind_path(&binding, route);
    bind_query(&binding, query);
    bind_headers(&binding, header, request);
    bind_absent(&binding);
    return binding.values;
}
