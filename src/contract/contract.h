/* The contract: openapi.yaml as operations, a path router and validators. Knows neither HTTP servers nor SQL. */
#ifndef SAMSYN_CONTRACT_CONTRACT_H
#define SAMSYN_CONTRACT_CONTRACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "contract/violation.h"

struct contract;
struct schema;

enum parameter_place { PARAMETER_PATH, PARAMETER_QUERY, PARAMETER_HEADER };

/* The SQL type that a parameter's schema implies; the binder casts to it. */
enum value_type {
    VALUE_TEXT,
    VALUE_UUID,
    VALUE_INTEGER,
    VALUE_NUMBER,
    VALUE_BOOLEAN,
    VALUE_DATE,
    VALUE_TIMESTAMP,
    VALUE_TEXT_ARRAY
};

struct parameter {
    const char *name;
    enum parameter_place place;
    enum value_type type;
    bool required;
    bool rest; /* x-rest: takes all that follows in the path, slashes too */
    const struct schema *schema;
    json_t *fallback; /* the schema's default, or NULL */
};

/* A parameter of a link's target and what fills it: "$response.body#/id", "$request.path.caseId" or a constant;
 * in item links "$item#/id" stands for the body's member. */
struct link_value {
    const char *name, *expression;
};

/* One OpenAPI Link of a success response: becomes a member of `_links`. */
struct link {
    const char *rel;                /* the link's key: "self", "records", "close" */
    const struct operation *target; /* operation of its operationId */
    size_t count;                   /* parameters of the target's path and query that it fills */
    struct link_value *parameters;
    json_t *when; /* x-when: object, property of the body -> array of values for which the link is shown; or NULL */
};

struct operation {
    const char *id;         /* operationId */
    const char *method;     /* "GET" */
    const char *path;       /* template below the base path: "/cases/{caseId}" */
    const char *permission; /* x-permission, or NULL: any registered principal (or nobody, when `open`) */
    const char *activity;   /* x-audit, or NULL: touches no personal data and is not audited */
    bool open;              /* `security: []`: no token */
    bool rest;              /* the path ends with a parameter that has x-rest */
    size_t scope_count;
    const char **scopes; /* all of them must be in the token */
    size_t parameter_count;
    const struct parameter *parameters;
    const struct schema *body; /* or NULL: no body allowed */
    bool body_required;
    const char *body_type;      /* "application/json" or "application/merge-patch+json", or of an open one any type */
    bool body_raw;              /* any type: its bytes are the hook's to read */
    size_t body_max;            /* x-max-bytes of the request body; 65536 unless told */
    int success;                /* 200, 201, 204 ... the documented 2xx */
    const struct schema *reply; /* of the success response in JSON, or NULL */
    size_t produced_count;
    const char **produced; /* media types of the success response, first is the default */
    size_t link_count;
    const struct link *links; /* of the success response */
    const char *collection;   /* x-collection of a list: the name of the reply's array ("cases"); else NULL */
    size_t item_link_count;
    const struct link *item_links; /* x-item-links of a list, for each item: a map of links, or the operationId of
                                    * the operation that reads one item, whose reply links each item then carries */
    bool if_match;                 /* has a required If-Match header parameter */
    bool idempotent_key;           /* has an Idempotency-Key header parameter */
    size_t index;                  /* 0 .. contract_operation_count() - 1, stable within the process */
};

/* Reads OpenAPI 3.1 in YAML. Returns the contract, owned by the caller, or NULL with `*why` (malloc'd,
 * owned by the caller) naming the place and what is wrong: unknown keyword, unresolved $ref, duplicate
 * operationId or path, missing x-collection, ... A keyword the validator does not check is an error. */
struct contract *contract_load(const char *yaml, size_t length, char **why);
void contract_destroy(struct contract *contract);

/* Lets birth numbers 980-999, the Tax Agency's test persons, pass as identity numbers; rejected until told. To be
 * called before the contract is shared between threads; everything else in it never changes. */
void contract_accept_test_numbers(struct contract *contract, bool accept);

const char *contract_base_path(const struct contract *contract); /* "/samsyn/v1", from servers[0].url */
json_t *contract_json(const struct contract *contract);          /* borrowed: the document as JSON */
size_t contract_operation_count(const struct contract *contract);
const struct operation *contract_operation(const struct contract *contract, size_t index);
const struct operation *contract_find(const struct contract *contract, const char *operation_id); /* or NULL */

enum match { MATCH_FOUND, MATCH_NO_PATH, MATCH_NO_METHOD, MATCH_MALFORMED };

struct route {
    const struct operation *operation;
    size_t value_count;
    struct {
        const char *name, *value;
    } values[8];       /* decoded path parameters, lent by the arena */
    const char *allow; /* "GET, HEAD, PATCH, OPTIONS", whenever there is such a path */
};

/* Finds the operation of `method` and the raw, still percent-encoded `path` (without query, with base path).
 * HEAD matches GET. Encoded slashes, NUL, dot segments, empty segments, bad escapes and invalid UTF-8 are
 * MATCH_MALFORMED. A literal segment wins over a parameter. */
enum match contract_match(const struct contract *contract, const char *method, const char *path, struct arena *arena,
                          struct route *route);

/* Reads one request header (case-insensitive); NULL when absent. */
typedef const char *(*header_reader)(void *request, const char *name);

/* Decodes and checks path values, the raw query string (NULL or without '?') and headers against the
 * operation's parameters. Returns a new object (deferred into the arena) of parameter name -> typed JSON value,
 * defaults filled in. Every fault is one violation at "/query/limit", "/path/caseId" or "/header/If-Match", with the
 * rule "unknown" or "repeated" (query parameters), "required", "encoding", "type", or a keyword or format of the
 * schema. A value with a fault may be missing from the object. An integer is digits, perhaps after a minus. An array
 * parameter is comma-separated (style form, explode false). */
json_t *contract_bind(const struct operation *operation, const struct route *route, const char *query,
                      header_reader header, void *request, struct arena *arena, struct violations *violations);

/* Parses a body strictly (RFC 8259, UTF-8, no duplicate keys, no U+0000, depth at most 32). Returns NULL and
 * sets `*why` (English, lent) on a fault; it never repeats the input. A number without fraction becomes an integer
 * however it is written (1.0, 2e3). The value is deferred into the arena. */
json_t *contract_parse_body(const char *bytes, size_t length, struct arena *arena, const char **why);

/* Checks `value` against `schema`; every fault becomes a violation whose pointer starts with `at` ("/body"). */
void schema_validate(const struct schema *schema, const json_t *value, const char *at, struct arena *arena,
                     struct violations *violations);

/* The schema of the success response body, or NULL; for tests. */
const struct schema *contract_reply_schema(const struct operation *operation);

#endif
