/* What this node has signed last, kept in a file outside the database: a database restored from a backup, or altered,
 * cannot make it sign a second history. */
#ifndef SAMSYN_LOG_MEMORY_H
#define SAMSYN_LOG_MEMORY_H

#include <stddef.h>

#include "log/checkpoint.h"

/* Reads the signed checkpoint in `file`, lent by the arena. A file that is not there is the empty tree. False with
 * `*why` (malloc'd) when it cannot be read, is of another origin, or is not signed by any of the `count` keys. */
bool memory_read(const char *file, const char *origin, const struct note_verifier *const *keys, size_t count,
                 struct arena *arena, struct checkpoint *checkpoint, char **why);

/* Replaces it by `note`, on the disk before it returns. False with `*why` (malloc'd): then the former one stands. */
bool memory_write(const char *file, const char *note, char **why);

/* A file that was renamed or linked keeps its name when its folder has been written, too: false with errno when that
 * fails. */
bool memory_sync_folder(const char *file);

#endif
