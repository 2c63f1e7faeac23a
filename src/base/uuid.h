/* UUIDs as text: fresh ones of version 7 (RFC 9562 5.7) and the check of given ones. */
#ifndef SAMSYN_BASE_UUID_H
#define SAMSYN_BASE_UUID_H

#include <stdbool.h>

enum { UUID_TEXT_SIZE = 37 };

/* Writes a fresh UUIDv7 in lower case, with its ending NUL. */
void uuid_make(char text[static UUID_TEXT_SIZE]);

/* True for the 8-4-4-4-12 hexadecimal form, in either case. */
bool uuid_valid(const char *text);

#endif
