#include "db/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Unless the connection string says otherwise: a host that vanished is noticed within half a minute. */
static const struct {
    const char *keyword, *value;
} defaults[] = {
    {"fallback_application_name", "samsyn"},
    {"connect_timeout", "3"},
    {"keepalives", "1"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"},
};

enum {
    DEFAULTS = sizeof(defaults) / sizeof(defaults[0]),
    UNLIMITED_BOUND_MS = 60000, /* when there is no statement timeout */
    MARGIN_MS = 2000,           /* for the commit and the network */
    INTEREST_MS = 200,          /* between asking whether an answer is still wanted */
};

static char *copy(const char *text)
{
    char *own = strdup(text);
    if (!own)
        abort();
    return own;
}

static void add(struct target *target, const char *keyword, const char *value)
{
    target->keywords[target->count] = copy(keyword);
    target->values[target->count] = copy(value);
    target->count++;
}

/* Session settings travel in the start-up packet, so that a new connection costs no round trip. A pooler refuses
 * them and shares sessions between clients, therefore they go with each pipeline there (see pipeline.c).
 * Generic plans, because parameters never change which plan is right here; no JIT, because it costs more than
 * any request lasts. */
static void add_settings(struct target *target, const char *given)
{
    char *settings;
    if (asprintf(&settings,
                 "%s -c search_path=pg_catalog -c statement_timeout=%s -c lock_timeout=%s"
                 " -c idle_in_transaction_session_timeout=10000 -c plan_cache_mode=force_generic_plan"
                 " -c timezone=UTC -c jit=off",
                 given, target->statement_timeout, target->lock_timeout) < 0)
        abort();
    add(target, "options", settings);
    free(settings);
}

static bool given(const PQconninfoOption *parsed, const char *keyword)
{
    for (const PQconninfoOption *o = parsed; o->keyword; o++)
        if (o->val && strcmp(o->keyword, keyword) == 0)
            return true;
    return false;
}

static void fill(struct target *target, const PQconninfoOption *parsed)
{
    const char *options = "";
    for (const PQconninfoOption *o = parsed; o->keyword; o++) {
        if (!o->val || strcmp(o->keyword, "client_encoding") == 0)
            continue;
        if (target->prepare && strcmp(o->keyword, "options") == 0)
            options = o->val;
        else
            add(target, o->keyword, o->val);
    }
    for (size_t i = 0; i < DEFAULTS; i++)
        if (!given(parsed, defaults[i].keyword))
            add(target, defaults[i].keyword, defaults[i].value);
    add(target, "client_encoding", "UTF8");
    if (target->prepare)
        add_settings(target, options);
}

bool target_init(struct target *target, const struct db_options *options)
{
    *target = (struct target){.prepare = options->prepare};
    snprintf(target->statement_timeout, sizeof(target->statement_timeout), "%d", options->statement_timeout_ms);
    snprintf(target->lock_timeout, sizeof(target->lock_timeout), "%d", options->lock_timeout_ms);
    int64_t limit = options->statement_timeout_ms > 0 ? options->statement_timeout_ms : UNLIMITED_BOUND_MS;
    target->bound_us = (limit + MARGIN_MS) * 1000;

    char *why = NULL;
    PQconninfoOption *parsed = PQconninfoParse(options->conninfo, &why);
    if (!parsed) {
        log_event(LOG_ERROR, "database-address-invalid", "{s:s}", "message", why ? why : "out of memory");
        PQfreemem(why);
        return false;
    }
    size_t room = DEFAULTS + 3;
    for (const PQconninfoOption *o = parsed; o->keyword; o++)
        room++;
    target->keywords = calloc(room, sizeof(*target->keywords));
    target->values = calloc(room, sizeof(*target->values));
    if (!target->keywords || !target->values)
        abort();
    fill(target, parsed);
    PQconninfoFree(parsed);
    return true;
}

void target_clear(struct target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        free(target->keywords[i]);
        free(target->values[i]);
    }
    free(target->keywords);
    free(target->values);
    *target = (struct target){0};
}

/* Between requests the server's farewell ("terminating connection due to administrator command") reaches libpq as
 * a notice. Other notices are for developers at a terminal, not for a log. */
static void notice(void *argument, const PGresult *result)
{
    struct connection *connection = argument;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
        connection->doomed = true;
}

bool connection_open(struct connection *connection, const struct target *target)
{
    connection->doomed = false;
    connection->handle =
        PQconnectdbParams((const char *const *)target->keywords, (const char *const *)target->values, 0);
    if (PQstatus(connection->handle) == CONNECTION_OK && PQsetnonblocking(connection->handle, 1) == 0 &&
        PQenterPipelineMode(connection->handle)) {
        PQsetNoticeReceiver(connection->handle, notice, connection);
        return true;
    }
    log_event(LOG_ERROR, "database-unreachable", "{s:s}", "message", PQerrorMessage(connection->handle));
    connection_close(connection);
    return false;
}

void connection_close(struct connection *connection)
{
    PQfinish(connection->handle);
    connection->handle = NULL;
    names_clear(&connection->prepared);
}

/* Asks the server, on a connection of its own, to end what is under way; its error then comes as any other. */
static void cancel(struct connection *connection)
{
    char why[256];
    PGcancel *key = PQgetCancel(connection->handle);
    connection->interest = NULL;
    if (!key || !PQcancel(key, why, sizeof(why)))
        log_event(LOG_WARNING, "statement-not-cancelled", NULL);
    PQfreeCancel(key);
}

/* Polls until something happens or `deadline`; false at the deadline. */
static bool wait_for(struct connection *connection, short events, int64_t deadline)
{
    struct pollfd socket = {.fd = PQsocket(connection->handle), .events = events};
    for (;;) {
        const struct db_interest *interest = connection->interest;
        int64_t left = deadline - clock_monotonic_us();
        int patience_ms = left <= 0 ? 0 : (int)(left / 1000 + 1);
        int ready = poll(&socket, 1, interest && patience_ms > INTEREST_MS ? INTEREST_MS : patience_ms);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true;
        if (ready == 0 && left <= 0)
            return false;
        if (interest && !interest->lasts(interest->context))
            cancel(connection);
    }
}

bool connection_alive(struct connection *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection->handle), .events = POLLIN};
    while (!connection->doomed && PQstatus(connection->handle) == CONNECTION_OK) {
        if (poll(&socket, 1, 0) == 0)
            return true;
        if (!PQconsumeInput(connection->handle))
            return false;
        PQisBusy(connection->handle); /* parses, and so meets the notice */
    }
    return false;
}

PGresult *connection_result(struct connection *connection, int64_t deadline, bool *late)
{
    PGconn *handle = connection->handle;
    while (PQisBusy(handle)) {
        int unsent = PQflush(handle);
        if (unsent < 0)
            break;
        if (!wait_for(connection, (short)(unsent ? POLLIN | POLLOUT : POLLIN), deadline)) {
            *late = true;
            return NULL;
        }
        if (!PQconsumeInput(handle))
            break;
    }
    /* Also after a failure: what the server said before it went away is still in libpq's buffer, and libpq makes a
     * result of the failure itself without waiting. */
    return PQgetResult(handle);
}
