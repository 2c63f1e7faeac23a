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
    const char *issuer;          /* iss */
    const char *subject;         /* sub, or the claim configured for the issuer */
    const char *client;          /* azp or client_id */
    const char *identity_number; /* twelve digits: a guardian or child, for whom the issuer vouches; or NULL */
    size_t scope_count;
    const char **scopes; /* scope, split at spaces */
    int64_t expires;     /* exp, seconds since the epoch */
    const char
        *organisations; /* JSON array text of the organisation numbers that this issuer may vouch for; "[]" = any */
};

/* Why a token failed: the metric's label and the security event's reason. */
enum token_failure {
    TOKEN_OK,
    TOKEN_ABSENT,
    TOKEN_MALFORMED,
    TOKEN_TOO_LARGE,
    TOKEN_ALGORITHM,
    TOKEN_ISSUER_UNKNOWN,
    TOKEN_KEY_UNKNOWN,
    TOKEN_SIGNATURE,
    TOKEN_AUDIENCE,
    TOKEN_TIME_EXPIRED,
    TOKEN_NOT_YET,
    TOKEN_LIFETIME,
    TOKEN_CLAIM_MISSING,
    TOKEN_IDENTITY_NUMBER,
    TOKEN_FAILURES
};

const char *token_failure_name(enum token_failure failure); /* "signature", "key-unknown" ... */

/* Builds the verifier from the parsed issuer configuration:
 * {"clockSkewSeconds": 30, "maxLifetimeSeconds": 300, "cacheEntries": 4096,
 *  "issuers": [{"issuer": "https://...", "audience": "samsyn", "algorithms": ["RS256"],
 *    "jwksFile": "...", "jwksUrl": "https://...", "jwks": {"keys": [...]}, "refreshSeconds": 300,
 *    "subjectClaim": "sub", "clientClaim": "azp", "identityNumberClaim": "personalIdentityNumber",
 *    "organisations": ["2120000142"], "maxLifetimeSeconds": 600}]}
 * Optional are all but issuer, audience, algorithms and exactly one of jwksFile, jwksUrl (https, or http to the
 * loopback interface) and jwks (keys that never change); the values above are the defaults, except that clientClaim
 * defaults to azp, then client_id, organisations to any, and an issuer's maxLifetimeSeconds to the common one. With
 * identityNumberClaim, which has no default, the issuer's tokens name guardians and children and nobody else: each must
 * hold a personal identity or coordination number there. A key
 * without `alg` has the first of `algorithms` that fits its type. cacheEntries 0 turns the cache off. Keys are loaded
 * anew when older than refreshSeconds and, as often at most, when a token names an unknown kid. Unknown members are
 * refused. Returns NULL with `*why` (malloc'd). A jwksUrl that cannot be fetched yet is no error: auth_ready tells.
 * The caller owns the verifier. */
struct auth *auth_create(const json_t *configuration, char **why);
void auth_destroy(struct auth *auth);

/* Lets birth numbers 980-999, the Tax Agency's test persons, pass as identity numbers; refused until told. To be called
 * before the verifier is shared between threads. */
void auth_accept_test_numbers(struct auth *auth, bool accept);

/* True when every issuer has at least one key. */
bool auth_ready(const struct auth *auth);

/* Verifies `token` (RFC 8725) at the time `now` (seconds since the epoch) and fills `principal` on TOKEN_OK.
 * Thread-safe; the first tokens with an unknown kid may wait up to 2 s for the issuer's keys, while others go on. The
 * outcome of what depends on the token alone (signature, audience, claims) is cached by the SHA-256 of the token,
 * bounded, never beyond exp, never a failure, and not once a key of the issuer has disappeared; times are checked each
 * time: exp without skew, nbf and iat with clockSkewSeconds. */
enum token_failure auth_verify(struct auth *auth, const char *token, size_t length, int64_t now, struct arena *arena,
                               struct principal *principal);

/* How many tokens were found in the cache since the start, and how many not; for metrics. */
void auth_cache_counts(const struct auth *auth, uint64_t *hits, uint64_t *misses);

/* The issuer of development tokens, to be added to "issuers" only by who asks for it and serves loopback alone. */
#define AUTH_DEVELOPMENT_ISSUER "samsyn-development"
#define AUTH_DEVELOPMENT_AUDIENCE "samsyn"
#define AUTH_DEVELOPMENT_KID "development"

/* Its configuration object, with the public half of the private key in PEM (see sign_token, whose tokens need this
 * kid or none) as inline jwks. The caller owns it. NULL when the key is not one that sign_token takes. */
json_t *auth_development_issuer(const char *pem);

#endif
