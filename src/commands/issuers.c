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

/* Two issuers on one key: of those who work here, and of guardians and children. */
static bool add_development(json_t *configuration, const char *path, bool loopback, char **why)
{
    if (!loopback) {
        *why = strdup("--development-key is refused: --listen is not a loopback address");
        return false;
    }
    char *pem = development_key(path, why);
    json_t *issuers = pem ? development_issuers(pem, why) : NULL;
    free(pem);
    if (!issuers)
        return false;
    if (!json_object_get(configuration, "issuers"))
        json_object_set_new(configuration, "issuers", json_array());
    bool added = json_array_extend(json_object_get(configuration, "issuers"), issuers) == 0;
    json_decref(issuers);
    return added;
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
    if (auth)
        auth_accept_test_numbers(auth, options_switch(options, OPTION_ACCEPT_TEST_IDENTITY_NUMBERS));
    json_decref(configuration);
    return auth;
}
