/* A script is one transaction: all of it, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/script.h"
#include "support/cluster.h"

static struct script *open_script(void)
{
    char *why = NULL;
    struct script *script = script_begin(cluster_conninfo, &why);
    if (!script)
        fail_msg("%s", why);
    return script;
}

static int begin(void **state)
{
    (void)state;
    cluster_sql(
        "set client_min_messages = error; drop table if exists public.t; create table public.t (n int, name text)");
    return 0;
}

static void assert_count(const char *expected)
{
    assert_string_equal(cluster_sql("select count(*) from public.t"), expected);
}

static void what_is_committed_stays(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;

    assert_true(script_run(script, "insert into public.t values (1); insert into public.t values (2)", &why));
    assert_true(script_commit(script, &why));

    script_end(script);
    assert_count("2");
}

static void what_is_not_committed_never_was(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;

    assert_true(script_run(script, "insert into public.t values (1)", &why));
    script_end(script);
    script_end(NULL);

    assert_count("0");
}

static void a_failure_spoils_the_commit(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;
    assert_true(script_run(script, "insert into public.t values (1)", &why));

    assert_false(script_run(script, "insert into public.missing values (1)", &why));
    assert_non_null(strstr(why, "public.missing"));
    free(why);
    assert_false(script_commit(script, &why));
    free(why);

    script_end(script);
    assert_count("0");
}

static void rows_are_lent_with_their_names(void **state)
{
    struct script *script = open_script();
    struct arena *arena = arena_create();
    struct db_rows rows;
    char *why = NULL;
    (void)state;

    assert_true(
        script_rows(script, "select 1 as one, null as none union all select 2, 'x' order by 1", arena, &rows, &why));

    assert_int_equal(rows.rows, 2);
    assert_int_equal(rows.columns, 2);
    assert_string_equal(rows.names[1], "none");
    assert_string_equal(rows.cells[0], "1");
    assert_null(rows.cells[1]);
    assert_string_equal(rows.cells[3], "x");
    script_end(script);
    arena_destroy(arena);
}

static void values_are_bound_and_never_read_as_sql(void **state)
{
    struct script *script = open_script();
    struct arena *arena = arena_create();
    struct db_rows rows;
    char *why = NULL;
    const char *values[] = {"7", "'; drop table public.t; --", NULL};
    (void)state;

    assert_true(script_call(script, "select $1::int + 1, $2, $3::date", 3, values, arena, &rows, &why));

    assert_string_equal(rows.cells[0], "8");
    assert_string_equal(rows.cells[1], values[1]);
    assert_null(rows.cells[2]);
    script_end(script);
    arena_destroy(arena);
    assert_count("0");
}

static void a_failure_tells_no_row(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;

    assert_true(script_run(script, "alter table public.t add check (n > 1)", &why));
    assert_false(script_run(script, "insert into public.t values (1, 'Secret')", &why));
    assert_null(strstr(why, "Secret"));
    free(why);
    script_end(script);
}

static void rows_are_copied_in(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;

    assert_true(script_copy_begin(script, "copy public.t from stdin", &why));
    for (int i = 0; i < 1000; i++)
        assert_true(script_copy_put(script, "1\tone\n", 6, &why));
    assert_true(script_copy_end(script, &why));
    assert_true(script_commit(script, &why));

    script_end(script);
    assert_count("1000");
}

static void a_row_that_does_not_fit_fails_the_copy(void **state)
{
    struct script *script = open_script();
    char *why = NULL;
    (void)state;
    assert_false(script_copy_begin(script, "select 1", &why));
    free(why);
    script_end(script);
    script = open_script();
    assert_true(script_copy_begin(script, "copy public.t from stdin", &why));
    assert_true(script_copy_put(script, "x\tone\n", 6, &why));

    assert_false(script_copy_end(script, &why));

    assert_non_null(strstr(why, "integer"));
    free(why);
    script_end(script);
    assert_count("0");
}

static void a_database_that_is_not_there_is_named(void **state)
{
    char *why = NULL;
    (void)state;

    assert_null(script_begin("host=/nowhere", &why));

    assert_non_null(strstr(why, "/nowhere"));
    free(why);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_committed_stays),
        TEST(what_is_not_committed_never_was),
        TEST(a_failure_spoils_the_commit),
        TEST(rows_are_lent_with_their_names),
        TEST(values_are_bound_and_never_read_as_sql),
        TEST(a_failure_tells_no_row),
        TEST(rows_are_copied_in),
        TEST(a_row_that_does_not_fit_fails_the_copy),
        TEST(a_database_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, cluster_start, cluster_stop);
}
