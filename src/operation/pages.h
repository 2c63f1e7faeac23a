/* What the server tells about itself, made once from the contract: the contract as YAML and JSON, and its
 * documentation as one HTML page. */
#ifndef SAMSYN_OPERATION_PAGES_H
#define SAMSYN_OPERATION_PAGES_H

#include <stddef.h>

#include "contract/contract.h"

struct page {
    const char *text;
    size_t length;
    const char *etag;   /* of the text, without quotes */
    const char *policy; /* Content-Security-Policy, or NULL for the server's own */
};

struct pages {
    struct arena *arena;
    struct page yaml, json, docs;
};

/* Makes the pages; `yaml` is borrowed until pages_destroy. */
struct pages *pages_create(const struct contract *contract, const char *yaml, size_t length);
void pages_destroy(struct pages *pages);

#endif
