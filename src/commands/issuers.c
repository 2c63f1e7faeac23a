#include "commands/issuers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/development.h"

static json_t *read_configuration(const char *path, char **why)
{
    json_error_t error;
    json_t *configuration = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!configuration && asprintf(why, "%s:%d: %s", path, error.line, error.text) < 0)
        abort();
    return configuration;
}

static bool add_development(json_t *configuration, const char *path, bool loopback, char **why)
{
    if (!loopback) {
        *why = strdup("--development-key is refused: --listen is not a loopback address");
        return false;
    }
    char *pem = development_key(path, why);
    json_t *issuer = pem ? development_issuer(pem, why) : NULL;
    free(pem);
    if (!issuer)
        return false;
    if (!json_object_get(configuration, "issuers"))
        json_object_set_new(configuration, "issuers", json_array());
    return json_array_append_new(json_object_get(configuration, "issuers"), issuer) == 0;
}

struct auth *issuers_auth(const struct options *options, bool loopback, char **why)
{
    const char *path = options_text(options, OPTION_ISSUERS);
    const char *key = options_text(options, OPTION_DEVELOPMENT_KEY);
    struct auth *auth = NULL;
    if (!path && !key) {
        *why = strdup("--issuers is needed: without issuers no token is good");
        return NULL;
    }
    json_t *configuration = path ? read_configuration(path, why) : json_object();
    if (json_is_object(configuration) && !json_object_get(configuration, "maxLifetimeSeconds"))
        json_object_set_new(configuration, "maxLifetimeSeconds",
                            json_integer(options_number(options, OPTION_TOKEN_MAX_LIFETIME_S)));
    if (configuration && (!key || add_development(configuration, key, loopback, why)))
        auth = auth_create(configuration, why);
    json_decref(configuration);
    return auth;
}
