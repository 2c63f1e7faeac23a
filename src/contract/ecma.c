#include "contract/ecma.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS "\\s\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"

static char *put(char *to, const char *text, size_t length)
{
    memcpy(to, text, length);
    return to + length;
}

static char *put_blanks(char *to, bool in_class, bool negated)
{
    if (!in_class)
        to = put(to, negated ? "[^" : "[", negated ? 2 : 1);
    to = put(to, BLANKS, sizeof(BLANKS) - 1);
    return in_class ? to : put(to, "]", 1);
}

const char *ecma_pattern(const char *pattern, struct arena *arena)
{
    /* Each escape of two bytes becomes the blanks and at most three brackets. */
    char *result = arena_alloc(arena, strlen(pattern) * (sizeof(BLANKS) + 3) + 1), *to = result;
    bool in_class = false;
    for (const char *at = pattern; *at; at++) {
        bool escape = *at == '\\' && at[1];
        if (escape && (at[1] == 's' || at[1] == 'S')) {
            if (in_class && at[1] == 'S')
                return NULL;
            to = put_blanks(to, in_class, at[1] == 'S');
        } else {
            to = put(to, at, escape ? 2 : 1);
            in_class = escape ? in_class : *at == '[' || (in_class && *at != ']');
        }
        at += escape;
    }
    *to = '\0';
    return result;
}
