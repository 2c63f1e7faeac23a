/* The lines of an export with proofs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/event.h"
#include "log/verify_lines.h"

/* That the log of the header continues an earlier one. */
static void check_since(struct verify *verify, const json_t *since)
{
    struct verify_summary *summary = &verify->summary;
    struct merkle_proof proof;
    const json_t *note = json_object_get(since, "checkpoint");
    const char *why = json_is_string(note) ? verify_note(verify->trust, 0, json_string_value(note),
                                                         json_string_length(note), verify->arena, &summary->since)
                                           : "there is none";
    if (why) {
        verify_wrong(verify, "the earlier checkpoint: %s", why);
        return;
    }
    const struct checkpoint *from = &summary->since.checkpoint, *to = &summary->head.checkpoint;
    summary->continues = verify_read_proof(json_object_get(since, "proof"), &proof) &&
                         merkle_verify_consistency(from->size, to->size, &from->root, &to->root, &proof);
    if (!summary->continues)
        verify_wrong(verify,
                     "the log of %" PRIu64 " entries is not shown to continue that of %" PRIu64
                     ": entries were altered or removed, or the proof is broken",
                     to->size, from->size);
}

void verify_export_header(struct verify *verify, json_t *header)
{
    static const char *const names[] = {"samsynExport", "origin", "checkpoint", "since", NULL};
    const json_t *origin = json_object_get(header, "origin"), *note = json_object_get(header, "checkpoint");
    const json_t *since = json_object_get(header, "since");
    if (json_integer_value(json_object_get(header, "samsynExport")) != 1 || !origin) {
        verify_wrong(verify, "the export is of a version that is not known here; nothing below can be checked");
        verify->lost = true;
        return;
    }
    verify_only(verify, header, names);
    verify_head(verify, origin, json_string_value(note), json_string_length(note));
    if (since && !verify->lost)
        check_since(verify, since);
}

static void note_names(struct verify *verify, json_t *event)
{
    static const char *const names[] = {
#define X(identifier, column, name, kind) name,
        EVENT_TABLE(X)
#undef X
            NULL};
    verify_note_unsealed(verify, event, names);
}

/* Whether the event is older than the one before it. */
static bool falls(const struct verify *verify, const char *at, const char *id)
{
    int times = strcmp(at, verify->last_at);
    return *verify->last_at == '\0' || times < 0 || (times == 0 && strcmp(id, verify->last_id) < 0);
}

void verify_event(struct verify *verify, uint64_t index, json_t *event, const json_t *opening,
                  const struct merkle_proof *proof)
{
    const struct checkpoint *head = &verify->summary.head.checkpoint;
    struct merkle_hash leaf;
    const char *at = json_string_value(json_object_get(event, "at"));
    const char *id = json_string_value(json_object_get(event, "id"));
    struct arena *arena = arena_create();
    const char *why = event_check(event, opening, arena, &leaf);
    if (!why && (!at || !id || strlen(at) >= sizeof(verify->last_at) || strlen(id) >= sizeof(verify->last_id)))
        why = "the event has no time and identifier";
    if (!why && json_object_get(event, "transaction"))
        why = "the transaction stands in the opening, and not in the event";
    if (!why && index >= head->size)
        why = "the log is not that long";
    if (!why && !merkle_verify_inclusion(&leaf, index, head->size, &head->root, proof))
        why = "what the line says is not what is in the log at that place";
    if (!why && !falls(verify, at, id))
        why = "the event is newer than the one before it, or there twice";
    if (why)
        verify_wrong(verify, "entry %" PRIu64 ": %s", index, why);
    arena_destroy(arena);
    if (why)
        return;
    note_names(verify, event);
    snprintf(verify->last_at, sizeof(verify->last_at), "%s", at);
    snprintf(verify->last_id, sizeof(verify->last_id), "%s", id);
    verify_shown(verify, at);
}

void verify_export_line(struct verify *verify, json_t *line)
{
    static const char *const names[] = {"index", "event", "opening", "proof", NULL};
    uint64_t index;
    struct merkle_proof proof;
    verify->summary.events++;
    if (!verify_only(verify, line, names))
        return;
    if (!verify_read_count(json_object_get(line, "index"), &index))
        verify_wrong(verify, "the line has no index that is a number");
    else if (!verify_read_proof(json_object_get(line, "proof"), &proof))
        verify_wrong(verify, "entry %" PRIu64 ": the proof is not a list of hashes", index);
    else
        verify_event(verify, index, json_object_get(line, "event"), json_object_get(line, "opening"), &proof);
}
