/* exportAccessEvents and exportLogServiceRecords: the access log in NDJSON or CSV. The columns of CSV are the
 * properties of the contract's schema AccessEvent, in their order; without it, those of the first row. */
#include <string.h>

#include "operation/csv.h"
#include "operation/export_proofs.h"
#include "operation/hooks.h"
#include "operation/stream.h"

struct export
{
    struct arena *arena; /* as long as the stream */
    const char **columns;
    size_t column_count;
    bool header_due;
};

/* What a reply says of itself beside the event, and an export does not. */
static bool beside_the_event(const char *name)
{
    return strcmp(name, "_links") == 0 || strcmp(name, "provable") == 0;
}

static void name_columns(struct export *export, json_t *object)
{
    const char *name;
    json_t *value;
    export->columns = arena_alloc(export->arena, (json_object_size(object) + 1) * sizeof(*export->columns));
    json_object_foreach(object, name, value) if (!beside_the_event(name)) export->columns[export->column_count++] =
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

static bool put_ndjson(void *context, const char *body, struct buffer *text)
{
    (void)context;
    buffer_put(text, body);
    buffer_byte(text, '\n');
    return true;
}

static void put_csv_header(void *context, struct buffer *text)
{
    struct export *export = context;
    if (export->column_count > 0 && export->header_due)
        csv_header(text, export->columns, export->column_count);
    export->header_due = export->header_due && export->column_count == 0;
}

static bool put_csv(void *context, const char *body, struct buffer *text)
{
    struct export *export = context;
    json_t *row = json_loads(body, 0, NULL);
    if (export->column_count == 0)
        name_columns(export, row);
    put_csv_header(export, text);
    csv_record(text, export->columns, export->column_count, row);
    bool object = json_is_object(row);
    json_decref(row);
    return object;
}

static const struct stream_writer ndjson = {.row = put_ndjson};
static const struct stream_writer csv = {.begin = put_csv_header, .row = put_csv};

static bool with_proofs(const struct errand *errand)
{
    return json_is_true(json_object_get(errand->parameters, "proofs"));
}

/* A proof is of JSON as it was told. */
static void refuse_proofs(struct errand *errand)
{
    struct violations violations = {.arena = errand->arena};
    violations_add(&violations, "/query/proofs", "type", "Proofs are handed out as application/x-ndjson only",
                   "Bevis lämnas ut bara som application/x-ndjson");
    errand_problem(errand, ERROR_INVALID_REQUEST, NULL, &violations);
}

static void export_proved(struct errand *errand, const char *head)
{
    json_t *body = json_loads(head, 0, NULL);
    reply_header(errand->reply, "Content-Disposition", "attachment; filename=\"access-events-with-proofs.ndjson\"");
    export_proofs(errand, json_object_get(body, "head"));
    json_decref(body);
}

void hook_export(struct errand *errand)
{
    const char *head;
    if (with_proofs(errand) && strcmp(errand->type, "application/x-ndjson") != 0) {
        refuse_proofs(errand);
        return;
    }
    if (!stream_open(errand, &head))
        return;
    if (with_proofs(errand)) {
        export_proved(errand, head);
        return;
    }
    bool is_csv = strcmp(errand->type, "text/csv") == 0;
    struct arena *arena = arena_create();
    struct export *export = arena_alloc(arena, sizeof(*export));
    *export = (struct export){.arena = arena, .header_due = is_csv};
    if (is_csv)
        name_columns_by_contract(export, errand);
    reply_header(errand->reply, "Content-Disposition",
                 arena_printf(errand->arena, "attachment; filename=\"%s.%s\"",
                              strrchr(errand->operation->path, '/') + 1, is_csv ? "csv" : "ndjson"));
    stream_answer(errand, arena, is_csv ? &csv : &ndjson, export);
}
