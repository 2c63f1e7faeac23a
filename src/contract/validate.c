#include "contract/contract.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/schema.h"
#include "contract/text.h"
#include "contract/value.h"

enum { RULED_OUT = 1000, OTHER_TYPE = 2000 }; /* distances of an alternative, see distance() */

/* Where in the value a check stands; written as a JSON Pointer only when something is wrong there. */
struct place {
    const struct place *parent; /* NULL for the root */
    const char *key;            /* of a member, or NULL */
    size_t index;               /* of an item */
    const char *root;           /* of the root: "/body" */
};

struct check {
    struct arena *arena;
    struct violations *violations;
};

static void check_value(struct check *check, const struct schema *schema, const json_t *value,
                        const struct place *place);

static const char *write_pointer(struct arena *arena, const struct place *place)
{
    if (!place->parent)
        return place->root;
    const char *parent = write_pointer(arena, place->parent);
    return place->key ? arena_printf(arena, "%s/%s", parent, place->key)
                      : arena_printf(arena, "%s/%zu", parent, place->index);
}

/* The pointer ends above a member whose name does not look like one: a client that puts an identity number in the
 * wrong place shall not get it back in an error text. A name that does needs no escaping. */
static const char *pointer_of(struct arena *arena, const struct place *place)
{
    const struct place *last = place;
    for (const struct place *at = place; at->parent; at = at->parent)
        if (at->key && !text_is_name(at->key))
            last = at->parent;
    return write_pointer(arena, last);
}

/* Once the list is full a fault is only counted: a body of a thousand faults shall not cost memory for each. */
static bool only_counted(struct check *check)
{
    bool full = check->violations->count >= VIOLATIONS_KEPT;
    check->violations->count += full;
    return full;
}

static void add(struct check *check, const struct place *place, const char *rule, const char *en, const char *sv)
{
    if (!only_counted(check))
        violations_add(check->violations, pointer_of(check->arena, place), rule, en, sv);
}

/* A detail with a number in it, in English and Swedish: what stands before the number and after it. */
struct counted {
    const char *rule, *en[2], *sv[2];
};

static void add_counted(struct check *check, const struct place *place, const struct counted *text, size_t count)
{
    if (only_counted(check))
        return;
    add(check, place, text->rule, arena_printf(check->arena, "%s %zu %s", text->en[0], count, text->en[1]),
        arena_printf(check->arena, "%s %zu %s", text->sv[0], count, text->sv[1]));
}

static const struct counted min_length = {
    "minLength", {"must have at least", "characters"}, {"ska ha minst", "tecken"}};
static const struct counted max_length = {"maxLength", {"must have at most", "characters"}, {"får ha högst", "tecken"}};
static const struct counted min_items = {"minItems", {"must have at least", "items"}, {"ska ha minst", "poster"}};
static const struct counted max_items = {"maxItems", {"must have at most", "items"}, {"får ha högst", "poster"}};
static const struct counted min_members = {
    "minProperties", {"must have at least", "members"}, {"ska ha minst", "medlemmar"}};
static const struct counted max_members = {
    "maxProperties", {"must have at most", "members"}, {"får ha högst", "medlemmar"}};
static const struct counted none_of = {"oneOf",
                                       {"must fit one of", "alternatives; the faults of the nearest follow"},
                                       {"ska passa ett av", "alternativ; felen mot det närmaste följer"}};
static const struct counted not_any = {"anyOf",
                                       {"must fit at least one of", "alternatives; the faults of the nearest follow"},
                                       {"ska passa minst ett av", "alternativ; felen mot det närmaste följer"}};
static const struct counted several_of = {"oneOf",
                                          {"must fit exactly one alternative but fits", "of them"},
                                          {"ska passa exakt ett alternativ men passar", "av dem"}};

static unsigned types_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_INTEGER:
        return TYPE_INTEGER | TYPE_NUMBER;
    case JSON_REAL:
        return value_is_integer(value) ? TYPE_INTEGER | TYPE_NUMBER : TYPE_NUMBER;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_OBJECT:
        break;
    }
    return TYPE_OBJECT;
}

static void add_type(struct check *check, const struct place *place, unsigned types)
{
    static const struct {
        unsigned type;
        const char *en, *sv;
    } names[] = {{TYPE_NULL, "null", "null"},
                 {TYPE_BOOLEAN, "true or false", "sant eller falskt"},
                 {TYPE_INTEGER, "an integer", "ett heltal"},
                 {TYPE_NUMBER, "a number", "ett tal"},
                 {TYPE_STRING, "a string", "en sträng"},
                 {TYPE_ARRAY, "an array", "en lista"},
                 {TYPE_OBJECT, "an object", "ett objekt"}};
    if (only_counted(check))
        return;
    const char *en = "must be";
    const char *sv = "ska vara";
    bool first = true;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!(types & names[i].type))
            continue;
        en = arena_printf(check->arena, "%s %s%s", en, first ? "" : "or ", names[i].en);
        sv = arena_printf(check->arena, "%s %s%s", sv, first ? "" : "eller ", names[i].sv);
        first = false;
    }
    add(check, place, "type", en, sv);
}

static void check_enum(struct check *check, const struct schema *schema, const json_t *value, const struct place *place)
{
    if (schema->constant && !value_equal(schema->constant, value))
        add(check, place, "const", "must be the one value that the contract names",
            "ska vara det enda värde som kontraktet anger");
    if (!schema->values)
        return;
    for (size_t i = 0; i < json_array_size(schema->values); i++)
        if (value_equal(json_array_get(schema->values, i), value))
            return;
    add(check, place, "enum", schema->values_en, schema->values_sv);
}

/* A pattern that hits its limits counts as not matching. */
static bool matches(const struct schema *schema, const json_t *value)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(schema->pattern, NULL);
    if (!data)
        abort();
    int found = pcre2_match(schema->pattern, (PCRE2_SPTR)json_string_value(value), json_string_length(value), 0, 0,
                            data, schema->limits);
    pcre2_match_data_free(data);
    return found >= 0;
}

static void check_string(struct check *check, const struct schema *schema, const json_t *value,
                         const struct place *place)
{
    const char *text = json_string_value(value);
    size_t length = text_length(text, json_string_length(value));
    if (length < schema->length_min)
        add_counted(check, place, &min_length, schema->length_min);
    if (length > schema->length_max) {
        add_counted(check, place, &max_length, schema->length_max);
        return;
    }
    if (schema->format && schema->format->text && !schema->format->text(text, schema->rules->test_numbers))
        add(check, place, schema->format->name, schema->format->detail_en, schema->format->detail_sv);
    if (schema->pattern && !matches(schema, value))
        add(check, place, "pattern", "must have the form that the contract's pattern describes",
            "ska ha den form som kontraktets mönster beskriver");
}

/* Quotients are compared with a tolerance, because 0.3 / 0.1 is not exactly 3 in binary. */
static bool is_multiple(long double value, long double of)
{
    long double quotient = value / of;
    long double error = fabsl(quotient - roundl(quotient));
    return error <= 1e-12L * fmaxl(1.0L, fabsl(quotient));
}

static void add_bound(struct check *check, const struct place *place, const char *rule, const char *en, const char *sv,
                      const struct bound *bound)
{
    if (only_counted(check))
        return;
    add(check, place, rule, arena_printf(check->arena, "%s %s", en, bound->text),
        arena_printf(check->arena, "%s %s", sv, bound->text));
}

static void check_number(struct check *check, const struct schema *schema, const json_t *value,
                         const struct place *place)
{
    long double number =
        json_is_integer(value) ? (long double)json_integer_value(value) : (long double)json_real_value(value);
    if (schema->minimum.set && number < schema->minimum.value)
        add_bound(check, place, "minimum", "must be at least", "ska vara minst", &schema->minimum);
    if (schema->maximum.set && number > schema->maximum.value)
        add_bound(check, place, "maximum", "must be at most", "får vara högst", &schema->maximum);
    if (schema->exclusive_minimum.set && number <= schema->exclusive_minimum.value)
        add_bound(check, place, "exclusiveMinimum", "must be above", "ska vara större än", &schema->exclusive_minimum);
    if (schema->exclusive_maximum.set && number >= schema->exclusive_maximum.value)
        add_bound(check, place, "exclusiveMaximum", "must be below", "ska vara mindre än", &schema->exclusive_maximum);
    if (schema->multiple_of.set && !is_multiple(number, schema->multiple_of.value))
        add_bound(check, place, "multipleOf", "must be a multiple of", "ska vara en multipel av", &schema->multiple_of);
    if (schema->format && schema->format->number && !schema->format->number(number))
        add(check, place, schema->format->name, schema->format->detail_en, schema->format->detail_sv);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the items as canonical text: no input makes this slower than n log n. */
static bool has_duplicates(const json_t *array)
{
    size_t count = json_array_size(array);
    char **texts = calloc(count + 1, sizeof(*texts));
    if (!texts)
        abort();
    for (size_t i = 0; i < count; i++) {
        json_t *copy = value_normalise(json_deep_copy(json_array_get(array, i)));
        texts[i] = json_dumps(copy, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
        json_decref(copy);
        if (!texts[i])
            abort();
    }
    qsort(texts, count, sizeof(*texts), by_text);
    bool found = false;
    for (size_t i = 1; i < count; i++)
        found = found || strcmp(texts[i - 1], texts[i]) == 0;
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
    return found;
}

static void check_array(struct check *check, const struct schema *schema, const json_t *value,
                        const struct place *place)
{
    size_t count = json_array_size(value);
    if (count < schema->items_min)
        add_counted(check, place, &min_items, schema->items_min);
    if (count > schema->items_max) {
        add_counted(check, place, &max_items, schema->items_max);
        return;
    }
    if (schema->unique && has_duplicates(value))
        add(check, place, "uniqueItems", "must not have the same item twice", "får inte ha samma post två gånger");
    for (size_t i = 0; schema->items && i < count; i++) {
        struct place item = {.parent = place, .index = i};
        check_value(check, schema->items, json_array_get(value, i), &item);
    }
}

static int compare_name(const void *name, const void *property)
{
    return strcmp(name, ((const struct property *)property)->name);
}

static void check_member(struct check *check, const struct schema *schema, const char *key, const json_t *member,
                         const struct place *place)
{
    struct place at = {.parent = place, .key = key};
    const struct property *property = NULL;
    if (schema->property_count)
        property = bsearch(key, schema->properties, schema->property_count, sizeof(*property), compare_name);
    if (property)
        check_value(check, property->schema, member, &at);
    else if (schema->additional && schema->additional->never)
        add(check, &at, "additionalProperties", "is not known here", "är inte känd här");
    else if (schema->additional)
        check_value(check, schema->additional, member, &at);
}

static void check_object(struct check *check, const struct schema *schema, const json_t *value,
                         const struct place *place)
{
    size_t count = json_object_size(value);
    if (count < schema->members_min)
        add_counted(check, place, &min_members, schema->members_min);
    if (count > schema->members_max)
        add_counted(check, place, &max_members, schema->members_max);
    for (size_t i = 0; i < schema->required_count; i++) {
        struct place at = {.parent = place, .key = schema->required[i]};
        if (!json_object_get(value, schema->required[i]))
            add(check, &at, "required", "is required", "krävs");
    }
    json_t *members = (json_t *)(uintptr_t)value;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        check_member(check, schema, json_object_iter_key(at), json_object_iter_value(at), place);
}

/* The violations of one alternative, kept apart until it is known whether they matter. */
struct attempt {
    struct violations violations;
    bool fits;
};

static struct attempt attempt(struct check *check, const struct schema *schema, const json_t *value,
                              const struct place *place)
{
    size_t before = check->violations->count < VIOLATIONS_KEPT ? 0 : VIOLATIONS_KEPT;
    struct attempt attempt = {.violations = {.arena = check->arena, .count = before}};
    struct check apart = {check->arena, &attempt.violations};
    check_value(&apart, schema, value, place);
    attempt.fits = attempt.violations.count == before;
    return attempt;
}

static bool has_rule(const struct violations *violations, const char *pointer, const char *rule)
{
    for (const struct violation *v = violations->first; v; v = v->next)
        if (strcmp(v->rule, rule) == 0 && (!pointer || strcmp(v->pointer, pointer) == 0))
            return true;
    return false;
}

/* How far an alternative is from the value: one of another type is farthest, then one that a const or enum rules out
 * (the member that tells the alternatives apart), then by the number of faults. */
static size_t distance(const struct violations *violations, const char *pointer)
{
    size_t faults = violations->count < RULED_OUT ? violations->count : RULED_OUT - 1;
    if (has_rule(violations, pointer, "type"))
        return OTHER_TYPE + faults;
    if (has_rule(violations, NULL, "const") || has_rule(violations, NULL, "enum"))
        return RULED_OUT + faults;
    return faults;
}

/* No alternative fits. When only one has the value's type and is not ruled out, its faults are what helps; otherwise
 * the alternatives are named as such and the faults of the nearest follow. */
static void add_nearest(struct check *check, const struct attempt *tried, size_t count, const struct counted *text,
                        const struct place *place)
{
    if (only_counted(check))
        return;
    const char *pointer = pointer_of(check->arena, place);
    size_t nearest = 0;
    size_t near_count = 0;
    for (size_t i = 0; i < count; i++) {
        near_count += distance(&tried[i].violations, pointer) < RULED_OUT;
        if (distance(&tried[i].violations, pointer) < distance(&tried[nearest].violations, pointer))
            nearest = i;
    }
    if (near_count != 1)
        add_counted(check, place, text, count);
    for (const struct violation *v = tried[nearest].violations.first; v; v = v->next)
        violations_add(check->violations, v->pointer, v->rule, v->detail_en, v->detail_sv);
}

static void check_any_of(struct check *check, const struct branches *branches, const json_t *value,
                         const struct place *place)
{
    struct attempt *tried = arena_alloc(check->arena, branches->count * sizeof(*tried));
    for (size_t i = 0; i < branches->count; i++) {
        tried[i] = attempt(check, branches->schemas[i], value, place);
        if (tried[i].fits)
            return;
    }
    add_nearest(check, tried, branches->count, &not_any, place);
}

static void check_one_of(struct check *check, const struct branches *branches, const json_t *value,
                         const struct place *place)
{
    struct attempt *tried = arena_alloc(check->arena, branches->count * sizeof(*tried));
    size_t fitting = 0;
    for (size_t i = 0; i < branches->count; i++) {
        tried[i] = attempt(check, branches->schemas[i], value, place);
        fitting += tried[i].fits;
    }
    if (fitting == 0)
        add_nearest(check, tried, branches->count, &none_of, place);
    else if (fitting > 1)
        add_counted(check, place, &several_of, fitting);
}

static void check_combined(struct check *check, const struct schema *schema, const json_t *value,
                           const struct place *place)
{
    if (schema->reference)
        check_value(check, schema->reference, value, place);
    for (size_t i = 0; i < schema->all_of.count; i++)
        check_value(check, schema->all_of.schemas[i], value, place);
    if (schema->any_of.count)
        check_any_of(check, &schema->any_of, value, place);
    if (schema->one_of.count)
        check_one_of(check, &schema->one_of, value, place);
    if (schema->negated && attempt(check, schema->negated, value, place).fits)
        add(check, place, "not", "must not be of the form that the contract excludes",
            "får inte ha den form som kontraktet utesluter");
}

static void check_value(struct check *check, const struct schema *schema, const json_t *value,
                        const struct place *place)
{
    unsigned types = types_of(value);
    if (schema->never) {
        add(check, place, "false", "is not allowed", "är inte tillåtet");
        return;
    }
    if (schema->types && !(schema->types & types)) {
        add_type(check, place, schema->types);
        return;
    }
    check_enum(check, schema, value, place);
    if (types & TYPE_STRING)
        check_string(check, schema, value, place);
    if (types & TYPE_NUMBER)
        check_number(check, schema, value, place);
    if (types & TYPE_ARRAY)
        check_array(check, schema, value, place);
    if (types & TYPE_OBJECT)
        check_object(check, schema, value, place);
    check_combined(check, schema, value, place);
}

void schema_validate(const struct schema *schema, const json_t *value, const char *at, struct arena *arena,
                     struct violations *violations)
{
    struct check check = {arena, violations};
    struct place root = {.root = at};
    check_value(&check, schema, value, &root);
}
