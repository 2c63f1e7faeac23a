/* Signed notes: known answers of others, and everything that is almost one. */
#include <inttypes.h>
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

#include "log/base64.h"
#include "log/note.h"

#define DASH "\xe2\x80\x94 "

/* The example of signed-note itself. */
#define EXAMPLE_KEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define EXAMPLE_TEXT "This is an example message.\n"
#define EXAMPLE_BASE64 "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
#define EXAMPLE_LINE DASH "example.com/foo " EXAMPLE_BASE64 "\n"
#define EXAMPLE EXAMPLE_TEXT "\n" EXAMPLE_LINE

/* The key of Go's examples, whose private half is published with it. */
#define PETER "PeterNeumann"
#define PETER_KEY PETER "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_TEXT                                                                                                     \
    "If you think cryptography is the answer to your problem,\n"                                                       \
    "then you don't know what your problem is.\n"
#define PETER_LINE                                                                                                     \
    DASH PETER " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
static const unsigned char peter_seed[] = {0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44,
                                           0x33, 0x30, 0xf5, 0x40, 0x80, 0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c,
                                           0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73};

/* The same key as a witness; computed with another library (pyca/cryptography). */
#define PETER_WITNESS_KEY PETER "+18b9780b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define SOFA "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define SOFA_LINE                                                                                                      \
    DASH PETER                                                                                                         \
        " GLl4CwAAAABkGFDLJeR//pqzhnEKVvEm2wWbh2RJ6oru5+cUUfm5X9NnlaGr8aSH9QE5RVZD4QGlxl2F5UpVIIi94p178KLfqPPsAA==\n"
#define SOFA_TIME 1679315147

/* A checkpoint as a public log published it, with signatures of two kinds by the log and cosignatures of witnesses. */
#define PUBLIC_LOG "arche2025h1.staging.ct.transparency.dev"
#define PUBLIC_TEXT PUBLIC_LOG "\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
#define PUBLIC_NOTE                                                                                                    \
    PUBLIC_TEXT                                                                                                        \
    "\n" DASH PUBLIC_LOG " zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4"  \
    "kJXFbon5Ch9MNL5zRNZ55lvGt0=\n" DASH PUBLIC_LOG " ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1b" \
    "fTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n" DASH "transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwj"  \
    "MWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n" DASH                               \
    "witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqm"   \
    "NWVuE0tgh0XwzdZsDsUAQ==\n" DASH "remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZ"  \
    "I+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
static const char *const public_keys[] = {
    PUBLIC_LOG "+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
};

static struct arena *arena;
static char key_file[] = "/tmp/log_note.XXXXXX";

static struct note_verifier verifier_of(const char *text)
{
    struct note_verifier verifier;
    const char *wrong = note_verifier_parse(text, arena, &verifier);
    if (wrong)
        fail_msg("%s: %s", text, wrong);
    return verifier;
}

static struct note parsed(const char *bytes)
{
    struct note note;
    const char *wrong = note_parse(bytes, strlen(bytes), arena, &note);
    if (wrong)
        fail_msg("%s: %s", wrong, bytes);
    return note;
}

static bool verified(const char *bytes, const char *key)
{
    struct note note = parsed(bytes);
    struct note_verifier verifier = verifier_of(key);
    return note_verified(&note, &verifier, NULL);
}

static void write_key(EVP_PKEY *key, bool encrypted)
{
    FILE *file = fopen(key_file, "w");
    assert_int_equal(PEM_write_PKCS8PrivateKey(file, key, encrypted ? EVP_aes_256_cbc() : NULL,
                                               encrypted ? "password" : NULL, encrypted ? 8 : 0, NULL, NULL),
                     1);
    fclose(file);
    EVP_PKEY_free(key);
}

static struct note_signer *peter_signer(enum note_kind kind)
{
    char *why;
    write_key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, peter_seed, sizeof(peter_seed)), false);
    struct note_signer *signer = note_signer_read(key_file, PETER, kind, &why);
    assert_non_null(signer);
    assert_null(why);
    return signer;
}

static void a_note_of_the_specification_is_verified(void **state)
{
    (void)state;
    struct note note = parsed(EXAMPLE);
    assert_string_equal(note.text, EXAMPLE_TEXT);
    assert_int_equal(note.count, 1);
    assert_string_equal(note.signatures[0].name, "example.com/foo");
    assert_string_equal(note.signatures[0].line, EXAMPLE_LINE);
    assert_int_equal(note.signatures[0].length, NOTE_SIGNATURE);
    assert_memory_equal(note.signatures[0].id, "\x53\x0d\x90\x3a", NOTE_KEY_ID);

    assert_true(verified(EXAMPLE, EXAMPLE_KEY));
    assert_true(verified(PETER_TEXT "\n" PETER_LINE, PETER_KEY));
    assert_false(verified(EXAMPLE, PETER_KEY));
}

static void a_checkpoint_of_a_public_log_is_verified_with_its_witnesses(void **state)
{
    (void)state;
    struct note note = parsed(PUBLIC_NOTE);
    assert_int_equal(note.count, 5);
    for (size_t i = 0; i < sizeof(public_keys) / sizeof(public_keys[0]); i++) {
        uint64_t at = 1;
        struct note_verifier verifier = verifier_of(public_keys[i]);
        assert_true(note_verified(&note, &verifier, &at));
        assert_int_equal(at, i == 0 ? 0 : 1779573024);
    }
}

static void no_bit_of_a_note_can_be_changed(void **state)
{
    struct note_verifier verifier = verifier_of(EXAMPLE_KEY);
    (void)state;
    for (size_t bit = 0; bit < 8 * (sizeof(EXAMPLE) - 1); bit++) {
        char bytes[] = EXAMPLE;
        struct note note;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        if (!note_parse(bytes, sizeof(bytes) - 1, arena, &note) && note_verified(&note, &verifier, NULL))
            fail_msg("verified with bit %zu changed", bit);
    }
}

static void a_note_is_signed_as_others_sign_it(void **state)
{
    (void)state;
    struct note_signer *signer = peter_signer(NOTE_SIGNED);
    struct note_signer *witness = peter_signer(NOTE_COSIGNED);

    assert_string_equal(note_verifier_text(note_signer_verifier(signer), arena), PETER_KEY);
    assert_string_equal(note_verifier_text(note_signer_verifier(witness), arena), PETER_WITNESS_KEY);
    assert_string_equal(note_sign(signer, PETER_TEXT, 0, arena), PETER_LINE);
    assert_string_equal(note_sign(witness, SOFA, SOFA_TIME, arena), SOFA_LINE);
    assert_true(verified(SOFA "\n" SOFA_LINE, PETER_WITNESS_KEY));

    note_signer_free(signer);
    note_signer_free(witness);
    note_signer_free(NULL);
}

static void a_cosignature_is_of_a_text_and_a_time(void **state)
{
    (void)state;
    struct note_signer *signer = peter_signer(NOTE_COSIGNED);
    const struct note_verifier *verifier = note_signer_verifier(signer);
    static const uint64_t times[] = {0, 1, SOFA_TIME, INT64_MAX};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        uint64_t at = 1;
        struct note note = parsed(arena_printf(arena, "%s\n%s", SOFA, note_sign(signer, SOFA, times[i], arena)));
        assert_true(note_verified(&note, verifier, &at));
        assert_int_equal(at, times[i]);
    }
    assert_null(note_sign(signer, SOFA, (uint64_t)INT64_MAX + 1, arena));

    /* of two, the newer time */
    uint64_t at;
    struct note both = parsed(
        arena_printf(arena, "%s\n%s%s", SOFA, note_sign(signer, SOFA, 9, arena), note_sign(signer, SOFA, 5, arena)));
    assert_true(note_verified(&both, verifier, &at));
    assert_int_equal(at, 9);

    /* what was cosigned is not signed, and the other way round */
    assert_false(verified(SOFA "\n" SOFA_LINE, PETER_KEY));
    assert_false(verified(PETER_TEXT "\n" PETER_LINE, PETER_WITNESS_KEY));
    /* the message that a cosignature is of is not a note's text with a signature of the first kind */
    struct note_verifier posing = *verifier;
    posing.kind = NOTE_SIGNED;
    assert_false(note_verified(&both, &posing, NULL));
    note_signer_free(signer);
}

/* Signed rightly, at a time that cannot be. */
static void a_time_beyond_63_bits_is_refused(void **state)
{
    static const uint64_t times[] = {INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    (void)state;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, peter_seed, sizeof(peter_seed));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        unsigned char bytes[NOTE_KEY_ID + NOTE_TIME + NOTE_SIGNATURE] = {0x18, 0xb9, 0x78, 0x0b};
        char encoded[BASE64_ENCODED_SIZE(sizeof(bytes))];
        size_t size = NOTE_SIGNATURE;
        const char *message = arena_printf(arena, "cosignature/v1\ntime %" PRIu64 "\n%s", times[i], SOFA);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        for (unsigned b = 0; b < NOTE_TIME; b++)
            bytes[NOTE_KEY_ID + b] = (unsigned char)(times[i] >> (56 - 8 * b));
        assert_int_equal(EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key, NULL), 1);
        assert_int_equal(EVP_DigestSign(context, bytes + NOTE_KEY_ID + NOTE_TIME, &size, (const unsigned char *)message,
                                        strlen(message)),
                         1);
        EVP_MD_CTX_free(context);
        base64_encode(bytes, sizeof(bytes), encoded);
        assert_int_equal(verified(arena_printf(arena, "%s\n" DASH PETER " %s\n", SOFA, encoded), PETER_WITNESS_KEY),
                         i == 0);
    }
    EVP_PKEY_free(key);
}

static void only_the_text_of_a_note_is_signed(void **state)
{
    static const char *const wrong[] = {"",
                                        "no newline",
                                        "a\ttab\n",
                                        "carriage return\r\n",
                                        "not UTF-8 \xff\n",
                                        "overlong \xc0\xaf\n",
                                        "surrogate \xed\xa0\x80\n"};
    (void)state;
    struct note_signer *signer = peter_signer(NOTE_SIGNED);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_null(note_sign(signer, wrong[i], 0, arena));
    assert_non_null(note_sign(signer, "\n", 0, arena));
    assert_non_null(note_sign(signer, "Gr\u00f6nstedt\n\nempty lines, " DASH "and dashes\n", 0, arena));
    note_signer_free(signer);
}

static void a_text_may_hold_empty_lines_and_what_looks_like_signatures(void **state)
{
    (void)state;
    struct note_signer *signer = peter_signer(NOTE_SIGNED);
    const char *text = "first\n\n" PETER_LINE "\nlast\n";
    const char *bytes = arena_printf(arena, "%s\n%s", text, note_sign(signer, text, 0, arena));
    struct note note = parsed(bytes);
    assert_string_equal(note.text, text);
    assert_int_equal(note.count, 1);
    assert_true(note_verified(&note, note_signer_verifier(signer), NULL));
    note_signer_free(signer);
}

static void what_is_almost_a_note_is_refused(void **state)
{
#define GOOD EXAMPLE_LINE
#define BYTES(text) text, sizeof(text) - 1
    static const struct {
        const char *bytes;
        size_t length;
    } wrong[] = {
        {BYTES("")},
        {BYTES("\n")},
        {BYTES("\n\n")},
        {BYTES("\n" GOOD)},                                 /* no text */
        {BYTES(EXAMPLE_TEXT)},                              /* no signature */
        {BYTES(EXAMPLE_TEXT "\n")},                         /* no signature */
        {BYTES(EXAMPLE_TEXT GOOD)},                         /* no empty line */
        {BYTES("This is an example message." GOOD)},        /* no newline */
        {BYTES("This is an example message.\n" DASH "\n")}, /* no empty line */
        {BYTES(EXAMPLE "\n")},                              /* text after the signatures */
        {BYTES(EXAMPLE "text\n")},
        {BYTES(EXAMPLE "text")},
        {BYTES(EXAMPLE "\ntext\n")},
        {BYTES(EXAMPLE_TEXT "\ntext\n" GOOD)},
        {BYTES(EXAMPLE_TEXT "\n" GOOD "\n" GOOD "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo " EXAMPLE_BASE64)}, /* no last newline */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo " EXAMPLE_BASE64 "\r\n")},
        {BYTES(EXAMPLE_TEXT "\n- example.com/foo " EXAMPLE_BASE64 "\n")}, /* other dashes */
        {BYTES(EXAMPLE_TEXT "\n\u2013 example.com/foo " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n\u2014example.com/foo " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n\u2014\u00a0"
                            "example.com/foo " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n " GOOD)},
        {BYTES(EXAMPLE_TEXT "\n\xe2\x80\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo \n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH " " EXAMPLE_BASE64 "\n")}, /* no name */
        {BYTES(EXAMPLE_TEXT "\n" DASH EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example+com " EXAMPLE_BASE64 "\n")}, /* names that none can have */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example\u00a0"
                            "com " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo bar " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo  " EXAMPLE_BASE64 "\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo " EXAMPLE_BASE64 " \n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo " EXAMPLE_BASE64 "=\n")}, /* base64 */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo " EXAMPLE_BASE64 "AAAA\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QOg\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QOg=\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QO!AA\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2Q-kAA\n")}, /* of the other alphabet */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo ====\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QOkn=\n")}, /* unused bits */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw==\n")},     /* short ids */
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2Q\n")},
        {BYTES(EXAMPLE_TEXT "\n" DASH "example.com/foo Uw2QOg==\n")}, /* nothing behind the id */
        {BYTES(EXAMPLE_TEXT "\n" GOOD DASH "example.com/foo Uw2QOg==\n")},
        {BYTES("This is an\0example message.\n\n" GOOD)}, /* control characters */
        {BYTES("This is an\texample message.\n\n" GOOD)},
        {BYTES("This is an example message.\r\n\r\n" GOOD)},
        {BYTES("\x1b[31mThis is an example message.\n\n" GOOD)},
        {BYTES("This is an \xff"
               "example message.\n\n" GOOD)}, /* UTF-8 */
        {BYTES("This is an \xc0\x80"
               "example message.\n\n" GOOD)},
        {BYTES("This is an \xed\xa0\x80"
               "example message.\n\n" GOOD)},
        {BYTES("This is an \xf4\x90\x80\x80"
               "example message.\n\n" GOOD)},
        {BYTES("This is an \xe2\x80"
               "example message.\n\n" GOOD)},
        {BYTES("\xef\xbb\xbf")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct note note, copy;
        const char *why = note_parse(wrong[i].bytes, wrong[i].length, arena, &note);
        if (!why && note.count == 1) {
            struct note_verifier verifier = verifier_of(EXAMPLE_KEY);
            if (note_verified(&note, &verifier, NULL))
                fail_msg("case %zu is verified", i);
        }
        if (!why)
            fail_msg("case %zu is taken for a note", i);
        assert_string_equal(note_parse(wrong[i].bytes, wrong[i].length, arena, &copy), why);
    }
}

static void a_note_cut_anywhere_is_not_the_note(void **state)
{
    struct note_verifier verifier = verifier_of(EXAMPLE_KEY);
    (void)state;
    for (size_t from = 0; from < sizeof(EXAMPLE) - 1; from++) {
        for (size_t to = from; to < sizeof(EXAMPLE) - 1; to++) {
            struct note note;
            if (!note_parse(EXAMPLE + from, to - from, arena, &note) && note_verified(&note, &verifier, NULL))
                fail_msg("verified from %zu to %zu", from, to);
        }
    }
}

/* The last signatures' base64 with its bytes changed by `change`, as the same key's line. */
static const char *example_line_changed(unsigned char change)
{
    unsigned char bytes[BASE64_DECODED_SIZE(sizeof(EXAMPLE_BASE64) - 1)];
    char text[sizeof(EXAMPLE_BASE64) + 4];
    size_t size;
    assert_true(base64_decode(EXAMPLE_BASE64, sizeof(EXAMPLE_BASE64) - 1, bytes, &size));
    bytes[size - 40] ^= change;
    base64_encode(bytes, size, text);
    return arena_printf(arena, DASH "example.com/foo %s\n", text);
}

/* A note of the text with one signature, of which bytes are cut off or to which zeroes are added. */
static const char *line_resized(const char *text, const char *line, int more)
{
    struct note note = parsed(arena_printf(arena, "%s\n%s", text, line));
    const struct note_signature *signature = &note.signatures[0];
    unsigned char bytes[100] = {0};
    char encoded[BASE64_ENCODED_SIZE(sizeof(bytes))];
    memcpy(bytes, signature->id, NOTE_KEY_ID);
    memcpy(bytes + NOTE_KEY_ID, signature->bytes, signature->length);
    base64_encode(bytes, (size_t)((int)(NOTE_KEY_ID + signature->length) + more), encoded);
    return arena_printf(arena, "%s\n" DASH "%s %s\n", text, signature->name, encoded);
}

static void one_invalid_signature_of_a_known_key_makes_the_note_invalid(void **state)
{
    (void)state;
    const char *bad = example_line_changed(1);
    assert_true(verified(arena_printf(arena, "%s\n%s%s", EXAMPLE_TEXT, EXAMPLE_LINE, EXAMPLE_LINE), EXAMPLE_KEY));
    assert_false(verified(arena_printf(arena, "%s\n%s", EXAMPLE_TEXT, bad), EXAMPLE_KEY));
    assert_false(verified(arena_printf(arena, "%s\n%s%s", EXAMPLE_TEXT, EXAMPLE_LINE, bad), EXAMPLE_KEY));
    assert_false(verified(arena_printf(arena, "%s\n%s%s", EXAMPLE_TEXT, bad, EXAMPLE_LINE), EXAMPLE_KEY));
    /* of the right name and id, but a byte longer or shorter */
    assert_false(verified(line_resized(EXAMPLE_TEXT, EXAMPLE_LINE, 1), EXAMPLE_KEY));
    assert_false(verified(line_resized(EXAMPLE_TEXT, EXAMPLE_LINE, -1), EXAMPLE_KEY));
    assert_true(verified(line_resized(SOFA, SOFA_LINE, 0), PETER_WITNESS_KEY));
    assert_false(verified(line_resized(SOFA, SOFA_LINE, 1), PETER_WITNESS_KEY));
    assert_false(verified(line_resized(SOFA, SOFA_LINE, -1), PETER_WITNESS_KEY));
    assert_false(verified(line_resized(SOFA, SOFA_LINE, -8), PETER_WITNESS_KEY));
}

static void signatures_of_others_are_let_be(void **state)
{
    static const char others[] =
        DASH "example.com/foo "
             "AAAAAEn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n" DASH
             "example.com/bar " EXAMPLE_BASE64 "\n" /* the id of the known key under another name */
        DASH "example.com/fo " EXAMPLE_BASE64 "\n" DASH "example.com/foo/ " EXAMPLE_BASE64 "\n" DASH
             "post-quantum.example AAAAAAAA\n";
    (void)state;
    assert_true(verified(arena_printf(arena, "%s\n%s%s", EXAMPLE_TEXT, others, EXAMPLE_LINE), EXAMPLE_KEY));
    assert_true(verified(arena_printf(arena, "%s\n%s%s", EXAMPLE_TEXT, EXAMPLE_LINE, others), EXAMPLE_KEY));
    assert_false(verified(arena_printf(arena, "%s\n%s", EXAMPLE_TEXT, others), EXAMPLE_KEY));
}

static void signatures_and_bytes_are_limited(void **state)
{
    (void)state;
    char *bytes = calloc(1, NOTE_SIZE_MAX + 100);
    struct note note;
    size_t length = (size_t)sprintf(bytes, "%s\n", EXAMPLE_TEXT);
    for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
        length += (size_t)sprintf(bytes + length, "%s", EXAMPLE_LINE);
    assert_null(note_parse(bytes, length, arena, &note));
    assert_int_equal(note.count, NOTE_SIGNATURES_MAX);
    length += (size_t)sprintf(bytes + length, "%s", EXAMPLE_LINE);
    assert_non_null(note_parse(bytes, length, arena, &note));

    size_t tail = sizeof("\n" EXAMPLE_LINE) - 1;
    memset(bytes, 'a', NOTE_SIZE_MAX + 1);
    memcpy(bytes + NOTE_SIZE_MAX - tail - 1, "\n\n" EXAMPLE_LINE, tail + 1);
    assert_null(note_parse(bytes, NOTE_SIZE_MAX, arena, &note));
    memmove(bytes + 1, bytes, NOTE_SIZE_MAX);
    assert_non_null(note_parse(bytes, NOTE_SIZE_MAX + 1, arena, &note));
    free(bytes);
}

static void a_verifier_key_is_read_and_written_alike(void **state)
{
    static const char *const keys[] = {EXAMPLE_KEY,
                                       PETER_KEY,
                                       PETER_WITNESS_KEY,
                                       "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
                                       "zero+6341358c+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEA",
                                       "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"};
    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct note_verifier verifier = verifier_of(keys[i]);
        assert_string_equal(note_verifier_text(&verifier, arena), keys[i]);
    }
    struct note_verifier example = verifier_of(EXAMPLE_KEY), witness = verifier_of(PETER_WITNESS_KEY);
    assert_string_equal(example.name, "example.com/foo");
    assert_int_equal(example.kind, NOTE_SIGNED);
    assert_int_equal(example.key[0], 0xe9);
    assert_int_equal(witness.kind, NOTE_COSIGNED);

    /* digits in upper case are written in lower case */
    struct note_verifier upper = verifier_of(PETER "+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    assert_string_equal(note_verifier_text(&upper, arena), PETER_KEY);
}

static void what_is_almost_a_verifier_key_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "+",
        "++",
        PETER,
        PETER "+",
        PETER "+c74f20a3",
        PETER "+c74f20a3+",
        PETER "++ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+c74f20a30+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+0xc74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+c74f20a3+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        PETER "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW ",
        PETER "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
        PETER "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW",
        PETER "+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* the id of the other kind */
        PETER "+18b9780b+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER "+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", /* the id right, the length wrong */
        "zero+6341358c+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",           /* a byte less, for a zero at the end */
        PETER "+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",         /* the id right, the kind unknown */
    };
    struct note_verifier verifier;
    char key[] = PETER_KEY;
    size_t length = sizeof(key) - 1;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (!note_verifier_parse(wrong[i], arena, &verifier))
            fail_msg("%s is taken for a verifier key", wrong[i]);

    /* any part of a good one, and any with one character changed */
    for (size_t from = 0; from < length; from++)
        for (size_t to = from; to <= length; to++)
            if (to - from < length &&
                !note_verifier_parse(arena_strndup(arena, key + from, to - from), arena, &verifier))
                fail_msg("taken for a verifier key from %zu to %zu", from, to);
    for (size_t i = 0; i < length; i++) {
        key[i]++;
        assert_non_null(note_verifier_parse(key, arena, &verifier));
        key[i]--;
    }
}

static void refuse_signer(const char *file, const char *name, const char *expected)
{
    char *why = NULL;
    assert_null(note_signer_read(file, name, NOTE_SIGNED, &why));
    assert_non_null(strstr(why, file));
    assert_non_null(strstr(why, expected));
    free(why);
}

static void only_a_plain_ed25519_key_signs(void **state)
{
    static const char *const names[] = {"",      " ",        "a b",       "a+b",      "a\tb",   "a\nb",
                                        "a\x7f", "a\u00a0b", "a\xc2\x85", "a\u2028b", "\u3000", "a\xff"};
    (void)state;
    refuse_signer("/nonexistent/key.pem", PETER, "No such file");
    refuse_signer("/dev/null", PETER, "Ed25519");
    write_key(EVP_EC_gen("P-256"), false);
    refuse_signer(key_file, PETER, "Ed25519");
    write_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), false);
    refuse_signer(key_file, PETER, "Ed25519");
    write_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), true);
    refuse_signer(key_file, PETER, "Ed25519");

    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, peter_seed, sizeof(peter_seed));
    FILE *file = fopen(key_file, "w");
    assert_int_equal(PEM_write_PUBKEY(file, key), 1);
    fclose(file);
    EVP_PKEY_free(key);
    refuse_signer(key_file, PETER, "Ed25519");

    note_signer_free(peter_signer(NOTE_SIGNED));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        refuse_signer(key_file, names[i], "name");
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_create();
    close(mkstemp(key_file));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    unlink(key_file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_of_the_specification_is_verified),
        cmocka_unit_test(a_checkpoint_of_a_public_log_is_verified_with_its_witnesses),
        cmocka_unit_test(no_bit_of_a_note_can_be_changed),
        cmocka_unit_test(a_note_is_signed_as_others_sign_it),
        cmocka_unit_test(a_cosignature_is_of_a_text_and_a_time),
        cmocka_unit_test(a_time_beyond_63_bits_is_refused),
        cmocka_unit_test(only_the_text_of_a_note_is_signed),
        cmocka_unit_test(a_text_may_hold_empty_lines_and_what_looks_like_signatures),
        cmocka_unit_test(what_is_almost_a_note_is_refused),
        cmocka_unit_test(a_note_cut_anywhere_is_not_the_note),
        cmocka_unit_test(one_invalid_signature_of_a_known_key_makes_the_note_invalid),
        cmocka_unit_test(signatures_of_others_are_let_be),
        cmocka_unit_test(signatures_and_bytes_are_limited),
        cmocka_unit_test(a_verifier_key_is_read_and_written_alike),
        cmocka_unit_test(what_is_almost_a_verifier_key_is_refused),
        cmocka_unit_test(only_a_plain_ed25519_key_signs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
