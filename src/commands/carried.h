/* What the binary carries, ready for use: the contract, the catalogue of operations and the migrations. */
#ifndef SAMSYN_COMMANDS_CARRIED_H
#define SAMSYN_COMMANDS_CARRIED_H

#include "base/arena.h"
#include "base/embedded.h"
#include "contract/contract.h"
#include "db/migrate.h"
#include "operation/catalogue.h"

struct carried {
    const struct embedded *yaml;
    struct contract *contract;
    struct catalogue *catalogue;
};

/* Reads contract and statements; false, having said why on standard error. carried_free releases either way. */
bool carried_load(struct carried *carried);
void carried_free(struct carried *carried);

/* The migrations in order, lent by the arena; NULL, having said why, when a file is not called NNNN_verb_noun.sql. */
const struct migration *carried_migrations(struct arena *arena, size_t *count);

#endif
