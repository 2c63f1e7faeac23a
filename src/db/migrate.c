#include "db/migrate.h"

#include <libpq-fe.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_HEX_SIZE = 65 };

/* The key is "samsyn" in ASCII. A session lock: it needs a session of its own, so not a transaction pooler. */
static const char lock[] = "select pg_advisory_lock(126862285306222)";

/* Statements in the files name schemas, as all SQL here does. While a change waits for a lock, everybody waits for the
 * change, therefore it gives up rather than stop the service; it can be run again. */
static const char settings[] = "set search_path = pg_catalog; set statement_timeout = 0; set lock_timeout = '10s';"
                               "set client_min_messages = warning; set timezone = 'UTC'";

static const char bookkeeping[] =
    "do $$begin if to_regnamespace('samsyn') is null then create schema samsyn; end if; end$$;"
    "create table if not exists samsyn.migration ("
    " number int primary key, name text not null, checksum text not null,"
    " applied_at timestamptz not null default now());"
    "comment on table samsyn.migration is 'The migrations that this database has seen; written by samsyn migrate.';"
    "comment on column samsyn.migration.number is 'The number that its file begins with.';"
    "comment on column samsyn.migration.name is 'The name of its file.';"
    "comment on column samsyn.migration.checksum is 'SHA-256 of its file, in hexadecimal.';"
    "comment on column samsyn.migration.applied_at is 'When it was applied.'";

/* The server verifies at its start, as the API role; the first migration makes that role. */
static const char grants[] =
    "do $$begin if exists (select from pg_roles where rolname = 'samsyn_api') then"
    " grant usage on schema samsyn to samsyn_api; grant select on samsyn.migration to samsyn_api;"
    " end if; end$$";

static const char list[] = "select number, name, checksum from samsyn.migration order by number";

__attribute__((format(printf, 2, 3))) static bool explain(char **why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(why, format, arguments) < 0)
        abort();
    va_end(arguments);
    return false;
}

static void ignore_notice(void *argument, const PGresult *result)
{
    (void)argument;
    (void)result;
}

/* Connects and prepares the session; NULL with *why. The caller owns it. */
static PGconn *open_session(const char *conninfo, char **why)
{
    const char *keywords[] = {"fallback_application_name", "connect_timeout", "dbname", "client_encoding", NULL};
    const char *values[] = {"samsyn", "10", conninfo, "UTF8", NULL};
    PGconn *session = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(session) != CONNECTION_OK) {
        explain(why, "cannot connect: %s", PQerrorMessage(session));
        PQfinish(session);
        return NULL;
    }
    PQsetNoticeReceiver(session, ignore_notice, NULL);
    return session;
}

static bool succeeded(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
}

/* Runs SQL of this file; `purpose` completes "cannot ...". */
static bool execute(PGconn *session, const char *sql, const char *purpose, char **why)
{
    PGresult *result = PQexec(session, sql);
    bool success = succeeded(result);
    if (!success)
        explain(why, "cannot %s: %s", purpose, PQerrorMessage(session));
    PQclear(result);
    return success;
}

static void checksum(const struct migration *migration, char hex[static DIGEST_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (!EVP_Digest(migration->sql, migration->length, digest, &length, EVP_sha256(), NULL))
        abort();
    for (unsigned int i = 0; i < length; i++)
        snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
}

/* The line of the character that the server points at, counted from 1; 0 when it points at none. */
static size_t line_of(const PGresult *result, const char *sql)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (!position)
        return 0;
    size_t left = strtoul(position, NULL, 10), line = 1;
    for (const char *p = sql; *p && left > 1; p++) {
        line += *p == '\n';
        left -= (*p & 0xC0) != 0x80; /* characters of UTF-8, not bytes */
    }
    return line;
}

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

static bool blame(const struct migration *migration, const PGconn *session, const PGresult *result, char **why)
{
    if (!PQresultErrorField(result, PG_DIAG_SQLSTATE))
        return explain(why, "%s: %s", migration->name,
                       result && *PQresultErrorMessage(result) ? PQresultErrorMessage(result)
                                                               : PQerrorMessage(session));
    char where[32] = "";
    size_t line = line_of(result, migration->sql);
    if (line)
        snprintf(where, sizeof(where), ", line %zu", line);
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL), *hint = field(result, PG_DIAG_MESSAGE_HINT),
               *context = field(result, PG_DIAG_CONTEXT);
    return explain(why, "%s%s: %s (%s)%s%s%s%s%s%s", migration->name, where, field(result, PG_DIAG_MESSAGE_PRIMARY),
                   field(result, PG_DIAG_SQLSTATE), *detail ? "\ndetail: " : "", detail, *hint ? "\nhint: " : "", hint,
                   *context ? "\nwhere: " : "", context);
}

static bool record(PGconn *session, const struct migration *migration, char **why)
{
    char number[16], hex[DIGEST_HEX_SIZE];
    snprintf(number, sizeof(number), "%d", migration->number);
    checksum(migration, hex);
    const char *values[] = {number, migration->name, hex};
    PGresult *result = PQexecParams(session,
                                    "insert into samsyn.migration (number, name, checksum)"
                                    " values ($1::int, $2::text, $3::text)",
                                    3, NULL, values, NULL, NULL, 0);
    bool success = succeeded(result) || blame(migration, session, result, why);
    PQclear(result);
    return success;
}

/* The file's statements in one message, so that a syntax error anywhere in it is found before anything runs. */
static bool run_file(PGconn *session, const struct migration *migration, char **why)
{
    char *sql = strndup(migration->sql, migration->length);
    if (!sql)
        abort();
    PGresult *result = PQexec(session, sql);
    ExecStatusType status = PQresultStatus(result);
    bool success = true;
    if (strlen(sql) != migration->length)
        success = explain(why, "%s: contains a NUL byte", migration->name);
    else if (status == PGRES_FATAL_ERROR || !result)
        success = blame(migration, session, result, why);
    else if (!succeeded(result) && status != PGRES_EMPTY_QUERY)
        success = explain(why, "%s: COPY from or to the client is not possible here", migration->name);
    else if (PQtransactionStatus(session) != PQTRANS_INTRANS)
        success = explain(why, "%s: must not end its own transaction", migration->name);
    PQclear(result);
    free(sql);
    return success;
}

static bool apply(PGconn *session, const struct migration *migration, char **why)
{
    if (!execute(session, "begin", "begin", why))
        return false;
    /* The settings again, in case an earlier file changed them. */
    if (execute(session, settings, "prepare the session", why) && run_file(session, migration, why) &&
        record(session, migration, why)) {
        PGresult *result = PQexec(session, "commit");
        bool success = succeeded(result) || blame(migration, session, result, why);
        PQclear(result);
        return success;
    }
    return false;
}

static const struct migration *find(const struct migration *migrations, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (migrations[i].number == number)
            return &migrations[i];
    return NULL;
}

static bool in_order(const struct migration *migrations, size_t count, char **why)
{
    for (size_t i = 1; i < count; i++)
        if (migrations[i].number <= migrations[i - 1].number)
            return explain(why, "%s: its number does not follow that of %s", migrations[i].name,
                           migrations[i - 1].name);
    return true;
}

/* Compares the rows of `list` with what is here: each must be here unchanged. *applied is the greatest number applied,
 * 0 for none; *how_many their count. */
static bool compare(const PGresult *rows, const struct migration *migrations, size_t count, int *applied,
                    size_t *how_many, char **why)
{
    *applied = 0;
    *how_many = (size_t)PQntuples(rows);
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *name = PQgetvalue(rows, row, 1);
        char hex[DIGEST_HEX_SIZE];
        *applied = (int)strtol(PQgetvalue(rows, row, 0), NULL, 10);
        const struct migration *ours = find(migrations, count, *applied);
        if (!ours)
            return explain(why,
                           "%s was applied to the database but is unknown here: the database belongs to a newer"
                           " version",
                           name);
        checksum(ours, hex);
        if (strcmp(hex, PQgetvalue(rows, row, 2)) != 0)
            return explain(why,
                           "%s was changed after it had been applied to the database; an applied migration is"
                           " never changed, write a new one",
                           ours->name);
    }
    return true;
}

static bool read_applied(PGconn *session, const struct migration *migrations, size_t count, int *applied,
                         size_t *how_many, char **why)
{
    PGresult *rows = PQexec(session, list);
    bool success = PQresultStatus(rows) == PGRES_TUPLES_OK
                       ? compare(rows, migrations, count, applied, how_many, why)
                       : explain(why, "cannot read samsyn.migration: %s", PQerrorMessage(session));
    PQclear(rows);
    return success;
}

/* With the lock held. */
static int apply_missing(PGconn *session, const struct migration *migrations, size_t count, char **why)
{
    int applied = 0, done = 0;
    size_t how_many = 0;
    if (!execute(session, settings, "prepare the session", why) ||
        !execute(session, bookkeeping, "create samsyn.migration", why) ||
        !read_applied(session, migrations, count, &applied, &how_many, why))
        return -1;
    size_t older = 0;
    for (size_t i = 0; i < count && migrations[i].number <= applied; i++)
        older++;
    if (older != how_many) {
        explain(why,
                "of the migrations up to %d, %zu were applied to the database and %zu are here: one was added behind"
                " those already applied",
                applied, how_many, older);
        return -1;
    }
    for (size_t i = older; i < count; i++, done++)
        if (!apply(session, &migrations[i], why))
            return -1;
    return execute(session, grants, "grant the API role what it reads at its start", why) ? done : -1;
}

int migrate_run(const char *conninfo, const struct migration *migrations, size_t count, char **why)
{
    *why = NULL;
    int done = -1;
    PGconn *session = in_order(migrations, count, why) ? open_session(conninfo, why) : NULL;
    if (!session)
        return -1;
    if (execute(session, "set statement_timeout = 0; set lock_timeout = 0", "prepare the session", why) &&
        execute(session, lock, "take the migration lock", why))
        done = apply_missing(session, migrations, count, why);
    PQfinish(session); /* rolls back what failed and releases the lock */
    return done;
}

enum migrate_state migrate_verify(const char *conninfo, const struct migration *migrations, size_t count, char **why)
{
    *why = NULL;
    int applied = 0;
    size_t how_many = 0;
    PGconn *session = open_session(conninfo, why);
    if (!session)
        return MIGRATE_UNKNOWN;
    PGresult *exists = PQexec(session, "select pg_catalog.to_regclass('samsyn.migration') is not null");
    bool same = false;
    if (PQresultStatus(exists) != PGRES_TUPLES_OK)
        explain(why, "cannot look for samsyn.migration: %s", PQerrorMessage(session));
    else if (*PQgetvalue(exists, 0, 0) != 't')
        explain(why, "the database has not been migrated: run `samsyn migrate`");
    else if (read_applied(session, migrations, count, &applied, &how_many, why))
        same = how_many == count ||
               explain(why, "the database lacks %zu of %zu migrations: run `samsyn migrate`", count - how_many, count);
    PQclear(exists);
    bool lost = PQstatus(session) != CONNECTION_OK;
    PQfinish(session);
    return same ? MIGRATE_SAME : lost ? MIGRATE_UNKNOWN : MIGRATE_DIFFERENT;
}
