#include "db/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 64 };

/* FNV-1a: short keys, no adversary. */
static size_t hash(const char *name)
{
    uint64_t h = 14695981039346656037u;
    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    return (size_t)(h ^ (h >> 32));
}

/* The slot that holds `name`, or the free one where it belongs. */
static char **find(char **slots, size_t size, const char *name)
{
    size_t i = hash(name) & (size - 1);
    while (slots[i] && strcmp(slots[i], name) != 0)
        i = (i + 1) & (size - 1);
    return &slots[i];
}

static void grow(struct names *names)
{
    size_t size = names->size ? names->size * 2 : FIRST_SIZE;
    char **slots = calloc(size, sizeof(*slots));
    if (!slots)
        abort();
    for (size_t i = 0; i < names->size; i++)
        if (names->slots[i])
            *find(slots, size, names->slots[i]) = names->slots[i];
    free(names->slots);
    names->slots = slots;
    names->size = size;
}

bool names_has(const struct names *names, const char *name)
{
    return names->size && *find(names->slots, names->size, name);
}

void names_add(struct names *names, const char *name)
{
    if (names->count * 2 >= names->size)
        grow(names);
    char **slot = find(names->slots, names->size, name);
    if (*slot)
        return;
    *slot = strdup(name);
    if (!*slot)
        abort();
    names->count++;
}

void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->size; i++)
        free(names->slots[i]);
    free(names->slots);
    *names = (struct names){0};
}
