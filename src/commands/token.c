/* samsyn token: a token of a development issuer, for someone who works here or for a guardian or child. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "commands/development.h"

static char *make(const struct options *options, const char *pem, char **why)
{
    const char *subject = options_text(options, OPTION_SUBJECT), *client = options_text(options, OPTION_CLIENT);
    const char *number = options_text(options, OPTION_IDENTITY_NUMBER), *scope = options_text(options, OPTION_SCOPE);
    long lifetime = options_number(options, OPTION_LIFETIME);
    return number ? development_party_token(pem, number, client, scope, lifetime, why)
                  : development_token(pem, subject, client, scope, lifetime, why);
}

int command_token(const struct options *options)
{
    const char *path = command_need(options, OPTION_DEVELOPMENT_KEY);
    char *why = NULL;
    if (!path)
        return 1;
    if (!options_text(options, OPTION_SUBJECT) == !options_text(options, OPTION_IDENTITY_NUMBER))
        return command_fail("either --subject or --identity-number is needed");
    char *pem = development_key(path, &why);
    char *token = pem ? make(options, pem, &why) : NULL;
    int status = token ? 0 : command_fail("%s", why);
    if (token)
        puts(token);
    free(token);
    free(pem);
    free(why);
    return status;
}
