/* From method and path to an operation. */
#include "contract_sample.h"

#define PATH(path) "  " path ":\n"
#define PARAMETER(name) "      - {name: " name ", in: path, required: true, schema: {type: string}}\n"
#define REST(name) "      - {name: " name ", in: path, required: true, x-rest: true, schema: {type: string}}\n"
#define OPERATION(method, id) "    " method ": {operationId: " id ", responses: {'204': {description: Done}}}\n"

/* clang-format off */
static const char yaml[] = SAMPLE_HEAD
    "paths:\n"
    PATH("/") OPERATION("get", "root")
    PATH("/cases") OPERATION("get", "listCases") OPERATION("post", "createCase")
    PATH("/cases/{caseId}") "    parameters:\n" PARAMETER("caseId")
        OPERATION("get", "getCase") OPERATION("patch", "updateCase")
    PATH("/cases/search") OPERATION("post", "searchCases")
    PATH("/cases/search/saved") OPERATION("get", "listSaved")
    PATH("/cases/{caseId}/records/{recordId}") "    parameters:\n" PARAMETER("caseId") PARAMETER("recordId")
        OPERATION("get", "getRecord") OPERATION("delete", "deleteRecord")
    PATH("/files/{drawer}/{file}") "    parameters:\n" PARAMETER("drawer") REST("file")
        OPERATION("get", "getFile")
    PATH("/files/{drawer}/index") "    parameters:\n" PARAMETER("drawer") OPERATION("get", "getIndex")
    "components:\n" SAMPLE_SCHEMES;
/* clang-format on */

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

/* "operation name=value ..." or the name of the failure with the methods allowed. */
static const char *match(const struct contract *contract, const char *method, const char *path, struct arena *arena)
{
    struct route route;
    switch (contract_match(contract, method, path, arena, &route)) {
    case MATCH_MALFORMED:
        return "malformed";
    case MATCH_NO_PATH:
        return "no path";
    case MATCH_NO_METHOD:
        return arena_printf(arena, "no method, but %s", route.allow);
    case MATCH_FOUND:
        break;
    }
    const char *text = route.operation->id;
    for (size_t i = 0; i < route.value_count; i++)
        text = arena_printf(arena, "%s %s=%s", text, route.values[i].name, route.values[i].value);
    return text;
}

static void paths_lead_where_they_should(void **state)
{
    static const struct {
        const char *method, *path, *expected;
    } cases[] = {
        {"GET", "/samsyn/v1", "root"},
        {"GET", "/samsyn/v1/cases", "listCases"},
        {"POST", "/samsyn/v1/cases", "createCase"},
        {"HEAD", "/samsyn/v1/cases", "listCases"},
        {"GET", "/samsyn/v1/cases/7", "getCase caseId=7"},
        {"GET", "/samsyn/v1/c%61ses/7", "getCase caseId=7"},
        {"GET", "/samsyn/v1/cases/%C3%A5%20+", "getCase caseId=å +"},
        {"GET", "/samsyn/v1/cases/...", "getCase caseId=..."},
        {"GET", "/samsyn/v1/cases/7/records/8", "getRecord caseId=7 recordId=8"},
        {"DELETE", "/samsyn/v1/cases/7/records/8", "deleteRecord caseId=7 recordId=8"},
        /* the literal wins over the parameter, also when it does not know the method */
        {"POST", "/samsyn/v1/cases/search", "searchCases"},
        {"GET", "/samsyn/v1/cases/search", "no method, but POST, OPTIONS"},
        {"GET", "/samsyn/v1/cases/search/saved", "listSaved"},
        /* but a literal that leads nowhere is given up for the parameter */
        {"GET", "/samsyn/v1/cases/search/records/8", "getRecord caseId=search recordId=8"},
        /* what takes the rest takes slashes, but no path that leads elsewhere */
        {"GET", "/samsyn/v1/files/1/a", "getFile drawer=1 file=a"},
        {"GET", "/samsyn/v1/files/1/a/b%20c/d", "getFile drawer=1 file=a/b c/d"},
        {"GET", "/samsyn/v1/files/1/index", "getIndex drawer=1"},
        {"GET", "/samsyn/v1/files/1/index/2", "getFile drawer=1 file=index/2"},
        {"GET", "/samsyn/v1/files/1", "no path"},
        {"GET", "/samsyn/v1/files/1/a%2Fb", "malformed"},
        {"GET", "/samsyn/v1/files/1/a/../b", "malformed"},
        {"GET", "/samsyn/v1/files/1/a//b", "malformed"},
        {"PUT", "/samsyn/v1/cases", "no method, but GET, HEAD, POST, OPTIONS"},
        {"OPTIONS", "/samsyn/v1/cases/7", "no method, but GET, HEAD, PATCH, OPTIONS"},
        {"HEAD", "/samsyn/v1/cases/search", "no method, but POST, OPTIONS"},
        {"get", "/samsyn/v1/cases", "no method, but GET, HEAD, POST, OPTIONS"},
        {"GET", "/", "no path"},
        {"GET", "/samsyn", "no path"},
        {"GET", "/cases", "no path"},
        {"GET", "/samsyn/v1/case", "no path"},
        {"GET", "/samsyn/v1/cases/7/records", "no path"},
        {"GET", "/samsyn/v1/cases/7/records/8/9", "no path"},
        {"GET", "/samsyn/v1/Cases", "no path"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arena *arena = arena_create();
        const char *found = match(*state, cases[i].method, cases[i].path, arena);
        if (strcmp(found, cases[i].expected) != 0)
            fail_msg("%s %s gave %s", cases[i].method, cases[i].path, found);
        arena_destroy(arena);
    }
}

static void malformed_paths_are_called_so(void **state)
{
    static const char *const paths[] = {
        "",
        "*",
        "samsyn/v1/cases",
        "//samsyn/v1/cases",
        "/samsyn/v1/cases/",
        "/samsyn/v1//cases",
        "/samsyn/v1/cases/.",
        "/samsyn/v1/cases/../cases",
        "/samsyn/v1/cases/%2e%2E",
        "/samsyn/v1/cases/%2e",
        "/samsyn/v1/cases/a%2Fb",
        "/samsyn/v1/cases/a%2fb",
        "/samsyn/v1/cases/%00",
        "/samsyn/v1/cases/a%00b",
        "/samsyn/v1/cases/%",
        "/samsyn/v1/cases/%4",
        "/samsyn/v1/cases/%zz",
        "/samsyn/v1/cases/%c3",
        "/samsyn/v1/cases/%c0%af",
        "/samsyn/v1/cases/%ed%a0%80",
        "/samsyn/v1/cases/\xff",
        "/samsyn/v1/cases/a%0Ab",
        "/samsyn/v1/cases/%7f",
        "/nowhere/at/all/%",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct arena *arena = arena_create();
        const char *found = match(*state, "GET", paths[i], arena);
        if (strcmp(found, "malformed") != 0)
            fail_msg("%s gave %s", paths[i], found);
        arena_destroy(arena);
    }
}

static void a_path_of_a_thousand_segments_is_no_path(void **state)
{
    struct arena *arena = arena_create();
    char path[2001] = "";
    for (size_t i = 0; i < 1000; i++)
        memcpy(path + 2 * i, "/a", 3);
    assert_string_equal(match(*state, "GET", path, arena), "no path");
    path[1999] = '%';
    assert_string_equal(match(*state, "GET", path, arena), "malformed");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_where_they_should),
        cmocka_unit_test(malformed_paths_are_called_so),
        cmocka_unit_test(a_path_of_a_thousand_segments_is_no_path),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
