/* A small contract with one of everything, for the fuzzers of the contract module. */
#ifndef SAMSYN_TESTS_FUZZ_SAMPLE_H
#define SAMSYN_TESTS_FUZZ_SAMPLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/contract.h"

static const char sample_yaml[] =
    "openapi: 3.1.0\n"
    "info: {title: Sample, version: '1'}\n"
    "servers: [{url: /samsyn/v1}]\n"
    "paths:\n"
    "  /cases:\n"
    "    get:\n"
    "      operationId: listCases\n"
    "      security: []\n"
    "      x-collection: cases\n"
    "      parameters:\n"
    "        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}\n"
    "        - {name: share, in: query, schema: {type: number, multipleOf: 0.1}}\n"
    "        - {name: open, in: query, schema: {type: boolean}}\n"
    "        - {name: from, in: query, schema: {type: string, format: date-time}}\n"
    "        - {name: on, in: query, schema: {type: string, format: date}}\n"
    "        - {name: id, in: query, schema: {type: string, format: uuid}}\n"
    "        - {name: person, in: query, schema: {type: string, format: identity-number}}\n"
    "        - {name: status, in: query, explode: false, schema: {type: array, uniqueItems: true, items: "
    "{type: string, pattern: '^(a+)+$'}}}\n"
    "      responses: {'200': {description: Ok, content: {application/json: {schema: "
    "{type: object, properties: {cases: {type: array}}}}}}}\n"
    "    post:\n"
    "      operationId: createCase\n"
    "      security: []\n"
    "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Case'}}}}\n"
    "      responses: {'204': {description: Done}}\n"
    "  /cases/search: {post: {operationId: searchCases, security: [], responses: {'204': {description: Done}}}}\n"
    "  /cases/{caseId}/records/{recordId}:\n"
    "    parameters:\n"
    "      - {name: caseId, in: path, required: true, schema: {type: string, format: uuid}}\n"
    "      - {name: recordId, in: path, required: true, schema: {type: string, maxLength: 36}}\n"
    "    get: {operationId: getRecord, security: [], responses: {'204': {description: Done}}}\n"
    "components:\n"
    "  schemas:\n"
    "    Case:\n"
    "      type: object\n"
    "      required: [title]\n"
    "      additionalProperties: false\n"
    "      minProperties: 1\n"
    "      maxProperties: 20\n"
    "      properties:\n"
    "        title: {type: string, minLength: 1, maxLength: 20, pattern: '\\S'}\n"
    "        kind: {enum: [a, 1, null, [1, {b: 2}]]}\n"
    "        count: {type: [integer, 'null'], exclusiveMinimum: 0, exclusiveMaximum: 1000, format: int32}\n"
    "        share: {type: number, multipleOf: 0.01}\n"
    "        born: {type: string, format: date}\n"
    "        at: {type: string, format: date-time}\n"
    "        mail: {type: string, format: email}\n"
    "        page: {type: string, format: uri}\n"
    "        next: {type: string, format: uri-reference}\n"
    "        person: {type: string, format: identity-number}\n"
    "        organisation: {type: string, format: organisation-number}\n"
    "        hsa: {type: string, format: hsa-id}\n"
    "        municipality: {type: string, format: municipality-code}\n"
    "        county: {type: string, format: county-code}\n"
    "        school: {type: string, format: school-unit-code}\n"
    "        tags: {type: array, uniqueItems: true, minItems: 1, maxItems: 50, items: {}}\n"
    "        parts: {type: array, items: {$ref: '#/components/schemas/Part'}}\n"
    "        notes: {type: object, additionalProperties: {type: string}}\n"
    "    Part:\n"
    "      oneOf:\n"
    "        - {type: object, required: [kind, text], properties: {kind: {const: text}, text: {type: string}}}\n"
    "        - {type: object, required: [kind, parts], properties: {kind: {const: group}, parts: {type: array, "
    "items: {$ref: '#/components/schemas/Part'}}}}\n"
    "        - {type: 'null'}\n";

static const struct contract *sample_contract(void)
{
    static struct contract *contract;
    char *why = NULL;
    if (!contract)
        contract = contract_load(sample_yaml, sizeof(sample_yaml) - 1, &why);
    if (!contract) {
        fprintf(stderr, "%s\n", why);
        abort();
    }
    return contract;
}

/* Every violation must have a place, a rule and a text in both languages, and be valid JSON text. */
static inline void sample_require(const struct violations *violations)
{
    for (const struct violation *v = violations->first; v; v = v->next) {
        json_t *all = json_pack("[s, s, s, s]", v->pointer, v->rule, v->detail_en, v->detail_sv);
        if (!all || v->pointer[0] != '/')
            abort();
        json_decref(all);
    }
}

#endif
