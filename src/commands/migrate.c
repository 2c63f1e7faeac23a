/* samsyn migrate: brings the schema to what this binary was built for, and keeps there what requests are bound by. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/carried.h"
#include "commands/commands.h"
#include "db/script.h"

static const enum option kept[] = {OPTION_EMERGENCY_ACCESS_MINUTES, OPTION_ACCESS_LOG_YEARS};

static bool keep(struct script *script, const struct options *options, enum option option, char **why)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "select samsyn.configure('%s', %ld)", options_name(option),
             options_number(options, option));
    return script_run(script, sql, why);
}

/* An option that is not given leaves what was kept before. */
static bool configure(const struct options *options, char **why)
{
    struct script *script = script_begin(options_text(options, OPTION_OWNER_DATABASE), why);
    bool good = script != NULL;
    for (size_t i = 0; good && i < sizeof(kept) / sizeof(*kept); i++)
        good = !options_text(options, kept[i]) || keep(script, options, kept[i], why);
    good = good && script_commit(script, why);
    script_end(script);
    return good;
}

int command_migrate(const struct options *options)
{
    const char *conninfo = command_need(options, OPTION_OWNER_DATABASE);
    struct arena *arena = arena_create();
    size_t count = 0;
    char *why = NULL;
    int status = 1;
    const struct migration *migrations = conninfo ? carried_migrations(arena, &count) : NULL;
    if (migrations) {
        int applied = migrate_run(conninfo, migrations, count, &why);
        if (applied >= 0)
            printf("%d of %zu migrations applied now\n", applied, count);
        status = applied < 0 || !configure(options, &why) ? command_fail("%s", why) : 0;
    }
    free(why);
    arena_destroy(arena);
    return status;
}
