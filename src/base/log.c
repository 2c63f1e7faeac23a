#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const names[] = {"debug", "info", "warning", "security", "error"};
static _Atomic int threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, level);
}

static json_t *now(void)
{
    struct timespec time;
    struct tm utc;
    char day[32];
    clock_gettime(CLOCK_REALTIME, &time);
    gmtime_r(&time.tv_sec, &utc);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
    return json_sprintf("%s.%06ldZ", day, time.tv_nsec / 1000);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level < atomic_load(&threshold))
        return;
    json_t *line = json_pack("{s:o, s:s, s:s}", "time", now(), "level", names[level], "event", event);
    if (format) {
        va_list arguments;
        va_start(arguments, format);
        json_t *members = json_vpack_ex(NULL, 0, format, arguments);
        va_end(arguments);
        json_object_update_missing(line, members);
        json_decref(members);
    }
    char *text = json_dumps(line, JSON_COMPACT);
    if (text)
        fprintf(stderr, "%s\n", text);
    free(text);
    json_decref(line);
}

void log_trouble(char **last, enum log_level level, const char *event, const char *name, char *why)
{
    if (why && (!*last || strcmp(*last, why) != 0))
        log_event(level, event, "{s:s*, s:s}", "name", name, "reason", why);
    free(*last);
    *last = why;
}
