#include "operation/scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct scan scan_begin(const char *sql, size_t length)
{
    return (struct scan){.at = sql, .end = sql + length};
}

static bool word_start(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool word_more(char c)
{
    return word_start(c) || c == '$';
}

static bool looking_at(const char *at, const char *end, const char *what)
{
    size_t length = strlen(what);
    return (size_t)(end - at) >= length && memcmp(at, what, length) == 0;
}

/* Each of these returns the end of the piece that starts at `at`, or NULL when it has none. */

static const char *end_of_quote(const char *at, const char *end, bool backslash)
{
    char quote = *at++;
    for (; at < end; at++) {
        bool escape = backslash && *at == '\\';
        bool doubled = *at == quote && at + 1 < end && at[1] == quote;
        if (escape || doubled)
            at++;
        else if (*at == quote)
            return at + 1;
    }
    return NULL;
}

static const char *end_of_dollar_quote(const char *at, const char *end)
{
    const char *tag_end = at + 1;
    while (tag_end < end && word_start(*tag_end))
        tag_end++;
    size_t length = (size_t)(tag_end + 1 - at);
    const char *close = memmem(tag_end + 1, (size_t)(end - tag_end - 1), at, length);
    return close ? close + length : NULL;
}

static bool dollar_quote(const char *at, const char *end)
{
    const char *tag = at + 1;
    if (tag < end && isdigit((unsigned char)*tag))
        return false;
    while (tag < end && word_start(*tag))
        tag++;
    return tag < end && *tag == '$';
}

static const char *end_of_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

static const char *end_of_block_comment(const char *at, const char *end)
{
    int open = 0;
    while (at < end) {
        if (looking_at(at, end, "/*")) {
            open++;
            at += 2;
        } else if (looking_at(at, end, "*/")) {
            at += 2;
            if (--open == 0)
                return at;
        } else {
            at++;
        }
    }
    return NULL;
}

static const char *end_of_word(const char *at, const char *end)
{
    while (at < end && word_more(*at))
        at++;
    return at;
}

static const char *end_of_space(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at;
}

static enum scan_kind classify(const char *at, const char *end, const char **stop)
{
    bool escapes = (*at == 'e' || *at == 'E') && at + 1 < end && at[1] == '\'';
    bool name_follows = at + 1 < end && word_start(at[1]) && !isdigit((unsigned char)at[1]);
    if (isspace((unsigned char)*at))
        return *stop = end_of_space(at, end), SCAN_SPACE;
    if (looking_at(at, end, "--"))
        return *stop = end_of_line(at, end), SCAN_COMMENT;
    if (looking_at(at, end, "/*"))
        return *stop = end_of_block_comment(at, end), SCAN_COMMENT;
    if (escapes)
        return *stop = end_of_quote(at + 1, end, true), SCAN_QUOTED;
    if (*at == '\'' || *at == '"')
        return *stop = end_of_quote(at, end, false), SCAN_QUOTED;
    if (*at == '$' && dollar_quote(at, end))
        return *stop = end_of_dollar_quote(at, end), SCAN_QUOTED;
    if (*at == '$')
        return *stop = end_of_word(at + 1, end), SCAN_POSITIONAL;
    if (word_start(*at))
        return *stop = end_of_word(at, end), SCAN_WORD;
    if (looking_at(at, end, "::"))
        return *stop = at + 2, SCAN_OTHER;
    if (*at == ':' && name_follows)
        return *stop = end_of_word(at + 1, end), SCAN_PARAMETER;
    return *stop = at + 1, *at == ';' ? SCAN_SEMICOLON : SCAN_OTHER;
}

bool scan_next(struct scan *scan, struct scan_piece *piece)
{
    *piece = (struct scan_piece){.kind = SCAN_END, .start = scan->at, .depth = scan->depth};
    if (scan->at >= scan->end)
        return false;
    const char *stop = NULL;
    piece->kind = classify(scan->at, scan->end, &stop);
    if (!stop) {
        piece->kind = SCAN_BROKEN;
        return false;
    }
    piece->length = (size_t)(stop - scan->at);
    if (piece->kind == SCAN_OTHER && strchr("([", *scan->at))
        scan->depth++;
    if (piece->kind == SCAN_OTHER && strchr(")]", *scan->at))
        piece->depth = --scan->depth;
    scan->at = stop;
    return true;
}

bool scan_is(const struct scan_piece *piece, const char *word)
{
    return piece->kind == SCAN_WORD && piece->length == strlen(word) &&
           strncasecmp(piece->start, word, piece->length) == 0;
}
