/* Calendar days of the Gregorian calendar. */
#ifndef SAMSYN_CONTRACT_DAY_H
#define SAMSYN_CONTRACT_DAY_H

#include <stdbool.h>
#include <stdint.h>

struct day {
    int year, month, day; /* 1..9999, 1..12, 1..31 */
};

/* True when the calendar has such a day. */
bool day_exists(struct day day);

/* Below, equal to or above 0 as `a` lies before, on or after `b`. */
int day_compare(struct day a, struct day b);

/* The day in Sweden at `epoch` seconds since 1970-01-01 UTC. */
struct day day_in_sweden(int64_t epoch);

#endif
