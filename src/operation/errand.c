#include "operation/errand.h"

#include <stdint.h>

#include "operation/buffer.h"

void errand_problem(struct errand *errand, enum error error, const char *detail, const struct violations *violations)
{
    reply_problem(errand->reply, errand->request, error, detail, violations);
    errand->reply->code = error_info(error)->code;
}

long long errand_integer(const struct errand *errand, const char *name, long long fallback)
{
    const json_t *value = json_object_get(errand->parameters, name);
    return json_is_integer(value) ? (long long)json_integer_value(value) : fallback;
}

static const char *array_literal(struct arena *arena, const json_t *array)
{
    struct buffer literal = buffer_begin(arena, 64);
    buffer_byte(&literal, '{');
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *element = errand_sql_text(arena, json_array_get(array, i));
        buffer_put(&literal, i ? "," : "");
        if (element)
            buffer_element(&literal, element);
        else
            buffer_put(&literal, "null");
    }
    buffer_byte(&literal, '}');
    return literal.bytes;
}

const char *errand_sql_text(struct arena *arena, const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        return arena_printf(arena, "%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        return arena_printf(arena, "%.17g", json_real_value(value));
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_ARRAY:
        return array_literal(arena, value);
    case JSON_OBJECT:
    case JSON_NULL:
        break;
    }
    return NULL;
}

/* Beyond the last page there is an empty one, however far beyond. */
static long long offset_of(struct errand *errand, long long limit)
{
    long long offset;
    if (__builtin_mul_overflow(errand_integer(errand, "page", 1) - 1, limit, &offset))
        return INT64_MAX;
    return offset;
}

static const char *value_of(struct errand *errand, const struct slot *slot)
{
    long long limit = errand_integer(errand, "limit", LIMIT_DEFAULT);
    switch (slot->source) {
    case SOURCE_PARAMETER:
        return errand_sql_text(errand->arena, json_object_get(errand->parameters, slot->parameter->name));
    case SOURCE_BODY:
        return errand->body;
    case SOURCE_IF_MATCH:
        return errand->if_match;
    case SOURCE_ID:
        return errand->id;
    case SOURCE_LIMIT:
        return arena_printf(errand->arena, "%lld", limit);
    case SOURCE_OFFSET:
        return arena_printf(errand->arena, "%lld", offset_of(errand, limit));
    case SOURCE_KEY:
        return errand->key;
    case SOURCE_HASH:
        return errand->enter[ENTER_HASH];
    case SOURCE_PART:
        return errand->part;
    }
    return NULL;
}

struct db_call errand_call(struct errand *errand, const struct statement *statement)
{
    const char **values = arena_alloc(errand->arena, (statement->count + 1) * sizeof(*values));
    for (size_t i = 0; i < statement->count; i++)
        values[i] = value_of(errand, &statement->slots[i]);
    return (struct db_call){
        .name = statement->name, .sql = statement->sql, .count = statement->count, .values = values};
}
