#include "db/script.h"

#include <libpq-fe.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct script {
    PGconn *connection;
};

static const char begin[] = "set search_path = pg_catalog, pg_temp; set timezone = 'UTC';"
                            "set client_min_messages = warning; begin";

/* Takes the message of the connection; false, so that callers can return it. */
static bool fail(const struct script *script, char **why)
{
    *why = strdup(PQerrorMessage(script->connection));
    if (!*why)
        abort();
    size_t length = strlen(*why);
    while (length > 0 && (*why)[length - 1] == '\n')
        (*why)[--length] = '\0';
    return false;
}

static void ignore_notice(void *argument, const PGresult *result)
{
    (void)argument;
    (void)result;
}

struct script *script_begin(const char *conninfo, char **why)
{
    const char *keywords[] = {"fallback_application_name", "connect_timeout", "dbname", "client_encoding", NULL};
    const char *values[] = {"samsyn", "10", conninfo, "UTF8", NULL};
    struct script *script = calloc(1, sizeof(*script));
    if (!script)
        abort();
    script->connection = PQconnectdbParams(keywords, values, 1);
    PQsetNoticeReceiver(script->connection, ignore_notice, NULL);
    PQsetErrorVerbosity(script->connection, PQERRORS_TERSE); /* the detail of a violated constraint is the row */
    if (PQstatus(script->connection) == CONNECTION_OK && script_run(script, begin, why))
        return script;
    if (!*why)
        fail(script, why);
    script_end(script);
    return NULL;
}

bool script_run(struct script *script, const char *sql, char **why)
{
    PGresult *result = PQexec(script->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY || fail(script, why);
}

static void take_rows(const PGresult *result, struct arena *arena, struct db_rows *rows)
{
    rows->rows = (size_t)PQntuples(result);
    rows->columns = (size_t)PQnfields(result);
    rows->names = arena_alloc(arena, (rows->columns + 1) * sizeof(*rows->names));
    rows->cells = arena_alloc(arena, (rows->rows * rows->columns + 1) * sizeof(*rows->cells));
    for (size_t i = 0; i < rows->columns; i++)
        rows->names[i] = arena_strdup(arena, PQfname(result, (int)i));
    for (size_t i = 0; i < rows->rows * rows->columns; i++) {
        int row = (int)(i / rows->columns), column = (int)(i % rows->columns);
        bool null = PQgetisnull(result, row, column);
        rows->cells[i] = null ? NULL : arena_strdup(arena, PQgetvalue(result, row, column));
    }
}

bool script_rows(struct script *script, const char *sql, struct arena *arena, struct db_rows *rows, char **why)
{
    return script_call(script, sql, 0, NULL, arena, rows, why);
}

bool script_call(struct script *script, const char *sql, size_t count, const char *const *values, struct arena *arena,
                 struct db_rows *rows, char **why)
{
    PGresult *result = PQexecParams(script->connection, sql, (int)count, NULL, values, NULL, NULL, 0);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (good)
        take_rows(result, arena, rows);
    PQclear(result);
    return good || fail(script, why);
}

bool script_copy_begin(struct script *script, const char *sql, char **why)
{
    PGresult *result = PQexec(script->connection, sql);
    bool good = PQresultStatus(result) == PGRES_COPY_IN;
    PQclear(result);
    return good || fail(script, why);
}

bool script_copy_put(struct script *script, const char *bytes, size_t length, char **why)
{
    return (length <= INT_MAX && PQputCopyData(script->connection, bytes, (int)length) == 1) || fail(script, why);
}

bool script_copy_end(struct script *script, char **why)
{
    if (PQputCopyEnd(script->connection, NULL) != 1)
        return fail(script, why);
    bool good = true;
    for (PGresult *result = PQgetResult(script->connection); result; result = PQgetResult(script->connection)) {
        good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    return good || fail(script, why);
}

/* A transaction that had failed answers `commit` with ROLLBACK and no error. */
bool script_commit(struct script *script, char **why)
{
    PGresult *result = PQexec(script->connection, "commit");
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return good || fail(script, why);
}

void script_end(struct script *script)
{
    if (!script)
        return;
    PQfinish(script->connection);
    free(script);
}
