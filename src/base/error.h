/* Every way a request can fail, in one table: code, HTTP status and titles in English and Swedish. */
#ifndef SAMSYN_BASE_ERROR_H
#define SAMSYN_BASE_ERROR_H

/* X(name, status, English title, Swedish title). The name is the `code` of the problem, part of the
 * contract; its lower-case kebab form is the last part of the problem's `type`. A statement that
 * raises SQLSTATE SA001 with one of these names as its message ends in that problem. */
#define ERROR_TABLE(X)                                                                                                 \
    X(INVALID_REQUEST, 400, "The request does not follow the contract", "Begäran följer inte kontraktet")              \
    X(MALFORMED_JSON, 400, "The body is not valid JSON in UTF-8", "Innehållet är inte giltig JSON i UTF-8")            \
    X(MALFORMED_PATH, 400, "The path is malformed", "Sökvägen är felaktig")                                            \
    X(HOST_UNKNOWN, 400, "The Host header names a host that this server does not serve",                               \
      "Host-huvudet anger en värd som servern inte betjänar")                                                          \
    X(TOKEN_MISSING, 401, "An access token is required", "En åtkomsttoken krävs")                                      \
    X(TOKEN_INVALID, 401, "The access token is not valid", "Åtkomsttoken är inte giltig")                              \
    X(TOKEN_EXPIRED, 401, "The access token has expired", "Åtkomsttoken har gått ut")                                  \
    X(USER_NOT_REGISTERED, 401, "The person is not registered here or not active",                                     \
      "Personen är inte registrerad här eller inte aktiv")                                                             \
    X(CLIENT_NOT_REGISTERED, 403, "The client is not registered here or not active",                                   \
      "Klienten är inte registrerad här eller inte aktiv")                                                             \
    X(CLIENT_NOT_ALLOWED, 403, "The client may not act for this organisation",                                         \
      "Klienten får inte agera för organisationen")                                                                    \
    X(ISSUER_NOT_ALLOWED, 403, "The token's issuer may not vouch for this organisation",                               \
      "Tokenutfärdaren får inte intyga personer i organisationen")                                                     \
    X(ASSIGNMENT_REQUIRED, 403, "Name the acting assignment in Samsyn-Assignment: the person has none or several",     \
      "Ange uppdraget i Samsyn-Assignment: personen har inget eller flera")                                            \
    X(ROLE_NOT_ALLOWED, 403, "The role does not hold the permission that this needs",                                  \
      "Rollen saknar den behörighet som krävs")                                                                        \
    X(SCOPE_MISSING, 403, "The token lacks the scope that this needs", "Token saknar det omfång som krävs")            \
    X(NO_LEGAL_GROUND, 403, "No legal ground opens this", "Ingen rättslig grund öppnar för detta")                     \
    X(CONSENT_REQUIRED, 403, "A consent is required", "Samtycke krävs")                                                \
    X(CONSENT_INCOMPLETE, 403, "Not everyone whose consent is required has given it",                                  \
      "Alla vars samtycke krävs har inte lämnat det")                                                                  \
    X(CONSENT_EXPIRED, 403, "The consent's period is not running", "Samtyckets tid löper inte")                        \
    X(CONSENT_REVOKED, 403, "The consent has been withdrawn", "Samtycket är återkallat")                               \
    X(DECISION_REQUIRED, 403, "A recorded decision is required", "Ett dokumenterat beslut krävs")                      \
    X(GROUND_SOURCE_SECTOR, 403, "The ground does not apply to the discloser's sector",                                \
      "Grunden gäller inte den utlämnande sektorn")                                                                    \
    X(GROUND_RECIPIENT_SECTOR, 403, "The ground does not apply to the recipient's sector",                             \
      "Grunden gäller inte den mottagande sektorn")                                                                    \
    X(GROUND_EXCLUDED, 403, "The secrecy of the information cannot be broken by this ground",                          \
      "Uppgifternas sekretess kan inte brytas av denna grund")                                                         \
    X(GROUND_AGE, 403, "The ground does not apply at the child's age", "Grunden gäller inte vid barnets ålder")        \
    X(GROUND_PRECONDITION, 403, "The ground's precondition is not met", "Grundens förutsättning är inte uppfylld")     \
    X(GROUND_SCOPE, 403, "The information goes beyond what the ground covers",                                         \
      "Uppgifterna går utöver vad grunden omfattar")                                                                   \
    X(NOT_RECIPIENT, 403, "The organisation is not a recipient", "Organisationen är inte mottagare")                   \
    X(PROTECTED_IDENTITY, 403, "The person's identity is protected", "Personen har skyddade personuppgifter")          \
    X(GUARDIAN_SECRECY, 403, "Secrecy holds against a guardian", "Sekretess gäller mot en vårdnadshavare")             \
    X(HANDOVER_REQUIRED, 403, "A handover or a recorded waiver is required first",                                     \
      "Överlämning eller dokumenterat undantag krävs först")                                                           \
    X(EMERGENCY_NOT_OPEN, 403, "There is no such open emergency access", "Det finns ingen sådan öppen nödåtkomst")     \
    X(AGREEMENT_NOT_IN_FORCE, 403, "The agreement is not in force or does not cover this",                             \
      "Överenskommelsen gäller inte eller omfattar inte detta")                                                        \
    X(NOT_LEAD_ORGANISATION, 403, "Only the organisation that leads the case may do this",                             \
      "Bara den organisation som leder ärendet får göra detta")                                                        \
    X(NOT_OWNER, 403, "Only the organisation that owns this may do this",                                              \
      "Bara den organisation som äger detta får göra det")                                                             \
    X(OWN_ACCESS, 403, "Nobody decides on checks of themselves", "Ingen avgör kontroller av sig själv")                \
    X(LOG_KEY_UNKNOWN, 403, "The checkpoint is not signed by a key that is known of this log",                         \
      "Kontrollpunkten är inte undertecknad med en känd nyckel för loggen")                                            \
    X(NOT_FOUND, 404, "Not found", "Hittades inte")                                                                    \
    X(LOG_NOT_SIGNED, 404, "The log has signed no such tree", "Loggen har inte signerat något sådant träd")            \
    X(METHOD_NOT_ALLOWED, 405, "The resource does not know this method", "Resursen stöder inte metoden")               \
    X(NOT_ACCEPTABLE, 406, "No representation fits the Accept header", "Inget format passar Accept-huvudet")           \
    X(CONFLICT, 409, "The request conflicts with the present state", "Begäran står i strid med nuvarande läge")        \
    X(ALREADY_EXISTS, 409, "It exists already", "Det finns redan")                                                     \
    X(ALREADY_ANSWERED, 409, "It has been answered already", "Det är redan besvarat")                                  \
    X(ALREADY_ENDED, 409, "It has ended already", "Det är redan avslutat")                                             \
    X(CASE_CLOSED, 409, "The case is closed and read only", "Ärendet är avslutat och kan bara läsas")                  \
    X(CASE_NOT_CLOSED, 409, "The case is not closed", "Ärendet är inte avslutat")                                      \
    X(FINDINGS_OPEN, 409, "Findings of the campaign are not reviewed yet",                                             \
      "Alla träffar i kampanjen är inte granskade")                                                                    \
    X(REQUEST_IN_FLIGHT, 409, "A request with this Idempotency-Key is being carried out",                              \
      "En begäran med denna Idempotency-Key pågår")                                                                    \
    X(LOG_NOT_SEALED, 409, "The event is not in a signed checkpoint yet; try again shortly",                           \
      "Händelsen finns ännu inte i en signerad kontrollpunkt; försök strax igen")                                      \
    X(PRECONDITION_FAILED, 412, "It has changed since it was read", "Det har ändrats sedan det lästes")                \
    X(BODY_TOO_LARGE, 413, "The body is too large", "Innehållet är för stort")                                         \
    X(URI_TOO_LONG, 414, "The address is too long", "Adressen är för lång")                                            \
    X(MEDIA_TYPE_UNSUPPORTED, 415, "The body's media type is not supported", "Innehållets medietyp stöds inte")        \
    X(INVALID_REFERENCE, 422, "The body refers to something that does not exist for you",                              \
      "Innehållet hänvisar till något som inte finns för dig")                                                         \
    X(LOG_INCONSISTENT, 422, "The checkpoint is not proved to continue the one cosigned last",                         \
      "Kontrollpunkten visas inte fortsätta den som senast medundertecknades")                                         \
    X(UNPROCESSABLE, 422, "The request cannot be carried out as it stands", "Begäran kan inte utföras som den är")     \
    X(KEY_REUSED, 422, "The Idempotency-Key was used for another request",                                             \
      "Idempotency-Key har använts för en annan begäran")                                                              \
    X(PRECONDITION_REQUIRED, 428, "An If-Match header is required", "Huvudet If-Match krävs")                          \
    X(HEADERS_TOO_LARGE, 431, "The request headers are too large", "Begärans huvuden är för stora")                    \
    X(INTERNAL, 500, "Something went wrong on the server", "Något gick fel på servern")                                \
    X(OVERLOADED, 503, "The server is busy; try again shortly", "Servern är upptagen; försök strax igen")              \
    X(DATABASE_UNAVAILABLE, 503, "The database cannot be reached; try again shortly",                                  \
      "Databasen kan inte nås; försök strax igen")

enum error {
    ERROR_NONE,
#define X(name, status, en, sv) ERROR_##name,
    ERROR_TABLE(X) ERROR_COUNT
#undef X
};

struct error_info {
    const char *code; /* "CASE_CLOSED" */
    const char *slug; /* "case-closed" */
    int status;       /* HTTP status */
    const char *title_en;
    const char *title_sv;
};

/* Lends the row of the table; `error` must not be ERROR_NONE. */
const struct error_info *error_info(enum error error);

/* The error whose code is `code`; ERROR_INTERNAL when there is none. */
enum error error_from_code(const char *code);

#endif
