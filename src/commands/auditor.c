#include "commands/auditor.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands/commands.h"

enum { FILE_MAX = 1 << 20, TOLD_MAX = 100 };

/* -- what is printed ---------------------------------------------------------------------------------------------- */

/* C0, DEL, and C1 as UTF-8 has it. */
static void clean(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++)
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0))
            *at = '?';
}

static char *format_clean(const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    clean(text);
    return text;
}

void auditor_tell(struct auditor *auditor, const char *format, ...)
{
    va_list arguments;
    if (++auditor->told > TOLD_MAX + 1)
        return;
    progress_clear(&auditor->progress);
    va_start(arguments, format);
    char *text = format_clean(format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s\n", auditor->told > TOLD_MAX ? "there are more; they are counted" : text);
    free(text);
}

void auditor_print(const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = format_clean(format, arguments);
    va_end(arguments);
    printf("%-16s%s\n", name, text);
    free(text);
}

static void print_witness(const struct note_verifier *witness, uint64_t at)
{
    struct tm broken;
    char text[32] = "";
    time_t seconds = (time_t)at;
    if (gmtime_r(&seconds, &broken))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &broken);
    auditor_print("cosigned by", "%s at %s", witness->name, text);
}

void auditor_print_checkpoint(const struct verified *verified)
{
    struct arena *arena = arena_create();
    auditor_print("log", "%s", verified->checkpoint.origin);
    auditor_print("size", "%" PRIu64, verified->checkpoint.size);
    auditor_print("root", "%s", checkpoint_hash_text(&verified->checkpoint.root, arena));
    if (verified->key)
        auditor_print("signed by", "%s", note_verifier_text(verified->key, arena));
    for (size_t i = 0; i < verified->cosigned; i++)
        print_witness(verified->witnesses[i], verified->times[i]);
    arena_destroy(arena);
}

/* -- whom to believe ---------------------------------------------------------------------------------------------- */

/* The beginning of a file, as much as is ever looked at; NULL, having said why. */
static const char *read_file(struct auditor *auditor, const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    char *bytes = arena_alloc(auditor->arena, FILE_MAX + 1);
    *length = file ? fread(bytes, 1, FILE_MAX, file) : 0;
    if (!file || ferror(file)) {
        command_fail("%s: %s", path, strerror(errno));
        bytes = NULL;
    }
    if (file)
        fclose(file);
    return bytes;
}

/* A key itself, or a file of keys. */
static bool read_keys(struct auditor *auditor, const struct options *options, enum option option, enum note_kind kind,
                      struct verify_keys *keys)
{
    const char *value = options_text(options, option);
    struct note_verifier key;
    size_t length;
    bool is_key = !note_verifier_parse(value, auditor->arena, &key);
    const char *text = is_key ? value : read_file(auditor, value, &length);
    const char *why = text ? verify_keys_add(keys, text, kind, auditor->arena) : "neither a verifier key nor a file";
    if (why)
        command_fail("--%s: %s", options_name(option), why);
    return !why;
}

/* The checkpoint in an export's first line, or the file itself. */
static const char *find_note(struct auditor *auditor, const char *bytes, size_t *length)
{
    const char *note = NULL;
    if (*bytes != '{')
        return bytes;
    json_t *header = json_loadb(bytes, strcspn(bytes, "\n"), JSON_REJECT_DUPLICATES, NULL);
    json_t *member = json_object_get(header, "checkpoint");
    if (json_is_string(member)) {
        *length = json_string_length(member);
        note = arena_strndup(auditor->arena, json_string_value(member), *length);
    }
    json_decref(header);
    return note;
}

static bool read_kept(struct auditor *auditor, const char *path)
{
    struct verified *verified = arena_alloc(auditor->arena, sizeof(*verified));
    size_t length;
    const char *bytes = read_file(auditor, path, &length);
    if (!bytes)
        return false;
    const char *note = find_note(auditor, bytes, &length);
    const char *why = note ? verify_note(&auditor->trust, 0, note, length, auditor->arena, verified)
                           : "there is no checkpoint in its first line";
    if (why) {
        command_fail("--checkpoint: %s: %s", path, why);
        return false;
    }
    auditor->kept = &verified->checkpoint;
    return true;
}

bool auditor_begin(struct auditor *auditor, const struct options *options)
{
    const char *kept = options_text(options, OPTION_CHECKPOINT);
    *auditor = (struct auditor){.arena = arena_create()};
    if (!command_need(options, OPTION_VERIFIER_KEY) ||
        !read_keys(auditor, options, OPTION_VERIFIER_KEY, NOTE_SIGNED, &auditor->trust.log))
        return false;
    auditor->trust.needed = (size_t)options_number(options, OPTION_WITNESSES);
    if (options_text(options, OPTION_WITNESS_KEYS) &&
        !read_keys(auditor, options, OPTION_WITNESS_KEYS, NOTE_COSIGNED, &auditor->trust.witnesses))
        return false;
    if (auditor->trust.needed > auditor->trust.witnesses.count) {
        command_fail("--witnesses: there are keys of %zu witnesses", auditor->trust.witnesses.count);
        return false;
    }
    return !kept || read_kept(auditor, kept);
}

void auditor_end(struct auditor *auditor)
{
    arena_destroy(auditor->arena);
}
