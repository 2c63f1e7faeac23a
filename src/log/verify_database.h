/* The check of the log where it is kept: rows, entries, tiles, trees and signatures, each against the others, in one
 * pass and in constant memory.
 *
 * What the database alone can show: that a row, an entry or a hash is not what the others say. What only a signature
 * can: that all of them were made anew. What only a checkpoint kept elsewhere can, or a witness: that the end of the
 * log was cut off with its checkpoints, or that whoever has the log's key signed another history. */
#ifndef SAMSYN_LOG_VERIFY_DATABASE_H
#define SAMSYN_LOG_VERIFY_DATABASE_H

#include "db/script.h"
#include "log/verify_trust.h"

enum { DATABASE_ARCHIVES_MAX = 600 };

/* A month that was archived and removed, and the archive that has it. */
struct database_archive {
    char month[8], sha256[65];
    bool vouched; /* an event of the log says so */
};

enum database_fault {
    DATABASE_ALTERED,   /* a row, or its entry, that is not what was sealed */
    DATABASE_MISSING,   /* an entry without its row, or an index without entry */
    DATABASE_INSERTED,  /* a row, or an entry, where there was none when it was sealed */
    DATABASE_ORDER,     /* an entry before one of an earlier transaction */
    DATABASE_BACKDATED, /* a row that says a time more than an hour before the tree it is not yet in */
    DATABASE_TREE,      /* hashes and roots that do not fit */
    DATABASE_SIGNATURE, /* a checkpoint that nobody to be believed has signed so */
    DATABASE_KEPT,      /* another history than that of the checkpoint that was kept */
    DATABASE_FAULTS
};

struct database_check {
    /* Borrowed. */
    struct script *script; /* of the owner, at the beginning of its transaction */
    const struct verify_trust *trust;
    const struct checkpoint *kept;                                            /* or NULL */
    void (*find)(void *context, enum database_fault fault, const char *what); /* of each finding, a text that is lent */
    void (*progress)(void *context, uint64_t done, uint64_t size);
    void *context;

    /* What was found. */
    uint64_t faults[DATABASE_FAULTS];
    struct checkpoint newest;      /* tree, signed or not */
    struct verified newest_signed; /* its origin is NULL when there is none */
    uint64_t cosigned_size;        /* of the newest checkpoint with as many cosignatures as are needed */
    uint64_t rows, archived, trees, signed_trees;
    size_t archive_count;
    struct database_archive archives[DATABASE_ARCHIVES_MAX];
};

/* Runs it. False with `*why` (malloc'd) when it could not be done; then what was found is not all. */
bool verify_database(struct database_check *check, char **why);

#endif
