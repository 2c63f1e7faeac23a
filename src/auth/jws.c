#include "auth/jws.h"

#include <string.h>
#include <strings.h>

#include "auth/base64url.h"

static void release_json(void *json)
{
    json_decref(json);
}

/* An object of the arena's, or NULL. Duplicate members are refused at every level: two readers of the token
 * must never see two different values (RFC 8725 2.4 in spirit, RFC 7515 4). */
static const json_t *decode_object(const char *text, size_t length, struct arena *arena)
{
    unsigned char *bytes = arena_alloc(arena, BASE64URL_DECODED_SIZE(length));
    size_t size;
    if (!base64url_decode(text, length, bytes, &size))
        return NULL;
    json_t *object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    if (!object)
        return NULL;
    arena_defer(arena, release_json, object);
    return json_is_object(object) ? object : NULL;
}

static enum token_failure read_type(const json_t *header, struct jws *jws)
{
    const json_t *member = json_object_get(header, "typ");
    const char *type = json_string_value(member);
    if (!member)
        return TOKEN_OK;
    if (!type)
        return TOKEN_MALFORMED;
    jws->access_token_type = strcasecmp(type, "at+jwt") == 0 || strcasecmp(type, "application/at+jwt") == 0;
    return jws->access_token_type || strcasecmp(type, "JWT") == 0 ? TOKEN_OK : TOKEN_MALFORMED;
}

static enum token_failure read_kid(const json_t *header, struct jws *jws)
{
    const json_t *member = json_object_get(header, "kid");
    if (!member)
        return TOKEN_OK;
    jws->kid = json_string_value(member);
    size_t length = jws->kid ? json_string_length(member) : 0;
    return length > 0 && length <= JWS_MAX_KID ? TOKEN_OK : TOKEN_MALFORMED;
}

static enum token_failure read_header(const json_t *header, struct jws *jws)
{
    if (!header || json_object_get(header, "crit") || !json_is_string(json_object_get(header, "alg")))
        return TOKEN_MALFORMED;
    jws->algorithm = algorithm_from_name(json_string_value(json_object_get(header, "alg")));
    if (jws->algorithm == ALGORITHM_NONE_OF_THESE)
        return TOKEN_ALGORITHM;
    enum token_failure failure = read_type(header, jws);
    return failure != TOKEN_OK ? failure : read_kid(header, jws);
}

static enum token_failure read_signature(const char *text, size_t length, struct arena *arena, struct jws *jws)
{
    unsigned char *signature = arena_alloc(arena, BASE64URL_DECODED_SIZE(length));
    if (!base64url_decode(text, length, signature, &jws->signature_size))
        return TOKEN_MALFORMED;
    jws->signature = signature;
    return jws->signature_size > 0 ? TOKEN_OK : TOKEN_SIGNATURE;
}

enum token_failure jws_parse(const char *token, size_t length, struct arena *arena, struct jws *jws)
{
    *jws = (struct jws){0};
    if (!token || length == 0)
        return TOKEN_ABSENT;
    if (length > JWS_MAX_LENGTH)
        return TOKEN_TOO_LARGE;
    const char *end = token + length;
    const char *first = memchr(token, '.', length);
    const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second)
        return TOKEN_MALFORMED;
    enum token_failure failure = read_header(decode_object(token, (size_t)(first - token), arena), jws);
    if (failure != TOKEN_OK)
        return failure;
    jws->payload = decode_object(first + 1, (size_t)(second - first - 1), arena);
    if (!jws->payload)
        return TOKEN_MALFORMED;
    jws->text = arena_strndup(arena, token, length);
    jws->signed_length = (size_t)(second - token);
    return read_signature(second + 1, (size_t)(end - second - 1), arena, jws);
}
