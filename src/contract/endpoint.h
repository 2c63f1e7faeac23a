/* One operation of the contract, read from its place in the document. Internal. */
#ifndef SAMSYN_CONTRACT_ENDPOINT_H
#define SAMSYN_CONTRACT_ENDPOINT_H

#include "contract/contract.h"
#include "contract/loader.h"

/* Where an operation stands in the document; the links are read from it when all operations are known. */
struct endpoint {
    struct operation *operation;
    const json_t *item, *node, *reply; /* path item, operation, success response */
    const char *item_pointer, *pointer, *reply_pointer;
};

/* Fills `endpoint->operation`, but for its index and links, from the places set in `endpoint` (its method and path
 * are set), and sets the place of the reply. */
bool endpoint_read(struct loader *loader, struct endpoint *endpoint);

#endif
