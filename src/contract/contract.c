#include "contract/contract.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "contract/endpoint.h"
#include "contract/link.h"
#include "contract/loader.h"
#include "contract/router.h"
#include "contract/schema.h"
#include "contract/shape.h"
#include "contract/yaml.h"

struct contract {
    struct arena *arena;
    json_t *document;
    struct schema_rules *rules;
    struct router *router;
    const char *base_path;
    size_t count;
    struct operation *operations;
    const struct operation **by_id; /* in order of strcmp */
};

static const char *const members[] = {"get", "post", "put", "patch", "delete"};

static void release_json(void *value)
{
    json_decref(value);
}

/* The path of servers[0].url, without a slash at its end. */
static bool read_base_path(struct loader *loader, struct contract *contract)
{
    const char *url = loader_text(json_array_get(json_object_get(loader->document, "servers"), 0), "url");
    if (!url)
        return loader_fail(loader, "/servers/0/url", "is missing");
    const char *host = strstr(url, "://");
    const char *path = strchr(host ? host + 3 : url, '/');
    if (!path || strpbrk(path, "?#{}%"))
        return loader_fail(loader, "/servers/0/url", "must end in a plain path such as /samsyn/v1");
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    contract->base_path = arena_strndup(loader->arena, path, length);
    return true;
}

static const char *upper(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

/* Counts the operations, and with `endpoints` notes the place of each. */
static size_t walk_paths(struct loader *loader, struct contract *contract, struct endpoint *endpoints)
{
    size_t count = 0;
    const char *path;
    json_t *item;
    json_object_foreach(json_object_get(loader->document, "paths"), path, item)
    {
        const char *item_pointer = loader_child(loader, "/paths", path);
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
            json_t *node = json_object_get(item, members[i]);
            if (node && endpoints) {
                struct endpoint *endpoint = &endpoints[count];
                endpoint->operation = &contract->operations[count];
                endpoint->operation->index = count;
                endpoint->operation->path = path;
                endpoint->operation->method = upper(loader->arena, members[i]);
                endpoint->item = item;
                endpoint->item_pointer = item_pointer;
                endpoint->node = node;
                endpoint->pointer = loader_child(loader, item_pointer, members[i]);
            }
            count += node != NULL;
        }
    }
    return count;
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct operation *const *)a)->id, (*(const struct operation *const *)b)->id);
}

static bool index_operations(struct loader *loader, struct contract *contract)
{
    contract->by_id = arena_alloc(loader->arena, (contract->count + 1) * sizeof(*contract->by_id));
    for (size_t i = 0; i < contract->count; i++)
        contract->by_id[i] = &contract->operations[i];
    qsort(contract->by_id, contract->count, sizeof(*contract->by_id), by_id);
    for (size_t i = 1; i < contract->count; i++)
        if (strcmp(contract->by_id[i - 1]->id, contract->by_id[i]->id) == 0)
            return loader_fail(loader, "/paths", "the operationId %s is used twice", contract->by_id[i]->id);
    return true;
}

static bool read_operations(struct loader *loader, struct contract *contract)
{
    contract->count = walk_paths(loader, contract, NULL);
    contract->operations = arena_alloc(loader->arena, (contract->count + 1) * sizeof(*contract->operations));
    struct endpoint *endpoints = arena_alloc(loader->arena, (contract->count + 1) * sizeof(*endpoints));
    walk_paths(loader, contract, endpoints);
    contract->router = router_create(loader->arena);
    for (size_t i = 0; i < contract->count; i++) {
        if (endpoints[i].operation->path[0] != '/')
            return loader_fail(loader, endpoints[i].item_pointer, "a path must begin with a slash");
        if (!endpoint_read(loader, &endpoints[i]) ||
            !router_add(loader, contract->router, contract->base_path, endpoints[i].operation, endpoints[i].pointer))
            return false;
    }
    return index_operations(loader, contract) && link_read_all(loader, endpoints, contract->count);
}

static bool read_document(struct loader *loader, struct contract *contract)
{
    if (!json_is_object(loader->document))
        return loader_fail(loader, "", "must be an object");
    const char *version = loader_text(loader->document, "openapi");
    if (!version || strncmp(version, "3.1.", 4) != 0)
        return loader_fail(loader, "/openapi", "must be 3.1");
    return shape_check(loader) && schema_check_circles(loader) && read_base_path(loader, contract) &&
           read_operations(loader, contract);
}

struct contract *contract_load(const char *yaml, size_t length, char **why)
{
    json_t *document = yaml_load(yaml, length, why);
    if (!document)
        return NULL;
    struct arena *arena = arena_create();
    arena_defer(arena, release_json, document);
    struct loader loader = {arena, document, schema_set_create(arena), NULL};
    struct contract *contract = arena_alloc(arena, sizeof(*contract));
    contract->arena = arena;
    contract->document = document;
    contract->rules = schema_set_rules(loader.schemas);
    if (read_document(&loader, contract))
        return contract;
    *why = loader.why;
    arena_destroy(arena);
    return NULL;
}

void contract_destroy(struct contract *contract)
{
    if (contract)
        arena_destroy(contract->arena);
}

void contract_accept_test_numbers(struct contract *contract, bool accept)
{
    contract->rules->test_numbers = accept;
}

const char *contract_base_path(const struct contract *contract)
{
    return contract->base_path;
}

json_t *contract_json(const struct contract *contract)
{
    return contract->document;
}

size_t contract_operation_count(const struct contract *contract)
{
    return contract->count;
}

const struct operation *contract_operation(const struct contract *contract, size_t index)
{
    return index < contract->count ? &contract->operations[index] : NULL;
}

static int compare_id(const void *id, const void *operation)
{
    return strcmp(id, (*(const struct operation *const *)operation)->id);
}

const struct operation *contract_find(const struct contract *contract, const char *operation_id)
{
    const struct operation **found =
        bsearch(operation_id, contract->by_id, contract->count, sizeof(*contract->by_id), compare_id);
    return found ? *found : NULL;
}

enum match contract_match(const struct contract *contract, const char *method, const char *path, struct arena *arena,
                          struct route *route)
{
    return router_find(contract->router, method, path, arena, route);
}

const struct schema *contract_reply_schema(const struct operation *operation)
{
    return operation->reply;
}
