/* The management listener, straight on libmicrohttpd: a thread for each of a few connections of its own, so that
 * neither slow requests of the main listener nor a readiness check that waits for the database hides liveness. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/http.h"
#include "http/listener.h"

enum { CONNECTIONS_MAX = 64, TIMEOUT_S = 10, STACK = 512 * 1024 };

struct management {
    struct MHD_Daemon *daemon;
    unsigned port;
    const char *(*ready)(void *);
    const char *(*metrics)(void *, struct arena *);
    void *context;
};

static enum MHD_Result answer(struct MHD_Connection *to, unsigned status, const char *type, const char *text)
{
    /* libmicrohttpd copies the text; the parameter is not const for its other modes only. */
    union {
        const char *in;
        void *out;
    } body = {.in = text};
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), body.out, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(to, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_ready(struct management *management, struct MHD_Connection *to)
{
    const char *why = management->ready(management->context);
    return answer(to, why ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK, "text/plain; charset=utf-8",
                  why ? why : "ready");
}

static enum MHD_Result answer_metrics(struct management *management, struct MHD_Connection *to)
{
    struct arena *arena = arena_create();
    enum MHD_Result result = answer(to, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                                    management->metrics(management->context, arena));
    arena_destroy(arena);
    return result;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *to, const char *path, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct management *management = context;
    (void)version;
    (void)upload;
    if (!*state || *upload_size > 0) { /* headers only so far, or a body that nobody wants */
        *state = management;
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer(to, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "only GET and HEAD");
    if (strcmp(path, "/health/live") == 0)
        return answer(to, MHD_HTTP_OK, "text/plain; charset=utf-8", "live");
    if (strcmp(path, "/health/ready") == 0)
        return answer_ready(management, to);
    if (strcmp(path, "/metrics") == 0)
        return answer_metrics(management, to);
    return answer(to, MHD_HTTP_NOT_FOUND, "text/plain; charset=utf-8", "not found");
}

struct management *management_start(const char *address, unsigned port, const char *(*ready)(void *),
                                    const char *(*metrics)(void *, struct arena *), void *context, char **why)
{
    struct management *management = calloc(1, sizeof(*management));
    if (!management)
        abort();
    *management = (struct management){.ready = ready, .metrics = metrics, .context = context};
    int fd = listener_open(address, port, &management->port, why);
    if (fd >= 0) {
        management->daemon = MHD_start_daemon(
            MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL,
            handle, management, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
            MHD_OPTION_END);
        if (management->daemon)
            return management;
        close(fd);
        *why = strdup("cannot start the management listener");
    }
    free(management);
    return NULL;
}

unsigned management_port(const struct management *management)
{
    return management->port;
}

void management_stop(struct management *management)
{
    MHD_stop_daemon(management->daemon);
    free(management);
}
