/* The sealing of the access log while the server runs: its keys from their files, the sequencer, and the witnesses:
 * those that this log is cosigned by, and the one that this server is of the logs of others. */
#ifndef SAMSYN_COMMANDS_SEALING_H
#define SAMSYN_COMMANDS_SEALING_H

#include "base/options.h"
#include "log/sequencer.h"
#include "log/witnessing.h"

struct sealing;

/* Starts to seal the log of `conninfo`'s database, borrowed until sealing_stop. Without --log-keys it is sealed and not
 * signed. NULL with `*why` (malloc'd) when the options do not fit together or a key cannot be read. */
struct sealing *sealing_start(const struct options *options, const char *conninfo, char **why);
void sealing_stop(struct sealing *sealing); /* NULL is allowed */
void sealing_gauges(struct sealing *sealing, struct sequencer_gauges *gauges);

/* Of the witnesses of this log; returns how many. */
size_t sealing_witnesses(struct sealing *sealing, struct witnessing_gauges gauges[WITNESSES_MAX]);

/* With what this server cosigns the logs of others; lent until sealing_stop. NULL when it is no witness. */
const struct note_signer *sealing_witness(const struct sealing *sealing);

#endif
