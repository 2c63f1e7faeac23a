/* The sealing of the access log while the server runs: its keys from their files, and the sequencer. */
#ifndef SAMSYN_COMMANDS_SEALING_H
#define SAMSYN_COMMANDS_SEALING_H

#include "base/options.h"
#include "log/sequencer.h"

struct sealing;

/* Starts to seal the log of `conninfo`'s database, borrowed until sealing_stop. Without --log-keys it is sealed and not
 * signed. NULL with `*why` (malloc'd) when the options do not fit together or a key cannot be read. */
struct sealing *sealing_start(const struct options *options, const char *conninfo, char **why);
void sealing_stop(struct sealing *sealing); /* NULL is allowed */
void sealing_gauges(struct sealing *sealing, struct sequencer_gauges *gauges);

#endif
