/* samsyn log archive, samsyn log remove: the end of a month of the access log. It is written to a file first, and
 * removed by a step of its own, which makes the archive again and compares it with the file line by line: what is
 * removed is what the file holds, and what was sealed. Both log in as samsyn_retention. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands/commands.h"
#include "log/archive.h"
#include "log/memory.h"
#include "log/tile_set.h"

enum { TRIES = 60, LINE_CHUNK = 1 << 16 };

struct archiving {
    struct arena *arena;
    struct script *script;
    const char *month, *first_day;
    uint64_t events, size; /* of the month, and the newest signed tree */
    char *why;             /* malloc'd */
};

static bool fail(struct archiving *archiving, const char *file)
{
    if (!archiving->why && asprintf(&archiving->why, "%s: %s", file, strerror(errno)) < 0)
        abort();
    return false;
}

/* Calls what answers false when others were using the log just then, each time in a transaction of its own since
 * requests wait, until it answers true. */
static bool insist(struct script *script, const char *sql, size_t count, const char *const *values, char **why)
{
    const struct timespec second = {.tv_sec = 1};
    bool good = true, done = false;
    for (int i = 0; i < TRIES && good && !done; i++) {
        struct arena *arena = arena_create();
        struct db_rows rows;
        if (i > 0)
            nanosleep(&second, NULL);
        good = script_run(script, "begin", why) && script_call(script, sql, count, values, arena, &rows, why) &&
               script_commit(script, why);
        done = good && strcmp(rows.cells[0], "t") == 0;
        arena_destroy(arena);
    }
    if (good && !done)
        *why = strdup("something has been reading the log all the time, such as a dump: nothing is done");
    return done;
}

/* Connects, and puts rows into the partitions where they belong. */
static struct script *open_log(const struct options *options, char **why)
{
    struct script *script = script_begin(options_text(options, OPTION_RETENTION_DATABASE), why);
    if (script && script_commit(script, why) && insist(script, "select samsyn.sort_log_months()", 0, NULL, why) &&
        script_run(script, "begin", why))
        return script;
    script_end(script);
    return NULL;
}

/* Asks what the archive of `month` is to hold, which logs that it is read. */
static bool begin(struct archiving *archiving, const struct options *options, const char *month)
{
    struct db_rows rows;
    *archiving = (struct archiving){.arena = arena_create(), .month = month};
    archiving->first_day = arena_printf(archiving->arena, "%s-01", archiving->month);
    archiving->script = open_log(options, &archiving->why);
    bool good = archiving->script &&
                script_call(archiving->script, "select events, size from samsyn.begin_log_archive($1::date)", 1,
                            &archiving->first_day, archiving->arena, &rows, &archiving->why) &&
                script_commit(archiving->script, &archiving->why);
    if (good) {
        archiving->events = strtoull(rows.cells[0], NULL, 10);
        archiving->size = strtoull(rows.cells[1], NULL, 10);
    }
    return good;
}

static int end(struct archiving *archiving, bool good)
{
    if (!good)
        command_fail("%s", archiving->why);
    script_end(archiving->script);
    arena_destroy(archiving->arena);
    free(archiving->why);
    return good ? 0 : 1;
}

static void print_sum(const char *done, const struct archiving *archiving, const struct archive_sum *sum)
{
    printf("%s\t%s\t%" PRIu64 " events\tsha256 ", done, archiving->month, sum->events);
    for (size_t i = 0; i < sizeof(sum->sha256); i++)
        printf("%02x", sum->sha256[i]);
    putchar('\n');
}

/* Makes the archive; the month must have stayed as it was when it began. */
static bool make(struct archiving *archiving, const struct archive *archive, archive_emit emit, void *context,
                 struct archive_sum *sum)
{
    if (!archive_make(archiving->script, archive, emit, context, sum, &archiving->why))
        return false;
    if (sum->events == archiving->events)
        return true;
    archiving->why = strdup("the month has changed while it was read");
    return false;
}

/* -- samsyn log archive ------------------------------------------------------------------------------------------- */

static bool write_line(void *context, const char *line, size_t length, char **why)
{
    if (fwrite(line, 1, length, context) == length)
        return true;
    *why = strdup(strerror(errno));
    return false;
}

/* The file gets its name when all of it is on the disk, and never that of another. */
static bool write_archive(struct archiving *archiving, const char *path, struct archive_sum *sum)
{
    char *fresh = arena_printf(archiving->arena, "%s.XXXXXX", path);
    struct archive archive;
    int descriptor = mkostemp(fresh, O_CLOEXEC); /* mode 0600 */
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!file)
        return fail(archiving, path);
    bool good = archive_begin(archiving->script, archiving->month, archiving->size, archiving->arena, &archive,
                              &archiving->why) &&
                make(archiving, &archive, write_line, file, sum);
    good = good && ((fflush(file) == 0 && fsync(descriptor) == 0) || fail(archiving, path));
    good = (fclose(file) == 0 || fail(archiving, path)) && good;
    good = good && (link(fresh, path) == 0 || fail(archiving, path));
    unlink(fresh);
    return good && (memory_sync_folder(path) || fail(archiving, path));
}

static int archive_month(const struct options *options, const char *month, const char *path)
{
    struct archiving archiving;
    struct archive_sum sum;
    bool good = begin(&archiving, options, month) && write_archive(&archiving, path, &sum);
    if (good)
        print_sum("archived", &archiving, &sum);
    return end(&archiving, good);
}

static bool list_due(const struct options *options, struct arena *arena, struct db_rows *months, char **why)
{
    static const char due[] = "select to_char(month, 'YYYY-MM') from samsyn.log_months() where state = 'due'";
    struct script *script = open_log(options, why);
    bool good = script && script_rows(script, due, arena, months, why) && script_commit(script, why);
    script_end(script);
    return good;
}

/* What is wrong with one month does not keep others from being archived. */
static int archive_due(const struct options *options, const char *folder)
{
    struct arena *arena = arena_create();
    struct db_rows months = {0};
    char *why = NULL;
    struct stat there;
    if (stat(folder, &there) != 0 || !S_ISDIR(there.st_mode)) {
        arena_destroy(arena);
        return command_fail("--output: %s is no folder", folder);
    }
    int status = list_due(options, arena, &months, &why) ? 0 : command_fail("%s", why);
    for (size_t i = 0; i < months.rows; i++) {
        const char *path = arena_printf(arena, "%s/%s.ndjson", folder, months.cells[i]);
        if (access(path, F_OK) == 0)
            printf("there\t%s\t%s\n", months.cells[i], path);
        else if (archive_month(options, months.cells[i], path) != 0)
            status = 1;
    }
    if (status == 0 && months.rows == 0)
        puts("0 due");
    free(why);
    arena_destroy(arena);
    return status;
}

int command_log_archive(const struct options *options)
{
    const char *month = options_text(options, OPTION_MONTH), *path = options_text(options, OPTION_OUTPUT);
    if (!command_need(options, OPTION_RETENTION_DATABASE) || !command_need(options, OPTION_OUTPUT))
        return 1;
    if (!month)
        return archive_due(options, path);
    return access(path, F_OK) == 0 ? command_fail("%s is there already", path) : archive_month(options, month, path);
}

/* -- samsyn log remove -------------------------------------------------------------------------------------------- */

struct compared {
    FILE *file;
    uint64_t line;
};

static bool compare_line(void *context, const char *line, size_t length, char **why)
{
    struct compared *compared = context;
    char chunk[LINE_CHUNK];
    bool same = true;
    compared->line++;
    for (size_t done = 0, some; same && done < length; done += some) {
        some = length - done < sizeof(chunk) ? length - done : sizeof(chunk);
        same = fread(chunk, 1, some, compared->file) == some && memcmp(chunk, line + done, some) == 0;
    }
    if (!same && asprintf(why, "line %" PRIu64 " of the archive is not what the database holds", compared->line) < 0)
        abort();
    return same;
}

static bool compare_archive(struct archiving *archiving, FILE *file, struct archive *archive, struct archive_sum *sum)
{
    struct compared compared = {.file = file};
    char *line = NULL;
    size_t room = 0;
    ssize_t length = getline(&line, &room, file);
    bool good = length > 0 && length <= ARCHIVE_HEADER_MAX;
    if (!good)
        archiving->why = strdup("the file is no archive of an access log");
    good = good && archive_resume(archiving->script, archiving->month, line, (size_t)length, archiving->arena, archive,
                                  &archiving->why);
    free(line);
    rewind(file);
    if (!good || !make(archiving, archive, compare_line, &compared, sum))
        return false;
    if (fgetc(file) == EOF && !ferror(file))
        return true;
    archiving->why = strdup("the archive goes on behind its last line");
    return false;
}

static bool remove_month(struct archiving *archiving, const struct archive *archive, const struct archive_sum *sum)
{
    const char *values[] = {archiving->first_day, arena_printf(archiving->arena, "%" PRIu64, sum->events),
                            arena_printf(archiving->arena, "%" PRIu64, archive->checkpoint.size),
                            tile_write_bytea(sum->sha256, sizeof(sum->sha256), archiving->arena)};
    return insist(archiving->script, "select samsyn.remove_log_month($1::date, $2::bigint, $3::bigint, $4::bytea)", 4,
                  values, &archiving->why);
}

static bool confirm(struct archiving *archiving, const struct options *options)
{
    if (archiving->events == (uint64_t)options_number(options, OPTION_CONFIRM_COUNT))
        return true;
    if (asprintf(&archiving->why, "the month has %" PRIu64 " events and not %ld: nothing is removed", archiving->events,
                 options_number(options, OPTION_CONFIRM_COUNT)) < 0)
        abort();
    return false;
}

int command_log_remove(const struct options *options)
{
    const char *path = options_text(options, OPTION_ARCHIVE);
    struct archiving archiving;
    struct archive archive;
    struct archive_sum sum;
    if (!command_need(options, OPTION_RETENTION_DATABASE) || !command_need(options, OPTION_MONTH) ||
        !command_need(options, OPTION_ARCHIVE) || !command_need(options, OPTION_CONFIRM_COUNT))
        return 1;
    FILE *file = fopen(path, "re");
    if (!file)
        return command_fail("%s: %s", path, strerror(errno));
    bool good = begin(&archiving, options, options_text(options, OPTION_MONTH)) && confirm(&archiving, options) &&
                compare_archive(&archiving, file, &archive, &sum) && remove_month(&archiving, &archive, &sum);
    if (good)
        print_sum("removed", &archiving, &sum);
    fclose(file);
    return end(&archiving, good);
}
