/* The time of day and the monotonic time. */
#ifndef SAMSYN_BASE_CLOCK_H
#define SAMSYN_BASE_CLOCK_H

#include <stdint.h>

/* Seconds since 1970-01-01 UTC. */
int64_t clock_epoch(void);

/* Microseconds of a clock that never goes back; for durations and deadlines. */
int64_t clock_monotonic_us(void);

#endif
