#include "contract/keyword.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/ecma.h"
#include "contract/value.h"

/* A pattern that backtracks without end must not hold a thread: about a millisecond's work. */
enum { MATCH_LIMIT = 100000, HEAP_LIMIT_KIB = 1024, VALUES_SHOWN_MAX = 400 };

struct place {
    struct loader *loader;
    struct schema *schema;
    const json_t *value;
    const char *pointer; /* of the keyword */
};

static const struct {
    const char *name;
    unsigned type;
} types[] = {{"null", TYPE_NULL},     {"boolean", TYPE_BOOLEAN}, {"integer", TYPE_INTEGER}, {"number", TYPE_NUMBER},
             {"string", TYPE_STRING}, {"array", TYPE_ARRAY},     {"object", TYPE_OBJECT}};

static bool read_type_name(const struct place *place, const json_t *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (json_is_string(name) && strcmp(types[i].name, json_string_value(name)) == 0) {
            place->schema->types |= types[i].type;
            return true;
        }
    return loader_fail(place->loader, place->pointer, "unknown type");
}

static bool read_type(const struct place *place)
{
    if (!json_is_array(place->value))
        return read_type_name(place, place->value);
    if (json_array_size(place->value) == 0)
        return loader_fail(place->loader, place->pointer, "must name a type");
    for (size_t i = 0; i < json_array_size(place->value); i++)
        if (!read_type_name(place, json_array_get(place->value, i)))
            return false;
    return true;
}

/* "a, b, c" for the detail of a violation; NULL when the list is too long to help. */
static const char *list_values(struct loader *loader, const json_t *values)
{
    const char *list = "";
    for (size_t i = 0; i < json_array_size(values); i++) {
        char *text = json_dumps(json_array_get(values, i), JSON_ENCODE_ANY | JSON_COMPACT);
        list = arena_printf(loader->arena, "%s%s%s", list, i ? ", " : "", text ? text : "");
        free(text);
        if (strlen(list) > VALUES_SHOWN_MAX)
            return NULL;
    }
    return list;
}

static bool read_enum(const struct place *place)
{
    if (!json_is_array(place->value) || json_array_size(place->value) == 0)
        return loader_fail(place->loader, place->pointer, "must be a list of values");
    const char *list = list_values(place->loader, place->value);
    struct arena *arena = place->loader->arena;
    place->schema->values = place->value;
    place->schema->values_en =
        list ? arena_printf(arena, "must be one of: %s", list) : "must be one of the listed values";
    place->schema->values_sv =
        list ? arena_printf(arena, "ska vara något av: %s", list) : "ska vara något av de uppräknade värdena";
    return true;
}

static bool read_const(const struct place *place)
{
    place->schema->constant = place->value;
    return true;
}

static bool read_format(const struct place *place)
{
    const char *name = json_string_value(place->value);
    place->schema->format = name ? format_find(name) : NULL;
    return place->schema->format || loader_fail(place->loader, place->pointer, "unknown format %s", name ? name : "");
}

static void free_pattern(void *pattern)
{
    pcre2_code_free(pattern);
}

static void free_limits(void *limits)
{
    pcre2_match_context_free(limits);
}

/* Patterns are ECMA-262 as JSON Schema asks: \uHHHH, [] as an empty class, $ only at the very end, and its blanks. */
static bool read_pattern(const struct place *place)
{
    const char *text = json_string_value(place->value);
    if (!text)
        return loader_fail(place->loader, place->pointer, "must be a regular expression");
    text = ecma_pattern(text, place->loader->arena);
    if (!text)
        return loader_fail(place->loader, place->pointer, "\\S cannot stand within a class");
    int fault = 0;
    size_t offset = 0;
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &fault, &offset, NULL);
    if (!code) {
        char message[128] = "";
        pcre2_get_error_message(fault, (PCRE2_UCHAR *)message, sizeof(message));
        return loader_fail(place->loader, place->pointer, "at offset %zu: %s", offset, message);
    }
    arena_defer(place->loader->arena, free_pattern, code);
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without JIT support it is interpreted, only slower */
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (!limits)
        abort();
    arena_defer(place->loader->arena, free_limits, limits);
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    pcre2_set_depth_limit(limits, MATCH_LIMIT);
    pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    place->schema->pattern = code;
    place->schema->limits = limits;
    return true;
}

static bool read_size(const struct place *place, size_t *size)
{
    json_int_t value = json_integer_value(place->value);
    if (!json_is_integer(place->value) || value < 0)
        return loader_fail(place->loader, place->pointer, "must be an integer of 0 or more");
    *size = (size_t)value;
    return true;
}

static bool read_min_length(const struct place *place)
{
    return read_size(place, &place->schema->length_min);
}

static bool read_max_length(const struct place *place)
{
    return read_size(place, &place->schema->length_max);
}

static bool read_min_items(const struct place *place)
{
    return read_size(place, &place->schema->items_min);
}

static bool read_max_items(const struct place *place)
{
    return read_size(place, &place->schema->items_max);
}

static bool read_min_properties(const struct place *place)
{
    return read_size(place, &place->schema->members_min);
}

static bool read_max_properties(const struct place *place)
{
    return read_size(place, &place->schema->members_max);
}

static bool read_bound(const struct place *place, struct bound *bound)
{
    if (!json_is_number(place->value))
        return loader_fail(place->loader, place->pointer, "must be a number");
    bound->set = true;
    bound->value = json_is_integer(place->value) ? (long double)json_integer_value(place->value)
                                                 : (long double)json_real_value(place->value);
    bound->text = arena_printf(place->loader->arena, "%.15Lg", bound->value);
    return true;
}

static bool read_minimum(const struct place *place)
{
    return read_bound(place, &place->schema->minimum);
}

static bool read_maximum(const struct place *place)
{
    return read_bound(place, &place->schema->maximum);
}

static bool read_exclusive_minimum(const struct place *place)
{
    return read_bound(place, &place->schema->exclusive_minimum);
}

static bool read_exclusive_maximum(const struct place *place)
{
    return read_bound(place, &place->schema->exclusive_maximum);
}

static bool read_multiple_of(const struct place *place)
{
    if (!read_bound(place, &place->schema->multiple_of))
        return false;
    return place->schema->multiple_of.value > 0 || loader_fail(place->loader, place->pointer, "must be above 0");
}

static bool read_child(const struct place *place, const struct schema **child)
{
    *child = schema_compile(place->loader, place->value, place->pointer);
    return *child;
}

static bool read_items(const struct place *place)
{
    return read_child(place, &place->schema->items);
}

static bool read_additional(const struct place *place)
{
    return read_child(place, &place->schema->additional);
}

static bool read_not(const struct place *place)
{
    return read_child(place, &place->schema->negated);
}

static bool read_unique(const struct place *place)
{
    place->schema->unique = json_is_true(place->value);
    return json_is_boolean(place->value) || loader_fail(place->loader, place->pointer, "must be true or false");
}

static bool read_required(const struct place *place)
{
    size_t count = json_array_size(place->value);
    if (!json_is_array(place->value))
        return loader_fail(place->loader, place->pointer, "must be a list of names");
    const char **names = arena_alloc(place->loader->arena, (count + 1) * sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        names[i] = json_string_value(json_array_get(place->value, i));
        if (!names[i])
            return loader_fail(place->loader, place->pointer, "must be a list of names");
    }
    place->schema->required = names;
    place->schema->required_count = count;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static bool read_properties(const struct place *place)
{
    if (!json_is_object(place->value))
        return loader_fail(place->loader, place->pointer, "must be an object");
    size_t count = json_object_size(place->value);
    struct property *properties = arena_alloc(place->loader->arena, (count + 1) * sizeof(*properties));
    struct property *property = properties;
    for (void *at = json_object_iter((json_t *)(uintptr_t)place->value); at; property++) {
        property->name = json_object_iter_key(at);
        property->schema = schema_compile(place->loader, json_object_iter_value(at),
                                          loader_child(place->loader, place->pointer, property->name));
        if (!property->schema)
            return false;
        at = json_object_iter_next((json_t *)(uintptr_t)place->value, at);
    }
    qsort(properties, count, sizeof(*properties), by_name);
    place->schema->properties = properties;
    place->schema->property_count = count;
    return true;
}

static bool read_branches(const struct place *place, struct branches *branches)
{
    size_t count = json_array_size(place->value);
    if (count == 0)
        return loader_fail(place->loader, place->pointer, "must be a list of schemas");
    branches->schemas = arena_alloc(place->loader->arena, count * sizeof(*branches->schemas));
    for (size_t i = 0; i < count; i++) {
        branches->schemas[i] = schema_compile(place->loader, json_array_get(place->value, i),
                                              loader_item(place->loader, place->pointer, i));
        if (!branches->schemas[i])
            return false;
    }
    branches->count = count;
    return true;
}

static bool read_all_of(const struct place *place)
{
    return read_branches(place, &place->schema->all_of);
}

static bool read_any_of(const struct place *place)
{
    return read_branches(place, &place->schema->any_of);
}

static bool read_one_of(const struct place *place)
{
    return read_branches(place, &place->schema->one_of);
}

static bool read_reference(const struct place *place)
{
    static const char schemas[] = "#/components/schemas/";
    const char *reference = json_string_value(place->value);
    if (!reference || strncmp(reference, schemas, strlen(schemas)) != 0)
        return loader_fail(place->loader, place->pointer, "must lead into %s", schemas);
    json_t *target = NULL;
    if (!loader_find(place->loader, reference + 1, &target))
        return loader_fail(place->loader, place->pointer, "%s leads nowhere", reference);
    place->schema->reference = schema_compile(place->loader, target, reference + 1);
    return place->schema->reference;
}

static bool read_annotation(const struct place *place)
{
    (void)place;
    return true;
}

/* Everything else stops the server at start, so that nothing is silently unchecked. */
static const struct {
    const char *name;
    bool (*read)(const struct place *place);
} keywords[] = {
    {"$ref", read_reference},
    {"additionalProperties", read_additional},
    {"allOf", read_all_of},
    {"anyOf", read_any_of},
    {"const", read_const},
    {"default", read_annotation},
    {"deprecated", read_annotation},
    {"description", read_annotation},
    {"enum", read_enum},
    {"example", read_annotation},
    {"examples", read_annotation},
    {"exclusiveMaximum", read_exclusive_maximum},
    {"exclusiveMinimum", read_exclusive_minimum},
    {"externalDocs", read_annotation},
    {"format", read_format},
    {"items", read_items},
    {"maxItems", read_max_items},
    {"maxLength", read_max_length},
    {"maxProperties", read_max_properties},
    {"maximum", read_maximum},
    {"minItems", read_min_items},
    {"minLength", read_min_length},
    {"minProperties", read_min_properties},
    {"minimum", read_minimum},
    {"multipleOf", read_multiple_of},
    {"not", read_not},
    {"oneOf", read_one_of},
    {"pattern", read_pattern},
    {"properties", read_properties},
    {"readOnly", read_annotation},
    {"required", read_required},
    {"title", read_annotation},
    {"type", read_type},
    {"uniqueItems", read_unique},
    {"writeOnly", read_annotation},
};

static bool read_keyword(struct loader *loader, struct schema *schema, const char *name, const json_t *value)
{
    struct place place = {loader, schema, value, loader_child(loader, schema->pointer, name)};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return keywords[i].read(&place);
    return loader_fail(loader, place.pointer, "unknown schema keyword");
}

bool keyword_read_all(struct loader *loader, struct schema *schema, const json_t *node)
{
    if (!json_is_object(node))
        return loader_fail(loader, schema->pointer, "a schema must be an object, true or false");
    json_t *members = (json_t *)(uintptr_t)node;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!read_keyword(loader, schema, json_object_iter_key(at), json_object_iter_value(at)))
            return false;
    return true;
}
