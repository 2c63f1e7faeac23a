/* The keys that an OpenAPI document of ours may have, and where. Internal. */
#ifndef SAMSYN_CONTRACT_SHAPE_H
#define SAMSYN_CONTRACT_SHAPE_H

#include "contract/loader.h"

/* Walks the whole document, used or not: an unknown key, an unknown x- extension, a value of the wrong type, or a
 * $ref that leads nowhere or to another kind of thing fails. Compiles every schema it meets. What comes after may
 * trust the types of what it reads. */
bool shape_check(struct loader *loader);

#endif
