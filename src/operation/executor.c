#include "operation/executor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "operation/answer.h"
#include "operation/enter.h"
#include "operation/errand.h"
#include "operation/intake.h"
#include "operation/run.h"

struct executor {
    struct services services;
    struct pages *pages;
    atomic_bool open;
};

struct executor *executor_create(const struct contract *contract, const char *yaml, size_t yaml_length,
                                 const struct catalogue *catalogue, struct auth *auth, struct db *db)
{
    struct executor *executor = calloc(1, sizeof(*executor));
    if (!executor)
        abort();
    executor->pages = pages_create(contract, yaml, yaml_length);
    executor->services = (struct services){
        .contract = contract, .catalogue = catalogue, .pages = executor->pages, .auth = auth, .db = db};
    return executor;
}

void executor_destroy(struct executor *executor)
{
    if (!executor)
        return;
    pages_destroy(executor->pages);
    free(executor);
}

void executor_cosign(struct executor *executor, const struct note_signer *witness)
{
    executor->services.witness = witness;
}

void executor_open(struct executor *executor, bool open)
{
    atomic_store(&executor->open, open);
}

static bool allowed_origin(struct errand *errand, const char *origin, enum db_status *status)
{
    struct db_reply answer;
    struct db_call call = enter_origin_call(errand->arena, origin);
    *status = db_run(errand->services->db, &call, 1, true, errand->arena, &answer);
    const char *cell = *status == DB_OK && answer.results[0].rows == 1 ? answer.results[0].cells[0] : NULL;
    return cell && strcmp(cell, "t") == 0;
}

/* A reply that never entered the database must still be readable for an allowed front end: its errors are for it. */
static void decide_origin(struct errand *errand, bool open)
{
    const char *origin = request_header(errand->request, "Origin");
    enum db_status status;
    if (origin && open && !errand->origin_decided && allowed_origin(errand, origin, &status))
        errand->reply->allowed_origin = origin;
    errand->origin_decided = true;
}

/* OPTIONS: what may be done here, and for a browser's preflight whether its page may do it (Fetch standard 3.2). */
static void describe(struct errand *errand, bool open)
{
    const char *origin = request_header(errand->request, "Origin");
    bool preflight = origin && request_header(errand->request, "Access-Control-Request-Method");
    enum db_status status = DB_DOWN;
    errand->origin_decided = true;
    errand->reply->status = 204;
    reply_header(errand->reply, "Allow", errand->route.allow);
    if (!preflight)
        return;
    bool allowed = open && allowed_origin(errand, origin, &status);
    if (status != DB_OK) {
        errand_problem(errand, status == DB_BUSY ? ERROR_OVERLOADED : ERROR_DATABASE_UNAVAILABLE, NULL, NULL);
    } else if (allowed) {
        errand->reply->allowed_origin = origin;
        reply_header(errand->reply, "Access-Control-Allow-Methods", errand->route.allow);
        reply_header(errand->reply, "Access-Control-Allow-Headers",
                     "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, "
                     "Samsyn-Assignment, Samsyn-Emergency-Access, traceparent, tracestate");
        reply_header(errand->reply, "Access-Control-Max-Age", "600");
    }
}

/* Finds the operation; false when the reply is made already. */
static bool route(struct errand *errand, bool open)
{
    const char *method = request_method(errand->request);
    const char *path = request_path(errand->request);
    enum match match = contract_match(errand->services->contract, method, path, errand->arena, &errand->route);
    if (match == MATCH_FOUND) {
        errand->operation = errand->route.operation;
        errand->plan = catalogue_plan(errand->services->catalogue, errand->operation);
        return true;
    }
    if (match == MATCH_NO_METHOD && strcmp(method, "OPTIONS") == 0) {
        describe(errand, open);
    } else if (match == MATCH_NO_METHOD) {
        errand_problem(errand, ERROR_METHOD_NOT_ALLOWED, NULL, NULL);
        reply_header(errand->reply, "Allow", errand->route.allow);
    } else {
        errand_problem(errand, match == MATCH_MALFORMED ? ERROR_MALFORMED_PATH : ERROR_NOT_FOUND, NULL, NULL);
    }
    return false;
}

static void carry_out(struct errand *errand, bool open)
{
    const struct db_rows *rows;
    bool needs_database = errand->plan->reply.name != NULL;
    if (!intake_negotiate(errand) || !intake_authenticate(errand) || !intake_bind(errand))
        return;
    if (needs_database && !open) {
        errand_problem(errand, ERROR_DATABASE_UNAVAILABLE, NULL, NULL);
        return;
    }
    uuid_make(errand->id);
    if (!errand->operation->open)
        enter_prepare(errand);
    if (errand->plan->hook)
        errand->plan->hook->run(errand);
    else if ((rows = run_statements(errand)))
        answer_rows(errand, rows);
}

void executor_handle(void *context, struct request *request, struct reply *reply)
{
    struct executor *executor = context;
    bool open = atomic_load(&executor->open);
    struct errand errand = {.services = &executor->services,
                            .request = request,
                            .reply = reply,
                            .arena = request_arena(request),
                            .open = open};
    if (route(&errand, open))
        carry_out(&errand, open);
    decide_origin(&errand, open);
    reply->operation = errand.operation ? errand.operation->id : NULL;
}
