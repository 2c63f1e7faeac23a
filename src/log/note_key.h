/* The keys of signed notes: what they are called, what they make and what they verify. Private to the module. */
#ifndef SAMSYN_LOG_NOTE_KEY_H
#define SAMSYN_LOG_NOTE_KEY_H

#include "log/note.h"

/* True for what may name a key: well-formed UTF-8, not empty, without plus sign, control characters or anything that
 * Unicode calls white space. */
bool note_name_valid(const char *name);

/* Signs `message` as it is (Ed25519, RFC 8032), and verifies such a signature. Thread-safe. Signing aborts when memory
 * is exhausted, which is the only way it can fail. */
void note_key_sign(const struct note_signer *signer, const char *message, unsigned char signature[NOTE_SIGNATURE]);
bool note_key_verify(const struct note_verifier *verifier, const char *message,
                     const unsigned char signature[NOTE_SIGNATURE]);

#endif
