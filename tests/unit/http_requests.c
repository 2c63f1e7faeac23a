/* The rules for requests and replies, over real sockets and raw bytes. */
#include <jansson.h>

#include "http_fixture.h"

static struct http *http;
static unsigned port;

static void echo(struct request *request, struct reply *reply)
{
    const char *query = request_query(request);
    reply->status = 200;
    reply->type = "text/plain";
    reply->body = arena_printf(request_arena(request), "<%s> <%s> <%s> <%s> <%s> <%s> <%s>", request_method(request),
                               request_path(request), query ? query : "-", request_base_url(request),
                               request_client_address(request), request_swedish(request) ? "sv" : "en",
                               request_trace_id(request));
    reply->length = strlen(reply->body);
}

static void refuse(struct request *request, struct reply *reply, const char *code)
{
    static struct violation second = {"/query/limit", "maximum", "At most 100", "Högst 100", NULL};
    static struct violation first = {"/body/titl\xff", "required", "It is missing", "Den saknas", &second};
    struct violations violations = {.first = &first, .last = &second, .count = 2};
    enum error error = error_from_code(code);
    reply_problem(reply, request, error, error == ERROR_CONFLICT ? "In detail" : NULL,
                  error == ERROR_INVALID_REQUEST ? &violations : NULL);
}

static void choose(struct request *request, struct reply *reply)
{
    static const char *const produced[] = {"application/json", "text/csv"};
    const char *type = request_accepts(request, produced, 2);
    if (!type) {
        reply_problem(reply, request, ERROR_NOT_ACCEPTABLE, NULL, NULL);
        return;
    }
    reply->status = 200;
    reply->type = reply->body = type;
    reply->length = strlen(type);
}

static void decorate(struct request *request, struct reply *reply)
{
    (void)request;
    *reply = (struct reply){.status = 200,
                            .type = "text/html",
                            .body = "<p>",
                            .length = 3,
                            .cacheable = true,
                            .allowed_origin = "https://portal.example"};
    reply_header(reply, "ETag", "\"1\"");
    reply_header(reply, "ETag", "\"2\"");
    reply_header(reply, "Vary", "Prefer");
    reply_header(reply, "Cache-Control", "max-age=60");
    reply_header(reply, "Content-Security-Policy", "default-src 'self'");
    reply_header(reply, "X-Split", "a\r\nX-Evil: b");
}

static void handle(void *context, struct request *request, struct reply *reply)
{
    const char *path = request_path(request);
    (void)context;
    reply->operation = "test";
    if (strncmp(path, "/problem/", 9) == 0)
        refuse(request, reply, path + 9);
    else if (strcmp(path, "/choose") == 0)
        choose(request, reply);
    else if (strcmp(path, "/page") == 0)
        decorate(request, reply);
    else if (strcmp(path, "/unchanged") == 0)
        reply->status = 304;
    else if (strcmp(path, "/gone") == 0)
        reply->status = 204;
    else if (strcmp(path, "/nothing") != 0)
        echo(request, reply);
}

static int start(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.trusted_proxies = "127.0.0.1";
    options.allowed_hosts = "samsyn.example.se";
    http = start_server(&options, handle, NULL);
    port = http_port(http);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    return http_stop(http) ? 0 : 1;
}

static void the_target_is_what_the_client_sent(void **state)
{
    (void)state;
    expect(port, "GET /a%2fb/%00/%2E%2e/../x//y?q=%41+b&&q=1 HTTP/1.1\r\n" HOST "\r\n", 200,
           "<GET> </a%2fb/%00/%2E%2e/../x//y> <q=%41+b&&q=1>");
    expect(port, "GET /a? HTTP/1.1\r\n" HOST "\r\n", 200, "<GET> </a> <>");
    expect(port, "GET /a?b?c HTTP/1.1\r\n" HOST "\r\n", 200, "<GET> </a> <b?c>");
    expect(port, "PURGE /a HTTP/1.1\r\n" HOST "\r\n", 200, "<PURGE> </a>");
    expect(port, "GET /%zz%4 HTTP/1.1\r\n" HOST "\r\n", 200, "</%zz%4>");
}

static void an_absolute_target_names_its_host(void **state)
{
    (void)state;
    expect(port, "GET http://samsyn.example.se/a?b HTTP/1.1\r\nHost: evil\r\n\r\n", 200,
           "</a> <b> <http://samsyn.example.se>");
    expect(port, "GET http://evil/a HTTP/1.1\r\n" HOST "\r\n", 400, "HOST_UNKNOWN");
    expect(port, "GET http://samsyn.example.se HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
}

static void a_malformed_target_is_refused(void **state)
{
    (void)state;
    expect(port, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
    expect(port, "GET a HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
    expect(port, "GET /\xc3\xa5 HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
    expect(port, "GET /a\tb HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
    expect(port, "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400, "MALFORMED_PATH");
}

static void a_nul_hides_nothing_of_the_target(void **state)
{
    (void)state;
    static const char target[] = "GET /a\0b HTTP/1.1\r\n" HOST "\r\n";
    struct answer answer = exchange_bytes(port, target, sizeof(target) - 1);
    assert_int_equal(answer.status, 400);
    assert_contains(answer.body, "MALFORMED_PATH");
    answer_free(&answer);
}

static void long_targets_get_414(void **state)
{
    (void)state;
    char *path = repeat('a', 2047), *longer = repeat('a', 2048), *huge = repeat('a', 200000), *request;
    assert_true(asprintf(&request, "GET /%s HTTP/1.1\r\n" HOST "\r\n", path) > 0);
    expect(port, request, 200, "<GET>");
    free(request);
    assert_true(asprintf(&request, "GET /%s HTTP/1.1\r\n" HOST "\r\n", longer) > 0);
    expect(port, request, 414, "URI_TOO_LONG");
    free(request);
    assert_true(asprintf(&request, "GET /%s HTTP/1.1\r\n" HOST "\r\n", huge) > 0);
    expect(port, request, 414, "");
    free(request);
    free(path), free(longer), free(huge);
}

static void large_header_blocks_get_431(void **state)
{
    (void)state;
    static const size_t sizes[] = {15000, 17000, 30000};
    for (size_t i = 0; i < 3; i++) {
        char *value = repeat('a', sizes[i]), *request;
        assert_true(asprintf(&request, "GET / HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", value) > 0);
        expect(port, request, i == 0 ? 200 : 431, i == 0 ? "<GET>" : "HEADERS_TOO_LARGE");
        free(request), free(value);
    }
    char many[4096] = "GET / HTTP/1.1\r\n" HOST;
    for (size_t i = 0; i < 64; i++)
        strcat(many, "X: a\r\n");
    strcat(many, "\r\n");
    expect(port, many, 431, "HEADERS_TOO_LARGE");
}

/* What libmicrohttpd unpacks into its memory must leave room for the reply. */
static void crowded_requests_are_refused_before_they_are_handled(void **state)
{
    (void)state;
    char query[512] = "GET /?", cookies[512] = "GET / HTTP/1.1\r\n" HOST "Cookie: ";
    for (size_t i = 0; i < 65; i++)
        strcat(query, "a&");
    strcat(query, " HTTP/1.1\r\n" HOST "\r\n");
    expect(port, query, 414, "URI_TOO_LONG");
    for (size_t i = 0; i < 33; i++)
        strcat(cookies, "a=b; ");
    strcat(cookies, "\r\n\r\n");
    expect(port, cookies, 431, "HEADERS_TOO_LARGE");
}

static void the_largest_request_that_is_handled_gets_its_reply(void **state)
{
    (void)state;
    char *filler = repeat('f', 11000), *path = repeat('p', 1900), *value = repeat('c', 120), *request = malloc(65536);
    char *at = request + sprintf(request, "POST /%s?", path);
    for (size_t i = 0; i < 60; i++)
        at += sprintf(at, "a&");
    at += sprintf(at, "a HTTP/1.1\r\n" HOST "Content-Length: 1500\r\nF: %s\r\nCookie: ", filler);
    for (size_t i = 0; i < 31; i++)
        at += sprintf(at, "c=%s; ", value);
    at += sprintf(at, "c=d\r\n");
    for (size_t i = 0; i < 60; i++)
        at += sprintf(at, "X: a\r\n");
    sprintf(at, "\r\n%.1500s", filler);
    expect(port, request, 200, "<POST>");
    free(filler), free(path), free(value), free(request);
}

static void headers_that_may_come_once_do_not_come_twice(void **state)
{
    (void)state;
    static const char *const names[] = {"Authorization",   "Content-Type",      "If-Match",
                                        "Idempotency-Key", "Samsyn-Assignment", "Origin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char request[256], part[64];
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\n" HOST "%s: a\r\nx: y\r\n%c%s: a\r\n\r\n", names[i],
                 names[i][0] + 32, names[i] + 1);
        snprintf(part, sizeof(part), "{\"pointer\":\"/header/%s\",\"rule\":\"unique\"", names[i]);
        expect(port, request, 400, part);
    }
    expect(port, "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, "");
}

static void ambiguous_framing_is_refused(void **state)
{
    (void)state;
    expect(port, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
           "");
    expect(port, "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "");
    expect(port, "POST / HTTP/1.1\r\n" HOST "Content-Length: -2\r\n\r\n{}", 400, "");
    expect(port, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n", 400, "");
    int fd = dial(port);
    send_text(fd, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    shutdown(fd, SHUT_WR);
    struct answer answer = read_answer(fd, "POST");
    assert_true(answer.status == 0 || answer.status == 400);
    answer_free(&answer);
    close(fd);
    expect(port, "POST / HTTP/1.1\r\n" HOST "Content-Length: 2x\r\n\r\n{}", 400, "");
}

static void only_hosts_on_the_list_are_served(void **state)
{
    (void)state;
    expect(port, "GET / HTTP/1.1\r\nHost: samsyn.example.se\r\n\r\n", 200, "<http://samsyn.example.se>");
    expect(port, "GET / HTTP/1.1\r\nHost: localhost:99\r\n\r\n", 200, "<http://localhost:99>");
    expect(port, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400, "HOST_UNKNOWN");
    expect(port, "GET / HTTP/1.1\r\nHost: samsyn.example.se@evil\r\n\r\n", 400, "HOST_UNKNOWN");
    expect(port, "GET / HTTP/1.1\r\n\r\n", 400, "");
}

static void forwarded_counts_and_x_forwarded_does_not(void **state)
{
    (void)state;
    expect(port,
           "GET / HTTP/1.1\r\n" HOST
           "Forwarded: for=192.0.2.7;host=samsyn.example.se\r\nForwarded: for=127.0.0.1;proto=https\r\n\r\n",
           200, "<https://samsyn.example.se> <192.0.2.7>");
    expect(port, "GET / HTTP/1.1\r\n" HOST "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: samsyn.example.se\r\n\r\n",
           200, "<http://localhost> <127.0.0.1>");
    expect(port, "GET / HTTP/1.1\r\n" HOST "Forwarded: host=evil.example\r\n\r\n", 400, "HOST_UNKNOWN");
}

static void forwarded_of_a_stranger_is_nothing(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.trusted_proxies = "10.0.0.0/8";
    options.public_url = "https://samsyn.example.se";
    struct http *other = start_server(&options, handle, NULL);
    expect(http_port(other), "GET / HTTP/1.1\r\n" HOST "Forwarded: for=192.0.2.7;host=evil;proto=http\r\n\r\n", 200,
           "<https://samsyn.example.se> <127.0.0.1>");
    assert_true(http_stop(other));
}

static void every_reply_carries_the_security_headers(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n" HOST "\r\n", "GET /problem/NOT_FOUND HTTP/1.1\r\n" HOST "\r\n",
        "GET /gone HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\nHost: evil\r\n\r\n"};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct answer answer = ask(port, requests[i]);
        assert_string_equal(header(&answer, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(header(&answer, "Cache-Control"), "no-store");
        assert_string_equal(header(&answer, "Referrer-Policy"), "no-referrer");
        assert_contains(header(&answer, "Content-Security-Policy"), "default-src 'none'");
        assert_contains(header(&answer, "Vary"), "Origin");
        assert_int_equal(strlen(header(&answer, "traceparent")), 55);
        assert_null(header(&answer, "Server"));
        assert_null(header(&answer, "Strict-Transport-Security"));
        assert_null(header(&answer, "Access-Control-Allow-Origin"));
        answer_free(&answer);
    }
}

static void a_handler_may_widen_them_but_not_split_headers(void **state)
{
    (void)state;
    struct answer answer = ask(port, "GET /page HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 200);
    assert_string_equal(header(&answer, "ETag"), "\"2\"");
    assert_string_equal(header(&answer, "Cache-Control"), "max-age=60");
    assert_string_equal(header(&answer, "Vary"), "Prefer, Accept, Accept-Language, Origin");
    assert_string_equal(header(&answer, "Content-Security-Policy"), "default-src 'self'");
    assert_string_equal(header(&answer, "Access-Control-Allow-Origin"), "https://portal.example");
    assert_string_equal(header(&answer, "Access-Control-Expose-Headers"), "ETag, Location, traceparent, Retry-After");
    assert_null(header(&answer, "X-Split"));
    assert_null(header(&answer, "X-Evil"));
    answer_free(&answer);
}

static void the_trace_is_carried_on(void **state)
{
    (void)state;
    struct answer answer = ask(port, "GET / HTTP/1.1\r\n" HOST
                                     "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 \r\n\r\n");
    assert_contains(answer.body, "<0af7651916cd43dd8448eb211c80319c>");
    assert_contains(header(&answer, "traceparent"), "00-0af7651916cd43dd8448eb211c80319c-");
    assert_lacks(header(&answer, "traceparent"), "b7ad6b7169203331");
    answer_free(&answer);
}

static void accept_is_negotiated(void **state)
{
    (void)state;
    expect(port, "GET /choose HTTP/1.1\r\n" HOST "\r\n", 200, "application/json");
    expect(port, "GET /choose HTTP/1.1\r\n" HOST "Accept: application/json;q=0.1\r\nAccept: text/csv\r\n\r\n", 200,
           "text/csv");
    expect(port, "GET /choose HTTP/1.1\r\n" HOST "Accept: image/png\r\n\r\n", 406, "NOT_ACCEPTABLE");
}

static json_t *problem_of(const char *code, const char *language, struct answer *answer)
{
    char request[256];
    snprintf(request, sizeof(request), "GET /problem/%s HTTP/1.1\r\n" HOST "Accept-Language: %s\r\n\r\n", code,
             language);
    *answer = ask(port, request);
    json_t *problem = json_loadb(answer->body, answer->length, 0, NULL);
    assert_non_null(problem);
    return problem;
}

static const char *member(const json_t *problem, const char *name)
{
    return json_string_value(json_object_get(problem, name));
}

static void problems_are_told_in_two_languages(void **state)
{
    (void)state;
    for (int error = ERROR_NONE + 1; error < ERROR_COUNT; error++) {
        const struct error_info *info = error_info((enum error)error);
        for (int swedish = 0; swedish < 2; swedish++) {
            struct answer answer;
            char type[96];
            json_t *problem = problem_of(info->code, swedish ? "sv-SE" : "en", &answer);
            snprintf(type, sizeof(type), "urn:samsyn:problem:%s", info->slug);
            assert_int_equal(answer.status, info->status);
            assert_string_equal(header(&answer, "Content-Type"), "application/problem+json");
            assert_string_equal(header(&answer, "Content-Language"), swedish ? "sv" : "en");
            assert_string_equal(member(problem, "type"), type);
            assert_string_equal(member(problem, "title"), swedish ? info->title_sv : info->title_en);
            assert_int_equal(json_integer_value(json_object_get(problem, "status")), info->status);
            assert_string_equal(member(problem, "code"), info->code);
            assert_int_equal(strlen(member(problem, "traceId")), 32);
            assert_int_equal(strncmp(member(problem, "instance"), "urn:uuid:", 9), 0);
            assert_true((header(&answer, "Retry-After") != NULL) == (info->status == 503));
            json_decref(problem);
            answer_free(&answer);
        }
    }
}

static void problems_list_what_is_wrong(void **state)
{
    (void)state;
    struct answer answer;
    json_t *problem = problem_of("INVALID_REQUEST", "sv", &answer);
    json_t *errors = json_object_get(problem, "errors");
    assert_int_equal(json_array_size(errors), 2);
    assert_string_equal(member(json_array_get(errors, 0), "pointer"), "\xEF\xBF\xBD");
    assert_string_equal(member(json_array_get(errors, 1), "pointer"), "/query/limit");
    assert_string_equal(member(json_array_get(errors, 1), "rule"), "maximum");
    assert_string_equal(member(json_array_get(errors, 1), "detail"), "Högst 100");
    assert_null(json_object_get(problem, "detail"));
    json_decref(problem);
    answer_free(&answer);
    problem = problem_of("CONFLICT", "en", &answer);
    assert_string_equal(member(problem, "detail"), "In detail");
    assert_null(json_object_get(problem, "errors"));
    json_decref(problem);
    answer_free(&answer);
}

static void refused_tokens_get_a_challenge(void **state)
{
    (void)state;
    struct answer answer = ask(port, "GET /problem/TOKEN_MISSING HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(header(&answer, "WWW-Authenticate"), "Bearer realm=\"samsyn\"");
    answer_free(&answer);
    answer = ask(port, "GET /problem/TOKEN_EXPIRED HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(
        header(&answer, "WWW-Authenticate"),
        "Bearer realm=\"samsyn\", error=\"invalid_token\", error_description=\"The access token has expired\"");
    answer_free(&answer);
    answer = ask(port, "GET /problem/SCOPE_MISSING HTTP/1.1\r\n" HOST "\r\n");
    assert_contains(header(&answer, "WWW-Authenticate"), "insufficient_scope");
    answer_free(&answer);
}

static void head_is_get_without_the_body(void **state)
{
    (void)state;
    int fd = dial(port);
    send_text(fd, "HEAD /page HTTP/1.1\r\n" HOST "\r\n");
    struct answer answer = read_answer(fd, "HEAD");
    assert_int_equal(answer.status, 200);
    assert_string_equal(header(&answer, "Content-Length"), "3");
    assert_string_equal(header(&answer, "Content-Type"), "text/html");
    answer_free(&answer);
    /* Were there a body, it would stand in front of this reply. */
    send_text(fd, "GET /page HTTP/1.1\r\n" HOST "\r\n");
    answer = read_answer(fd, "GET");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "<p>");
    answer_free(&answer);
    close(fd);
}

static void empty_replies_have_no_body_and_no_type(void **state)
{
    (void)state;
    struct answer answer = ask(port, "GET /unchanged HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 304);
    assert_null(header(&answer, "Content-Type"));
    answer_free(&answer);
    answer = ask(port, "GET /gone HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 204);
    assert_null(header(&answer, "Content-Type"));
    answer_free(&answer);
}

static void a_handler_that_says_nothing_ends_in_500(void **state)
{
    (void)state;
    expect(port, "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 500, "INTERNAL");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    int fd = dial(port);
    send_text(fd, "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" HOST "\r\nGET /3 HTTP/1.1\r\n" HOST
                  "Connection: close\r\n\r\n");
    static const char *const parts[] = {"</1>", "</2>", "</3>"};
    for (size_t i = 0; i < 3; i++) {
        struct answer answer = read_answer(fd, "GET");
        assert_int_equal(answer.status, 200);
        assert_contains(answer.body, parts[i]);
        answer_free(&answer);
    }
    WAIT_UNTIL(is_closed(fd));
    close(fd);
}

static void garbage_gets_a_clean_refusal(void **state)
{
    (void)state;
    static const char *const garbage[] = {"\r\n\r\n\r\nx\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n" HOST "\r\n",
                                          "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"};
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        int fd = dial(port);
        send_text(fd, garbage[i]);
        shutdown(fd, SHUT_WR);
        struct answer answer = read_answer(fd, "GET");
        if (answer.status >= 500 && answer.status != 505)
            fail_msg("%d for %s", answer.status, garbage[i]);
        assert_true(answer.status == 0 || answer.status >= 400);
        answer_free(&answer);
        close(fd);
    }
    expect(port, "GET / HTTP/1.1\r\n" HOST "\r\n", 200, "<GET>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_what_the_client_sent),
        cmocka_unit_test(an_absolute_target_names_its_host),
        cmocka_unit_test(a_malformed_target_is_refused),
        cmocka_unit_test(a_nul_hides_nothing_of_the_target),
        cmocka_unit_test(long_targets_get_414),
        cmocka_unit_test(large_header_blocks_get_431),
        cmocka_unit_test(crowded_requests_are_refused_before_they_are_handled),
        cmocka_unit_test(the_largest_request_that_is_handled_gets_its_reply),
        cmocka_unit_test(headers_that_may_come_once_do_not_come_twice),
        cmocka_unit_test(ambiguous_framing_is_refused),
        cmocka_unit_test(only_hosts_on_the_list_are_served),
        cmocka_unit_test(forwarded_counts_and_x_forwarded_does_not),
        cmocka_unit_test(forwarded_of_a_stranger_is_nothing),
        cmocka_unit_test(every_reply_carries_the_security_headers),
        cmocka_unit_test(a_handler_may_widen_them_but_not_split_headers),
        cmocka_unit_test(the_trace_is_carried_on),
        cmocka_unit_test(accept_is_negotiated),
        cmocka_unit_test(problems_are_told_in_two_languages),
        cmocka_unit_test(problems_list_what_is_wrong),
        cmocka_unit_test(refused_tokens_get_a_challenge),
        cmocka_unit_test(head_is_get_without_the_body),
        cmocka_unit_test(empty_replies_have_no_body_and_no_type),
        cmocka_unit_test(a_handler_that_says_nothing_ends_in_500),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(garbage_gets_a_clean_refusal),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
