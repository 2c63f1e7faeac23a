#include "log/note.h"

#include <inttypes.h>
#include <string.h>

#include "contract/text.h"
#include "log/base64.h"
#include "log/note_key.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a space: how a signature line begins */
#define COSIGNED "cosignature/v1\ntime %" PRIu64 "\n%s"

/* Well-formed UTF-8 without control characters but newline, and so without NUL. */
static bool characters_valid(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] < 0x20 && bytes[i] != '\n')
            return false;
    return text_is_utf8(bytes, length);
}

static bool text_valid(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && text[length - 1] == '\n' && characters_valid(text, length);
}

static void write_time(uint64_t at, unsigned char bytes[NOTE_TIME])
{
    for (unsigned i = 0; i < NOTE_TIME; i++)
        bytes[i] = (unsigned char)(at >> 8 * (NOTE_TIME - 1 - i));
}

static uint64_t read_time(const unsigned char bytes[NOTE_TIME])
{
    uint64_t at = 0;
    for (unsigned i = 0; i < NOTE_TIME; i++)
        at = at << 8 | bytes[i];
    return at;
}

const char *note_sign(const struct note_signer *signer, const char *text, uint64_t at, struct arena *arena)
{
    unsigned char bytes[NOTE_KEY_ID + NOTE_TIME + NOTE_SIGNATURE];
    char encoded[BASE64_ENCODED_SIZE(sizeof(bytes))];
    const struct note_verifier *verifier = note_signer_verifier(signer);
    size_t length = NOTE_KEY_ID;
    if (!text_valid(text) || (verifier->kind == NOTE_COSIGNED && at > INT64_MAX))
        return NULL;
    memcpy(bytes, verifier->id, NOTE_KEY_ID);
    if (verifier->kind == NOTE_COSIGNED) {
        write_time(at, bytes + length);
        length += NOTE_TIME;
        text = arena_printf(arena, COSIGNED, at, text);
    }
    note_key_sign(signer, text, bytes + length);
    base64_encode(bytes, length + NOTE_SIGNATURE, encoded);
    return arena_printf(arena, DASH "%s %s\n", verifier->name, encoded);
}

/* Reads the line from `line` to its newline at `end`. */
static const char *parse_signature(const char *line, const char *end, struct arena *arena,
                                   struct note_signature *signature)
{
    size_t dash = strlen(DASH);
    if ((size_t)(end - line) < dash || memcmp(line, DASH, dash) != 0)
        return "a line under the text is not a signature";
    const char *name = line + dash, *space = memchr(name, ' ', (size_t)(end - name));
    signature->name = space ? arena_strndup(arena, name, (size_t)(space - name)) : "";
    if (!note_name_valid(signature->name))
        return "a signature has no valid name";

    size_t length = (size_t)(end - space - 1), size;
    unsigned char *bytes = arena_alloc(arena, BASE64_DECODED_SIZE(length) + 1);
    if (!base64_decode(space + 1, length, bytes, &size) || size <= NOTE_KEY_ID)
        return "a signature is not a key id and more in base64";
    memcpy(signature->id, bytes, NOTE_KEY_ID);
    signature->bytes = bytes + NOTE_KEY_ID;
    signature->length = size - NOTE_KEY_ID;
    signature->line = arena_strndup(arena, line, (size_t)(end - line) + 1);
    return NULL;
}

/* The last empty line of the note, which is not empty: the newline before it, or NULL. */
static const char *find_separator(const char *bytes, size_t length)
{
    for (size_t i = length - 1; i > 0; i--)
        if (bytes[i - 1] == '\n' && bytes[i] == '\n')
            return bytes + i - 1;
    return NULL;
}

const char *note_parse(const char *bytes, size_t length, struct arena *arena, struct note *note)
{
    *note = (struct note){0};
    if (length > NOTE_SIZE_MAX)
        return "the note is too long";
    if (length < 2 || bytes[length - 1] != '\n')
        return "the note does not end in a newline";
    if (!characters_valid(bytes, length))
        return "the note is not UTF-8, or has control characters";
    const char *separator = find_separator(bytes, length);
    if (!separator)
        return "the note has no empty line between text and signatures";
    const char *line = separator + 2, *end = bytes + length;
    if (line == end)
        return "the note has no signature";
    note->text = arena_strndup(arena, bytes, (size_t)(separator - bytes) + 1);
    while (line < end) {
        if (note->count == NOTE_SIGNATURES_MAX)
            return "the note has too many signatures";
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *wrong = parse_signature(line, newline, arena, &note->signatures[note->count]);
        if (wrong)
            return wrong;
        note->count++;
        line = newline + 1;
    }
    return NULL;
}

static bool signature_valid(const char *text, const struct note_signature *signature,
                            const struct note_verifier *verifier, uint64_t *at)
{
    *at = 0;
    if (verifier->kind == NOTE_SIGNED)
        return signature->length == NOTE_SIGNATURE && note_key_verify(verifier, text, signature->bytes);
    if (signature->length != NOTE_TIME + NOTE_SIGNATURE)
        return false;
    *at = read_time(signature->bytes);
    struct arena *arena = arena_create();
    bool valid = *at <= INT64_MAX &&
                 note_key_verify(verifier, arena_printf(arena, COSIGNED, *at, text), signature->bytes + NOTE_TIME);
    arena_destroy(arena);
    return valid;
}

bool note_verified(const struct note *note, const struct note_verifier *verifier, uint64_t *at)
{
    bool found = false;
    uint64_t newest = 0;
    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        uint64_t time;
        if (strcmp(signature->name, verifier->name) != 0 || memcmp(signature->id, verifier->id, NOTE_KEY_ID) != 0)
            continue;
        if (!signature_valid(note->text, signature, verifier, &time))
            return false;
        newest = time > newest ? time : newest;
        found = true;
    }
    if (found && at)
        *at = newest;
    return found;
}
