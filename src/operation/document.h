/* Reads the contract as a document: follows local references and names types, for what is told about it. */
#ifndef SAMSYN_OPERATION_DOCUMENT_H
#define SAMSYN_OPERATION_DOCUMENT_H

#include <jansson.h>

#include "base/arena.h"
#include "contract/contract.h"

/* The node, or what its `$ref` ("#/components/...") leads to; NULL for none. Borrowed. */
const json_t *document_resolve(const json_t *document, const json_t *node);

/* The node of an operation under `paths`; NULL when the document has none. Borrowed. */
const json_t *document_operation(const json_t *document, const struct operation *operation);

/* A string member of an object, or `fallback`. Borrowed. */
const char *document_text(const json_t *object, const char *name, const char *fallback);

/* What a schema is called in one word or two: "Case", "list of Case", "string (uuid)". Lent. */
const char *document_type(struct arena *arena, const json_t *document, const json_t *schema);

#endif
