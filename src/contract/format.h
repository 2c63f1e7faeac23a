/* The formats that a schema may name: those of RFCs and the Swedish identifiers. */
#ifndef SAMSYN_CONTRACT_FORMAT_H
#define SAMSYN_CONTRACT_FORMAT_H

#include <stdbool.h>

struct format {
    const char *name;
    bool (*text)(const char *text, bool test_numbers); /* checks a string; NULL when the format is one of numbers */
    bool (*number)(long double value);                 /* checks a number; NULL when the format is one of strings */
    const char *detail_en;
    const char *detail_sv;
};

/* Lends the format of this name, or NULL. Birth numbers 980-999 pass only with `test_numbers`. */
const struct format *format_find(const char *name);

/* RFC 3339 full-date of a day that exists. */
bool format_date(const char *text);

/* RFC 3339 date-time: an existing day, an offset from UTC of less than 16 hours, at most nine decimals of a second,
 * second 60 only at the end of a UTC day. */
bool format_date_time(const char *text);

/* RFC 5321 mailbox without quoted local parts and address literals. */
bool format_email(const char *text);

/* RFC 3986 URI: a scheme and characters that a URI may hold. */
bool format_uri(const char *text);

/* RFC 3986 URI reference: a URI, or a relative reference. */
bool format_uri_reference(const char *text);

#endif
