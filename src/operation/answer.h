/* From committed rows to the reply. */
#ifndef SAMSYN_OPERATION_ANSWER_H
#define SAMSYN_OPERATION_ANSWER_H

#include "operation/errand.h"

/* Makes the reply of the rows: status, body with links, ETag, Location; 404 without a row, 304 when the client's
 * If-None-Match is current. */
void answer_rows(struct errand *errand, const struct db_rows *rows);

/* False, with the reply made the problem, when the rows of a single reply hold none: with the code under which the
 * access log has the refusal, or NOT_FOUND. */
bool answer_found(struct errand *errand, const struct db_rows *rows);

/* Makes the reply of an object that no statement made: a hook's. `etag` without quotes, or NULL. */
void answer_object(struct errand *errand, const char *json, const char *etag, int status);

/* `json`, an object's text, with the links of the operation's reply, as a body that a hook goes on writing. Lent. */
struct buffer answer_body(struct errand *errand, const char *json);

/* Sets the ETag (without quotes) and, when the client of a GET has it already, makes the reply 304; true then. */
bool answer_unchanged(struct errand *errand, const char *etag);

#endif
