/* samsyn log audit: the log in the database against its own checkpoints, and against one that was kept. */
#include <inttypes.h>
#include <stdlib.h>

#include "commands/auditor.h"
#include "commands/commands.h"
#include "log/verify_database.h"

static const char *const names[DATABASE_FAULTS] = {"altered",   "missing", "inserted",  "order",
                                                   "backdated", "tree",    "signature", "kept"};

static void find(void *context, enum database_fault fault, const char *what)
{
    auditor_tell(context, "%s: %s", names[fault], what);
}

static void tell_progress(void *context, uint64_t done, uint64_t size)
{
    struct auditor *auditor = context;
    if (done % 256 == 0)
        progress_update(&auditor->progress, done);
    auditor->progress.total = size;
}

static uint64_t count_faults(const struct database_check *check)
{
    uint64_t count = 0;
    for (size_t i = 0; i < DATABASE_FAULTS; i++)
        count += check->faults[i];
    return count;
}

static void print_archived(const struct database_check *check)
{
    if (check->archived == 0)
        return;
    auditor_print("archived", "%" PRIu64 " entries, of which an archive alone can show the rows", check->archived);
    for (size_t i = 0; i < check->archive_count; i++)
        auditor_print("", "%s, SHA-256 %s", check->archives[i].month, check->archives[i].sha256);
}

static void print_summary(const struct database_check *check)
{
    uint64_t faults = count_faults(check);
    auditor_print("entries", "%" PRIu64 ", rows compared %" PRIu64, check->newest.size, check->rows);
    print_archived(check);
    auditor_print("trees", "%" PRIu64 ", signed %" PRIu64, check->trees, check->signed_trees);
    if (check->newest_signed.checkpoint.origin) {
        auditor_print_checkpoint(&check->newest_signed);
        auditor_print("not signed yet", "%" PRIu64 " entries",
                      check->newest.size - check->newest_signed.checkpoint.size);
    }
    if (check->trust->needed > 0)
        auditor_print("cosigned", "up to %" PRIu64 " entries", check->cosigned_size);
    if (check->kept)
        auditor_print("compared with", "the checkpoint of %" PRIu64 " entries that was kept", check->kept->size);
    for (size_t i = 0; i < DATABASE_FAULTS; i++)
        if (check->faults[i] > 0)
            auditor_print(names[i], "%" PRIu64, check->faults[i]);
    auditor_print("result", "%s", faults > 0 ? "WRONG" : "good: nothing altered, missing or inserted");
}

static int audit(struct auditor *auditor, struct script *script)
{
    struct database_check *check = calloc(1, sizeof(*check));
    char *why = NULL;
    if (!check)
        abort();
    *check = (struct database_check){.script = script,
                                     .trust = &auditor->trust,
                                     .kept = auditor->kept,
                                     .find = find,
                                     .progress = tell_progress,
                                     .context = auditor};
    progress_begin(&auditor->progress, stderr, " rows", 0);
    bool good = verify_database(check, &why);
    progress_clear(&auditor->progress);
    if (good)
        print_summary(check);
    else
        command_fail("%s", why);
    int status = good ? (count_faults(check) > 0 ? AUDITOR_WRONG : AUDITOR_GOOD) : AUDITOR_UNABLE;
    free(why);
    free(check);
    return status;
}

int command_log_audit(const struct options *options)
{
    const char *database = command_need(options, OPTION_OWNER_DATABASE);
    struct auditor auditor;
    char *why = NULL;
    int status = AUDITOR_UNABLE;
    bool good = auditor_begin(&auditor, options) && database;
    struct script *script = good ? script_begin(database, &why) : NULL;
    if (script)
        status = audit(&auditor, script);
    else if (good)
        command_fail("%s", why);
    script_end(script);
    free(why);
    auditor_end(&auditor);
    return status;
}
