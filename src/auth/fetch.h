/* Small exchanges with other servers: bounded in size and time, over TLS or the loopback interface only. */
#ifndef SAMSYN_AUTH_FETCH_H
#define SAMSYN_AUTH_FETCH_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { FETCH_MAX_BYTES = 256 * 1024, FETCH_CONNECT_SECONDS = 3, FETCH_TOTAL_SECONDS = 5 };

/* NULL when `url` may be fetched: https, or http to localhost, 127.0.0.0/8 or [::1] (national REST API profile SAK.01),
 * without user name or password. Else lends a static text that says why not. */
const char *fetch_refusal(const char *url);

/* Fetches `url`, which fetch_refusal must have passed, and returns the JSON value, which the caller owns. Anything but
 * 200 is a failure, redirects too: an issuer names the address of its keys itself. NULL with `*why` (malloc'd) when the
 * server cannot be reached, its certificate does not hold, the document is above 256 KiB, takes more than 5 s or is
 * not JSON, or when `*cancelled` turns true meanwhile. Thread-safe. */
json_t *fetch_json(const char *url, const atomic_bool *cancelled, char **why);

/* What a server answered. The bytes are owned by the caller (malloc'd) and have a NUL behind them. */
struct fetch_reply {
    long status;
    char type[64]; /* of Content-Type, without its parameters, or "" */
    size_t length;
    char *bytes;
};

/* POSTs `length` bytes of text to `url`, which fetch_refusal must have passed, and takes the reply whatever its status.
 * Fails as fetch_json does. Thread-safe. */
bool fetch_post(const char *url, const char *text, size_t length, const atomic_bool *cancelled,
                struct fetch_reply *reply, char **why);

#endif
