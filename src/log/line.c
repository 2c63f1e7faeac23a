#include "log/line.h"

#include <string.h>

#include "log/base64.h"

bool line_next(const char **text, const char *end, struct line *line)
{
    const char *newline = *text < end ? memchr(*text, '\n', (size_t)(end - *text)) : NULL;
    if (!newline)
        return false;
    *line = (struct line){*text, (size_t)(newline - *text)};
    *text = newline + 1;
    return true;
}

bool line_skip(struct line *line, const char *prefix)
{
    size_t length = strlen(prefix);
    if (line->length < length || memcmp(line->text, prefix, length) != 0)
        return false;
    *line = (struct line){line->text + length, line->length - length};
    return true;
}

bool line_number(struct line line, uint64_t *number)
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

bool line_hash(struct line line, struct merkle_hash *hash)
{
    unsigned char bytes[BASE64_DECODED_SIZE(LINE_HASH)];
    size_t size;
    if (line.length != LINE_HASH || !base64_decode(line.text, line.length, bytes, &size) || size != MERKLE_HASH)
        return false;
    memcpy(hash->bytes, bytes, MERKLE_HASH);
    return true;
}

const char *line_proof(const char **text, const char *end, struct merkle_proof *proof)
{
    struct line line;
    for (proof->count = 0; line_next(text, end, &line); proof->count++) {
        if (line.length == 0)
            return NULL;
        if (proof->count == MERKLE_PROOF_MAX)
            return "the proof has too many hashes";
        if (!line_hash(line, &proof->hashes[proof->count]))
            return "a hash of the proof must be 32 bytes in base64";
    }
    return "the proof has no empty line before its checkpoint";
}

void line_proof_text(const struct merkle_proof *proof, char text[LINE_PROOF_SIZE])
{
    char *at = text;
    for (size_t i = 0; i < proof->count; i++) {
        at += base64_encode(proof->hashes[i].bytes, MERKLE_HASH, at);
        *at++ = '\n';
    }
    *at = '\0';
}
