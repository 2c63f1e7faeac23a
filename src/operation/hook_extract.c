/* getAccessExtract, getMyAccessExtract: who has read what about a person, as JSON or as a page to print. Both are as
 * long as the log is, and end with the number of their rows: an extract without it was cut. */
#include <stdlib.h>
#include <string.h>

#include "operation/answer.h"
#include "operation/extract_page.h"
#include "operation/hooks.h"
#include "operation/html.h"
#include "operation/stream.h"

struct extract {
    struct buffer opening; /* of the JSON: the head up to its closing brace */
    size_t rows;
};

static void open_json(void *context, struct buffer *text)
{
    const struct extract *extract = context;
    buffer_add(text, extract->opening.bytes, extract->opening.length);
    buffer_put(text, ",\"accessEvents\":[");
}

static bool put_json(void *context, const char *body, struct buffer *text)
{
    struct extract *extract = context;
    buffer_put(text, extract->rows++ > 0 ? ",\n" : "\n");
    buffer_put(text, body);
    return true;
}

static void close_json(void *context, struct buffer *text)
{
    const struct extract *extract = context;
    buffer_put(text, "\n],\"eventCount\":");
    buffer_number(text, (long long)extract->rows);
    buffer_put(text, "}\n");
}

static const struct stream_writer json = {.begin = open_json, .row = put_json, .end = close_json};
static const struct stream_writer page = {
    .begin = extract_page_open, .row = extract_page_row, .end = extract_page_close};

static void answer_json(struct errand *errand, const char *head)
{
    struct arena *arena = arena_create();
    struct extract *extract = arena_alloc(arena, sizeof(*extract));
    *extract = (struct extract){.opening = answer_body(errand, head)};
    extract->opening.length--; /* body_single ends with the brace */
    stream_answer(errand, arena, &json, extract);
}

static void answer_page(struct errand *errand, const char *head)
{
    struct arena *arena = arena_create();
    bool swedish = request_swedish(errand->request);
    struct extract_page *extract = extract_page_create(arena, head, swedish);
    reply_header(errand->reply, "Content-Language", swedish ? "sv" : "en");
    reply_header(errand->reply, "Content-Security-Policy", html_policy(errand->arena, extract_page_style));
    stream_answer(errand, arena, &page, extract);
}

void hook_extract(struct errand *errand)
{
    const char *head;
    if (!stream_open(errand, &head))
        return;
    if (strcmp(errand->type, "text/html") == 0)
        answer_page(errand, head);
    else
        answer_json(errand, head);
}
