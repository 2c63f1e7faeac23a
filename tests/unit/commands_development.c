/* The development issuer: its tokens are good where it is allowed, and it is allowed on loopback only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/clock.h"
#include "commands/commands.h"
#include "commands/development.h"
#include "commands/issuers.h"

static char rsa_path[32], ec_path[32], short_path[32];

static void write_key(char path[static 32], EVP_PKEY *key)
{
    strcpy(path, "/tmp/samsyn-key-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    EVP_PKEY_free(key);
}

static int begin(void **state)
{
    (void)state;
    write_key(rsa_path, EVP_RSA_gen(2048));
    write_key(ec_path, EVP_EC_gen("P-256"));
    write_key(short_path, EVP_RSA_gen(1024));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    unlink(rsa_path);
    unlink(ec_path);
    unlink(short_path);
    return 0;
}

static struct options *options_of(int count, const char *const *arguments)
{
    char *why = NULL;
    struct options *options = options_read(COMMAND_SERVE, count, arguments, NULL, &why);
    if (!options)
        fail_msg("%s", why);
    return options;
}

static void assert_no_auth(int count, const char *const *arguments, bool loopback, const char *expected)
{
    struct options *options = options_of(count, arguments);
    char *why = NULL;
    assert_null(issuers_auth(options, loopback, &why));
    assert_string_equal(why, expected);
    free(why);
    options_free(options);
}

static void destroy_auth(void *auth)
{
    auth_destroy(auth);
}

/* Signs a token with the key at `path`, one of an identity number when `number` is given, and verifies it with the
 * switch for test numbers on or off; the verifier lives as long as the arena. */
static enum token_failure verify(const char *path, const char *number, const char *accept, long lifetime,
                                 struct arena *arena, struct principal *principal)
{
    struct options *options =
        options_of(4, (const char *[]){"--development-key", path, "--accept-test-identity-numbers", accept});
    char *why = NULL;
    struct auth *auth = issuers_auth(options, true, &why);
    char *pem = development_key(path, &why);
    char *token =
        number ? development_party_token(pem, number, "party-portal", "samsyn:my", lifetime, &why)
               : development_token(pem, "school-nurse", "demo-portal", "samsyn:case samsyn:audit", lifetime, &why);
    assert_non_null(auth);
    assert_non_null(token);
    enum token_failure failure = auth_verify(auth, token, strlen(token), clock_epoch(), arena, principal);
    free(token);
    free(pem);
    arena_defer(arena, destroy_auth, auth);
    options_free(options);
    return failure;
}

static void a_development_token_speaks_of_its_subject(void **state)
{
    const char *const paths[] = {rsa_path, ec_path};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct arena *arena = arena_create();
        struct principal principal;

        assert_int_equal(verify(paths[i], NULL, "false", 60, arena, &principal), TOKEN_OK);

        assert_string_equal(principal.issuer, "samsyn-development");
        assert_string_equal(principal.subject, "school-nurse");
        assert_string_equal(principal.client, "demo-portal");
        assert_int_equal(principal.scope_count, 2);
        assert_string_equal(principal.organisations, "[]");
        arena_destroy(arena);
    }
}

static void a_party_token_speaks_of_an_identity_number(void **state)
{
    struct arena *arena = arena_create();
    struct principal principal;
    (void)state;

    assert_int_equal(verify(rsa_path, "850412-9852", "false", 60, arena, &principal), TOKEN_IDENTITY_NUMBER);
    assert_int_equal(verify(rsa_path, "850412-9852", "true", 60, arena, &principal), TOKEN_OK);

    assert_string_equal(principal.issuer, "samsyn-development-party");
    assert_string_equal(principal.identity_number, "198504129852");
    assert_string_equal(principal.client, "party-portal");
    arena_destroy(arena);
}

static void a_token_is_of_one_kind(void **state)
{
    static const char *const lists[][6] = {
        {"--development-key", rsa_path},
        {"--development-key", rsa_path, "--subject", "school-nurse", "--identity-number", "850412-9852"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *why = NULL;
        struct options *options = options_read(COMMAND_TOKEN, i ? 6 : 2, lists[i], NULL, &why);

        assert_non_null(options);
        assert_int_equal(command_token(options), 1);

        options_free(options);
    }
}

static void its_lifetime_is_bounded_like_any_other(void **state)
{
    struct arena *arena = arena_create();
    struct principal principal;
    (void)state;

    assert_int_equal(verify(rsa_path, NULL, "false", 300, arena, &principal), TOKEN_OK);
    assert_int_equal(verify(rsa_path, NULL, "false", 3600, arena, &principal), TOKEN_LIFETIME);

    arena_destroy(arena);
}

static void it_is_refused_beyond_loopback(void **state)
{
    static const char *const elsewhere[] = {"0.0.0.0:0", "10.0.0.1:0", "[::]:0"};
    (void)state;
    assert_no_auth(2, (const char *[]){"--development-key", rsa_path}, false,
                   "--development-key is refused: --listen is not a loopback address");
    for (size_t i = 0; i < 3; i++) {
        struct options *options =
            options_of(8, (const char *[]){"--development-key", rsa_path, "--listen", elsewhere[i], "--database",
                                           "host=/nowhere", "--management", "127.0.0.1:0"});

        assert_int_equal(command_serve(options), 1);

        options_free(options);
    }
}

static void without_issuers_nothing_is_served(void **state)
{
    (void)state;
    assert_no_auth(0, NULL, true, "--issuers is needed: without issuers no token is good");
    assert_no_auth(2, (const char *[]){"--issuers", "/nowhere/x"}, true,
                   "/nowhere/x:-1: unable to open /nowhere/x: No such file or directory");
}

static void a_weak_key_is_no_key(void **state)
{
    (void)state;
    assert_no_auth(2, (const char *[]){"--development-key", short_path}, true,
                   "the development key is neither RSA of 2048 bits or more nor on P-256, or it is encrypted");
    assert_no_auth(2, (const char *[]){"--development-key", "/nowhere/x"}, true,
                   "/nowhere/x: No such file or directory");
}

static void an_address_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {"localhost",       "127.0.0.1:", "127.0.0.1:x",
                                      "127.0.0.1:99999", ":8080",      "127.0.0.1:8080x"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct options *options = options_of(
            6, (const char *[]){"--development-key", rsa_path, "--listen", bad[i], "--database", "host=/nowhere"});

        assert_int_equal(command_serve(options), 1);

        options_free(options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_development_token_speaks_of_its_subject),
        cmocka_unit_test(a_party_token_speaks_of_an_identity_number),
        cmocka_unit_test(a_token_is_of_one_kind),
        cmocka_unit_test(its_lifetime_is_bounded_like_any_other),
        cmocka_unit_test(it_is_refused_beyond_loopback),
        cmocka_unit_test(without_issuers_nothing_is_served),
        cmocka_unit_test(a_weak_key_is_no_key),
        cmocka_unit_test(an_address_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, finish);
}
