/* The signing of the sealed log: the newest tree, if it continues what was signed before. */
#ifndef SAMSYN_LOG_SIGNING_H
#define SAMSYN_LOG_SIGNING_H

#include "db/script.h"
#include "log/note.h"

/* Borrowed all. */
struct signing {
    const char *origin;
    struct note_signer *const *signers;
    size_t count;
    const char *memory; /* file of the last checkpoint signed here; NULL when there are no signers */
};

enum signing_result {
    SIGNING_DONE,    /* the newest tree is signed by every key, now or before; or there is none yet */
    SIGNING_FAILED,  /* it could not be tried */
    SIGNING_REFUSED, /* the tree does not continue what has been signed: nothing will be, until somebody looks */
};

/* Signs in a transaction of its own. `*size` is the size of the newest signed tree. `*why` (malloc'd) unless done. */
enum signing_result signing_run(const struct signing *signing, struct script *script, uint64_t *size, char **why);

#endif
