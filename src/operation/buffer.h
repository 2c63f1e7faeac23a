/* A text that grows in an arena: how reply bodies, addresses and statements are put together. */
#ifndef SAMSYN_OPERATION_BUFFER_H
#define SAMSYN_OPERATION_BUFFER_H

#include <stddef.h>

#include "base/arena.h"

struct buffer {
    struct arena *arena; /* lends the bytes */
    char *bytes;         /* always ended by a NUL; lent until the next addition */
    size_t length;       /* without the NUL */
    size_t capacity;
};

/* An empty text with room for `capacity` bytes. */
struct buffer buffer_begin(struct arena *arena, size_t capacity);

/* Adds `length` bytes, a string, a single byte, or a number. */
void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_put(struct buffer *buffer, const char *string);
void buffer_byte(struct buffer *buffer, char byte);
void buffer_number(struct buffer *buffer, long long number);

/* Adds `string` as a JSON string with its quotes (RFC 8259 7); the string is valid UTF-8. */
void buffer_json(struct buffer *buffer, const char *string);

/* Adds `string` percent-encoded: all but the unreserved characters of RFC 3986 2.3. */
void buffer_url(struct buffer *buffer, const char *string);

/* Adds `string` as one quoted element of a PostgreSQL array literal. */
void buffer_element(struct buffer *buffer, const char *string);

#endif
