/* Standard base64 with padding (RFC 4648 4), strict: one text for each sequence of bytes. */
#ifndef SAMSYN_LOG_BASE64_H
#define SAMSYN_LOG_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Room for the bytes of `length` characters, and for the characters of `size` bytes with their NUL. */
#define BASE64_DECODED_SIZE(length) ((length) / 4 * 3)
#define BASE64_ENCODED_SIZE(size) (((size) + 2) / 3 * 4 + 1)

/* Decodes `length` characters into `bytes` (BASE64_DECODED_SIZE of room) and sets `*size`. False when a character is
 * foreign (white space is), padding is missing or misplaced, an unused bit is set, or there is more than 2^30 of it. */
bool base64_decode(const char *text, size_t length, unsigned char *bytes, size_t *size);

/* Encodes `size` bytes, at most 2^29, into `text` (BASE64_ENCODED_SIZE of room) with an ending NUL; returns the
 * length. */
size_t base64_encode(const unsigned char *bytes, size_t size, char *text);

#endif
