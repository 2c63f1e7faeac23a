/* Comma-separated values as exports write them (RFC 4180), safe to open in a spreadsheet. */
#ifndef SAMSYN_OPERATION_CSV_H
#define SAMSYN_OPERATION_CSV_H

#include <jansson.h>

#include "operation/buffer.h"

/* Adds the record of `names`, or of the members of `row` that are called so: strings as they are, lists of strings
 * with a space between, null and absent as nothing, other arrays and objects as JSON. Ends with CRLF. */
void csv_header(struct buffer *buffer, const char *const *names, size_t count);
void csv_record(struct buffer *buffer, const char *const *names, size_t count, const json_t *row);

#endif
