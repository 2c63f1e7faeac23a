#include "contract/value.h"

#include <math.h>
#include <stdint.h>

bool value_is_integer(const json_t *value)
{
    if (json_is_integer(value))
        return true;
    double real = json_real_value(value);
    return json_is_real(value) && real >= -0x1p63 && real < 0x1p63 && floor(real) == real;
}

static bool objects_equal(const json_t *a, const json_t *b)
{
    if (json_object_size(a) != json_object_size(b))
        return false;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)a, key, member)
    {
        const json_t *other = json_object_get(b, key);
        if (!other || !value_equal(member, other))
            return false;
    }
    return true;
}

static bool arrays_equal(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!value_equal(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

bool value_equal(const json_t *a, const json_t *b)
{
    if (value_is_integer(a) && value_is_integer(b)) {
        json_int_t left = json_is_integer(a) ? json_integer_value(a) : (json_int_t)json_real_value(a);
        json_int_t right = json_is_integer(b) ? json_integer_value(b) : (json_int_t)json_real_value(b);
        return left == right;
    }
    if (json_is_object(a) && json_is_object(b))
        return objects_equal(a, b);
    if (json_is_array(a) && json_is_array(b))
        return arrays_equal(a, b);
    return json_equal(a, b);
}

json_t *value_normalise(json_t *value)
{
    if (json_is_real(value) && value_is_integer(value)) {
        json_t *integer = json_integer((json_int_t)json_real_value(value));
        json_decref(value);
        return integer;
    }
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            json_array_set_new(value, i, value_normalise(json_incref(json_array_get(value, i))));
    } else if (json_is_object(value)) {
        const char *key;
        json_t *member;
        json_object_foreach(value, key, member) json_object_set_new(value, key, value_normalise(json_incref(member)));
    }
    return value;
}
