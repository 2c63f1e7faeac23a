/* Rows and entries of the log side by side: rows in the order of transactions, entries in that of their index. As long
 * as nothing was tampered with, the two are in step; where they are not, what is odd is looked up, and both go on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/verify_audit.h"

enum { ENTRY_INDEX, ENTRY_ID, ENTRY_AT };

bool audit_rows_begin(struct audit *audit, const char *txid, const char *id)
{
    struct script *script = audit->check->script;
    const char *events = arena_printf(audit->arena,
                                      "select " EVENT_COLUMNS " from samsyn.access_events e\n"
                                      "where (e.txid, e.id) <= ('%s'::xid8, '%s'::uuid) order by e.txid, e.id",
                                      txid, id);
    return verify_cursor_open(&audit->events, script, "log_audit_events", "fetch 1000 from log_audit_events", events,
                              audit->why) &&
           verify_cursor_open(&audit->entries, script, "log_audit_entries", "fetch 5000 from log_audit_entries",
                              "select index, id, samsyn.utc_micro(at) from samsyn.log_entries order by index",
                              audit->why);
}

/* Less than, equal to or greater than 0, in the order in which rows are sealed. */
static int compare(const char *txid, const char *id, const char *other_txid, const char *other_id)
{
    size_t length = strlen(txid), other = strlen(other_txid);
    int order = length != other ? (length < other ? -1 : 1) : strcmp(txid, other_txid);
    return order != 0 ? order : strcmp(id, other_id);
}

/* -- one row ------------------------------------------------------------------------------------------------------ */

static void keep_place(struct audit *audit, uint64_t index, const char *const *row)
{
    snprintf(audit->txid, sizeof(audit->txid), "%s", row[EVENT_TXID]);
    snprintf(audit->id, sizeof(audit->id), "%s", row[EVENT_ID]);
    audit->behind = index + 1;
}

/* What is to be said of a row that is as it was sealed. */
static void check_place(struct audit *audit, uint64_t index, const char *const *row, const char *const *entry)
{
    const char *id = row[EVENT_ID], *at = row[EVENT_AT];
    if (strcmp(at, entry[ENTRY_AT]) != 0)
        audit_find(audit, DATABASE_ALTERED, "entry %" PRIu64 ", event %s of %s: its entry says %s", index, id, at,
                   entry[ENTRY_AT]);
    if (*audit->id && compare(row[EVENT_TXID], id, audit->txid, audit->id) <= 0)
        audit_find(audit, DATABASE_ORDER, "entry %" PRIu64 ", event %s of %s: it is older than the entry before it",
                   index, id, at);
    if (strcmp(at, audit->not_before) < 0)
        audit_find(audit, DATABASE_BACKDATED,
                   "entry %" PRIu64 ", event %s of %s: the log was sealed without it more than an hour later", index,
                   id, at);
}

static bool check_row(struct audit *audit, uint64_t index, const char *const *row, const char *const *entry,
                      const struct merkle_hash *hash, struct merkle_hash *leaf)
{
    struct event event;
    struct arena *arena = arena_create();
    bool readable = event_read(row, arena, &event), same = readable;
    if (readable) {
        *leaf = event_leaf(&event, arena);
        same = !hash || merkle_equal(leaf, hash);
    }
    if (same)
        audit_archives_note(audit, &event);
    arena_destroy(arena);
    audit->check->rows++;
    if (!same) {
        audit_find(audit, DATABASE_ALTERED, "entry %" PRIu64 ", event %s of %s: the row is not the one that was sealed",
                   index, row[EVENT_ID], row[EVENT_AT]);
        return readable;
    }
    check_place(audit, index, row, entry);
    keep_place(audit, index, row);
    return true;
}

/* -- what is out of step ------------------------------------------------------------------------------------------ */

/* The row of that identifier: if there are several, the one of that time. */
static const char *const *find_row(struct audit *audit, const char *id, const char *at, struct arena *arena)
{
    const char *values[] = {id, at};
    return audit_row(audit,
                     "select " EVENT_COLUMNS
                     " from samsyn.access_events e where e.id = $1::uuid and e.txid is not null\n"
                     "order by samsyn.utc_micro(e.at) = $2 desc limit 1",
                     2, values, arena);
}

/* Whether the row has an entry, and which; false when it was inserted. */
static bool find_entry(struct audit *audit, const char *const *row, uint64_t *index, struct arena *arena)
{
    const char *values[] = {row[EVENT_ID], row[EVENT_AT]};
    const char *const *entry =
        audit_row(audit,
                  "select n.index, n.id, samsyn.utc_micro(n.at) from samsyn.log_entries n where n.id = $1::uuid\n"
                  "order by samsyn.utc_micro(n.at) = $2 desc limit 1",
                  2, values, arena);
    if (!entry)
        return false;
    *index = strtoull(entry[ENTRY_INDEX], NULL, 10);
    if (strcmp(entry[ENTRY_AT], row[EVENT_AT]) == 0)
        return true;
    const char *const *other = find_row(audit, entry[ENTRY_ID], entry[ENTRY_AT], arena);
    return other && strcmp(other[EVENT_AT], row[EVENT_AT]) == 0; /* its time was altered, or a second row added */
}

static void say_inserted(struct audit *audit, const char *const *row)
{
    audit_find(audit, DATABASE_INSERTED,
               "event %s of %s: a row that was not there when the log was sealed beyond its transaction", row[EVENT_ID],
               row[EVENT_AT]);
}

enum step { IN_STEP, BEHIND, AHEAD };

/* Moves rows away that are not of this entry and come before it. */
static enum step align(struct audit *audit, uint64_t index, const char *const *entry, const char *const **row)
{
    enum step step = AHEAD;
    while ((*row = verify_cursor_peek(&audit->events, audit->why)) && !*audit->why) {
        if (strcmp((*row)[EVENT_ID], entry[ENTRY_ID]) == 0 && strcmp((*row)[EVENT_AT], entry[ENTRY_AT]) == 0)
            return IN_STEP;
        struct arena *arena = arena_create();
        uint64_t place = 0;
        bool has_entry = find_entry(audit, *row, &place, arena);
        arena_destroy(arena);
        step = !has_entry || place < index ? BEHIND : (place == index ? IN_STEP : AHEAD);
        if (!has_entry)
            say_inserted(audit, *row);
        if (step != BEHIND)
            break;
        verify_cursor_move(&audit->events); /* of an earlier entry: looked at there */
    }
    return step;
}

/* The row is not where it should be: elsewhere, or nowhere. */
static bool search(struct audit *audit, uint64_t index, const char *const *entry, const char *const *present,
                   const struct merkle_hash *hash, struct merkle_hash *leaf)
{
    struct arena *arena = arena_create();
    const char *const *row = find_row(audit, entry[ENTRY_ID], entry[ENTRY_AT], arena);
    bool made = row && check_row(audit, index, row, entry, hash, leaf);
    if (!row)
        audit_find(audit, DATABASE_MISSING, "entry %" PRIu64 ", event %s of %s: there is no such row any more", index,
                   entry[ENTRY_ID], entry[ENTRY_AT]);
    else if (present && compare(row[EVENT_TXID], row[EVENT_ID], present[EVENT_TXID], present[EVENT_ID]) > 0)
        verify_cursor_move(&audit->events); /* that one is out of place, and looked at where its entry is */
    arena_destroy(arena);
    return made;
}

static bool step_entry(struct audit *audit, uint64_t index, const char *const *entry, const struct merkle_hash *hash,
                       struct merkle_hash *leaf)
{
    const char *const *row;
    if (align(audit, index, entry, &row) != IN_STEP || !row)
        return search(audit, index, entry, row, hash, leaf);
    bool made = check_row(audit, index, row, entry, hash, leaf);
    verify_cursor_move(&audit->events);
    return made;
}

bool audit_rows_step(struct audit *audit, uint64_t index, const struct merkle_hash *hash, struct merkle_hash *leaf)
{
    const char *const *entry;
    while ((entry = verify_cursor_peek(&audit->entries, audit->why))) {
        uint64_t present = strtoull(entry[ENTRY_INDEX], NULL, 10);
        if (present > index)
            break;
        bool made = false;
        if (present < index)
            audit_find(audit, DATABASE_INSERTED, "entry %" PRIu64 ", event %s of %s: there is another of that index",
                       present, entry[ENTRY_ID], entry[ENTRY_AT]);
        else
            made = step_entry(audit, index, entry, hash, leaf);
        verify_cursor_move(&audit->entries);
        if (present == index)
            return made;
    }
    if (audit_archives_have(audit, index))
        audit->check->archived++;
    else
        audit_find(audit, DATABASE_MISSING, "entry %" PRIu64 ": it is not known any more which event it was", index);
    return false;
}

void audit_rows_end(struct audit *audit)
{
    const char *const *cells;
    for (; (cells = verify_cursor_peek(&audit->entries, audit->why)); verify_cursor_move(&audit->entries))
        audit_find(audit, DATABASE_INSERTED, "entry %s, event %s of %s: the log is not that long", cells[ENTRY_INDEX],
                   cells[ENTRY_ID], cells[ENTRY_AT]);
    for (; (cells = verify_cursor_peek(&audit->events, audit->why)); verify_cursor_move(&audit->events)) {
        struct arena *arena = arena_create();
        uint64_t place;
        if (!find_entry(audit, cells, &place, arena))
            say_inserted(audit, cells);
        arena_destroy(arena);
    }
}
