/* Mistakes in the issuer configuration: each is named where it stands. */
#include <unistd.h>

#include "auth_keys.h"

static EVP_PKEY *rsa, *weak, *p256;
static char small_file[64], large_file[64];

static json_t *good_issuer(void)
{
    return json_pack("{s:s, s:s, s:[s], s:{s:[o]}}", "issuer", "https://a.example", "audience", "samsyn", "algorithms",
                     "RS256", "jwks", "keys", keys_jwk(rsa, "k", NULL));
}

/* The message that the configuration is refused with, "" when it is accepted. Steals the configuration. */
static char *refusal(json_t *configuration)
{
    char *why = NULL;
    struct auth *auth = auth_create(configuration, &why);
    json_decref(configuration);
    if (!auth) {
        assert_non_null(why);
        return why;
    }
    auth_destroy(auth);
    assert_null(why);
    return strdup("");
}

static void expect(json_t *configuration, const char *message)
{
    char *why = refusal(configuration);
    assert_string_equal(why, message);
    free(why);
}

/* Expects `message` when the members of `change` replace those of a good issuer; null takes a member away. */
static void expect_change(const char *change, const char *message)
{
    const char *name;
    json_t *value;
    json_t *issuer = good_issuer();
    json_t *changes = json_loads(change, 0, NULL);
    assert_non_null(changes);
    json_object_foreach(changes, name, value)
    {
        if (json_is_null(value))
            json_object_del(issuer, name);
        else
            json_object_set(issuer, name, value);
    }
    json_decref(changes);
    expect(json_pack("{s:[o]}", "issuers", issuer), message);
}

static void a_good_configuration_is_accepted(void **state)
{
    (void)state;
    expect(json_pack("{s:i, s:i, s:i, s:[o]}", "clockSkewSeconds", 0, "maxLifetimeSeconds", 600, "cacheEntries", 0,
                     "issuers", good_issuer()),
           "");
    expect_change("{\"subjectClaim\": \"hsaId\", \"clientClaim\": \"client_id\", \"maxLifetimeSeconds\": 600,"
                  "\"organisations\": [\"2120000142\"], \"algorithms\": [\"ES512\", \"RS256\"]}",
                  "");
    expect_change("{\"jwks\": null, \"jwksUrl\": \"http://127.0.0.1:1/jwks\"}", "");
    expect_change("{\"identityNumberClaim\": \"https://id.oidc.se/claim/personalIdentityNumber\"}", "");
}

static void mistakes_beside_the_issuers_are_named(void **state)
{
    (void)state;
    expect(json_array(), "issuer configuration must be an object");
    expect(json_object(), "issuer configuration.issuers must list 1 to 64 issuers");
    expect(json_pack("{s:[]}", "issuers"), "issuer configuration.issuers must list 1 to 64 issuers");
    expect(json_pack("{s:[], s:i}", "issuers", "skew", 1), "issuer configuration: unknown member \"skew\"");
    expect(json_pack("{s:i, s:[o]}", "clockSkewSeconds", 301, "issuers", good_issuer()),
           "issuer configuration.clockSkewSeconds must be a whole number from 0 to 300");
    expect(json_pack("{s:s, s:[o]}", "maxLifetimeSeconds", "300", "issuers", good_issuer()),
           "issuer configuration.maxLifetimeSeconds must be a whole number from 1 to 86400");
    expect(json_pack("{s:i, s:[o]}", "cacheEntries", -1, "issuers", good_issuer()),
           "issuer configuration.cacheEntries must be a whole number from 0 to 1048576");
    expect(json_pack("{s:[o,o]}", "issuers", good_issuer(), good_issuer()),
           "issuers[1].issuer \"https://a.example\" is configured twice");
    expect(json_pack("{s:[i]}", "issuers", 1), "issuers[0] must be an object");
}

static void mistakes_in_an_issuer_are_named(void **state)
{
    (void)state;
    const char *all = "RS256, RS384, RS512, ES256, ES384, ES512";
    char message[200];
    expect_change("{\"key\": 1}", "issuers[0]: unknown member \"key\"");
    expect_change("{\"issuer\": null}", "issuers[0].issuer is missing");
    expect_change("{\"issuer\": \"\"}", "issuers[0].issuer must be a text of 1 to 1024 bytes");
    expect_change("{\"audience\": null}", "issuers[0].audience is missing");
    expect_change("{\"audience\": [\"samsyn\"]}", "issuers[0].audience must be a text of 1 to 1024 bytes");
    expect_change("{\"subjectClaim\": 1}", "issuers[0].subjectClaim must be a text of 1 to 1024 bytes");
    expect_change("{\"identityNumberClaim\": true}",
                  "issuers[0].identityNumberClaim must be a text of 1 to 1024 bytes");
    expect_change("{\"identityNumberClaim\": \"\"}",
                  "issuers[0].identityNumberClaim must be a text of 1 to 1024 bytes");
    expect_change("{\"maxLifetimeSeconds\": 0}",
                  "issuers[0].maxLifetimeSeconds must be a whole number from 1 to 86400");
    expect_change("{\"refreshSeconds\": 0}", "issuers[0].refreshSeconds must be a whole number from 1 to 86400");
    snprintf(message, sizeof(message), "issuers[0].algorithms must list at least one of %s", all);
    expect_change("{\"algorithms\": null}", message);
    expect_change("{\"algorithms\": []}", message);
    snprintf(message, sizeof(message), "issuers[0].algorithms[1] must be one of %s", all);
    expect_change("{\"algorithms\": [\"RS256\", \"HS256\"]}", message);
    expect_change("{\"algorithms\": [\"RS256\", \"none\"]}", message);
    expect_change("{\"algorithms\": [\"RS256\", 5]}", message);
    expect_change("{\"algorithms\": [\"RS256\", \"RS256\"]}", "issuers[0].algorithms[1] is there twice");
    expect_change("{\"organisations\": []}",
                  "issuers[0].organisations must list 1 to 1000 organisation numbers; leave it out for any");
    expect_change("{\"organisations\": [\"212000-0142\"]}",
                  "issuers[0].organisations[0] must be an organisation number of ten digits");
}

static void mistakes_in_the_source_of_keys_are_named(void **state)
{
    (void)state;
    char change[200];
    const char *https = "issuers[0].jwksUrl must be https, or http to the loopback interface";
    expect_change("{\"jwks\": null}", "issuers[0] must have exactly one of jwksFile, jwksUrl and jwks");
    expect_change("{\"jwksFile\": \"a\"}", "issuers[0] must have exactly one of jwksFile, jwksUrl and jwks");
    expect_change("{\"jwks\": null, \"jwksUrl\": \"http://issuer.example/jwks\"}", https);
    expect_change("{\"jwks\": null, \"jwksUrl\": \"http://127.0.0.1.example/jwks\"}", https);
    expect_change("{\"jwks\": null, \"jwksUrl\": \"http://128.0.0.1/jwks\"}", https);
    expect_change("{\"jwks\": null, \"jwksUrl\": \"file:///etc/passwd\"}", https);
    expect_change("{\"jwks\": null, \"jwksUrl\": \"ftp://127.0.0.1/jwks\"}", https);
    expect_change("{\"jwks\": null, \"jwksUrl\": \"https://a:b@issuer.example/\"}",
                  "issuers[0].jwksUrl must not carry a user name");
    expect_change("{\"jwks\": null, \"jwksUrl\": \"jwks\"}", "issuers[0].jwksUrl is not a URL");
    expect_change("{\"jwks\": null, \"jwksFile\": \"/nonexistent/jwks\"}", "issuers[0].jwksFile cannot be read");
    snprintf(change, sizeof(change), "{\"jwks\": null, \"jwksFile\": \"%s\"}", small_file);
    expect_change(change, "issuers[0].jwksFile is not JSON");
    snprintf(change, sizeof(change), "{\"jwks\": null, \"jwksFile\": \"%s\"}", large_file);
    expect_change(change, "issuers[0].jwksFile is larger than 256 KiB");
    expect_change("{\"jwks\": {}}", "issuers[0].jwks is no JWK Set: it has no array \"keys\"");
}

static const char *no_usable_key = "issuers[0].jwks has no key that can verify a token of this issuer's algorithms";

static void expect_key(json_t *jwk, const char *message)
{
    json_t *issuer = good_issuer();
    json_object_set_new(issuer, "algorithms", json_pack("[s, s]", "RS256", "ES256"));
    json_object_set_new(issuer, "jwks", json_pack("{s:[o]}", "keys", jwk));
    expect(json_pack("{s:[o]}", "issuers", issuer), message);
}

static json_t *with(json_t *jwk, const char *name, json_t *value)
{
    json_object_set_new(jwk, name, value);
    return jwk;
}

static void keys_that_cannot_verify_are_passed_over(void **state)
{
    (void)state;
    expect_key(keys_jwk(rsa, "k", NULL), "");
    expect_key(keys_jwk(p256, NULL, "ES256"), "");
    expect_key(with(keys_jwk(rsa, "k", NULL), "key_ops", json_pack("[s]", "verify")), "");
    expect_key(keys_jwk(rsa, "k", "RS512"), no_usable_key);
    expect_key(keys_jwk(rsa, "k", "ES256"), no_usable_key);
    expect_key(keys_jwk(rsa, "k", "HS256"), no_usable_key);
    expect_key(keys_jwk(weak, "k", NULL), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "alg", json_integer(1)), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "use", json_string("enc")), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "key_ops", json_pack("[s]", "encrypt")), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "d", json_string("AQAB")), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "n", json_string("AQAB")), no_usable_key);
    expect_key(with(keys_jwk(rsa, "k", NULL), "n", json_null()), no_usable_key);
    expect_key(with(keys_jwk(p256, "k", NULL), "crv", json_string("P-384")), no_usable_key);
    expect_key(with(keys_jwk(p256, "k", NULL), "x", json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE")),
               no_usable_key);
    expect_key(json_pack("{s:s, s:s, s:s}", "kty", "oct", "alg", "HS256", "k", "c2VjcmV0"), no_usable_key);
    expect_key(json_pack("{s:s, s:s}", "kty", "RSA", "x5u", "http://127.0.0.1:1/"), no_usable_key);
    expect_key(json_string("key"), no_usable_key);
}

static void too_many_keys_are_refused(void **state)
{
    (void)state;
    json_t *keys = json_array();
    for (int i = 0; i < 65; i++)
        json_array_append_new(keys, json_object());
    json_t *issuer = good_issuer();
    json_object_set_new(issuer, "jwks", json_pack("{s:o}", "keys", keys));
    expect(json_pack("{s:[o]}", "issuers", issuer), "issuers[0].jwks has more than 64 keys");
}

static void write_file(char *path, const char *template, size_t length)
{
    strcpy(path, template);
    FILE *file = fdopen(mkstemp(path), "w");
    for (size_t i = 0; i < length; i++)
        fputc(' ', file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    weak = EVP_RSA_gen(1024);
    p256 = EVP_EC_gen("P-256");
    write_file(small_file, "/tmp/auth_configuration.XXXXXX", 10);
    write_file(large_file, "/tmp/auth_configuration.XXXXXX", 256 * 1024 + 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(small_file);
    unlink(large_file);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(p256);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_configuration_is_accepted),
        cmocka_unit_test(mistakes_beside_the_issuers_are_named),
        cmocka_unit_test(mistakes_in_an_issuer_are_named),
        cmocka_unit_test(mistakes_in_the_source_of_keys_are_named),
        cmocka_unit_test(keys_that_cannot_verify_are_passed_over),
        cmocka_unit_test(too_many_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
