/* What an operation carries once the contract is loaded. */
#include "contract_sample.h"

static const char yaml[] = SAMPLE_HEAD
    "paths:\n"
    "  /cases:\n"
    "    parameters: [{$ref: '#/components/parameters/Assignment'}]\n"
    "    get:\n"
    "      operationId: listCases\n"
    "      x-permission: case:read\n"
    "      x-audit: read\n"
    "      x-collection: cases\n"
    "      x-item-links: getCase\n"
    "      parameters:\n"
    "        - {name: limit, in: query, schema: {type: integer, default: 20}}\n"
    "        - {name: status, in: query, explode: false, schema: {type: array, items: {enum: [open], type: string}}}\n"
    "      responses:\n"
    "        '200': {description: Ok, content: {application/json: {schema: {$ref: '#/components/schemas/Cases'}}, "
    "text/csv: {schema: {type: string}}}}\n"
    "    post:\n"
    "      operationId: createCase\n"
    "      security: [{oauth2: []}]\n"
    "      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]\n"
    "      requestBody: {required: true, x-max-bytes: 100, content: {application/json: {schema: {type: object}}}}\n"
    "      responses: {'201': {description: Ok}, '400': {description: Bad}, default: {description: Other}}\n"
    "  /cases/{caseId}:\n"
    "    parameters: [{name: caseId, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}]\n"
    "    get:\n"
    "      operationId: getCase\n"
    "      responses: {'200': {$ref: '#/components/responses/Case'}}\n"
    "    patch:\n"
    "      operationId: updateCase\n"
    "      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]\n"
    "      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}}}\n"
    "      responses: {'200': {$ref: '#/components/responses/Case'}}\n"
    "  /api-info:\n"
    "    get: {operationId: getApiInfo, security: [], responses: {'200': {description: Ok}}}\n"
    "    post: {operationId: tell, security: [], requestBody: {content: {'*/*': {schema: {type: string}}}}, "
    "responses: {'200': {description: Ok}}}\n"
    "components:\n" SAMPLE_SCHEMES "  parameters:\n"
    "    Assignment: {name: Samsyn-Assignment, in: header, schema: {$ref: '#/components/schemas/Id'}}\n"
    "  responses:\n"
    "    Case:\n"
    "      description: A case\n"
    "      content: {application/json: {schema: {$ref: '#/components/schemas/Case'}}}\n"
    "      links:\n"
    "        self: {operationId: getCase, parameters: {caseId: $response.body#/id}}\n"
    "        edit: {$ref: '#/components/links/edit'}\n"
    "        list: {operationId: listCases, parameters: {limit: 5}}\n"
    "  links:\n"
    "    edit: {operationId: updateCase, parameters: {caseId: $response.body#/id}, x-when: {status: [open]}}\n"
    "  schemas:\n"
    "    Id: {type: string, format: uuid}\n"
    "    Case: {type: object, required: [id], properties: {id: {$ref: '#/components/schemas/Id'}, "
    "status: {enum: [open, closed]}}}\n"
    "    Cases: {type: object, properties: {cases: {type: array, items: {$ref: '#/components/schemas/Case'}}}}\n";

static int load(void **state)
{
    *state = sample_load(yaml);
    return 0;
}

static int unload(void **state)
{
    contract_destroy(*state);
    return 0;
}

static const struct parameter *parameter_named(const struct operation *operation, const char *name)
{
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (strcmp(operation->parameters[i].name, name) == 0)
            return &operation->parameters[i];
    fail_msg("%s has no parameter %s", operation->id, name);
    return NULL;
}

static void every_operation_is_found_by_its_id_and_index(void **state)
{
    struct contract *contract = *state;
    assert_int_equal(contract_operation_count(contract), 6);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(contract_operation(contract, i)->index, i);
        assert_ptr_equal(contract_find(contract, contract_operation(contract, i)->id), contract_operation(contract, i));
    }
    assert_null(contract_operation(contract, 6));
    assert_null(contract_find(contract, "nothing"));
    assert_string_equal(contract_base_path(contract), "/samsyn/v1");
    assert_string_equal(json_string_value(json_object_get(contract_json(contract), "openapi")), "3.1.0");
}

static void a_list_has_its_collection_and_typed_parameters(void **state)
{
    const struct operation *list = contract_find(*state, "listCases");
    assert_string_equal(list->method, "GET");
    assert_string_equal(list->path, "/cases");
    assert_string_equal(list->permission, "case:read");
    assert_string_equal(list->activity, "read");
    assert_string_equal(list->collection, "cases");
    assert_int_equal(list->scope_count, 1);
    assert_string_equal(list->scopes[0], "samsyn:case");
    assert_int_equal(list->produced_count, 2);
    assert_string_equal(list->produced[0], "application/json");
    assert_string_equal(list->produced[1], "text/csv");
    assert_int_equal(list->parameter_count, 3);
    assert_int_equal(parameter_named(list, "limit")->type, VALUE_INTEGER);
    assert_int_equal(json_integer_value(parameter_named(list, "limit")->fallback), 20);
    assert_int_equal(parameter_named(list, "status")->type, VALUE_TEXT_ARRAY);
    assert_int_equal(parameter_named(list, "Samsyn-Assignment")->type, VALUE_UUID);
    assert_int_equal(parameter_named(list, "Samsyn-Assignment")->place, PARAMETER_HEADER);
    assert_non_null(contract_reply_schema(list));
}

static void a_create_has_its_body_and_key(void **state)
{
    const struct operation *create = contract_find(*state, "createCase");
    assert_non_null(create->body);
    assert_true(create->body_required);
    assert_string_equal(create->body_type, "application/json");
    assert_int_equal(create->body_max, 100);
    assert_int_equal(create->success, 201);
    assert_int_equal(create->scope_count, 0);
    assert_true(create->idempotent_key);
    assert_false(create->if_match);
    assert_false(create->open);
    assert_null(contract_reply_schema(create));
}

static void an_edit_has_a_required_if_match(void **state)
{
    const struct operation *edit = contract_find(*state, "updateCase");
    assert_true(edit->if_match);
    assert_false(edit->body_required);
    assert_string_equal(edit->body_type, "application/merge-patch+json");
    assert_int_equal(edit->body_max, 65536);
}

static void an_open_operation_may_take_any_type(void **state)
{
    assert_true(contract_find(*state, "tell")->body_raw);
    assert_false(contract_find(*state, "createCase")->body_raw);
}

static void an_operation_without_security_is_open(void **state)
{
    const struct operation *info = contract_find(*state, "getApiInfo");
    assert_true(info->open);
    assert_null(info->permission);
    assert_null(info->activity);
    assert_int_equal(info->produced_count, 0);
}

static void links_know_their_target_and_what_fills_it(void **state)
{
    const struct operation *edit = contract_find(*state, "updateCase");
    assert_int_equal(edit->link_count, 3);
    assert_string_equal(edit->links[0].rel, "self");
    assert_ptr_equal(edit->links[0].target, contract_find(*state, "getCase"));
    assert_string_equal(edit->links[0].parameters[0].name, "caseId");
    assert_string_equal(edit->links[0].parameters[0].expression, "$response.body#/id");
    assert_null(edit->links[0].when);
    assert_string_equal(edit->links[1].rel, "edit");
    assert_int_equal(json_array_size(json_object_get(edit->links[1].when, "status")), 1);
    assert_string_equal(edit->links[2].parameters[0].expression, "5");
}

static void items_carry_the_links_of_the_operation_that_reads_one(void **state)
{
    const struct operation *list = contract_find(*state, "listCases");
    assert_int_equal(list->link_count, 0);
    assert_int_equal(list->item_link_count, 3);
    assert_string_equal(list->item_links[0].rel, "self");
    assert_string_equal(list->item_links[0].parameters[0].expression, "$item#/id");
    assert_string_equal(list->item_links[1].rel, "edit");
    assert_string_equal(list->item_links[1].parameters[0].expression, "$item#/id");
}

static void a_path_parameter_is_implied_by_the_request(void **state)
{
    (void)state;
    struct contract *contract = sample_load(
        SAMPLE_HEAD "paths: {'/a/{id}': {parameters: [{name: id, in: path, required: true, schema: {type: string}}], "
                    "get: {operationId: a, responses: {'200': {description: Ok, links: {self: {operationId: a}}}}}}}\n"
                    "components:\n" SAMPLE_SCHEMES);
    const struct operation *operation = contract_find(contract, "a");
    assert_int_equal(operation->links[0].count, 1);
    assert_string_equal(operation->links[0].parameters[0].name, "id");
    assert_string_equal(operation->links[0].parameters[0].expression, "$request.path.id");
    contract_destroy(contract);
}

static void types_are_found_through_references_and_all_of(void **state)
{
    (void)state;
    struct contract *contract = sample_load(
        SAMPLE_HEAD "paths: {/a: {get: {operationId: a, x-collection: xs, parameters: ["
                    "{name: on, in: query, schema: {allOf: [{$ref: '#/components/schemas/Day'}]}}, "
                    "{name: at, in: query, schema: {$ref: '#/components/schemas/Time/allOf/1'}}, "
                    "{name: in, in: query, explode: false, schema: {allOf: [{}, {type: array, items: {$ref: "
                    "'#/components/schemas/Day'}}]}}], responses: {'200': {description: Ok, content: "
                    "{application/json: {schema: {allOf: [{}, {$ref: '#/components/schemas/List'}]}}}}}}}}\n"
                    "components:\n" SAMPLE_SCHEMES "  schemas:\n"
                    "    Day: {type: string, format: date}\n"
                    "    Time: {allOf: [{}, {type: string, format: date-time}]}\n"
                    "    List: {type: object, properties: {xs: {allOf: [{type: array}]}}}\n");
    const struct operation *operation = contract_find(contract, "a");
    assert_int_equal(parameter_named(operation, "on")->type, VALUE_DATE);
    assert_int_equal(parameter_named(operation, "at")->type, VALUE_TIMESTAMP);
    assert_int_equal(parameter_named(operation, "in")->type, VALUE_TEXT_ARRAY);
    assert_string_equal(operation->collection, "xs");
    contract_destroy(contract);
}

static void a_parameter_of_the_operation_overrides_the_paths(void **state)
{
    (void)state;
    struct contract *contract = sample_load(
        SAMPLE_HEAD "paths: {/a: {parameters: [{name: q, in: query, schema: {type: string}}], get: {operationId: a, "
                    "parameters: [{name: q, in: query, required: true, schema: {type: boolean}}], "
                    "responses: {'204': {description: Done}}}}}\ncomponents:\n" SAMPLE_SCHEMES);
    const struct operation *operation = contract_find(contract, "a");
    assert_int_equal(operation->parameter_count, 1);
    assert_int_equal(operation->parameters[0].type, VALUE_BOOLEAN);
    assert_true(operation->parameters[0].required);
    contract_destroy(contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_is_found_by_its_id_and_index),
        cmocka_unit_test(a_list_has_its_collection_and_typed_parameters),
        cmocka_unit_test(a_create_has_its_body_and_key),
        cmocka_unit_test(an_edit_has_a_required_if_match),
        cmocka_unit_test(an_open_operation_may_take_any_type),
        cmocka_unit_test(an_operation_without_security_is_open),
        cmocka_unit_test(links_know_their_target_and_what_fills_it),
        cmocka_unit_test(items_carry_the_links_of_the_operation_that_reads_one),
        cmocka_unit_test(a_path_parameter_is_implied_by_the_request),
        cmocka_unit_test(types_are_found_through_references_and_all_of),
        cmocka_unit_test(a_parameter_of_the_operation_overrides_the_paths),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
