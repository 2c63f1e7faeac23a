/* What anyone may send to a witness, and what a witness may answer. The first byte of the input chooses: the body of
 * add-checkpoint, signature lines, or a size. */
#include <stdlib.h>
#include <string.h>

#include "log/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "fake.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

/* No key is known: nothing is ever cosigned. What is read is written as it was. */
static void send(const char *bytes, size_t length, struct arena *arena)
{
    struct witness_request request;
    struct witness_known known = {.root = merkle_empty()};
    if (witness_request_parse(bytes, length, arena, &request))
        return;
    const char *again = witness_request_text(request.old_size, &request.proof, request.signed_note, arena);
    if (strlen(again) != length || memcmp(again, bytes, length) != 0 || request.proof.count > WITNESS_HASHES_MAX)
        abort();
    if (witness_judge(&request, &known) != WITNESS_UNSIGNED)
        abort();
}

static void answer(const char *bytes, size_t length, struct arena *arena)
{
    const char *line;
    struct note_verifier verifier = {.name = "w.example", .kind = NOTE_COSIGNED};
    if (!witness_reply_line(text, bytes, length, &verifier, 1800000000, arena, &line))
        abort(); /* forged: the key is none */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *bytes = (const char *)data + 1;
    uint64_t number;
    struct arena *arena = arena_create();
    switch (data[0] % 3) {
    case 0:
        send(bytes, size - 1, arena);
        break;
    case 1:
        answer(bytes, size - 1, arena);
        break;
    default:
        if (witness_reply_size(bytes, size - 1, &number) && number > MERKLE_SIZE_MAX)
            abort();
    }
    arena_destroy(arena);
    return 0;
}
