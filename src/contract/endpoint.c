#include "contract/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "contract/parameter.h"
#include "contract/schema.h"

enum { BODY_MAX_DEFAULT = 65536 };

static bool fail(struct loader *loader, const struct endpoint *endpoint, const char *key, const char *text)
{
    return loader_fail(loader, loader_child(loader, endpoint->pointer, key), "%s", text);
}

/* The list of scopes of the one scheme that the requirement names; each must be declared by the scheme. */
static bool read_scopes(struct loader *loader, struct endpoint *endpoint, const json_t *requirement)
{
    static const char scheme[] = "oauth2";
    const json_t *list = json_object_get(requirement, scheme);
    if (!list || json_object_size(requirement) != 1)
        return fail(loader, endpoint, "security", "must name oauth2 and nothing else");
    size_t count = json_array_size(list);
    struct operation *operation = endpoint->operation;
    operation->scopes = arena_alloc(loader->arena, (count + 1) * sizeof(*operation->scopes));
    operation->scope_count = count;
    for (size_t i = 0; i < count; i++) {
        operation->scopes[i] = json_string_value(json_array_get(list, i));
        json_t *flows = NULL;
        bool declared = false;
        if (loader_find(loader, "/components/securitySchemes/oauth2/flows", &flows)) {
            const char *name;
            json_t *flow;
            json_object_foreach(flows, name, flow) declared |=
                json_object_get(json_object_get(flow, "scopes"), operation->scopes[i]) != NULL;
        }
        if (!declared)
            return fail(loader, endpoint, "security", "the scope is not declared in components/securitySchemes/oauth2");
    }
    return true;
}

/* Secrecy by default: an operation is open only when it says so itself. */
static bool read_security(struct loader *loader, struct endpoint *endpoint)
{
    const json_t *own = json_object_get(endpoint->node, "security");
    const json_t *security = own ? own : json_object_get(loader->document, "security");
    if (own && json_array_size(own) == 0) {
        endpoint->operation->open = true;
        return !endpoint->operation->permission ||
               fail(loader, endpoint, "x-permission", "an open operation cannot ask for a permission");
    }
    if (json_array_size(security) != 1)
        return fail(loader, endpoint, "security", "must be one requirement, or [] for an open operation");
    return read_scopes(loader, endpoint, json_array_get(security, 0));
}

static bool read_body(struct loader *loader, struct endpoint *endpoint)
{
    json_t *node = json_object_get(endpoint->node, "requestBody");
    struct operation *operation = endpoint->operation;
    if (!node)
        return true;
    const char *pointer = loader_child(loader, endpoint->pointer, "requestBody");
    if (!loader_follow(loader, &node, &pointer))
        return false;
    if (strcmp(operation->method, "GET") == 0 || strcmp(operation->method, "DELETE") == 0)
        return loader_fail(loader, pointer, "%s has no body", operation->method);
    json_t *content = json_object_get(node, "content");
    void *only = json_object_iter(content);
    operation->body_type = only ? json_object_iter_key(only) : "";
    operation->body_raw = operation->open && strcmp(operation->body_type, "*/*") == 0;
    if (json_object_size(content) != 1 ||
        (!operation->body_raw && strcmp(operation->body_type, "application/json") != 0 &&
         strcmp(operation->body_type, "application/merge-patch+json") != 0))
        return loader_fail(loader, pointer, "must be application/json or application/merge-patch+json");
    json_t *schema = json_object_get(json_object_iter_value(only), "schema");
    if (!schema)
        return loader_fail(loader, pointer, "a body needs a `schema`");
    const char *media = loader_child(loader, loader_child(loader, pointer, "content"), operation->body_type);
    operation->body = schema_compile(loader, schema, loader_child(loader, media, "schema"));
    operation->body_required = json_is_true(json_object_get(node, "required"));
    json_int_t most = json_integer_value(json_object_get(node, "x-max-bytes"));
    operation->body_max = most ? (size_t)most : BODY_MAX_DEFAULT;
    return operation->body;
}

/* The media types of the success response, and the schema of the first that has one in JSON. */
static bool read_content(struct loader *loader, struct endpoint *endpoint)
{
    struct operation *operation = endpoint->operation;
    json_t *content = json_object_get(endpoint->reply, "content");
    const char *place = loader_child(loader, endpoint->reply_pointer, "content");
    operation->produced = arena_alloc(loader->arena, (json_object_size(content) + 1) * sizeof(*operation->produced));
    const char *type;
    json_t *media;
    json_object_foreach(content, type, media)
    {
        operation->produced[operation->produced_count++] = type;
        json_t *schema = json_object_get(media, "schema");
        const char *end = strchr(type, ';') ? strchr(type, ';') : type + strlen(type);
        bool is_json = end - type >= 4 && strncmp(end - 4, "json", 4) == 0;
        if (operation->reply || !schema || !is_json)
            continue;
        operation->reply =
            schema_compile(loader, schema, loader_child(loader, loader_child(loader, place, type), "schema"));
        if (!operation->reply)
            return false;
    }
    return true;
}

static bool is_status(const char *text)
{
    return strlen(text) == 3 && text[0] >= '1' && text[0] <= '5' && strspn(text, "0123456789") == 3;
}

static bool read_responses(struct loader *loader, struct endpoint *endpoint)
{
    json_t *responses = json_object_get(endpoint->node, "responses");
    const char *place = loader_child(loader, endpoint->pointer, "responses");
    const char *status;
    json_t *response;
    json_object_foreach(responses, status, response)
    {
        if (strcmp(status, "default") != 0 && !is_status(status))
            return loader_fail(loader, loader_child(loader, place, status), "must be a status or `default`");
        if (status[0] != '2')
            continue;
        if (endpoint->reply)
            return loader_fail(loader, place, "more than one success");
        endpoint->operation->success = (int)strtol(status, NULL, 10);
        endpoint->reply_pointer = loader_child(loader, place, status);
        if (!loader_follow(loader, &response, &endpoint->reply_pointer))
            return false;
        endpoint->reply = response;
    }
    if (!endpoint->reply)
        return loader_fail(loader, place, "no success (2xx) is described");
    return read_content(loader, endpoint);
}

/* A list says under which name its items are in the reply: whoever pages has one. */
static bool read_collection(struct loader *loader, struct endpoint *endpoint)
{
    struct operation *operation = endpoint->operation;
    operation->collection = loader_text(endpoint->node, "x-collection");
    if (!operation->collection) {
        if (json_object_get(endpoint->node, "x-item-links"))
            return fail(loader, endpoint, "x-item-links", "items need x-collection beside them");
        if (parameter_find(operation, PARAMETER_QUERY, "limit"))
            return fail(loader, endpoint, "x-collection", "is missing: the operation has a `limit`");
        return true;
    }
    const struct schema *items = schema_property(operation->reply, operation->collection);
    return schema_types(items) == TYPE_ARRAY ||
           fail(loader, endpoint, "x-collection", "the success response has no array of this name");
}

static bool read_activity(struct loader *loader, struct endpoint *endpoint)
{
    static const char *const known[] = {"read",   "write", "disclose", "export",
                                        "search", "sign",  "evaluate", "emergency-access"};
    const char *activity = loader_text(endpoint->node, "x-audit");
    endpoint->operation->activity = activity;
    if (!activity)
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i], activity) == 0)
            return true;
    return fail(loader, endpoint, "x-audit",
                "must be read, write, disclose, export, search, sign, evaluate or emergency-access");
}

bool endpoint_read(struct loader *loader, struct endpoint *endpoint)
{
    struct operation *operation = endpoint->operation;
    operation->id = loader_text(endpoint->node, "operationId");
    operation->permission = loader_text(endpoint->node, "x-permission");
    if (!operation->id)
        return loader_fail(loader, endpoint->pointer, "an operation needs an `operationId`");
    return read_activity(loader, endpoint) && read_security(loader, endpoint) &&
           parameter_read_all(loader, endpoint->item, endpoint->item_pointer, endpoint->node, endpoint->pointer,
                              operation) &&
           read_body(loader, endpoint) && read_responses(loader, endpoint) && read_collection(loader, endpoint);
}
