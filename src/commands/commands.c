#include "commands/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int command_fail(const char *format, ...)
{
    va_list arguments;
    char *message = NULL;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        abort();
    va_end(arguments);
    fprintf(stderr, "samsyn: %s\n", message);
    free(message);
    return 1;
}

const char *command_need(const struct options *options, enum option option)
{
    const char *value = options_text(options, option);
    if (!value)
        command_fail("--%s is needed", options_name(option));
    return value;
}
