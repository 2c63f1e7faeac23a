/* The stages between the route and the database: what is accepted, who asks, and what they sent. Each returns false
 * when the reply is made: a problem. */
#ifndef SAMSYN_OPERATION_INTAKE_H
#define SAMSYN_OPERATION_INTAKE_H

#include "operation/errand.h"

/* 406 unless Accept allows one of the media types that the operation produces. */
bool intake_negotiate(struct errand *errand);

/* 401 unless the operation is open or `Authorization: Bearer` carries a token that verifies. Nothing of the body has
 * been looked at. */
bool intake_authenticate(struct errand *errand);

/* Binds parameters, headers and body: 428 without a required If-Match, 413, 415, and 400 with every violation. */
bool intake_bind(struct errand *errand);

#endif
