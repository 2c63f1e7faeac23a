// Investigations: four months from the decision, what is recorded on the way, and who sees more than that one is open.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { assess, decide, decided, heard, identify, opening, receivedOf, report, unheard } from '../support/concern.mjs'
import { assignmentId, day, endOfFebruary, latest, SCHOOL, SOCIAL, userId } from '../support/demo.mjs'
import { answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, deniedOnce, hiddenFromStrangers, jointCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
afterEach(() => restoreClock(server))

const path = ({ id }) => ({ investigationId: id })
const read = async (person, one) => (await person.call('getInvestigation', { path: path(one) }, { status: 200 })).body
const step = (person, operation, one, body) => person.call(operation, { path: path(one), body })
const done = async (operation, one, body) => (await worker.call(operation, { path: path(one), body }, { status: 201 })).body
const pointer = reply => reply.body.errors.map(error => error.pointer)
const met = async ({ id }, rule) => (await server.sql(`select met_at is not null as met from samsyn.deadlines where resource_id = '${id}' and rule = '${rule}'`))[0].met

const extension = (until, more = {}) => ({ until, reason: 'The assessment comes in April.', childView: heard, ...more })
const closure = (more = {}) => ({
  childNeeds: 'Safety and a steady adult.', parentsCapacity: 'The mother can with support.', howMet: 'Support in the family.',
  outcome: 'intervention', childView: unheard, bestInterests: 'To stay at home with support.', ...more
})

async function opened() {
  const child = await registerChild(server, { years: 9 })
  const { received } = await decided(server, opening(), { subjectId: child.id })
  return { id: received.investigationId, caseId: received.caseId, childId: child.id }
}

// One on a case in which the school takes part and has a team.
async function openedTogether() {
  const child = await registerChild(server, { years: 9 })
  const joint = await jointCase(server, { subjectId: child.id })
  const received = await receivedOf(server, await report(server, 'clinic-psychologist'))
  await assess(server, received)
  await identify(server, received, child.id)
  const { caseTitle, ...draft } = opening({ caseId: joint.caseId })
  return { id: (await decide(server, received, draft)).investigationId, caseId: joint.caseId, childId: child.id, received }
}

test('these are the operations of investigations', () => {
  assert.deepEqual(operationsOf('Investigations'), ['closeInvestigation', 'extendInvestigation', 'getInvestigation', 'informOnInvestigation',
    'listInvestigations', 'listInvestigationsOfCase', 'registerCareApplication'])
})

test('an investigation ends within four months of its opening, right at the end of a month', async () => {
  const today = latest('10-31')
  await moveClock(server, `${today}T23:30:00+01:00`)
  const one = await opened()

  const reply = await worker.call('getInvestigation', { path: path(one) }, { status: 200 })

  const { _links, openedAt, updatedAt, ...said } = reply.body
  assert.deepEqual(said, {
    id: one.id, caseId: one.caseId, organisationId: SOCIAL, organisationName: 'Socialnämnden i Granby', state: 'open', shown: 'full',
    subjectId: one.childId, openedBy: 'Sara Lindalm', dueOn: endOfFebruary(today)
  })
  assert.deepEqual(relations(reply), ['case', 'close', 'extend', 'inform', 'registerCareApplication', 'self'])
  await allowedOnce(server, reply, [one.childId], [one.id], { activity: 'read', grounds: [] })
  await readsConditionally(worker, `/investigations/${one.id}`)
})

test('it is extended for a set time, forward', async () => {
  const one = await opened()
  const { dueOn } = await read(worker, one)

  const early = await step(worker, 'extendInvestigation', one, extension(dueOn))
  await deniedOnce(server, early, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointer(early), ['/body/until'])
  const made = await done('extendInvestigation', one, extension(day(200)))

  assert.equal(made.dueOn, day(200))
  assert.deepEqual(made.extensions.map(({ decidedAt, ...said }) => said), [{ ...extension(day(200)), decidedBy: 'Sara Lindalm' }])
  assert.equal((await done('extendInvestigation', one, extension(day(230)))).dueOn, day(230))
})

test('those affected are told at once, or it is said why not', async () => {
  const [told, withheld] = [await opened(), await opened()]

  const one = await done('informOnInvestigation', told, { informed: ['child', 'guardian'], text: 'By telephone.' })
  const other = await done('informOnInvestigation', withheld, { withheldReason: 'Guardians must not be contacted yet.' })

  assert.deepEqual(one.notices.map(({ givenAt, ...said }) => said), [{ informed: ['child', 'guardian'], text: 'By telephone.', givenBy: 'Sara Lindalm' }])
  assert.deepEqual(other.notices.map(({ givenAt, ...said }) => said), [{ informed: [], withheldReason: 'Guardians must not be contacted yet.', givenBy: 'Sara Lindalm' }])
  assert.deepEqual([await met(told, 'INFORM_ON_INVESTIGATION'), await met(withheld, 'INFORM_ON_INVESTIGATION')], [true, false])
})

test('an application for care is registered with its date alone', async () => {
  const one = await opened()
  await refusesBodies(worker, 'registerCareApplication', { path: path(one) }, [[{ appliedOn: day(), reason: 'x' }, '/body/reason'], [{}, '/body/appliedOn']])

  const coming = await step(worker, 'registerCareApplication', one, { appliedOn: day(1) })
  await deniedOnce(server, coming, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointer(coming), ['/body/appliedOn'])
  const made = await done('registerCareApplication', one, { appliedOn: day(-1) })

  assert.deepEqual(made.careApplications.map(({ registeredAt, ...said }) => said), [{ appliedOn: day(-1), registeredBy: 'Sara Lindalm' }])
})

test('it is closed once, with what was found, and nothing is added after', async () => {
  const one = await opened()

  const made = await worker.call('closeInvestigation', { path: path(one), body: closure() }, { status: 201 })

  const { closedAt, ...said } = made.body.closure
  assert.deepEqual(said, { ...closure(), closedBy: 'Sara Lindalm' })
  assert.equal(made.body.state, 'closed')
  assert.deepEqual(relations(made), ['case', 'self'])
  await allowedOnce(server, made, [one.childId], [one.id], { activity: 'write' })
  assert.equal(await met(one, 'CHILD_INVESTIGATION'), true)
  for (const [operation, body] of [
    ['closeInvestigation', closure()], ['extendInvestigation', extension(day(300))], ['informOnInvestigation', { informed: ['child'] }],
    ['registerCareApplication', { appliedOn: day() }]
  ]) await deniedOnce(server, await step(worker, operation, one, body), 409, 'ALREADY_ENDED')
})

test('of several closures at once one stands', async () => {
  for (let round = 0; round < 4; round++) {
    const one = await opened()
    const replies = await Promise.all([worker, manager, worker].map(person => step(person, 'closeInvestigation', one, closure())))
    assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(), ['201', '409 ALREADY_ENDED', '409 ALREADY_ENDED'])
  }
})

test('a child has another investigation once the first is closed', async () => {
  const one = await opened()
  await done('closeInvestigation', one, closure({ outcome: 'no-intervention' }))
  const { received } = await decided(server, opening(), { subjectId: one.childId })
  assert.notEqual(received.investigationId, one.id)
})

test('others on the case see that it is open or closed, and nothing else', async () => {
  const one = await openedTogether()
  const first = await teacher.call('getInvestigation', { path: path(one) }, { status: 200 })
  await done('informOnInvestigation', one, { informed: ['child'], text: 'By telephone.' })
  await done('extendInvestigation', one, extension(day(200)))
  await done('registerCareApplication', one, { appliedOn: day() })
  const status = state => ({ id: one.id, caseId: one.caseId, organisationId: SOCIAL, organisationName: 'Socialnämnden i Granby', state, shown: 'status' })

  const seen = await teacher.call('getInvestigation', { path: path(one) }, { status: 200 })

  const { _links, ...said } = seen.body
  assert.deepEqual(said, status('open'))
  assert.equal(seen.etag, first.etag, 'the entity tag counts what others may not see')
  assert.deepEqual(relations(seen), ['case', 'self'])
  await allowedOnce(server, seen, [one.childId], [one.id], { grounds: ['CONSENT'], concerned_ids: [SOCIAL] })
  const listed = (await head.get(`/cases/${one.caseId}/investigations`, { status: 200 })).body.investigations
  assert.deepEqual(listed.map(({ _links, ...rest }) => rest), [status('open')])
  await done('closeInvestigation', one, closure())
  assert.equal((await read(teacher, one)).state, 'closed')
  for (const [operation, body] of [
    ['closeInvestigation', closure()], ['extendInvestigation', extension(day(300))], ['informOnInvestigation', { informed: ['child'] }],
    ['registerCareApplication', { appliedOn: day() }]
  ]) await deniedOnce(server, await step(head, operation, one, body), 403, 'NOT_OWNER', { concerned_ids: [SOCIAL] })
  refused(await worker.call('getConcernReport', { path: { concernReportId: unknownId() } }), 404, 'NOT_FOUND')
  refused(await head.call('getConcernReport', { path: { concernReportId: one.received.id } }), 404, 'NOT_FOUND')
})

test('the status is not told any more to an agency that has left the case', async () => {
  const one = await openedTogether()
  const [{ id }] = await server.sql(`select id from samsyn.participants where case_id = '${one.caseId}' and organisation_id = '${SCHOOL}'`)
  await head.post(`/participants/${id}/endings`, { reason: 'Moved.' }, { status: 201 })

  await deniedOnce(server, await step(teacher, 'getInvestigation', one), 404, 'NOT_FOUND')
  await deniedOnce(server, await step(head, 'getInvestigation', one), 404, 'NOT_FOUND')
  assert.deepEqual((await head.get('/investigations', { query: { limit: 100 }, status: 200 })).body.investigations.filter(other => other.id === one.id), [])
})

test('a colleague who is not on the team sees none of it, nor does whoever is excluded', async () => {
  const one = await opened()
  await server.sql(`update samsyn.team_members set ended_at = now(), ended_by = assignment_id where case_id = '${one.caseId}'`)
  refused(await step(worker, 'getInvestigation', one), 404, 'NOT_FOUND')
  assert.equal((await read(manager, one)).id, one.id)
  await server.sql(`insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
    values (samsyn.uuid7(), '${one.caseId}', '${one.childId}', '${SOCIAL}', '${userId('social-manager')}', 'kinship', 'Uncle.', '${assignmentId('social-manager')}')`)
  refused(await step(manager, 'getInvestigation', one), 404, 'NOT_FOUND')
})

test('the report that led to it is seen by the team of its case', async () => {
  const one = await openedTogether()
  assert.equal((await worker.call('getConcernReport', { path: { concernReportId: one.received.id } }, { status: 200 })).body.caseId, one.caseId)
})

test('they are listed by case and for all of one’s cases, newest first', async () => {
  const first = await opened()
  await done('closeInvestigation', first, closure())
  const { received } = await decided(server, { ...opening(), caseTitle: undefined, caseId: first.caseId }, { subjectId: first.childId })
  const both = [received.investigationId, first.id]
  const ids = async (url, query = {}) => (await worker.get(url, { query: { limit: 100, ...query }, status: 200 })).body.investigations.map(one => one.id)

  assert.deepEqual(await ids(`/cases/${first.caseId}/investigations`), both)
  assert.deepEqual(await ids(`/cases/${first.caseId}/investigations`, { state: 'open' }), [both[0]])
  assert.deepEqual((await ids('/investigations')).slice(0, 2), [both[0], ...(await ids('/investigations')).slice(1, 2)])
  assert.ok((await ids('/investigations', { state: 'closed' })).includes(first.id))
  await pages(worker, '/investigations', 'investigations')
  await refusesStrayQuery(worker, 'listInvestigations')
  await refusesStrayQuery(worker, 'listInvestigationsOfCase', { path: { caseId: first.caseId } })
  await refusesMalformedId(worker, 'getInvestigation', 'investigationId')
  for (const [operation, body] of [['closeInvestigation', {}], ['extendInvestigation', { until: 'soon' }], ['informOnInvestigation', { informed: [] }]]) {
    refused(await step(worker, operation, first, body), 400, 'INVALID_REQUEST')
  }
})

test('each step is carried out once', async () => {
  const one = await opened()
  const once = (operation, first, other) => answersOnce(server, 'social-case-worker', operation, { path: path(one), body: first }, { path: path(one), body: other })

  await once('extendInvestigation', extension(day(200)), extension(day(201)))
  await once('informOnInvestigation', { informed: ['child'] }, { informed: ['guardian'] })
  await once('registerCareApplication', { appliedOn: day() }, { appliedOn: day(-1) })
  const made = await once('closeInvestigation', closure(), closure({ howMet: 'Otherwise.' }))
  assert.deepEqual([made.body.extensions.length, made.body.notices.length, made.body.careApplications.length], [1, 1, 1])
})

test('nobody without a relation learns of an investigation', async () => {
  const one = await opened()
  await hiddenFromStrangers(server, 'getInvestigation', { path: path(one) }, unknownId())
  await hiddenFromStrangers(server, 'listInvestigationsOfCase', { path: { caseId: one.caseId } }, unknownId())
  for (const [operation, body] of [
    ['closeInvestigation', closure()], ['extendInvestigation', extension(day(300))], ['informOnInvestigation', { informed: ['child'] }],
    ['registerCareApplication', { appliedOn: day() }]
  ]) await hiddenFromStrangers(server, operation, { path: path(one), body }, unknownId())
  await deniedOnce(server, await acting(server, 'school-auditor').get('/investigations'), 403, 'ROLE_NOT_ALLOWED')
})
