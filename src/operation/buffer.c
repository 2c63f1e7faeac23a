#include "operation/buffer.h"

#include <stdio.h>
#include <string.h>

struct buffer buffer_begin(struct arena *arena, size_t capacity)
{
    struct buffer buffer = {.arena = arena, .capacity = capacity + 1};
    buffer.bytes = arena_alloc(arena, buffer.capacity);
    return buffer;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    if (buffer->capacity - buffer->length <= length) {
        size_t capacity = (buffer->length + length + 1) * 2;
        char *larger = arena_alloc(buffer->arena, capacity);
        memcpy(larger, buffer->bytes, buffer->length);
        buffer->bytes = larger;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void buffer_put(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, string, strlen(string));
}

void buffer_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, &byte, 1);
}

void buffer_number(struct buffer *buffer, long long number)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%lld", number);
    buffer_add(buffer, digits, (size_t)length);
}

/* Bytes from `string` that need no escape in JSON. */
static size_t plain_json(const char *string)
{
    size_t length = 0;
    while ((unsigned char)string[length] >= 0x20 && string[length] != '"' && string[length] != '\\')
        length++;
    return length;
}

void buffer_json(struct buffer *buffer, const char *string)
{
    buffer_byte(buffer, '"');
    for (const char *at = string;;) {
        size_t plain = plain_json(at);
        char escape[8];
        buffer_add(buffer, at, plain);
        at += plain;
        if (!*at)
            break;
        int length =
            snprintf(escape, sizeof(escape), (unsigned char)*at < 0x20 ? "\\u%04x" : "\\%c", (unsigned char)*at);
        buffer_add(buffer, escape, (size_t)length);
        at++;
    }
    buffer_byte(buffer, '"');
}

void buffer_url(struct buffer *buffer, const char *string)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    for (const char *at = string;;) {
        size_t plain = strspn(at, unreserved);
        buffer_add(buffer, at, plain);
        at += plain;
        if (!*at)
            break;
        unsigned char byte = (unsigned char)*at++;
        char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        buffer_add(buffer, escape, sizeof(escape));
    }
}

void buffer_element(struct buffer *buffer, const char *string)
{
    buffer_byte(buffer, '"');
    for (const char *at = string; *at; at++) {
        if (*at == '"' || *at == '\\')
            buffer_byte(buffer, '\\');
        buffer_byte(buffer, *at);
    }
    buffer_byte(buffer, '"');
}
