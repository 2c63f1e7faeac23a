#include "operation/enter.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "operation/buffer.h"

#define FIFTEEN                                                                                                        \
    "$1::text, $2::text, $3::text, $4::text[], $5::text[], $6::uuid, $7::text, $8::text, $9::text[], $10::text, "      \
    "$11::uuid[], $12::text, $13::uuid, $14::text, $15::text"

static const struct db_call calls[] = {
    {"enter",
     "select permissions, origin_allowed from samsyn.enter(" FIFTEEN ", $16::text, $17::text, $18::text, $19::uuid)",
     ENTER_VALUES, NULL},
    {"record_denial",
     "select permissions, origin_allowed from samsyn.record_denial(" FIFTEEN ", $16::text, $17::text, $18::uuid)",
     ENTER_KEY + 3, NULL},
    {"origin_allowed", "select samsyn.origin_allowed($1::text)", 1, NULL},
};

enum { CALL_ENTER, CALL_DENIAL, CALL_ORIGIN };

static const char *list_of(struct arena *arena, const char *const *strings, size_t count)
{
    struct buffer list = buffer_begin(arena, 128);
    buffer_byte(&list, '{');
    for (size_t i = 0; i < count; i++) {
        buffer_put(&list, i ? "," : "");
        buffer_element(&list, strings[i]);
    }
    buffer_byte(&list, '}');
    return list.bytes;
}

/* A JSON array of digits is a PostgreSQL array but for its brackets. */
static const char *organisations(struct arena *arena, const char *json)
{
    char *list = arena_strdup(arena, json ? json : "[]");
    for (char *at = list; *at; at++)
        *at = *at == '[' ? '{' : *at == ']' ? '}' : *at;
    return list;
}

static void add_target(struct buffer *list, const char *id)
{
    buffer_put(list, list->length > 1 ? "," : "");
    buffer_put(list, id);
}

/* What the request is about, should it be refused: the path parameters that are identifiers, and `made`, which its key
 * was answered with, or NULL. */
static const char *targets(struct errand *errand, const char *made)
{
    struct buffer list = buffer_begin(errand->arena, 96);
    buffer_byte(&list, '{');
    for (size_t i = 0; i < errand->route.value_count; i++) {
        const char *value = errand->route.values[i].value;
        if (uuid_valid(value) && !(made && strcasecmp(value, made) == 0))
            add_target(&list, value);
    }
    if (made)
        add_target(&list, made);
    buffer_byte(&list, '}');
    return list.bytes;
}

/* What a key was sent with: method, path with query, and body, a line each but the last. */
static const char *request_hash(struct errand *errand)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const char *query = request_query(errand->request);
    struct buffer sent = buffer_begin(errand->arena, 512);
    buffer_put(&sent, errand->operation->method);
    buffer_byte(&sent, '\n');
    buffer_put(&sent, request_path(errand->request));
    buffer_put(&sent, query ? "?" : "");
    buffer_put(&sent, query ? query : "");
    buffer_byte(&sent, '\n');
    buffer_put(&sent, errand->body ? errand->body : "");
    EVP_Digest(sent.bytes, sent.length, digest, &length, EVP_sha256(), NULL);
    char *hex = arena_alloc(errand->arena, 2 * (size_t)length + 1);
    for (unsigned i = 0; i < length; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
    return hex;
}

void enter_prepare(struct errand *errand)
{
    const struct operation *operation = errand->operation;
    const struct principal *principal = &errand->principal;
    struct request *request = errand->request;
    const char *const values[ENTER_VALUES] = {
        principal->issuer,
        principal->subject,
        principal->client,
        list_of(errand->arena, principal->scopes, principal->scope_count),
        organisations(errand->arena, principal->organisations),
        request_header(request, "Samsyn-Assignment"),
        operation->id,
        operation->permission,
        list_of(errand->arena, operation->scopes, operation->scope_count),
        operation->activity,
        targets(errand, NULL),
        request_client_address(request),
        request_id(request),
        request_trace_id(request),
        request_header(request, "Origin"),
        errand->key,
        errand->key ? request_hash(errand) : NULL,
        principal->identity_number,
        request_header(request, "Samsyn-Emergency-Access"),
    };
    memcpy(errand->enter, values, sizeof(values));
}

struct db_call enter_call(struct errand *errand)
{
    struct db_call call = calls[CALL_ENTER];
    call.values = errand->enter;
    return call;
}

void enter_again(struct errand *errand, const char *resource)
{
    snprintf(errand->id, sizeof(errand->id), "%s", resource);
    errand->enter[ENTER_TARGETS] = targets(errand, errand->id);
    errand->enter[ENTER_KEY] = NULL;
    errand->enter[ENTER_HASH] = NULL;
}

struct db_call enter_denial_call(struct errand *errand, enum error error)
{
    const char **values = arena_alloc(errand->arena, sizeof(errand->enter));
    struct db_call call = calls[CALL_DENIAL];
    memcpy(values, errand->enter, ENTER_KEY * sizeof(*values));
    values[ENTER_KEY] = error_info(error)->code;
    values[ENTER_KEY + 1] = errand->enter[ENTER_NUMBER];
    values[ENTER_KEY + 2] = errand->enter[ENTER_EMERGENCY];
    call.values = values;
    return call;
}

struct db_call enter_origin_call(struct arena *arena, const char *origin)
{
    const char **values = arena_alloc(arena, sizeof(*values));
    struct db_call call = calls[CALL_ORIGIN];
    values[0] = origin;
    call.values = values;
    return call;
}

void enter_read(struct errand *errand, const struct db_rows *rows)
{
    errand->origin_decided = true;
    if (rows->rows != 1 || rows->columns != 2)
        return;
    const char *allowed = rows->cells[1];
    errand->permissions = rows->cells[0];
    if (allowed && strcmp(allowed, "t") == 0)
        errand->reply->allowed_origin = request_header(errand->request, "Origin");
}

const struct db_call *enter_calls(size_t *count)
{
    *count = sizeof(calls) / sizeof(*calls);
    return calls;
}
