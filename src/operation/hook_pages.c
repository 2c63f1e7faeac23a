/* getApiInfo, getContractYaml, getContractJson and getDocs: what the server tells about itself, to everyone. */
#include <stdlib.h>

#include "operation/answer.h"
#include "operation/document.h"
#include "operation/hooks.h"

static void answer_page(struct errand *errand, const struct page *page)
{
    struct reply *reply = errand->reply;
    reply->cacheable = true;
    reply_header(reply, "Cache-Control", "public, max-age=300");
    if (page->policy)
        reply_header(reply, "Content-Security-Policy", page->policy);
    if (answer_unchanged(errand, page->etag))
        return;
    reply->status = 200;
    reply->type = errand->type;
    reply->body = page->text;
    reply->length = page->length;
}

void hook_contract_yaml(struct errand *errand)
{
    answer_page(errand, &errand->services->pages->yaml);
}

void hook_contract_json(struct errand *errand)
{
    answer_page(errand, &errand->services->pages->json);
}

void hook_docs(struct errand *errand)
{
    answer_page(errand, &errand->services->pages->docs);
}

/* National REST API profile VER.07: exactly these names, of which status and date of release are in `info`. */
void hook_api_info(struct errand *errand)
{
    const struct contract *contract = errand->services->contract;
    const json_t *info = json_object_get(contract_json(contract), "info");
    const char *documentation =
        arena_printf(errand->arena, "%s%s/docs", request_base_url(errand->request), contract_base_path(contract));
    json_t *answer =
        json_pack("{s:s, s:s, s:s*, s:s, s:s}", "apiName", document_text(info, "x-api-name", "samsyn"), "apiVersion",
                  document_text(info, "version", ""), "apiReleased", document_text(info, "x-api-released", NULL),
                  "apiDocumentation", documentation, "apiStatus", document_text(info, "x-api-status", "active"));
    char *json = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    if (!json)
        abort();
    arena_defer(errand->arena, free, json);
    errand->reply->cacheable = true;
    answer_object(errand, json, NULL, 200);
}
