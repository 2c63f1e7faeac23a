/* getAccessStatisticsPicture: the numbers that its statement counts, drawn. */
#include <stdlib.h>

#include "operation/answer.h"
#include "operation/hooks.h"
#include "operation/picture.h"
#include "operation/run.h"

static void release(void *json)
{
    json_decref(json);
}

void hook_picture(struct errand *errand)
{
    const struct db_rows *rows = run_statements(errand);
    struct reply *reply = errand->reply;
    if (!rows || !answer_found(errand, rows))
        return;
    bool swedish = request_swedish(errand->request);
    json_t *statistics = json_loads(rows->cells[COLUMN_BODY], 0, NULL);
    if (!statistics)
        abort();
    arena_defer(errand->arena, release, statistics);
    struct buffer picture = picture_of_accesses(errand->arena, statistics, swedish);
    reply_header(reply, "Content-Language", swedish ? "sv" : "en");
    reply->status = 200;
    reply->type = errand->type;
    reply->body = picture.bytes;
    reply->length = picture.length;
}
