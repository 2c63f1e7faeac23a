// What the server does with any request, whatever the operation: tokens, methods, media types, sizes, malformed input,
// languages, headers, other origins, proxies, and what is not to be reached here.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { ALVA, OTHER_CLIENT, SOCIAL, userId } from '../support/demo.mjs'
import { head, sendRaw } from '../support/raw.mjs'
import { startServer } from '../support/server.mjs'
import { whileHolding } from '../support/session.mjs'
import { logged } from '../support/story.mjs'
import { AUDIENCE, ISSUER, makeKey, sign } from '../support/token.mjs'

const PORTAL = 'http://localhost:5173' // the demo's client calls from here
const STREAMED = 8192

const server = await startServer()
const proxied = await startServer({
  options: { trustedProxies: '127.0.0.1', allowedHosts: 'samsyn.example.se', lockTimeoutMs: 200 }, tolerate: ['statement-failed', 'denial-not-recorded']
})
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const nobody = server.anonymous()
const bearer = `Authorization: Bearer ${worker.token}`
const pointers = reply => reply.body.errors.map(error => error.pointer)

// -- tokens ------------------------------------------------------------------------------------------------------------

const now = () => Math.floor(Date.now() / 1000)
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = () => ({ iss: ISSUER, aud: AUDIENCE, sub: 'social-manager', azp: 'demo-portal', scope: 'samsyn:case', iat: now(), nbf: now(), exp: now() + 200 })
const token = (more, header) => sign(server.key, 'social-case-worker', more, header)

// What the token is, the code it gets, the reason that the log and the metrics tell.
const BAD_TOKENS = [
  ['no JWT', () => 'nonsense', 'TOKEN_INVALID', 'malformed'],
  ['a JWT without its signature', () => token().split('.').slice(0, 2).join('.') + '.', 'TOKEN_INVALID', undefined],
  ['unsigned (alg none)', () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`, 'TOKEN_INVALID', undefined],
  ['signed by somebody else', () => sign(makeKey(), 'social-case-worker'), 'TOKEN_INVALID', 'signature'],
  ['changed after it was signed', () => { const [a, , c] = token().split('.'); return `${a}.${encode(claims())}.${c}` }, 'TOKEN_INVALID', 'signature'],
  ['said to be HMAC', () => token({}, { alg: 'HS256' }), 'TOKEN_INVALID', 'algorithm'],
  ['of another issuer', () => token({ iss: 'https://login.example.se' }), 'TOKEN_INVALID', 'issuer-unknown'],
  ['for another audience', () => token({ aud: 'another-api' }), 'TOKEN_INVALID', 'audience'],
  ['expired', () => token({ iat: now() - 400, nbf: now() - 400, exp: now() - 200 }), 'TOKEN_EXPIRED', 'expired'],
  ['not valid yet', () => token({ nbf: now() + 1200, exp: now() + 2400 }), 'TOKEN_INVALID', 'not-yet-valid'],
  ['valid for too long', () => token({ exp: now() + 36_000 }), 'TOKEN_INVALID', 'lifetime'],
  ['without an end', () => token({ exp: undefined }), 'TOKEN_INVALID', 'claim-missing'],
  ['without a client', () => token({ azp: undefined }), 'TOKEN_INVALID', 'claim-missing'],
  ['without a subject', () => token({ sub: undefined }), 'TOKEN_INVALID', 'claim-missing'],
  ['huge', () => token({ filler: 'x'.repeat(9000) }), 'TOKEN_INVALID', 'too-large'],
  ['of someone who is not registered', () => sign(server.key, 'a-stranger'), 'USER_NOT_REGISTERED', 'user-not-registered']
]

for (const [what, make, code, reason] of BAD_TOKENS) {
  test(`a token that is ${what} is 401, told to the security log and counted`, async () => {
    const reply = refused(await server.anonymous({ token: make() }).get('/me'), 401, code)

    assert.match(reply.headers['www-authenticate'], /^Bearer realm="samsyn", error="invalid_token"/)
    const line = await server.until(() => server.log('token-refused').find(one => `urn:uuid:${one.requestId}` === reply.body.instance))
    assert.equal(line.operation, 'getMe')
    if (reason) assert.equal(line.reason, reason)
    const { text } = await server.management('/metrics')
    assert.match(text, new RegExp(`samsyn_token_failures_total\\{reason="${line.reason}"\\} [1-9]`))
  })
}

test('no token, and anything but a bearer token, is 401 with a challenge', async () => {
  const without = refused(await nobody.get('/me'), 401, 'TOKEN_MISSING')
  assert.equal(without.headers['www-authenticate'], 'Bearer realm="samsyn"')

  for (const Authorization of ['Basic c2FyYTpoZW1saWd0', `Digest ${worker.token}`, 'Bearer', worker.token]) {
    const reply = await nobody.get('/me', { headers: { Authorization } })
    assert.equal(reply.status, 401, Authorization.slice(0, 10))
  }
  refused(await nobody.get('/me', { query: { access_token: worker.token } }), 401, 'TOKEN_MISSING')
})

test('every operation but the open ones asks for a token before it looks at anything else', async () => {
  for (const operation of contract().operations.filter(one => !one.open)) {
    const path = Object.fromEntries(operation.parameters.filter(one => one.in === 'path').map(one => [one.name, 'not-a-uuid']))
    refused(await nobody.call(operation.id, { path, query: { colour: 'blue' } }, operation.method === 'GET' ? {} : { raw: '{' }), 401, 'TOKEN_MISSING')
  }
})

test('the scope that is missing is told in the challenge', async () => {
  const reply = refused(await worker.with({ claims: { scope: 'samsyn:audit' } }).get('/cases'), 403, 'SCOPE_MISSING')

  assert.match(reply.headers['www-authenticate'], /error="insufficient_scope"/)
})

// -- methods and media types ---------------------------------------------------------------------------------------------

test('a method that a path does not know is 405, with those that it knows', async () => {
  const known = path => new Set(contract().operations.filter(one => one.path === path).map(one => one.method))
  for (const path of new Set(contract().operations.map(one => one.path))) {
    const target = path.replace(/\{[^}]+\}/g, userId('social-manager'))
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].filter(one => !known(path).has(one))) {
      const reply = refused(await worker.request(method, target), 405, 'METHOD_NOT_ALLOWED')
      const allowed = new Set(reply.headers.allow.split(/, */))
      for (const one of known(path)) assert.ok(allowed.has(one), `${path} does not tell of ${one}: ${reply.headers.allow}`)
      assert.equal(allowed.has(method), false)
    }
  }
})

test('methods of no use here are refused', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'BREW']) {
    const reply = await sendRaw(server, head(server, `${method} /samsyn/v1/me HTTP/1.1`, bearer))
    assert.equal(reply.status, 405, method)
    assert.equal(reply.text.includes(worker.token), false)
  }
})

test('HEAD is GET without the body', async () => {
  const got = await worker.get('/me', { status: 200 })
  const headed = await worker.head('/me', { status: 200 })

  assert.equal(headed.text, '')
  for (const name of ['etag', 'content-type', 'content-length', 'cache-control']) assert.equal(headed.headers[name], got.headers[name], name)
  assert.equal((await worker.head('/subject-searches')).status, 405)
  assert.equal((await nobody.head('/me')).status, 401)
  assert.equal((await worker.head(`/users/${userId('school-teacher')}`)).status, 404)
})

test('a HEAD of personal data is logged as the GET that it is', async () => {
  const [row] = await logged(server, await worker.head(`/users/${userId('social-manager')}`, { status: 200 }))

  assert.deepEqual([row.operation, row.outcome, row.resource_ids], ['getUser', 'allowed', [userId('social-manager')]])
})

test('no header and no parameter makes one method into another', async () => {
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
    refused(await admin.post(`/identities/${userId('social-manager')}`, undefined, { headers: { [name]: 'DELETE' } }), 405, 'METHOD_NOT_ALLOWED')
    refused(await worker.post('/roles', {}, { headers: { [name]: 'GET' } }), 400, 'INVALID_REQUEST')
  }
  refused(await worker.get('/roles', { query: { _method: 'POST' } }), 400, 'INVALID_REQUEST')
})

test('a representation that is not to be had is 406', async () => {
  for (const Accept of ['text/html', 'application/xml', 'application/json;q=0', 'image/*, text/*;q=0.5']) {
    refused(await worker.get('/me', { headers: { Accept } }), 406, 'NOT_ACCEPTABLE')
  }
  for (const Accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1', 'application/json; charset=utf-8', undefined]) {
    await worker.get('/me', { headers: { Accept }, status: 200 })
  }
})

test('a body of another type, coding or character set is 415', async () => {
  const raw = JSON.stringify({ name: 'Stina' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json', 'application/json; charset=latin1', 'json', undefined]) {
    refused(await admin.post('/users', undefined, { raw, headers: { 'Content-Type': type } }), 415, 'MEDIA_TYPE_UNSUPPORTED')
  }
  refused(await admin.post('/users', undefined, { raw, headers: { 'Content-Encoding': 'gzip' } }), 415, 'MEDIA_TYPE_UNSUPPORTED')
  refused(await admin.patch(`/users/${userId('social-manager')}`, { name: 'X' }, { type: 'application/json', ifMatch: '"1"' }), 415, 'MEDIA_TYPE_UNSUPPORTED')
  await admin.post('/users', undefined, { raw, type: 'Application/JSON;charset="UTF-8"', status: 201 })
})

// -- sizes ---------------------------------------------------------------------------------------------------------------

const ceiling = 64 * 1024 // of a body, unless the operation says otherwise
const padded = size => { const text = JSON.stringify({ name: 'Stina' }); return text.slice(0, -1) + ' '.repeat(size - text.length) + '}' }

// The body in chunks of its own, without a Content-Length.
async function postChunked(path, text) {
  const request = http.request({ port: server.port, method: 'POST', path: contract().basePath + path, headers: {
    Authorization: `Bearer ${admin.token}`, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } })
  for (let at = 0; at < text.length; at += STREAMED) request.write(text.slice(at, at + STREAMED))
  request.end()
  const [response] = await once(request, 'response')
  let answered = ''
  for await (const chunk of response) answered += chunk
  return { status: response.statusCode, text: answered, body: JSON.parse(answered) }
}

test('a body over its ceiling is 413, in one piece or in chunks, and one at its ceiling is taken whole', async () => {
  for (const size of [ceiling + 1, 2 * 1024 * 1024]) {
    refused(await admin.post('/users', undefined, { raw: padded(size) }), 413, 'BODY_TOO_LARGE')
    refused(await postChunked('/users', padded(size)), 413, 'BODY_TOO_LARGE')
  }
  await admin.post('/users', undefined, { raw: padded(ceiling), status: 201 })
  assert.equal((await postChunked('/users', padded(ceiling))).status, 201)
})

test('what follows after the ceiling is never cut off and taken for the whole', async () => {
  const text = JSON.stringify({ name: 'Helt Riktig' })
  const tail = text + ' '.repeat(ceiling - text.length) + 'but this is no JSON'

  refused(await admin.post('/users', undefined, { raw: tail }), 413, 'BODY_TOO_LARGE')
  assert.equal((await admin.get('/users', { query: { name: 'Helt' } })).body._meta.totalRecords, 0)
})

test('an address that is too long is 414, and headers that are too large are 431', async () => {
  refused(await worker.get('/roles', { query: { limit: '1'.repeat(3000) } }), 414, 'URI_TOO_LONG')
  refused(await worker.get('/me', { headers: { 'X-Filler': 'x'.repeat(20_000) } }), 431, 'HEADERS_TOO_LARGE')
  const many = Array.from({ length: 100 }, (_, n) => `X-Filler-${n}: x`)
  assert.equal((await sendRaw(server, head(server, 'GET /samsyn/v1/me HTTP/1.1', bearer, ...many))).status, 431)
})

// -- malformed input -------------------------------------------------------------------------------------------------------

const nested = depth => '['.repeat(depth) + ']'.repeat(depth)
const MALFORMED_BODIES = {
  'cut short': '{"name": "Stina"',
  'no JSON': 'name=Stina',
  'followed by something': '{"name": "Stina"} {}',
  'with the same key twice': '{"name": "Stina", "name": "Someone else"}',
  'with the same key twice, once escaped': '{"name": "Stina", "n\\u0061me": "Someone else"}',
  'nested deeply': `{"name": ${nested(40)}}`,
  'nested without end': '['.repeat(60_000),
  'with a NUL byte': Buffer.from('{"name": "Sti\0na"}'),
  'with an escaped NUL': '{"name": "Sti\\u0000na"}',
  'not in UTF-8': Buffer.from([...Buffer.from('{"name": "'), 0xc3, 0x28, ...Buffer.from('"}')]),
  'in Latin-1': Buffer.from('{"name": "Åsa"}', 'latin1'),
  'with an overlong UTF-8 form': Buffer.from([...Buffer.from('{"name": "'), 0xc0, 0xaf, ...Buffer.from('"}')]),
  'with half a surrogate pair': '{"name": "\\ud800"}',
  'with a number out of range': '{"name": 1e999}',
  'in JavaScript': "{name: 'Stina'}",
  'with a comment': '{"name": "Stina" /* hej */}',
  'with NaN': '{"name": NaN}'
}

for (const [what, raw] of Object.entries(MALFORMED_BODIES)) {
  test(`a body that is ${what} is 400, and nothing of it comes back`, async () => {
    const reply = refused(await admin.post('/users', undefined, { raw }), 400, 'MALFORMED_JSON')
    assert.equal(/Stina|Someone/.test(reply.text), false)
  })
}

test('a body where one is needed, and a body where none is, are told', async () => {
  assert.deepEqual(pointers(refused(await admin.post('/users'), 400, 'INVALID_REQUEST')), ['/body'])
  assert.deepEqual(pointers(refused(await worker.get('/me', { raw: '{}' }), 400, 'INVALID_REQUEST')), ['/body'])
})

// The path after the base path, and the code it gets.
const ODD_PATHS = [
  [`/users%2F${userId('social-manager')}`, 400, 'MALFORMED_PATH'],
  [`/users/${userId('social-manager')}%2fidentities`, 400, 'MALFORMED_PATH'],
  ['/cases/../me', 400, 'MALFORMED_PATH'],
  ['/cases/./', 400, 'MALFORMED_PATH'],
  ['/cases/%2e%2e/me', 400, 'MALFORMED_PATH'],
  ['/cases/.%2E/me', 400, 'MALFORMED_PATH'],
  ['/users/%00', 400, 'MALFORMED_PATH'],
  ['/users/%zz', 400, 'MALFORMED_PATH'],
  ['/users/%c3%28', 400, 'MALFORMED_PATH'],
  ['/no-such-thing', 404, 'NOT_FOUND'],
  ['/Me', 404, 'NOT_FOUND'],
  ['', 404, 'NOT_FOUND']
]

for (const [path, status, code] of ODD_PATHS) {
  test(`the path ${path || '(none)'} is ${status}`, async () => {
    refused(await sendRaw(server, head(server, `GET /samsyn/v1${path} HTTP/1.1`, bearer)), status, code)
  })
}

test('what lies outside of the API is not there', async () => {
  for (const path of ['/', '/samsyn', '/samsyn/v2/me', '/samsyn/v1me', '/favicon.ico', '/.env']) {
    refused(await sendRaw(server, head(server, `GET ${path} HTTP/1.1`, bearer)), 404, 'NOT_FOUND')
  }
})

test('a target with a NUL, a control character or raw UTF-8 is refused', async () => {
  for (const bytes of ['/samsyn/v1/me\0', '/samsyn/v1/\0me', '/samsyn/v1/users?name=\x01', '/samsyn/v1/users?name=å']) {
    const reply = await sendRaw(server, head(server, `GET ${bytes} HTTP/1.1`, bearer))
    assert.ok([0, 400].includes(reply.status), `${JSON.stringify(bytes)} got ${reply.status}`)
  }
})

test('a parameter given twice, or with a malformed escape, is refused', async () => {
  for (const query of ['limit=1&limit=2', 'name=%zz', 'name=%00', 'name=%ff', 'limit', 'limit=', 'limit=-1', 'limit=0', 'limit=101', 'page=0', 'page=1.5', 'page=99999999999999999999']) {
    const reply = await worker.get(`/users?${query}`)
    assert.equal(`${query} ${reply.status}`, `${query} 400`, reply.text)
  }
})

test('headers that may come once are refused when they come twice', async () => {
  for (const lines of [[bearer, bearer], [bearer, 'Samsyn-Assignment: a', 'Samsyn-Assignment: b']]) {
    assert.equal((await sendRaw(server, head(server, 'GET /samsyn/v1/me HTTP/1.1', ...lines))).status, 400)
  }
})

test('a body whose end is ambiguous is refused', async () => {
  const lines = [bearer, 'Content-Type: application/json', 'Content-Length: 2', 'Transfer-Encoding: chunked']
  const reply = await sendRaw(server, head(server, 'POST /samsyn/v1/users HTTP/1.1', ...lines), '2\r\n{}\r\n0\r\n\r\n')

  assert.ok([0, 400].includes(reply.status), `got ${reply.status}`)
})

test('an integer in an address is written in digits', async () => {
  for (const limit of ['1e1', '1.0', '10.0', '1E1', '+1', '01', '', '-']) {
    assert.deepEqual(pointers(refused(await admin.get('/users', { query: { limit } }), 400, 'INVALID_REQUEST')), ['/query/limit'])
  }
  assert.equal((await admin.get('/users', { query: { limit: 10 } })).body._meta.limit, 10)
})

test('what is wrong with the JSON is told in English, or not at all', async () => {
  const sent = languages => admin.post('/users', undefined, { raw: '{"name":', headers: { 'Accept-Language': languages } })
  const english = refused(await sent('en'), 400, 'MALFORMED_JSON')
  const swedish = refused(await sent('sv'), 400, 'MALFORMED_JSON')

  assert.match(english.body.detail, /^line 1, column \d+: /)
  assert.deepEqual([swedish.headers['content-language'], 'detail' in swedish.body], ['sv', false])
})

test('an Idempotency-Key that is too long is refused and named', async () => {
  const reply = refused(await admin.post('/users', { name: 'X' }, { key: 'k'.repeat(129) }), 400, 'INVALID_REQUEST')

  assert.deepEqual([...new Set(pointers(reply))], ['/header/Idempotency-Key'])
})

test('a header that names or identifies something is refused when it is not visible ASCII', async () => {
  for (const name of ['Idempotency-Key', 'If-Match', 'Samsyn-Assignment', 'Origin', 'Authorization']) {
    for (const bytes of [Buffer.from('två'), Buffer.from([0xff, 0xfe])]) {
      const headers = { [name]: bytes.toString('latin1') }
      refused(await admin.patch(`/users/${userId('social-manager')}`, { name: 'X' }, { ifMatch: '"1"', headers }), 400, 'INVALID_REQUEST')
    }
  }
})

// -- problems -----------------------------------------------------------------------------------------------------------

test('a problem is titled in Swedish for whoever prefers it, and in English for all others', async () => {
  const titled = async language => {
    const reply = refused(await worker.get('/roles', { query: { limit: 0 }, headers: { 'Accept-Language': language } }), 400, 'INVALID_REQUEST')
    return [reply.headers['content-language'], reply.body.title]
  }
  const [swedish, english] = [['sv', 'Begäran följer inte kontraktet'], ['en', 'The request does not follow the contract']]

  for (const language of ['sv', 'sv-SE', 'sv-FI, en;q=0.9', 'de, sv;q=0.5']) assert.deepEqual(await titled(language), swedish, language)
  for (const language of [undefined, 'en', 'en-GB, sv;q=0.9', 'de', 'sv;q=0', '*', ';;,']) assert.deepEqual(await titled(language), english, language)
})

test('each fault is explained in the language of the title', async () => {
  const fault = async language => (await admin.post('/users', {}, { headers: { 'Accept-Language': language } })).body.errors[0]
  const [swedish, english] = [await fault('sv'), await fault('en')]

  assert.deepEqual([swedish.pointer, swedish.rule], [english.pointer, english.rule])
  assert.notEqual(swedish.detail, english.detail)
})

test('a problem has a stable type, the request\'s id and its trace, and says nothing of the inside', async () => {
  const reply = refused(await worker.get(`/users/${userId('school-teacher')}`), 404, 'NOT_FOUND')

  assert.equal(reply.body.type, 'urn:samsyn:problem:not-found')
  assert.equal(reply.body.traceId, reply.headers.traceparent.split('-')[1])
  assert.deepEqual((await logged(server, reply)).map(row => `urn:uuid:${row.request_id}`), [reply.body.instance])
  assert.equal(/samsyn\.|select|libpq|\.c\b/i.test(reply.text.replace('urn:samsyn', '')), false)
})

test('a fault of the server is 500 and tells nothing but that', async () => {
  await proxied.sql('alter view api.clients rename to clients_gone')
  const reply = await proxied.as('system-admin').get('/clients')
  await proxied.sql('alter view api.clients_gone rename to clients')

  refused(reply, 500, 'INTERNAL')
  assert.equal(/clients|view|relation|42P01/i.test(reply.text), false)
  await proxied.as('system-admin').get('/clients', { status: 200 })
})

// Runs `during` while another session holds a table of the database of `proxied`.
const whileLocked = (table, during) => whileHolding(proxied.database, `lock table ${table}`, during)

test('a database that is busy is 503 with Retry-After', async () => {
  const client = proxied.as('social-case-worker')

  const reply = refused(await whileLocked('samsyn.agreements', () => client.get('/agreements')), 503, 'OVERLOADED')

  assert.match(reply.headers['retry-after'], /^\d+$/)
  assert.deepEqual((await logged(proxied, reply)).map(row => [row.outcome, row.code]), [['denied', 'OVERLOADED']])
  await client.get('/agreements', { status: 200 })
})

test('a refusal that cannot be recorded is not told as such', async () => {
  const reply = refused(await whileLocked('samsyn.access_events', () => proxied.as('school-teacher').post('/roles', {
    code: 'mine', nameEn: 'Mine', nameSv: 'Min', permissions: []
  })), 503, 'DATABASE_UNAVAILABLE')

  assert.equal(reply.text.includes('ROLE'), false)
  await proxied.until(() => proxied.log('denial-not-recorded').length === 1)
})

// -- headers of every reply -------------------------------------------------------------------------------------------------

test('every reply carries the security headers, and personal data is never stored', async () => {
  const replies = [
    await worker.get('/me'), await worker.get('/users'), await nobody.get('/me'), await worker.get('/no-such-thing'), await worker.put('/me'),
    await worker.get(`/users/${userId('school-teacher')}`), await nobody.get('/docs'), await worker.options('/me'),
    await worker.get('/me', { ifNoneMatch: (await worker.get('/me')).etag })
  ]
  for (const { status, headers } of replies) {
    assert.equal(headers['x-content-type-options'], 'nosniff', String(status))
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/)
    assert.match(headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
    assert.ok(headers.vary.includes('Accept-Language') && headers.vary.includes('Origin'))
    for (const name of ['server', 'x-powered-by', 'set-cookie', 'strict-transport-security']) assert.equal(headers[name], undefined, name)
  }
  for (const { headers } of replies.slice(0, 6)) assert.equal(headers['cache-control'], 'no-store')
})

test('a trace that comes in goes on into reply, problem, log and access log; a malformed one is replaced', async () => {
  const given = 'af7651916cd43dd8448eb211c80319c1'
  const traced = async traceparent => worker.get(`/users/${userId('school-teacher')}`, { headers: { traceparent } })

  const reply = await traced(`00-${given}-b7ad6b7169203331-01`)
  assert.match(reply.headers.traceparent, new RegExp(`^00-${given}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`))
  assert.equal(reply.body.traceId, given)
  await server.until(() => server.log('request').some(line => line.traceId === given && line.status === 404))
  assert.deepEqual((await logged(server, reply)).map(row => row.code), ['NOT_FOUND'])

  for (const wrong of ['nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff-${given}-b7ad6b7169203331-01`, `00-${given.toUpperCase()}-b7ad6b7169203331-01`, `00-${given}-${'0'.repeat(16)}-01`]) {
    assert.equal((await traced(wrong)).headers.traceparent.includes(given), false, wrong)
  }
})

test('the log tells of each request without naming anybody', async () => {
  const reply = await worker.get('/users', { query: { name: 'Mikael' }, status: 200 })
  const trace = reply.headers.traceparent.split('-')[1]

  const line = await server.until(() => server.log('request').find(one => one.traceId === trace))
  assert.deepEqual([line.operation, line.method, line.status], ['listUsers', 'GET', 200])
  assert.equal(server.lines.some(one => /Mikael|social-case-worker|Granlund/.test(one)), false)
})

// -- other origins ------------------------------------------------------------------------------------------------------------

test('OPTIONS tells what may be done, without a token', async () => {
  const reply = await nobody.options('/users', { status: 204 })

  assert.deepEqual(reply.headers.allow.split(/, */).sort(), ['GET', 'HEAD', 'OPTIONS', 'POST'])
  assert.equal(reply.text, '')
  assert.equal((await nobody.options('/no-such-thing')).status, 404)
})

const preflight = (Origin, client = nobody) => client.options(`/users/${userId('social-manager')}`, {
  headers: { Origin, 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization, if-match' }, status: 204
})

test('a preflight from the origin of an active client is allowed what the path knows', async () => {
  const { headers } = await preflight(PORTAL)

  assert.equal(headers['access-control-allow-origin'], PORTAL)
  assert.ok(headers['access-control-allow-methods'].includes('PATCH'))
  for (const name of ['authorization', 'if-match', 'idempotency-key', 'samsyn-assignment', 'content-type', 'traceparent']) {
    assert.ok(headers['access-control-allow-headers'].toLowerCase().includes(name), name)
  }
  assert.equal(headers['access-control-allow-credentials'], undefined)
})

test('a preflight from any other origin is allowed nothing', async () => {
  for (const origin of ['https://evil.example', 'null', 'http://localhost:5174', 'https://localhost:5173', `${PORTAL}.evil.example`, `${PORTAL}/`]) {
    const { headers } = await preflight(origin)
    for (const name of ['origin', 'methods', 'headers']) assert.equal(headers[`access-control-allow-${name}`], undefined, origin)
  }
})

test('a page of a client\'s origin may read replies and refusals of that client, and no other page', async () => {
  const from = (Origin, client = worker) => client.get('/cases', { headers: { Origin } })

  const allowed = await from(PORTAL)
  assert.equal(allowed.headers['access-control-allow-origin'], PORTAL)
  assert.match(allowed.headers['access-control-expose-headers'], /ETag/)
  assert.equal((await from(PORTAL, server.as('social-auditor'))).headers['access-control-allow-origin'], PORTAL)
  assert.equal((await from(PORTAL, nobody)).headers['access-control-allow-origin'], PORTAL)
  assert.equal((await from('https://evil.example')).headers['access-control-allow-origin'], undefined)
  assert.equal((await worker.get('/cases')).headers['access-control-allow-origin'], undefined)
})

test('the origin of one client opens nothing of another, and none when the client is closed', async () => {
  await server.sql(`update samsyn.clients set origins = '{https://school.example.se}' where id = '${OTHER_CLIENT}'`)
  const teacher = server.as('school-teacher', { claims: { azp: 'other-portal' } })
  const read = async (client, Origin) => (await client.get('/cases', { headers: { Origin } })).headers['access-control-allow-origin']

  assert.equal(await read(teacher, 'https://school.example.se'), 'https://school.example.se')
  assert.equal(await read(worker, 'https://school.example.se'), undefined)
  assert.equal(await read(teacher, PORTAL), undefined)
  await server.sql(`update samsyn.clients set active = false where id = '${OTHER_CLIENT}'`)
  assert.equal(await read(teacher, 'https://school.example.se'), undefined)
  assert.equal((await preflight('https://school.example.se')).headers['access-control-allow-origin'], undefined)
})

// -- hosts and proxies -----------------------------------------------------------------------------------------------------------

test('a host that this server does not serve is 400', async () => {
  refused(await worker.get('/me', { headers: { Host: 'evil.example' } }), 400, 'HOST_UNKNOWN')
  assert.equal((await sendRaw(server, `GET /samsyn/v1/me HTTP/1.1\r\n${bearer}\r\n\r\n`)).status, 400)
  refused(await sendRaw(server, head(server, 'GET http://evil.example/samsyn/v1/me HTTP/1.1', bearer)), 400, 'HOST_UNKNOWN')
})

test('what a client says of proxies is not believed: neither its address nor its host', async () => {
  const reply = await worker.get(`/users/${userId('social-manager')}`, { status: 200, headers: {
    Forwarded: 'for=198.51.100.7;host=evil.example;proto=https', 'X-Forwarded-For': '198.51.100.8', 'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'https', 'X-Real-IP': '198.51.100.9', 'X-Original-URL': '/samsyn/v1/cases' } })

  assert.ok(reply.links.self.href.startsWith(server.url + '/'))
  assert.equal(reply.headers['strict-transport-security'], undefined)
  assert.deepEqual((await logged(server, reply)).map(row => row.client_address), ['127.0.0.1'])
})

test('a trusted proxy is believed, but not what stood there before it', async () => {
  const person = proxied.as('social-case-worker')
  const ask = Forwarded => person.get(`/users/${userId('social-manager')}`, { headers: { Forwarded, 'X-Forwarded-For': '198.51.100.8' }, unchecked: true })

  const reply = await ask('for=198.51.100.7;host=evil.example, for="[2001:db8::7]:4711";host=samsyn.example.se;proto=https')
  assert.equal(reply.status, 200)
  assert.equal(reply.links.self.href, `https://samsyn.example.se/samsyn/v1/users/${userId('social-manager')}`)
  assert.match(reply.headers['strict-transport-security'], /max-age=/)
  assert.deepEqual((await logged(proxied, reply)).map(row => row.client_address), ['2001:db8::7'])
  refused(await ask('for=192.0.2.60;host=evil.example;proto=https'), 400, 'HOST_UNKNOWN')
})

// -- the management listener -----------------------------------------------------------------------------------------------------

test('health and metrics are not to be reached where the API is, nor the API where they are', async () => {
  for (const path of ['/health/live', '/health/ready', '/metrics', '/samsyn/v1/metrics']) {
    refused(await sendRaw(server, head(server, `GET ${path} HTTP/1.1`, bearer)), 404, 'NOT_FOUND')
  }
  for (const path of ['/', '/samsyn/v1/me', '/samsyn/v1/openapi.yaml']) assert.equal((await server.management(path)).status, 404)
  assert.notEqual(server.url, server.managementUrl)
})

test('the management listener tells that the server lives and is ready, and changes nothing', async () => {
  assert.equal((await server.management('/health/live')).status, 200)
  // It is not while its database keeps it waiting.
  await server.until(async () => (await server.management('/health/ready')).status === 200)
  for (const method of ['POST', 'DELETE', 'PUT']) {
    const reply = await fetch(server.managementUrl + '/metrics', { method })
    assert.deepEqual([reply.status, reply.headers.get('allow')], [405, 'GET, HEAD'])
  }
})

test('the metrics count requests by operation and status, time, the pool and audit rows, and name nobody', async () => {
  const value = (text, line) => Number(text.split('\n').find(one => one.startsWith(line + ' '))?.slice(line.length + 1) ?? 0)
  // Of an operation that nothing else here asks for: a request is counted when its reply has left.
  const counted = 'samsyn_http_requests_total{operation="getSubject",status="200"}'
  const before = (await server.management('/metrics')).text

  for (let n = 0; n < 3; n++) await worker.get(`/subjects/${ALVA}`, { status: 200 })
  const after = await server.until(async () => {
    const { text } = await server.management('/metrics')
    return value(text, counted) >= value(before, counted) + 3 && text
  })

  assert.equal(value(after, counted), value(before, counted) + 3)
  assert.equal(value(after, 'samsyn_audit_rows_total'), value(before, 'samsyn_audit_rows_total') + 3)
  assert.ok(value(after, 'samsyn_http_request_duration_seconds_bucket{operation="getSubject",le="+Inf"}') >= 3)
  for (const gauge of ['max', 'open', 'busy']) assert.ok(after.includes(`samsyn_db_connections_${gauge} `), gauge)
  for (const name of ['samsyn_db_waits_total', 'samsyn_db_wait_timeouts_total', 'samsyn_db_reconnects_total']) assert.ok(after.includes(`${name} `), name)
  assert.equal([SOCIAL, ALVA, userId('social-case-worker'), 'social-case-worker', '/subjects/'].some(one => after.includes(one)), false)
})
