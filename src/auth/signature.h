/* The check of a token's signature against one key. The only file that includes libjwt. */
#ifndef SAMSYN_AUTH_SIGNATURE_H
#define SAMSYN_AUTH_SIGNATURE_H

#include <stdbool.h>

#include "auth/jwks.h"
#include "auth/jws.h"

/* True when `jws` is signed with `key`. The header's algorithm must be the key's, or the answer is false before any
 * library sees the token: libjwt takes the algorithm from the header. Thread-safe. */
bool signature_valid(const struct jws *jws, const struct jwk *key);

#endif
