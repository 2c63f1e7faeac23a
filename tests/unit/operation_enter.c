/* Who enters beside those who work here, and how: a party by number, and a colleague by an emergency access. */
#include "unit/operation_fixture.h"

static void a_party_is_known_by_number(void **state)
{
    const char *line = bearer_of("anyone", "19850412-9852", "samsyn:case", 100);
    char headers[4096];
    (void)state;
    snprintf(headers, sizeof(headers), "%s" JSON_TYPE, line);

    assert_answer(ask(tiny.port, request_text("GET", "/things", line, NULL)), 200, NULL);
    assert_answer(ask(tiny.port, request_text("POST", "/things", headers, "{\"name\":\"one\"}")), 403,
                  "ROLE_NOT_ALLOWED");
    assert_answer(ask(tiny.port, request_text("GET", "/things", bearer_of("reader", "1", "samsyn:case", 100), NULL)),
                  401, "TOKEN_INVALID");

    assert_string_equal(cluster_sql("select string_agg(operation || ' ' || number, ', ') from samsyn.events"),
                        "createThing 198504129852");
}

static void an_emergency_access_is_named_by_a_header(void **state)
{
    static const char headers[] = JSON_TYPE "Samsyn-Emergency-Access: 01940000-0000-7000-8000-000000000001\r\n";
    (void)state;
    assert_answer(as("writer", "GET", "/things", headers + sizeof(JSON_TYPE) - 1, NULL), 200, NULL);

    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 403, "ROLE_NOT_ALLOWED");

    assert_string_equal(cluster_sql("select string_agg(operation || ' ' || emergency, ', ') from samsyn.events"),
                        "createThing 01940000-0000-7000-8000-000000000001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_party_is_known_by_number),
        TEST(an_emergency_access_is_named_by_a_header),
    };
    return cmocka_run_group_tests(tests, tiny_start, tiny_stop);
}
