#include "log/witness_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/fetch.h"

#define BLANKS " \t\r\n"

static const char *read_witness(char *line, struct arena *arena, struct witness *witness)
{
    char *rest = line;
    const char *key = strtok_r(rest, BLANKS, &rest), *url = strtok_r(NULL, BLANKS, &rest);
    if (!url || strtok_r(NULL, BLANKS, &rest))
        return "must be a verifier key and a URL";
    const char *wrong = note_verifier_parse(arena_strdup(arena, key), arena, &witness->verifier);
    if (!wrong && witness->verifier.kind != NOTE_COSIGNED)
        wrong = "the key is not one of cosignatures";
    if (!wrong)
        wrong = fetch_refusal(url);
    size_t length = strlen(url);
    witness->url = arena_printf(arena, "%s%sadd-checkpoint", url, url[length - 1] == '/' ? "" : "/");
    return wrong;
}

static bool is_known(const struct witness_list *list, const struct note_verifier *verifier)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->witnesses[i].verifier.name, verifier->name) == 0 &&
            memcmp(list->witnesses[i].verifier.id, verifier->id, NOTE_KEY_ID) == 0)
            return true;
    return false;
}

static const char *add_line(char *line, struct arena *arena, struct witness_list *list)
{
    struct witness witness;
    line += strspn(line, BLANKS);
    if (*line == '#' || *line == '\0')
        return NULL;
    const char *wrong = read_witness(line, arena, &witness);
    if (wrong)
        return wrong;
    if (is_known(list, &witness.verifier))
        return "the witness is there already";
    if (list->count == WITNESSES_MAX)
        return "there are more than sixteen witnesses";
    list->witnesses[list->count++] = witness;
    return NULL;
}

bool witness_list_read(const char *file, struct arena *arena, struct witness_list *list, char **why)
{
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    const char *wrong = NULL;
    FILE *in = fopen(file, "re");
    *list = (struct witness_list){0};
    if (!in) {
        if (asprintf(why, "%s: %s", file, strerror(errno)) < 0)
            abort();
        return false;
    }
    while (!wrong && getline(&line, &room, in) >= 0) {
        number++;
        wrong = add_line(line, arena, list);
    }
    if (wrong && asprintf(why, "%s:%u: %s", file, number, wrong) < 0)
        abort();
    free(line);
    fclose(in);
    return !wrong;
}
