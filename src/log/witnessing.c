#include "log/witnessing.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/fetch.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rounds.h"
#include "log/conflict.h"
#include "log/store.h"
#include "log/tile_set.h"
#include "log/witness.h"

/* A witness is asked every two seconds at most, and one that fails after four, eight, up to 256. */
enum { PERIOD_S = 2, DOUBLINGS_MAX = 7 };

struct guard {
    const struct witness *witness;
    char *complaint;   /* what was last told to the log, or NULL */
    unsigned troubles; /* in a row */
    int64_t due_us;    /* monotonic */
    struct witnessing_gauges gauges;
};

struct witnessing {
    const char *conninfo;
    size_t count;
    struct guard guards[WITNESSES_MAX];
    struct script *script; /* NULL while there is no connection */
    struct rounds *rounds;
    pthread_mutex_t lock; /* of all gauges */
};

enum result {
    WITNESSING_DONE,    /* cosigned, now or before; or nothing to ask */
    WITNESSING_FAILED,  /* the witness gave no answer of use */
    WITNESSING_REFUSED, /* log and witness do not agree */
    WITNESSING_BROKEN   /* the database did */
};

/* One attempt with one witness. */
struct attempt {
    struct witnessing *witnessing;
    const struct witness *witness;
    const atomic_bool *stopping;
    struct arena *arena;
    struct checkpoint newest; /* signed */
    const char *signed_note, *text;
    uint64_t cosigned; /* size of the newest that the witness has cosigned */
    const char *cosigned_note;
    bool set_back; /* it knows less than that */
    uint64_t from; /* what is asked from, and the proof of it */
    struct merkle_proof proof;
    char **why;
};

static enum result say(struct attempt *attempt, enum result result, const char *what)
{
    *attempt->why = strdup(what);
    if (!*attempt->why)
        abort();
    return result;
}

/* -- what is known ------------------------------------------------------------------------------------------------- */

/* The newest checkpoint and the newest cosigned. WITNESSING_DONE with no signed_note when there is nothing to ask. */
static enum result look(struct attempt *attempt)
{
    const struct note_verifier *verifier = &attempt->witness->verifier;
    const char *values[] = {verifier->name, tile_write_bytea(verifier->id, sizeof(verifier->id), attempt->arena)};
    struct script *script = attempt->witnessing->script;
    struct db_rows rows;
    struct note note;
    if (!script_run(script, "begin", attempt->why) ||
        !script_call(script, "select checkpoint, cosigned, cosigned_checkpoint from samsyn.begin_witnessing($1, $2)", 2,
                     values, attempt->arena, &rows, attempt->why))
        return WITNESSING_BROKEN;
    if (rows.rows == 0)
        return WITNESSING_DONE;
    const char *signed_note = rows.cells[0];
    attempt->cosigned = strtoull(rows.cells[1], NULL, 10);
    attempt->cosigned_note = rows.cells[2];
    if (note_parse(signed_note, strlen(signed_note), attempt->arena, &note) ||
        checkpoint_parse(note.text, attempt->arena, &attempt->newest))
        return say(attempt, WITNESSING_BROKEN, "the newest checkpoint is malformed");
    if (attempt->cosigned < attempt->newest.size)
        attempt->signed_note = signed_note;
    attempt->text = note.text;
    return WITNESSING_DONE;
}

/* -- what does not agree ------------------------------------------------------------------------------------------- */

/* Keeps it with the evidence. False when the database breaks. */
static bool report(struct attempt *attempt, const char *kind, uint64_t kept)
{
    const struct conflict conflict = {.kind = kind,
                                      .witness = attempt->witness->verifier.name,
                                      .kept_size = kept,
                                      .kept_note = attempt->cosigned_note,
                                      .offered = &attempt->newest,
                                      .note = attempt->signed_note,
                                      .proof = &attempt->proof};
    const char *values[CONFLICT_VALUES];
    struct db_rows rows;
    conflict_values(&conflict, attempt->arena, values);
    return script_call(attempt->witnessing->script, conflict_sql, CONFLICT_VALUES, values, attempt->arena, &rows,
                       attempt->why);
}

static enum result disagree(struct attempt *attempt, const char *kind, uint64_t kept, const char *what)
{
    return report(attempt, kind, kept) ? say(attempt, WITNESSING_REFUSED, what) : WITNESSING_BROKEN;
}

/* The witness refuses the proof. It is a conflict only if the proof is right by the tiles. */
static enum result refused(struct attempt *attempt)
{
    struct merkle_hash from;
    if (!store_root(attempt->witnessing->script, attempt->from, &from, attempt->why))
        return WITNESSING_BROKEN;
    if (!merkle_verify_consistency(attempt->from, attempt->newest.size, &from, &attempt->newest.root, &attempt->proof))
        return say(attempt, WITNESSING_BROKEN, "the tiles of the log do not prove its newest checkpoint");
    return disagree(attempt, "refused", attempt->from, "the witness has seen another history of the log");
}

/* -- asking -------------------------------------------------------------------------------------------------------- */

static enum result keep(struct attempt *attempt, const struct fetch_reply *reply)
{
    const struct note_verifier *verifier = &attempt->witness->verifier;
    const char *line, *wrong = witness_reply_line(attempt->text, reply->bytes, reply->length, verifier,
                                                  (uint64_t)clock_epoch(), attempt->arena, &line);
    if (wrong)
        return say(attempt, WITNESSING_FAILED, wrong);
    struct db_rows rows;
    const char *values[] = {arena_printf(attempt->arena, "%" PRIu64, attempt->newest.size), verifier->name,
                            tile_write_bytea(verifier->id, sizeof(verifier->id), attempt->arena),
                            note_verifier_text(verifier, attempt->arena), line};
    if (!script_call(attempt->witnessing->script,
                     "select samsyn.sign_tree($1::bigint, $2, $3::bytea, $4, 'witness', $5)", 5, values, attempt->arena,
                     &rows, attempt->why))
        return WITNESSING_BROKEN;
    attempt->cosigned = attempt->newest.size;
    return WITNESSING_DONE;
}

static enum result ask(struct attempt *attempt, bool again);

/* The witness says that what it has cosigned last has another size. */
static enum result ask_from(struct attempt *attempt, uint64_t size, bool again)
{
    if (size > attempt->newest.size)
        return disagree(attempt, "ahead", size, "the witness has cosigned more than the log holds: was it set back?");
    if (size == attempt->from)
        return refused(attempt);
    if (!again)
        return say(attempt, WITNESSING_FAILED, "the witness cannot decide how far it has followed the log");
    attempt->set_back = size < attempt->cosigned;
    attempt->from = size;
    return ask(attempt, false);
}

static enum result judge(struct attempt *attempt, const struct fetch_reply *reply, bool again)
{
    uint64_t size;
    if (reply->status == 200)
        return keep(attempt, reply);
    if (reply->status == 409 && strcmp(reply->type, WITNESS_SIZE_TYPE) == 0 &&
        witness_reply_size(reply->bytes, reply->length, &size))
        return ask_from(attempt, size, again);
    if (reply->status == 422)
        return refused(attempt);
    return say(attempt, WITNESSING_FAILED, arena_printf(attempt->arena, "was answered with status %ld", reply->status));
}

/* Asks once, and with `again` once more from where the witness says that it is. */
static enum result ask(struct attempt *attempt, bool again)
{
    struct fetch_reply reply;
    if (!store_consistency(attempt->witnessing->script, attempt->from, attempt->newest.size, &attempt->proof,
                           attempt->why))
        return WITNESSING_BROKEN;
    const char *body = witness_request_text(attempt->from, &attempt->proof, attempt->signed_note, attempt->arena);
    if (!fetch_post(attempt->witness->url, body, strlen(body), attempt->stopping, &reply, attempt->why))
        return WITNESSING_FAILED;
    enum result result = judge(attempt, &reply, again);
    free(reply.bytes);
    return result;
}

/* Told when the witness has been asked, since a transaction that has written something holds sealing back. */
static bool tell_set_back(struct attempt *attempt)
{
    if (!attempt->set_back)
        return true;
    log_event(LOG_SECURITY, "witness-set-back", "{s:s, s:I}", "name", attempt->witness->verifier.name, "size",
              (json_int_t)attempt->from);
    return report(attempt, "behind", attempt->from);
}

static enum result run(struct attempt *attempt)
{
    enum result result = look(attempt);
    if (result == WITNESSING_DONE && attempt->signed_note) {
        attempt->from = attempt->cosigned;
        result = ask(attempt, true);
    }
    if (result != WITNESSING_BROKEN && !tell_set_back(attempt))
        result = WITNESSING_BROKEN;
    if (result != WITNESSING_BROKEN && !script_commit(attempt->witnessing->script, attempt->why))
        result = WITNESSING_BROKEN;
    return result;
}

/* -- the rounds ---------------------------------------------------------------------------------------------------- */

static void note_result(struct witnessing *witnessing, struct guard *guard, enum result result, uint64_t size)
{
    pthread_mutex_lock(&witnessing->lock);
    if (result == WITNESSING_DONE)
        guard->gauges.size = size > 0 ? size : guard->gauges.size;
    else
        guard->gauges.failures++;
    if (result == WITNESSING_DONE || result == WITNESSING_REFUSED)
        guard->gauges.refused = result == WITNESSING_REFUSED;
    pthread_mutex_unlock(&witnessing->lock);
}

static void plan(struct guard *guard, enum result result)
{
    guard->troubles = result == WITNESSING_DONE ? 0 : guard->troubles + 1;
    unsigned doublings = guard->troubles < DOUBLINGS_MAX ? guard->troubles : DOUBLINGS_MAX;
    int64_t pause = result == WITNESSING_BROKEN ? 0 : (int64_t)PERIOD_S << doublings;
    guard->due_us = clock_monotonic_us() + (guard->troubles > 0 ? pause * 1000000 : 0);
}

static void visit(struct witnessing *witnessing, struct guard *guard, const atomic_bool *stopping)
{
    char *why = NULL;
    struct attempt attempt = {.witnessing = witnessing,
                              .witness = guard->witness,
                              .stopping = stopping,
                              .arena = arena_create(),
                              .why = &why};
    enum result result = run(&attempt);
    const char *name = guard->witness->verifier.name;
    if (result == WITNESSING_BROKEN) {
        script_end(witnessing->script);
        witnessing->script = NULL;
    }
    if (!atomic_load(stopping)) {
        note_result(witnessing, guard, result, attempt.cosigned);
        plan(guard, result);
        log_trouble(&guard->complaint, result == WITNESSING_REFUSED ? LOG_ERROR : LOG_WARNING,
                    result == WITNESSING_REFUSED ? "witness-refused" : "witness-failed", name, why);
    } else {
        free(why);
    }
    arena_destroy(attempt.arena);
}

static bool connect(struct witnessing *witnessing)
{
    char *why = NULL;
    if (!witnessing->script)
        witnessing->script = script_begin(witnessing->conninfo, &why);
    free(why); /* the sequencer complains of a database that is away */
    return witnessing->script != NULL;
}

static void work(void *context, const atomic_bool *stopping)
{
    struct witnessing *witnessing = context;
    for (size_t i = 0; i < witnessing->count && !atomic_load(stopping); i++)
        if (clock_monotonic_us() >= witnessing->guards[i].due_us && connect(witnessing))
            visit(witnessing, &witnessing->guards[i], stopping);
}

struct witnessing *witnessing_start(const char *conninfo, const struct witness_list *list, char **why)
{
    struct witnessing *witnessing = calloc(1, sizeof(*witnessing));
    if (!witnessing)
        abort();
    witnessing->conninfo = conninfo;
    witnessing->count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        witnessing->guards[i].witness = &list->witnesses[i];
        witnessing->guards[i].gauges.name = list->witnesses[i].verifier.name;
    }
    pthread_mutex_init(&witnessing->lock, NULL);
    witnessing->rounds = rounds_start(PERIOD_S, work, witnessing);
    if (witnessing->rounds)
        return witnessing;
    *why = strdup("no thread can be started");
    witnessing_stop(witnessing);
    return NULL;
}

void witnessing_stop(struct witnessing *witnessing)
{
    if (!witnessing)
        return;
    rounds_stop(witnessing->rounds);
    script_end(witnessing->script);
    for (size_t i = 0; i < witnessing->count; i++)
        free(witnessing->guards[i].complaint);
    pthread_mutex_destroy(&witnessing->lock);
    free(witnessing);
}

size_t witnessing_gauges(struct witnessing *witnessing, struct witnessing_gauges gauges[WITNESSES_MAX])
{
    if (!witnessing)
        return 0;
    pthread_mutex_lock(&witnessing->lock);
    for (size_t i = 0; i < witnessing->count; i++)
        gauges[i] = witnessing->guards[i].gauges;
    pthread_mutex_unlock(&witnessing->lock);
    return witnessing->count;
}
