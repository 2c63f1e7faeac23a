/* From sql/queries/ to what is sent: blocks, shapes and numbered parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "operation/queries.h"
#include "operation/statement.h"

static const struct parameter parameters[] = {
    {.name = "caseId", .place = PARAMETER_PATH, .type = VALUE_UUID},
    {.name = "status", .place = PARAMETER_QUERY, .type = VALUE_TEXT},
    {.name = "from", .place = PARAMETER_QUERY, .type = VALUE_TIMESTAMP},
    {.name = "day", .place = PARAMETER_QUERY, .type = VALUE_DATE},
    {.name = "open", .place = PARAMETER_QUERY, .type = VALUE_BOOLEAN},
    {.name = "share", .place = PARAMETER_QUERY, .type = VALUE_NUMBER},
    {.name = "year", .place = PARAMETER_QUERY, .type = VALUE_INTEGER},
    {.name = "kinds", .place = PARAMETER_QUERY, .type = VALUE_TEXT_ARRAY},
    {.name = "traceparent", .place = PARAMETER_HEADER, .type = VALUE_TEXT},
};

static const struct operation reading = {
    .id = "getCase", .parameters = parameters, .parameter_count = sizeof(parameters) / sizeof(*parameters)};

/* `body` only has to be there. */
static const struct operation writing = {.id = "updateCase",
                                         .parameters = parameters,
                                         .parameter_count = sizeof(parameters) / sizeof(*parameters),
                                         .body = (const void *)parameters,
                                         .if_match = true};

static int begin(void **state)
{
    *state = arena_create();
    return 0;
}

static int finish(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct block *read_blocks(struct arena *arena, const char *text)
{
    const char *why;
    struct block *blocks = queries_read(arena, "q.sql", text, strlen(text), &why);
    if (why)
        fail_msg("%s", why);
    return blocks;
}

static void assert_unreadable(struct arena *arena, const char *text, const char *expected)
{
    const char *why;
    assert_null(queries_read(arena, "q.sql", text, strlen(text), &why));
    assert_string_equal(why, expected);
}

static const char *compiled(struct arena *arena, const char *sql, const struct operation *operation)
{
    struct statement statement;
    const char *why;
    if (!statement_compile(arena, "s", sql, operation, &statement, &why))
        fail_msg("%s", why);
    return statement.sql;
}

static const char *wrapped(struct arena *arena, const char *sql, struct wrapping wrapping)
{
    const char *why;
    const char *result = statement_wrap(arena, sql, &wrapping, &why);
    if (!result)
        fail_msg("%s", why);
    return result;
}

static void a_file_is_read_block_by_block(void **state)
{
    struct block *first = read_blocks(*state, "-- What stands here is about the file.\n\n"
                                              "-- name: getCase\n-- One case.\nselect 1\n\n"
                                              "-- name: listCases\n-- list: api.cases\nselect id from t;\n");

    assert_string_equal(first->name, "getCase");
    assert_int_equal(first->line, 3);
    assert_null(first->list);
    assert_int_equal(first->count, 1);
    assert_string_equal(first->statements[0], "select 1");
    assert_string_equal(first->next->name, "listCases");
    assert_string_equal(first->next->list, "api.cases");
    assert_string_equal(first->next->statements[0], "select id from t");
    assert_null(first->next->next);
}

static void statements_end_at_semicolons_that_are_code(void **state)
{
    struct block *block = read_blocks(
        *state, "-- name: x\nselect ';', \"a;b\", e'\\';', 'it''s;', $$;$$, $q$ ; $$ $q$ -- ;\n, /* ; /* ; */ ; */ "
                "(select 1);\n\n;\nupdate t set a = 1;");

    assert_int_equal(block->count, 2);
    assert_string_equal(block->statements[1], "update t set a = 1");
    assert_non_null(strstr(block->statements[0], "(select 1)"));
}

static void a_stream_and_a_cursor_list_are_marked(void **state)
{
    struct block *block = read_blocks(*state, "-- name: e\nselect 1\n-- stream: e\nselect body from v\n"
                                              "-- name: l\n-- list: by cursor\nselect 2");

    assert_false(block->stream);
    assert_true(block->next->stream);
    assert_string_equal(block->next->name, "e");
    assert_string_equal(block->next->next->list, "by cursor");
}

static void what_cannot_be_read_is_named(void **state)
{
    assert_unreadable(*state, "select 1;\n-- name: x\nselect 2", "q.sql:1: text before the first `-- name:`");
    assert_unreadable(*state, "-- name: x\n-- only words\n", "q.sql:1: x: there is no statement");
    assert_unreadable(*state, "-- name: x\nselect 1\n-- name:\nselect 2", "q.sql:3: the block has no name");
    assert_unreadable(*state, "\n-- name: x\nselect 'a", "q.sql:2: x: a quote or comment has no end");
    assert_unreadable(*state, "-- name: x\nselect $t$ a $u$", "q.sql:1: x: a quote or comment has no end");
    assert_unreadable(*state, "-- name: x\nselect /* /* */ 1", "q.sql:1: x: a quote or comment has no end");
    assert_unreadable(*state, "-- name: x\nselect (1", "q.sql:1: x: parentheses do not match");
    assert_unreadable(*state, "-- name: x\nselect $1", "q.sql:1: x: write :name, not a positional parameter");
    assert_unreadable(*state, "-- list: api.v\n", "q.sql:1: a list line stands before any name");
    assert_unreadable(*state, "-- name: x\n-- list: api.v; drop\nselect 1",
                      "q.sql:2: x: a list is of a view or `by cursor`");
    assert_unreadable(*state, "-- name: x\n-- list: a\n-- list: b\nselect 1",
                      "q.sql:3: x: say once and whole what it lists");
}

static void a_file_without_blocks_is_no_fault(void **state)
{
    const char *why;

    assert_null(queries_read(*state, "q.sql", "-- nothing yet\n", 15, &why));
    assert_null(why);
}

static void parameters_are_cast_by_the_contract(void **state)
{
    assert_string_equal(compiled(*state, "select :caseId, :status, :from, :day", &reading),
                        "select $1::uuid, $2::text, $3::timestamptz, $4::date");
    assert_string_equal(compiled(*state, "select :open, :share, :year, :kinds", &reading),
                        "select $1::boolean, $2::numeric, $3::bigint, $4::text[]");
    assert_string_equal(compiled(*state, "select :body ->> 'a', :ifMatch, :id, :limit, :offset", &writing),
                        "select $1::jsonb ->> 'a', $2::text, $3::uuid, $4::bigint, $5::bigint");
}

static void one_name_has_one_number(void **state)
{
    assert_string_equal(compiled(*state, ":status is null or s = :status and c = :caseId or :status", &reading),
                        "$1::text is null or s = $1::text and c = $2::uuid or $1::text");
}

static void only_code_is_bound(void **state)
{
    const char *sql =
        "select ':status', \":status\", $$:status$$, x::text, a[1:2], e'\\':status', /* :status */ 1 -- :status";

    assert_string_equal(compiled(*state, sql, &reading), sql);
}

static void casts_of_parameters_are_kept(void **state)
{
    assert_string_equal(compiled(*state, "select (:body->>'n')::uuid, :status::int", &writing),
                        "select ($1::jsonb->>'n')::uuid, $2::text::int");
}

static void a_name_that_the_operation_lacks_is_named(void **state)
{
    static const char *const names[] = {"nothing", "traceparent", "body", "ifMatch", "statuses", "stat"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct statement statement;
        const char *why;
        const char *sql = arena_printf(*state, "select :%s", names[i]);

        assert_false(statement_compile(*state, "s", sql, &reading, &statement, &why));

        assert_string_equal(why, arena_printf(*state, "the operation has no parameter :%s", names[i]));
    }
}

static void a_single_reply_is_one_statement_with_its_audit_row(void **state)
{
    const char *sql =
        wrapped(*state, "select * from api.c where resource = :caseId", (struct wrapping){.audited = true});

    assert_string_equal(sql,
                        "select r.body, r.etag, r.resource, samsyn.log_access(array[r.resource], array[r.subject], "
                        "array[r.owner], array[r.ground], array[r.disclosure]) as refusal, null\n"
                        "from (values (1)) one left join (\n"
                        "select * from api.c where resource = :caseId\n) r on true");
}

static void without_audit_there_is_no_log(void **state)
{
    assert_string_equal(wrapped(*state, "select 1", (struct wrapping){0}),
                        "select r.body, r.etag, r.resource, null, null\nfrom (\nselect 1\n) r");
}

static void a_key_keeps_the_resource_in_the_same_statement(void **state)
{
    const char *sql = wrapped(*state, "select 1", (struct wrapping){.audited = true, .keyed = true});

    assert_non_null(strstr(sql, "case when r.resource is not null then "
                                "samsyn.keep_reply(:idempotencyKey, :requestHash, r.resource) end"));
}

static void a_list_is_counted_paged_and_logged_once(void **state)
{
    const char *sql =
        wrapped(*state, "select id from t", (struct wrapping){.shape = SHAPE_LIST, .view = "api.v", .audited = true});

    assert_non_null(strstr(sql, "with visible as materialized (\nselect id from t\n)"));
    assert_non_null(strstr(sql, "from visible limit :limit offset :offset"));
    assert_non_null(strstr(sql, "join api.v b on b.resource = p.id"));
    assert_non_null(strstr(sql, "samsyn.log_list("));
    assert_null(strstr(sql, "samsyn.log_access("));
    assert_non_null(strstr(sql, "order by r.n"));
}

static void a_cursor_list_keeps_its_order_and_its_cursor(void **state)
{
    const char *sql = wrapped(*state, "select 1", (struct wrapping){.shape = SHAPE_CURSOR, .audited = true});

    assert_non_null(strstr(sql, "r.cursor"));
    assert_non_null(strstr(sql, "samsyn.log_list("));
    assert_non_null(strstr(sql, "order by r.n"));
    assert_null(strstr(sql, ":limit"));
}

static void ctes_are_lifted_to_the_top(void **state)
{
    const char *sql =
        wrapped(*state,
                "-- first\nwith a as (select 'select (' as x), \"insert\" as materialized (update t set b = (1) "
                "returning $$select$$)\nselect * from a",
                (struct wrapping){0});

    assert_non_null(strstr(sql, "with a as (select 'select (' as x), \"insert\" as materialized (update t set b = (1) "
                                "returning $$select$$)\n\nselect r.body, r.etag, r.resource, null, null\n"
                                "from (\nselect * from a\n) r"));
}

static void a_recursive_cte_stays_recursive(void **state)
{
    const char *sql = wrapped(*state, "WITH RECURSIVE up as (select 1 union all select 2 from up) SELECT * from up",
                              (struct wrapping){0});

    assert_non_null(strstr(sql, "with recursive up as (select 1 union all select 2 from up) \nselect r.body"));
    assert_non_null(strstr(sql, "from (\nSELECT * from up\n) r"));
}

static void a_with_that_leads_nowhere_is_a_fault(void **state)
{
    const char *why;

    assert_null(statement_wrap(*state, "with a as (select 1)", &(struct wrapping){0}, &why));
    assert_string_equal(why, "there is no select, insert, update or delete after `with`");
}

static void an_insert_that_returns_is_a_reply_statement(void **state)
{
    const char *sql = wrapped(*state, "insert into t values (1) returning *", (struct wrapping){0});

    assert_non_null(strstr(sql, "with reply as materialized (\ninsert into t values (1) returning *\n)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_block_by_block),
        TEST(statements_end_at_semicolons_that_are_code),
        TEST(a_stream_and_a_cursor_list_are_marked),
        TEST(what_cannot_be_read_is_named),
        TEST(a_file_without_blocks_is_no_fault),
        TEST(parameters_are_cast_by_the_contract),
        TEST(one_name_has_one_number),
        TEST(only_code_is_bound),
        TEST(casts_of_parameters_are_kept),
        TEST(a_name_that_the_operation_lacks_is_named),
        TEST(a_single_reply_is_one_statement_with_its_audit_row),
        TEST(without_audit_there_is_no_log),
        TEST(a_key_keeps_the_resource_in_the_same_statement),
        TEST(a_list_is_counted_paged_and_logged_once),
        TEST(a_cursor_list_keeps_its_order_and_its_cursor),
        TEST(ctes_are_lifted_to_the_top),
        TEST(a_recursive_cte_stays_recursive),
        TEST(a_with_that_leads_nowhere_is_a_fault),
        TEST(an_insert_that_returns_is_a_reply_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
