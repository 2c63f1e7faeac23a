/* Options: whence they come, which wins, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/options.h"

enum { ARGUMENTS_MAX = 16 };

/* Arguments and environment, each ended by NULL. */
struct given {
    const char *arguments[ARGUMENTS_MAX];
    const char *environment[ARGUMENTS_MAX];
};

static struct options *read_options(enum command command, const struct given *given, char **why)
{
    int count = 0;
    while (given->arguments[count])
        count++;
    *why = NULL;
    return options_read(command, count, given->arguments, given->environment, why);
}

static struct options *accepted(enum command command, struct given given)
{
    char *why;
    struct options *options = read_options(command, &given, &why);
    if (!options)
        fail_msg("%s", why);
    return options;
}

static void assert_refused(enum command command, struct given given, const char *expected)
{
    char *why;
    assert_null(read_options(command, &given, &why));
    assert_string_equal(why, expected);
    free(why);
}

/* Writes a file and lends its path. */
static const char *file_with(char path[static 32], const char *text)
{
    strcpy(path, "/tmp/samsyn-options-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

static void what_is_not_given_has_its_default(void **state)
{
    struct options *options = accepted(COMMAND_SERVE, (struct given){0});
    (void)state;

    assert_null(options_text(options, OPTION_DATABASE));
    assert_string_equal(options_text(options, OPTION_LISTEN), "127.0.0.1:8080");
    assert_int_equal(options_number(options, OPTION_POOL_SIZE), 8);
    assert_true(options_switch(options, OPTION_PREPARE));
    assert_false(options_switch(options, OPTION_ACCEPT_TEST_IDENTITY_NUMBERS));
    options_free(options);
}

static void a_flag_wins_over_environment_and_environment_over_file(void **state)
{
    char path[32];
    (void)state;
    file_with(path, "# a comment\n\n pool-size = 3\npool-wait-ms=30 \n  drain-s\t=\t33\n");
    struct options *options = accepted(COMMAND_SERVE, (struct given){{"--pool-size", "1", "--config", path},
                                                                     {"SAMSYN_POOL_SIZE=2", "SAMSYN_POOL_WAIT_MS=20"}});

    assert_int_equal(options_number(options, OPTION_POOL_SIZE), 1);
    assert_int_equal(options_number(options, OPTION_POOL_WAIT_MS), 20);
    assert_int_equal(options_number(options, OPTION_DRAIN_S), 33);
    options_free(options);
    unlink(path);
}

static void the_file_may_be_named_in_the_environment(void **state)
{
    char path[32];
    char variable[64];
    (void)state;
    snprintf(variable, sizeof(variable), "SAMSYN_CONFIG=%s", file_with(path, "threads = 5"));
    struct options *options = accepted(COMMAND_SERVE, (struct given){{NULL}, {variable}});

    assert_int_equal(options_number(options, OPTION_THREADS), 5);
    options_free(options);
    unlink(path);
}

static void a_secret_is_read_from_a_file(void **state)
{
    char path[32];
    char variable[64];
    (void)state;
    snprintf(variable, sizeof(variable), "SAMSYN_DATABASE_FILE=%s", file_with(path, "host=db password=s3cret\n"));
    struct options *by_flag = accepted(COMMAND_SERVE, (struct given){{"--database-file", path}, {NULL}});
    struct options *by_variable = accepted(COMMAND_SERVE, (struct given){{NULL}, {variable}});

    assert_string_equal(options_text(by_flag, OPTION_DATABASE), "host=db password=s3cret");
    assert_string_equal(options_text(by_variable, OPTION_DATABASE), "host=db password=s3cret");
    options_free(by_flag);
    options_free(by_variable);
    unlink(path);
}

static void what_is_unknown_is_named(void **state)
{
    char path[32], expected[64];
    (void)state;
    assert_refused(COMMAND_SERVE, (struct given){{"--pool-sise", "8"}, {NULL}}, "unknown option --pool-sise");
    assert_refused(COMMAND_SERVE, (struct given){{"pool-size", "8"}, {NULL}}, "unknown option pool-size");
    assert_refused(COMMAND_SERVE, (struct given){{"--file", "8"}, {NULL}}, "unknown option --file");
    file_with(path, "pool-size = 8\npool-sise = 8\n");
    snprintf(expected, sizeof(expected), "%s:2: unknown option pool-sise", path);
    assert_refused(COMMAND_SERVE, (struct given){{"--config", path}, {NULL}}, expected);
    unlink(path);
    file_with(path, "pool-size\n");
    snprintf(expected, sizeof(expected), "%s:1: a line is `name = value`", path);
    assert_refused(COMMAND_SERVE, (struct given){{"--config", path}, {NULL}}, expected);
    unlink(path);
}

static void another_commands_option_is_refused_as_a_flag_only(void **state)
{
    char path[32];
    (void)state;
    file_with(path, "pool-size = 8\nowner-database = dbname=x\n");
    struct options *options = accepted(COMMAND_MIGRATE, (struct given){{"--config", path}, {"SAMSYN_THREADS=x"}});

    assert_string_equal(options_text(options, OPTION_OWNER_DATABASE), "dbname=x");
    assert_refused(COMMAND_MIGRATE, (struct given){{"--pool-size", "8"}, {NULL}},
                   "--pool-size is no option of this command");
    options_free(options);
    unlink(path);
}

static void what_is_given_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(COMMAND_SERVE, (struct given){{"--threads", "1", "--threads", "2"}, {NULL}},
                   "--threads: threads is given twice");
    assert_refused(COMMAND_SERVE, (struct given){{"--database", "x", "--database-file", "y"}, {NULL}},
                   "--database-file: database is given twice");
}

static void a_flag_needs_a_value(void **state)
{
    (void)state;
    assert_refused(COMMAND_SERVE, (struct given){{"--threads"}, {NULL}}, "--threads needs a value");
}

static void a_switch_needs_none(void **state)
{
    (void)state;
    struct options *last =
        accepted(COMMAND_RETENTION_LIST, (struct given){{"--as-of", "2032-06-16", "--json"}, {NULL}});
    struct options *between =
        accepted(COMMAND_RETENTION_LIST, (struct given){{"--json", "--as-of", "2032-06-16"}, {NULL}});
    struct options *off = accepted(COMMAND_RETENTION_LIST, (struct given){{"--json", "false"}, {NULL}});

    assert_true(options_switch(last, OPTION_JSON));
    assert_true(options_switch(between, OPTION_JSON));
    assert_string_equal(options_text(between, OPTION_AS_OF), "2032-06-16");
    assert_false(options_switch(off, OPTION_JSON));
    options_free(last);
    options_free(between);
    options_free(off);
}

static void what_is_no_flag_is_the_input_of_a_command_that_has_one(void **state)
{
    (void)state;
    struct options *options = accepted(COMMAND_LOG_VERIFY, (struct given){{"a.ndjson", "--verifier-key", "k"}, {NULL}});
    struct options *piped = accepted(COMMAND_LOG_VERIFY, (struct given){{"--verifier-key", "k", "-"}, {NULL}});

    assert_string_equal(options_text(options, OPTION_INPUT), "a.ndjson");
    assert_string_equal(options_text(options, OPTION_VERIFIER_KEY), "k");
    assert_string_equal(options_text(piped, OPTION_INPUT), "-");
    assert_refused(COMMAND_LOG_VERIFY, (struct given){{"a", "b"}, {NULL}}, "b: input is given twice");
    assert_refused(COMMAND_LOG_VERIFY, (struct given){{"-v"}, {NULL}}, "unknown option -v");
    options_free(options);
    options_free(piped);
}

static void values_keep_to_their_limits(void **state)
{
    static const char *const numbers[] = {"0", "201", "", "8x", " 8", "-1", "+8", "99999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        assert_refused(COMMAND_SERVE, (struct given){{"--pool-size", numbers[i]}, {NULL}},
                       "--pool-size: pool-size is a number from 1 to 200");
    assert_refused(COMMAND_SERVE, (struct given){{"--prepare", "yes"}, {NULL}}, "--prepare: prepare is true or false");
    assert_refused(COMMAND_SERVE, (struct given){{NULL}, {"SAMSYN_DATABASE="}},
                   "database: database has 1 to 4096 characters");
}

static void a_day_and_a_month_are_of_the_calendar(void **state)
{
    static const char *const months[] = {"2026-13", "2026-00", "2026-1", " 2026-1", "2026-011", "abc", ""};
    static const char *const days[] = {"2026-02-30", "2025-02-29",  "2026-04-31", "2026-4-30",
                                       "20260430",   "2026-04-30 ", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++)
        assert_refused(COMMAND_LOG_ARCHIVE, (struct given){{"--month", months[i]}, {NULL}},
                       "--month: month is a month, YYYY-MM");
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
        assert_refused(COMMAND_RETENTION_LIST, (struct given){{"--as-of", days[i]}, {NULL}},
                       "--as-of: as-of is a day of the calendar, YYYY-MM-DD");
    struct options *month = accepted(COMMAND_LOG_ARCHIVE, (struct given){{"--month", "2026-12"}, {NULL}});
    struct options *day = accepted(COMMAND_RETENTION_LIST, (struct given){{"--as-of", "2028-02-29"}, {NULL}});

    assert_string_equal(options_text(month, OPTION_MONTH), "2026-12");
    assert_string_equal(options_text(day, OPTION_AS_OF), "2028-02-29");
    options_free(month);
    options_free(day);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_refused(COMMAND_SERVE, (struct given){{"--config", "/nowhere/x"}, {NULL}},
                   "/nowhere/x: No such file or directory");
    assert_refused(COMMAND_SERVE, (struct given){{"--database-file", "/nowhere/x"}, {NULL}},
                   "/nowhere/x: No such file or directory");
}

static void other_variables_are_left_alone(void **state)
{
    struct options *options = accepted(
        COMMAND_SERVE, (struct given){{NULL}, {"PATH=/bin", "SAMSYN_TEST_CLUSTER=/tmp/x", "SAMSYN=bin", "SAMSYN_=1"}});
    (void)state;

    assert_int_equal(options_number(options, OPTION_POOL_SIZE), 8);
    options_free(options);
}

static void help_lists_what_the_command_takes(void **state)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    (void)state;

    options_help(COMMAND_TOKEN, file);
    fclose(file);

    assert_non_null(strstr(text, "--subject TEXT"));
    assert_non_null(strstr(text, "--lifetime NUMBER"));
    assert_non_null(strstr(text, "(default 300)"));
    assert_null(strstr(text, "--pool-size"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(a_flag_wins_over_environment_and_environment_over_file),
        cmocka_unit_test(the_file_may_be_named_in_the_environment),
        cmocka_unit_test(a_secret_is_read_from_a_file),
        cmocka_unit_test(what_is_unknown_is_named),
        cmocka_unit_test(another_commands_option_is_refused_as_a_flag_only),
        cmocka_unit_test(what_is_given_twice_is_refused),
        cmocka_unit_test(a_flag_needs_a_value),
        cmocka_unit_test(a_switch_needs_none),
        cmocka_unit_test(what_is_no_flag_is_the_input_of_a_command_that_has_one),
        cmocka_unit_test(values_keep_to_their_limits),
        cmocka_unit_test(a_day_and_a_month_are_of_the_calendar),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(other_variables_are_left_alone),
        cmocka_unit_test(help_lists_what_the_command_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
