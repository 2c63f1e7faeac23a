#include "operation/intake.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/metrics.h"

enum { KEY_MAX = 128 };

bool intake_negotiate(struct exchange *exchange)
{
    const struct operation *operation = exchange->operation;
    if (operation->produced_count == 0)
        return true;
    exchange->type = request_accepts(exchange->request, operation->produced, operation->produced_count);
    if (!exchange->type)
        exchange_problem(exchange, ERROR_NOT_ACCEPTABLE, NULL, NULL);
    return exchange->type != NULL;
}

static enum token_failure verify(struct exchange *exchange)
{
    static const char scheme[] = "Bearer ";
    const char *header = request_header(exchange->request, "Authorization");
    if (!header)
        return TOKEN_ABSENT;
    if (strncasecmp(header, scheme, sizeof(scheme) - 1) != 0) /* profile SAK.09, SAK.10: neither Basic nor Digest */
        return TOKEN_MALFORMED;
    const char *token = header + sizeof(scheme) - 1;
    token += strspn(token, " ");
    return auth_verify(exchange->services->auth, token, strlen(token), clock_epoch(), exchange->arena,
                       &exchange->principal);
}

bool intake_authenticate(struct exchange *exchange)
{
    if (exchange->operation->open)
        return true;
    enum token_failure failure = verify(exchange);
    if (failure == TOKEN_OK)
        return true;
    metrics_token_failure(token_failure_name(failure));
    log_event(LOG_SECURITY, "token-refused", "{s:s, s:s, s:s, s:s}", "reason", token_failure_name(failure), "operation",
              exchange->operation->id, "requestId", request_id(exchange->request), "traceId",
              request_trace_id(exchange->request));
    exchange_problem(exchange,
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
static void bind_if_match(struct exchange *exchange, struct violations *violations)
{
    const char *header = request_header(exchange->request, "If-Match");
    size_t length = strlen(header);
    bool weak = strncmp(header, "W/\"", 3) == 0;
    const char *quoted = weak ? header + 2 : header;
    size_t rest = weak ? length - 2 : length;
    if (rest < 2 || quoted[0] != '"' || memchr(quoted + 1, '"', rest - 1) != quoted + rest - 1)
        add_once(violations, "/header/If-Match", "etag", "One entity tag in quotes is needed",
                 "En entitetstagg inom citattecken krävs");
    else
        exchange->if_match = weak ? header : arena_strndup(exchange->arena, header + 1, length - 2);
}

static void bind_key(struct exchange *exchange, struct violations *violations)
{
    const char *key = request_header(exchange->request, "Idempotency-Key");
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
        exchange->key = key;
}

static void bind_headers(struct exchange *exchange, struct violations *violations)
{
    const char *assignment = request_header(exchange->request, "Samsyn-Assignment");
    if (exchange->operation->if_match)
        bind_if_match(exchange, violations);
    if (exchange->plan->keyed.name)
        bind_key(exchange, violations);
    if (assignment && !exchange->operation->open && !uuid_valid(assignment))
        add_once(violations, "/header/Samsyn-Assignment", "uuid", "An identifier (UUID) is needed",
                 "En identifierare (UUID) krävs");
}

/* A body where the contract has none is as unknown as a parameter that it has not. */
static void refuse_body(struct exchange *exchange, struct violations *violations)
{
    const char *bytes;
    size_t length = 0;
    if (request_body(exchange->request, "application/json", 0, &bytes, &length) != ERROR_NONE || length > 0)
        violations_add(violations, "/body", "unknown", "This operation takes no body",
                       "Operationen tar inget innehåll");
}

/* Parses and checks the body; false when the reply is made. */
static bool bind_body(struct exchange *exchange, struct violations *violations)
{
    const struct operation *operation = exchange->operation;
    const char *bytes, *why = NULL;
    size_t length = 0;
    enum error error = request_body(exchange->request, operation->body_type, operation->body_max, &bytes, &length);
    if (error != ERROR_NONE) {
        exchange_problem(exchange, error, NULL, NULL);
        return false;
    }
    if (length == 0) {
        if (operation->body_required)
            violations_add(violations, "/body", "required", "A body is required", "Innehåll krävs");
        return true;
    }
    json_t *value = contract_parse_body(bytes, length, exchange->arena, &why);
    if (!value) {
        exchange_problem(exchange, ERROR_MALFORMED_JSON, why, NULL);
        return false;
    }
    schema_validate(operation->body, value, "/body", exchange->arena, violations);
    exchange->body = arena_strndup(exchange->arena, bytes, length);
    return true;
}

bool intake_bind(struct exchange *exchange)
{
    const struct operation *operation = exchange->operation;
    struct violations violations = {.arena = exchange->arena};
    if (operation->if_match && !request_header(exchange->request, "If-Match")) {
        exchange_problem(exchange, ERROR_PRECONDITION_REQUIRED, NULL, NULL);
        return false;
    }
    exchange->parameters = contract_bind(operation, &exchange->route, request_query(exchange->request), request_header,
                                         exchange->request, exchange->arena, &violations);
    bind_headers(exchange, &violations);
    if (!operation->body)
        refuse_body(exchange, &violations);
    else if (!bind_body(exchange, &violations))
        return false;
    if (violations.count > 0)
        exchange_problem(exchange, ERROR_INVALID_REQUEST, NULL, &violations);
    return violations.count == 0;
}
