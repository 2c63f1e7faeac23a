#include "operation/intake.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/metrics.h"
#include "operation/buffer.h"

enum { KEY_MAX = 128 };

bool intake_negotiate(struct errand *errand)
{
    const struct operation *operation = errand->operation;
    if (operation->produced_count == 0)
        return true;
    errand->type = request_accepts(errand->request, operation->produced, operation->produced_count);
    if (!errand->type)
        errand_problem(errand, ERROR_NOT_ACCEPTABLE, NULL, NULL);
    return errand->type != NULL;
}

static enum token_failure verify(struct errand *errand)
{
    static const char scheme[] = "Bearer ";
    const char *header = request_header(errand->request, "Authorization");
    if (!header)
        return TOKEN_ABSENT;
    if (strncasecmp(header, scheme, sizeof(scheme) - 1) != 0) /* profile SAK.09, SAK.10: neither Basic nor Digest */
        return TOKEN_MALFORMED;
    const char *token = header + sizeof(scheme) - 1;
    token += strspn(token, " ");
    return auth_verify(errand->services->auth, token, strlen(token), clock_epoch(), errand->arena, &errand->principal);
}

bool intake_authenticate(struct errand *errand)
{
    if (errand->operation->open)
        return true;
    enum token_failure failure = verify(errand);
    if (failure == TOKEN_OK)
        return true;
    metrics_token_failure(token_failure_name(failure));
    log_event(LOG_SECURITY, "token-refused", "{s:s, s:s, s:s, s:s}", "reason", token_failure_name(failure), "operation",
              errand->operation->id, "requestId", request_id(errand->request), "traceId",
              request_trace_id(errand->request));
    errand_problem(errand,
                   failure == TOKEN_ABSENT         ? ERROR_TOKEN_MISSING
                   : failure == TOKEN_TIME_EXPIRED ? ERROR_TOKEN_EXPIRED
                                                   : ERROR_TOKEN_INVALID,
                   NULL, NULL);
    return false;
}

static bool reported(const struct violations *violations, const char *pointer)
{
    for (const struct violation *violation = violations->first; violation; violation = violation->next)
        if (strcmp(violation->pointer, pointer) == 0)
            return true;
    return false;
}

static void add_once(struct violations *violations, const char *pointer, const char *rule, const char *en,
                     const char *sv)
{
    if (!reported(violations, pointer))
        violations_add(violations, pointer, rule, en, sv);
}

/* RFC 9110 13.1.1 allows a list and `*`; an edit here is of one known state, so that exactly one entity tag is taken. A
 * weak one never matches (8.8.3.2): it is passed on as it stands, quotes and all, which no stored tag equals. */
static void bind_if_match(struct errand *errand, struct violations *violations)
{
    const char *header = request_header(errand->request, "If-Match");
    size_t length = strlen(header);
    bool weak = strncmp(header, "W/\"", 3) == 0;
    const char *quoted = weak ? header + 2 : header;
    size_t rest = weak ? length - 2 : length;
    if (rest < 2 || quoted[0] != '"' || memchr(quoted + 1, '"', rest - 1) != quoted + rest - 1)
        add_once(violations, "/header/If-Match", "etag", "One entity tag in quotes is needed",
                 "En entitetstagg inom citattecken krävs");
    else
        errand->if_match = weak ? header : arena_strndup(errand->arena, header + 1, length - 2);
}

static void bind_key(struct errand *errand, struct violations *violations)
{
    const char *key = request_header(errand->request, "Idempotency-Key");
    size_t length = key ? strlen(key) : 0;
    if (!key)
        return;
    for (size_t i = 0; i < length; i++)
        if (key[i] < ' ' || key[i] > '~')
            length = KEY_MAX + 1;
    if (length < 1 || length > KEY_MAX)
        add_once(violations, "/header/Idempotency-Key", "idempotency-key",
                 "1 to 128 printable ASCII characters are needed", "1 till 128 skrivbara ASCII-tecken krävs");
    else
        errand->key = key;
}

/* Headers that any operation takes, whether its contract names them or not: what they say holds for every request. */
static void check_uuid(struct errand *errand, const char *header, const char *pointer, struct violations *violations)
{
    const char *value = request_header(errand->request, header);
    if (value && !errand->operation->open && !uuid_valid(value))
        add_once(violations, pointer, "uuid", "An identifier (UUID) is needed", "En identifierare (UUID) krävs");
}

static void bind_headers(struct errand *errand, struct violations *violations)
{
    if (errand->operation->if_match)
        bind_if_match(errand, violations);
    if (errand->plan->keyed.name)
        bind_key(errand, violations);
    check_uuid(errand, "Samsyn-Assignment", "/header/Samsyn-Assignment", violations);
    check_uuid(errand, "Samsyn-Emergency-Access", "/header/Samsyn-Emergency-Access", violations);
}

/* A body where the contract has none is as unknown as a parameter that it has not. */
static void refuse_body(struct errand *errand, struct violations *violations)
{
    const char *bytes;
    size_t length = 0;
    if (request_body(errand->request, "application/json", 0, &bytes, &length) != ERROR_NONE || length > 0)
        violations_add(violations, "/body", "unknown", "This operation takes no body",
                       "Operationen tar inget innehåll");
}

static int add_part(const char *bytes, size_t length, void *buffer)
{
    buffer_add(buffer, bytes, length);
    return 0;
}

/* What is stored is what was checked: 1.0 is an integer to the contract but not to SQL's cast. Text and integers come
 * out exactly; a real would be rounded to the double that was checked, but the contract takes none. */
static const char *canonical(struct arena *arena, const json_t *value, size_t length)
{
    struct buffer text = buffer_begin(arena, length + 1);
    json_dump_callback(value, add_part, &text, JSON_COMPACT | JSON_ENCODE_ANY);
    return text.bytes;
}

/* Parses and checks the body; false when the reply is made. */
static bool bind_body(struct errand *errand, struct violations *violations)
{
    const struct operation *operation = errand->operation;
    const char *bytes, *why = NULL;
    size_t length = 0;
    const char *type = operation->body_raw ? NULL : operation->body_type;
    enum error error = request_body(errand->request, type, operation->body_max, &bytes, &length);
    if (error != ERROR_NONE) {
        errand_problem(errand, error, NULL, NULL);
        return false;
    }
    if (length == 0) {
        if (operation->body_required)
            violations_add(violations, "/body", "required", "A body is required", "Innehåll krävs");
        return true;
    }
    if (operation->body_raw) {
        errand->body = bytes;
        errand->body_length = length;
        return true;
    }
    json_t *value = contract_parse_body(bytes, length, errand->arena, &why);
    if (!value) {
        /* What the parser says is in English. */
        errand_problem(errand, ERROR_MALFORMED_JSON, request_swedish(errand->request) ? NULL : why, NULL);
        return false;
    }
    schema_validate(operation->body, value, "/body", errand->arena, violations);
    errand->body = canonical(errand->arena, value, length);
    return true;
}

bool intake_bind(struct errand *errand)
{
    const struct operation *operation = errand->operation;
    struct violations violations = {.arena = errand->arena};
    if (operation->if_match && !request_header(errand->request, "If-Match")) {
        errand_problem(errand, ERROR_PRECONDITION_REQUIRED, NULL, NULL);
        return false;
    }
    errand->parameters = contract_bind(operation, &errand->route, request_query(errand->request), request_header,
                                       errand->request, errand->arena, &violations);
    bind_headers(errand, &violations);
    if (!operation->body)
        refuse_body(errand, &violations);
    else if (!bind_body(errand, &violations))
        return false;
    if (violations.count > 0)
        errand_problem(errand, ERROR_INVALID_REQUEST, NULL, &violations);
    return violations.count == 0;
}
