/* traceparent, by the table of W3C Trace Context. */
#include "http/trace.h"

#include "http_fixture.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"

static void a_valid_trace_is_continued_with_a_parent_of_our_own(void **state)
{
    (void)state;
    struct trace trace;
    trace_read(&trace, "00-" TRACE "-" PARENT "-01");
    assert_string_equal(trace.id, TRACE);
    assert_int_equal(strncmp(trace.parent, "00-" TRACE "-", 36), 0);
    assert_int_not_equal(strncmp(trace.parent + 36, PARENT, 16), 0);
    assert_string_equal(trace.parent + 52, "-01");
}

static void the_sampled_flag_is_kept_and_no_other(void **state)
{
    (void)state;
    struct trace trace;
    trace_read(&trace, "00-" TRACE "-" PARENT "-00");
    assert_string_equal(trace.parent + 52, "-00");
    trace_read(&trace, "00-" TRACE "-" PARENT "-ff");
    assert_string_equal(trace.parent + 52, "-01");
}

static void a_later_version_is_read_as_far_as_it_is_known(void **state)
{
    (void)state;
    struct trace trace;
    trace_read(&trace, "cc-" TRACE "-" PARENT "-01-what-comes-later");
    assert_string_equal(trace.id, TRACE);
}

static void an_invalid_trace_is_replaced(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        NULL,
        "",
        "00",
        "00-" TRACE "-" PARENT,
        "00-" TRACE "-" PARENT "-0",
        "00-" TRACE "-" PARENT "-01-extra",
        "ff-" TRACE "-" PARENT "-01",
        "cc-" TRACE "-" PARENT "-01x",
        "0x-" TRACE "-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01",
        "00_" TRACE "-" PARENT "-01",
        "00-" TRACE "-" PARENT "-01, 00-" TRACE "-" PARENT "-01",
    };
    char before[TRACE_ID_SIZE] = "";
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct trace trace;
        trace_read(&trace, wrong[i]);
        assert_int_equal(strspn(trace.id, "0123456789abcdef"), 32);
        assert_int_not_equal(strspn(trace.id, "0"), 32);
        assert_string_not_equal(trace.id, TRACE);
        assert_string_not_equal(trace.id, before);
        assert_int_equal(strlen(trace.parent), 55);
        strcpy(before, trace.id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_trace_is_continued_with_a_parent_of_our_own),
        cmocka_unit_test(the_sampled_flag_is_kept_and_no_other),
        cmocka_unit_test(a_later_version_is_read_as_far_as_it_is_known),
        cmocka_unit_test(an_invalid_trace_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
