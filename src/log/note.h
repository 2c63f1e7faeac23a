/* Signed notes (C2SP signed-note): a text, and under it lines with signatures, by which anyone with a verifier key can
 * tell who vouches for it. Keys are Ed25519; two kinds of signature: that of a log over the text itself (0x01), and the
 * timestamped cosignature of a witness (0x04, C2SP tlog-cosignature). */
#ifndef SAMSYN_LOG_NOTE_H
#define SAMSYN_LOG_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    NOTE_KEY_ID = 4,
    NOTE_PUBLIC_KEY = 32,
    NOTE_TIME = 8,
    NOTE_SIGNATURE = 64,
    NOTE_SIGNATURES_MAX = 32,
    NOTE_SIZE_MAX = 1 << 18,
};
enum note_kind { NOTE_SIGNED = 1, NOTE_COSIGNED = 4 };

/* Who may be believed: "name+8 hex digits+base64(kind, key)", the vkey of signed-note. */
struct note_verifier {
    const char *name;
    enum note_kind kind;
    unsigned char id[NOTE_KEY_ID];
    unsigned char key[NOTE_PUBLIC_KEY];
};

/* Reads a verifier key; its strings are lent by the arena. NULL, or why not: a constant. */
const char *note_verifier_parse(const char *text, struct arena *arena, struct note_verifier *verifier);
const char *note_verifier_text(const struct note_verifier *verifier, struct arena *arena);

/* Who signs. Opaque; owned by the caller. note_signer_read takes a PEM file with an Ed25519 private key (PKCS #8), its
 * name (not empty, without space, plus sign or control characters) and what its signatures are to be; NULL with `*why`
 * (malloc'd), which names the file and never shows what is in it. */
struct note_signer;
struct note_signer *note_signer_read(const char *file, const char *name, enum note_kind kind, char **why);
void note_signer_free(struct note_signer *signer);
const struct note_verifier *note_signer_verifier(const struct note_signer *signer);

/* One signature line, "\u2014 name base64(id, signature)\n", under `text` (which ends with a newline). `at` is the time
 * of a cosignature in seconds since 1970, and not used for NOTE_SIGNED. Lent by the arena; NULL when `text` could not
 * stand in a note or `at` is beyond 2^63 - 1. Thread-safe. */
const char *note_sign(const struct note_signer *signer, const char *text, uint64_t at, struct arena *arena);

/* A note taken apart: the text with its last newline, and its signature lines. Lent by the arena. */
struct note_signature {
    const char *name;
    unsigned char id[NOTE_KEY_ID];
    const unsigned char *bytes; /* behind the id */
    size_t length;
    const char *line; /* the whole line with its newline */
};
struct note {
    const char *text;
    size_t count;
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/* Reads a note of `length` bytes, exactly as signed-note has it: valid UTF-8 without control characters but newline, no
 * other line behind the signatures, at most NOTE_SIGNATURES_MAX of these and NOTE_SIZE_MAX bytes in all. NULL, or why
 * not: a constant. */
const char *note_parse(const char *bytes, size_t length, struct arena *arena, struct note *note);

/* True when the note has a valid signature by this verifier: same name, same id, and the bytes verify. A signature of
 * the same name and id that does not verify makes it false, whatever the others are. `*at` (may be NULL) is the time of
 * a cosignature, of several the newest. Thread-safe. */
bool note_verified(const struct note *note, const struct note_verifier *verifier, uint64_t *at);

#endif
