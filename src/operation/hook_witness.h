/* The calls that the witness makes of the database. */
#ifndef SAMSYN_OPERATION_HOOK_WITNESS_H
#define SAMSYN_OPERATION_HOOK_WITNESS_H

#include "db/db.h"

/* Without values, for `samsyn check`; lends a table of `*count`. */
const struct db_call *witness_calls(size_t *count);

#endif
