/* Signing, the development issuer, and base64url beneath both. */
#include "auth_keys.h"

#include "auth/sign.h"

static const unsigned char bytes_of_every_kind[] = {0x00, 0xff, 0x10, 0xfb, 0xef, 0xbe, 0x3e, 0x3f};

static void base64url_gives_back_what_it_took(void **state)
{
    (void)state;
    for (size_t length = 0; length <= sizeof(bytes_of_every_kind); length++) {
        char text[BASE64URL_ENCODED_SIZE(sizeof(bytes_of_every_kind))];
        unsigned char bytes[BASE64URL_DECODED_SIZE(sizeof(text))];
        size_t size = 99;

        size_t written = base64url_encode(bytes_of_every_kind, length, text);

        assert_int_equal(written, strlen(text));
        assert_true(base64url_decode(text, written, bytes, &size));
        assert_int_equal(size, length);
        assert_memory_equal(bytes, bytes_of_every_kind, length);
    }
}

static void base64url_is_that_of_the_standard(void **state)
{
    (void)state;
    char text[32];
    base64url_encode((const unsigned char *)"foob", 4, text); /* RFC 4648 10, without padding */
    assert_string_equal(text, "Zm9vYg");
    base64url_encode((const unsigned char *)"\xfb\xff", 2, text);
    assert_string_equal(text, "-_8");
}

static void base64url_refuses_every_other_spelling(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Zm9vYg==", "Zm9vYh", "Zm9v Yg", "Zm9vY", "+/8", "Zm9\nYg", "Zg\x80g", "A"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        unsigned char bytes[32];
        size_t size;
        if (base64url_decode(wrong[i], strlen(wrong[i]), bytes, &size))
            fail_msg("accepted %s", wrong[i]);
    }
}

static json_t *development_claims(void)
{
    return keys_claims(AUTH_DEVELOPMENT_ISSUER);
}

static char *private_pem(EVP_PKEY *key)
{
    char *pem = keys_pem(key, 1);
    EVP_PKEY_free(key);
    return pem;
}

/* Steals the key. */
static void expect_round_trip(EVP_PKEY *key, const char *kid)
{
    char *why = NULL;
    char *pem = private_pem(key);
    json_t *claims = development_claims();
    struct auth *auth = keys_auth(json_pack("{s:[o]}", "issuers", auth_development_issuer(pem)));

    char *token = sign_token(pem, claims, kid, &why);

    assert_non_null(token);
    assert_null(why);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW), TOKEN_OK);
    auth_destroy(auth);
    json_decref(claims);
    free(token);
    free(pem);
}

static void a_signed_token_passes_at_the_development_issuer(void **state)
{
    (void)state;
    expect_round_trip(EVP_RSA_gen(2048), AUTH_DEVELOPMENT_KID);
    expect_round_trip(EVP_RSA_gen(3072), NULL);
    expect_round_trip(EVP_EC_gen("P-256"), AUTH_DEVELOPMENT_KID);
}

static void ec_coordinates_keep_their_leading_zeros(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++)
        expect_round_trip(EVP_EC_gen("P-256"), AUTH_DEVELOPMENT_KID);
}

static void the_public_set_holds_nothing_private(void **state)
{
    (void)state;
    EVP_PKEY *keys[] = {EVP_RSA_gen(2048), EVP_EC_gen("P-256")};
    static const char *const expected[][2] = {{"RSA", "RS256"}, {"EC", "ES256"}};
    for (size_t i = 0; i < 2; i++) {
        char *pem = private_pem(keys[i]);

        json_t *set = sign_public_jwks(pem, "k");

        const json_t *key = json_array_get(json_object_get(set, "keys"), 0);
        assert_string_equal(json_string_value(json_object_get(key, "kty")), expected[i][0]);
        assert_string_equal(json_string_value(json_object_get(key, "alg")), expected[i][1]);
        assert_string_equal(json_string_value(json_object_get(key, "kid")), "k");
        static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "k"};
        for (size_t j = 0; j < sizeof(private_members) / sizeof(*private_members); j++)
            assert_null(json_object_get(key, private_members[j]));
        json_decref(set);
        free(pem);
    }
}

static void expect_refused(char *pem, const json_t *claims, const char *message)
{
    char *why = NULL;

    char *token = sign_token(pem, claims, "k", &why);

    assert_null(token);
    assert_string_equal(why, message);
    free(why);
    free(pem);
}

static void keys_that_will_not_do_are_refused(void **state)
{
    (void)state;
    const char *message = "the key must be an unencrypted private key in PEM, RSA of at least 2048 bits or EC on P-256";
    json_t *claims = development_claims();
    EVP_PKEY *key = EVP_RSA_gen(2048);
    expect_refused(private_pem(EVP_RSA_gen(1024)), claims, message);
    expect_refused(private_pem(EVP_EC_gen("P-384")), claims, message);
    expect_refused(keys_pem(key, 0), claims, message);
    expect_refused(strdup("no key at all"), claims, message);
    expect_refused(strdup(""), claims, message);
    assert_null(sign_public_jwks("no key at all", "k"));
    assert_null(auth_development_issuer("no key at all"));
    EVP_PKEY_free(key);
    json_decref(claims);
}

static void an_encrypted_key_is_refused_without_asking(void **state)
{
    (void)state;
    char *data;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, EVP_aes_256_cbc(), NULL, 0, NULL, (void *)(uintptr_t) "secret");
    long length = BIO_get_mem_data(bio, &data);
    json_t *claims = development_claims();

    expect_refused(strndup(data, (size_t)length), claims,
                   "the key must be an unencrypted private key in PEM, RSA of at least 2048 bits or EC on P-256");

    BIO_free(bio);
    EVP_PKEY_free(key);
    json_decref(claims);
}

static void claims_that_are_no_object_are_refused(void **state)
{
    (void)state;
    json_t *list = json_array();

    expect_refused(private_pem(EVP_EC_gen("P-256")), list, "the claims must be an object and the kid UTF-8");

    json_decref(list);
}

static void every_failure_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = TOKEN_OK; i < TOKEN_FAILURES; i++) {
        assert_non_null(token_failure_name((enum token_failure)i));
        for (int j = TOKEN_OK; j < i; j++)
            assert_string_not_equal(token_failure_name((enum token_failure)i),
                                    token_failure_name((enum token_failure)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_gives_back_what_it_took),
        cmocka_unit_test(base64url_is_that_of_the_standard),
        cmocka_unit_test(base64url_refuses_every_other_spelling),
        cmocka_unit_test(a_signed_token_passes_at_the_development_issuer),
        cmocka_unit_test(ec_coordinates_keep_their_leading_zeros),
        cmocka_unit_test(the_public_set_holds_nothing_private),
        cmocka_unit_test(keys_that_will_not_do_are_refused),
        cmocka_unit_test(an_encrypted_key_is_refused_without_asking),
        cmocka_unit_test(claims_that_are_no_object_are_refused),
        cmocka_unit_test(every_failure_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
