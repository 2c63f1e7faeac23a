#include "contract/format.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "contract/day.h"
#include "contract/identifier.h"

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

enum { MINUTES_OF_DAY = 24 * 60, OFFSET_HOURS_MAX = 15, DECIMALS_MAX = 9 };

/* Reads exactly `count` digits at `*at` and moves past them; -1 when there are others. */
static int take_number(const char **at, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool take(const char **at, const char *one_of)
{
    bool found = **at && strchr(one_of, **at);
    *at += found;
    return found;
}

static bool take_date(const char **at)
{
    struct day day = {0};
    day.year = take_number(at, 4);
    if (day.year < 0 || !take(at, "-"))
        return false;
    day.month = take_number(at, 2);
    if (day.month < 0 || !take(at, "-"))
        return false;
    day.day = take_number(at, 2);
    return day_exists(day);
}

bool format_date(const char *text)
{
    return take_date(&text) && !*text;
}

/* RFC 3339 lets an offset reach 23:59, but no zone lies beyond 14 hours and PostgreSQL takes less than 16. */
static bool take_offset(const char **at, int *minutes)
{
    *minutes = 0;
    if (take(at, "Zz"))
        return true;
    bool west = **at == '-';
    if (!take(at, "+-"))
        return false;
    int hour = take_number(at, 2);
    if (hour < 0 || hour > OFFSET_HOURS_MAX || !take(at, ":"))
        return false;
    int minute = take_number(at, 2);
    if (minute < 0 || minute > 59)
        return false;
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

static bool take_fraction(const char **at)
{
    if (!take(at, "."))
        return true;
    size_t decimals = strspn(*at, DIGITS);
    *at += decimals;
    return decimals >= 1 && decimals <= DECIMALS_MAX;
}

bool format_date_time(const char *text)
{
    if (!take_date(&text) || !take(&text, "Tt"))
        return false;
    int hour = take_number(&text, 2);
    if (hour < 0 || hour > 23 || !take(&text, ":"))
        return false;
    int minute = take_number(&text, 2);
    if (minute < 0 || minute > 59 || !take(&text, ":"))
        return false;
    int second = take_number(&text, 2);
    int offset = 0;
    if (second < 0 || second > 60 || !take_fraction(&text) || !take_offset(&text, &offset) || *text)
        return false;
    /* A leap second is the last one of a UTC day (RFC 3339 5.7). */
    int utc = ((hour * 60 + minute - offset) % MINUTES_OF_DAY + MINUTES_OF_DAY) % MINUTES_OF_DAY;
    return second < 60 || utc == MINUTES_OF_DAY - 1;
}

/* Labels of letters, digits and inner hyphens, 1 to 63 long, joined by dots (RFC 1123 2.1). */
static bool is_domain(const char *text)
{
    for (;;) {
        size_t length = strspn(text, LETTERS DIGITS "-");
        if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
            return false;
        text += length;
        if (!*text)
            return true;
        if (*text++ != '.')
            return false;
    }
}

bool format_email(const char *text)
{
    static const char atom[] = LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~";
    const char *at = strrchr(text, '@');
    if (!at || at == text || at - text > 64 || strlen(text) > 254)
        return false;
    for (const char *part = text;; part++) {
        size_t length = strspn(part, atom);
        part += length;
        if (length == 0)
            return false;
        if (part == at)
            return is_domain(at + 1);
        if (*part != '.')
            return false;
    }
}

/* Characters that the parts of a URI may hold, with escapes well formed and '#' at most once; '[' and ']' only in
 * the authority (RFC 3986 2.1, 2.2, 3.2.2). */
static bool uri_characters(const char *text)
{
    static const char allowed[] = LETTERS DIGITS "-._~:/?@!$&'()*+,;=";
    const char *authority = strncmp(text, "//", 2) == 0 ? text + 2 : text;
    const char *authority_end = authority == text ? text : authority + strcspn(authority, "/?#");
    bool fragment = false;
    for (; *text; text++) {
        if (*text == '%') {
            if (strspn(text + 1, DIGITS "abcdefABCDEF") < 2)
                return false;
            text += 2;
        } else if (*text == '#') {
            if (fragment)
                return false;
            fragment = true;
        } else if (*text == '[' || *text == ']') {
            if (text < authority || text >= authority_end)
                return false;
        } else if (!strchr(allowed, *text)) {
            return false;
        }
    }
    return true;
}

bool format_uri(const char *text)
{
    size_t scheme = strspn(text, LETTERS DIGITS "+-.");
    if (scheme == 0 || !strchr(LETTERS, text[0]) || text[scheme] != ':')
        return false;
    return text[scheme + 1] && uri_characters(text + scheme + 1);
}

/* A relative reference has no colon in its first segment (RFC 3986 4.2). */
bool format_uri_reference(const char *text)
{
    if (format_uri(text))
        return true;
    return text[strcspn(text, ":/?#")] != ':' && uri_characters(text);
}

static bool check_uuid(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return uuid_valid(text);
}

static bool check_date(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return format_date(text);
}

static bool check_date_time(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return format_date_time(text);
}

static bool check_email(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return format_email(text);
}

static bool check_uri(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return format_uri(text);
}

static bool check_uri_reference(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return format_uri_reference(text);
}

static bool check_personal(const char *text, bool test_numbers)
{
    return identifier_personal(text, day_in_sweden(clock_epoch()), test_numbers);
}

static bool check_coordination(const char *text, bool test_numbers)
{
    return identifier_coordination(text, day_in_sweden(clock_epoch()), test_numbers);
}

static bool check_identity(const char *text, bool test_numbers)
{
    return check_personal(text, test_numbers) || check_coordination(text, test_numbers);
}

static bool check_organisation(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return identifier_organisation(text);
}

static bool check_hsa(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return identifier_hsa(text);
}

static bool check_municipality(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return identifier_municipality(text);
}

static bool check_county(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return identifier_county(text);
}

static bool check_school_unit(const char *text, bool test_numbers)
{
    (void)test_numbers;
    return identifier_school_unit(text);
}

static bool check_int32(long double value)
{
    return value >= INT32_MIN && value <= INT32_MAX;
}

static bool check_int64(long double value)
{
    return value >= -0x1p63L && value < 0x1p63L;
}

static const struct format formats[] = {
    {"uuid", check_uuid, NULL, "must be a UUID", "ska vara ett UUID"},
    {"date", check_date, NULL, "must be an existing date written YYYY-MM-DD",
     "ska vara ett datum som finns, skrivet ÅÅÅÅ-MM-DD"},
    {"date-time", check_date_time, NULL, "must be a date and time with an offset from UTC (RFC 3339)",
     "ska vara datum och tid med förskjutning från UTC (RFC 3339)"},
    {"email", check_email, NULL, "must be an e-mail address", "ska vara en e-postadress"},
    {"uri", check_uri, NULL, "must be a URI (RFC 3986)", "ska vara en URI (RFC 3986)"},
    {"uri-reference", check_uri_reference, NULL, "must be a URI or a relative reference (RFC 3986)",
     "ska vara en URI eller en relativ referens (RFC 3986)"},
    {"personal-identity-number", check_personal, NULL, "must be a personal identity number (personnummer)",
     "ska vara ett personnummer"},
    {"coordination-number", check_coordination, NULL, "must be a coordination number (samordningsnummer)",
     "ska vara ett samordningsnummer"},
    {"identity-number", check_identity, NULL, "must be a personal identity number or a coordination number",
     "ska vara ett personnummer eller ett samordningsnummer"},
    {"organisation-number", check_organisation, NULL, "must be an organisation number (organisationsnummer)",
     "ska vara ett organisationsnummer"},
    {"hsa-id", check_hsa, NULL, "must be an HSA-id", "ska vara ett HSA-id"},
    {"municipality-code", check_municipality, NULL, "must be the code of a municipality", "ska vara en kommunkod"},
    {"county-code", check_county, NULL, "must be the code of a county", "ska vara en länskod"},
    {"school-unit-code", check_school_unit, NULL, "must be a school unit code of eight digits",
     "ska vara en skolenhetskod med åtta siffror"},
    {"int32", NULL, check_int32, "must fit 32 bits", "ska rymmas i 32 bitar"},
    {"int64", NULL, check_int64, "must fit 64 bits", "ska rymmas i 64 bitar"},
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
