/* Whom an auditor believes: the keys of the log and of its witnesses, and what a checkpoint is worth by them. */
#ifndef SAMSYN_LOG_VERIFY_TRUST_H
#define SAMSYN_LOG_VERIFY_TRUST_H

#include "log/checkpoint.h"

enum { VERIFY_KEYS_MAX = 32 };

struct verify_keys {
    size_t count;
    struct note_verifier keys[VERIFY_KEYS_MAX];
};

struct verify_trust {
    struct verify_keys log; /* one name: the origin of the log */
    struct verify_keys witnesses;
    size_t needed; /* how many witnesses must have cosigned the newest checkpoint */
};

/* Adds the verifier keys in `text`, one a line; empty lines and what begins with # are let be. NULL, or why not: a
 * constant. The keys are lent by the arena. */
const char *verify_keys_add(struct verify_keys *keys, const char *text, enum note_kind kind, struct arena *arena);

/* A checkpoint that is believed: by which of the log's keys, and whose cosignatures it has. Borrows the keys. */
struct verified {
    struct checkpoint checkpoint;
    const struct note_verifier *key;
    size_t cosigned;
    const struct note_verifier *witnesses[VERIFY_KEYS_MAX];
    uint64_t times[VERIFY_KEYS_MAX]; /* seconds since 1970 */
};

/* Reads a signed checkpoint and tells what it is worth: NULL when a key of the log has signed it, and `needed`
 * witnesses; else why it is not believed, lent by the arena. The checkpoint itself is there whenever it could be read,
 * else its origin is NULL. A signature by a known key that does not verify is always a reason. */
const char *verify_note(const struct verify_trust *trust, size_t needed, const char *bytes, size_t length,
                        struct arena *arena, struct verified *verified);

#endif
