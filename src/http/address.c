#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; /* ::ffff:0:0/96 */

static void from_ipv4(const void *four, struct address *address)
{
    memcpy(address->bytes, mapped, sizeof(mapped));
    memcpy(address->bytes + sizeof(mapped), four, 4);
}

static bool is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

bool address_of_socket(const struct sockaddr *from, struct address *address)
{
    const void *storage = from;
    if (from->sa_family == AF_INET) {
        from_ipv4(&((const struct sockaddr_in *)storage)->sin_addr, address);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        memcpy(address->bytes, &((const struct sockaddr_in6 *)storage)->sin6_addr, 16);
        return true;
    }
    return false;
}

bool address_parse(const char *text, size_t length, struct address *address)
{
    char copy[ADDRESS_TEXT_SIZE];
    unsigned char four[4];
    if (length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, four) == 1) {
        from_ipv4(four, address);
        return true;
    }
    return inet_pton(AF_INET6, copy, address->bytes) == 1;
}

void address_print(const struct address *address, char text[static ADDRESS_TEXT_SIZE])
{
    if (is_ipv4(address))
        inet_ntop(AF_INET, address->bytes + sizeof(mapped), text, ADDRESS_TEXT_SIZE);
    else
        inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_SIZE);
}

bool address_is_loopback(const struct address *address)
{
    if (is_ipv4(address))
        return address->bytes[12] == 127;
    return IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)(const void *)address->bytes);
}

struct block {
    struct address start;
    unsigned bits; /* of the 128 */
};

struct address_list {
    size_t count;
    struct block blocks[];
};

static bool parse_block(const char *text, size_t length, struct block *block)
{
    const char *slash = memchr(text, '/', length);
    if (!address_parse(text, slash ? (size_t)(slash - text) : length, &block->start))
        return false;
    block->bits = 128;
    if (!slash)
        return true;
    char digits[4] = "";
    size_t count = length - (size_t)(slash - text) - 1;
    if (count == 0 || count > 3 || strspn(slash + 1, "0123456789") < count)
        return false;
    memcpy(digits, slash + 1, count);
    unsigned bits = (unsigned)strtoul(digits, NULL, 10), most = is_ipv4(&block->start) ? 32 : 128;
    block->bits = bits + 128 - most;
    return bits <= most;
}

struct address_list *address_list_create(const char *text, char **why)
{
    size_t most = 1;
    for (const char *c = text ? text : ""; *c; c++)
        most += strchr(" \t,", *c) != NULL;
    struct address_list *list = calloc(1, sizeof(*list) + most * sizeof(list->blocks[0]));
    if (!list)
        abort();
    for (const char *at = text ? text : ""; *at;) {
        at += strspn(at, " \t,");
        size_t length = strcspn(at, " \t,");
        if (length && !parse_block(at, length, &list->blocks[list->count++])) {
            if (asprintf(why, "trusted-proxies: \"%.*s\" is neither an address nor a CIDR block", (int)length, at) < 0)
                abort();
            free(list);
            return NULL;
        }
        at += length;
    }
    return list;
}

void address_list_destroy(struct address_list *list)
{
    free(list);
}

static bool covers(const struct block *block, const struct address *address)
{
    unsigned whole = block->bits / 8, rest = block->bits % 8;
    if (memcmp(block->start.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((block->start.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool address_list_contains(const struct address_list *list, const struct address *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (covers(&list->blocks[i], address))
            return true;
    return false;
}
