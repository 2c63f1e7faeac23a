/* HTML that nobody's name can turn into something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "operation/html.h"

#define MARK "\xef\xbf\xbd"

static int begin(void **state)
{
    *state = arena_create();
    return 0;
}

static int finish(void **state)
{
    arena_destroy(*state);
    return 0;
}

static const char *text_of(struct arena *arena, const char *text)
{
    struct buffer html = buffer_begin(arena, 0);
    html_text(&html, text);
    return html.bytes;
}

static void what_would_be_markup_is_text(void **state)
{
    assert_string_equal(text_of(*state, "<script>alert(\"1\")</script> & 'x'"),
                        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'x'");
    assert_string_equal(text_of(*state, "&lt;"), "&amp;lt;");
    assert_string_equal(text_of(*state, ""), "");
}

static void letters_of_every_length_stay_as_they_are(void **state)
{
    static const char letters[] = "Åsa \xc2\xa0 \xd8\x9b \xe2\x80\xa6 \xe2\x80\x90 \xe2\x81\xaa \xe2\x82\xac "
                                  "\xf0\x9f\x91\xa7\ta\r\nb";
    assert_string_equal(text_of(*state, letters), letters);
}

static void what_nobody_sees_is_shown(void **state)
{
    static const char *const unseen[] = {"\x01",         "\x1b",         "\x7f",         "\xc2\x80",
                                         "\xc2\x9f",     "\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f",
                                         "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};
    char given[8];
    for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
        given[0] = 'a';
        strcpy(given + 1, unseen[i]);
        strcat(given, "b");
        assert_string_equal(text_of(*state, given), "a" MARK "b");
    }
}

static void a_text_may_end_in_the_middle_of_a_character(void **state)
{
    struct buffer html = buffer_begin(*state, 0);
    html_part(&html, "a\xe2\x80\xae", 3);
    html_part(&html, "b\xd8\x9c", 2);
    html_part(&html, "\xc2\x80", 1);
    assert_string_equal(html.bytes, "a\xe2\x80"
                                    "b\xd8\xc2");
}

static void a_page_names_its_language_and_its_title(void **state)
{
    struct buffer html = buffer_begin(*state, 0);
    html_open(&html, "s\"v", "<Utdrag>", "b{}");
    assert_non_null(strstr(html.bytes, "<html lang=\"s&quot;v\">"));
    assert_non_null(strstr(html.bytes, "<title>&lt;Utdrag&gt;</title>\n<style>b{}</style>"));
}

static void the_policy_names_the_style_by_its_hash(void **state)
{
    assert_string_equal(
        html_policy(*state, "b{}"),
        "default-src 'none'; style-src 'sha256-7yqHVAesot11p6HczDsgKRipvI5UPgs97z80zNXlans='; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_would_be_markup_is_text, begin, finish),
        cmocka_unit_test_setup_teardown(letters_of_every_length_stay_as_they_are, begin, finish),
        cmocka_unit_test_setup_teardown(what_nobody_sees_is_shown, begin, finish),
        cmocka_unit_test_setup_teardown(a_text_may_end_in_the_middle_of_a_character, begin, finish),
        cmocka_unit_test_setup_teardown(a_page_names_its_language_and_its_title, begin, finish),
        cmocka_unit_test_setup_teardown(the_policy_names_the_style_by_its_hash, begin, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
