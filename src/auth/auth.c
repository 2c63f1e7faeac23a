#include "auth/auth.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims.h"
#include "auth/issuer.h"
#include "auth/jws.h"
#include "auth/signature.h"
#include "auth/token_cache.h"

enum { MAX_ISSUERS = 64, MAX_CACHE_ENTRIES = 1 << 20 };

struct auth {
    EVP_MD *sha256; /* fetched once: looking a digest up by name costs more than hashing a token */
    struct token_cache *cache;
    _Atomic uint64_t hits, misses;
    size_t issuer_count;
    struct issuer issuers[];
};

struct settings {
    int64_t clock_skew, max_lifetime, cache_entries;
};

static const char *const failure_names[TOKEN_FAILURES] = {
    [TOKEN_OK] = "ok",
    [TOKEN_ABSENT] = "absent",
    [TOKEN_MALFORMED] = "malformed",
    [TOKEN_TOO_LARGE] = "too-large",
    [TOKEN_ALGORITHM] = "algorithm",
    [TOKEN_ISSUER_UNKNOWN] = "issuer-unknown",
    [TOKEN_KEY_UNKNOWN] = "key-unknown",
    [TOKEN_SIGNATURE] = "signature",
    [TOKEN_AUDIENCE] = "audience",
    [TOKEN_TIME_EXPIRED] = "expired",
    [TOKEN_NOT_YET] = "not-yet-valid",
    [TOKEN_LIFETIME] = "lifetime",
    [TOKEN_CLAIM_MISSING] = "claim-missing",
    [TOKEN_IDENTITY_NUMBER] = "identity-number",
};

const char *token_failure_name(enum token_failure failure)
{
    return failure_names[failure];
}

static bool read_settings(const json_t *configuration, struct settings *settings, char **why)
{
    static const char *const members[] = {"clockSkewSeconds", "maxLifetimeSeconds", "cacheEntries", "issuers", NULL};
    const char *where = "issuer configuration";
    *settings = (struct settings){.clock_skew = 30, .max_lifetime = 300, .cache_entries = 4096};
    if (!issuer_members_known(configuration, where, members, why) ||
        !issuer_read_integer(configuration, where, "clockSkewSeconds", 0, 300, &settings->clock_skew, why) ||
        !issuer_read_integer(configuration, where, "maxLifetimeSeconds", 1, 86400, &settings->max_lifetime, why) ||
        !issuer_read_integer(configuration, where, "cacheEntries", 0, MAX_CACHE_ENTRIES, &settings->cache_entries, why))
        return false;
    const json_t *issuers = json_object_get(configuration, "issuers");
    if (json_is_array(issuers) && json_array_size(issuers) >= 1 && json_array_size(issuers) <= MAX_ISSUERS)
        return true;
    return issuer_complain(why, "%s.issuers must list 1 to %d issuers", where, MAX_ISSUERS);
}

static struct issuer *find_issuer(struct auth *auth, const char *name)
{
    for (size_t i = 0; i < auth->issuer_count; i++)
        if (strcmp(auth->issuers[i].name, name) == 0)
            return &auth->issuers[i];
    return NULL;
}

static bool add_issuer(struct auth *auth, const json_t *configuration, const struct settings *settings, char **why)
{
    char where[32];
    struct issuer *issuer = &auth->issuers[auth->issuer_count];
    snprintf(where, sizeof(where), "issuers[%zu]", auth->issuer_count);
    issuer->clock_skew = settings->clock_skew;
    issuer->max_lifetime = settings->max_lifetime;
    if (!issuer_read(configuration, where, issuer, why)) {
        issuer_clear(issuer);
        return false;
    }
    if (find_issuer(auth, issuer->name)) {
        issuer_complain(why, "%s.issuer \"%s\" is configured twice", where, issuer->name);
        issuer_clear(issuer);
        return false;
    }
    auth->issuer_count++;
    return true;
}

static void prepare_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct auth *auth_create(const json_t *configuration, char **why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct settings settings;
    size_t i;
    json_t *issuer;
    *why = NULL;
    if (!read_settings(configuration, &settings, why))
        return NULL;
    pthread_once(&once, prepare_curl);
    const json_t *issuers = json_object_get(configuration, "issuers");
    struct auth *auth = calloc(1, sizeof(*auth) + json_array_size(issuers) * sizeof(struct issuer));
    if (!auth)
        abort();
    auth->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    auth->cache = token_cache_create((size_t)settings.cache_entries);
    json_array_foreach(issuers, i, issuer) if (!add_issuer(auth, issuer, &settings, why))
    {
        auth_destroy(auth);
        return NULL;
    }
    return auth;
}

void auth_destroy(struct auth *auth)
{
    if (!auth)
        return;
    token_cache_destroy(auth->cache);
    while (auth->issuer_count > 0)
        issuer_clear(&auth->issuers[--auth->issuer_count]);
    EVP_MD_free(auth->sha256);
    free(auth);
}

void auth_accept_test_numbers(struct auth *auth, bool accept)
{
    for (size_t i = 0; i < auth->issuer_count; i++)
        auth->issuers[i].test_numbers = accept;
}

bool auth_ready(const struct auth *auth)
{
    for (size_t i = 0; i < auth->issuer_count; i++) {
        struct jwks *keys = key_source_keys(auth->issuers[i].keys);
        bool usable = keys->count > 0;
        jwks_release(keys);
        if (!usable)
            return false;
    }
    return true;
}

void auth_cache_counts(const struct auth *auth, uint64_t *hits, uint64_t *misses)
{
    *hits = atomic_load_explicit(&auth->hits, memory_order_relaxed);
    *misses = atomic_load_explicit(&auth->misses, memory_order_relaxed);
}

static enum token_failure identify_issuer(struct auth *auth, const struct jws *jws, struct issuer **issuer)
{
    const json_t *name = json_object_get(jws->payload, "iss");
    if (!name)
        return TOKEN_CLAIM_MISSING;
    if (!json_is_string(name))
        return TOKEN_MALFORMED;
    *issuer = find_issuer(auth, json_string_value(name));
    if (!*issuer)
        return TOKEN_ISSUER_UNKNOWN;
    return issuer_allows(*issuer, jws->algorithm) ? TOKEN_OK : TOKEN_ALGORITHM;
}

/* Only the issuer's own keys are ever looked at. A kid that is not among them may be that of a key which the issuer
 * has put in place since; a missing kid among several keys will not become clearer. */
static enum token_failure find_key(struct issuer *issuer, const struct jws *jws, struct jwks **keys,
                                   const struct jwk **key)
{
    *keys = key_source_keys(issuer->keys);
    enum token_failure failure = jwks_find(*keys, jws->kid, jws->algorithm, key);
    bool hopeful = failure == TOKEN_KEY_UNKNOWN && (jws->kid || (*keys)->count == 0);
    if (!hopeful || !key_source_demand(issuer->keys))
        return failure;
    jwks_release(*keys);
    *keys = key_source_keys(issuer->keys);
    return jwks_find(*keys, jws->kid, jws->algorithm, key);
}

static enum token_failure verify_anew(struct auth *auth, const char *token, size_t length, int64_t now,
                                      struct arena *arena, struct claims **claims)
{
    struct jws jws;
    struct issuer *issuer = NULL;
    struct jwks *keys = NULL;
    const struct jwk *key = NULL;
    enum token_failure failure = jws_parse(token, length, arena, &jws);
    if (failure == TOKEN_OK)
        failure = identify_issuer(auth, &jws, &issuer);
    if (failure == TOKEN_OK)
        failure = find_key(issuer, &jws, &keys, &key);
    if (failure == TOKEN_OK && !signature_valid(&jws, key))
        failure = TOKEN_SIGNATURE;
    if (failure == TOKEN_OK)
        failure = claims_decode(jws.payload, issuer, now, claims);
    if (failure == TOKEN_OK)
        (*claims)->generation = keys->generation;
    jwks_release(keys);
    return failure;
}

static void release_claims(void *claims)
{
    claims_release(claims);
}

/* Lends what the claims say for as long as the arena lives, stealing the caller's reference. */
static void present(struct claims *claims, struct arena *arena, struct principal *principal)
{
    arena_defer(arena, release_claims, claims);
    *principal = (struct principal){
        .issuer = claims->issuer->name,
        .subject = claims->subject,
        .client = claims->client,
        .identity_number = claims->identity_number,
        .scope_count = claims->scope_count,
        .scopes = claims->scopes,
        .expires = claims->expires,
        .organisations = claims->issuer->organisations,
    };
}

static enum token_failure verify_hashed(struct auth *auth, const char *token, size_t length, const unsigned char *hash,
                                        int64_t now, struct arena *arena, struct claims **claims)
{
    *claims = token_cache_find(auth->cache, hash, now);
    bool hit = *claims != NULL;
    atomic_fetch_add_explicit(hit ? &auth->hits : &auth->misses, 1, memory_order_relaxed);
    enum token_failure failure = hit ? TOKEN_OK : verify_anew(auth, token, length, now, arena, claims);
    if (failure == TOKEN_OK)
        failure = claims_check_time(*claims, now);
    if (failure == TOKEN_OK && !hit)
        token_cache_put(auth->cache, hash, *claims);
    return failure;
}

enum token_failure auth_verify(struct auth *auth, const char *token, size_t length, int64_t now, struct arena *arena,
                               struct principal *principal)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    struct claims *claims = NULL;
    if (!token || length == 0)
        return TOKEN_ABSENT;
    if (length > JWS_MAX_LENGTH)
        return TOKEN_TOO_LARGE;
    if (EVP_Digest(token, length, hash, NULL, auth->sha256, NULL) != 1)
        abort();
    enum token_failure failure = verify_hashed(auth, token, length, hash, now, arena, &claims);
    if (failure == TOKEN_OK)
        present(claims, arena, principal);
    else
        claims_release(claims);
    return failure;
}
