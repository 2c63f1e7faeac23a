/* Problem details (RFC 9457). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "http/request.h"

/* Text that a client had a hand in may not be UTF-8, which jansson refuses. */
static json_t *text(const char *value)
{
    json_t *string = json_string(value ? value : "");
    return string ? string : json_string("\xEF\xBF\xBD");
}

static json_t *entries(const struct violations *violations, bool swedish)
{
    json_t *list = json_array();
    for (const struct violation *v = violations->first; v; v = v->next)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "pointer", text(v->pointer), "rule", text(v->rule),
                                              "detail", text(swedish ? v->detail_sv : v->detail_en)));
    return list;
}

static json_t *document(const struct request *request, const struct error_info *info, const char *detail,
                        const struct violations *violations)
{
    json_t *problem =
        json_pack("{s:o, s:s, s:i, s:s}", "type", json_sprintf("urn:samsyn:problem:%s", info->slug), "title",
                  request->swedish ? info->title_sv : info->title_en, "status", info->status, "code", info->code);
    if (detail)
        json_object_set_new(problem, "detail", text(detail));
    json_object_set_new(problem, "instance", json_sprintf("urn:uuid:%s", request->id));
    json_object_set_new(problem, "traceId", json_string(request->trace.id));
    if (violations && violations->first)
        json_object_set_new(problem, "errors", entries(violations, request->swedish));
    return problem;
}

/* RFC 6750 3: no error attribute when no token came; the description is ASCII and therefore English. */
static const char *challenge(const struct request *request, enum error error)
{
    if (error == ERROR_TOKEN_MISSING)
        return "Bearer realm=\"samsyn\"";
    if (error == ERROR_SCOPE_MISSING)
        return "Bearer realm=\"samsyn\", error=\"insufficient_scope\"";
    return arena_printf(request->arena, "Bearer realm=\"samsyn\", error=\"invalid_token\", error_description=\"%s\"",
                        error_info(error)->title_en);
}

void reply_problem(struct reply *reply, const struct request *request, enum error error, const char *detail,
                   const struct violations *violations)
{
    const struct error_info *info = error_info(error);
    json_t *problem = document(request, info, detail, violations);
    char *encoded = json_dumps(problem, JSON_COMPACT);
    json_decref(problem);
    if (!encoded)
        abort();
    reply->status = info->status;
    reply->type = "application/problem+json";
    reply->length = strlen(encoded);
    reply->body = arena_strndup(request->arena, encoded, reply->length);
    reply->code = info->code;
    reply->cacheable = false;
    free(encoded);
    reply_header(reply, "Content-Language", request->swedish ? "sv" : "en");
    if (info->status == 401 || error == ERROR_SCOPE_MISSING)
        reply_header(reply, "WWW-Authenticate", challenge(request, error));
    if (info->status == 503)
        reply_header(reply, "Retry-After", error == ERROR_OVERLOADED ? "1" : "5");
}
