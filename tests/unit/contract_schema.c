/* The cases of JSON Schema that matter here: each is a schema, a value and the violations expected. */
#include "contract_sample.h"

struct example {
    const char *schema;   /* as JSON, which is YAML too */
    const char *value;    /* as JSON */
    const char *expected; /* "pointer rule, ..." or "" */
};

static const char components[] =
    "components:\n" SAMPLE_SCHEMES "  schemas:\n"
    "    Tree: {type: object, required: [name], properties: {name: {type: string}, "
    "children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}, additionalProperties: false}\n"
    "    Name: {type: string, maxLength: 3}\n"
    "    a~b: {type: integer}\n"
    "    a/b: {type: boolean}\n";

static struct contract *load_schema(const char *schema)
{
    char *yaml = NULL;
    if (asprintf(&yaml,
                 SAMPLE_HEAD "paths: {/x: {post: {operationId: x, requestBody: {content: {application/json: "
                             "{schema: %s}}}, responses: {'204': {description: Done}}}}}\n%s",
                 schema, components) < 0)
        abort();
    struct contract *contract = sample_load(yaml);
    free(yaml);
    return contract;
}

static const char *validate(const struct contract *contract, const char *value, struct arena *arena)
{
    json_t *json = json_loads(value, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    struct violations violations = {.arena = arena};
    schema_validate(contract_find(contract, "x")->body, json, "/body", arena, &violations);
    json_decref(json);
    return sample_list(&violations, arena);
}

static void check_all(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_create();
        struct contract *contract = load_schema(examples[i].schema);
        const char *found = validate(contract, examples[i].value, arena);
        if (strcmp(found, examples[i].expected) != 0)
            fail_msg("%s with %s gave [%s], not [%s]", examples[i].schema, examples[i].value, found,
                     examples[i].expected);
        contract_destroy(contract);
        arena_destroy(arena);
    }
}

#define CHECK(examples) check_all(examples, sizeof(examples) / sizeof(*(examples)))

static void types_are_told_apart(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{type: integer}", "1", ""},
        {"{type: integer}", "1.0", ""},
        {"{type: integer}", "1.5", "/body type"},
        {"{type: integer}", "1e30", "/body type"},
        {"{type: integer}", "\"1\"", "/body type"},
        {"{type: integer}", "true", "/body type"},
        {"{type: number}", "1", ""},
        {"{type: number}", "1.5", ""},
        {"{type: string}", "\"\"", ""},
        {"{type: string}", "null", "/body type"},
        {"{type: boolean}", "0", "/body type"},
        {"{type: 'null'}", "null", ""},
        {"{type: 'null'}", "false", "/body type"},
        {"{type: object}", "[]", "/body type"},
        {"{type: array}", "{}", "/body type"},
        {"{type: [string, 'null']}", "null", ""},
        {"{type: [string, 'null']}", "1", "/body type"},
        {"{}", "[null]", ""},
        {"true", "1", ""},
        {"false", "1", "/body false"},
    };
    CHECK(examples);
}

static void enum_and_const_compare_by_value(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{enum: [a, 1, null]}", "\"a\"", ""},
        {"{enum: [a, 1, null]}", "1.0", ""},
        {"{enum: [a, 1, null]}", "null", ""},
        {"{enum: [a, 1, null]}", "true", "/body enum"},
        {"{enum: [a, 1, null]}", "\"A\"", "/body enum"},
        {"{enum: [[1, {a: 2}]]}", "[1,{\"a\":2.0}]", ""},
        {"{enum: [[1, {a: 2}]]}", "[1,{\"a\":2,\"b\":0}]", "/body enum"},
        {"{const: {a: 1, b: 2}}", "{\"b\":2,\"a\":1}", ""},
        {"{const: {a: 1, b: 2}}", "{\"b\":2,\"c\":1}", "/body const"},
        {"{const: false}", "0", "/body const"},
        {"{const: 0.5}", "0.5", ""},
    };
    CHECK(examples);
}

static void strings_are_measured_in_code_points(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{minLength: 2}", "\"å\"", "/body minLength"},
        {"{minLength: 2}", "\"åä\"", ""},
        {"{maxLength: 2}", "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"", ""},
        {"{maxLength: 2}", "\"abc\"", "/body maxLength"},
        {"{maxLength: 2}", "12345", ""},
        {"{pattern: '^[a-z]+$'}", "\"abc\"", ""},
        {"{pattern: '^[a-z]+$'}", "\"abc\\n\"", "/body pattern"},
        {"{pattern: 'b'}", "\"abc\"", ""},
        {"{pattern: '^.$'}", "\"å\"", ""},
        {"{pattern: '^\\d$'}", "\"٣\"", "/body pattern"},
        {"{pattern: '^\\u00e5$'}", "\"å\"", ""},
        {"{pattern: '^\\p{L}+$'}", "\"Örebro\"", ""},
        {"{pattern: '\\S'}", "\" \u00a0\u3000\u2028\ufeff\"", "/body pattern"},
        {"{pattern: '\\S'}", "\"\u00a0\u200b\"", ""},
        {"{pattern: '^[a\\s]+$'}", "\"a\u00a0\"", ""},
        {"{pattern: '^[^a\\s]\\s\\\\S$'}", "\"b\u2003\\\\S\"", ""},
        {"{pattern: '^(a+)+$'}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"",
         "/body pattern"},
        {"{pattern: 'x', minLength: 3}", "\"a\"", "/body minLength, /body pattern"},
    };
    CHECK(examples);
}

static void numbers_keep_their_bounds(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{minimum: 1}", "1", ""},
        {"{minimum: 1}", "0.99", "/body minimum"},
        {"{maximum: 1}", "1.0", ""},
        {"{maximum: 1}", "2", "/body maximum"},
        {"{exclusiveMinimum: 1}", "1", "/body exclusiveMinimum"},
        {"{exclusiveMinimum: 1}", "1.01", ""},
        {"{exclusiveMaximum: 1}", "1", "/body exclusiveMaximum"},
        {"{exclusiveMaximum: 1}", "0", ""},
        {"{multipleOf: 3}", "9", ""},
        {"{multipleOf: 3}", "10", "/body multipleOf"},
        {"{multipleOf: 0.1}", "0.3", ""},
        {"{multipleOf: 0.1}", "0.35", "/body multipleOf"},
        {"{minimum: 5}", "\"1\"", ""},
        {"{maximum: 9007199254740992}", "9007199254740993", "/body maximum"},
        {"{format: int32}", "2147483647", ""},
        {"{format: int32}", "2147483648", "/body int32"},
        {"{format: int64}", "1e30", "/body int64"},
    };
    CHECK(examples);
}

static void arrays_are_checked_item_by_item(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{minItems: 1}", "[]", "/body minItems"},
        {"{maxItems: 1}", "[1,2]", "/body maxItems"},
        {"{items: {type: integer}}", "[1,\"a\",2,null]", "/body/1 type, /body/3 type"},
        {"{items: false}", "[1]", "/body/0 false"},
        {"{uniqueItems: true}", "[1,2,\"1\"]", ""},
        {"{uniqueItems: true}", "[1,2,1.0]", "/body uniqueItems"},
        {"{uniqueItems: true}", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", "/body uniqueItems"},
        {"{uniqueItems: true}", "[[1],[2],[1,2]]", ""},
        {"{uniqueItems: true}", "[1,true,null,0,false,\"\"]", ""},
        {"{uniqueItems: false}", "[1,1]", ""},
        {"{items: {type: array, items: {maximum: 1}}}", "[[1],[0,2]]", "/body/1/1 maximum"},
    };
    CHECK(examples);
}

static void objects_are_checked_member_by_member(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{required: [a, b]}", "{\"a\":null}", "/body/b required"},
        {"{required: [a]}", "[]", ""},
        {"{properties: {a: {type: string}}}", "{\"a\":1,\"b\":2}", "/body/a type"},
        {"{properties: {a: {}}, additionalProperties: false}", "{\"a\":1,\"b\":2,\"c\":3}",
         "/body/b additionalProperties, /body/c additionalProperties"},
        {"{properties: {a: {}}, additionalProperties: {type: integer}}", "{\"a\":\"x\",\"b\":2,\"c\":\"y\"}",
         "/body/c type"},
        {"{additionalProperties: true}", "{\"a\":1}", ""},
        {"{minProperties: 1}", "{}", "/body minProperties"},
        {"{maxProperties: 1}", "{\"a\":1,\"b\":2}", "/body maxProperties"},
        {"{properties: {a: {properties: {b: {type: array, items: {type: string}}}}}}", "{\"a\":{\"b\":[\"\",1]}}",
         "/body/a/b/1 type"},
    };
    CHECK(examples);
}

static void a_strange_member_name_is_never_repeated(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{additionalProperties: false}", "{\"201203169808\":1}", "/body additionalProperties"},
        {"{additionalProperties: false}", "{\"Anna Svensson\":1}", "/body additionalProperties"},
        {"{additionalProperties: {properties: {b: {type: string}}}}", "{\"20120316-9808\":{\"b\":1}}", "/body type"},
        {"{additionalProperties: false}", "{\"a/b\":1,\"\":2}",
         "/body additionalProperties, /body additionalProperties"},
    };
    CHECK(examples);
}

static void references_are_followed_and_may_recur(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{$ref: '#/components/schemas/Tree'}",
         "{\"name\":\"a\",\"children\":[{\"name\":\"b\"},{\"children\":[{\"name\":1,\"x\":2}]}]}",
         "/body/children/1/name required, /body/children/1/children/0/name type, "
         "/body/children/1/children/0/x additionalProperties"},
        {"{$ref: '#/components/schemas/Name', minLength: 2}", "\"a\"", "/body minLength"},
        {"{$ref: '#/components/schemas/Name', minLength: 2}", "\"abcd\"", "/body maxLength"},
        {"{$ref: '#/components/schemas/a~0b'}", "true", "/body type"},
        {"{$ref: '#/components/schemas/a~1b'}", "1", "/body type"},
        {"{$ref: '#/components/schemas/Tree/properties/name'}", "1", "/body type"},
        {"{type: object, properties: {$ref: {type: integer}}}", "{\"$ref\":\"a\"}", "/body type"},
    };
    CHECK(examples);
}

static void combinations_report_what_helps(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{allOf: [{minimum: 2}, {maximum: 1}]}", "1.5", "/body minimum, /body maximum"},
        {"{anyOf: [{type: string}, {type: integer}]}", "1", ""},
        {"{anyOf: [{minimum: 2}, {maximum: 5}]}", "3", ""},
        {"{oneOf: [{minimum: 2}, {maximum: 5}]}", "3", "/body oneOf"},
        {"{oneOf: [{minimum: 2}, {maximum: 1}]}", "3", ""},
        /* only one alternative has the type: its faults alone */
        {"{oneOf: [{type: string, maxLength: 1}, {type: 'null'}]}", "\"ab\"", "/body maxLength"},
        {"{anyOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}", "\"abcd\"", "/body maxLength"},
        /* a const tells the alternatives apart */
        {"{oneOf: [{properties: {kind: {const: a}, x: {type: string}}, required: [kind, x]}, "
         "{properties: {kind: {const: b}, y: {type: string}}, required: [kind, y]}]}",
         "{\"kind\":\"b\",\"y\":1}", "/body/y type"},
        /* nothing tells them apart: said so, then the nearest */
        {"{oneOf: [{type: object, required: [a, b]}, {type: object, required: [c]}]}", "{}",
         "/body oneOf, /body/c required"},
        {"{anyOf: [{type: string}, {type: integer}]}", "null", "/body anyOf, /body type"},
        {"{not: {type: string}}", "\"a\"", "/body not"},
        {"{not: {type: string}}", "1", ""},
        {"{not: {required: [a]}}", "{\"a\":1}", "/body not"},
    };
    CHECK(examples);
}

static void formats_are_checked(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{format: uuid}", "\"0190163d-8694-739b-aea5-966c26f8ad91\"", ""},
        {"{format: uuid}", "\"0190163d8694739baea5966c26f8ad91\"", "/body uuid"},
        {"{format: date}", "\"2024-02-29\"", ""},
        {"{format: date}", "\"2026-02-29\"", "/body date"},
        {"{format: date}", "\"1900-02-29\"", "/body date"},
        {"{format: date}", "\"2026-6-1\"", "/body date"},
        {"{format: date}", "\"0000-01-01\"", "/body date"},
        {"{format: date}", "\"2026-01-01T\"", "/body date"},
        {"{format: date-time}", "\"2026-06-01T12:00:00Z\"", ""},
        {"{format: date-time}", "\"2026-06-01t12:00:00.123456z\"", ""},
        {"{format: date-time}", "\"2026-06-01T12:00:00+02:00\"", ""},
        {"{format: date-time}", "\"2026-06-01T12:00:00-12:00\"", ""},
        {"{format: date-time}", "\"2026-06-01T12:00:00\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01 12:00:00Z\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T24:00:00Z\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T12:60:00Z\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T12:00:00+0200\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T12:00:00+16:00\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T12:00:00.Z\"", "/body date-time"},
        {"{format: date-time}", "\"2026-06-01T12:00:00.1234567890Z\"", "/body date-time"},
        {"{format: date-time}", "\"2026-02-30T12:00:00Z\"", "/body date-time"},
        {"{format: date-time}", "\"2016-12-31T23:59:60Z\"", ""},
        {"{format: date-time}", "\"2017-01-01T00:59:60+01:00\"", ""},
        {"{format: date-time}", "\"2016-12-31T15:59:60-08:00\"", ""},
        {"{format: date-time}", "\"2016-12-31T23:59:60+01:00\"", "/body date-time"},
        {"{format: date-time}", "\"2016-12-31T12:00:60Z\"", "/body date-time"},
        {"{format: email}", "\"anna.b+c@skola.example.se\"", ""},
        {"{format: email}", "\"anna@\"", "/body email"},
        {"{format: email}", "\"@example.se\"", "/body email"},
        {"{format: email}", "\"a..b@example.se\"", "/body email"},
        {"{format: email}", "\"a.@example.se\"", "/body email"},
        {"{format: email}", "\"a b@example.se\"", "/body email"},
        {"{format: email}", "\"a@b@example.se\"", "/body email"},
        {"{format: email}", "\"a@-example.se\"", "/body email"},
        {"{format: email}", "\"a@example..se\"", "/body email"},
        {"{format: uri}", "\"https://example.se:8080/a%20b?c=d#e\"", ""},
        {"{format: uri}", "\"urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91\"", ""},
        {"{format: uri}", "\"http://[::1]/\"", ""},
        {"{format: uri}", "\"/a\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/a b\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/%zz\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/%2\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/å\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/[a]\"", "/body uri"},
        {"{format: uri}", "\"https://example.se/#a#b\"", "/body uri"},
        {"{format: uri}", "\"1a:b\"", "/body uri"},
        {"{format: uri}", "\"https:\"", "/body uri"},
        {"{format: uri-reference}", "\"/a?b\"", ""},
        {"{format: uri-reference}", "\"\"", ""},
        {"{format: uri-reference}", "\"1a:b\"", "/body uri-reference"},
        {"{format: organisation-number}", "\"232100-0016\"", ""},
        {"{format: organisation-number}", "\"232100-0017\"", "/body organisation-number"},
        {"{format: hsa-id}", "\"SE2321000016-TEST01\"", ""},
        {"{format: municipality-code}", "\"1814\"", ""},
        {"{format: municipality-code}", "\"1899\"", "/body municipality-code"},
        {"{format: county-code}", "\"18\"", ""},
        {"{format: school-unit-code}", "\"1234567\"", "/body school-unit-code"},
        {"{format: date}", "1", ""},
    };
    CHECK(examples);
}

static void test_persons_pass_only_when_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *format, *value;
    } cases[] = {
        {"personal-identity-number", "\"20120316-9808\""},
        {"coordination-number", "\"20090578-9814\""},
        {"identity-number", "\"20120316-9808\""},
        {"identity-number", "\"20090578-9814\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arena *arena = arena_create();
        struct contract *contract = load_schema(arena_printf(arena, "{format: %s}", cases[i].format));
        assert_string_equal(validate(contract, cases[i].value, arena),
                            arena_printf(arena, "/body %s", cases[i].format));
        contract_accept_test_numbers(contract, true);
        assert_string_equal(validate(contract, cases[i].value, arena), "");
        contract_accept_test_numbers(contract, false);
        assert_string_not_equal(validate(contract, cases[i].value, arena), "");
        contract_destroy(contract);
        arena_destroy(arena);
    }
}

static void details_are_in_two_languages_without_the_value(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct contract *contract = load_schema("{type: string, maxLength: 5}");
    json_t *value = json_string("hemligt");
    struct violations violations = {.arena = arena};
    schema_validate(contract_find(contract, "x")->body, value, "/body", arena, &violations);
    assert_int_equal(violations.count, 1);
    assert_string_equal(violations.first->detail_en, "must have at most 5 characters");
    assert_string_equal(violations.first->detail_sv, "får ha högst 5 tecken");
    json_decref(value);
    contract_destroy(contract);
    arena_destroy(arena);
}

/* Also inside alternatives, and without memory for each. */
static void a_hundred_violations_are_kept_and_all_are_counted(void **state)
{
    (void)state;
    static const char *const schemas[] = {"{items: {type: string}}",
                                          "{items: {oneOf: [{type: string}, {maxLength: 1, type: string}]}}"};
    for (size_t i = 0; i < 2; i++) {
        struct arena *arena = arena_create();
        struct contract *contract = load_schema(schemas[i]);
        json_t *value = json_array();
        for (int n = 0; n < 10000; n++)
            json_array_append_new(value, json_integer(n));
        struct violations violations = {.arena = arena};
        schema_validate(contract_find(contract, "x")->body, value, "/body", arena, &violations);
        size_t kept = 0;
        for (const struct violation *v = violations.first; v; v = v->next)
            kept++;
        assert_int_equal(kept, 100);
        assert_true(violations.count >= 10000);
        assert_true(arena_used(arena) < 2000000);
        json_decref(value);
        contract_destroy(contract);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_told_apart),
        cmocka_unit_test(enum_and_const_compare_by_value),
        cmocka_unit_test(strings_are_measured_in_code_points),
        cmocka_unit_test(numbers_keep_their_bounds),
        cmocka_unit_test(arrays_are_checked_item_by_item),
        cmocka_unit_test(objects_are_checked_member_by_member),
        cmocka_unit_test(a_strange_member_name_is_never_repeated),
        cmocka_unit_test(references_are_followed_and_may_recur),
        cmocka_unit_test(combinations_report_what_helps),
        cmocka_unit_test(formats_are_checked),
        cmocka_unit_test(test_persons_pass_only_when_accepted),
        cmocka_unit_test(details_are_in_two_languages_without_the_value),
        cmocka_unit_test(a_hundred_violations_are_kept_and_all_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
