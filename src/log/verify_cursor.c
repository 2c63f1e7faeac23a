#include "log/verify_cursor.h"

bool verify_cursor_open(struct verify_cursor *cursor, struct script *script, const char *name, const char *fetch,
                        const char *sql, char **why)
{
    *cursor = (struct verify_cursor){.script = script, .fetch = fetch, .arena = arena_create()};
    return script_run(script, arena_printf(cursor->arena, "declare %s no scroll cursor for %s", name, sql), why);
}

void verify_cursor_close(struct verify_cursor *cursor)
{
    arena_destroy(cursor->arena);
    cursor->arena = NULL;
}

const char *const *verify_cursor_peek(struct verify_cursor *cursor, char **why)
{
    if (cursor->next == cursor->rows.rows && !cursor->over) {
        arena_destroy(cursor->arena);
        cursor->arena = arena_create();
        cursor->next = 0;
        cursor->rows.rows = 0;
        cursor->over =
            !script_rows(cursor->script, cursor->fetch, cursor->arena, &cursor->rows, why) || cursor->rows.rows == 0;
    }
    return cursor->over ? NULL : (const char *const *)cursor->rows.cells + cursor->next * cursor->rows.columns;
}

void verify_cursor_move(struct verify_cursor *cursor)
{
    cursor->next += !cursor->over;
}
