/* The street of a request, end to end: HTTP in, a committed transaction with its audit row, HTTP out. */
#include "unit/operation_fixture.h"

static const char absent[] = "018f6b2e-7c1d-7000-8000-000000000000";

static void a_read_is_answered_with_links_and_logged(void **state)
{
    const char *id = thing("one");
    (void)state;

    struct answer answer = as("reader", "GET", path_of(id), "", NULL);

    assert_int_equal(answer.status, 200);
    assert_string_equal(member(&answer, "id"), id);
    assert_string_equal(member(&answer, "_links/self/method"), "GET");
    assert_string_equal(member(&answer, "_links/edit"), "");
    assert_string_equal(header(&answer, "ETag"), "\"1\"");
    assert_string_equal(header(&answer, "Cache-Control"), "no-store");
    assert_string_equal(header(&answer, "Content-Type"), "application/json");
    assert_string_equal(events(), "getThing allowed");
    assert_string_equal(cluster_sql("select resources::text from samsyn.events"), arena_printf(*state, "{%s}", id));
    answer_free(&answer);
}

static void links_follow_permission_and_state(void **state)
{
    const char *id = thing("one");
    (void)state;

    struct answer open = as("writer", "GET", path_of(id), "", NULL);
    cluster_sql("update samsyn.things set status = 'closed'");
    struct answer closed = as("writer", "GET", path_of(id), "", NULL);

    assert_string_equal(member(&open, "_links/edit/method"), "PATCH");
    assert_contains(member(&open, "_links/edit/href"), path_of(id));
    assert_string_equal(member(&closed, "_links/edit"), "");
    answer_free(&open);
    answer_free(&closed);
}

static void head_is_get_without_a_body(void **state)
{
    const char *id = thing("one");
    (void)state;

    struct answer answer = as("reader", "HEAD", path_of(id), "", NULL);

    assert_int_equal(answer.status, 200);
    assert_string_equal(header(&answer, "ETag"), "\"1\"");
    assert_string_equal(events(), "getThing allowed");
    answer_free(&answer);
}

static void what_is_not_there_is_404_and_logged_with_its_target(void **state)
{
    assert_answer(as("reader", "GET", path_of(absent), "", NULL), 404, "NOT_FOUND");

    assert_string_equal(events(), "getThing denied NOT_FOUND");
    assert_string_equal(cluster_sql("select resources::text from samsyn.events"), arena_printf(*state, "{%s}", absent));
}

static void a_list_is_paged_and_names_what_it_returned(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    (void)state;
    for (size_t i = 0; i < 5; i++)
        thing(names[i]);

    struct answer answer = as("reader", "GET", "/things?status=open&limit=2&page=2", "", NULL);

    assert_int_equal(answer.status, 200);
    assert_string_equal(member(&answer, "_meta"),
                        "{\"totalRecords\":5,\"page\":2,\"offset\":2,\"limit\":2,\"count\":2}");
    assert_string_equal(member(&answer, "things/0/name"), "c");
    assert_string_equal(member(&answer, "things/1/name"), "d");
    assert_contains(member(&answer, "things/1/_links/self/href"), "/samsyn/v1/things/");
    assert_contains(member(&answer, "_links/next/href"), "/samsyn/v1/things?status=open&limit=2&page=3");
    assert_string_equal(events(), "listThings allowed");
    assert_string_equal(cluster_sql("select cardinality(resources) from samsyn.events"), "2");
    answer_free(&answer);
}

static void an_empty_list_is_an_answer(void **state)
{
    (void)state;
    struct answer answer = as("reader", "GET", "/things", "", NULL);
    struct answer beyond = as("reader", "GET", "/things?page=9223372036854775807", "", NULL);

    assert_string_equal(member(&answer, "_meta/totalRecords"), "0");
    assert_string_equal(member(&answer, "things"), "[]");
    assert_string_equal(member(&beyond, "things"), "[]");
    assert_string_equal(events(), "listThings allowed, listThings allowed");
    answer_free(&answer);
    answer_free(&beyond);
}

static void an_unchanged_thing_is_304_after_it_is_logged(void **state)
{
    const char *id = thing("one");
    (void)state;

    assert_answer(as("reader", "GET", path_of(id), "If-None-Match: \"1\"\r\n", NULL), 304, NULL);
    assert_answer(as("reader", "GET", path_of(id), "If-None-Match: \"0\", W/\"1\"\r\n", NULL), 304, NULL);
    assert_answer(as("reader", "GET", path_of(id), "If-None-Match: *\r\n", NULL), 304, NULL);
    assert_answer(as("reader", "GET", path_of(id), "If-None-Match: \"0\", \"11\"\r\n", NULL), 200, NULL);
    assert_answer(as("outsider", "GET", path_of(id), "If-None-Match: \"1\"\r\n", NULL), 403, "ROLE_NOT_ALLOWED");

    assert_string_equal(cluster_sql("select count(*) from samsyn.events"), "5");
}

static void an_edit_needs_the_present_state(void **state)
{
    const char *id = thing("one");
    static const char body[] = "{\"name\":\"two\"}";
    (void)state;

    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE, body), 428, "PRECONDITION_REQUIRED");
    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: \"7\"\r\n", body), 412,
                  "PRECONDITION_FAILED");
    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: W/\"1\"\r\n", body), 412,
                  "PRECONDITION_FAILED");
    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: *\r\n", body), 400, "INVALID_REQUEST");
    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: \"1\", \"2\"\r\n", body), 400,
                  "INVALID_REQUEST");
    assert_answer(as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: 1\r\n", body), 400, "INVALID_REQUEST");
    assert_string_equal(cluster_sql("select name from samsyn.things"), "one");

    struct answer answer = as("writer", "PATCH", path_of(id), PATCH_TYPE "If-Match: \"1\"\r\n", body);

    assert_int_equal(answer.status, 200);
    assert_string_equal(member(&answer, "name"), "two");
    assert_string_equal(header(&answer, "ETag"), "\"2\"");
    assert_string_equal(events(), "updateThing denied PRECONDITION_FAILED, updateThing denied PRECONDITION_FAILED, "
                                  "updateThing allowed");
    answer_free(&answer);
}

static void a_create_says_where_the_new_thing_is(void **state)
{
    (void)state;
    struct answer answer = as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"one\"}");

    assert_int_equal(answer.status, 201);
    assert_string_equal(header(&answer, "Location"), member(&answer, "_links/self/href"));
    assert_contains(member(&answer, "_links/self/href"), "http://localhost");
    assert_string_equal(cluster_sql("select id from samsyn.things"), member(&answer, "id"));
    assert_int_equal(member(&answer, "id")[14], '7');
    answer_free(&answer);
}

static void input_is_refused_with_every_fault(void **state)
{
    (void)state;
    struct answer answer =
        as("writer", "POST", "/things?a=1", JSON_TYPE "Samsyn-Assignment: x\r\nSamsyn-Emergency-Access: y\r\n",
           "{\"status\":\"odd\",\"more\":1}");

    assert_int_equal(answer.status, 400);
    assert_string_equal(member(&answer, "code"), "INVALID_REQUEST");
    assert_contains(answer.body, "/query/a");
    assert_contains(answer.body, "/header/Samsyn-Assignment");
    assert_contains(answer.body, "/header/Samsyn-Emergency-Access");
    assert_contains(answer.body, "/body/name");
    assert_contains(answer.body, "/body/status");
    assert_contains(answer.body, "/body/more");
    answer_free(&answer);
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":"), 400, "MALFORMED_JSON");
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, NULL), 400, "INVALID_REQUEST");
    assert_answer(as("writer", "POST", "/things", "Content-Type: text/plain\r\n", "{}"), 415, "MEDIA_TYPE_UNSUPPORTED");
    assert_answer(as("reader", "GET", "/things", JSON_TYPE, "{}"), 400, "INVALID_REQUEST");
    assert_answer(as("reader", "GET", "/things/x", "", NULL), 400, "INVALID_REQUEST");
    assert_string_equal(cluster_sql("select count(*) from samsyn.things"), "0");
}

static void the_same_key_gives_the_same_answer(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: key 1\r\n";
    (void)state;
    struct answer first = as("writer", "POST", "/things", headers, "{\"name\":\"one\"}");
    struct answer second = as("writer", "POST", "/things", headers, "{\"name\":\"one\"}");

    assert_int_equal(first.status, 201);
    assert_int_equal(second.status, 201);
    assert_string_equal(first.body, second.body);
    assert_string_equal(header(&second, "Location"), member(&first, "_links/self/href"));
    assert_string_equal(cluster_sql("select count(*) from samsyn.things"), "1");
    assert_string_equal(events(), "createThing allowed, createThing allowed");
    answer_free(&first);
    answer_free(&second);
}

static void a_repeated_key_shows_the_thing_as_it_is_now(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);
    cluster_sql("update samsyn.things set name = 'masked', revision = 2");
    struct answer answer = as("writer", "POST", "/things", headers, "{\"name\":\"one\"}");

    assert_int_equal(answer.status, 201);
    assert_string_equal(member(&answer, "name"), "masked");
    assert_string_equal(header(&answer, "ETag"), "\"2\"");
    answer_free(&answer);
}

static void a_repeated_key_shows_nothing_that_may_not_be_seen(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);
    cluster_sql("delete from samsyn.things");

    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 404, "NOT_FOUND");

    assert_string_equal(events(), "createThing allowed, createThing denied NOT_FOUND");
    assert_string_equal(cluster_sql("select count(distinct resources) from samsyn.events"), "1");
    assert_string_equal(cluster_sql("select count(*) from samsyn.things"), "0");
}

static void a_repeated_key_is_refused_to_whoever_lost_the_permission(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);

    assert_answer(as("reader", "POST", "/things", headers, "{\"name\":\"one\"}"), 403, "ROLE_NOT_ALLOWED");
}

static void a_body_is_stored_as_it_was_checked(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"\\u00e5 \\\"1\\\"\"}"), 201, NULL);

    assert_answer(as("writer", "POST", "/things", headers, " {\"name\" : \"\xc3\xa5 \\\"1\\\"\"} "), 201, NULL);

    assert_string_equal(cluster_sql("select string_agg(name, ',') from samsyn.things"), "\xc3\xa5 \"1\"");
}

static void an_integer_is_stored_however_it_is_written(void **state)
{
    (void)state;
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"one\",\"revision\":2.0}"), 201, NULL);
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"two\",\"revision\":3e1}"), 201, NULL);
    assert_string_equal(cluster_sql("select string_agg(revision::text, ' ' order by n) from samsyn.things"), "2 30");
}

static void what_the_parser_says_is_in_english_or_not_there(void **state)
{
    (void)state;
    struct answer english = as("writer", "POST", "/things", JSON_TYPE, "{\"name\":");
    struct answer swedish = as("writer", "POST", "/things", JSON_TYPE "Accept-Language: sv\r\n", "{\"name\":");

    assert_contains(member(&english, "detail"), "line 1");
    assert_string_equal(member(&swedish, "code"), "MALFORMED_JSON");
    assert_string_equal(member(&swedish, "detail"), "");
    answer_free(&english);
    answer_free(&swedish);
}

static void an_integer_in_an_address_is_digits(void **state)
{
    static const char *const odd[] = {"1e1", "1.0", "10.0", "1E1", "+1", "01", "1e-0", "0x1", "1%20", "-", ""};
    char path[64];
    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        snprintf(path, sizeof(path), "/things?limit=%s", odd[i]);
        assert_answer(as("reader", "GET", path, "", NULL), 400, "INVALID_REQUEST");
    }
    assert_answer(as("reader", "GET", "/things?limit=10", "", NULL), 200, NULL);
}

static void a_key_is_for_one_request(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);

    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"two\"}"), 422, "KEY_REUSED");

    assert_string_equal(events(), "createThing allowed, createThing denied KEY_REUSED");
}

static void a_key_in_flight_is_409(void **state)
{
    PGconn *other = PQconnectdb(cluster_conninfo);
    (void)state;
    PQclear(PQexec(other, "select pg_advisory_lock(hashtext('k'))"));

    assert_answer(as("writer", "POST", "/things", JSON_TYPE "Idempotency-Key: k\r\n", "{\"name\":\"one\"}"), 409,
                  "REQUEST_IN_FLIGHT");

    PQfinish(other);
}

static void a_key_has_1_to_128_printable_characters(void **state)
{
    char headers[512];
    (void)state;
    snprintf(headers, sizeof(headers), JSON_TYPE "Idempotency-Key: %0129d\r\n", 1);
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 400, "INVALID_REQUEST");
    assert_answer(as("writer", "POST", "/things", JSON_TYPE "Idempotency-Key: \xc3\xa5\r\n", "{\"name\":\"one\"}"), 400,
                  "INVALID_REQUEST");
    snprintf(headers, sizeof(headers), JSON_TYPE "Idempotency-Key: %0128d\r\n", 1);
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);
}

static void a_failed_create_keeps_no_key(void **state)
{
    static const char headers[] = JSON_TYPE "Idempotency-Key: k\r\n";
    (void)state;
    thing("one");
    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 409, "ALREADY_EXISTS");
    cluster_sql("delete from samsyn.things");

    assert_answer(as("writer", "POST", "/things", headers, "{\"name\":\"one\"}"), 201, NULL);
}

static void a_refusal_is_recorded_before_it_is_told(void **state)
{
    (void)state;
    assert_answer(as("outsider", "GET", "/things", "", NULL), 403, "ROLE_NOT_ALLOWED");
    assert_answer(ask(tiny.port, request_text("GET", "/things", bearer_with("reader", "other", 100), NULL)), 403,
                  "SCOPE_MISSING");
    struct answer answer = as("reader", "POST", "/refusals", JSON_TYPE, "{\"name\":\"CONSENT_REVOKED\"}");

    assert_int_equal(answer.status, 403);
    assert_string_equal(member(&answer, "errors/0/pointer"), "/body/name");
    assert_string_equal(member(&answer, "errors/0/rule"), "consent-revoked");
    assert_string_equal(events(), "listThings denied ROLE_NOT_ALLOWED, listThings denied SCOPE_MISSING, "
                                  "refuseThing denied CONSENT_REVOKED");
    assert_string_equal(cluster_sql("select trace from samsyn.events where id = 3"), member(&answer, "traceId"));
    answer_free(&answer);
}

static void a_refusal_that_cannot_be_recorded_is_503(void **state)
{
    (void)state;
    assert_answer(as("unlogged", "GET", "/things", "", NULL), 503, "DATABASE_UNAVAILABLE");
}

static void a_stranger_is_401_without_an_event(void **state)
{
    (void)state;
    assert_answer(as("stranger", "GET", "/things", "", NULL), 401, "USER_NOT_REGISTERED");

    assert_string_equal(events(), "");
}

static void every_sqlstate_has_its_problem(void **state)
{
    static const struct {
        const char *sqlstate;
        int status;
        const char *code;
    } table[] = {
        {"23505", 409, "ALREADY_EXISTS"},
        {"23503", 422, "INVALID_REFERENCE"},
        {"23514", 422, "UNPROCESSABLE"},
        {"23502", 422, "UNPROCESSABLE"},
        {"23P01", 409, "CONFLICT"},
        {"40001", 409, "CONFLICT"},
        {"40P01", 409, "CONFLICT"},
        {"42501", 404, "NOT_FOUND"},
        {"55P03", 503, "OVERLOADED"},
        {"57014", 503, "OVERLOADED"},
        {"53200", 503, "OVERLOADED"},
        {"57P03", 503, "DATABASE_UNAVAILABLE"},
        {"08006", 503, "DATABASE_UNAVAILABLE"},
        {"22012", 500, "INTERNAL"},
        {"XX000", 500, "INTERNAL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        char body[64];
        snprintf(body, sizeof(body), "{\"name\":\"%s\"}", table[i].sqlstate);
        struct answer answer = as("reader", "POST", "/refusals", JSON_TYPE, body);
        assert_lacks(answer.body, table[i].sqlstate);
        assert_answer(answer, table[i].status, table[i].code);
    }
    assert_string_equal(cluster_sql("select count(*) from samsyn.events where outcome = 'denied'"), "15");
}

static void a_constraint_decides_a_conflict(void **state)
{
    (void)state;
    thing("one");
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"one\"}"), 409, "ALREADY_EXISTS");
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"unchecked\"}"), 422, "UNPROCESSABLE");
}

static void a_token_comes_before_everything_about_the_body(void **state)
{
    (void)state;
    assert_answer(ask(tiny.port, request_text("POST", "/things?x=1", JSON_TYPE, "{")), 401, "TOKEN_MISSING");
    assert_answer(ask(tiny.port, request_text("GET", "/things", "Authorization: Basic YTpi\r\n", NULL)), 401,
                  "TOKEN_INVALID");
    assert_answer(ask(tiny.port, request_text("GET", "/things", "Authorization: Bearer x.y.z\r\n", NULL)), 401,
                  "TOKEN_INVALID");
    assert_answer(ask(tiny.port, request_text("GET", "/things", bearer_with("reader", "samsyn:case", -60), NULL)), 401,
                  "TOKEN_EXPIRED");
    assert_string_equal(events(), "");
}

static void paths_and_methods_are_the_contracts(void **state)
{
    (void)state;
    assert_answer(as("reader", "GET", "/nothing", "", NULL), 404, "NOT_FOUND");
    assert_answer(as("reader", "GET", "/things/a%2Fb", "", NULL), 400, "MALFORMED_PATH");
    struct answer answer = as("reader", "DELETE", "/things", "", NULL);
    assert_string_equal(header(&answer, "Allow"), "GET, HEAD, POST, OPTIONS");
    assert_answer(answer, 405, "METHOD_NOT_ALLOWED");
    assert_answer(as("reader", "GET", "/things", "Accept: text/html\r\n", NULL), 406, "NOT_ACCEPTABLE");
}

static void options_tells_what_is_allowed(void **state)
{
    (void)state;
    struct answer answer = ask(tiny.port, request_text("OPTIONS", "/things", "", NULL));
    struct answer unknown = ask(tiny.port, request_text("OPTIONS", "/nothing", "", NULL));

    assert_int_equal(answer.status, 204);
    assert_string_equal(header(&answer, "Allow"), "GET, HEAD, POST, OPTIONS");
    assert_null(header(&answer, "Access-Control-Allow-Methods"));
    assert_int_equal(unknown.status, 404);
    answer_free(&answer);
    answer_free(&unknown);
}

static void a_preflight_is_granted_to_known_origins_only(void **state)
{
    (void)state;
    struct answer good = ask(tiny.port, request_text("OPTIONS", "/things",
                                                     "Origin: https://front.example\r\n"
                                                     "Access-Control-Request-Method: POST\r\n",
                                                     NULL));
    struct answer bad = ask(tiny.port, request_text("OPTIONS", "/things",
                                                    "Origin: https://evil.example\r\n"
                                                    "Access-Control-Request-Method: POST\r\n",
                                                    NULL));

    assert_int_equal(good.status, 204);
    assert_string_equal(header(&good, "Access-Control-Allow-Origin"), "https://front.example");
    assert_contains(header(&good, "Access-Control-Allow-Methods"), "POST");
    assert_contains(header(&good, "Access-Control-Allow-Headers"), "Idempotency-Key");
    assert_int_equal(bad.status, 204);
    assert_null(header(&bad, "Access-Control-Allow-Origin"));
    assert_null(header(&bad, "Access-Control-Allow-Methods"));
    answer_free(&good);
    answer_free(&bad);
}

static void replies_and_problems_are_readable_for_known_origins(void **state)
{
    static const char known[] = "Origin: https://front.example\r\n", other[] = "Origin: https://evil.example\r\n";
    static const char *const subjects[] = {"reader", "outsider", "stranger"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct answer good = as(subjects[i], "GET", "/things", known, NULL);
        struct answer bad = as(subjects[i], "GET", "/things", other, NULL);

        assert_string_equal(header(&good, "Access-Control-Allow-Origin"), "https://front.example");
        assert_null(header(&bad, "Access-Control-Allow-Origin"));
        answer_free(&good);
        answer_free(&bad);
    }
    struct answer invalid = as("reader", "GET", "/things?x=1", known, NULL);
    assert_string_equal(header(&invalid, "Access-Control-Allow-Origin"), "https://front.example");
    assert_answer(invalid, 400, "INVALID_REQUEST");
}

static void an_unverified_schema_is_not_touched(void **state)
{
    (void)state;
    executor_open(tiny.executor, false);

    assert_answer(as("reader", "GET", "/things", "", NULL), 503, "DATABASE_UNAVAILABLE");
    assert_answer(ask(tiny.port, request_text("GET", "/api-info", "", NULL)), 200, NULL);

    executor_open(tiny.executor, true);
    assert_string_equal(events(), "");
}

static size_t busy_connections(struct db *db)
{
    struct db_gauges gauges;
    db_gauges(db, &gauges);
    return gauges.busy;
}

static void a_taken_pool_is_503_with_retry_after(void **state)
{
    struct db *db = tiny_db(100);
    struct executor *executor = tiny_executor(db);
    struct http_options options = usual_options();
    struct http *http = start_server(&options, executor_handle, executor);
    PGconn *holder = PQconnectdb(cluster_conninfo);
    int sleeper = dial(http_port(http));
    (void)state;
    PQclear(PQexec(holder, "select pg_advisory_lock(7)"));
    send_text(sleeper, request_text("GET", "/naps", bearer("reader"), NULL));
    WAIT_UNTIL(busy_connections(db) == 1);

    struct answer busy = ask(http_port(http), request_text("GET", "/things", bearer("reader"), NULL));
    PQfinish(holder);
    struct answer slept = read_answer(sleeper, "GET");

    assert_string_equal(header(&busy, "Retry-After"), "1");
    assert_answer(busy, 503, "OVERLOADED");
    assert_answer(slept, 200, NULL);
    close(sleeper);
    assert_true(http_stop(http));
    executor_destroy(executor);
    db_destroy(db);
}

static bool is_read(void)
{
    struct answer answer = as("reader", "GET", "/things", "", NULL);
    bool read = answer.status == 200;
    answer_free(&answer);
    return read;
}

static void a_database_that_is_away_is_503_and_comes_back(void **state)
{
    (void)state;
    assert_answer(as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"one\"}"), 201, NULL);
    assert_int_equal(cluster_control("stop"), 0);

    struct answer away = as("reader", "GET", "/things", "", NULL);
    struct answer lost = as("writer", "POST", "/things", JSON_TYPE, "{\"name\":\"two\"}");
    struct answer info = ask(tiny.port, request_text("GET", "/api-info", "", NULL));
    assert_int_equal(cluster_control("start"), 0);

    assert_non_null(header(&away, "Retry-After"));
    assert_answer(away, 503, "DATABASE_UNAVAILABLE");
    assert_answer(lost, 503, "DATABASE_UNAVAILABLE");
    assert_answer(info, 200, NULL);
    WAIT_UNTIL(is_read());
    assert_string_equal(cluster_sql("select string_agg(name, ',') from samsyn.things"), "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_read_is_answered_with_links_and_logged),
        TEST(links_follow_permission_and_state),
        TEST(head_is_get_without_a_body),
        TEST(what_is_not_there_is_404_and_logged_with_its_target),
        TEST(a_list_is_paged_and_names_what_it_returned),
        TEST(an_empty_list_is_an_answer),
        TEST(an_unchanged_thing_is_304_after_it_is_logged),
        TEST(an_edit_needs_the_present_state),
        TEST(a_create_says_where_the_new_thing_is),
        TEST(input_is_refused_with_every_fault),
        TEST(the_same_key_gives_the_same_answer),
        TEST(a_repeated_key_shows_the_thing_as_it_is_now),
        TEST(a_repeated_key_shows_nothing_that_may_not_be_seen),
        TEST(a_repeated_key_is_refused_to_whoever_lost_the_permission),
        TEST(a_body_is_stored_as_it_was_checked),
        TEST(an_integer_is_stored_however_it_is_written),
        TEST(what_the_parser_says_is_in_english_or_not_there),
        TEST(an_integer_in_an_address_is_digits),
        TEST(a_key_is_for_one_request),
        TEST(a_key_in_flight_is_409),
        TEST(a_key_has_1_to_128_printable_characters),
        TEST(a_failed_create_keeps_no_key),
        TEST(a_refusal_is_recorded_before_it_is_told),
        TEST(a_refusal_that_cannot_be_recorded_is_503),
        TEST(a_stranger_is_401_without_an_event),
        TEST(every_sqlstate_has_its_problem),
        TEST(a_constraint_decides_a_conflict),
        TEST(a_token_comes_before_everything_about_the_body),
        TEST(paths_and_methods_are_the_contracts),
        TEST(options_tells_what_is_allowed),
        TEST(a_preflight_is_granted_to_known_origins_only),
        TEST(replies_and_problems_are_readable_for_known_origins),
        TEST(an_unverified_schema_is_not_touched),
        TEST(a_taken_pool_is_503_with_retry_after),
        TEST(a_database_that_is_away_is_503_and_comes_back),
    };
    return cmocka_run_group_tests(tests, tiny_start, tiny_stop);
}
