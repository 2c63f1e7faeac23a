/* From what the database says to what the client is told: one table. */
#ifndef SAMSYN_OPERATION_SQLSTATE_H
#define SAMSYN_OPERATION_SQLSTATE_H

#include <stdbool.h>

#include "base/error.h"

/* The error of a failed statement. For SA001, raised by our own SQL, `message` is its code; else it is not read. */
enum error sqlstate_error(const char *sqlstate, const char *message);

/* SA001: our own SQL said no; its message is the code. */
bool sqlstate_refusal(const char *sqlstate);

/* SA002: this Idempotency-Key has been answered; the detail is the resource. */
bool sqlstate_replay(const char *sqlstate);

/* True when the database's own message tells of a fault of ours or of its own, and holds no value of a client's. */
bool sqlstate_loggable(const char *sqlstate);

#endif
