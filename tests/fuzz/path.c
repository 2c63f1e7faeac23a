/* Paths: whatever a client sends, the router decodes and matches it without harm. */
#include "sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    const char *path = arena_strndup(arena, (const char *)data, size);
    struct route route;
    enum match match = contract_match(sample_contract(), "GET", path, arena, &route);
    if (match == MATCH_FOUND && (!route.operation || !route.allow))
        abort();
    for (size_t i = 0; match == MATCH_FOUND && i < route.value_count; i++) {
        const char *value = route.values[i].value;
        json_t *text = json_string(value);
        if (!text || !*value || strchr(value, '/') || strcmp(value, ".") == 0 || strcmp(value, "..") == 0)
            abort();
        json_decref(text);
    }
    arena_destroy(arena);
    return 0;
}
