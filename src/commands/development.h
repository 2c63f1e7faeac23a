/* The development issuer: tokens signed with a key of one's own, for trying things out on loopback. */
#ifndef SAMSYN_COMMANDS_DEVELOPMENT_H
#define SAMSYN_COMMANDS_DEVELOPMENT_H

#include <jansson.h>
#include <stddef.h>

#define DEVELOPMENT_ISSUER "samsyn-development"
#define DEVELOPMENT_PARTY_ISSUER "samsyn-development-party"
#define DEVELOPMENT_NUMBER_CLAIM "identity_number"
#define DEVELOPMENT_AUDIENCE "samsyn"

/* The text of the PEM file; the caller frees it. NULL with `*why` (malloc'd), as for the rest. */
char *development_key(const char *path, char **why);

/* A token for `subject`, to be presented by `client`, with the scopes (separated by spaces) and seconds to live. The
 * caller frees it. */
char *development_token(const char *pem, const char *subject, const char *client, const char *scope, long lifetime,
                        char **why);

/* The same for the guardian or child with this identity number. */
char *development_party_token(const char *pem, const char *identity_number, const char *client, const char *scope,
                              long lifetime, char **why);

/* The members of "issuers" (see auth.h) that accept such tokens, as an array. The caller owns it. */
json_t *development_issuers(const char *pem, char **why);

#endif
