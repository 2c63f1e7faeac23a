/* The calls that every request makes of the database whatever it is about: who is this, may they, and the refusal. */
#ifndef SAMSYN_OPERATION_ENTER_H
#define SAMSYN_OPERATION_ENTER_H

#include "db/db.h"
#include "operation/errand.h"

/* Collects the values of samsyn.enter from the token, the operation and the request. */
void enter_prepare(struct errand *errand);

/* The key was answered with `resource`: from now on that is :id and one of the targets, and the key is not sent. */
void enter_again(struct errand *errand, const char *resource);

/* samsyn.enter, the first call of every pipeline of a request with a token. */
struct db_call enter_call(struct errand *errand);

/* samsyn.record_denial, in a transaction of its own. */
struct db_call enter_denial_call(struct errand *errand, enum error error);

/* samsyn.origin_allowed, for what is answered without entering. */
struct db_call enter_origin_call(struct arena *arena, const char *origin);

/* Takes permissions and the allowed origin from the row of enter or record_denial. */
void enter_read(struct errand *errand, const struct db_rows *rows);

/* The calls above without values, for `samsyn check`; lends a table of `*count`. */
const struct db_call *enter_calls(size_t *count);

#endif
