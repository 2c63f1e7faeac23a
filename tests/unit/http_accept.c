/* Content negotiation, by table. */
#include "http/accept.h"

#include "http_fixture.h"

static const char *const produced[] = {"application/json", "text/csv; charset=utf-8", "application/x-ndjson"};

static void the_best_type_is_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *accept, *chosen;
    } cases[] = {
        {NULL, "application/json"},
        {"*/*", "application/json"},
        {"application/*", "application/json"},
        {"text/*", "text/csv; charset=utf-8"},
        {"TEXT/CSV", "text/csv; charset=utf-8"},
        {"text/csv;charset=UTF-8", "text/csv; charset=utf-8"},
        {"text/csv; charset=\"utf-8\"", "text/csv; charset=utf-8"},
        {"text/csv;charset=latin1", NULL},
        {"application/json;q=0.5, text/csv", "text/csv; charset=utf-8"},
        {"application/json;q=0.5, text/csv;q=0.4", "application/json"},
        {"application/json;q=0, */*", "text/csv; charset=utf-8"},
        {"*/*;q=0.1, application/x-ndjson;q=0.2", "application/x-ndjson"},
        {"application/*;q=0, text/csv;q=0.001", "text/csv; charset=utf-8"},
        {"*/*;q=0", NULL},
        {"text/html", NULL},
        {"text/html, application/xhtml+xml;q=0.9, */*;q=0.8", "application/json"},
        {"application/json;version=2", NULL},
        {"application/json;version=\"a,b\", text/csv", "text/csv; charset=utf-8"},
        {"application/json;q=1.001", NULL},
        {"application/json;q=2", NULL},
        {"application/json;q=abc, text/csv", "text/csv; charset=utf-8"},
        {"application/json;q=0.1234", NULL},
        {" , ,application/x-ndjson,", "application/x-ndjson"},
        {"application", NULL},
        {"", NULL},
        {"application/jso", NULL},
        {"application/jsonx", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *chosen = accept_choose(cases[i].accept, produced, 3);
        if (!chosen != !cases[i].chosen || (chosen && strcmp(chosen, cases[i].chosen) != 0))
            fail_msg("%s: %s", cases[i].accept, chosen ? chosen : "nothing");
    }
}

static void nothing_is_chosen_from_nothing(void **state)
{
    (void)state;
    assert_null(accept_choose("*/*", produced, 0));
}

static void swedish_is_spoken_to_those_who_prefer_it(void **state)
{
    (void)state;
    static const struct {
        const char *languages;
        bool swedish;
    } cases[] = {
        {NULL, false},
        {"sv", true},
        {"sv-SE", true},
        {"SV-fi", true},
        {"en", false},
        {"de", false},
        {"*", false},
        {"de, sv;q=0.1", true},
        {"sv, en", true},
        {"en, sv", false},
        {"sv;q=0.8, en;q=0.9", false},
        {"en-GB;q=0.8, sv;q=0.9", true},
        {"en;q=0.9, sv;q=0.9", false},
        {"sv;q=0", false},
        {"sv;q=0, en;q=0", false},
        {"svx", false},
        {"sv;q=x", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (accept_swedish(cases[i].languages) != cases[i].swedish)
            fail_msg("%s", cases[i].languages);
}

static void a_content_type_may_name_utf_8_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        bool fits;
    } cases[] = {
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json; charset=utf-8", true},
        {"application/json;charset=\"UTF-8\"", true},
        {"application/json ;  charset = utf-8", true},
        {"application/json;", true},
        {"application/json; charset=iso-8859-1", false},
        {"application/json; charset=utf-8; version=1", false},
        {"application/json; charset", false},
        {"application/json; ; charset=latin1", false},
        {"application/merge-patch+json", false},
        {"application/jsonp", false},
        {"application/json, text/plain", false},
        {"application/x-www-form-urlencoded", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (accept_content_type(cases[i].given, "application/json") != cases[i].fits)
            fail_msg("%s", cases[i].given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_type_is_chosen),
        cmocka_unit_test(nothing_is_chosen_from_nothing),
        cmocka_unit_test(swedish_is_spoken_to_those_who_prefer_it),
        cmocka_unit_test(a_content_type_may_name_utf_8_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
