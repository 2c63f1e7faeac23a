/* Bodies are parsed strictly. */
#include "contract_sample.h"

static void refuses(const char *bytes, size_t length, const char *expected)
{
    struct arena *arena = arena_create();
    const char *why = NULL;
    assert_null(contract_parse_body(bytes, length, arena, &why));
    assert_string_equal(why, expected);
    arena_destroy(arena);
}

static void faults_are_named_without_repeating_the_input(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "the body is empty"},
        {"{", "line 1, column 1: the JSON ends too early"},
        {"{\"a\":1,\"a\":2}", "line 1, column 10: the same key twice in an object"},
        {"{\"a\":1} x", "line 1, column 9: something follows after the JSON value"},
        {"{\"a\":\"\\u0000\"}", "line 1, column 13: U+0000 is not allowed"},
        {"{\"\\u0000\":1}", "line 1, column 9: U+0000 is not allowed"},
        {"{\"a\":1e400}", "line 1, column 10: a number out of range"},
        {"{\"a\":99999999999999999999}", "line 1, column 25: a number out of range"},
        {"{\"a\":\"\\ud800\"}", "line 1, column 13: not valid JSON"},
        {"{'a':1}", "line 1, column 2: not valid JSON"},
        {"[1,]", "line 1, column 4: not valid JSON"},
        {"NaN", "line 1, column 3: not valid JSON"},
        {"\xef\xbb\xbf{}", "line 1, column 1: not valid JSON"},
        {"\"\xc3\"", "not well-formed UTF-8"},
        {"\"\xc0\xaf\"", "not well-formed UTF-8"},
        {"\"\xed\xa0\x80\"", "not well-formed UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "not well-formed UTF-8"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        refuses(cases[i].text, strlen(cases[i].text), cases[i].why);
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    refuses("{\"a\":1}\0", 8, "a NUL byte is not allowed");
}

static void depth_32_passes_and_33_does_not(void **state)
{
    (void)state;
    char text[66];
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    struct arena *arena = arena_create();
    const char *why = NULL;
    assert_non_null(contract_parse_body(text + 1, 64, arena, &why));
    arena_destroy(arena);
    refuses(text, 66, "nested more than 32 levels deep");
}

static void brackets_in_strings_do_not_count(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const char *why = NULL;
    const char text[] = "\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"";
    json_t *value = contract_parse_body(text, sizeof(text) - 1, arena, &why);
    assert_int_equal(json_string_length(value), 41);
    arena_destroy(arena);
}

static void integral_reals_become_integers(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const char *why = NULL;
    const char text[] = "{\"a\":1.0,\"b\":[2e2,0.5,-0.0],\"c\":1e30}";
    json_t *value = contract_parse_body(text, sizeof(text) - 1, arena, &why);
    char *dump = json_dumps(value, JSON_COMPACT);
    assert_string_equal(dump, "{\"a\":1,\"b\":[200,0.5,0],\"c\":1e30}");
    free(dump);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_named_without_repeating_the_input),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(depth_32_passes_and_33_does_not),
        cmocka_unit_test(brackets_in_strings_do_not_count),
        cmocka_unit_test(integral_reals_become_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
