/* Forged and faulty tokens: each is refused, for exactly its reason. */
#include "auth_keys.h"

#include "auth/signature.h"

#define ISSUER "https://issuer.example"
#define OTHER_ISSUER "https://other.example"

static EVP_PKEY *rsa, *rsa_second, *other_rsa, *stranger, *p256, *p384, *p521;
static struct auth *auth;

/* A good token on its way to be spoilt. */
struct draft {
    json_t *header, *claims;
    EVP_PKEY *key;
    const char *digest;
    const char *header_text, *claims_text; /* instead of the objects */
    char *token;                           /* when set, sent as it is */
};

static char *finish(struct draft *draft)
{
    char *header = draft->header_text ? strdup(draft->header_text) : json_dumps(draft->header, JSON_COMPACT);
    char *claims = draft->claims_text ? strdup(draft->claims_text) : json_dumps(draft->claims, JSON_COMPACT);
    char *token = draft->token ? draft->token : keys_sign_texts(draft->key, draft->digest, header, claims);
    free(header);
    free(claims);
    return token;
}

static char *signed_so_far(struct draft *draft)
{
    return keys_sign(draft->key, draft->digest, draft->header, draft->claims);
}

static void put(json_t *object, const char *name, const char *value)
{
    json_object_set_new(object, name, json_string(value));
}

/* Merges `changes`, JSON text or NULL, into the object. */
static void change(json_t *object, const char *changes)
{
    const char *name;
    json_t *value;
    json_t *members = changes ? json_loads(changes, 0, NULL) : json_object();
    assert_non_null(members);
    json_object_foreach(members, name, value)
    {
        if (json_is_null(value))
            json_object_del(object, name);
        else
            json_object_set(object, name, value);
    }
    json_decref(members);
}

static void none_without_signature(struct draft *d)
{
    put(d->header, "alg", "none");
    d->token = signed_so_far(d);
    strrchr(d->token, '.')[1] = '\0';
}

static void public_key_as_hmac_secret(struct draft *d)
{
    put(d->header, "alg", "HS256");
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size;
    char *secret = keys_pem(rsa, 0);
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.') + 1;
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)d->token, (size_t)(signature - 1 - d->token), mac,
         &size);
    base64url_encode(mac, size, signature);
    free(secret);
}

static void with_p256(struct draft *d)
{
    d->key = p256;
}

static void header_rs256_key_ec(struct draft *d)
{
    put(d->header, "kid", "p256");
    d->key = p256;
}

static void stronger_hash_than_the_key_s(struct draft *d)
{
    put(d->header, "alg", "RS512");
    d->digest = "SHA512";
}

static void algorithm_not_allowed_to_issuer(struct draft *d)
{
    put(d->header, "alg", "RS384");
    d->digest = "SHA384";
}

static void other_issuers_key_and_kid(struct draft *d)
{
    put(d->header, "kid", "other");
    d->key = other_rsa;
}

static void other_issuers_key(struct draft *d)
{
    d->key = other_rsa;
}

static void strangers_key(struct draft *d)
{
    d->key = stranger;
}

static void embedded_jwk(struct draft *d)
{
    d->key = stranger;
    json_object_set_new(d->header, "jwk", keys_jwk(stranger, "rsa", "RS256"));
}

static void embedded_jku(struct draft *d)
{
    d->key = stranger;
    put(d->header, "jku", "https://evil.example/jwks");
    put(d->header, "x5u", "https://evil.example/certificate");
}

static void subject_too_long(struct draft *d)
{
    char text[257];
    memset(text, 'x', 256);
    text[256] = '\0';
    put(d->claims, "sub", text);
}

static void too_many_scopes(struct draft *d)
{
    char text[131] = "";
    for (int i = 0; i < 65; i++)
        strcat(text, "a ");
    put(d->claims, "scope", text);
}

static void payload_swapped(struct draft *d)
{
    char *good = signed_so_far(d);
    put(d->claims, "sub", "system-admin");
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.');
    strcpy(signature, strrchr(good, '.'));
    free(good);
}

static void signature_altered(struct draft *d)
{
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.') + 1;
    signature[10] = signature[10] == 'A' ? 'B' : 'A';
}

static void signature_stripped(struct draft *d)
{
    d->token = signed_so_far(d);
    strrchr(d->token, '.')[1] = '\0';
}

static void signature_and_dot_stripped(struct draft *d)
{
    d->token = signed_so_far(d);
    *strrchr(d->token, '.') = '\0';
}

static void truncated_signature(struct draft *d)
{
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.') + 1;
    signature[strlen(signature) / 4 * 4 - 4] = '\0';
}

static void truncated_inside_a_character(struct draft *d)
{
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.') + 1;
    signature[5] = '\0';
}

static void padded(struct draft *d)
{
    char *token = signed_so_far(d);
    assert_true(asprintf(&d->token, "%s==", token) > 0);
    free(token);
}

static void last_bits_altered(struct draft *d)
{
    /* 342 characters carry 256 bytes and four idle bits: the last character could be written in sixteen ways */
    d->token = signed_so_far(d);
    char *last = d->token + strlen(d->token) - 1;
    *last = (char)(*last + 1);
}

static void standard_base64(struct draft *d)
{
    d->token = signed_so_far(d);
    d->token[3] = '+';
}

static void space_in_front(struct draft *d)
{
    char *token = signed_so_far(d);
    assert_true(asprintf(&d->token, " %s", token) > 0);
    free(token);
}

static void fourth_part(struct draft *d)
{
    char *token = signed_so_far(d);
    assert_true(asprintf(&d->token, "%s.e30", token) > 0);
    free(token);
}

static void only_dots(struct draft *d)
{
    d->token = strdup("..");
}

static void huge(struct draft *d)
{
    char *filler = calloc(1, 7000);
    memset(filler, 'x', 6999);
    put(d->claims, "filler", filler);
    free(filler);
}

static void nothing(struct draft *d)
{
    d->token = strdup("");
}

static const struct forgery {
    const char *name;
    enum token_failure expected;
    const char *header, *claims;           /* JSON of the members that differ; null takes one away */
    const char *header_text, *claims_text; /* instead of the whole */
    void (*spoil)(struct draft *draft);
} forgeries[] = {
    {"none", TOKEN_ALGORITHM, .header = "{\"alg\": \"none\"}"},
    {"none, without signature", TOKEN_ALGORITHM, .spoil = none_without_signature},
    {"none in capitals", TOKEN_ALGORITHM, .header = "{\"alg\": \"NONE\"}"},
    {"alg in lower case", TOKEN_ALGORITHM, .header = "{\"alg\": \"rs256\"}"},
    {"alg missing", TOKEN_MALFORMED, .header = "{\"alg\": null}"},
    {"alg is a number", TOKEN_MALFORMED, .header = "{\"alg\": 256}"},
    {"HS256 with the public key as secret", TOKEN_ALGORITHM, .spoil = public_key_as_hmac_secret},
    {"PS256", TOKEN_ALGORITHM, .header = "{\"alg\": \"PS256\"}"},
    {"header says ES256, key is RSA", TOKEN_ALGORITHM, .header = "{\"alg\": \"ES256\"}"},
    {"header says RS256, key is EC", TOKEN_ALGORITHM, .spoil = header_rs256_key_ec},
    {"RS512 signed with an RS256 key", TOKEN_ALGORITHM, .spoil = stronger_hash_than_the_key_s},
    {"algorithm that the issuer is not allowed", TOKEN_ALGORITHM, .spoil = algorithm_not_allowed_to_issuer},
    {"another issuer's key and kid", TOKEN_KEY_UNKNOWN, .spoil = other_issuers_key_and_kid},
    {"another issuer's key under this one's kid", TOKEN_SIGNATURE, .spoil = other_issuers_key},
    {"another issuer's name with this one's kid", TOKEN_KEY_UNKNOWN, .claims = "{\"iss\": \"https://other.example\"}"},
    {"a stranger's key", TOKEN_SIGNATURE, .spoil = strangers_key},
    {"jwk embedded in the header", TOKEN_SIGNATURE, .spoil = embedded_jwk},
    {"jku and x5u in the header", TOKEN_SIGNATURE, .spoil = embedded_jku},
    {"unknown issuer", TOKEN_ISSUER_UNKNOWN, .claims = "{\"iss\": \"https://evil.example\"}"},
    {"issuer nearly right", TOKEN_ISSUER_UNKNOWN, .claims = "{\"iss\": \"https://issuer.example/\"}"},
    {"iss missing", TOKEN_CLAIM_MISSING, .claims = "{\"iss\": null}"},
    {"iss is a list", TOKEN_MALFORMED, .claims = "{\"iss\": [\"https://issuer.example\"]}"},
    {"unknown kid", TOKEN_KEY_UNKNOWN, .header = "{\"kid\": \"nobody\"}"},
    {"no kid with several keys", TOKEN_KEY_UNKNOWN, .header = "{\"kid\": null}"},
    {"kid empty", TOKEN_MALFORMED, .header = "{\"kid\": \"\"}"},
    {"kid is true", TOKEN_MALFORMED, .header = "{\"kid\": true}"},
    {"crit", TOKEN_MALFORMED, .header = "{\"crit\": [\"exp\"]}"},
    {"crit, empty", TOKEN_MALFORMED, .header = "{\"crit\": []}"},
    {"typ of another kind of token", TOKEN_MALFORMED, .header = "{\"typ\": \"logout+jwt\"}"},
    {"wrong audience", TOKEN_AUDIENCE, .claims = "{\"aud\": \"samsyn2\"}"},
    {"list of audiences without us", TOKEN_AUDIENCE, .claims = "{\"aud\": [\"one\", \"two\"]}"},
    {"empty list of audiences", TOKEN_AUDIENCE, .claims = "{\"aud\": []}"},
    {"list of audiences with a number", TOKEN_MALFORMED, .claims = "{\"aud\": [\"samsyn\", 1]}"},
    {"aud missing", TOKEN_CLAIM_MISSING, .claims = "{\"aud\": null}"},
    {"expired a second ago", TOKEN_TIME_EXPIRED, .claims = "{\"iat\": 1899999700, \"exp\": 1899999999}"},
    {"expires this second", TOKEN_TIME_EXPIRED, .claims = "{\"exp\": 1900000000}"},
    {"exp missing", TOKEN_CLAIM_MISSING, .claims = "{\"exp\": null}"},
    {"exp is a text", TOKEN_MALFORMED, .claims = "{\"exp\": \"1900000200\"}"},
    {"exp beyond reason", TOKEN_MALFORMED, .claims = "{\"exp\": 9223372036854775807}"},
    {"nbf beyond the skew", TOKEN_NOT_YET, .claims = "{\"nbf\": 1900000031}"},
    {"iat beyond the skew", TOKEN_NOT_YET, .claims = "{\"iat\": 1900000031}"},
    {"iat missing", TOKEN_CLAIM_MISSING, .claims = "{\"iat\": null}"},
    {"iat before the epoch", TOKEN_MALFORMED, .claims = "{\"iat\": -9223372036854775808}"},
    {"lives a second too long", TOKEN_LIFETIME, .claims = "{\"exp\": 1900000291}"},
    {"expires before it was issued", TOKEN_LIFETIME, .claims = "{\"iat\": 1900000020, \"exp\": 1900000010}"},
    {"sub missing", TOKEN_CLAIM_MISSING, .claims = "{\"sub\": null}"},
    {"sub empty", TOKEN_MALFORMED, .claims = "{\"sub\": \"\"}"},
    {"sub is a number", TOKEN_MALFORMED, .claims = "{\"sub\": 1}"},
    {"sub of 256 bytes", TOKEN_MALFORMED, .spoil = subject_too_long},
    {"sub with a line break", TOKEN_MALFORMED, .claims = "{\"sub\": \"a\\nb\"}"},
    {"azp missing", TOKEN_CLAIM_MISSING, .claims = "{\"azp\": null}"},
    {"azp is a number beside client_id", TOKEN_MALFORMED, .claims = "{\"azp\": 7, \"client_id\": \"demo-portal\"}"},
    {"scope is a list", TOKEN_MALFORMED, .claims = "{\"scope\": [\"samsyn:case\"]}"},
    {"65 scopes", TOKEN_MALFORMED, .spoil = too_many_scopes},
    {"claim given twice", TOKEN_MALFORMED,
     .claims_text = "{\"iss\":\"https://issuer.example\",\"sub\":\"a\",\"sub\":\"b\"}"},
    {"claim given twice inside another", TOKEN_MALFORMED,
     .claims_text = "{\"iss\":\"https://issuer.example\",\"x\":{\"a\":1,\"a\":2}}"},
    {"header member given twice", TOKEN_MALFORMED,
     .header_text = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"alg\":\"RS256\"}"},
    {"payload is not JSON", TOKEN_MALFORMED, .claims_text = "iss=https://issuer.example"},
    {"payload is a list", TOKEN_MALFORMED, .claims_text = "[1]"},
    {"payload with more behind it", TOKEN_MALFORMED, .claims_text = "{\"iss\":\"https://issuer.example\"} {}"},
    {"payload is not UTF-8", TOKEN_MALFORMED, .claims_text = "{\"iss\":\"\xff\"}"},
    {"payload empty", TOKEN_MALFORMED, .claims_text = ""},
    {"header is not JSON", TOKEN_MALFORMED, .header_text = "RS256"},
    {"payload swapped", TOKEN_SIGNATURE, .spoil = payload_swapped},
    {"signature altered", TOKEN_SIGNATURE, .spoil = signature_altered},
    {"signature stripped", TOKEN_SIGNATURE, .spoil = signature_stripped},
    {"signature and its dot stripped", TOKEN_MALFORMED, .spoil = signature_and_dot_stripped},
    {"signature truncated", TOKEN_SIGNATURE, .spoil = truncated_signature},
    {"truncated to an impossible length", TOKEN_MALFORMED, .spoil = truncated_inside_a_character},
    {"padded", TOKEN_MALFORMED, .spoil = padded},
    {"idle bits of the last character set", TOKEN_MALFORMED, .spoil = last_bits_altered},
    {"standard base64 alphabet", TOKEN_MALFORMED, .spoil = standard_base64},
    {"space in front", TOKEN_MALFORMED, .spoil = space_in_front},
    {"fourth part", TOKEN_MALFORMED, .spoil = fourth_part},
    {"only dots", TOKEN_MALFORMED, .spoil = only_dots},
    {"above 8 KiB", TOKEN_TOO_LARGE, .spoil = huge},
    {"empty", TOKEN_ABSENT, .spoil = nothing},
};

static struct draft good_draft(const char *type)
{
    return (struct draft){.header = json_pack("{s:s, s:s, s:s}", "alg", "RS256", "typ", type, "kid", "rsa"),
                          .claims = keys_claims(ISSUER),
                          .key = rsa,
                          .digest = "SHA256"};
}

static void clear_draft(struct draft *draft)
{
    json_decref(draft->header);
    json_decref(draft->claims);
}

static void verify_table(const struct forgery *table, size_t count, const char *type)
{
    for (size_t i = 0; i < count; i++) {
        struct draft draft = good_draft(type);
        change(draft.header, table[i].header);
        change(draft.claims, table[i].claims);
        draft.header_text = table[i].header_text;
        draft.claims_text = table[i].claims_text;
        if (table[i].spoil)
            table[i].spoil(&draft);
        char *token = finish(&draft);

        enum token_failure first = keys_verify(auth, token, KEYS_NOW);
        enum token_failure again = keys_verify(auth, token, KEYS_NOW);

        if (first != table[i].expected || again != first)
            fail_msg("%s (typ %s): %s, then %s, expected %s", table[i].name, type, token_failure_name(first),
                     token_failure_name(again), token_failure_name(table[i].expected));
        free(token);
        clear_draft(&draft);
    }
}

static void each_forgery_is_refused_for_its_reason(void **state)
{
    (void)state;
    verify_table(forgeries, sizeof(forgeries) / sizeof(*forgeries), "JWT");
}

static void each_forgery_is_refused_as_access_token_too(void **state)
{
    (void)state;
    verify_table(forgeries, sizeof(forgeries) / sizeof(*forgeries), "at+jwt");
}

static void no_token_is_absent(void **state)
{
    (void)state;
    struct principal principal;
    struct arena *arena = arena_create();

    enum token_failure failure = auth_verify(auth, NULL, 0, KEYS_NOW, arena, &principal);

    assert_int_equal(failure, TOKEN_ABSENT);
    arena_destroy(arena);
}

static void a_token_with_a_nul_byte_is_malformed(void **state)
{
    (void)state;
    struct principal principal;
    struct arena *arena = arena_create();
    char *token = keys_good_token(rsa, ISSUER, "rsa");

    enum token_failure failure = auth_verify(auth, token, strlen(token) + 1, KEYS_NOW, arena, &principal);

    assert_int_equal(failure, TOKEN_MALFORMED);
    arena_destroy(arena);
    free(token);
}

static void a_good_token_names_its_principal(void **state)
{
    (void)state;
    struct principal p;
    struct arena *arena = arena_create();
    char *token = keys_good_token(rsa, ISSUER, "rsa");

    enum token_failure failure = auth_verify(auth, token, strlen(token), KEYS_NOW, arena, &p);

    assert_int_equal(failure, TOKEN_OK);
    assert_string_equal(p.issuer, ISSUER);
    assert_string_equal(p.subject, "school-teacher");
    assert_string_equal(p.client, "demo-portal");
    assert_int_equal(p.scope_count, 2);
    assert_string_equal(p.scopes[0], "samsyn:case");
    assert_string_equal(p.scopes[1], "samsyn:agreement");
    assert_int_equal(p.expires, KEYS_NOW + 200);
    assert_string_equal(p.organisations, "[\"2120000142\"]");
    arena_destroy(arena);
    free(token);
}

static const struct forgery good[] = {
    {"audience among others", TOKEN_OK, .claims = "{\"aud\": [\"other\", \"samsyn\"]}"},
    {"client_id instead of azp", TOKEN_OK, .claims = "{\"azp\": null, \"client_id\": \"demo-portal\"}"},
    {"times at the edges", TOKEN_OK, .claims = "{\"iat\": 1900000030, \"nbf\": 1900000030, \"exp\": 1900000330}"},
    {"fraction of a second", TOKEN_OK, .claims = "{\"exp\": 1900000001.5}"},
    {"no scope", TOKEN_OK, .claims = "{\"scope\": null}"},
    {"no typ", TOKEN_OK, .header = "{\"typ\": null}"},
    {"typ as a full media type", TOKEN_OK, .header = "{\"typ\": \"application/AT+jwt\"}"},
    {"EC key", TOKEN_OK, .header = "{\"alg\": \"ES256\", \"kid\": \"p256\"}", .spoil = with_p256},
    {"no kid, single key of its algorithm", TOKEN_OK, .header = "{\"alg\": \"ES256\", \"kid\": null}",
     .spoil = with_p256},
    {"other issuer with its own key", TOKEN_OK, .header = "{\"kid\": \"other\"}",
     .claims = "{\"iss\": \"https://other.example\"}", .spoil = other_issuers_key},
};

static void good_variants_pass(void **state)
{
    (void)state;
    verify_table(good, sizeof(good) / sizeof(*good), "JWT");
    verify_table(good, sizeof(good) / sizeof(*good), "at+jwt");
}

static void every_algorithm_verifies_its_own_and_no_other(void **state)
{
    (void)state;
    static const char *const names[] = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"};
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    EVP_PKEY *keys[] = {rsa, rsa, rsa, p256, p384, p521};
    for (size_t i = 0; i < 6; i++) {
        struct auth *single =
            keys_auth(json_pack("{s:[{s:s, s:s, s:[s], s:{s:[o]}}]}", "issuers", "issuer", ISSUER, "audience", "samsyn",
                                "algorithms", names[i], "jwks", "keys", keys_jwk(keys[i], "k", NULL)));
        for (size_t j = 0; j < 12; j++) {
            struct draft draft = good_draft(j % 2 ? "at+jwt" : "JWT");
            put(draft.header, "alg", names[j / 2]);
            put(draft.header, "kid", "k");
            draft.key = keys[j / 2];
            draft.digest = digests[j / 2 % 3];
            char *token = finish(&draft);

            enum token_failure failure = keys_verify(single, token, KEYS_NOW);

            if (failure != (j / 2 == i ? TOKEN_OK : TOKEN_ALGORITHM))
                fail_msg("%s against %s: %s", names[j / 2], names[i], token_failure_name(failure));
            free(token);
            clear_draft(&draft);
        }
        auth_destroy(single);
    }
}

/* The signature is checked for the key's algorithm even if the wrong key was chosen before. */
static void a_key_never_verifies_another_algorithm(void **state)
{
    (void)state;
    static const enum algorithm allowed[] = {ALGORITHM_RS256};
    char *why = NULL;
    struct jws jws;
    struct arena *arena = arena_create();
    json_t *document = json_pack("{s:[o]}", "keys", keys_jwk(rsa, "rsa", NULL));
    struct jwks *set = jwks_parse(document, allowed, 1, &why);
    for (int i = 0; i < 4; i++) {
        bool other = i % 2;
        struct draft draft = good_draft(i / 2 ? "at+jwt" : "JWT");
        change(draft.header, other ? "{\"alg\": \"RS512\"}" : NULL);
        draft.digest = other ? "SHA512" : "SHA256";
        char *token = finish(&draft);
        assert_int_equal(jws_parse(token, strlen(token), arena, &jws), TOKEN_OK);

        bool valid = signature_valid(&jws, &set->keys[0]);

        assert_int_equal(valid, !other);
        free(token);
        clear_draft(&draft);
    }
    jwks_release(set);
    json_decref(document);
    arena_destroy(arena);
}

static void a_token_is_not_valid_before_its_time_and_not_at_its_end(void **state)
{
    (void)state;
    char *token = keys_good_token(rsa, ISSUER, "rsa"); /* iat = now - 10, exp = now + 200 */

    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 41), TOKEN_NOT_YET);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 40), TOKEN_OK);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW - 41), TOKEN_NOT_YET);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW + 199), TOKEN_OK);
    assert_int_equal(keys_verify(auth, token, KEYS_NOW + 200), TOKEN_TIME_EXPIRED);
    free(token);
}

static int set_up(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    rsa_second = EVP_RSA_gen(2048);
    other_rsa = EVP_RSA_gen(2048);
    stranger = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    p384 = EVP_EC_gen("P-384");
    p521 = EVP_EC_gen("P-521");
    json_t *issuer =
        json_pack("{s:s, s:s, s:[s,s,s], s:[s], s:{s:[o,o,o]}}", "issuer", ISSUER, "audience", "samsyn", "algorithms",
                  "RS256", "ES256", "RS512", "organisations", "2120000142", "jwks", "keys",
                  keys_jwk(rsa, "rsa", "RS256"), keys_jwk(p256, "p256", NULL), keys_jwk(rsa_second, "second", NULL));
    json_t *other = json_pack("{s:s, s:s, s:[s], s:{s:[o]}}", "issuer", OTHER_ISSUER, "audience", "samsyn",
                              "algorithms", "RS256", "jwks", "keys", keys_jwk(other_rsa, "other", "RS256"));
    auth = keys_auth(json_pack("{s:[o,o]}", "issuers", issuer, other));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY *keys[] = {rsa, rsa_second, other_rsa, stranger, p256, p384, p521};
    auth_destroy(auth);
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        EVP_PKEY_free(keys[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_token_names_its_principal),
        cmocka_unit_test(good_variants_pass),
        cmocka_unit_test(each_forgery_is_refused_for_its_reason),
        cmocka_unit_test(each_forgery_is_refused_as_access_token_too),
        cmocka_unit_test(no_token_is_absent),
        cmocka_unit_test(a_token_with_a_nul_byte_is_malformed),
        cmocka_unit_test(every_algorithm_verifies_its_own_and_no_other),
        cmocka_unit_test(a_key_never_verifies_another_algorithm),
        cmocka_unit_test(a_token_is_not_valid_before_its_time_and_not_at_its_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
