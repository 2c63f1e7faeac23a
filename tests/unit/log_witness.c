/* What is asked of a witness and what it answers, how a witness judges, and the list of witnesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "log/witness.h"
#include "log/witness_list.h"

#define ORIGIN "fake.example/log"
enum { LEAVES = 40, NOW = 1800000000 };

/* A tree of a few leaves, who signs it, and who cosigns it. */
struct sample {
    struct arena *arena;
    struct note_signer *log, *other, *witness;
    struct merkle_hash leaves[LEAVES];
};

static struct note_signer *make_signer(const char *name, enum note_kind kind)
{
    char file[] = "/tmp/samsyn-witness-XXXXXX", *why = NULL;
    int descriptor = mkstemp(file);
    FILE *out = fdopen(descriptor, "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
    struct note_signer *signer = note_signer_read(file, name, kind, &why);
    assert_non_null(signer);
    EVP_PKEY_free(key);
    unlink(file);
    return signer;
}

static int set_up(void **state)
{
    struct sample *sample = calloc(1, sizeof(*sample));
    sample->arena = arena_create();
    sample->log = make_signer(ORIGIN, NOTE_SIGNED);
    sample->other = make_signer(ORIGIN, NOTE_SIGNED);
    sample->witness = make_signer("w.example", NOTE_COSIGNED);
    for (unsigned i = 0; i < LEAVES; i++)
        sample->leaves[i] = merkle_leaf(&i, sizeof(i));
    *state = sample;
    return 0;
}

static int tear_down(void **state)
{
    struct sample *sample = *state;
    note_signer_free(sample->log);
    note_signer_free(sample->other);
    note_signer_free(sample->witness);
    arena_destroy(sample->arena);
    free(sample);
    return 0;
}

static bool subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *hash)
{
    const struct sample *sample = context;
    struct merkle_range range = {0};
    for (uint64_t i = index << level; i < (index + 1) << level; i++)
        merkle_range_add(&range, &sample->leaves[i]);
    *hash = merkle_range_root(&range);
    return true;
}

static struct merkle_source source_of(struct sample *sample)
{
    return (struct merkle_source){.subtree = subtree, .context = sample};
}

static struct merkle_hash root_of(struct sample *sample, uint64_t size)
{
    struct merkle_source source = source_of(sample);
    struct merkle_hash root;
    assert_true(merkle_root(&source, size, &root));
    return root;
}

static const char *text_of(struct sample *sample, uint64_t size)
{
    struct checkpoint checkpoint = {.origin = ORIGIN, .size = size, .root = root_of(sample, size)};
    return checkpoint_text(&checkpoint, sample->arena);
}

static const char *note_of(struct sample *sample, uint64_t size, const struct note_signer *signer)
{
    const char *text = text_of(sample, size);
    return arena_printf(sample->arena, "%s\n%s", text, note_sign(signer, text, 0, sample->arena));
}

static const char *body_of(struct sample *sample, uint64_t from, uint64_t to, const struct note_signer *signer)
{
    struct merkle_source source = source_of(sample);
    struct merkle_proof proof;
    assert_true(merkle_prove_consistency(&source, from, to, &proof));
    return witness_request_text(from, &proof, note_of(sample, to, signer), sample->arena);
}

static enum witness_verdict judge(struct sample *sample, const char *body, uint64_t known, struct merkle_hash root)
{
    struct witness_request request;
    struct witness_known what = {
        .verifiers = note_signer_verifier(sample->log), .count = 1, .size = known, .root = root};
    assert_null(witness_request_parse(body, strlen(body), sample->arena, &request));
    return witness_judge(&request, &what);
}

static enum witness_verdict judge_after(struct sample *sample, const char *body, uint64_t known)
{
    return judge(sample, body, known, root_of(sample, known));
}

static void every_step_of_a_log_is_followed(void **state)
{
    struct sample *sample = *state;
    for (uint64_t from = 0; from <= LEAVES; from++)
        for (uint64_t to = from; to <= LEAVES; to++)
            assert_int_equal(judge_after(sample, body_of(sample, from, to, sample->log), from), WITNESS_COSIGNS);
}

static void what_does_not_continue_is_not_cosigned(void **state)
{
    struct sample *sample = *state;
    struct merkle_hash another = root_of(sample, 9);

    assert_int_equal(judge_after(sample, body_of(sample, 5, 9, sample->other), 5), WITNESS_UNSIGNED);
    assert_int_equal(judge_after(sample, body_of(sample, 5, 9, sample->log), 4), WITNESS_ELSEWHERE);
    assert_int_equal(judge_after(sample, body_of(sample, 5, 9, sample->log), 9), WITNESS_ELSEWHERE);
    assert_int_equal(judge(sample, body_of(sample, 5, 9, sample->log), 5, another), WITNESS_INCONSISTENT);
    assert_int_equal(judge(sample, body_of(sample, 5, 5, sample->log), 5, another), WITNESS_FORKED);
}

static void the_order_of_what_is_wrong_is_that_of_the_statuses(void **state)
{
    struct sample *sample = *state;
    struct merkle_proof empty = {0};
    const char *shrinks = witness_request_text(6, &empty, note_of(sample, 5, sample->log), sample->arena);
    const char *unsigned_too = witness_request_text(6, &empty, note_of(sample, 5, sample->other), sample->arena);

    assert_int_equal(judge_after(sample, shrinks, 6), WITNESS_SHRINKS);
    assert_int_equal(judge_after(sample, shrinks, 5), WITNESS_SHRINKS);
    assert_int_equal(judge_after(sample, unsigned_too, 6), WITNESS_UNSIGNED);
}

static void a_request_is_read_as_it_was_written(void **state)
{
    struct sample *sample = *state;
    struct witness_request request;
    const char *body = body_of(sample, 7, 33, sample->log);

    assert_null(witness_request_parse(body, strlen(body), sample->arena, &request));

    assert_int_equal(request.old_size, 7);
    assert_int_equal(request.checkpoint.size, 33);
    assert_string_equal(request.signed_note, note_of(sample, 33, sample->log));
    assert_string_equal(witness_request_text(request.old_size, &request.proof, request.signed_note, sample->arena),
                        body);
    for (size_t length = 0; length < strlen(body); length++)
        assert_non_null(witness_request_parse(body, length, sample->arena, &request));
}

static const char *read_line(struct sample *sample, const char *reply, uint64_t now, const char **line)
{
    return witness_reply_line(text_of(sample, 5), reply, strlen(reply), note_signer_verifier(sample->witness), now,
                              sample->arena, line);
}

static void only_the_line_of_the_witness_is_taken(void **state)
{
    struct sample *sample = *state;
    const char *line = NULL, *text = text_of(sample, 5);
    const char *ours = note_sign(sample->witness, text, NOW, sample->arena);
    const char *others = note_sign(sample->log, text, 0, sample->arena);

    assert_null(read_line(sample, ours, NOW, &line));
    assert_string_equal(line, ours);
    assert_null(read_line(sample, arena_printf(sample->arena, "%s%s%s", others, ours, others), NOW, &line));
    assert_string_equal(line, ours);

    const char *const wrong[] = {"",
                                 "\n",
                                 others,
                                 arena_printf(sample->arena, "\n%s", ours),
                                 arena_printf(sample->arena, "%s\n", ours),
                                 arena_printf(sample->arena, "%sx\n", ours),
                                 arena_strndup(sample->arena, ours, strlen(ours) - 1),
                                 arena_printf(sample->arena, "x\n\n%s", ours),
                                 note_sign(sample->witness, text_of(sample, 6), NOW, sample->arena)};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_non_null(read_line(sample, wrong[i], NOW, &line));
}

static void a_cosignature_is_of_now(void **state)
{
    struct sample *sample = *state;
    const char *line = NULL, *ours = note_sign(sample->witness, text_of(sample, 5), NOW, sample->arena);

    assert_null(read_line(sample, ours, NOW + WITNESS_CLOCK_S, &line));
    assert_null(read_line(sample, ours, NOW - WITNESS_CLOCK_S, &line));
    assert_non_null(read_line(sample, ours, NOW + WITNESS_CLOCK_S + 1, &line));
    assert_non_null(read_line(sample, ours, NOW - WITNESS_CLOCK_S - 1, &line));
    assert_non_null(
        read_line(sample, note_sign(sample->witness, text_of(sample, 5), INT64_MAX, sample->arena), NOW, &line));
}

static void a_size_is_digits_and_a_newline(void **state)
{
    static const char *const wrong[] = {"",
                                        "7",
                                        "\n",
                                        " 7\n",
                                        "7 \n",
                                        "07\n",
                                        "-7\n",
                                        "+7\n",
                                        "7\n\n",
                                        "7\r\n",
                                        "7\n8\n",
                                        "0x7\n",
                                        "9223372036854775808\n"};
    uint64_t size;
    (void)state;

    assert_true(witness_reply_size("0\n", 2, &size));
    assert_int_equal(size, 0);
    assert_true(witness_reply_size("9223372036854775807\n", 20, &size));
    assert_int_equal(size, INT64_MAX);
    assert_false(witness_reply_size("7\0\n", 3, &size));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(witness_reply_size(wrong[i], strlen(wrong[i]), &size));
}

/* -- the list ------------------------------------------------------------------------------------------------------ */

/* What is wrong with a file of this text, or NULL. Lent by the arena. */
static const char *read_list(struct arena *arena, const char *text, struct witness_list *list)
{
    char file[] = "/tmp/samsyn-witnesses-XXXXXX", *why = NULL;
    int descriptor = mkstemp(file);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
    bool good = witness_list_read(file, arena, list, &why);
    const char *wrong = good ? NULL : arena_strdup(arena, strchr(why, ':'));
    free(why);
    unlink(file);
    return wrong;
}

static void a_list_names_keys_and_addresses(void **state)
{
    struct sample *sample = *state;
    struct witness_list list;
    const char *key = note_verifier_text(note_signer_verifier(sample->witness), sample->arena);
    const char *text = arena_printf(sample->arena, "# witnesses\n\n  %s\thttps://w.example/prefix/  \n", key);

    assert_null(read_list(sample->arena, text, &list));

    assert_int_equal(list.count, 1);
    assert_string_equal(list.witnesses[0].verifier.name, "w.example");
    assert_string_equal(list.witnesses[0].url, "https://w.example/prefix/add-checkpoint");
    assert_null(read_list(sample->arena, "", &list));
    assert_int_equal(list.count, 0);
}

static void a_list_with_a_fault_names_its_line(void **state)
{
    struct sample *sample = *state;
    struct arena *arena = sample->arena;
    struct witness_list list;
    const char *key = note_verifier_text(note_signer_verifier(sample->witness), arena);
    const char *signs = note_verifier_text(note_signer_verifier(sample->log), arena);
    const struct {
        const char *text, *why;
    } table[] = {
        {key, ":1: must be a verifier key and a URL"},
        {arena_printf(arena, "# a comment\n%s https://w.example more\n", key), ":2: must be a verifier key and a URL"},
        {arena_printf(arena, "%s https://w.example\n%s https://x.example\n", key, key),
         ":2: the witness is there already"},
        {arena_printf(arena, "%s https://w.example\n", signs), ":1: the key is not one of cosignatures"},
        {arena_printf(arena, "%s http://w.example\n", key), ":1: must be https, or http to the loopback interface"},
        {arena_printf(arena, "%s https://me@w.example\n", key), ":1: must not carry a user name"},
        {arena_printf(arena, "%s nowhere\n", key), ":1: is not a URL"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_string_equal(read_list(arena, table[i].text, &list), table[i].why);
    assert_non_null(read_list(arena, "key https://w.example\n", &list));
}

static void a_list_that_is_not_there_is_a_fault(void **state)
{
    struct sample *sample = *state;
    struct witness_list list;
    char *why = NULL;

    assert_false(witness_list_read("/nowhere/witnesses", sample->arena, &list, &why));

    assert_non_null(strstr(why, "/nowhere/witnesses"));
    free(why);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_step_of_a_log_is_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_continue_is_not_cosigned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_order_of_what_is_wrong_is_that_of_the_statuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_line_of_the_witness_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cosignature_is_of_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_size_is_digits_and_a_newline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_names_keys_and_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_with_a_fault_names_its_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_is_not_there_is_a_fault, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
