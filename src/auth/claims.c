#include "auth/claims.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contract/identifier.h"

/* Integers that a double holds exactly; beyond them a time is nonsense and sums might overflow. */
#define MAX_TIME (INT64_C(1) << 53)

/* A NumericDate (RFC 7519 2), which may have a fraction: it is dropped. */
static enum token_failure read_time(const json_t *payload, const char *name, int64_t *time)
{
    const json_t *member = json_object_get(payload, name);
    if (!member)
        return TOKEN_CLAIM_MISSING;
    if (!json_is_number(member) || !(json_number_value(member) >= 0 && json_number_value(member) <= (double)MAX_TIME))
        return TOKEN_MALFORMED;
    *time = json_is_integer(member) ? json_integer_value(member) : (int64_t)json_real_value(member);
    return TOKEN_OK;
}

static enum token_failure read_times(const json_t *payload, const struct issuer *issuer, struct claims *claims)
{
    enum token_failure failure = read_time(payload, "exp", &claims->expires);
    if (failure == TOKEN_OK)
        failure = read_time(payload, "iat", &claims->issued);
    if (failure != TOKEN_OK)
        return failure;
    failure = read_time(payload, "nbf", &claims->not_before);
    if (failure == TOKEN_CLAIM_MISSING)
        claims->not_before = claims->issued;
    else if (failure != TOKEN_OK)
        return failure;
    int64_t lifetime = claims->expires - claims->issued;
    return lifetime > 0 && lifetime <= issuer->max_lifetime ? TOKEN_OK : TOKEN_LIFETIME;
}

static enum token_failure check_audience(const json_t *payload, const char *expected)
{
    const json_t *audience = json_object_get(payload, "aud");
    size_t i;
    json_t *one;
    bool found = false;
    if (!audience)
        return TOKEN_CLAIM_MISSING;
    if (json_is_string(audience))
        return strcmp(json_string_value(audience), expected) == 0 ? TOKEN_OK : TOKEN_AUDIENCE;
    if (!json_is_array(audience) || json_array_size(audience) > CLAIMS_MAX_AUDIENCES)
        return TOKEN_MALFORMED;
    json_array_foreach(audience, i, one)
    {
        if (!json_is_string(one))
            return TOKEN_MALFORMED;
        found = found || strcmp(json_string_value(one), expected) == 0;
    }
    return found ? TOKEN_OK : TOKEN_AUDIENCE;
}

/* A name that ends in logs and audit rows: short and without control characters. */
static enum token_failure read_name(const json_t *payload, const char *claim, const char **name)
{
    const json_t *member = json_object_get(payload, claim);
    if (!member)
        return TOKEN_CLAIM_MISSING;
    size_t length = json_string_length(member);
    if (!json_is_string(member) || length == 0 || length > CLAIMS_MAX_NAME)
        return TOKEN_MALFORMED;
    *name = json_string_value(member);
    for (const char *c = *name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return TOKEN_MALFORMED;
    return TOKEN_OK;
}

static enum token_failure read_client(const json_t *payload, const struct issuer *issuer, const char **client)
{
    if (issuer->client_claim)
        return read_name(payload, issuer->client_claim, client);
    enum token_failure failure = read_name(payload, "azp", client);
    return failure == TOKEN_CLAIM_MISSING ? read_name(payload, "client_id", client) : failure;
}

/* A token of an issuer for guardians and children always names one of them: without a good number it is refused, so
 * that it can never be taken for that of someone who works here. */
static enum token_failure read_number(const json_t *payload, const struct issuer *issuer, int64_t now,
                                      char number[static IDENTIFIER_PERSON_SIZE])
{
    if (!issuer->number_claim)
        return TOKEN_OK;
    const json_t *member = json_object_get(payload, issuer->number_claim);
    if (!member)
        return TOKEN_CLAIM_MISSING;
    return json_is_string(member) &&
                   identifier_person(json_string_value(member), day_in_sweden(now), issuer->test_numbers, number)
               ? TOKEN_OK
               : TOKEN_IDENTITY_NUMBER;
}

static enum token_failure read_scope(const json_t *payload, const char **scope, size_t *count)
{
    const json_t *member = json_object_get(payload, "scope");
    *scope = member ? json_string_value(member) : "";
    if (!*scope)
        return TOKEN_MALFORMED;
    for (const char *c = *scope; *c;) {
        c += strspn(c, " ");
        *count += *c != '\0';
        c += strcspn(c, " ");
    }
    return *count <= CLAIMS_MAX_SCOPES ? TOKEN_OK : TOKEN_MALFORMED;
}

static char *put(char **room, const char *text, size_t length)
{
    char *start = *room;
    memcpy(start, text, length);
    start[length] = '\0';
    *room += length + 1;
    return start;
}

/* One block for the claims and their strings: thousands of them live in the cache. */
static struct claims *copy(const struct claims *draft, const char *scope)
{
    size_t texts = strlen(draft->subject) + strlen(draft->client) + IDENTIFIER_PERSON_SIZE + strlen(scope) + 3;
    struct claims *claims = malloc(sizeof(*claims) + draft->scope_count * sizeof(char *) + texts);
    if (!claims)
        abort();
    memcpy(claims, draft, sizeof(*claims));
    atomic_init(&claims->references, 1);
    claims->scopes = (const char **)(claims + 1);
    char *room = (char *)(claims->scopes + draft->scope_count);
    claims->subject = put(&room, draft->subject, strlen(draft->subject));
    claims->client = put(&room, draft->client, strlen(draft->client));
    if (draft->identity_number)
        claims->identity_number = put(&room, draft->identity_number, strlen(draft->identity_number));
    for (size_t i = 0; i < draft->scope_count; i++) {
        scope += strspn(scope, " ");
        claims->scopes[i] = put(&room, scope, strcspn(scope, " "));
        scope += strcspn(scope, " ");
    }
    return claims;
}

enum token_failure claims_decode(const json_t *payload, const struct issuer *issuer, int64_t now,
                                 struct claims **claims)
{
    char number[IDENTIFIER_PERSON_SIZE];
    struct claims draft = {.issuer = issuer, .identity_number = issuer->number_claim ? number : NULL};
    const char *scope = NULL;
    enum token_failure failure = read_times(payload, issuer, &draft);
    if (failure == TOKEN_OK)
        failure = check_audience(payload, issuer->audience);
    if (failure == TOKEN_OK)
        failure = read_name(payload, issuer->subject_claim, &draft.subject);
    if (failure == TOKEN_OK)
        failure = read_client(payload, issuer, &draft.client);
    if (failure == TOKEN_OK)
        failure = read_number(payload, issuer, now, number);
    if (failure == TOKEN_OK)
        failure = read_scope(payload, &scope, &draft.scope_count);
    if (failure == TOKEN_OK)
        *claims = copy(&draft, scope);
    return failure;
}

enum token_failure claims_check_time(const struct claims *claims, int64_t now)
{
    int64_t latest = now + claims->issuer->clock_skew;
    if (now >= claims->expires)
        return TOKEN_TIME_EXPIRED;
    return claims->not_before > latest || claims->issued > latest ? TOKEN_NOT_YET : TOKEN_OK;
}

struct claims *claims_share(struct claims *claims)
{
    atomic_fetch_add_explicit(&claims->references, 1, memory_order_relaxed);
    return claims;
}

void claims_release(struct claims *claims)
{
    if (claims && atomic_fetch_sub_explicit(&claims->references, 1, memory_order_acq_rel) == 1)
        free(claims);
}
