/* The extract of the access log as a page to read and to print, in Swedish or English: for the one whom it is about,
 * who knows neither the contract nor the law. No script, nothing loaded, readable without its style. */
#ifndef SAMSYN_OPERATION_EXTRACT_PAGE_H
#define SAMSYN_OPERATION_EXTRACT_PAGE_H

#include <stdbool.h>

#include "operation/buffer.h"

struct extract_page;

/* The text of its style element, for the Content-Security-Policy. */
extern const char extract_page_style[];

/* A page with this head, the JSON of AccessExtractDocument or MyAccessExtract without rows; lent by the arena. */
struct extract_page *extract_page_create(struct arena *arena, const char *head, bool swedish);

/* For a stream_writer, of which the page is the context: what stands before the rows, a row (the JSON of
 * AccessExtractEvent; false when it is none), and what stands after them. */
void extract_page_open(void *context, struct buffer *html);
bool extract_page_row(void *context, const char *body, struct buffer *html);
void extract_page_close(void *context, struct buffer *html);

#endif
