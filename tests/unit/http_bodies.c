/* Request bodies: their ceiling, their type, their framing. */
#include "http_fixture.h"

enum { OPERATION_MAX = 1000, CEILING = 2000 };

static struct http *http;
static unsigned port;

static void handle(void *context, struct request *request, struct reply *reply)
{
    const char *bytes, *path = request_path(request);
    size_t length;
    (void)context;
    reply->status = 200;
    reply->type = "text/plain";
    reply->body = "not read";
    reply->length = strlen(reply->body);
    if (strcmp(path, "/ignored") == 0)
        return;
    enum error error =
        request_body(request, "application/json", strcmp(path, "/most") == 0 ? 99999 : OPERATION_MAX, &bytes, &length);
    if (error) {
        reply_problem(reply, request, error, NULL, NULL);
        return;
    }
    reply->body = arena_printf(request_arena(request), "%zu <%.*s>", length, (int)length, bytes);
    reply->length = strlen(reply->body);
}

static int start(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.max_body = CEILING;
    http = start_server(&options, handle, NULL);
    port = http_port(http);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    return http_stop(http) ? 0 : 1;
}

static void post(const char *path, const char *type, size_t length, int status, const char *part)
{
    char *body = repeat('b', length), *request;
    assert_true(asprintf(&request, "POST %s HTTP/1.1\r\n" HOST "%s%s%sContent-Length: %zu\r\n\r\n%s", path,
                         type ? "Content-Type: " : "", type ? type : "", type ? "\r\n" : "", length, body) > 0);
    expect(port, request, status, part);
    free(request), free(body);
}

static void post_chunked(const char *path, size_t chunks, size_t size, int status, const char *part)
{
    char *body = repeat('c', size), *request = malloc(256 + chunks * (size + 16));
    strcpy(request, "POST ");
    strcat(strcat(request, path),
           " HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    char *end = request + strlen(request);
    for (size_t i = 0; i < chunks; i++)
        end += sprintf(end, "%zx\r\n%s\r\n", size, body);
    strcpy(end, "0\r\n\r\n");
    expect(port, request, status, part);
    free(request), free(body);
}

static void a_body_arrives_whole_up_to_its_maximum(void **state)
{
    (void)state;
    post("/", "application/json", 3, 200, "3 <bbb>");
    post("/", "application/json; charset=utf-8", OPERATION_MAX, 200, "1000 <b");
    post("/most", "application/json", CEILING, 200, "2000 <b");
    post_chunked("/", 10, 100, 200, "1000 <c");
}

static void a_longer_body_gets_413(void **state)
{
    (void)state;
    post("/", "application/json", OPERATION_MAX + 1, 413, "BODY_TOO_LARGE");
    post("/most", "application/json", CEILING + 1, 413, "BODY_TOO_LARGE");
    post("/", "application/json", 300000, 413, "BODY_TOO_LARGE");
    post("/most", "application/json", 300000, 413, "BODY_TOO_LARGE");
    post_chunked("/", 11, 100, 413, "BODY_TOO_LARGE");
    post_chunked("/most", 21, 100, 413, "BODY_TOO_LARGE");
    post_chunked("/most", 300, 1000, 413, "BODY_TOO_LARGE");
}

static void another_media_type_gets_415(void **state)
{
    (void)state;
    static const char *const types[] = {NULL,
                                        "text/plain",
                                        "application/json; charset=latin1",
                                        "application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=b",
                                        "multipart/form-data"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        post("/", types[i], 5, 415, "MEDIA_TYPE_UNSUPPORTED");
    post("/", "application/x-www-form-urlencoded", 300000, 415, "MEDIA_TYPE_UNSUPPORTED");
    expect(port,
           "POST / HTTP/1.1\r\n" HOST
           "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
           415, "MEDIA_TYPE_UNSUPPORTED");
}

static void no_body_needs_no_type(void **state)
{
    (void)state;
    expect(port, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, "0 <>");
    expect(port, "POST / HTTP/1.1\r\n" HOST "\r\n", 200, "0 <>");
}

static void a_body_that_nobody_reads_does_no_harm(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "HEAD", "DELETE"};
    for (size_t i = 0; i < 3; i++) {
        char request[512];
        int fd = dial(port);
        snprintf(request, sizeof(request),
                 "%s /ignored HTTP/1.1\r\n" HOST
                 "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20\r\n\r\n"
                 "GET /x HTTP/1.1\r\n\r\n\r",
                 methods[i]);
        send_text(fd, request);
        struct answer answer = read_answer(fd, methods[i]);
        assert_int_equal(answer.status, 200);
        answer_free(&answer);
        send_text(fd, "POST / HTTP/1.1\r\n" HOST "\r\n");
        answer = read_answer(fd, "POST");
        assert_string_equal(answer.body, "0 <>");
        answer_free(&answer);
        close(fd);
    }
}

static void a_truncated_body_is_never_handled(void **state)
{
    (void)state;
    int fd = dial(port);
    send_text(fd, "POST / HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{}");
    shutdown(fd, SHUT_WR);
    struct answer answer = read_answer(fd, "POST");
    assert_int_equal(answer.status, 0);
    answer_free(&answer);
    close(fd);
    fd = dial(port);
    send_text(fd,
              "POST / HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}");
    shutdown(fd, SHUT_WR);
    answer = read_answer(fd, "POST");
    assert_int_equal(answer.status, 0);
    answer_free(&answer);
    close(fd);
}

static void broken_chunks_get_400(void **state)
{
    (void)state;
    expect(port,
           "POST / HTTP/1.1\r\n" HOST
           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
           400, "");
}

static void a_client_that_waits_for_100_gets_it(void **state)
{
    (void)state;
    int fd = dial(port);
    char line[64];
    send_text(fd, "POST / HTTP/1.1\r\n" HOST
                  "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    read_line(fd, line, sizeof(line));
    assert_contains(line, "100 Continue");
    read_line(fd, line, sizeof(line));
    send_text(fd, "{}");
    struct answer answer = read_answer(fd, "POST");
    assert_string_equal(answer.body, "2 <{}>");
    answer_free(&answer);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_arrives_whole_up_to_its_maximum),
        cmocka_unit_test(a_longer_body_gets_413),
        cmocka_unit_test(another_media_type_gets_415),
        cmocka_unit_test(no_body_needs_no_type),
        cmocka_unit_test(a_body_that_nobody_reads_does_no_harm),
        cmocka_unit_test(a_truncated_body_is_never_handled),
        cmocka_unit_test(broken_chunks_get_400),
        cmocka_unit_test(a_client_that_waits_for_100_gets_it),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
