#include "operation/hooks.h"

#include <stddef.h>
#include <string.h>

static const struct hook hooks[] = {
    {"getApiInfo", hook_api_info, HOOK_ALONE},
    {"getContractYaml", hook_contract_yaml, HOOK_ALONE},
    {"getContractJson", hook_contract_json, HOOK_ALONE},
    {"getDocs", hook_docs, HOOK_ALONE},
    {"exportAccessEvents", hook_export, HOOK_STREAM},
    {"exportLogServiceRecords", hook_export, HOOK_STREAM},
    {"getAccessExtract", hook_extract, HOOK_STREAM},
    {"getMyAccessExtract", hook_extract, HOOK_STREAM},
    {"getCheckpoint", hook_log_checkpoint, HOOK_STATEMENTS},
    {"getCheckpointOfSize", hook_log_checkpoint_of, HOOK_STATEMENTS},
    {"getTile", hook_log_tile, HOOK_STATEMENTS},
    {"getConsistencyProof", hook_log_consistency, HOOK_STATEMENTS},
    {"getWitness", hook_witness, HOOK_ALONE},
    {"addCheckpoint", hook_checkpoint, HOOK_ALONE},
    {"getInclusionProof", hook_inclusion_proof, HOOK_STATEMENTS},
    {"getEventProof", hook_event_proof, HOOK_STATEMENTS},
    {"getAccessStatisticsPicture", hook_picture, HOOK_STATEMENTS},
};

const struct hook *hook_find(const char *operation_id)
{
    for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
        if (strcmp(hooks[i].operation_id, operation_id) == 0)
            return &hooks[i];
    return NULL;
}
