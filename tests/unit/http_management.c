/* The management listener and the metrics that it shows. */
#include "http/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

#include "http_fixture.h"

enum { THREADS = 8, ROUNDS = 2000 };

static _Atomic(const char *) unready;
static struct gate gate = GATE_OPEN;

static const char *tell_ready(void *context)
{
    (void)context;
    gate_pass(&gate);
    return atomic_load(&unready);
}

static const char *tell_metrics(void *context, struct arena *arena)
{
    (void)context;
    return metrics_text(arena);
}

static struct management *management;
static unsigned port;

static int start(void **state)
{
    char *why = NULL;
    (void)state;
    management = management_start("127.0.0.1", 0, tell_ready, tell_metrics, NULL, &why);
    port = management ? management_port(management) : 0;
    return management ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    management_stop(management);
    return 0;
}

static void health_is_told(void **state)
{
    (void)state;
    expect(port, "GET /health/live HTTP/1.1\r\n" HOST "\r\n", 200, "live");
    expect(port, "GET /health/ready HTTP/1.1\r\n" HOST "\r\n", 200, "ready");
    atomic_store(&unready, "the database cannot be reached");
    expect(port, "GET /health/ready HTTP/1.1\r\n" HOST "\r\n", 503, "the database cannot be reached");
    expect(port, "GET /health/live HTTP/1.1\r\n" HOST "\r\n", 200, "live");
    atomic_store(&unready, NULL);
}

static void nothing_else_is_there(void **state)
{
    (void)state;
    expect(port, "GET / HTTP/1.1\r\n" HOST "\r\n", 404, "");
    expect(port, "GET /metrics/x HTTP/1.1\r\n" HOST "\r\n", 404, "");
    struct answer answer = ask(port, "POST /health/live HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab");
    assert_int_equal(answer.status, 405);
    assert_string_equal(header(&answer, "Allow"), "GET, HEAD");
    answer_free(&answer);
}

static void liveness_does_not_wait_for_readiness(void **state)
{
    (void)state;
    gate_close(&gate);
    int fd = dial(port);
    send_text(fd, "GET /health/ready HTTP/1.1\r\n" HOST "\r\n");
    WAIT_UNTIL(gate_held(&gate) == 1);
    expect(port, "GET /health/live HTTP/1.1\r\n" HOST "\r\n", 200, "live");
    gate_open(&gate);
    struct answer answer = read_answer(fd, "GET");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    close(fd);
}

static void requests_are_counted_by_operation_and_status(void **state)
{
    (void)state;
    metrics_request("getCase", 200, 900);
    metrics_request("getCase", 200, 1001);
    metrics_request("getCase", 404, 20000000);
    metrics_request(NULL, 404, -5);
    metrics_request("odd\"\\\n", 200, 1);
    metrics_token_failure("signature");
    metrics_token_failure("signature");
    metrics_audit_row();
    struct answer answer = ask(port, "GET /metrics HTTP/1.1\r\n" HOST "\r\n");
    static const char *const parts[] = {
        "# TYPE samsyn_http_requests_total counter\n",
        "samsyn_http_requests_total{operation=\"getCase\",status=\"200\"} 2\n",
        "samsyn_http_requests_total{operation=\"getCase\",status=\"404\"} 1\n",
        "samsyn_http_requests_total{operation=\"none\",status=\"404\"} 1\n",
        "samsyn_http_requests_total{operation=\"odd\\\"\\\\\\n\",status=\"200\"} 1\n",
        "# TYPE samsyn_http_request_duration_seconds histogram\n",
        "samsyn_http_request_duration_seconds_bucket{operation=\"getCase\",le=\"0.001\"} 1\n",
        "samsyn_http_request_duration_seconds_bucket{operation=\"getCase\",le=\"0.0025\"} 2\n",
        "samsyn_http_request_duration_seconds_bucket{operation=\"getCase\",le=\"10\"} 2\n",
        "samsyn_http_request_duration_seconds_bucket{operation=\"getCase\",le=\"+Inf\"} 3\n",
        "samsyn_http_request_duration_seconds_sum{operation=\"getCase\"} 20.001901\n",
        "samsyn_http_request_duration_seconds_count{operation=\"getCase\"} 3\n",
        "samsyn_token_failures_total{reason=\"signature\"} 2\n",
        "samsyn_audit_rows_total 1\n",
    };
    assert_int_equal(answer.status, 200);
    assert_contains(header(&answer, "Content-Type"), "text/plain; version=0.0.4");
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_contains(answer.body, parts[i]);
    answer_free(&answer);
}

static void *count_much(void *context)
{
    char name[32];
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof(name), "operation%d", i % 50);
        metrics_request(name, 200, i);
    }
    return NULL;
}

static void nothing_is_lost_among_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count_much, NULL);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct arena *arena = arena_create();
    const char *text = metrics_text(arena);
    for (int i = 0; i < 50; i++) {
        char line[128];
        snprintf(line, sizeof(line), "samsyn_http_requests_total{operation=\"operation%d\",status=\"200\"} %d\n", i,
                 THREADS * ROUNDS / 50);
        assert_contains(text, line);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_is_told),
        cmocka_unit_test(nothing_else_is_there),
        cmocka_unit_test(liveness_does_not_wait_for_readiness),
        cmocka_unit_test(requests_are_counted_by_operation_and_status),
        cmocka_unit_test(nothing_is_lost_among_threads),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
