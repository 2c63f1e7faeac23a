/* samsyn version: of the API that this binary serves and of the schema that it needs. */
#include <jansson.h>
#include <stdio.h>

#include "commands/carried.h"
#include "commands/commands.h"

int command_version(const struct options *options)
{
    struct carried carried;
    struct arena *arena = arena_create();
    size_t migrations = 0;
    (void)options;
    bool good = carried_load(&carried) && carried_migrations(arena, &migrations);
    if (good) {
        const json_t *info = json_object_get(contract_json(carried.contract), "info");
        const char *version = json_string_value(json_object_get(info, "version"));
        printf("samsyn %s, schema %zu\n", version ? version : "unknown", migrations);
    }
    carried_free(&carried);
    arena_destroy(arena);
    return good ? 0 : 1;
}
