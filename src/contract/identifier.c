#include "contract/identifier.h"

#include <stddef.h>
#include <string.h>

#include "base/embedded.h"

enum { EARLIEST_YEAR = 1800, COORDINATION_DAY = 60, FIRST_TEST_NUMBER = 980 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

static int number(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

/* Modulus 10 over ten digits of which the last is the check digit. */
static bool check_digit_fits(const char digits[static 10])
{
    int sum = 0;
    for (size_t i = 0; i < 9; i++) {
        int product = (digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += product / 10 + product % 10;
    }
    return (10 - sum % 10) % 10 == digits[9] - '0';
}

/* The century of a ten-digit number: the latest year that is not ahead of the reference year; one century earlier
 * after a plus sign, which is used from the calendar year in which a person turns 100. */
static int full_year(int two_digits, char separator, struct day today)
{
    int year = today.year - (today.year - two_digits) % 100;
    return separator == '+' ? year - 100 : year;
}

/* Reads one of the four written forms into the year and the ten digits YYMMDDNNNC. */
static bool read_person(const char *text, struct day today, int *year, char ten[static 10])
{
    size_t length = strlen(text);
    if (length == 12 && all_digits(text, 12)) {
        *year = number(text, 4);
        memcpy(ten, text + 2, 10);
        return true;
    }
    if (length == 13 && all_digits(text, 8) && text[8] == '-' && all_digits(text + 9, 4)) {
        *year = number(text, 4);
        memcpy(ten, text + 2, 6);
        memcpy(ten + 6, text + 9, 4);
        return true;
    }
    if (length == 11 && all_digits(text, 6) && (text[6] == '-' || text[6] == '+') && all_digits(text + 7, 4)) {
        *year = full_year(number(text, 2), text[6], today);
        memcpy(ten, text, 6);
        memcpy(ten + 6, text + 7, 4);
        return true;
    }
    return false;
}

static bool person(const char *text, int added, struct day today, bool test_numbers)
{
    int year = 0;
    char ten[10];
    if (!read_person(text, today, &year, ten))
        return false;
    struct day born = {year, number(ten + 2, 2), number(ten + 4, 2) - added};
    if (year < EARLIEST_YEAR || !day_exists(born) || day_compare(born, today) > 0)
        return false;
    int birth_number = number(ten + 6, 3);
    if (birth_number == 0 || (birth_number >= FIRST_TEST_NUMBER && !test_numbers))
        return false;
    return check_digit_fits(ten);
}

bool identifier_personal(const char *text, struct day today, bool test_numbers)
{
    return person(text, 0, today, test_numbers);
}

bool identifier_coordination(const char *text, struct day today, bool test_numbers)
{
    return person(text, COORDINATION_DAY, today, test_numbers);
}

bool identifier_person(const char *text, struct day today, bool test_numbers,
                       char twelve[static IDENTIFIER_PERSON_SIZE])
{
    int year = 0;
    char ten[10];
    if (!identifier_personal(text, today, test_numbers) && !identifier_coordination(text, today, test_numbers))
        return false;
    read_person(text, today, &year, ten);
    twelve[0] = (char)('0' + year / 1000);
    twelve[1] = (char)('0' + year / 100 % 10);
    memcpy(twelve + 2, ten, sizeof(ten));
    twelve[IDENTIFIER_PERSON_SIZE - 1] = '\0';
    return true;
}

/* The third digit is 2 or more, so that the number cannot be taken for a date. */
static bool organisation_digits(const char *ten)
{
    return all_digits(ten, 10) && ten[2] >= '2' && check_digit_fits(ten);
}

bool identifier_organisation(const char *text)
{
    size_t length = strlen(text);
    if (length == 10)
        return organisation_digits(text);
    if (length == 12)
        return strncmp(text, "16", 2) == 0 && organisation_digits(text + 2);
    if (length != 11 || text[6] != '-')
        return false;
    char ten[10];
    memcpy(ten, text, 6);
    memcpy(ten + 6, text + 7, 4);
    return organisation_digits(ten);
}

bool identifier_hsa(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(text);
    if (length < 14 || length > 31 || strncmp(text, "SE", 2) != 0 || text[12] != '-')
        return false;
    return organisation_digits(text + 2) && strspn(text + 13, allowed) == length - 13;
}

/* A register is CSV whose first column is the code; codes are digits, so a line is found by its beginning. */
static bool listed(const char *path, const char *code, size_t digits)
{
    const struct embedded *file = embedded_find(path);
    if (!file || strlen(code) != digits || !all_digits(code, digits))
        return false;
    char line[8] = "\n";
    memcpy(line + 1, code, digits);
    line[digits + 1] = ',';
    return memmem(file->start, file->length, line, digits + 2) != NULL;
}

bool identifier_municipality(const char *text)
{
    return listed("sql/registers/municipalities.csv", text, 4);
}

bool identifier_county(const char *text)
{
    return listed("sql/registers/counties.csv", text, 2);
}

bool identifier_school_unit(const char *text)
{
    return strlen(text) == 8 && all_digits(text, 8);
}
