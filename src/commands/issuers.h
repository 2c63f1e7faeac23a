/* The configuration of the token verifier from the command's options. */
#ifndef SAMSYN_COMMANDS_ISSUERS_H
#define SAMSYN_COMMANDS_ISSUERS_H

#include "auth/auth.h"
#include "base/options.h"

/* Makes the verifier of --issuers and --development-key; at least one of them must be given, and the latter is refused
 * when `loopback` is false. The caller owns it. NULL with `*why` (malloc'd). */
struct auth *issuers_auth(const struct options *options, bool loopback, char **why);

#endif
