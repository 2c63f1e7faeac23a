#include "contract/parameter.h"

#include <string.h>
#include <strings.h>

#include "contract/schema.h"

struct reading {
    struct loader *loader;
    struct operation *operation;
    struct parameter *parameters;
    size_t count;
};

const struct parameter *parameter_find(const struct operation *operation, enum parameter_place place, const char *name)
{
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (operation->parameters[i].place == place && strcmp(operation->parameters[i].name, name) == 0)
            return &operation->parameters[i];
    return NULL;
}

static bool read_place(struct loader *loader, const json_t *node, const char *pointer, struct parameter *parameter)
{
    const char *in = loader_text(node, "in");
    const char *style = loader_text(node, "style");
    if (!parameter->name || !in)
        return loader_fail(loader, pointer, "a parameter needs `name` and `in`");
    if (strcmp(in, "path") == 0)
        parameter->place = PARAMETER_PATH;
    else if (strcmp(in, "query") == 0)
        parameter->place = PARAMETER_QUERY;
    else if (strcmp(in, "header") == 0)
        parameter->place = PARAMETER_HEADER;
    else
        return loader_fail(loader, pointer, "`in` must be path, query or header");
    const char *known = parameter->place == PARAMETER_QUERY ? "form" : "simple";
    if (style && strcmp(style, known) != 0)
        return loader_fail(loader, pointer, "the only style here is %s", known);
    if (parameter->place == PARAMETER_PATH && !parameter->required)
        return loader_fail(loader, pointer, "a path parameter must be required");
    return true;
}

static enum value_type string_type(const struct schema *schema)
{
    const struct format *format = schema_format(schema);
    if (format && strcmp(format->name, "uuid") == 0)
        return VALUE_UUID;
    if (format && strcmp(format->name, "date") == 0)
        return VALUE_DATE;
    return format && strcmp(format->name, "date-time") == 0 ? VALUE_TIMESTAMP : VALUE_TEXT;
}

static bool read_type(struct loader *loader, const json_t *node, const char *pointer, struct parameter *parameter)
{
    switch (schema_types(parameter->schema)) {
    case TYPE_STRING:
        parameter->type = string_type(parameter->schema);
        return true;
    case TYPE_INTEGER:
        parameter->type = VALUE_INTEGER;
        return true;
    case TYPE_NUMBER:
        parameter->type = VALUE_NUMBER;
        return true;
    case TYPE_BOOLEAN:
        parameter->type = VALUE_BOOLEAN;
        return true;
    case TYPE_ARRAY:
        break;
    default:
        return loader_fail(loader, pointer, "a parameter's schema must name one type, and not object or null");
    }
    parameter->type = VALUE_TEXT_ARRAY;
    const json_t *explode = json_object_get(node, "explode");
    if (parameter->place == PARAMETER_QUERY ? !json_is_false(explode) : json_is_true(explode))
        return loader_fail(loader, pointer, "an array is comma-separated: `explode` must be false");
    return schema_types(schema_items(parameter->schema)) == TYPE_STRING ||
           loader_fail(loader, pointer, "an array must be one of strings");
}

/* The default stays in the document; whoever serves it copies it. */
static bool read_default(struct loader *loader, json_t *node, const char *pointer, struct parameter *parameter)
{
    while (!json_object_get(node, "default") && json_object_get(node, "$ref"))
        if (!loader_follow(loader, &node, &pointer))
            return false;
    parameter->fallback = json_object_get(node, "default");
    if (!parameter->fallback)
        return true;
    struct violations violations = {.arena = loader->arena};
    schema_validate(parameter->schema, parameter->fallback, "", loader->arena, &violations);
    return violations.count == 0 || loader_fail(loader, pointer, "the default %s", violations.first->detail_en);
}

static bool is_ignored_header(const char *name)
{
    return strcasecmp(name, "Accept") == 0 || strcasecmp(name, "Content-Type") == 0 ||
           strcasecmp(name, "Authorization") == 0;
}

static bool read_parameter(struct loader *loader, json_t *node, const char *pointer, struct parameter *parameter)
{
    if (!loader_follow(loader, &node, &pointer))
        return false;
    parameter->name = loader_text(node, "name");
    parameter->required = json_is_true(json_object_get(node, "required"));
    parameter->rest = json_is_true(json_object_get(node, "x-rest"));
    if (!read_place(loader, node, pointer, parameter))
        return false;
    if (parameter->place == PARAMETER_HEADER && is_ignored_header(parameter->name))
        return loader_fail(loader, pointer, "OpenAPI ignores a parameter for this header");
    json_t *schema = json_object_get(node, "schema");
    if (!schema)
        return loader_fail(loader, pointer, "a parameter needs a `schema`");
    const char *schema_pointer = loader_child(loader, pointer, "schema");
    parameter->schema = schema_compile(loader, schema, schema_pointer);
    return parameter->schema && read_type(loader, node, pointer, parameter) &&
           read_default(loader, schema, schema_pointer, parameter);
}

/* A parameter of the operation takes the place of the path item's of the same name and place; any other pair of
 * equal names could not be told apart in a statement. */
static bool read_list(struct reading *reading, const json_t *list, const char *pointer, bool overrides)
{
    size_t inherited = overrides ? reading->count : 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct parameter parameter = {0};
        const char *place = loader_item(reading->loader, pointer, i);
        if (!read_parameter(reading->loader, json_array_get(list, i), place, &parameter))
            return false;
        size_t at = 0;
        while (at < reading->count && strcasecmp(reading->parameters[at].name, parameter.name) != 0)
            at++;
        if (at < reading->count && (at >= inherited || reading->parameters[at].place != parameter.place))
            return loader_fail(reading->loader, place, "two parameters are named %s", parameter.name);
        reading->parameters[at] = parameter;
        reading->count += at == reading->count;
    }
    return true;
}

static bool in_template(const char *path, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{'))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}')
            return true;
    return false;
}

static bool ends_template(const char *path, const char *name)
{
    size_t length = strlen(path), end = strlen(name) + 2;
    return length > end && strncmp(path + length - end + 1, name, end - 2) == 0 && path[length - end] == '{';
}

/* Every {name} of the path is a parameter, and every path parameter is in the path; one that takes the rest, at its
 * end. */
static bool check_template(struct reading *reading, const char *pointer)
{
    const struct operation *operation = reading->operation;
    size_t named = 0;
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->place != PARAMETER_PATH)
            continue;
        if (!in_template(operation->path, parameter->name))
            return loader_fail(reading->loader, pointer, "the path has no {%s}", parameter->name);
        if (parameter->rest && !ends_template(operation->path, parameter->name))
            return loader_fail(reading->loader, pointer, "the path does not end with {%s}", parameter->name);
        named++;
    }
    size_t braces = 0;
    for (const char *at = operation->path; *at; at++)
        braces += *at == '{';
    return named == braces || loader_fail(reading->loader, pointer, "a parameter of the path is not described");
}

bool parameter_read_all(struct loader *loader, const json_t *item, const char *item_pointer, const json_t *node,
                        const char *pointer, struct operation *operation)
{
    const json_t *inherited = json_object_get(item, "parameters");
    const json_t *own = json_object_get(node, "parameters");
    size_t most = json_array_size(inherited) + json_array_size(own) + 1;
    struct reading reading = {loader, operation, arena_alloc(loader->arena, most * sizeof(struct parameter)), 0};
    if (!read_list(&reading, inherited, loader_child(loader, item_pointer, "parameters"), false) ||
        !read_list(&reading, own, loader_child(loader, pointer, "parameters"), true))
        return false;
    operation->parameters = reading.parameters;
    operation->parameter_count = reading.count;
    for (size_t i = 0; i < reading.count; i++) {
        const struct parameter *parameter = &reading.parameters[i];
        operation->rest |= parameter->place == PARAMETER_PATH && parameter->rest;
        if (parameter->place != PARAMETER_HEADER)
            continue;
        operation->if_match |= parameter->required && strcasecmp(parameter->name, "If-Match") == 0;
        operation->idempotent_key |= strcasecmp(parameter->name, "Idempotency-Key") == 0;
    }
    return check_template(&reading, pointer);
}
