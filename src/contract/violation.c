#include "contract/violation.h"

void violations_add(struct violations *violations, const char *pointer, const char *rule, const char *detail_en,
                    const char *detail_sv)
{
    if (violations->count++ >= VIOLATIONS_KEPT)
        return;
    struct violation *violation = arena_alloc(violations->arena, sizeof(*violation));
    violation->pointer = arena_strdup(violations->arena, pointer);
    violation->rule = rule;
    violation->detail_en = detail_en;
    violation->detail_sv = detail_sv;
    if (violations->last)
        violations->last->next = violation;
    else
        violations->first = violation;
    violations->last = violation;
}
