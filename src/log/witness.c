#include "log/witness.h"

#include <inttypes.h>
#include <string.h>

#include "log/line.h"

const char *witness_request_parse(const char *bytes, size_t length, struct arena *arena,
                                  struct witness_request *request)
{
    const char *text = bytes, *end = bytes + length;
    struct line line;
    *request = (struct witness_request){0};
    if (length > WITNESS_BODY_MAX)
        return "the request is too long";
    if (!line_next(&text, end, &line) || !line_skip(&line, "old ") || !line_number(line, &request->old_size))
        return "the first line must be `old` and a size without leading zeroes, at most 2^63 - 1";
    const char *wrong = line_proof(&text, end, &request->proof);
    if (!wrong && request->proof.count > WITNESS_HASHES_MAX)
        wrong = "the proof has too many hashes";
    if (!wrong)
        wrong = note_parse(text, (size_t)(end - text), arena, &request->note);
    if (!wrong)
        wrong = checkpoint_parse(request->note.text, arena, &request->checkpoint);
    request->signed_note = arena_strndup(arena, text, (size_t)(end - text));
    return wrong;
}

static bool is_signed(const struct witness_request *request, const struct witness_known *known)
{
    for (size_t i = 0; i < known->count; i++)
        if (note_verified(&request->note, &known->verifiers[i], NULL))
            return true;
    return false;
}

enum witness_verdict witness_judge(const struct witness_request *request, const struct witness_known *known)
{
    const struct checkpoint *offered = &request->checkpoint;
    if (!is_signed(request, known))
        return WITNESS_UNSIGNED;
    if (request->old_size > offered->size)
        return WITNESS_SHRINKS;
    if (request->old_size != known->size)
        return WITNESS_ELSEWHERE;
    if (offered->size == known->size && !merkle_equal(&offered->root, &known->root))
        return WITNESS_FORKED;
    return merkle_verify_consistency(known->size, offered->size, &known->root, &offered->root, &request->proof)
               ? WITNESS_COSIGNS
               : WITNESS_INCONSISTENT;
}

const char *witness_request_text(uint64_t old_size, const struct merkle_proof *proof, const char *signed_note,
                                 struct arena *arena)
{
    char hashes[LINE_PROOF_SIZE];
    line_proof_text(proof, hashes);
    return arena_printf(arena, "old %" PRIu64 "\n%s\n%s", old_size, hashes, signed_note);
}

/* The line of the verifier in a note, which has one. */
static const char *line_of(const struct note *note, const struct note_verifier *verifier)
{
    size_t i = 0;
    while (strcmp(note->signatures[i].name, verifier->name) != 0 ||
           memcmp(note->signatures[i].id, verifier->id, NOTE_KEY_ID) != 0)
        i++;
    return note->signatures[i].line;
}

const char *witness_reply_line(const char *text, const char *bytes, size_t length, const struct note_verifier *verifier,
                               uint64_t now, struct arena *arena, const char **line)
{
    struct note note;
    uint64_t at;
    if (length == 0 || length > WITNESS_BODY_MAX || memchr(bytes, '\0', length))
        return "the reply is not signature lines";
    const char *whole = arena_printf(arena, "%s\n%.*s", text, (int)length, bytes);
    if (note_parse(whole, strlen(whole), arena, &note) || strcmp(note.text, text) != 0)
        return "the reply is not signature lines";
    if (!note_verified(&note, verifier, &at))
        return "the reply has no valid cosignature of the witness";
    if (at > now + WITNESS_CLOCK_S || at + WITNESS_CLOCK_S < now)
        return "the time of the cosignature is more than an hour from now";
    *line = line_of(&note, verifier);
    return NULL;
}

bool witness_reply_size(const char *bytes, size_t length, uint64_t *size)
{
    const char *text = bytes, *end = bytes + length;
    struct line line;
    return line_next(&text, end, &line) && text == end && line_number(line, size);
}
