/* The offline check: what is right is said to be, and anything else is found, with the number of its line and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/log_sample.h"

enum { ROWS = 600, SIZE = 523, SINCE = 301, COUNT = 20 };

static struct sample sample;

static int begin(void **state)
{
    (void)state;
    sample_begin(&sample, ROWS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    sample_end(&sample);
    return 0;
}

/* -- running it --------------------------------------------------------------------------------------------------- */

struct findings {
    struct verify_summary summary; /* what it points to is gone */
    size_t count;
    uint64_t lines[8]; /* of the first complaints */
    char texts[8][160];
};

static void take(void *context, uint64_t line, const char *what)
{
    struct findings *findings = context;
    assert_true(*what);
    if (findings->count < 8) {
        findings->lines[findings->count] = line;
        snprintf(findings->texts[findings->count], 160, "%s", what);
    }
    findings->count++;
}

/* In pieces of `step` bytes. */
static struct findings check_with(const struct verify_trust *trust, const struct checkpoint *kept, const char *bytes,
                                  size_t length, size_t step)
{
    struct findings findings = {.count = 0};
    struct verify *verify = verify_create(trust, kept, take, &findings);
    for (size_t at = 0; at < length; at += step)
        verify_feed(verify, bytes + at, length - at < step ? length - at : step);
    findings.summary = *verify_finish(verify);
    assert_int_equal(findings.summary.wrong, findings.count);
    verify_free(verify);
    return findings;
}

static struct findings check(const char *bytes, size_t length)
{
    return check_with(&sample.trust, NULL, bytes, length, SIZE_MAX / 2);
}

static void assert_good(const struct findings *findings, uint64_t shown)
{
    if (findings->count > 0)
        fail_msg("line %" PRIu64 ": %s", findings->lines[0], findings->texts[0]);
    assert_true(findings->summary.believed);
    assert_int_equal(findings->summary.shown, shown);
    assert_int_equal(findings->summary.events, shown);
}

/* The first complaint is about this line, and says this. */
static void assert_found(const struct findings *findings, uint64_t line, const char *what)
{
    assert_true(findings->count > 0);
    if (findings->lines[0] != line || !strstr(findings->texts[0], what))
        fail_msg("line %" PRIu64 ": %s, and not line %" PRIu64 ": %s", findings->lines[0], findings->texts[0], line,
                 what);
}

static void find(const char *bytes, uint64_t line, const char *what)
{
    struct findings findings = check(bytes, strlen(bytes));
    assert_found(&findings, line, what);
}

/* -- lines of a text ---------------------------------------------------------------------------------------------- */

struct lines {
    char *copy;
    size_t count;
    char *at[ROWS + 20];
};

static struct lines split(struct sample_text *text)
{
    struct lines lines = {.copy = text->bytes};
    for (char *rest = text->bytes, *line; (line = strsep(&rest, "\n")) && rest;)
        lines.at[lines.count++] = line;
    return lines;
}

/* The lines again, ended by `newline`; malloc'd. */
static char *join(const struct lines *lines, const char *newline)
{
    size_t length = 1;
    for (size_t i = 0; i < lines->count; i++)
        length += strlen(lines->at[i]) + strlen(newline);
    char *text = malloc(length), *at = text;
    *at = '\0';
    for (size_t i = 0; i < lines->count; i++)
        at = stpcpy(stpcpy(at, lines->at[i]), newline);
    return text;
}

static void find_in(const struct lines *lines, uint64_t line, const char *what)
{
    char *text = join(lines, "\n");
    find(text, line, what);
    free(text);
}

static void swap(struct lines *lines, size_t one, size_t other)
{
    char *kept = lines->at[one];
    lines->at[one] = lines->at[other];
    lines->at[other] = kept;
}

/* Puts `line` before line `where`, from 0. */
static void insert(struct lines *lines, size_t where, char *line)
{
    memmove(&lines->at[where + 1], &lines->at[where], (lines->count - where) * sizeof(*lines->at));
    lines->at[where] = line;
    lines->count++;
}

static void drop(struct lines *lines, size_t where)
{
    memmove(&lines->at[where], &lines->at[where + 1], (lines->count - where - 1) * sizeof(*lines->at));
    lines->count--;
}

/* -- what is right ------------------------------------------------------------------------------------------------ */

static void an_export_is_shown_whatever_its_size_and_pieces(void **state)
{
    (void)state;
    for (size_t size = 1; size < ROWS; size += size < 10 ? 1 : 89) {
        struct sample_text text = sample_export(&sample, size, size / 2, size < COUNT ? size : COUNT);
        for (size_t step = 1; step <= text.length; step = step * 29 + 1) {
            struct findings findings = check_with(&sample.trust, NULL, text.bytes, text.length, step);
            assert_good(&findings, size < COUNT ? size : COUNT);
            assert_true(findings.summary.continues || size < 2);
            assert_int_equal(findings.summary.head.checkpoint.size, size);
        }
        free(text.bytes);
    }
}

static void the_summary_says_what_was_shown_and_what_nobody_vouches_for(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, SINCE, COUNT);
    struct findings findings = {.count = 0};
    struct verify *verify = verify_create(&sample.trust, NULL, take, &findings);
    verify_feed(verify, text.bytes, text.length);
    const struct verify_summary *summary = verify_finish(verify);

    assert_int_equal(summary->kind, VERIFY_EXPORT);
    assert_int_equal(summary->lines, COUNT + 2);
    assert_string_equal(summary->newest, sample.rows[SIZE - 1][EVENT_AT]);
    assert_string_equal(summary->oldest, sample.rows[SIZE - COUNT][EVENT_AT]);
    assert_int_equal(summary->unsealed_count, 1);
    assert_string_equal(summary->unsealed[0], "userName");
    assert_string_equal(summary->head.key->name, SAMPLE_ORIGIN);
    assert_int_equal(summary->head.cosigned, 1);
    assert_int_equal(summary->since.checkpoint.size, SINCE);
    verify_free(verify);
    free(text.bytes);
}

static void an_archive_is_shown(void **state)
{
    static const struct {
        uint64_t size;
        size_t first, end;
    } table[] = {{1, 0, 1}, {256, 0, 256}, {257, 250, 257}, {SIZE, 100, 523}, {ROWS, 0, ROWS}, {ROWS, 512, 600}};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct sample_text text = sample_archive(&sample, table[i].size, table[i].first, table[i].end);
        struct findings findings = check(text.bytes, text.length);
        uint64_t tiles_end = (table[i].end + 255) / 256 * 256;
        assert_good(&findings, table[i].end - table[i].first);
        assert_int_equal(findings.summary.kind, VERIFY_ARCHIVE);
        assert_int_equal(findings.summary.hidden, (tiles_end < table[i].size ? tiles_end : table[i].size) -
                                                      table[i].first / 256 * 256 - findings.summary.shown);
        free(text.bytes);
    }
}

static void a_proof_of_one_event_is_shown(void **state)
{
    (void)state;
    for (size_t n = 0; n < SIZE; n += 41) {
        struct sample_text text = sample_proof(&sample, n, SIZE);
        for (size_t step = 1; step <= text.length; step = step * 5 + 1) {
            struct findings findings = check_with(&sample.trust, NULL, text.bytes, text.length, step);
            assert_good(&findings, 1);
            assert_int_equal(findings.summary.kind, VERIFY_PROOF);
        }
        free(text.bytes);
    }
}

/* -- what is not -------------------------------------------------------------------------------------------------- */

/* Whether a change at `at` is one that nobody vouches against: a name of the register. */
static bool is_unsealed(const char *bytes, size_t at)
{
    static const char member[] = "\"userName\":\"Sara Lindalm\"";
    size_t before = at < sizeof(member) ? 0 : at - sizeof(member);
    const char *found = strstr(bytes + before, member);
    return found && (size_t)(found - bytes) <= at && at < (size_t)(found - bytes) + sizeof(member);
}

static uint64_t line_of(const char *bytes, size_t at)
{
    uint64_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n';
    return line;
}

/* Bits of the text at steps, one at a time. */
static void break_bits(struct sample_text *text, size_t step)
{
    struct verify_trust trust = sample.trust;
    trust.needed = 1; /* or what is said of the witness would not matter */
    for (size_t at = 0; at < text->length; at += step) {
        if (is_unsealed(text->bytes, at))
            continue;
        for (unsigned bit = (unsigned)(at % 3); bit < 8; bit += 3) {
            uint64_t line = line_of(text->bytes, at);
            bool newline = text->bytes[at] == '\n';
            text->bytes[at] = (char)(text->bytes[at] ^ 1 << bit);
            newline = newline || text->bytes[at] == '\n';
            struct findings findings = check_with(&trust, NULL, text->bytes, text->length, text->length);
            if (findings.count == 0 && findings.summary.unsealed_count < 2) /* an empty list by another name is named */
                fail_msg("bit %u of byte %zu is missed: %.40s", bit, at, text->bytes + at);
            if (!newline && findings.count > 0 && findings.lines[0] != 0 && line > 1)
                assert_int_equal(findings.lines[0], line);
            text->bytes[at] = (char)(text->bytes[at] ^ 1 << bit);
        }
    }
}

static void a_flipped_bit_is_found_in_an_export(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, SINCE, 4);
    break_bits(&text, 17);
    free(text.bytes);
}

static void a_flipped_bit_is_found_in_an_archive(void **state)
{
    (void)state;
    struct sample_text text = sample_archive(&sample, SIZE, 509, 514);
    break_bits(&text, 101);
    free(text.bytes);
}

static void a_flipped_bit_is_found_in_a_proof(void **state)
{
    (void)state;
    struct sample_text text = sample_proof(&sample, 302, SIZE);
    const char *extra = strstr(text.bytes, "extra ");
    struct verify_trust trust = sample.trust;
    trust.needed = 1;
    size_t open = (size_t)(extra - text.bytes), after = open + strcspn(extra, "\n");
    for (size_t at = 0; at < text.length; at += 11) {
        if (at > open && at < after)
            continue; /* has the name of the register in it */
        text.bytes[at] ^= 4;
        struct findings findings = check_with(&trust, NULL, text.bytes, text.length, text.length);
        assert_true(findings.count > 0);
        text.bytes[at] ^= 4;
    }
    free(text.bytes);
}

static void a_file_that_was_cut_is_found_wherever_it_was(void **state)
{
    (void)state;
    struct sample_text texts[] = {sample_export(&sample, SIZE, SINCE, 3), sample_archive(&sample, SIZE, 509, 514),
                                  sample_proof(&sample, 300, SIZE)};
    for (size_t i = 0; i < 3; i++) {
        for (size_t length = 0; length < texts[i].length; length += length % 3 == 0 ? 1 : 29) {
            struct findings findings = check(texts[i].bytes, length);
            assert_true(findings.count > 0);
        }
        free(texts[i].bytes);
    }
}

static void lines_at_the_wrong_place_are_found(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, SINCE, COUNT);
    struct lines whole = split(&text), lines = whole;

    swap(&lines, 4, 5);
    find_in(&lines, 6, "newer than the one before it");
    lines = whole;
    insert(&lines, 4, lines.at[3]);
    find_in(&lines, 5, "there twice");
    lines = whole;
    insert(&lines, COUNT + 1, lines.at[3]);
    find_in(&lines, COUNT + 2, "there twice");
    lines = whole;
    insert(&lines, 5, lines.at[0]);
    find_in(&lines, 6, "a second header");
    lines = whole;
    drop(&lines, 0);
    find_in(&lines, 1, "the header of neither");
    lines = whole;
    drop(&lines, 7);
    find_in(&lines, COUNT + 1, "another number of events");
    lines = whole;
    insert(&lines, lines.count, lines.at[5]);
    find_in(&lines, COUNT + 3, "behind the last line");
    free(text.bytes);
}

static void rows_of_an_archive_at_the_wrong_place_are_found(void **state)
{
    (void)state;
    struct sample_text text = sample_archive(&sample, SIZE, 509, 514); /* header, tile, 3 rows, tile, 2 rows, end */
    struct lines whole = split(&text), lines = whole;

    swap(&lines, 2, 3);
    find_in(&lines, 4, "not behind the one before it");
    lines = whole;
    insert(&lines, 4, lines.at[3]);
    find_in(&lines, 5, "there twice");
    lines = whole;
    swap(&lines, 4, 6);
    find_in(&lines, 5, "not in the tile before it");
    lines = whole;
    drop(&lines, 1);
    find_in(&lines, 2, "no tile before it");
    lines = whole;
    insert(&lines, 5, lines.at[1]);
    find_in(&lines, 6, "not behind the one before it");
    lines = whole;
    drop(&lines, 3);
    find_in(&lines, 8, "another number of events");
    free(text.bytes);
}

static void lines_that_are_none_are_found_and_the_others_checked(void **state)
{
    static char *const wrong[] = {"",
                                  "[]",
                                  "null",
                                  "{\"index\":1}",
                                  "{\"index\":-1,\"proof\":[]}",
                                  "{\"index\":1,\"proof\":{}}",
                                  "{\"index\":1,\"index\":1}",
                                  "{\"index\":1.0}",
                                  "{\"index\":99999999999999999999}",
                                  "{\"index\":1,\"proof\":[],\"more\":1}",
                                  "{\"index\":9223372036854775807,\"proof\":[],\"event\":{},\"opening\":{}}",
                                  "\xff\xfe",
                                  "{\"\xc3(\":1}",
                                  "{\"a\":\"\\u0000\"}"};
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, 0, 5);
    struct lines whole = split(&text);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct lines lines = whole;
        insert(&lines, 3, wrong[i]);
        char *bytes = join(&lines, "\n");
        struct findings findings = check(bytes, strlen(bytes));
        assert_found(&findings, 4, "");
        assert_int_equal(findings.lines[1], 8);
        assert_int_equal(findings.count, 2); /* the last line counts one less */
        assert_int_equal(findings.summary.shown, 5);
        free(bytes);
    }
    free(text.bytes);
}

static void bytes_that_no_export_has_are_found(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, 0, 5);
    struct lines lines = split(&text);
    char *converted = join(&lines, "\r\n"), *plain = join(&lines, "\n");
    size_t length = strlen(plain);

    find(converted, 1, "CR LF");
    find("", 0, "the file is empty");
    find("\n", 1, "not a JSON object");
    find("x", 0, "has no end");
    char *middle = strchr(strchr(plain, '\n') + 1, '\n');
    middle[-5] = '\0';
    struct findings findings = check(plain, length);
    assert_found(&findings, 2, "NUL byte");
    assert_int_equal(findings.summary.shown, 4);
    free(converted);
    free(plain);
    free(text.bytes);
}

static void a_line_that_is_too_long_is_found_and_does_not_stay_in_memory(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, 0, 2);
    struct findings findings = {.count = 0};
    struct verify *verify = verify_create(&sample.trust, NULL, take, &findings);
    size_t header = strcspn(text.bytes, "\n") + 1;
    char chunk[1 << 16];
    memset(chunk, ' ', sizeof(chunk));

    verify_feed(verify, text.bytes, header);
    for (size_t fed = 0; fed < 3 * (size_t)VERIFY_LINE_MAX; fed += sizeof(chunk))
        verify_feed(verify, chunk, sizeof(chunk));
    verify_feed(verify, "\n", 1);
    verify_feed(verify, text.bytes + header, text.length - header);
    const struct verify_summary *summary = verify_finish(verify);

    assert_found(&findings, 2, "longer than");
    assert_int_equal(findings.count, 2); /* and the number in the last line */
    assert_int_equal(summary->shown, 2);
    verify_free(verify);
    free(text.bytes);
}

/* -- whom to believe ---------------------------------------------------------------------------------------------- */

static void only_the_given_keys_are_believed(void **state)
{
    (void)state;
    struct sample_text text = sample_export(&sample, SIZE, 0, 2);
    struct note_signer *other = sample_signer(SAMPLE_ORIGIN, NOTE_SIGNED, 3);
    struct note_signer *another = sample_signer("elsewhere.example/log", NOTE_SIGNED, 1);
    struct verify_trust others = {.needed = 0}, elsewhere = {.needed = 0}, many = sample.trust;
    sample_trust(&sample, &others.log, other);
    sample_trust(&sample, &elsewhere.log, another);
    many.needed = 2;

    struct findings unknown = check_with(&others, NULL, text.bytes, text.length, text.length);
    struct findings foreign = check_with(&elsewhere, NULL, text.bytes, text.length, text.length);
    struct findings lonely = check_with(&many, NULL, text.bytes, text.length, text.length);
    many.needed = 1;
    struct findings cosigned = check_with(&many, NULL, text.bytes, text.length, text.length);
    sample_trust(&sample, &others.log, sample.signer);
    struct findings rotated = check_with(&others, NULL, text.bytes, text.length, text.length);

    assert_found(&unknown, 1, "none of the given keys");
    assert_false(unknown.summary.believed);
    assert_found(&foreign, 1, "is of the log " SAMPLE_ORIGIN);
    assert_found(&lonely, 1, "cosigned by 1 of the given witnesses, and 2 are needed");
    assert_good(&cosigned, 2);
    assert_good(&rotated, 2);
    note_signer_free(other);
    note_signer_free(another);
    free(text.bytes);
}

static void keys_are_read_strictly(void **state)
{
    (void)state;
    struct verify_keys keys = {.count = 0};
    struct arena *arena = sample.arena;
    const char *log = note_verifier_text(note_signer_verifier(sample.signer), arena);
    const char *witness = note_verifier_text(note_signer_verifier(sample.witness), arena);

    assert_non_null(verify_keys_add(&keys, "", NOTE_SIGNED, arena));
    assert_non_null(verify_keys_add(&keys, "# nothing\n\n", NOTE_SIGNED, arena));
    assert_non_null(verify_keys_add(&keys, "x+y+z", NOTE_SIGNED, arena));
    assert_non_null(verify_keys_add(&keys, witness, NOTE_SIGNED, arena));
    assert_non_null(verify_keys_add(&keys, log, NOTE_COSIGNED, arena));
    assert_int_equal(keys.count, 0);
    const char *twice = arena_printf(arena, "# ours\r\n%s\r\n\n%s\n", witness, witness);
    assert_null(verify_keys_add(&keys, twice, NOTE_COSIGNED, arena));
    assert_int_equal(keys.count, 1);
}

static void a_log_that_was_made_anew_does_not_continue_the_one_before(void **state)
{
    (void)state;
    struct sample forged;
    sample_begin(&forged, ROWS);
    forged.rows[18][EVENT_OUTCOME] = "denied";
    forged.rows[18][EVENT_CODE] = "NO_LEGAL_GROUND";
    sample_hash(&forged);
    struct checkpoint kept = sample_checkpoint(&sample, SINCE), later = sample_checkpoint(&sample, SIZE + 1);
    struct checkpoint before = sample_checkpoint(&sample, 10), none = {.origin = SAMPLE_ORIGIN, .root = merkle_empty()};
    struct sample_text honest = sample_export(&sample, SIZE, SINCE, 3);
    struct sample_text text = sample_export(&forged, SIZE, SINCE, 3), bare = sample_export(&forged, SIZE, 0, 3);
    json_t *before_it = sample_header(&sample, SIZE, SINCE), *header = sample_header(&forged, SIZE, 0);
    struct sample_text mixed = {0};
    json_object_set(header, "since", json_object_get(before_it, "since")); /* as it was signed then */
    sample_put(&mixed, header);
    json_decref(before_it);

    struct findings continued = check_with(&sample.trust, &kept, honest.bytes, honest.length, honest.length);
    struct findings from_nothing = check_with(&sample.trust, &none, bare.bytes, bare.length, bare.length);
    struct findings unkept = check(text.bytes, text.length);
    struct findings found = check_with(&sample.trust, &kept, text.bytes, text.length, text.length);
    struct findings untied = check_with(&sample.trust, &kept, bare.bytes, bare.length, bare.length);
    struct findings elsewhere = check_with(&sample.trust, &before, text.bytes, text.length, text.length);
    struct findings smaller = check_with(&sample.trust, &later, text.bytes, text.length, text.length);
    struct findings other_since = check(mixed.bytes, mixed.length);

    assert_good(&continued, 3);
    assert_good(&from_nothing, 3);
    assert_good(&unkept, 3); /* the key has signed it: only who kept a checkpoint, or a witness, can tell */
    assert_found(&found, 1, "another one than by the checkpoint that was kept");
    assert_found(&untied, 1, "export with since=301");
    assert_found(&elsewhere, 1, "export with since=10");
    assert_found(&smaller, 1, "the log had 524 entries");
    assert_found(&other_since, 1, "is not shown to continue that of 301");
    free(honest.bytes);
    free(text.bytes);
    free(bare.bytes);
    free(mixed.bytes);
    sample_end(&forged);
}

/* -- progress ----------------------------------------------------------------------------------------------------- */

#include "log/progress.h"

static void progress_is_told_in_percent_rate_and_time_left(void **state)
{
    char text[PROGRESS_TEXT_SIZE];
    (void)state;
    progress_text("B", 250000, 1000000, 2000000, text);
    assert_string_equal(text, "[######..................]  25 %, 125.0 kB/s, 0:00:06 left");
    progress_text(" rows", 1, 100000000, 1000000, text);
    assert_string_equal(text, "[........................]   0 %, 1  rows/s, 27777:46:39 left");
    progress_text("B", 5, 5, 1000000, text);
    assert_string_equal(text, "[########################] 100 %, 5 B/s, 0:00:00 left");
    progress_text("B", 2500000, 0, 1000000, text);
    assert_string_equal(text, "2.5 MB, 2.5 MB/s");
}

static void nothing_is_drawn_where_nobody_looks(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct progress progress;
    progress_begin(&progress, file, "B", 10);
    progress.drawn_us = 0;
    progress_update(&progress, 5);
    progress_clear(&progress);
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_is_shown_whatever_its_size_and_pieces),
        cmocka_unit_test(the_summary_says_what_was_shown_and_what_nobody_vouches_for),
        cmocka_unit_test(an_archive_is_shown),
        cmocka_unit_test(a_proof_of_one_event_is_shown),
        cmocka_unit_test(a_flipped_bit_is_found_in_an_export),
        cmocka_unit_test(a_flipped_bit_is_found_in_an_archive),
        cmocka_unit_test(a_flipped_bit_is_found_in_a_proof),
        cmocka_unit_test(a_file_that_was_cut_is_found_wherever_it_was),
        cmocka_unit_test(lines_at_the_wrong_place_are_found),
        cmocka_unit_test(rows_of_an_archive_at_the_wrong_place_are_found),
        cmocka_unit_test(lines_that_are_none_are_found_and_the_others_checked),
        cmocka_unit_test(bytes_that_no_export_has_are_found),
        cmocka_unit_test(a_line_that_is_too_long_is_found_and_does_not_stay_in_memory),
        cmocka_unit_test(only_the_given_keys_are_believed),
        cmocka_unit_test(keys_are_read_strictly),
        cmocka_unit_test(a_log_that_was_made_anew_does_not_continue_the_one_before),
        cmocka_unit_test(progress_is_told_in_percent_rate_and_time_left),
        cmocka_unit_test(nothing_is_drawn_where_nobody_looks),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
