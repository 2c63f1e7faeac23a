#include "http/exchange.h"

#include <orcania.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/metrics.h"

/* ulfius hands its callback nothing of libmicrohttpd's connection, merges repeated headers into one and keeps only 16
 * bytes of the client's address. So its request is made anew with a pointer to ours behind it. */
struct message {
    struct _u_request base;
    struct request *request;
};

static struct connection *connection_of(struct MHD_Connection *from)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(from, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

/* libmicrohttpd 0.9.75 ends the target at a NUL byte and serves what stands before it. It parses in place: the
 * version follows the target, unless something was hidden in between. */
static bool is_cut(const char *target)
{
    return strcmp(MHD_get_version(), "0.9.75") == 0 && strncmp(target + strlen(target) + 1, "HTTP/", 5) != 0;
}

static struct request *create(struct http *http, const char *target, struct MHD_Connection *from)
{
    struct arena *arena = arena_create();
    struct request *request = arena_alloc(arena, sizeof(*request));
    request->http = http;
    request->arena = arena;
    request->from = from;
    request->connection = connection_of(from);
    request->target = arena_strdup(arena, target);
    request->cut = is_cut(target);
    return request;
}

void *exchange_start(void *context, const char *target, struct MHD_Connection *from)
{
    struct connection_info_struct *info = ulfius_uri_logger(NULL, target);
    struct message *message = info ? o_realloc(info->request, sizeof(*message)) : NULL;
    if (!message)
        abort();
    info->request = &message->base;
    message->request = create(context, target, from);
    return info;
}

int exchange_answer(const struct _u_request *base, struct _u_response *response, void *context)
{
    const void *whole = base;
    struct request *request = ((const struct message *)whole)->request;
    struct http *http = context;
    connection_begin(request->connection);
    request->began = clock_monotonic_us();
    request->method = base->http_verb;
    request->body = base->binary_body;
    request->body_length = base->binary_body_length;
    uuid_make(request->id);
    if (request_admit(request, &request->reply))
        http->handler(http->context, request, &request->reply);
    if (request->reply.status == 0)
        reply_problem(&request->reply, request, ERROR_INTERNAL, NULL, NULL);
    reply_send(request, response);
    return U_CALLBACK_COMPLETE;
}

void request_release(struct request *request)
{
    if (request->streaming || !request->completed)
        return;
    if (request->reply.close)
        request->reply.close(request->reply.context);
    arena_destroy(request->arena);
}

/* A method is whatever the client writes; only the known ones are worth a line in the log. */
static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(method, known[i]) == 0)
            return known[i];
    return "other";
}

/* Neither path nor query nor address: they may identify a person. */
static void report(const struct request *request, enum MHD_RequestTerminationCode how)
{
    const struct reply *reply = &request->reply;
    /* A slow reader is not a slow server: only a stream is made while it is sent. */
    int64_t took = (reply->pull ? clock_monotonic_us() : request->answered) - request->began;
    metrics_request(reply->operation, reply->status, took);
    log_event(LOG_INFO, "request", "{s:s, s:s*, s:i, s:s*, s:s, s:s, s:I, s:I, s:b}", "method",
              known_method(request->method), "operation", reply->operation, "status", reply->status, "code",
              reply->code, "requestId", request->id, "traceId", request->trace.id, "durationUs", (json_int_t)took,
              "bytes", (json_int_t)request->sent, "aborted", how != MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

void exchange_end(void *context, struct MHD_Connection *from, void **state, enum MHD_RequestTerminationCode how)
{
    struct connection_info_struct *info = *state;
    if (!info)
        return;
    void *whole = info->request;
    struct request *request = ((struct message *)whole)->request;
    if (request->answered) {
        report(request, how);
        connection_end(request->connection);
    }
    mhd_request_completed(context, from, state, how);
    request->completed = true;
    request_release(request);
}

void exchange_connection(void *context, struct MHD_Connection *from, void **socket_context,
                         enum MHD_ConnectionNotificationCode what)
{
    struct http *http = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(from, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = connections_open(http->connections, info->connect_fd);
    } else if (*socket_context) {
        connections_close(*socket_context);
        *socket_context = NULL;
    }
}
