#include "log/base64.h"

#include <openssl/evp.h>
#include <string.h>

enum { MAX_LENGTH = 1 << 30 };

/* OpenSSL trims white space, takes padding anywhere for zero bits and minds no unused bits: what it made more or less
 * of than expected, and what it made of the padding, is looked at here. */
bool base64_decode(const char *text, size_t length, unsigned char *bytes, size_t *size)
{
    size_t room = BASE64_DECODED_SIZE(length);
    *size = 0;
    if (length == 0)
        return true;
    if (length % 4 != 0 || length > MAX_LENGTH ||
        EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) != (int)room)
        return false;
    const char *padding = memchr(text, '=', length);
    size_t padded = padding ? length - (size_t)(padding - text) : 0;
    if (padded > 2 || text[length - 1] != (padded ? '=' : text[length - 1]))
        return false;
    for (size_t i = room - padded; i < room; i++)
        if (bytes[i] != 0)
            return false;
    *size = room - padded;
    return true;
}

size_t base64_encode(const unsigned char *bytes, size_t size, char *text)
{
    return (size_t)EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
}
