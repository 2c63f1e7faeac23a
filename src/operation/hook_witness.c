/* getWitness and addCheckpoint: the witness of the logs of others (C2SP tlog-witness). Whoever asks needs no token:
 * what counts is the signature of the log. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/metrics.h"
#include "log/conflict.h"
#include "log/tile_set.h"
#include "log/witness.h"
#include "operation/answer.h"
#include "operation/hook_witness.h"
#include "operation/hooks.h"
#include "operation/run.h"

enum { KEYS_MAX = 8, TRIES = 3 };

enum { CALL_KNOWN, CALL_KEEP, CALL_REPORT };
static const struct db_call calls[] = {
    {"witness.known",
     "select id, revision, to_json(verifiers), size, root, checkpoint from samsyn.witnessed_log($1::text)", 1, NULL},
    {"witness.keep",
     "select samsyn.keep_checkpoint($1::uuid, $2::bigint, $3::bigint, $4::bytea, $5::bigint, $6::bytea, $7::text)", 7,
     NULL},
    {"witness.report", conflict_sql, CONFLICT_VALUES, NULL},
};

const struct db_call *witness_calls(size_t *count)
{
    *count = sizeof(calls) / sizeof(*calls);
    return calls;
}

/* A request and what is known of its log. */
struct submission {
    struct errand *errand;
    struct arena *arena;
    struct witness_request request;
    const char *log, *revision; /* as the database calls them */
    const char *known_note;     /* or NULL */
    struct witness_known known;
};

static void answer_text(struct errand *errand, int status, const char *type, const char *text)
{
    errand->reply->status = status;
    errand->reply->type = type;
    errand->reply->body = text;
    errand->reply->length = strlen(text);
}

/* Why is said in English. */
static void answer_malformed(struct errand *errand, const char *why)
{
    errand_problem(errand, ERROR_INVALID_REQUEST, request_swedish(errand->request) ? NULL : why, NULL);
}

void hook_witness(struct errand *errand)
{
    const struct note_signer *witness = errand->services->witness;
    if (!witness) {
        errand_problem(errand, ERROR_NOT_FOUND, NULL, NULL);
        return;
    }
    const char *key = note_verifier_text(note_signer_verifier(witness), errand->arena);
    errand->reply->cacheable = true;
    answer_text(errand, 200, errand->type, arena_printf(errand->arena, "%s\n", key));
}

/* -- what is known ------------------------------------------------------------------------------------------------- */

/* The rows of a call, or NULL with the reply made. */
static const struct db_rows *ask(struct submission *submission, size_t which, const char *const *values)
{
    struct db_reply *answer = arena_alloc(submission->arena, sizeof(*answer));
    struct db_call call = calls[which];
    call.values = values;
    enum db_status status =
        db_run(submission->errand->services->db, &call, 1, which == CALL_KNOWN, submission->arena, answer);
    if (status == DB_OK)
        return answer->results;
    run_failed(submission->errand, status, answer);
    return NULL;
}

/* The verifiers in "{a,b}", whose names may be quoted. Those that are not read are none. */
static void read_verifiers(struct submission *submission, const char *text)
{
    struct note_verifier *verifiers = arena_alloc(submission->arena, KEYS_MAX * sizeof(*verifiers));
    json_error_t ignored;
    json_t *list = json_loads(text, 0, &ignored);
    size_t index;
    json_t *key;
    submission->known.count = 0;
    json_array_foreach(list, index,
                       key) if (submission->known.count < KEYS_MAX &&
                                !note_verifier_parse(arena_strdup(submission->arena, json_string_value(key)),
                                                     submission->arena, &verifiers[submission->known.count]))
        submission->known.count++;
    json_decref(list);
    submission->known.verifiers = verifiers;
}

/* False with the reply made: 404 when the log is not watched. */
static bool look_up(struct submission *submission)
{
    const char *values[] = {submission->request.checkpoint.origin};
    const unsigned char *root;
    size_t length;
    const struct db_rows *rows = ask(submission, CALL_KNOWN, values);
    if (!rows)
        return false;
    if (rows->rows == 0) {
        errand_problem(submission->errand, ERROR_NOT_FOUND, NULL, NULL);
        return false;
    }
    submission->log = rows->cells[0];
    submission->revision = rows->cells[1];
    read_verifiers(submission, rows->cells[2]);
    submission->known.size = strtoull(rows->cells[3], NULL, 10);
    if (!tile_read_bytea(rows->cells[4], submission->arena, &root, &length) || length != MERKLE_HASH)
        abort(); /* the table has a check */
    memcpy(submission->known.root.bytes, root, MERKLE_HASH);
    submission->known_note = rows->cells[5];
    return true;
}

/* -- what is wrong ------------------------------------------------------------------------------------------------- */

static const char *number(struct submission *submission, uint64_t value)
{
    return arena_printf(submission->arena, "%" PRIu64, value);
}

static const char *hash(struct submission *submission, const struct merkle_hash *value)
{
    return tile_write_bytea(value, sizeof(*value), submission->arena);
}

/* Keeps the evidence. False with the reply made. */
static bool report(struct submission *submission, const char *kind)
{
    const struct checkpoint *offered = &submission->request.checkpoint;
    const struct conflict conflict = {.kind = kind,
                                      .kept_size = submission->known.size,
                                      .kept_note = submission->known_note,
                                      .offered = offered,
                                      .note = submission->request.signed_note,
                                      .proof = &submission->request.proof};
    const char *values[CONFLICT_VALUES];
    metrics_log_conflict(kind);
    log_event(LOG_SECURITY, "log-conflict", "{s:s, s:s, s:I, s:I}", "kind", kind, "origin", offered->origin, "keptSize",
              (json_int_t)submission->known.size, "size", (json_int_t)offered->size);
    conflict_values(&conflict, submission->arena, values);
    return ask(submission, CALL_REPORT, values);
}

static void answer_size(struct submission *submission)
{
    answer_text(submission->errand, 409, WITNESS_SIZE_TYPE,
                arena_printf(submission->arena, "%" PRIu64 "\n", submission->known.size));
}

/* -- cosigning ----------------------------------------------------------------------------------------------------- */

/* Moves on to the checkpoint: 1, 0 when something else is known by now, -1 with the reply made. */
static int keep(struct submission *submission)
{
    const struct checkpoint *offered = &submission->request.checkpoint;
    const char *values[] = {submission->log,
                            submission->revision,
                            number(submission, submission->known.size),
                            hash(submission, &submission->known.root),
                            number(submission, offered->size),
                            hash(submission, &offered->root),
                            submission->request.signed_note};
    const struct db_rows *rows = ask(submission, CALL_KEEP, values);
    return !rows ? -1 : strcmp(rows->cells[0], "t") == 0;
}

/* The cosignature leaves when what it says is committed. */
static int cosign(struct submission *submission)
{
    int kept = keep(submission);
    if (kept == 1)
        answer_text(submission->errand, 200, submission->errand->type,
                    note_sign(submission->errand->services->witness, submission->request.note.text,
                              (uint64_t)clock_epoch(), submission->arena));
    return kept;
}

/* Judges by what is known now. False when that has changed meanwhile. */
static bool judge(struct submission *submission)
{
    struct errand *errand = submission->errand;
    switch (witness_judge(&submission->request, &submission->known)) {
    case WITNESS_COSIGNS:
        return cosign(submission) != 0;
    case WITNESS_UNSIGNED:
        errand_problem(errand, ERROR_LOG_KEY_UNKNOWN, NULL, NULL);
        break;
    case WITNESS_SHRINKS:
        answer_malformed(errand, "the old size is above that of the checkpoint");
        break;
    case WITNESS_ELSEWHERE:
        answer_size(submission);
        break;
    case WITNESS_FORKED:
        if (report(submission, "fork"))
            answer_size(submission);
        break;
    case WITNESS_INCONSISTENT:
        if (report(submission, "inconsistent"))
            errand_problem(errand, ERROR_LOG_INCONSISTENT, NULL, NULL);
        break;
    }
    return true;
}

void hook_checkpoint(struct errand *errand)
{
    struct submission submission = {.errand = errand, .arena = errand->arena};
    if (!errand->services->witness) {
        errand_problem(errand, ERROR_NOT_FOUND, NULL, NULL);
        return;
    }
    const char *wrong = witness_request_parse(errand->body, errand->body_length, errand->arena, &submission.request);
    if (wrong || !errand->open) {
        if (wrong)
            answer_malformed(errand, wrong);
        else
            errand_problem(errand, ERROR_DATABASE_UNAVAILABLE, NULL, NULL);
        return;
    }
    for (int i = 0; i < TRIES; i++)
        if (!look_up(&submission) || judge(&submission))
            return;
    errand_problem(errand, ERROR_OVERLOADED, NULL, NULL);
}
