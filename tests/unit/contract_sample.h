/* A small contract for the tests of the contract module, and shorthands around it. */
#ifndef SAMSYN_TESTS_CONTRACT_SAMPLE_H
#define SAMSYN_TESTS_CONTRACT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract/contract.h"

#define SAMPLE_HEAD                                                                                                    \
    "openapi: 3.1.0\n"                                                                                                 \
    "info: {title: Sample, version: '1', x-api-name: sample}\n"                                                        \
    "servers: [{url: /samsyn/v1}]\n"                                                                                   \
    "security: [{oauth2: ['samsyn:case']}]\n"

#define SAMPLE_SCHEMES                                                                                                 \
    "  securitySchemes:\n"                                                                                             \
    "    oauth2: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example/t', "                         \
    "scopes: {'samsyn:case': Cases}}}}\n"

/* Loads `yaml` and fails the test with the reason when it is refused. The caller destroys the contract. */
static inline struct contract *sample_load(const char *yaml)
{
    char *why = NULL;
    struct contract *contract = contract_load(yaml, strlen(yaml), &why);
    if (!contract)
        fail_msg("refused: %s", why);
    return contract;
}

/* "pointer rule" of every violation, joined by commas; lent by the arena. */
static inline const char *sample_list(const struct violations *violations, struct arena *arena)
{
    const char *list = "";
    for (const struct violation *v = violations->first; v; v = v->next)
        list = arena_printf(arena, "%s%s%s %s", list, *list ? ", " : "", v->pointer, v->rule);
    return list;
}

#endif
