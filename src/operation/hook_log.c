/* getCheckpoint, getCheckpointOfSize, getTile and getConsistencyProof: the log as everyone may check it. */
#include <stdlib.h>
#include <string.h>

#include "log/checkpoint.h"
#include "operation/answer.h"
#include "operation/hooks.h"
#include "operation/proof.h"
#include "operation/run.h"

static const char for_ever[] = "public, max-age=31536000, immutable";

/* The one row of the statements, or NULL: the reply is made. */
static const char *const *find(struct errand *errand)
{
    const struct db_rows *rows = run_statements(errand);
    return rows && answer_found(errand, rows) ? rows->cells : NULL;
}

static void answer_public(struct errand *errand, const char *type, const void *bytes, size_t length, const char *cache)
{
    struct reply *reply = errand->reply;
    reply->cacheable = true;
    reply_header(reply, "Cache-Control", cache);
    reply->status = 200;
    reply->type = type;
    reply->body = bytes;
    reply->length = length;
}

static void answer_note(struct errand *errand, const char *cache)
{
    const char *const *row = find(errand);
    if (!row)
        return;
    answer_public(errand, "text/plain; charset=utf-8", row[COLUMN_BODY], strlen(row[COLUMN_BODY]), cache);
    answer_unchanged(errand, row[COLUMN_ETAG]);
}

/* A new one comes about each second. */
void hook_log_checkpoint(struct errand *errand)
{
    answer_note(errand, "public, max-age=1");
}

/* Its signatures may become more. */
void hook_log_checkpoint_of(struct errand *errand)
{
    answer_note(errand, "public, max-age=60");
}

void hook_log_tile(struct errand *errand)
{
    const unsigned char *bytes;
    size_t length;
    const char *const *row = find(errand);
    if (!row)
        return;
    if (tile_read_bytea(row[COLUMN_BODY], errand->arena, &bytes, &length))
        answer_public(errand, errand->type, bytes, length, for_ever);
    else
        errand_problem(errand, ERROR_INTERNAL, NULL, NULL);
}

void hook_log_consistency(struct errand *errand)
{
    struct merkle_proof proof;
    const char *const *row = find(errand);
    if (!row)
        return;
    if (!proof_consistency(errand, (uint64_t)errand_integer(errand, "from", 0),
                           (uint64_t)errand_integer(errand, "to", 0), &proof))
        return;
    json_t *body = json_loads(row[COLUMN_BODY], 0, NULL);
    json_object_set_new(body, "hashes", checkpoint_proof_json(&proof));
    errand->reply->cacheable = true;
    reply_header(errand->reply, "Cache-Control", for_ever);
    answer_object(errand, proof_text(errand->arena, body), NULL, 200);
}
