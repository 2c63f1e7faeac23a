/* Reads comma-separated values (RFC 4180) a record at a time: memory does not grow with the file. */
#ifndef SAMSYN_COMMANDS_RECORD_H
#define SAMSYN_COMMANDS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { RECORD_FIELDS_MAX = 8, RECORD_BYTES_MAX = 4096 };

struct record {
    unsigned line; /* on which it begins, from 1 */
    size_t count;
    const char *fields[RECORD_FIELDS_MAX]; /* without quotes; lent until the next record */
    const char *fault;                     /* why it cannot be read, or NULL; the next one can be read all the same */
};

struct record_reader {
    FILE *file; /* borrowed */
    unsigned next_line;
    struct record record;
    char bytes[RECORD_BYTES_MAX];
};

/* Begins to read, past a byte order mark. */
void record_begin(struct record_reader *reader, FILE *file);

/* Reads the next record, empty lines left out; false at the end of the file. */
bool record_next(struct record_reader *reader);

#endif
