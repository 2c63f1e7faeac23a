/* Carries out an operation that has statements: one pipeline, its refusals, and the Idempotency-Key. */
#ifndef SAMSYN_OPERATION_RUN_H
#define SAMSYN_OPERATION_RUN_H

#include "operation/errand.h"

/* Sends enter, the writes and the reply statement as one transaction. Returns the rows of the reply statement (columns
 * as in statement.h, lent): it is committed, its audit row with it. NULL: the reply is the problem, and the refusal, if
 * it was one of the database's, is recorded. A request whose Idempotency-Key was answered is not carried out again: the
 * rows are what the principal may see now of what it made then. */
const struct db_rows *run_statements(struct errand *errand);

/* As run_statements for an operation that only reads, with one more reading in the same transaction, behind the reply
 * statement: its rows are those behind the ones returned. */
const struct db_rows *run_statements_and(struct errand *errand, const struct db_call *more);

/* Makes the reply the problem of a pipeline that did not end in DB_OK, recording the refusal first: none leaves
 * unlogged, so that one that cannot be recorded becomes 503. What fails once the row of the exchange stands has no
 * second one. */
void run_failed(struct errand *errand, enum db_status status, const struct db_reply *answer);

#endif
