/* What a log and a witness do not agree on, as the database keeps it with its evidence. */
#ifndef SAMSYN_LOG_CONFLICT_H
#define SAMSYN_LOG_CONFLICT_H

#include "log/checkpoint.h"

struct conflict {
    const char *kind;      /* as in samsyn.log_conflicts */
    const char *witness;   /* of the own log, or NULL */
    uint64_t kept_size;    /* that the witness has cosigned, and the checkpoint: */
    const char *kept_note; /* or NULL */
    const struct checkpoint *offered;
    const char *note; /* the same, signed */
    const struct merkle_proof *proof;
};

/* The SQL that keeps one, and its values, lent by the arena. */
enum { CONFLICT_VALUES = 9 };
extern const char conflict_sql[];
void conflict_values(const struct conflict *conflict, struct arena *arena, const char *values[CONFLICT_VALUES]);

#endif
