#include "log/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "log/base64.h"
#include "log/line.h"

#define PROOF_HEADER "c2sp.org/tlog-proof@v1"

enum { PROOF_SIZE_MAX = 1 << 20 };

const char *checkpoint_hash_text(const struct merkle_hash *hash, struct arena *arena)
{
    char *text = arena_alloc(arena, BASE64_ENCODED_SIZE(MERKLE_HASH));
    base64_encode(hash->bytes, MERKLE_HASH, text);
    return text;
}

bool checkpoint_hash_parse(const char *text, struct merkle_hash *hash)
{
    return line_hash((struct line){text, strlen(text)}, hash);
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
    if (!line_next(&text, end, &origin) || !line_next(&text, end, &size) || !line_next(&text, end, &root))
        return "a checkpoint has three lines: origin, size and root";
    if (origin.length == 0)
        return "the checkpoint has no origin";
    if (!line_number(size, &checkpoint->size))
        return "the size must be a number without leading zeroes, at most 2^63 - 1";
    if (!line_hash(root, &checkpoint->root))
        return "the root must be 32 bytes in base64";
    struct merkle_hash empty = merkle_empty();
    if (checkpoint->size == 0 && !merkle_equal(&checkpoint->root, &empty))
        return "the root is not that of the empty tree, but the size is 0";
    while (text < end)
        if (!line_next(&text, end, &extension) || extension.length == 0)
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
    char hashes[LINE_PROOF_SIZE];
    line_proof_text(&proof->proof, hashes);
    return arena_printf(arena, PROOF_HEADER "\n%sindex %" PRIu64 "\n%s\n%s", extra_text(proof, arena), proof->index,
                        hashes, proof->note);
}

static bool read_extra(struct line line, struct arena *arena, struct entry_proof *proof)
{
    unsigned char *bytes = arena_alloc(arena, BASE64_DECODED_SIZE(line.length) + 1);
    proof->extra = (const char *)bytes;
    return base64_decode(line.text, line.length, bytes, &proof->extra_length) && proof->extra_length > 0;
}

const char *entry_proof_parse(const char *bytes, size_t length, struct arena *arena, struct entry_proof *proof)
{
    const char *text = bytes, *end = bytes + length;
    struct line line;
    *proof = (struct entry_proof){0};
    if (length > PROOF_SIZE_MAX)
        return "the proof is too long";
    if (!line_next(&text, end, &line) || !line_skip(&line, PROOF_HEADER) || line.length > 0)
        return "the proof does not begin with " PROOF_HEADER;
    if (!line_next(&text, end, &line))
        return "the proof has no index";
    if (line_skip(&line, "extra ") && (!read_extra(line, arena, proof) || !line_next(&text, end, &line)))
        return "the extra data must be bytes in base64, and an index follow";
    if (!line_skip(&line, "index ") || !line_number(line, &proof->index))
        return "the index must be a number without leading zeroes, at most 2^63 - 1";
    const char *wrong = line_proof(&text, end, &proof->proof);
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

json_t *checkpoint_proof_json(const struct merkle_proof *proof)
{
    struct arena *arena = arena_create();
    json_t *hashes = json_array();
    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(hashes, json_string(checkpoint_hash_text(&proof->hashes[i], arena)));
    arena_destroy(arena);
    return hashes;
}
