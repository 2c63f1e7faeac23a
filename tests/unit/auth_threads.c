/* Many threads verify while keys come and go: nobody is refused wrongly, nobody let in wrongly, nothing races. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "auth_keys.h"
#include "support/patience.h"

#define ISSUER "https://issuer.example"

enum { THREADS = 6, TOKENS = 24, DURATION_MS = 2500 };

static EVP_PKEY *steady_key, *fleeting_key;
static struct auth *auth;
static char *steady[TOKENS], *fleeting[TOKENS], *forged;
static char path[] = "/tmp/auth_threads.XXXXXX";
static atomic_bool stopping;
static atomic_int steady_refused, forged_accepted, fleeting_passed, fleeting_refused, fleeting_wrong;

static void write_keys(bool with_fleeting)
{
    char draft[sizeof(path) + 4];
    snprintf(draft, sizeof(draft), "%s.new", path);
    json_t *set = json_pack("{s:[o, o*]}", "keys", keys_jwk(steady_key, "steady", "RS256"),
                            with_fleeting ? keys_jwk(fleeting_key, "fleeting", "RS256") : NULL);
    assert_int_equal(json_dump_file(set, draft, 0), 0);
    assert_int_equal(rename(draft, path), 0);
    json_decref(set);
}

static char *token_number(EVP_PKEY *key, const char *kid, int number)
{
    json_t *header = json_pack("{s:s, s:s}", "alg", "RS256", "kid", kid);
    json_t *claims = keys_claims(ISSUER);
    json_object_set_new(claims, "jti", json_integer(number));
    char *token = keys_sign(key, "SHA256", header, claims);
    json_decref(header);
    json_decref(claims);
    return token;
}

static void *verify_all(void *context)
{
    unsigned number = *(unsigned *)context;
    while (!atomic_load(&stopping)) {
        number = number * 1103515245u + 12345u;
        unsigned which = number >> 16;
        if (keys_verify(auth, steady[which % TOKENS], KEYS_NOW) != TOKEN_OK)
            atomic_fetch_add(&steady_refused, 1);
        if (keys_verify(auth, forged, KEYS_NOW) != TOKEN_SIGNATURE)
            atomic_fetch_add(&forged_accepted, 1);
        enum token_failure failure = keys_verify(auth, fleeting[which / 64 % TOKENS], KEYS_NOW);
        atomic_fetch_add(failure == TOKEN_OK            ? &fleeting_passed
                         : failure == TOKEN_KEY_UNKNOWN ? &fleeting_refused
                                                        : &fleeting_wrong,
                         1);
    }
    return NULL;
}

static bool both_states_met(void)
{
    return atomic_load(&fleeting_passed) > 0 && atomic_load(&fleeting_refused) > 0;
}

static void threads_verify_while_keys_come_and_go(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];
    int64_t enough = clock_monotonic_us() + DURATION_MS * 1000, hung = enough + (int64_t)PATIENCE_MS * 1000;
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, verify_all, &seeds[i]), 0);
    }

    /* On a slow machine, longer: until both states of the keys have been met. */
    for (bool with_fleeting = false;
         clock_monotonic_us() < enough || (!both_states_met() && clock_monotonic_us() < hung);
         with_fleeting = !with_fleeting) {
        sleep_ms(300);
        write_keys(with_fleeting);
    }
    atomic_store(&stopping, true);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    assert_true(both_states_met());
    assert_int_equal(atomic_load(&steady_refused), 0);
    assert_int_equal(atomic_load(&forged_accepted), 0);
    assert_int_equal(atomic_load(&fleeting_wrong), 0);
}

static int set_up(void **state)
{
    (void)state;
    steady_key = EVP_RSA_gen(2048);
    fleeting_key = EVP_RSA_gen(2048);
    close(mkstemp(path));
    write_keys(true);
    for (int i = 0; i < TOKENS; i++) {
        steady[i] = token_number(steady_key, "steady", i);
        fleeting[i] = token_number(fleeting_key, "fleeting", i);
    }
    forged = token_number(fleeting_key, "steady", 0);
    /* sixteen entries for forty-eight tokens, so that they push one another out as well */
    auth =
        keys_auth(json_pack("{s:i, s:[{s:s, s:s, s:[s], s:s, s:i}]}", "cacheEntries", 16, "issuers", "issuer", ISSUER,
                            "audience", "samsyn", "algorithms", "RS256", "jwksFile", path, "refreshSeconds", 1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    auth_destroy(auth);
    for (int i = 0; i < TOKENS; i++) {
        free(steady[i]);
        free(fleeting[i]);
    }
    free(forged);
    unlink(path);
    EVP_PKEY_free(steady_key);
    EVP_PKEY_free(fleeting_key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_verify_while_keys_come_and_go)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
