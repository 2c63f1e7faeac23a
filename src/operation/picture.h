/* Draws statistics: bars by day, stacked by series, as SVG that needs neither script nor style sheet. */
#ifndef SAMSYN_OPERATION_PICTURE_H
#define SAMSYN_OPERATION_PICTURE_H

#include <jansson.h>
#include <stdbool.h>

#include "operation/buffer.h"

/* The picture of a body of getAccessStatistics, its words in Swedish or English. Lent by the arena. */
struct buffer picture_of_accesses(struct arena *arena, const json_t *statistics, bool swedish);

#endif
