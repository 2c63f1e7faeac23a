/* getApiInfo, getContractYaml, getContractJson and getDocs: what the server tells about itself, to everyone. */
#include <stdlib.h>

#include "operation/answer.h"
#include "operation/document.h"
#include "operation/hooks.h"

static void answer_page(struct exchange *exchange, const struct page *page)
{
    struct reply *reply = exchange->reply;
    reply->cacheable = true;
    reply_header(reply, "Cache-Control", "public, max-age=300");
    if (page->policy)
        reply_header(reply, "Content-Security-Policy", page->policy);
    if (answer_unchanged(exchange, page->etag))
        return;
    reply->status = 200;
    reply->type = exchange->type;
    reply->body = page->text;
    reply->length = page->length;
}

void hook_contract_yaml(struct exchange *exchange)
{
    answer_page(exchange, &exchange->services->pages->yaml);
}

void hook_contract_json(struct exchange *exchange)
{
    answer_page(exchange, &exchange->services->pages->json);
}

void hook_docs(struct exchange *exchange)
{
    answer_page(exchange, &exchange->services->pages->docs);
}

/* National REST API profile VER.07: exactly these names, of which status and date of release are in `info`. */
void hook_api_info(struct exchange *exchange)
{
    const struct contract *contract = exchange->services->contract;
    const json_t *info = json_object_get(contract_json(contract), "info");
    const char *documentation =
        arena_printf(exchange->arena, "%s%s/docs", request_base_url(exchange->request), contract_base_path(contract));
    json_t *answer =
        json_pack("{s:s, s:s, s:s*, s:s, s:s}", "apiName", document_text(info, "x-api-name", "samsyn"), "apiVersion",
                  document_text(info, "version", ""), "apiReleased", document_text(info, "x-api-released", NULL),
                  "apiDocumentation", documentation, "apiStatus", document_text(info, "x-api-status", "active"));
    char *json = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    if (!json)
        abort();
    arena_defer(exchange->arena, free, json);
    exchange->reply->cacheable = true;
    answer_object(exchange, json, NULL, 200);
}
