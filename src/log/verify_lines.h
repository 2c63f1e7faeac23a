/* The lines of a file that is verified, by its kind. Private to the module. */
#ifndef SAMSYN_LOG_VERIFY_LINES_H
#define SAMSYN_LOG_VERIFY_LINES_H

#include <jansson.h>

#include "log/tile.h"
#include "log/verify_file.h"

struct verify {
    const struct verify_trust *trust;
    const struct checkpoint *kept;
    verify_complain complain;
    void *context;
    struct arena *arena; /* of the run; what grows with the file is never lent by it */
    struct verify_summary summary;

    char *pending; /* a line that has not ended yet, or a proof file */
    size_t length, capacity;
    bool too_long;

    bool ended; /* the last line has been there */
    bool lost;  /* what follows cannot be checked, and that has been said */

    char last_id[64], last_at[VERIFY_TIME_SIZE]; /* of the event before, in an export */

    struct { /* in an archive */
        bool any, good;
        uint64_t tiles, index, next; /* tiles so far; the present one; the least index that may come */
        unsigned width;
        struct merkle_hash hashes[TILE_WIDTH];
    } tile;
};

/* Complains of the present line. */
void verify_wrong(struct verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads the checkpoint of a header, and whether it is believed. */
void verify_head(struct verify *verify, const json_t *origin, const char *note, size_t length);

/* The hashes of a proof; false when they are none. */
bool verify_read_proof(const json_t *hashes, struct merkle_proof *proof);

/* The members of `object` that are not among `names`, which ends in NULL: those that nobody vouches for. */
void verify_note_unsealed(struct verify *verify, json_t *object, const char *const *names);
/* The same, but there must be none; false after a complaint. */
bool verify_only(struct verify *verify, json_t *object, const char *const *names);

/* A number that is an index, a size or a count; false when it is none. */
bool verify_read_count(const json_t *value, uint64_t *number);

/* Counts an event that has been shown. */
void verify_shown(struct verify *verify, const char *at);

/* What an event of an export, or of a proof file, is told to be: entry `index`, by this opening and proof. */
void verify_event(struct verify *verify, uint64_t index, json_t *event, const json_t *opening,
                  const struct merkle_proof *proof);

/* One line each, and the header. */
void verify_export_header(struct verify *verify, json_t *header);
void verify_export_line(struct verify *verify, json_t *line);
void verify_archive_header(struct verify *verify, json_t *header);
void verify_archive_line(struct verify *verify, json_t *line);
void verify_archive_end(struct verify *verify, json_t *line);

#endif
