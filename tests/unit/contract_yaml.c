/* YAML to JSON: scalars by the core schema of YAML 1.2, and what is refused. */
#include "contract_sample.h"

#include "contract/yaml.h"

static void scalars_resolve_by_the_core_schema(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"a: null", "{\"a\":null}"},
        {"a: ~", "{\"a\":null}"},
        {"a:", "{\"a\":null}"},
        {"a: true", "{\"a\":true}"},
        {"a: FALSE", "{\"a\":false}"},
        {"a: yes", "{\"a\":\"yes\"}"},
        {"a: on", "{\"a\":\"on\"}"},
        {"a: 017", "{\"a\":17}"},
        {"a: 0o17", "{\"a\":15}"},
        {"a: 0xfF", "{\"a\":255}"},
        {"a: -12", "{\"a\":-12}"},
        {"a: +3", "{\"a\":3}"},
        {"a: 1_000", "{\"a\":\"1_000\"}"},
        {"a: 1:30", "{\"a\":\"1:30\"}"},
        {"a: 1.5", "{\"a\":1.5}"},
        {"a: .5", "{\"a\":0.5}"},
        {"a: 25e-2", "{\"a\":0.25}"},
        {"a: .", "{\"a\":\".\"}"},
        {"a: 1e", "{\"a\":\"1e\"}"},
        {"a: '12'", "{\"a\":\"12\"}"},
        {"a: \"true\"", "{\"a\":\"true\"}"},
        {"a: 2026-06-01", "{\"a\":\"2026-06-01\"}"},
        {"a: Örebro", "{\"a\":\"Örebro\"}"},
        {"200: x", "{\"200\":\"x\"}"},
        {"a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}"},
        {"a: >-\n  x\n  y\n", "{\"a\":\"x y\"}"},
        {"- 1\n- [2, {b: c}]\n", "[1,[2,{\"b\":\"c\"}]]"},
        {"{\"a\": [1, \"2\"]}", "{\"a\":[1,\"2\"]}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *why = NULL;
        json_t *value = yaml_load(cases[i].yaml, strlen(cases[i].yaml), &why);
        char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : why;
        assert_string_equal(text, cases[i].json);
        free(text);
        json_decref(value);
    }
}

static void what_cannot_be_followed_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *why;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "line 3, column 1: a duplicate key"},
        {"a: &x 1\n", "line 1, column 4: anchors are not used in a contract"},
        {"a: [&x 1, *x]\n", "line 1, column 5: anchors are not used in a contract"},
        {"a: *x\n", "line 1, column 4: aliases are not used in a contract"},
        {"a: !!str 1\n", "line 1, column 4: tags are not used in a contract"},
        {"a: .inf\n", "line 1, column 4: JSON has no infinity and no NaN"},
        {"a: .NaN\n", "line 1, column 4: JSON has no infinity and no NaN"},
        {"a: 9223372036854775808\n", "line 1, column 4: an integer beyond 64 bits"},
        {"a: 1e999\n", "line 1, column 4: a number out of range"},
        {"a: \"x\\0y\"\n", "line 1, column 4: NUL in a scalar"},
        {"? [a]\n: b\n", "line 1, column 3: a key must be a scalar"},
        {"a: 1\n---\nb: 2\n", "line 2, column 1: more than one document"},
        {"", "line 1, column 1: no document"},
        {"a: [1\n", "line 2, column 1: did not find expected ',' or ']'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *why = NULL;
        assert_null(yaml_load(cases[i].yaml, strlen(cases[i].yaml), &why));
        assert_string_equal(why, cases[i].why);
        free(why);
    }
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    char yaml[400];
    memset(yaml, '[', 200);
    memset(yaml + 200, ']', 200);
    char *why = NULL;
    assert_null(yaml_load(yaml, sizeof(yaml), &why));
    assert_non_null(strstr(why, "nested too deeply"));
    free(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_resolve_by_the_core_schema),
        cmocka_unit_test(what_cannot_be_followed_is_refused_with_its_place),
        cmocka_unit_test(nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
