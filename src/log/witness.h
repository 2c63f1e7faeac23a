/* What a log asks of a witness and what the witness answers (C2SP tlog-witness, tlog-cosignature), from both sides; and
 * how a witness judges it. Knows neither HTTP nor the database. */
#ifndef SAMSYN_LOG_WITNESS_H
#define SAMSYN_LOG_WITNESS_H

#include "log/checkpoint.h"

/* The body of add-checkpoint at most, and its hashes; how far the clocks of log and witness may be apart. */
enum { WITNESS_BODY_MAX = 64 * 1024, WITNESS_HASHES_MAX = 63, WITNESS_CLOCK_S = 3600 };

#define WITNESS_SIZE_TYPE "text/x.tlog.size" /* of the size in a reply with status 409 */

/* -- as a witness -- */

struct witness_request {
    uint64_t old_size;
    struct merkle_proof proof;
    const char *signed_note; /* as it came */
    struct note note;
    struct checkpoint checkpoint;
};

/* Reads the body of add-checkpoint, exactly as specified: NULL, or why not: a constant. All is lent by the arena. */
const char *witness_request_parse(const char *bytes, size_t length, struct arena *arena,
                                  struct witness_request *request);

/* What is known of a log: its keys, and the newest checkpoint cosigned, or the empty tree. Borrows. */
struct witness_known {
    const struct note_verifier *verifiers;
    size_t count;
    uint64_t size;
    struct merkle_hash root;
};

enum witness_verdict {
    WITNESS_COSIGNS,     /* signed, and proved to continue what is known */
    WITNESS_UNSIGNED,    /* by none of the log's keys (403) */
    WITNESS_SHRINKS,     /* the old size is above that of the checkpoint (400) */
    WITNESS_ELSEWHERE,   /* the old size is not the one that is known (409) */
    WITNESS_FORKED,      /* another root at the size that is known (409): the log has two histories */
    WITNESS_INCONSISTENT /* the proof does not hold (422) */
};
enum witness_verdict witness_judge(const struct witness_request *request, const struct witness_known *known);

/* -- as a log -- */

/* The body of add-checkpoint; lent by the arena. */
const char *witness_request_text(uint64_t old_size, const struct merkle_proof *proof, const char *signed_note,
                                 struct arena *arena);

/* From the reply to a checkpoint whose text is `text`: the line of this witness, if it verifies and its time is within
 * WITNESS_CLOCK_S of `now` (seconds since 1970). NULL and `*line` (lent), or why not: a constant. */
const char *witness_reply_line(const char *text, const char *bytes, size_t length, const struct note_verifier *verifier,
                               uint64_t now, struct arena *arena, const char **line);

/* Reads the size in a reply: digits and a newline, and nothing else. */
bool witness_reply_size(const char *bytes, size_t length, uint64_t *size);

#endif
