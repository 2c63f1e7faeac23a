/* Checkpoints (C2SP tlog-checkpoint): what a log signs, and the proofs that go with one (C2SP tlog-proof). */
#ifndef SAMSYN_LOG_CHECKPOINT_H
#define SAMSYN_LOG_CHECKPOINT_H

#include <jansson.h>

#include "log/merkle.h"
#include "log/note.h"

struct checkpoint {
    const char *origin;
    uint64_t size;
    struct merkle_hash root;
};

/* The text to sign: origin, size, base64 of the root, each on a line. Lent by the arena. */
const char *checkpoint_text(const struct checkpoint *checkpoint, struct arena *arena);

/* Reads the text of a note: three lines, further ones are let be (extensions); sizes without leading zeroes, up to
 * 2^63 - 1; a root of exactly 32 bytes; a size of 0 with the empty root alone. NULL, or why not: a constant. */
const char *checkpoint_parse(const char *text, struct arena *arena, struct checkpoint *checkpoint);

/* The proof of one entry, self-contained: "c2sp.org/tlog-proof@v1", `extra` (may be NULL) in base64, the index, the
 * inclusion proof, an empty line, and the checkpoint as the signed note it is. */
struct entry_proof {
    const char *extra; /* NULL or bytes */
    size_t extra_length;
    uint64_t index;
    struct merkle_proof proof;
    const char *note; /* the signed checkpoint */
};
const char *entry_proof_text(const struct entry_proof *proof, struct arena *arena);
/* NULL, or why not: a constant. All is lent by the arena. */
const char *entry_proof_parse(const char *bytes, size_t length, struct arena *arena, struct entry_proof *proof);

/* Hashes in base64, as proofs are written; false when it is not exactly 32 bytes in canonical standard base64. */
const char *checkpoint_hash_text(const struct merkle_hash *hash, struct arena *arena);
bool checkpoint_hash_parse(const char *text, struct merkle_hash *hash);

/* The hashes of a proof, each as checkpoint_hash_text, in an array: a new reference. */
json_t *checkpoint_proof_json(const struct merkle_proof *proof);

#endif
