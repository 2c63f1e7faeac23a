/* The contract, the statements and the hooks must fit each other, or the server does not start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "operation/catalogue.h"
#include "unit/contract_sample.h"

#define HEAD_OF(paths) SAMPLE_HEAD "paths:\n" paths "components:\n" SAMPLE_SCHEMES
#define OK "responses: {'200': {description: Ok, content: {application/json: {schema: {type: object}}}}}"

static const char things[] =
    HEAD_OF("  /things:\n"
            "    get: {operationId: getThings, x-audit: read, parameters: [{name: status, in: query, schema: {type: "
            "string}}], " OK "}\n"
            "    post: {operationId: createThing, x-audit: write, parameters: [{name: Idempotency-Key, in: header, "
            "schema: {type: string}}], requestBody: {required: true, content: {application/json: {schema: {type: "
            "object}}}}, " OK "}\n");

static const char searches[] =
    HEAD_OF("  /searches:\n"
            "    post: {operationId: searchThings, x-audit: search, parameters: [{name: Idempotency-Key, in: header, "
            "schema: {type: string}}], requestBody: {required: true, content: {application/json: {schema: {type: "
            "object}}}}, " OK "}\n");

#define GET_THINGS "-- name: getThings\nselect * from v where s = :status\n"
#define CREATE_THING "-- name: createThing\ninsert into t values (:id, :body);\nselect * from v where id = :id\n"

static struct catalogue *make(struct contract *contract, const char *sql, char **why)
{
    struct source_file file = {"q.sql", sql, strlen(sql)};
    *why = NULL;
    return catalogue_create(contract, &file, 1, why);
}

static void assert_refused(const char *yaml, const char *sql, const char *expected)
{
    struct contract *contract = sample_load(yaml);
    char *why;
    assert_null(make(contract, sql, &why));
    assert_string_equal(why, expected);
    free(why);
    contract_destroy(contract);
}

static void what_fits_becomes_a_plan(void **state)
{
    struct contract *contract = sample_load(things);
    char *why;
    (void)state;

    struct catalogue *catalogue = make(contract, GET_THINGS CREATE_THING, &why);

    assert_non_null(catalogue);
    const struct plan *reading = catalogue_plan(catalogue, contract_find(contract, "getThings"));
    assert_true(reading->reads);
    assert_int_equal(reading->write_count, 0);
    assert_string_equal(reading->reply.name, "getThings");
    assert_null(reading->keyed.name);
    const struct plan *creating = catalogue_plan(catalogue, contract_find(contract, "createThing"));
    assert_false(creating->reads);
    assert_int_equal(creating->write_count, 1);
    assert_string_equal(creating->writes[0].name, "createThing.1");
    assert_string_equal(creating->writes[0].sql, "insert into t values ($1::uuid, $2::jsonb)");
    assert_string_equal(creating->keyed.name, "createThing+key");
    assert_non_null(strstr(creating->keyed.sql, "samsyn.keep_reply("));
    assert_null(strstr(creating->reply.sql, "samsyn.keep_reply("));
    catalogue_destroy(catalogue);
    contract_destroy(contract);
}

static void a_search_takes_no_key(void **state)
{
    struct contract *contract = sample_load(searches);
    char *why;
    (void)state;

    struct catalogue *catalogue = make(contract, "-- name: searchThings\nselect :body", &why);

    const struct plan *plan = catalogue_plan(catalogue, contract_find(contract, "searchThings"));
    assert_null(plan->keyed.name);
    assert_true(plan->reads);
    catalogue_destroy(catalogue);
    contract_destroy(contract);
}

static void what_is_run_again_under_a_key_does_not_write(void **state)
{
    (void)state;
    assert_refused(things,
                   GET_THINGS
                   "-- name: createThing\nwith x as (insert into t values (:id, :body) returning id) select id from x",
                   "q.sql:3: createThing: the reply statement of what takes a key writes");
}

static void every_operation_has_a_statement_and_every_statement_an_operation(void **state)
{
    (void)state;
    assert_refused(things, GET_THINGS, "openapi.yaml: createThing: there is neither a statement nor a hook for it");
    assert_refused(things, GET_THINGS CREATE_THING "-- name: other\nselect 1",
                   "q.sql:6: other: no operation of the contract has this name");
    assert_refused(things, GET_THINGS CREATE_THING GET_THINGS, "q.sql:6: getThings: the operation has a block already");
}

static void parameters_are_used_and_known(void **state)
{
    (void)state;
    assert_refused(things, CREATE_THING "-- name: getThings\nselect 1",
                   "openapi.yaml: getThings: no statement of it (q.sql:4) uses the parameter status");
    assert_refused(things, CREATE_THING "-- name: getThings\nselect :status, :stauts",
                   "q.sql:4: getThings: the operation has no parameter :stauts");
}

static void a_list_is_one_on_both_sides(void **state)
{
    (void)state;
    assert_refused(things, CREATE_THING "-- name: getThings\n-- list: api.v\nselect :status",
                   "q.sql:4: getThings: a list has both x-collection in the contract and a list line here");
}

static void a_hook_takes_the_place_of_a_statement(void **state)
{
    static const char yaml[] = HEAD_OF("  /docs:\n    get: {operationId: getDocs, security: [], " OK "}\n");
    struct contract *contract = sample_load(yaml);
    char *why;
    (void)state;

    struct catalogue *catalogue = catalogue_create(contract, NULL, 0, &why);

    const struct plan *plan = catalogue_plan(catalogue, contract_find(contract, "getDocs"));
    assert_ptr_equal(plan->hook, hook_find("getDocs"));
    assert_null(plan->reply.name);
    assert_refused(yaml, "-- name: getDocs\nselect 1",
                   "q.sql:1: getDocs: the operation has a hook, which needs no statement");
    catalogue_destroy(catalogue);
    contract_destroy(contract);
}

static void an_export_has_both_its_blocks(void **state)
{
    static const char yaml[] = HEAD_OF("  /e:\n    get: {operationId: exportAccessEvents, x-audit: export, " OK "}\n");
    (void)state;
    assert_refused(yaml, "-- name: exportAccessEvents\nselect 1",
                   "openapi.yaml: exportAccessEvents: there is no block `-- stream:` for it");
    assert_refused(yaml, "-- stream: exportAccessEvents\nselect 1",
                   "openapi.yaml: exportAccessEvents: there is neither a statement nor a hook for it");
    assert_refused(yaml, "-- name: exportAccessEvents\nselect 1\n-- stream: exportAccessEvents\nselect 1; select 2",
                   "q.sql:3: exportAccessEvents: a stream is one statement, given once");
    assert_refused(things, GET_THINGS "-- stream: getThings\nselect 1",
                   "q.sql:3: getThings: no hook streams this operation");
}

static void an_open_operation_can_ask_nothing_of_anyone(void **state)
{
    (void)state;
    assert_refused(HEAD_OF("  /x:\n    get: {operationId: getX, security: [], x-audit: read, " OK "}\n"),
                   "-- name: getX\nselect 1",
                   "openapi.yaml: getX: an operation without token can have neither x-permission nor x-audit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_becomes_a_plan),
        cmocka_unit_test(a_search_takes_no_key),
        cmocka_unit_test(what_is_run_again_under_a_key_does_not_write),
        cmocka_unit_test(every_operation_has_a_statement_and_every_statement_an_operation),
        cmocka_unit_test(parameters_are_used_and_known),
        cmocka_unit_test(a_list_is_one_on_both_sides),
        cmocka_unit_test(a_hook_takes_the_place_of_a_statement),
        cmocka_unit_test(an_export_has_both_its_blocks),
        cmocka_unit_test(an_open_operation_can_ask_nothing_of_anyone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
