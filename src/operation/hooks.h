/* The few operations that SQL alone cannot carry out. */
#ifndef SAMSYN_OPERATION_HOOKS_H
#define SAMSYN_OPERATION_HOOKS_H

#include <stdbool.h>

struct errand;

struct hook {
    const char *operation_id;
    void (*run)(struct errand *errand); /* fills the errand's reply; the request is routed, verified and bound */
    bool statements;                    /* has a block of statements beside it, which it runs itself */
};

/* The hook of an operation, or NULL. */
const struct hook *hook_find(const char *operation_id);

void hook_api_info(struct errand *errand);      /* getApiInfo: national REST API profile VER.06, VER.07 */
void hook_contract_yaml(struct errand *errand); /* getContractYaml: DOK.23, DOK.24 */
void hook_contract_json(struct errand *errand); /* getContractJson */
void hook_docs(struct errand *errand);          /* getDocs: DOK.03 */
void hook_export(struct errand *errand);        /* exportAccessEvents */
void hook_extract(struct errand *errand);       /* getAccessExtract, getMyAccessExtract */

#endif
