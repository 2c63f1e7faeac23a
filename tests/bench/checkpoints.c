/* Signs a log in many places, as if it had been sealed every few entries: `checkpoints EVERY KEY NAME` reads the
 * entries, one to a line: the hash of the leaf in base64, transaction, id. It writes for psql to copy, for every EVERY
 * of them and for all: size, root, transaction, id, the name of the key and its id, and the signature; the key is in
 * the file KEY, and its name is NAME. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/checkpoint.h"
#include "log/tile_set.h"

struct entry {
    char hash[64], txid[32], id[64];
};

static bool read_entry(struct entry *entry, struct merkle_hash *leaf)
{
    return scanf("%63s %31s %63s", entry->hash, entry->txid, entry->id) == 3 &&
           checkpoint_hash_parse(entry->hash, leaf);
}

static void put_checkpoint(const struct merkle_range *range, const struct entry *last, const struct note_signer *signer)
{
    const struct note_verifier *key = note_signer_verifier(signer);
    struct arena *arena = arena_create();
    const struct checkpoint checkpoint = {key->name, range->size, merkle_range_root(range)};
    const char *line = note_sign(signer, checkpoint_text(&checkpoint, arena), 0, arena);
    printf("%" PRIu64 "\t\\%s\t%s\t%s\t%s\t\\%s\t%.*s\\n\n", range->size,
           tile_write_bytea(&checkpoint.root, sizeof(checkpoint.root), arena), last->txid, last->id, key->name,
           tile_write_bytea(key->id, sizeof(key->id), arena), (int)strcspn(line, "\n"), line);
    arena_destroy(arena);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    char *why = NULL;
    struct entry entry;
    struct merkle_hash leaf;
    struct merkle_range range = {0};
    uint64_t every = strtoull(argv[1], NULL, 10);
    struct note_signer *signer = note_signer_read(argv[2], argv[3], NOTE_SIGNED, &why);
    if (!signer || every == 0)
        abort();
    while (read_entry(&entry, &leaf)) {
        merkle_range_add(&range, &leaf);
        if (range.size % every == 0)
            put_checkpoint(&range, &entry, signer);
    }
    if (range.size % every != 0)
        put_checkpoint(&range, &entry, signer);
    note_signer_free(signer);
    return 0;
}
