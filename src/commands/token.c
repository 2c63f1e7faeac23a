/* samsyn token: a token of the development issuer. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "commands/development.h"

int command_token(const struct options *options)
{
    const char *path = command_need(options, OPTION_DEVELOPMENT_KEY);
    const char *subject = path ? command_need(options, OPTION_SUBJECT) : NULL;
    char *why = NULL, *pem = NULL, *token = NULL;
    if (!subject)
        return 1;
    pem = development_key(path, &why);
    if (pem)
        token = development_token(pem, subject, options_text(options, OPTION_CLIENT),
                                  options_text(options, OPTION_SCOPE), options_number(options, OPTION_LIFETIME), &why);
    int status = token ? 0 : command_fail("%s", why);
    if (token)
        puts(token);
    free(token);
    free(pem);
    free(why);
    return status;
}
