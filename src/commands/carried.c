#include "commands/carried.h"

#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"

static struct catalogue *load_catalogue(const struct contract *contract, char **why)
{
    struct arena *arena = arena_create();
    size_t count = 0;
    const struct source_file *files = catalogue_embedded(arena, &count);
    struct catalogue *catalogue = catalogue_create(contract, files, count, why);
    arena_destroy(arena);
    return catalogue;
}

bool carried_load(struct carried *carried)
{
    char *why = NULL;
    *carried = (struct carried){.yaml = embedded_find("openapi.yaml")};
    if (!carried->yaml) {
        command_fail("this binary was built without openapi.yaml");
        return false;
    }
    carried->contract = contract_load(carried->yaml->start, carried->yaml->length, &why);
    if (carried->contract)
        carried->catalogue = load_catalogue(carried->contract, &why);
    if (!carried->catalogue)
        command_fail("%s", why);
    free(why);
    return carried->catalogue != NULL;
}

void carried_free(struct carried *carried)
{
    catalogue_destroy(carried->catalogue);
    if (carried->contract)
        contract_destroy(carried->contract);
}

const struct migration *carried_migrations(struct arena *arena, size_t *count)
{
    static const char folder[] = "sql/migrations/";
    const struct embedded *file = NULL;
    size_t known = 0, next = 0;
    while ((file = embedded_next(folder, file)))
        known++;
    struct migration *migrations = arena_alloc(arena, (known + 1) * sizeof(*migrations));
    while ((file = embedded_next(folder, file))) {
        const char *name = file->path + strlen(folder);
        if (strspn(name, "0123456789") != 4 || name[4] != '_') {
            command_fail("%s: a migration is called NNNN_verb_noun.sql", file->path);
            return NULL;
        }
        migrations[next++] = (struct migration){
            .number = (int)strtol(name, NULL, 10), .name = name, .sql = file->start, .length = file->length};
    }
    *count = known;
    return migrations;
}
