#include "auth/base64url.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits of a character, or 64 for a foreign one. */
static uint32_t value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '-' ? 62 : c == '_' ? 63 : 64;
}

bool base64url_decode(const char *text, size_t length, unsigned char *bytes, size_t *size)
{
    uint32_t bits = 0;
    unsigned pending = 0;
    size_t written = 0;
    if (length % 4 == 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint32_t value = value_of(text[i]);
        if (value > 63)
            return false;
        bits = (bits << 6 | value) & 0xffffff;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            bytes[written++] = (unsigned char)(bits >> pending & 0xff);
        }
    }
    *size = written;
    return (bits & ((1u << pending) - 1)) == 0;
}

size_t base64url_encode(const unsigned char *bytes, size_t size, char *text)
{
    uint32_t bits = 0;
    unsigned pending = 0;
    size_t written = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffffff;
        for (pending += 8; pending >= 6;) {
            pending -= 6;
            text[written++] = alphabet[bits >> pending & 63];
        }
    }
    if (pending > 0)
        text[written++] = alphabet[bits << (6 - pending) & 63];
    text[written] = '\0';
    return written;
}
