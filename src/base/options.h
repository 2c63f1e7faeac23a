/* What can be set, in one table: read from flags, the environment and a file, in this order of precedence. */
#ifndef SAMSYN_BASE_OPTIONS_H
#define SAMSYN_BASE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum command {
    COMMAND_SERVE = 1,
    COMMAND_MIGRATE = 2,
    COMMAND_CHECK = 4,
    COMMAND_DEMO = 8,
    COMMAND_TOKEN = 16,
    COMMAND_IMPORT_ORGANISATIONS = 32,
    COMMAND_VERSION = 64,
    COMMAND_IMPORT_GROUNDS = 128,
    COMMAND_RETENTION_LIST = 256,
    COMMAND_RETENTION_RUN = 512,
    COMMAND_LOG_VERIFY = 1024,
    COMMAND_LOG_AUDIT = 2048,
    COMMAND_LOG_ARCHIVE = 4096,
    COMMAND_LOG_REMOVE = 8192,
    COMMAND_LOG_MONTHS = 16384,
    COMMANDS_OF_MONTH = COMMAND_LOG_ARCHIVE | COMMAND_LOG_REMOVE,
    COMMANDS_OF_ARCHIVE = COMMANDS_OF_MONTH | COMMAND_LOG_MONTHS,
    COMMANDS_OF_RETENTION = COMMAND_RETENTION_LIST | COMMAND_RETENTION_RUN,
    COMMANDS_OF_AUDITOR = COMMAND_LOG_VERIFY | COMMAND_LOG_AUDIT,
    /* Those that change the database as its owner. */
    COMMANDS_OF_OWNER = COMMAND_MIGRATE | COMMAND_DEMO | COMMAND_IMPORT_ORGANISATIONS | COMMAND_IMPORT_GROUNDS
};

enum option_kind {
    OPTION_IS_TEXT,
    OPTION_IS_NUMBER,
    OPTION_IS_SWITCH, /* true or false */
    OPTION_IS_MONTH,  /* YYYY-MM */
    OPTION_IS_DAY     /* YYYY-MM-DD, one of the calendar */
};

/* X(IDENTIFIER, "name", kind, default or NULL, least, most, commands, "help"). For a text, least and most are bytes.
 * As a flag it is `--name value`, a switch also `--name` alone; in the environment SAMSYN_NAME, in the file `name =
 * value`. With -file behind the name its value is read from the file so named: for secrets. */
#define OPTION_TABLE(X)                                                                                                \
    X(DATABASE, "database", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE | COMMAND_CHECK,                              \
      "libpq connection string of the role samsyn_api; several hosts allowed")                                         \
    X(OWNER_DATABASE, "owner-database", OPTION_IS_TEXT, NULL, 1, 4096, COMMANDS_OF_OWNER | COMMAND_LOG_AUDIT,          \
      "libpq connection string of the role samsyn_owner")                                                              \
    X(RETENTION_DATABASE, "retention-database", OPTION_IS_TEXT, NULL, 1, 4096,                                         \
      COMMANDS_OF_RETENTION | COMMANDS_OF_ARCHIVE, "libpq connection string of the role samsyn_retention")             \
    X(LISTEN, "listen", OPTION_IS_TEXT, "127.0.0.1:8080", 1, 255, COMMAND_SERVE,                                       \
      "address:port; port 0 takes any free one")                                                                       \
    X(MANAGEMENT, "management", OPTION_IS_TEXT, "127.0.0.1:8081", 1, 255, COMMAND_SERVE,                               \
      "address:port of liveness, readiness and metrics")                                                               \
    X(ISSUERS, "issuers", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE, "JSON file with the token issuers")            \
    X(DEVELOPMENT_KEY, "development-key", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE | COMMAND_DEMO | COMMAND_TOKEN, \
      "PEM private key of the issuer samsyn-development; refused unless listen is loopback")                           \
    X(ACCEPT_TEST_IDENTITY_NUMBERS, "accept-test-identity-numbers", OPTION_IS_SWITCH, "false", 0, 1, COMMAND_SERVE,    \
      "accept the Tax Agency's test identity numbers")                                                                 \
    X(PUBLIC_URL, "public-url", OPTION_IS_TEXT, NULL, 1, 2048, COMMAND_SERVE,                                          \
      "base of links: https://samsyn.example.se")                                                                      \
    X(ALLOWED_HOSTS, "allowed-hosts", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                    \
      "comma-separated Host values that are served")                                                                   \
    X(TRUSTED_PROXIES, "trusted-proxies", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                \
      "comma-separated addresses or CIDR whose Forwarded header is believed")                                          \
    X(TLS_CERTIFICATE, "tls-certificate", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                \
      "PEM file; together with tls-key")                                                                               \
    X(TLS_KEY, "tls-key", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE, "PEM file; together with tls-certificate")     \
    X(POOL_SIZE, "pool-size", OPTION_IS_NUMBER, "8", 1, 200, COMMAND_SERVE, "database connections")                    \
    X(POOL_WAIT_MS, "pool-wait-ms", OPTION_IS_NUMBER, "2000", 0, 60000, COMMAND_SERVE,                                 \
      "longest wait for a database connection before 503")                                                             \
    X(STATEMENT_TIMEOUT_MS, "statement-timeout-ms", OPTION_IS_NUMBER, "5000", 1, 600000,                               \
      COMMAND_SERVE | COMMAND_CHECK, "longest run of a statement")                                                     \
    X(LOCK_TIMEOUT_MS, "lock-timeout-ms", OPTION_IS_NUMBER, "2000", 1, 600000, COMMAND_SERVE | COMMAND_CHECK,          \
      "longest wait for a lock")                                                                                       \
    X(PREPARE, "prepare", OPTION_IS_SWITCH, "true", 0, 1, COMMAND_SERVE | COMMAND_CHECK,                               \
      "named prepared statements; false for poolers that cannot keep them")                                            \
    X(MAX_BODY_BYTES, "max-body-bytes", OPTION_IS_NUMBER, "1048576", 1024, 67108864, COMMAND_SERVE,                    \
      "ceiling of any request body")                                                                                   \
    X(THREADS, "threads", OPTION_IS_NUMBER, "0", 0, 1024, COMMAND_SERVE,                                               \
      "threads that serve; 0 lets the server choose")                                                                  \
    X(MAX_CONNECTIONS, "max-connections", OPTION_IS_NUMBER, "2000", 1, 100000, COMMAND_SERVE,                          \
      "open client connections")                                                                                       \
    X(IDLE_TIMEOUT_S, "idle-timeout-s", OPTION_IS_NUMBER, "30", 1, 3600, COMMAND_SERVE,                                \
      "an idle client connection is closed after")                                                                     \
    X(DRAIN_S, "drain-s", OPTION_IS_NUMBER, "10", 0, 3600, COMMAND_SERVE, "longest wait for running requests at stop") \
    X(LOG_ORIGIN, "log-origin", OPTION_IS_TEXT, NULL, 1, 255, COMMAND_SERVE,                                           \
      "name of the access log and its keys: samsyn.example.se/log")                                                    \
    X(LOG_KEYS, "log-keys", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                              \
      "comma-separated PEM files with Ed25519 keys that sign the log; several while one replaces another")             \
    X(LOG_MEMORY, "log-memory", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                          \
      "file that keeps what was signed last, outside the database")                                                    \
    X(LOG_WITNESSES, "log-witnesses", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                    \
      "file with a line `VERIFIER-KEY URL` for each witness that is to cosign the log")                                \
    X(WITNESS_KEY, "witness-key", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_SERVE,                                        \
      "PEM file with the Ed25519 key that cosigns the logs of others; together with witness-name")                     \
    X(WITNESS_NAME, "witness-name", OPTION_IS_TEXT, NULL, 1, 255, COMMAND_SERVE,                                       \
      "name of this server as a witness and of that key: samsyn.example.se/witness")                                   \
    X(LOG_LEVEL, "log-level", OPTION_IS_TEXT, "info", 1, 16,                                                           \
      COMMAND_SERVE | COMMAND_CHECK | COMMANDS_OF_OWNER | COMMANDS_OF_RETENTION | COMMANDS_OF_ARCHIVE,                 \
      "debug, info, warning, security or error")                                                                       \
    X(TOKEN_MAX_LIFETIME_S, "token-max-lifetime-s", OPTION_IS_NUMBER, "300", 1, 86400, COMMAND_SERVE,                  \
      "longest lifetime of a token (profile SAK.12)")                                                                  \
    X(SQL, "sql", OPTION_IS_TEXT, NULL, 1, 128, COMMAND_CHECK,                                                         \
      "print the SQL that is sent for this operation, and nothing else")                                               \
    X(SUBJECT, "subject", OPTION_IS_TEXT, NULL, 1, 255, COMMAND_TOKEN, "whom the token speaks of (sub)")               \
    X(IDENTITY_NUMBER, "identity-number", OPTION_IS_TEXT, NULL, 1, 32, COMMAND_TOKEN,                                  \
      "instead of subject: a guardian or child by identity number")                                                    \
    X(CLIENT, "client", OPTION_IS_TEXT, "demo-portal", 1, 255, COMMAND_TOKEN, "client that presents it (azp)")         \
    X(SCOPE, "scope", OPTION_IS_TEXT, "samsyn:case", 0, 1024, COMMAND_TOKEN, "scopes, separated by spaces")            \
    X(LIFETIME, "lifetime", OPTION_IS_NUMBER, "300", 1, 86400, COMMAND_TOKEN | COMMAND_DEMO,                           \
      "seconds until the token expires")                                                                               \
    X(EMERGENCY_ACCESS_MINUTES, "emergency-access-minutes", OPTION_IS_NUMBER, NULL, 5, 1440, COMMAND_MIGRATE,          \
      "how long an emergency access opens a case; 60 until it is set, kept until it is set anew")                      \
    X(ACCESS_LOG_YEARS, "access-log-years", OPTION_IS_NUMBER, NULL, 5, 100, COMMAND_MIGRATE,                           \
      "how long the access log is kept; 5 until it is set, kept until it is set anew")                                 \
    X(MUNICIPALITIES, "municipalities", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_IMPORT_ORGANISATIONS,                   \
      "CSV: municipality_code,municipality_name,municipality_name_short,county_code")                                  \
    X(COUNTIES, "counties", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_IMPORT_ORGANISATIONS,                               \
      "CSV: county_code,county_name,county_name_short")                                                                \
    X(GROUNDS, "grounds", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_IMPORT_GROUNDS, "JSON file: a release of the law")    \
    X(AS_OF, "as-of", OPTION_IS_DAY, NULL, 10, 10, COMMANDS_OF_RETENTION,                                              \
      "what is due on this day, YYYY-MM-DD; for run, one that has come")                                               \
    X(CONFIRM_COUNT, "confirm-count", OPTION_IS_NUMBER, NULL, 0, 100000000000,                                         \
      COMMAND_RETENTION_RUN | COMMAND_LOG_REMOVE,                                                                      \
      "how many things the list said, or events the archive holds; with another number nothing goes")                  \
    X(MONTH, "month", OPTION_IS_MONTH, NULL, 7, 7, COMMANDS_OF_MONTH,                                                  \
      "month of the access log, YYYY-MM; log archive takes every month that is due without it")                        \
    X(OUTPUT, "output", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_LOG_ARCHIVE,                                            \
      "file to write, which must not be there; without --month the folder of YYYY-MM.ndjson")                          \
    X(ARCHIVE, "archive", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_LOG_REMOVE,                                           \
      "file that samsyn log archive has written")                                                                      \
    X(JSON, "json", OPTION_IS_SWITCH, "false", 0, 1, COMMAND_RETENTION_LIST, "print JSON instead of a table")          \
    X(INPUT, "input", OPTION_IS_TEXT, NULL, 1, 4096, COMMAND_LOG_VERIFY,                                               \
      "what to check, - for standard input; --input can be left out")                                                  \
    X(VERIFIER_KEY, "verifier-key", OPTION_IS_TEXT, NULL, 1, 4096, COMMANDS_OF_AUDITOR,                                \
      "verifier key of the log (name+id+key), or a file with one a line")                                              \
    X(WITNESS_KEYS, "witness-keys", OPTION_IS_TEXT, NULL, 1, 4096, COMMANDS_OF_AUDITOR,                                \
      "verifier key of a witness, or a file with one a line")                                                          \
    X(WITNESSES, "witnesses", OPTION_IS_NUMBER, "0", 0, 32, COMMANDS_OF_AUDITOR,                                       \
      "how many of the witnesses must have cosigned")                                                                  \
    X(CHECKPOINT, "checkpoint", OPTION_IS_TEXT, NULL, 1, 4096, COMMANDS_OF_AUDITOR,                                    \
      "file with a checkpoint that was kept, or an earlier export: the log must continue it")                          \
    X(CONFIG, "config", OPTION_IS_TEXT, NULL, 1, 4096,                                                                 \
      COMMAND_SERVE | COMMAND_CHECK | COMMAND_TOKEN | COMMANDS_OF_OWNER | COMMANDS_OF_RETENTION |                      \
          COMMANDS_OF_AUDITOR | COMMANDS_OF_ARCHIVE,                                                                   \
      "file with lines `name = value`, # begins a comment")

enum option {
#define X(identifier, ...) OPTION_##identifier,
    OPTION_TABLE(X)
#undef X
        OPTION_COUNT
};

struct options;

/* Reads the options of `command` from the arguments behind the command's name (one that is no flag is the value of
 * --input, where the command has that), then the environment (a NULL-ended list
 * of NAME=value), then the file of --config. Returns NULL with `*why` (malloc'd) naming the flag, variable or line at
 * fault: unknown, not of this command (flags only), given twice, not a number within its limits, a file that cannot be
 * read. Unknown variables of the environment are left alone: they may be another program's. */
struct options *options_read(enum command command, int count, const char *const *arguments,
                             const char *const *environment, char **why);
void options_free(struct options *options);

/* The value, the default, or NULL; lent until options_free. */
const char *options_text(const struct options *options, enum option option);
long options_number(const struct options *options, enum option option);
bool options_switch(const struct options *options, enum option option);

/* The name as in the table: "pool-size". */
const char *options_name(enum option option);

/* Writes the options of `command` with defaults and help, a line or two each. */
void options_help(enum command command, FILE *file);

#endif
