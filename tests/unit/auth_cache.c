/* The cache of verified tokens: what it keeps, for how long, and how much. */
#include "auth_keys.h"

#include "auth/token_cache.h"

#define ISSUER "https://issuer.example"

static EVP_PKEY *rsa;
static struct issuer issuer;

static struct claims *claims_until(int64_t expires)
{
    struct claims *claims = NULL;
    json_t *payload = keys_claims(ISSUER);
    json_object_set_new(payload, "exp", json_integer(expires));
    assert_int_equal(claims_decode(payload, &issuer, KEYS_NOW, &claims), TOKEN_OK);
    json_decref(payload);
    return claims;
}

static void key_of(unsigned number, unsigned char key[TOKEN_CACHE_KEY_SIZE])
{
    assert_int_equal(EVP_Digest(&number, sizeof(number), key, NULL, EVP_sha256(), NULL), 1);
}

static void put(struct token_cache *cache, unsigned number, int64_t expires)
{
    unsigned char key[TOKEN_CACHE_KEY_SIZE];
    struct claims *claims = claims_until(expires);
    key_of(number, key);
    token_cache_put(cache, key, claims);
    claims_release(claims);
}

static int holds(struct token_cache *cache, unsigned number, int64_t now)
{
    unsigned char key[TOKEN_CACHE_KEY_SIZE];
    key_of(number, key);
    struct claims *claims = token_cache_find(cache, key, now);
    claims_release(claims);
    return claims != NULL;
}

static void what_was_put_is_found_until_it_expires(void **state)
{
    (void)state;
    struct token_cache *cache = token_cache_create(64);

    put(cache, 1, KEYS_NOW + 100);

    assert_true(holds(cache, 1, KEYS_NOW));
    assert_true(holds(cache, 1, KEYS_NOW + 99));
    assert_false(holds(cache, 2, KEYS_NOW));
    assert_false(holds(cache, 1, KEYS_NOW + 100));
    assert_false(holds(cache, 1, KEYS_NOW)); /* dropped for good */
    token_cache_destroy(cache);
}

static void it_never_holds_more_than_it_was_made_for(void **state)
{
    (void)state;
    unsigned held = 0;
    struct token_cache *cache = token_cache_create(64);

    for (unsigned i = 0; i < 1000; i++)
        put(cache, i, KEYS_NOW + 100);

    for (unsigned i = 0; i < 1000; i++)
        held += (unsigned)holds(cache, i, KEYS_NOW);
    assert_int_equal(held, 64);
    token_cache_destroy(cache);
}

static void what_was_used_last_stays(void **state)
{
    (void)state;
    struct token_cache *cache = token_cache_create(TOKEN_CACHE_WAYS); /* one set: everything competes */
    for (unsigned i = 0; i < TOKEN_CACHE_WAYS; i++)
        put(cache, i, KEYS_NOW + 100);
    assert_true(holds(cache, 0, KEYS_NOW));

    put(cache, 100, KEYS_NOW + 100);

    assert_true(holds(cache, 0, KEYS_NOW));
    assert_false(holds(cache, 1, KEYS_NOW));
    assert_true(holds(cache, 100, KEYS_NOW));
    token_cache_destroy(cache);
}

static void putting_twice_takes_one_place(void **state)
{
    (void)state;
    struct token_cache *cache = token_cache_create(TOKEN_CACHE_WAYS);
    for (unsigned i = 0; i < TOKEN_CACHE_WAYS; i++)
        put(cache, i, KEYS_NOW + 100);

    put(cache, 3, KEYS_NOW + 100);

    for (unsigned i = 0; i < TOKEN_CACHE_WAYS; i++)
        assert_true(holds(cache, i, KEYS_NOW));
    token_cache_destroy(cache);
}

static void a_cache_of_nothing_holds_nothing(void **state)
{
    (void)state;
    struct token_cache *cache = token_cache_create(0);

    put(cache, 1, KEYS_NOW + 100);

    assert_false(holds(cache, 1, KEYS_NOW));
    token_cache_destroy(cache);
}

static struct auth *verifier(int entries)
{
    return keys_auth(json_pack("{s:i, s:[{s:s, s:s, s:[s], s:{s:[o]}}]}", "cacheEntries", entries, "issuers", "issuer",
                               ISSUER, "audience", "samsyn", "algorithms", "RS256", "jwks", "keys",
                               keys_jwk(rsa, "k", NULL)));
}

static void expect_counts(const struct auth *auth, uint64_t hits, uint64_t misses)
{
    uint64_t hits_now, misses_now;
    auth_cache_counts(auth, &hits_now, &misses_now);
    assert_int_equal(hits_now, hits);
    assert_int_equal(misses_now, misses);
}

static void the_second_verification_hits(void **state)
{
    (void)state;
    struct auth *auth = verifier(64);
    struct principal p;
    struct arena *arena = arena_create();
    char *token = keys_good_token(rsa, ISSUER, "k");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    expect_counts(auth, 0, 1);

    assert_int_equal(auth_verify(auth, token, strlen(token), KEYS_NOW + 1, arena, &p), TOKEN_OK);

    expect_counts(auth, 1, 1);
    assert_string_equal(p.subject, "school-teacher");
    assert_string_equal(p.client, "demo-portal");
    assert_string_equal(p.scopes[1], "samsyn:agreement");
    arena_destroy(arena);
    auth_destroy(auth);
    free(token);
}

static void a_cached_token_expires_like_any_other(void **state)
{
    (void)state;
    struct auth *auth = verifier(64);
    char *token = keys_good_token(rsa, ISSUER, "k");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);

    assert_int_equal(keys_verify(auth, token, KEYS_NOW + 200), TOKEN_TIME_EXPIRED);

    expect_counts(auth, 0, 2);
    auth_destroy(auth);
    free(token);
}

static void a_cached_token_is_not_valid_before_its_time(void **state)
{
    (void)state;
    struct auth *auth = verifier(64);
    char *token = keys_good_token(rsa, ISSUER, "k");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);

    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 41), TOKEN_NOT_YET);

    expect_counts(auth, 1, 1);
    auth_destroy(auth);
    free(token);
}

static void failures_are_never_kept(void **state)
{
    (void)state;
    struct auth *auth = verifier(64);
    char *token = keys_good_token(rsa, ISSUER, "k");
    char *forged = keys_good_token(rsa, "https://evil.example", "k");

    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 41), TOKEN_NOT_YET);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 41), TOKEN_NOT_YET);
    assert_int_equal(keys_verify(auth, forged, KEYS_NOW), TOKEN_ISSUER_UNKNOWN);
    assert_int_equal(keys_verify(auth, forged, KEYS_NOW), TOKEN_ISSUER_UNKNOWN);

    expect_counts(auth, 0, 4);
    auth_destroy(auth);
    free(token);
    free(forged);
}

static void one_byte_more_is_another_token(void **state)
{
    (void)state;
    struct auth *auth = verifier(64);
    char *token = keys_good_token(rsa, ISSUER, "k");
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    size_t length = strlen(token);
    char *longer = malloc(length + 2);
    snprintf(longer, length + 2, "%sA", token);

    assert_int_equal(keys_verify(auth, longer, KEYS_NOW), TOKEN_SIGNATURE);

    auth_destroy(auth);
    free(token);
    free(longer);
}

static int set_up(void **state)
{
    (void)state;
    char *why = NULL;
    rsa = EVP_RSA_gen(2048);
    issuer.max_lifetime = 300;
    json_t *configuration = json_pack("{s:s, s:s, s:[s], s:{s:[o]}}", "issuer", ISSUER, "audience", "samsyn",
                                      "algorithms", "RS256", "jwks", "keys", keys_jwk(rsa, "k", NULL));
    bool read = issuer_read(configuration, "issuers[0]", &issuer, &why);
    json_decref(configuration);
    return read ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    issuer_clear(&issuer);
    EVP_PKEY_free(rsa);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_until_it_expires),
        cmocka_unit_test(it_never_holds_more_than_it_was_made_for),
        cmocka_unit_test(what_was_used_last_stays),
        cmocka_unit_test(putting_twice_takes_one_place),
        cmocka_unit_test(a_cache_of_nothing_holds_nothing),
        cmocka_unit_test(the_second_verification_hits),
        cmocka_unit_test(a_cached_token_expires_like_any_other),
        cmocka_unit_test(a_cached_token_is_not_valid_before_its_time),
        cmocka_unit_test(failures_are_never_kept),
        cmocka_unit_test(one_byte_more_is_another_token),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
