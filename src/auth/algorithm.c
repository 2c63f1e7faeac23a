#include "auth/algorithm.h"

#include <string.h>

static const struct algorithm_info table[ALGORITHM_COUNT] = {
    [ALGORITHM_RS256] = {"RS256", "SHA256", "RSA", NULL, 0},
    [ALGORITHM_RS384] = {"RS384", "SHA384", "RSA", NULL, 0},
    [ALGORITHM_RS512] = {"RS512", "SHA512", "RSA", NULL, 0},
    [ALGORITHM_ES256] = {"ES256", "SHA256", "EC", "P-256", 32},
    [ALGORITHM_ES384] = {"ES384", "SHA384", "EC", "P-384", 48},
    [ALGORITHM_ES512] = {"ES512", "SHA512", "EC", "P-521", 66},
};

const struct algorithm_info *algorithm_info(enum algorithm algorithm)
{
    return &table[algorithm];
}

enum algorithm algorithm_from_name(const char *name)
{
    for (int i = ALGORITHM_RS256; name && i < ALGORITHM_COUNT; i++)
        if (strcmp(table[i].name, name) == 0)
            return (enum algorithm)i;
    return ALGORITHM_NONE_OF_THESE;
}
