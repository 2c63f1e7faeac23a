/* Inside src/http: one request from its first line to its last byte out. */
#ifndef SAMSYN_HTTP_REQUEST_H
#define SAMSYN_HTTP_REQUEST_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdint.h>
#include <ulfius.h>

#include "base/uuid.h"
#include "http/address.h"
#include "http/connections.h"
#include "http/hosts.h"
#include "http/http.h"
#include "http/trace.h"

enum {
    TARGET_MAX = 2048,       /* REST API profile UFN.05 */
    HEADERS_MAX = 16 * 1024, /* bytes of header lines */
    HEADER_LINES_MAX = 64,
    COOKIE_MAX =
        4 * 1024, /* bytes of Cookie lines: nothing here reads them, but libmicrohttpd copies and parses them */
    COOKIES_MAX = 32,
    ARGUMENTS_MAX = 64 /* query parameters, which libmicrohttpd parses as well */
};

struct http {
    struct _u_instance instance;
    struct http_options options;
    request_handler handler;
    void *context;
    struct connections *connections;
    struct hosts *hosts;
    struct address_list *proxies;
    unsigned port;
    bool secure; /* TLS ends here */
    atomic_bool draining;
};

struct request {
    struct http *http;
    struct MHD_Connection *from;
    struct connection *connection;
    struct arena *arena;
    const char *method;
    const char *target; /* as it stood on the request line */
    bool cut;           /* a NUL byte hides the end of the target */
    const char *path;
    const char *query;
    const char *authority; /* of an absolute-form target, or NULL */
    const char *base_url;
    const char *client_address;
    const char *body;
    size_t body_length;
    bool swedish;
    char id[UUID_TEXT_SIZE];
    struct trace trace;
    struct reply reply;
    int64_t began;    /* clock_monotonic_us, when it had arrived whole */
    int64_t answered; /* when its reply was ready, 0 before */
    size_t sent;      /* bytes of the body handed over */
    bool streaming;   /* libmicrohttpd holds the stream */
    bool completed;   /* libmicrohttpd is done with the request */
};

/* All values of a header joined by ", " (RFC 9110 5.3), lent; NULL when absent. */
const char *request_header_all(const struct request *request, const char *name);

/* Everything about a request that is judged before the handler sees it: sizes, framing, repeated headers, target,
 * Host. Fills path, query, base URL, client address, language and trace. Returns false after it has made `reply` a
 * problem. */
bool request_admit(struct request *request, struct reply *reply);

/* Puts status, headers and body of `request->reply` into ulfius' response. */
void reply_send(struct request *request, struct _u_response *response);

/* Frees the request once both libmicrohttpd's request and its stream are over. */
void request_release(struct request *request);

#endif
