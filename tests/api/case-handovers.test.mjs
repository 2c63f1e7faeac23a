// Handovers: a case passes from person to person with what a successor must know, and nobody leaves one behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created } from '../support/client.mjs'
import { moveClock, restoreClock, swedish } from '../support/clock.mjs'
import { ALVA, SOCIAL, SOCIAL_UNIT, assignmentId, day } from '../support/demo.mjs'
import {
  answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { acting, allowedOnce, appoint, deniedOnce, hiddenFromStrangers, jointCase, openCase, writeRecord } from '../support/story.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const admin = acting(server, 'organisation-admin')
const system = acting(server, 'system-admin')
const why = { reason: 'On leave from April.' }
const checklist = { openTasks: 'Book the meeting in May.', agreements: 'With the school, to June.', plans: 'None yet.', contacts: 'The class teacher.' }

const colleague = (more = {}) => hire(server, { unit: SOCIAL_UNIT, ...more })
const draft = (successor, more = {}) => ({ successorAssignmentId: successor.assignment ?? successor, checklist, ...why, ...more })
const propose = (caseId, successor, by = worker, more) => by.call('createHandover', { path: { caseId }, body: draft(successor, more) })
const proposed = async (...its) => (await created(propose(...its))).body
const accept = (handover, by) => by.post(`/handovers/${handover.id}/acceptances`, {})
const decline = (handover, by) => by.post(`/handovers/${handover.id}/declinations`, why)
const withdraw = (handover, by = worker) => by.post(`/handovers/${handover.id}/withdrawals`, why)
const leadOf = async (caseId, by = manager) => (await by.get(`/cases/${caseId}`, { status: 200 })).body.leadAssignmentId
const endAssignment = (id, by = admin) => by.post(`/assignments/${id}/endings`)
const waive = (id, by = manager) => by.call('waiveHandover', { path: { assignmentId: id }, body: why })

async function setEnd(id, endsOn, by = admin) {
  const { etag } = await by.get(`/assignments/${id}`, { status: 200 })
  return by.patch(`/assignments/${id}`, { endsOn }, { ifMatch: etag })
}

// Somebody hired who leads a case of their own, and the case.
async function leader(more) {
  const person = await colleague(more)
  return { ...person, caseId: await openCase(server, { person: person.person }) }
}

test('who opens a case leads it as a person', async () => {
  const caseId = await openCase(server)

  const { body } = await worker.get(`/cases/${caseId}`, { status: 200 })

  assert.deepEqual([body.leadAssignmentId, body.leadName], [assignmentId('social-case-worker'), 'Sara Lindalm'])
})

test('a case is handed over with a checklist, and passes when the colleague has accepted', async () => {
  const caseId = await openCase(server)
  const successor = await colleague()
  const by = acting(server, successor.person)

  const offer = await created(propose(caseId, successor))

  const { status, predecessorName, checklist: given, proposedBy, answeredAt } = offer.body
  assert.deepEqual({ status, predecessorName, given, proposedBy, answeredAt },
    { status: 'pending', predecessorName: 'Sara Lindalm', given: checklist, proposedBy: 'Sara Lindalm', answeredAt: undefined })
  assert.deepEqual(relations(offer), ['accept', 'case', 'decline', 'self', 'withdraw'])
  await allowedOnce(server, offer, [ALVA], [offer.body.id], { activity: 'write' })
  assert.equal(await leadOf(caseId), assignmentId('social-case-worker'))

  // Before the answer the colleague sees that there is an offer, and nothing of the case.
  const seen = await readsConditionally(by, `/handovers/${offer.body.id}`)
  assert.equal(seen.body.checklist, undefined)
  await deniedOnce(server, await by.get(`/cases/${caseId}`), 404, 'NOT_FOUND')

  const answer = await created(accept(offer.body, by))

  assert.deepEqual([answer.body.status, answer.body.checklist], ['accepted', checklist])
  await allowedOnce(server, answer, [ALVA], [offer.body.id], { activity: 'write' })
  assert.equal(await leadOf(caseId, by), successor.assignment)
  assert.notEqual((await by.get(`/handovers/${offer.body.id}`)).etag, seen.etag)
  const team = (await by.get(`/cases/${caseId}/team-members`, { query: { current: true }, status: 200 })).body.teamMembers
  assert.deepEqual(team.map(one => one.assignmentId).sort(), [assignmentId('social-case-worker'), successor.assignment].sort())
})

test('a colleague who is on the team already stays on it once', async () => {
  const caseId = await openCase(server)
  await appoint(server, 'social-case-worker', caseId, 'social-manager')

  await created(accept(await proposed(caseId, assignmentId('social-manager')), manager))

  assert.equal(await leadOf(caseId), assignmentId('social-manager'))
  const team = (await manager.get(`/cases/${caseId}/team-members`, { status: 200 })).body.teamMembers
  assert.equal(team.filter(one => one.assignmentId === assignmentId('social-manager')).length, 1)
})

test('the successor alone answers', async () => {
  const caseId = await openCase(server)
  const [successor, other] = [await colleague(), await colleague()]
  const handover = await proposed(caseId, successor)

  for (const by of [worker, manager]) {
    await deniedOnce(server, await accept(handover, by), 403, 'NOT_RECIPIENT')
    await deniedOnce(server, await decline(handover, by), 403, 'NOT_RECIPIENT')
  }
  await deniedOnce(server, await accept(handover, acting(server, other.person)), 404, 'NOT_FOUND')
  await deniedOnce(server, await withdraw(handover, acting(server, successor.person)), 403, 'ROLE_NOT_ALLOWED')

  assert.equal(await leadOf(caseId), assignmentId('social-case-worker'))
})

test('an offer is declined or withdrawn with a reason, and answered once', async () => {
  const successor = await colleague()
  const by = acting(server, successor.person)
  const [declined, withdrawn] = [await proposed(await openCase(server), successor), await proposed(await openCase(server), successor)]

  assert.equal((await created(decline(declined, by))).body.answerReason, why.reason)
  assert.equal((await created(withdraw(withdrawn, manager))).body.status, 'withdrawn')

  for (const handover of [declined, withdrawn]) {
    await deniedOnce(server, await accept(handover, by), 409, 'ALREADY_ANSWERED')
    await deniedOnce(server, await decline(handover, by), 409, 'ALREADY_ANSWERED')
    await deniedOnce(server, await withdraw(handover), 409, 'ALREADY_ANSWERED')
    assert.equal(await leadOf(handover.caseId), assignmentId('social-case-worker'))
  }
  // Whoever was refused a case keeps no sight of it, and can be asked again.
  assert.equal((await by.get(`/handovers/${declined.id}`, { status: 200 })).body.checklist, undefined)
  await proposed(declined.caseId, successor)
})

test('one handover at a time, and it falls when somebody else comes to lead the case', async () => {
  const caseId = await openCase(server)
  const successor = await colleague()
  const first = await proposed(caseId, successor)
  await deniedOnce(server, await propose(caseId, assignmentId('social-manager')), 409, 'ALREADY_EXISTS')
  const other = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
  const transfer = await worker.post(`/cases/${caseId}/lead-transfers`, { toUnitId: other.unit, reason: 'Moved.' }, { status: 201 })

  await acting(server, other.person).post(`/lead-transfers/${transfer.body.id}/acceptances`, {}, { status: 201 })

  assert.equal((await worker.get(`/handovers/${first.id}`, { status: 200 })).body.status, 'withdrawn')
  await deniedOnce(server, await accept(first, acting(server, successor.person)), 409, 'ALREADY_ANSWERED')
})

test('only who leads the case or the unit hands it over, and only of the organisation that leads', async () => {
  const { caseId } = await jointCase(server)
  const member = await colleague()
  await worker.post(`/cases/${caseId}/team-members`, { assignmentId: member.assignment }, { status: 201 })

  await deniedOnce(server, await propose(caseId, assignmentId('social-manager'), acting(server, member.person)), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await propose(caseId, assignmentId('school-head'), teacher), 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, await propose(caseId, assignmentId('school-teacher'), head), 403, 'NOT_LEAD_ORGANISATION')
  await created(propose(caseId, member, manager))
})

test('the successor is a colleague in an active assignment who can lead a case', async () => {
  const caseId = await openCase(server)
  const [later, over] = [await colleague({ startsOn: 5 }), await colleague({ endsOn: -1 })]
  const absent = await colleague()
  await server.sql(`update samsyn.users set active = false where id = '${absent.user}'`)
  for (const [successor, code] of [
    [assignmentId('school-teacher'), 'INVALID_REFERENCE'], [unknownId(), 'INVALID_REFERENCE'],
    [assignmentId('social-case-worker'), 'UNPROCESSABLE'], [assignmentId('social-auditor'), 'UNPROCESSABLE'],
    [assignmentId('organisation-admin'), 'UNPROCESSABLE'], [later, 'UNPROCESSABLE'], [over, 'UNPROCESSABLE'], [absent, 'UNPROCESSABLE']
  ]) {
    const reply = await propose(caseId, successor)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/successorAssignmentId'])
  }
})

test('a closed case is not handed over', async () => {
  const caseId = await openCase(server)
  const handover = await proposed(caseId, assignmentId('social-manager'))
  await worker.post(`/cases/${caseId}/closures`, why, { status: 201 })

  await deniedOnce(server, await accept(handover, manager), 409, 'CASE_CLOSED')
  await deniedOnce(server, await propose(caseId, assignmentId('social-manager')), 409, 'CASE_CLOSED')
})

test('my list holds what was offered to me, by state and by pages; the case\'s list all of it', async () => {
  const successor = await colleague()
  const by = acting(server, successor.person)
  const cases = [await openCase(server), await openCase(server), await openCase(server)]
  for (const caseId of cases) await proposed(caseId, successor)
  const list = async status => (await by.get('/handovers', { query: { status }, status: 200 })).body.handovers
  await created(accept((await list('pending')).find(one => one.caseId === cases[0]), by))

  assert.deepEqual((await list('pending')).map(one => one.caseId), [cases[2], cases[1]])
  assert.deepEqual((await list('accepted')).map(one => one.caseId), [cases[0]])
  const own = await manager.get(`/cases/${cases[0]}/handovers`, { status: 200 })
  assert.deepEqual(own.body.handovers.map(one => [one.status, one.checklist]), [['accepted', checklist]])
  await pages(by, '/handovers', 'handovers')
  assert.deepEqual((await head.get('/handovers', { status: 200 })).body.handovers, [])
})

test('other organisations in the case see nothing of its handovers', async () => {
  const { caseId } = await jointCase(server)
  const handover = await proposed(caseId, assignmentId('social-manager'))

  assert.deepEqual((await teacher.get(`/cases/${caseId}/handovers`, { status: 200 })).body.handovers, [])
  await deniedOnce(server, await teacher.get(`/handovers/${handover.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await accept(handover, head), 404, 'NOT_FOUND')
})

test('an assignment that leads an open case does not end before the case has been taken over', async () => {
  const { person, assignment, caseId } = await leader()
  const own = acting(server, person)
  await deniedOnce(server, await endAssignment(assignment), 403, 'HANDOVER_REQUIRED')
  await deniedOnce(server, await endAssignment(assignment, system), 403, 'HANDOVER_REQUIRED')
  await deniedOnce(server, await setEnd(assignment, day(10)), 403, 'HANDOVER_REQUIRED')
  assert.equal((await own.get(`/cases/${caseId}`)).status, 200)

  // An offer alone does not free them.
  const handover = await proposed(caseId, assignmentId('social-case-worker'), own)
  await deniedOnce(server, await endAssignment(assignment), 403, 'HANDOVER_REQUIRED')
  await created(accept(handover, worker))

  assert.equal((await setEnd(assignment, day(10))).status, 200)
  // A later end is never held up.
  assert.equal((await setEnd(assignment, day(20))).status, 200)
  assert.equal((await endAssignment(assignment)).status, 201)
  assert.equal((await own.get(`/cases/${caseId}`)).body.code, 'ASSIGNMENT_REQUIRED')
})

test('each of the cases must be taken over, but not those that are closed', async () => {
  const { person, assignment, caseId } = await leader()
  const own = acting(server, person)
  const [second, closed] = [await openCase(server, { person }), await openCase(server, { person })]
  await own.post(`/cases/${closed}/closures`, why, { status: 201 })
  await created(accept(await proposed(caseId, assignmentId('social-case-worker'), own), worker))

  await deniedOnce(server, await endAssignment(assignment), 403, 'HANDOVER_REQUIRED')
  await created(accept(await proposed(second, assignmentId('social-case-worker'), own), worker))

  assert.equal((await endAssignment(assignment)).status, 201)
})

test('who leads an open case is not taken off its team', async () => {
  const caseId = await openCase(server)
  const list = () => manager.get(`/cases/${caseId}/team-members`, { status: 200 })
  const [member] = (await list()).body.teamMembers

  await deniedOnce(server, await manager.post(`/team-members/${member.id}/endings`, {}), 403, 'HANDOVER_REQUIRED')
  await created(accept(await proposed(caseId, assignmentId('social-manager')), manager))

  assert.equal((await manager.post(`/team-members/${member.id}/endings`, {})).status, 201)
  await deniedOnce(server, await worker.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('with a recorded waiver the cases pass to who leads the unit, and the assignment can end', async () => {
  const { person, assignment, caseId } = await leader()
  const second = await openCase(server, { person })

  const reply = await created(waive(assignment))

  const { userName, caseCount, caseIds, waivedBy, reason } = reply.body
  assert.match(userName, /^Test Person/)
  assert.deepEqual({ caseCount, caseIds, waivedBy, reason }, { caseCount: 2, caseIds: [caseId, second].sort(), waivedBy: 'Mikael Granlund', ...why })
  assert.deepEqual(relations(reply), ['assignment', 'self'])
  await allowedOnce(server, reply, [], [reply.body.id], { activity: 'write' })
  assert.equal(await leadOf(caseId), assignmentId('social-manager'))
  assert.equal((await endAssignment(assignment)).status, 201)
  const list = await manager.get(`/assignments/${assignment}/handover-waivers`, { status: 200 })
  assert.deepEqual(list.body.handoverWaivers.map(one => one.id), [reply.body.id])
})

test('a waiver is for the one who leads the unit or one above it, and never for their own cases', async () => {
  const { assignment, caseId } = await leader()
  const beside = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
  const above = await hire(server, { unit: SOCIAL_UNIT, role: 'unit-manager' })
  const below = await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values (samsyn.uuid7(), '${SOCIAL_UNIT}', 'unit', 'Under')`)
    .then(() => server.sql('select id from samsyn.organisations where name = \'Under\''))
  const deep = await leader({ unit: below[0].id })

  await deniedOnce(server, await waive(assignment, worker), 403, 'ROLE_NOT_ALLOWED')
  for (const by of [admin, system]) await deniedOnce(server, await waive(assignment, by), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await waive(assignment, acting(server, beside.person)), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await waive(assignment, head), 404, 'NOT_FOUND')
  await openCase(server, { person: above.person })
  await deniedOnce(server, await waive(above.assignment, acting(server, above.person)), 403, 'ROLE_NOT_ALLOWED')

  // A unit without a leader of its own: the nearest above steps in.
  await created(waive(deep.assignment))
  assert.equal(await leadOf(deep.caseId), assignmentId('social-manager'))
  assert.equal((await server.sql(`select lead_assignment_id as id from samsyn.cases where id = '${caseId}'`))[0].id, assignment)
  await deniedOnce(server, await waive(deep.assignment), 409, 'CONFLICT')
})

test('the administrator who ends the assignment learns nothing of the cases', async () => {
  const { assignment, caseId } = await leader()

  const refused = await endAssignment(assignment)

  assert.deepEqual(Object.keys(refused.body).sort(), ['code', 'instance', 'status', 'title', 'traceId', 'type'])
  assert.ok(!refused.text.includes(caseId))
  await created(waive(assignment))
  await deniedOnce(server, await admin.get(`/assignments/${assignment}/handover-waivers`), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await admin.get('/outstanding-handovers'), 403, 'ROLE_NOT_ALLOWED')
})

test('who leads the unit sees which cases soon have nobody, the most urgent first', async () => {
  const unitLeader = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
  const by = acting(server, unitLeader.person)
  const staff = async more => leader({ unit: unitLeader.unit, ...more })
  const [soon, far, ever] = [await staff({ endsOn: 30 }), await staff({ endsOn: 31 }), await staff({})]
  const [gone, early, blocked] = [await staff({}), await staff({}), await staff({})]
  // Half past midnight in Sweden is the day before in UTC.
  await server.sql(`update samsyn.assignments set ends_on = samsyn.today() - 3 where id = '${gone.assignment}';
    set session_replication_role = replica;
    update samsyn.assignments set ended_at = '${swedish(day(-3), '00:30')}' where id = '${early.assignment}';
    set session_replication_role = origin;
    update samsyn.users set active = false where id = '${blocked.user}'`)
  const list = async () => (await by.get('/outstanding-handovers', { status: 200 })).body.outstandingHandovers

  assert.deepEqual((await list()).map(one => [one.id, one.cause, one.endsOn]),
    [[gone.caseId, 'ended', day(-3)], [early.caseId, 'ended', undefined], [soon.caseId, 'ends', day(30)], [blocked.caseId, 'not-active', undefined]])
  await allowedOnce(server, await by.get('/outstanding-handovers'), [ALVA], [gone, early, soon, blocked].map(one => one.caseId))
  try {
    await moveClock(server, `${day(1)}T12:00:00+01:00`)
    assert.deepEqual((await list()).map(one => one.id), [gone, early, soon, far, blocked].map(one => one.caseId))
  } finally {
    await restoreClock(server)
  }
  await pages(by, '/outstanding-handovers', 'outstandingHandovers')

  // The manager hands over what has nobody left to hand it over.
  await created(accept(await proposed(gone.caseId, ever, by), acting(server, ever.person)))
  assert.ok(!(await list()).some(one => one.id === gone.caseId))
  assert.deepEqual((await head.get('/outstanding-handovers', { status: 200 })).body.outstandingHandovers, [])
})

test('a new holder of the function sees the cases of the unit at once', async () => {
  const { caseId } = await leader()
  const record = await writeRecord(server, 'social-manager', caseId)
  const successor = await colleague({ role: 'unit-manager' })

  assert.equal((await acting(server, successor.person).get(`/records/${record.id}`)).status, 200)
})

test('an assignment that ends while a case is being handed to it, or opened in it, does not leave the case behind', async () => {
  for (let round = 0; round < 6; round++) {
    const caseId = await openCase(server)
    const successor = await colleague()
    const by = acting(server, successor.person)
    const handover = await proposed(caseId, successor)

    const [accepted, opened, ended] = await Promise.all([
      accept(handover, by), by.call('createCase', { body: { subjectId: ALVA, title: 'Joint support' } }), endAssignment(successor.assignment)])

    const [{ left }] = await server.sql(`select count(*)::int as left from samsyn.cases c join samsyn.assignments a on a.id = c.lead_assignment_id
      where a.id = '${successor.assignment}' and a.ended_at is not null`)
    assert.equal(left, 0, `${accepted.status} ${opened.status} ${ended.status}`)
    if (ended.status === 403) assert.equal(ended.body.code, 'HANDOVER_REQUIRED')
  }
})

test('of two answers at once one counts', async () => {
  for (let round = 0; round < 6; round++) {
    const caseId = await openCase(server)
    const successor = await colleague()
    const by = acting(server, successor.person)
    const handover = await proposed(caseId, successor)

    const replies = await Promise.all([accept(handover, by), decline(handover, by), withdraw(handover), accept(handover, by)])

    assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(),
      ['201', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED'])
    const { status } = (await worker.get(`/handovers/${handover.id}`, { status: 200 })).body
    assert.equal(await leadOf(caseId), status === 'accepted' ? successor.assignment : assignmentId('social-case-worker'))
  }
})

test('offers, answers and waivers are carried out once', async () => {
  const [one, two] = [await openCase(server), await openCase(server)]
  const on = (caseId, more) => ({ path: { caseId }, body: draft(assignmentId('social-manager'), more) })
  const first = await answersOnce(server, 'social-case-worker', 'createHandover', on(one), on(one, { reason: 'Other.' }))
  const second = await proposed(two, assignmentId('social-manager'))
  const at = (id, body = {}) => ({ path: { handoverId: id }, body })
  await answersOnce(server, 'social-case-worker', 'withdrawHandover', at(first.body.id, why), at(second.id, why))
  await answersOnce(server, 'social-manager', 'declineHandover', at(second.id, why), at(first.body.id, why))
  const third = await proposed(one, assignmentId('social-manager'))
  await answersOnce(server, 'social-manager', 'acceptHandover', at(third.id), at(second.id))
  const [left, right] = [await leader(), await leader()]
  const of = person => ({ path: { assignmentId: person.assignment }, body: why })
  await answersOnce(server, 'social-manager', 'waiveHandover', of(left), of(right))
})

test('nobody without a relation learns of a handover', async () => {
  const caseId = await openCase(server)
  const handover = await proposed(caseId, assignmentId('social-manager'))
  const path = { handoverId: handover.id }
  await hiddenFromStrangers(server, 'listHandoversOfCase', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createHandover', { path: { caseId }, body: draft(assignmentId('clinic-psychologist')) }, unknownId())
  await hiddenFromStrangers(server, 'getHandover', { path }, unknownId())
  await hiddenFromStrangers(server, 'acceptHandover', { path, body: {} }, unknownId())
  await hiddenFromStrangers(server, 'declineHandover', { path, body: why }, unknownId())
  await hiddenFromStrangers(server, 'withdrawHandover', { path, body: why }, unknownId())
  const assignment = { assignmentId: assignmentId('social-case-worker') }
  await hiddenFromStrangers(server, 'waiveHandover', { path: assignment, body: why }, unknownId())
  await hiddenFromStrangers(server, 'listHandoverWaivers', { path: assignment }, unknownId())
  await deniedOnce(server, await acting(server, 'social-auditor').get('/handovers'), 403, 'ROLE_NOT_ALLOWED')
})

test('what does not follow the contract is refused', async () => {
  const caseId = unknownId()
  await refusesMalformedId(worker, 'getHandover', 'handoverId')
  for (const operation of ['listHandovers']) await refusesStrayQuery(worker, operation)
  await refusesStrayQuery(manager, 'listOutstandingHandovers')
  await refusesStrayQuery(worker, 'listHandoversOfCase', { path: { caseId } })
  await refusesStrayQuery(manager, 'listHandoverWaivers', { path: { assignmentId: unknownId() } })
  await refusesBodies(worker, 'createHandover', { path: { caseId } }, [
    [{}, '/body/checklist', '/body/reason', '/body/successorAssignmentId'],
    [draft(unknownId(), { checklist: { openTasks: 'x', agreements: 'x', plans: ' ' } }), '/body/checklist/contacts', '/body/checklist/plans'],
    [draft(unknownId(), { predecessorAssignmentId: unknownId() }), '/body/predecessorAssignmentId']
  ])
  await refusesBodies(worker, 'acceptHandover', { path: { handoverId: unknownId() } }, [[{ at: day() }, '/body/at']])
  for (const operation of ['declineHandover', 'withdrawHandover']) await refusesBodies(worker, operation, { path: { handoverId: unknownId() } }, [[{}, '/body/reason']])
  await refusesBodies(manager, 'waiveHandover', { path: { assignmentId: unknownId() } }, [[{ reason: '' }, '/body/reason']])
  assert.deepEqual(operationsOf('Handovers'), ['acceptHandover', 'createHandover', 'declineHandover', 'getHandover', 'listHandoverWaivers',
    'listHandovers', 'listHandoversOfCase', 'listOutstandingHandovers', 'waiveHandover', 'withdrawHandover'])
})
