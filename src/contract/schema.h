/* A schema of the contract, compiled: everything a validation needs, immutable once loaded. Internal to the module;
 * others hold a `const struct schema *` and call schema_validate (contract.h). */
#ifndef SAMSYN_CONTRACT_SCHEMA_H
#define SAMSYN_CONTRACT_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/arena.h"
#include "contract/format.h"

struct loader;

enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_INTEGER = 4,
    TYPE_NUMBER = 8, /* a value that is an integer is both */
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64
};

struct bound {
    bool set;
    long double value;
    const char *text; /* as the contract writes it, for the detail of a violation */
};

struct property {
    const char *name;
    const struct schema *schema;
};

struct branches {
    size_t count;
    const struct schema **schemas;
};

/* What all schemas of a contract share. */
struct schema_rules {
    bool test_numbers;
};

struct schema {
    const char *pointer; /* of the schema in the document */
    const struct schema_rules *rules;
    bool never;     /* the schema `false` */
    unsigned types; /* 0: any */
    const struct schema *reference;

    const json_t *values; /* enum, or NULL */
    const char *values_en, *values_sv;
    const json_t *constant; /* or NULL */

    const struct format *format;
    pcre2_code *pattern; /* or NULL */
    pcre2_match_context *limits;
    size_t length_min, length_max; /* code points; SIZE_MAX: no maximum; so for the other two pairs */

    struct bound minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;

    const struct schema *items;
    size_t items_min, items_max;
    bool unique;

    size_t members_min, members_max;
    size_t required_count;
    const char **required;
    size_t property_count;
    struct property *properties;     /* by name, in order of strcmp */
    const struct schema *additional; /* or NULL: anything goes */

    struct branches all_of, any_of, one_of;
    const struct schema *negated;

    bool visited, visiting; /* for the search for circles at load */
    struct schema *next;    /* in the set's bucket */
};

/* Compiles schemas by the pointer of their place, each once, so that a schema may refer to itself. */
struct schema_set;

/* The set and what it lends live as long as `arena`. */
struct schema_set *schema_set_create(struct arena *arena);

/* The one set of rules that all schemas of the set read. */
struct schema_rules *schema_set_rules(struct schema_set *set);

/* Lends the compiled schema `node` at `pointer`, or NULL with the loader's reason set. */
const struct schema *schema_compile(struct loader *loader, const json_t *node, const char *pointer);

/* Fails when a schema leads back to itself without going into the value, which would never end. */
bool schema_check_circles(struct loader *loader);

/* The types and the format of a schema with its references and allOf followed; 0 and NULL when it names none. */
unsigned schema_types(const struct schema *schema);
const struct format *schema_format(const struct schema *schema);

/* The schema of the property `name`, references and allOf followed, or NULL. */
const struct schema *schema_property(const struct schema *schema, const char *name);

/* The schema of the items of an array, references and allOf followed, or NULL. */
const struct schema *schema_items(const struct schema *schema);

#endif
