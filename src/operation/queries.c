#include "operation/queries.h"

#include <stdint.h>
#include <string.h>

#include "operation/scan.h"

enum { STATEMENTS_MAX = 32 };

struct reader {
    struct arena *arena;
    const char *file;
    const char *at, *end;
    unsigned line;
    struct block *first, *last;
    const char *body; /* start of the statements of `last`, after its header lines */
    const char *why;
};

static bool fail(struct reader *reader, unsigned line, const char *name, const char *what)
{
    reader->why =
        arena_printf(reader->arena, "%s:%u: %s%s%s", reader->file, line, name ? name : "", name ? ": " : "", what);
    return false;
}

/* The value of a header line `-- key: value`, or NULL when the line is none. */
static const char *header_value(struct reader *reader, const char *line, size_t length, const char *key)
{
    size_t prefix = strlen(key);
    if (length < prefix || memcmp(line, key, prefix) != 0)
        return NULL;
    const char *value = line + prefix;
    const char *end = line + length;
    while (value < end && *value == ' ')
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\r'))
        end--;
    return arena_strndup(reader->arena, value, (size_t)(end - value));
}

static bool keep_statement(struct reader *reader, const char *start, const char *end, bool code)
{
    struct block *block = reader->last;
    if (!code)
        return true;
    if (block->count == STATEMENTS_MAX)
        return fail(reader, block->line, block->name, "too many statements");
    block->statements[block->count++] = arena_strndup(reader->arena, start, (size_t)(end - start));
    return true;
}

static bool is_code(enum scan_kind kind)
{
    return kind != SCAN_SPACE && kind != SCAN_COMMENT;
}

/* Splits what stands between the header and `end` at the semicolons that are code; a statement runs from its first
 * piece of code to its last. */
static bool end_block(struct reader *reader, const char *end)
{
    struct block *block = reader->last;
    if (!block)
        return true;
    struct scan scan = scan_begin(reader->body, (size_t)(end - reader->body));
    struct scan_piece piece;
    const char *start = NULL, *stop = NULL;
    while (scan_next(&scan, &piece)) {
        if (piece.kind == SCAN_POSITIONAL)
            return fail(reader, block->line, block->name, "write :name, not a positional parameter");
        if (piece.kind == SCAN_SEMICOLON && piece.depth == 0) {
            if (!keep_statement(reader, start, stop, start != NULL))
                return false;
            start = NULL;
        } else if (is_code(piece.kind)) {
            start = start ? start : piece.start;
            stop = piece.start + piece.length;
        }
    }
    if (piece.kind == SCAN_BROKEN)
        return fail(reader, block->line, block->name, "a quote or comment has no end");
    if (scan.depth != 0)
        return fail(reader, block->line, block->name, "parentheses do not match");
    if (!keep_statement(reader, start, stop, start != NULL))
        return false;
    return block->count > 0 || fail(reader, block->line, block->name, "there is no statement");
}

static bool begin_block(struct reader *reader, const char *name, bool stream, const char *line_start,
                        const char *line_end)
{
    if (!end_block(reader, line_start))
        return false;
    if (*name == '\0')
        return fail(reader, reader->line, NULL, "the block has no name");
    struct block *block = arena_alloc(reader->arena, sizeof(*block));
    *block = (struct block){.file = reader->file, .line = reader->line, .name = name, .stream = stream};
    block->statements = arena_alloc(reader->arena, STATEMENTS_MAX * sizeof(*block->statements));
    if (reader->last)
        reader->last->next = block;
    else
        reader->first = block;
    reader->last = block;
    reader->body = line_end;
    return true;
}

static bool set_list(struct reader *reader, const char *list)
{
    if (!reader->last)
        return fail(reader, reader->line, NULL, "a list line stands before any name");
    if (reader->last->list || *list == '\0')
        return fail(reader, reader->line, reader->last->name, "say once and whole what it lists");
    if (strcmp(list, "by cursor") != 0 && list[strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_.")])
        return fail(reader, reader->line, reader->last->name, "a list is of a view or `by cursor`");
    reader->last->list = list;
    return true;
}

static bool blank_or_comment(const char *line, size_t length)
{
    size_t blanks = 0;
    while (blanks < length && strchr(" \t\r", line[blanks]))
        blanks++;
    return blanks == length || (length - blanks >= 2 && memcmp(line + blanks, "--", 2) == 0);
}

static bool read_line(struct reader *reader, const char *line, size_t length)
{
    const char *value;
    if ((value = header_value(reader, line, length, "-- name:")))
        return begin_block(reader, value, false, line, line + length);
    if ((value = header_value(reader, line, length, "-- stream:")))
        return begin_block(reader, value, true, line, line + length);
    if ((value = header_value(reader, line, length, "-- list:")))
        return set_list(reader, value);
    if (!reader->last && !blank_or_comment(line, length))
        return fail(reader, reader->line, NULL, "text before the first `-- name:`");
    return true;
}

struct block *queries_read(struct arena *arena, const char *file, const char *text, size_t length, const char **why)
{
    struct reader reader = {.arena = arena, .file = file, .at = text, .end = text + length};
    bool good = true;
    *why = NULL;
    while (good && reader.at < reader.end) {
        const char *newline = memchr(reader.at, '\n', (size_t)(reader.end - reader.at));
        const char *stop = newline ? newline : reader.end;
        reader.line++;
        good = read_line(&reader, reader.at, (size_t)(stop - reader.at));
        reader.at = newline ? newline + 1 : reader.end;
    }
    good = good && end_block(&reader, reader.end);
    *why = reader.why;
    return good ? reader.first : NULL;
}
