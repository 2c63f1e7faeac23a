/* Base64url without padding (RFC 4648 5, RFC 7515 2), strict: one text for each sequence of bytes. */
#ifndef SAMSYN_AUTH_BASE64URL_H
#define SAMSYN_AUTH_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Room for the bytes of `length` characters, and for the characters of `length` bytes with their NUL. */
#define BASE64URL_DECODED_SIZE(length) ((length) / 4 * 3 + 3)
#define BASE64URL_ENCODED_SIZE(length) ((length) / 3 * 4 + 5)

/* Decodes `length` characters into `bytes` (BASE64URL_DECODED_SIZE of room) and sets `*size`. False when a
 * character is foreign (padding and white space are), the length impossible or an unused bit set. */
bool base64url_decode(const char *text, size_t length, unsigned char *bytes, size_t *size);

/* Encodes `size` bytes into `text` (BASE64URL_ENCODED_SIZE of room) with an ending NUL; returns the length. */
size_t base64url_encode(const unsigned char *bytes, size_t size, char *text);

#endif
