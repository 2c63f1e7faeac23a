/* A stream delivers any number of rows in constant memory, and stops when its reader does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>

#include "base/clock.h"
#include "db/db.h"
#include "support/cluster.h"

#define CALL(sql) ((struct db_call){NULL, sql, 0, NULL})

struct fixture {
    struct db *db;
    struct arena *arena;
    struct db_reply reply;
    struct db_stream *stream;
};

/* Of the sanitizer's own allocator, where mallinfo2 knows nothing. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t heap_in_use(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks;
}

static int begin_with(void **state, bool prepare)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->db = db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                           .pool_size = 2,
                                           .wait_ms = 100,
                                           .statement_timeout_ms = 1000,
                                           .lock_timeout_ms = 1000,
                                           .prepare = prepare});
    f->arena = arena_create();
    *state = f;
    return f->db ? 0 : -1;
}

static int begin(void **state)
{
    return begin_with(state, true);
}

static int begin_unnamed(void **state)
{
    return begin_with(state, false);
}

static int finish(void **state)
{
    struct fixture *f = *state;
    db_stream_close(f->stream);
    db_destroy(f->db);
    arena_destroy(f->arena);
    free(f);
    return 0;
}

static enum db_status open_stream(struct fixture *f, const char *sql)
{
    struct db_call call = CALL(sql);
    return db_stream_open(f->db, NULL, 0, &call, f->arena, &f->stream, &f->reply);
}

static void rows_come_one_by_one_and_end(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns;
    bool end;
    assert_int_equal(open_stream(f, "select * from (values (1, 'a'), (2, null)) v"), DB_OK);

    assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);
    assert_false(end);
    assert_int_equal(columns, 2);
    assert_string_equal(cells[1], "a");
    assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);
    assert_string_equal(cells[0], "2");
    assert_null(cells[1]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);
        assert_true(end);
    }
}

static void stream_without_rows_ends_at_once(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns;
    bool end = false;
    assert_int_equal(open_stream(f, "select 1 where false"), DB_OK);

    assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);

    assert_true(end);
}

static void million_rows_take_constant_memory(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns, rows = 0, used = arena_used(f->arena);
    bool end = false;
    assert_int_equal(open_stream(f, "select n, repeat('x', 100) from generate_series(1, 1000000) n"), DB_OK);
    size_t arena_before = arena_used(f->arena), heap_before = heap_in_use(), heap_most = heap_before;
    assert_in_range(arena_before - used, 0, 8192);

    while (db_stream_next(f->stream, &cells, &columns, &end) == DB_OK && !end)
        if (++rows % 1000 == 0 && heap_in_use() > heap_most)
            heap_most = heap_in_use();

    assert_true(end);
    assert_int_equal(rows, 1000000);
    assert_int_equal(arena_used(f->arena), arena_before);
    assert_true(heap_before > 0);
    assert_in_range(heap_most - heap_before, 0, 1024 * 1024);
}

static void early_close_cancels_the_statement(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns;
    bool end;
    /* The first row is pushed out of the server's buffer by the next two; the fourth is long in coming. */
    assert_int_equal(open_stream(f, "select repeat('x', 20000) from generate_series(1, 3)"
                                    " union all select pg_sleep(30)::text"),
                     DB_OK);
    assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);
    int64_t since = clock_monotonic_us();

    db_stream_close(f->stream);
    f->stream = NULL;

    assert_in_range(clock_monotonic_us() - since, 0, 1000000);
    usleep(200000);
    assert_string_equal(cluster_sql("select count(*) from pg_stat_activity where application_name = 'samsyn'"), "0");
}

static void slow_reader_is_not_stopped_by_the_statement_timeout(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns, rows = 0;
    bool end = false;
    assert_int_equal(open_stream(f, "select n, repeat('x', 1000) from generate_series(1, 20000) n"), DB_OK);

    usleep(1500000);
    while (db_stream_next(f->stream, &cells, &columns, &end) == DB_OK && !end)
        rows++;

    assert_int_equal(rows, 20000);
}

static void set_up_runs_in_the_same_read_only_transaction(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns;
    bool end;
    struct db_call setup = CALL("select set_config('samsyn.test', 'set', true)");
    struct db_call call = CALL("select current_setting('samsyn.test'), current_setting('transaction_isolation'),"
                               " current_setting('transaction_read_only'), current_setting('search_path')");

    assert_int_equal(db_stream_open(f->db, &setup, 1, &call, f->arena, &f->stream, &f->reply), DB_OK);

    assert_int_equal(f->reply.count, 1);
    assert_string_equal(f->reply.results[0].cells[0], "set");
    assert_int_equal(db_stream_next(f->stream, &cells, &columns, &end), DB_OK);
    assert_string_equal(cells[0], "set");
    assert_string_equal(cells[1], "repeatable read");
    assert_string_equal(cells[2], "on");
    assert_string_equal(cells[3], "pg_catalog");
}

static void refusals_name_the_call_that_failed(void **state)
{
    struct fixture *f = *state;
    struct db_call good = CALL("select 1"), bad = CALL("select 1 / 0");

    assert_int_equal(db_stream_open(f->db, &bad, 1, &good, f->arena, &f->stream, &f->reply), DB_REFUSED);
    assert_null(f->stream);
    assert_int_equal(f->reply.failed, 0);
    assert_string_equal(f->reply.sqlstate, "22012");

    assert_int_equal(db_stream_open(f->db, &good, 1, &bad, f->arena, &f->stream, &f->reply), DB_REFUSED);
    assert_int_equal(f->reply.failed, 1);
    assert_string_equal(f->reply.sqlstate, "22012");
}

static void failure_midway_is_told_from_the_end(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns, rows = 0;
    bool end = false;
    enum db_status status;
    assert_int_equal(open_stream(f, "select 1 / (500 - n) from generate_series(1, 1000) n"), DB_OK);

    while ((status = db_stream_next(f->stream, &cells, &columns, &end)) == DB_OK && !end)
        rows++;

    assert_int_equal(status, DB_REFUSED);
    assert_int_equal(rows, 499);
}

static void connection_that_breaks_midway_is_told_from_the_end(void **state)
{
    struct fixture *f = *state;
    const char *const *cells;
    size_t columns;
    bool end = false;
    enum db_status status;
    assert_int_equal(open_stream(f, "select n, repeat('x', 1000) from generate_series(1, 1000000) n"), DB_OK);
    cluster_sql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'samsyn'");

    while ((status = db_stream_next(f->stream, &cells, &columns, &end)) == DB_OK && !end)
        continue;

    assert_true(status == DB_UNKNOWN || status == DB_REFUSED);
}

static void streams_are_bounded_and_leave_the_pool_alone(void **state)
{
    struct fixture *f = *state;
    struct db_call one = CALL("select 1");
    struct db_stream *second;
    struct db_gauges gauges;
    assert_int_equal(open_stream(f, "select 1"), DB_OK);

    assert_int_equal(db_stream_open(f->db, NULL, 0, &one, f->arena, &second, &f->reply), DB_BUSY);
    assert_null(second);
    assert_int_equal(db_run(f->db, &one, 1, true, f->arena, &f->reply), DB_OK);

    db_gauges(f->db, &gauges);
    assert_int_equal(gauges.busy, 0);
    db_stream_close(f->stream);
    f->stream = NULL;
    assert_int_equal(db_stream_open(f->db, NULL, 0, &one, f->arena, &f->stream, &f->reply), DB_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)
#define TEST_UNNAMED(f) cmocka_unit_test_setup_teardown(f, begin_unnamed, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_come_one_by_one_and_end),
        TEST(stream_without_rows_ends_at_once),
        TEST(million_rows_take_constant_memory),
        TEST(early_close_cancels_the_statement),
        TEST(slow_reader_is_not_stopped_by_the_statement_timeout),
        TEST(set_up_runs_in_the_same_read_only_transaction),
        TEST_UNNAMED(set_up_runs_in_the_same_read_only_transaction),
        TEST(refusals_name_the_call_that_failed),
        TEST(failure_midway_is_told_from_the_end),
        TEST(connection_that_breaks_midway_is_told_from_the_end),
        TEST(streams_are_bounded_and_leave_the_pool_alone),
    };
    return cmocka_run_group_tests_name("streams", tests, cluster_start, cluster_stop);
}
