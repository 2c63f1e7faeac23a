/* The sequencer: a thread that seals the access log about once a second, and signs what it has sealed. Several nodes
 * may run one on the same database: one seals at a time, and any takes over. */
#ifndef SAMSYN_LOG_SEQUENCER_H
#define SAMSYN_LOG_SEQUENCER_H

#include "log/signing.h"

struct sequencer;

/* Starts the thread; what it is given is borrowed until sequencer_stop. A database that is away is waited for. NULL
 * with `*why` (malloc'd) when there can be no thread. */
struct sequencer *sequencer_start(const char *conninfo, const struct signing *signing, char **why);

/* Stops after what it is just doing. NULL is allowed. */
void sequencer_stop(struct sequencer *sequencer);

/* For metrics, since the start: rows sealed here; tries that failed; sizes as far as known here; the age of the first
 * event that waits to be sealed; whether signing is refused. */
struct sequencer_gauges {
    uint64_t sealed, failures, size, signed_size, unsealed_s;
    bool refused;
};
void sequencer_gauges(struct sequencer *sequencer, struct sequencer_gauges *gauges);

#endif
