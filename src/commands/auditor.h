/* What the commands of an auditor share: whom to believe, from the options, and how findings are told. */
#ifndef SAMSYN_COMMANDS_AUDITOR_H
#define SAMSYN_COMMANDS_AUDITOR_H

#include "base/options.h"
#include "log/progress.h"
#include "log/verify_trust.h"

enum { AUDITOR_GOOD, AUDITOR_WRONG, AUDITOR_UNABLE }; /* exit statuses */

struct auditor {
    struct arena *arena;
    struct verify_trust trust;
    const struct checkpoint *kept; /* NULL when there is none */
    struct progress progress;
    uint64_t told;
};

/* Reads --verifier-key, --witness-keys, --witnesses and --checkpoint. False, having said why, when one of them is
 * missing or worth nothing. Whatever it returns, auditor_end must follow. */
bool auditor_begin(struct auditor *auditor, const struct options *options);
void auditor_end(struct auditor *auditor);

/* Tells of a finding on standard error: the first hundred, and then that there are more. Characters that a terminal
 * would obey are shown as question marks. */
void auditor_tell(struct auditor *auditor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "name      value" on standard output, cleaned in the same way. */
void auditor_print(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints size, root, and who has signed. */
void auditor_print_checkpoint(const struct verified *verified);

#endif
