#include "log/signing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/memory.h"
#include "log/store.h"
#include "log/tile_set.h"

/* One run. */
struct run {
    const struct signing *signing;
    struct script *script;
    struct arena *arena;
    struct checkpoint newest;
    const char *text; /* of the newest */
    char **why;
};

static enum signing_result refuse(struct run *run, const char *what, uint64_t size)
{
    if (asprintf(run->why, "%s %" PRIu64 " entries, which has been signed", what, size) < 0)
        abort();
    return SIGNING_REFUSED;
}

/* The newest tree, of size 0 when there is none. */
static bool read_newest(struct run *run)
{
    struct db_rows rows;
    const unsigned char *root;
    size_t length;
    run->newest = (struct checkpoint){.origin = run->signing->origin, .root = merkle_empty()};
    if (!script_call(run->script, "select size, root from samsyn.log_trees order by size desc limit 1", 0, NULL,
                     run->arena, &rows, run->why))
        return false;
    if (rows.rows == 1 && tile_read_bytea(rows.cells[1], run->arena, &root, &length) && length == MERKLE_HASH) {
        run->newest.size = strtoull(rows.cells[0], NULL, 10);
        memcpy(run->newest.root.bytes, root, MERKLE_HASH);
    }
    run->text = checkpoint_text(&run->newest, run->arena);
    return true;
}

/* Whether the newest tree continues `known`, which has been signed: by the tiles themselves, not by what a table says
 * of them. */
static enum signing_result compare(struct run *run, const struct checkpoint *known)
{
    struct merkle_hash root;
    struct merkle_proof proof;
    if (known->size > run->newest.size)
        return refuse(run, "the tree in the database is smaller than that of", known->size);
    if (!store_root(run->script, run->newest.size, &root, run->why) ||
        !store_consistency(run->script, known->size, run->newest.size, &proof, run->why))
        return SIGNING_FAILED;
    if (!merkle_equal(&root, &run->newest.root) ||
        !merkle_verify_consistency(known->size, run->newest.size, &known->root, &run->newest.root, &proof))
        return refuse(run, "the tree in the database does not continue that of", known->size);
    return SIGNING_DONE;
}

/* What this node has signed last. */
static bool recall(struct run *run, struct checkpoint *known)
{
    const struct signing *signing = run->signing;
    const struct note_verifier **keys = arena_alloc(run->arena, (signing->count + 1) * sizeof(*keys));
    for (size_t i = 0; i < signing->count; i++)
        keys[i] = note_signer_verifier(signing->signers[i]);
    return memory_read(signing->memory, signing->origin, keys, signing->count, run->arena, known, run->why);
}

static bool has_signed(struct run *run, const struct note_verifier *key, bool *signs)
{
    struct db_rows rows;
    const char *values[] = {arena_printf(run->arena, "%" PRIu64, run->newest.size), key->name,
                            tile_write_bytea(key->id, sizeof(key->id), run->arena)};
    bool good = script_call(
        run->script, "select from samsyn.log_signatures where size = $1::bigint and name = $2 and key_id = $3::bytea",
        3, values, run->arena, &rows, run->why);
    *signs = good && rows.rows > 0;
    return good;
}

static bool keep(struct run *run, const struct note_verifier *key, const char *line)
{
    struct db_rows rows;
    const char *values[] = {arena_printf(run->arena, "%" PRIu64, run->newest.size), key->name,
                            tile_write_bytea(key->id, sizeof(key->id), run->arena), note_verifier_text(key, run->arena),
                            line};
    return script_call(run->script, "select samsyn.sign_tree($1::bigint, $2, $3::bytea, $4, 'log', $5)", 5, values,
                       run->arena, &rows, run->why);
}

/* Remembered before it is published: what nobody has seen may be forgotten, never the other way round. */
static enum signing_result sign(struct run *run, const bool *missing)
{
    const struct signing *signing = run->signing;
    const char **lines = arena_alloc(run->arena, signing->count * sizeof(*lines));
    const char *note = arena_printf(run->arena, "%s\n", run->text);
    for (size_t i = 0; i < signing->count; i++) {
        lines[i] = note_sign(signing->signers[i], run->text, 0, run->arena);
        note = arena_printf(run->arena, "%s%s", note, lines[i]);
    }
    if (!memory_write(signing->memory, note, run->why))
        return SIGNING_FAILED;
    for (size_t i = 0; i < signing->count; i++)
        if (missing[i] && !keep(run, note_signer_verifier(signing->signers[i]), lines[i]))
            return SIGNING_FAILED;
    return SIGNING_DONE;
}

/* Which keys have not signed the newest tree yet. */
static bool find_missing(struct run *run, bool *missing, bool *any)
{
    for (size_t i = 0; i < run->signing->count && run->newest.size > 0; i++) {
        bool there;
        if (!has_signed(run, note_signer_verifier(run->signing->signers[i]), &there))
            return false;
        missing[i] = !there;
        *any = *any || !there;
    }
    return true;
}

/* What another node has signed is remembered here too, once it has been checked. */
static enum signing_result run_all(struct run *run)
{
    struct checkpoint known;
    bool *missing = arena_alloc(run->arena, (run->signing->count + 1) * sizeof(*missing));
    bool any = false;
    if (run->signing->count == 0)
        return SIGNING_DONE;
    if (!script_run(run->script, "begin isolation level repeatable read", run->why) || !read_newest(run) ||
        !find_missing(run, missing, &any))
        return SIGNING_FAILED;
    if (!recall(run, &known))
        return SIGNING_REFUSED;
    bool news = known.size != run->newest.size || !merkle_equal(&known.root, &run->newest.root);
    enum signing_result result = news || any ? compare(run, &known) : SIGNING_DONE;
    return result == SIGNING_DONE && (news || any) ? sign(run, missing) : result;
}

enum signing_result signing_run(const struct signing *signing, struct script *script, uint64_t *size, char **why)
{
    struct run run = {.signing = signing, .script = script, .arena = arena_create(), .why = why};
    enum signing_result result = run_all(&run);
    if (result == SIGNING_DONE && signing->count > 0 && !script_commit(script, why))
        result = SIGNING_FAILED;
    if (result == SIGNING_DONE && signing->count > 0)
        *size = run.newest.size;
    if (result == SIGNING_REFUSED) {
        char *ignored = NULL;
        if (!script_run(script, "rollback", &ignored))
            free(ignored);
    }
    arena_destroy(run.arena);
    return result;
}
