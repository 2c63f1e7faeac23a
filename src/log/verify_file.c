#include "log/verify_file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/verify_lines.h"

static const char proof_line[] = "c2sp.org/tlog-proof@v1";

enum { PROOF_FILE_MAX = 1 << 20 };

void verify_wrong(struct verify *verify, const char *format, ...)
{
    va_list arguments;
    char *what = NULL;
    va_start(arguments, format);
    if (vasprintf(&what, format, arguments) < 0)
        abort();
    va_end(arguments);
    verify->summary.wrong++;
    verify->complain(verify->context, verify->summary.lines, what);
    free(what);
}

/* -- what all kinds have ------------------------------------------------------------------------------------------ */

/* The auditor's own checkpoint against this one. */
static void compare_kept(struct verify *verify)
{
    const struct checkpoint *kept = verify->kept, *head = &verify->summary.head.checkpoint;
    const struct checkpoint *since = &verify->summary.since.checkpoint;
    const struct checkpoint *same = head->size == kept->size ? head : since;
    if (strcmp(kept->origin, head->origin) != 0)
        verify_wrong(verify, "the checkpoint that was kept is of another log");
    else if (kept->size > head->size)
        verify_wrong(verify,
                     "the log had %" PRIu64 " entries by the checkpoint that was kept, and has %" PRIu64 " by this one",
                     kept->size, head->size);
    else if (same == since && (!since->origin || since->size != kept->size)) {
        if (kept->size > 0)
            verify_wrong(verify, "nothing ties this to the checkpoint that was kept: export with since=%" PRIu64,
                         kept->size);
    } else if (!merkle_equal(&same->root, &kept->root))
        verify_wrong(verify, "the log of %" PRIu64 " entries is another one than by the checkpoint that was kept",
                     kept->size);
}

void verify_head(struct verify *verify, const json_t *origin, const char *note, size_t length)
{
    struct verify_summary *summary = &verify->summary;
    const char *why =
        note ? verify_note(verify->trust, verify->trust->needed, note, length, verify->arena, &summary->head)
             : "there is no checkpoint in the header";
    if (why)
        verify_wrong(verify, "%s", why);
    verify->lost = !summary->head.checkpoint.origin;
    if (verify->lost)
        return;
    summary->believed = !why;
    if (origin && (!json_is_string(origin) || strcmp(json_string_value(origin), summary->head.checkpoint.origin) != 0))
        verify_wrong(verify, "the origin is not that of the checkpoint");
}

bool verify_read_proof(const json_t *hashes, struct merkle_proof *proof)
{
    proof->count = json_array_size(hashes);
    if (!json_is_array(hashes) || proof->count > MERKLE_PROOF_MAX)
        return false;
    for (size_t i = 0; i < proof->count; i++) {
        const char *text = json_string_value(json_array_get(hashes, i));
        if (!text || !checkpoint_hash_parse(text, &proof->hashes[i]))
            return false;
    }
    return true;
}

static bool among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

void verify_note_unsealed(struct verify *verify, json_t *object, const char *const *names)
{
    struct verify_summary *summary = &verify->summary;
    size_t known = count_names(names);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (summary->unsealed_count < VERIFY_UNSEALED_MAX && !among(names, known, name) &&
            !among(summary->unsealed, summary->unsealed_count, name))
            summary->unsealed[summary->unsealed_count++] = arena_strndup(verify->arena, name, strnlen(name, 64));
    }
}

bool verify_only(struct verify *verify, json_t *object, const char *const *names)
{
    size_t known = count_names(names);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (!among(names, known, name)) {
            verify_wrong(verify, "the line has a member that does not belong there: %.64s", name);
            return false;
        }
    }
    return true;
}

bool verify_read_count(const json_t *value, uint64_t *number)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

void verify_shown(struct verify *verify, const char *at)
{
    struct verify_summary *summary = &verify->summary;
    summary->shown++;
    if (strlen(at) >= VERIFY_TIME_SIZE)
        return;
    if (*summary->oldest == '\0' || strcmp(at, summary->oldest) < 0)
        snprintf(summary->oldest, VERIFY_TIME_SIZE, "%s", at);
    if (strcmp(at, summary->newest) > 0)
        snprintf(summary->newest, VERIFY_TIME_SIZE, "%s", at);
}

/* -- lines -------------------------------------------------------------------------------------------------------- */

static void check_end(struct verify *verify, json_t *line)
{
    static const char *const of_export[] = {"end", "events", NULL}, *const of_archive[] = {"end", "events", "tiles",
                                                                                           NULL};
    bool archive = verify->summary.kind == VERIFY_ARCHIVE;
    uint64_t events;
    verify->ended = true;
    if (!verify_only(verify, line, archive ? of_archive : of_export))
        return;
    if (!json_is_true(json_object_get(line, "end")))
        verify_wrong(verify, "the end is not true");
    if (!verify_read_count(json_object_get(line, "events"), &events) || events != verify->summary.events)
        verify_wrong(verify, "the last line says another number of events than the %" PRIu64 " before it",
                     verify->summary.events);
    if (archive)
        verify_archive_end(verify, line);
}

static void check_first(struct verify *verify, json_t *line)
{
    if (json_object_get(line, "samsynExport")) {
        verify->summary.kind = VERIFY_EXPORT;
        verify_export_header(verify, line);
    } else if (json_object_get(line, "samsynArchive")) {
        verify->summary.kind = VERIFY_ARCHIVE;
        verify_archive_header(verify, line);
    } else {
        verify->lost = true;
        verify_wrong(verify, "this is the header of neither an export nor an archive: nothing below can be checked");
        return;
    }
    if (verify->kept && !verify->lost)
        compare_kept(verify);
}

static void check_object(struct verify *verify, json_t *line)
{
    if (verify->summary.lines == 1)
        check_first(verify, line);
    else if (verify->ended)
        verify_wrong(verify, "there is more behind the last line");
    else if (json_object_get(line, "samsynExport") || json_object_get(line, "samsynArchive"))
        verify_wrong(verify, "there is a second header");
    else if (json_object_get(line, "end"))
        check_end(verify, line);
    else if (verify->summary.kind == VERIFY_EXPORT)
        verify_export_line(verify, line);
    else if (verify->summary.kind == VERIFY_ARCHIVE)
        verify_archive_line(verify, line);
}

/* What a line of JSON cannot be; NULL when it is one, then with `*object`. */
static const char *read_line(const char *bytes, size_t length, json_t **object)
{
    if (memchr(bytes, '\0', length))
        return "the line has a NUL byte";
    if (length > 0 && bytes[length - 1] == '\r')
        return "the line ends in CR LF: something has converted the file";
    *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(*object))
        return NULL;
    json_decref(*object);
    return "the line is not a JSON object in UTF-8, each of its members there once";
}

static void take_line(struct verify *verify, const char *bytes, size_t length)
{
    json_t *object = NULL;
    bool first = ++verify->summary.lines == 1;
    if (first && length == strlen(proof_line) && memcmp(bytes, proof_line, length) == 0)
        verify->summary.kind = VERIFY_PROOF;
    if (verify->summary.kind == VERIFY_PROOF || verify->lost)
        return;
    const char *wrong = read_line(bytes, length, &object);
    if (wrong) {
        verify_wrong(verify, "%s%s", wrong, first ? "; nothing below can be checked" : "");
        verify->lost = first;
        verify->summary.events += !first && !verify->ended;
        return;
    }
    check_object(verify, object);
    json_decref(object);
}

/* -- bytes -------------------------------------------------------------------------------------------------------- */

/* Keeps what has no end yet: at most `most` bytes of it. */
static void keep(struct verify *verify, const char *bytes, size_t length, size_t most)
{
    verify->too_long = verify->too_long || verify->length + length > most;
    if (verify->too_long || length == 0)
        return;
    if (verify->length + length > verify->capacity) {
        verify->capacity = 2 * (verify->length + length);
        verify->pending = realloc(verify->pending, verify->capacity);
        if (!verify->pending)
            abort();
    }
    memcpy(verify->pending + verify->length, bytes, length);
    verify->length += length;
}

/* The line that ends with `bytes`. */
static void end_line(struct verify *verify, const char *bytes, size_t length)
{
    if (verify->length == 0 && !verify->too_long && length <= VERIFY_LINE_MAX) {
        take_line(verify, bytes, length);
        return;
    }
    keep(verify, bytes, length, VERIFY_LINE_MAX);
    if (!verify->too_long) {
        take_line(verify, verify->pending, verify->length);
    } else {
        verify->summary.lines++;
        if (!verify->lost) {
            verify_wrong(verify, "the line is longer than %d bytes", VERIFY_LINE_MAX);
            verify->summary.events += verify->summary.lines > 1;
            verify->lost = verify->summary.lines == 1;
        }
    }
    verify->length = 0;
    verify->too_long = false;
}

void verify_feed(struct verify *verify, const char *bytes, size_t length)
{
    while (length > 0 && verify->summary.kind != VERIFY_PROOF) {
        const char *newline = memchr(bytes, '\n', length);
        size_t part = newline ? (size_t)(newline - bytes) : length;
        if (newline)
            end_line(verify, bytes, part);
        else
            keep(verify, bytes, part, VERIFY_LINE_MAX);
        bytes += part + (newline != NULL);
        length -= part + (newline != NULL);
        if (verify->summary.kind == VERIFY_PROOF) {
            keep(verify, proof_line, strlen(proof_line), PROOF_FILE_MAX);
            keep(verify, "\n", 1, PROOF_FILE_MAX);
        }
    }
    if (verify->summary.kind == VERIFY_PROOF)
        keep(verify, bytes, length, PROOF_FILE_MAX);
}

/* A proof of one event is short, and read when it is all there. */
static void check_proof_file(struct verify *verify)
{
    struct entry_proof proof;
    json_t *extra = NULL;
    verify->summary.events = 1;
    const char *wrong = verify->too_long ? "the proof is too long"
                                         : entry_proof_parse(verify->pending, verify->length, verify->arena, &proof);
    if (!wrong && proof.extra)
        extra = json_loadb(proof.extra, proof.extra_length, JSON_REJECT_DUPLICATES, NULL);
    if (!wrong && !json_is_object(extra))
        wrong = "the extra data is not a JSON object with an event and its opening";
    if (wrong) {
        verify_wrong(verify, "%s", wrong);
    } else {
        verify_head(verify, NULL, proof.note, strlen(proof.note));
        if (verify->kept && !verify->lost)
            compare_kept(verify);
        if (!verify->lost)
            verify_event(verify, proof.index, json_object_get(extra, "event"), json_object_get(extra, "opening"),
                         &proof.proof);
    }
    json_decref(extra);
}

/* -- all of it ---------------------------------------------------------------------------------------------------- */

struct verify *verify_create(const struct verify_trust *trust, const struct checkpoint *kept, verify_complain complain,
                             void *context)
{
    struct verify *verify = calloc(1, sizeof(*verify));
    if (!verify)
        abort();
    verify->trust = trust;
    verify->kept = kept;
    verify->complain = complain;
    verify->context = context;
    verify->arena = arena_create();
    return verify;
}

const struct verify_summary *verify_finish(struct verify *verify)
{
    struct verify_summary *summary = &verify->summary;
    uint64_t lines = summary->lines;
    summary->lines = 0; /* these complaints are of the file */
    if (summary->kind == VERIFY_PROOF)
        check_proof_file(verify);
    else if (lines == 0 && verify->length == 0 && !verify->too_long)
        verify_wrong(verify, "the file is empty");
    else if (verify->length > 0 || verify->too_long)
        verify_wrong(verify, "the last line has no end: the file was cut");
    else if (!verify->ended && summary->kind != VERIFY_UNKNOWN)
        verify_wrong(verify, "the line that says the end is missing: the file was cut");
    summary->lines = lines;
    return summary;
}

void verify_free(struct verify *verify)
{
    if (!verify)
        return;
    arena_destroy(verify->arena);
    free(verify->pending);
    free(verify);
}
