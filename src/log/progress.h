/* How far a long run is: a line on a terminal that is written over and over; nothing where there is none. */
#ifndef SAMSYN_LOG_PROGRESS_H
#define SAMSYN_LOG_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { PROGRESS_TEXT_SIZE = 160 };

struct progress {
    FILE *terminal; /* NULL: nobody looks */
    const char *unit;
    uint64_t total;
    int64_t started_us, drawn_us;
};

/* Begins on `file`, if that is a terminal. `unit` is "bytes" or what is counted, borrowed; `total` 0 when it is not
 * known. */
void progress_begin(struct progress *progress, FILE *file, const char *unit, uint64_t total);

/* Draws, a few times a second at most. */
void progress_update(struct progress *progress, uint64_t done);

/* Takes the line away, so that something else can be written there; it comes back with the next update. */
void progress_clear(struct progress *progress);

/* What is drawn: percentage, rate and time left, where they can be told. */
void progress_text(const char *unit, uint64_t done, uint64_t total, int64_t elapsed_us, char text[PROGRESS_TEXT_SIZE]);

#endif
