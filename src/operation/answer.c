#include "operation/answer.h"

#include <stdlib.h>
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

bool answer_unchanged(struct exchange *exchange, const char *etag)
{
    reply_header(exchange->reply, "ETag", arena_printf(exchange->arena, "\"%s\"", etag));
    if (strcmp(exchange->operation->method, "GET") != 0 ||
        !listed(request_header(exchange->request, "If-None-Match"), etag))
        return false;
    exchange->reply->status = 304;
    return true;
}

static struct body_context context_of(const struct exchange *exchange)
{
    const struct contract *contract = exchange->services->contract;
    return (struct body_context){
        .operation = exchange->operation,
        .links = {.base_url = request_base_url(exchange->request),
                  .base_path = contract_base_path(contract),
                  .permissions = exchange->permissions,
                  .parameters = exchange->parameters},
    };
}

static void answer_text(struct exchange *exchange, const struct buffer *body, int status)
{
    exchange->reply->status = status;
    exchange->reply->type = exchange->type;
    exchange->reply->body = body->bytes;
    exchange->reply->length = body->length;
}

void answer_object(struct exchange *exchange, const char *json, const char *etag, int status)
{
    struct body_context context = context_of(exchange);
    const char *location = NULL;
    if (etag && answer_unchanged(exchange, etag))
        return;
    if (status == 204) {
        exchange->reply->status = status;
        return;
    }
    struct buffer body = body_single(exchange->arena, &context, json, &location);
    answer_text(exchange, &body, status);
    if (location && status == 201)
        reply_header(exchange->reply, "Location", location); /* profile ARP.03 */
}

static void answer_list(struct exchange *exchange, const struct db_rows *rows)
{
    struct body_context context = context_of(exchange);
    const char *path = request_path(exchange->request);
    struct buffer url = buffer_begin(exchange->arena, 256);
    buffer_put(&url, context.links.base_url);
    links_raw(&url, path, strlen(path));
    context.url = url.bytes;
    context.query = request_query(exchange->request);
    context.limit = exchange_integer(exchange, "limit", LIMIT_DEFAULT);
    context.page = exchange_integer(exchange, "page", 1);
    struct buffer body = body_list(exchange->arena, &context, exchange->plan->shape, rows);
    answer_text(exchange, &body, exchange->operation->success);
}

bool answer_found(struct exchange *exchange, const struct db_rows *rows)
{
    const char *const *row = rows->cells;
    const char *refusal = rows->rows > 0 ? row[COLUMN_REFUSAL] : NULL;
    if (refusal)
        exchange_problem(exchange, error_from_code(refusal), NULL, NULL);
    else if (rows->rows == 0)
        exchange_problem(exchange, ERROR_NOT_FOUND, NULL, NULL);
    return rows->rows > 0 && !refusal;
}

void answer_rows(struct exchange *exchange, const struct outcome *outcome)
{
    const struct db_rows *rows = outcome->rows;
    if (exchange->plan->shape != SHAPE_SINGLE) {
        answer_list(exchange, rows);
        return;
    }
    if (!answer_found(exchange, rows))
        return;
    const char *const *row = rows->cells;
    const char *status = outcome->replayed ? row[COLUMN_EXTRA] : NULL;
    answer_object(exchange, row[COLUMN_BODY] ? row[COLUMN_BODY] : "{}", row[COLUMN_ETAG],
                  status ? atoi(status) : exchange->operation->success);
}
