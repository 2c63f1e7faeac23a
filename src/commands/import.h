/* What the import commands share: files are judged and applied in one transaction of the owner, all or nothing, by the
 * named blocks of a file under sql/import/. */
#ifndef SAMSYN_COMMANDS_IMPORT_H
#define SAMSYN_COMMANDS_IMPORT_H

#include "base/options.h"
#include "db/script.h"
#include "operation/buffer.h"

struct import {
    struct arena *arena;
    const struct block *blocks;
    struct script *script;
    size_t faults; /* told of on standard error */
    char *why;     /* malloc'd: what ended it, other than faults */
};

/* Reads the blocks of `sql`, one of the files that the binary carries, and begins the transaction on --owner-database.
 * False with `import->why`. Whatever it returns, import_end must follow. */
bool import_begin(struct import *import, const struct options *options, const char *sql);

/* Runs the statement of the block; false with `import->why`. import_rows lends its rows by the import's arena. */
bool import_run(struct import *import, const char *block);
bool import_rows(struct import *import, const char *block, struct db_rows *rows);

/* The same for a block that is a `copy ... from stdin`, which script_copy_put and script_copy_end continue. */
bool import_copy(struct import *import, const char *block);

/* Adds `text`, UTF-8 without control characters, as one value of COPY's text format. */
void import_value(struct buffer *line, const char *text);

/* Tells of a fault on standard error and counts it. */
void import_fault(struct import *import, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the import and returns the exit status: 0 when `good` and without fault. Otherwise says why not, calling what is
 * at fault `things`, and leaves the database as it was. */
int import_end(struct import *import, bool good, const char *things);

#endif
