/* The keywords of JSON Schema that a contract may use, each read into the compiled schema. Internal. */
#ifndef SAMSYN_CONTRACT_KEYWORD_H
#define SAMSYN_CONTRACT_KEYWORD_H

#include "contract/loader.h"
#include "contract/schema.h"

/* Reads every member of `node` into `schema`; fails at the first that is unknown or malformed. */
bool keyword_read_all(struct loader *loader, struct schema *schema, const json_t *node);

#endif
