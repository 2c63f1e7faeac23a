#include "commands/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "commands/commands.h"
#include "operation/queries.h"

bool import_begin(struct import *import, const struct options *options, const char *sql)
{
    const struct embedded *file = embedded_find(sql);
    const char *why = NULL;
    *import = (struct import){.arena = arena_create()};
    import->blocks = queries_read(import->arena, file->path, file->start, file->length, &why);
    if (!import->blocks && !(import->why = strdup(why)))
        abort();
    if (import->blocks)
        import->script = script_begin(options_text(options, OPTION_OWNER_DATABASE), &import->why);
    return import->script != NULL;
}

static const char *statement(const struct import *import, const char *name)
{
    for (const struct block *block = import->blocks; block; block = block->next)
        if (strcmp(block->name, name) == 0)
            return block->statements[0];
    abort(); /* the file is part of this program */
}

bool import_run(struct import *import, const char *block)
{
    return script_run(import->script, statement(import, block), &import->why);
}

bool import_rows(struct import *import, const char *block, struct db_rows *rows)
{
    return script_rows(import->script, statement(import, block), import->arena, rows, &import->why);
}

bool import_copy(struct import *import, const char *block)
{
    return script_copy_begin(import->script, statement(import, block), &import->why);
}

void import_value(struct buffer *line, const char *text)
{
    for (const char *at = text; *at; at++) {
        buffer_put(line, *at == '\\' ? "\\" : "");
        buffer_byte(line, *at);
    }
}

void import_fault(struct import *import, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    import->faults++;
}

int import_end(struct import *import, bool good, const char *things)
{
    int status = good && import->faults == 0 ? 0 : 1;
    if (!good)
        command_fail("%s", import->why);
    else if (import->faults > 0)
        command_fail("%zu %s are at fault; nothing was changed", import->faults, things);
    script_end(import->script);
    arena_destroy(import->arena);
    free(import->why);
    return status;
}
