#include "commands/development.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/sign.h"
#include "base/clock.h"
#include "base/uuid.h"

enum { PEM_MAX = 16 * 1024 };

static const char kid[] = "development";

char *development_key(const char *path, char **why)
{
    FILE *file = fopen(path, "re");
    char *pem = calloc(1, PEM_MAX + 1);
    if (!pem)
        abort();
    size_t length = file ? fread(pem, 1, PEM_MAX, file) : 0;
    if (file)
        fclose(file);
    if (length > 0)
        return pem;
    if (asprintf(why, "%s: %s", path, file ? "the file is empty" : strerror(errno)) < 0)
        abort();
    free(pem);
    return NULL;
}

/* Signs the claims that all tokens have beside those that say who it is. Steals `who`. */
static char *make_token(const char *pem, json_t *who, const char *client, const char *scope, long lifetime, char **why)
{
    char id[UUID_TEXT_SIZE];
    json_int_t now = clock_epoch();
    uuid_make(id);
    json_t *claims = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "aud", DEVELOPMENT_AUDIENCE, "azp", client, "scope",
                               scope, "iat", now, "exp", now + (json_int_t)lifetime, "jti", id);
    bool good = who && claims && json_object_update(claims, who) == 0;
    char *token = good ? sign_token(pem, claims, kid, why) : NULL;
    if (!good)
        *why = strdup("subject, client and scope must be UTF-8");
    json_decref(claims);
    json_decref(who);
    return token;
}

char *development_token(const char *pem, const char *subject, const char *client, const char *scope, long lifetime,
                        char **why)
{
    return make_token(pem, json_pack("{s:s, s:s}", "iss", DEVELOPMENT_ISSUER, "sub", subject), client, scope, lifetime,
                      why);
}

char *development_party_token(const char *pem, const char *identity_number, const char *client, const char *scope,
                              long lifetime, char **why)
{
    json_t *who = json_pack("{s:s, s:s, s:s}", "iss", DEVELOPMENT_PARTY_ISSUER, "sub", "party",
                            DEVELOPMENT_NUMBER_CLAIM, identity_number);
    return make_token(pem, who, client, scope, lifetime, why);
}

json_t *development_issuers(const char *pem, char **why)
{
    json_t *keys = sign_public_jwks(pem, kid);
    const char *type = json_string_value(json_object_get(json_array_get(json_object_get(keys, "keys"), 0), "kty"));
    const char *algorithm = type && strcmp(type, "EC") == 0 ? "ES256" : "RS256";
    if (!keys) {
        *why = strdup("the development key is neither RSA of 2048 bits or more nor on P-256, or it is encrypted");
        return NULL;
    }
    return json_pack("[{s:s, s:s, s:[s], s:O}, {s:s, s:s, s:s, s:[s], s:o}]", "issuer", DEVELOPMENT_ISSUER, "audience",
                     DEVELOPMENT_AUDIENCE, "algorithms", algorithm, "jwks", keys, "issuer", DEVELOPMENT_PARTY_ISSUER,
                     "audience", DEVELOPMENT_AUDIENCE, "identityNumberClaim", DEVELOPMENT_NUMBER_CLAIM, "algorithms",
                     algorithm, "jwks", keys);
}
