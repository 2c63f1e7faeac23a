/* The commands of `samsyn`: each returns the exit status and says on standard error what went wrong. */
#ifndef SAMSYN_COMMANDS_COMMANDS_H
#define SAMSYN_COMMANDS_COMMANDS_H

#include "base/options.h"

int command_serve(const struct options *options);
int command_migrate(const struct options *options);
int command_check(const struct options *options);
int command_demo(const struct options *options);
int command_token(const struct options *options);
int command_import_organisations(const struct options *options);
int command_import_grounds(const struct options *options);
int command_retention_list(const struct options *options);
int command_retention_run(const struct options *options);
int command_log_verify(const struct options *options);
int command_log_audit(const struct options *options);
int command_log_months(const struct options *options);
int command_log_archive(const struct options *options);
int command_log_remove(const struct options *options);
int command_version(const struct options *options);

/* Writes `samsyn: <message>` to standard error and returns 1. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The value of an option that the command cannot do without; NULL, having said so, when it is not given. */
const char *command_need(const struct options *options, enum option option);

#endif
