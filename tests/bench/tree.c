/* Makes the tree of a log larger without events: `tree SIZE LAST_TXID LAST_ID` reads the hashes of the leaves that are
 * there, one to a line in hexadecimal, goes on with made-up ones until there are SIZE, and writes SQL for psql: the
 * tiles that have grown, and the tree. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/tile.h"

static void put_hashes(const struct merkle_hash *hashes, unsigned count)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * MERKLE_HASH * TILE_WIDTH];
    for (size_t i = 0; i < (size_t)count * MERKLE_HASH; i++) {
        text[2 * i] = digits[hashes->bytes[i] >> 4];
        text[2 * i + 1] = digits[hashes->bytes[i] & 15];
    }
    fwrite(text, 2 * MERKLE_HASH, count, stdout);
}

static void put_tile(void *context, const struct tile_name *name, const struct merkle_hash *hashes)
{
    (void)context;
    printf("%u\t%" PRIu64 "\t\\\\x", name->level, name->index);
    put_hashes(hashes, name->width);
    putchar('\n');
}

static bool read_hash(struct merkle_hash *hash)
{
    for (size_t i = 0; i < MERKLE_HASH; i++) {
        unsigned byte;
        if (scanf("%2x", &byte) != 1)
            return false;
        hash->bytes[i] = (unsigned char)byte;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    uint64_t size = strtoull(argv[1], NULL, 10);
    struct tile_edge *edge = calloc(1, sizeof(*edge));
    struct merkle_hash leaf;
    if (!edge)
        abort();
    puts("copy fresh_tiles from stdin;");
    while (read_hash(&leaf))
        tile_edge_add(edge, &leaf, put_tile, NULL);
    while (edge->size < size) {
        leaf = merkle_leaf(&edge->size, sizeof(edge->size));
        tile_edge_add(edge, &leaf, put_tile, NULL);
    }
    tile_edge_partial(edge, put_tile, NULL);
    leaf = tile_edge_root(edge);
    fputs("\\.\ninsert into samsyn.log_trees (size, root, last_txid, last_id) values (", stdout);
    printf("%" PRIu64 ", '\\x", edge->size);
    put_hashes(&leaf, 1);
    printf("', '%s', '%s');\n", argv[2], argv[3]);
    free(edge);
    return 0;
}
