#include "base/error.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>

enum { SLUG_MAX = 48 };

static struct error_info table[ERROR_COUNT] = {
#define X(name, number, en, sv)                                                                                        \
    [ERROR_##name] = {.code = #name, .status = (number), .title_en = (en), .title_sv = (sv)},
    ERROR_TABLE(X)
#undef X
};

static char slugs[ERROR_COUNT][SLUG_MAX];
static pthread_once_t slugs_made = PTHREAD_ONCE_INIT;

static void make_slugs(void)
{
    for (size_t i = ERROR_NONE + 1; i < ERROR_COUNT; i++) {
        const char *code = table[i].code;
        for (size_t j = 0; j < SLUG_MAX - 1 && code[j]; j++)
            slugs[i][j] = code[j] == '_' ? '-' : (char)tolower((unsigned char)code[j]);
        table[i].slug = slugs[i];
    }
}

const struct error_info *error_info(enum error error)
{
    pthread_once(&slugs_made, make_slugs);
    return &table[error > ERROR_NONE && error < ERROR_COUNT ? error : ERROR_INTERNAL];
}

enum error error_from_code(const char *code)
{
    for (size_t i = ERROR_NONE + 1; i < ERROR_COUNT; i++)
        if (code && strcmp(table[i].code, code) == 0)
            return (enum error)i;
    return ERROR_INTERNAL;
}
