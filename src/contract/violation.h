/* What is wrong with an input: a list of JSON Pointers with the rule that each breaks. */
#ifndef SAMSYN_CONTRACT_VIOLATION_H
#define SAMSYN_CONTRACT_VIOLATION_H

#include <stddef.h>

#include "base/arena.h"

struct violation {
    const char *pointer;   /* RFC 6901 with the place in front: "/body/title", "/query/limit" */
    const char *rule;      /* the keyword or format broken: "required", "maxLength", "personal-identity-number" */
    const char *detail_en; /* one sentence that never repeats the value (it may be an identity number) */
    const char *detail_sv;
    struct violation *next;
};

enum { VIOLATIONS_KEPT = 100 };

struct violations {
    struct arena *arena; /* lends the entries */
    struct violation *first;
    struct violation *last;
    size_t count; /* of all; entries are kept up to VIOLATIONS_KEPT */
};

void violations_add(struct violations *violations, const char *pointer, const char *rule, const char *detail_en,
                    const char *detail_sv);

#endif
