/* Walks SQL text in pieces, so that nobody mistakes a quote or a comment for code. */
#ifndef SAMSYN_OPERATION_SCAN_H
#define SAMSYN_OPERATION_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum scan_kind {
    SCAN_END,
    SCAN_SPACE,
    SCAN_COMMENT,    /* -- to the end of the line, or a block comment with those inside it */
    SCAN_QUOTED,     /* 'text', E'text', "name", $$text$$, $tag$text$tag$ */
    SCAN_WORD,       /* a keyword, name or number */
    SCAN_PARAMETER,  /* :name; the piece includes the colon */
    SCAN_POSITIONAL, /* $1: not allowed in our statements, the binder numbers them */
    SCAN_SEMICOLON,
    SCAN_OTHER, /* any other character, or :: */
    SCAN_BROKEN /* a quote or comment without end */
};

struct scan {
    const char *at, *end;
    int depth; /* open parentheses and brackets before `at` */
};

struct scan_piece {
    enum scan_kind kind;
    const char *start;
    size_t length;
    int depth; /* outside the piece; that of ( and ) is that of what they enclose less one */
};

struct scan scan_begin(const char *sql, size_t length);

/* Takes the next piece; false at the end (SCAN_END) and at what has no end (SCAN_BROKEN). */
bool scan_next(struct scan *scan, struct scan_piece *piece);

/* True when the piece is the keyword `word` (lower case given; any case found). */
bool scan_is(const struct scan_piece *piece, const char *word);

#endif
