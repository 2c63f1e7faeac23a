#include "operation/executor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "operation/answer.h"
#include "operation/enter.h"
#include "operation/exchange.h"
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
    executor->services = (struct services){contract, catalogue, executor->pages, auth, db};
    return executor;
}

void executor_destroy(struct executor *executor)
{
    if (!executor)
        return;
    pages_destroy(executor->pages);
    free(executor);
}

void executor_open(struct executor *executor, bool open)
{
    atomic_store(&executor->open, open);
}

static bool allowed_origin(struct exchange *exchange, const char *origin, enum db_status *status)
{
    struct db_reply answer;
    struct db_call call = enter_origin_call(exchange->arena, origin);
    *status = db_run(exchange->services->db, &call, 1, true, exchange->arena, &answer);
    const char *cell = *status == DB_OK && answer.results[0].rows == 1 ? answer.results[0].cells[0] : NULL;
    return cell && strcmp(cell, "t") == 0;
}

/* A reply that never entered the database must still be readable for an allowed front end: its errors are for it. */
static void decide_origin(struct exchange *exchange, bool open)
{
    const char *origin = request_header(exchange->request, "Origin");
    enum db_status status;
    if (origin && open && !exchange->origin_decided && allowed_origin(exchange, origin, &status))
        exchange->reply->allowed_origin = origin;
    exchange->origin_decided = true;
}

/* OPTIONS: what may be done here, and for a browser's preflight whether its page may do it (Fetch standard 3.2). */
static void describe(struct exchange *exchange, bool open)
{
    const char *origin = request_header(exchange->request, "Origin");
    bool preflight = origin && request_header(exchange->request, "Access-Control-Request-Method");
    enum db_status status = DB_DOWN;
    exchange->origin_decided = true;
    exchange->reply->status = 204;
    reply_header(exchange->reply, "Allow", exchange->route.allow);
    if (!preflight)
        return;
    bool allowed = open && allowed_origin(exchange, origin, &status);
    if (status != DB_OK) {
        exchange_problem(exchange, status == DB_BUSY ? ERROR_OVERLOADED : ERROR_DATABASE_UNAVAILABLE, NULL, NULL);
    } else if (allowed) {
        exchange->reply->allowed_origin = origin;
        reply_header(exchange->reply, "Access-Control-Allow-Methods", exchange->route.allow);
        reply_header(exchange->reply, "Access-Control-Allow-Headers",
                     "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, "
                     "Samsyn-Assignment, traceparent, tracestate");
        reply_header(exchange->reply, "Access-Control-Max-Age", "600");
    }
}

/* Finds the operation; false when the reply is made already. */
static bool route(struct exchange *exchange, bool open)
{
    const char *method = request_method(exchange->request);
    const char *path = request_path(exchange->request);
    enum match match = contract_match(exchange->services->contract, method, path, exchange->arena, &exchange->route);
    if (match == MATCH_FOUND) {
        exchange->operation = exchange->route.operation;
        exchange->plan = catalogue_plan(exchange->services->catalogue, exchange->operation);
        return true;
    }
    if (match == MATCH_NO_METHOD && strcmp(method, "OPTIONS") == 0) {
        describe(exchange, open);
    } else if (match == MATCH_NO_METHOD) {
        exchange_problem(exchange, ERROR_METHOD_NOT_ALLOWED, NULL, NULL);
        reply_header(exchange->reply, "Allow", exchange->route.allow);
    } else {
        exchange_problem(exchange, match == MATCH_MALFORMED ? ERROR_MALFORMED_PATH : ERROR_NOT_FOUND, NULL, NULL);
    }
    return false;
}

static void carry_out(struct exchange *exchange, bool open)
{
    struct outcome outcome;
    bool needs_database = exchange->plan->reply.name != NULL;
    if (!intake_negotiate(exchange) || !intake_authenticate(exchange) || !intake_bind(exchange))
        return;
    if (needs_database && !open) {
        exchange_problem(exchange, ERROR_DATABASE_UNAVAILABLE, NULL, NULL);
        return;
    }
    uuid_make(exchange->id);
    if (!exchange->operation->open)
        enter_prepare(exchange);
    if (exchange->plan->hook)
        exchange->plan->hook->run(exchange);
    else if (run_statements(exchange, &outcome))
        answer_rows(exchange, &outcome);
}

void executor_handle(void *context, struct request *request, struct reply *reply)
{
    struct executor *executor = context;
    bool open = atomic_load(&executor->open);
    struct exchange exchange = {
        .services = &executor->services, .request = request, .reply = reply, .arena = request_arena(request)};
    if (route(&exchange, open))
        carry_out(&exchange, open);
    decide_origin(&exchange, open);
    reply->operation = exchange.operation ? exchange.operation->id : NULL;
}
