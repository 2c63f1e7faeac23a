/* What a node remembers of what it has signed. */
#include "log/memory.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static char folder[] = "/tmp/samsyn-memory-XXXXXX";
static const char *file;
static struct note_signer *signer, *stranger;

static struct note_signer *make_signer(const char *name)
{
    const char *path = arena_printf(arena, "%s/key.pem", folder);
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *out = fopen(path, "we");
    char *why = NULL;
    assert_non_null(out);
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
    EVP_PKEY_free(key);
    struct note_signer *made = note_signer_read(path, name, NOTE_SIGNED, &why);
    assert_non_null(made);
    unlink(path);
    return made;
}

static int begin(void **state)
{
    (void)state;
    arena = arena_create();
    assert_non_null(mkdtemp(folder));
    file = arena_printf(arena, "%s/memory", folder);
    signer = make_signer("test.example/log");
    stranger = make_signer("test.example/log");
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(file);
    rmdir(folder);
    note_signer_free(signer);
    note_signer_free(stranger);
    arena_destroy(arena);
    return 0;
}

static const char *note_of(struct note_signer *by, const char *origin, uint64_t size)
{
    struct checkpoint checkpoint = {.origin = origin, .size = size, .root = merkle_leaf("x", 1)};
    const char *text = checkpoint_text(&checkpoint, arena);
    return arena_printf(arena, "%s\n%s", text, note_sign(by, text, 0, arena));
}

static bool read_memory(struct checkpoint *checkpoint, char **why)
{
    const struct note_verifier *keys[] = {note_signer_verifier(signer)};
    *why = NULL;
    return memory_read(file, "test.example/log", keys, 1, arena, checkpoint, why);
}

static void assert_refused(const char *reason)
{
    struct checkpoint checkpoint;
    char *why;
    assert_false(read_memory(&checkpoint, &why));
    assert_non_null(strstr(why, reason));
    assert_non_null(strstr(why, file));
    free(why);
}

static void without_a_file_nothing_has_been_signed(void **state)
{
    (void)state;
    struct checkpoint checkpoint;
    struct merkle_hash empty = merkle_empty();
    char *why;
    assert_true(read_memory(&checkpoint, &why));
    assert_int_equal(checkpoint.size, 0);
    assert_true(merkle_equal(&checkpoint.root, &empty));
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct checkpoint checkpoint;
    struct stat it;
    char *why = NULL;
    assert_true(memory_write(file, note_of(signer, "test.example/log", 5), &why));
    assert_true(memory_write(file, note_of(signer, "test.example/log", 7), &why));
    assert_true(read_memory(&checkpoint, &why));
    assert_int_equal(checkpoint.size, 7);
    assert_int_equal(stat(file, &it), 0);
    assert_int_equal(it.st_mode & 0777, 0600);
}

static void what_is_not_ours_is_refused(void **state)
{
    (void)state;
    char *why = NULL;
    assert_true(memory_write(file, note_of(stranger, "test.example/log", 5), &why));
    assert_refused("signed by none of the log's keys");
    assert_true(memory_write(file, note_of(signer, "other.example/log", 5), &why));
    assert_refused("another origin");
    assert_true(memory_write(file, "test.example/log\n", &why));
    assert_refused("");
    assert_true(memory_write(file, "", &why));
    assert_refused("");
}

static void what_cannot_be_written_leaves_what_was(void **state)
{
    (void)state;
    struct checkpoint checkpoint;
    char *why = NULL;
    const char *blocking = arena_printf(arena, "%s.new", file);
    assert_true(memory_write(file, note_of(signer, "test.example/log", 5), &why));
    assert_int_equal(mkdir(blocking, 0700), 0);
    assert_false(memory_write(file, note_of(signer, "test.example/log", 9), &why));
    assert_non_null(strstr(why, file));
    free(why);
    rmdir(blocking);
    assert_true(read_memory(&checkpoint, &why));
    assert_int_equal(checkpoint.size, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_nothing_has_been_signed),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(what_is_not_ours_is_refused),
        cmocka_unit_test(what_cannot_be_written_leaves_what_was),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
