/* samsyn serve: builds the server from the outside in, waits for a signal, and takes it down in reverse order. */
#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/carried.h"
#include "commands/commands.h"
#include "commands/issuers.h"
#include "commands/sealing.h"
#include "commands/watch.h"
#include "http/http.h"
#include "http/metrics.h"
#include "operation/buffer.h"

/* All that must be released, in the order of creation. */
struct server {
    const struct options *options;
    struct arena *arena;
    struct carried carried;
    struct auth *auth;
    struct db *db;
    struct executor *executor;
    struct watch *watch;
    struct sealing *sealing;
    struct http *http;
    struct management *management;
    char *why;
};

struct address {
    const char *host;
    unsigned port;
};

/* "127.0.0.1:8080" or "[::1]:8080". */
static bool split_address(struct server *server, enum option option, struct address *address)
{
    char *host = arena_strdup(server->arena, options_text(server->options, option));
    char *colon = strrchr(host, ':');
    char *end = NULL;
    size_t length = colon ? (size_t)(colon - host) : 0;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    if (!colon || length == 0 || !isdigit((unsigned char)colon[1]) || *end || port > 65535) {
        command_fail("--%s is address:port", options_name(option));
        return false;
    }
    *colon = '\0';
    if (*host == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        host++;
    }
    *address = (struct address){host, (unsigned)port};
    return true;
}

static bool loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static struct db *create_pool(const struct options *options, const char *conninfo)
{
    struct db_options settings = {
        .conninfo = conninfo,
        .pool_size = (size_t)options_number(options, OPTION_POOL_SIZE),
        .wait_ms = (int)options_number(options, OPTION_POOL_WAIT_MS),
        .statement_timeout_ms = (int)options_number(options, OPTION_STATEMENT_TIMEOUT_MS),
        .lock_timeout_ms = (int)options_number(options, OPTION_LOCK_TIMEOUT_MS),
        .prepare = options_switch(options, OPTION_PREPARE),
    };
    return db_create(&settings);
}

static void put_gauge(struct buffer *text, const char *name, const char *type, const char *help, uint64_t value)
{
    buffer_put(text, arena_printf(text->arena, "# HELP samsyn_%s %s\n# TYPE samsyn_%s %s\nsamsyn_%s %" PRIu64 "\n",
                                  name, help, name, type, name, value));
}

/* One metric of every witness; `value` is where in its gauges, and the heads are there without any witness. */
enum witness_metric { WITNESS_SIZE, WITNESS_FAILURES, WITNESS_REFUSED };

static void put_witness_gauge(struct buffer *text, const char *name, const char *type, const char *help,
                              const struct witnessing_gauges *all, size_t count, enum witness_metric metric)
{
    buffer_put(text, arena_printf(text->arena, "# HELP samsyn_%s %s\n# TYPE samsyn_%s %s\n", name, help, name, type));
    for (size_t i = 0; i < count; i++) {
        const uint64_t values[] = {all[i].size, all[i].failures, all[i].refused};
        buffer_put(text, arena_printf(text->arena, "samsyn_%s{witness=\"%s\"} %" PRIu64 "\n", name, all[i].name,
                                      values[metric]));
    }
}

static void put_witness_gauges(struct server *server, struct buffer *text)
{
    struct witnessing_gauges all[WITNESSES_MAX];
    size_t count = sealing_witnesses(server->sealing, all);
    put_witness_gauge(text, "log_witness_size", "gauge",
                      "Entries of the newest checkpoint that the witness has cosigned.", all, count, WITNESS_SIZE);
    put_witness_gauge(text, "log_witness_failures_total", "counter", "Times that the witness was asked in vain.", all,
                      count, WITNESS_FAILURES);
    put_witness_gauge(text, "log_witness_refused", "gauge",
                      "1 while witness and log do not agree: the log, or the witness, was set back or forked.", all,
                      count, WITNESS_REFUSED);
}

static void put_log_gauges(struct server *server, struct buffer *text)
{
    struct sequencer_gauges gauges;
    sealing_gauges(server->sealing, &gauges);
    put_gauge(text, "log_size", "gauge", "Entries of the sealed access log.", gauges.size);
    put_gauge(text, "log_signed_size", "gauge", "Entries of its newest signed checkpoint.", gauges.signed_size);
    put_gauge(text, "log_unsealed_seconds", "gauge",
              "Age of the first event that waits to be sealed; grows while a long transaction runs.",
              gauges.unsealed_s);
    put_gauge(text, "log_sealed_total", "counter", "Events sealed by this node.", gauges.sealed);
    put_gauge(text, "log_failures_total", "counter", "Rounds of sealing that failed.", gauges.failures);
    put_gauge(text, "log_refused", "gauge",
              "1 while a checkpoint is refused: the log does not continue what was signed.", gauges.refused);
}

static const char *metrics(void *context, struct arena *arena)
{
    struct server *server = context;
    struct db_gauges gauges;
    struct buffer text = buffer_begin(arena, 4096);
    db_gauges(server->db, &gauges);
    buffer_put(&text, metrics_text(arena));
    put_gauge(&text, "db_connections_max", "gauge", "Size of the pool.", gauges.size);
    put_gauge(&text, "db_connections_open", "gauge", "Connections to the database.", gauges.open);
    put_gauge(&text, "db_connections_busy", "gauge", "Connections that carry a request.", gauges.busy);
    put_gauge(&text, "db_waiting", "gauge", "Requests that wait for a connection.", gauges.waiting);
    put_gauge(&text, "db_waits_total", "counter", "Requests that had to wait for a connection.", gauges.waits);
    put_gauge(&text, "db_wait_microseconds_total", "counter", "Time that they waited.", gauges.wait_us);
    put_gauge(&text, "db_wait_timeouts_total", "counter", "Requests that waited in vain.", gauges.timeouts);
    put_gauge(&text, "db_reconnects_total", "counter", "Connections that had to be replaced.", gauges.reconnects);
    put_log_gauges(server, &text);
    put_witness_gauges(server, &text);
    return text.bytes;
}

static const char *ready(void *context)
{
    struct server *server = context;
    return watch_ready(server->watch);
}

static bool build(struct server *server, const char *conninfo, const struct address *listen)
{
    const struct options *options = server->options;
    struct watch_options watch = {.conninfo = conninfo};
    if (!carried_load(&server->carried))
        return false;
    contract_accept_test_numbers(server->carried.contract,
                                 options_switch(options, OPTION_ACCEPT_TEST_IDENTITY_NUMBERS));
    watch.migrations = carried_migrations(server->arena, &watch.count);
    if (!watch.migrations)
        return false;
    server->auth = issuers_auth(options, loopback(listen->host), &server->why);
    server->db = server->auth ? create_pool(options, conninfo) : NULL;
    if (!server->db)
        return false;
    server->executor =
        executor_create(server->carried.contract, server->carried.yaml->start, server->carried.yaml->length,
                        server->carried.catalogue, server->auth, server->db);
    watch.db = server->db;
    watch.auth = server->auth;
    watch.executor = server->executor;
    server->watch = watch_start(&watch, &server->why);
    server->sealing = server->watch ? sealing_start(options, conninfo, &server->why) : NULL;
    if (server->sealing)
        executor_cosign(server->executor, sealing_witness(server->sealing));
    return server->sealing != NULL;
}

static bool start_listening(struct server *server, const struct address *listen, const struct address *management)
{
    const struct options *options = server->options;
    struct http_options settings = {
        .listen_address = listen->host,
        .port = listen->port,
        .tls_certificate_file = options_text(options, OPTION_TLS_CERTIFICATE),
        .tls_key_file = options_text(options, OPTION_TLS_KEY),
        .public_url = options_text(options, OPTION_PUBLIC_URL),
        .allowed_hosts = options_text(options, OPTION_ALLOWED_HOSTS),
        .trusted_proxies = options_text(options, OPTION_TRUSTED_PROXIES),
        .max_body = (size_t)options_number(options, OPTION_MAX_BODY_BYTES),
        .threads = (unsigned)options_number(options, OPTION_THREADS),
        .max_connections = (unsigned)options_number(options, OPTION_MAX_CONNECTIONS),
        .idle_timeout_s = (int)options_number(options, OPTION_IDLE_TIMEOUT_S),
        .drain_s = (int)options_number(options, OPTION_DRAIN_S),
    };
    server->http = http_start(&settings, executor_handle, server->executor, &server->why);
    if (server->http)
        server->management = management_start(management->host, management->port, ready, metrics, server, &server->why);
    return server->management != NULL;
}

/* Waits for SIGTERM or SIGINT; the next one ends the process at once. */
static void wait_for_signal(const sigset_t *signals)
{
    int signal = 0;
    sigwait(signals, &signal);
    log_event(LOG_INFO, "draining", "{s:i}", "signal", signal);
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

static void take_down(struct server *server)
{
    if (server->watch)
        watch_drain(server->watch);
    if (server->http && !http_stop(server->http)) {
        /* Requests still run, and on what would be released now: the database rolls back what is not committed. */
        log_event(LOG_WARNING, "stopped", "{s:b}", "drained", 0);
        _exit(0);
    }
    if (server->management)
        management_stop(server->management);
    sealing_stop(server->sealing);
    if (server->watch)
        watch_stop(server->watch);
    executor_destroy(server->executor);
    if (server->db)
        db_destroy(server->db);
    if (server->auth)
        auth_destroy(server->auth);
    carried_free(&server->carried);
    arena_destroy(server->arena);
}

int command_serve(const struct options *options)
{
    struct server server = {.options = options, .arena = arena_create()};
    struct address listen, management;
    const char *conninfo = command_need(options, OPTION_DATABASE);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread is made: all inherit it */
    signal(SIGPIPE, SIG_IGN);
    bool good = conninfo && split_address(&server, OPTION_LISTEN, &listen) &&
                split_address(&server, OPTION_MANAGEMENT, &management) && build(&server, conninfo, &listen) &&
                start_listening(&server, &listen, &management);
    if (good) {
        log_event(LOG_INFO, "listening", "{s:s, s:i, s:i}", "address", listen.host, "port", (int)http_port(server.http),
                  "managementPort", (int)management_port(server.management));
        wait_for_signal(&signals);
    } else if (server.why) {
        command_fail("%s", server.why);
    }
    free(server.why);
    take_down(&server);
    if (good)
        log_event(LOG_INFO, "stopped", "{s:b}", "drained", 1);
    return good ? 0 : 1;
}
