/* Migrations run once, in order, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "db/migrate.h"
#include "support/cluster.h"

#define FILE_OF(number, name, sql) ((struct migration){number, name, sql, sizeof(sql) - 1})

static const char one[] = "create table samsyn.one (n int); insert into samsyn.one values (1);";
static const char two[] = "create table samsyn.two (n int);\ninsert into samsyn.two values (1);";
static char *why;

/* An empty database for each test. */
static int begin(void **state)
{
    (void)state;
    cluster_sql("set client_min_messages = warning; drop schema if exists samsyn cascade");
    return 0;
}

static int finish(void **state)
{
    (void)state;
    free(why);
    why = NULL;
    return 0;
}

static int run(const struct migration *migrations, size_t count)
{
    free(why);
    return migrate_run(cluster_conninfo, migrations, count, &why);
}

static enum migrate_state verify(const struct migration *migrations, size_t count)
{
    free(why);
    return migrate_verify(cluster_conninfo, migrations, count, &why);
}

static void assert_why(const char *part)
{
    assert_non_null(why);
    if (!strstr(why, part))
        fail_msg("\"%s\" does not say \"%s\"", why, part);
}

static void missing_ones_are_applied_in_order_and_once(void **state)
{
    (void)state;
    struct migration files[] = {FILE_OF(1, "0001_one.sql", one), FILE_OF(2, "0002_two.sql", two)};

    assert_int_equal(run(files, 1), 1);
    assert_int_equal(run(files, 2), 1);
    assert_int_equal(run(files, 2), 0);

    assert_null(why);
    assert_string_equal(
        cluster_sql("select string_agg(number || ' ' || name, ',' order by applied_at) from samsyn.migration"),
        "1 0001_one.sql,2 0002_two.sql");
    assert_string_equal(
        cluster_sql("select checksum = encode(sha256('create table samsyn.one (n int);"
                    " insert into samsyn.one values (1);'), 'hex') from samsyn.migration where number = 1"),
        "t");
}

static void changed_file_is_refused(void **state)
{
    (void)state;
    struct migration before[] = {FILE_OF(1, "0001_one.sql", one)}, after[] = {FILE_OF(1, "0001_one.sql", two)};
    assert_int_equal(run(before, 1), 1);

    assert_int_equal(run(after, 1), -1);
    assert_why("0001_one.sql was changed");
    assert_int_equal(verify(after, 1), MIGRATE_DIFFERENT);
    assert_why("0001_one.sql was changed");
}

static void database_of_a_newer_version_is_refused(void **state)
{
    (void)state;
    struct migration files[] = {FILE_OF(1, "0001_one.sql", one), FILE_OF(2, "0002_two.sql", two)};
    assert_int_equal(run(files, 2), 2);

    assert_int_equal(run(files, 1), -1);
    assert_why("0002_two.sql was applied to the database but is unknown here");
    assert_int_equal(verify(files, 1), MIGRATE_DIFFERENT);
    assert_why("newer");
}

static void file_added_behind_applied_ones_is_refused(void **state)
{
    (void)state;
    struct migration later[] = {FILE_OF(2, "0002_two.sql", two)},
                     both[] = {FILE_OF(1, "0001_one.sql", one), FILE_OF(2, "0002_two.sql", two)};
    assert_int_equal(run(later, 1), 1);

    assert_int_equal(run(both, 2), -1);

    assert_why("behind");
    assert_string_equal(cluster_sql("select to_regclass('samsyn.one')"), "");
}

static void files_out_of_order_are_refused_before_anything_is_done(void **state)
{
    (void)state;
    struct migration files[] = {FILE_OF(2, "0002_two.sql", two), FILE_OF(2, "0002_one.sql", one)};

    assert_int_equal(run(files, 2), -1);

    assert_why("0002_one.sql");
    assert_string_equal(cluster_sql("select to_regnamespace('samsyn')"), "");
}

static void failing_file_leaves_nothing_and_names_its_line(void **state)
{
    (void)state;
    static const char bad[] = "create table samsyn.bad (n int);\n-- åäö\nselect nonsense;";
    struct migration files[] = {FILE_OF(1, "0001_one.sql", one), FILE_OF(2, "0002_bad.sql", bad),
                                FILE_OF(3, "0003_two.sql", two)};

    assert_int_equal(run(files, 3), -1);

    assert_why("0002_bad.sql, line 3: column \"nonsense\" does not exist (42703)");
    assert_string_equal(cluster_sql("select to_regclass('samsyn.bad')"), "");
    assert_string_equal(cluster_sql("select to_regclass('samsyn.two')"), "");
    assert_string_equal(cluster_sql("select max(number) from samsyn.migration"), "1");
}

static void file_that_commits_or_copies_is_refused(void **state)
{
    (void)state;
    struct migration commits[] = {FILE_OF(1, "0001_commit.sql", "select 1; commit;")},
                     copies[] = {
                         FILE_OF(1, "0001_copy.sql", "create table samsyn.c (n int); copy samsyn.c from stdin;")};

    assert_int_equal(run(commits, 1), -1);
    assert_why("0001_commit.sql: must not end its own transaction");
    assert_int_equal(run(copies, 1), -1);
    assert_why("COPY");
    assert_string_equal(cluster_sql("select count(*) from samsyn.migration"), "0");
}

static void commit_that_fails_is_a_failure(void **state)
{
    (void)state;
    static const char deferred[] = "create table samsyn.p (n int primary key);"
                                   "create table samsyn.q (n int references samsyn.p deferrable initially deferred); "
                                   "insert into samsyn.q values (1)";
    struct migration files[] = {FILE_OF(1, "0001_deferred.sql", deferred)};

    assert_int_equal(run(files, 1), -1);

    assert_why("0001_deferred.sql");
    assert_why("23503");
    assert_string_equal(cluster_sql("select count(*) from samsyn.migration"), "0");
}

static void verification_tells_what_is_to_be_done(void **state)
{
    (void)state;
    struct migration files[] = {FILE_OF(1, "0001_one.sql", one), FILE_OF(2, "0002_two.sql", two)};

    assert_int_equal(verify(files, 2), MIGRATE_DIFFERENT);
    assert_why("has not been migrated: run `samsyn migrate`");
    assert_int_equal(run(files, 1), 1);
    assert_int_equal(verify(files, 2), MIGRATE_DIFFERENT);
    assert_why("lacks 1 of 2");
    assert_int_equal(run(files, 2), 1);
    assert_int_equal(verify(files, 2), MIGRATE_SAME);
    assert_null(why);
}

static void api_role_may_verify_and_nothing_more(void **state)
{
    (void)state;
    struct migration files[] = {FILE_OF(1, "0001_role.sql",
                                        "do $$begin if not exists (select from pg_roles where rolname = 'samsyn_api') "
                                        "then create role samsyn_api login; end if; end$$")};
    char conninfo[256];
    snprintf(conninfo, sizeof(conninfo), "host=%s user=samsyn_api dbname=postgres", cluster_directory);
    assert_int_equal(run(files, 1), 1);
    free(why);

    assert_int_equal(migrate_verify(conninfo, files, 1, &why), MIGRATE_SAME);

    assert_string_equal(
        cluster_sql("select has_table_privilege('samsyn_api', 'samsyn.migration', 'insert, update, delete, truncate')"),
        "f");
}

static void unreachable_database_is_explained(void **state)
{
    (void)state;
    assert_int_equal(migrate_run("host=/nonexistent", NULL, 0, &why), -1);
    assert_why("cannot connect");
    free(why);
    assert_int_equal(migrate_verify("host=/nonexistent", NULL, 0, &why), MIGRATE_UNKNOWN);
    assert_why("cannot connect");
}

/* Each thread runs the same slow file. */
static void *run_in_thread(void *result)
{
    static const char slow[] = "create table samsyn.slow (n int); select pg_sleep(0.3);";
    struct migration files[] = {FILE_OF(1, "0001_slow.sql", slow)};
    char *message;
    *(int *)result = migrate_run(cluster_conninfo, files, 1, &message);
    free(message);
    return NULL;
}

static void two_runs_at_once_apply_each_file_once(void **state)
{
    (void)state;
    pthread_t threads[2];
    int applied[2];

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_in_thread, &applied[i]), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);

    assert_int_equal(applied[0] + applied[1], 1);
    assert_int_equal(applied[0] * applied[1], 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(missing_ones_are_applied_in_order_and_once),
        TEST(changed_file_is_refused),
        TEST(database_of_a_newer_version_is_refused),
        TEST(file_added_behind_applied_ones_is_refused),
        TEST(files_out_of_order_are_refused_before_anything_is_done),
        TEST(failing_file_leaves_nothing_and_names_its_line),
        TEST(file_that_commits_or_copies_is_refused),
        TEST(commit_that_fails_is_a_failure),
        TEST(verification_tells_what_is_to_be_done),
        TEST(api_role_may_verify_and_nothing_more),
        TEST(unreachable_database_is_explained),
        TEST(two_runs_at_once_apply_each_file_once),
    };
    return cmocka_run_group_tests_name("migrations", tests, cluster_start, cluster_stop);
}
