/* Reply bodies: what the database returned, with `_links` and `_meta` put in. The column's text is copied, not dumped
 * anew: a body is parsed only where a link needs a value of it. */
#ifndef SAMSYN_OPERATION_BODY_H
#define SAMSYN_OPERATION_BODY_H

#include "db/db.h"
#include "operation/links.h"
#include "operation/statement.h"

/* What a body is made for. */
struct body_context {
    const struct operation *operation;
    struct link_context links; /* its `body` is filled in here */
    const char *url;           /* of the request, without query: absolute */
    const char *query;         /* raw, or NULL */
    long long limit, page;
};

/* The body of a single reply: `json`, an object's text, with `_links`. `*location` becomes the address of link self,
 * permitted or not, or NULL. Both lent. */
struct buffer body_single(struct arena *arena, struct body_context *context, const char *json, const char **location);

/* The body of a list by page or by cursor from the rows of a wrapped reply statement (columns as in statement.h). */
struct buffer body_list(struct arena *arena, struct body_context *context, enum shape shape,
                        const struct db_rows *rows);

#endif
