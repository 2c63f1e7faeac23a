#include "operation/pages.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operation/docs.h"
#include "operation/html.h"

enum { ETAG_BYTES = 16 };

static const char *etag_of(struct arena *arena, const char *text, size_t length)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *hex = arena_alloc(arena, 2 * ETAG_BYTES + 1);
    EVP_Digest(text, length, digest, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < ETAG_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return hex;
}

static struct page make(struct arena *arena, const char *text, size_t length)
{
    return (struct page){.text = text, .length = length, .etag = etag_of(arena, text, length)};
}

struct pages *pages_create(const struct contract *contract, const char *yaml, size_t length)
{
    struct arena *arena = arena_create();
    struct pages *pages = arena_alloc(arena, sizeof(*pages));
    char *json = json_dumps(contract_json(contract), JSON_INDENT(2));
    const char *style = NULL;
    struct buffer docs = docs_render(arena, contract, &style);
    if (!json)
        abort();
    arena_defer(arena, free, json);
    pages->arena = arena;
    pages->yaml = make(arena, yaml, length);
    pages->json = make(arena, json, strlen(json));
    pages->docs = make(arena, docs.bytes, docs.length);
    pages->docs.policy = html_policy(arena, style);
    return pages;
}

void pages_destroy(struct pages *pages)
{
    if (pages)
        arena_destroy(pages->arena);
}
