/* Makes a regular expression of ECMA-262, which JSON Schema uses, mean the same to PCRE2. */
#ifndef SAMSYN_CONTRACT_ECMA_H
#define SAMSYN_CONTRACT_ECMA_H

#include "base/arena.h"

/* The pattern with `\s` and `\S` spelled out as the blanks of ECMA-262 22.2.2.9, which to PCRE2 are those of ASCII
 * alone: a text of nothing but no-break spaces is blank. NULL for `\S` within a class, which cannot be spelled out
 * there. The result lives as long as the arena. */
const char *ecma_pattern(const char *pattern, struct arena *arena);

#endif
