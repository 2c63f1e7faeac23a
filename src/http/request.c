/* What the handler asks of a request. */
#include "http/request.h"

#include <string.h>
#include <strings.h>

#include "http/accept.h"

const char *request_method(const struct request *request)
{
    return request->method;
}

const char *request_path(const struct request *request)
{
    return request->path;
}

const char *request_query(const struct request *request)
{
    return request->query;
}

const char *request_id(const struct request *request)
{
    return request->id;
}

const char *request_trace_id(const struct request *request)
{
    return request->trace.id;
}

const char *request_base_url(const struct request *request)
{
    return request->base_url;
}

bool request_abandoned(const struct request *request)
{
    return connection_abandoned(request->connection);
}

const char *request_client_address(const struct request *request)
{
    return request->client_address;
}

bool request_swedish(const struct request *request)
{
    return request->swedish;
}

struct arena *request_arena(const struct request *request)
{
    return request->arena;
}

/* libmicrohttpd leaves blanks at the end of a value, which do not belong to it (RFC 9110 5.5). */
static const char *without_trailing_blanks(struct arena *arena, const char *value)
{
    size_t length = strlen(value), kept = length;
    while (kept > 0 && (value[kept - 1] == ' ' || value[kept - 1] == '\t'))
        kept--;
    return kept == length ? value : arena_strndup(arena, value, kept);
}

struct joining {
    struct arena *arena;
    const char *name;
    const char *value;
};

static enum MHD_Result join(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct joining *joining = context;
    (void)kind;
    if (strcasecmp(name, joining->name) != 0 || !value)
        return MHD_YES;
    joining->value = joining->value ? arena_printf(joining->arena, "%s, %s", joining->value, value) : value;
    return MHD_YES;
}

const char *request_header_all(const struct request *request, const char *name)
{
    struct joining joining = {.arena = request->arena, .name = name};
    MHD_get_connection_values(request->from, MHD_HEADER_KIND, join, &joining);
    return joining.value ? without_trailing_blanks(request->arena, joining.value) : NULL;
}

const char *request_header(void *request, const char *name)
{
    return request_header_all(request, name);
}

enum error request_body(const struct request *request, const char *type, size_t max, const char **bytes, size_t *length)
{
    *bytes = request->body ? request->body : "";
    *length = request->body_length;
    if (*length == 0)
        return ERROR_NONE;
    const char *given = request_header_all(request, MHD_HTTP_HEADER_CONTENT_TYPE);
    const char *coding = request_header_all(request, MHD_HTTP_HEADER_CONTENT_ENCODING);
    if ((type && (!given || !accept_content_type(given, type))) || (coding && strcasecmp(coding, "identity") != 0))
        return ERROR_MEDIA_TYPE_UNSUPPORTED; /* RFC 9110 15.5.16 */
    /* ulfius keeps at most max_body + 1 bytes: the last tells that there was more. */
    return *length > max || *length > request->http->options.max_body ? ERROR_BODY_TOO_LARGE : ERROR_NONE;
}

const char *request_accepts(const struct request *request, const char *const *produced, size_t count)
{
    return accept_choose(request_header_all(request, MHD_HTTP_HEADER_ACCEPT), produced, count);
}
