/* `_links`: what the reply leads to and this principal may do (national REST API profile MOG.02, SAK.23). */
#ifndef SAMSYN_OPERATION_LINKS_H
#define SAMSYN_OPERATION_LINKS_H

#include <jansson.h>
#include <stdbool.h>

#include "contract/contract.h"
#include "operation/buffer.h"

struct link_context {
    const char *base_url;     /* "https://host" */
    const char *base_path;    /* "/samsyn/v1" */
    const char *permissions;  /* PostgreSQL text[] of the principal, or NULL for none */
    const json_t *parameters; /* bound values of the request, for $request.path.x and $request.query.x */
    const json_t *body;       /* the resource, for $response.body#/x and $item#/x; or NULL */
};

/* True when the text[] literal `permissions` holds `permission`; NULL `permission` is held by everyone. */
bool links_permitted(const char *permissions, const char *permission);

/* Adds the absolute address of `link`; false, with nothing added, when a value that it needs is absent. */
bool links_address(struct buffer *buffer, const struct link_context *context, const struct link *link);

/* Adds the members `"rel":{"href":...,"rel":...,"method":...}` of the links that may be shown: target permitted, x-when
 * met and values present. With `but_self` a link named self is left out. `*first` tells whether a comma is due. */
void links_add(struct buffer *buffer, const struct link_context *context, const struct link *links, size_t count,
               bool but_self, bool *first);

/* Adds one member. */
void links_member(struct buffer *buffer, const char *rel, const char *href, const char *method, bool *first);

/* Adds the raw query `query` (NULL: none) with `name`=`value` in place of what it held under that name, with its '?',
 * encoded like links_raw. `value` NULL leaves the parameter out. */
void links_query(struct buffer *buffer, const char *query, const char *name, const char *value);

/* Adds a raw path or query as it is, but for what RFC 3986 3.3 and 3.4 do not allow there, which is percent-encoded. */
void links_raw(struct buffer *buffer, const char *raw, size_t length);

#endif
