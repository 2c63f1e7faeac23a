/* The HTTP server: from bytes to a request, from a reply to bytes. The only place that includes ulfius. */
#ifndef SAMSYN_HTTP_HTTP_H
#define SAMSYN_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "contract/violation.h"

struct http;
struct request;

/* What the handler sees of a request; strings lent until the handler returns. */
const char *request_method(const struct request *request);
const char *request_path(const struct request *request);  /* raw, percent-encoded, without query */
const char *request_query(const struct request *request); /* raw, or NULL */
const char *request_header(void *request,
                           const char *name);          /* case-insensitive; NULL when absent; usable as header_reader */
const char *request_id(const struct request *request); /* fresh UUIDv7 */
const char *request_trace_id(const struct request *request); /* 32 hex digits of traceparent, given or fresh */
const char *
request_base_url(const struct request *request); /* "https://host": configured, or from Forwarded of a trusted proxy */
const char *request_client_address(const struct request *request); /* peer, or Forwarded for= of a trusted proxy */
bool request_swedish(const struct request *request);               /* Accept-Language prefers Swedish */
struct arena *request_arena(const struct request *request);

/* True when the client has gone, so that work for it may end. Also while its reply is streamed. */
bool request_abandoned(const struct request *request);

/* The body: fails with BODY_TOO_LARGE above `max`, MEDIA_TYPE_UNSUPPORTED when Content-Type is not `type` (NULL: any).
 * `*length` is 0 when there is no body (then the type is not checked). */
enum error request_body(const struct request *request, const char *type, size_t max, const char **bytes,
                        size_t *length);

/* The first of `produced` that Accept allows (RFC 9110 12.5.1, q-values and wildcards), or NULL. */
const char *request_accepts(const struct request *request, const char *const *produced, size_t count);

/* Pull side of a streamed body: fills at most `size` bytes; returns how many, 0 at the end, -1 to abort the
 * connection. */
typedef ssize_t (*reply_pull)(void *context, char *buffer, size_t size);

/* What the handler answers; strings must be lent by the request's arena or be constants. */
struct reply {
    int status;
    const char *type; /* Content-Type, or NULL for no body */
    const char *body;
    size_t length;
    reply_pull pull;       /* instead of body */
    void (*close)(void *); /* called once when the stream is over, however it ends */
    void *context;
    size_t header_count;
    struct {
        const char *name, *value;
    } headers[16];
    bool cacheable;             /* false (default): Cache-Control: no-store */
    const char *allowed_origin; /* CORS: the Origin to allow, or NULL */
    const char *operation;      /* for the log line and metrics: operationId or NULL */
    const char *code;           /* problem code for the log line, or NULL */
};

void reply_header(struct reply *reply, const char *name, const char *value);

/* Makes `reply` the RFC 9457 problem of `error`: type, title (by Accept-Language), status, code, detail (may be NULL),
 * instance (urn:uuid: of the request id), traceId, errors[] from `violations` (may be NULL). 401 gets WWW-Authenticate,
 * 503 Retry-After. */
void reply_problem(struct reply *reply, const struct request *request, enum error error, const char *detail,
                   const struct violations *violations);

typedef void (*request_handler)(void *context, struct request *request, struct reply *reply);

struct http_options {
    const char *listen_address;                      /* "127.0.0.1" */
    unsigned port;                                   /* 0: any free one; see http_port */
    const char *tls_certificate_file, *tls_key_file; /* both or neither */
    const char *public_url; /* base of links when no proxy says otherwise: "https://samsyn.example.se" */
    /* Hosts served besides public_url's, comma separated; others get HOST_UNKNOWN. NULL: the listen address. */
    const char *allowed_hosts;
    const char *trusted_proxies; /* comma separated addresses or CIDR, NULL: none */
    size_t max_body;             /* absolute ceiling of any body, bytes */
    unsigned threads; /* 0: one for each connection, which measured best; else a pool of so many (server.c) */
    unsigned max_connections;
    int idle_timeout_s;
    int drain_s; /* longest wait for running requests at stop */
};

/* Starts serving. Returns NULL with `*why` (malloc'd). Owned by the caller. */
struct http *http_start(const struct http_options *options, request_handler handler, void *context, char **why);
unsigned http_port(const struct http *http);
/* Stops accepting, lets running requests finish within drain_s, then closes. True when all had finished. */
bool http_stop(struct http *http);

/* The management listener (liveness, readiness, metrics), plain HTTP on an address of its own. */
struct management;
/* `ready` returns NULL when ready, else why not (a constant). `metrics` appends Prometheus text; lent by the arena. */
struct management *management_start(const char *address, unsigned port, const char *(*ready)(void *),
                                    const char *(*metrics)(void *, struct arena *), void *context, char **why);
unsigned management_port(const struct management *management);
void management_stop(struct management *management);

#endif
