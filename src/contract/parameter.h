/* The parameters of an operation, read from the contract. Internal. */
#ifndef SAMSYN_CONTRACT_PARAMETER_H
#define SAMSYN_CONTRACT_PARAMETER_H

#include "contract/contract.h"
#include "contract/loader.h"

/* Reads the list of the path item and that of the operation, which overrides it, into `operation`, whose path is
 * set already. `item` and `node` are at `item_pointer` and `pointer`. */
bool parameter_read_all(struct loader *loader, const json_t *item, const char *item_pointer, const json_t *node,
                        const char *pointer, struct operation *operation);

/* The operation's parameter of this name and place, or NULL. */
const struct parameter *parameter_find(const struct operation *operation, enum parameter_place place, const char *name);

#endif
