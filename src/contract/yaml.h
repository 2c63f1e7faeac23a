/* YAML as JSON: one document, scalars resolved by the core schema of YAML 1.2. */
#ifndef SAMSYN_CONTRACT_YAML_H
#define SAMSYN_CONTRACT_YAML_H

#include <jansson.h>
#include <stddef.h>

/* Reads `length` bytes of UTF-8. Returns a new value, owned by the caller, or NULL with `*why` (malloc'd, owned by
 * the caller) naming line and column. Refused: anchors, aliases and tags (a contract that must be followed by hand
 * has none), keys that are not scalars, duplicate keys, several documents, .inf and .nan, NUL, nesting beyond 100. */
json_t *yaml_load(const char *text, size_t length, char **why);

#endif
