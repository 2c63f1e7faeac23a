// Users: the people who work in an organisation. Colleagues see each other; an administrator registers them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { SCHOOL, SOCIAL, SOCIAL_UNIT, userId } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

const names = reply => reply.body.users.map(user => user.name)
const list = async (client, query) => names(await client.get('/users', { query, status: 200 }))
const addUser = async (more, by = admin) => (await by.post('/users', { name: 'Stina Alarik', ...more }, { status: 201 })).body

test('these are the operations of users and their identities', () => {
  assert.deepEqual(operationsOf('Users'), ['createIdentity', 'createUser', 'deleteIdentity', 'getIdentity', 'getUser', 'listIdentities', 'listUsers', 'updateUser'])
})

test('colleagues are listed by name, and nobody of another organisation', async () => {
  const seen = await list(worker)

  assert.deepEqual(seen, ['Britta Hägglid', 'Karin Slåndal', 'Mikael Granlund', 'Sara Lindalm', 'Tove Syrenberg'])
  assert.deepEqual(await list(worker, { organisationId: SCHOOL }), [])
  assert.deepEqual(await list(server.as('police-officer')), ['Eva Lönnäs', 'Nils Rönnfors'])
  await pages(worker, '/users', 'users')
})

test('the system administrator sees everyone, or those of one organisation', async () => {
  const everyone = await system.get('/users', { status: 200 })

  assert.equal(everyone.body._meta.totalRecords, 15)
  assert.deepEqual(await list(system, { organisationId: SCHOOL }), ['Lena Ekhage', 'Omar Tallvik', 'Ravi Björkdal', 'Yusuf Kornell'])
})

test('people are found by how their name begins, letters of the alphabet\'s end included, and by whether they may sign in', async () => {
  await addUser({ name: 'Östen Åkerman' })
  const left = await addUser({ name: 'Gun Avgången' })
  await admin.patch(`/users/${left.id}`, { active: false }, { ifMatch: (await admin.get(`/users/${left.id}`)).etag, status: 200 })

  assert.deepEqual(await list(worker, { name: 'ös' }), ['Östen Åkerman'])
  assert.deepEqual(await list(worker, { name: '_' }), [])
  assert.deepEqual(await list(worker, { active: false }), ['Gun Avgången'])
  assert.equal((await list(worker, { active: true })).includes('Gun Avgången'), false)
})

test('a query that the contract does not know is refused and named', async () => {
  const reply = await worker.get('/users', { query: { active: 'perhaps', organisationId: 'x', name: '', limit: 0 } })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer).sort(), ['/query/active', '/query/limit', '/query/name', '/query/organisationId'])
  await refusesStrayQuery(worker, 'listUsers')
})

test('a colleague leads to their organisation and assignments, and an administrator to all that can be done', async () => {
  const seen = await readsConditionally(worker, `/users/${userId('social-manager')}`)
  const administered = await admin.get(`/users/${userId('social-manager')}`, { status: 200 })

  assert.equal(seen.body.email, 'social-manager@granby.example')
  assert.deepEqual(relations(seen), ['assignments', 'organisation', 'self'])
  assert.deepEqual(relations(administered), ['addIdentity', 'assignments', 'edit', 'identities', 'organisation', 'self'])
  const assignments = await worker.follow(seen, 'assignments', undefined, { status: 200 })
  assert.deepEqual(assignments.body.assignments.map(one => one.role), ['unit-manager'])
})

test('someone of another organisation is as someone who does not exist', async () => {
  for (const id of [userId('school-teacher'), unknownId()]) {
    refused(await worker.get(`/users/${id}`), 404, 'NOT_FOUND')
    refused(await admin.get(`/users/${id}`), 404, 'NOT_FOUND')
    refused(await admin.patch(`/users/${id}`, { name: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  }
  await refusesMalformedId(worker, 'getUser', 'userId')
})

test('an administrator registers someone in their own organisation', async () => {
  const made = await admin.post('/users', { name: 'Nils-Åke Öberg', email: 'nils@granby.example' }, { status: 201 })

  assert.deepEqual([made.body.organisationId, made.body.active], [SOCIAL, true])
  assert.deepEqual((await worker.get(made.headers.location, { status: 200 })).body.name, 'Nils-Åke Öberg')
})

test('only the system administrator registers someone in another organisation, and only in a secrecy boundary', async () => {
  const made = await system.post('/users', { name: 'Ny på skolan', organisationId: SCHOOL }, { status: 201 })

  assert.equal(made.body.organisationId, SCHOOL)
  for (const [client, organisationId] of [[admin, SCHOOL], [admin, unknownId()], [system, SOCIAL_UNIT], [system, unknownId()]]) {
    const reply = refused(await client.post('/users', { name: 'X', organisationId }), 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/organisationId'])
  }
})

test('someone is registered once, however often the request is repeated', async () => {
  await answersOnce(server, 'organisation-admin', 'createUser', { body: { name: 'En Gång' } }, { body: { name: 'En Annan' } })

  assert.deepEqual(await list(worker, { name: 'En ' }), ['En Gång'])
})

test('a key belongs to one person: another may use the same', async () => {
  const key = 'the-same'
  const first = await admin.post('/users', { name: 'Första' }, { key, status: 201 })
  const second = await system.post('/users', { name: 'Andra' }, { key, status: 201 })

  assert.notEqual(first.body.id, second.body.id)
})

test('every fault of a person is told at once', async () => {
  await refusesBodies(admin, 'createUser', {}, [
    [{}, '/body/name'],
    [{ name: '\t ', email: 'nowhere', organisationId: 1, role: 'x' }, '/body/email', '/body/name', '/body/organisationId', '/body/role'],
    [[], '/body'], [null, '/body'], ['Stina', '/body']
  ])
  await refusesBodies(admin, 'updateUser', { path: { userId: userId('social-manager') } }, [
    [{}, '/body'], [{ name: null }, '/body/name'], [{ organisationId: SCHOOL }, '/body/organisationId']
  ], { ifMatch: '"1"' })
})

test('someone is edited by whoever has read them as they are, and null takes the address away', async () => {
  const { id } = await addUser({ email: 'stina@granby.example' })

  const edited = await editsConditionally(admin, `/users/${id}`, { name: 'Stina Öst', email: null })

  assert.equal(edited.body.name, 'Stina Öst')
  assert.equal('email' in edited.body, false)
})

test('who is not active can do nothing from the next request on', async () => {
  const manager = server.as('social-manager')
  await manager.get('/me', { status: 200 })
  const read = await admin.get(`/users/${userId('social-manager')}`, { status: 200 })

  const closed = await admin.patch(`/users/${userId('social-manager')}`, { active: false }, { ifMatch: read.etag, status: 200 })
  refused(await manager.get('/me'), 401, 'USER_NOT_REGISTERED')
  await admin.patch(`/users/${userId('social-manager')}`, { active: true }, { ifMatch: closed.etag, status: 200 })
  await manager.get('/me', { status: 200 })
})

test('whoever administers nobody changes nobody', async () => {
  refused(await worker.post('/users', { name: 'X' }), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.patch(`/users/${userId('social-case-worker')}`, { name: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  refused(await admin.with({ claims: { scope: 'samsyn:case' } }).post('/users', { name: 'X' }), 403, 'SCOPE_MISSING')
})

test('a role without the permission sees nobody', async () => {
  await actsWith(server, 'police-officer', [])

  refused(await server.as('police-officer').get('/users'), 403, 'ROLE_NOT_ALLOWED')
  refused(await server.as('police-officer').get(`/users/${userId('police-officer')}`), 403, 'ROLE_NOT_ALLOWED')
})

test('the administrator of one organisation who is lent to another has nothing to administer of themselves there', async () => {
  // Britta is employed by the social services and administers the school too.
  await server.sql(`insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), '${userId('organisation-admin')}', '${SCHOOL}', '${SCHOOL}', id, samsyn.today() from samsyn.roles where code = 'organisation-admin'`)
  const [{ id }] = await server.sql(`select id from samsyn.assignments where user_id = '${userId('organisation-admin')}' and unit_id = '${SCHOOL}'`)
  const lent = admin.with({ headers: { 'Samsyn-Assignment': id } })
  const herself = await lent.get(`/users/${userId('organisation-admin')}`, { status: 200 })

  refused(await lent.patch(`/users/${userId('organisation-admin')}`, { name: 'X' }, { ifMatch: herself.etag }), 403, 'ROLE_NOT_ALLOWED')
  assert.ok((await list(lent)).includes('Lena Ekhage'))
})

test('what is read and refused of people stands in the access log without their names', async () => {
  const outsider = server.as('school-teacher')
  await outsider.get(`/users/${userId('clinic-manager')}`, { status: 404 })
  await server.as('school-head').get(`/users/${userId('school-teacher')}`, { status: 200 })

  const rows = await server.sql(`select operation, outcome, code, role from samsyn.access_events
    where resource_ids && array['${userId('clinic-manager')}', '${userId('school-teacher')}']::uuid[] and operation = 'getUser'
      and role in ('professional', 'unit-manager') order by at`)
  assert.deepEqual(rows.slice(-2), [
    { operation: 'getUser', outcome: 'denied', code: 'NOT_FOUND', role: 'professional' },
    { operation: 'getUser', outcome: 'allowed', code: null, role: 'unit-manager' }
  ])
})

test('whoever administers one organisation only from now on gets no repeated answer from another', async () => {
  const send = () => system.post('/users', { name: 'Snart Osynlig', organisationId: SCHOOL }, { key: 'users-elsewhere' })
  const made = await send()
  assert.equal((await send()).text, made.text)
  await actsWith(server, 'system-admin', ['user:read', 'user:write'])

  const again = await send()

  refused(again, 404, 'NOT_FOUND')
  assert.equal(again.text.includes('Osynlig'), false)
})
