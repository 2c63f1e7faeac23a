#include "operation/proof.h"

#include <stdlib.h>

#include "base/log.h"
#include "log/checkpoint.h"
#include "operation/run.h"

static const struct db_call calls[] = {{"proof_tiles", tile_set_sql, 2, NULL}};

enum { CALL_TILES };

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

bool proof_consistency(struct errand *errand, uint64_t from, uint64_t to, struct merkle_proof *proof)
{
    struct tile_set set;
    tile_set_begin(&set, errand->arena);
    struct merkle_source source = tile_set_source(&set);
    return (merkle_prove_consistency(&source, from, to, proof) || fail(errand, "there is no such proof")) &&
           proof_fetch(errand, &set) && merkle_prove_consistency(&source, from, to, proof);
}

json_t *proof_hashes(const struct merkle_proof *proof)
{
    struct arena *arena = arena_create();
    json_t *hashes = json_array();
    for (size_t i = 0; i < proof->count; i++)
        json_array_append_new(hashes, json_string(checkpoint_hash_text(&proof->hashes[i], arena)));
    arena_destroy(arena);
    return hashes;
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
