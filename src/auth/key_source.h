/* Where an issuer's keys come from, and the thread that keeps them fresh without holding up anybody's verification. */
#ifndef SAMSYN_AUTH_KEY_SOURCE_H
#define SAMSYN_AUTH_KEY_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/jwks.h"

enum { KEY_SOURCE_RETRY_SECONDS = 10, KEY_SOURCE_WAIT_MS = 2000, KEY_SOURCE_MAX_WAITERS = 4 };

/* Exactly one of file, url and document is set; all borrowed for the call only. */
struct key_origin {
    const char *issuer;      /* for the log */
    const char *file;        /* path of a JWK Set of at most 256 KiB */
    const char *url;         /* passed by fetch_refusal */
    const json_t *document;  /* a JWK Set that never changes */
    int64_t refresh_seconds; /* keys are loaded anew when they are older than this */
    const enum algorithm *allowed;
    size_t allowed_count;
};

struct key_source;

/* Creates the source. A file or document is read at once and must hold a usable key; a URL is fetched by the source's
 * thread, and keys that are not there yet are no error. Returns NULL with `*why` (malloc'd). The caller owns it. */
struct key_source *key_source_create(const struct key_origin *origin, char **why);
void key_source_destroy(struct key_source *source); /* NULL is allowed */

/* The present keys, with a reference that the caller owns (jwks_release). Never NULL, possibly empty. */
struct jwks *key_source_keys(struct key_source *source);

/* A number that changes whenever a key has disappeared: what was verified under another number no longer counts. */
uint64_t key_source_generation(const struct key_source *source);

/* Someone presented a key that is not here: has the keys loaded anew, at most once in refresh_seconds whoever asks
 * and however often (RFC 8725 leaves an attacker free to invent kids), and waits up to 2 s for it. Those who
 * ask while it runs wait for the same load, but four at most: an issuer that is slow must not take every thread of the
 * server along. True when a load ended meanwhile, so that looking again is worth it. */
bool key_source_demand(struct key_source *source);

#endif
