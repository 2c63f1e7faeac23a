#include "auth/issuer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/fetch.h"

enum { MAX_TEXT = 1024, MAX_ORGANISATIONS = 1000, DEFAULT_REFRESH_SECONDS = 300 };

bool issuer_complain(char **why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(why, format, arguments) < 0)
        *why = NULL;
    va_end(arguments);
    return false;
}

bool issuer_members_known(const json_t *object, const char *where, const char *const *names, char **why)
{
    if (!json_is_object(object))
        return issuer_complain(why, "%s must be an object", where);
    for (void *member = json_object_iter((json_t *)(uintptr_t)object); member;
         member = json_object_iter_next((json_t *)(uintptr_t)object, member)) {
        const char *const *name = names;
        while (*name && strcmp(*name, json_object_iter_key(member)) != 0)
            name++;
        if (!*name)
            return issuer_complain(why, "%s: unknown member \"%s\"", where, json_object_iter_key(member));
    }
    return true;
}

bool issuer_read_integer(const json_t *object, const char *where, const char *name, int64_t least, int64_t most,
                         int64_t *value, char **why)
{
    const json_t *member = json_object_get(object, name);
    if (!member)
        return true;
    *value = json_integer_value(member);
    if (json_is_integer(member) && *value >= least && *value <= most)
        return true;
    return issuer_complain(why, "%s.%s must be a whole number from %lld to %lld", where, name, (long long)least,
                           (long long)most);
}

/* A text of the configuration, copied; an absent one leaves NULL and is an error only when it is `required`. */
static bool read_text(const json_t *object, const char *where, const char *name, bool required, char **text, char **why)
{
    const json_t *member = json_object_get(object, name);
    if (!member)
        return required ? issuer_complain(why, "%s.%s is missing", where, name) : true;
    size_t length = json_string_length(member);
    if (!json_is_string(member) || length == 0 || length > MAX_TEXT)
        return issuer_complain(why, "%s.%s must be a text of 1 to %d bytes", where, name, MAX_TEXT);
    *text = strdup(json_string_value(member));
    return true;
}

static bool read_algorithms(const json_t *configuration, const char *where, struct issuer *issuer, char **why)
{
    const json_t *list = json_object_get(configuration, "algorithms");
    size_t i;
    json_t *name;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return issuer_complain(why, "%s.algorithms must list at least one of RS256, RS384, RS512, ES256, ES384, ES512",
                               where);
    json_array_foreach(list, i, name)
    {
        enum algorithm algorithm = algorithm_from_name(json_string_value(name));
        if (algorithm == ALGORITHM_NONE_OF_THESE)
            return issuer_complain(why, "%s.algorithms[%zu] must be one of RS256, RS384, RS512, ES256, ES384, ES512",
                                   where, i);
        if (issuer_allows(issuer, algorithm))
            return issuer_complain(why, "%s.algorithms[%zu] is there twice", where, i);
        issuer->algorithms[issuer->algorithm_count++] = algorithm;
    }
    return true;
}

static bool ten_digits(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && strlen(text) == 10 && strspn(text, "0123456789") == 10;
}

static bool read_organisations(const json_t *configuration, const char *where, struct issuer *issuer, char **why)
{
    const json_t *list = json_object_get(configuration, "organisations");
    size_t i;
    json_t *number;
    if (list && (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > MAX_ORGANISATIONS))
        return issuer_complain(why, "%s.organisations must list 1 to %d organisation numbers; leave it out for any",
                               where, MAX_ORGANISATIONS);
    json_array_foreach(list, i, number) if (!ten_digits(number)) return issuer_complain(
        why, "%s.organisations[%zu] must be an organisation number of ten digits", where, i);
    issuer->organisations = list ? json_dumps(list, JSON_COMPACT) : strdup("[]");
    return true;
}

static const char *origin_member(const json_t *configuration)
{
    static const char *const members[] = {"jwksFile", "jwksUrl", "jwks"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        if (!json_object_get(configuration, members[i]))
            continue;
        if (found)
            return NULL;
        found = members[i];
    }
    return found;
}

static bool open_source(struct issuer *issuer, const struct key_origin *origin, const char *where, const char *member,
                        char **why)
{
    char *reason = NULL;
    const char *refusal = origin->url ? fetch_refusal(origin->url) : NULL;
    if (refusal)
        return issuer_complain(why, "%s.%s %s", where, member, refusal);
    issuer->keys = key_source_create(origin, &reason);
    if (!issuer->keys)
        issuer_complain(why, "%s.%s %s", where, member, reason ? reason : "cannot be read");
    free(reason);
    return issuer->keys != NULL;
}

static bool read_keys(const json_t *configuration, const char *where, struct issuer *issuer, char **why)
{
    struct key_origin origin = {.issuer = issuer->name,
                                .refresh_seconds = DEFAULT_REFRESH_SECONDS,
                                .allowed = issuer->algorithms,
                                .allowed_count = issuer->algorithm_count};
    const char *member = origin_member(configuration);
    char *text = NULL;
    if (!member)
        return issuer_complain(why, "%s must have exactly one of jwksFile, jwksUrl and jwks", where);
    if (!issuer_read_integer(configuration, where, "refreshSeconds", 1, 86400, &origin.refresh_seconds, why))
        return false;
    if (strcmp(member, "jwks") == 0)
        origin.document = json_object_get(configuration, member);
    else if (!read_text(configuration, where, member, true, &text, why))
        return false;
    origin.file = strcmp(member, "jwksFile") == 0 ? text : NULL;
    origin.url = strcmp(member, "jwksUrl") == 0 ? text : NULL;
    bool opened = open_source(issuer, &origin, where, member, why);
    free(text);
    return opened;
}

bool issuer_read(const json_t *configuration, const char *where, struct issuer *issuer, char **why)
{
    static const char *const members[] = {"issuer",
                                          "audience",
                                          "algorithms",
                                          "jwksFile",
                                          "jwksUrl",
                                          "jwks",
                                          "refreshSeconds",
                                          "subjectClaim",
                                          "clientClaim",
                                          "identityNumberClaim",
                                          "organisations",
                                          "maxLifetimeSeconds",
                                          NULL};
    if (!issuer_members_known(configuration, where, members, why) ||
        !read_text(configuration, where, "issuer", true, &issuer->name, why) ||
        !read_text(configuration, where, "audience", true, &issuer->audience, why) ||
        !read_text(configuration, where, "subjectClaim", false, &issuer->subject_claim, why) ||
        !read_text(configuration, where, "clientClaim", false, &issuer->client_claim, why) ||
        !read_text(configuration, where, "identityNumberClaim", false, &issuer->number_claim, why) ||
        !issuer_read_integer(configuration, where, "maxLifetimeSeconds", 1, 86400, &issuer->max_lifetime, why) ||
        !read_algorithms(configuration, where, issuer, why) || !read_organisations(configuration, where, issuer, why))
        return false;
    if (!issuer->subject_claim)
        issuer->subject_claim = strdup("sub");
    return read_keys(configuration, where, issuer, why);
}

void issuer_clear(struct issuer *issuer)
{
    key_source_destroy(issuer->keys);
    free(issuer->name);
    free(issuer->audience);
    free(issuer->subject_claim);
    free(issuer->client_claim);
    free(issuer->number_claim);
    free(issuer->organisations);
    *issuer = (struct issuer){0};
}

bool issuer_allows(const struct issuer *issuer, enum algorithm algorithm)
{
    for (size_t i = 0; i < issuer->algorithm_count; i++)
        if (issuer->algorithms[i] == algorithm)
            return true;
    return false;
}
