// The contract as the tests read it: operations, a path matcher and validators of replies.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import addFormats from 'ajv-formats'
import Ajv2020 from 'ajv/dist/2020.js'
import { parse } from 'yaml'

// What may come from `default` besides: a malformed path or an unknown host.
const ALSO_DEFAULT = [400]

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

// The replies that any operation may give and that stand under `default`: no token, no acceptable type, too large,
// too long an address, unsupported type, too large headers, our own fault, overload.
export const SERVER_WIDE = [401, 406, 413, 414, 415, 431, 500, 503]

// What the tests hold a Swedish identifier to in a reply: its stored form. The server's own validator is stricter.
const FORMATS = {
  'personal-identity-number': /^(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{4}$/,
  'coordination-number': /^(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(6[1-9]|[78][0-9]|9[01])[0-9]{4}$/,
  'identity-number': /^(18|19|20)[0-9]{2}(0[1-9]|1[0-2])([0-9]{2})[0-9]{4}$/,
  'organisation-number': /^[0-9]{2}[2-9][0-9]{7}$/,
  'hsa-id': /^SE[0-9]{10}-[A-Za-z0-9]{1,18}$/,
  'municipality-code': /^[0-9]{4}$/,
  'county-code': /^[0-9]{2}$/,
  'school-unit-code': /^[0-9]{8}$/
}

const pointer = (...parts) => parts.map(part => '/' + String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('')

export class Contract {
  constructor(document) {
    this.document = document
    this.basePath = new URL(document.servers[0].url, 'http://localhost').pathname.replace(/\/$/, '')
    this.operations = this.#readOperations()
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false })
    addFormats(this.ajv)
    for (const [name, pattern] of Object.entries(FORMATS)) this.ajv.addFormat(name, pattern)
    this.ajv.addSchema(document, 'contract')
    this.validators = new Map()
  }

  // Follows `$ref` within the document. Returns [what it leads to, the JSON Pointer of that].
  resolve(node, at) {
    while (node?.$ref) {
      at = node.$ref.replace(/^#/, '')
      node = at.split('/').slice(1).reduce((found, part) => found?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')], this.document)
      if (node === undefined) throw new Error(`the contract refers to ${at}, which is not there`)
    }
    return [node, at]
  }

  #readOperations() {
    const operations = []
    for (const [path, item] of Object.entries(this.document.paths)) {
      for (const method of METHODS.filter(name => item[name])) {
        const operation = item[method]
        const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(one => this.resolve(one, '')[0])
        operations.push({
          id: operation.operationId,
          method: method.toUpperCase(),
          path,
          segments: path.split('/').slice(1),
          rest: parameters.some(one => one['x-rest']),
          open: Array.isArray(operation.security) && operation.security.length === 0,
          parameters,
          at: pointer('paths', path, method),
          source: operation,
          responses: this.#readResponses(operation, pointer('paths', path, method))
        })
      }
    }
    return operations
  }

  #readResponses(operation, at) {
    const responses = new Map()
    for (const [status, one] of Object.entries(operation.responses ?? {})) {
      const [response, place] = this.resolve(one, at + pointer('responses', status))
      responses.set(status, { response, at: place })
    }
    return responses
  }

  find(id) {
    const operation = this.operations.find(one => one.id === id)
    if (!operation) throw new Error(`the contract has no operation ${id}`)
    return operation
  }

  // The operation of this method and path (with base path, without query), or undefined. A literal segment wins over
  // a parameter. HEAD is answered by GET.
  match(method, path) {
    if (!path.startsWith(this.basePath + '/')) return undefined
    const segments = path.slice(this.basePath.length + 1).split('/')
    const wanted = method === 'HEAD' ? 'GET' : method
    return this.operations
      .filter(one => one.method === wanted && (one.rest ? one.segments.length <= segments.length : one.segments.length === segments.length))
      .filter(one => one.segments.every((part, i) => part.startsWith('{') ? segments[i] !== '' : part === segments[i]))
      .sort((a, b) => literals(b) - literals(a))[0]
  }

  // The path (below the base path) of an operation with these parameters filled in.
  fill(operation, values = {}) {
    return operation.path.replace(/\{([^}]+)\}/g, (_, name) => {
      if (values[name] === undefined) throw new Error(`${operation.id} needs the path parameter ${name}`)
      return operation.rest ? values[name].toString().split('/').map(encodeURIComponent).join('/') : encodeURIComponent(values[name])
    })
  }

  // Faults of a value against the schema at a JSON Pointer of the document, as readable lines.
  faults(at, value) {
    if (!this.validators.has(at)) this.validators.set(at, this.ajv.compile({ $ref: 'contract#' + encodeURI(at) }))
    const validate = this.validators.get(at)
    if (validate(value)) return []
    return validate.errors.map(error => `${error.instancePath || '(body)'} ${error.message} ${JSON.stringify(error.params)}`)
  }

  // Everything in which a reply departs from the contract; an empty list when it keeps to it.
  // `reply` is {status, headers (lower case), text, body}.
  check(operation, method, reply) {
    const documented = operation.responses.get(String(reply.status)) ??
      ([...SERVER_WIDE, ...ALSO_DEFAULT].includes(reply.status) ? operation.responses.get('default') : undefined)
    if (!documented) return [`status ${reply.status} of ${operation.id} is not documented`]
    const { response, at } = documented
    return [...this.#checkHeaders(response, at, reply), ...this.#checkContent(response, at, method, reply)]
  }

  // A header that the contract documents is always sent, unless it says `required: false`.
  #checkHeaders(response, at, reply) {
    const faults = []
    for (const [name, one] of Object.entries(response.headers ?? {})) {
      const [header, place] = this.resolve(one, at + pointer('headers', name))
      const value = reply.headers[name.toLowerCase()]
      if (value === undefined) {
        if (header.required !== false) faults.push(`the header ${name} is missing`)
      } else if (header.schema) {
        const [schema] = this.resolve(header.schema, '')
        const typed = ['integer', 'number'].includes(schema.type) ? Number(value) : value
        faults.push(...this.faults(place + '/schema', typed).map(fault => `header ${name}: ${fault}`))
      }
    }
    return faults
  }

  #checkContent(response, at, method, reply) {
    if (method === 'HEAD') return reply.text === '' ? [] : ['a reply to HEAD has a body']
    if (!response.content) return reply.text === '' ? [] : [`a body where none is documented: ${reply.text.slice(0, 200)}`]
    const type = mediaType(reply)
    if (!response.content[type]) return [`the content type ${type || '(none)'} is not documented`]
    if (!response.content[type].schema) return []
    return this.faults(at + pointer('content', type, 'schema'), isJson(type) ? reply.body : reply.text)
  }
}

const literals = operation => operation.segments.filter(part => !part.startsWith('{')).length

export const mediaType = reply => (reply.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase()

export const isJson = type => /^application\/([a-z.-]+\+)?json$/.test(type)

let loaded
export function contract() {
  const file = process.env.SAMSYN_CONTRACT ?? fileURLToPath(new URL('../../openapi.yaml', import.meta.url))
  loaded ??= new Contract(parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 }))
  return loaded
}
