/* From a reply to the headers and bytes that leave. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/request.h"

enum {
    HEADERS = sizeof(((struct reply *)0)->headers) / sizeof(((struct reply *)0)->headers[0]),
    COPIED_BODY_MAX = 32 * 1024, /* above it the body is not copied into ulfius' response but fetched in blocks */
    STREAM_BLOCK = 16 * 1024
};

void reply_header(struct reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0) {
            reply->headers[i].value = value;
            return;
        }
    if (reply->header_count == HEADERS) {
        log_event(LOG_ERROR, "reply-headers-full", "{s:s}", "header", name);
        return;
    }
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count++].value = value;
}

static const char *given(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

/* A value with a line break would be a header of its own (response splitting). */
static bool splits(const char *value)
{
    return strpbrk(value, "\r\n") != NULL;
}

static void put(const struct reply *reply, struct _u_map *headers, const char *name, const char *value)
{
    if (!value || splits(value) || splits(name))
        log_event(LOG_ERROR, "reply-header-dropped", "{s:s*}", "operation", reply->operation);
    else
        u_map_put(headers, name, value);
}

static void put_security(const struct request *request, struct reply *reply, struct _u_map *headers)
{
    put(reply, headers, "X-Content-Type-Options", "nosniff");
    put(reply, headers, "Referrer-Policy", "no-referrer");
    if (!given(reply, "Content-Security-Policy"))
        put(reply, headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (!reply->cacheable)
        put(reply, headers, "Cache-Control", "no-store");
    /* TLS ends here or at the proxy; never over plain HTTP (RFC 6797 7.2). */
    if (request->http->secure || (request->base_url && strncmp(request->base_url, "https:", 6) == 0))
        put(reply, headers, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    const char *vary = given(reply, "Vary");
    const char *always = "Accept, Accept-Language, Origin";
    put(reply, headers, "Vary", vary ? arena_printf(request->arena, "%s, %s", vary, always) : always);
}

static void put_cors(const struct reply *reply, struct _u_map *headers)
{
    if (!reply->allowed_origin)
        return;
    put(reply, headers, "Access-Control-Allow-Origin", reply->allowed_origin);
    put(reply, headers, "Access-Control-Expose-Headers", "ETag, Location, traceparent, Retry-After");
}

static void put_headers(struct request *request, struct _u_map *headers)
{
    struct reply *reply = &request->reply;
    put_security(request, reply, headers);
    put_cors(reply, headers);
    if (reply->type && reply->status != 304)
        put(reply, headers, "Content-Type", reply->type);
    put(reply, headers, "traceparent", request->trace.parent);
    for (size_t i = 0; i < reply->header_count; i++) {
        const char *name = reply->headers[i].name;
        bool ours = strcasecmp(name, "Vary") == 0 || (!reply->cacheable && strcasecmp(name, "Cache-Control") == 0);
        if (!ours)
            put(reply, headers, name, reply->headers[i].value);
    }
    /* RFC 9112 9.6: a connection above the bound or of a draining server is not kept. */
    if (connection_is_surplus(request->connection) || atomic_load(&request->http->draining))
        put(reply, headers, "Connection", "close");
}

/* One block of the handler's stream. -1 tears the connection down, so that the client sees that it is cut. */
static ssize_t pull_stream(void *context, uint64_t offset, char *buffer, size_t size)
{
    struct request *request = context;
    (void)offset;
    ssize_t got = request->reply.pull(request->reply.context, buffer, size);
    if (got < 0)
        return U_STREAM_ERROR;
    if (got == 0)
        return U_STREAM_END;
    request->sent += (size_t)got;
    connection_streamed(request->connection, (size_t)got);
    return got;
}

static ssize_t pull_body(void *context, uint64_t offset, char *buffer, size_t size)
{
    struct request *request = context;
    if (offset >= request->reply.length)
        return U_STREAM_END;
    size_t rest = request->reply.length - (size_t)offset, part = rest < size ? rest : size;
    memcpy(buffer, request->reply.body + offset, part);
    request->sent = (size_t)offset + part;
    return (ssize_t)part;
}

static void end_stream(void *context)
{
    struct request *request = context;
    request->streaming = false;
    request_release(request);
}

static void send_body(struct request *request, struct _u_response *response)
{
    struct reply *reply = &request->reply;
    bool empty = !reply->type || reply->status == 204 || reply->status == 304;
    if (reply->pull && !empty) {
        request->streaming = true;
        ulfius_set_stream_response(response, (unsigned)reply->status, pull_stream, end_stream, U_STREAM_SIZE_UNKNOWN,
                                   STREAM_BLOCK, request);
    } else if (!empty && reply->length > COPIED_BODY_MAX) {
        request->streaming = true;
        ulfius_set_stream_response(response, (unsigned)reply->status, pull_body, end_stream, reply->length,
                                   STREAM_BLOCK, request);
    } else if (empty || reply->length == 0) {
        ulfius_set_empty_body_response(response, (unsigned)reply->status);
    } else {
        ulfius_set_binary_body_response(response, (unsigned)reply->status, reply->body, reply->length);
        request->sent = strcmp(request->method, "HEAD") == 0 ? 0 : reply->length;
    }
    connection_replying(request->connection, reply->pull ? -1 : (int64_t)reply->length);
}

void reply_send(struct request *request, struct _u_response *response)
{
    put_headers(request, response->map_header);
    send_body(request, response);
    request->answered = clock_monotonic_us();
}
