// Deadlines: how the time of a rule is counted, what falls due for whom, and what becomes of it.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { ALVA, assignmentId, day, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import { answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, appoint, deniedOnce, hiddenFromStrangers, jointCase, openCase } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')

await server.sql(`insert into samsyn.deadline_rules (code, valid_from, valid_until, provision, trigger_event, duration, statute_word, extension, responsible) values
  ('TEST_MONTHS', '2020-01-01', '2026-06-30', 'Old act 1 §', 'Something', 'P3M', 'inom tre månader', 'for special reasons', 'SOCIAL_SERVICES'),
  ('TEST_MONTHS', '2026-07-01', null, 'Act 2 §', 'Something', 'P4M', 'inom fyra månader', 'for special reasons', 'SOCIAL_SERVICES'),
  ('TEST_DAYS', '2020-01-01', null, 'Act 3 §', 'Something', 'P14D', 'inom fjorton dagar', 'none; it lapses', 'SOCIAL_SERVICES'),
  ('TEST_AT_ONCE', '2020-01-01', null, 'Act 4 §', 'Something', 'immediately', 'genast', 'none', 'SOCIAL_SERVICES'),
  ('TEST_HOURS', '2020-01-01', null, 'Act 5 §', 'Something', 'PT72H', null, 'reasons to be given', 'controller')`)
afterEach(() => restoreClock(server))

const register = (caseId, body, person = worker, status = 201) => person.call('createDeadline', { path: { caseId }, body }, { status })
const task = (more = {}) => ({ label: 'Send the plan', dueOn: day(14), ...more })
const read = async ({ id }, person = worker) => (await person.get(`/deadlines/${id}`, { status: 200 })).body
const listed = async (query, person = worker) => (await person.get('/deadlines', { query: { limit: 100, ...query }, status: 200 })).body.deadlines.map(one => one.id)
const complete = (deadline, person = worker) => person.post(`/deadlines/${deadline.id}/completions`, {})
const extend = (deadline, until, person = worker) => person.post(`/deadlines/${deadline.id}/extensions`, { until, reason: 'The expert is awaited.' })

// What another part of the server starts about a thing of its own.
async function started(rule, caseId, unit = SOCIAL_UNIT) {
  const resource = unknownId()
  await server.sql(`select samsyn.start_deadline('${rule}', '${resource}', ${caseId ? `'${caseId}'` : 'null'}, null, '${unit}', samsyn.now())`)
  const [row] = await server.sql(`select id from samsyn.deadlines where resource_id = '${resource}'`)
  return { id: row.id, resource }
}

test('an event is registered by its day, and the server counts the time of the rule from it', async () => {
  const caseId = await openCase(server)
  await moveClock(server, '2037-11-21T12:00:00+01:00')

  const made = await register(caseId, { rule: 'TEST_MONTHS', triggeredOn: '2037-10-31' })

  const { id, _links, updatedAt, ...said } = made.body
  assert.deepEqual(said, {
    rule: 'TEST_MONTHS', provision: 'Act 2 §', statuteWord: 'inom fyra månader', duration: 'P4M', extension: 'for special reasons',
    organisationId: SOCIAL, unitId: SOCIAL_UNIT, unitName: said.unitName, caseId, subjectId: ALVA, triggeredAt: '2037-10-30T23:00:00.000Z',
    dueOn: '2038-02-28', dueAt: '2038-02-28T23:00:00.000Z', state: 'running', daysLeft: 99, extendable: true, completable: true, createdBy: 'Sara Lindalm'
  })
  assert.deepEqual(relations(made), ['case', 'complete', 'extend', 'self'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write' })
})

test('the wording of the rule on that day counts, and stays as it read', async () => {
  const caseId = await openCase(server)

  const before = await register(caseId, { rule: 'TEST_MONTHS', triggeredOn: '2026-06-30' })
  const after = await register(caseId, { rule: 'TEST_MONTHS', triggeredOn: '2026-07-01' })
  await server.sql("update samsyn.deadline_rules set provision = 'Renamed' where code = 'TEST_MONTHS' and valid_from = '2020-01-01'")

  assert.deepEqual([before.body.provision, before.body.dueOn], ['Old act 1 §', '2026-09-30'])
  assert.deepEqual([after.body.provision, after.body.dueOn], ['Act 2 §', '2026-11-01'])
  assert.equal((await read(before.body)).provision, 'Old act 1 §')
})

test('a task of the own organisation has a label and a day, and stays open while others work', async () => {
  const { caseId } = await jointCase(server)

  const made = await register(caseId, task({ label: 'Adapt the teaching' }), head)

  assert.deepEqual([made.body.label, made.body.dueOn, made.body.rule, made.body.provision, made.body.unitId], ['Adapt the teaching', day(14), undefined, undefined, SCHOOL_UNIT])
  assert.deepEqual(await listed({ caseId }, teacher), [made.body.id])
  assert.deepEqual(await listed({ caseId }), [])
})

test('a deadline runs to midnight in Sweden, is late from then on, and may be met late', async () => {
  const caseId = await openCase(server)
  await moveClock(server, '2038-02-14T23:30:00+01:00')
  const made = (await register(caseId, { rule: 'TEST_DAYS', triggeredOn: '2038-02-14' })).body
  const states = []

  for (const moment of ['2038-02-27T12:00:00+01:00', '2038-02-28T23:45:00+01:00', '2038-03-01T00:00:00+01:00', '2038-03-02T00:30:00+01:00']) {
    await moveClock(server, moment)
    const { state, daysLeft } = await read(made)
    states.push([state, daysLeft])
  }
  const met = await complete(made)

  assert.deepEqual(states, [['running', 1], ['running', 0], ['late', -1], ['late', -2]])
  assert.deepEqual([met.body.state, met.body.metLate, met.body.metAt.slice(0, 14), met.body.metBy, met.body.daysLeft], ['met', true, '2038-03-01T23:', 'Sara Lindalm', undefined])
  assert.deepEqual(relations(met), ['case', 'self'])
  await allowedOnce(server, met, [ALVA], [made.id], { activity: 'write' })
  await deniedOnce(server, await complete(made), 409, 'ALREADY_ENDED')
})

test('at once is the same legal day, and hours are hours across the change of the clocks', async () => {
  const caseId = await openCase(server)
  await moveClock(server, '2038-03-26T23:30:00+01:00')

  const atOnce = (await register(caseId, { rule: 'TEST_AT_ONCE', triggeredOn: '2038-03-26' })).body
  const hours = (await register(caseId, { rule: 'TEST_HOURS', triggeredOn: '2038-03-26' })).body

  assert.deepEqual([atOnce.dueOn, atOnce.dueAt, atOnce.daysLeft], ['2038-03-26', '2038-03-26T23:00:00.000Z', 0])
  assert.deepEqual([hours.dueOn, hours.dueAt], ['2038-03-29', '2038-03-28T23:00:00.000Z'])
  await moveClock(server, '2038-03-27T00:00:00+01:00')
  assert.equal((await read(atOnce)).state, 'late')
})

test('a decision extends it for a set time and is kept with its reason', async () => {
  const caseId = await openCase(server)
  await moveClock(server, '2038-01-15T10:00:00+01:00')
  const made = (await register(caseId, { rule: 'TEST_MONTHS', triggeredOn: '2037-10-31' })).body

  const extended = await extend(made, '2038-03-31')
  await moveClock(server, '2038-03-15T10:00:00+01:00')
  const again = await extend(made, '2038-04-30')

  assert.equal(extended.status, 201, extended.text)
  assert.deepEqual([extended.body.state, extended.body.dueOn, extended.body.dueAt], ['extended', '2038-03-31', '2038-03-31T22:00:00.000Z'])
  assert.deepEqual(again.body.extensions.map(({ decidedAt, ...one }) => ({ ...one, decidedOn: decidedAt.slice(0, 10) })), [
    { until: '2038-03-31', reason: 'The expert is awaited.', decidedOn: '2038-01-15', decidedBy: 'Sara Lindalm' },
    { until: '2038-04-30', reason: 'The expert is awaited.', decidedOn: '2038-03-15', decidedBy: 'Sara Lindalm' }])
  await moveClock(server, '2038-05-01T00:00:00+02:00')
  assert.equal((await read(made)).state, 'late')
})

test('no extension where the rule knows of none, to no earlier day, and of nothing that is met', async () => {
  const caseId = await openCase(server)
  const fixed = (await register(caseId, { rule: 'TEST_DAYS', triggeredOn: day() })).body
  const open = (await register(caseId, { rule: 'TEST_MONTHS', triggeredOn: day() })).body
  const met = (await complete((await register(caseId, task())).body)).body

  const unextendable = await extend(fixed, day(60))
  const earlier = await extend(open, open.dueOn)

  await deniedOnce(server, unextendable, 422, 'UNPROCESSABLE', { resource_ids: [fixed.id] })
  refused(earlier, 422, 'UNPROCESSABLE')
  for (const reply of [unextendable, earlier]) assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/until'])
  await deniedOnce(server, await extend(met, day(60)), 409, 'ALREADY_ENDED')
  assert.deepEqual([(await read(fixed)).extendable, (await read(fixed)).extensions], [false, undefined])
  assert.deepEqual(relations(await worker.get(`/deadlines/${fixed.id}`)), ['case', 'complete', 'self'])
})

test('what waits for a thing of its own is met by what becomes of that', async () => {
  const caseId = await openCase(server)
  const bound = await started('TEST_DAYS', caseId)

  await deniedOnce(server, await complete(bound), 409, 'CONFLICT')
  assert.deepEqual([(await read(bound)).state, (await read(bound)).completable, (await read(bound)).resourceId], ['running', false, bound.resource])
  await server.sql(`select samsyn.meet_deadlines('TEST_DAYS', '${bound.resource}')`)

  assert.deepEqual([(await read(bound)).state, (await read(bound)).metLate], ['met', false])
})

test('what falls due is listed soonest first, for the case, the team and the unit', async () => {
  const mine = await openCase(server)
  const teams = await openCase(server, { person: 'social-manager' })
  await appoint(server, 'social-manager', teams, 'social-case-worker')
  const late = (await register(mine, { rule: 'TEST_DAYS', triggeredOn: day(-30) })).body.id
  const soon = (await register(mine, task({ dueOn: day(3) }))).body.id
  const met = (await complete((await register(mine, task({ dueOn: day(2) }))).body)).body.id
  const extended = (await extend((await register(mine, { rule: 'TEST_MONTHS', triggeredOn: day() })).body, day(300))).body.id
  const theirs = (await register(teams, task({ dueOn: day(5) }), manager)).body.id
  const units = (await started('TEST_DAYS', null)).id
  const found = async (query, person) => (await listed(query, person)).filter(id => [late, soon, met, extended, theirs, units].includes(id))

  assert.deepEqual(await found({}), [late, soon, theirs, units, extended])
  assert.deepEqual(await found({ scope: 'mine' }), [late, soon, extended])
  assert.deepEqual(await found({ scope: 'team' }), [late, soon, theirs, extended])
  assert.deepEqual(await found({ scope: 'unit' }), [late, soon, theirs, units, extended])
  assert.deepEqual(await found({ scope: 'mine' }, manager), [theirs])
  assert.deepEqual(await found({ dueBefore: day(5) }), [late, soon])
  assert.deepEqual(await found({ dueBefore: day(6) }), [late, soon, theirs])
  assert.deepEqual(await found({ state: 'late' }), [late])
  assert.deepEqual(await found({ state: 'met' }), [met])
  assert.deepEqual(await found({ state: 'extended' }), [extended])
  assert.deepEqual(await found({ state: 'running', caseId: mine }), [soon])
  const ofCase = await worker.get(`/cases/${mine}/deadlines`, { status: 200 })
  assert.deepEqual(ofCase.body.deadlines.map(one => one.id), [late, met, soon, extended])
  await allowedOnce(server, ofCase, [ALVA], [late, met, soon, extended])
  assert.deepEqual((await worker.get(`/cases/${mine}/deadlines`, { query: { state: 'met' } })).body.deadlines.map(one => one.id), [met])
})

test('who receives reports for a unit sees its own without a case; the others on a case do not see them', async () => {
  const { caseId } = await jointCase(server)
  const units = await started('TEST_DAYS', null)
  const schools = await started('TEST_DAYS', null, SCHOOL_UNIT)
  const ours = (await register(caseId, task())).body

  assert.equal((await read(units, manager)).caseId, undefined)
  assert.deepEqual(relations(await worker.get(`/deadlines/${units.id}`)), ['self'])
  assert.equal((await read(schools, head)).organisationId, SCHOOL)
  await deniedOnce(server, await teacher.get(`/deadlines/${schools.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await teacher.get(`/deadlines/${units.id}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await teacher.get(`/deadlines/${ours.id}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await complete(ours, head), 404, 'NOT_FOUND')
  await deniedOnce(server, await extend(ours, day(99), head), 404, 'NOT_FOUND')
  await deniedOnce(server, await complete(ours, teacher), 403, 'ROLE_NOT_ALLOWED')
  assert.equal((await read(ours)).state, 'running')
})

test('whoever is taken off the team sees its deadlines no more', async () => {
  const { caseId } = await jointCase(server)
  const schools = (await register(caseId, task(), head)).body
  assert.equal((await teacher.get(`/deadlines/${schools.id}`)).status, 200)

  await server.sql(`update samsyn.team_members set ended_at = now(), ended_by = assignment_id where case_id = '${caseId}' and assignment_id = '${assignmentId('school-teacher')}'`)

  await deniedOnce(server, await teacher.get(`/deadlines/${schools.id}`), 404, 'NOT_FOUND')
  assert.deepEqual(await listed({ caseId }, teacher), [])
})

test('the client sets neither the due day of a rule nor whose it is nor when it was met', async () => {
  const caseId = await openCase(server)
  const made = (await register(caseId, task())).body

  for (const body of [{ rule: 'TEST_DAYS', triggeredOn: day(), dueOn: day(99) }, { label: 'Task' }, { rule: 'TEST_DAYS' }, { label: 'Task', dueOn: day(), organisationId: SCHOOL },
    { rule: 'TEST_DAYS', triggeredOn: day(), label: 'Task', dueOn: day() }, {}, { label: ' ', dueOn: day() }, { label: 'Task', dueOn: '2026-02-30' }]) {
    refused(await worker.call('createDeadline', { path: { caseId }, body }), 400, 'INVALID_REQUEST')
  }
  await refusesBodies(worker, 'extendDeadline', { path: { deadlineId: made.id } }, [
    [{}, '/body/until', '/body/reason'], [{ until: day(30), reason: '' }, '/body/reason'], [{ until: day(30), reason: 'A', decidedAt: day() }, '/body/decidedAt']])
  await refusesBodies(worker, 'completeDeadline', { path: { deadlineId: made.id } }, [[{ metAt: day() }, '/body/metAt']])
})

test('an event lies not in the future, a task not in the past, and a rule must have held', async () => {
  const caseId = await openCase(server)

  for (const [body, code, pointer] of [
    [{ rule: 'TEST_DAYS', triggeredOn: day(1) }, 'UNPROCESSABLE', '/body/triggeredOn'], [task({ dueOn: day(-1) }), 'UNPROCESSABLE', '/body/dueOn'],
    [{ rule: 'NO_SUCH_RULE', triggeredOn: day() }, 'INVALID_REFERENCE', '/body/rule'], [{ rule: 'TEST_DAYS', triggeredOn: '2019-12-31' }, 'INVALID_REFERENCE', '/body/rule']
  ]) {
    const reply = await worker.call('createDeadline', { path: { caseId }, body })
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  assert.deepEqual(await listed({ caseId }), [])
})

test('nothing is registered on a closed case, but what runs can be met', async () => {
  const caseId = await openCase(server)
  const made = (await register(caseId, task())).body
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await worker.call('createDeadline', { path: { caseId }, body: task() }), 409, 'CASE_CLOSED')
  assert.equal((await complete(made)).status, 201)
})

test('deadlines keep to the habits of the contract', async () => {
  const caseId = await openCase(server)
  const made = (await register(caseId, task())).body
  for (let i = 0; i < 4; i++) await register(caseId, task({ dueOn: day(20 + i) }))
  const ids = ['getDeadline', 'extendDeadline', 'completeDeadline']

  assert.deepEqual(operationsOf('Deadlines'), ['completeDeadline', 'createDeadline', 'extendDeadline', 'getDeadline', 'listDeadlines', 'listDeadlinesOfCase'])
  await readsConditionally(worker, `/deadlines/${made.id}`)
  await pages(worker, '/deadlines', 'deadlines', { caseId })
  await pages(worker, `/cases/${caseId}/deadlines`, 'deadlines')
  await answersOnce(server, 'social-case-worker', 'createDeadline', { path: { caseId }, body: task() }, { path: { caseId }, body: task({ label: 'Other' }) })
  await answersOnce(server, 'social-case-worker', 'extendDeadline', { path: { deadlineId: made.id }, body: { until: day(30), reason: 'A' } }, { path: { deadlineId: made.id }, body: { until: day(40), reason: 'B' } })
  const other = (await register(caseId, task())).body
  await answersOnce(server, 'social-case-worker', 'completeDeadline', { path: { deadlineId: made.id }, body: {} }, { path: { deadlineId: other.id }, body: {} })
  await refusesStrayQuery(worker, 'listDeadlines')
  await refusesStrayQuery(worker, 'listDeadlinesOfCase', { path: { caseId } })
  await refusesMalformedId(worker, 'listDeadlinesOfCase', 'caseId')
  await refusesMalformedId(worker, 'createDeadline', 'caseId', { body: task() })
  for (const id of ids) await refusesMalformedId(worker, id, 'deadlineId', { body: { getDeadline: undefined, extendDeadline: { until: day(30), reason: 'A' }, completeDeadline: {} }[id] })
  await hiddenFromStrangers(server, 'getDeadline', { path: { deadlineId: made.id } }, unknownId())
  await hiddenFromStrangers(server, 'extendDeadline', { path: { deadlineId: made.id }, body: { until: day(90), reason: 'A' } }, unknownId())
  await hiddenFromStrangers(server, 'completeDeadline', { path: { deadlineId: made.id }, body: {} }, unknownId())
  await hiddenFromStrangers(server, 'listDeadlinesOfCase', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createDeadline', { path: { caseId }, body: task() }, unknownId())
  await deniedOnce(server, await acting(server, 'school-auditor').get('/deadlines'), 403, 'ROLE_NOT_ALLOWED')
})

test('two who complete at once: one effect and one conflict', async () => {
  const made = (await register(await openCase(server), task())).body

  const replies = await Promise.all([complete(made), complete(made), complete(made, worker)])

  assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409, 409])
})
