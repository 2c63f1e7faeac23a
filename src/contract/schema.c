#include "contract/schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/contract.h"
#include "contract/keyword.h"
#include "contract/loader.h"

enum { BUCKETS = 1024, SCHEMA_DEPTH_MAX = 64 };

struct schema_set {
    struct schema_rules rules;
    struct schema *buckets[BUCKETS];
    int depth;
};

struct schema_set *schema_set_create(struct arena *arena)
{
    return arena_alloc(arena, sizeof(struct schema_set));
}

struct schema_rules *schema_set_rules(struct schema_set *set)
{
    return &set->rules;
}

static struct schema **bucket_of(struct schema_set *set, const char *pointer)
{
    uint32_t hash = 2166136261u;
    for (; *pointer; pointer++)
        hash = (hash ^ (unsigned char)*pointer) * 16777619u;
    return &set->buckets[hash % BUCKETS];
}

static struct schema *new_schema(struct loader *loader, const char *pointer, struct schema **bucket)
{
    struct schema *schema = arena_alloc(loader->arena, sizeof(*schema));
    schema->pointer = arena_strdup(loader->arena, pointer);
    schema->rules = &loader->schemas->rules;
    schema->length_max = schema->items_max = schema->members_max = SIZE_MAX;
    schema->next = *bucket;
    *bucket = schema;
    return schema;
}

/* A schema is entered before its keywords are read, so that one that refers to itself finds itself. */
const struct schema *schema_compile(struct loader *loader, const json_t *node, const char *pointer)
{
    struct schema **bucket = bucket_of(loader->schemas, pointer);
    for (struct schema *known = *bucket; known; known = known->next)
        if (strcmp(known->pointer, pointer) == 0)
            return known;
    if (loader->schemas->depth == SCHEMA_DEPTH_MAX) {
        loader_fail(loader, pointer, "schemas nested too deeply");
        return NULL;
    }
    struct schema *schema = new_schema(loader, pointer, bucket);
    if (json_is_boolean(node)) {
        schema->never = json_is_false(node);
        return schema;
    }
    loader->schemas->depth++;
    bool good = keyword_read_all(loader, schema, node);
    loader->schemas->depth--;
    return good ? schema : NULL;
}

static bool leads_back(struct loader *loader, struct schema *schema);

static bool branch_leads_back(struct loader *loader, const struct schema *branch)
{
    struct schema *known = *bucket_of(loader->schemas, branch->pointer);
    while (known != branch)
        known = known->next;
    return leads_back(loader, known);
}

static bool any_leads_back(struct loader *loader, const struct branches *branches)
{
    for (size_t i = 0; i < branches->count; i++)
        if (branch_leads_back(loader, branches->schemas[i]))
            return true;
    return false;
}

/* Depth first over what applies to the very same value: $ref, allOf, anyOf, oneOf and not. */
static bool leads_back(struct loader *loader, struct schema *schema)
{
    if (schema->visiting)
        return !loader_fail(loader, schema->pointer, "the schema refers to itself for the same value");
    if (schema->visited)
        return false;
    schema->visited = schema->visiting = true;
    bool back = (schema->reference && branch_leads_back(loader, schema->reference)) ||
                any_leads_back(loader, &schema->all_of) || any_leads_back(loader, &schema->any_of) ||
                any_leads_back(loader, &schema->one_of) ||
                (schema->negated && branch_leads_back(loader, schema->negated));
    schema->visiting = false;
    return back;
}

bool schema_check_circles(struct loader *loader)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct schema *schema = loader->schemas->buckets[i]; schema; schema = schema->next)
            if (leads_back(loader, schema))
                return false;
    return true;
}

unsigned schema_types(const struct schema *schema)
{
    if (!schema || schema->types)
        return schema ? schema->types : 0;
    unsigned types = schema_types(schema->reference);
    for (size_t i = 0; !types && i < schema->all_of.count; i++)
        types = schema_types(schema->all_of.schemas[i]);
    return types;
}

const struct format *schema_format(const struct schema *schema)
{
    if (!schema || schema->format)
        return schema ? schema->format : NULL;
    const struct format *format = schema_format(schema->reference);
    for (size_t i = 0; !format && i < schema->all_of.count; i++)
        format = schema_format(schema->all_of.schemas[i]);
    return format;
}

const struct schema *schema_items(const struct schema *schema)
{
    if (!schema || schema->items)
        return schema ? schema->items : NULL;
    const struct schema *items = schema_items(schema->reference);
    for (size_t i = 0; !items && i < schema->all_of.count; i++)
        items = schema_items(schema->all_of.schemas[i]);
    return items;
}

const struct schema *schema_property(const struct schema *schema, const char *name)
{
    if (!schema)
        return NULL;
    for (size_t i = 0; i < schema->property_count; i++)
        if (strcmp(schema->properties[i].name, name) == 0)
            return schema->properties[i].schema;
    const struct schema *found = schema_property(schema->reference, name);
    for (size_t i = 0; !found && i < schema->all_of.count; i++)
        found = schema_property(schema->all_of.schemas[i], name);
    return found;
}
