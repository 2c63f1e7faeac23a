/* The path router: a trie over path segments, literal before parameter, one that takes the rest last. Internal. */
#ifndef SAMSYN_CONTRACT_ROUTER_H
#define SAMSYN_CONTRACT_ROUTER_H

#include "contract/contract.h"
#include "contract/loader.h"

struct router;

/* Lives as long as `arena`. */
struct router *router_create(struct arena *arena);

/* Adds an operation under `base` followed by its path. Fails when a segment is neither a literal nor one whole
 * "{name}", when there are more than 8 parameters, and when another operation has this method and path. */
bool router_add(struct loader *loader, struct router *router, const char *base, const struct operation *operation,
                const char *pointer);

/* As contract_match. */
enum match router_find(const struct router *router, const char *method, const char *path, struct arena *arena,
                       struct route *route);

#endif
