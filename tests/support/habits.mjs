// What every operation of a kind has in common, each as one call that asserts it, so that a test file spends its lines
// on what is its own.
//
//   await answersOnce(server, 'organisation-admin', 'createUser', { body: { name: 'A' } }, { body: { name: 'B' } })
//   await readsConditionally(client, `/users/${id}`)
//   await editsConditionally(client, `/users/${id}`, { name: 'C' })
//   await pages(client, '/users', 'users', { active: true })
//   await refusesStrayQuery(client, 'listUsers')
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { contract } from './contract.mjs'
import { refused } from './client.mjs'
import { whileHolding } from './session.mjs'
import { CLIENT } from './token.mjs'

// An identifier that nothing has: a UUID version 7 of this moment.
export function unknownId() {
  const hex = Date.now().toString(16).padStart(12, '0') + '7' + randomBytes(10).toString('hex').slice(0, 19)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

// Runs `during` while another session holds the advisory lock that a request with this key takes.
export const whileInFlight = (server, user, key, during, client = CLIENT) =>
  whileHolding(server.database, `select from pg_advisory_xact_lock(hashtextextended('${user}${client}${key}', 0))`, during)

async function userOf(server, person) {
  const [row] = await server.sql(`select user_id from samsyn.identities where subject = '${person}'`)
  return row.user_id
}

// Gives a person of the demo a role of their own with exactly these permissions, past the API.
export async function actsWith(server, person, permissions) {
  const role = `only-${person}`
  await server.sql(`
    insert into samsyn.roles (id, code, name_en, name_sv, permissions)
    values (samsyn.uuid7(), '${role}', '${role}', '${role}', '{${permissions}}')
    on conflict (code) do update set permissions = excluded.permissions;
    update samsyn.assignments set role_id = (select id from samsyn.roles where code = '${role}') where user_id = '${await userOf(server, person)}'`)
}

// A POST with an Idempotency-Key: the same answer to the same request, 422 to another one with the key, 409 while the
// first is running. `first` and `other` are inputs of the call ({path, query, body}) with options beside ({ifMatch}).
// Returns the reply to the first.
export async function answersOnce(server, person, operationId, first, other) {
  const client = server.as(person)
  const key = `key-${randomUUID()}`
  const send = ({ path, query, body, ...options }) => client.call(operationId, { path, query, body }, { key, ...options })

  const running = await whileInFlight(server, await userOf(server, person), key, () => send(first))
  const made = await send(first)
  const again = await send(first)
  const misused = await send(other)

  refused(running, 409, 'REQUEST_IN_FLIGHT')
  assert.equal(made.status, 201, made.text)
  assert.equal(again.status, 201, again.text)
  assert.equal(again.text, made.text)
  assert.equal(again.headers.location, made.headers.location)
  assert.equal(again.etag, made.etag)
  refused(misused, 422, 'KEY_REUSED')
  return made
}

// A GET with an ETag: 304 without a body to whoever holds it, 200 to whoever holds another.
export async function readsConditionally(client, path) {
  const read = await client.get(path, { status: 200 })
  const same = await client.get(path, { ifNoneMatch: read.etag })
  const oneOf = await client.get(path, { ifNoneMatch: `"no-such", W/${read.etag}` })
  const stale = await client.get(path, { ifNoneMatch: '"no-such"' })

  assert.match(read.etag, /^"[^"]+"$/)
  assert.deepEqual([same.status, oneOf.status, stale.status], [304, 304, 200])
  assert.equal(same.text, '')
  assert.equal(same.etag, read.etag)
  return read
}

// A PATCH: 428 without If-Match, 412 with another ETag, 200 with the current one, which is stale from then on.
export async function editsConditionally(client, path, change) {
  const before = await client.get(path, { status: 200 })

  refused(await client.patch(path, change), 428, 'PRECONDITION_REQUIRED')
  refused(await client.patch(path, change, { ifMatch: '"no-such"' }), 412, 'PRECONDITION_FAILED')
  const after = await client.patch(path, change, { ifMatch: before.etag, status: 200 })
  refused(await client.patch(path, change, { ifMatch: before.etag }), 412, 'PRECONDITION_FAILED')

  assert.notEqual(after.etag, before.etag)
  assert.equal((await client.get(path, { status: 200 })).etag, after.etag)
  return after
}

// A list by pages: `limit` holds, `next` leads through all of them without a gap or a repetition, `prev` back, `first`
// and `last` to the ends, and a page beyond the last is empty. Needs at least three things in the list.
export async function pages(client, path, collection, query = {}, limit = 2) {
  const name = item => item.id ?? item.code
  const found = []
  const first = await client.get(path, { query: { ...query, limit }, status: 200 })
  const total = first.body._meta.totalRecords
  assert.ok(total > limit, `only ${total} in ${path}: not enough for pages of ${limit}`)

  let page = first
  for (let number = 1; ; number++) {
    assert.deepEqual(page.body._meta, { totalRecords: total, page: number, offset: (number - 1) * limit, limit, count: page.body[collection].length })
    found.push(...page.body[collection].map(name))
    if (!page.links.next) break
    const next = await client.follow(page, 'next', undefined, { status: 200 })
    assert.deepEqual((await client.follow(next, 'prev', undefined, { status: 200 })).body[collection].map(name), page.body[collection].map(name))
    page = next
  }
  const last = await client.follow(first, 'last', undefined, { status: 200 })
  const beyond = await client.get(path, { query: { ...query, limit, page: 1_000_000 }, status: 200 })

  assert.equal(new Set(found).size, total)
  assert.deepEqual(last.body[collection].map(name), page.body[collection].map(name))
  assert.equal(page.links.prev !== undefined, true)
  assert.equal(first.links.prev, undefined)
  assert.deepEqual((await client.follow(last, 'first', undefined, { status: 200 })).body[collection].map(name), first.body[collection].map(name))
  assert.deepEqual(beyond.body[collection], [])
  assert.equal(beyond.body._meta.totalRecords, total)
  return found
}

// A query parameter that the contract does not name is 400 and pointed at.
export async function refusesStrayQuery(client, operationId, input = {}, options = {}) {
  const reply = await client.call(operationId, { ...input, query: { colour: 'blue' } }, options)
  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/query/colour'])
}

// A malformed identifier in the path is 400 and pointed at.
export async function refusesMalformedId(client, operationId, parameter, input = {}, options = {}) {
  const reply = await client.call(operationId, { ...input, path: { [parameter]: 'not-a-uuid' } }, options)
  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), [`/path/${parameter}`])
}

// Each body of the table is 400 with faults at exactly these pointers: [[body, '/body/name', ...], ...].
export async function refusesBodies(client, operationId, input, table, options = {}) {
  for (const [body, ...pointers] of table) {
    const reply = await client.call(operationId, { ...input, body }, options)
    assert.equal(reply.status, 400, `${operationId} took ${JSON.stringify(body)}: ${reply.text}`)
    assert.deepEqual([...new Set(reply.body.errors.map(error => error.pointer))].sort(), pointers.sort(), `${operationId} with ${JSON.stringify(body)}`)
  }
}

// The relations of a thing, sorted, for comparing with those that its reader may follow.
export const relations = thing => Object.keys(thing.headers ? thing.links : thing._links).sort()

// The operations of the contract that a test file is about, checked against what it names, so that none is forgotten.
export function operationsOf(tag) {
  return contract().operations.filter(operation => operation.source.tags.includes(tag)).map(operation => operation.id).sort()
}
