/* Comma-separated values are read a record at a time, and a bad one does not spoil the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands/record.h"

static struct record_reader reader;

/* A file of exactly these bytes. */
static FILE *file_of(const char *bytes, size_t length)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    rewind(file);
    return file;
}

/* Every record as "line:field|field", or "line!fault", joined by spaces; the caller frees it. */
static char *read_all(const char *bytes, size_t length)
{
    FILE *file = file_of(bytes, length);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    record_begin(&reader, file);
    while (record_next(&reader)) {
        const struct record *record = &reader.record;
        fprintf(out, "%s%u%s", ftell(out) > 0 ? " " : "", record->line, record->fault ? "!" : ":");
        for (size_t i = 0; !record->fault && i < record->count; i++)
            fprintf(out, "%s%s", i ? "|" : "", record->fields[i]);
        fputs(record->fault ? record->fault : "", out);
    }
    fclose(out);
    fclose(file);
    return text;
}

static void assert_read(const char *bytes, const char *expected)
{
    char *text = read_all(bytes, strlen(bytes));
    assert_string_equal(text, expected);
    free(text);
}

static void fields_are_split_at_commas(void **state)
{
    (void)state;
    assert_read("a,b,c\n1,,3\n", "1:a|b|c 2:1||3");
    assert_read("a,b\r\n1,2\r\n", "1:a|b 2:1|2");
    assert_read("a,b", "1:a|b");
    assert_read(",\n", "1:|");
}

static void quotes_keep_commas_lines_and_quotes(void **state)
{
    (void)state;
    assert_read("\"a,b\",\"say \"\"x\"\"\"\nc,d\n", "1:a,b|say \"x\" 2:c|d");
    assert_read("\"two\nlines\",x\ny,z\n", "1:two\nlines|x 3:y|z");
    assert_read("\"\",x\n", "1:|x");
}

static void empty_lines_and_a_byte_order_mark_are_passed_over(void **state)
{
    (void)state;
    assert_read("\xEF\xBB\xBF"
                "a,b\n\n\r\nc,d\n",
                "1:a|b 4:c|d");
    assert_read("", "");
    assert_read("\n\n", "");
}

static void a_bad_record_does_not_spoil_the_next(void **state)
{
    (void)state;
    assert_read("a\"b,c\nd,e\n", "1!a quote stands where none may 2:d|e");
    assert_read("\"a\"b,c\nd,e\n", "1!a quote stands where none may 2:d|e");
    assert_read("1,2,3,4,5,6,7,8,9\nd,e\n", "1!there are too many fields 2:d|e");
    assert_read("a,\"b\n", "1!a quote has no end");
}

static void a_record_has_its_limits(void **state)
{
    enum { LONG = 10000 };
    char *bytes = calloc(1, LONG + 8);
    (void)state;
    memset(bytes, 'x', LONG);
    strcpy(bytes + LONG, "\na,b\n");
    assert_read(bytes, "1!the line is too long 2:a|b");
    memset(bytes, ',', LONG);
    assert_read(bytes, "1!there are too many fields 2:a|b");
    free(bytes);
}

static void a_nul_byte_is_a_fault(void **state)
{
    char *text = read_all("a\0b,c\nd,e\n", 10);
    (void)state;

    assert_string_equal(text, "1!there is a NUL byte 2:d|e");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_split_at_commas),
        cmocka_unit_test(quotes_keep_commas_lines_and_quotes),
        cmocka_unit_test(empty_lines_and_a_byte_order_mark_are_passed_over),
        cmocka_unit_test(a_bad_record_does_not_spoil_the_next),
        cmocka_unit_test(a_record_has_its_limits),
        cmocka_unit_test(a_nul_byte_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
