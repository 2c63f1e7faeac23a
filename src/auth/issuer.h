/* One configured issuer of tokens: who it is, what it may sign with, and whom it may vouch for. */
#ifndef SAMSYN_AUTH_ISSUER_H
#define SAMSYN_AUTH_ISSUER_H

#include <jansson.h>
#include <stdint.h>

#include "auth/algorithm.h"
#include "auth/key_source.h"

struct issuer {
    char *name;     /* iss */
    char *audience; /* aud */
    enum algorithm algorithms[ALGORITHM_COUNT];
    size_t algorithm_count;
    char *subject_claim;
    char *client_claim;   /* NULL: azp, then client_id */
    char *number_claim;   /* with an identity number, by an issuer for guardians and children; or NULL */
    bool test_numbers;    /* lets the Tax Agency's test numbers pass there */
    char *organisations;  /* JSON array text */
    int64_t max_lifetime; /* seconds */
    int64_t clock_skew;   /* seconds */
    struct key_source *keys;
};

/* Fills the zeroed `issuer` from the member of "issuers" called `where` in messages ("issuers[0]"). Lifetime and skew
 * are set by the caller beforehand as defaults. False with `*why` (malloc'd); issuer_clear releases what was filled. */
bool issuer_read(const json_t *configuration, const char *where, struct issuer *issuer, char **why);
void issuer_clear(struct issuer *issuer);

bool issuer_allows(const struct issuer *issuer, enum algorithm algorithm);

/* Sets `*why` to a formatted message and returns false. */
bool issuer_complain(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads an integer member within limits; absent leaves `*value`. False with `*why`. */
bool issuer_read_integer(const json_t *object, const char *where, const char *name, int64_t least, int64_t most,
                         int64_t *value, char **why);

/* False with `*why` when `object` has a member that is not in the NULL-ended list. */
bool issuer_members_known(const json_t *object, const char *where, const char *const *names, char **why);

#endif
