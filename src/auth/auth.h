/* Tokens: from a bearer token to who presents it. The only place that includes libjwt. */
#ifndef SAMSYN_AUTH_AUTH_H
#define SAMSYN_AUTH_AUTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct auth;

/* Who the token speaks of; strings lent by the arena given to auth_verify. */
struct principal {
    const char *issuer;        /* iss */
    const char *subject;       /* sub, or the claim configured for the issuer */
    const char *client;        /* azp or client_id */
    size_t scope_count;
    const char **scopes;       /* scope, split at spaces */
    int64_t expires;           /* exp, seconds since the epoch */
    const char *organisations; /* JSON array text of the organisation numbers that this issuer may vouch for; "[]" = any */
};

/* Why a token failed: the metric's label and the security event's reason. */
enum token_failure {
    TOKEN_OK, TOKEN_ABSENT, TOKEN_MALFORMED, TOKEN_TOO_LARGE, TOKEN_ALGORITHM, TOKEN_ISSUER_UNKNOWN, TOKEN_KEY_UNKNOWN,
    TOKEN_SIGNATURE, TOKEN_AUDIENCE, TOKEN_TIME_EXPIRED, TOKEN_NOT_YET, TOKEN_LIFETIME, TOKEN_CLAIM_MISSING, TOKEN_FAILURES
};

const char *token_failure_name(enum token_failure failure); /* "signature", "key-unknown" ... */

/* Builds the verifier from the parsed issuer configuration:
 * {"clockSkewSeconds": 30, "maxLifetimeSeconds": 300, "cacheEntries": 4096,
 *  "issuers": [{"issuer": "https://...", "audience": "samsyn", "algorithms": ["RS256"], "jwksFile": "...", "jwksUrl": "https://...",
 *    "refreshSeconds": 300, "subjectClaim": "sub", "clientClaim": "azp", "organisations": ["2120000142"], "maxLifetimeSeconds": 600}]}
 * `subjectClaim`, `clientClaim` (default azp, then client_id) and the rest but issuer, audience, algorithms and
 * one of jwksFile/jwksUrl are optional. Unknown members are refused. Returns NULL with `*why` (malloc'd).
 * A jwksUrl that cannot be fetched yet is no error: auth_ready tells. */
struct auth *auth_create(const json_t *configuration, char **why);
void auth_destroy(struct auth *auth);

/* True when every issuer has at least one key. */
bool auth_ready(const struct auth *auth);

/* Verifies `token` at the time `now` (seconds since the epoch). Thread-safe. Signature checks are cached by the
 * SHA-256 of the token, bounded, never beyond exp; times, audience and claims are checked each time. */
enum token_failure auth_verify(struct auth *auth, const char *token, size_t length, int64_t now, struct arena *arena,
                               struct principal *principal);

#endif
