#include "operation/hooks.h"

#include <stddef.h>
#include <string.h>

static const struct hook hooks[] = {
    {"getApiInfo", hook_api_info, false},           {"getContractYaml", hook_contract_yaml, false},
    {"getContractJson", hook_contract_json, false}, {"getDocs", hook_docs, false},
    {"exportAccessEvents", hook_export, true},      {"getAccessExtract", hook_extract, true},
    {"getMyAccessExtract", hook_extract, true},
};

const struct hook *hook_find(const char *operation_id)
{
    for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
        if (strcmp(hooks[i].operation_id, operation_id) == 0)
            return &hooks[i];
    return NULL;
}
