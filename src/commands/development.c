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

char *development_token(const char *pem, const char *subject, const char *client, const char *scope, long lifetime,
                        char **why)
{
    char id[UUID_TEXT_SIZE];
    json_int_t now = clock_epoch();
    uuid_make(id);
    json_t *claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "iss", DEVELOPMENT_ISSUER, "aud",
                               DEVELOPMENT_AUDIENCE, "sub", subject, "azp", client, "scope", scope, "iat", now, "exp",
                               now + (json_int_t)lifetime, "jti", id);
    char *token = claims ? sign_token(pem, claims, kid, why) : NULL;
    if (!claims)
        *why = strdup("subject, client and scope must be UTF-8");
    json_decref(claims);
    return token;
}

json_t *development_issuer(const char *pem, char **why)
{
    json_t *keys = sign_public_jwks(pem, kid);
    const char *type = json_string_value(json_object_get(json_array_get(json_object_get(keys, "keys"), 0), "kty"));
    if (!keys) {
        *why = strdup("the development key is neither RSA of 2048 bits or more nor on P-256, or it is encrypted");
        return NULL;
    }
    return json_pack("{s:s, s:s, s:[s], s:o}", "issuer", DEVELOPMENT_ISSUER, "audience", DEVELOPMENT_AUDIENCE,
                     "algorithms", type && strcmp(type, "EC") == 0 ? "ES256" : "RS256", "jwks", keys);
}
