/* Sending calls as one pipeline and reading what comes back; shared by requests and checks. */
#ifndef SAMSYN_DB_PIPELINE_H
#define SAMSYN_DB_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/connection.h"
#include "db/db.h"

/* What became of a pipeline. */
struct outcome {
    enum db_status status;
    bool sent;  /* the Sync was handed over: a commit was possible from then on */
    bool lost;  /* the connection is unusable and must be closed */
    bool late;  /* because the server stayed silent too long */
    bool stale; /* rolled back because the session's prepared statements no longer fit */
};

/* Sends the calls and one Sync, and reads everything up to the Sync's result. Fills `reply`, lent by `arena`. */
struct outcome pipeline_exchange(struct connection *connection, const struct target *target,
                                 const struct db_call *calls, size_t count, struct arena *arena,
                                 struct db_reply *reply);

/* Sends a statement with the settings of connection.c for this transaction only: behind a pooler (target->prepare is
 * false) nothing of a session outlasts it. It has one result. False when the connection broke. */
bool pipeline_send_settings(struct connection *connection, const struct target *target);

/* Copies what an error result says into `reply`. */
void pipeline_refusal(const PGresult *result, size_t failed, struct arena *arena, struct db_reply *reply);

#endif
