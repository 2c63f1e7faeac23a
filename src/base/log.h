/* Structured log: one JSON object a line on standard error. Never personal data: ids, codes, counts and times only. */
#ifndef SAMSYN_BASE_LOG_H
#define SAMSYN_BASE_LOG_H

#include <jansson.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_SECURITY, LOG_ERROR };

/* Lines below `level` are dropped from now on. The default is LOG_INFO. */
void log_set_level(enum log_level level);

/* Writes one line: time (RFC 3339, UTC, microseconds), level, `event` and the members that `format`, a
 * json_pack format of one object such as "{s:s, s:i}", makes of the arguments (NULL for none). LOG_SECURITY
 * is a level of its own so that alarms can be tied to it (national REST API profile SAK.27). Thread-safe. */
void log_event(enum log_level level, const char *event, const char *format, ...);

/* Writes the event with `reason` why, and `name` of what it is about unless that is NULL, but only when it is not what
 * was written last, which is kept in `*last` (malloc'd, NULL to begin with). Steals `why`; with NULL, nothing is wrong
 * any more. */
void log_trouble(char **last, enum log_level level, const char *event, const char *name, char *why);

#endif
