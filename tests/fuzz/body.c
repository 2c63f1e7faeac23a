/* Bodies: parsed strictly, then checked against a schema with one of everything. */
#include "sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    const char *why = NULL;
    const json_t *value = contract_parse_body((const char *)data, size, arena, &why);
    if (!value && !why)
        abort();
    if (value) {
        struct violations violations = {.arena = arena};
        schema_validate(contract_find(sample_contract(), "createCase")->body, value, "/body", arena, &violations);
        if (violations.count == 0 && !json_is_string(json_object_get(value, "title")))
            abort();
        sample_require(&violations);
    }
    arena_destroy(arena);
    return 0;
}
