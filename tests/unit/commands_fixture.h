/* A migrated cluster and the means to run commands on it, for the tests of commands that write as the owner. */
#ifndef SAMSYN_TESTS_COMMANDS_FIXTURE_H
#define SAMSYN_TESTS_COMMANDS_FIXTURE_H

#include "base/log.h"
#include "commands/commands.h"
#include "support/cluster.h"

static char owner[192];

static int run_as_superuser(const char *path)
{
    char command[512];
    snprintf(command, sizeof(command), "psql -Xqh %s -U postgres -v ON_ERROR_STOP=1 -f %s", cluster_directory, path);
    return system(command);
}

static struct options *options_of(enum command command, int count, const char *const *arguments)
{
    char *why = NULL;
    struct options *options = options_read(command, count, arguments, NULL, &why);
    if (!options)
        fail_msg("%s", why);
    return options;
}

static int begin_group(void **state)
{
    if (cluster_start(state) != 0 || run_as_superuser("deploy/roles.sql") != 0)
        return -1;
    cluster_sql("alter database postgres owner to samsyn_owner");
    snprintf(owner, sizeof(owner), "host=%s user=samsyn_owner dbname=postgres connect_timeout=300", cluster_directory);
    struct options *options = options_of(COMMAND_MIGRATE, 2, (const char *[]){"--owner-database", owner});
    int status = command_migrate(options);
    options_free(options);
    return status;
}

/* Writes `text` to a new file and lends its path. */
static const char *write_file(char path[static 32], const char *text)
{
    strcpy(path, "/tmp/samsyn-import-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

/* Runs a command and lends what it said on `stream`, standard error or output. */
static const char *run_command(int (*run)(const struct options *), const struct options *options, FILE *stream,
                               int *status)
{
    static char said[8192];
    FILE *file = tmpfile();
    int number = fileno(stream), kept = dup(number);
    assert_non_null(file);
    fflush(stream);
    dup2(fileno(file), number);
    *status = run(options);
    fflush(stream);
    dup2(kept, number);
    close(kept);
    rewind(file);
    said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
    fclose(file);
    return said;
}

#endif
