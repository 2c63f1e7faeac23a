#include "auth/jwks.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <rhonabwy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_ROOM = 8192 };

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool fits(enum algorithm algorithm, const char *key_type, const char *curve)
{
    const struct algorithm_info *info = algorithm_info(algorithm);
    return strcmp(info->key_type, key_type) == 0 && (!info->curve || (curve && strcmp(info->curve, curve) == 0));
}

/* The key's algorithm, which must be one that the issuer is allowed. */
static enum algorithm choose_algorithm(const json_t *key, const enum algorithm *allowed, size_t count)
{
    const char *key_type = text_of(key, "kty");
    const char *curve = text_of(key, "crv");
    const json_t *named = json_object_get(key, "alg");
    for (size_t i = 0; key_type && i < count; i++)
        if (fits(allowed[i], key_type, curve) &&
            (!named || algorithm_from_name(json_string_value(named)) == allowed[i]))
            return allowed[i];
    return ALGORITHM_NONE_OF_THESE;
}

static bool lists_verify(const json_t *operations)
{
    size_t i;
    json_t *operation;
    json_array_foreach(operations, i, operation) if (json_is_string(operation) &&
                                                     strcmp(json_string_value(operation), "verify") == 0) return true;
    return false;
}

/* A private key that someone published is everyone's key: it verifies nothing. */
static bool meant_for_verifying(const json_t *key)
{
    const json_t *use = json_object_get(key, "use");
    const json_t *operations = json_object_get(key, "key_ops");
    if (json_object_get(key, "d") || json_object_get(key, "k"))
        return false;
    if (use && (!json_is_string(use) || strcmp(json_string_value(use), "sig") != 0))
        return false;
    return !operations || lists_verify(operations);
}

/* A copy with nothing but the members of a public key. */
static json_t *bare_key(const json_t *key)
{
    static const char *const names[] = {"kty", "n", "e", "crv", "x", "y"};
    json_t *bare = json_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (json_is_string(json_object_get(key, names[i])))
            json_object_set(bare, names[i], json_object_get(key, names[i]));
    return bare;
}

static char *export_pem(const json_t *key)
{
    char *pem = NULL;
    jwk_t *jwk = NULL;
    json_t *bare = bare_key(key);
    size_t length = PEM_ROOM - 1;
    if (r_jwk_init(&jwk) != RHN_OK || r_jwk_import_from_json_t(jwk, bare) != RHN_OK)
        goto done;
    pem = calloc(1, PEM_ROOM);
    if (pem &&
        r_jwk_export_to_pem_der(jwk, R_FORMAT_PEM, (unsigned char *)pem, &length, R_FLAG_IGNORE_REMOTE) != RHN_OK) {
        free(pem);
        pem = NULL;
    }
done:
    r_jwk_free(jwk);
    json_decref(bare);
    return pem;
}

/* OpenSSL reads what rhonabwy wrote; that also refuses a point that is not on its curve. */
static EVP_PKEY *read_public_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static bool strong_enough(const EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC || (bits >= JWKS_MIN_RSA_BITS && bits <= JWKS_MAX_RSA_BITS);
}

static void clear_key(struct jwk *key)
{
    free(key->kid);
    free(key->pem);
    EVP_PKEY_free(key->public_key);
    *key = (struct jwk){0};
}

static bool read_key(const json_t *source, const enum algorithm *allowed, size_t allowed_count, struct jwk *key)
{
    const char *kid = text_of(source, "kid");
    *key = (struct jwk){.algorithm = choose_algorithm(source, allowed, allowed_count)};
    if (key->algorithm == ALGORITHM_NONE_OF_THESE || !meant_for_verifying(source))
        return false;
    key->pem = export_pem(source);
    key->public_key = key->pem ? read_public_key(key->pem) : NULL;
    key->kid = kid ? strdup(kid) : NULL;
    if (!key->public_key || !strong_enough(key->public_key)) {
        clear_key(key);
        return false;
    }
    key->pem_length = strlen(key->pem);
    return true;
}

struct jwks *jwks_parse(const json_t *document, const enum algorithm *allowed, size_t allowed_count, char **why)
{
    const json_t *keys = json_object_get(document, "keys");
    size_t count = json_array_size(keys);
    if (!json_is_array(keys) || count > JWKS_MAX_KEYS) {
        *why = strdup(count > JWKS_MAX_KEYS ? "has more than 64 keys" : "is no JWK Set: it has no array \"keys\"");
        return NULL;
    }
    struct jwks *set = calloc(1, sizeof(*set) + count * sizeof(*set->keys));
    if (!set)
        abort();
    atomic_init(&set->references, 1);
    for (size_t i = 0; i < count; i++)
        if (read_key(json_array_get(keys, i), allowed, allowed_count, &set->keys[set->count]))
            set->count++;
    return set;
}

static bool same_kid(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static enum token_failure find_without_kid(const struct jwks *set, enum algorithm algorithm, const struct jwk **key)
{
    size_t found = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->keys[i].algorithm == algorithm) {
            *key = &set->keys[i];
            found++;
        }
    return found == 1 ? TOKEN_OK : TOKEN_KEY_UNKNOWN;
}

enum token_failure jwks_find(const struct jwks *set, const char *kid, enum algorithm algorithm, const struct jwk **key)
{
    enum token_failure failure = TOKEN_KEY_UNKNOWN;
    if (!kid)
        return find_without_kid(set, algorithm, key);
    for (size_t i = 0; i < set->count; i++) {
        if (!same_kid(set->keys[i].kid, kid))
            continue;
        *key = &set->keys[i];
        if (set->keys[i].algorithm == algorithm)
            return TOKEN_OK;
        failure = TOKEN_ALGORITHM;
    }
    return failure;
}

static bool includes_key(const struct jwks *set, const struct jwk *key)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->keys[i].algorithm == key->algorithm && same_kid(set->keys[i].kid, key->kid) &&
            strcmp(set->keys[i].pem, key->pem) == 0)
            return true;
    return false;
}

bool jwks_includes(const struct jwks *after, const struct jwks *before)
{
    for (size_t i = 0; i < before->count; i++)
        if (!includes_key(after, &before->keys[i]))
            return false;
    return true;
}

struct jwks *jwks_share(struct jwks *set)
{
    if (set)
        atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void jwks_release(struct jwks *set)
{
    if (!set || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < set->count; i++)
        clear_key(&set->keys[i]);
    free(set);
}
