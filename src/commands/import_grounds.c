/* samsyn import-grounds: a release of the law, all or nothing.
 *
 * The file is one JSON document of the shape that samsyn.law_members describes. Its syntax is judged here, by line; the
 * rest by samsyn.law_faults, each fault by its JSON Pointer. With no fault samsyn.import_law changes what differs: the
 * same function that loads the release which the migrations bring. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/import.h"

/* The document as one row. */
static bool copy_document(struct import *import, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    if (!text)
        abort();
    struct buffer line = buffer_begin(import->arena, strlen(text) + 1);
    import_value(&line, text);
    buffer_byte(&line, '\n');
    free(text);
    return import_copy(import, "copy") && script_copy_put(import->script, line.bytes, line.length, &import->why) &&
           script_copy_end(import->script, &import->why);
}

/* With a fault of syntax, which is told of, there is no row. */
static bool copy_file(struct import *import, const char *path)
{
    json_error_t error;
    FILE *file = fopen(path, "re");
    if (!file) {
        if (asprintf(&import->why, "%s: %s", path, strerror(errno)) < 0)
            abort();
        return false;
    }
    json_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (!document)
        import_fault(import, "%s:%d: %s", path, error.line, error.text);
    bool good = !document || copy_document(import, document);
    json_decref(document);
    return good;
}

static bool find_faults(struct import *import, const char *path)
{
    struct db_rows rows = {0};
    if (!import_rows(import, "faults", &rows))
        return false;
    for (size_t i = 0; i < rows.rows; i++)
        import_fault(import, "%s: %s: %s", path, rows.cells[i * rows.columns], rows.cells[i * rows.columns + 1]);
    return true;
}

static bool apply(struct import *import)
{
    struct db_rows rows = {0};
    if (!import_rows(import, "apply", &rows) || !script_commit(import->script, &import->why))
        return false;
    for (size_t i = 0; i < rows.rows; i++) {
        const char **row = rows.cells + i * rows.columns;
        printf("%s: %s added, %s changed\n", row[0], row[1], row[2]);
    }
    return true;
}

int command_import_grounds(const struct options *options)
{
    const char *path = options_text(options, OPTION_GROUNDS);
    struct import import;
    if (!command_need(options, OPTION_OWNER_DATABASE) || !command_need(options, OPTION_GROUNDS))
        return 1;
    bool good = import_begin(&import, options, "sql/import/grounds.sql") && import_run(&import, "prepare") &&
                copy_file(&import, path) && (import.faults > 0 || find_faults(&import, path)) &&
                (import.faults > 0 || apply(&import));
    return import_end(&import, good, "places");
}
