/* Base64 as proofs and notes have it: one text for each sequence of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log/base64.h"

static void bytes_are_read_as_they_were_written(void **state)
{
    unsigned char bytes[64], back[BASE64_DECODED_SIZE(BASE64_ENCODED_SIZE(sizeof(bytes)))];
    char text[BASE64_ENCODED_SIZE(sizeof(bytes))];
    (void)state;
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        for (size_t i = 0; i < length; i++)
            bytes[i] = (unsigned char)(i * 37 + length * 101);

        size_t written = base64_encode(bytes, length, text), size = 1;

        assert_int_equal(written, strlen(text));
        assert_true(base64_decode(text, written, back, &size));
        assert_int_equal(size, length);
        assert_memory_equal(back, bytes, length);
    }
}

/* RFC 4648 10. */
static void the_texts_are_those_of_the_standard(void **state)
{
    static const char *const table[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff", "+/8="}};
    char text[BASE64_ENCODED_SIZE(6)];
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        base64_encode((const unsigned char *)table[i][0], strlen(table[i][0]), text);
        assert_string_equal(text, table[i][1]);
    }
}

static void any_other_text_is_refused(void **state)
{
    static const char *const wrong[] = {
        "A",        "AA",       "AAA",      "A===",         "====", "=AAA", "A=AA",  "AA=A",  "AAA=AAAA",   "AA==AAAA",
        "AAAA=AAA", "AAAA====", "AB==",     "AP==",         "AAB=", "AAD=", "AAA\n", "\nAAA", " AAA",       "AAA ",
        "AAAA\n",   "AAAA    ", "    AAAA", "AAAA\n\n\n\n", "AA-A", "AA_A", "AAA-",  "----",  "AA\x80\x41", "!!!!",
    };
    unsigned char bytes[16];
    size_t size;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (base64_decode(wrong[i], strlen(wrong[i]), bytes, &size))
            fail_msg("%s is taken for base64", wrong[i]);
    assert_false(base64_decode("AA\0A", 4, bytes, &size));
    assert_false(base64_decode("AAAA", ((size_t)1 << 30) + 4, bytes, &size)); /* before it is looked at */
    assert_false(base64_decode("AAAA", ((size_t)1 << 32) + 4, bytes, &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_read_as_they_were_written),
        cmocka_unit_test(the_texts_are_those_of_the_standard),
        cmocka_unit_test(any_other_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
