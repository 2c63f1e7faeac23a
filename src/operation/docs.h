/* The documentation of the API as one HTML page without scripts, rendered from the contract. */
#ifndef SAMSYN_OPERATION_DOCS_H
#define SAMSYN_OPERATION_DOCS_H

#include "contract/contract.h"
#include "operation/buffer.h"

/* The page with the chapters that the national REST API profile wants (DOK.03), headings in Swedish and English.
 * `*style` becomes the text of its style element, for the Content-Security-Policy. Lent by the arena. */
struct buffer docs_render(struct arena *arena, const struct contract *contract, const char **style);

#endif
