#include "operation/proof.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "log/checkpoint.h"
#include "operation/buffer.h"
#include "operation/enter.h"
#include "operation/run.h"

#define FOUND EVENT_COLUMNS ", coalesce(e.organisation_id = samsyn.organisation(), false), x.index"

/* Through the row policy, by which the principal was told the events: nobody gets a row by knowing its name. One by one
 * by their keys, which name the month too, however many a plan would expect. */
static const char events_sql[] =
    "select " FOUND ", w.n from unnest($1::uuid[], $2::timestamptz[]) with ordinality w (id, at, n) "
    "cross join lateral (select e.* from samsyn.access_events e where e.id = w.id and e.at = w.at offset 0) e "
    "cross join lateral (select x.index from samsyn.log_entries x where x.id = e.id and x.at = e.at offset 0) x";
static const char event_sql[] = "select " FOUND ", 1 from samsyn.access_events e "
                                "cross join lateral (select samsyn.sealed_index(e.id, e.at) as index offset 0) x "
                                "where e.id = $1::uuid and x.index is not null";

enum { CELL_OWN = EVENT_CELLS, CELL_INDEX, CELL_NUMBER, CELLS };

static const struct db_call calls[] = {
    {"proof_tiles", tile_set_sql, 2, NULL}, {"proof_events", events_sql, 2, NULL}, {"proof_event", event_sql, 1, NULL}};

enum { CALL_TILES, CALL_EVENTS, CALL_EVENT };

const struct db_call *proof_calls(size_t *count)
{
    *count = sizeof(calls) / sizeof(*calls);
    return calls;
}

static bool fail(struct errand *errand, const char *what)
{
    log_event(LOG_ERROR, "proof-failed", "{s:s, s:s, s:s}", "reason", what, "operation", errand->operation->id,
              "requestId", request_id(errand->request));
    errand_problem(errand, ERROR_INTERNAL, NULL, NULL);
    return false;
}

bool proof_fetch(struct errand *errand, struct tile_set *set)
{
    const char *values[2];
    struct db_reply answer = {0};
    struct db_call call = calls[CALL_TILES];
    if (set->count == 0)
        return true;
    tile_set_values(set, values);
    call.values = values;
    enum db_status status = db_run(errand->services->db, &call, 1, true, errand->arena, &answer);
    if (status != DB_OK) {
        run_failed(errand, status, &answer);
        return false;
    }
    const struct db_rows *rows = &answer.results[0];
    for (size_t i = 0; i < rows->rows; i++)
        if (!tile_set_add(set, (const char *const *)rows->cells + 3 * i))
            return fail(errand, "a tile is malformed");
    return tile_set_complete(set) || fail(errand, "a tile is missing or too narrow");
}

/* Asked twice: without a tile, which tells the tiles that it takes, and with them. */
static bool prove(struct errand *errand, merkle_prove *ask, uint64_t one, uint64_t other, struct merkle_proof *proof)
{
    struct tile_set set;
    tile_set_begin(&set, errand->arena);
    struct merkle_source source = tile_set_source(&set);
    return (ask(&source, one, other, proof) || fail(errand, "there is no such proof")) && proof_fetch(errand, &set) &&
           ask(&source, one, other, proof);
}

bool proof_inclusion(struct errand *errand, uint64_t index, uint64_t size, struct merkle_proof *proof)
{
    return prove(errand, merkle_prove_inclusion, index, size, proof);
}

bool proof_consistency(struct errand *errand, uint64_t from, uint64_t to, struct merkle_proof *proof)
{
    return prove(errand, merkle_prove_consistency, from, to, proof);
}

static bool take_event(struct errand *errand, const char *const *cells, struct proof_event *events, size_t count)
{
    size_t number = strtoul(cells[CELL_NUMBER], NULL, 10);
    if (number < 1 || number > count || !event_read(cells, errand->arena, &events[number - 1].row))
        return fail(errand, "a row of the access log cannot be read");
    events[number - 1].found = true;
    events[number - 1].own = strcmp(cells[CELL_OWN], "t") == 0;
    events[number - 1].index = strtoull(cells[CELL_INDEX], NULL, 10);
    return true;
}

static bool take_events(struct errand *errand, const struct db_rows *rows, struct proof_event *events, size_t count)
{
    for (size_t i = 0; i < rows->rows; i++)
        if (!take_event(errand, (const char *const *)rows->cells + CELLS * i, events, count))
            return false;
    return true;
}

bool proof_events(struct errand *errand, struct proof_event *events, size_t count)
{
    struct buffer ids = buffer_begin(errand->arena, 40 * count + 3),
                  times = buffer_begin(errand->arena, 40 * count + 3);
    struct db_reply answer = {0};
    for (size_t i = 0; i < count; i++) {
        buffer_byte(&ids, i > 0 ? ',' : '{');
        buffer_put(&ids, events[i].id);
        buffer_byte(&times, i > 0 ? ',' : '{');
        buffer_put(&times, events[i].at);
    }
    buffer_byte(&ids, '}');
    buffer_byte(&times, '}');
    const char *const values[] = {ids.bytes, times.bytes};
    struct db_call both[] = {enter_call(errand), calls[CALL_EVENTS]};
    both[1].values = values;
    enum db_status status = db_run(errand->services->db, both, 2, true, errand->arena, &answer);
    if (status != DB_OK) {
        run_failed(errand, status, &answer);
        return false;
    }
    return take_events(errand, &answer.results[1], events, count);
}

const struct db_rows *proof_event_statements(struct errand *errand, struct proof_event *event)
{
    const char *const values[] = {json_string_value(json_object_get(errand->parameters, "accessEventId"))};
    struct db_call call = calls[CALL_EVENT];
    call.values = values;
    const struct db_rows *rows = run_statements_and(errand, &call);
    *event = (struct proof_event){0};
    return rows && take_events(errand, rows + 1, event, 1) ? rows : NULL;
}

const char *proof_text(struct arena *arena, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    if (!text)
        abort();
    arena_defer(arena, free, text);
    return text;
}
