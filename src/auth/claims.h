/* What a verified token says, checked against what its issuer may say (RFC 7519 4.1, RFC 9068 2.2). */
#ifndef SAMSYN_AUTH_CLAIMS_H
#define SAMSYN_AUTH_CLAIMS_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdint.h>

#include "auth/auth.h"
#include "auth/issuer.h"

enum { CLAIMS_MAX_NAME = 255, CLAIMS_MAX_SCOPES = 64, CLAIMS_MAX_AUDIENCES = 64 };

/* Immutable once decoded, shared by reference between the cache and the requests that use it. */
struct claims {
    atomic_uint references;
    const struct issuer *issuer; /* lent by the verifier */
    uint64_t generation;         /* of the keys that the token was verified with */
    int64_t expires;             /* exp */
    int64_t issued;              /* iat */
    int64_t not_before;          /* nbf, or iat when the token has none */
    const char *subject;
    const char *client;
    const char *identity_number; /* twelve digits, by an issuer that vouches for them; or NULL */
    size_t scope_count;
    const char **scopes;
};

/* Decodes and checks everything that depends on the token and its issuer alone: aud, exp, iat, nbf, the subject and
 * the client (each 1 to 255 bytes without control characters), scope (at most 64, RFC 6749 3.3), and the identity
 * number where the issuer has a claim for it, by the calendar of `now` (seconds since the epoch). TOKEN_CLAIM_MISSING,
 * TOKEN_AUDIENCE, TOKEN_LIFETIME (exp - iat not within 1 and the issuer's limit, profile SAK.12),
 * TOKEN_IDENTITY_NUMBER, or TOKEN_MALFORMED for a claim of the wrong shape. On TOKEN_OK `*claims` has one reference,
 * which the caller owns. */
enum token_failure claims_decode(const json_t *payload, const struct issuer *issuer, int64_t now,
                                 struct claims **claims);

/* The checks that depend on the time `now`: TOKEN_TIME_EXPIRED from exp on, without skew; TOKEN_NOT_YET while nbf or
 * iat lies further ahead than the skew. */
enum token_failure claims_check_time(const struct claims *claims, int64_t now);

struct claims *claims_share(struct claims *claims);
void claims_release(struct claims *claims); /* NULL is allowed */

#endif
