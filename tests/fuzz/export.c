/* Exports, archives and proofs of events: bytes of a good one are changed at will, or all of it is the input's, and it
 * comes in pieces. Whatever is not complained of shows as many events as it claims. */
#include "../support/log_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 300, SIZE = 290 };

static struct sample *whole(void)
{
    static struct sample sample;
    if (!sample.arena)
        sample_begin(&sample, ROWS);
    return &sample;
}

static void require(bool so)
{
    if (!so)
        abort();
}

static void complain(void *context, uint64_t line, const char *what)
{
    uint64_t *count = context;
    require(*what && line <= SIZE_MAX);
    ++*count;
}

static struct sample_text original(unsigned kind)
{
    static struct sample_text texts[3];
    if (!texts[kind].bytes) {
        texts[0] = sample_export(whole(), SIZE, 77, 3);
        texts[1] = sample_archive(whole(), SIZE, 254, 258);
        texts[2] = sample_proof(whole(), 9, SIZE);
    }
    return texts[kind];
}

static void check(const char *bytes, size_t length, size_t step)
{
    uint64_t complaints = 0;
    struct verify *verify = verify_create(&whole()->trust, NULL, complain, &complaints);
    for (size_t at = 0; at < length; at += step)
        verify_feed(verify, bytes + at, length - at < step ? length - at : step);
    const struct verify_summary *summary = verify_finish(verify);
    require(summary->wrong == complaints);
    require(complaints > 0 || (summary->believed && summary->shown == summary->events));
    require(summary->shown <= summary->events);
    verify_free(verify);
}

/* Three bytes each: where, and with what. */
static void change(const uint8_t *data, size_t size, unsigned kind, size_t step)
{
    struct sample_text text = original(kind);
    char *bytes = malloc(text.length);
    require(bytes != NULL);
    memcpy(bytes, text.bytes, text.length);
    for (size_t i = 0; i + 3 <= size; i += 3)
        bytes[(size_t)(data[i] << 8 | data[i + 1]) % text.length] = (char)data[i + 2];
    check(bytes, text.length, step);
    free(bytes);
}

/* The input's lines below a good header. */
static void append(const uint8_t *data, size_t size, unsigned kind, size_t step)
{
    struct sample_text text = original(kind);
    size_t header = strcspn(text.bytes, "\n") + 1;
    char *bytes = malloc(header + size);
    require(bytes != NULL);
    memcpy(bytes, text.bytes, header);
    memcpy(bytes + header, data, size);
    check(bytes, header + size, step);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    unsigned way = data[0] % 7;
    size_t step = 1 + (size_t)data[1] * data[1];
    if (way < 3)
        change(data + 2, size - 2, way, step);
    else if (way < 6)
        append(data + 2, size - 2, way - 3, step);
    else
        check((const char *)data + 2, size - 2, step);
    return 0;
}
