/* A whole server over a tiny contract and a tiny schema with the agreed functions, for the tests of the executor. */
#ifndef SAMSYN_TESTS_OPERATION_FIXTURE_H
#define SAMSYN_TESTS_OPERATION_FIXTURE_H

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/sign.h"
#include "base/uuid.h"
#include "operation/executor.h"
#include "support/cluster.h"
#include "unit/http_fixture.h"

#define THING_PATH "    parameters: [{name: thingId, in: path, required: true, schema: {type: string, format: uuid}}]\n"
#define THING_BODY                                                                                                     \
    "requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewThing'}}}}\n"
#define PROBLEMS "default: {description: Problem}"

static const char tiny_yaml[] =
    "openapi: 3.1.0\n"
    "info: {title: Tiny <API>, version: 1.2.3, x-api-status: beta, x-api-released: '2026-01-02', "
    "description: \"About `it`.\\n\\nMore.\"}\n"
    "servers: [{url: /samsyn/v1}]\n"
    "security: [{oauth2: ['samsyn:case']}]\n"
    "tags: [{name: Things, description: All about things.}]\n"
    "paths:\n"
    "  /things:\n"
    "    get:\n"
    "      operationId: listThings\n"
    "      tags: [Things]\n"
    "      x-permission: thing:read\n"
    "      x-audit: read\n"
    "      x-collection: things\n"
    "      x-item-links: getThing\n"
    "      parameters:\n"
    "        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}\n"
    "        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}\n"
    "        - {name: status, in: query, schema: {type: string}}\n"
    "      responses: {'200': {description: Ok, content: {application/json: {schema: {$ref: "
    "'#/components/schemas/Things'}}}}, " PROBLEMS "}\n"
    "    post:\n"
    "      operationId: createThing\n"
    "      tags: [Things]\n"
    "      summary: Make a thing\n"
    "      x-permission: thing:write\n"
    "      x-audit: write\n"
    "      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]\n"
    "      " THING_BODY "      responses: {'201': {$ref: '#/components/responses/Thing'}, " PROBLEMS "}\n"
    "  /things/{thingId}:\n" THING_PATH "    get:\n"
    "      operationId: getThing\n"
    "      tags: [Things]\n"
    "      x-permission: thing:read\n"
    "      x-audit: read\n"
    "      responses: {'200': {$ref: '#/components/responses/Thing'}, " PROBLEMS "}\n"
    "    patch:\n"
    "      operationId: updateThing\n"
    "      tags: [Things]\n"
    "      x-permission: thing:write\n"
    "      x-audit: write\n"
    "      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]\n"
    "      requestBody: {required: true, content: {application/merge-patch+json: {schema: "
    "{$ref: '#/components/schemas/NewThing'}}}}\n"
    "      responses: {'200': {$ref: '#/components/responses/Thing'}, " PROBLEMS "}\n"
    "  /refusals:\n"
    "    post:\n"
    "      operationId: refuseThing\n"
    "      x-permission: thing:read\n"
    "      x-audit: write\n"
    "      " THING_BODY
    "      responses: {'200': {description: Ok, content: {application/json: {schema: {type: object}}}}, " PROBLEMS "}\n"
    "  /naps:\n"
    "    get:\n"
    "      operationId: takeNap\n"
    "      responses: {'200': {description: Ok, content: {application/json: {schema: {type: object}}}}, " PROBLEMS "}\n"
    "  /access-event-exports:\n"
    "    get:\n"
    "      operationId: exportAccessEvents\n"
    "      x-permission: thing:read\n"
    "      x-audit: export\n"
    "      parameters: [{name: status, in: query, schema: {type: string}}, {name: cursor, in: query, schema: {type: "
    "string}}]\n"
    "      responses: {'200': {description: Ok, content: {application/x-ndjson: {schema: {type: string}}, "
    "text/csv: {schema: {type: string}}}}, " PROBLEMS "}\n"
    "  /api-info:\n"
    "    get: {operationId: getApiInfo, security: [], responses: {'200': {description: Ok, content: "
    "{application/json: {schema: {type: object}}}}}}\n"
    "  /openapi.yaml:\n"
    "    get: {operationId: getContractYaml, security: [], responses: {'200': {description: Ok, content: "
    "{application/yaml: {schema: {type: string}}}}}}\n"
    "  /openapi.json:\n"
    "    get: {operationId: getContractJson, security: [], responses: {'200': {description: Ok, content: "
    "{application/json: {schema: {type: object}}}}}}\n"
    "  /docs:\n"
    "    get: {operationId: getDocs, security: [], responses: {'200': {description: Ok, content: "
    "{text/html: {schema: {type: string}}}}}}\n"
    "components:\n"
    "  securitySchemes:\n"
    "    oauth2: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example/t', "
    "scopes: {'samsyn:case': Cases}}}}\n"
    "  responses:\n"
    "    Thing:\n"
    "      description: A thing\n"
    "      content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}\n"
    "      links:\n"
    "        self: {operationId: getThing, parameters: {thingId: $response.body#/id}}\n"
    "        edit: {operationId: updateThing, parameters: {thingId: $response.body#/id}, x-when: {status: [open]}}\n"
    "  schemas:\n"
    "    Thing: {type: object, properties: {id: {type: string, format: uuid}, name: {type: string, description: A "
    "<name>.}, "
    "status: {type: string}}}\n"
    "    Things: {type: object, properties: {things: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}\n"
    "    AccessEvent: {type: object, properties: {id: {type: string}, name: {type: string}, missing: {type: string}}}\n"
    "    NewThing: {type: object, additionalProperties: false, required: [name], properties: {name: {type: string, "
    "minLength: 1, maxLength: 40}, status: {type: string, enum: [open, closed]}, revision: {type: integer}}}\n";

static const char tiny_queries[] =
    "-- name: listThings\n-- list: api.things\n"
    "select id from samsyn.things where (:status is null or status = :status) order by n\n"
    "-- name: createThing\n"
    "insert into samsyn.things (id, name, status, revision) values (:id, :body ->> 'name', coalesce(:body ->> "
    "'status', 'open'), coalesce((:body ->> 'revision')::int, 1));\n"
    "select * from api.things where resource = :id\n"
    "-- name: getThing\nselect * from api.things where resource = :thingId\n"
    "-- name: updateThing\n"
    "update samsyn.things set name = :body ->> 'name', revision = revision + 1 where id = :thingId\n"
    "and samsyn.require(revision::text = :ifMatch, 'PRECONDITION_FAILED');\n"
    "select * from api.things where resource = :thingId\n"
    "-- name: refuseThing\nselect samsyn.fail(:body ->> 'name');\nselect * from api.things\n"
    "-- name: takeNap\nselect :id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, "
    "null::uuid as disclosure, null::text as etag, json_build_object('slept', pg_advisory_xact_lock(7)::text) as body\n"
    "-- name: exportAccessEvents\nselect :id as resource, null::uuid as subject, null::uuid as owner, null::text as "
    "ground, "
    "null::uuid as disclosure, null::text as etag, json_build_object('id', :id) as body\n"
    "-- stream: exportAccessEvents\nselect json_build_object('name', name, 'id', n) as body, n::text as cursor "
    "from samsyn.things where (:status is null or status = :status) "
    "and (coalesce(:part, :cursor) is null or n > coalesce(:part, :cursor)::int) "
    "order by n limit 1000\n";

#define FIFTEEN_ARGUMENTS                                                                                              \
    "issuer text, subject text, client text, scopes text[], vouched text[], assignment uuid, operation text, "         \
    "permission text, required_scopes text[], activity text, targets uuid[], client_address text, request_id uuid, "   \
    "trace_id text, origin text"

static const char tiny_schema[] =
    "create schema samsyn; create schema api;"
    "create table samsyn.things (id uuid primary key, n serial, name text unique check (name <> 'unchecked'), "
    "status text not null default 'open', revision int not null default 1);"
    "create table samsyn.events (id serial, operation text, outcome text, code text, resources uuid[], trace text, "
    "number text, emergency uuid);"
    "create table samsyn.kept (key text primary key, hash text, resource uuid);"
    "create view api.things as select id as resource, null::uuid as subject, null::uuid as owner, null::text as "
    "ground, "
    "null::uuid as disclosure, revision::text as etag, "
    "json_build_object('id', id, 'name', name, 'status', status) as body from samsyn.things;"
    "create function samsyn.refuse(code text, pointer text default '') returns boolean language plpgsql as $$begin "
    "raise exception using errcode = 'SA001', message = code, detail = pointer; end$$;"
    "create function samsyn.require(condition boolean, code text) returns boolean language plpgsql as $$begin "
    "if condition is not true then perform samsyn.refuse(code); end if; return true; end$$;"
    "create function samsyn.fail(what text) returns void language plpgsql as $$begin "
    "if length(what) = 5 and what ~ '^[0-9A-Z]+$' then raise exception 'value %', what using errcode = what; end if;"
    "perform samsyn.refuse(what, '/body/name'); end$$;"
    "create function samsyn.allowed(origin text) returns boolean language sql as "
    "$$select coalesce(origin = 'https://front.example', false)$$;"
    "create function samsyn.origin_allowed(origin text) returns boolean language sql as $$select "
    "samsyn.allowed(origin)$$;"
    "create function samsyn.enter(" FIFTEEN_ARGUMENTS
    ", key text, hash text, identity_number text, emergency uuid, out user_id uuid, out assignment_id uuid, "
    "out organisation_id uuid, out permissions text[], out origin_allowed boolean) language plpgsql as $$"
    "declare kept samsyn.kept; begin "
    "if subject = 'stranger' then perform samsyn.refuse('USER_NOT_REGISTERED'); end if;"
    "if not required_scopes <@ scopes then perform samsyn.refuse('SCOPE_MISSING'); end if;"
    "permissions := case subject when 'reader' then '{thing:read}'::text[] when 'outsider' then '{}' "
    "when 'unlogged' then '{}' else '{thing:read,thing:write}' end;"
    "if identity_number is not null or emergency is not null then permissions := '{thing:read}'; end if;"
    "if permission is not null and permission <> all (permissions) then perform samsyn.refuse('ROLE_NOT_ALLOWED'); end "
    "if;"
    "perform set_config('samsyn.operation', operation, true), set_config('samsyn.targets', targets::text, true), "
    "set_config('samsyn.trace', trace_id, true);"
    "if key is not null then "
    "if not pg_try_advisory_xact_lock(hashtext(key)) then perform samsyn.refuse('REQUEST_IN_FLIGHT'); end if;"
    "select * into kept from samsyn.kept k where k.key = enter.key;"
    "if kept.hash = hash then raise exception using errcode = 'SA002', message = 'REPLAY', detail = kept.resource; "
    "elsif kept.hash is not null then perform samsyn.refuse('KEY_REUSED'); end if; end if;"
    "origin_allowed := samsyn.allowed(origin); end$$;"
    "create function samsyn.log_list(resources uuid[], subjects uuid[], owners uuid[], grounds text[], disclosures "
    "uuid[]) "
    "returns text language sql as $$insert into samsyn.events (operation, outcome, resources, trace) values "
    "(current_setting('samsyn.operation'), 'allowed', resources, current_setting('samsyn.trace')); select null::text$$;"
    "create function samsyn.log_access(resources uuid[], subjects uuid[], owners uuid[], grounds text[], disclosures "
    "uuid[]) "
    "returns text language plpgsql as $$begin if cardinality(array_remove(resources, null)) > 0 then "
    "return samsyn.log_list(resources, subjects, owners, grounds, disclosures); end if;"
    "insert into samsyn.events (operation, outcome, code, resources) values (current_setting('samsyn.operation'), "
    "'denied', 'NOT_FOUND', current_setting('samsyn.targets')::uuid[]); return 'NOT_FOUND'; end$$;"
    "create function samsyn.record_denial(" FIFTEEN_ARGUMENTS
    ", code text, identity_number text, emergency uuid, out user_id uuid, out assignment_id uuid, "
    "out organisation_id uuid, out permissions text[], out origin_allowed boolean) language plpgsql as $$begin "
    "if subject = 'unlogged' then raise exception 'no room'; end if;"
    "insert into samsyn.events (operation, outcome, code, resources, trace, number, emergency) values (operation, "
    "'denied', code, targets, trace_id, identity_number, emergency);"
    "origin_allowed := samsyn.allowed(origin); end$$;"
    "create function samsyn.keep_reply(key text, hash text, resource uuid) returns void language sql as "
    "$$insert into samsyn.kept values (key, hash, resource)$$;";

static struct {
    struct contract *contract;
    struct catalogue *catalogue;
    struct auth *auth;
    struct db *db;
    struct executor *executor;
    struct http *http;
    unsigned port;
    char *pem;
} tiny;

static inline char *tiny_key(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    long length = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)length);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static inline struct auth *tiny_auth(const char *pem)
{
    char *why = NULL;
    json_t *configuration = json_pack(
        "{s:[{s:s, s:s, s:[s], s:o}, {s:s, s:s, s:[s], s:o, s:s}]}", "issuers", "issuer", "tiny", "audience", "samsyn",
        "algorithms", "RS256", "jwks", sign_public_jwks(pem, "k"), "issuer", "tiny-party", "audience", "samsyn",
        "algorithms", "RS256", "jwks", sign_public_jwks(pem, "k"), "identityNumberClaim", "number");
    struct auth *auth = auth_create(configuration, &why);
    json_decref(configuration);
    if (!auth)
        fail_msg("%s", why);
    auth_accept_test_numbers(auth, true);
    return auth;
}

static inline struct catalogue *tiny_catalogue(const struct contract *contract)
{
    char *why = NULL;
    struct source_file file = {"sql/queries/tiny.sql", tiny_queries, sizeof(tiny_queries) - 1};
    struct catalogue *catalogue = catalogue_create(contract, &file, 1, &why);
    if (!catalogue)
        fail_msg("%s", why);
    return catalogue;
}

/* One database connection, so that it is easily taken. */
static inline struct db *tiny_db(int wait_ms)
{
    return db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                          .pool_size = 1,
                                          .wait_ms = wait_ms,
                                          .statement_timeout_ms = PATIENCE_MS,
                                          .lock_timeout_ms = PATIENCE_MS,
                                          .prepare = true});
}

static inline struct executor *tiny_executor(struct db *db)
{
    struct executor *executor =
        executor_create(tiny.contract, tiny_yaml, sizeof(tiny_yaml) - 1, tiny.catalogue, tiny.auth, db);
    executor_open(executor, true);
    return executor;
}

/* Group set-up: cluster, schema and server. */
static inline int tiny_start(void **state)
{
    char *why = NULL;
    struct http_options options = usual_options();
    if (cluster_start(state) != 0)
        return -1;
    cluster_sql(tiny_schema);
    tiny.pem = tiny_key();
    tiny.contract = contract_load(tiny_yaml, sizeof(tiny_yaml) - 1, &why);
    if (!tiny.contract)
        fail_msg("%s", why);
    tiny.catalogue = tiny_catalogue(tiny.contract);
    tiny.auth = tiny_auth(tiny.pem);
    tiny.db = tiny_db(PATIENCE_MS);
    tiny.executor = tiny_executor(tiny.db);
    tiny.http = start_server(&options, executor_handle, tiny.executor);
    log_set_level(LOG_ERROR + 1);
    tiny.port = http_port(tiny.http);
    return 0;
}

static inline int tiny_stop(void **state)
{
    http_stop(tiny.http);
    executor_destroy(tiny.executor);
    db_destroy(tiny.db);
    auth_destroy(tiny.auth);
    catalogue_destroy(tiny.catalogue);
    contract_destroy(tiny.contract);
    free(tiny.pem);
    return cluster_stop(state);
}

/* A test of the tiny server: nothing has happened yet, and its state is an arena of its own. */
static inline int tiny_begin(void **state)
{
    *state = arena_create();
    cluster_sql("truncate samsyn.things, samsyn.events, samsyn.kept restart identity");
    return 0;
}

static inline int tiny_finish(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tiny_begin, tiny_finish)

/* An Authorization header line; lent until the next call. With `number` it is a party's. */
static inline const char *bearer_of(const char *subject, const char *number, const char *scope, int lifetime)
{
    static char line[2048];
    char *why = NULL;
    json_int_t now = clock_epoch();
    json_t *claims = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s*}", "iss", number ? "tiny-party" : "tiny",
                               "aud", "samsyn", "sub", subject, "azp", "portal", "scope", scope, "iat", now - 100,
                               "exp", now + (json_int_t)lifetime, "number", number);
    char *token = sign_token(tiny.pem, claims, "k", &why);
    json_decref(claims);
    snprintf(line, sizeof(line), "Authorization: Bearer %s\r\n", token);
    free(token);
    return line;
}

static inline const char *bearer_with(const char *subject, const char *scope, int lifetime)
{
    return bearer_of(subject, NULL, scope, lifetime);
}

static inline const char *bearer(const char *subject)
{
    return bearer_with(subject, "samsyn:case", 100);
}

/* Writes a request below /samsyn/v1; `headers` are whole lines, `body` may be NULL. Lent until the next call. */
static inline const char *request_text(const char *method, const char *path, const char *headers, const char *body)
{
    static char text[8192];
    int length = snprintf(text, sizeof(text), "%s /samsyn/v1%s HTTP/1.1\r\n" HOST "%s", method, path, headers);
    if (body)
        snprintf(text + length, sizeof(text) - (size_t)length, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        snprintf(text + length, sizeof(text) - (size_t)length, "\r\n");
    return text;
}

/* Sends it as `subject`, with `headers` besides the token. */
static inline struct answer as(const char *subject, const char *method, const char *path, const char *headers,
                               const char *body)
{
    char lines[4096];
    snprintf(lines, sizeof(lines), "%s%s", bearer(subject), headers);
    return ask(tiny.port, request_text(method, path, lines, body));
}

#define JSON_TYPE "Content-Type: application/json\r\n"
#define PATCH_TYPE "Content-Type: application/merge-patch+json\r\n"

/* The text of the body's member, found by names joined with '/'; lent until the next call, "" when absent. */
static inline const char *member(const struct answer *answer, const char *path)
{
    static char text[2048];
    json_t *body = json_loads(answer->body, JSON_REJECT_DUPLICATES, NULL);
    const json_t *value = body;
    while (value && *path) {
        size_t length = strcspn(path, "/");
        value = json_is_array(value) ? json_array_get(value, strtoul(path, NULL, 10))
                                     : json_object_getn(value, path, length);
        path += length + (path[length] == '/');
    }
    char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(text, sizeof(text), "%s", json_is_string(value) ? json_string_value(value) : dumped ? dumped : "");
    free(dumped);
    json_decref(body);
    return text;
}

/* Asserts status and, for a problem, its code; frees the answer. */
static inline void assert_answer(struct answer answer, int status, const char *code)
{
    if (answer.status != status || (code && strcmp(member(&answer, "code"), code) != 0))
        fail_msg("not %d %s but %d: %s", status, code ? code : "", answer.status, answer.body);
    answer_free(&answer);
}

/* Makes a thing directly and lends its id. */
static inline const char *thing(const char *name)
{
    static char id[UUID_TEXT_SIZE], sql[256];
    uuid_make(id);
    snprintf(sql, sizeof(sql), "insert into samsyn.things (id, name) values ('%s', '%s')", id, name);
    cluster_sql(sql);
    return id;
}

static inline const char *path_of(const char *id)
{
    static char path[64];
    snprintf(path, sizeof(path), "/things/%s", id);
    return path;
}

/* "operation outcome code" of all events, joined by commas. */
static inline const char *events(void)
{
    return cluster_sql("select coalesce(string_agg(concat_ws(' ', operation, outcome, code), ', ' order by id), '') "
                       "from samsyn.events");
}

#endif
