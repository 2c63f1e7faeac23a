/* Carries out an operation that has statements: one pipeline, its refusals, and answers given again. */
#ifndef SAMSYN_OPERATION_RUN_H
#define SAMSYN_OPERATION_RUN_H

#include "operation/errand.h"

struct outcome {
    const struct db_rows *rows; /* of the reply statement, columns as in statement.h; lent */
    bool replayed;              /* they are what an Idempotency-Key was answered with */
};

/* Sends enter, the writes and the reply statement as one transaction. True: it is committed, its audit row with it.
 * False: the reply is the problem, and the refusal, if it was one of the database's, is recorded. */
bool run_statements(struct errand *errand, struct outcome *outcome);

/* Makes the reply the problem of a pipeline that did not end in DB_OK, recording the refusal first: none leaves
 * unlogged, so that one that cannot be recorded becomes 503. */
void run_failed(struct errand *errand, enum db_status status, const struct db_reply *answer);

#endif
