#include "operation/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* A prefix of five is one state, of two a class; the first that fits decides. PostgreSQL's Appendix A has the codes. */
static const struct {
    const char *prefix;
    enum error error;
} table[] = {
    /* Text that the contract lets through and the database cannot read, as 30 February in a cursor. */
    {"22007", ERROR_INVALID_REQUEST},      /* invalid_datetime_format */
    {"22008", ERROR_INVALID_REQUEST},      /* datetime_field_overflow */
    {"22009", ERROR_INVALID_REQUEST},      /* invalid_time_zone_displacement_value */
    {"22021", ERROR_INVALID_REQUEST},      /* character_not_in_repertoire */
    {"22P05", ERROR_INVALID_REQUEST},      /* untranslatable_character */
    {"23505", ERROR_ALREADY_EXISTS},       /* unique_violation */
    {"23503", ERROR_INVALID_REFERENCE},    /* foreign_key_violation */
    {"23514", ERROR_UNPROCESSABLE},        /* check_violation */
    {"23502", ERROR_UNPROCESSABLE},        /* not_null_violation */
    {"23P01", ERROR_CONFLICT},             /* exclusion_violation */
    {"40001", ERROR_CONFLICT},             /* serialization_failure */
    {"40P01", ERROR_CONFLICT},             /* deadlock_detected */
    {"42501", ERROR_NOT_FOUND},            /* insufficient_privilege: a row policy refused a write */
    {"55P03", ERROR_OVERLOADED},           /* lock_not_available: lock_timeout */
    {"57014", ERROR_OVERLOADED},           /* query_canceled: statement_timeout */
    {"53", ERROR_OVERLOADED},              /* insufficient_resources */
    {"57P01", ERROR_DATABASE_UNAVAILABLE}, /* admin_shutdown */
    {"57P02", ERROR_DATABASE_UNAVAILABLE}, /* crash_shutdown */
    {"57P03", ERROR_DATABASE_UNAVAILABLE}, /* cannot_connect_now */
    {"08", ERROR_DATABASE_UNAVAILABLE},    /* connection_exception */
};

bool sqlstate_refusal(const char *sqlstate)
{
    return strcmp(sqlstate, "SA001") == 0;
}

enum error sqlstate_error(const char *sqlstate, const char *message)
{
    if (sqlstate_refusal(sqlstate))
        return error_from_code(message);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0)
            return table[i].error;
    return ERROR_INTERNAL;
}

bool sqlstate_replay(const char *sqlstate)
{
    return strcmp(sqlstate, "SA002") == 0;
}

/* Class 22 and 23 messages repeat values; those of these classes name objects of the schema and of the server. */
bool sqlstate_loggable(const char *sqlstate)
{
    static const char *const classes[] = {"08", "0A", "40", "42", "53", "55", "57", "58", "XX", "SA"};
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
        if (strncmp(sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}
