/* samsyn import-organisations: the register of municipalities and regions, all or nothing.
 *
 * Lines are streamed into temporary tables; what can be judged by a line alone is judged here, the rest by the block
 * `faults` of sql/import/organisations.sql. With no fault at all the block `apply` changes what differs. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/import.h"
#include "commands/record.h"

/* A kind of file: its header and what is copied from it. */
struct format {
    enum option option;
    const char *copy; /* the block with its `copy` */
    size_t columns;
    const char *header[4];
    size_t code_digits[4]; /* 0: a name */
};

static const struct format formats[] = {
    {OPTION_COUNTIES, "copyCounties", 3, {"county_code", "county_name", "county_name_short"}, {2, 0, 0}},
    {OPTION_MUNICIPALITIES,
     "copyMunicipalities",
     4,
     {"municipality_code", "municipality_name", "municipality_name_short", "county_code"},
     {4, 0, 0, 2}},
};

enum { FORMATS = sizeof(formats) / sizeof(*formats), NAME_BYTES_MAX = 200 };

static bool utf8(const char *text)
{
    json_t *string = json_string(text);
    json_decref(string);
    return string != NULL;
}

static const char *field_fault(const char *field, size_t digits)
{
    if (digits > 0)
        return strlen(field) == digits && strspn(field, "0123456789") == digits
                   ? NULL
                   : "a code has another length or is no number";
    if (*field == '\0' || strlen(field) > NAME_BYTES_MAX)
        return "a name is empty or too long";
    for (const char *at = field; *at; at++)
        if ((unsigned char)*at < 0x20)
            return "a name has a control character";
    return utf8(field) ? NULL : "a name is not valid UTF-8";
}

static const char *record_fault(const struct record *record, const struct format *format)
{
    if (record->fault)
        return record->fault;
    if (record->count != format->columns)
        return "the number of fields differs from the header's";
    for (size_t i = 0; i < format->columns; i++) {
        const char *fault = field_fault(record->fields[i], format->code_digits[i]);
        if (fault)
            return fault;
    }
    return NULL;
}

static bool header_fits(const struct record *record, const struct format *format)
{
    bool fits = !record->fault && record->count == format->columns;
    for (size_t i = 0; fits && i < format->columns; i++)
        fits = strcmp(record->fields[i], format->header[i]) == 0;
    return fits;
}

/* One line in COPY's text format. */
static bool put_record(struct import *import, const struct record *record)
{
    struct arena *arena = arena_create();
    struct buffer line = buffer_begin(arena, 512);
    buffer_number(&line, record->line);
    for (size_t i = 0; i < record->count; i++) {
        buffer_byte(&line, '\t');
        import_value(&line, record->fields[i]);
    }
    buffer_byte(&line, '\n');
    bool good = script_copy_put(import->script, line.bytes, line.length, &import->why);
    arena_destroy(arena);
    return good;
}

static bool copy_records(struct import *import, const char *path, FILE *file, const struct format *format)
{
    static struct record_reader reader;
    record_begin(&reader, file);
    if (!record_next(&reader) || !header_fits(&reader.record, format)) {
        import_fault(import, "%s:1: the header is not that of this register", path);
        return true;
    }
    if (!import_copy(import, format->copy))
        return false;
    while (record_next(&reader)) {
        const char *fault = record_fault(&reader.record, format);
        if (fault)
            import_fault(import, "%s:%u: %s", path, reader.record.line, fault);
        else if (!put_record(import, &reader.record))
            return false;
    }
    if (ferror(file))
        import_fault(import, "%s:%u: %s", path, reader.record.line, strerror(errno));
    return script_copy_end(import->script, &import->why);
}

static bool copy_file(struct import *import, const struct options *options, const struct format *format)
{
    const char *path = options_text(options, format->option);
    FILE *file = fopen(path, "re");
    if (!file && asprintf(&import->why, "%s: %s", path, strerror(errno)) < 0)
        abort();
    bool good = file && copy_records(import, path, file, format);
    if (file)
        fclose(file);
    return good;
}

/* Tells of what only all lines together show: the rows are (register, line, reason). */
static bool find_faults(struct import *import, const struct options *options)
{
    struct db_rows rows = {0};
    if (!import_rows(import, "faults", &rows))
        return false;
    for (size_t i = 0; i < rows.rows; i++) {
        const char **row = rows.cells + i * rows.columns;
        bool county = strcmp(row[0], "counties") == 0;
        import_fault(import, "%s:%s: %s", options_text(options, county ? OPTION_COUNTIES : OPTION_MUNICIPALITIES),
                     row[1], row[2]);
    }
    return true;
}

static bool apply(struct import *import)
{
    struct db_rows rows = {0};
    if (!import_rows(import, "apply", &rows) || !script_commit(import->script, &import->why))
        return false;
    printf("%s organisations: %s added, %s changed\n", rows.cells[0], rows.cells[1], rows.cells[2]);
    return true;
}

static bool run(struct import *import, const struct options *options)
{
    if (!import_run(import, "prepareCounties") || !import_run(import, "prepareMunicipalities"))
        return false;
    for (size_t i = 0; i < FORMATS; i++)
        if (!copy_file(import, options, &formats[i]))
            return false;
    return find_faults(import, options) && (import->faults > 0 || apply(import));
}

int command_import_organisations(const struct options *options)
{
    struct import import;
    if (!command_need(options, OPTION_OWNER_DATABASE) || !command_need(options, OPTION_COUNTIES) ||
        !command_need(options, OPTION_MUNICIPALITIES))
        return 1;
    bool good = import_begin(&import, options, "sql/import/organisations.sql") && run(&import, options);
    return import_end(&import, good, "lines");
}
