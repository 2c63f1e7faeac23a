// Me: who the caller is, in which assignment they act, and in which they could.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { assignmentId, SCHOOL, SCHOOL_HEALTH_UNIT, SCHOOL_UNIT, SOCIAL, userId } from '../support/demo.mjs'
import { actsWith, operationsOf, readsConditionally, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { PEOPLE } from '../support/people.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')

const alsoActs = async (person, unit, boundary, role) => {
  await server.sql(`insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), '${userId(person)}', '${unit}', '${boundary}', id, samsyn.today() from samsyn.roles where code = '${role}'`)
  const [{ id }] = await server.sql(`select id from samsyn.assignments where user_id = '${userId(person)}' order by id desc limit 1`)
  return id
}

test('this is the operation of me', () => {
  assert.deepEqual(operationsOf('Me'), ['getMe'])
})

test('everyone of the demo learns who they are, and what they may', async () => {
  for (const person of PEOPLE) {
    const me = await server.as(person).get('/me', { status: 200 })
    assert.equal(me.body.id, userId(person))
    assert.equal(me.body.acting.assignmentId, assignmentId(person))
    assert.deepEqual(me.body.assignments.map(one => one.assignmentId), [assignmentId(person)])
  }
})

test('me names person, organisation, client, assignment and permissions', async () => {
  const me = await readsConditionally(worker, '/me')

  assert.deepEqual(me.body.client, { clientId: 'demo-portal', name: 'Demoportalen', vendor: 'Demo' })
  assert.deepEqual([me.body.name, me.body.organisationName], ['Sara Lindalm', 'Socialnämnden i Granby'])
  assert.deepEqual([me.body.acting.unitName, me.body.acting.role], ['Barn och familj', 'case-worker'])
  assert.ok(me.body.acting.permissions.includes('case:write'))
  assert.deepEqual(relations(me), ['organisation', 'self', 'user'])
  assert.equal((await worker.follow(me, 'organisation', undefined, { status: 200 })).body.id, SOCIAL)
})

test('who has several assignments chooses among them', async () => {
  const second = await alsoActs('school-nurse', SCHOOL_UNIT, SCHOOL, 'professional')
  const nurse = server.as('school-nurse')

  const unchosen = await nurse.get('/me', { status: 200 })
  const chosen = await nurse.get('/me', { headers: { 'Samsyn-Assignment': second }, status: 200 })

  assert.equal('acting' in unchosen.body, false)
  assert.deepEqual(unchosen.body.assignments.map(one => one.unitId), [SCHOOL_HEALTH_UNIT, SCHOOL_UNIT])
  assert.deepEqual(relations(unchosen), ['self'])
  assert.deepEqual([chosen.body.acting.assignmentId, chosen.body.acting.organisationId], [second, SCHOOL])
  assert.notEqual(chosen.etag, unchosen.etag)
  refused(await nurse.get('/roles'), 403, 'ASSIGNMENT_REQUIRED')
})

test('who has no assignment left still learns who they are', async () => {
  await server.sql(`update samsyn.assignments set ended_at = now() where user_id = '${userId('police-officer')}'`)

  const me = await server.as('police-officer').get('/me', { status: 200 })

  assert.deepEqual(me.body.assignments, [])
  assert.equal('acting' in me.body, false)
})

test('an assignment that is not the caller\'s, has ended or does not exist is refused', async () => {
  const ended = await alsoActs('clinic-manager', SCHOOL_UNIT, SCHOOL, 'professional')
  await server.sql(`update samsyn.assignments set ended_at = now() where id = '${ended}'`)
  const act = (client, assignment) => client.get('/me', { headers: { 'Samsyn-Assignment': assignment } })

  refused(await act(worker, assignmentId('social-manager')), 403, 'ASSIGNMENT_REQUIRED')
  refused(await act(worker, unknownId()), 403, 'ASSIGNMENT_REQUIRED')
  refused(await act(server.as('clinic-manager'), ended), 403, 'ASSIGNMENT_REQUIRED')
  assert.deepEqual((await server.as('clinic-manager').get('/me')).body.assignments.length, 1)
})

test('only assignments in which the client may be used are named', async () => {
  const through = person => server.as(person, { claims: { azp: 'other-portal' } })
  await alsoActs('school-head', SCHOOL_HEALTH_UNIT, '01940000-0000-7000-8000-000000000130', 'professional')

  const me = await through('school-head').get('/me', { status: 200 })

  assert.equal(me.body.client.clientId, 'other-portal')
  assert.deepEqual(me.body.assignments.map(one => one.organisationId), [SCHOOL])
  refused(await through('social-case-worker').get('/me'), 403, 'CLIENT_NOT_ALLOWED')
  refused(await server.as('school-head', { claims: { azp: 'unheard-of' } }).get('/me'), 403, 'CLIENT_NOT_REGISTERED')
})

test('a stray parameter and a malformed assignment are refused and named', async () => {
  await refusesStrayQuery(worker, 'getMe')
  const reply = refused(await worker.get('/me', { headers: { 'Samsyn-Assignment': 'mine' } }), 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/header/Samsyn-Assignment'])
})

test('me needs no permission and no scope, and leaves no trace in the access log', async () => {
  await actsWith(server, 'police-manager', [])
  await server.as('police-manager', { claims: { scope: '' } }).get('/me', { status: 200 })

  const rows = await server.sql(`select operation from samsyn.access_events where user_id = '${userId('police-manager')}' and outcome = 'allowed'`)
  assert.deepEqual(rows, [])
})
