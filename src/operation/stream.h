/* A reply that is passed on while it is read: the rows of a statement, part after part.
 *
 * Only when the block `-- name:` of the operation is committed, and with it the audit row, is the block `-- stream:`
 * asked for its first part. Its columns are the JSON object of a row and the cursor after it, which is `:part` when the
 * next part is asked for; a row without an object only says where to go on. Each part is a transaction of its own that
 * begins with samsyn.enter: memory does not grow with the number of rows, no transaction stays open while a slow client
 * reads, someone whose right ends meanwhile gets no further (the connection breaks, and what was received has no end),
 * and what is asked for a client that has gone is cancelled. That the right ends before the first part is no exception:
 * the row of the log stands by then, and one exchange has one row. */
#ifndef SAMSYN_OPERATION_STREAM_H
#define SAMSYN_OPERATION_STREAM_H

#include "operation/buffer.h"
#include "operation/errand.h"

/* How rows become text. All but `row` may be NULL; what they add is passed on at once. `row` takes the JSON text of one
 * row; false breaks the stream. `part` is told the texts of the rows that come next, with the errand as it stands:
 * both are lent until the next part. */
struct stream_writer {
    void (*begin)(void *context, struct buffer *text);
    bool (*row)(void *context, const char *body, struct buffer *text);
    void (*end)(void *context, struct buffer *text);
    bool (*part)(void *context, const struct errand *errand, const char *const *bodies, size_t count);
};

/* Runs the statements of the operation. True when what they found is to be streamed; `*head` is then the body of their
 * first row (lent by the request's arena), and the cursor of that row, when it has one, is where the first part begins.
 * False: the reply is made, be it a problem or that of a HEAD. */
bool stream_open(struct errand *errand, const char **head);

/* Fetches the first part and makes the reply the stream of it and those that follow, or the problem when the database
 * fails. Steals `arena`, which lives as long as the stream; `context` is for the writer, lent by it. */
void stream_answer(struct errand *errand, struct arena *arena, const struct stream_writer *writer, void *context);

#endif
