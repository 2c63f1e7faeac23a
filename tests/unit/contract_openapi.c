/* The contract that the binary carries. */
#include "contract_sample.h"

#include "base/embedded.h"

static void the_embedded_contract_loads(void **state)
{
    (void)state;
    const struct embedded *file = embedded_find("openapi.yaml");
    assert_non_null(file);
    char *why = NULL;
    struct contract *contract = contract_load(file->start, file->length, &why);
    if (!contract)
        fail_msg("refused: %s", why);
    assert_true(contract_operation_count(contract) > 0);
    contract_destroy(contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_embedded_contract_loads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
