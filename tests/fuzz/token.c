/* Everything of a token that an attacker writes, and the key sets that an issuer serves. The first byte of the input
 * chooses the way in: a raw token, a header and a payload (parted by a NUL) put into a token, bare claims, or a key
 * set. */
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/base64url.h"
#include "auth/claims.h"
#include "auth/jwks.h"
#include "auth/jws.h"

#define NOW INT64_C(1900000000)

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct auth *auth;
static char audience[] = "samsyn", subject_claim[] = "sub", number_claim[] = "number";
static const struct issuer issuers[] = {
    {.audience = audience, .subject_claim = subject_claim, .max_lifetime = 300, .clock_skew = 30},
    {.audience = audience,
     .subject_claim = subject_claim,
     .number_claim = number_claim,
     .max_lifetime = 300,
     .clock_skew = 30},
};

/* A fresh key at each start: no input can carry a signature that it made. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    char *pem, *why;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    if (!PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) || !BIO_write(bio, "", 1))
        abort();
    BIO_get_mem_data(bio, &pem);
    json_t *configuration = json_pack("{s:[o]}", "issuers", auth_development_issuer(pem));
    auth = auth_create(configuration, &why);
    json_decref(configuration);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return auth ? 0 : -1;
}

static void verify(const char *token, size_t length)
{
    struct principal principal;
    struct arena *arena = arena_create();
    if (auth_verify(auth, token, length, NOW, arena, &principal) == TOKEN_OK)
        abort(); /* forged */
    arena_destroy(arena);
}

static void verify_parts(const char *text, size_t size)
{
    const char *nul = memchr(text, '\0', size);
    size_t first = nul ? (size_t)(nul - text) : size;
    size_t second = nul ? size - first - 1 : 0;
    char *token = malloc(BASE64URL_ENCODED_SIZE(first) + BASE64URL_ENCODED_SIZE(second) + 100);
    size_t length = base64url_encode((const unsigned char *)text, first, token);
    token[length++] = '.';
    length += base64url_encode((const unsigned char *)text + size - second, second, token + length);
    token[length++] = '.';
    memset(token + length, 'A', 86); /* as long as an ES256 signature */
    verify(token, length + 86);
    free(token);
}

static void decode_claims(const json_t *payload, const struct issuer *issuer)
{
    struct claims *claims = NULL;
    if (claims_decode(payload, issuer, NOW, &claims) != TOKEN_OK)
        return;
    int64_t lifetime = claims->expires - claims->issued;
    if (lifetime < 1 || lifetime > 300 || !*claims->subject || !*claims->client)
        abort();
    if (!issuer->number_claim != !claims->identity_number ||
        (claims->identity_number && strspn(claims->identity_number, "0123456789") != 12))
        abort();
    for (size_t i = 0; i < claims->scope_count; i++)
        if (!*claims->scopes[i] || strchr(claims->scopes[i], ' '))
            abort();
    (void)claims_check_time(claims, NOW);
    claims_release(claims);
}

static void read_keys(const json_t *document)
{
    static const enum algorithm allowed[] = {ALGORITHM_RS256, ALGORITHM_ES256, ALGORITHM_ES512};
    char *why = NULL;
    struct jwks *keys = jwks_parse(document, allowed, sizeof(allowed) / sizeof(*allowed), &why);
    jwks_release(keys);
    free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    json_t *json = NULL;
    switch (data[0] % 4) {
    case 0:
        verify(text, size - 1);
        break;
    case 1:
        verify_parts(text, size - 1);
        break;
    case 2:
        json = json_loadb(text, size - 1, JSON_REJECT_DUPLICATES, NULL);
        decode_claims(json, &issuers[0]);
        decode_claims(json, &issuers[1]);
        break;
    default:
        json = json_loadb(text, size - 1, JSON_REJECT_DUPLICATES, NULL);
        read_keys(json);
    }
    json_decref(json);
    return 0;
}
