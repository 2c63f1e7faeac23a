/* Content negotiation and media types (RFC 9110 8.3 and 12.5). */
#ifndef SAMSYN_HTTP_ACCEPT_H
#define SAMSYN_HTTP_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

/* The member of `produced` that the Accept value `accept` (NULL: anything goes) gives the highest quality, the first
 * of several equals; NULL when none is acceptable. Ranges that cannot be parsed are passed over. */
const char *accept_choose(const char *accept, const char *const *produced, size_t count);

/* True when the Accept-Language value `languages` (NULL allowed) prefers Swedish to English. English wins when it
 * says nothing of either. */
bool accept_swedish(const char *languages);

/* True when the Content-Type value `given` is `type` with no parameter but charset=utf-8. */
bool accept_content_type(const char *given, const char *type);

#endif
