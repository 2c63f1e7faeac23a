/* exportAccessEvents: the rows of a statement, part after part, in NDJSON or CSV.
 *
 * The block `-- name:` is run first and writes the audit row of the export; only when that is committed is the block
 * `-- stream:` asked for its first part. Its columns are the JSON object of a row and the cursor from which the next
 * part goes on. Each part is a transaction of its own that begins with samsyn.enter: memory does not grow with the
 * number of rows, no transaction stays open while a slow client reads, and someone whose right ends meanwhile gets no
 * further. The columns of CSV are the properties of the contract's schema AccessEvent, in their order; without it,
 * those of the first row. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation/answer.h"
#include "operation/csv.h"
#include "operation/enter.h"
#include "operation/hooks.h"
#include "operation/run.h"

enum { COLUMN_ROW, COLUMN_CURSOR, COLUMNS };

struct export
{
    struct errand errand; /* a copy; what it borrows lives as long as the request, and so as the stream */
    struct arena *arena;  /* as long as the stream */
    struct arena *part_arena;
    struct db_rows part;
    size_t next; /* row of the part to pass on next */
    bool csv;
    const char **columns;
    size_t column_count;
    bool header_due;
    struct arena *line_arena; /* as long as `line` */
    struct buffer line;       /* the row being passed on */
    size_t passed;            /* bytes of it that have been */
};

static void name_columns(struct export *export, json_t *object)
{
    const char *name;
    json_t *value;
    export->columns = arena_alloc(export->arena, (json_object_size(object) + 1) * sizeof(*export->columns));
    json_object_foreach(object, name, value) if (strcmp(name, "_links") != 0) export->columns[export->column_count++] =
        arena_strdup(export->arena, name);
}

static void name_columns_by_contract(struct export *export, const struct errand *errand)
{
    const json_t *components = json_object_get(contract_json(errand->services->contract), "components");
    const json_t *schema = json_object_get(json_object_get(components, "schemas"), "AccessEvent");
    json_t *properties = json_object_get(schema, "properties");
    if (properties)
        name_columns(export, properties);
}

static bool render(struct export *export, const char *body)
{
    if (!export->csv) {
        buffer_put(&export->line, body);
        buffer_byte(&export->line, '\n');
        return true;
    }
    json_t *row = json_loads(body, 0, NULL);
    if (export->column_count == 0)
        name_columns(export, row);
    if (export->header_due)
        csv_header(&export->line, export->columns, export->column_count);
    export->header_due = false;
    csv_record(&export->line, export->columns, export->column_count, row);
    bool object = json_is_object(row);
    json_decref(row);
    return object;
}

/* Fetches the part after the last row passed on; an empty one is the end. */
static enum db_status next_part(struct export *export, struct db_reply *answer)
{
    struct errand *errand = &export->errand;
    if (export->part.rows > 0) {
        const char *cursor = export->part.cells[(export->part.rows - 1) * COLUMNS + COLUMN_CURSOR];
        json_object_set_new(errand->parameters, "cursor", json_string(cursor));
    }
    arena_destroy(export->part_arena);
    export->part_arena = arena_create();
    errand->arena = export->part_arena;
    const struct db_call calls[] = {enter_call(errand), errand_call(errand, &errand->plan->stream)};
    export->part = (struct db_rows){0};
    export->next = 0;
    enum db_status status =
        db_run(errand->services->db, calls, sizeof(calls) / sizeof(*calls), true, export->part_arena, answer);
    if (status == DB_OK)
        export->part = answer->results[1];
    return status;
}

/* Puts the next row into `line`; 1 when there is one, 0 at the end, -1 when the database or the right to it is gone. */
static int next_line(struct export *export)
{
    struct db_reply answer = {0};
    arena_destroy(export->line_arena);
    export->line_arena = arena_create();
    export->line = buffer_begin(export->line_arena, 2048);
    export->passed = 0;
    if (export->part.rows > 0 && export->next == export->part.rows && next_part(export, &answer) != DB_OK)
        return -1;
    if (export->next < export->part.rows)
        return render(export, export->part.cells[export->next++ * COLUMNS + COLUMN_ROW]) ? 1 : -1;
    if (export->csv && export->header_due && export->column_count > 0)
        csv_header(&export->line, export->columns, export->column_count);
    export->header_due = false;
    return export->line.length > 0;
}

static ssize_t pull(void *context, char *buffer, size_t size)
{
    struct export *export = context;
    size_t filled = 0;
    while (filled < size) {
        size_t left = export->line.length - export->passed;
        if (left == 0) {
            int more = next_line(export);
            if (more < 0)
                log_event(LOG_WARNING, "export-cut", NULL);
            if (more <= 0)
                return more < 0 ? -1 : (ssize_t)filled;
            continue;
        }
        size_t part = left < size - filled ? left : size - filled;
        memcpy(buffer + filled, export->line.bytes + export->passed, part);
        export->passed += part;
        filled += part;
    }
    return (ssize_t)filled;
}

static void finish(void *context)
{
    struct export *export = context;
    struct arena *arena = export->arena;
    arena_destroy(export->part_arena);
    arena_destroy(export->line_arena);
    arena_destroy(arena);
}

static void answer_stream(struct errand *errand, struct export *export)
{
    struct reply *reply = errand->reply;
    reply->status = 200;
    reply->type = errand->type;
    reply->pull = pull;
    reply->close = finish;
    reply->context = export;
    reply_header(reply, "Content-Disposition",
                 export->csv ? "attachment; filename=\"access-events.csv\""
                             : "attachment; filename=\"access-events.ndjson\"");
}

static void begin_stream(struct errand *errand)
{
    struct arena *arena = arena_create();
    struct export *export = arena_alloc(arena, sizeof(*export));
    struct db_reply answer = {0};
    export->arena = arena;
    export->errand = *errand;
    export->csv = strcmp(errand->type, "text/csv") == 0;
    export->header_due = export->csv;
    if (export->csv)
        name_columns_by_contract(export, errand);
    enum db_status status = next_part(export, &answer);
    if (status == DB_OK) {
        answer_stream(errand, export);
    } else {
        run_failed(errand, status, &answer);
        finish(export);
    }
}

void hook_export(struct errand *errand)
{
    const struct db_rows *rows = run_statements(errand);
    if (!rows || !answer_found(errand, rows))
        return;
    if (strcmp(request_method(errand->request), "HEAD") == 0) {
        errand->reply->status = 200;
        errand->reply->type = errand->type;
    } else {
        begin_stream(errand);
    }
}
