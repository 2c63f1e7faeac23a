#include "auth/signature.h"

#include <jwt.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

/* RSA: as long as the modulus (RFC 8017 8.2.2); ECDSA: r and s in full width (RFC 7518 3.4). */
static bool size_fits(const struct jws *jws, const struct jwk *key)
{
    size_t coordinate = algorithm_info(key->algorithm)->coordinate_size;
    size_t expected = coordinate ? 2 * coordinate : (size_t)EVP_PKEY_get_size(key->public_key);
    return jws->signature_size == expected;
}

/* libjwt 1.10.2 keeps no state between calls (its only writable data are the linker's own), so threads may call it at
 * will. It parses the key anew each time, which is most of its cost. */
static bool valid_by_libjwt(const struct jws *jws, const struct jwk *key)
{
    jwt_t *jwt = NULL;
    int refused = jwt_decode(&jwt, jws->text, (const unsigned char *)key->pem, (int)key->pem_length);
    bool valid = refused == 0 && jwt_get_alg(jwt) == jwt_str_alg(algorithm_info(key->algorithm)->name);
    jwt_free(jwt);
    return valid;
}

/* The DER form of r || s, which is what OpenSSL verifies; NULL on failure. The caller frees it with OPENSSL_free. */
static unsigned char *der_of(const struct jws *jws, int *size)
{
    unsigned char *der = NULL;
    int half = (int)(jws->signature_size / 2);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(jws->signature, half, NULL);
    BIGNUM *s = BN_bin2bn(jws->signature + half, half, NULL);
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s)) {
        *size = i2d_ECDSA_SIG(pair, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    return der;
}

static bool digest_verify(const struct jws *jws, const struct jwk *key, const unsigned char *signature, size_t size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool valid = context &&
                 EVP_DigestVerifyInit_ex(context, NULL, algorithm_info(key->algorithm)->digest, NULL, NULL,
                                         key->public_key, NULL) == 1 &&
                 EVP_DigestVerify(context, signature, size, (const unsigned char *)jws->text, jws->signed_length) == 1;
    EVP_MD_CTX_free(context);
    return valid;
}

/* libjwt 1.10.2 refuses every `typ` but JWT, while RFC 9068 2.1 has issuers of access tokens say at+jwt; those are
 * verified by OpenSSL itself, under the same rules. */
static bool valid_by_openssl(const struct jws *jws, const struct jwk *key)
{
    if (!algorithm_info(key->algorithm)->coordinate_size)
        return digest_verify(jws, key, jws->signature, jws->signature_size);
    int size = 0;
    unsigned char *der = der_of(jws, &size);
    bool valid = der && size > 0 && digest_verify(jws, key, der, (size_t)size);
    OPENSSL_free(der);
    return valid;
}

bool signature_valid(const struct jws *jws, const struct jwk *key)
{
    if (jws->algorithm != key->algorithm || !size_fits(jws, key))
        return false;
    bool valid = jws->access_token_type ? valid_by_openssl(jws, key) : valid_by_libjwt(jws, key);
    ERR_clear_error();
    return valid;
}
