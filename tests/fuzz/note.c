/* Signed notes, checkpoints and verifier keys from strangers. What is accepted has one form, the one it came in; and
 * nobody can make a signature of a key that was made a moment ago. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/checkpoint.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME "log.example"

static struct note_signer *signers[2];

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    char file[] = "/tmp/fuzz_note.XXXXXX", *why;
    FILE *opened = fdopen(mkstemp(file), "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    PEM_write_PrivateKey(opened, key, NULL, NULL, 0, NULL, NULL);
    fclose(opened);
    EVP_PKEY_free(key);
    signers[0] = note_signer_read(file, NAME, NOTE_SIGNED, &why);
    signers[1] = note_signer_read(file, NAME, NOTE_COSIGNED, &why);
    unlink(file);
    return signers[0] && signers[1] ? 0 : -1;
}

static void require(bool so)
{
    if (!so)
        abort();
}

static void read_checkpoint(const char *text, struct arena *arena)
{
    struct checkpoint checkpoint;
    if (checkpoint_parse(text, arena, &checkpoint))
        return;
    const char *written = checkpoint_text(&checkpoint, arena);
    require(strncmp(text, written, strlen(written)) == 0);
}

/* Signatures of the input under the name and id of a key that is known here. */
static void claim_known_key(struct note *note)
{
    for (size_t i = 0; i < note->count; i++) {
        const struct note_verifier *verifier = note_signer_verifier(signers[i % 2]);
        struct note claimed = *note;
        claimed.signatures[i].name = NAME;
        memcpy(claimed.signatures[i].id, verifier->id, NOTE_KEY_ID);
        require(!note_verified(&claimed, verifier, NULL));
    }
}

static void read_note(const char *bytes, size_t length, struct arena *arena)
{
    struct note note, again;
    if (note_parse(bytes, length, arena, &note))
        return;
    const char *written = arena_printf(arena, "%s\n", note.text);
    for (size_t i = 0; i < note.count; i++)
        written = arena_printf(arena, "%s%s", written, note.signatures[i].line);
    require(strlen(written) == length && memcmp(written, bytes, length) == 0);
    claim_known_key(&note);
    read_checkpoint(note.text, arena);

    for (unsigned i = 0; i < 2 && note.count < NOTE_SIGNATURES_MAX && length + 200 < NOTE_SIZE_MAX; i++) {
        const char *line = note_sign(signers[i], note.text, length, arena);
        const char *signed_text = arena_printf(arena, "%s%s", written, line);
        uint64_t at = 0;
        require(!note_parse(signed_text, strlen(signed_text), arena, &again) && again.count == note.count + 1);
        require(note_verified(&again, note_signer_verifier(signers[i]), &at) && at == (i ? length : 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    const char *text = arena_strndup(arena, (const char *)data, size);
    struct note_verifier verifier, again;
    read_note((const char *)data, size, arena);
    read_checkpoint(text, arena);
    if (!note_verifier_parse(text, arena, &verifier)) {
        const char *written = note_verifier_text(&verifier, arena);
        require(strcasecmp(written, text) == 0 && !note_verifier_parse(written, arena, &again));
    }
    arena_destroy(arena);
    return 0;
}
