#include "operation/html.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

static const char *escape_of(char byte)
{
    switch (byte) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

/* Length of the character at `text` when it is one that no reader sees but that changes what they see: a control
 * character (C0 but for blanks, DEL, C1) or a mark, embedding, override or isolate of direction; else 0. */
static size_t unseen(const unsigned char *text, size_t length)
{
    if (text[0] < 0x20)
        return text[0] == '\t' || text[0] == '\n' || text[0] == '\r' ? 0 : 1;
    if (text[0] == 0x7f)
        return 1;
    if (length >= 2 && ((text[0] == 0xc2 && text[1] < 0xa0) || (text[0] == 0xd8 && text[1] == 0x9c)))
        return 2; /* U+0080 to U+009F, U+061C */
    if (length >= 3 && text[0] == 0xef && text[1] == 0xbf && text[2] >= 0xbe)
        return 3; /* U+FFFE, U+FFFF, which XML does not allow */
    if (length < 3 || text[0] != 0xe2)
        return 0;
    bool mark = text[1] == 0x80 && (text[2] == 0x8e || text[2] == 0x8f); /* U+200E, U+200F */
    bool embedding = text[1] == 0x80 && text[2] >= 0xaa && text[2] <= 0xae;
    bool isolate = text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
    return mark || embedding || isolate ? 3 : 0;
}

void html_part(struct buffer *html, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t hidden = unseen((const unsigned char *)text + i, length - i);
        const char *escape = escape_of(text[i]);
        if (hidden > 0)
            buffer_put(html, "\xef\xbf\xbd");
        else if (escape)
            buffer_put(html, escape);
        else
            buffer_byte(html, text[i]);
        i += hidden > 0 ? hidden : 1;
    }
}

void html_text(struct buffer *html, const char *text)
{
    html_part(html, text, strlen(text));
}

void html_open(struct buffer *html, const char *language, const char *title, const char *style)
{
    buffer_put(html, "<!doctype html>\n<html lang=\"");
    html_text(html, language);
    buffer_put(html, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html_text(html, title);
    buffer_put(html, "</title>\n<style>");
    buffer_put(html, style);
    buffer_put(html, "</style>\n</head>\n<body>\n");
}

const char *html_policy(struct arena *arena, const char *style)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char encoded[64];
    unsigned length = 0;
    EVP_Digest(style, strlen(style), digest, &length, EVP_sha256(), NULL);
    EVP_EncodeBlock(encoded, digest, (int)length);
    return arena_printf(
        arena, "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        (const char *)encoded);
}
