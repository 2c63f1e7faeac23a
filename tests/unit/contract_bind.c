/* From path values, query string and headers to typed values. */
#include "contract_sample.h"

#include <strings.h>

static const char yaml[] = SAMPLE_HEAD
    "paths:\n"
    "  /things/{id}:\n"
    "    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]\n"
    "    patch:\n"
    "      operationId: x\n"
    "      parameters:\n"
    "        - {name: count, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}\n"
    "        - {name: share, in: query, schema: {type: number}}\n"
    "        - {name: open, in: query, schema: {type: boolean}}\n"
    "        - {name: from, in: query, schema: {type: string, format: date-time}}\n"
    "        - {name: status, in: query, explode: false, schema: {type: array, default: [open], "
    "items: {type: string, enum: [open, closed, 'a,b']}}}\n"
    "        - {name: text, in: query, schema: {type: string, maxLength: 5}}\n"
    "        - {name: If-Match, in: header, required: true, schema: {type: string, maxLength: 100}}\n"
    "        - {name: Samsyn-Assignment, in: header, schema: {type: string, format: uuid}}\n"
    "      responses: {'204': {description: Done}}\n"
    "  /needed:\n"
    "    get: {operationId: needed, parameters: [{name: q, in: query, required: true, schema: {type: string}}], "
    "responses: {'204': {description: Done}}}\n"
    "components:\n" SAMPLE_SCHEMES;

#define ID "0190163d-8694-739b-aea5-966c26f8ad91"
#define REST ",\"status\":[\"open\"],\"If-Match\":\"v1\"}"

static int load(void **state)
{
    *state = sample_load(yaml);
    return 0;
}

static int unload(void **state)
{
    contract_destroy(*state);
    return 0;
}

struct headers {
    const char *if_match, *assignment;
};

static const char *read_header(void *request, const char *name)
{
    const struct headers *headers = request;
    if (strcasecmp(name, "if-match") == 0)
        return headers->if_match;
    return strcasecmp(name, "samsyn-assignment") == 0 ? headers->assignment : NULL;
}

/* The bound object as text, or the violations. */
static const char *bind(struct contract *contract, const char *path, const char *query, struct headers headers,
                        struct arena *arena)
{
    struct route route;
    const char *method = strstr(path, "needed") ? "GET" : "PATCH";
    assert_int_equal(contract_match(contract, method, path, arena, &route), MATCH_FOUND);
    struct violations violations = {.arena = arena};
    json_t *values = contract_bind(route.operation, &route, query, read_header, &headers, arena, &violations);
    if (violations.count)
        return sample_list(&violations, arena);
    char *text = json_dumps(values, JSON_COMPACT);
    const char *lent = arena_strdup(arena, text);
    free(text);
    return lent;
}

static void check_query(struct contract *contract, const char *query, const char *expected)
{
    struct arena *arena = arena_create();
    const struct headers headers = {.if_match = "v1"};
    const char *found = bind(contract, "/samsyn/v1/things/" ID, query, headers, arena);
    if (strcmp(found, expected) != 0)
        fail_msg("?%s gave %s, not %s", query ? query : "", found, expected);
    arena_destroy(arena);
}

static void values_are_typed_and_defaults_filled_in(void **state)
{
    static const struct {
        const char *query, *expected;
    } cases[] = {
        {NULL, "{\"id\":\"" ID "\",\"If-Match\":\"v1\",\"count\":20,\"status\":[\"open\"]}"},
        {"", "{\"id\":\"" ID "\",\"If-Match\":\"v1\",\"count\":20,\"status\":[\"open\"]}"},
        {"&&", "{\"id\":\"" ID "\",\"If-Match\":\"v1\",\"count\":20,\"status\":[\"open\"]}"},
        {"count=5&status=open", "{\"id\":\"" ID "\",\"count\":5" REST},
        {"count=5&share=0.5&status=open", "{\"id\":\"" ID "\",\"count\":5,\"share\":0.5" REST},
        {"count=5&open=true&status=open", "{\"id\":\"" ID "\",\"count\":5,\"open\":true" REST},
        {"c%6funt=%35&status=open", "{\"id\":\"" ID "\",\"count\":5" REST},
        {"count=5&text=%C3%A5%26+b&status=open", "{\"id\":\"" ID "\",\"count\":5,\"text\":\"å& b\"" REST},
        {"count=5&text=&status=open", "{\"id\":\"" ID "\",\"count\":5,\"text\":\"\"" REST},
        {"count=5&text&status=open", "{\"id\":\"" ID "\",\"count\":5,\"text\":\"\"" REST},
        {"count=5&text=a=b&status=open", "{\"id\":\"" ID "\",\"count\":5,\"text\":\"a=b\"" REST},
        {"count=5&from=2026-01-01T00:00:00%2B01:00&status=open",
         "{\"id\":\"" ID "\",\"count\":5,\"from\":\"2026-01-01T00:00:00+01:00\"" REST},
        {"count=5&status=open,closed,a%2Cb",
         "{\"id\":\"" ID "\",\"count\":5,\"status\":[\"open\",\"closed\",\"a,b\"],\"If-Match\":\"v1\"}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_query(*state, cases[i].query, cases[i].expected);
}

static void every_fault_is_reported_at_its_place(void **state)
{
    static const struct {
        const char *query, *expected;
    } cases[] = {
        {"count=0", "/query/count minimum"},
        {"count=101", "/query/count maximum"},
        {"count=", "/query/count type"},
        {"count=5x", "/query/count type"},
        {"count=+5", "/query/count type"},
        {"count=%205", "/query/count type"},
        {"count=05", "/query/count type"},
        {"count=0x5", "/query/count type"},
        {"count=5.5", "/query/count type"},
        {"count=5.0", "/query/count type"},
        {"count=5e1", "/query/count type"},
        {"count=1e400", "/query/count type"},
        {"count=99999999999999999999", "/query/count type"},
        {"count=[5]", "/query/count type"},
        {"share=NaN", "/query/share type"},
        {"share=true", "/query/share type"},
        {"open=1", "/query/open type"},
        {"open=TRUE", "/query/open type"},
        {"from=2026-01-01", "/query/from date-time"},
        {"from=2026-01-01T00:00:00+01:00", "/query/from date-time"},
        {"status=open,other", "/query/status/1 enum"},
        {"status=", "/query/status/0 enum"},
        {"status=open,,closed", "/query/status/1 enum"},
        {"text=abcdef", "/query/text maxLength"},
        {"text=%", "/query/text encoding"},
        {"text=%00", "/query/text encoding"},
        {"text=%ff", "/query/text encoding"},
        {"text=\xff", "/query/text encoding"},
        {"status=open,%ff", "/query/status encoding"},
        {"%ff=1", "/query encoding"},
        {"other=1", "/query/other unknown"},
        {"Count=1", "/query/Count unknown"},
        {"id=1", "/query/id unknown"},
        {"20120316-9808=1", "/query unknown"},
        {"=1", "/query unknown"},
        {"count=5&count=5", "/query/count repeated"},
        {"status=open&status=closed", "/query/status repeated"},
        {"count=0&open=1&x=1", "/query/count minimum, /query/open type, /query/x unknown"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_query(*state, cases[i].query, cases[i].expected);
}

static void a_missing_if_match_can_be_told_apart(void **state)
{
    struct arena *arena = arena_create();
    const struct headers none = {0};
    assert_string_equal(bind(*state, "/samsyn/v1/things/" ID, NULL, none, arena), "/header/If-Match required");
    arena_destroy(arena);
}

static void headers_are_checked_like_the_rest(void **state)
{
    struct arena *arena = arena_create();
    const struct headers bad = {.if_match = "\xff", .assignment = "me"};
    assert_string_equal(bind(*state, "/samsyn/v1/things/" ID, NULL, bad, arena),
                        "/header/If-Match encoding, /header/Samsyn-Assignment uuid");
    arena_destroy(arena);
}

static void a_path_value_is_checked(void **state)
{
    struct arena *arena = arena_create();
    const struct headers headers = {.if_match = "v1"};
    assert_string_equal(bind(*state, "/samsyn/v1/things/7", NULL, headers, arena), "/path/id uuid");
    arena_destroy(arena);
}

static void a_required_query_parameter_is_missed(void **state)
{
    struct arena *arena = arena_create();
    const struct headers none = {0};
    assert_string_equal(bind(*state, "/samsyn/v1/needed", NULL, none, arena), "/query/q required");
    assert_string_equal(bind(*state, "/samsyn/v1/needed", "q=a", none, arena), "{\"q\":\"a\"}");
    arena_destroy(arena);
}

static void a_default_is_a_copy(void **state)
{
    const struct operation *operation = contract_find(*state, "x");
    struct arena *arena = arena_create();
    struct route route;
    struct headers headers = {.if_match = "v1"};
    struct violations violations = {.arena = arena};
    contract_match(*state, "PATCH", "/samsyn/v1/things/" ID, arena, &route);
    json_t *values = contract_bind(operation, &route, NULL, read_header, &headers, arena, &violations);
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->fallback)
            assert_ptr_not_equal(json_object_get(values, parameter->name), parameter->fallback);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_typed_and_defaults_filled_in),
        cmocka_unit_test(every_fault_is_reported_at_its_place),
        cmocka_unit_test(a_missing_if_match_can_be_told_apart),
        cmocka_unit_test(headers_are_checked_like_the_rest),
        cmocka_unit_test(a_path_value_is_checked),
        cmocka_unit_test(a_required_query_parameter_is_missed),
        cmocka_unit_test(a_default_is_a_copy),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
