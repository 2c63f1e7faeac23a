// Identities: how tokens name a person. Whoever adds one lets its bearer act as the person, so it is held in check.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { identityId, SCHOOL, SOCIAL_UNIT, userId } from '../support/demo.mjs'
import { actsWith, answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { ISSUER } from '../support/token.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

let counter = 0
const identity = (more = {}) => ({ issuer: 'https://login.example.se', subject: `subject-${++counter}`, ...more })
const addUser = async (name = 'Stina Alarik') => (await admin.post('/users', { name }, { status: 201 })).body
const giveRole = (user, role, unit = SOCIAL_UNIT) => server.sql(`
  insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
  select samsyn.uuid7(), '${user}', '${unit}', o.boundary_id, r.id, samsyn.today()
  from samsyn.roles r, samsyn.organisations o where r.code = '${role}' and o.id = '${unit}'`)

test('a person\'s identities are listed for administrators, page by page', async () => {
  const { id } = await addUser()
  for (let n = 0; n < 3; n++) await admin.post(`/users/${id}/identities`, identity(), { status: 201 })

  await pages(admin, `/users/${id}/identities`, 'identities')
  const listed = await system.get(`/users/${userId('school-teacher')}/identities`, { status: 200 })
  assert.deepEqual(listed.body.identities.map(one => [one.issuer, one.subject]), [[ISSUER, 'school-teacher']])
  await refusesStrayQuery(admin, 'listIdentities', { path: { userId: id } })
  await refusesMalformedId(admin, 'listIdentities', 'userId')
})

test('an identity leads to its person and to its removal', async () => {
  const read = await readsConditionally(admin, `/identities/${identityId('social-manager')}`)

  assert.deepEqual(relations(read), ['remove', 'self', 'up'])
  assert.equal((await admin.follow(read, 'up', undefined, { status: 200 })).body.id, userId('social-manager'))
  await refusesMalformedId(admin, 'getIdentity', 'identityId')
})

test('a new identity lets the person in, and its removal shuts them out from the next request on', async () => {
  const { id } = await addUser()
  await giveRole(id, 'case-worker')
  const newcomer = server.as('stina')
  refused(await newcomer.get('/me'), 401, 'USER_NOT_REGISTERED')

  const made = await admin.post(`/users/${id}/identities`, { issuer: ISSUER, subject: 'stina' }, { status: 201 })
  assert.equal((await newcomer.get('/me', { status: 200 })).body.id, id)
  await admin.follow(made, 'remove', undefined, { status: 204 })

  refused(await newcomer.get('/me'), 401, 'USER_NOT_REGISTERED')
  refused(await admin.get(`/identities/${made.body.id}`), 404, 'NOT_FOUND')
  refused(await admin.delete(`/identities/${made.body.id}`), 404, 'NOT_FOUND')
})

test('an issuer\'s subject names one person in the whole installation', async () => {
  const { id } = await addUser()

  refused(await admin.post(`/users/${id}/identities`, { issuer: ISSUER, subject: 'school-teacher' }), 409, 'ALREADY_EXISTS')
  refused(await admin.post(`/users/${id}/identities`, { issuer: ISSUER, subject: 'social-manager' }), 409, 'ALREADY_EXISTS')
  await admin.post(`/users/${id}/identities`, { issuer: 'https://another.example.se', subject: 'school-teacher' }, { status: 201 })
})

test('an identity is added once, however often the request is repeated', async () => {
  const { id } = await addUser()
  await answersOnce(server, 'organisation-admin', 'createIdentity',
    { path: { userId: id }, body: identity() }, { path: { userId: id }, body: identity() })

  assert.equal((await admin.get(`/users/${id}/identities`)).body._meta.totalRecords, 1)
})

test('every fault of an identity is told at once', async () => {
  const { id } = await addUser()
  await refusesBodies(admin, 'createIdentity', { path: { userId: id } }, [
    [{}, '/body/issuer', '/body/subject'],
    [{ issuer: 'a b', subject: 'å', more: 1 }, '/body/issuer', '/body/more', '/body/subject'],
    [{ issuer: '', subject: 'x'.repeat(301) }, '/body/issuer', '/body/subject']
  ])
})

test('people and identities of another organisation are as if they did not exist', async () => {
  for (const [person, found] of [[userId('school-teacher'), identityId('school-teacher')], [unknownId(), unknownId()]]) {
    refused(await admin.get(`/users/${person}/identities`), 404, 'NOT_FOUND')
    refused(await admin.post(`/users/${person}/identities`, identity()), 404, 'NOT_FOUND')
    refused(await admin.get(`/identities/${found}`), 404, 'NOT_FOUND')
    refused(await admin.delete(`/identities/${found}`), 404, 'NOT_FOUND')
  }
  await server.as('school-teacher').get('/me', { status: 200 })
})

test('whoever administers nobody sees and changes no identity, not even their own', async () => {
  const own = identityId('social-case-worker')
  refused(await worker.get(`/users/${userId('social-case-worker')}/identities`), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.post(`/users/${userId('social-case-worker')}/identities`, identity()), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.get(`/identities/${own}`), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.delete(`/identities/${own}`), 403, 'ROLE_NOT_ALLOWED')
  refused(await admin.with({ claims: { scope: 'samsyn:case' } }).get(`/identities/${own}`), 403, 'SCOPE_MISSING')
})

test('nobody lets themselves in as a system administrator', async () => {
  const { id } = await addUser('Annan Administratör')
  await giveRole(id, 'system-admin')

  refused(await admin.post(`/users/${id}/identities`, identity()), 403, 'ROLE_NOT_ALLOWED')
  await system.post(`/users/${id}/identities`, identity(), { status: 201 })
})

test('nobody lets themselves in where another organisation has given an assignment', async () => {
  const { id } = await addUser('Delad Mellan Två')
  await giveRole(id, 'case-worker', SCHOOL)

  refused(await admin.post(`/users/${id}/identities`, identity()), 403, 'ROLE_NOT_ALLOWED')
  await server.sql(`update samsyn.assignments set ended_at = now() where user_id = '${id}'`)
  await admin.post(`/users/${id}/identities`, identity(), { status: 201 })
})

test('a malformed or missing identifier is told before anything is removed', async () => {
  await refusesMalformedId(admin, 'deleteIdentity', 'identityId')
  await refusesStrayQuery(admin, 'deleteIdentity', { path: { identityId: identityId('social-manager') } })
  await server.as('social-manager').get('/me', { status: 200 })
})

test('a role that may only see people sees no identities', async () => {
  await actsWith(server, 'police-officer', ['user:read', 'organisation:write'])

  refused(await server.as('police-officer').get(`/users/${userId('police-manager')}/identities`), 403, 'ROLE_NOT_ALLOWED')
})
