#include "commands/commands.h"

#include <stdarg.h>
#include <stdio.h>

int command_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("samsyn: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return 1;
}

const char *command_need(const struct options *options, enum option option)
{
    const char *value = options_text(options, option);
    if (!value)
        command_fail("--%s is needed", options_name(option));
    return value;
}
