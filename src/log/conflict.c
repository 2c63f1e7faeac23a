#include "log/conflict.h"

#include <inttypes.h>

#include "log/tile_set.h"

const char conflict_sql[] = "select samsyn.report_conflict($1::text, $2::text, $3::text, $4::bigint, $5::text, "
                            "$6::bigint, $7::bytea, $8::text, "
                            "$9::text[])";

static const char *proof_array(const struct merkle_proof *proof, struct arena *arena)
{
    const char *items = "";
    for (size_t i = 0; i < proof->count; i++)
        items = arena_printf(arena, "%s%s%s", items, i > 0 ? "," : "", checkpoint_hash_text(&proof->hashes[i], arena));
    return arena_printf(arena, "{%s}", items);
}

void conflict_values(const struct conflict *conflict, struct arena *arena, const char *values[CONFLICT_VALUES])
{
    const struct checkpoint *offered = conflict->offered;
    values[0] = conflict->kind;
    values[1] = offered->origin;
    values[2] = conflict->witness;
    values[3] = arena_printf(arena, "%" PRIu64, conflict->kept_size);
    values[4] = conflict->kept_note;
    values[5] = arena_printf(arena, "%" PRIu64, offered->size);
    values[6] = tile_write_bytea(&offered->root, sizeof(offered->root), arena);
    values[7] = conflict->note;
    values[8] = proof_array(conflict->proof, arena);
}
