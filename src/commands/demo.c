/* samsyn demo: loads a fictional municipality, whole or not at all, and prints who can sign in. */
#include <stdio.h>
#include <stdlib.h>

#include "base/embedded.h"
#include "commands/commands.h"
#include "commands/development.h"
#include "db/script.h"

static const char people[] =
    "select i.subject, u.name, coalesce(r.name_en, '-'), coalesce(o.name, '-') "
    "from samsyn.identities i join samsyn.users u on u.id = i.user_id "
    "left join samsyn.assignments a on a.user_id = u.id and a.ended_at is null "
    "left join samsyn.roles r on r.id = a.role_id left join samsyn.organisations o on o.id = a.unit_id "
    "where i.issuer = '" DEVELOPMENT_ISSUER "' order by o.name, r.code, i.subject";

static const char scopes[] = "samsyn:case samsyn:agreement samsyn:admin samsyn:audit";

static bool load(struct script *script, struct arena *arena, struct db_rows *rows, char **why)
{
    const struct embedded *demo = embedded_find("sql/demo.sql");
    return script_run(script, demo->start, why) && script_rows(script, people, arena, rows, why) &&
           script_commit(script, why);
}

/* Pads by characters, which printf, counting bytes, does not. */
static void print_column(const char *text, int width)
{
    for (const char *at = text; *at; at++)
        width -= (*at & 0xC0) != 0x80;
    printf("%s%*s ", text, width > 0 ? width : 0, "");
}

static void print_person(const char *const *cells)
{
    print_column(cells[0], 26);
    print_column(cells[1], 20);
    print_column(cells[2], 28);
    puts(cells[3]);
}

static void print_people(const struct db_rows *rows)
{
    static const char *const headings[] = {"SUBJECT", "NAME", "ROLE", "UNIT"};
    print_person(headings);
    for (size_t i = 0; i < rows->rows; i++)
        print_person(rows->cells + i * rows->columns);
}

static bool print_tokens(const struct options *options, const char *path, const struct db_rows *rows, char **why)
{
    char *pem = development_key(path, why);
    bool good = pem != NULL;
    printf("\nTokens for the client demo-portal, good for %ld seconds:\n", options_number(options, OPTION_LIFETIME));
    for (size_t i = 0; good && i < rows->rows; i++) {
        const char *subject = rows->cells[i * rows->columns];
        char *token =
            development_token(pem, subject, "demo-portal", scopes, options_number(options, OPTION_LIFETIME), why);
        good = token != NULL;
        if (token)
            printf("\n%s\n%s\n", subject, token);
        free(token);
    }
    free(pem);
    return good;
}

int command_demo(const struct options *options)
{
    const char *conninfo = command_need(options, OPTION_OWNER_DATABASE);
    const char *key = options_text(options, OPTION_DEVELOPMENT_KEY);
    char *why = NULL;
    struct db_rows rows = {0};
    if (!conninfo)
        return 1;
    if (!embedded_find("sql/demo.sql"))
        return command_fail("this binary was built without sql/demo.sql");
    struct arena *arena = arena_create();
    struct script *script = script_begin(conninfo, &why);
    bool good = script && load(script, arena, &rows, &why);
    script_end(script);
    if (good)
        print_people(&rows);
    if (good && key)
        good = print_tokens(options, key, &rows, &why);
    int status = good ? 0 : command_fail("%s", why);
    arena_destroy(arena);
    free(why);
    return status;
}
