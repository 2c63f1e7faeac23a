#include "log/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 65536 };

static bool fail(const char *file, const char *what, char **why)
{
    if (asprintf(why, "%s: %s", file, what) < 0)
        abort();
    return false;
}

static bool is_signed(const struct note *note, const struct note_verifier *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (note_verified(note, keys[i], NULL))
            return true;
    return false;
}

bool memory_read(const char *file, const char *origin, const struct note_verifier *const *keys, size_t count,
                 struct arena *arena, struct checkpoint *checkpoint, char **why)
{
    FILE *in = fopen(file, "re");
    if (!in && errno == ENOENT) {
        *checkpoint = (struct checkpoint){.origin = origin, .root = merkle_empty()};
        return true;
    }
    if (!in)
        return fail(file, strerror(errno), why);
    char *bytes = arena_alloc(arena, FILE_MAX);
    size_t length = fread(bytes, 1, FILE_MAX, in);
    bool broken = ferror(in) != 0;
    fclose(in);
    struct note note;
    const char *what = broken ? "cannot be read" : note_parse(bytes, length, arena, &note);
    if (!what)
        what = checkpoint_parse(note.text, arena, checkpoint);
    if (!what && strcmp(checkpoint->origin, origin) != 0)
        what = "is a checkpoint of another origin";
    if (!what && !is_signed(&note, keys, count))
        what = "is signed by none of the log's keys";
    return !what || fail(file, what, why);
}

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return fsync(descriptor) == 0;
}

bool memory_sync_folder(const char *file)
{
    char *copy = strdup(file);
    if (!copy)
        abort();
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    free(copy);
    return good;
}

bool memory_write(const char *file, const char *note, char **why)
{
    char *fresh;
    if (asprintf(&fresh, "%s.new", file) < 0)
        abort();
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = descriptor >= 0 && write_all(descriptor, note, strlen(note));
    if (descriptor >= 0)
        good = close(descriptor) == 0 && good;
    good = good && rename(fresh, file) == 0 && memory_sync_folder(file);
    if (!good)
        fail(file, strerror(errno), why);
    free(fresh);
    return good;
}
