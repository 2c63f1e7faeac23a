// Weird, huge and broken input in every place that takes any, what it does to the export, and what of it all reaches the
// access log, the server's own log and its metrics.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Client } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { ALVA, SCHOOL, SOCIAL_UNIT, assignmentId, day, identityNumber, userId } from '../support/demo.mjs'
import { unknownId } from '../support/habits.mjs'
import { exampleBody, hiddenThings, MARKS } from '../support/hostile.mjs'
import { cluster, startServer } from '../support/server.mjs'
import { acting, consentDraft, LEAD, openCase, traceOf } from '../support/story.mjs'

// Every exchange of this file, for the questions at its end.
const exchanges = []
const request = Client.prototype.request
Client.prototype.request = async function (...args) {
  const reply = await request.apply(this, args)
  exchanges.push(reply)
  return reply
}

const server = await startServer()
const hidden = await hiddenThings(server)
const worker = acting(server, LEAD)
const admin = acting(server, 'organisation-admin')
const system = acting(server, 'system-admin')

const TEXTS = [
  '\u0001\u0002\u001f', '\u007f', '\u0085', 'a\tb', 'a\nb', 'a\r\nb', ' ', '\u00a0', '\u3000', '\ufeffbom', '😀𝒳𐍈', '\u202eabc\u202c', '\u200b\u200d', '\u2028\u2029', '\uffff\ufffe', 'e\u0301',
  "'; drop table samsyn.cases; --", '$1', ':id', ':body', '%s%n%d', '${7*7}', '{{7*7}}', '/body/name', '~0~1', '\\', '"', '\\u0000', '<script>alert(1)</script>',
  '=cmd|\' /C calc\'!A0', '@SUM(1)', '-1+1', '+1', ',;"\'', '{"a":1}', '[1]', 'null', '../../etc/passwd', '\u{10ffff}', 'x'.repeat(20_000), 'å'.repeat(200), '𝒳'.repeat(200), ''
]
// Values as they stand in the JSON text.
const RAW = ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\x"', '1', '-0', '1e400', '-1e-400', '123456789012345678901234567890', '1.0', 'true', 'null', '{}', '[]', '[""]', '{"":""}', 'NaN', '"\u0001"', '"\\/"']

const paths = operation => Object.fromEntries(operation.parameters.filter(one => one.in === 'path').map(one => [one.name, hidden[one.name] ?? unknownId()]))

// The members of a body, nested ones too, as lists of names.
function places(value, at = []) {
  if (value === null || typeof value !== 'object') return [at]
  const inner = Object.entries(value).flatMap(([name, one]) => places(one, [...at, Array.isArray(value) ? Number(name) : name]))
  return at.length ? [at, ...inner] : inner
}

const MARK = 'PUT-IT-HERE'
function put(body, place, json) {
  const copy = structuredClone(body)
  const last = place.at(-1)
  place.slice(0, -1).reduce((node, name) => node[name], copy)[last] = MARK
  return JSON.stringify(copy).replace(`"${MARK}"`, () => json)
}

test('no value in any member of any body is our fault', async () => {
  for (const operation of contract().operations.filter(one => exampleBody(one))) {
    const body = exampleBody(operation)
    for (const place of places(body)) {
      for (const json of [...RAW, ...TEXTS.map(text => JSON.stringify(text))]) {
        const raw = put(body, place, json)
        const type = operation.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
        const client = operation.id.endsWith('Client') || operation.id.endsWith('Role') || operation.id.endsWith('Organisation') ? acting(server, 'social-auditor') : worker
        const reply = await client.call(operation.id, { path: paths(operation) }, { raw, type, ifMatch: '"0"', unchecked: json.length > 1000 })
        assert.ok(reply.status < 500, `${operation.id} ${place.join('/')} = ${json.slice(0, 60)}: ${reply.status} ${reply.text}`)
        if (json === '"\\u0000"' || json === '"\\ud800"' || json === '1e400') assert.equal(reply.status, 400, `${operation.id} ${place.join('/')} took ${json}: ${reply.text}`)
      }
    }
  }
  // Among what was taken is that the caller has an interest in the child of the case, who is out of reach from then on.
  await server.sql('set session_replication_role = replica; delete from samsyn.exclusions')
})

test('text that is taken comes back as it was sent, and stays text', async () => {
  const caseId = await openCase(server)
  const made = async (client, operationId, path, body) => client.call(operationId, { path, body })
  const takers = [
    [worker, 'createRecord', { caseId }, text => ({ category: 'FAMILY_SITUATION', text }), 'text'],
    [worker, 'createCase', {}, text => ({ subjectId: ALVA, title: text }), 'title'],
    [worker, 'createSubject', {}, text => ({ name: text, birthDate: '2015-05-05' }), 'name'],
    [worker, 'createConsent', { caseId }, text => consentDraft({ purpose: text }), 'purpose'],
    [admin, 'createUser', {}, text => ({ name: text }), 'name'],
    [acting(server, 'collaboration-lead'), 'createAgreement', {}, text => ({ title: text, purposes: [text], categories: ['IDENTITY'], partyIds: [SCHOOL], validFrom: day(), validUntil: day(9) }), 'title'],
    [system, 'createClient', {}, text => ({ clientId: `c-${unknownId()}`, name: text, vendor: text, organisationIds: [SCHOOL], scopes: ['samsyn:case'] }), 'vendor']
  ]
  for (const [client, operationId, path, body, member] of takers) {
    let taken = 0
    for (const text of TEXTS) {
      const reply = await made(client, operationId, path, body(text))
      assert.ok([201, 400, 422].includes(reply.status), `${operationId} ${JSON.stringify(text.slice(0, 40))}: ${reply.status} ${reply.text}`)
      if (reply.status !== 201) continue
      taken++
      assert.equal(reply.body[member], text)
      const again = await client.get(reply.links.self.href, { status: 200 })
      assert.equal(again.body[member], text)
    }
    assert.ok(taken > 15, `${operationId} took ${taken} texts`)
  }
  assert.ok((await server.sql('select count(*)::int as n from samsyn.cases'))[0].n > 0)
})

test('no value of any query parameter is our fault', async () => {
  const encoded = [...TEXTS.filter(text => text.length < 1000).map(text => encodeURIComponent(text.toWellFormed?.() ?? text)), '%FF', '%00', '%ED%A0%80', '%C0%80', '%', '%zz', '%2', '+', '&', '=', '1e3', '0', '-1', '9'.repeat(40),
    '2026-02-30T00:00:00Z', '0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:60Z', '9999-12-31T23:59:59.999999999-14:00', '2026-01-01T00:00:00.' + '1'.repeat(200) + 'Z', `0001-01-01T00:00:00.000000Z_${unknownId()}`, `2026-02-30T00:00:00.000000Z_${unknownId()}`]
  for (const operation of contract().operations.filter(one => one.parameters.some(parameter => parameter.in === 'query'))) {
    const people = operation.id.endsWith('AccessEvents') ? 'social-auditor' : LEAD
    for (const parameter of operation.parameters.filter(one => one.in === 'query')) {
      for (const value of encoded) {
        const path = contract().fill(operation, paths(operation))
        const reply = await acting(server, people).request(operation.method, `${path}?${parameter.name}=${value}`, undefined, { unchecked: true })
        assert.ok(reply.status < 500, `${operation.id}?${parameter.name}=${value}: ${reply.status} ${reply.text}`)
      }
    }
  }
})

test('names of parameters and members that are echoed in a problem leave it well-formed', async () => {
  for (const name of ['%FF', 'a%22b', '%E2%80%AE', '%0A', '%5C', 'a'.repeat(3000), '%F0%9F%98%80', '<b>', '%ED%A0%80']) {
    const reply = await worker.get(`/cases?${name}=1`)
    assert.ok([400, 414].includes(reply.status), `${name}: ${reply.status}`)
  }
  for (const name of ['"', '\\', '/', '~', '\u202e', '\u0001', '😀', '', '__proto__', 'x'.repeat(5000)]) {
    const reply = await worker.post('/cases', { subjectId: ALVA, title: 'x', [name]: 1 }, { raw: `{"subjectId":"${ALVA}","title":"x",${JSON.stringify(name)}:1}` })
    assert.equal(reply.status, 400, reply.text)
  }
})

test('no header is our fault', async () => {
  const values = ['\xff\xfe', '\xc3\x28', '"\xff"', "'", '"', '""', '*', 'W/"x"', '"'.repeat(500), '%00', "'; select 1; --", '{}', '\t', 'å', 'a,b,c', `"${'x'.repeat(900)}"`]
  for (const name of ['Origin', 'If-Match', 'If-None-Match', 'Idempotency-Key', 'Samsyn-Assignment', 'traceparent', 'tracestate', 'Accept-Language', 'Accept', 'Forwarded', 'X-Forwarded-For', 'User-Agent', 'Cookie', 'Content-Language', 'Access-Control-Request-Method']) {
    for (const value of values) {
      for (const [method, path, body] of [['GET', `/cases/${hidden.caseId}`], ['GET', `/cases/${unknownId()}`], ['POST', '/subject-searches', { identityNumber: '20120316-9808' }], ['POST', '/cases', { subjectId: unknownId(), title: 'x' }], ['PATCH', `/cases/${hidden.caseId}`, { title: MARKS.title }], ['OPTIONS', '/cases']]) {
        const reply = await worker.request(method, path, body, { headers: { [name]: value }, unchecked: true, ...(method === 'PATCH' ? { type: 'application/merge-patch+json' } : {}) })
        assert.ok(reply.status < 500, `${method} ${path} with ${name}: ${JSON.stringify(value)}: ${reply.status} ${reply.text}`)
      }
    }
  }
})

test('broken, deep, doubled and huge bodies are refused clearly', async () => {
  const head = `{"subjectId":"${ALVA}","title":`
  const bodies = ['', ' ', '{', `${head}"x"`, `${head}"x"}}`, `${head}"x"} x`, `${head}"x","title":"y"}`, '\ufeff{}', '[]', '""', '1', 'null', '['.repeat(10_000), '{"a":'.repeat(5_000), `${head}"${'x'.repeat(900_000)}"}`,
    Buffer.from([0x7b, 0xff, 0x7d]), Buffer.from(`${head}"\xff"}`, 'latin1'), Buffer.concat([Buffer.from(`${head}"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]), Buffer.from(`${head}"a\0b"}`), Buffer.alloc(2_000_000, 0x20)]
  for (const raw of bodies) {
    const reply = await worker.post('/cases', undefined, { raw }).catch(error => ({ status: error.code === 'EPIPE' || error.code === 'ECONNRESET' ? 413 : error }))
    assert.ok([400, 413].includes(reply.status), `${String(raw).slice(0, 40)}: ${reply.status} ${reply.text}`)
  }
})

test('paths that pretend are refused or lead nowhere', async () => {
  for (const path of ['/cases/%00', '/cases/%2e%2e', '/cases/..', '/cases/%2F', `/cases/${ALVA}%00`, `/cases/${ALVA}/`, `//cases`, `/cases//${ALVA}`, `/CASES/${ALVA}`, `/cases/${ALVA}/../${ALVA}`, '/cases/%FF', `/cases/${ALVA.toUpperCase()}x`, '/%63ases', '/subjects/20120316-9808', '/subjects/201203169808']) {
    const reply = await worker.get(path, { unchecked: true })
    assert.ok([200, 400, 404].includes(reply.status), `${path}: ${reply.status}`)
    if (path !== '/%63ases') assert.notEqual(reply.status, 200, path)
  }
})

// -- what the log and the export make of it -------------------------------------------------------------------------

test('names that try to break the export stay within their cell and their line', async () => {
  const names = ['=HYPERLINK("http://x")', '+1', '-1', '@x', 'a,b', 'a"b', '"', ';', "'", 'a\u2028b', '\u202eb', '😀', '</script>', '\\', '{"x":1}']
  const path = `/users/${userId('social-manager')}`
  const manager = acting(server, 'social-manager')
  const auditor = acting(server, 'social-auditor')
  for (const name of names) {
    const { etag } = await admin.get(path, { status: 200 })
    const changed = await admin.patch(path, { name }, { ifMatch: etag, status: 200 })
    assert.equal(changed.body.name, name)
    await manager.get('/cases', { status: 200 })
    const query = { userId: userId('social-manager') }
    const lines = (await auditor.get('/access-event-exports', { query, headers: { Accept: 'application/x-ndjson' }, status: 200 })).text.trimEnd().split('\n')
    const cells = parseCsv((await auditor.get('/access-event-exports', { query, headers: { Accept: 'text/csv' }, status: 200 })).text)
    const column = cells[0].indexOf('userName')

    for (const line of lines) assert.equal(JSON.parse(line).userName, name)
    assert.equal(cells.length - 1, lines.length)
    for (const row of cells.slice(1)) {
      assert.equal(row.length, cells[0].length)
      assert.equal(row[column], /^[=+\-@]/.test(name) ? `'${name}` : name)
    }
  }
})

// RFC 4180, quotes and all.
function parseCsv(text) {
  const rows = [[]]
  let cell = ''
  for (let i = 0, quoted = false; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') cell += text[++i]
      else quoted = false
    } else if (c === '"' && cell === '') {
      quoted = true
    } else if (c === ',') {
      rows.at(-1).push(cell)
      cell = ''
    } else if (c === '\r' && text[i + 1] === '\n') {
      rows.at(-1).push(cell)
      cell = ''
      rows.push([])
      i++
    } else {
      cell += c
    }
  }
  return rows.slice(0, -1)
}

test('an identity number that collides stands in no log, not even that of the database', async () => {
  const number = identityNumber('2013-03-03', 997)
  const body = { identityNumber: number, name: 'Collision Hemligby', birthDate: '2013-03-03' }
  await worker.post('/subjects', body, { status: 201 })
  await worker.post('/subjects', body, { status: 409 })
  await worker.post('/subject-searches', { identityNumber: number }, { status: 200 })
  await worker.get(`/subjects?identityNumber=${number}`, { status: 400 })
  await worker.get(`/subjects/${number}`, { status: 400 })

  const log = readFileSync(`${cluster()}/log`, 'utf8')

  for (const secret of [number, number.slice(2), 'Collision Hemligby']) {
    assert.ok(!server.lines.join('\n').includes(secret), `the server's log tells ${secret}`)
    assert.ok(!log.includes(secret), `the database's log tells ${secret}`)
  }
})

test('every answer about somebody has its row in the access log, with everyone and everything in it', async () => {
  const events = await server.sql('select trace_id, outcome, code, operation, resource_ids, subject_ids from samsyn.access_events')
  const byTrace = new Map()
  for (const event of events) byTrace.set(event.trace_id, [...byTrace.get(event.trace_id) ?? [], event])
  const audited = new Set(contract().operations.filter(one => one.source['x-audit']).map(one => one.id))
  const subjects = new Set((await server.sql('select id from samsyn.subjects')).map(row => row.id))
  let seen = 0

  for (const reply of exchanges.filter(one => audited.has(one.operation))) {
    const rows = reply.headers.traceparent ? byTrace.get(traceOf(reply)) ?? [] : []
    const outcome = [200, 201, 204, 304].includes(reply.status) ? 'allowed' : [403, 404, 409, 412, 422].includes(reply.status) ? 'denied' : undefined
    // What is invalid is refused before anyone has entered, unless only the database sees it: 30 February in a cursor.
    if (!outcome) {
      assert.ok(rows.length <= 1 && rows.every(row => row.outcome === 'denied' && row.code === reply.body.code), `${reply.operation} ${reply.status} wrote ${rows.length} rows`)
      continue
    }
    assert.equal(rows.length, 1, `${reply.operation} ${reply.status} wrote ${rows.length} rows: ${reply.text.slice(0, 300)}`)
    const [row] = rows
    assert.deepEqual([row.outcome, row.operation, row.code], [outcome, reply.operation, outcome === 'denied' ? reply.body.code : null])
    seen++
    if (outcome !== 'allowed' || !reply.body) continue
    const items = Object.values(reply.body).find(value => Array.isArray(value) && value[0]?._links) ?? (reply.body.id ? [reply.body] : [])
    for (const item of items) assert.ok(item.id === undefined || row.resource_ids.includes(item.id), `${reply.operation}: ${item.id} is not in its row`)
    if (!reply.operation.includes('AccessEvent')) {
      for (const id of reply.text.match(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? []) {
        if (subjects.has(id)) assert.ok(row.subject_ids.includes(id), `${reply.operation}: the child ${id} is not in its row`)
      }
    }
  }
  assert.ok(seen > 500)
})

test('what is answered without a row in the access log says nothing of anybody', async () => {
  const people = await server.sql('select name from samsyn.subjects union select name from samsyn.guardians')
  const numbers = await server.sql('select identity_number as name from samsyn.subjects where identity_number is not null union select identity_number from samsyn.guardians where identity_number is not null')
  const audited = new Set(contract().operations.filter(one => one.source['x-audit']).map(one => one.id))
  const secrets = [...people, ...numbers].map(row => row.name).filter(name => name.length > 6 && /[a-z0-9]{5}/.test(name) && !TEXTS.includes(name))

  const quiet = exchanges.filter(reply => reply.status >= 400 || (reply.operation && !audited.has(reply.operation)))
  assert.ok(quiet.length > 300 && secrets.length > 8)
  for (const reply of quiet) for (const secret of [...secrets, ...Object.values(MARKS)]) assert.ok(!reply.text.includes(secret), `${reply.operation} ${reply.status} tells ${secret}`)
})

test("neither the server's log nor its metrics say anything of anybody", async () => {
  const rows = await server.sql(`
    select name as secret from samsyn.subjects union select name from samsyn.guardians union select name from samsyn.users union select email from samsyn.users
    union select identity_number from samsyn.subjects union select identity_number from samsyn.guardians union select title from samsyn.cases
    union select text from samsyn.record_versions union select subject from samsyn.identities`)
  const secrets = [...Object.values(MARKS), ...rows.map(row => row.secret).filter(secret => secret && secret.length > 6 && !TEXTS.includes(secret))]
  const ids = Object.values(hidden).filter(value => typeof value === 'string')
  const log = server.lines.join('\n')
  const metrics = (await server.management('/metrics')).text

  assert.ok(server.lines.length > 1000 && secrets.length > 30)
  for (const secret of [...secrets, ...ids, assignmentId('school-teacher'), SOCIAL_UNIT]) {
    assert.ok(!log.includes(secret) && !log.includes(JSON.stringify(secret).slice(1, -1)), `the log tells ${secret}`)
    assert.ok(!metrics.includes(secret), `the metrics tell ${secret}`)
  }
  assert.ok(!/eyJ[A-Za-z0-9_-]{10}/.test(log), 'the log holds a token')
  assert.ok(metrics.length < 2_500 * contract().operations.length, 'what clients send must not make new series')
})
