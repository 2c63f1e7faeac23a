#include "contract/shape.h"

#include <stdint.h>
#include <string.h>

#include "contract/schema.h"

enum kind {
    FREE, /* examples and the like, read by people alone */
    TEXT,
    FLAG,
    COUNT,
    SCHEMA,
    DOCUMENT,
    INFO,
    CONTACT,
    SERVER,
    TAG,
    DOCS,
    PATH_ITEM,
    OPERATION,
    PARAMETER,
    REQUEST_BODY,
    MEDIA,
    RESPONSE,
    HEADER,
    LINK,
    ITEM_LINKS,
    COMPONENTS,
    SCHEME,
    FLOWS,
    FLOW,
    REQUIREMENT
};

enum wrap { ONE, MAP, LIST };

/* OpenAPI 3.1.0 chapter 4.8, less what this server does not do (callbacks, webhooks, cookies, servers of a single
 * path, content of parameters, allowReserved, encoding), plus the x- extensions that the executor reads. */
static const struct key {
    enum kind owner;
    const char *name;
    enum wrap wrap;
    enum kind value;
} keys[] = {
    {DOCUMENT, "openapi", ONE, TEXT},
    {DOCUMENT, "info", ONE, INFO},
    {DOCUMENT, "servers", LIST, SERVER},
    {DOCUMENT, "paths", MAP, PATH_ITEM},
    {DOCUMENT, "components", ONE, COMPONENTS},
    {DOCUMENT, "security", LIST, REQUIREMENT},
    {DOCUMENT, "tags", LIST, TAG},
    {DOCUMENT, "externalDocs", ONE, DOCS},
    {INFO, "title", ONE, TEXT},
    {INFO, "summary", ONE, TEXT},
    {INFO, "description", ONE, TEXT},
    {INFO, "termsOfService", ONE, TEXT},
    {INFO, "contact", ONE, CONTACT},
    {INFO, "license", ONE, CONTACT},
    {INFO, "version", ONE, TEXT},
    {INFO, "x-api-name", ONE, TEXT}, /* these three: what api-info answers (national REST API profile VER.07) */
    {INFO, "x-api-status", ONE, TEXT},
    {INFO, "x-api-released", ONE, TEXT},
    {INFO, "x-terms-of-use", ONE, TEXT}, /* these two: for readers (DOK.03) */
    {INFO, "x-life-cycle", ONE, TEXT},
    {CONTACT, "name", ONE, TEXT},
    {CONTACT, "url", ONE, TEXT},
    {CONTACT, "email", ONE, TEXT},
    {CONTACT, "identifier", ONE, TEXT},
    {SERVER, "url", ONE, TEXT},
    {SERVER, "description", ONE, TEXT},
    {TAG, "name", ONE, TEXT},
    {TAG, "description", ONE, TEXT},
    {TAG, "externalDocs", ONE, DOCS},
    {DOCS, "url", ONE, TEXT},
    {DOCS, "description", ONE, TEXT},
    {PATH_ITEM, "summary", ONE, TEXT},
    {PATH_ITEM, "description", ONE, TEXT},
    {PATH_ITEM, "parameters", LIST, PARAMETER},
    {PATH_ITEM, "get", ONE, OPERATION},
    {PATH_ITEM, "put", ONE, OPERATION},
    {PATH_ITEM, "post", ONE, OPERATION},
    {PATH_ITEM, "patch", ONE, OPERATION},
    {PATH_ITEM, "delete", ONE, OPERATION},
    {OPERATION, "operationId", ONE, TEXT},
    {OPERATION, "tags", LIST, TEXT},
    {OPERATION, "summary", ONE, TEXT},
    {OPERATION, "description", ONE, TEXT},
    {OPERATION, "externalDocs", ONE, DOCS},
    {OPERATION, "deprecated", ONE, FLAG},
    {OPERATION, "parameters", LIST, PARAMETER},
    {OPERATION, "requestBody", ONE, REQUEST_BODY},
    {OPERATION, "responses", MAP, RESPONSE},
    {OPERATION, "security", LIST, REQUIREMENT},
    {OPERATION, "x-permission", ONE, TEXT},
    {OPERATION, "x-audit", ONE, TEXT},
    {OPERATION, "x-collection", ONE, TEXT},
    {OPERATION, "x-item-links", ONE, ITEM_LINKS},
    {PARAMETER, "name", ONE, TEXT},
    {PARAMETER, "in", ONE, TEXT},
    {PARAMETER, "description", ONE, TEXT},
    {PARAMETER, "required", ONE, FLAG},
    {PARAMETER, "deprecated", ONE, FLAG},
    {PARAMETER, "style", ONE, TEXT},
    {PARAMETER, "explode", ONE, FLAG},
    {PARAMETER, "schema", ONE, SCHEMA},
    {PARAMETER, "x-rest", ONE, FLAG},
    {PARAMETER, "example", ONE, FREE},
    {PARAMETER, "examples", ONE, FREE},
    {REQUEST_BODY, "description", ONE, TEXT},
    {REQUEST_BODY, "required", ONE, FLAG},
    {REQUEST_BODY, "content", MAP, MEDIA},
    {REQUEST_BODY, "x-max-bytes", ONE, COUNT},
    {MEDIA, "schema", ONE, SCHEMA},
    {MEDIA, "example", ONE, FREE},
    {MEDIA, "examples", ONE, FREE},
    {RESPONSE, "description", ONE, TEXT},
    {RESPONSE, "headers", MAP, HEADER},
    {RESPONSE, "content", MAP, MEDIA},
    {RESPONSE, "links", MAP, LINK},
    {HEADER, "description", ONE, TEXT},
    {HEADER, "required", ONE, FLAG},
    {HEADER, "deprecated", ONE, FLAG},
    {HEADER, "schema", ONE, SCHEMA},
    {HEADER, "example", ONE, FREE},
    {HEADER, "examples", ONE, FREE},
    {LINK, "operationId", ONE, TEXT},
    {LINK, "parameters", MAP, FREE},
    {LINK, "description", ONE, TEXT},
    {LINK, "x-when", MAP, FREE},
    {COMPONENTS, "schemas", MAP, SCHEMA},
    {COMPONENTS, "responses", MAP, RESPONSE},
    {COMPONENTS, "parameters", MAP, PARAMETER},
    {COMPONENTS, "examples", ONE, FREE},
    {COMPONENTS, "requestBodies", MAP, REQUEST_BODY},
    {COMPONENTS, "headers", MAP, HEADER},
    {COMPONENTS, "securitySchemes", MAP, SCHEME},
    {COMPONENTS, "links", MAP, LINK},
    {SCHEME, "type", ONE, TEXT},
    {SCHEME, "description", ONE, TEXT},
    {SCHEME, "flows", ONE, FLOWS},
    {FLOWS, "clientCredentials", ONE, FLOW},
    {FLOWS, "authorizationCode", ONE, FLOW},
    {FLOW, "authorizationUrl", ONE, TEXT},
    {FLOW, "tokenUrl", ONE, TEXT},
    {FLOW, "refreshUrl", ONE, TEXT},
    {FLOW, "scopes", MAP, TEXT},
};

/* Which kinds may be referred to, and where the target must be. */
static const struct {
    enum kind kind;
    const char *section;
} sections[] = {
    {PARAMETER, "#/components/parameters/"}, {REQUEST_BODY, "#/components/requestBodies/"},
    {RESPONSE, "#/components/responses/"},   {HEADER, "#/components/headers/"},
    {LINK, "#/components/links/"},
};

static bool check_one(struct loader *loader, const json_t *node, enum kind kind, const char *pointer);

static const struct key *find_key(enum kind owner, const char *name)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (keys[i].owner == owner && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static bool check_map(struct loader *loader, const json_t *node, enum kind kind, const char *pointer)
{
    if (!json_is_object(node))
        return loader_fail(loader, pointer, "must be an object");
    json_t *members = (json_t *)(uintptr_t)node;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!check_one(loader, json_object_iter_value(at), kind,
                       loader_child(loader, pointer, json_object_iter_key(at))))
            return false;
    return true;
}

static bool check_list(struct loader *loader, const json_t *node, enum kind kind, const char *pointer)
{
    if (!json_is_array(node))
        return loader_fail(loader, pointer, "must be a list");
    for (size_t i = 0; i < json_array_size(node); i++)
        if (!check_one(loader, json_array_get(node, i), kind, loader_item(loader, pointer, i)))
            return false;
    return true;
}

static bool check_value(struct loader *loader, const json_t *node, const struct key *key, const char *pointer)
{
    switch (key->wrap) {
    case ONE:
        return check_one(loader, node, key->value, pointer);
    case MAP:
        return check_map(loader, node, key->value, pointer);
    case LIST:
        break;
    }
    return check_list(loader, node, key->value, pointer);
}

static bool check_reference(struct loader *loader, const json_t *node, enum kind kind, const char *pointer)
{
    const char *section = NULL;
    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
        if (sections[i].kind == kind)
            section = sections[i].section;
    const char *reference = loader_text(node, "$ref");
    if (!section)
        return loader_fail(loader, pointer, "no $ref is followed here");
    if (!reference || strncmp(reference, section, strlen(section)) != 0)
        return loader_fail(loader, pointer, "$ref must lead into %s", section);
    if (json_object_size(node) != 1)
        return loader_fail(loader, pointer, "nothing may stand beside $ref");
    json_t *target = NULL;
    if (!loader_find(loader, reference + 1, &target))
        return loader_fail(loader, pointer, "$ref %s leads nowhere", reference);
    return true;
}

static bool check_keys(struct loader *loader, const json_t *node, enum kind kind, const char *pointer)
{
    json_t *members = (json_t *)(uintptr_t)node;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
        const char *name = json_object_iter_key(at);
        const char *place = loader_child(loader, pointer, name);
        const struct key *key = find_key(kind, name);
        if (!key)
            return loader_fail(loader, place, "unknown %s", strncmp(name, "x-", 2) == 0 ? "extension" : "key");
        if (!check_value(loader, json_object_iter_value(at), key, place))
            return false;
    }
    return true;
}

/* A security requirement is scheme -> list of scopes. */
static bool check_requirement(struct loader *loader, const json_t *node, const char *pointer)
{
    static const struct key scopes = {REQUIREMENT, "", LIST, TEXT};
    json_t *members = (json_t *)(uintptr_t)node;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!check_value(loader, json_object_iter_value(at), &scopes,
                         loader_child(loader, pointer, json_object_iter_key(at))))
            return false;
    return true;
}

static bool check_one(struct loader *loader, const json_t *node, enum kind kind, const char *pointer)
{
    switch (kind) {
    case FREE:
        return true;
    case TEXT:
        return json_is_string(node) || loader_fail(loader, pointer, "must be a string");
    case FLAG:
        return json_is_boolean(node) || loader_fail(loader, pointer, "must be true or false");
    case COUNT:
        return json_integer_value(node) > 0 || loader_fail(loader, pointer, "must be an integer above 0");
    case SCHEMA:
        return schema_compile(loader, node, pointer);
    case ITEM_LINKS:
        return json_is_string(node) || check_map(loader, node, LINK, pointer);
    default:
        break;
    }
    if (!json_is_object(node))
        return loader_fail(loader, pointer, "must be an object");
    if (kind == REQUIREMENT)
        return check_requirement(loader, node, pointer);
    if (json_object_get(node, "$ref"))
        return check_reference(loader, node, kind, pointer);
    return check_keys(loader, node, kind, pointer);
}

bool shape_check(struct loader *loader)
{
    return check_one(loader, loader->document, DOCUMENT, "");
}
