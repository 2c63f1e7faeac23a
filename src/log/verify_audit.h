/* One run of verify_database. Private to the module. */
#ifndef SAMSYN_LOG_VERIFY_AUDIT_H
#define SAMSYN_LOG_VERIFY_AUDIT_H

#include "log/event.h"
#include "log/tile.h"
#include "log/verify_cursor.h"
#include "log/verify_database.h"

enum { AUDIT_TEXT = 64 };

struct audit {
    struct database_check *check;
    char **why; /* set: it cannot go on, and nothing more is found */
    struct arena *arena;

    /* Rows and entries. */
    struct verify_cursor events, entries;
    char txid[AUDIT_TEXT], id[AUDIT_TEXT]; /* of the last row that is as it was sealed */
    uint64_t behind;                       /* one more than the index of that row */
    char not_before[AUDIT_TEXT];           /* an hour before the last tree was sealed; "" before the first */

    /* Months that were archived: their entries, and what events say of them. */
    struct verify_cursor archived;
    const char *archive_ids[DATABASE_ARCHIVES_MAX];

    /* Hashes and trees. */
    struct verify_cursor tiles, trees;
    struct tile_edge *edge;
    struct merkle_range range;
    struct merkle_hash hashes[TILE_WIDTH]; /* of the present tile of level 0 */
    unsigned width;
    uint64_t upper; /* tiles above level 0 that must be there */
    bool broken;    /* a hash is missing: no root can be told from there on */
};

void audit_find(struct audit *audit, enum database_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Runs one statement, as script_call; NULL rows, and audit->why set, when it fails. */
const char *const *audit_row(struct audit *audit, const char *sql, size_t count, const char *const *values,
                             struct arena *arena);

/* Opens the cursors on rows and entries, up to the row of (txid, id). */
bool audit_rows_begin(struct audit *audit, const char *txid, const char *id);

/* Entry `index` and its row, against the hash it must have (NULL when that is missing). True with `*leaf` when there is
 * a row to make one of. */
bool audit_rows_step(struct audit *audit, uint64_t index, const struct merkle_hash *hash, struct merkle_hash *leaf);

/* What is left of rows and entries behind the last one. */
void audit_rows_end(struct audit *audit);

/* Reads which months have been archived. Whether entry `index`, of rising ones, was of one of them. What an event that
 * is as it was sealed says of one; and which of them nobody vouches for. */
bool audit_archives_begin(struct audit *audit);
bool audit_archives_have(struct audit *audit, uint64_t index);
void audit_archives_note(struct audit *audit, const struct event *event);
void audit_archives_end(struct audit *audit);

bool audit_trees_begin(struct audit *audit);

/* The hash that entry `index` has in the tree; NULL when it is missing, after that was said. */
const struct merkle_hash *audit_trees_hash(struct audit *audit, uint64_t index);

/* Adds the hash of the next entry, and checks the tree that ends there. */
void audit_trees_step(struct audit *audit, const struct merkle_hash *hash);
void audit_trees_end(struct audit *audit);

#endif
