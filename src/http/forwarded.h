/* The Forwarded header (RFC 7239), believed only as far as it was written by trusted proxies. */
#ifndef SAMSYN_HTTP_FORWARDED_H
#define SAMSYN_HTTP_FORWARDED_H

#include "base/arena.h"
#include "http/address.h"

struct forwarded {
    struct address client; /* the outermost address that a trusted proxy vouches for */
    const char *host;      /* host= as the client sent it to that proxy, lent; NULL when not told */
    const char *proto;     /* "http" or "https"; NULL when not told */
};

/* Reads `value` (all Forwarded lines joined by commas, NULL for none) of a request whose connection comes from
 * `peer`. Each proxy appends its element at the right, so that the list is read from the right for as long as the
 * sender of the element is trusted; whatever stands further left may be forged and is not looked at (RFC 7239 8.1).
 * A malformed value tells nothing. */
void forwarded_read(struct forwarded *forwarded, const char *value, const struct address *peer,
                    const struct address_list *trusted, struct arena *arena);

#endif
