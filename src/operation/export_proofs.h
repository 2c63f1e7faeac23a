/* The export of the access log with proofs: lines of JSON that `samsyn log verify` checks without this server. First
 * the signed checkpoint; then each event that it covers, with what turns it into its leaf and the proof that this is in
 * the tree; last how many there are. An export without the last line was cut.
 *
 *   {"samsynExport":1,"origin":"...","checkpoint":"...","since":{"checkpoint":"...","proof":["..."]}}
 *   {"index":12,"event":{...},"opening":{...},"proof":["..."]}
 *   {"end":true,"events":1} */
#ifndef SAMSYN_OPERATION_EXPORT_PROOFS_H
#define SAMSYN_OPERATION_EXPORT_PROOFS_H

#include "operation/errand.h"

/* Makes the reply the stream. `head` is what samsyn.export_head says: size, checkpoint and perhaps since. */
void export_proofs(struct errand *errand, const json_t *head);

#endif
