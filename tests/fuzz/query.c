/* Query strings: every one is bound to typed values or to violations. */
#include "sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *no_header(void *request, const char *name)
{
    (void)request;
    (void)name;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    const char *query = arena_strndup(arena, (const char *)data, size);
    const struct operation *operation = contract_find(sample_contract(), "listCases");
    const struct route route = {.operation = operation};
    struct violations violations = {.arena = arena};
    json_t *values = contract_bind(operation, &route, query, no_header, NULL, arena, &violations);
    if (!values)
        abort();
    json_int_t limit = json_integer_value(json_object_get(values, "limit"));
    if (violations.count == 0 && (limit < 1 || limit > 100))
        abort();
    sample_require(&violations);
    arena_destroy(arena);
    return 0;
}
