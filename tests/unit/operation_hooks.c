/* What SQL alone cannot do: exports, and what the server tells about itself. */
#include "unit/operation_fixture.h"

static struct answer ask_open(const char *path, const char *headers)
{
    return ask(tiny.port, request_text("GET", path, headers, NULL));
}

static void an_export_is_logged_and_streams_json_lines(void **state)
{
    (void)state;
    thing("a");
    thing("b");

    struct answer answer = as("reader", "GET", "/access-event-exports", "", NULL);

    assert_int_equal(answer.status, 200);
    assert_true(answer.complete);
    assert_string_equal(header(&answer, "Content-Type"), "application/x-ndjson");
    assert_string_equal(header(&answer, "Content-Disposition"), "attachment; filename=\"access-event-exports.ndjson\"");
    assert_string_equal(answer.body, "{\"name\" : \"a\", \"id\" : 1}\n{\"name\" : \"b\", \"id\" : 2}\n");
    assert_string_equal(events(), "exportAccessEvents allowed");
    answer_free(&answer);
}

static void an_export_in_csv_has_the_contracts_columns(void **state)
{
    (void)state;
    thing("=cmd()");
    thing("b,c");

    struct answer answer = as("reader", "GET", "/access-event-exports", "Accept: text/csv\r\n", NULL);

    assert_string_equal(header(&answer, "Content-Type"), "text/csv");
    assert_string_equal(answer.body, "id,name,missing\r\n1,\"'=cmd()\",\r\n2,\"b,c\",\r\n");
    answer_free(&answer);
}

static void an_export_of_nothing_is_empty_but_for_the_header(void **state)
{
    (void)state;
    struct answer lines = as("reader", "GET", "/access-event-exports", "", NULL);
    struct answer csv = as("reader", "GET", "/access-event-exports?status=none", "Accept: text/csv\r\n", NULL);

    assert_int_equal(lines.status, 200);
    assert_string_equal(lines.body, "");
    assert_string_equal(csv.body, "id,name,missing\r\n");
    answer_free(&lines);
    answer_free(&csv);
}

static void an_export_follows_its_filters(void **state)
{
    (void)state;
    thing("a");
    thing("b");
    cluster_sql("update samsyn.things set status = 'closed' where name = 'b'");

    struct answer answer = as("reader", "GET", "/access-event-exports?status=closed", "", NULL);

    assert_string_equal(answer.body, "{\"name\" : \"b\", \"id\" : 2}\n");
    answer_free(&answer);
}

static void an_export_longer_than_any_buffer_arrives_whole(void **state)
{
    (void)state;
    cluster_sql("insert into samsyn.things (id, name) select gen_random_uuid(), 'number ' || n from generate_series(1, "
                "20000) n");

    struct answer answer = as("reader", "GET", "/access-event-exports", "Accept: text/csv\r\n", NULL);

    size_t lines = 0;
    for (const char *at = answer.body; (at = strchr(at, '\n')); at++)
        lines++;
    assert_true(answer.complete);
    assert_int_equal(lines, 20001);
    assert_non_null(strstr(answer.body, "\r\n20000,number 20000,\r\n"));
    answer_free(&answer);
}

static void an_export_without_permission_streams_nothing(void **state)
{
    (void)state;
    thing("a");

    assert_answer(as("outsider", "GET", "/access-event-exports", "", NULL), 403, "ROLE_NOT_ALLOWED");

    assert_string_equal(events(), "exportAccessEvents denied ROLE_NOT_ALLOWED");
}

static void head_of_an_export_has_no_body(void **state)
{
    (void)state;
    struct answer answer = as("reader", "HEAD", "/access-event-exports", "", NULL);

    assert_int_equal(answer.status, 200);
    assert_string_equal(events(), "exportAccessEvents allowed");
    answer_free(&answer);
}

static void api_info_has_the_names_of_the_profile(void **state)
{
    (void)state;
    struct answer answer = ask_open("/api-info", "");

    assert_int_equal(answer.status, 200);
    assert_string_equal(member(&answer, "apiVersion"), "1.2.3");
    assert_string_equal(member(&answer, "apiReleased"), "2026-01-02");
    assert_string_equal(member(&answer, "apiStatus"), "beta");
    assert_string_equal(member(&answer, "apiName"), "samsyn");
    assert_contains(member(&answer, "apiDocumentation"), "http://localhost");
    assert_contains(member(&answer, "apiDocumentation"), "/samsyn/v1/docs");
    answer_free(&answer);
}

static void the_contract_is_served_as_it_is(void **state)
{
    (void)state;
    struct answer yaml = ask_open("/openapi.yaml", "");
    struct answer json = ask_open("/openapi.json", "");

    assert_string_equal(yaml.body, tiny_yaml);
    assert_string_equal(header(&yaml, "Content-Type"), "application/yaml");
    json_t *served = json_loads(json.body, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(served, contract_json(tiny.contract)));
    json_decref(served);
    answer_free(&yaml);
    answer_free(&json);
}

static void the_contract_may_be_cached(void **state)
{
    static const char *const paths[] = {"/openapi.yaml", "/openapi.json", "/docs"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char headers[128];
        struct answer answer = ask_open(paths[i], "");
        snprintf(headers, sizeof(headers), "If-None-Match: %.100s\r\n", header(&answer, "ETag"));

        assert_contains(header(&answer, "Cache-Control"), "max-age");
        assert_answer(ask_open(paths[i], headers), 304, NULL);
        answer_free(&answer);
    }
}

static void the_documentation_is_one_safe_page(void **state)
{
    static const char *const parts[] = {
        "<!doctype html>",
        "Tiny &lt;API&gt;",
        "About the API <span lang=\"sv\">Om API:et",
        "Terms of use",
        "Datamodell",
        "Autentisering",
        "Livscykel och versioner",
        "Kontakt",
        "About <code>it</code>.</p>\n<p>More.",
        "id=\"createThing\"",
        "Make a thing",
        "POST /samsyn/v1/things",
        "thing:write",
        "A &lt;name&gt;",
        "thingId",
    };
    (void)state;
    struct answer answer = ask_open("/docs", "");

    assert_int_equal(answer.status, 200);
    assert_string_equal(header(&answer, "Content-Type"), "text/html");
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        assert_contains(answer.body, parts[i]);
    assert_lacks(answer.body, "<script");
    assert_lacks(answer.body, "style=");
    assert_lacks(answer.body, "A <name>");
    assert_contains(header(&answer, "Content-Security-Policy"), "default-src 'none'; style-src 'sha256-");
    answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_export_is_logged_and_streams_json_lines),
        TEST(an_export_in_csv_has_the_contracts_columns),
        TEST(an_export_of_nothing_is_empty_but_for_the_header),
        TEST(an_export_follows_its_filters),
        TEST(an_export_longer_than_any_buffer_arrives_whole),
        TEST(an_export_without_permission_streams_nothing),
        TEST(head_of_an_export_has_no_body),
        TEST(api_info_has_the_names_of_the_profile),
        TEST(the_contract_is_served_as_it_is),
        TEST(the_contract_may_be_cached),
        TEST(the_documentation_is_one_safe_page),
    };
    return cmocka_run_group_tests(tests, tiny_start, tiny_stop);
}
