/* samsyn log months: the months of the access log and how each stands, for the operator and for what runs by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "db/script.h"

enum { MONTH, EVENTS, STATE, KEPT_UNTIL, ARCHIVE, COLUMNS };

static const char query[] =
    "select to_char(month, 'YYYY-MM'), events, state, to_char(kept_until at time zone 'UTC', 'YYYY-MM-DD'),\n"
    "    encode(sha256, 'hex')\n"
    "from samsyn.log_months()";

static void print_months(const struct db_rows *months)
{
    static const char *const titles[COLUMNS] = {"month", "events", "state", "kept until", "archive sha256"};
    size_t due = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        printf("%s%c", titles[i], i + 1 < COLUMNS ? '\t' : '\n');
    for (size_t i = 0; i < months->rows; i++) {
        const char *const *cells = (const char *const *)months->cells + i * COLUMNS;
        for (size_t j = 0; j < COLUMNS; j++)
            printf("%s%c", cells[j] ? cells[j] : "-", j + 1 < COLUMNS ? '\t' : '\n');
        due += strcmp(cells[STATE], "due") == 0;
    }
    printf("%zu due\n", due);
}

int command_log_months(const struct options *options)
{
    struct db_rows months;
    char *why = NULL;
    if (!command_need(options, OPTION_RETENTION_DATABASE))
        return 1;
    struct arena *arena = arena_create();
    struct script *script = script_begin(options_text(options, OPTION_RETENTION_DATABASE), &why);
    bool good = script && script_rows(script, query, arena, &months, &why) && script_commit(script, &why);
    if (good)
        print_months(&months);
    else
        command_fail("%s", why);
    script_end(script);
    arena_destroy(arena);
    free(why);
    return good ? 0 : 1;
}
