/* The witnesses that a log asks for cosignatures: a file with a line `VKEY URL` for each, empty lines and those that
 * begin with # left out. */
#ifndef SAMSYN_LOG_WITNESS_LIST_H
#define SAMSYN_LOG_WITNESS_LIST_H

#include "log/note.h"

enum { WITNESSES_MAX = 16 };

struct witness {
    struct note_verifier verifier; /* of kind NOTE_COSIGNED */
    const char *url;               /* of its add-checkpoint */
};

struct witness_list {
    size_t count;
    struct witness witnesses[WITNESSES_MAX];
};

/* Reads the file; its strings are lent by the arena. The URL is that before `/add-checkpoint` (the submission prefix of
 * C2SP tlog-witness): https, or http to the loopback interface. False with `*why` (malloc'd), which names the line. */
bool witness_list_read(const char *file, struct arena *arena, struct witness_list *list, char **why);

#endif
