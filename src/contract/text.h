/* UTF-8 and percent-encoding. */
#ifndef SAMSYN_CONTRACT_TEXT_H
#define SAMSYN_CONTRACT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* True for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/* Code points of well-formed UTF-8. */
size_t text_length(const char *bytes, size_t length);

/* Decodes percent-escapes (RFC 3986 2.1), and '+' to a space when `plus`. Returns the text, lent by the arena, or
 * NULL for a bad escape, NUL or malformed UTF-8. */
char *text_decode(const char *bytes, size_t length, bool plus, struct arena *arena);

/* True for what may be repeated to a client as a member's or parameter's name: a letter or underscore, then at most
 * 63 letters, digits, '_', '-' and '.'. Anything else could be personal data in the wrong place. */
bool text_is_name(const char *text);

#endif
