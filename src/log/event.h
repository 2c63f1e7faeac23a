/* The canonical form of a row of the access log, version 2, of which the leaves of the tree are made; and how a part of
 * a row is shown to someone who must not see all of it.
 *
 * A row is told whole to nobody but the database. An auditor of one organisation is told which of its own children and
 * records a request touched, and nothing of the others. So five lists stand in the canonical form as commitments: a
 * hash of slots, one for each item and decoys up to a power of two, each salted. Whoever is given the salt of a slot
 * and its item can check it; the other slots tell nothing, not even which of them are decoys. The salts follow from the
 * row's nonce, which never leaves the database: a leaf tells nothing of a row that is gone.
 *
 * The form is UTF-8, one line for each value, in the order of EVENT_TABLE, after the line "samsyn-access-event/2":
 *
 *   name -                        null
 *   name 5:hello                  length in bytes and value, so that no value can be taken for another line
 *   name *2 5:FIRST 6:SECOND      a list
 *   name #<64 hexadecimal digits> the commitment of a list
 *
 * The commitment is SHA-256(0x05, slots in the order of their bytes), so that no slot tells how many items stand before
 * it; a slot is SHA-256(0x04, salt, item) or, for a decoy, SHA-256(0x03, salt of the list, number); the salt of a slot
 * SHA-256(0x02, salt of the list, number), numbers from 0 as four bytes, the most significant first; the salt of a list
 * SHA-256(0x01, nonce as text, name). There are as many slots as the least power of two that holds the items, and at
 * least EVENT_SLOTS, or EVENT_SLOTS_DENIED in a row that is denied: what a refused request aimed at must not show by
 * its number whether a guess was right. */
#ifndef SAMSYN_LOG_EVENT_H
#define SAMSYN_LOG_EVENT_H

#include <jansson.h>

#include "base/arena.h"
#include "log/merkle.h"

enum { EVENT_SLOTS = 4, EVENT_SLOTS_DENIED = 16, EVENT_ITEMS_MAX = 1 << 16 };

/* X(IDENTIFIER, "column", "name in the API", kind). */
#define EVENT_TABLE(X)                                                                                                 \
    X(ID, "id", "id", EVENT_IS_TEXT)                                                                                   \
    X(AT, "at", "at", EVENT_IS_TEXT)                                                                                   \
    X(TXID, "txid", "transaction", EVENT_IS_TEXT)                                                                      \
    X(ORGANISATION_ID, "organisation_id", "organisationId", EVENT_IS_TEXT)                                             \
    X(UNIT_ID, "unit_id", "unitId", EVENT_IS_TEXT)                                                                     \
    X(USER_ID, "user_id", "userId", EVENT_IS_TEXT)                                                                     \
    X(ASSIGNMENT_ID, "assignment_id", "assignmentId", EVENT_IS_TEXT)                                                   \
    X(PARTY_IDS, "party_ids", "partyIds", EVENT_IS_COMMITTED)                                                          \
    X(ROLE, "role", "role", EVENT_IS_TEXT)                                                                             \
    X(CLIENT, "client", "client", EVENT_IS_TEXT)                                                                       \
    X(CLIENT_ADDRESS, "client_address", "clientAddress", EVENT_IS_TEXT)                                                \
    X(OPERATION, "operation", "operation", EVENT_IS_TEXT)                                                              \
    X(ACTIVITY, "activity", "activity", EVENT_IS_TEXT)                                                                 \
    X(PURPOSE, "purpose", "purpose", EVENT_IS_TEXT)                                                                    \
    X(SUBJECT_IDS, "subject_ids", "subjectIds", EVENT_IS_COMMITTED)                                                    \
    X(RESOURCE_IDS, "resource_ids", "resourceIds", EVENT_IS_COMMITTED)                                                 \
    X(CONCERNED_IDS, "concerned_ids", "concernedIds", EVENT_IS_COMMITTED)                                              \
    X(GROUNDS, "grounds", "grounds", EVENT_IS_LIST)                                                                    \
    X(DISCLOSURE_IDS, "disclosure_ids", "disclosureIds", EVENT_IS_COMMITTED)                                           \
    X(EMERGENCY_ID, "emergency_id", "emergencyAccessId", EVENT_IS_TEXT)                                                \
    X(OUTCOME, "outcome", "outcome", EVENT_IS_TEXT)                                                                    \
    X(CODE, "code", "code", EVENT_IS_TEXT)                                                                             \
    X(REQUEST_ID, "request_id", "requestId", EVENT_IS_TEXT)                                                            \
    X(TRACE_ID, "trace_id", "traceId", EVENT_IS_TEXT)

enum event_kind { EVENT_IS_TEXT, EVENT_IS_LIST, EVENT_IS_COMMITTED };
enum event_field {
#define X(identifier, ...) EVENT_##identifier,
    EVENT_TABLE(X)
#undef X
        EVENT_FIELDS
};

/* What each is called. */
struct event_name {
    const char *column, *name;
    enum event_kind kind;
};
extern const struct event_name event_names[EVENT_FIELDS];

/* The columns to select from samsyn.access_events `e` for event_read, in its order: all of EVENT_TABLE, then nonce. */
#define EVENT_COLUMNS                                                                                                  \
    "e.id, samsyn.utc_micro(e.at), e.txid, e.organisation_id, e.unit_id, e.user_id, e.assignment_id, e.party_ids, "    \
    "e.role, e.client, e.client_address, e.operation, e.activity, e.purpose, e.subject_ids, e.resource_ids, "          \
    "e.concerned_ids, e.grounds, e.disclosure_ids, e.emergency_id, e.outcome, e.code, e.request_id, e.trace_id, "      \
    "e.nonce"
enum { EVENT_NONCE = EVENT_FIELDS, EVENT_CELLS };

struct event_list {
    const char *const *items;
    size_t count;
};

/* A row as the database has it. Borrows the cells. */
struct event {
    const char *texts[EVENT_FIELDS];       /* of kind EVENT_IS_TEXT; NULL is null */
    struct event_list lists[EVENT_FIELDS]; /* of the other kinds */
    const char *nonce;
};

/* Reads a row from its cells, as EVENT_COLUMNS selects them; lists are lent by the arena. False when a cell is not what
 * such a column holds. */
bool event_read(const char *const cells[EVENT_CELLS], struct arena *arena, struct event *event);

/* The canonical form, lent by the arena; and the hash of the leaf it makes. */
const char *event_canonical(const struct event *event, struct arena *arena);
struct merkle_hash event_leaf(const struct event *event, struct arena *arena);

/* What someone needs who was told `told` (an object of the API's schema AccessEvent, whose lists may be parts of the
 * row's) to compute the leaf: {"version": 2, "transaction": "742", "commitments": {list: how}}, where how is
 *
 *   {"salt": s}                       the list was told whole (only where the whole row is `own`), or
 *   {"slots": [...], "opened": [{"slot": 0, "salt": s}]}  told in part: the items, in their order, stand in these slots
 *   {"commitment": c}                 nothing of it was told
 *
 * in base64. A new reference. NULL when `told` has an item that the row has not. */
json_t *event_open(const struct event *event, const json_t *told, bool own);

/* The leaf of an event that was told, from what event_open made: NULL, or why they do not fit, lent by the arena. */
const char *event_check(const json_t *told, const json_t *opening, struct arena *arena, struct merkle_hash *leaf);

#endif
