// Tokens of guardians and children: an issuer that vouches for identity numbers lets in those it names, as parties and
// as nobody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { identityNumber } from '../support/demo.mjs'
import { unknownId } from '../support/habits.mjs'
import { command, startServer } from '../support/server.mjs'
import { logged } from '../support/story.mjs'

const PORTAL = 'family-portal'
const SCOPE = 'samsyn:my samsyn:case samsyn:agreement samsyn:admin samsyn:audit'
const NUMBER = identityNumber('1986-03-09', 983)

const server = await startServer()
await server.sql(`insert into samsyn.clients (id, client_id, name, vendor, origins, organisation_ids, scopes)
  values (samsyn.uuid7(), '${PORTAL}', 'Familjeportalen', 'Provbolaget', '{}', '{}', '{${SCOPE.replaceAll(' ', ',')}}')`)

const party = (claims = {}) =>
  server.as('anyone', { claims: { iss: 'samsyn-development-party', azp: PORTAL, scope: SCOPE, identity_number: NUMBER, ...claims } })

test('a token of an identity number is let in, in each of its written forms', async () => {
  for (const form of [NUMBER, `${NUMBER.slice(0, 8)}-${NUMBER.slice(8)}`, `${NUMBER.slice(2, 8)}-${NUMBER.slice(8)}`]) {
    await party({ identity_number: form }).get('/my/cases', { status: 200 })
  }
})

test('without a good number it is refused, and the log says why but not which', async () => {
  for (const [number, reason] of [
    [undefined, 'claim-missing'], ['', 'identity-number'], ['school-teacher', 'identity-number'], [Number(NUMBER), 'identity-number'], [null, 'identity-number'],
    [NUMBER.slice(0, 11) + (Number(NUMBER[11]) + 1) % 10, 'identity-number'], [NUMBER + ' ', 'identity-number'], [NUMBER.slice(2), 'identity-number']
  ]) {
    const reply = await party({ identity_number: number }).get('/my/cases')

    refused(reply, 401, 'TOKEN_INVALID')
    const line = await server.until(() => server.log('token-refused').find(one => one.requestId === reply.body.instance.replace('urn:uuid:', '')))
    assert.equal(line.reason, reason)
  }
})

test('test numbers are refused unless the operator lets them in', async () => {
  const strict = await startServer({ options: { acceptTestIdentityNumbers: undefined } })
  const claims = { iss: 'samsyn-development-party', identity_number: NUMBER }

  refused(await strict.as('anyone', { claims }).get('/my/cases'), 401, 'TOKEN_INVALID')
})

test('whatever else the token says, it is never that of someone who works here', async () => {
  for (const path of ['/cases', '/subjects', '/access-events', '/organisations', '/users']) {
    for (const sub of ['social-case-worker', 'system-admin', 'school-auditor']) refused(await party({ sub }).get(path), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await party().get('/cases', { headers: { 'Samsyn-Assignment': unknownId() } }), 403, 'ROLE_NOT_ALLOWED')
  refused(await party().get('/cases', { headers: { 'Samsyn-Emergency-Access': unknownId() } }), 403, 'ROLE_NOT_ALLOWED')
})

test('the issuer of staff names no party, though its token holds a number', async () => {
  const worker = server.as('social-case-worker', { claims: { azp: 'demo-portal', identity_number: NUMBER } })

  await worker.get('/cases', { status: 200 })
  refused(await server.as('nobody-here', { claims: { identity_number: NUMBER } }).get('/cases'), 401, 'USER_NOT_REGISTERED')
})

test('a refusal is logged as that of a party, without the number', async () => {
  const reply = await party().get('/cases', { status: 403 })

  const [row, ...more] = await logged(server, reply)

  assert.deepEqual([row.outcome, row.code, row.role, row.user_id, row.client], ['denied', 'ROLE_NOT_ALLOWED', 'party', null, PORTAL])
  assert.deepEqual(more, [])
  assert.equal(JSON.stringify(row).includes(NUMBER), false)
})

test('an emergency access that is none is refused, wherever it is named', async () => {
  const worker = server.as('social-case-worker')
  const lists = contract().operations.filter(one => one.method === 'GET' && !one.path.includes('{') && !one.open)
  assert.ok(lists.length > 15)
  for (const { path } of lists) {
    refused(await worker.get(path, { headers: { 'Samsyn-Emergency-Access': 'x' } }), 400, 'INVALID_REQUEST')
  }
  refused(await worker.get('/cases', { headers: { 'Samsyn-Emergency-Access': unknownId() } }), 403, 'EMERGENCY_NOT_OPEN')
})

test('samsyn token makes one for trying out', async () => {
  const { stdout } = await command('token', '--development-key', `${server.directory}/key.pem`, '--identity-number', NUMBER, '--client', PORTAL, '--scope', 'samsyn:my')

  await server.anonymous({ headers: { Authorization: `Bearer ${stdout.trim()}` } }).get('/my/cases', { status: 200 })
})
