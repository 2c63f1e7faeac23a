#include "auth/sign.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/algorithm.h"
#include "auth/auth.h"
#include "auth/base64url.h"
#include "auth/jwks.h"

enum { MAX_SIGNATURE = JWKS_MAX_RSA_BITS / 8 };

static enum algorithm algorithm_of(const EVP_PKEY *key)
{
    char curve[32] = "";
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        return bits >= JWKS_MIN_RSA_BITS && bits <= JWKS_MAX_RSA_BITS ? ALGORITHM_RS256 : ALGORITHM_NONE_OF_THESE;
    bool named = EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve), NULL) == 1;
    return named && strcmp(curve, "prime256v1") == 0 ? ALGORITHM_ES256 : ALGORITHM_NONE_OF_THESE;
}

static EVP_PKEY *read_private_key(const char *pem, enum algorithm *algorithm)
{
    char no_password[] = ""; /* without one, OpenSSL would ask at the terminal */
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password) : NULL;
    BIO_free(bio);
    *algorithm = key ? algorithm_of(key) : ALGORITHM_NONE_OF_THESE;
    if (*algorithm == ALGORITHM_NONE_OF_THESE) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

static char *encode(const void *bytes, size_t size)
{
    char *text = malloc(BASE64URL_ENCODED_SIZE(size));
    if (!text)
        abort();
    base64url_encode(bytes, size, text);
    return text;
}

static char *encode_json(const json_t *json)
{
    char *plain = json_dumps(json, JSON_COMPACT);
    char *text = plain ? encode(plain, strlen(plain)) : NULL;
    free(plain);
    return text;
}

/* header "." payload, which is what the signature covers */
static char *signing_input(enum algorithm algorithm, const json_t *claims, const char *kid)
{
    char *input = NULL;
    json_t *header = json_pack("{s:s, s:s, s:s*}", "alg", algorithm_info(algorithm)->name, "typ", "JWT", "kid", kid);
    char *first = header ? encode_json(header) : NULL;
    char *second = json_is_object(claims) ? encode_json(claims) : NULL;
    if (first && second && asprintf(&input, "%s.%s", first, second) < 0)
        input = NULL;
    free(first);
    free(second);
    json_decref(header);
    return input;
}

/* OpenSSL's DER signature as r || s in full width (RFC 7518 3.4), in place. */
static bool flatten(unsigned char *signature, size_t *size, int coordinate)
{
    const unsigned char *der = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)*size);
    bool done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, coordinate) == coordinate &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + coordinate, coordinate) == coordinate;
    *size = 2 * (size_t)coordinate;
    ECDSA_SIG_free(pair);
    return done;
}

static char *signature_of(EVP_PKEY *key, enum algorithm algorithm, const char *input)
{
    unsigned char signature[MAX_SIGNATURE];
    size_t size = sizeof(signature);
    int coordinate = (int)algorithm_info(algorithm)->coordinate_size;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context &&
                EVP_DigestSignInit_ex(context, NULL, algorithm_info(algorithm)->digest, NULL, NULL, key, NULL) == 1 &&
                EVP_DigestSign(context, signature, &size, (const unsigned char *)input, strlen(input)) == 1 &&
                (coordinate == 0 || flatten(signature, &size, coordinate));
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return done ? encode(signature, size) : NULL;
}

char *sign_token(const char *pem, const json_t *claims, const char *kid, char **why)
{
    char *token = NULL;
    enum algorithm algorithm;
    EVP_PKEY *key = read_private_key(pem, &algorithm);
    *why = NULL;
    if (!key) {
        *why = strdup("the key must be an unencrypted private key in PEM, RSA of at least 2048 bits or EC on P-256");
        return NULL;
    }
    char *input = signing_input(algorithm, claims, kid);
    char *signature = input ? signature_of(key, algorithm, input) : NULL;
    if (!signature || asprintf(&token, "%s.%s", input, signature) < 0) {
        *why = strdup(input ? "the token could not be signed" : "the claims must be an object and the kid UTF-8");
        token = NULL;
    }
    free(signature);
    free(input);
    EVP_PKEY_free(key);
    return token;
}

/* Sets a number of the key as base64url: `size` bytes, or as few as it takes for 0. */
static void set_number(json_t *jwk, const char *name, const EVP_PKEY *key, const char *parameter, int size)
{
    BIGNUM *number = NULL;
    unsigned char bytes[MAX_SIGNATURE];
    if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1)
        return;
    int length = size ? size : BN_num_bytes(number);
    if (BN_bn2binpad(number, bytes, length) == length) {
        char *text = encode(bytes, (size_t)length);
        json_object_set_new(jwk, name, json_string(text));
        free(text);
    }
    BN_free(number);
}

json_t *sign_public_jwks(const char *pem, const char *kid)
{
    enum algorithm algorithm;
    EVP_PKEY *key = read_private_key(pem, &algorithm);
    if (!key)
        return NULL;
    const struct algorithm_info *info = algorithm_info(algorithm);
    json_t *jwk = json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "kty", info->key_type, "use", "sig", "alg", info->name,
                            "kid", kid, "crv", info->curve);
    if (info->curve) {
        set_number(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, (int)info->coordinate_size);
        set_number(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, (int)info->coordinate_size);
    } else {
        set_number(jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
        set_number(jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    }
    EVP_PKEY_free(key);
    return json_pack("{s:[o]}", "keys", jwk);
}

json_t *auth_development_issuer(const char *pem)
{
    json_t *keys = sign_public_jwks(pem, AUTH_DEVELOPMENT_KID);
    if (!keys)
        return NULL;
    return json_pack("{s:s, s:s, s:[s,s], s:o}", "issuer", AUTH_DEVELOPMENT_ISSUER, "audience",
                     AUTH_DEVELOPMENT_AUDIENCE, "algorithms", "RS256", "ES256", "jwks", keys);
}
