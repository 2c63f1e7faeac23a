/* Months of the log that were archived and removed. The database says which archive has them; that it was not made up
 * afterwards, to hide what is missing, follows from the event by which the removal was itself logged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/verify_audit.h"

enum { RANGE_FIRST, RANGE_END };
enum { ARCHIVE_ID, ARCHIVE_MONTH, ARCHIVE_SHA256, ARCHIVE_LATER };

static void take_archive(struct audit *audit, size_t i, const char *const *cells)
{
    struct database_archive *archive = &audit->check->archives[i];
    audit->archive_ids[i] = arena_strdup(audit->arena, cells[ARCHIVE_ID]);
    snprintf(archive->month, sizeof(archive->month), "%s", cells[ARCHIVE_MONTH]);
    snprintf(archive->sha256, sizeof(archive->sha256), "%s", cells[ARCHIVE_SHA256]);
    archive->vouched = strcmp(cells[ARCHIVE_LATER], "t") == 0;
}

/* The event that vouches for an archive may itself be in a later one, or not be sealed yet. */
bool audit_archives_begin(struct audit *audit)
{
    static const char archives[] =
        "select a.id, to_char(a.month, 'YYYY-MM'), encode(a.sha256, 'hex'), exists (\n"
        "    select from samsyn.log_archives b where b.month = date_trunc('month', a.removed_at)::date) or exists (\n"
        "    select from samsyn.access_events e where e.operation = 'removeAccessLog' and a.id = any (e.resource_ids)\n"
        "    and e.txid > (select t.last_txid from samsyn.log_trees t order by t.size desc limit 1))\n"
        "from samsyn.log_archives a order by a.month";
    static const char ranges[] =
        "select lower(r.r), upper(r.r) from samsyn.log_archives a, unnest(a.indexes) r (r) order by 1";
    struct database_check *check = audit->check;
    struct db_rows rows;
    struct arena *arena = arena_create();
    bool good = script_rows(check->script, archives, arena, &rows, audit->why);
    for (size_t i = 0; good && i < rows.rows && i < DATABASE_ARCHIVES_MAX; i++)
        take_archive(audit, check->archive_count++, (const char *const *)rows.cells + i * rows.columns);
    arena_destroy(arena);
    return good && verify_cursor_open(&audit->archived, check->script, "log_audit_archived",
                                      "fetch 1000 from log_audit_archived", ranges, audit->why);
}

bool audit_archives_have(struct audit *audit, uint64_t index)
{
    const char *const *range;
    while ((range = verify_cursor_peek(&audit->archived, audit->why)) && strtoull(range[RANGE_END], NULL, 10) <= index)
        verify_cursor_move(&audit->archived);
    return range && strtoull(range[RANGE_FIRST], NULL, 10) <= index;
}

void audit_archives_note(struct audit *audit, const struct event *event)
{
    struct database_check *check = audit->check;
    const struct event_list *named = &event->lists[EVENT_RESOURCE_IDS];
    const char *operation = event->texts[EVENT_OPERATION];
    if (!operation || strcmp(operation, "removeAccessLog") != 0 || named->count == 0)
        return;
    for (size_t i = 0; i < check->archive_count; i++)
        if (strcmp(audit->archive_ids[i], named->items[0]) == 0)
            check->archives[i].vouched = true;
}

void audit_archives_end(struct audit *audit)
{
    const struct database_check *check = audit->check;
    for (size_t i = 0; i < check->archive_count; i++)
        if (!check->archives[i].vouched)
            audit_find(audit, DATABASE_MISSING, "the month %s: no event says that it was removed into an archive",
                       check->archives[i].month);
}
