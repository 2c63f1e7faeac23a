/* Network addresses: text forms, and the list of proxies that are trusted. */
#ifndef SAMSYN_HTTP_ADDRESS_H
#define SAMSYN_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 46 };

/* An IPv4 or IPv6 address as 16 bytes; IPv4 in its mapped form, so that one comparison serves both. */
struct address {
    unsigned char bytes[16];
};

bool address_of_socket(const struct sockaddr *from, struct address *address);
/* Reads "192.0.2.1" or "2001:db8::1" of `length` bytes, without port or brackets. */
bool address_parse(const char *text, size_t length, struct address *address);
/* Writes the shortest usual form; IPv4 as dotted quad. */
void address_print(const struct address *address, char text[static ADDRESS_TEXT_SIZE]);
bool address_is_loopback(const struct address *address);

struct address_list;

/* Reads "10.0.0.0/8, 2001:db8::/32, 192.0.2.1" (NULL: the empty list). Returns NULL with `*why` (malloc'd) when an
 * entry is not an address or CIDR block. Owned by the caller. */
struct address_list *address_list_create(const char *text, char **why);
void address_list_destroy(struct address_list *list);
bool address_list_contains(const struct address_list *list, const struct address *address);

#endif
