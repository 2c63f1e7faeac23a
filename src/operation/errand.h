/* An errand: one request on its way down the street, what each stage finds out and the next one needs. */
#ifndef SAMSYN_OPERATION_ERRAND_H
#define SAMSYN_OPERATION_ERRAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/uuid.h"
#include "contract/contract.h"
#include "contract/violation.h"
#include "db/db.h"
#include "http/http.h"
#include "log/note.h"
#include "operation/catalogue.h"
#include "operation/pages.h"

/* samsyn.enter takes 19 values; the last four are the Idempotency-Key, the hash of what it was sent with, the identity
 * number of a guardian or child, and the emergency access. */
enum { ENTER_TARGETS = 10, ENTER_KEY = 15, ENTER_HASH, ENTER_NUMBER, ENTER_EMERGENCY, ENTER_VALUES };

/* Items on a page of a list whose contract has no parameter `limit`. */
enum { LIMIT_DEFAULT = 20 };

/* What serves every request; borrowed by the errand. */
struct services {
    const struct contract *contract;
    const struct catalogue *catalogue;
    const struct pages *pages;
    struct auth *auth;
    struct db *db;
    const struct note_signer *witness; /* of the logs of others, or NULL */
};

struct errand {
    const struct services *services;
    struct request *request;
    struct reply *reply;
    struct arena *arena; /* the request's */
    struct route route;
    const struct operation *operation;
    const struct plan *plan;
    const char *type; /* the media type that the client accepts, of operation->produced */
    struct principal principal;
    json_t *parameters; /* bound values by name */
    const char *body;   /* validated JSON text, or the bytes of a body of any type, or NULL */
    size_t body_length;
    const char *if_match;            /* without quotes, or NULL */
    const char *key;                 /* Idempotency-Key, or NULL when the operation takes none */
    const char *part;                /* of a stream: the cursor of the last row passed on; NULL for the first part */
    const char *enter[ENTER_VALUES]; /* values of samsyn.enter */
    const char *permissions;         /* text[] of the principal, as enter gave it, or NULL */
    bool open;                       /* the database may be asked: it has our schema */
    bool logged;                     /* the row of the access log that tells of this exchange stands */
    bool origin_decided;             /* reply->allowed_origin is settled */
    char id[UUID_TEXT_SIZE];         /* :id, fresh or what the key was answered with */
};

/* Makes the reply the problem of `error`. */
void errand_problem(struct errand *errand, enum error error, const char *detail, const struct violations *violations);

/* A bound integer parameter, or `fallback` when the operation has none of that name. */
long long errand_integer(const struct errand *errand, const char *name, long long fallback);

/* The values of a compiled statement for this request; lent by the arena. */
struct db_call errand_call(struct errand *errand, const struct statement *statement);

/* A JSON value as the text that PostgreSQL reads (arrays as array literals); NULL for null. Lent. */
const char *errand_sql_text(struct arena *arena, const json_t *value);

#endif
