/* What is judged of a request before anything of Samsyn's own is done with it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/accept.h"
#include "http/forwarded.h"
#include "http/request.h"

/* Headers of which a second one could be read differently by a proxy in front (request smuggling, RFC 9112 11.2) or
 * leaves open who asks and for what. */
static const char *const single[] = {"Authorization",   "Content-Type",      "If-Match",
                                     "Idempotency-Key", "Samsyn-Assignment", "Host",
                                     "Content-Length",  "Transfer-Encoding", "Origin"};
enum { SINGLES = sizeof(single) / sizeof(single[0]) };

struct survey {
    size_t lines;
    size_t cookie_bytes;
    size_t seen[SINGLES];
    bool malformed;
};

/* Each of those is of visible ASCII, blanks between words at most: what else comes in them is neither a name, a token
 * nor an identifier, and not all of it can be kept as text. */
static bool is_plain(const char *value)
{
    for (const char *at = value; *at; at++)
        if ((*at < ' ' && *at != '\t') || *at >= 127)
            return false;
    return true;
}

static enum MHD_Result count(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct survey *survey = context;
    (void)kind;
    survey->lines++;
    if (strcasecmp(name, MHD_HTTP_HEADER_COOKIE) == 0)
        survey->cookie_bytes += value ? strlen(value) : 0;
    if (strpbrk(name, " \t")) /* a blank before the colon is read differently by different servers (RFC 9112 5.1) */
        survey->malformed = true;
    for (size_t i = 0; i < SINGLES; i++) {
        bool here = strcasecmp(name, single[i]) == 0;
        survey->seen[i] += here;
        survey->malformed |= here && value && !is_plain(value);
    }
    return MHD_YES;
}

static bool refuse(struct request *request, struct reply *reply, enum error error, const char *detail)
{
    reply_problem(reply, request, error, detail, NULL);
    return false;
}

static const char *say(const struct request *request, const char *english, const char *swedish)
{
    return request->swedish ? swedish : english;
}

static bool refuse_repeated(struct request *request, struct reply *reply, const char *name)
{
    struct violation violation = {.pointer = arena_printf(request->arena, "/header/%s", name),
                                  .rule = "unique",
                                  .detail_en = "The header may be given only once",
                                  .detail_sv = "Huvudet får anges bara en gång"};
    struct violations violations = {.arena = request->arena, .first = &violation, .last = &violation, .count = 1};
    reply_problem(reply, request, ERROR_INVALID_REQUEST, NULL, &violations);
    return false;
}

static bool within_limits(const struct request *request, const struct survey *survey)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(request->from, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return size && size->header_size <= HEADERS_MAX + strlen(request->target) && survey->lines <= HEADER_LINES_MAX &&
           survey->cookie_bytes <= COOKIE_MAX &&
           MHD_get_connection_values(request->from, MHD_COOKIE_KIND, NULL, NULL) <= COOKIES_MAX;
}

static bool headers_fit(struct request *request, struct reply *reply)
{
    struct survey survey = {0};
    MHD_get_connection_values(request->from, MHD_HEADER_KIND, count, &survey);
    if (!within_limits(request, &survey))
        return refuse(request, reply, ERROR_HEADERS_TOO_LARGE, NULL); /* RFC 6585 5 */
    if (survey.malformed)
        return refuse(request, reply, ERROR_INVALID_REQUEST,
                      say(request, "A header is malformed", "Ett huvud är felaktigt"));
    for (size_t i = 0; i < SINGLES; i++)
        if (survey.seen[i] > 1)
            return refuse_repeated(request, reply, single[i]);
    /* RFC 9112 6.1: both at once may be an attempt at smuggling. */
    const char *coding = request_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    if (coding && (strcasecmp(coding, "chunked") != 0 || request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH)))
        return refuse(request, reply, ERROR_INVALID_REQUEST,
                      say(request, "The framing of the body is ambiguous", "Innehållets avgränsning är tvetydig"));
    return true;
}

/* Origin form, or absolute form whose authority then stands for Host (RFC 9112 3.2); nothing outside of visible
 * ASCII. */
static bool split_target(struct request *request)
{
    const char *at = request->target;
    if (request->cut)
        return false;
    for (const char *c = at; *c; c++)
        if (*c <= ' ' || *c >= 127)
            return false;
    if (strncasecmp(at, "http://", 7) == 0 || strncasecmp(at, "https://", 8) == 0) {
        at = strstr(at, "://") + 3;
        size_t length = strcspn(at, "/?");
        request->authority = arena_strndup(request->arena, at, length);
        at += length;
    }
    size_t length = strcspn(at, "?");
    request->query = at[length] ? at + length + 1 : NULL;
    request->path = arena_strndup(request->arena, at, length);
    return request->path[0] == '/';
}

/* The base of links: what the outermost trusted proxy was asked for, else what is configured (REST API profile HYP.10),
 * else the Host that has been found on the allow-list (HYP.14). */
static const char *base_url(const struct request *request, const struct forwarded *forwarded, const char *host)
{
    const struct http *http = request->http;
    const char *configured = http->options.public_url, *own = http->secure ? "https" : "http";
    if (forwarded->host)
        return arena_printf(request->arena, "%s://%s", forwarded->proto ? forwarded->proto : own, forwarded->host);
    if (configured)
        return configured;
    return arena_printf(request->arena, "%s://%s", forwarded->proto ? forwarded->proto : own, host);
}

static bool place(struct request *request, struct reply *reply)
{
    struct address peer = {{0}};
    struct forwarded forwarded;
    char text[ADDRESS_TEXT_SIZE];
    const union MHD_ConnectionInfo *client = MHD_get_connection_info(request->from, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (client && client->client_addr)
        address_of_socket(client->client_addr, &peer);
    forwarded_read(&forwarded, request_header_all(request, MHD_HTTP_HEADER_FORWARDED), &peer, request->http->proxies,
                   request->arena);
    address_print(&forwarded.client, text);
    request->client_address = arena_strdup(request->arena, text);
    const char *host = request->authority ? request->authority : request_header(request, MHD_HTTP_HEADER_HOST);
    if (forwarded.host)
        host = forwarded.host;
    if (!hosts_contain(request->http->hosts, host))
        return refuse(request, reply, ERROR_HOST_UNKNOWN, NULL);
    request->base_url = base_url(request, &forwarded, host);
    return true;
}

bool request_admit(struct request *request, struct reply *reply)
{
    /* Headers first, for the language and the trace of any problem below. */
    request->swedish = accept_swedish(request_header_all(request, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
    trace_read(&request->trace, request_header_all(request, "traceparent"));
    if (connection_is_surplus(request->connection))
        return refuse(request, reply, ERROR_OVERLOADED, NULL);
    if (strlen(request->target) > TARGET_MAX ||
        MHD_get_connection_values(request->from, MHD_GET_ARGUMENT_KIND, NULL, NULL) > ARGUMENTS_MAX)
        return refuse(request, reply, ERROR_URI_TOO_LONG, NULL);
    if (!headers_fit(request, reply))
        return false;
    if (!split_target(request))
        return refuse(request, reply, ERROR_MALFORMED_PATH, NULL);
    return place(request, reply);
}
