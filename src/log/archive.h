/* The archive of a month of the access log: its rows as they are, below the tiles that they are sealed in, so that it
 * can be verified without a database. Newline-delimited JSON:
 *
 *   {"samsynArchive":1,"origin":o,"month":"2026-11","checkpoint":note}
 *   {"tile":t,"hashes":base64,"proof":[hash,...]}    from the node over all these hashes up to the root
 *   {"index":n,"row":{column: text, null or list}}    those rows of the month whose leaves are in the tile before them
 *   {"end":true,"events":n,"tiles":n}
 *
 * For one checkpoint there is one such text: an archive is checked by making it again. */
#ifndef SAMSYN_LOG_ARCHIVE_H
#define SAMSYN_LOG_ARCHIVE_H

#include "db/script.h"
#include "log/checkpoint.h"
#include "log/sha256.h"

enum { ARCHIVE_HEADER_MAX = 2 * NOTE_SIZE_MAX };

struct archive {
    const char *month; /* YYYY-MM */
    const char *note;  /* the signed checkpoint that it is proved by */
    struct checkpoint checkpoint;
};

/* Every function fails with `*why` (malloc'd). */

/* The archive by the signed checkpoint of `size`, as the database has it; lent by the arena, borrows the month. */
bool archive_begin(struct script *script, const char *month, uint64_t size, struct arena *arena,
                   struct archive *archive, char **why);

/* The archive that begins with this line of `length` bytes: it must be of the month, and its checkpoint one of this
 * log, with signatures that the database has. Lent by the arena, borrows the month. */
bool archive_resume(struct script *script, const char *month, const char *line, size_t length, struct arena *arena,
                    struct archive *archive, char **why);

/* Takes a line with its newline. */
typedef bool (*archive_emit)(void *context, const char *line, size_t length, char **why);

struct archive_sum {
    uint64_t events, tiles;
    unsigned char sha256[SHA256_SIZE]; /* of all lines */
};

/* Makes every line in order, with the memory of a few hundred rows. Fails at a row that is missing or is not what was
 * sealed, at a tile that does not lead to the checkpoint's root, and when `emit` does. The connection logs in as
 * samsyn_retention and is in no transaction. */
bool archive_make(struct script *script, const struct archive *archive, archive_emit emit, void *context,
                  struct archive_sum *sum, char **why);

#endif
