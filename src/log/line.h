/* Texts of lines, as checkpoints, proofs and requests to witnesses are written. Private to the module. */
#ifndef SAMSYN_LOG_LINE_H
#define SAMSYN_LOG_LINE_H

#include "log/merkle.h"

/* A line of a text, without its newline. Borrows. */
struct line {
    const char *text;
    size_t length;
};

/* Takes a line off a text that ends at `end`. False when there is no newline any more. */
bool line_next(const char **text, const char *end, struct line *line);

/* Leaves the rest of a line behind `prefix`, or false. */
bool line_skip(struct line *line, const char *prefix);

/* Digits without a zero before them, up to 2^63 - 1. */
bool line_number(struct line line, uint64_t *number);

/* 32 bytes in base64, as it is written and no other. */
bool line_hash(struct line line, struct merkle_hash *hash);

/* The hashes of a proof, a line each, up to the empty line behind them, which is taken too. NULL, or why not. */
const char *line_proof(const char **text, const char *end, struct merkle_proof *proof);

/* The hashes of a proof as such lines, without the empty one; room for LINE_PROOF_SIZE. */
enum { LINE_HASH = 44, LINE_PROOF_SIZE = MERKLE_PROOF_MAX * (LINE_HASH + 1) + 1 };
void line_proof_text(const struct merkle_proof *proof, char text[LINE_PROOF_SIZE]);

#endif
