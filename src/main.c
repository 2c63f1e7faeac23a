/* samsyn: the command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/commands.h"

static const struct {
    const char *name;
    enum command command;
    int (*run)(const struct options *options);
    const char *help;
} commands[] = {
    {"serve", COMMAND_SERVE, command_serve, "serve the API until SIGTERM or SIGINT, then finish what runs"},
    {"migrate", COMMAND_MIGRATE, command_migrate, "bring the database schema to what this binary needs"},
    {"check", COMMAND_CHECK, command_check, "prepare every statement on the database and explain what is wrong"},
    {"demo", COMMAND_DEMO, command_demo, "load a fictional municipality and print its people and their tokens"},
    {"token", COMMAND_TOKEN, command_token, "print a token of the development issuer"},
    {"import-organisations", COMMAND_IMPORT_ORGANISATIONS, command_import_organisations,
     "import municipalities and regions from CSV files"},
    {"import-grounds", COMMAND_IMPORT_GROUNDS, command_import_grounds,
     "import legal grounds, secrecy regimes, time limits and what belongs to them from a JSON file"},
    {"retention list", COMMAND_RETENTION_LIST, command_retention_list, "list what is past its time, and cull nothing"},
    {"retention run", COMMAND_RETENTION_RUN, command_retention_run, "cull what is past its time, each by itself"},
    {"log verify", COMMAND_LOG_VERIFY, command_log_verify,
     "check an export, an archive or a proof of the access log, without database and network"},
    {"log audit", COMMAND_LOG_AUDIT, command_log_audit, "check the access log in the database against its checkpoints"},
    {"log months", COMMAND_LOG_MONTHS, command_log_months, "list the months of the access log and how each stands"},
    {"log archive", COMMAND_LOG_ARCHIVE, command_log_archive,
     "write a month of the access log, whose time is over, to a file"},
    {"log remove", COMMAND_LOG_REMOVE, command_log_remove, "remove that month, if the file holds all of it"},
    {"version", COMMAND_VERSION, command_version, "print the version"},
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

/* True when the name has two words and this is its first. */
static bool is_first_word(const char *name, const char *word)
{
    size_t length = strlen(word);
    return strncmp(name, word, length) == 0 && name[length] == ' ';
}

/* Those that begin with `word`, or all of them. Returns how many. */
static size_t print_commands(FILE *file, const char *word)
{
    size_t count = 0;
    for (size_t i = 0; i < COMMANDS; i++)
        count += !word || is_first_word(commands[i].name, word);
    if (count > 0)
        fputs("usage: samsyn COMMAND [--OPTION VALUE ...]\n\n", file);
    for (size_t i = 0; i < COMMANDS; i++)
        if (!word || is_first_word(commands[i].name, word))
            fprintf(file, "  %-22s%s\n", commands[i].name, commands[i].help);
    if (count > 0)
        fputs("\nsamsyn COMMAND --help lists its options. Every option can also be given in the environment, as\n"
              "SAMSYN_OPTION, or in the file named by --config; with -file behind its name its value is read from a "
              "file.\n",
              file);
    return count;
}

static bool asks_for_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static bool set_log_level(const struct options *options)
{
    static const char *const levels[] = {"debug", "info", "warning", "security", "error"};
    const char *level = options_text(options, OPTION_LOG_LEVEL);
    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
        if (strcmp(level, levels[i]) == 0) {
            log_set_level((enum log_level)i);
            return true;
        }
    return false;
}

static int run(size_t index, int count, const char *const *arguments)
{
    char *why = NULL;
    struct options *options =
        options_read(commands[index].command, count, arguments, (const char *const *)environ, &why);
    int status = 2;
    if (!options)
        command_fail("%s: %s", commands[index].name, why);
    else if (!set_log_level(options))
        command_fail("--log-level is debug, info, warning, security or error");
    else
        status = commands[index].run(options);
    options_free(options);
    free(why);
    return status;
}

/* How many arguments the name takes when they are this command's, which may have two words; 0 when not. */
static int words_of(const char *name, int count, char **arguments)
{
    const char *space = strchr(name, ' ');
    size_t first = space ? (size_t)(space - name) : strlen(name);
    if (count < 1 || strlen(arguments[0]) != first || strncmp(arguments[0], name, first) != 0)
        return 0;
    if (!space)
        return 1;
    return count > 1 && strcmp(arguments[1], space + 1) == 0 ? 2 : 0;
}

/* The first word of some alone asks which there are. */
static int no_command(int count, char **arguments)
{
    bool help = count == 2 && asks_for_help(arguments[1]);
    if ((count == 1 || help) && print_commands(help ? stdout : stderr, arguments[0]) > 0)
        return help ? 0 : 2;
    bool second = count > 1 && *arguments[1] != '-';
    command_fail("there is no command %s%s%s; samsyn --help lists them", arguments[0], second ? " " : "",
                 second ? arguments[1] : "");
    return 2;
}

static int carry_out(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (argc < 2 || asks_for_help(name) || strcmp(name, "help") == 0) {
        print_commands(argc < 2 ? stderr : stdout, NULL);
        return argc < 2 ? 2 : 0;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        int words = words_of(commands[i].name, argc - 1, argv + 1);
        if (words == 0)
            continue;
        if (argc == words + 2 && asks_for_help(argv[words + 1])) {
            printf("samsyn %s: %s\n\n", commands[i].name, commands[i].help);
            options_help(commands[i].command, stdout);
            return 0;
        }
        return run(i, argc - 1 - words, (const char *const *)argv + 1 + words);
    }
    return no_command(argc - 1, argv + 1);
}

/* What was printed and did not arrive, as on a full disk, was not done: neither good nor what was found wrong. */
static int written(int status)
{
    bool arrived = fflush(stdout) == 0 && !ferror(stdout);
    if (!arrived)
        command_fail("standard output: %s", strerror(errno));
    return arrived ? status : 2;
}

int main(int argc, char **argv)
{
    return written(carry_out(argc, argv));
}
