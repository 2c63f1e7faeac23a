/* Arena, error table, identifiers, log and embedded files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/error.h"
#include "base/log.h"
#include "base/uuid.h"

static void an_arena_lends_zeroed_and_aligned_memory(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    for (size_t size = 1; size < 40000; size = size * 3 + 1) {
        unsigned char *bytes = arena_alloc(arena, size);

        assert_int_equal((uintptr_t)bytes % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    assert_true(arena_used(arena) >= 40000);
    arena_destroy(arena);
}

static void an_arena_copies_and_formats(void **state)
{
    struct arena *arena = arena_create();
    (void)state;

    assert_string_equal(arena_strdup(arena, "name"), "name");
    assert_null(arena_strdup(arena, NULL));
    assert_string_equal(arena_strndup(arena, "names", 4), "name");
    assert_string_equal(arena_printf(arena, "%s-%d", "case", 7), "case-7");
    arena_destroy(arena);
}

static char released[8];

static void note_release(void *thing)
{
    strcat(released, thing);
}

static void an_arena_releases_in_reverse_order(void **state)
{
    static char first[] = "a", second[] = "b";
    struct arena *arena = arena_create();
    (void)state;
    arena_defer(arena, note_release, first);
    arena_defer(arena, note_release, second);
    assert_string_equal(released, "");

    arena_destroy(arena);
    arena_destroy(NULL);

    assert_string_equal(released, "ba");
}

static void every_error_has_status_slug_and_titles(void **state)
{
    (void)state;
    for (int i = ERROR_NONE + 1; i < ERROR_COUNT; i++) {
        const struct error_info *info = error_info((enum error)i);

        assert_true(info->status >= 400 && info->status <= 599);
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", info->code[0]));
        assert_int_equal(strspn(info->slug, "abcdefghijklmnopqrstuvwxyz-"), strlen(info->slug));
        assert_int_equal(strlen(info->slug), strlen(info->code));
        assert_true(strlen(info->title_en) > 5);
        assert_true(strlen(info->title_sv) > 5);
        assert_string_not_equal(info->title_en, info->title_sv);
    }
}

static void every_error_is_found_by_its_own_code_alone(void **state)
{
    (void)state;
    for (int i = ERROR_NONE + 1; i < ERROR_COUNT; i++) {
        assert_int_equal(error_from_code(error_info((enum error)i)->code), i);
        for (int j = i + 1; j < ERROR_COUNT; j++)
            assert_string_not_equal(error_info((enum error)i)->title_en, error_info((enum error)j)->title_en);
    }
    assert_int_equal(error_from_code("NO_SUCH_CODE"), ERROR_INTERNAL);
    assert_int_equal(error_from_code(NULL), ERROR_INTERNAL);
}

static void identifiers_are_of_version_7_and_grow_with_time(void **state)
{
    char earlier[UUID_TEXT_SIZE], later[UUID_TEXT_SIZE];
    (void)state;
    uuid_make(earlier);
    usleep(3000);
    uuid_make(later);

    assert_true(uuid_valid(earlier));
    assert_int_equal(earlier[14], '7');
    assert_non_null(strchr("89ab", earlier[19]));
    assert_true(strcmp(earlier, later) < 0);
}

static void identifiers_of_one_millisecond_differ(void **state)
{
    static char made[500][UUID_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < 500; i++)
        uuid_make(made[i]);
    for (size_t i = 0; i < 500; i++)
        for (size_t j = i + 1; j < 500; j++)
            assert_string_not_equal(made[i], made[j]);
}

static void what_is_no_identifier_is_not_valid(void **state)
{
    static const char *const bad[] = {"",
                                      "018f6b2e-7c1d-7000-8000-00000000000",
                                      "018f6b2e-7c1d-7000-8000-0000000000000",
                                      "018f6b2e07c1d-7000-8000-000000000000",
                                      "018f6b2e-7c1d-7000-8000-00000000000g",
                                      "{18f6b2e-7c1d-7000-8000-000000000000",
                                      "018f6b2e-7c1d-7000-8000-0000000000-0"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(uuid_valid(bad[i]));
    assert_false(uuid_valid(NULL));
    assert_true(uuid_valid("018F6B2E-7C1D-7000-8000-00000000000a"));
}

/* What is written to standard error while `write` runs; the caller frees it. */
static char *logged(void (*write)(void))
{
    char *text = calloc(1, 4096);
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    write();
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    size_t length = fread(text, 1, 4095, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void write_one_line(void)
{
    log_event(LOG_INFO, "case-\"opened\"\n", "{s:s, s:i}", "operation", "createCase", "status", 201);
}

static void a_log_line_is_one_json_object(void **state)
{
    char *text = logged(write_one_line);
    (void)state;

    assert_int_equal(strchr(text, '\n') - text, (ptrdiff_t)strlen(text) - 1);
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(line, "event")), "case-\"opened\"\n");
    assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(line, "operation")), "createCase");
    assert_int_equal(json_integer_value(json_object_get(line, "status")), 201);
    const char *time = json_string_value(json_object_get(line, "time"));
    assert_int_equal(strlen(time), strlen("2026-01-02T03:04:05.678901Z"));
    assert_int_equal(time[strlen(time) - 1], 'Z');
    json_decref(line);
    free(text);
}

static void write_at_every_level(void)
{
    log_set_level(LOG_SECURITY);
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++)
        log_event((enum log_level)level, "x", NULL);
    log_set_level(LOG_INFO);
}

static void lines_below_the_level_are_dropped(void **state)
{
    char *text = logged(write_at_every_level);
    (void)state;

    assert_null(strstr(text, "\"info\""));
    assert_null(strstr(text, "\"warning\""));
    assert_non_null(strstr(text, "\"security\""));
    assert_non_null(strstr(text, "\"error\""));
    free(text);
}

static void embedded_files_are_found_whole_and_in_order(void **state)
{
    const struct embedded *counties = embedded_find("sql/registers/counties.csv");
    const struct embedded *previous = NULL, *file = NULL;
    size_t count = 0;
    (void)state;
    assert_non_null(counties);
    assert_memory_equal(counties->start, "county_code,", 12);
    assert_int_equal(strlen(counties->start), counties->length);
    assert_null(embedded_find("sql/registers/counties"));
    while ((file = embedded_next("sql/", file))) {
        if (previous)
            assert_true(strcmp(previous->path, file->path) < 0);
        assert_memory_equal(file->path, "sql/", 4);
        previous = file;
        count++;
    }
    assert_true(count >= 2);
    assert_null(embedded_next("nothing/", NULL));
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    int64_t before = clock_monotonic_us();
    (void)state;
    usleep(2000);

    assert_true(clock_monotonic_us() - before >= 2000);
    assert_true(clock_epoch() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_lends_zeroed_and_aligned_memory),
        cmocka_unit_test(an_arena_copies_and_formats),
        cmocka_unit_test(an_arena_releases_in_reverse_order),
        cmocka_unit_test(every_error_has_status_slug_and_titles),
        cmocka_unit_test(every_error_is_found_by_its_own_code_alone),
        cmocka_unit_test(identifiers_are_of_version_7_and_grow_with_time),
        cmocka_unit_test(identifiers_of_one_millisecond_differ),
        cmocka_unit_test(what_is_no_identifier_is_not_valid),
        cmocka_unit_test(a_log_line_is_one_json_object),
        cmocka_unit_test(lines_below_the_level_are_dropped),
        cmocka_unit_test(embedded_files_are_found_whole_and_in_order),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
