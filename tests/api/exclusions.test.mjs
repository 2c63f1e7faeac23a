// Conflicts of interest: who is kept from a case sees nothing of it or of the child, whatever their role.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created } from '../support/client.mjs'
import { SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId, day, identityNumber, userId } from '../support/demo.mjs'
import {
  answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, deniedOnce, grantedConsent, handOver, hiddenFromStrangers, jointCase, logged, openCase, registerChild,
  shareStandingly, writeRecord
} from '../support/story.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const auditor = acting(server, 'social-auditor')
const kin = { kind: 'kinship', reason: 'The child is my niece.' }
const lifted = { reason: 'It was another child of the same name.' }

const declare = (caseId, body, by) => by.call('createExclusion', { path: { caseId }, body: { ...kin, ...body } })
const excluded = async (...its) => (await created(declare(...its))).body
const lift = (exclusion, by = manager) => by.post(`/exclusions/${exclusion.id}/endings`, lifted)
const leadOf = async caseId => (await server.sql(`select lead_assignment_id as id from samsyn.cases where id = '${caseId}'`))[0].id

// A child of its own, so that nobody of the demo is kept from those of the other tests.
async function freshCase(about = {}) {
  const child = await registerChild(server, { years: 9 })
  return { child, caseId: await openCase(server, { subjectId: child.id, ...about }) }
}
const colleague = more => hire(server, { unit: SOCIAL_UNIT, ...more })
const join = (caseId, person, by = worker) => by.post(`/cases/${caseId}/team-members`, { assignmentId: person.assignment }, { status: 201 })

test('somebody on the case declares that they are disqualified, and is out at once', async () => {
  const { child, caseId } = await freshCase()
  const member = await colleague()
  const by = acting(server, member.person)
  await join(caseId, member)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  assert.equal((await by.get(`/records/${record.id}`)).status, 200)

  const reply = await created(declare(caseId, {}, by))

  const { userId: who, kind, reason, status, declaredBy, userName } = reply.body
  assert.deepEqual({ who, kind, reason, status }, { who: member.user, ...kin, status: 'active' })
  assert.equal(declaredBy, userName)
  await allowedOnce(server, reply, [child.id], [reply.body.id], { activity: 'write' })
  for (const path of [`/cases/${caseId}`, `/records/${record.id}`, `/subjects/${child.id}`]) await deniedOnce(server, await by.get(path), 404, 'NOT_FOUND')
  const team = (await worker.get(`/cases/${caseId}/team-members`, { query: { current: true }, status: 200 })).body.teamMembers
  assert.deepEqual(team.map(one => one.assignmentId), [assignmentId('social-case-worker')])
  // What they declared they may read again; it says nothing that they did not write.
  assert.equal((await readsConditionally(by, `/exclusions/${reply.body.id}`)).body.reason, kin.reason)
})

test('the one who leads the unit keeps out somebody who does not know of the case, and they do not learn of it', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  const by = acting(server, member.person)

  const exclusion = await excluded(caseId, { userId: member.user, kind: 'bias', reason: 'A neighbour of the family.' }, manager)

  await deniedOnce(server, await by.get(`/exclusions/${exclusion.id}`), 404, 'NOT_FOUND')
  const reply = await worker.call('addTeamMember', { path: { caseId }, body: { assignmentId: member.assignment } })
  await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/assignmentId'])
})

test('only oneself, or by the one who leads the unit a colleague', async () => {
  const { caseId } = await freshCase()
  await deniedOnce(server, await declare(caseId, { userId: userId('social-manager') }, worker), 403, 'ROLE_NOT_ALLOWED')
  for (const id of [userId('school-teacher'), unknownId()]) {
    const reply = await declare(caseId, { userId: id }, manager)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/userId'])
  }
  await deniedOnce(server, await declare(caseId, {}, head), 404, 'NOT_FOUND')
  await deniedOnce(server, await declare(caseId, {}, acting(server, 'organisation-admin')), 403, 'ROLE_NOT_ALLOWED')
})

test('a person is kept from a case once, until it is lifted; and nobody lifts their own', async () => {
  const { caseId } = await freshCase()
  const member = await colleague({ role: 'unit-manager' })
  const by = acting(server, member.person)
  const exclusion = await excluded(caseId, { userId: member.user }, manager)
  await deniedOnce(server, await declare(caseId, { userId: member.user }, manager), 409, 'ALREADY_EXISTS')
  await deniedOnce(server, await lift(exclusion, by), 404, 'NOT_FOUND')

  const reply = await created(lift(exclusion))

  assert.deepEqual([reply.body.status, reply.body.endReason, reply.body.endedBy], ['ended', lifted.reason, 'Mikael Granlund'])
  assert.deepEqual(relations(reply), ['self'])
  await deniedOnce(server, await lift(exclusion), 409, 'ALREADY_ENDED')
  assert.equal((await by.get(`/cases/${caseId}`)).status, 200)
  const own = await excluded(caseId, {}, by)
  await deniedOnce(server, await lift(own, by), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await lift(own, worker), 404, 'NOT_FOUND')
  await created(lift(own))
})

test('nothing of the case is found any more: not by the register, a search, a list, a count or a link', async () => {
  const number = identityNumber('2017-05-06')
  const child = await registerChild(server, { years: 9, birthDate: '2017-05-06', identityNumber: number })
  const caseId = await openCase(server, { subjectId: child.id })
  const member = await colleague({ role: 'unit-manager' })
  const by = acting(server, member.person)
  const count = async (path, query) => (await by.get(path, { query, status: 200 })).body._meta.totalRecords
  await worker.call('createDeadline', { path: { caseId }, body: { label: 'Call the school', dueOn: day(9) } }, { status: 201 })
  const counts = async () => [await count('/deadlines'), await count('/subjects'), await count('/cases'), await count('/cases', { subjectId: child.id }), await count('/consents')]
  const consent = await grantedConsent(server, caseId)
  const [deadlines, subjects, cases, ofChild, consents] = await counts()
  assert.equal(ofChild, 1)

  await excluded(caseId, { userId: member.user }, manager)

  assert.deepEqual(await counts(), [deadlines - 1, subjects - 1, cases - 1, 0, consents - 1])
  for (const path of [`/subjects/${child.id}`, `/subjects/${child.id}/guardians`, `/guardians/${child.guardians[0].id}`, `/cases/${caseId}`,
    `/cases/${caseId}/records`, `/cases/${caseId}/participants`, `/cases/${caseId}/team-members`, `/cases/${caseId}/consents`, `/consents/${consent.id}`,
    `/cases/${caseId}/disclosures`, `/cases/${caseId}/closures`, `/cases/${caseId}/handovers`, `/cases/${caseId}/lead-transfers`,
    `/cases/${caseId}/exclusions`, `/cases/${caseId}/deadlines`, `/cases/${caseId}/plans`]) {
    await deniedOnce(server, await by.get(path), 404, 'NOT_FOUND')
  }
  const search = await by.call('searchSubjects', { body: { identityNumber: number } }, { status: 200 })
  assert.deepEqual(search.body.subjects, [])
  const reply = await by.call('createCase', { body: { subjectId: child.id, title: 'Another way in' } })
  await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
  await deniedOnce(server, await by.call('updateSubject', { path: { subjectId: child.id }, body: { name: 'X' } }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  await deniedOnce(server, await by.call('createGuardian', { path: { subjectId: child.id }, body: { name: 'X', kind: 'guardian', startsOn: day() } }), 404, 'NOT_FOUND')
})

test('it holds in every case about the child, those opened later as well', async () => {
  const { child, caseId } = await freshCase()
  const other = await openCase(server, { subjectId: child.id })
  const member = await colleague()
  const by = acting(server, member.person)
  await join(caseId, member)
  await join(other, member)

  await excluded(caseId, {}, by)
  const later = await openCase(server, { subjectId: child.id })

  for (const id of [caseId, other, later]) await deniedOnce(server, await by.get(`/cases/${id}`), 404, 'NOT_FOUND')
  for (const id of [other, later]) assert.equal((await worker.call('addTeamMember', { path: { caseId: id }, body: { assignmentId: member.assignment } })).status, 422)
})

test('it holds in every assignment of the person', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  const second = await colleague({ role: 'unit-manager' })
  await server.sql(`update samsyn.assignments set user_id = '${member.user}' where id = '${second.assignment}'`)
  const by = acting(server, member.person)
  const as = assignment => ({ headers: { 'Samsyn-Assignment': assignment } })
  assert.equal((await by.get(`/cases/${caseId}`, as(second.assignment))).status, 200)

  await excluded(caseId, { userId: member.user }, manager)

  for (const assignment of [member.assignment, second.assignment]) await deniedOnce(server, await by.get(`/cases/${caseId}`, as(assignment)), 404, 'NOT_FOUND')
})

test('an invitation to such a case, what is shared there and what was handed over stay closed', async () => {
  const joint = await jointCase(server)
  const theirs = await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)
  await handOver(server, 'social-case-worker', joint, [theirs.id])
  const second = await hire(server, { unit: SCHOOL_UNIT, role: 'unit-manager' })
  const by = acting(server, second.person)
  assert.equal((await by.get(`/records/${theirs.id}`)).status, 200)

  const exclusion = await excluded(joint.caseId, { userId: second.user }, head)

  for (const path of [`/records/${theirs.id}`, `/participants/${joint.participant.id}`, `/cases/${joint.caseId}`]) await deniedOnce(server, await by.get(path), 404, 'NOT_FOUND')
  assert.ok(!(await by.get('/participants', { query: { limit: 100 }, status: 200 })).body.participants.some(one => one.caseId === joint.caseId))
  // Nor after the part of the organisation has ended, when what it was given stays with who leads the unit.
  await worker.post(`/participants/${joint.participant.id}/endings`, { reason: 'Done.' }, { status: 201 })
  assert.equal((await head.get(`/records/${theirs.id}`)).status, 200)
  await deniedOnce(server, await by.get(`/records/${theirs.id}`), 404, 'NOT_FOUND')
  assert.equal(exclusion.status, 'active')
})

test('the lead of a unit who is kept out does not see that the lead of the case was offered', async () => {
  const { caseId } = await freshCase()
  const other = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
  const by = acting(server, other.person)
  const transfer = (await created(worker.post(`/cases/${caseId}/lead-transfers`, { toUnitId: other.unit, reason: 'Moved.' }))).body
  assert.equal((await by.get(`/lead-transfers/${transfer.id}`)).status, 200)

  await excluded(caseId, { userId: other.user }, manager)

  assert.deepEqual((await by.get('/lead-transfers', { status: 200 })).body.leadTransfers, [])
  await deniedOnce(server, await by.post(`/lead-transfers/${transfer.id}/acceptances`, {}), 404, 'NOT_FOUND')
})

test('an auditor who is kept out finds no event about the child', async () => {
  const { child, caseId } = await freshCase()
  await worker.get(`/cases/${caseId}`, { status: 200 })
  const events = async query => (await auditor.get('/access-events', { query: { limit: 100, ...query }, status: 200 })).body.accessEvents
  const [event] = await events({ subjectId: child.id })
  assert.ok(event)

  const exclusion = await excluded(caseId, { userId: userId('social-auditor') }, manager)

  assert.deepEqual(await events({ subjectId: child.id }), [])
  assert.ok(!(await events({})).some(one => one.subjectIds.includes(child.id)))
  await deniedOnce(server, await auditor.get(`/access-events/${event.id}`), 404, 'NOT_FOUND')
  await created(lift(exclusion))
  assert.equal((await auditor.get(`/access-events/${event.id}`)).status, 200)
})

test('what the person led passes to who leads the unit', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  const led = await openCase(server, { subjectId: (await registerChild(server, { years: 9 })).id, person: member.person })
  const offered = (await created(worker.call('createHandover', { path: { caseId }, body: {
    successorAssignmentId: member.assignment, reason: 'On leave.', checklist: { openTasks: 'x', agreements: 'x', plans: 'x', contacts: 'x' }
  } }))).body

  await excluded(led, {}, acting(server, member.person))
  await excluded(caseId, { userId: member.user }, manager)

  assert.equal(await leadOf(led), assignmentId('social-manager'))
  const team = (await manager.get(`/cases/${led}/team-members`, { query: { current: true }, status: 200 })).body.teamMembers
  assert.deepEqual(team.map(one => one.assignmentId), [assignmentId('social-manager')])
  assert.equal((await worker.get(`/handovers/${offered.id}`, { status: 200 })).body.status, 'withdrawn')
  const again = await worker.call('createHandover', { path: { caseId }, body: {
    successorAssignmentId: member.assignment, reason: 'On leave.', checklist: { openTasks: 'x', agreements: 'x', plans: 'x', contacts: 'x' }
  } })
  await deniedOnce(server, again, 422, 'UNPROCESSABLE')
})

test('when the one who leads the unit is kept out, the nearest manager steps in, and lifts it', async () => {
  const upper = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
  const [unit] = await server.sql(`select samsyn.uuid7() as id`)
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${unit.id}', '${upper.unit}', 'unit', 'Under')`)
  const leader = await hire(server, { unit: unit.id, role: 'unit-manager' })
  const member = await hire(server, { unit: unit.id })
  const child = await registerChild(server, { years: 9 })
  const caseId = await openCase(server, { subjectId: child.id, person: member.person })
  await deniedOnce(server, await acting(server, upper.person).get(`/cases/${caseId}`), 404, 'NOT_FOUND')

  const exclusion = await excluded(caseId, {}, acting(server, leader.person))

  const above = acting(server, upper.person)
  assert.equal((await above.get(`/cases/${caseId}`)).status, 200)
  assert.equal(await leadOf(caseId), member.assignment)
  const list = await above.get(`/cases/${caseId}/exclusions`, { status: 200 })
  assert.deepEqual(list.body.exclusions.map(one => one.id), [exclusion.id])
  // The one who led the case goes as well: it passes to the same manager.
  await excluded(caseId, {}, acting(server, member.person))
  assert.equal(await leadOf(caseId), upper.assignment)
  await created(lift(exclusion, above))
  assert.equal((await acting(server, leader.person).get(`/cases/${caseId}`)).status, 200)
})

test('in a closed case nobody steps in, and the person is out all the same', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  await join(caseId, member)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await excluded(caseId, {}, acting(server, member.person))

  await deniedOnce(server, await acting(server, member.person).get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('colleagues on the case do not see who declared what; managers list it', async () => {
  const { caseId } = await freshCase()
  const members = [await colleague(), await colleague(), await colleague()]
  const made = []
  for (const member of members) made.push((await excluded(caseId, { userId: member.user }, manager)).id)

  assert.deepEqual((await worker.get(`/cases/${caseId}/exclusions`, { status: 200 })).body.exclusions, [])
  await deniedOnce(server, await worker.get(`/exclusions/${made[0]}`), 404, 'NOT_FOUND')
  assert.deepEqual((await manager.get(`/cases/${caseId}/exclusions`, { status: 200 })).body.exclusions.map(one => one.id), made.reverse())
  await pages(manager, `/cases/${caseId}/exclusions`, 'exclusions')
})

test('another organisation in the case sees none of them', async () => {
  const joint = await jointCase(server)
  const exclusion = await excluded(joint.caseId, { userId: (await colleague()).user }, manager)

  assert.deepEqual((await head.get(`/cases/${joint.caseId}/exclusions`, { status: 200 })).body.exclusions, [])
  await deniedOnce(server, await head.get(`/exclusions/${exclusion.id}`), 404, 'NOT_FOUND')
})

test('a lifted one gives nothing back but the right to be appointed', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  await join(caseId, member)
  const exclusion = await excluded(caseId, { userId: member.user }, manager)
  await created(lift(exclusion))

  await deniedOnce(server, await acting(server, member.person).get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  await join(caseId, member)
  assert.equal((await acting(server, member.person).get(`/cases/${caseId}`)).status, 200)
})

test('an appointment that races with it gives nothing to see', async () => {
  for (let round = 0; round < 6; round++) {
    const { caseId } = await freshCase()
    const member = await colleague()

    const [kept] = await Promise.all([
      declare(caseId, { userId: member.user }, manager),
      worker.call('addTeamMember', { path: { caseId }, body: { assignmentId: member.assignment } }),
      declare(caseId, { userId: member.user }, manager)])

    assert.ok([201, 409].includes(kept.status), kept.text)
    await deniedOnce(server, await acting(server, member.person).get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  }
})

test('declarations and liftings are carried out once', async () => {
  const { caseId } = await freshCase()
  const [one, two] = [await colleague(), await colleague()]
  const on = user => ({ path: { caseId }, body: { ...kin, userId: user } })
  const first = await answersOnce(server, 'social-manager', 'createExclusion', on(one.user), on(two.user))
  const second = await excluded(caseId, { userId: two.user }, manager)
  const at = id => ({ path: { exclusionId: id }, body: lifted })
  await answersOnce(server, 'social-manager', 'endExclusion', at(first.body.id), at(second.id))
})

test('who declared it of themselves gets no repeated answer beyond what they may see', async () => {
  const { caseId } = await freshCase()
  const member = await colleague()
  await join(caseId, member)
  const by = acting(server, member.person)
  const send = () => by.post(`/cases/${caseId}/exclusions`, kin, { key: `self-${member.person}` })

  const [first, again] = [await created(send()), await send()]

  assert.deepEqual([again.status, again.body.id], [201, first.body.id])
  assert.deepEqual((await logged(server, again)).map(row => row.outcome), ['allowed'])
})

test('nobody without a relation learns of one', async () => {
  const { caseId } = await freshCase()
  const exclusion = await excluded(caseId, { userId: (await colleague()).user }, manager)
  await hiddenFromStrangers(server, 'listExclusions', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createExclusion', { path: { caseId }, body: kin }, unknownId())
  await hiddenFromStrangers(server, 'getExclusion', { path: { exclusionId: exclusion.id } }, unknownId())
  await hiddenFromStrangers(server, 'endExclusion', { path: { exclusionId: exclusion.id }, body: lifted }, unknownId())
})

test('what does not follow the contract is refused', async () => {
  await refusesMalformedId(worker, 'getExclusion', 'exclusionId')
  await refusesStrayQuery(worker, 'listExclusions', { path: { caseId: unknownId() } })
  await refusesBodies(worker, 'createExclusion', { path: { caseId: unknownId() } }, [
    [{}, '/body/kind', '/body/reason'], [{ kind: 'friend', reason: ' ' }, '/body/kind', '/body/reason'],
    [{ ...kin, organisationId: SCHOOL }, '/body/organisationId']
  ])
  await refusesBodies(manager, 'endExclusion', { path: { exclusionId: unknownId() } }, [[{}, '/body/reason']])
  assert.deepEqual(operationsOf('Exclusions'), ['createExclusion', 'endExclusion', 'getExclusion', 'listExclusions'])
})
