#include "http/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Places in "00-<32 trace id>-<16 parent id>-<2 flags>". */
enum { TRACE_AT = 3, PARENT_AT = 36, FLAGS_AT = 53, LENGTH = 55 };

static bool lower_hex(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'f'))
            return false;
    return true;
}

static bool all_zero(const char *text, size_t count)
{
    return strspn(text, "0") >= count;
}

/* Version ff is forbidden; a later version may be longer, but then a dash follows the part that is known (3.2.4). */
static bool valid(const char *text)
{
    size_t length = strlen(text);
    if (length < LENGTH || !lower_hex(text, 2) || memcmp(text, "ff", 2) == 0)
        return false;
    if (length > LENGTH && (memcmp(text, "00", 2) == 0 || text[LENGTH] != '-'))
        return false;
    if (text[TRACE_AT - 1] != '-' || text[PARENT_AT - 1] != '-' || text[FLAGS_AT - 1] != '-')
        return false;
    return lower_hex(text + TRACE_AT, 32) && !all_zero(text + TRACE_AT, 32) && lower_hex(text + PARENT_AT, 16) &&
           !all_zero(text + PARENT_AT, 16) && lower_hex(text + FLAGS_AT, 2);
}

static void random_hex(char *text, size_t bytes)
{
    unsigned char random[16];
    if (getrandom(random, bytes, 0) != (ssize_t)bytes)
        abort();
    random[0] |= 1; /* never all zero */
    for (size_t i = 0; i < bytes; i++) {
        text[2 * i] = "0123456789abcdef"[random[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
    }
    text[2 * bytes] = '\0';
}

void trace_read(struct trace *trace, const char *traceparent)
{
    bool sampled = true;
    if (traceparent && valid(traceparent)) {
        memcpy(trace->id, traceparent + TRACE_AT, TRACE_ID_SIZE - 1);
        trace->id[TRACE_ID_SIZE - 1] = '\0';
        /* The lowest bit of the flags is "sampled": the last digit is odd. */
        sampled = strchr("13579bdf", traceparent[FLAGS_AT + 1]) != NULL;
    } else {
        random_hex(trace->id, 16);
    }
    char parent[17];
    random_hex(parent, 8);
    snprintf(trace->parent, sizeof(trace->parent), "00-%s-%s-%s", trace->id, parent, sampled ? "01" : "00");
}
