/* Starting and stopping the server, and how it serves its connections.
 *
 * `threads` = 0, the default, is a thread for each connection, each in poll on its own descriptor; `threads` = N is
 * a pool of N threads, each with an epoll set in which it serves the connections that it happened to accept.
 * Measured with tests/bench/connections.c, 2 cores, a handler that sleeps 1 ms as the database would make it, 32
 * busy connections, alone / beside 1,200 idle and 100 slow ones:
 *
 *                            requests/s         p99 in ms       CPU us    RSS in MB (crowd)
 *   select (ulfius as is)    25,300 / none      1.7 / -         33        19, 101,473 failed reads
 *   thread each, poll        23,800 / 22,900    2.7 / 3.4       43        23, 1,303 threads
 *   epoll, 4 threads          3,400 /  2,500     14 / 24        63        14
 *   epoll, 16 threads        10,400 /  4,200     10 / 18        56        14
 *   epoll, 32 threads         7,600 /  7,600     10 / 9         62        14
 *
 * (Best of several runs, the machine was not quiet. The 10 us above ulfius' own are headers, trace, ids and
 * checks.)
 *
 * A handler here blocks on the database, and in a pool everything else of its thread waits with it, slow readers'
 * replies included, while other threads idle; 32 threads leave the same connections stuck behind each other. With a
 * thread for each connection nobody waits for anybody but the database's own queue, which is fair and bounded. It
 * costs 14 kB of memory a connection. select fails once a descriptor is above 1,023: every further connection is
 * dropped. So: poll.
 *
 * Bounds: max_connections and a few more that are told 503; 512 kB of stack in address space each; idle_timeout_s
 * of silence; twice that for a request to arrive and, beyond a kilobyte a second, for a reply to leave
 * (connections.c). What exceeds max_body is read and thrown away within that time before 413 is answered, since
 * ulfius gives no say before the body's end. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/exchange.h"
#include "http/listener.h"

enum {
    OPTIONS_MAX = 20,
    /* Half of it is libmicrohttpd's read buffer, in which our limits for target and headers fit; of the rest its
     * tables of headers, cookies and query parameters take at most 17 kB (the limits in request.h see to that), so
     * that 7 kB are always left for the headers of the reply: where they do not fit, it closes the connection
     * without a word, although the request has been carried out. What does not even fit into the buffer gets its
     * own 414 or 431. No more, because all of it is zeroed after each request. */
    CONNECTION_MEMORY = 48 * 1024,
    /* Enough for libpq's name lookup and GnuTLS; 2,000 of them are address space, not memory. */
    THREAD_STACK = 512 * 1024,
    /* Connections above the bound that can still be told so; those beyond wait in the kernel's queue. */
    SURPLUS = 32,
    OTHER_DESCRIPTORS = 100, /* of the database, the management listener, files */
    CUT_WAIT_MS = 1000
};

static const char *const TLS_PRIORITIES = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"; /* REST API profile SAK.01 */

static void option(struct MHD_OptionItem *options, size_t *count, enum MHD_OPTION name, intptr_t value, void *pointer)
{
    options[(*count)++] = (struct MHD_OptionItem){name, value, pointer};
}

struct pem {
    char *certificate, *key;
};

static char *read_pem(const char *path, char **why)
{
    gnutls_datum_t file;
    int refused = gnutls_load_file(path, &file);
    if (refused < 0) {
        if (asprintf(why, "cannot read %s: %s", path, gnutls_strerror(refused)) < 0)
            abort();
        return NULL;
    }
    char *text = strndup((const char *)file.data, file.size);
    gnutls_memset(file.data, 0, file.size);
    gnutls_free(file.data);
    return text;
}

static bool read_tls(const struct http_options *options, struct pem *pem, char **why)
{
    if (!options->tls_certificate_file && !options->tls_key_file)
        return true;
    if (!options->tls_certificate_file || !options->tls_key_file) {
        *why = strdup("tls-certificate and tls-key belong together");
        return false;
    }
    pem->certificate = read_pem(options->tls_certificate_file, why);
    pem->key = pem->certificate ? read_pem(options->tls_key_file, why) : NULL;
    return pem->key != NULL;
}

static void forget(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

static unsigned fill_options(struct http *http, int fd, const struct pem *pem, struct MHD_OptionItem *options)
{
    const struct http_options *wish = &http->options;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;
    size_t n = 0;
    option(options, &n, MHD_OPTION_LISTEN_SOCKET, fd, NULL);
    option(options, &n, MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)exchange_start, http);
    option(options, &n, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_end, NULL);
    option(options, &n, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)exchange_connection, http);
    option(options, &n, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL);
    option(options, &n, MHD_OPTION_CONNECTION_LIMIT, (intptr_t)wish->max_connections + SURPLUS, NULL);
    option(options, &n, MHD_OPTION_CONNECTION_TIMEOUT, wish->idle_timeout_s, NULL);
    option(options, &n, MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK, NULL);
    if (wish->threads > 0) {
        flags |= MHD_USE_EPOLL;
        if (wish->threads > 1)
            option(options, &n, MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)wish->threads, NULL);
    } else {
        flags |= MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    }
    if (pem->key) {
        static char priorities[64];
        snprintf(priorities, sizeof(priorities), "%s", TLS_PRIORITIES);
        flags |= MHD_USE_TLS;
        option(options, &n, MHD_OPTION_HTTPS_MEM_KEY, 0, pem->key);
        option(options, &n, MHD_OPTION_HTTPS_MEM_CERT, 0, pem->certificate);
        option(options, &n, MHD_OPTION_HTTPS_PRIORITIES, 0, priorities);
    }
    option(options, &n, MHD_OPTION_END, 0, NULL);
    return flags;
}

static void destroy(struct http *http)
{
    ulfius_clean_instance(&http->instance);
    connections_destroy(http->connections);
    hosts_destroy(http->hosts);
    address_list_destroy(http->proxies);
    free(http);
}

/* Each connection is a descriptor: the soft limit is raised as far as allowed, or the bound lowered to what there
 * is. */
static unsigned affordable(unsigned connections)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)connections + SURPLUS + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return connections;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed)
        return connections;
    unsigned lowered = limit.rlim_cur > (rlim_t)2 * (SURPLUS + OTHER_DESCRIPTORS)
                           ? (unsigned)limit.rlim_cur - SURPLUS - OTHER_DESCRIPTORS
                           : SURPLUS;
    log_event(LOG_WARNING, "connections-lowered", "{s:i, s:i}", "wished", (int)connections, "descriptorsAllow",
              (int)lowered);
    return lowered;
}

static struct http *create(const struct http_options *options, struct address_list *proxies, request_handler handler,
                           void *context)
{
    struct http *http = calloc(1, sizeof(*http));
    if (!http || ulfius_init_instance(&http->instance, 1, NULL, NULL) != U_OK)
        abort();
    http->options = *options;
    http->options.max_connections = affordable(options->max_connections);
    if (http->options.idle_timeout_s < 1)
        http->options.idle_timeout_s = 1; /* without a bound anybody could hold all connections */
    http->handler = handler;
    http->context = context;
    http->proxies = proxies;
    http->hosts = hosts_create(options->allowed_hosts, options->public_url, options->listen_address);
    http->connections = connections_create(http->options.max_connections, 2 * http->options.idle_timeout_s);
    http->secure = options->tls_key_file != NULL;
    http->instance.max_post_body_size = options->max_body + 1; /* one more than allowed shows that there was more */
    http->instance.max_post_param_size = 1;
    http->instance.allowed_post_processor = U_POST_PROCESS_NONE;
    ulfius_set_default_endpoint(&http->instance, exchange_answer, http);
    return http;
}

static struct http *start(struct http *http, const struct pem *pem, char **why)
{
    struct MHD_OptionItem options[OPTIONS_MAX];
    int fd = listener_open(http->options.listen_address, http->options.port, &http->port, why);
    if (fd >= 0) {
        unsigned flags = fill_options(http, fd, pem, options);
        if (ulfius_start_framework_with_mhd_options(&http->instance, flags, options) == U_OK)
            return http;
        close(fd);
        *why = strdup(pem->key ? "cannot start the HTTP server; do certificate and key fit together?"
                               : "cannot start the HTTP server");
    }
    destroy(http);
    return NULL;
}

struct http *http_start(const struct http_options *options, request_handler handler, void *context, char **why)
{
    struct pem pem = {NULL, NULL};
    struct http *http = NULL;
    struct address_list *proxies = address_list_create(options->trusted_proxies, why);
    if (!proxies)
        return NULL;
    if (read_tls(options, &pem, why))
        http = start(create(options, proxies, handler, context), &pem, why);
    else
        address_list_destroy(proxies);
    forget(pem.key);
    free(pem.certificate);
    return http;
}

unsigned http_port(const struct http *http)
{
    return http->port;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

bool http_stop(struct http *http)
{
    int64_t deadline = clock_monotonic_us() + (int64_t)http->options.drain_s * 1000000;
    MHD_socket listener = MHD_quiesce_daemon(http->instance.mhd_daemon);
    if (listener != MHD_INVALID_SOCKET) {
        /* A thread that polls it keeps it listening beyond its close. */
        shutdown(listener, SHUT_RDWR);
        close(listener);
    }
    atomic_store(&http->draining, true);
    while (connections_count(http->connections) > 0 && clock_monotonic_us() < deadline) {
        connections_retire(http->connections); /* again and again: those that were busy before */
        pause_ms(5);
    }
    bool drained = connections_count(http->connections) == 0;
    connections_cut(http->connections);
    for (int waited = 0; connections_busy(http->connections) > 0 && waited < CUT_WAIT_MS; waited += 5)
        pause_ms(5);
    /* A handler that still runs cannot be stopped from outside, and joining its thread would last as long as it
     * does. The process is about to end: what it holds is left to it. */
    if (connections_busy(http->connections) > 0)
        return false;
    ulfius_stop_framework(&http->instance);
    destroy(http);
    return drained;
}
