// Clients: the registered front ends of vendors, for which organisations and scopes a token issued to them counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { CLINIC, DEMO_CLIENT, MUNICIPALITY, OTHER_CLIENT, SCHOOL, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import {
  answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery,
  relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

let counter = 0
const draft = (more = {}) => ({ clientId: `portal-${++counter}`, name: 'Portalen', vendor: 'Exempel AB', organisationIds: [SCHOOL], scopes: ['samsyn:case'], ...more })
const addClient = async more => (await system.post('/clients', draft(more), { status: 201 })).body
const edit = async (id, change) => system.patch(`/clients/${id}`, change, { ifMatch: (await system.get(`/clients/${id}`)).etag })
const pointers = reply => reply.body.errors.map(error => error.pointer)

test('these are the operations of clients', () => {
  assert.deepEqual(operationsOf('Clients'), ['createClient', 'getClient', 'listClients', 'updateClient'])
})

test('clients are listed by name, for administrators', async () => {
  const first = await admin.get('/clients', { status: 200 })
  assert.deepEqual(first.body.clients.map(one => one.clientId), ['demo-portal', 'other-portal'])

  await addClient({ name: 'alfaportalen' })
  assert.deepEqual((await admin.get('/clients')).body.clients.map(one => one.name), ['alfaportalen', 'Demoportalen', 'Skolportalen'])
  await pages(admin, '/clients', 'clients')
  await refusesStrayQuery(admin, 'listClients')
})

test('a client is read by administrators, and leads to its editing for the system administrator alone', async () => {
  const seen = await readsConditionally(admin, `/clients/${DEMO_CLIENT}`)

  assert.deepEqual([seen.body.vendor, seen.body.origins, seen.body.active], ['Demo', ['http://localhost:5173'], true])
  assert.deepEqual(relations(seen), ['self'])
  assert.deepEqual(relations(await system.get(`/clients/${DEMO_CLIENT}`)), ['edit', 'self'])
})

test('a client that does not exist is 404, and an identifier that is none 400', async () => {
  refused(await admin.get(`/clients/${unknownId()}`), 404, 'NOT_FOUND')
  refused(await system.patch(`/clients/${unknownId()}`, { name: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  await refusesMalformedId(admin, 'getClient', 'registrationId')
})

test('a client is registered for secrecy boundaries', async () => {
  const made = await system.post('/clients', draft({ origins: ['https://portal.example.se', 'http://localhost:3000'] }), { status: 201 })

  assert.deepEqual([made.body.origins, made.body.organisationIds, made.body.active], [['https://portal.example.se', 'http://localhost:3000'], [SCHOOL], true])
  assert.deepEqual((await addClient()).origins, [])
  for (const organisationIds of [[MUNICIPALITY], [SCHOOL, SOCIAL_UNIT], [unknownId()]]) {
    assert.deepEqual(pointers(refused(await system.post('/clients', draft({ organisationIds })), 422, 'INVALID_REFERENCE')), ['/body/organisationIds'])
    assert.deepEqual(pointers(refused(await edit(made.body.id, { organisationIds }), 422, 'INVALID_REFERENCE')), ['/body/organisationIds'])
  }
})

test('a client id is given once', async () => {
  refused(await system.post('/clients', draft({ clientId: 'demo-portal' })), 409, 'ALREADY_EXISTS')
})

test('a client is registered once, however often the request is repeated', async () => {
  await answersOnce(server, 'system-admin', 'createClient', { body: draft() }, { body: draft() })
})

test('every fault of a client is told at once', async () => {
  await refusesBodies(system, 'createClient', {}, [
    [{}, '/body/clientId', '/body/name', '/body/organisationIds', '/body/scopes', '/body/vendor'],
    [draft({ clientId: 'a b', origins: ['https://portal.example.se/', '*', 'https://ok.example.se'], scopes: ['samsyn:case', 'openid'] }),
      '/body/clientId', '/body/origins/0', '/body/origins/1', '/body/scopes/1'],
    [draft({ organisationIds: [SCHOOL, SCHOOL] }), '/body/organisationIds'],
    [draft({ active: true }), '/body/active']
  ])
  await refusesBodies(system, 'updateClient', { path: { registrationId: DEMO_CLIENT } }, [
    [{}, '/body'], [{ clientId: 'other', scopes: null }, '/body/clientId', '/body/scopes']
  ], { ifMatch: '"1"' })
})

test('a client is edited by whoever has read it as it is; lists are replaced as a whole', async () => {
  const { id } = await addClient({ origins: ['https://a.example.se'] })

  const edited = await editsConditionally(system, `/clients/${id}`, { origins: [], organisationIds: [SOCIAL, CLINIC], vendor: 'Ny ägare' })

  assert.deepEqual([edited.body.origins, edited.body.organisationIds, edited.body.vendor, edited.body.name], [[], [SOCIAL, CLINIC], 'Ny ägare', 'Portalen'])
})

test('a client counts for its organisations and scopes, and not when it is inactive, from the next request on', async () => {
  const made = await addClient({ scopes: ['samsyn:case'] })
  const through = person => server.as(person, { claims: { azp: made.clientId } })

  await through('school-teacher').get('/cases', { status: 200 })
  refused(await through('social-case-worker').get('/cases'), 403, 'CLIENT_NOT_ALLOWED')
  refused(await through('school-collaboration-lead').post('/agreements', {
    title: 'X', purposes: ['x'], categories: ['LEARNING'], partyIds: [SOCIAL], validFrom: '2026-01-01', validUntil: '2026-12-31'
  }), 403, 'SCOPE_MISSING')
  refused(await server.as('school-teacher', { claims: { azp: 'unheard-of' } }).get('/cases'), 403, 'CLIENT_NOT_REGISTERED')

  assert.equal((await edit(made.id, { organisationIds: [SOCIAL], scopes: [] })).status, 200)
  refused(await through('school-teacher').get('/cases'), 403, 'CLIENT_NOT_ALLOWED')
  refused(await through('social-case-worker').get('/cases'), 403, 'SCOPE_MISSING')
  await through('social-case-worker').get('/roles', { status: 200 })

  assert.equal((await edit(made.id, { active: false })).status, 200)
  refused(await through('social-case-worker').get('/roles'), 403, 'CLIENT_NOT_REGISTERED')
})

test('only the system administrator registers and edits clients, and nobody else but administrators sees them', async () => {
  refused(await admin.post('/clients', draft()), 403, 'ROLE_NOT_ALLOWED')
  refused(await admin.patch(`/clients/${OTHER_CLIENT}`, { active: false }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  for (const client of [worker, server.as('social-auditor'), server.as('school-head')]) {
    refused(await client.get('/clients'), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.get(`/clients/${OTHER_CLIENT}`), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await system.with({ claims: { scope: 'samsyn:case' } }).get('/clients'), 403, 'SCOPE_MISSING')
})
