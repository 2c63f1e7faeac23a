/* Rows of a query that may have any number of them, a batch at a time. */
#ifndef SAMSYN_LOG_VERIFY_CURSOR_H
#define SAMSYN_LOG_VERIFY_CURSOR_H

#include "db/script.h"

struct verify_cursor {
    struct script *script;
    const char *fetch; /* lent */
    struct arena *arena;
    struct db_rows rows;
    size_t next;
    bool over;
};

/* Begins to read `sql` within the script's transaction; `fetch` is "fetch 1000 from <name>". What it fails with goes to
 * `*why` (malloc'd). verify_cursor_close must follow, whatever it returns. */
bool verify_cursor_open(struct verify_cursor *cursor, struct script *script, const char *name, const char *fetch,
                        const char *sql, char **why);
void verify_cursor_close(struct verify_cursor *cursor);

/* The cells of the present row, lent until the cursor is moved; NULL behind the last one, and then with `*why`
 * (malloc'd) if it could not be read. */
const char *const *verify_cursor_peek(struct verify_cursor *cursor, char **why);
void verify_cursor_move(struct verify_cursor *cursor);

#endif
