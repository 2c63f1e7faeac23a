/* Checkpoints and proofs of entries: their exact forms, and what is close to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log/checkpoint.h"

#define DASH "\xe2\x80\x94 "
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define ORIGIN "example.com/behind-the-sofa"
#define TEXT ORIGIN "\n20852163\n" ROOT "\n" /* the example of tlog-checkpoint */
#define NOTE                                                                                                           \
    TEXT "\n" DASH ORIGIN                                                                                              \
         " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
#define HEADER "c2sp.org/tlog-proof@v1\n"

static struct arena *arena;

static const char *why_not(const char *text)
{
    struct checkpoint checkpoint;
    return checkpoint_parse(text, arena, &checkpoint);
}

static void a_checkpoint_is_read_and_written_alike(void **state)
{
    struct checkpoint checkpoint;
    (void)state;
    assert_null(checkpoint_parse(TEXT, arena, &checkpoint));
    assert_string_equal(checkpoint.origin, ORIGIN);
    assert_int_equal(checkpoint.size, 20852163);
    assert_int_equal(checkpoint.root.bytes[0], 0x0a);
    assert_int_equal(checkpoint.root.bytes[31], 0x62);
    assert_string_equal(checkpoint_text(&checkpoint, arena), TEXT);
}

static void sizes_go_from_0_to_2_to_the_63(void **state)
{
    struct checkpoint checkpoint;
    (void)state;
    assert_null(checkpoint_parse("log\n0\n" EMPTY_ROOT "\n", arena, &checkpoint));
    assert_int_equal(checkpoint.size, 0);
    assert_string_equal(checkpoint_text(&checkpoint, arena), "log\n0\n" EMPTY_ROOT "\n");
    assert_null(checkpoint_parse("log\n1\n" ROOT "\n", arena, &checkpoint));
    assert_null(checkpoint_parse("log\n9223372036854775807\n" ROOT "\n", arena, &checkpoint));
    assert_int_equal(checkpoint.size, INT64_MAX);
    assert_string_equal(checkpoint_text(&checkpoint, arena), "log\n9223372036854775807\n" ROOT "\n");
}

static void further_lines_are_let_be(void **state)
{
    struct checkpoint checkpoint;
    (void)state;
    assert_null(checkpoint_parse(TEXT "extension\nanother one\n", arena, &checkpoint));
    assert_int_equal(checkpoint.size, 20852163);
    assert_null(checkpoint_parse("an origin + with spaces\n1\n" ROOT "\n", arena, &checkpoint));
    assert_string_equal(checkpoint.origin, "an origin + with spaces");
}

static void what_is_almost_a_checkpoint_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "\n",
        "\n\n\n",
        ORIGIN "\n",
        ORIGIN "\n20852163\n",
        ORIGIN "\n20852163\n" ROOT, /* no newline */
        "\n20852163\n" ROOT "\n",   /* no origin */
        "20852163\n" ROOT "\n",
        "\n" TEXT,
        ORIGIN "\n\n" ROOT "\n", /* sizes */
        ORIGIN "\n00\n" EMPTY_ROOT "\n",
        ORIGIN "\n01\n" ROOT "\n",
        ORIGIN "\n020852163\n" ROOT "\n",
        ORIGIN "\n-1\n" ROOT "\n",
        ORIGIN "\n+1\n" ROOT "\n",
        ORIGIN "\n 1\n" ROOT "\n",
        ORIGIN "\n1 \n" ROOT "\n",
        ORIGIN "\n1\r\n" ROOT "\n",
        ORIGIN "\n0x10\n" ROOT "\n",
        ORIGIN "\n1e3\n" ROOT "\n",
        ORIGIN "\n1.0\n" ROOT "\n",
        ORIGIN "\n1_000\n" ROOT "\n",
        ORIGIN "\n\xd9\xa1\n" ROOT "\n",            /* a digit of another script */
        ORIGIN "\n9223372036854775808\n" ROOT "\n", /* 2^63 */
        ORIGIN "\n18446744073709551615\n" ROOT "\n",
        ORIGIN "\n18446744073709551616\n" ROOT "\n", /* 2^64 */
        ORIGIN "\n18446744073709551617\n" ROOT "\n",
        ORIGIN "\n99999999999999999999999\n" ROOT "\n",
        ORIGIN "\n0\n" ROOT "\n", /* the root of a tree that is not empty */
        ORIGIN "\n1\n\n",         /* roots */
        ORIGIN "\n1\n\n" ROOT "\n",
        ORIGIN "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", /* 31 bytes */
        ORIGIN "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2Ji\n", /* 33 bytes */
        ORIGIN "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",  /* no padding */
        ORIGIN "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", /* unused bits */
        ORIGIN "\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n", /* base64url */
        ORIGIN "\n1\n CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        ORIGIN "\n1\n" ROOT " \n",
        ORIGIN "\n1\n0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62\n", /* hexadecimal */
        TEXT "\n",                                                                        /* empty further lines */
        TEXT "extension\n\n",
        TEXT "\nextension\n",
        TEXT "extension",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (!why_not(wrong[i]))
            fail_msg("taken for a checkpoint: %s", wrong[i]);
    assert_string_equal(why_not(ORIGIN "\n0\n" ROOT "\n"), "the root is not that of the empty tree, but the size is 0");
    assert_string_equal(why_not("\n1\n" ROOT "\n"), "the checkpoint has no origin");
}

static void hashes_have_one_text(void **state)
{
    static const char *const wrong[] = {"",
                                        "CsUY",
                                        ROOT "=",
                                        ROOT "\n",
                                        " " ROOT,
                                        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
                                        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw=="};
    struct merkle_hash hash;
    (void)state;
    assert_true(checkpoint_hash_parse(ROOT, &hash));
    assert_string_equal(checkpoint_hash_text(&hash, arena), ROOT);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(checkpoint_hash_parse(wrong[i], &hash));
}

static const char *why_no_proof(const char *text)
{
    struct entry_proof proof;
    return entry_proof_parse(text, strlen(text), arena, &proof);
}

static void a_proof_is_read_and_written_alike(void **state)
{
    /* index and hashes of the example of tlog-proof */
    static const char *const texts[] = {
        HEADER "index 0\n\n" NOTE,
        HEADER "index 73894\n"
               "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
               "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
               "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\n"
               "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
               "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n\n" NOTE,
        HEADER "extra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 9223372036854775807\n" ROOT "\n\n" NOTE,
        HEADER "index 1\n\n" TEXT "extension\n\n" DASH ORIGIN " AAAAAAAA\n" DASH "witness AAAAAAAA\n",
    };
    struct entry_proof proof;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_null(entry_proof_parse(texts[i], strlen(texts[i]), arena, &proof));
        assert_string_equal(entry_proof_text(&proof, arena), texts[i]);
    }

    assert_null(entry_proof_parse(texts[1], strlen(texts[1]), arena, &proof));
    assert_int_equal(proof.index, 73894);
    assert_int_equal(proof.proof.count, 5);
    assert_int_equal(proof.proof.hashes[4].bytes[31], 0xf9);
    assert_null(proof.extra);
    assert_string_equal(proof.note, NOTE);
    assert_null(entry_proof_parse(texts[2], strlen(texts[2]), arena, &proof));
    assert_int_equal(proof.extra_length, 17);
    assert_memory_equal(proof.extra, "extra information", 17);
}

static void no_extra_data_is_no_line(void **state)
{
    struct entry_proof proof = {.extra = "", .extra_length = 0, .index = 7, .note = NOTE};
    (void)state;
    assert_string_equal(entry_proof_text(&proof, arena), HEADER "index 7\n\n" NOTE);
    proof.extra = "\0\xff";
    proof.extra_length = 2;
    assert_string_equal(entry_proof_text(&proof, arena), HEADER "extra AP8=\nindex 7\n\n" NOTE);
}

static void what_is_almost_a_proof_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        HEADER,
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1 \nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\r\nindex 0\n\n" NOTE,
        "\n" HEADER "index 0\n\n" NOTE,
        "index 0\n\n" NOTE,
        HEADER "\n" NOTE, /* no index */
        HEADER "\nindex 0\n\n" NOTE,
        HEADER ROOT "\n\n" NOTE,
        HEADER "index\n\n" NOTE,
        HEADER "index \n\n" NOTE,
        HEADER "index 00\n\n" NOTE,
        HEADER "index 01\n\n" NOTE,
        HEADER "index -5\n\n" NOTE,
        HEADER "index +5\n\n" NOTE,
        HEADER "index  5\n\n" NOTE,
        HEADER "index 5 \n\n" NOTE,
        HEADER "Index 5\n\n" NOTE,
        HEADER "index five\n\n" NOTE,
        HEADER "index 9223372036854775808\n\n" NOTE,
        HEADER "index 18446744073709551616\n\n" NOTE,
        HEADER "index 0\nindex 0\n\n" NOTE,
        HEADER "extra AAAA\n\n" NOTE, /* extra data */
        HEADER "extra\nindex 0\n\n" NOTE,
        HEADER "extra \nindex 0\n\n" NOTE,
        HEADER "extra AAA\nindex 0\n\n" NOTE,
        HEADER "extra AB==\nindex 0\n\n" NOTE,
        HEADER "extra !!!!\nindex 0\n\n" NOTE,
        HEADER "extra AAAA\nextra AAAA\nindex 0\n\n" NOTE,
        HEADER "index 0\nextra AAAA\n\n" NOTE,
        HEADER "index 0\n" NOTE, /* no empty line */
        HEADER "index 0\n" ROOT "\n" NOTE,
        HEADER "index 0\n\n" ROOT "\n\n" NOTE,
        HEADER "index 0\nAAAA\n\n" NOTE, /* hashes */
        HEADER "index 0\n" ROOT " \n\n" NOTE,
        HEADER "index 0\n" ROOT "\r\n\n" NOTE,
        HEADER "index 0\n" ROOT ROOT "\n\n" NOTE,
        HEADER "index 0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n\n" NOTE,
        HEADER "index 0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n" NOTE,
        HEADER "index 0\n\n", /* no checkpoint */
        HEADER "index 0\n\n" TEXT,
        HEADER "index 0\n\n" TEXT "\n",
        HEADER "index 0\n\n\n" NOTE,
        HEADER "index 0\n\n" NOTE "\n",
        HEADER "index 0\n\n" NOTE "text\n",
        HEADER "index 0\n\ntest checkpoint\n\n" DASH ORIGIN " AAAAAAAA\n",
        HEADER "index 0\n\n" ORIGIN "\n1\nAAAA\n\n" DASH ORIGIN " AAAAAAAA\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (!why_no_proof(wrong[i]))
            fail_msg("taken for a proof: %s", wrong[i]);
}

/* Each beginning of a good one, and each with a NUL somewhere: text behind it must not be let through unread. */
static void a_proof_in_part_is_refused(void **state)
{
    static const char whole[] = HEADER "extra AAAA\nindex 5\n" ROOT "\n" ROOT "\n\n" NOTE;
    char bytes[sizeof(whole)];
    struct entry_proof proof;
    (void)state;
    assert_null(entry_proof_parse(whole, sizeof(whole) - 1, arena, &proof));
    for (size_t length = 0; length < sizeof(whole) - 1; length++) {
        assert_non_null(entry_proof_parse(whole, length, arena, &proof));
        memcpy(bytes, whole, sizeof(whole));
        bytes[length] = '\0';
        assert_non_null(entry_proof_parse(bytes, sizeof(whole) - 1, arena, &proof));
    }
    assert_non_null(entry_proof_parse(whole, sizeof(whole), arena, &proof)); /* with its ending NUL */
}

static void a_proof_has_at_most_64_hashes(void **state)
{
    struct entry_proof proof = {.index = 3, .note = NOTE}, read;
    (void)state;
    proof.proof.count = MERKLE_PROOF_MAX;
    const char *text = entry_proof_text(&proof, arena);
    assert_null(entry_proof_parse(text, strlen(text), arena, &read));
    assert_int_equal(read.proof.count, MERKLE_PROOF_MAX);
    assert_string_equal(entry_proof_text(&read, arena), text);

    const char *more = arena_printf(arena, HEADER "index 3\n" ROOT "\n%s", text + strlen(HEADER "index 3\n"));
    assert_string_equal(why_no_proof(more), "the proof has too many hashes");
}

static void a_proof_is_limited_in_size(void **state)
{
    enum { MOST = 1 << 20 };
    char *bytes = malloc(MOST + 5);
    (void)state;
    /* filled up with extra data */
    static const char tail[] = "\nindex 0\n\n" NOTE;
    size_t head = (size_t)sprintf(bytes, HEADER "extra ");
    size_t room = (MOST - head - (sizeof(tail) - 1)) / 4 * 4;
    memset(bytes + head, 'A', room + 4);
    memcpy(bytes + head + room, tail, sizeof(tail));
    assert_null(why_no_proof(bytes));
    memset(bytes + head, 'A', room + 4);
    memcpy(bytes + head + room + 4, tail, sizeof(tail));
    assert_string_equal(why_no_proof(bytes), "the proof is too long");
    free(bytes);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_is_read_and_written_alike),
        cmocka_unit_test(sizes_go_from_0_to_2_to_the_63),
        cmocka_unit_test(further_lines_are_let_be),
        cmocka_unit_test(what_is_almost_a_checkpoint_is_refused),
        cmocka_unit_test(hashes_have_one_text),
        cmocka_unit_test(a_proof_is_read_and_written_alike),
        cmocka_unit_test(no_extra_data_is_no_line),
        cmocka_unit_test(what_is_almost_a_proof_is_refused),
        cmocka_unit_test(a_proof_in_part_is_refused),
        cmocka_unit_test(a_proof_has_at_most_64_hashes),
        cmocka_unit_test(a_proof_is_limited_in_size),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
