/* What contract_load refuses, and the message that says where and why. */
#include "contract_sample.h"

#define SCHEMAS "components:\n" SAMPLE_SCHEMES "  schemas:\n"
#define DONE "responses: {'204': {description: Done}}"
#define ITEM "parameters: [{name: id, in: path, required: true, schema: {type: string}}]"
#define REPLY                                                                                                          \
    "description: Ok, content: {application/json: {schema: {type: object, properties: {xs: {type: array}, status: "    \
    "{enum: [open]}}}}}"

struct refusal {
    const char *yaml; /* after SAMPLE_HEAD */
    const char *why;
};

static void check_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *yaml = NULL;
        if (asprintf(&yaml, SAMPLE_HEAD "%s%s", refusals[i].yaml,
                     strstr(refusals[i].yaml, "components:") ? "" : "components:\n" SAMPLE_SCHEMES) < 0)
            abort();
        char *why = NULL;
        struct contract *contract = contract_load(yaml, strlen(yaml), &why);
        if (contract)
            fail_msg("accepted: %s", refusals[i].yaml);
        assert_string_equal(why, refusals[i].why);
        free(why);
        free(yaml);
    }
}

#define CHECK(refusals) check_refusals(refusals, sizeof(refusals) / sizeof(*(refusals)))

static void an_unknown_keyword_anywhere_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {SCHEMAS "    A: {contains: {}}\n", "/components/schemas/A/contains: unknown schema keyword"},
        {SCHEMAS "    A: {properties: {b: {items: {maxlength: 1}}}}\n",
         "/components/schemas/A/properties/b/items/maxlength: unknown schema keyword"},
        {SCHEMAS "    A: {oneOf: [{type: object}], discriminator: {propertyName: kind}}\n",
         "/components/schemas/A/discriminator: unknown schema keyword"},
        {SCHEMAS "    A: {nullable: true}\n", "/components/schemas/A/nullable: unknown schema keyword"},
        {SCHEMAS "    A: {x-note: true}\n", "/components/schemas/A/x-note: unknown schema keyword"},
        {SCHEMAS "    A: {format: ipv4}\n", "/components/schemas/A/format: unknown format ipv4"},
        {SCHEMAS "    A: {pattern: '[\\S]'}\n", "/components/schemas/A/pattern: \\S cannot stand within a class"},
        {SCHEMAS "    A: {type: text}\n", "/components/schemas/A/type: unknown type"},
        {"x-top: 1\n", "/x-top: unknown extension"},
        {"webhooks: {}\n", "/webhooks: unknown key"},
        {"paths: {/a: {trace: {}}}\n", "/paths/~1a/trace: unknown key"},
        {"paths: {/a: {get: {callbacks: {}}}}\n", "/paths/~1a/get/callbacks: unknown key"},
        {"paths: {/a: {get: {x-role: a}}}\n", "/paths/~1a/get/x-role: unknown extension"},
        {"paths: {/a: {get: {parameters: [{name: a, in: query, allowReserved: true}]}}}\n",
         "/paths/~1a/get/parameters/0/allowReserved: unknown key"},
        {"paths: {/a: {get: {responses: {'200': {descripton: a}}}}}\n",
         "/paths/~1a/get/responses/200/descripton: unknown key"},
        {"paths: {/a: {get: {responses: {'200': {links: {self: {operationRef: a}}}}}}}\n",
         "/paths/~1a/get/responses/200/links/self/operationRef: unknown key"},
        {"paths: {/a: {get: {responses: {'400': {content: {a/b: {schema: {if: {}}}}}}}}}\n",
         "/paths/~1a/get/responses/400/content/a~1b/schema/if: unknown schema keyword"},
    };
    CHECK(refusals);
}

static void a_malformed_keyword_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {SCHEMAS "    A: 1\n", "/components/schemas/A: a schema must be an object, true or false"},
        {SCHEMAS "    A: {maxLength: -1}\n", "/components/schemas/A/maxLength: must be an integer of 0 or more"},
        {SCHEMAS "    A: {minItems: '1'}\n", "/components/schemas/A/minItems: must be an integer of 0 or more"},
        {SCHEMAS "    A: {minimum: a}\n", "/components/schemas/A/minimum: must be a number"},
        {SCHEMAS "    A: {multipleOf: 0}\n", "/components/schemas/A/multipleOf: must be above 0"},
        {SCHEMAS "    A: {pattern: '('}\n", "/components/schemas/A/pattern: at offset 1: missing closing parenthesis"},
        {SCHEMAS "    A: {enum: []}\n", "/components/schemas/A/enum: must be a list of values"},
        {SCHEMAS "    A: {required: a}\n", "/components/schemas/A/required: must be a list of names"},
        {SCHEMAS "    A: {required: [1]}\n", "/components/schemas/A/required: must be a list of names"},
        {SCHEMAS "    A: {uniqueItems: 1}\n", "/components/schemas/A/uniqueItems: must be true or false"},
        {SCHEMAS "    A: {allOf: []}\n", "/components/schemas/A/allOf: must be a list of schemas"},
        {SCHEMAS "    A: {properties: []}\n", "/components/schemas/A/properties: must be an object"},
        {SCHEMAS "    A: {type: []}\n", "/components/schemas/A/type: must name a type"},
        {"tags: {}\n", "/tags: must be a list"},
        {"paths: []\n", "/paths: must be an object"},
        {"paths: {/a: {get: {operationId: 1}}}\n", "/paths/~1a/get/operationId: must be a string"},
        {"paths: {/a: {get: {deprecated: 1}}}\n", "/paths/~1a/get/deprecated: must be true or false"},
        {"paths: {/a: {post: {requestBody: {x-max-bytes: 0}}}}\n",
         "/paths/~1a/post/requestBody/x-max-bytes: must be an integer above 0"},
    };
    CHECK(refusals);
}

static void a_reference_must_lead_to_its_kind(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {SCHEMAS "    A: {$ref: '#/components/schemas/B'}\n",
         "/components/schemas/A/$ref: #/components/schemas/B leads nowhere"},
        {SCHEMAS "    A: {$ref: 'other.yaml#/A'}\n",
         "/components/schemas/A/$ref: must lead into #/components/schemas/"},
        {SCHEMAS "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n",
         "/components/schemas/A: the schema refers to itself for the same value"},
        {SCHEMAS "    A: {allOf: [{anyOf: [{$ref: '#/components/schemas/A'}]}]}\n",
         "/components/schemas/A: the schema refers to itself for the same value"},
        {"paths: {/a: {get: {parameters: [{$ref: '#/components/schemas/A'}]}}}\n",
         "/paths/~1a/get/parameters/0: $ref must lead into #/components/parameters/"},
        {"paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/A'}}}}}\n",
         "/paths/~1a/get/responses/200: $ref #/components/responses/A leads nowhere"},
        {"paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/A', description: b}}}}}\n",
         "/paths/~1a/get/responses/200: nothing may stand beside $ref"},
        {SCHEMAS "    A: {$ref: '#/components/schemas/B~2'}\n",
         "/components/schemas/A/$ref: #/components/schemas/B~2 leads nowhere"},
        {"paths: {/a: {get: {operationId: a, responses: {'200': {$ref: '#/components/responses/A'}}}}}\n"
         "components:\n" SAMPLE_SCHEMES "  responses: {A: {$ref: '#/components/responses/A'}}\n",
         "/components/responses/A: $ref goes round in a circle"},
        {"paths: {/a: {$ref: '#/components/pathItems/A'}}\n", "/paths/~1a: no $ref is followed here"},
    };
    CHECK(refusals);
}

static void an_operation_must_be_complete(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"paths: {/a: {get: {" DONE "}}}\n", "/paths/~1a/get: an operation needs an `operationId`"},
        {"paths: {a: {get: {operationId: a, " DONE "}}}\n", "/paths/a: a path must begin with a slash"},
        {"paths: {/a: {get: {operationId: a, " DONE "}}, /b: {get: {operationId: a, " DONE "}}}\n",
         "/paths: the operationId a is used twice"},
        {"paths: {/a: {get: {operationId: a, responses: {'400': {description: a}}}}}\n",
         "/paths/~1a/get/responses: no success (2xx) is described"},
        {"paths: {/a: {get: {operationId: a, responses: {'200': {description: a}, '201': {description: a}}}}}\n",
         "/paths/~1a/get/responses: more than one success"},
        {"paths: {/a: {get: {operationId: a, responses: {2XX: {description: a}}}}}\n",
         "/paths/~1a/get/responses/2XX: must be a status or `default`"},
        {"paths: {/a: {get: {operationId: a, x-audit: look, " DONE "}}}\n",
         "/paths/~1a/get/x-audit: must be read, write, disclose, export, search, sign, evaluate or emergency-access"},
        {"paths: {/a: {get: {operationId: a, security: [], x-permission: p, " DONE "}}}\n",
         "/paths/~1a/get/x-permission: an open operation cannot ask for a permission"},
        {"paths: {/a: {get: {operationId: a, security: [{}], " DONE "}}}\n",
         "/paths/~1a/get/security: must name oauth2 and nothing else"},
        {"paths: {/a: {get: {operationId: a, security: [{oauth2: []}, {oauth2: []}], " DONE "}}}\n",
         "/paths/~1a/get/security: must be one requirement, or [] for an open operation"},
        {"paths: {/a: {get: {operationId: a, security: [{oauth2: [x]}], " DONE "}}}\n",
         "/paths/~1a/get/security: the scope is not declared in components/securitySchemes/oauth2"},
        {"paths: {/a: {get: {operationId: a, requestBody: {content: {application/json: {schema: {}}}}, " DONE "}}}\n",
         "/paths/~1a/get/requestBody: GET has no body"},
        {"paths: {/a: {post: {operationId: a, requestBody: {content: {text/csv: {schema: {}}}}, " DONE "}}}\n",
         "/paths/~1a/post/requestBody: must be application/json or application/merge-patch+json"},
        {"paths: {/a: {post: {operationId: a, requestBody: {content: {'*/*': {schema: {}}}}, " DONE "}}}\n",
         "/paths/~1a/post/requestBody: must be application/json or application/merge-patch+json"},
        {"paths: {/a: {post: {operationId: a, requestBody: {content: {application/json: {}}}, " DONE "}}}\n",
         "/paths/~1a/post/requestBody: a body needs a `schema`"},
        {"paths: {/a: {get: {operationId: a, parameters: [{name: limit, in: query, schema: {type: integer}}], " DONE
         "}}}\n",
         "/paths/~1a/get/x-collection: is missing: the operation has a `limit`"},
        {"paths: {/a: {get: {operationId: a, x-item-links: {}, " DONE "}}}\n",
         "/paths/~1a/get/x-item-links: items need x-collection beside them"},
        {"paths: {/a: {get: {operationId: a, x-collection: ys, responses: {'200': {" REPLY "}}}}}\n",
         "/paths/~1a/get/x-collection: the success response has no array of this name"},
    };
    CHECK(refusals);
}

static void a_parameter_must_be_bindable(void **state)
{
    (void)state;
#define PARAMETER(text) "paths: {/a: {get: {operationId: a, parameters: [" text "], " DONE "}}}\n"
#define AT "/paths/~1a/get/parameters/0"
    static const struct refusal refusals[] = {
        {PARAMETER("{in: query, schema: {type: string}}"), AT ": a parameter needs `name` and `in`"},
        {PARAMETER("{name: a, in: cookie, schema: {type: string}}"), AT ": `in` must be path, query or header"},
        {PARAMETER("{name: a, in: query}"), AT ": a parameter needs a `schema`"},
        {PARAMETER("{name: a, in: query, style: deepObject, schema: {type: string}}"),
         AT ": the only style here is form"},
        {PARAMETER("{name: a, in: header, style: form, schema: {type: string}}"), AT ": the only style here is simple"},
        {PARAMETER("{name: a, in: path, schema: {type: string}}"), AT ": a path parameter must be required"},
        {PARAMETER("{name: a, in: path, required: true, schema: {type: string}}"),
         "/paths/~1a/get: the path has no {a}"},
        {"paths: {'/{a}/b': {get: {operationId: a, parameters: [{name: a, in: path, required: true, x-rest: true, "
         "schema: {type: string}}], " DONE "}}}\n",
         "/paths/~1{a}~1b/get: the path does not end with {a}"},
        {PARAMETER("{name: Accept, in: header, schema: {type: string}}"),
         AT ": OpenAPI ignores a parameter for this header"},
        {PARAMETER("{name: a, in: query, schema: {}}"),
         AT ": a parameter's schema must name one type, and not object or null"},
        {PARAMETER("{name: a, in: query, schema: {type: [string, integer]}}"),
         AT ": a parameter's schema must name one type, and not object or null"},
        {PARAMETER("{name: a, in: query, schema: {type: array, items: {type: string}}}"),
         AT ": an array is comma-separated: `explode` must be false"},
        {PARAMETER("{name: a, in: query, explode: false, schema: {type: array, items: {type: integer}}}"),
         AT ": an array must be one of strings"},
        {PARAMETER("{name: a, in: query, schema: {type: integer, maximum: 5, default: 6}}"),
         AT "/schema: the default must be at most 5"},
        {PARAMETER("{name: a, in: query, schema: {type: string}}, {name: a, in: header, schema: {type: string}}"),
         "/paths/~1a/get/parameters/1: two parameters are named a"},
        {"paths: {'/a/{id}': {get: {operationId: a, " DONE "}}}\n",
         "/paths/~1a~1{id}/get: a parameter of the path is not described"},
        {"paths: {'/a/x{id}': {" ITEM ", get: {operationId: a, " DONE "}}}\n",
         "/paths/~1a~1x{id}/get: a path segment must be a literal or one whole {parameter}"},
        {"paths: {/a/: {get: {operationId: a, " DONE "}}}\n",
         "/paths/~1a~1/get: a path segment must be a literal or one whole {parameter}"},
        {"paths: {'/a/{id}': {" ITEM ", get: {operationId: a, " DONE
         "}}, '/a/{x}': {parameters: [{name: x, in: path, required: true, schema: {type: string}}], "
         "post: {operationId: b, " DONE "}}}\n",
         "/paths/~1a~1{x}/post: the same path as another but for the names of its parameters"},
    };
    CHECK(refusals);
}

static void a_link_must_lead_to_an_operation_and_fill_it(void **state)
{
    (void)state;
#define LINKED(text)                                                                                                   \
    "paths: {/a: {get: {operationId: a, responses: {'200': {" REPLY ", links: {l: " text "}}}}}, '/b/{id}': {" ITEM    \
    ", get: {operationId: b, " DONE "}}}\n"
#define LINK "/paths/~1a/get/responses/200/links/l"
    static const struct refusal refusals[] = {
        {LINKED("{operationId: c}"), LINK "/operationId: there is no operation c"},
        {LINKED("{}"), LINK "/operationId: there is no operation without a name"},
        {LINKED("{operationId: b}"), LINK ": the path parameter id of b is not given"},
        {LINKED("{operationId: b, parameters: {id: 1, x: 2}}"), LINK "/parameters/x: b has no such parameter"},
        {LINKED("{operationId: b, parameters: {id: [1]}}"), LINK "/parameters/id: must be a constant or an expression"},
        {LINKED("{operationId: b, parameters: {id: $request.path.id}}"),
         LINK "/parameters/id: this operation has no such path parameter"},
        {LINKED("{operationId: b, parameters: {id: $response.header.id}}"),
         LINK "/parameters/id: must be a constant, $response.body#/… or $request.path.…"},
        {LINKED("{operationId: b, parameters: {id: $response.body#/id}}"),
         LINK "/parameters/id: the reply has no such member"},
        {LINKED("{operationId: b, parameters: {id: $response.body#/status/id}}"),
         LINK "/parameters/id: the reply has no such member"},
        {LINKED("{operationId: b, parameters: {id: 1}, x-when: {state: [open]}}"),
         LINK "/x-when/state: the reply has no such member"},
        {LINKED("{operationId: b, parameters: {id: 1}, x-when: {status: [shut]}}"),
         LINK "/x-when/status/0: must be one of: \"open\""},
        {LINKED("{operationId: b, parameters: {id: 1}, x-when: {status: open}}"),
         LINK "/x-when/status: must be a list of values"},
        {"paths: {/a: {get: {operationId: a, x-collection: xs, x-item-links: b, responses: {'200': {" REPLY "}}}}}\n",
         "/paths/~1a/get/x-item-links: there is no operation b"},
        {"paths: {/a: {get: {operationId: a, x-collection: xs, x-item-links: {l: {operationId: a, parameters: {}}, "
         "m: {operationId: b}}, responses: {'200': {" REPLY "}}}}}\n",
         "/paths/~1a/get/x-item-links/m/operationId: there is no operation b"},
    };
    CHECK(refusals);
}

static void the_document_must_be_openapi_31_with_a_base_path(void **state)
{
    (void)state;
    static const struct refusal documents[] = {
        {"[]", "/: must be an object"},
        {"openapi: 3.0.3", "/openapi: must be 3.1"},
        {"openapi: 3.1.0", "/servers/0/url: is missing"},
        {"openapi: 3.1.0\nservers: [{url: 'https://{host}'}]",
         "/servers/0/url: must end in a plain path such as /samsyn/v1"},
        {"openapi: 3.1.0\nservers: [{url: '/{version}'}]",
         "/servers/0/url: must end in a plain path such as /samsyn/v1"},
        {"openapi: 3.1.0\nopenapi: 3.1.0", "line 2, column 1: a duplicate key"},
    };
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        char *why = NULL;
        assert_null(contract_load(documents[i].yaml, strlen(documents[i].yaml), &why));
        assert_string_equal(why, documents[i].why);
        free(why);
    }
}

static void schemas_nest_64_deep_at_most(void **state)
{
    (void)state;
    char schema[1000] = "";
    for (int i = 0; i < 65; i++)
        strcat(schema, "{not: ");
    memset(schema + strlen(schema), '}', 65);
    char yaml[2000];
    snprintf(yaml, sizeof(yaml), "%s    A: %s\n", SAMPLE_HEAD SCHEMAS, schema);
    char *why = NULL;
    assert_null(contract_load(yaml, strlen(yaml), &why));
    assert_non_null(strstr(why, ": schemas nested too deeply"));
    free(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_keyword_anywhere_is_refused),
        cmocka_unit_test(a_malformed_keyword_is_refused),
        cmocka_unit_test(a_reference_must_lead_to_its_kind),
        cmocka_unit_test(schemas_nest_64_deep_at_most),
        cmocka_unit_test(an_operation_must_be_complete),
        cmocka_unit_test(a_parameter_must_be_bindable),
        cmocka_unit_test(a_link_must_lead_to_an_operation_and_fill_it),
        cmocka_unit_test(the_document_must_be_openapi_31_with_a_base_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
