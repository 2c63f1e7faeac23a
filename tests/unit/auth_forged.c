/* Forged and faulty tokens: each is refused, for exactly its reason. */
#include "auth_keys.h"

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

static void put_time(json_t *object, const char *name, int64_t after_now)
{
    json_object_set_new(object, name, json_integer(KEYS_NOW + after_now));
}

static void none(struct draft *d)
{
    put(d->header, "alg", "none");
}

static void none_without_signature(struct draft *d)
{
    put(d->header, "alg", "none");
    d->token = signed_so_far(d);
    strrchr(d->token, '.')[1] = '\0';
}

static void none_in_capitals(struct draft *d)
{
    put(d->header, "alg", "NONE");
}

static void lower_case_algorithm(struct draft *d)
{
    put(d->header, "alg", "rs256");
}

static void algorithm_missing(struct draft *d)
{
    json_object_del(d->header, "alg");
}

static void algorithm_no_text(struct draft *d)
{
    json_object_set_new(d->header, "alg", json_integer(256));
}

static void public_key_as_hmac_secret(struct draft *d)
{
    put(d->header, "alg", "HS256");
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size;
    char *secret = keys_pem(rsa, 0);
    d->token = signed_so_far(d);
    char *signature = strrchr(d->token, '.') + 1;
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)d->token, (size_t)(signature - 1 - d->token), mac, &size);
    base64url_encode(mac, size, signature);
    free(secret);
}

static void rsa_pss(struct draft *d)
{
    put(d->header, "alg", "PS256");
}

static void header_es256_key_rsa(struct draft *d)
{
    put(d->header, "alg", "ES256");
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

static void other_issuers_name(struct draft *d)
{
    put(d->claims, "iss", OTHER_ISSUER);
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

static void unknown_issuer(struct draft *d)
{
    put(d->claims, "iss", "https://evil.example");
}

static void issuer_with_slash(struct draft *d)
{
    put(d->claims, "iss", ISSUER "/");
}

static void issuer_missing(struct draft *d)
{
    json_object_del(d->claims, "iss");
}

static void issuer_no_text(struct draft *d)
{
    json_object_set_new(d->claims, "iss", json_pack("[s]", ISSUER));
}

static void unknown_kid(struct draft *d)
{
    put(d->header, "kid", "nobody");
}

static void no_kid_among_several_keys(struct draft *d)
{
    json_object_del(d->header, "kid");
}

static void kid_empty(struct draft *d)
{
    put(d->header, "kid", "");
}

static void kid_no_text(struct draft *d)
{
    json_object_set_new(d->header, "kid", json_true());
}

static void critical_extension(struct draft *d)
{
    json_object_set_new(d->header, "crit", json_pack("[s]", "exp"));
}

static void critical_empty(struct draft *d)
{
    json_object_set_new(d->header, "crit", json_array());
}

static void other_type(struct draft *d)
{
    put(d->header, "typ", "logout+jwt");
}

static void wrong_audience(struct draft *d)
{
    put(d->claims, "aud", "samsyn2");
}

static void audience_list_without_us(struct draft *d)
{
    json_object_set_new(d->claims, "aud", json_pack("[s, s]", "one", "two"));
}

static void audience_empty_list(struct draft *d)
{
    json_object_set_new(d->claims, "aud", json_array());
}

static void audience_list_with_number(struct draft *d)
{
    json_object_set_new(d->claims, "aud", json_pack("[s, i]", "samsyn", 1));
}

static void audience_missing(struct draft *d)
{
    json_object_del(d->claims, "aud");
}

static void expired(struct draft *d)
{
    put_time(d->claims, "iat", -300);
    put_time(d->claims, "exp", -1);
}

static void expires_now(struct draft *d)
{
    put_time(d->claims, "exp", 0);
}

static void expiry_missing(struct draft *d)
{
    json_object_del(d->claims, "exp");
}

static void expiry_no_number(struct draft *d)
{
    put(d->claims, "exp", "1900000200");
}

static void expiry_beyond_reason(struct draft *d)
{
    json_object_set_new(d->claims, "exp", json_integer(INT64_MAX));
}

static void not_before_beyond_skew(struct draft *d)
{
    put_time(d->claims, "nbf", 31);
}

static void issued_beyond_skew(struct draft *d)
{
    put_time(d->claims, "iat", 31);
}

static void issued_missing(struct draft *d)
{
    json_object_del(d->claims, "iat");
}

static void issued_negative(struct draft *d)
{
    json_object_set_new(d->claims, "iat", json_integer(INT64_MIN));
}

static void lives_too_long(struct draft *d)
{
    put_time(d->claims, "exp", 291);
}

static void expires_before_issued(struct draft *d)
{
    put_time(d->claims, "iat", 20);
    put_time(d->claims, "exp", 10);
}

static void subject_missing(struct draft *d)
{
    json_object_del(d->claims, "sub");
}

static void subject_empty(struct draft *d)
{
    put(d->claims, "sub", "");
}

static void subject_no_text(struct draft *d)
{
    json_object_set_new(d->claims, "sub", json_integer(1));
}

static void subject_too_long(struct draft *d)
{
    char text[257];
    memset(text, 'x', 256);
    text[256] = '\0';
    put(d->claims, "sub", text);
}

static void subject_with_line_break(struct draft *d)
{
    put(d->claims, "sub", "a\nb");
}

static void client_missing(struct draft *d)
{
    json_object_del(d->claims, "azp");
}

static void client_no_text(struct draft *d)
{
    json_object_set_new(d->claims, "azp", json_null());
    put(d->claims, "client_id", "demo-portal");
}

static void scope_no_text(struct draft *d)
{
    json_object_set_new(d->claims, "scope", json_pack("[s]", "samsyn:case"));
}

static void too_many_scopes(struct draft *d)
{
    char text[131] = "";
    for (int i = 0; i < 65; i++)
        strcat(text, "a ");
    put(d->claims, "scope", text);
}

static void duplicate_claim(struct draft *d)
{
    d->claims_text = "{\"iss\":\"" ISSUER "\",\"sub\":\"a\",\"sub\":\"b\"}";
}

static void duplicate_nested_claim(struct draft *d)
{
    d->claims_text = "{\"iss\":\"" ISSUER "\",\"x\":{\"a\":1,\"a\":2}}";
}

static void duplicate_header(struct draft *d)
{
    d->header_text = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"alg\":\"RS256\"}";
}

static void payload_not_json(struct draft *d)
{
    d->claims_text = "iss=" ISSUER;
}

static void payload_list(struct draft *d)
{
    d->claims_text = "[1]";
}

static void payload_with_more_behind(struct draft *d)
{
    d->claims_text = "{\"iss\":\"" ISSUER "\"} {}";
}

static void payload_not_utf8(struct draft *d)
{
    d->claims_text = "{\"iss\":\"\xff\"}";
}

static void payload_empty(struct draft *d)
{
    d->claims_text = "";
}

static void header_not_json(struct draft *d)
{
    d->header_text = "RS256";
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
    void (*spoil)(struct draft *draft);
    enum token_failure expected;
} forgeries[] = {
    {"none", none, TOKEN_ALGORITHM},
    {"none, without signature", none_without_signature, TOKEN_ALGORITHM},
    {"none in capitals", none_in_capitals, TOKEN_ALGORITHM},
    {"alg in lower case", lower_case_algorithm, TOKEN_ALGORITHM},
    {"alg missing", algorithm_missing, TOKEN_MALFORMED},
    {"alg is a number", algorithm_no_text, TOKEN_MALFORMED},
    {"HS256 with the public key as secret", public_key_as_hmac_secret, TOKEN_ALGORITHM},
    {"PS256", rsa_pss, TOKEN_ALGORITHM},
    {"header says ES256, key is RSA", header_es256_key_rsa, TOKEN_ALGORITHM},
    {"header says RS256, key is EC", header_rs256_key_ec, TOKEN_ALGORITHM},
    {"RS512 signed with an RS256 key", stronger_hash_than_the_key_s, TOKEN_ALGORITHM},
    {"algorithm that the issuer is not allowed", algorithm_not_allowed_to_issuer, TOKEN_ALGORITHM},
    {"another issuer's key and kid", other_issuers_key_and_kid, TOKEN_KEY_UNKNOWN},
    {"another issuer's key under this one's kid", other_issuers_key, TOKEN_SIGNATURE},
    {"another issuer's name with this one's kid", other_issuers_name, TOKEN_KEY_UNKNOWN},
    {"a stranger's key", strangers_key, TOKEN_SIGNATURE},
    {"jwk embedded in the header", embedded_jwk, TOKEN_SIGNATURE},
    {"jku and x5u in the header", embedded_jku, TOKEN_SIGNATURE},
    {"unknown issuer", unknown_issuer, TOKEN_ISSUER_UNKNOWN},
    {"issuer nearly right", issuer_with_slash, TOKEN_ISSUER_UNKNOWN},
    {"iss missing", issuer_missing, TOKEN_CLAIM_MISSING},
    {"iss is a list", issuer_no_text, TOKEN_MALFORMED},
    {"unknown kid", unknown_kid, TOKEN_KEY_UNKNOWN},
    {"no kid with several keys", no_kid_among_several_keys, TOKEN_KEY_UNKNOWN},
    {"kid empty", kid_empty, TOKEN_MALFORMED},
    {"kid is true", kid_no_text, TOKEN_MALFORMED},
    {"crit", critical_extension, TOKEN_MALFORMED},
    {"crit, empty", critical_empty, TOKEN_MALFORMED},
    {"typ of another kind of token", other_type, TOKEN_MALFORMED},
    {"wrong audience", wrong_audience, TOKEN_AUDIENCE},
    {"list of audiences without us", audience_list_without_us, TOKEN_AUDIENCE},
    {"empty list of audiences", audience_empty_list, TOKEN_AUDIENCE},
    {"list of audiences with a number", audience_list_with_number, TOKEN_MALFORMED},
    {"aud missing", audience_missing, TOKEN_CLAIM_MISSING},
    {"expired a second ago", expired, TOKEN_TIME_EXPIRED},
    {"expires this second", expires_now, TOKEN_TIME_EXPIRED},
    {"exp missing", expiry_missing, TOKEN_CLAIM_MISSING},
    {"exp is a text", expiry_no_number, TOKEN_MALFORMED},
    {"exp beyond reason", expiry_beyond_reason, TOKEN_MALFORMED},
    {"nbf beyond the skew", not_before_beyond_skew, TOKEN_NOT_YET},
    {"iat beyond the skew", issued_beyond_skew, TOKEN_NOT_YET},
    {"iat missing", issued_missing, TOKEN_CLAIM_MISSING},
    {"iat before the epoch", issued_negative, TOKEN_MALFORMED},
    {"lives a second too long", lives_too_long, TOKEN_LIFETIME},
    {"expires before it was issued", expires_before_issued, TOKEN_LIFETIME},
    {"sub missing", subject_missing, TOKEN_CLAIM_MISSING},
    {"sub empty", subject_empty, TOKEN_MALFORMED},
    {"sub is a number", subject_no_text, TOKEN_MALFORMED},
    {"sub of 256 bytes", subject_too_long, TOKEN_MALFORMED},
    {"sub with a line break", subject_with_line_break, TOKEN_MALFORMED},
    {"azp missing", client_missing, TOKEN_CLAIM_MISSING},
    {"azp is null beside client_id", client_no_text, TOKEN_MALFORMED},
    {"scope is a list", scope_no_text, TOKEN_MALFORMED},
    {"65 scopes", too_many_scopes, TOKEN_MALFORMED},
    {"claim given twice", duplicate_claim, TOKEN_MALFORMED},
    {"claim given twice inside another", duplicate_nested_claim, TOKEN_MALFORMED},
    {"header member given twice", duplicate_header, TOKEN_MALFORMED},
    {"payload is not JSON", payload_not_json, TOKEN_MALFORMED},
    {"payload is a list", payload_list, TOKEN_MALFORMED},
    {"payload with more behind it", payload_with_more_behind, TOKEN_MALFORMED},
    {"payload is not UTF-8", payload_not_utf8, TOKEN_MALFORMED},
    {"payload empty", payload_empty, TOKEN_MALFORMED},
    {"header is not JSON", header_not_json, TOKEN_MALFORMED},
    {"payload swapped", payload_swapped, TOKEN_SIGNATURE},
    {"signature altered", signature_altered, TOKEN_SIGNATURE},
    {"signature stripped", signature_stripped, TOKEN_SIGNATURE},
    {"signature and its dot stripped", signature_and_dot_stripped, TOKEN_MALFORMED},
    {"signature truncated", truncated_signature, TOKEN_SIGNATURE},
    {"truncated to an impossible length", truncated_inside_a_character, TOKEN_MALFORMED},
    {"padded", padded, TOKEN_MALFORMED},
    {"idle bits of the last character set", last_bits_altered, TOKEN_MALFORMED},
    {"standard base64 alphabet", standard_base64, TOKEN_MALFORMED},
    {"space in front", space_in_front, TOKEN_MALFORMED},
    {"fourth part", fourth_part, TOKEN_MALFORMED},
    {"only dots", only_dots, TOKEN_MALFORMED},
    {"above 8 KiB", huge, TOKEN_TOO_LARGE},
    {"empty", nothing, TOKEN_ABSENT},
};

static struct draft good_draft(const char *type)
{
    return (struct draft){.header = json_pack("{s:s, s:s, s:s}", "alg", "RS256", "typ", type, "kid", "rsa"),
                          .claims = keys_claims(ISSUER), .key = rsa, .digest = "SHA256"};
}

static void clear_draft(struct draft *draft)
{
    json_decref(draft->header);
    json_decref(draft->claims);
}

static void verify_forgeries(const char *type)
{
    for (size_t i = 0; i < sizeof(forgeries) / sizeof(*forgeries); i++) {
        struct draft draft = good_draft(type);
        forgeries[i].spoil(&draft);
        char *token = finish(&draft);

        enum token_failure first = keys_verify(auth, token, KEYS_NOW);
        enum token_failure again = keys_verify(auth, token, KEYS_NOW);

        if (first != forgeries[i].expected || again != first)
            fail_msg("%s (typ %s): %s, then %s, expected %s", forgeries[i].name, type, token_failure_name(first),
                     token_failure_name(again), token_failure_name(forgeries[i].expected));
        free(token);
        clear_draft(&draft);
    }
}

static void each_forgery_is_refused_for_its_reason(void **state)
{
    (void)state;
    verify_forgeries("JWT");
}

static void each_forgery_is_refused_as_access_token_too(void **state)
{
    (void)state;
    verify_forgeries("at+jwt");
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

/* What may vary in a good token. */
static void audience_among_others(struct draft *d)
{
    json_object_set_new(d->claims, "aud", json_pack("[s, s]", "other", "samsyn"));
}

static void client_id_instead_of_azp(struct draft *d)
{
    json_object_del(d->claims, "azp");
    put(d->claims, "client_id", "demo-portal");
}

static void times_at_the_edges(struct draft *d)
{
    put_time(d->claims, "iat", 30);
    put_time(d->claims, "nbf", 30);
    put_time(d->claims, "exp", 330);
}

static void fraction_of_a_second(struct draft *d)
{
    json_object_set_new(d->claims, "exp", json_real((double)KEYS_NOW + 1.5));
}

static void no_scope(struct draft *d)
{
    json_object_del(d->claims, "scope");
}

static void no_type(struct draft *d)
{
    json_object_del(d->header, "typ");
}

static void full_media_type(struct draft *d)
{
    put(d->header, "typ", "application/AT+jwt");
}

static void ec_p256(struct draft *d)
{
    put(d->header, "alg", "ES256");
    put(d->header, "kid", "p256");
    d->key = p256;
}

static void no_kid_single_key_of_its_algorithm(struct draft *d)
{
    ec_p256(d);
    json_object_del(d->header, "kid");
}

static void other_issuers_own_key(struct draft *d)
{
    put(d->claims, "iss", OTHER_ISSUER);
    put(d->header, "kid", "other");
    d->key = other_rsa;
}

static void good_variants_pass(void **state)
{
    (void)state;
    static void (*const variants[])(struct draft *) = {
        audience_among_others, client_id_instead_of_azp, times_at_the_edges, fraction_of_a_second, no_scope, no_type,
        full_media_type, ec_p256, no_kid_single_key_of_its_algorithm, other_issuers_own_key};
    for (size_t i = 0; i < 2 * sizeof(variants) / sizeof(*variants); i++) {
        struct draft draft = good_draft(i % 2 ? "at+jwt" : "JWT");
        variants[i / 2](&draft);
        char *token = finish(&draft);

        enum token_failure failure = keys_verify(auth, token, KEYS_NOW);

        if (failure != TOKEN_OK)
            fail_msg("variant %zu: %s", i / 2, token_failure_name(failure));
        free(token);
        clear_draft(&draft);
    }
}

static void every_algorithm_verifies_its_own_and_no_other(void **state)
{
    (void)state;
    static const char *const names[] = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"};
    static const char *const digests[] = {"SHA256", "SHA384", "SHA512"};
    EVP_PKEY *keys[] = {rsa, rsa, rsa, p256, p384, p521};
    for (size_t i = 0; i < 6; i++) {
        struct auth *single = keys_auth(json_pack("{s:[{s:s, s:s, s:[s], s:{s:[o]}}]}", "issuers", "issuer", ISSUER, "audience",
                                                  "samsyn", "algorithms", names[i], "jwks", "keys", keys_jwk(keys[i], "k", NULL)));
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
    json_t *issuer = json_pack("{s:s, s:s, s:[s,s,s], s:[s], s:{s:[o,o,o]}}", "issuer", ISSUER, "audience", "samsyn", "algorithms",
                               "RS256", "ES256", "RS512", "organisations", "2120000142", "jwks", "keys",
                               keys_jwk(rsa, "rsa", "RS256"), keys_jwk(p256, "p256", NULL), keys_jwk(rsa_second, "second", NULL));
    json_t *other = json_pack("{s:s, s:s, s:[s], s:{s:[o]}}", "issuer", OTHER_ISSUER, "audience", "samsyn", "algorithms", "RS256",
                              "jwks", "keys", keys_jwk(other_rsa, "other", "RS256"));
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
        cmocka_unit_test(a_token_is_not_valid_before_its_time_and_not_at_its_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
