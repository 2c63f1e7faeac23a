/* Counters of the process: requests by operation and status with a latency histogram, token failures by reason, audit
 * rows. */
#ifndef SAMSYN_HTTP_METRICS_H
#define SAMSYN_HTTP_METRICS_H

#include <stdint.h>

#include "base/arena.h"

/* Counts one finished request; `operation` may be NULL (no operation matched). */
void metrics_request(const char *operation, int status, int64_t microseconds);
void metrics_token_failure(const char *reason);
void metrics_audit_row(void);

/* Counts a log that was refused a cosignature because it does not continue what was cosigned: "fork" or
 * "inconsistent". */
void metrics_log_conflict(const char *kind);

/* The counters in Prometheus text format; lent by the arena. */
const char *metrics_text(struct arena *arena);

#endif
