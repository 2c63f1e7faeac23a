#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILE_MAX = 64 * 1024, NAME_MAX_LENGTH = 64 };

static const struct {
    const char *name;
    enum option_kind kind;
    const char *fallback;
    long least, most;
    unsigned commands;
    const char *help;
} table[OPTION_COUNT] = {
#define X(identifier, name, kind, fallback, least, most, commands, help)                                               \
    [OPTION_##identifier] = {name, kind, fallback, least, most, (commands), help},
    OPTION_TABLE(X)
#undef X
};

/* Whence a value came: what stands higher gives way to what stands lower. */
enum origin { FROM_NOWHERE, FROM_FLAG, FROM_ENVIRONMENT, FROM_FILE };

struct options {
    char *values[OPTION_COUNT];
    enum origin origins[OPTION_COUNT];
};

static bool fail(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char **why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(why, format, arguments) < 0)
        abort();
    va_end(arguments);
    return false;
}

/* The option called `name`, `*from_file` when with -file behind it; OPTION_COUNT when there is none. */
static enum option find(const char *name, bool *from_file)
{
    static const char suffix[] = "-file";
    size_t length = strlen(name);
    size_t stem = length > sizeof(suffix) - 1 ? length - (sizeof(suffix) - 1) : 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        *from_file = stem > 0 && strcmp(name + stem, suffix) == 0 && strlen(table[i].name) == stem &&
                     strncmp(table[i].name, name, stem) == 0;
        if (*from_file || strcmp(table[i].name, name) == 0)
            return (enum option)i;
    }
    return OPTION_COUNT;
}

static char *read_file(const char *path, char **why)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, FILE_MAX + 1);
    if (!text)
        abort();
    size_t length = file ? fread(text, 1, FILE_MAX + 1, file) : 0;
    bool good = file && !ferror(file) && length <= FILE_MAX;
    if (!good)
        fail(why, "%s: %s", path, file && length > FILE_MAX ? "the file is too long" : strerror(errno));
    if (file)
        fclose(file);
    if (!good) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}

/* The first line of a file that holds one value: a secret is often followed by a newline that is no part of it. */
static char *read_value(const char *path, char **why)
{
    char *text = read_file(path, why);
    if (text)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

/* What strptime lets through beside the form, a blank or a day that no month has, does not come back the same. */
static bool is_date(const char *value, const char *form)
{
    struct tm date = {.tm_mday = 1};
    char back[16];
    const char *end = strptime(value, form, &date);
    return end && *end == '\0' && timegm(&date) != -1 && strftime(back, sizeof(back), "%Y-%m-%d", &date) > 0 &&
           strncmp(back, value, strlen(value)) == 0;
}

static bool valid(enum option option, const char *value, const char *where, char **why)
{
    const char *name = table[option].name;
    size_t length = strlen(value);
    char *end = NULL;
    if (table[option].kind == OPTION_IS_SWITCH)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ||
               fail(why, "%s: %s is true or false", where, name);
    if (table[option].kind == OPTION_IS_MONTH)
        return is_date(value, "%Y-%m") || fail(why, "%s: %s is a month, YYYY-MM", where, name);
    if (table[option].kind == OPTION_IS_DAY)
        return is_date(value, "%Y-%m-%d") || fail(why, "%s: %s is a day of the calendar, YYYY-MM-DD", where, name);
    if (table[option].kind == OPTION_IS_TEXT)
        return (length >= (size_t)table[option].least && length <= (size_t)table[option].most) ||
               fail(why, "%s: %s has %ld to %ld characters", where, name, table[option].least, table[option].most);
    errno = 0;
    long number = strtol(value, &end, 10);
    bool digits = isdigit((unsigned char)*value) && *end == '\0' && errno == 0;
    return (digits && number >= table[option].least && number <= table[option].most) ||
           fail(why, "%s: %s is a number from %ld to %ld", where, name, table[option].least, table[option].most);
}

/* Takes one setting; `where` names it for a message. What has been set from a higher origin stays. */
static bool set(struct options *options, enum option option, bool from_file, const char *value, enum origin origin,
                const char *where, char **why)
{
    if (options->origins[option] == origin)
        return fail(why, "%s: %s is given twice", where, table[option].name);
    if (options->origins[option] != FROM_NOWHERE)
        return true;
    char *taken = from_file ? read_value(value, why) : strdup(value);
    if (!taken)
        return false;
    if (!valid(option, taken, where, why)) {
        free(taken);
        return false;
    }
    options->values[option] = taken;
    options->origins[option] = origin;
    return true;
}

/* An argument that is no flag is the file, for a command that has one. */
static bool is_operand(enum command command, const char *argument)
{
    return (table[OPTION_INPUT].commands & command) && (*argument != '-' || argument[1] == '\0');
}

static bool read_flags(struct options *options, enum command command, int count, const char *const *arguments,
                       char **why)
{
    for (int i = 0; i < count; i++) {
        const char *flag = arguments[i];
        bool from_file = false;
        if (is_operand(command, flag)) {
            if (!set(options, OPTION_INPUT, false, flag, FROM_FLAG, flag, why))
                return false;
            continue;
        }
        enum option option = strncmp(flag, "--", 2) == 0 ? find(flag + 2, &from_file) : OPTION_COUNT;
        if (option == OPTION_COUNT)
            return fail(why, "unknown option %s", flag);
        if (!(table[option].commands & command))
            return fail(why, "%s is no option of this command", flag);
        bool last = i + 1 == count || strncmp(arguments[i + 1], "--", 2) == 0;
        bool bare = last && table[option].kind == OPTION_IS_SWITCH && !from_file;
        if (i + 1 == count && !bare)
            return fail(why, "%s needs a value", flag);
        if (!set(options, option, from_file, bare ? "true" : arguments[++i], FROM_FLAG, flag, why))
            return false;
    }
    return true;
}

/* SAMSYN_POOL_SIZE to pool-size. */
static bool variable_name(const char *variable, size_t length, char name[static NAME_MAX_LENGTH])
{
    static const char prefix[] = "SAMSYN_";
    size_t skip = sizeof(prefix) - 1;
    if (length <= skip || length - skip >= NAME_MAX_LENGTH || strncmp(variable, prefix, skip) != 0)
        return false;
    for (size_t i = skip; i < length; i++)
        name[i - skip] = variable[i] == '_' ? '-' : (char)tolower((unsigned char)variable[i]);
    name[length - skip] = '\0';
    return true;
}

static bool read_environment(struct options *options, enum command command, const char *const *environment, char **why)
{
    char name[NAME_MAX_LENGTH];
    for (; environment && *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        bool from_file = false;
        if (!equals || !variable_name(*environment, (size_t)(equals - *environment), name))
            continue;
        enum option option = find(name, &from_file);
        if (option == OPTION_COUNT || !(table[option].commands & command))
            continue;
        if (!set(options, option, from_file, equals + 1, FROM_ENVIRONMENT, name, why))
            return false;
    }
    return true;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t length = strlen(text); length > 0 && isspace((unsigned char)text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

/* One line of the file; what is another command's is checked for its name alone. */
static bool read_line(struct options *options, enum command command, char *line, const char *where, char **why)
{
    char *content = trim(line);
    char *equals = strchr(content, '=');
    bool from_file = false;
    if (*content == '\0' || *content == '#')
        return true;
    if (!equals)
        return fail(why, "%s: a line is `name = value`", where);
    *equals = '\0';
    char *name = trim(content);
    enum option option = find(name, &from_file);
    if (option == OPTION_COUNT || option == OPTION_CONFIG)
        return fail(why, "%s: unknown option %s", where, name);
    if (!(table[option].commands & command))
        return true;
    return set(options, option, from_file, trim(equals + 1), FROM_FILE, where, why);
}

static bool read_config(struct options *options, enum command command, char **why)
{
    const char *path = options->values[OPTION_CONFIG];
    if (!path)
        return true;
    char *text = read_file(path, why);
    bool good = text != NULL;
    char *rest = text;
    for (unsigned number = 1; good && rest; number++) {
        char *line = strsep(&rest, "\n");
        char where[FILENAME_MAX + 16];
        snprintf(where, sizeof(where), "%s:%u", path, number);
        good = read_line(options, command, line, where, why);
    }
    free(text);
    return good;
}

struct options *options_read(enum command command, int count, const char *const *arguments,
                             const char *const *environment, char **why)
{
    struct options *options = calloc(1, sizeof(*options));
    if (!options)
        abort();
    if (read_flags(options, command, count, arguments, why) && read_environment(options, command, environment, why) &&
        read_config(options, command, why))
        return options;
    options_free(options);
    return NULL;
}

void options_free(struct options *options)
{
    for (size_t i = 0; options && i < OPTION_COUNT; i++)
        free(options->values[i]);
    free(options);
}

const char *options_text(const struct options *options, enum option option)
{
    return options->values[option] ? options->values[option] : table[option].fallback;
}

long options_number(const struct options *options, enum option option)
{
    const char *text = options_text(options, option);
    return text ? strtol(text, NULL, 10) : 0;
}

bool options_switch(const struct options *options, enum option option)
{
    const char *text = options_text(options, option);
    return text && strcmp(text, "true") == 0;
}

const char *options_name(enum option option)
{
    return table[option].name;
}

void options_help(enum command command, FILE *file)
{
    static const char *const kinds[] = {[OPTION_IS_TEXT] = "TEXT",
                                        [OPTION_IS_NUMBER] = "NUMBER",
                                        [OPTION_IS_SWITCH] = "true|false",
                                        [OPTION_IS_MONTH] = "YYYY-MM",
                                        [OPTION_IS_DAY] = "YYYY-MM-DD"};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!(table[i].commands & command))
            continue;
        fprintf(file, "  --%s %s\n      %s", table[i].name, kinds[table[i].kind], table[i].help);
        if (table[i].fallback)
            fprintf(file, " (default %s)", table[i].fallback);
        fputc('\n', file);
    }
}
