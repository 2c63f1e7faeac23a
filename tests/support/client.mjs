// A client that holds every reply against the contract.
//
//   const worker = server.as('social-case-worker')
//   const made = await worker.post('/cases', { title: '…' }, { status: 201 })
//   const again = await worker.get(made.links.self.href)
//   const closed = await worker.follow(made, 'close', { reason: '…' }, { status: 201 })
//   await worker.patch(`/cases/${id}`, { title: '…' }, { ifMatch: made.etag, status: 200 })
//   assert.equal((await stranger.get(`/cases/${id}`, { status: 404 })).body.code, 'NOT_FOUND')
//
// Paths are relative to the API's base path; an absolute URL of the same server is taken as it is.
// Options of a call: status (expected; the test fails with the reply shown), query (object), headers (object, a value
// of undefined takes a header away), ifMatch, ifNoneMatch, key (Idempotency-Key), type (Content-Type), raw (the body's
// bytes, sent as they are), unchecked (true: this reply is not held against the contract).
// A reply is {status, headers, bytes, text, body, etag, links, operation}.
import assert from 'node:assert/strict'
import http from 'node:http'
import { contract, isJson, mediaType } from './contract.mjs'
import { PATIENCE_MS } from './patience.mjs'
import { saw } from './seen.mjs'
import { sign } from './token.mjs'

const RENEW_AFTER_MS = 180_000

export class Client {
  #token

  // `key` signs the tokens of `subject`; both are missing for a client without a token. `claims` go into the token,
  // `headers` into every request, `token` replaces the signed one; `tally` is told of every reply.
  constructor(url, { key, subject, claims = {}, headers = {}, token, tally } = {}) {
    this.url = url
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
    Object.assign(this, { key, subject, claims, headers, fixedToken: token, tally })
  }

  // The same person with other claims or headers: worker.with({ headers: { 'Samsyn-Assignment': id } }).
  with({ claims = {}, headers = {} }) {
    return new Client(this.url, {
      key: this.key, subject: this.subject, token: this.fixedToken, tally: this.tally,
      claims: { ...this.claims, ...claims }, headers: { ...this.headers, ...headers }
    })
  }

  get token() {
    if (this.fixedToken !== undefined || !this.key) return this.fixedToken
    if (!this.#token || Date.now() - this.#token.at > RENEW_AFTER_MS) {
      this.#token = { text: sign(this.key, this.subject, this.claims), at: Date.now() }
    }
    return this.#token.text
  }

  get(path, options) { return this.request('GET', path, undefined, options) }
  head(path, options) { return this.request('HEAD', path, undefined, options) }
  options(path, options) { return this.request('OPTIONS', path, undefined, options) }
  delete(path, options) { return this.request('DELETE', path, undefined, options) }
  post(path, body, options) { return this.request('POST', path, body, options) }
  put(path, body, options) { return this.request('PUT', path, body, options) }
  patch(path, body, options) { return this.request('PATCH', path, body, { type: 'application/merge-patch+json', ...options }) }

  // Follows a link of a reply, or of an item of a list, by its relation.
  follow(from, rel, body, options = {}) {
    const links = (from.headers ? from.body : from)?._links ?? {}
    assert.ok(links[rel], `no link "${rel}" among ${Object.keys(links).join(', ') || 'none'}`)
    const { href, method = 'GET' } = links[rel]
    const type = method === 'PATCH' ? { type: 'application/merge-patch+json' } : {}
    return this.request(method, href, body, { ...type, ...options })
  }

  // Calls an operation by its id: worker.call('getCase', { path: { caseId }, query, body }, { status: 200 }).
  call(operationId, { path, query, body } = {}, options = {}) {
    const operation = contract().find(operationId)
    const type = operation.method === 'PATCH' ? { type: 'application/merge-patch+json' } : {}
    return this.request(operation.method, contract().fill(operation, path), body, { ...type, query, ...options })
  }

  async request(method, path, body, options = {}) {
    const target = this.target(path, options.query)
    const payload = options.raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const reply = await send(this.url, this.agent, method, target, this.#headers(payload, options), payload)
    const operation = contract().match(method, target.split('?')[0])
    reply.operation = operation?.id
    if (!options.unchecked) this.#check(operation, method, target, reply)
    if (operation) saw(operation.id, reply.status)
    this.tally?.add(operation, method, reply, `${target} ${payload ?? ''}`, options.key)
    if (options.status !== undefined) {
      assert.equal(reply.status, options.status, `${method} ${target} as ${this.subject ?? 'nobody'} answered ${reply.status}:\n${reply.text.slice(0, 2000)}`)
    }
    return reply
  }

  // The address of a path, without the server.
  target(path, query) {
    let target = path.startsWith(this.url) ? path.slice(this.url.length) : contract().basePath + path
    if (/^https?:/.test(path) && !path.startsWith(this.url)) throw new Error(`${path} is not of the server ${this.url}`)
    const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
    if (pairs.length) target += (target.includes('?') ? '&' : '?') + new URLSearchParams(pairs)
    return target
  }

  #headers(payload, { headers = {}, type = 'application/json', ifMatch, ifNoneMatch, key }) {
    const all = {
      ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
      ...(payload === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(payload) }),
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...this.headers,
      ...headers
    }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }

  // Without an operation (unknown path or method, OPTIONS) only the shape of a problem can be checked.
  #check(operation, method, target, reply) {
    const faults = operation ? contract().check(operation, method, reply) : []
    if (reply.status === 201 && reply.links.self && reply.headers.location !== reply.links.self.href) faults.push('Location is not the link self')
    if (reply.status >= 400 && method !== 'HEAD' && !isForeign(operation, reply)) faults.push(...problemFaults(reply))
    // The contract in JSON speaks of `_links`, but has none.
    if (reply.body && typeof reply.body === 'object' && operation?.id !== 'getContractJson') faults.push(...linkFaults(this.url, reply.body))
    if (faults.length) assert.fail(`${method} ${target} answered ${reply.status} against the contract:\n${faults.join('\n')}\n${reply.text.slice(0, 2000)}`)
  }
}

// What a protocol of others has in place of a problem.
function isForeign(operation, reply) {
  const content = operation?.responses.get(String(reply.status))?.response.content
  return content !== undefined && !content['application/problem+json']
}

// Every problem says in its body what its status line says, and carries a code and the request's id.
function problemFaults(reply) {
  const problem = reply.body
  if (mediaType(reply) !== 'application/problem+json') return [`a ${reply.status} that is no application/problem+json`]
  const faults = []
  if (problem?.status !== reply.status) faults.push(`the problem says status ${problem?.status}`)
  if (!/^[A-Z][A-Z_]+$/.test(problem?.code ?? '')) faults.push('the problem has no code')
  if (!/^urn:uuid:[0-9a-f-]{36}$/.test(problem?.instance ?? '')) faults.push('the instance is no urn:uuid')
  if (reply.status === 401 && !reply.headers['www-authenticate']) faults.push('401 without WWW-Authenticate')
  if (reply.status === 405 && !reply.headers.allow) faults.push('405 without Allow')
  if (reply.status === 503 && !reply.headers['retry-after']) faults.push('503 without Retry-After')
  return faults
}

// Every link anywhere in a body leads to an operation of the contract on this server.
function linkFaults(url, body) {
  const faults = []
  const visit = node => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (!node || typeof node !== 'object') return
    for (const [rel, link] of Object.entries(node._links ?? {})) {
      const path = link.href?.startsWith(url) ? link.href.slice(url.length).split('?')[0] : undefined
      if (!path || !contract().match(link.method ?? 'GET', path)) faults.push(`the link ${rel} leads nowhere: ${link.method} ${link.href}`)
    }
    Object.entries(node).filter(([name]) => name !== '_links').forEach(([, value]) => visit(value))
  }
  visit(body)
  return faults
}

// One exchange over HTTP/1.1 with the path exactly as given. Broken off in the middle of its reply, the error has what
// arrived as `partial`.
function send(url, agent, method, path, headers, payload) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const request = http.request({ hostname, port, method, path, headers, agent }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', error => reject(Object.assign(error, { partial: { status: response.statusCode, headers: response.headers, text: String(Buffer.concat(chunks)) } })))
      response.on('end', () => resolve(readReply(response, Buffer.concat(chunks))))
    })
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`${method} ${path}: no answer within ${PATIENCE_MS} ms`)))
    request.on('error', reject)
    request.end(payload)
  })
}

function readReply(response, bytes) {
  const text = bytes.toString('utf8')
  const reply = { status: response.statusCode, headers: response.headers, bytes, text, body: undefined, etag: response.headers.etag }
  if (text && isJson(mediaType(reply))) reply.body = JSON.parse(text)
  reply.links = reply.body?._links ?? {}
  return reply
}

// Awaits a reply, asserts that it made something, and returns it.
export async function created(sent) {
  const reply = await sent
  assert.equal(reply.status, 201, reply.text)
  return reply
}

// Asserts that a reply is the problem of this status and code; returns it.
export function refused(reply, status, code) {
  assert.equal(`${reply.status} ${reply.body?.code}`, `${status} ${code}`, reply.text.slice(0, 2000))
  return reply
}
