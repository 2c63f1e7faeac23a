#include "operation/exchange.h"

#include <stdint.h>

#include "operation/buffer.h"

void exchange_problem(struct exchange *exchange, enum error error, const char *detail,
                      const struct violations *violations)
{
    reply_problem(exchange->reply, exchange->request, error, detail, violations);
    exchange->reply->code = error_info(error)->code;
}

long long exchange_integer(const struct exchange *exchange, const char *name, long long fallback)
{
    const json_t *value = json_object_get(exchange->parameters, name);
    return json_is_integer(value) ? (long long)json_integer_value(value) : fallback;
}

static const char *array_literal(struct arena *arena, const json_t *array)
{
    struct buffer literal = buffer_begin(arena, 64);
    buffer_byte(&literal, '{');
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *element = exchange_sql_text(arena, json_array_get(array, i));
        buffer_put(&literal, i ? "," : "");
        if (element)
            buffer_element(&literal, element);
        else
            buffer_put(&literal, "null");
    }
    buffer_byte(&literal, '}');
    return literal.bytes;
}

const char *exchange_sql_text(struct arena *arena, const json_t *value)
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
static long long offset_of(struct exchange *exchange, long long limit)
{
    long long offset;
    if (__builtin_mul_overflow(exchange_integer(exchange, "page", 1) - 1, limit, &offset))
        return INT64_MAX;
    return offset;
}

static const char *value_of(struct exchange *exchange, const struct slot *slot)
{
    long long limit = exchange_integer(exchange, "limit", LIMIT_DEFAULT);
    switch (slot->source) {
    case SOURCE_PARAMETER:
        return exchange_sql_text(exchange->arena, json_object_get(exchange->parameters, slot->parameter->name));
    case SOURCE_BODY:
        return exchange->body;
    case SOURCE_IF_MATCH:
        return exchange->if_match;
    case SOURCE_ID:
        return exchange->id;
    case SOURCE_LIMIT:
        return arena_printf(exchange->arena, "%lld", limit);
    case SOURCE_OFFSET:
        return arena_printf(exchange->arena, "%lld", offset_of(exchange, limit));
    case SOURCE_KEY:
        return exchange->key;
    case SOURCE_HASH:
        return exchange->enter[ENTER_HASH];
    }
    return NULL;
}

struct db_call exchange_call(struct exchange *exchange, const struct statement *statement)
{
    const char **values = arena_alloc(exchange->arena, (statement->count + 1) * sizeof(*values));
    for (size_t i = 0; i < statement->count; i++)
        values[i] = value_of(exchange, &statement->slots[i]);
    return (struct db_call){
        .name = statement->name, .sql = statement->sql, .count = statement->count, .values = values};
}
