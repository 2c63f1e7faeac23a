/* samsyn migrate: brings the schema to what this binary was built for. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/carried.h"
#include "commands/commands.h"

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
        status = applied < 0 ? command_fail("%s", why) : 0;
        if (applied >= 0)
            printf("%d of %zu migrations applied now\n", applied, count);
    }
    free(why);
    arena_destroy(arena);
    return status;
}
