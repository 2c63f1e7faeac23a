/* The asking of the witnesses: a thread that has the newest signed checkpoint cosigned by each of them. Sealing and
 * signing never wait for it. Several nodes may run one on the same database: one asks a witness at a time. */
#ifndef SAMSYN_LOG_WITNESSING_H
#define SAMSYN_LOG_WITNESSING_H

#include "log/witness_list.h"

struct witnessing;

/* Starts the thread; what it is given is borrowed until witnessing_stop. NULL with `*why` (malloc'd). */
struct witnessing *witnessing_start(const char *conninfo, const struct witness_list *list, char **why);

/* Stops, breaking off what it is just asking. NULL is allowed. */
void witnessing_stop(struct witnessing *witnessing);

/* For metrics, of each witness: the size of the newest checkpoint that it has cosigned, as far as known here; tries
 * that failed, since the start; whether it refuses to follow the log. */
struct witnessing_gauges {
    const char *name; /* borrowed from the list */
    uint64_t size, failures;
    bool refused;
};

/* Fills at most WITNESSES_MAX; returns how many. NULL has none. */
size_t witnessing_gauges(struct witnessing *witnessing, struct witnessing_gauges gauges[WITNESSES_MAX]);

#endif
