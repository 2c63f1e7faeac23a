#include "operation/stream.h"

#include <string.h>

#include "base/log.h"
#include "operation/answer.h"
#include "operation/enter.h"
#include "operation/run.h"
#include "operation/sqlstate.h"

enum { COLUMN_ROW, COLUMN_CURSOR, COLUMNS };

struct stream {
    struct errand errand; /* a copy; what it borrows lives as long as the request, and so as the stream */
    struct arena *arena;  /* as long as the stream */
    const struct stream_writer *writer;
    void *context;
    struct arena *part_arena;
    struct db_rows part;
    size_t next;              /* row of the part to pass on next */
    bool refused;             /* the right to it ended before the first part */
    bool begun, ended;        /* what stands before the rows, and after them, has been written */
    struct arena *text_arena; /* as long as `text` */
    struct buffer text;       /* what is being passed on */
    size_t passed;            /* bytes of it that have been */
};

static bool awaited(void *request)
{
    return !request_abandoned(request);
}

/* The rows of the part that have an object. */
static bool tell_part(struct stream *stream)
{
    const char **bodies = arena_alloc(stream->part_arena, (stream->part.rows + 1) * sizeof(*bodies));
    size_t count = 0;
    for (size_t i = 0; i < stream->part.rows; i++) {
        bodies[count] = stream->part.cells[i * COLUMNS + COLUMN_ROW];
        count += bodies[count] != NULL;
    }
    return stream->writer->part(stream->context, &stream->errand, bodies, count);
}

/* Fetches the part after the last row passed on; an empty one is the end. */
static enum db_status next_part(struct stream *stream, struct db_reply *answer)
{
    struct errand *errand = &stream->errand;
    struct arena *arena = arena_create();
    if (stream->part.rows > 0)
        errand->part = arena_strdup(arena, stream->part.cells[(stream->part.rows - 1) * COLUMNS + COLUMN_CURSOR]);
    arena_destroy(stream->part_arena);
    stream->part_arena = arena;
    errand->arena = arena;
    const struct db_call calls[] = {enter_call(errand), errand_call(errand, &errand->plan->stream)};
    stream->part = (struct db_rows){0};
    stream->next = 0;
    const struct db_interest interest = {awaited, errand->request};
    enum db_status status =
        db_run_while(errand->services->db, &interest, calls, sizeof(calls) / sizeof(*calls), true, arena, answer);
    if (status == DB_OK)
        stream->part = answer->results[1];
    return status == DB_OK && stream->writer->part && !tell_part(stream) ? DB_DOWN : status;
}

/* Writes what comes next; false when the database or the right to it is gone. Nothing written is the end. */
static bool write_next(struct stream *stream)
{
    struct db_reply answer = {0};
    const struct stream_writer *writer = stream->writer;
    if (stream->refused)
        return false;
    if (!stream->begun) {
        stream->begun = true;
        if (writer->begin)
            writer->begin(stream->context, &stream->text);
        if (stream->text.length > 0)
            return true;
    }
    for (const char *body; stream->part.rows > 0;) {
        if (stream->next == stream->part.rows && next_part(stream, &answer) != DB_OK)
            return false;
        if (stream->next < stream->part.rows &&
            (body = stream->part.cells[stream->next++ * COLUMNS + COLUMN_ROW]) != NULL &&
            !writer->row(stream->context, body, &stream->text))
            return false;
        if (stream->text.length > 0)
            return true;
    }
    if (!stream->ended && writer->end)
        writer->end(stream->context, &stream->text);
    stream->ended = true;
    return true;
}

static ssize_t pull(void *context, char *buffer, size_t size)
{
    struct stream *stream = context;
    size_t filled = 0;
    while (filled < size) {
        size_t left = stream->text.length - stream->passed;
        size_t part = left < size - filled ? left : size - filled;
        memcpy(buffer + filled, stream->text.bytes + stream->passed, part);
        stream->passed += part;
        filled += part;
        if (left > part)
            break;
        arena_destroy(stream->text_arena);
        stream->text_arena = arena_create();
        stream->text = buffer_begin(stream->text_arena, 2048);
        stream->passed = 0;
        if (!write_next(stream)) {
            log_event(LOG_WARNING, "stream-cut", "{s:s}", "operation", stream->errand.operation->id);
            return -1;
        }
        if (stream->text.length == 0)
            break;
    }
    return (ssize_t)filled;
}

static void finish(void *context)
{
    struct stream *stream = context;
    struct arena *arena = stream->arena;
    arena_destroy(stream->part_arena);
    arena_destroy(stream->text_arena);
    arena_destroy(arena);
}

bool stream_open(struct errand *errand, const char **head)
{
    const struct db_rows *rows = run_statements(errand);
    if (!rows || !answer_found(errand, rows))
        return false;
    *head = rows->cells[COLUMN_BODY];
    errand->part = errand->plan->shape == SHAPE_CURSOR ? rows->cells[COLUMN_EXTRA] : NULL;
    if (strcmp(request_method(errand->request), "HEAD") != 0)
        return true;
    errand->reply->status = 200;
    errand->reply->type = errand->type;
    return false;
}

void stream_answer(struct errand *errand, struct arena *arena, const struct stream_writer *writer, void *context)
{
    struct stream *stream = arena_alloc(arena, sizeof(*stream));
    struct reply *reply = errand->reply;
    struct db_reply answer = {0};
    *stream = (struct stream){.errand = *errand, .arena = arena, .writer = writer, .context = context};
    stream->text_arena = arena_create();
    stream->text = buffer_begin(stream->text_arena, 0);
    enum db_status status = next_part(stream, &answer);
    stream->refused = status == DB_REFUSED && sqlstate_refusal(answer.sqlstate);
    if (status != DB_OK && !stream->refused) {
        run_failed(errand, status, &answer);
        finish(stream);
        return;
    }
    reply->status = 200;
    reply->type = errand->type;
    reply->pull = pull;
    reply->close = finish;
    reply->context = stream;
}
