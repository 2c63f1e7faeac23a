#include "contract/link.h"

#include <stdlib.h>
#include <string.h>

#include "contract/parameter.h"
#include "contract/schema.h"

struct linking {
    struct loader *loader;
    const struct endpoint *endpoints;
    size_t count;
    const struct operation *from;
    const char *body;            /* how expressions name the body here: "$response.body#" or "$item#" */
    const struct schema *schema; /* of the body that the links are read from */
    const char *rewritten;       /* how they are to name it instead, or NULL */
};

static const char response_body[] = "$response.body#";
static const char item_body[] = "$item#";

static const struct endpoint *find_endpoint(const struct linking *linking, const char *id)
{
    for (size_t i = 0; id && i < linking->count; i++)
        if (strcmp(linking->endpoints[i].operation->id, id) == 0)
            return &linking->endpoints[i];
    return NULL;
}

/* The member that a pointer such as "/subject/id" leads to must be in the schema of the body: a link to nothing would
 * be left out of every reply without a word. */
static bool check_member(const struct linking *linking, const char *path, const char *pointer)
{
    const struct schema *schema = linking->schema;
    while (*path == '/') {
        size_t length = strcspn(++path, "/");
        schema = schema_property(schema, arena_strndup(linking->loader->arena, path, length));
        path += length;
    }
    return schema || loader_fail(linking->loader, pointer, "the reply has no such member");
}

static bool names_body(const struct linking *linking, const char *text)
{
    size_t length = strlen(linking->body);
    return strncmp(text, linking->body, length) == 0 && text[length] == '/';
}

/* The runtime expressions (OpenAPI 4.8.20.3) that the executor can evaluate; `$item#` is ours, for x-item-links. */
static bool check_expression(const struct linking *linking, const char *text, const char *pointer)
{
    static const char path[] = "$request.path.";
    if (text[0] != '$')
        return true;
    if (names_body(linking, text))
        return check_member(linking, text + strlen(linking->body), pointer);
    if (strncmp(text, path, strlen(path)) == 0)
        return parameter_find(linking->from, PARAMETER_PATH, text + strlen(path)) ||
               loader_fail(linking->loader, pointer, "this operation has no such path parameter");
    return loader_fail(linking->loader, pointer, "must be a constant, %s/… or %s…", linking->body, path);
}

static const char *constant_text(struct loader *loader, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_object(value) || json_is_array(value) || json_is_null(value))
        return NULL;
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    const char *lent = arena_strdup(loader->arena, text);
    free(text);
    return lent;
}

static bool read_given(const struct linking *linking, json_t *given, const char *pointer, struct link *link)
{
    const char *name;
    json_t *value;
    json_object_foreach(given, name, value)
    {
        const char *place = loader_child(linking->loader, pointer, name);
        if (!parameter_find(link->target, PARAMETER_PATH, name) && !parameter_find(link->target, PARAMETER_QUERY, name))
            return loader_fail(linking->loader, place, "%s has no such parameter", link->target->id);
        const char *text = constant_text(linking->loader, value);
        if (!text)
            return loader_fail(linking->loader, place, "must be a constant or an expression");
        if (!check_expression(linking, text, place))
            return false;
        if (linking->rewritten && names_body(linking, text))
            text = arena_printf(linking->loader->arena, "%s%s", linking->rewritten, text + strlen(linking->body));
        link->parameters[link->count].name = name;
        link->parameters[link->count++].expression = text;
    }
    return true;
}

/* A path parameter of the target that is not given is this request's own of the same name. */
static bool add_implied(const struct linking *linking, const json_t *given, const char *pointer, struct link *link)
{
    for (size_t i = 0; i < link->target->parameter_count; i++) {
        const struct parameter *parameter = &link->target->parameters[i];
        if (parameter->place != PARAMETER_PATH || json_object_get(given, parameter->name))
            continue;
        if (!parameter_find(linking->from, PARAMETER_PATH, parameter->name))
            return loader_fail(linking->loader, pointer, "the path parameter %s of %s is not given", parameter->name,
                               link->target->id);
        link->parameters[link->count].name = parameter->name;
        link->parameters[link->count++].expression =
            arena_printf(linking->loader->arena, "$request.path.%s", parameter->name);
    }
    return true;
}

/* x-when names members of the body and values that each can have. */
static bool read_when(const struct linking *linking, json_t *when, const char *pointer)
{
    struct arena *arena = linking->loader->arena;
    const char *name;
    json_t *values;
    json_object_foreach(when, name, values)
    {
        const char *place = loader_child(linking->loader, pointer, name);
        const struct schema *member = schema_property(linking->schema, name);
        if (!member)
            return loader_fail(linking->loader, place, "the reply has no such member");
        if (json_array_size(values) == 0)
            return loader_fail(linking->loader, place, "must be a list of values");
        for (size_t i = 0; i < json_array_size(values); i++) {
            struct violations violations = {.arena = arena};
            schema_validate(member, json_array_get(values, i), "", arena, &violations);
            if (violations.count)
                return loader_fail(linking->loader, loader_item(linking->loader, place, i), "%s",
                                   violations.first->detail_en);
        }
    }
    return true;
}

static bool read_link(const struct linking *linking, json_t *node, const char *pointer, struct link *link)
{
    if (!loader_follow(linking->loader, &node, &pointer))
        return false;
    const char *id = loader_text(node, "operationId");
    const struct endpoint *target = find_endpoint(linking, id);
    if (!target)
        return loader_fail(linking->loader, loader_child(linking->loader, pointer, "operationId"),
                           "there is no operation %s", id ? id : "without a name");
    link->target = target->operation;
    json_t *given = json_object_get(node, "parameters");
    size_t most = json_object_size(given) + link->target->parameter_count + 1;
    link->parameters = arena_alloc(linking->loader->arena, most * sizeof(*link->parameters));
    link->when = json_object_get(node, "x-when");
    return read_given(linking, given, loader_child(linking->loader, pointer, "parameters"), link) &&
           add_implied(linking, given, pointer, link) &&
           read_when(linking, link->when, loader_child(linking->loader, pointer, "x-when"));
}

/* Reads the map of links at `pointer`; lends the array and sets its size. NULL when one is wrong. */
static const struct link *read_links(const struct linking *linking, json_t *map, const char *pointer, size_t *count)
{
    struct link *links = arena_alloc(linking->loader->arena, (json_object_size(map) + 1) * sizeof(*links));
    const char *rel;
    json_t *node;
    json_object_foreach(map, rel, node)
    {
        links[*count].rel = rel;
        if (!read_link(linking, node, loader_child(linking->loader, pointer, rel), &links[(*count)++]))
            return NULL;
    }
    return links;
}

static const struct link *read_reply_links(const struct linking *linking, const struct endpoint *endpoint,
                                           size_t *count)
{
    return read_links(linking, json_object_get(endpoint->reply, "links"),
                      loader_child(linking->loader, endpoint->reply_pointer, "links"), count);
}

/* x-item-links is a map of links, or the operationId of the operation that reads one item: then each item carries
 * the links of that operation's reply. */
static bool read_item_links(struct linking *linking, const struct endpoint *endpoint)
{
    json_t *node = json_object_get(endpoint->node, "x-item-links");
    const char *pointer = loader_child(linking->loader, endpoint->pointer, "x-item-links");
    struct operation *operation = endpoint->operation;
    if (!json_is_string(node)) {
        linking->body = item_body;
        if (operation->collection)
            linking->schema = schema_items(schema_property(operation->reply, operation->collection));
        operation->item_links = read_links(linking, node, pointer, &operation->item_link_count);
        return operation->item_links;
    }
    const struct endpoint *one = find_endpoint(linking, json_string_value(node));
    if (!one)
        return loader_fail(linking->loader, pointer, "there is no operation %s", json_string_value(node));
    linking->schema = one->operation->reply;
    linking->rewritten = item_body;
    operation->item_links = read_reply_links(linking, one, &operation->item_link_count);
    return operation->item_links;
}

bool link_read_all(struct loader *loader, const struct endpoint *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct operation *operation = endpoints[i].operation;
        struct linking linking = {loader, endpoints, count, operation, response_body, operation->reply, NULL};
        operation->links = read_reply_links(&linking, &endpoints[i], &operation->link_count);
        if (!operation->links || !read_item_links(&linking, &endpoints[i]))
            return false;
    }
    return true;
}
