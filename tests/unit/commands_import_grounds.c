/* A release of the law is imported whole or not at all, and each fault is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/commands_fixture.h"

#define RULE(code, days)                                                                                               \
    "{\"code\": \"" code "\", \"validFrom\": \"2026-01-01\", \"provision\": \"1:1\", \"triggerEvent\": \"a \\\\ b\", " \
    "\"duration\": \"" days "\", \"extension\": \"none\", \"responsible\": \"SCHOOL\"}"

static const char fingerprint[] = "select md5(string_agg(to_jsonb(d)::text, ',' order by d.id)) || count(*)"
                                  " from samsyn.deadline_rules d";

/* Imports the text and lends what was said on `stream`, with the file's path cut out. */
static const char *import(const char *text, FILE *stream, int *status)
{
    static char said[8192];
    char path[32];
    const char *arguments[] = {"--owner-database", owner, "--grounds", write_file(path, text)};
    struct options *options = options_of(COMMAND_IMPORT_GROUNDS, 4, arguments);
    const char *rest = run_command(command_import_grounds, options, stream, status);
    said[0] = '\0';
    for (const char *at = strstr(rest, path); at; at = strstr(rest, path)) {
        strncat(said, rest, (size_t)(at - rest));
        rest = at + strlen(path);
    }
    strcat(said, rest);
    options_free(options);
    unlink(path);
    return said;
}

static void assert_refused(const char *text, const char *expected)
{
    char before[64];
    int status;
    snprintf(before, sizeof(before), "%.60s", cluster_sql(fingerprint));

    assert_string_equal(import(text, stderr, &status), expected);

    assert_int_equal(status, 1);
    assert_string_equal(cluster_sql(fingerprint), before);
}

static void what_is_new_is_added_and_a_second_run_changes_nothing(void **state)
{
    static const char release[] = "{\"deadlineRules\": [" RULE("FIRST", "P14D") ", " RULE("SECOND", "P1M") "]}";
    char after[64];
    int status;
    (void)state;

    assert_non_null(strstr(import(release, stdout, &status), "deadlineRules: 2 added, 0 changed\n"));
    assert_int_equal(status, 0);
    assert_string_equal(cluster_sql("select trigger_event from samsyn.deadline_rules where code = 'FIRST'"), "a \\ b");
    snprintf(after, sizeof(after), "%.60s", cluster_sql(fingerprint));

    assert_non_null(strstr(import(release, stdout, &status), "deadlineRules: 0 added, 0 changed\n"));
    assert_int_equal(status, 0);
    assert_string_equal(cluster_sql(fingerprint), after);
}

static void what_differs_is_changed(void **state)
{
    int status;
    (void)state;
    import("{\"deadlineRules\": [" RULE("THIRD", "P14D") "]}", stdout, &status);

    const char *said = import("{\"deadlineRules\": [" RULE("THIRD", "P3W") "]}", stdout, &status);

    assert_non_null(strstr(said, "deadlineRules: 0 added, 1 changed\n"));
    assert_string_equal(cluster_sql("select duration from samsyn.deadline_rules where code = 'THIRD'"), "P3W");
}

static void each_fault_is_named_and_nothing_is_changed(void **state)
{
    (void)state;
    assert_refused(
        "{\"deadlineRules\": [" RULE("GOOD", "P14D") ", " RULE("BAD", "soon") "], \"laws\": []}",
        ": /deadlineRules/1/duration: a string is expected like immediately|P[0-9]{1,3}[DWMY]|PT[0-9]{1,3}H\n"
        ": /laws: there is no such list\n"
        "samsyn: 2 places are at fault; nothing was changed\n");
    assert_refused("{\"deadlineRules\": [" RULE("GOOD", "P14D") ", " RULE("PRELIMINARY_ASSESSMENT", "P7D") "]}",
                   ": /deadlineRules/1: PRELIMINARY_ASSESSMENT from 2026-01-01 to further notice overlaps its wording"
                   " from 2025-07-01 to further notice\n"
                   "samsyn: 1 places are at fault; nothing was changed\n");
}

static void a_fault_of_syntax_is_named_by_its_line(void **state)
{
    (void)state;
    assert_refused("{\n  \"deadlineRules\": [}\n}",
                   ":2: unexpected token near '}'\nsamsyn: 1 places are at fault; nothing was changed\n");
    assert_refused("{\"deadlineRules\": [],\n \"deadlineRules\": []}",
                   ":2: duplicate object key near '\"deadlineRules\"'\n"
                   "samsyn: 1 places are at fault; nothing was changed\n");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    const char *arguments[] = {"--owner-database", owner, "--grounds", "/nowhere/x"};
    struct options *options = options_of(COMMAND_IMPORT_GROUNDS, 4, arguments);
    int status;
    (void)state;

    assert_string_equal(run_command(command_import_grounds, options, stderr, &status),
                        "samsyn: /nowhere/x: No such file or directory\n");
    assert_int_equal(status, 1);

    options_free(options);
}

static void without_a_database_there_is_nothing_to_import_into(void **state)
{
    const char *arguments[] = {"--owner-database", "host=/nowhere", "--grounds", "/nowhere/x"};
    struct options *options = options_of(COMMAND_IMPORT_GROUNDS, 4, arguments);
    int status;
    (void)state;

    const char *said = run_command(command_import_grounds, options, stderr, &status);

    assert_non_null(strstr(said, "No such file or directory"));
    assert_int_equal(status, 1);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_new_is_added_and_a_second_run_changes_nothing),
        cmocka_unit_test(what_differs_is_changed),
        cmocka_unit_test(each_fault_is_named_and_nothing_is_changed),
        cmocka_unit_test(a_fault_of_syntax_is_named_by_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(without_a_database_there_is_nothing_to_import_into),
    };
    return cmocka_run_group_tests(tests, begin_group, cluster_stop);
}
