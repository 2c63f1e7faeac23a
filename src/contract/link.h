/* The links of the replies, read from the contract. Internal. */
#ifndef SAMSYN_CONTRACT_LINK_H
#define SAMSYN_CONTRACT_LINK_H

#include "contract/endpoint.h"

/* Fills the links of all operations, which are known by now: the target of a link may come later in the document. */
bool link_read_all(struct loader *loader, const struct endpoint *endpoints, size_t count);

#endif
