/* One contract serves many threads at once; under the thread sanitizer this test looks for races. */
#include "contract_sample.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 200 };

static const char yaml[] =
    SAMPLE_HEAD "paths:\n"
                "  /things/{id}:\n"
                "    post:\n"
                "      operationId: x\n"
                "      parameters:\n"
                "        - {name: id, in: path, required: true, schema: {type: string, format: date}}\n"
                "        - {name: status, in: query, explode: false, schema: {type: array, default: [open, closed], "
                "items: {type: string}}}\n"
                "      requestBody: {content: {application/json: {schema: {type: object, properties: "
                "{name: {type: string, pattern: '^[a-z]+$', enum: [abc, def]}, tags: {uniqueItems: true}, "
                "kind: {const: {a: [1]}}}}}}}\n"
                "      responses: {'204': {description: Done}}\n"
                "components:\n" SAMPLE_SCHEMES;

static const char *no_header(void *request, const char *name)
{
    (void)request;
    (void)name;
    return NULL;
}

/* Returns how many rounds went as they should. */
static void *serve(void *shared)
{
    const struct contract *contract = shared;
    static const char body[] = "{\"name\":\"ghi\",\"tags\":[1,1.0],\"kind\":{\"a\":[1]}}";
    uintptr_t good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *arena = arena_create();
        struct violations violations = {.arena = arena};
        struct route route;
        const char *why = NULL;
        enum match match = contract_match(contract, "POST", "/samsyn/v1/things/2026-06-01", arena, &route);
        const json_t *values = contract_bind(route.operation, &route, NULL, no_header, NULL, arena, &violations);
        const json_t *value = contract_parse_body(body, sizeof(body) - 1, arena, &why);
        schema_validate(route.operation->body, value, "/body", arena, &violations);
        good += match == MATCH_FOUND && json_array_size(json_object_get(values, "status")) == 2 &&
                strcmp(sample_list(&violations, arena), "/body/name enum, /body/tags uniqueItems") == 0;
        arena_destroy(arena);
    }
    return (void *)good;
}

static void many_threads_get_the_same_answer(void **state)
{
    (void)state;
    struct contract *contract = sample_load(yaml);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, serve, contract), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_int_equal((uintptr_t)good, ROUNDS);
    }
    contract_destroy(contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_threads_get_the_same_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
