// House rules of the contract that no general linter knows.
//
//   node lint-contract.mjs openapi.yaml
import { Contract, SERVER_WIDE } from './contract.mjs'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const contract = new Contract(parse(readFileSync(process.argv[2], 'utf8'), { maxAliasCount: -1 }))
const AUDIT = ['read', 'write', 'disclose', 'export', 'search', 'sign', 'evaluate', 'emergency-access']
const IDENTITY = ['personal-identity-number', 'coordination-number', 'identity-number']
const faults = []

// Visits every schema below `node` once, with references followed. `rule(schema, where)`.
function eachSchema(node, where, rule, done = new Set()) {
  const [schema] = contract.resolve(node, '')
  if (!schema || typeof schema !== 'object' || done.has(schema)) return
  done.add(schema)
  rule(schema, where)
  for (const [name, one] of Object.entries(schema.properties ?? {})) eachSchema(one, `${where}/${name}`, rule, done)
  for (const word of ['items', 'additionalProperties', 'not', 'if', 'then', 'else']) if (typeof schema[word] === 'object') eachSchema(schema[word], where, rule, done)
  for (const word of ['allOf', 'oneOf', 'anyOf']) for (const one of schema[word] ?? []) eachSchema(one, where, rule, done)
}

const isType = (schema, type) => [schema.type].flat().includes(type)

// OpenID AuthZEN 1.0, 5.4: a client may say anything of the circumstances of its question.
const OPEN = new Set([contract.document.components.schemas.AuthzenContext])

// Every input has a maximum size, and nothing unknown passes (design, section 4).
function inputRule(schema, where) {
  const bounded = schema.enum || 'const' in schema || schema.format || schema.pattern || schema.maxLength !== undefined
  if (isType(schema, 'string') && !bounded) faults.push(`${where}: a string without maxLength, pattern, format, enum or const`)
  if (isType(schema, 'array') && schema.maxItems === undefined) faults.push(`${where}: an array without maxItems`)
  if (schema.properties && schema.additionalProperties !== false && schema.unevaluatedProperties !== false && !OPEN.has(schema)) faults.push(`${where}: an object that lets unknown members pass`)
}

// AME.04, AME.07: alphanumeric camelCase; `_links`, `_meta` and the one name that OpenID AuthZEN prescribes are the exceptions.
function nameRule(schema, where) {
  for (const name of Object.keys(schema.properties ?? {})) {
    if (!/^[a-z][a-zA-Z0-9]*$|^_links$|^_meta$|^evaluations_semantic$/.test(name)) faults.push(`${where}/${name}: not camelCase`)
  }
}

function checkParameters(operation) {
  for (const parameter of operation.parameters) {
    const where = `${operation.id} ${parameter.in} ${parameter.name}`
    if (parameter.in === 'path' || parameter.in === 'query') {
      eachSchema(parameter.schema ?? {}, where, schema => {
        // No identity number in any URL (P10 of the identifier rules, UFN.03): searching for a person is a POST.
        if (IDENTITY.includes(schema.format)) faults.push(`${where}: an identity number in a URL`)
      })
    }
    eachSchema(parameter.schema ?? {}, where, inputRule)
  }
}

function checkBody(operation) {
  const body = operation.source.requestBody && contract.resolve(operation.source.requestBody, '')[0]
  for (const [type, { schema }] of Object.entries(body?.content ?? {})) {
    eachSchema(schema, `${operation.id} body`, inputRule)
    eachSchema(schema, `${operation.id} body`, nameRule)
    const wanted = operation.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    // Protocols of others, spoken without a token, have bodies of their own.
    if (type !== wanted && !(operation.open && type === '*/*')) faults.push(`${operation.id}: the body is ${type}, not ${wanted}`)
  }
}

// Each schema of a reply compiles, and its examples keep to it.
function checkExamples(operation, status, response, at) {
  for (const [type, media] of Object.entries(response.content ?? {})) {
    const where = `${at}/content/${type.replaceAll('/', '~1')}/schema`
    const examples = [media.example, ...Object.values(media.examples ?? {}).map(one => contract.resolve(one, '')[0].value)].filter(one => one !== undefined)
    try {
      for (const example of examples) faults.push(...contract.faults(where, example).map(fault => `${operation.id} ${status} example: ${fault}`))
      if (media.schema && !examples.length) contract.faults(where, {})
    } catch (error) {
      faults.push(`${operation.id} ${status}: ${error.message}`)
    }
  }
}

// The relations that the table "Links" of api/README.md tells of.
const TOLD = new Set([...readFileSync(new URL('../../api/README.md', import.meta.url), 'utf8').split('## Links')[1].split(/^## /m)[0]
  .matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names]) => names.match(/\w+/g)))

// A link names an operation, only parameters that it has, and all those of its path.
function checkLinks(operation, response) {
  for (const [rel, one] of Object.entries(response.links ?? {})) {
    if (!TOLD.has(rel)) faults.push(`${operation.id} link ${rel}: not in the table of api/README.md`)
    const [link] = contract.resolve(one, '')
    const target = contract.operations.find(other => other.id === link.operationId)
    if (!target) {
      faults.push(`${operation.id} link ${rel}: no operation ${link.operationId}`)
      continue
    }
    const given = Object.keys(link.parameters ?? {})
    const known = target.parameters.filter(parameter => parameter.in === 'path' || parameter.in === 'query')
    for (const name of given) if (!known.some(parameter => parameter.name === name)) faults.push(`${operation.id} link ${rel}: ${target.id} has no parameter ${name}`)
    for (const { name } of known.filter(parameter => parameter.in === 'path')) if (!given.includes(name)) faults.push(`${operation.id} link ${rel}: ${target.id} needs ${name}`)
  }
}

function checkReplies(operation) {
  if (!operation.responses.has('default')) faults.push(`${operation.id}: no default response`)
  for (const [status, { response, at }] of operation.responses) {
    checkExamples(operation, status, response, at)
    checkLinks(operation, response)
    // 401 and the like stand under default, so that coverage asks for them once and not for each operation.
    if (SERVER_WIDE.includes(Number(status))) faults.push(`${operation.id}: ${status} belongs to the default response`)
    for (const { schema } of Object.values(response.content ?? {})) if (schema) eachSchema(schema, `${operation.id} ${status}`, nameRule)
    if (status === '201' && !Object.keys(response.headers ?? {}).includes('Location')) faults.push(`${operation.id}: 201 without Location`)
  }
}

function checkMethod(operation) {
  const header = name => operation.parameters.find(one => one.in === 'header' && one.name.toLowerCase() === name)
  const missing = (...statuses) => statuses.filter(status => !operation.responses.has(String(status)))
  if (operation.method === 'POST' && !operation.open && !['read', 'search', 'evaluate'].includes(operation.source['x-audit']) && !header('idempotency-key')) {
    faults.push(`${operation.id}: a POST without Idempotency-Key`)
  }
  if (operation.method === 'PATCH') {
    if (!header('if-match')?.required) faults.push(`${operation.id}: a PATCH without required If-Match`)
    for (const status of missing(412, 428)) faults.push(`${operation.id}: a PATCH without ${status}`)
  }
}

function checkRights(operation) {
  const { 'x-audit': audit, 'x-permission': permission, security = contract.document.security } = operation.source
  if (audit !== undefined && !AUDIT.includes(audit)) faults.push(`${operation.id}: x-audit ${audit} is none of ${AUDIT.join(', ')}`)
  if (operation.open && (audit || permission)) faults.push(`${operation.id}: open to everybody, and yet x-audit or x-permission`)
  if (!operation.open && !security?.some(one => one.oauth2)) faults.push(`${operation.id}: no security requirement oauth2`)
}

for (const operation of contract.operations) {
  checkParameters(operation)
  checkBody(operation)
  checkReplies(operation)
  checkMethod(operation)
  checkRights(operation)
}
if (faults.length) {
  console.log([...new Set(faults)].join('\n'))
  process.exit(1)
}
console.log(`the contract keeps to the house rules: ${contract.operations.length} operations`)
