/* Signing: tokens and the public key of a development issuer. The server never signs what it accepts from others. */
#ifndef SAMSYN_AUTH_SIGN_H
#define SAMSYN_AUTH_SIGN_H

#include <jansson.h>

/* Signs `claims` (an object, borrowed) with the private key in PEM: RS256 for an RSA key of at least 2048 bits, ES256
 * for one on P-256, no other. `kid` goes into the header; NULL leaves it out. Returns the compact token, which the
 * caller frees, or NULL with `*why` (malloc'd). An encrypted key is refused: nobody is there to type its password. */
char *sign_token(const char *pem, const json_t *claims, const char *kid, char **why);

/* The JWK Set (RFC 7517 5) with the public half of the same key. The caller owns it. NULL when sign_token would refuse
 * the key. */
json_t *sign_public_jwks(const char *pem, const char *kid);

#endif
