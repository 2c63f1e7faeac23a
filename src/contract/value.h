/* JSON values as JSON Schema sees them: 1 and 1.0 are the same number, and both are integers. */
#ifndef SAMSYN_CONTRACT_VALUE_H
#define SAMSYN_CONTRACT_VALUE_H

#include <jansson.h>
#include <stdbool.h>

/* True for a number without fraction that fits 64 bits, however it is written. */
bool value_is_integer(const json_t *value);

/* Equality of JSON Schema: numbers by value, objects without regard to order. */
bool value_equal(const json_t *a, const json_t *b);

/* Steals `value` and returns it, or what takes its place, with every integral real written as an integer. */
json_t *value_normalise(json_t *value);

#endif
