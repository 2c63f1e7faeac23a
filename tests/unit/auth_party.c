/* Tokens of guardians and children: an issuer that vouches for identity numbers names them and nobody else. */
#include "auth_keys.h"

#define STAFF "https://staff.example"
#define PARTIES "https://parties.example"

static EVP_PKEY *rsa;
static struct auth *auth;

static json_t *issuer(const char *name, const char *number_claim)
{
    return json_pack("{s:s, s:s, s:[s], s:s*, s:{s:[o]}}", "issuer", name, "audience", "samsyn", "algorithms", "RS256",
                     "identityNumberClaim", number_claim, "jwks", "keys", keys_jwk(rsa, "k", NULL));
}

static int begin_group(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    auth = keys_auth(json_pack("{s:[o,o]}", "issuers", issuer(STAFF, NULL), issuer(PARTIES, "number")));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    auth_destroy(auth);
    return 0;
}

static int finish_group(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    return 0;
}

/* Verifies a token of the issuer with `number` (stolen, NULL for none), twice, so that the second time it may be found
 * in the cache, and lends the number that it gave, "-" for none. */
static const char *number_of(const char *name, json_t *number, enum token_failure *failure)
{
    static char lent[32];
    struct principal principal;
    struct arena *arena = arena_create();
    json_t *header = json_pack("{s:s, s:s}", "alg", "RS256", "kid", "k");
    json_t *claims = keys_claims(name);
    if (number)
        json_object_set_new(claims, "number", number);
    char *token = keys_sign(rsa, "SHA256", header, claims);
    enum token_failure first = auth_verify(auth, token, strlen(token), KEYS_NOW, arena, &principal);
    *failure = auth_verify(auth, token, strlen(token), KEYS_NOW, arena, &principal);
    assert_int_equal(first, *failure);
    bool named = *failure == TOKEN_OK && principal.identity_number;
    snprintf(lent, sizeof(lent), "%s", named ? principal.identity_number : "-");
    arena_destroy(arena);
    json_decref(header);
    json_decref(claims);
    free(token);
    return lent;
}

static void the_number_is_read_in_each_form(void **state)
{
    static const struct {
        const char *given, *stored;
    } forms[] = {
        {"198504129852", "198504129852"}, {"19850412-9852", "198504129852"}, {"850412-9852", "198504129852"},
        {"991231+9903", "189912319903"},  {"20090578-9814", "200905789814"},
    };
    enum token_failure failure;
    (void)state;
    auth_accept_test_numbers(auth, true);
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        assert_string_equal(number_of(PARTIES, json_string(forms[i].given), &failure), forms[i].stored);
        assert_int_equal(failure, TOKEN_OK);
    }
}

static void a_token_without_a_good_number_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "198504129854", "198513129852", "8504129852", "203504129852", "school-teacher", "198504129852 "};
    enum token_failure failure;
    (void)state;
    auth_accept_test_numbers(auth, true);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        number_of(PARTIES, json_string(bad[i]), &failure);
        assert_int_equal(failure, TOKEN_IDENTITY_NUMBER);
    }
    number_of(PARTIES, json_integer(198504129852), &failure);
    assert_int_equal(failure, TOKEN_IDENTITY_NUMBER);
    number_of(PARTIES, json_null(), &failure);
    assert_int_equal(failure, TOKEN_IDENTITY_NUMBER);
    number_of(PARTIES, json_pack("[s]", "198504129852"), &failure);
    assert_int_equal(failure, TOKEN_IDENTITY_NUMBER);
    number_of(PARTIES, NULL, &failure);
    assert_int_equal(failure, TOKEN_CLAIM_MISSING);
    assert_string_equal(token_failure_name(TOKEN_IDENTITY_NUMBER), "identity-number");
}

static void a_test_number_needs_the_switch(void **state)
{
    enum token_failure failure;
    (void)state;

    number_of(PARTIES, json_string("198504129852"), &failure);

    assert_int_equal(failure, TOKEN_IDENTITY_NUMBER);
}

static void an_issuer_of_staff_names_no_party_whatever_its_token_says(void **state)
{
    enum token_failure failure;
    (void)state;

    assert_string_equal(number_of(STAFF, json_string("198504129852"), &failure), "-");

    assert_int_equal(failure, TOKEN_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_number_is_read_in_each_form),
        TEST(a_token_without_a_good_number_is_refused),
        TEST(a_test_number_needs_the_switch),
        TEST(an_issuer_of_staff_names_no_party_whatever_its_token_says),
    };
    return cmocka_run_group_tests(tests, begin_group, finish_group);
}
