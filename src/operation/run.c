#include "operation/run.h"

#include <string.h>

#include "base/log.h"
#include "http/metrics.h"
#include "operation/enter.h"
#include "operation/sqlstate.h"

static enum error unavailable(enum db_status status)
{
    return status == DB_BUSY ? ERROR_OVERLOADED : ERROR_DATABASE_UNAVAILABLE;
}

/* A statement that failed for a reason that is nobody's fault outside is a fault of ours, and is told to the log. */
static void log_failure(const struct errand *errand, const struct db_reply *answer, enum error error)
{
    bool ours = error == ERROR_INTERNAL || strcmp(answer->sqlstate, "42501") == 0;
    if (sqlstate_refusal(answer->sqlstate) && error != ERROR_INTERNAL)
        return;
    log_event(ours ? LOG_ERROR : LOG_INFO, "statement-failed", "{s:s, s:s, s:s*, s:s*, s:s, s:s}", "operation",
              errand->operation->id, "sqlstate", answer->sqlstate, "constraint", answer->constraint, "message",
              sqlstate_loggable(answer->sqlstate) ? answer->message : NULL, "requestId", request_id(errand->request),
              "traceId", request_trace_id(errand->request));
}

static bool record_denial(struct errand *errand, enum error error, enum error *instead)
{
    struct db_reply answer;
    struct db_call call = enter_denial_call(errand, error);
    enum db_status status = db_run(errand->services->db, &call, 1, false, errand->arena, &answer);
    if (status == DB_OK) {
        metrics_audit_row();
        enter_read(errand, &answer.results[0]);
        return true;
    }
    *instead = unavailable(status);
    log_event(LOG_ERROR, "denial-not-recorded", "{s:s, s:s, s:s, s:s}", "operation", errand->operation->id, "code",
              error_info(error)->code, "sqlstate", status == DB_REFUSED ? answer.sqlstate : "", "requestId",
              request_id(errand->request));
    return false;
}

/* A token without a registered person has no principal to record: it is counted and told to the security log. */
static void report_stranger(struct errand *errand)
{
    metrics_token_failure("user-not-registered");
    log_event(LOG_SECURITY, "token-refused", "{s:s, s:s, s:s, s:s}", "reason", "user-not-registered", "operation",
              errand->operation->id, "requestId", request_id(errand->request), "traceId",
              request_trace_id(errand->request));
}

static void refuse(struct errand *errand, const struct db_reply *answer)
{
    const struct operation *operation = errand->operation;
    enum error error = sqlstate_error(answer->sqlstate, answer->message);
    enum error instead;
    struct violations violations = {.arena = errand->arena};
    log_failure(errand, answer, error);
    if (error == ERROR_USER_NOT_REGISTERED)
        report_stranger(errand);
    else if (!errand->logged && (operation->activity || operation->permission) &&
             !record_denial(errand, error, &instead)) {
        errand_problem(errand, instead, NULL, NULL);
        return;
    }
    if (sqlstate_refusal(answer->sqlstate) && answer->detail && *answer->detail) {
        const struct error_info *info = error_info(error);
        violations_add(&violations, answer->detail, info->slug, info->title_en, info->title_sv);
    }
    errand_problem(errand, error, NULL, &violations);
}

void run_failed(struct errand *errand, enum db_status status, const struct db_reply *answer)
{
    if (status == DB_REFUSED)
        refuse(errand, answer);
    else
        errand_problem(errand, unavailable(status), NULL, NULL);
}

/* What only reads is sent once more over a new connection when the old one broke; but where it is logged, only if it
 * was rolled back for certain: its row may stand already, and a second would tell of an exchange that never was. */
static enum db_status run(struct errand *errand, const struct db_call *calls, size_t count, bool retry,
                          struct db_reply *answer)
{
    struct db *db = errand->services->db;
    if (!errand->operation->activity)
        return db_run(db, calls, count, retry, errand->arena, answer);
    enum db_status status = db_run(db, calls, count, false, errand->arena, answer);
    return status == DB_DOWN && retry ? db_run(db, calls, count, false, errand->arena, answer) : status;
}

/* Sends one pipeline: enter, the first `write_count` writes of the plan, `reply`, and `more` unless it is NULL. */
static enum db_status send(struct errand *errand, size_t write_count, const struct statement *reply,
                           const struct db_call *more, bool retry, struct db_reply *answer)
{
    struct db_call *calls = arena_alloc(errand->arena, (write_count + 3) * sizeof(*calls));
    size_t count = 0;
    if (!errand->operation->open)
        calls[count++] = enter_call(errand);
    for (size_t i = 0; i < write_count; i++)
        calls[count++] = errand_call(errand, &errand->plan->writes[i]);
    calls[count++] = errand_call(errand, reply);
    if (more)
        calls[count++] = *more;
    enum db_status status = run(errand, calls, count, retry, answer);
    if (status == DB_OK) {
        if (!errand->operation->open)
            enter_read(errand, &answer->results[0]);
        errand->logged = errand->operation->activity != NULL;
        if (errand->logged)
            metrics_audit_row();
    }
    return status;
}

/* The rows of the reply statement; those of `more` are behind them. */
static const struct db_rows *carry_out(struct errand *errand, const struct db_call *more)
{
    const struct plan *plan = errand->plan;
    struct db_reply answer = {0};
    const struct statement *reply = errand->key ? &plan->keyed : &plan->reply;
    enum db_status status = send(errand, plan->write_count, reply, more, plan->reads, &answer);
    if (status == DB_REFUSED && errand->key && sqlstate_replay(answer.sqlstate)) {
        /* What was seen then is not what may be seen now: the reply is read anew, as any reading would be. */
        enter_again(errand, answer.detail);
        status = send(errand, 0, &plan->reply, more, true, &answer);
    }
    if (status == DB_OK)
        return answer.results + answer.count - (more ? 2 : 1);
    run_failed(errand, status, &answer);
    return NULL;
}

const struct db_rows *run_statements(struct errand *errand)
{
    return carry_out(errand, NULL);
}

const struct db_rows *run_statements_and(struct errand *errand, const struct db_call *more)
{
    return carry_out(errand, more);
}
