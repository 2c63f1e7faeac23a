/* The register of organisations is imported whole or not at all, and once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/commands_fixture.h"

#define COUNTIES "county_code,county_name,county_name_short\n"
#define MUNICIPALITIES "municipality_code,municipality_name,municipality_name_short,county_code\n"

static int begin(void **state)
{
    (void)state;
    cluster_sql("delete from samsyn.organisations");
    return 0;
}

/* Runs the command and lends what it said on standard error. */
static const char *import(const char *counties, const char *municipalities, int *status)
{
    const char *arguments[] = {"--owner-database", owner, "--counties", counties, "--municipalities", municipalities};
    struct options *options = options_of(COMMAND_IMPORT_ORGANISATIONS, 6, arguments);
    const char *said = run_command(command_import_organisations, options, stderr, status);
    options_free(options);
    return said;
}

/* Imports the two texts, which must be refused with `expected` (without the paths) as the lines said. */
static void assert_refused(const char *counties, const char *municipalities, const char *const *expected, size_t count)
{
    char first[32], second[32];
    int status;
    const char *said = import(write_file(first, counties), write_file(second, municipalities), &status);
    assert_int_equal(status, 1);
    for (size_t i = 0; i < count; i++)
        if (!strstr(said, expected[i]))
            fail_msg("\"%s\" is not in: %s", expected[i], said);
    assert_string_equal(cluster_sql("select count(*) from samsyn.organisations"), "0");
    unlink(first);
    unlink(second);
}

static void the_real_register_is_imported_and_a_second_run_changes_nothing(void **state)
{
    static const char fingerprint[] = "select md5(string_agg(o::text, ',' order by o.id)) from samsyn.organisations o";
    char before[64];
    int status;
    (void)state;

    assert_string_equal(import("sql/registers/counties.csv", "sql/registers/municipalities.csv", &status), "");
    assert_int_equal(status, 0);
    assert_string_equal(cluster_sql("select string_agg(n, ' ' order by n) from (select kind || ':' || count(*) as n "
                                    "from samsyn.organisations group by kind) x"),
                        "municipality:290 region:21");
    assert_string_equal(
        cluster_sql("select name from samsyn.organisations where kind = 'region' and county_code = '14'"),
        "Västra Götalandsregionen");
    snprintf(before, sizeof(before), "%.40s", cluster_sql(fingerprint));

    import("sql/registers/counties.csv", "sql/registers/municipalities.csv", &status);

    assert_int_equal(status, 0);
    assert_string_equal(cluster_sql(fingerprint), before);
}

static void a_changed_name_is_changed_and_nothing_else(void **state)
{
    char first[32], second[32], third[32];
    int status;
    (void)state;
    write_file(first, COUNTIES "01,Stockholms län,Stockholm\n");
    write_file(second,
               MUNICIPALITIES "0114,Upplands Väsby kommun,Upplands Väsby,01\n0115,Vallentuna kommun,Vallentuna,01\n");
    write_file(third,
               MUNICIPALITIES "0114,Upplands-Väsby kommun,Upplands-Väsby,01\n0115,Vallentuna kommun,Vallentuna,01\n");
    import(first, second, &status);

    assert_string_equal(import(first, third, &status), "");

    assert_string_equal(cluster_sql("select string_agg(name || ' ' || revision, ', ' order by municipality_code) "
                                    "from samsyn.organisations where kind = 'municipality'"),
                        "Upplands-Väsby kommun 2, Vallentuna kommun 1");
    unlink(first);
    unlink(second);
    unlink(third);
}

static void each_bad_line_is_named_and_nothing_is_changed(void **state)
{
    static const char *const expected[] = {
        ":2: a code has another length or is no number",
        ":4: the number of fields differs from the header's",
        ":5: a name is empty or too long",
        ":6: a name is not valid UTF-8",
        ":7: a quote stands where none may",
        ":8: the municipality code occurs on an earlier line",
        ":9: the county code is not in the register of counties",
        ":10: the municipality code does not begin with the county code",
        "8 lines are at fault; nothing was changed",
    };
    (void)state;
    assert_refused(COUNTIES "01,Stockholms län,Stockholm\n",
                   MUNICIPALITIES "114,Short kommun,Short,01\n0114,Good kommun,Good,01\n0115,Few\n0116,,Empty,01\n"
                                  "0117,Bad \xff,Bad,01\n0118,Quo\"te,Quote,01\n0114,Twice kommun,Twice,01\n"
                                  "0301,Elsewhere kommun,Elsewhere,03\n0303,Wrong kommun,Wrong,01\n",
                   expected, sizeof(expected) / sizeof(*expected));
}

static void a_file_of_another_kind_is_refused(void **state)
{
    static const char *const expected[] = {":1: the header is not that of this register", "1 lines are at fault"};
    (void)state;
    assert_refused(COUNTIES "01,Stockholms län,Stockholm\n", COUNTIES "01,Stockholms län,Stockholm\n", expected, 2);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    int status;
    (void)state;

    assert_string_equal(import("/nowhere/x", "sql/registers/municipalities.csv", &status),
                        "samsyn: /nowhere/x: No such file or directory\n");
    assert_int_equal(status, 1);
}

static void every_statement_of_the_server_can_be_prepared(void **state)
{
    char api[192];
    (void)state;
    snprintf(api, sizeof(api), "host=%s user=samsyn_api dbname=postgres", cluster_directory);
    struct options *options = options_of(COMMAND_CHECK, 2, (const char *[]){"--database", api});

    assert_int_equal(command_check(options), 0);

    options_free(options);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_real_register_is_imported_and_a_second_run_changes_nothing),
        TEST(a_changed_name_is_changed_and_nothing_else),
        TEST(each_bad_line_is_named_and_nothing_is_changed),
        TEST(a_file_of_another_kind_is_refused),
        TEST(a_file_that_is_not_there_is_named),
        TEST(every_statement_of_the_server_can_be_prepared),
    };
    return cmocka_run_group_tests(tests, begin_group, cluster_stop);
}
