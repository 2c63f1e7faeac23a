/* The pool is bounded, fair, and survives everything that can happen to a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "db/db.h"
#include "support/cluster.h"
#include "support/patience.h"

static struct db *open_hasty_pool(size_t size, int wait_ms)
{
    return db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                          .pool_size = size,
                                          .wait_ms = wait_ms,
                                          .statement_timeout_ms = PATIENCE_MS,
                                          .lock_timeout_ms = PATIENCE_MS,
                                          .prepare = true});
}

static struct db *open_pool(size_t size)
{
    return open_hasty_pool(size, PATIENCE_MS);
}

static struct db_gauges gauges_of(struct db *db)
{
    struct db_gauges gauges;
    db_gauges(db, &gauges);
    return gauges;
}

/* A request of one call, on an arena of its own. */
struct request {
    struct db *db;
    const char *name, *sql;
    bool retry;
    enum db_status status;
    char cell[64], sqlstate[6];
    int64_t took_us;
};

static void *perform(void *argument)
{
    struct request *r = argument;
    struct arena *arena = arena_create();
    struct db_reply reply;
    struct db_call call = {r->name, r->sql, 0, NULL};
    int64_t since = clock_monotonic_us();
    r->status = db_run(r->db, &call, 1, r->retry, arena, &reply);
    r->took_us = clock_monotonic_us() - since;
    strcpy(r->sqlstate, reply.sqlstate);
    if (r->status == DB_OK && reply.results[0].rows && reply.results[0].cells[0])
        snprintf(r->cell, sizeof(r->cell), "%s", reply.results[0].cells[0]);
    arena_destroy(arena);
    return NULL;
}

static enum db_status ask(struct db *db, const char *sql)
{
    struct request r = {.db = db, .name = sql, .sql = sql};
    perform(&r);
    return r.status;
}

/* A lock that whoever passes it waits for until the session that this gives is ended. */
#define PASS_LOCK "select pg_advisory_xact_lock_shared(1)"

static PGconn *hold_lock(void)
{
    PGconn *holder = PQconnectdb(cluster_conninfo);
    PQclear(PQexec(holder, "select pg_advisory_lock(1)"));
    return holder;
}

/* The process in which a statement like `pattern` runs, or 0. */
static pid_t backend_of(const char *pattern)
{
    char sql[256];
    snprintf(sql, sizeof(sql),
             "select pid from pg_stat_activity where application_name = 'samsyn' and state = 'active'"
             " and query like '%s'",
             pattern);
    return (pid_t)atoi(cluster_sql(sql));
}

static void exhausted_pool_says_busy_within_its_time(void **state)
{
    (void)state;
    struct db *db = open_hasty_pool(1, 150);
    struct request holder = {.db = db, .sql = PASS_LOCK}, late = {.db = db, .sql = "select 1"};
    pthread_t thread;
    PGconn *lock = hold_lock();
    pthread_create(&thread, NULL, perform, &holder);
    WAIT_UNTIL(gauges_of(db).busy == 1);

    perform(&late);

    assert_int_equal(late.status, DB_BUSY);
    assert_true(late.took_us >= 150000);
    PQfinish(lock);
    pthread_join(thread, NULL);
    assert_int_equal(holder.status, DB_OK);
    struct db_gauges gauges = gauges_of(db);
    assert_int_equal(gauges.size, 1);
    assert_int_equal(gauges.open, 1);
    assert_int_equal(gauges.busy, 0);
    assert_int_equal(gauges.waiting, 0);
    assert_int_equal(gauges.waits, 1);
    assert_int_equal(gauges.timeouts, 1);
    assert_true(gauges.wait_us >= 150000);
    db_destroy(db);
}

static void waiters_are_served_in_order_of_arrival(void **state)
{
    (void)state;
    enum { WAITERS = 12 };
    struct db *db = open_pool(1);
    struct request holder = {.db = db, .sql = PASS_LOCK}, requests[WAITERS];
    pthread_t first, threads[WAITERS];
    cluster_sql("drop sequence if exists public.arrival; create sequence public.arrival");
    PGconn *lock = hold_lock();
    pthread_create(&first, NULL, perform, &holder);
    WAIT_UNTIL(gauges_of(db).busy == 1);

    for (size_t i = 0; i < WAITERS; i++) {
        requests[i] = (struct request){.db = db, .name = "next", .sql = "select nextval('public.arrival')"};
        pthread_create(&threads[i], NULL, perform, &requests[i]);
        WAIT_UNTIL(gauges_of(db).waiting == i + 1);
    }
    PQfinish(lock);
    pthread_join(first, NULL);

    for (size_t i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(requests[i].status, DB_OK);
        assert_int_equal(atoi(requests[i].cell), (int)i + 1);
    }
    db_destroy(db);
}

/* Asks again as long as it is sent away: once there is a free connection, it is found. */
static void *insist(void *argument)
{
    struct request *r = argument;
    do
        perform(r);
    while (r->status == DB_BUSY);
    return NULL;
}

/* Those in the middle of the queue leave it, and others come behind them meanwhile. */
static void waiter_that_gives_up_disturbs_nobody(void **state)
{
    (void)state;
    enum { WAITERS = 4 };
    struct db *db = open_hasty_pool(1, 100);
    struct request holder = {.db = db, .sql = PASS_LOCK}, requests[WAITERS];
    pthread_t first, threads[WAITERS];
    PGconn *lock = hold_lock();
    pthread_create(&first, NULL, perform, &holder);
    WAIT_UNTIL(gauges_of(db).busy == 1);

    for (size_t i = 0; i < WAITERS; i++) {
        requests[i] = (struct request){.db = db, .sql = "select 1"};
        pthread_create(&threads[i], NULL, insist, &requests[i]);
        sleep_ms(20);
    }
    WAIT_UNTIL(gauges_of(db).timeouts >= (uint64_t)3 * WAITERS);
    PQfinish(lock);

    pthread_join(first, NULL);
    for (size_t i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(requests[i].status, DB_OK);
    }
    assert_int_equal(gauges_of(db).waiting, 0);
    assert_int_equal(gauges_of(db).busy, 0);
    db_destroy(db);
}

static void *hammer(void *argument)
{
    struct request *r = argument;
    for (int i = 0; i < 100 && r->status == DB_OK; i++)
        perform(r);
    return NULL;
}

static void many_threads_share_few_connections(void **state)
{
    (void)state;
    enum { THREADS = 16, SIZE = 3 };
    struct db *db = open_pool(SIZE);
    struct request requests[THREADS];
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        requests[i] = (struct request){.db = db, .name = "one", .sql = "select 1"};
        pthread_create(&threads[i], NULL, hammer, &requests[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(requests[i].status, DB_OK);
    assert_int_equal(gauges_of(db).open, SIZE);
    assert_int_equal(gauges_of(db).busy, 0);
    assert_int_equal(gauges_of(db).reconnects, 0);
    db_destroy(db);
}

static void idle_connection_that_was_killed_is_replaced_unnoticed(void **state)
{
    (void)state;
    struct db *db = open_pool(1);
    assert_int_equal(ask(db, "select 1"), DB_OK);
    assert_string_equal(cluster_sql("select bool_or(pg_terminate_backend(pid, 300000)) from pg_stat_activity"
                                    " where application_name = 'samsyn'"),
                        "t");

    assert_int_equal(ask(db, "select 1"), DB_OK);

    assert_int_equal(gauges_of(db).reconnects, 1);
    assert_int_equal(gauges_of(db).open, 1);
    db_destroy(db);
}

static void restart_between_requests_is_not_noticed(void **state)
{
    (void)state;
    enum { SIZE = 3 };
    struct db *db = open_pool(SIZE);
    struct request holders[SIZE];
    pthread_t threads[SIZE];
    PGconn *lock = hold_lock();
    for (size_t i = 0; i < SIZE; i++) {
        holders[i] = (struct request){.db = db, .sql = PASS_LOCK};
        pthread_create(&threads[i], NULL, perform, &holders[i]);
    }
    WAIT_UNTIL(gauges_of(db).open == SIZE);
    PQfinish(lock);
    for (size_t i = 0; i < SIZE; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(gauges_of(db).open, SIZE);

    assert_int_equal(cluster_control("stop"), 0);
    assert_int_equal(cluster_control("start"), 0);

    for (size_t i = 0; i < 2 * SIZE; i++)
        assert_int_equal(ask(db, "select 1"), DB_OK);
    db_destroy(db);
}

static void database_that_is_down_is_said_to_be_at_once_and_found_again(void **state)
{
    (void)state;
    struct db *db = open_pool(2);
    assert_int_equal(ask(db, "select 1"), DB_OK);
    assert_int_equal(cluster_control("stop"), 0);

    for (int i = 0; i < 1000; i++)
        assert_int_equal(ask(db, "select 1"), DB_DOWN);
    assert_int_equal(gauges_of(db).waits, 0);
    assert_int_equal(gauges_of(db).open, 0);
    assert_int_equal(gauges_of(db).busy, 0);

    assert_int_equal(cluster_control("start"), 0);
    sleep_ms(350); /* the longest back-off */
    assert_int_equal(ask(db, "select 1"), DB_OK);
    db_destroy(db);
}

static void killed_read_is_repeated_once(void **state)
{
    (void)state;
    struct db *db = open_pool(1);
    cluster_sql("drop sequence if exists public.turn; create sequence public.turn");
    /* A sequence is not rolled back, so that only the first attempt dies. */
    struct request once = {.db = db,
                           .retry = true,
                           .name = "dies-once",
                           .sql =
                               "select case when nextval('public.turn') = 1 then pg_terminate_backend(pg_backend_pid())"
                               " and pg_sleep(1) is null end, currval('public.turn')"};
    struct request always = {.db = db,
                             .retry = true,
                             .name = "dies",
                             .sql = "select pg_terminate_backend(pg_backend_pid()),"
                                    " nextval('public.turn'), pg_sleep(1)"};

    perform(&once);
    assert_int_equal(once.status, DB_OK);
    assert_string_equal(cluster_sql("select last_value from public.turn"), "2");

    perform(&always);
    assert_int_equal(always.status, DB_DOWN);
    assert_string_equal(always.sqlstate, "57P01");
    assert_int_equal(ask(db, "select 1"), DB_OK);
    db_destroy(db);
}

static void killed_write_that_the_server_rolled_back_is_not_in_doubt_and_not_repeated(void **state)
{
    (void)state;
    struct db *db = open_pool(1);
    struct arena *arena = arena_create();
    struct db_reply reply;
    cluster_sql("drop table if exists public.ledger; create table public.ledger (n int);"
                "drop sequence if exists public.turn; create sequence public.turn");
    struct db_call calls[] = {{"write", "insert into public.ledger values (nextval('public.turn'))", 0, NULL},
                              {"die", "select pg_terminate_backend(pg_backend_pid()), pg_sleep(1)", 0, NULL}};

    assert_int_equal(db_run(db, calls, 2, false, arena, &reply), DB_DOWN);

    assert_string_equal(reply.sqlstate, "57P01");
    assert_int_equal(reply.failed, 1);
    assert_string_equal(
        cluster_sql("select count(*) || ' ' || (select last_value from public.turn) from public.ledger"), "0 1");
    arena_destroy(arena);
    db_destroy(db);
}

static void write_whose_server_died_without_a_word_is_in_doubt(void **state)
{
    (void)state;
    struct db *db = open_pool(1);
    struct request write = {.db = db, .sql = "insert into public.doubt select 1 from pg_sleep(300)"};
    cluster_sql("drop table if exists public.doubt; create table public.doubt (n int)");
    pthread_t thread;
    pid_t backend;
    pthread_create(&thread, NULL, perform, &write);

    WAIT_UNTIL((backend = backend_of("insert into public.doubt%")) > 0);
    kill(backend, SIGKILL);
    pthread_join(thread, NULL);

    assert_int_equal(write.status, DB_UNKNOWN);
    WAIT_UNTIL(ask(db, "select 1") == DB_OK);
    db_destroy(db);
}

static void server_that_falls_silent_is_given_up(void **state)
{
    (void)state;
    struct db *db = db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                                   .pool_size = 1,
                                                   .wait_ms = PATIENCE_MS,
                                                   .statement_timeout_ms = 2000,
                                                   .lock_timeout_ms = 300,
                                                   .prepare = true});
    struct request who = {.db = db, .sql = "select pg_backend_pid()"};
    struct request silent = {.db = db, .retry = true, .sql = "select 'frozen'"};
    WAIT_UNTIL((perform(&who), who.status == DB_OK));

    kill(atoi(who.cell), SIGSTOP);
    perform(&silent);
    kill(atoi(who.cell), SIGCONT);

    assert_int_equal(silent.status, DB_UNKNOWN);
    assert_true(silent.took_us > 2000000); /* not before the statement timeout could have ended it */
    WAIT_UNTIL(ask(db, "select 1") == DB_OK);
    db_destroy(db);
}

static void first_of_several_hosts_that_answers_is_used(void **state)
{
    (void)state;
    char conninfo[256];
    snprintf(conninfo, sizeof(conninfo),
             "postgresql:///postgres?host=/nonexistent,%s&user=postgres"
             "&target_session_attrs=read-write",
             cluster_directory);
    struct db *db =
        db_create(&(struct db_options){.conninfo = conninfo, .pool_size = 1, .wait_ms = 100, .prepare = true});

    assert_int_equal(ask(db, "select 1"), DB_OK);

    db_destroy(db);
}

/* What one writer knows of its own writes. */
struct tally {
    struct db *db;
    atomic_long acknowledged, doubtful;
    enum db_status last;
};

static atomic_bool enough;

static void *keep_writing(void *argument)
{
    struct tally *tally = argument;
    struct request write = {.db = tally->db, .name = "write", .sql = "insert into public.ledger values (1)"};
    while (!atomic_load(&enough)) {
        perform(&write);
        tally->last = write.status;
        if (write.status == DB_OK)
            atomic_fetch_add(&tally->acknowledged, 1);
        else if (write.status == DB_UNKNOWN)
            atomic_fetch_add(&tally->doubtful, 1);
        if (write.status != DB_OK)
            sleep_ms(1);
    }
    return NULL;
}

/* Waits until each of them has written something from now on. */
static void wait_for_all(struct tally *tallies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        long before = atomic_load(&tallies[i].acknowledged);
        WAIT_UNTIL(atomic_load(&tallies[i].acknowledged) > before);
    }
}

/* What was acknowledged is there, what was refused is not, and only what is in doubt may be either. */
static void restart_under_load_loses_nothing_and_doubles_nothing(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    struct db *db = open_pool(4);
    pthread_t threads[THREADS];
    cluster_sql("drop table if exists public.ledger; create table public.ledger (n int)");
    struct tally tallies[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        tallies[i] = (struct tally){.db = db};
        pthread_create(&threads[i], NULL, keep_writing, &tallies[i]);
    }

    wait_for_all(tallies, THREADS);
    assert_int_equal(cluster_control("stop"), 0);
    assert_int_equal(cluster_control("start"), 0);
    wait_for_all(tallies, THREADS);

    atomic_store(&enough, true);
    long acknowledged = 0, doubtful = 0;
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        acknowledged += atomic_load(&tallies[i].acknowledged);
        doubtful += atomic_load(&tallies[i].doubtful);
        assert_int_equal(tallies[i].last, DB_OK);
    }
    long written = atol(cluster_sql("select count(*) from public.ledger"));
    assert_in_range(written, acknowledged, acknowledged + doubtful);
    db_destroy(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhausted_pool_says_busy_within_its_time),
        cmocka_unit_test(waiters_are_served_in_order_of_arrival),
        cmocka_unit_test(waiter_that_gives_up_disturbs_nobody),
        cmocka_unit_test(many_threads_share_few_connections),
        cmocka_unit_test(idle_connection_that_was_killed_is_replaced_unnoticed),
        cmocka_unit_test(restart_between_requests_is_not_noticed),
        cmocka_unit_test(database_that_is_down_is_said_to_be_at_once_and_found_again),
        cmocka_unit_test(killed_read_is_repeated_once),
        cmocka_unit_test(killed_write_that_the_server_rolled_back_is_not_in_doubt_and_not_repeated),
        cmocka_unit_test(write_whose_server_died_without_a_word_is_in_doubt),
        cmocka_unit_test(server_that_falls_silent_is_given_up),
        cmocka_unit_test(first_of_several_hosts_that_answers_is_used),
        cmocka_unit_test(restart_under_load_loses_nothing_and_doubles_nothing),
    };
    return cmocka_run_group_tests_name("pool", tests, cluster_start, cluster_stop);
}
