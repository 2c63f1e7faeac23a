/* The canonical form of a row, and what of it can be shown to whom. */
#include "log/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID(n) "0193a5b0-7c1e-7a11-8a11-0242ac12" n

static struct arena *arena;
static const char *row[EVENT_CELLS];

static int begin(void **state)
{
    static const char *const cells[EVENT_CELLS] = {
        ID("0001"),
        "2026-03-01T10:22:33.123456Z",
        "4711",
        ID("0002"),
        ID("0003"),
        ID("0004"),
        NULL,
        "{}",
        "case-worker",
        "por\"tal\n\xc3\xa5",
        "2001:db8::1",
        "getRecord",
        "read",
        NULL,
        "{" ID("0005") "}",
        "{" ID("0006") "," ID("0007") "," ID("0008") "," ID("0009") "," ID("0010") "}",
        "{" ID("0011") "}",
        "{CONSENT,SOL_19_1_X}",
        "{}",
        NULL,
        "allowed",
        NULL,
        ID("0012"),
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "6f1d9a52-3c5e-4f0a-9a77-5b7c1c9b2a10"};
    (void)state;
    arena = arena_create();
    memcpy(row, cells, sizeof(row));
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static struct event event_of(const char *const cells[EVENT_CELLS])
{
    struct event event;
    assert_true(event_read(cells, arena, &event));
    return event;
}

static struct merkle_hash leaf_of(const char *const cells[EVENT_CELLS])
{
    struct event event = event_of(cells);
    return event_leaf(&event, arena);
}

/* What an auditor who sees all of the row is told. */
static json_t *told_of(const char *const cells[EVENT_CELLS])
{
    static const char *const names[EVENT_FIELDS] = {
#define X(identifier, column, name, kind) name,
        EVENT_TABLE(X)
#undef X
    };
    struct event event = event_of(cells);
    json_t *told = json_object();
    for (size_t i = 0; i < EVENT_FIELDS; i++) {
        if (event.texts[i] && i != EVENT_TXID)
            json_object_set_new(told, names[i], json_string(event.texts[i]));
        if (!event.lists[i].items || i == EVENT_CONCERNED_IDS)
            continue;
        json_t *list = json_array();
        for (size_t j = 0; j < event.lists[i].count; j++)
            json_array_append_new(list, json_string(event.lists[i].items[j]));
        json_object_set_new(told, names[i], list);
    }
    return told;
}

static json_t *open_row(const char *const cells[EVENT_CELLS], const json_t *told, bool own)
{
    struct event event = event_of(cells);
    return event_open(&event, told, own);
}

static void assert_leads_to(const json_t *told, const json_t *opening, const struct merkle_hash *expected)
{
    struct merkle_hash leaf;
    assert_null(event_check(told, opening, arena, &leaf));
    assert_true(merkle_equal(&leaf, expected));
}

static void assert_does_not_lead_to(const json_t *told, const json_t *opening, const struct merkle_hash *expected)
{
    struct merkle_hash leaf;
    if (!event_check(told, opening, arena, &leaf))
        assert_false(merkle_equal(&leaf, expected));
}

/* Computed by another program from the description in event.h. */
static void the_form_is_this_to_the_letter(void **state)
{
    (void)state;
    struct event event = event_of(row);
    assert_string_equal(event_canonical(&event, arena),
                        "samsyn-access-event/2\n"
                        "id 36:0193a5b0-7c1e-7a11-8a11-0242ac120001\n"
                        "at 27:2026-03-01T10:22:33.123456Z\n"
                        "txid 4:4711\n"
                        "organisation_id 36:0193a5b0-7c1e-7a11-8a11-0242ac120002\n"
                        "unit_id 36:0193a5b0-7c1e-7a11-8a11-0242ac120003\n"
                        "user_id 36:0193a5b0-7c1e-7a11-8a11-0242ac120004\n"
                        "assignment_id -\n"
                        "party_ids #620cabea52fe7ccdaa0f4eac1144b01f8ce034bb9a5189f4c695cf4b9f94b879\n"
                        "role 11:case-worker\n"
                        "client 10:por\"tal\n\xc3\xa5\n"
                        "client_address 11:2001:db8::1\n"
                        "operation 9:getRecord\n"
                        "activity 4:read\n"
                        "purpose -\n"
                        "subject_ids #6fb81dc4292ab9d582d005e5e7c928ba288fa82902bcf10df59fe800e049dbeb\n"
                        "resource_ids #15472e09e486695869d1606ecf3aae7b37162167dce2cd37cc4649d124bc3ac0\n"
                        "concerned_ids #16235219006acf7fd30974a86fa69b7f775d713b603a9c8e32f637bfcddc7e81\n"
                        "grounds *2 7:CONSENT 10:SOL_19_1_X\n"
                        "disclosure_ids #daecf0ff8216f009a205cf3b29acb46497e5365e245e89e0f6361c8085b7dd9d\n"
                        "emergency_id -\n"
                        "outcome 7:allowed\n"
                        "code -\n"
                        "request_id 36:0193a5b0-7c1e-7a11-8a11-0242ac120012\n"
                        "trace_id 32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    static const unsigned char expected[MERKLE_HASH] = {
        0x34, 0x82, 0x37, 0x80, 0x37, 0xa5, 0xff, 0x61, 0xc6, 0x7f, 0xae, 0xc4, 0x27, 0x21, 0x35, 0x62,
        0x83, 0x91, 0x81, 0x0d, 0xab, 0xbd, 0x85, 0x5a, 0xae, 0x0d, 0xcb, 0x54, 0x9a, 0x09, 0x4c, 0xf5};
    struct merkle_hash leaf = leaf_of(row);
    assert_memory_equal(leaf.bytes, expected, MERKLE_HASH);
}

static void every_column_and_the_nonce_count(void **state)
{
    (void)state;
    struct merkle_hash before = leaf_of(row);
    for (size_t i = 0; i < EVENT_CELLS; i++) {
        const char *cell = row[i];
        row[i] = cell && cell[0] == '{' ? "{X}" : i == EVENT_OUTCOME ? "denied" : "other";
        struct merkle_hash after = leaf_of(row);
        assert_false(merkle_equal(&before, &after));
        row[i] = cell;
    }
}

static void nothing_passes_for_something_else(void **state)
{
    (void)state;
    struct merkle_hash before, after;
    row[EVENT_ROLE] = NULL;
    before = leaf_of(row);
    row[EVENT_ROLE] = "-";
    after = leaf_of(row);
    assert_false(merkle_equal(&before, &after));
    row[EVENT_ROLE] = "a\nclient 1:b";
    row[EVENT_CLIENT] = NULL;
    before = leaf_of(row);
    row[EVENT_ROLE] = "a";
    row[EVENT_CLIENT] = "b";
    after = leaf_of(row);
    assert_false(merkle_equal(&before, &after));
}

static void a_row_that_cannot_be_is_refused(void **state)
{
    (void)state;
    struct event event;
    static const char *const lists[] = {NULL, "", "{", "a", "{\"a\"}", "{a b}"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        row[EVENT_SUBJECT_IDS] = lists[i];
        assert_false(event_read(row, arena, &event));
    }
    row[EVENT_SUBJECT_IDS] = "{}";
    row[EVENT_NONCE] = NULL;
    assert_false(event_read(row, arena, &event));
}

static void who_is_told_all_of_ones_own_finds_the_leaf(void **state)
{
    (void)state;
    struct merkle_hash leaf = leaf_of(row);
    json_t *told = told_of(row), *opening = open_row(row, told, true);
    assert_leads_to(told, opening, &leaf);
    assert_non_null(json_object_get(json_object_get(json_object_get(opening, "commitments"), "resourceIds"), "salt"));
    json_decref(told);
    json_decref(opening);
}

static void who_is_told_a_part_finds_it_too(void **state)
{
    (void)state;
    struct merkle_hash leaf = leaf_of(row);
    json_t *told = told_of(row);
    for (unsigned mask = 0; mask < 32; mask++) {
        json_t *part = json_array();
        for (unsigned i = 0; i < 5; i++)
            if (mask >> i & 1)
                json_array_append_new(part, json_sprintf("0193a5b0-7c1e-7a11-8a11-0242ac12%04u", 6 + i));
        json_object_set_new(told, "resourceIds", part);
        json_t *opening = open_row(row, told, false);
        assert_leads_to(told, opening, &leaf);
        char *text = json_dumps(opening, 0);
        for (unsigned i = 0; i < 5; i++)
            assert_null(strstr(text, arena_printf(arena, "0242ac12%04u", 6 + i)));
        free(text);
        json_decref(opening);
    }
    json_decref(told);
}

static void what_the_row_has_not_cannot_be_opened(void **state)
{
    (void)state;
    json_t *told = told_of(row);
    json_object_set_new(told, "subjectIds", json_pack("[s]", ID("0099")));
    assert_null(open_row(row, told, false));
    json_object_set_new(told, "subjectIds", json_pack("[s, s]", ID("0005"), ID("0005")));
    assert_null(open_row(row, told, false));
    json_object_set_new(told, "subjectIds", json_pack("[i]", 5));
    assert_null(open_row(row, told, false));
    json_decref(told);
}

static void anything_told_otherwise_leads_elsewhere(void **state)
{
    (void)state;
    struct merkle_hash leaf = leaf_of(row);
    for (int own = 0; own < 2; own++) {
        json_t *told = told_of(row), *opening = open_row(row, told, own);
        const char *name;
        json_t *value;
        json_object_foreach(told, name, value)
        {
            json_t *other = json_deep_copy(told);
            if (json_is_array(value))
                json_array_insert_new(json_object_get(other, name), 0, json_string(ID("0099")));
            else
                json_object_set_new(other, name, json_string("denied"));
            assert_does_not_lead_to(other, opening, &leaf);
            json_object_del(other, name);
            if (!json_is_array(value) || json_array_size(value) > 0)
                assert_does_not_lead_to(other, opening, &leaf);
            json_decref(other);
        }
        json_decref(told);
        json_decref(opening);
    }
}

static void an_opening_that_was_changed_leads_elsewhere(void **state)
{
    (void)state;
    struct merkle_hash leaf = leaf_of(row);
    json_t *told = told_of(row);
    json_array_remove(json_object_get(told, "resourceIds"), 1);
    json_t *opening = open_row(row, told, false);
    char *text = json_dumps(opening, JSON_COMPACT);
    for (size_t i = 0; text[i]; i++) {
        char kept = text[i];
        text[i] = kept == '1' ? '2' : '1';
        json_t *changed = json_loads(text, 0, NULL);
        if (changed)
            assert_does_not_lead_to(told, changed, &leaf);
        json_decref(changed);
        text[i] = kept;
    }
    free(text);
    json_decref(opening);
    json_decref(told);
}

/* A refused request that aimed at what exists looks like one that aimed at nothing. */
static void a_guess_shows_nothing(void **state)
{
    (void)state;
    static const char *const hits[] = {"{}", "{" ID("0005") "}", "{" ID("0005") "," ID("0006") "}"};
    size_t length = 0;
    row[EVENT_OUTCOME] = "denied";
    row[EVENT_CODE] = "NOT_FOUND";
    for (size_t i = 0; i < sizeof(hits) / sizeof(*hits); i++) {
        row[EVENT_SUBJECT_IDS] = hits[i];
        json_t *told = told_of(row);
        json_object_set_new(told, "subjectIds", json_array());
        json_t *opening = open_row(row, told, true);
        struct merkle_hash leaf = leaf_of(row);
        assert_leads_to(told, opening, &leaf);
        char *text = json_dumps(opening, JSON_COMPACT);
        assert_true(i == 0 || strlen(text) == length);
        length = strlen(text);
        free(text);
        json_decref(opening);
        json_decref(told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_form_is_this_to_the_letter, begin, end),
        cmocka_unit_test_setup_teardown(every_column_and_the_nonce_count, begin, end),
        cmocka_unit_test_setup_teardown(nothing_passes_for_something_else, begin, end),
        cmocka_unit_test_setup_teardown(a_row_that_cannot_be_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(who_is_told_all_of_ones_own_finds_the_leaf, begin, end),
        cmocka_unit_test_setup_teardown(who_is_told_a_part_finds_it_too, begin, end),
        cmocka_unit_test_setup_teardown(what_the_row_has_not_cannot_be_opened, begin, end),
        cmocka_unit_test_setup_teardown(anything_told_otherwise_leads_elsewhere, begin, end),
        cmocka_unit_test_setup_teardown(an_opening_that_was_changed_leads_elsewhere, begin, end),
        cmocka_unit_test_setup_teardown(a_guess_shows_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
