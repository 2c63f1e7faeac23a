#include "log/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "log/base64.h"

#define PROOF_HEADER "c2sp.org/tlog-proof@v1"

enum { HASH_CHARACTERS = 44, PROOF_SIZE_MAX = 1 << 20 };

/* A line of a text, without its newline; the text is left at the next one. False when there is no newline any more. */
struct line {
    const char *text;
    size_t length;
};
static bool next_line(const char **text, const char *end, struct line *line)
{
    const char *newline = *text < end ? memchr(*text, '\n', (size_t)(end - *text)) : NULL;
    if (!newline)
        return false;
    *line = (struct line){*text, (size_t)(newline - *text)};
    *text = newline + 1;
    return true;
}

/* The rest of a line behind `prefix`, or false. */
static bool skip(struct line *line, const char *prefix)
{
    size_t length = strlen(prefix);
    if (line->length < length || memcmp(line->text, prefix, length) != 0)
        return false;
    *line = (struct line){line->text + length, line->length - length};
    return true;
}

/* Digits without a zero before them, up to 2^63 - 1. */
static bool read_number(struct line line, uint64_t *number)
{
    *number = 0;
    if (line.length == 0 || (line.length > 1 && line.text[0] == '0'))
        return false;
    for (size_t i = 0; i < line.length; i++) {
        unsigned digit = (unsigned)(line.text[i] - '0');
        if (digit > 9 || *number > (MERKLE_SIZE_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static bool read_hash(struct line line, struct merkle_hash *hash)
{
    unsigned char bytes[BASE64_DECODED_SIZE(HASH_CHARACTERS)];
    size_t size;
    if (line.length != HASH_CHARACTERS || !base64_decode(line.text, line.length, bytes, &size) || size != MERKLE_HASH)
        return false;
    memcpy(hash->bytes, bytes, MERKLE_HASH);
    return true;
}

const char *checkpoint_hash_text(const struct merkle_hash *hash, struct arena *arena)
{
    char *text = arena_alloc(arena, BASE64_ENCODED_SIZE(MERKLE_HASH));
    base64_encode(hash->bytes, MERKLE_HASH, text);
    return text;
}

bool checkpoint_hash_parse(const char *text, struct merkle_hash *hash)
{
    return read_hash((struct line){text, strlen(text)}, hash);
}

const char *checkpoint_text(const struct checkpoint *checkpoint, struct arena *arena)
{
    return arena_printf(arena, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin, checkpoint->size,
                        checkpoint_hash_text(&checkpoint->root, arena));
}

const char *checkpoint_parse(const char *text, struct arena *arena, struct checkpoint *checkpoint)
{
    const char *end = text + strlen(text);
    struct line origin, size, root, extension;
    if (!next_line(&text, end, &origin) || !next_line(&text, end, &size) || !next_line(&text, end, &root))
        return "a checkpoint has three lines: origin, size and root";
    if (origin.length == 0)
        return "the checkpoint has no origin";
    if (!read_number(size, &checkpoint->size))
        return "the size must be a number without leading zeroes, at most 2^63 - 1";
    if (!read_hash(root, &checkpoint->root))
        return "the root must be 32 bytes in base64";
    struct merkle_hash empty = merkle_empty();
    if (checkpoint->size == 0 && !merkle_equal(&checkpoint->root, &empty))
        return "the root is not that of the empty tree, but the size is 0";
    while (text < end)
        if (!next_line(&text, end, &extension) || extension.length == 0)
            return "a further line of the checkpoint is empty or has no end";
    checkpoint->origin = arena_strndup(arena, origin.text, origin.length);
    return NULL;
}

static const char *extra_text(const struct entry_proof *proof, struct arena *arena)
{
    if (!proof->extra || proof->extra_length == 0)
        return "";
    char *encoded = arena_alloc(arena, BASE64_ENCODED_SIZE(proof->extra_length));
    base64_encode((const unsigned char *)proof->extra, proof->extra_length, encoded);
    return arena_printf(arena, "extra %s\n", encoded);
}

const char *entry_proof_text(const struct entry_proof *proof, struct arena *arena)
{
    char hashes[MERKLE_PROOF_MAX * (HASH_CHARACTERS + 1) + 1] = "", *at = hashes;
    for (size_t i = 0; i < proof->proof.count; i++) {
        at += base64_encode(proof->proof.hashes[i].bytes, MERKLE_HASH, at);
        *at++ = '\n';
    }
    *at = '\0';
    return arena_printf(arena, PROOF_HEADER "\n%sindex %" PRIu64 "\n%s\n%s", extra_text(proof, arena), proof->index,
                        hashes, proof->note);
}

static bool read_extra(struct line line, struct arena *arena, struct entry_proof *proof)
{
    unsigned char *bytes = arena_alloc(arena, BASE64_DECODED_SIZE(line.length) + 1);
    proof->extra = (const char *)bytes;
    return base64_decode(line.text, line.length, bytes, &proof->extra_length) && proof->extra_length > 0;
}

/* The hashes, up to the empty line behind them. */
static const char *read_hashes(const char **text, const char *end, struct merkle_proof *proof)
{
    struct line line;
    for (proof->count = 0; next_line(text, end, &line); proof->count++) {
        if (line.length == 0)
            return NULL;
        if (proof->count == MERKLE_PROOF_MAX)
            return "the proof has too many hashes";
        if (!read_hash(line, &proof->hashes[proof->count]))
            return "a hash of the proof must be 32 bytes in base64";
    }
    return "the proof has no empty line before its checkpoint";
}

const char *entry_proof_parse(const char *bytes, size_t length, struct arena *arena, struct entry_proof *proof)
{
    const char *text = bytes, *end = bytes + length;
    struct line line;
    *proof = (struct entry_proof){0};
    if (length > PROOF_SIZE_MAX)
        return "the proof is too long";
    if (!next_line(&text, end, &line) || !skip(&line, PROOF_HEADER) || line.length > 0)
        return "the proof does not begin with " PROOF_HEADER;
    if (!next_line(&text, end, &line))
        return "the proof has no index";
    if (skip(&line, "extra ") && (!read_extra(line, arena, proof) || !next_line(&text, end, &line)))
        return "the extra data must be bytes in base64, and an index follow";
    if (!skip(&line, "index ") || !read_number(line, &proof->index))
        return "the index must be a number without leading zeroes, at most 2^63 - 1";
    const char *wrong = read_hashes(&text, end, &proof->proof);
    if (wrong)
        return wrong;

    struct note note;
    struct checkpoint checkpoint;
    wrong = note_parse(text, (size_t)(end - text), arena, &note);
    if (!wrong)
        wrong = checkpoint_parse(note.text, arena, &checkpoint);
    proof->note = arena_strndup(arena, text, (size_t)(end - text));
    return wrong;
}
