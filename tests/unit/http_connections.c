/* Many, slow and vanishing clients, streams, the bound on connections, and the drain. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "http/connections.h"
#include "http_fixture.h"

enum { LARGE = 1024 * 1024, MANY = 1100 };

static char content[LARGE];
static atomic_int entered, pulls, closes;
static struct gate gate = GATE_OPEN;

struct stream {
    size_t left;
    bool breaks;
};

static ssize_t pull(void *context, char *buffer, size_t size)
{
    struct stream *stream = context;
    atomic_fetch_add(&pulls, 1);
    if (stream->left == 0)
        return stream->breaks ? -1 : 0;
    size_t part = size < stream->left ? size : stream->left;
    memset(buffer, 's', part);
    stream->left -= part;
    return (ssize_t)part;
}

static void count_close(void *context)
{
    struct stream *stream = context;
    stream->left = 0; /* still there: the arena outlives the stream */
    atomic_fetch_add(&closes, 1);
}

static void answer_stream(struct request *request, struct reply *reply, size_t size, bool breaks)
{
    struct stream *stream = arena_alloc(request_arena(request), sizeof(*stream));
    *stream = (struct stream){size, breaks};
    reply->pull = pull;
    reply->close = count_close;
    reply->context = stream;
}

static void handle(void *context, struct request *request, struct reply *reply)
{
    const char *path = request_path(request);
    (void)context;
    atomic_fetch_add(&entered, 1);
    *reply = (struct reply){.status = 200, .type = "text/plain", .body = "ok", .length = 2};
    if (strcmp(path, "/large") == 0) {
        reply->body = content;
        reply->length = LARGE;
    } else if (strcmp(path, "/gate") == 0) {
        gate_pass(&gate);
    } else if (strcmp(path, "/stream") == 0) {
        answer_stream(request, reply, strtoul(request_query(request), NULL, 10), false);
    } else if (strcmp(path, "/broken") == 0) {
        answer_stream(request, reply, 1000, true);
    } else if (strcmp(path, "/empty") == 0) {
        answer_stream(request, reply, 1000, false);
        reply->status = 204;
    }
}

static struct http *start_fresh(const struct http_options *options)
{
    atomic_store(&entered, 0);
    atomic_store(&pulls, 0);
    atomic_store(&closes, 0);
    return start_server(options, handle, NULL);
}

static void ask_something(unsigned port)
{
    expect(port, "GET / HTTP/1.1\r\n" HOST "\r\n", 200, "ok");
}

static void many_idle_and_slow_connections_hold_nobody_up(void **state)
{
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    size_t many = limit.rlim_cur > 2 * MANY + 200 ? MANY : (size_t)limit.rlim_cur / 2 - 100;
    int *fds = calloc(many, sizeof(*fds));
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    for (size_t i = 0; i < many; i++) {
        fds[i] = dial(http_port(http));
        if (i % 10 == 1)
            send_text(fds[i], "GET / HT"); /* never ends */
        if (i % 10 == 2)
            send_text(fds[i], "POST / HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n{");
        if (i % 100 == 3)
            send_text(fds[i], "GET /large HTTP/1.1\r\n" HOST "\r\n"); /* never read */
    }
    for (size_t i = 0; i < 50; i++)
        ask_something(http_port(http));     /* although none of them ends */
    for (size_t i = 0; i < many; i += 10) { /* the idle ones still work */
        send_text(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n");
        struct answer answer = read_answer(fds[i], "GET");
        assert_int_equal(answer.status, 200);
        answer_free(&answer);
    }
    for (size_t i = 0; i < many; i++)
        close(fds[i]);
    free(fds);
    assert_true(http_stop(http));
}

static void a_blocked_handler_holds_nobody_else_up(void **state)
{
    (void)state;
    int fds[40];
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    gate_close(&gate);
    for (size_t i = 0; i < 40; i++) {
        fds[i] = dial(http_port(http));
        send_text(fds[i], "GET /gate HTTP/1.1\r\n" HOST "\r\n");
    }
    WAIT_UNTIL(gate_held(&gate) == 40); /* all at once */
    ask_something(http_port(http));
    gate_open(&gate);
    for (size_t i = 0; i < 40; i++)
        close(fds[i]);
    assert_true(http_stop(http));
}

static bool is_served(unsigned port)
{
    struct answer answer = ask(port, "GET / HTTP/1.1\r\n" HOST "\r\n");
    bool served = answer.status == 200;
    answer_free(&answer);
    return served;
}

static void connections_above_the_bound_get_503(void **state)
{
    (void)state;
    int fds[3];
    struct http_options options = usual_options();
    options.max_connections = 2;
    struct http *http = start_fresh(&options);
    for (size_t i = 0; i < 3; i++) {
        fds[i] = dial(http_port(http));
        send_text(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n");
        struct answer answer = read_answer(fds[i], "GET");
        assert_int_equal(answer.status, i < 2 ? 200 : 503);
        if (i == 2) {
            assert_contains(answer.body, "OVERLOADED");
            assert_non_null(header(&answer, "Retry-After"));
            assert_string_equal(header(&answer, "Connection"), "close");
        }
        answer_free(&answer);
    }
    WAIT_UNTIL(is_closed(fds[2]));
    assert_int_equal(atomic_load(&entered), 2);
    close(fds[0]);
    close(fds[2]);
    WAIT_UNTIL(is_served(http_port(http))); /* there is room again */
    close(fds[1]);
    assert_true(http_stop(http));
}

static void idle_connections_are_closed_in_time(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.idle_timeout_s = 1;
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    WAIT_UNTIL(is_closed(fd));
    close(fd);
    assert_true(http_stop(http));
}

static bool is_closed_after_a_byte(int fd)
{
    send_text(fd, "x");
    sleep_ms(300); /* less than the time after which an idle connection is closed */
    return is_closed(fd);
}

static void a_byte_now_and_then_does_not_keep_a_connection(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.idle_timeout_s = 1; /* a request may take twice that to arrive */
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    send_text(fd, "GET / HTTP/1.1\r\nX: ");
    WAIT_UNTIL(is_closed_after_a_byte(fd));
    close(fd);
    assert_true(http_stop(http));
}

/* A pair of sockets: the server's end is watched, the client's end shows whether it was cut. */
struct watched {
    int client, server;
    struct connection *connection;
};

static struct watched watch(struct connections *connections)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return (struct watched){ends[0], ends[1], connections_open(connections, ends[1])};
}

static void unwatch(struct watched *watched)
{
    connections_close(watched->connection);
    close(watched->client);
    close(watched->server);
}

static void only_those_slower_than_a_kilobyte_a_second_are_cut(void **state)
{
    (void)state;
    struct connections *connections = connections_create(10, 1);
    struct watched asking = watch(connections), trickling = watch(connections), reading = watch(connections),
                   working = watch(connections);
    connection_begin(working.connection);
    connection_begin(trickling.connection);
    connection_replying(trickling.connection, 500);
    connection_begin(reading.connection);
    connection_replying(reading.connection, -1);
    connection_streamed(reading.connection, 10000000);
    assert_int_equal(connections_busy(connections), 3);
    WAIT_UNTIL(is_closed(asking.client));
    WAIT_UNTIL(is_closed(trickling.client));
    assert_false(is_closed(working.client));
    connection_end(working.connection);
    WAIT_UNTIL(is_closed(working.client));
    assert_false(is_closed(reading.client));
    unwatch(&asking), unwatch(&trickling), unwatch(&reading), unwatch(&working);
    assert_int_equal(connections_count(connections), 0);
    connections_destroy(connections);
}

static void large_replies_arrive_whole(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    struct answer answer = ask(http_port(http), "GET /large HTTP/1.1\r\n" HOST "\r\n");
    assert_true(answer.complete);
    assert_int_equal(answer.length, LARGE);
    assert_memory_equal(answer.body, content, LARGE);
    answer_free(&answer);
    assert_true(http_stop(http));
}

static void streams_arrive_whole_and_close_once(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    static const size_t sizes[] = {0, 1, 16384, 1000000};
    for (size_t i = 0; i < 4; i++) {
        char request[128];
        snprintf(request, sizeof(request), "GET /stream?%zu HTTP/1.1\r\n" HOST "\r\n", sizes[i]);
        send_text(fd, request);
        struct answer answer = read_answer(fd, "GET");
        assert_true(answer.complete);
        assert_int_equal(answer.length, sizes[i]);
        assert_int_equal(strspn(answer.body, "s"), sizes[i]);
        answer_free(&answer);
        WAIT_UNTIL(atomic_load(&closes) == (int)i + 1);
    }
    close(fd);
    assert_true(http_stop(http));
    assert_int_equal(atomic_load(&closes), 4);
}

static void a_stream_that_is_not_sent_is_closed_as_well(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    struct answer answer = ask(http_port(http), "HEAD /stream?1000 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    WAIT_UNTIL(atomic_load(&closes) == 1);
    answer = ask(http_port(http), "GET /empty HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 204);
    answer_free(&answer);
    WAIT_UNTIL(atomic_load(&closes) == 2);
    assert_int_equal(atomic_load(&pulls), 0);
    assert_true(http_stop(http));
    assert_int_equal(atomic_load(&closes), 2);
}

static void a_broken_stream_is_seen_to_be_broken(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    struct answer answer = ask(http_port(http), "GET /broken HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(answer.status, 200);
    assert_false(answer.complete);
    answer_free(&answer);
    WAIT_UNTIL(atomic_load(&closes) == 1);
    assert_true(http_stop(http));
    assert_int_equal(atomic_load(&closes), 1);
}

static bool stand_still(atomic_int *counter)
{
    int before = atomic_load(counter);
    sleep_ms(300);
    return atomic_load(counter) == before;
}

static void a_stream_ends_when_the_client_goes_away(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    send_text(fd, "GET /stream?4000000000 HTTP/1.1\r\n" HOST "\r\n");
    char piece[1000];
    assert_int_equal(read_exactly(fd, piece, sizeof(piece)), sizeof(piece));
    WAIT_UNTIL(stand_still(&pulls)); /* nothing is made ahead of the reader */
    assert_int_equal(atomic_load(&closes), 0);
    close(fd);
    WAIT_UNTIL(atomic_load(&closes) == 1);
    assert_true(http_stop(http));
    assert_int_equal(atomic_load(&closes), 1);
}

static void *stop_in_background(void *context)
{
    static bool drained;
    drained = http_stop(context);
    return &drained;
}

static bool join(pthread_t thread)
{
    void *drained;
    pthread_join(thread, &drained);
    return *(bool *)drained;
}

static void a_drain_lets_running_requests_finish(void **state)
{
    (void)state;
    pthread_t stopping;
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    unsigned port = http_port(http);
    int idle = dial(port), running = dial(port), streaming = dial(port);
    send_text(idle, "GET / HTTP/1.1\r\n" HOST "\r\n");
    struct answer answer = read_answer(idle, "GET");
    answer_free(&answer);
    gate_close(&gate);
    send_text(running, "GET /gate HTTP/1.1\r\n" HOST "\r\n");
    send_text(streaming, "GET /stream?3000000 HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(atomic_load(&entered) == 3);
    pthread_create(&stopping, NULL, stop_in_background, http);
    WAIT_UNTIL(is_closed(idle));
    int late = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    void *raw = &to;
    assert_int_equal(connect(late, raw, sizeof(to)), -1);
    gate_open(&gate);
    answer = read_answer(running, "GET");
    assert_int_equal(answer.status, 200);
    assert_string_equal(header(&answer, "Connection"), "close");
    answer_free(&answer);
    answer = read_answer(streaming, "GET");
    assert_true(answer.complete);
    assert_int_equal(answer.length, 3000000);
    answer_free(&answer);
    assert_true(join(stopping));
    close(idle), close(running), close(streaming), close(late);
}

static void a_drain_is_bounded(void **state)
{
    (void)state;
    pthread_t stopping;
    struct http_options options = usual_options();
    options.drain_s = 1;
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    gate_close(&gate);
    send_text(fd, "GET /gate HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(gate_held(&gate) == 1);
    pthread_create(&stopping, NULL, stop_in_background, http);
    WAIT_UNTIL(is_closed(fd)); /* although it has not been answered */
    gate_open(&gate);
    assert_false(join(stopping));
    close(fd);
}

static void a_drain_does_not_wait_for_a_reader_that_sleeps(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.drain_s = 1;
    struct http *http = start_fresh(&options);
    int fd = dial(http_port(http));
    send_text(fd, "GET /stream?4000000000 HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(atomic_load(&entered) == 1);
    assert_false(http_stop(http));
    WAIT_UNTIL(atomic_load(&closes) == 1);
    close(fd);
}

static void descriptors_bound_the_connections(void **state)
{
    (void)state;
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 200;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct http_options options = usual_options();
    struct http *http = start_fresh(&options);
    struct rlimit raised;
    getrlimit(RLIMIT_NOFILE, &raised);
    assert_true(raised.rlim_cur >= (before.rlim_max < 2132 ? before.rlim_max : 2132));
    assert_true(http_stop(http));
    setrlimit(RLIMIT_NOFILE, &before);
}

static void the_pool_of_threads_serves_as_well(void **state)
{
    (void)state;
    struct http_options options = usual_options();
    options.threads = 4;
    struct http *http = start_fresh(&options);
    int fds[8];
    for (size_t i = 0; i < 8; i++) {
        fds[i] = dial(http_port(http));
        send_text(fds[i],
                  i % 2 ? "GET /stream?100000 HTTP/1.1\r\n" HOST "\r\n" : "GET /large HTTP/1.1\r\n" HOST "\r\n");
    }
    for (size_t i = 0; i < 8; i++) {
        struct answer answer = read_answer(fds[i], "GET");
        assert_true(answer.complete);
        answer_free(&answer);
        close(fds[i]);
    }
    assert_true(http_stop(http));
    assert_int_equal(atomic_load(&closes), 4);
}

static void what_cannot_be_started_says_why(void **state)
{
    (void)state;
    char *why = NULL;
    struct http_options options = usual_options();
    options.listen_address = "not.an.address";
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "cannot listen on not.an.address");
    free(why);
    options = usual_options();
    struct http *http = start_fresh(&options);
    options.port = http_port(http);
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "in use");
    free(why);
    options.port = 0;
    options.trusted_proxies = "nonsense";
    assert_null(http_start(&options, handle, NULL, &why));
    assert_contains(why, "nonsense");
    free(why);
    assert_true(http_stop(http));
}

int main(void)
{
    memset(content, 'l', sizeof(content));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_idle_and_slow_connections_hold_nobody_up),
        cmocka_unit_test(a_blocked_handler_holds_nobody_else_up),
        cmocka_unit_test(connections_above_the_bound_get_503),
        cmocka_unit_test(idle_connections_are_closed_in_time),
        cmocka_unit_test(a_byte_now_and_then_does_not_keep_a_connection),
        cmocka_unit_test(only_those_slower_than_a_kilobyte_a_second_are_cut),
        cmocka_unit_test(large_replies_arrive_whole),
        cmocka_unit_test(streams_arrive_whole_and_close_once),
        cmocka_unit_test(a_stream_that_is_not_sent_is_closed_as_well),
        cmocka_unit_test(a_broken_stream_is_seen_to_be_broken),
        cmocka_unit_test(a_stream_ends_when_the_client_goes_away),
        cmocka_unit_test(a_drain_lets_running_requests_finish),
        cmocka_unit_test(a_drain_is_bounded),
        cmocka_unit_test(a_drain_does_not_wait_for_a_reader_that_sleeps),
        cmocka_unit_test(descriptors_bound_the_connections),
        cmocka_unit_test(the_pool_of_threads_serves_as_well),
        cmocka_unit_test(what_cannot_be_started_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
