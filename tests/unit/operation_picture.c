/* The picture of statistics: what is drawn of which numbers, at the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "operation/picture.h"

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_create();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static const char *draw(const char *json, bool swedish)
{
    json_t *statistics = json_loads(json, 0, NULL);
    assert_non_null(statistics);
    struct buffer picture = picture_of_accesses(arena, statistics, swedish);
    json_decref(statistics);
    assert_int_equal(strlen(picture.bytes), picture.length);
    return picture.bytes;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* A body for one day with so many readings. */
static const char *of_one_day(const char *events)
{
    return arena_printf(arena,
                        "{\"from\":\"2026-03-01\",\"until\":\"2026-03-01\",\"organisationName\":\"A\","
                        "\"days\":[{\"day\":\"2026-03-01\",\"activity\":\"read\",\"outcome\":\"allowed\","
                        "\"events\":%s}]}",
                        events);
}

static void the_axis_has_few_and_round_numbers(void **state)
{
    static const struct {
        const char *events, *top, *step;
    } table[] = {{"1", ">1<", ">0<"},      {"5", ">5<", ">1<"},        {"6", ">6<", ">2<"},
                 {"10", ">10<", ">2<"},    {"11", ">15<", ">5<"},      {"25", ">25<", ">5<"},
                 {"26", ">30<", ">10<"},   {"50", ">50<", ">10<"},     {"51", ">60<", ">20<"},
                 {"101", ">150<", ">50<"}, {"999", ">1000<", ">200<"}, {"123456789", ">150000000<", ">50000000<"}};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const char *svg = draw(of_one_day(table[i].events), false);
        assert_non_null(strstr(svg, table[i].top));
        assert_non_null(strstr(svg, table[i].step));
        assert_true(count(svg, "text-anchor=\"end\"") <= 6);
    }
}

static void of_nothing_it_says_so(void **state)
{
    (void)state;
    const char *svg = draw("{\"from\":\"2026-03-01\",\"until\":\"2026-03-31\",\"days\":[]}", true);
    assert_int_equal(count(svg, "Det fanns inga åtkomster."), 2);
    assert_int_equal(count(svg, "<title>"), 0);
}

/* What does not lie in the period, or is no day, is not drawn, and a period that is none is one day. */
static void days_outside_the_period_are_not_drawn(void **state)
{
    (void)state;
    const char *svg = draw("{\"from\":\"2026-03-02\",\"until\":\"2026-03-03\",\"days\":["
                           "{\"day\":\"2026-03-01\",\"activity\":\"read\",\"outcome\":\"allowed\",\"events\":5},"
                           "{\"day\":\"2026-03-04\",\"activity\":\"read\",\"outcome\":\"allowed\",\"events\":5},"
                           "{\"day\":\"soon\",\"activity\":\"read\",\"outcome\":\"allowed\",\"events\":5},{},"
                           "{\"day\":\"2026-03-03\",\"activity\":\"dance\",\"outcome\":\"allowed\",\"events\":7}]}",
                           false);
    assert_int_equal(count(svg, "<title>"), 1);
    assert_non_null(strstr(svg, "2026-03-03: other 7"));
    assert_non_null(strstr(draw("{\"from\":\"2026-03-02\",\"until\":\"2026-03-01\",\"days\":[]}", false), "</svg>"));
    assert_non_null(strstr(draw("{\"from\":\"1900-01-01\",\"until\":\"2100-01-01\",\"days\":[]}", false), "</svg>"));
    assert_non_null(strstr(draw("{}", false), "</svg>"));
}

static void a_day_is_a_day_when_the_clock_is_changed(void **state)
{
    (void)state;
    const char *svg = draw("{\"from\":\"2026-03-28\",\"until\":\"2026-03-30\",\"days\":["
                           "{\"day\":\"2026-03-28\",\"activity\":\"read\",\"outcome\":\"allowed\",\"events\":1},"
                           "{\"day\":\"2026-03-29\",\"activity\":\"read\",\"outcome\":\"denied\",\"events\":2},"
                           "{\"day\":\"2026-03-30\",\"activity\":\"write\",\"outcome\":\"allowed\",\"events\":3}]}",
                           false);
    for (int day = 28; day <= 30; day++)
        assert_int_equal(count(svg, arena_printf(arena, ">2026-03-%d: ", day)), 1);
    assert_non_null(strstr(svg, "2026-03-29: refused 2"));
}

static void names_stay_text(void **state)
{
    (void)state;
    const char *svg = draw("{\"from\":\"2026-03-01\",\"until\":\"2026-03-01\",\"days\":[],"
                           "\"unitName\":\"<script>&\\\"\\u0001\\uffff</title>\"}",
                           false);
    assert_null(strstr(svg, "<script"));
    assert_non_null(strstr(svg, "&lt;script&gt;&amp;&quot;\xef\xbf\xbd\xef\xbf\xbd&lt;/title&gt;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_axis_has_few_and_round_numbers, begin, end),
        cmocka_unit_test_setup_teardown(of_nothing_it_says_so, begin, end),
        cmocka_unit_test_setup_teardown(days_outside_the_period_are_not_drawn, begin, end),
        cmocka_unit_test_setup_teardown(a_day_is_a_day_when_the_clock_is_changed, begin, end),
        cmocka_unit_test_setup_teardown(names_stay_text, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
