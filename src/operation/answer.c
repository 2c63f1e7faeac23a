#include "operation/answer.h"

#include <string.h>

#include "operation/body.h"

/* RFC 9110 13.1.2: a list of entity tags compared weakly, or `*`. */
static bool listed(const char *header, const char *etag)
{
    size_t length = strlen(etag);
    for (const char *at = header; at && *at; at += strspn(at, ", \t")) {
        if (*at == '*')
            return true;
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
        if (!end)
            return false;
        if ((size_t)(end - at - 1) == length && memcmp(at + 1, etag, length) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

bool answer_unchanged(struct errand *errand, const char *etag)
{
    reply_header(errand->reply, "ETag", arena_printf(errand->arena, "\"%s\"", etag));
    if (strcmp(errand->operation->method, "GET") != 0 ||
        !listed(request_header(errand->request, "If-None-Match"), etag))
        return false;
    errand->reply->status = 304;
    return true;
}

static struct body_context context_of(const struct errand *errand)
{
    const struct contract *contract = errand->services->contract;
    return (struct body_context){
        .operation = errand->operation,
        .links = {.base_url = request_base_url(errand->request),
                  .base_path = contract_base_path(contract),
                  .permissions = errand->permissions,
                  .parameters = errand->parameters},
    };
}

static void answer_text(struct errand *errand, const struct buffer *body, int status)
{
    errand->reply->status = status;
    errand->reply->type = errand->type;
    errand->reply->body = body->bytes;
    errand->reply->length = body->length;
}

void answer_object(struct errand *errand, const char *json, const char *etag, int status)
{
    struct body_context context = context_of(errand);
    const char *location = NULL;
    if (etag && answer_unchanged(errand, etag))
        return;
    if (status == 204) {
        errand->reply->status = status;
        return;
    }
    struct buffer body = body_single(errand->arena, &context, json, &location);
    answer_text(errand, &body, status);
    if (location && status == 201)
        reply_header(errand->reply, "Location", location); /* profile ARP.03 */
}

struct buffer answer_body(struct errand *errand, const char *json)
{
    struct body_context context = context_of(errand);
    const char *location = NULL;
    return body_single(errand->arena, &context, json, &location);
}

static void answer_list(struct errand *errand, const struct db_rows *rows)
{
    struct body_context context = context_of(errand);
    const char *path = request_path(errand->request);
    struct buffer url = buffer_begin(errand->arena, 256);
    buffer_put(&url, context.links.base_url);
    links_raw(&url, path, strlen(path));
    context.url = url.bytes;
    context.query = request_query(errand->request);
    context.limit = errand_integer(errand, "limit", LIMIT_DEFAULT);
    context.page = errand_integer(errand, "page", 1);
    struct buffer body = body_list(errand->arena, &context, errand->plan->shape, rows);
    answer_text(errand, &body, errand->operation->success);
}

bool answer_found(struct errand *errand, const struct db_rows *rows)
{
    const char *const *row = rows->cells;
    const char *refusal = rows->rows > 0 ? row[COLUMN_REFUSAL] : NULL;
    if (refusal)
        errand_problem(errand, error_from_code(refusal), NULL, NULL);
    else if (rows->rows == 0)
        errand_problem(errand, ERROR_NOT_FOUND, NULL, NULL);
    return rows->rows > 0 && !refusal;
}

/* A list by cursor whose one row has an empty cursor is no list: the row is the reply. */
static bool alone(const struct errand *errand, const struct db_rows *rows)
{
    const char *cursor = errand->plan->shape == SHAPE_CURSOR && rows->rows == 1 ? rows->cells[COLUMN_EXTRA] : NULL;
    return cursor && !*cursor;
}

void answer_rows(struct errand *errand, const struct db_rows *rows)
{
    if (errand->plan->shape != SHAPE_SINGLE && !alone(errand, rows)) {
        answer_list(errand, rows);
        return;
    }
    if (!answer_found(errand, rows))
        return;
    const char *const *row = rows->cells;
    answer_object(errand, row[COLUMN_BODY] ? row[COLUMN_BODY] : "{}", row[COLUMN_ETAG], errand->operation->success);
}
