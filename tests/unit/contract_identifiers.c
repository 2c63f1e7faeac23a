/* The Swedish identifiers, by the reference day 2026-06-01. */
#include "contract_sample.h"

#include "contract/identifier.h"

static const struct day today = {2026, 6, 1};

static bool personal(const char *text)
{
    return identifier_personal(text, today, true);
}

static bool coordination(const char *text)
{
    return identifier_coordination(text, today, true);
}

/* The stored form, or "" of what is no such number; lent until the next call. */
static const char *stored(const char *text)
{
    static char twelve[IDENTIFIER_PERSON_SIZE];
    return identifier_person(text, today, true, twelve) ? twelve : "";
}

struct example {
    const char *name;
    bool (*check)(const char *text);
    const char *text;
};

static void valid_examples_pass(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"V1 twelve digits with hyphen", personal, "20120316-9808"},
        {"V2 ten digits", personal, "120316-9816"},
        {"V3 leap day", personal, "201602299826"},
        {"V4 plus sign, 1899", personal, "991231+9903"},
        {"V5 day 78", coordination, "20090578-9814"},
        {"V6 day 76", coordination, "201203769821"},
        {"V7 a region", identifier_organisation, "232100-0016"},
        {"V8 prefix 16", identifier_organisation, "162120000142"},
        {"ten digits", identifier_organisation, "2120000142"},
        {"V9", identifier_hsa, "SE2321000016-TEST01"},
        {"as long as can be", identifier_hsa, "SE2321000016-ABCDEFGHIJKLMNOPQR"},
        {"V10 Lekeberg", identifier_municipality, "1814"},
        {"the first of the register", identifier_municipality, "0114"},
        {"V11 Örebro county", identifier_county, "18"},
        {"V12 right shape", identifier_school_unit, "99999999"},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
        if (!examples[i].check(examples[i].text))
            fail_msg("%s was rejected", examples[i].name);
}

static void invalid_examples_fail(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"I1 check digit", personal, "20120316-9809"},
        {"I2 no 29 February 2015", personal, "20150229-9827"},
        {"I3 birth number 000", personal, "20120316-0005"},
        {"I4 in the future", personal, "20300101-9805"},
        {"I5 day 60", coordination, "20120360-9829"},
        {"I6 day 92", coordination, "20120392-9821"},
        {"I7 check digit", identifier_organisation, "212000-0143"},
        {"I8 third digit below 2", identifier_organisation, "211099-9915"},
        {"I9 characters", identifier_hsa, "SE2321000016-ÅÄÖ1"},
        {"I10 not in the list", identifier_municipality, "1899"},
        {"I11 not in the list", identifier_county, "02"},
        {"I12 seven digits", identifier_school_unit, "1234567"},
        {"ten digits without separator", personal, "1203169808"},
        {"plus sign in twelve digits", personal, "20120316+9808"},
        {"inner space", personal, "20120316 9808"},
        {"trailing space", personal, "20120316-9808 "},
        {"newline", personal, "20120316-9808\n"},
        {"empty", personal, ""},
        {"digits beyond ASCII", personal, "２0120316-9808"},
        {"month 00", personal, "20120016-9801"},
        {"a coordination number is no personal number", personal, "20090578-9814"},
        {"a personal number is no coordination number", coordination, "20120316-9808"},
        {"before 1800", personal, "17991231-9903"},
        {"prefix other than 16", identifier_organisation, "192120000142"},
        {"hyphen in the wrong place", identifier_organisation, "23210-00016"},
        {"nothing after the hyphen", identifier_hsa, "SE2321000016-"},
        {"too long", identifier_hsa, "SE2321000016-ABCDEFGHIJKLMNOPQRS"},
        {"organisation part", identifier_hsa, "SE2321000017-TEST01"},
        {"lower case country", identifier_hsa, "se2321000016-TEST01"},
        {"a comma", identifier_municipality, "114,"},
        {"two codes", identifier_municipality, "01140115"},
        {"a municipality is no county", identifier_county, "1814"},
        {"nine digits", identifier_school_unit, "123456789"},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
        if (examples[i].check(examples[i].text))
            fail_msg("%s was accepted", examples[i].name);
}

static void test_birth_numbers_need_the_switch(void **state)
{
    (void)state;
    assert_false(identifier_personal("20120316-9808", today, false));
    assert_false(identifier_coordination("20090578-9814", today, false));
}

static void a_birth_number_below_980_needs_no_switch(void **state)
{
    (void)state;
    /* 120316-979 with its check digit, one of 0..9 */
    size_t accepted = 0;
    for (char digit = '0'; digit <= '9'; digit++) {
        char text[] = "20120316-979?";
        text[12] = digit;
        accepted += identifier_personal(text, today, false);
    }
    assert_int_equal(accepted, 1);
}

static void the_century_follows_the_reference_day(void **state)
{
    (void)state;
    /* 2027-06-01: the year "26" is 2026; on 2026-06-01 the day 2026-12-31 lies ahead, so "-" names nobody. */
    const struct day later = {2027, 6, 1};
    char text[] = "261231-980?";
    size_t now = 0;
    size_t then = 0;
    for (char digit = '0'; digit <= '9'; digit++) {
        text[10] = digit;
        now += identifier_personal(text, today, true);
        then += identifier_personal(text, later, true);
    }
    assert_int_equal(now, 0);
    assert_int_equal(then, 1);
}

static void the_day_in_sweden_follows_summer_time(void **state)
{
    (void)state;
    static const struct {
        int64_t epoch;
        struct day day;
    } cases[] = {
        {1767221999, {2025, 12, 31}},                               /* 22:59:59 UTC in winter */
        {1767222000, {2026, 1, 1}},                                 /* 23:00:00 UTC in winter */
        {1782856799, {2026, 6, 30}},                                /* 21:59:59 UTC in summer */
        {1782856800, {2026, 7, 1}},                                 /* 22:00:00 UTC in summer */
        {1774738800, {2026, 3, 29}},                                /* 2026-03-28 23:00 UTC, the night of the switch */
        {1774821600, {2026, 3, 30}},                                /* 2026-03-29 22:00 UTC, summer since 01:00 */
        {1774821599, {2026, 3, 29}},  {1792879200, {2026, 10, 25}}, /* 2026-10-24 22:00 UTC, still summer */
        {1792969199, {2026, 10, 25}},                               /* 2026-10-25 22:59:59 UTC, winter since 01:00 */
        {1792969200, {2026, 10, 26}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (day_compare(day_in_sweden(cases[i].epoch), cases[i].day) != 0)
            fail_msg("%lld is another day", (long long)cases[i].epoch);
}

static void a_person_has_one_stored_form(void **state)
{
    (void)state;
    assert_string_equal(stored("20120316-9808"), "201203169808");
    assert_string_equal(stored("201203169808"), "201203169808");
    assert_string_equal(stored("120316-9816"), "201203169816");
    assert_string_equal(stored("991231+9903"), "189912319903");
    assert_string_equal(stored("20090578-9814"), "200905789814");
    assert_string_equal(stored("20120316-9809"), "");
    assert_string_equal(stored("2120000142"), "");
    assert_string_equal(stored(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_examples_pass),
        cmocka_unit_test(invalid_examples_fail),
        cmocka_unit_test(test_birth_numbers_need_the_switch),
        cmocka_unit_test(a_birth_number_below_980_needs_no_switch),
        cmocka_unit_test(the_century_follows_the_reference_day),
        cmocka_unit_test(a_person_has_one_stored_form),
        cmocka_unit_test(the_day_in_sweden_follows_summer_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
