// Assignments: a person in a role at a unit, from a day to a day; and that nobody hands out what they may not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { assignmentId, day, MUNICIPALITY, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, TOWN_HALL_UNIT, userId } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { ISSUER } from '../support/token.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

const addUser = async (name = 'Stina Alarik', more = {}, by = admin) => (await by.post('/users', { name, ...more }, { status: 201 })).body.id
const draft = (person, more = {}) => ({ userId: person, unitId: SOCIAL_UNIT, role: 'case-worker', ...more })
const assign = async (person, more, by = admin) => (await by.post('/assignments', draft(person, more), { status: 201 })).body
const change = async (id, endsOn, by = admin) => by.patch(`/assignments/${id}`, { endsOn }, { ifMatch: (await system.get(`/assignments/${id}`)).etag })
const pointers = reply => reply.body.errors.map(error => error.pointer)

test('these are the operations of assignments', () => {
  assert.deepEqual(operationsOf('Assignments'), ['createAssignment', 'endAssignment', 'getAssignment', 'listAssignments', 'updateAssignment'])
})

test('assignments are listed within the organisation, and for the system administrator everywhere', async () => {
  const own = await worker.get('/assignments', { status: 200 })
  const every = await system.get('/assignments', { status: 200 })

  assert.deepEqual(new Set(own.body.assignments.map(one => one.organisationId)), new Set([SOCIAL]))
  assert.equal(every.body._meta.totalRecords, 15)
  await pages(worker, '/assignments', 'assignments')
})

test('assignments are found by person, unit, role and state', async () => {
  const people = async query => (await system.get('/assignments', { query, status: 200 })).body.assignments.map(one => one.userName).sort()

  assert.deepEqual(await people({ userId: userId('school-head') }), ['Ravi Björkdal'])
  assert.deepEqual(await people({ unitId: SCHOOL_UNIT, role: 'professional' }), ['Lena Ekhage'])
  assert.deepEqual(await people({ role: 'organisation-admin', state: 'active' }), ['Britta Hägglid'])
  assert.deepEqual(await people({ role: 'no-such-role' }), [])
  assert.deepEqual(await people({ state: 'ended' }), [])
  assert.deepEqual((await worker.get('/assignments', { query: { unitId: SCHOOL_UNIT } })).body.assignments, [])
})

test('a filter that is malformed is refused and named', async () => {
  const reply = await worker.get('/assignments', { query: { userId: 'x', unitId: 'y', role: 'R', state: 'past' } })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(pointers(reply).sort(), ['/query/role', '/query/state', '/query/unitId', '/query/userId'])
  await refusesStrayQuery(worker, 'listAssignments')
})

test('an assignment leads to person and unit, and an administrator to its end', async () => {
  const seen = await readsConditionally(worker, `/assignments/${assignmentId('social-manager')}`)
  const administered = await admin.get(`/assignments/${assignmentId('social-manager')}`, { status: 200 })

  assert.deepEqual([seen.body.userName, seen.body.unitName, seen.body.role, seen.body.state], ['Mikael Granlund', 'Barn och familj', 'unit-manager', 'active'])
  assert.deepEqual(relations(seen), ['self', 'unit', 'user'])
  assert.deepEqual(relations(administered), ['edit', 'end', 'self', 'unit', 'user'])
})

test('an assignment of another organisation is as one that does not exist', async () => {
  for (const id of [assignmentId('school-teacher'), unknownId()]) {
    refused(await worker.get(`/assignments/${id}`), 404, 'NOT_FOUND')
    refused(await admin.patch(`/assignments/${id}`, { endsOn: null }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
    refused(await admin.post(`/assignments/${id}/endings`), 404, 'NOT_FOUND')
  }
  await refusesMalformedId(worker, 'getAssignment', 'assignmentId')
  await refusesMalformedId(admin, 'endAssignment', 'assignmentId')
})

test('an assignment runs from today unless told, and its state follows its days', async () => {
  const person = await addUser()

  const now = await assign(person)
  const later = await assign(person, { startsOn: day(3), endsOn: day(9) })
  const over = await assign(person, { startsOn: day(-9), endsOn: day(-3) })
  const lastDay = await assign(person, { startsOn: day(-9), endsOn: day(0) })

  assert.deepEqual([now.startsOn, now.endsOn, now.organisationId], [day(), undefined, SOCIAL])
  assert.deepEqual([now.state, later.state, over.state, lastDay.state], ['active', 'planned', 'ended', 'active'])
  assert.deepEqual(relations(over), ['self', 'unit', 'user'])
  for (const [state, wanted] of [['planned', 1], ['ended', 1], ['active', 2]]) {
    assert.equal((await admin.get('/assignments', { query: { userId: person, state } })).body._meta.totalRecords, wanted, state)
  }
})

test('someone with an assignment acts in it, and in its role', async () => {
  const person = await addUser()
  await admin.post(`/users/${person}/identities`, { issuer: ISSUER, subject: 'acting' }, { status: 201 })
  const newcomer = server.as('acting')
  refused(await newcomer.get('/roles'), 403, 'ASSIGNMENT_REQUIRED')

  const made = await assign(person)
  await newcomer.get('/cases', { status: 200 })
  refused(await newcomer.get('/access-events'), 403, 'ROLE_NOT_ALLOWED')
  await admin.post(`/assignments/${made.id}/endings`, undefined, { status: 201 })
  refused(await newcomer.get('/cases'), 403, 'ASSIGNMENT_REQUIRED')
})

test('who has several assignments names the one in which they act', async () => {
  const person = await addUser()
  await admin.post(`/users/${person}/identities`, { issuer: ISSUER, subject: 'twofold' }, { status: 201 })
  const [one, other] = [await assign(person), await assign(person, { role: 'auditor' })]
  const twofold = server.as('twofold')
  const as = assignment => twofold.with({ headers: { 'Samsyn-Assignment': assignment } })

  refused(await twofold.get('/cases'), 403, 'ASSIGNMENT_REQUIRED')
  await as(one.id).get('/cases', { status: 200 })
  refused(await as(one.id).get('/access-events'), 403, 'ROLE_NOT_ALLOWED')
  await as(other.id).get('/access-events', { status: 200 })
  refused(await as(other.id).get('/cases'), 403, 'ROLE_NOT_ALLOWED')
  refused(await as(assignmentId('social-manager')).get('/cases'), 403, 'ASSIGNMENT_REQUIRED')
  refused(await as('mine').get('/cases'), 400, 'INVALID_REQUEST')
})

test('what an assignment refers to must exist for the caller', async () => {
  const person = await addUser()
  const table = [
    [draft(unknownId()), '/body/userId'],
    [draft(userId('school-teacher')), '/body/userId'],
    [draft(person, { unitId: unknownId() }), '/body/unitId'],
    [draft(person, { unitId: SCHOOL_UNIT }), '/body/unitId'],
    [draft(person, { role: 'no-such-role' }), '/body/role']
  ]
  for (const [body, pointer] of table) {
    assert.deepEqual(pointers(refused(await admin.post('/assignments', body), 422, 'INVALID_REFERENCE')), [pointer], JSON.stringify(body))
  }
  const backwards = refused(await admin.post('/assignments', draft(person, { startsOn: day(5), endsOn: day(4) })), 422, 'UNPROCESSABLE')
  assert.deepEqual(pointers(backwards), ['/body/endsOn'])
  const nowhere = refused(await system.post('/assignments', draft(person, { unitId: MUNICIPALITY })), 422, 'UNPROCESSABLE')
  assert.deepEqual(pointers(nowhere), ['/body/unitId'])
})

test('every fault of an assignment is told at once', async () => {
  await refusesBodies(admin, 'createAssignment', {}, [
    [{}, '/body/role', '/body/unitId', '/body/userId'],
    [{ userId: 'x', unitId: 1, role: 'Role', startsOn: '2026-02-30', endsOn: 'soon', by: 1 },
      '/body/by', '/body/endsOn', '/body/role', '/body/startsOn', '/body/unitId', '/body/userId'],
    [draft(unknownId(), { endsOn: null }), '/body/endsOn']
  ])
  await refusesBodies(admin, 'updateAssignment', { path: { assignmentId: unknownId() } }, [
    [{}, '/body/endsOn'], [{ endsOn: '2026-1-1' }, '/body/endsOn'], [{ endsOn: null, role: 'auditor' }, '/body/role']
  ], { ifMatch: '"1"' })
})

test('an assignment is given once, however often the request is repeated', async () => {
  const person = await addUser()
  await answersOnce(server, 'organisation-admin', 'createAssignment', { body: draft(person) }, { body: draft(person, { role: 'auditor' }) })

  assert.equal((await admin.get('/assignments', { query: { userId: person } })).body._meta.totalRecords, 1)
})

test('the last day is set and removed by whoever has read it as it is, but never into the past', async () => {
  const { id } = await assign(await addUser(), { startsOn: day(-5) })

  const edited = await editsConditionally(admin, `/assignments/${id}`, { endsOn: day(7) })
  assert.equal(edited.body.endsOn, day(7))
  assert.equal('endsOn' in (await change(id, null)).body, false)
  assert.equal((await change(id, day(0))).body.state, 'active')
  assert.deepEqual(pointers(refused(await change(id, day(-1)), 422, 'UNPROCESSABLE')), ['/body/endsOn'])
})

test('an assignment ends once', async () => {
  const { id } = await assign(await addUser())

  const ended = await admin.post(`/assignments/${id}/endings`, undefined, { status: 201 })

  assert.equal(ended.body.state, 'ended')
  assert.match(ended.body.endedAt, /Z$/)
  assert.deepEqual(relations(ended), ['self', 'unit', 'user'])
  refused(await admin.post(`/assignments/${id}/endings`), 409, 'ALREADY_ENDED')
  refused(await change(id, day(30)), 409, 'ALREADY_ENDED')
})

test('an ending is carried out once, however often the request is repeated', async () => {
  const [first, other] = [await assign(await addUser()), await assign(await addUser())]
  await answersOnce(server, 'organisation-admin', 'endAssignment', { path: { assignmentId: first.id } }, { path: { assignmentId: other.id } })

  assert.equal((await admin.get(`/assignments/${other.id}`)).body.state, 'active')
})

test('nobody gives themselves an assignment or prolongs their own', async () => {
  for (const [client, person, unitId] of [[admin, 'organisation-admin', SOCIAL_UNIT], [system, 'system-admin', TOWN_HALL_UNIT]]) {
    const reply = refused(await client.post('/assignments', draft(userId(person), { unitId })), 403, 'ROLE_NOT_ALLOWED')
    assert.deepEqual(pointers(reply), ['/body/userId'])
    refused(await change(assignmentId(person), day(100), client), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('an organisation administrator makes nobody system administrator, and prolongs none', async () => {
  const person = await addUser()
  const reply = refused(await admin.post('/assignments', draft(person, { role: 'system-admin' })), 403, 'ROLE_NOT_ALLOWED')
  assert.deepEqual(pointers(reply), ['/body/role'])
  await assign(person, { role: 'organisation-admin' })

  const given = await assign(person, { role: 'system-admin' }, system)
  refused(await change(given.id, day(100)), 403, 'ROLE_NOT_ALLOWED')
})

test('a role made of one administrative permission too many is not handed out either', async () => {
  const clients = await system.post('/roles', { code: 'client-admin', nameEn: 'Clients', nameSv: 'Klienter', permissions: ['client:read', 'client:write'] }, { status: 201 })

  refused(await admin.post('/assignments', draft(await addUser(), { role: clients.body.code })), 403, 'ROLE_NOT_ALLOWED')
})

test('the system administrator assigns everywhere', async () => {
  const person = await addUser('Ny Rektor', { organisationId: SCHOOL }, system)

  const made = await assign(person, { unitId: SCHOOL_UNIT, role: 'unit-manager' }, system)

  assert.equal(made.organisationId, SCHOOL)
  await change(made.id, day(30), system)
  assert.equal((await system.post(`/assignments/${made.id}/endings`, undefined, { status: 201 })).body.state, 'ended')
})

test('one\'s own assignment elsewhere is seen there, but administered there', async () => {
  const lent = await assign(userId('organisation-admin'), { unitId: SCHOOL, role: 'organisation-admin' }, system)
  const here = admin.with({ headers: { 'Samsyn-Assignment': assignmentId('organisation-admin') } })
  const etag = (await here.get(`/assignments/${lent.id}`, { status: 200 })).etag

  refused(await here.patch(`/assignments/${lent.id}`, { endsOn: null }, { ifMatch: etag }), 403, 'ROLE_NOT_ALLOWED')
  refused(await here.post(`/assignments/${lent.id}/endings`), 403, 'ROLE_NOT_ALLOWED')
  await system.post(`/assignments/${lent.id}/endings`, undefined, { status: 201 })
})

test('whoever administers nobody gives and ends nothing', async () => {
  const own = assignmentId('social-case-worker')
  refused(await worker.post('/assignments', draft(userId('social-manager'))), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.patch(`/assignments/${own}`, { endsOn: null }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.post(`/assignments/${own}/endings`), 403, 'ROLE_NOT_ALLOWED')
  await actsWith(server, 'police-officer', [])
  refused(await server.as('police-officer').get('/assignments'), 403, 'ROLE_NOT_ALLOWED')
  refused(await server.as('police-officer').get(`/assignments/${assignmentId('police-officer')}`), 403, 'ROLE_NOT_ALLOWED')
})

test('whoever administers one organisation only from now on gets no repeated answer from another', async () => {
  const person = await addUser('Snart Osynlig', { organisationId: SCHOOL }, system)
  const send = () => system.post('/assignments', draft(person, { unitId: SCHOOL_UNIT }), { key: 'assignments-elsewhere' })
  const made = await send()
  assert.equal((await send()).text, made.text)
  await actsWith(server, 'system-admin', ['user:read', 'user:write'])

  const again = await send()

  refused(again, 404, 'NOT_FOUND')
  assert.equal(again.text.includes('Osynlig'), false)
})
