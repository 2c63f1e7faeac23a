/* The executor: one function that turns any request into its reply. */
#ifndef SAMSYN_OPERATION_EXECUTOR_H
#define SAMSYN_OPERATION_EXECUTOR_H

#include <stdbool.h>

#include "auth/auth.h"
#include "contract/contract.h"
#include "db/db.h"
#include "http/http.h"
#include "log/note.h"
#include "operation/catalogue.h"

struct executor;

/* Makes an executor of what it works with, all borrowed until executor_destroy. `yaml` is the text of the contract. */
struct executor *executor_create(const struct contract *contract, const char *yaml, size_t yaml_length,
                                 const struct catalogue *catalogue, struct auth *auth, struct db *db);
void executor_destroy(struct executor *executor);

/* With what the checkpoints of other logs are cosigned, borrowed; NULL, as created, when this server is no witness.
 * Before the first request. */
void executor_cosign(struct executor *executor, const struct note_signer *witness);

/* Closed (as created), it answers DATABASE_UNAVAILABLE to whatever needs the database: nothing is run on a schema that
 * has not been verified. Thread-safe. */
void executor_open(struct executor *executor, bool open);

/* The request_handler of http_start; `context` is a struct executor. Thread-safe. */
void executor_handle(void *context, struct request *request, struct reply *reply);

#endif
