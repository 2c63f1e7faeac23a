/* A request is one pipeline, one implicit transaction, and its bookkeeping survives every failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/db.h"
#include "support/cluster.h"
#include "support/patience.h"

#define CALL(name, sql) ((struct db_call){name, sql, 0, NULL})

static struct db *open_pool(bool prepare, int statement_timeout_ms)
{
    return db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                          .pool_size = 1,
                                          .wait_ms = PATIENCE_MS,
                                          .statement_timeout_ms = statement_timeout_ms,
                                          .lock_timeout_ms = 200,
                                          .prepare = prepare});
}

/* The pool of one connection and the arena that each test gets. */
struct fixture {
    struct db *db;
    struct arena *arena;
    struct db_reply reply;
};

static int begin_with(void **state, bool prepare, int statement_timeout_ms)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->db = open_pool(prepare, statement_timeout_ms);
    f->arena = arena_create();
    *state = f;
    return f->db ? 0 : -1;
}

static int begin(void **state)
{
    return begin_with(state, true, PATIENCE_MS);
}

static int begin_unnamed(void **state)
{
    return begin_with(state, false, PATIENCE_MS);
}

static int begin_hasty(void **state)
{
    return begin_with(state, true, 400);
}

static int begin_hasty_unnamed(void **state)
{
    return begin_with(state, false, 400);
}

static int finish(void **state)
{
    struct fixture *f = *state;
    db_destroy(f->db);
    arena_destroy(f->arena);
    free(f);
    return 0;
}

static enum db_status run(struct fixture *f, const struct db_call *calls, size_t count)
{
    return db_run(f->db, calls, count, false, f->arena, &f->reply);
}

static const char *ask(struct fixture *f, const char *sql)
{
    struct db_call call = CALL(NULL, sql);
    assert_int_equal(run(f, &call, 1), DB_OK);
    return f->reply.results[0].cells[0];
}

static void settings_made_in_one_call_hold_in_the_next_and_end_with_the_pipeline(void **state)
{
    struct fixture *f = *state;
    struct db_call calls[] = {
        CALL("set", "select set_config('samsyn.test', 'mine', true)"),
        CALL("get", "select current_setting('samsyn.test', true), null, txid_current()"),
        CALL("same", "select txid_current()"),
    };

    assert_int_equal(run(f, calls, 3), DB_OK);

    assert_int_equal(f->reply.count, 3);
    assert_string_equal(f->reply.results[1].cells[0], "mine");
    assert_null(f->reply.results[1].cells[1]);
    assert_string_equal(f->reply.results[1].cells[2], f->reply.results[2].cells[0]);
    assert_string_equal(ask(f, "select coalesce(nullif(current_setting('samsyn.test', true), ''), 'gone')"), "gone");
}

static bool for_a_while(void *context)
{
    int *asked = context;
    return ++*asked < 2;
}

static void what_nobody_waits_for_any_more_is_cancelled(void **state)
{
    struct fixture *f = *state;
    int asked = 0;
    const struct db_interest interest = {for_a_while, &asked};
    struct db_call call = CALL(NULL, "select pg_sleep(600)");

    assert_int_equal(db_run_while(f->db, &interest, &call, 1, false, f->arena, &f->reply), DB_REFUSED);

    assert_int_equal(asked, 2);
    assert_string_equal(f->reply.sqlstate, "57014");
    assert_string_equal(ask(f, "select 1"), "1");
}

static void failure_of_the_last_call_rolls_back_the_first(void **state)
{
    struct fixture *f = *state;
    cluster_sql("drop table if exists public.thing; create table public.thing (n int primary key)");
    struct db_call calls[] = {
        CALL("insert-1", "insert into public.thing values (1)"),
        CALL("insert-1", "insert into public.thing values (1)"),
        CALL("never", "select 1"),
    };

    assert_int_equal(run(f, calls, 3), DB_REFUSED);

    assert_int_equal(f->reply.failed, 1);
    assert_string_equal(f->reply.sqlstate, "23505");
    assert_string_equal(f->reply.constraint, "thing_pkey");
    assert_string_equal(ask(f, "select count(*) from public.thing"), "0");
}

static void parameters_and_results_are_text_and_null(void **state)
{
    struct fixture *f = *state;
    const char *values[] = {"åäö", NULL, "41"};
    struct db_call call = {
        "parameters", "select $1::text as a, $2::text as b, $3::int + 1 as c union all select 'x', 'y', 1", 3, values};

    assert_int_equal(run(f, &call, 1), DB_OK);

    const struct db_rows *rows = &f->reply.results[0];
    assert_int_equal(rows->rows, 2);
    assert_int_equal(rows->columns, 3);
    assert_string_equal(rows->names[2], "c");
    assert_string_equal(rows->cells[0], "åäö");
    assert_null(rows->cells[1]);
    assert_string_equal(rows->cells[2], "42");
    assert_string_equal(rows->cells[4], "y");
}

static void raised_refusal_carries_code_and_pointer(void **state)
{
    struct fixture *f = *state;
    cluster_sql("create or replace function public.refuse() returns int language plpgsql as "
                "$$begin raise exception using errcode = 'SA001', message = 'CASE_CLOSED', detail = '/status'; end$$");
    struct db_call call = CALL("refuse", "select public.refuse()");

    assert_int_equal(run(f, &call, 1), DB_REFUSED);

    assert_string_equal(f->reply.sqlstate, "SA001");
    assert_string_equal(f->reply.message, "CASE_CLOSED");
    assert_string_equal(f->reply.detail, "/status");
    assert_string_equal(f->reply.constraint, "");
}

static void statement_is_prepared_once_however_often_it_runs(void **state)
{
    struct fixture *f = *state;
    struct db_call calls[] = {CALL("twice", "select 7"), CALL("twice", "select 7")};

    assert_int_equal(run(f, calls, 2), DB_OK);
    assert_int_equal(run(f, calls, 2), DB_OK);

    assert_string_equal(f->reply.results[1].cells[0], "7");
    assert_string_equal(ask(f, "select count(*) from pg_prepared_statements where name = 'twice'"), "1");
}

static void hundreds_of_statements_stay_prepared(void **state)
{
    struct fixture *f = *state;
    char names[300][20];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 300; i++) {
            snprintf(names[i], sizeof(names[i]), "many-%d", i);
            assert_int_equal(run(f, &CALL(names[i], "select 1"), 1), DB_OK);
        }

    assert_string_equal(ask(f, "select count(*) from pg_prepared_statements where name like 'many-%'"), "300");
}

static void statement_that_was_parsed_before_a_failure_is_still_prepared(void **state)
{
    struct fixture *f = *state;
    const char *zero[] = {"0"}, *one[] = {"1"};
    struct db_call call = {"divide", "select 1 / $1::int", 1, zero};

    assert_int_equal(run(f, &call, 1), DB_REFUSED);
    call.values = one;
    assert_int_equal(run(f, &call, 1), DB_OK);

    struct db_gauges gauges;
    db_gauges(f->db, &gauges);
    assert_int_equal(gauges.reconnects, 0);
}

static void failed_and_skipped_statements_are_prepared_anew(void **state)
{
    struct fixture *f = *state;
    cluster_sql("drop table if exists public.late");
    struct db_call calls[] = {CALL("failing", "select count(*) from public.late"), CALL("skipped", "select 2")};

    assert_int_equal(run(f, calls, 2), DB_REFUSED);
    assert_int_equal(f->reply.failed, 0);
    assert_string_equal(f->reply.sqlstate, "42P01");
    cluster_sql("create table public.late (n int)");
    assert_int_equal(run(f, calls, 2), DB_OK);

    assert_string_equal(f->reply.results[1].cells[0], "2");
    struct db_gauges gauges;
    db_gauges(f->db, &gauges);
    assert_int_equal(gauges.reconnects, 0);
}

static void session_whose_statements_no_longer_fit_is_replaced_unnoticed(void **state)
{
    struct fixture *f = *state;
    cluster_sql(
        "drop table if exists public.shape; create table public.shape (n int); insert into public.shape values (1)");
    struct db_call call = CALL("shape", "select * from public.shape");
    assert_int_equal(run(f, &call, 1), DB_OK);

    cluster_sql("alter table public.shape add m int default 5");
    assert_int_equal(run(f, &call, 1), DB_OK);
    assert_string_equal(f->reply.results[0].cells[1], "5");
}

static void lost_prepared_statement_is_prepared_on_a_new_session(void **state)
{
    struct fixture *f = *state;
    struct db_call call = CALL("kept", "select 3"), forget = CALL(NULL, "deallocate all");
    assert_int_equal(run(f, &call, 1), DB_OK);
    assert_int_equal(run(f, &forget, 1), DB_OK);

    assert_int_equal(run(f, &call, 1), DB_OK);

    assert_string_equal(f->reply.results[0].cells[0], "3");
}

static void names_too_long_for_the_server_are_not_confused(void **state)
{
    struct fixture *f = *state;
    char one[80], two[80];
    memset(one, 'n', sizeof(one));
    memset(two, 'n', sizeof(two));
    strcpy(one + 70, "1");
    strcpy(two + 70, "2");
    struct db_call calls[] = {CALL(one, "select 1"), CALL(two, "select 2")};

    assert_int_equal(run(f, calls, 2), DB_OK);

    assert_string_equal(f->reply.results[1].cells[0], "2");
}

static void unnamed_mode_leaves_nothing_in_the_session(void **state)
{
    struct fixture *f = *state;
    struct db_call calls[] = {CALL("one", "select 1"), CALL("two", "select current_setting('search_path')"),
                              CALL("three", "select current_setting('statement_timeout')")};

    assert_int_equal(run(f, calls, 3), DB_OK);

    assert_string_equal(f->reply.results[0].cells[0], "1");
    assert_string_equal(f->reply.results[1].cells[0], "pg_catalog");
    assert_string_equal(f->reply.results[2].cells[0], "5min");
    assert_string_equal(ask(f, "select count(*) from pg_prepared_statements"), "0");
}

static void session_has_the_settings_that_the_statements_rely_on(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(ask(f, "select current_setting('search_path')"), "pg_catalog");
    assert_string_equal(ask(f, "select current_setting('timezone')"), "UTC");
    assert_string_equal(ask(f, "select current_setting('client_encoding')"), "UTF8");
    assert_string_equal(ask(f, "select current_setting('plan_cache_mode')"), "force_generic_plan");
    assert_string_equal(ask(f, "select current_setting('application_name')"), "samsyn");
    assert_string_equal(ask(f, "select current_setting('lock_timeout')"), "200ms");
}

static void statement_that_runs_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    struct db_call call = CALL("sleep", "select pg_sleep(600)"), next = CALL("next", "select 1");

    /* Whether the database says so, or the client gives it up, is a matter of two seconds. */
    WAIT_UNTIL(run(f, &call, 1) == DB_REFUSED);

    assert_string_equal(f->reply.sqlstate, "57014");
    WAIT_UNTIL(run(f, &next, 1) == DB_OK); /* which a busy machine may not do at once in so little time */
}

static void lock_that_is_held_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    cluster_sql("drop table if exists public.locked; create table public.locked (n int)");
    PGconn *holder = PQconnectdb(cluster_conninfo);
    PQclear(PQexec(holder, "begin; lock table public.locked"));
    struct db_call call = CALL("locked", "select * from public.locked");

    assert_int_equal(run(f, &call, 1), DB_REFUSED);

    assert_string_equal(f->reply.sqlstate, "55P03");
    PQfinish(holder);
}

static void commit_that_fails_is_refused_and_the_connection_stays_usable(void **state)
{
    struct fixture *f = *state;
    cluster_sql("drop table if exists public.child, public.parent; create table public.parent (n int primary key);"
                "create table public.child (n int constraint child_parent references public.parent deferrable "
                "initially deferred)");
    struct db_call calls[] = {CALL("orphan", "insert into public.child values (1)"), CALL("select-1", "select 1")};

    assert_int_equal(run(f, calls, 2), DB_REFUSED);

    assert_string_equal(f->reply.sqlstate, "23503");
    assert_string_equal(f->reply.constraint, "child_parent");
    assert_string_equal(ask(f, "select count(*) from public.child"), "0");
    struct db_gauges gauges;
    db_gauges(f->db, &gauges);
    assert_int_equal(gauges.reconnects, 0);
}

/* More than the socket buffers of both sides hold, in both directions at once: neither may wait for the other. */
static void large_pipelines_do_not_deadlock(void **state)
{
    struct fixture *f = *state;
    enum { SIZE = 4 * 1024 * 1024, CALLS = 8 };
    char *big = malloc(SIZE + 1);
    memset(big, 'x', SIZE);
    big[SIZE] = '\0';
    const char *values[] = {big};
    struct db_call calls[CALLS];
    for (size_t i = 0; i < CALLS; i++)
        calls[i] = (struct db_call){"echo", "select $1::text", 1, values};

    assert_int_equal(run(f, calls, CALLS), DB_OK);

    for (size_t i = 0; i < CALLS; i++)
        assert_string_equal(f->reply.results[i].cells[0], big);
    free(big);
}

static void copy_in_a_pipeline_breaks_only_its_own_request(void **state)
{
    struct fixture *f = *state;
    struct db_call call = CALL(NULL, "copy (select 1) to stdout");

    assert_int_not_equal(run(f, &call, 1), DB_OK);

    assert_string_equal(ask(f, "select 1"), "1");
}

static void check_of_a_statement_tells_its_columns_or_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    struct db_call good = CALL("good", "select $1::int as a, $2::text as b"), bad = CALL("bad", "select nonsense");

    assert_int_equal(db_prepare(f->db, &good, f->arena, &f->reply), DB_OK);
    assert_int_equal(f->reply.results[0].columns, 2);
    assert_string_equal(f->reply.results[0].names[1], "b");

    assert_int_equal(db_prepare(f->db, &bad, f->arena, &f->reply), DB_REFUSED);
    assert_string_equal(f->reply.sqlstate, "42703");
    assert_non_null(strstr(f->reply.message, "nonsense"));

    assert_string_equal(ask(f, "select count(*) from pg_prepared_statements where name <> ''"), "0");
}

static void connection_string_that_means_nothing_is_refused_at_once(void **state)
{
    (void)state;
    assert_null(db_create(&(struct db_options){.conninfo = "no such thing", .pool_size = 1}));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)
#define TEST_UNNAMED(f) cmocka_unit_test_setup_teardown(f, begin_unnamed, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_made_in_one_call_hold_in_the_next_and_end_with_the_pipeline),
        TEST_UNNAMED(settings_made_in_one_call_hold_in_the_next_and_end_with_the_pipeline),
        TEST(failure_of_the_last_call_rolls_back_the_first),
        TEST_UNNAMED(failure_of_the_last_call_rolls_back_the_first),
        TEST(parameters_and_results_are_text_and_null),
        TEST_UNNAMED(parameters_and_results_are_text_and_null),
        TEST(raised_refusal_carries_code_and_pointer),
        TEST(statement_is_prepared_once_however_often_it_runs),
        TEST(hundreds_of_statements_stay_prepared),
        TEST(statement_that_was_parsed_before_a_failure_is_still_prepared),
        TEST(failed_and_skipped_statements_are_prepared_anew),
        TEST(session_whose_statements_no_longer_fit_is_replaced_unnoticed),
        TEST(lost_prepared_statement_is_prepared_on_a_new_session),
        TEST(names_too_long_for_the_server_are_not_confused),
        TEST_UNNAMED(unnamed_mode_leaves_nothing_in_the_session),
        TEST(session_has_the_settings_that_the_statements_rely_on),
        cmocka_unit_test_setup_teardown(statement_that_runs_too_long_is_refused, begin_hasty, finish),
        cmocka_unit_test_setup_teardown(statement_that_runs_too_long_is_refused, begin_hasty_unnamed, finish),
        TEST(lock_that_is_held_too_long_is_refused),
        TEST(commit_that_fails_is_refused_and_the_connection_stays_usable),
        TEST(large_pipelines_do_not_deadlock),
        TEST(what_nobody_waits_for_any_more_is_cancelled),
        TEST(copy_in_a_pipeline_breaks_only_its_own_request),
        TEST(check_of_a_statement_tells_its_columns_or_what_is_wrong),
        TEST_UNNAMED(check_of_a_statement_tells_its_columns_or_what_is_wrong),
        cmocka_unit_test(connection_string_that_means_nothing_is_refused_at_once),
    };
    return cmocka_run_group_tests_name("pipeline", tests, cluster_start, cluster_stop);
}
