#include "contract/router.h"

#include <string.h>

#include "contract/text.h"

enum { METHODS = 5, SEGMENTS_MAX = 32, VALUES_MAX = 8 };

static const char *const methods[METHODS] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

struct node {
    const char *segment; /* the literal, NULL at the root and for a parameter */
    size_t child_count, child_room;
    struct node **children; /* literals, in order of strcmp */
    struct node *parameter;
    struct node *rest; /* a parameter that takes all that follows */
    size_t operation_count;
    const struct operation *operations[METHODS];
    const char *names[VALUES_MAX]; /* of the parameters of the template that ends here */
    const char *allow;
};

struct router {
    struct node root;
};

struct split {
    struct arena *arena;
    size_t count;
    const char *segments[SEGMENTS_MAX];
};

struct router *router_create(struct arena *arena)
{
    return arena_alloc(arena, sizeof(struct router));
}

/* Where the literal is or belongs among the children. */
static size_t position(const struct node *node, const char *segment, bool *found)
{
    size_t low = 0;
    size_t high = node->child_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(segment, node->children[middle]->segment);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static struct node *enter_literal(struct arena *arena, struct node *node, const char *segment)
{
    bool found = false;
    size_t at = position(node, segment, &found);
    if (found)
        return node->children[at];
    if (node->child_count == node->child_room) {
        node->child_room = node->child_room ? 2 * node->child_room : 4;
        struct node **larger = arena_alloc(arena, node->child_room * sizeof(*larger));
        if (node->child_count)
            memcpy(larger, node->children, node->child_count * sizeof(*larger));
        node->children = larger;
    }
    struct node *child = arena_alloc(arena, sizeof(*child));
    child->segment = segment;
    memmove(node->children + at + 1, node->children + at, (node->child_count - at) * sizeof(*node->children));
    node->children[at] = child;
    node->child_count++;
    return child;
}

static struct node *enter_parameter(struct arena *arena, struct node **place)
{
    if (!*place)
        *place = arena_alloc(arena, sizeof(**place));
    return *place;
}

/* "GET, HEAD, PATCH, OPTIONS" */
static const char *list_methods(struct arena *arena, const struct node *node)
{
    const char *list = "";
    for (size_t i = 0; i < METHODS; i++)
        if (node->operations[i])
            list = arena_printf(arena, "%s%s%s, ", list, methods[i], i == 0 ? ", HEAD" : "");
    return arena_printf(arena, "%sOPTIONS", list);
}

static bool end_template(struct loader *loader, struct node *node, const struct operation *operation,
                         const char *const *names, size_t count, const char *pointer)
{
    for (size_t i = 0; i < count; i++) {
        if (node->operation_count && strcmp(node->names[i], names[i]) != 0)
            return loader_fail(loader, pointer, "the same path as another but for the names of its parameters");
        node->names[i] = names[i];
    }
    for (size_t i = 0; i < METHODS; i++) {
        if (strcmp(methods[i], operation->method) != 0)
            continue;
        if (node->operations[i])
            return loader_fail(loader, pointer, "a duplicate path");
        node->operations[i] = operation;
        node->operation_count++;
    }
    node->allow = list_methods(loader->arena, node);
    return true;
}

bool router_add(struct loader *loader, struct router *router, const char *base, const struct operation *operation,
                const char *pointer)
{
    const char *names[VALUES_MAX];
    size_t count = 0;
    struct node *node = &router->root;
    const char *at =
        arena_printf(loader->arena, "%s%s", base, strcmp(operation->path, "/") == 0 ? "" : operation->path);
    while (*at) {
        size_t length = strcspn(++at, "/");
        const char *segment = arena_strndup(loader->arena, at, length);
        at += length;
        if (length > 2 && segment[0] == '{' && strcspn(segment + 1, "{}") == length - 2 && segment[length - 1] == '}') {
            if (count == VALUES_MAX)
                return loader_fail(loader, pointer, "more than %d path parameters", VALUES_MAX);
            names[count++] = arena_strndup(loader->arena, segment + 1, length - 2);
            node = enter_parameter(loader->arena, operation->rest && !*at ? &node->rest : &node->parameter);
        } else if (length > 0 && !strpbrk(segment, "{}%")) {
            node = enter_literal(loader->arena, node, segment);
        } else {
            return loader_fail(loader, pointer, "a path segment must be a literal or one whole {parameter}");
        }
    }
    return end_template(loader, node, operation, names, count, pointer);
}

static bool acceptable(const char *segment)
{
    if (!*segment || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0 || strchr(segment, '/'))
        return false;
    for (; *segment; segment++)
        if ((unsigned char)*segment < 0x20 || *segment == 0x7f)
            return false;
    return true;
}

/* Decodes all segments, also those beyond the deepest template, so that a malformed path is always called so. */
static bool split_path(const char *path, struct arena *arena, struct split *split)
{
    if (*path != '/')
        return false;
    while (*path) {
        size_t length = strcspn(++path, "/");
        const char *segment = text_decode(path, length, false, arena);
        if (!segment || !acceptable(segment))
            return false;
        if (split->count < SEGMENTS_MAX)
            split->segments[split->count] = segment;
        split->count++;
        path += length;
    }
    return true;
}

/* The segments from `depth` on, with the slashes between them: none of them has one itself. */
static const char *join(const struct split *split, size_t depth)
{
    const char *rest = split->segments[depth];
    while (++depth < split->count)
        rest = arena_printf(split->arena, "%s/%s", rest, split->segments[depth]);
    return rest;
}

/* Tries the literal first and comes back for the parameter; each node is visited at most once for a path, because
 * the trie is a tree. */
static const struct node *descend(const struct node *node, const struct split *split, size_t depth,
                                  const char *values[VALUES_MAX], size_t count)
{
    if (depth == split->count)
        return node->operation_count ? node : NULL;
    bool found = false;
    size_t at = position(node, split->segments[depth], &found);
    const struct node *end = found ? descend(node->children[at], split, depth + 1, values, count) : NULL;
    if (!end && node->parameter && count < VALUES_MAX) {
        values[count] = split->segments[depth];
        end = descend(node->parameter, split, depth + 1, values, count + 1);
    }
    if (!end && node->rest && count < VALUES_MAX) {
        values[count] = join(split, depth);
        end = node->rest;
    }
    return end;
}

static const struct operation *operation_for(const struct node *node, const char *method)
{
    if (strcmp(method, "HEAD") == 0)
        method = "GET";
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i], method) == 0)
            return node->operations[i];
    return NULL;
}

enum match router_find(const struct router *router, const char *method, const char *path, struct arena *arena,
                       struct route *route)
{
    *route = (struct route){0};
    if (strcmp(path, "/") == 0)
        return MATCH_NO_PATH;
    struct split split = {.arena = arena};
    if (!split_path(path, arena, &split))
        return MATCH_MALFORMED;
    const char *values[VALUES_MAX] = {0};
    const struct node *end = split.count <= SEGMENTS_MAX ? descend(&router->root, &split, 0, values, 0) : NULL;
    if (!end)
        return MATCH_NO_PATH;
    route->allow = end->allow;
    route->operation = operation_for(end, method);
    for (; route->value_count < VALUES_MAX && end->names[route->value_count]; route->value_count++) {
        route->values[route->value_count].name = end->names[route->value_count];
        route->values[route->value_count].value = values[route->value_count];
    }
    return route->operation ? MATCH_FOUND : MATCH_NO_METHOD;
}
