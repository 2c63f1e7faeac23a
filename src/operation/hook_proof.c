/* getInclusionProof and getEventProof: that an event is in the log, for someone who may read the event. */
#include <string.h>

#include "log/checkpoint.h"
#include "operation/answer.h"
#include "operation/hooks.h"
#include "operation/proof.h"

/* What the statement found, and the proof of it. */
struct found {
    json_t *told, *sealed; /* the event as it was told; and index, size and checkpoint; deferred into the arena */
    struct proof_event event;
    struct merkle_proof proof;
};

static void forget(void *value)
{
    json_decref(value);
}

/* RFC 9110 10.2.3: the log is sealed about once a second. */
static const struct db_rows *find(struct errand *errand, struct proof_event *event)
{
    const struct db_rows *rows = proof_event_statements(errand, event);
    if (!rows && errand->reply->code && strcmp(errand->reply->code, "LOG_NOT_SEALED") == 0)
        reply_header(errand->reply, "Retry-After", "2");
    return rows && answer_found(errand, rows) ? rows : NULL;
}

/* False when the reply is made. */
static bool prove(struct errand *errand, struct found *found)
{
    const struct db_rows *rows = find(errand, &found->event);
    if (!rows)
        return false;
    json_t *body = json_loads(rows->cells[COLUMN_BODY], 0, NULL);
    arena_defer(errand->arena, forget, body);
    if (!found->event.found) { /* what may be read has changed between the two statements */
        errand_problem(errand, ERROR_NOT_FOUND, NULL, NULL);
        return false;
    }
    found->told = json_object_get(body, "event");
    found->sealed = json_object_get(body, "sealed");
    uint64_t size = (uint64_t)json_integer_value(json_object_get(found->sealed, "size"));
    return proof_inclusion(errand, found->event.index, size, &found->proof);
}

void hook_inclusion_proof(struct errand *errand)
{
    struct found found;
    if (!prove(errand, &found))
        return;
    struct merkle_hash leaf = event_leaf(&found.event.row, errand->arena);
    json_t *body = json_copy(found.sealed);
    json_object_set(body, "eventId", json_object_get(found.told, "id"));
    json_object_set_new(body, "leafHash", json_string(checkpoint_hash_text(&leaf, errand->arena)));
    json_object_set_new(body, "hashes", checkpoint_proof_json(&found.proof));
    answer_object(errand, proof_text(errand->arena, body), NULL, 200);
}

void hook_event_proof(struct errand *errand)
{
    struct found found;
    if (!prove(errand, &found))
        return;
    json_t *opening = event_open(&found.event.row, found.told, found.event.own);
    if (!opening) {
        errand_problem(errand, ERROR_INTERNAL, NULL, NULL);
        return;
    }
    const char *extra = proof_text(errand->arena, json_pack("{s:O, s:o}", "event", found.told, "opening", opening));
    struct entry_proof proof = {.extra = extra,
                                .extra_length = strlen(extra),
                                .index = found.event.index,
                                .proof = found.proof,
                                .note = json_string_value(json_object_get(found.sealed, "checkpoint"))};
    struct reply *reply = errand->reply;
    reply_header(reply, "Content-Disposition",
                 arena_printf(errand->arena, "attachment; filename=\"%s.tlog-proof\"",
                              json_string_value(json_object_get(found.told, "id"))));
    reply->status = 200;
    reply->type = "text/plain; charset=utf-8";
    reply->body = entry_proof_text(&proof, errand->arena);
    reply->length = strlen(reply->body);
}
