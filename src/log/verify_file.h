/* The offline check of what the log gives away: exports with proofs, archives of a month, and proofs of single events.
 * It is fed with bytes as they come and needs the memory of one line, whatever the file's length.
 *
 * An export is newline-delimited JSON:
 *   {"samsynExport": 1, "origin": o, "checkpoint": note, "since": {"checkpoint": note, "proof": [hash, ...]}}
 *   {"index": n, "event": AccessEvent, "opening": as event_open makes it, "proof": [hash, ...]}    newest first
 *   {"end": true, "events": n}
 * An archive, of whole rows:
 *   {"samsynArchive": 1, "origin": o, "month": "2026-11", "checkpoint": note}
 *   {"tile": t, "hashes": base64, "proof": [hash, ...]}    the proof from the node over all these hashes up to the root
 *   {"index": n, "row": {column: text, null or list}}      of the tile before them, in order of their index
 *   {"end": true, "events": n, "tiles": n}
 * A proof of one event is a C2SP tlog-proof whose extra data is {"event": ..., "opening": ...}.
 *
 * That no entry stands in an export twice follows from its order: the time and identifier of an event are in its leaf,
 * and from line to line they must fall. */
#ifndef SAMSYN_LOG_VERIFY_FILE_H
#define SAMSYN_LOG_VERIFY_FILE_H

#include "log/verify_trust.h"

enum { VERIFY_LINE_MAX = 16 << 20, VERIFY_UNSEALED_MAX = 16, VERIFY_TIME_SIZE = 28 };

enum verify_kind { VERIFY_UNKNOWN, VERIFY_EXPORT, VERIFY_ARCHIVE, VERIFY_PROOF };

/* What was found. All is lent until verify_free. */
struct verify_summary {
    enum verify_kind kind;
    uint64_t lines, wrong; /* lines read; complaints */
    uint64_t events;       /* that the file claims to hold */
    uint64_t shown;        /* that lead to the root of `head`: worth something only when `believed` */
    uint64_t hidden;       /* of an archive: entries of its tiles that it has no row of */
    const char *month;
    struct verified head, since; /* their origin is NULL when there is none that can be read */
    bool believed, continues;    /* `head` is signed as asked for; and it continues `since` */
    char oldest[VERIFY_TIME_SIZE], newest[VERIFY_TIME_SIZE]; /* of the events shown; "" when there is none */
    size_t unsealed_count;
    const char *unsealed[VERIFY_UNSEALED_MAX]; /* members that the file has and the log does not seal */
};

struct verify;

/* Told of every complaint: the number of the line, from 1, 0 for the file as a whole, and a text that is lent for the
 * call and may hold characters of the file. */
typedef void (*verify_complain)(void *context, uint64_t line, const char *what);

/* `trust`, which has a key of the log, and `kept`, an earlier checkpoint that the file must agree with (NULL for none),
 * are borrowed until verify_free. */
struct verify *verify_create(const struct verify_trust *trust, const struct checkpoint *kept, verify_complain complain,
                             void *context);
void verify_feed(struct verify *verify, const char *bytes, size_t length);
/* Says that there is no more. */
const struct verify_summary *verify_finish(struct verify *verify);
void verify_free(struct verify *verify);

#endif
