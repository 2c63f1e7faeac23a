#include "log/verify_database.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/verify_audit.h"

void audit_find(struct audit *audit, enum database_fault fault, const char *format, ...)
{
    va_list arguments;
    char *what = NULL;
    if (*audit->why)
        return; /* what is not there may only not have been read */
    va_start(arguments, format);
    if (vasprintf(&what, format, arguments) < 0)
        abort();
    va_end(arguments);
    audit->check->faults[fault]++;
    audit->check->find(audit->check->context, fault, what);
    free(what);
}

const char *const *audit_row(struct audit *audit, const char *sql, size_t count, const char *const *values,
                             struct arena *arena)
{
    struct db_rows rows;
    if (*audit->why || !script_call(audit->check->script, sql, count, values, arena, &rows, audit->why))
        return NULL;
    return rows.rows > 0 ? (const char *const *)rows.cells : NULL;
}

/* One look at everything, whatever is written meanwhile; and plans that give their first rows at once. */
static bool settle(struct audit *audit)
{
    struct script *script = audit->check->script;
    return script_run(script, "set transaction isolation level repeatable read, read only", audit->why) &&
           script_run(script, "set local cursor_tuple_fraction = 0.000001", audit->why) &&
           script_run(script, "set local jit = off", audit->why);
}

static void step_all(struct audit *audit)
{
    struct database_check *check = audit->check;
    for (uint64_t index = 0; index < check->newest.size && !*audit->why; index++) {
        struct merkle_hash leaf;
        const struct merkle_hash *hash = audit_trees_hash(audit, index);
        bool made = audit_rows_step(audit, index, hash, &leaf);
        audit_trees_step(audit, hash || !made ? hash : &leaf);
        check->progress(check->context, index + 1, check->newest.size);
    }
}

/* A log without any tree has no entries either. */
static bool run(struct audit *audit)
{
    struct database_check *check = audit->check;
    const char *const *newest = audit_row(
        audit,
        "select size, encode(root, 'base64'), last_txid, last_id from samsyn.log_trees order by size desc limit 1", 0,
        NULL, audit->arena);
    if (*audit->why)
        return false;
    check->newest = (struct checkpoint){.origin = check->trust->log.keys[0].name, .root = merkle_empty()};
    if (newest) {
        check->newest.size = strtoull(newest[0], NULL, 10);
        checkpoint_hash_parse(newest[1], &check->newest.root);
    }
    if (!audit_archives_begin(audit) ||
        !audit_rows_begin(audit, newest ? newest[2] : "0",
                          newest ? newest[3] : "00000000-0000-0000-0000-000000000000") ||
        !audit_trees_begin(audit))
        return false;
    step_all(audit);
    audit_rows_end(audit);
    audit_archives_end(audit);
    audit_trees_end(audit);
    return !*audit->why;
}

bool verify_database(struct database_check *check, char **why)
{
    struct audit audit = {.check = check, .why = why, .arena = arena_create()};
    audit.edge = arena_alloc(audit.arena, sizeof(*audit.edge));
    *why = NULL;
    bool good = settle(&audit) && run(&audit);
    verify_cursor_close(&audit.events);
    verify_cursor_close(&audit.entries);
    verify_cursor_close(&audit.archived);
    verify_cursor_close(&audit.tiles);
    verify_cursor_close(&audit.trees);
    arena_destroy(audit.arena);
    return good;
}
