/* What the parts of contract_load share: the document, where it is read, and the first fault found. Internal. */
#ifndef SAMSYN_CONTRACT_LOADER_H
#define SAMSYN_CONTRACT_LOADER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
struct schema_set;

struct loader {
    struct arena *arena;        /* borrowed: the contract's own, lives as long as the contract */
    json_t *document;           /* borrowed */
    struct schema_set *schemas; /* borrowed */
    char *why;                  /* the first fault, malloc'd, or NULL; the caller of contract_load owns it in the end */
};

/* Keeps "<pointer>: <text>" as the reason unless there is one already. Always returns false. */
bool loader_fail(struct loader *loader, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Lends `pointer` with one more reference token (RFC 6901), escaped. */
const char *loader_child(struct loader *loader, const char *pointer, const char *key);
const char *loader_item(struct loader *loader, const char *pointer, size_t index);

/* Finds the place of the document at the JSON Pointer `pointer` (borrowed); false when there is none. */
bool loader_find(const struct loader *loader, const char *pointer, json_t **found);

/* Follows `$ref` from `*node` at `*pointer` until something else is found, and sets both to it. Fails when a
 * reference leads nowhere, out of the document or round in a circle. */
bool loader_follow(struct loader *loader, json_t **node, const char **pointer);

/* The text member `key` of `object`, borrowed, or NULL. */
const char *loader_text(const json_t *object, const char *key);

#endif
