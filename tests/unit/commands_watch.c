/* The server waits for its database, and never runs on a schema that is not its own. */
#include "commands/watch.h"
#include "unit/operation_fixture.h"

static const char first_sql[] = "create schema if not exists samsyn; create table samsyn.calls (what text);"
                                "create function samsyn.extend_access_events() returns void language sql as "
                                "$$insert into samsyn.calls values ('extend')$$;"
                                "create function samsyn.forget_replies() returns void language sql as "
                                "$$insert into samsyn.calls values ('forget')$$;"
                                "create function samsyn.count_access() returns void language sql as "
                                "$$insert into samsyn.calls values ('count')$$";
static const char second_sql[] = "create table samsyn.more ()";

static const struct migration migrations[] = {
    {.number = 1, .name = "0001_first.sql", .sql = first_sql, .length = sizeof(first_sql) - 1},
    {.number = 2, .name = "0002_second.sql", .sql = second_sql, .length = sizeof(second_sql) - 1},
};

static struct watch_options settings;

static int begin_group(void **state)
{
    char *why = NULL;
    if (cluster_start(state) != 0)
        return -1;
    log_set_level(LOG_ERROR + 1);
    tiny.pem = tiny_key();
    tiny.contract = contract_load(tiny_yaml, sizeof(tiny_yaml) - 1, &why);
    tiny.catalogue = tiny_catalogue(tiny.contract);
    tiny.auth = tiny_auth(tiny.pem);
    tiny.db = db_create(&(struct db_options){.conninfo = cluster_conninfo,
                                             .pool_size = 2,
                                             .wait_ms = PATIENCE_MS,
                                             .statement_timeout_ms = PATIENCE_MS,
                                             .lock_timeout_ms = PATIENCE_MS,
                                             .prepare = true});
    tiny.executor =
        executor_create(tiny.contract, tiny_yaml, sizeof(tiny_yaml) - 1, tiny.catalogue, tiny.auth, tiny.db);
    settings = (struct watch_options){cluster_conninfo, migrations, 2, tiny.db, tiny.auth, tiny.executor};
    return 0;
}

static int finish_group(void **state)
{
    executor_destroy(tiny.executor);
    db_destroy(tiny.db);
    auth_destroy(tiny.auth);
    catalogue_destroy(tiny.catalogue);
    contract_destroy(tiny.contract);
    free(tiny.pem);
    return cluster_stop(state);
}

/* A database with the first `count` migrations. */
static void migrate(size_t count)
{
    char *why = NULL;
    cluster_sql("set client_min_messages = error; drop schema if exists samsyn cascade");
    if (count > 0)
        assert_int_equal(migrate_run(cluster_conninfo, migrations, count, &why), (int)count);
}

static bool says(struct watch *watch, const char *expected)
{
    const char *why = watch_ready(watch);
    return why && strcmp(why, expected) == 0;
}

static void the_right_schema_is_ready_at_once(void **state)
{
    char *why = NULL;
    (void)state;
    migrate(2);

    struct watch *watch = watch_start(&settings, &why);

    assert_non_null(watch);
    assert_null(watch_ready(watch));
    assert_string_equal(cluster_sql("select string_agg(what, ' ' order by what) from samsyn.calls"),
                        "count extend forget");
    watch_drain(watch);
    assert_string_equal(watch_ready(watch), "the server is going down");
    watch_stop(watch);
}

static void a_duty_that_fails_keeps_no_other_from_being_done(void **state)
{
    char *why = NULL;
    (void)state;
    migrate(2);
    cluster_sql("create or replace function samsyn.extend_access_events() returns void language plpgsql as "
                "$$begin raise 'no partition'; end$$");

    struct watch *watch = watch_start(&settings, &why);

    assert_non_null(watch);
    assert_null(watch_ready(watch));
    assert_string_equal(cluster_sql("select string_agg(what, ' ' order by what) from samsyn.calls"), "count forget");
    watch_stop(watch);
}

static void another_schema_stops_the_start(void **state)
{
    (void)state;
    for (size_t count = 0; count < 2; count++) {
        char *why = NULL;
        migrate(count);

        assert_null(watch_start(&settings, &why));

        assert_non_null(why);
        free(why);
    }
}

static void a_database_that_is_away_is_waited_for(void **state)
{
    char *why = NULL;
    (void)state;
    migrate(2);
    assert_int_equal(cluster_control("stop"), 0);

    struct watch *watch = watch_start(&settings, &why);
    assert_non_null(watch);
    assert_string_equal(watch_ready(watch), "the database cannot be reached");
    assert_int_equal(cluster_control("start"), 0);

    WAIT_UNTIL(!watch_ready(watch));
    watch_stop(watch);
}

static void a_database_that_goes_before_its_schema_was_read_is_waited_for(void **state)
{
    char *why = NULL;
    struct watch_options gone = settings;
    (void)state;
    migrate(2);
    gone.conninfo = "host=/nonexistent"; /* the pool still reaches it */

    struct watch *watch = watch_start(&gone, &why);

    assert_non_null(watch);
    assert_string_equal(watch_ready(watch), "the database cannot be reached");
    watch_stop(watch);
}

static void a_database_that_comes_back_changed_is_not_used(void **state)
{
    char *why = NULL;
    (void)state;
    migrate(2);
    struct watch *watch = watch_start(&settings, &why);
    assert_non_null(watch);
    cluster_sql("update samsyn.migration set checksum = 'another' where number = 2");
    assert_int_equal(cluster_control("stop"), 0);
    WAIT_UNTIL(says(watch, "the database cannot be reached"));
    assert_int_equal(cluster_control("start"), 0);

    WAIT_UNTIL(says(watch, "the database has another schema"));

    watch_stop(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_schema_is_ready_at_once),
        cmocka_unit_test(a_duty_that_fails_keeps_no_other_from_being_done),
        cmocka_unit_test(another_schema_stops_the_start),
        cmocka_unit_test(a_database_that_is_away_is_waited_for),
        cmocka_unit_test(a_database_that_goes_before_its_schema_was_read_is_waited_for),
        cmocka_unit_test(a_database_that_comes_back_changed_is_not_used),
    };
    return cmocka_run_group_tests(tests, begin_group, finish_group);
}
