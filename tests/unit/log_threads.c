/* Many threads hash, sign and verify at once, come and go: each has the right answers, and none leaves anything. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "log/merkle.h"
#include "log/note.h"
#include "log/sha256.h"

enum { THREADS = 8, GENERATIONS = 5, HASHES = 2000, NOTES = 10 };

static struct note_signer *signer;
static atomic_uint wrong;

static void *grow_tree(void *context)
{
    struct merkle_hash *root = context;
    struct merkle_range range = {0};
    for (uint64_t i = 0; i < HASHES; i++) {
        struct merkle_hash leaf = merkle_leaf(&i, sizeof(i));
        merkle_range_add(&range, &leaf);
    }
    *root = merkle_range_root(&range);
    return NULL;
}

static void *sign_and_verify(void *context)
{
    struct arena *arena = arena_create();
    const unsigned *thread = context;
    for (unsigned i = 0; i < NOTES; i++) {
        const char *text = arena_printf(arena, "%u of %u\n", i, *thread);
        const char *bytes = arena_printf(arena, "%s\n%s", text, note_sign(signer, text, i, arena));
        struct note note;
        uint64_t at = NOTES;
        if (note_parse(bytes, strlen(bytes), arena, &note) ||
            !note_verified(&note, note_signer_verifier(signer), &at) || at != i)
            atomic_fetch_add(&wrong, 1);
        note.text = "another text\n";
        if (note_verified(&note, note_signer_verifier(signer), NULL))
            atomic_fetch_add(&wrong, 1);
    }
    arena_destroy(arena);
    return NULL;
}

/* Runs `work` in all threads at once, each on its own of the `things` of `size` bytes. */
static void run_all(void *(*work)(void *), void *things, size_t size)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (char *)things + i * size), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* The first test: nothing has been hashed yet. */
static void threads_hash_alike_from_the_first_hash_on(void **state)
{
    struct merkle_hash roots[THREADS], expected;
    (void)state;
    for (unsigned generation = 0; generation < GENERATIONS; generation++) {
        run_all(grow_tree, roots, sizeof(roots[0]));
        grow_tree(&expected);
        for (size_t i = 0; i < THREADS; i++)
            assert_memory_equal(roots[i].bytes, expected.bytes, MERKLE_HASH);
    }
}

static void threads_share_a_signer_and_a_verifier(void **state)
{
    unsigned numbers[THREADS];
    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        numbers[i] = i;
    run_all(sign_and_verify, numbers, sizeof(numbers[0]));
    assert_int_equal(atomic_load(&wrong), 0);
}

static void pieces_are_hashed_as_one(void **state)
{
    static const unsigned char bytes[] = "abc";
    unsigned char whole[SHA256_SIZE], pieces[SHA256_SIZE];
    (void)state;
    sha256(&(struct sha256_piece){bytes, 3}, 1, whole);
    sha256((struct sha256_piece[]){{bytes, 1}, {NULL, 0}, {bytes + 1, 2}, {NULL, 0}}, 4, pieces);
    assert_memory_equal(pieces, whole, SHA256_SIZE);
    assert_memory_equal(whole, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23", 16); /* FIPS 180 */
    /* into one of the pieces */
    memcpy(pieces, bytes, 3);
    sha256(&(struct sha256_piece){pieces, 3}, 1, pieces);
    assert_memory_equal(pieces, whole, SHA256_SIZE);
}

static int create_signer(void **state)
{
    char file[] = "/tmp/log_threads.XXXXXX", *why;
    (void)state;
    FILE *opened = fdopen(mkstemp(file), "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    PEM_write_PrivateKey(opened, key, NULL, NULL, 0, NULL, NULL);
    fclose(opened);
    EVP_PKEY_free(key);
    signer = note_signer_read(file, "witness.example", NOTE_COSIGNED, &why);
    unlink(file);
    return signer ? 0 : -1;
}

static int free_signer(void **state)
{
    (void)state;
    note_signer_free(signer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_hash_alike_from_the_first_hash_on),
        cmocka_unit_test_setup_teardown(threads_share_a_signer_and_a_verifier, create_signer, free_signer),
        cmocka_unit_test(pieces_are_hashed_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
