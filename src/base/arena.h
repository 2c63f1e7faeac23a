/* A memory pool for one request: everything is allocated from it and released at once. */
#ifndef SAMSYN_BASE_ARENA_H
#define SAMSYN_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Creates an empty arena. The caller owns it. Aborts when memory is exhausted, as every
 * function here does: a request that cannot allocate cannot answer either. */
struct arena *arena_create(void);

/* Runs the deferred releases in reverse order and frees everything the arena lent. NULL is allowed. */
void arena_destroy(struct arena *arena);

/* Lends `size` zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* Lends a copy of the string `text` (NULL gives NULL), or of its first `length` bytes. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* Lends a formatted string. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Steals `thing`: `release(thing)` runs when the arena is destroyed. */
void arena_defer(struct arena *arena, void (*release)(void *), void *thing);

/* Bytes lent so far; for tests and metrics. */
size_t arena_used(const struct arena *arena);

#endif
