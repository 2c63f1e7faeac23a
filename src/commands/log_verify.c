/* samsyn log verify FILE: what the log has given away, checked by its checkpoint alone. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/auditor.h"
#include "commands/commands.h"
#include "log/verify_file.h"

enum { CHUNK = 1 << 16 };

static void complain(void *context, uint64_t line, const char *what)
{
    if (line > 0)
        auditor_tell(context, "line %" PRIu64 ": %s", line, what);
    else
        auditor_tell(context, "%s", what);
}

static FILE *open_file(const char *path, uint64_t *size)
{
    struct stat about;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    *size = file && fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
    if (!file)
        command_fail("%s: %s", path, strerror(errno));
    return file;
}

/* False when the file could not be read to its end. */
static bool read_all(struct auditor *auditor, struct verify *verify, FILE *file, uint64_t size)
{
    static char chunk[CHUNK];
    uint64_t done = 0;
    progress_begin(&auditor->progress, stderr, "B", size);
    for (size_t length; (length = fread(chunk, 1, CHUNK, file)) > 0;) {
        verify_feed(verify, chunk, length);
        progress_update(&auditor->progress, done += length);
    }
    progress_clear(&auditor->progress);
    return !ferror(file);
}

static void print_unsealed(const struct verify_summary *summary)
{
    for (size_t i = 0; i < summary->unsealed_count; i++)
        auditor_print(i == 0 ? "not sealed" : "", "%s", summary->unsealed[i]);
}

static void print_shown(const struct verify_summary *summary)
{
    static const char *const kinds[] = {"file", "export", "archive", "proof"};
    auditor_print("checked", "%s, %" PRIu64 " lines", kinds[summary->kind], summary->lines);
    if (!summary->head.checkpoint.origin)
        return;
    auditor_print_checkpoint(&summary->head);
    if (summary->continues)
        auditor_print("continues", "the log of %" PRIu64 " entries", summary->since.checkpoint.size);
    if (summary->month)
        auditor_print("month", "%s; %" PRIu64 " entries of its tiles are not in it", summary->month, summary->hidden);
    if (*summary->oldest) {
        auditor_print("oldest", "%s", summary->oldest);
        auditor_print("newest", "%s", summary->newest);
    }
    print_unsealed(summary);
}

static void print_summary(const struct verify_summary *summary)
{
    print_shown(summary);
    if (!summary->believed)
        auditor_print("result", "WRONG: no checkpoint that is to be believed, so nothing is shown");
    else
        auditor_print("result", "%s: %" PRIu64 " of %" PRIu64 " events are shown to be entries of this log%s",
                      summary->wrong > 0 ? "WRONG" : "good", summary->shown, summary->events,
                      summary->wrong > 0 ? "" : ", as they were sealed");
    if (summary->wrong > 0)
        auditor_print("", "%" PRIu64 " complaint%s", summary->wrong, summary->wrong == 1 ? "" : "s");
}

static int check(struct auditor *auditor, FILE *file, uint64_t size)
{
    struct verify *verify = verify_create(&auditor->trust, auditor->kept, complain, auditor);
    bool good = read_all(auditor, verify, file, size);
    if (!good)
        command_fail("the file cannot be read: %s", strerror(errno));
    const struct verify_summary *summary = verify_finish(verify);
    print_summary(summary);
    int status = good ? (summary->wrong > 0 ? AUDITOR_WRONG : AUDITOR_GOOD) : AUDITOR_UNABLE;
    verify_free(verify);
    return status;
}

int command_log_verify(const struct options *options)
{
    const char *path = command_need(options, OPTION_INPUT);
    struct auditor auditor;
    uint64_t size;
    int status = AUDITOR_UNABLE;
    bool good = auditor_begin(&auditor, options) && path;
    FILE *file = good ? open_file(path, &size) : NULL;
    if (file)
        status = check(&auditor, file, size);
    if (file && file != stdin)
        fclose(file);
    auditor_end(&auditor);
    return status;
}
