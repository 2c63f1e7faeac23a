/* A token as it stands on the wire: compact JWS (RFC 7515 7.1) taken apart strictly, nothing of it trusted yet. */
#ifndef SAMSYN_AUTH_JWS_H
#define SAMSYN_AUTH_JWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/algorithm.h"
#include "auth/auth.h"
#include "base/arena.h"

enum { JWS_MAX_LENGTH = 8192, JWS_MAX_KID = 255 };

/* Everything lent by the arena given to jws_parse. */
struct jws {
    const char *text;         /* the token with an ending NUL */
    size_t signed_length;     /* bytes of `text` that the signature covers: header, dot, payload */
    enum algorithm algorithm; /* what the header claims */
    const char *kid;          /* NULL when the header has none */
    bool access_token_type;   /* typ is at+jwt (RFC 9068 2.1) */
    const json_t *payload;    /* an object */
    const unsigned char *signature;
    size_t signature_size;
};

/* Takes `token` apart. Of the header only alg, kid, typ and crit are looked at: a key or an address of a key in
 * it (jwk, jku, x5c, x5u) is never used. TOKEN_ABSENT, TOKEN_TOO_LARGE, TOKEN_ALGORITHM (not one of
 * enum algorithm), TOKEN_SIGNATURE (none there) or TOKEN_MALFORMED: not three parts of strict base64url, not
 * JSON objects, a member given twice, crit (no extension is understood here, RFC 7515 4.1.11), or a typ that
 * says the token is something else (RFC 8725 3.11). */
enum token_failure jws_parse(const char *token, size_t length, struct arena *arena, struct jws *jws);

#endif
