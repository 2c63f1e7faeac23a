/* Swedish identifiers: persons, organisations, health care units, municipalities, counties and school units. */
#ifndef SAMSYN_CONTRACT_IDENTIFIER_H
#define SAMSYN_CONTRACT_IDENTIFIER_H

#include <stdbool.h>

#include "contract/day.h"

/* Each takes the text as received, untrimmed, and says whether it is such an identifier. `today` is the reference
 * day of the century rule and of "not in the future"; `test_numbers` lets birth numbers 980-999 through, the Tax
 * Agency's convention for test persons. */

/* Personal identity number (folkbokföringslag 1991:481, 18 §): YYYYMMDDNNNC, YYYYMMDD-NNNC, YYMMDD-NNNC or
 * YYMMDD+NNNC. */
bool identifier_personal(const char *text, struct day today, bool test_numbers);

/* Coordination number (lag 2022:1697): as above with 60 added to the day. */
bool identifier_coordination(const char *text, struct day today, bool test_numbers);

/* Either of the two. Writes the stored form, twelve digits, to `twelve` when it is one. */
enum { IDENTIFIER_PERSON_SIZE = 13 };
bool identifier_person(const char *text, struct day today, bool test_numbers,
                       char twelve[static IDENTIFIER_PERSON_SIZE]);

/* Organisation number (lag 1974:174, 4 §): NNNNNNNNNN, NNNNNN-NNNN, or 16 followed by the ten digits. */
bool identifier_organisation(const char *text);

/* HSA-id: SE, an organisation number, a hyphen and 1 to 18 letters or digits. */
bool identifier_hsa(const char *text);

/* Codes that the embedded registers (sql/registers/) hold. */
bool identifier_municipality(const char *text);
bool identifier_county(const char *text);

/* School unit code: eight digits; only the school register knows which exist. */
bool identifier_school_unit(const char *text);

#endif
