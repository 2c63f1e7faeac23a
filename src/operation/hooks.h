/* The few operations that SQL alone cannot carry out. */
#ifndef SAMSYN_OPERATION_HOOKS_H
#define SAMSYN_OPERATION_HOOKS_H

struct errand;

/* What stands in sql/queries/ beside a hook: nothing; statements, which it runs itself; and a stream after these. */
enum hook_blocks { HOOK_ALONE, HOOK_STATEMENTS, HOOK_STREAM };

struct hook {
    const char *operation_id;
    void (*run)(struct errand *errand); /* fills the errand's reply; the request is routed, verified and bound */
    enum hook_blocks blocks;
};

/* The hook of an operation, or NULL. */
const struct hook *hook_find(const char *operation_id);

void hook_api_info(struct errand *errand);      /* getApiInfo: national REST API profile VER.06, VER.07 */
void hook_contract_yaml(struct errand *errand); /* getContractYaml: DOK.23, DOK.24 */
void hook_contract_json(struct errand *errand); /* getContractJson */
void hook_docs(struct errand *errand);          /* getDocs: DOK.03 */
void hook_export(struct errand *errand);        /* exportAccessEvents, exportLogServiceRecords */
void hook_extract(struct errand *errand);       /* getAccessExtract, getMyAccessExtract */
void hook_picture(struct errand *errand);       /* getAccessStatisticsPicture */
void hook_witness(struct errand *errand);       /* getWitness */
void hook_checkpoint(struct errand *errand);    /* addCheckpoint: C2SP tlog-witness */

void hook_log_checkpoint(struct errand *errand);    /* getCheckpoint: C2SP tlog-tiles, "Checkpoints" */
void hook_log_checkpoint_of(struct errand *errand); /* getCheckpointOfSize */
void hook_log_tile(struct errand *errand);          /* getTile: C2SP tlog-tiles, "Merkle Tree" */
void hook_log_consistency(struct errand *errand);   /* getConsistencyProof: RFC 6962 2.1.2 */
void hook_inclusion_proof(struct errand *errand);   /* getInclusionProof: RFC 6962 2.1.1 */
void hook_event_proof(struct errand *errand);       /* getEventProof: C2SP tlog-proof */

#endif
