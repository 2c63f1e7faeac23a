/* Keys made at test time, and tokens signed with them in every right and wrong way. Include once per test program. */
#ifndef SAMSYN_TEST_AUTH_KEYS_H
#define SAMSYN_TEST_AUTH_KEYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "auth/auth.h"
#include "auth/base64url.h"

#define KEYS_UNUSED __attribute__((unused))
#define KEYS_NOW INT64_C(1900000000)

KEYS_UNUSED static char *keys_pem(EVP_PKEY *key, int private_too)
{
    char *data;
    BIO *bio = BIO_new(BIO_s_mem());
    if (private_too)
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    else
        PEM_write_bio_PUBKEY(bio, key);
    long length = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)length);
    BIO_free(bio);
    return pem;
}

static void keys_set_number(json_t *jwk, const char *name, EVP_PKEY *key, const char *parameter, int width)
{
    BIGNUM *number = NULL;
    unsigned char bytes[1024];
    char text[BASE64URL_ENCODED_SIZE(1024)];
    assert_int_equal(EVP_PKEY_get_bn_param(key, parameter, &number), 1);
    int length = width ? width : BN_num_bytes(number);
    assert_int_equal(BN_bn2binpad(number, bytes, length), length);
    base64url_encode(bytes, (size_t)length, text);
    json_object_set_new(jwk, name, json_string(text));
    BN_free(number);
}

/* The public JWK; `kid` and `alg` may be NULL. */
KEYS_UNUSED static json_t *keys_jwk(EVP_PKEY *key, const char *kid, const char *alg)
{
    json_t *jwk = json_pack("{s:s*, s:s*, s:s}", "kid", kid, "alg", alg, "use", "sig");
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        json_object_set_new(jwk, "kty", json_string("RSA"));
        keys_set_number(jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
        keys_set_number(jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
        return jwk;
    }
    json_object_set_new(jwk, "kty", json_string("EC"));
    json_object_set_new(jwk, "crv", json_string(bits == 256 ? "P-256" : bits == 384 ? "P-384" : "P-521"));
    keys_set_number(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, (bits + 7) / 8);
    keys_set_number(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, (bits + 7) / 8);
    return jwk;
}

static size_t keys_flatten(unsigned char *signature, size_t size, int width)
{
    const unsigned char *der = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, width);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + width, width);
    ECDSA_SIG_free(pair);
    return 2 * (size_t)width;
}

/* Signs two texts as they are, whatever they claim, with the key and digest given. */
KEYS_UNUSED static char *keys_sign_texts(EVP_PKEY *key, const char *digest, const char *header, const char *payload)
{
    unsigned char signature[1024];
    size_t size = sizeof(signature);
    size_t room = BASE64URL_ENCODED_SIZE(strlen(header)) + BASE64URL_ENCODED_SIZE(strlen(payload)) +
                  BASE64URL_ENCODED_SIZE(sizeof(signature)) + 3;
    char *token = malloc(room);
    size_t length = base64url_encode((const unsigned char *)header, strlen(header), token);
    token[length++] = '.';
    length += base64url_encode((const unsigned char *)payload, strlen(payload), token + length);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (unsigned char *)token, length), 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
        size = keys_flatten(signature, size, (EVP_PKEY_get_bits(key) + 7) / 8);
    token[length++] = '.';
    base64url_encode(signature, size, token + length);
    return token;
}

KEYS_UNUSED static char *keys_sign(EVP_PKEY *key, const char *digest, const json_t *header, const json_t *payload)
{
    char *first = json_dumps(header, JSON_COMPACT);
    char *second = json_dumps(payload, JSON_COMPACT);
    char *token = keys_sign_texts(key, digest, first, second);
    free(first);
    free(second);
    return token;
}

/* The claims of a token that is good at KEYS_NOW. */
KEYS_UNUSED static json_t *keys_claims(const char *issuer)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "iss", issuer, "aud", "samsyn", "sub", "school-teacher",
                     "azp", "demo-portal", "scope", "samsyn:case samsyn:agreement", "iat", (json_int_t)KEYS_NOW - 10,
                     "exp", (json_int_t)KEYS_NOW + 200);
}

/* A good RS256 token of `issuer` with this kid (NULL for none). */
KEYS_UNUSED static char *keys_good_token(EVP_PKEY *key, const char *issuer, const char *kid)
{
    json_t *header = json_pack("{s:s, s:s, s:s*}", "alg", "RS256", "typ", "JWT", "kid", kid);
    json_t *claims = keys_claims(issuer);
    char *token = keys_sign(key, "SHA256", header, claims);
    json_decref(header);
    json_decref(claims);
    return token;
}

/* Verifies and forgets who it was. */
KEYS_UNUSED static enum token_failure keys_verify(struct auth *auth, const char *token, int64_t now)
{
    struct principal principal;
    struct arena *arena = arena_create();
    enum token_failure failure = auth_verify(auth, token, strlen(token), now, arena, &principal);
    arena_destroy(arena);
    return failure;
}

/* The verifier of this configuration, which it steals; the test fails when it is refused. */
KEYS_UNUSED static struct auth *keys_auth(json_t *configuration)
{
    char *why = NULL;
    struct auth *auth = auth_create(configuration, &why);
    if (!auth)
        fail_msg("configuration refused: %s", why);
    json_decref(configuration);
    return auth;
}

#endif
