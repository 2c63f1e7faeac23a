// How child and guardians were invited, informed, heard and took part at each step of a case, and how early.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { ALVA, ALVAS_GUARDIANS, SOCIAL, day } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce, hiddenFromStrangers, jointCase, LEAD, openCase, revoke } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, LEAD)
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
afterEach(() => restoreClock(server))

const heard = (more = {}) => ({
  step: 'decision', kind: 'child', participation: 'heard', view: 'I want to stay in my school.', form: 'conversation', listenedBy: 'Sara Lindalm, social worker',
  bestInterests: 'Staying where she has friends outweighs the longer way.', ...more
})
const record = (caseId, body = heard(), person = worker) => person.post(`/cases/${caseId}/participation`, body)
const summary = async (caseId, person = worker) => (await person.get(`/cases/${caseId}/participation-summary`, { status: 200 })).body

test('what the child said is kept in the child\'s words, with form, day and who listened', async () => {
  const caseId = await openCase(server)

  const made = await record(caseId)

  assert.equal(made.status, 201, made.text)
  const { _links, id, recordedAt, ...said } = made.body
  assert.deepEqual(said, { ...heard(), caseId, organisationId: SOCIAL, happenedOn: day(), recordedBy: 'Sara Lindalm' })
  assert.deepEqual(relations(made), ['case', 'self', 'summary'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write', grounds: [] })
  await allowedOnce(server, await readsConditionally(worker, `/participation/${id}`), [ALVA], [id], { activity: 'read' })
})

test('a guardian is named by the register, and why somebody did not take part is said', async () => {
  const caseId = await openCase(server)
  const absent = { step: 'meeting', kind: 'guardian', guardianId: ALVAS_GUARDIANS[0], participation: 'not', reason: 'Could not be reached.' }

  const made = await record(caseId, absent)

  assert.deepEqual([made.status, made.body.guardianId, made.body.reason], [201, ALVAS_GUARDIANS[0], 'Could not be reached.'])
  for (const [body, code, pointer] of [
    [{ ...absent, reason: undefined }, 'UNPROCESSABLE', '/body/reason'], [heard({ reason: 'And yet.' }), 'UNPROCESSABLE', '/body/reason'],
    [heard({ guardianId: ALVAS_GUARDIANS[0] }), 'UNPROCESSABLE', '/body/guardianId'], [{ ...absent, guardianId: unknownId() }, 'INVALID_REFERENCE', '/body/guardianId'],
    [heard({ happenedOn: day(1) }), 'UNPROCESSABLE', '/body/happenedOn']
  ]) {
    const reply = await record(caseId, body)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  assert.equal((await worker.get(`/cases/${caseId}/participation`)).body._meta.totalRecords, 1)
})

test('what does not follow the contract is refused, and a record is made once', async () => {
  const caseId = await openCase(server)
  const path = { caseId }
  await refusesBodies(worker, 'createParticipationRecord', { path }, [
    [{}, '/body/step', '/body/kind', '/body/participation'], [heard({ step: 'birthday' }), '/body/step'], [heard({ view: ' ' }), '/body/view'],
    [heard({ organisationId: SOCIAL }), '/body/organisationId'], [heard({ recordedAt: '2020-01-01T00:00:00Z' }), '/body/recordedAt']
  ])
  for (const operation of ['listParticipationRecords', 'getParticipationSummary']) await refusesStrayQuery(worker, operation, { path })
  await refusesMalformedId(worker, 'getParticipationRecord', 'participationRecordId')
  await answersOnce(server, LEAD, 'createParticipationRecord', { path, body: heard() }, { path, body: heard({ step: 'closing' }) })
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  await deniedOnce(server, await record(caseId), 409, 'CASE_CLOSED')
})

test('records are listed latest first, by step and person', async () => {
  const caseId = await openCase(server)
  const ids = []
  for (const [step, kind, happenedOn] of [['report', 'child', day(-3)], ['plan', 'guardian', day(-2)], ['plan', 'child', day(-1)]]) {
    ids.unshift((await record(caseId, { step, kind, participation: 'informed', happenedOn })).body.id)
  }
  const path = `/cases/${caseId}/participation`
  const listed = async query => (await worker.get(path, { query, status: 200 })).body.participation.map(one => one.id)

  assert.deepEqual([await listed(), await listed({ step: 'plan' }), await listed({ kind: 'child' }), await listed({ step: 'plan', kind: 'child' })],
    [ids, ids.slice(0, 2), [ids[0], ids[2]], [ids[0]]])
  await allowedOnce(server, await worker.get(path), [ALVA], ids)
  await pages(worker, path, 'participation')
})

test('how early child and guardians were brought in is told, compared with when the case was opened', async () => {
  const caseId = await openCase(server)
  assert.deepEqual({ ...(await summary(caseId)), _links: 0 }, { caseId, caseOpenedOn: day(), steps: [], _links: 0 })
  await moveClock(server, `${day(9)}T12:00:00Z`)
  await record(caseId, { step: 'meeting', kind: 'guardian', participation: 'not', reason: 'Could not be reached.', happenedOn: day(1) })
  await record(caseId, { step: 'assessment', kind: 'child', participation: 'invited', happenedOn: day(4) })
  await record(caseId, heard({ happenedOn: day(6) }))
  await record(caseId, heard({ happenedOn: day(5), view: 'Earlier.' }))
  await record(caseId, { step: 'meeting', kind: 'guardian', guardianId: ALVAS_GUARDIANS[1], participation: 'took-part' })

  const said = await worker.get(`/cases/${caseId}/participation-summary`, { status: 200 })

  assert.deepEqual({ ...said.body, _links: 0 }, {
    caseId, caseOpenedOn: day(), childFirstInvitedOn: day(4), daysUntilChildInvited: 4, guardiansFirstInvitedOn: day(9), daysUntilGuardiansInvited: 9,
    steps: [
      { step: 'assessment', kind: 'child', participation: 'invited', records: 1 }, { step: 'decision', kind: 'child', participation: 'heard', records: 2 },
      { step: 'meeting', kind: 'guardian', participation: 'not', records: 1 }, { step: 'meeting', kind: 'guardian', participation: 'took-part', records: 1 }
    ],
    childView: { view: 'I want to stay in my school.', happenedOn: day(6), form: 'conversation', listenedBy: 'Sara Lindalm, social worker', step: 'decision' }, _links: 0
  })
  assert.deepEqual(relations(said), ['case', 'participation', 'self'])
  await allowedOnce(server, said, [ALVA], [caseId], { activity: 'read' })
  await readsConditionally(worker, `/cases/${caseId}/participation-summary`)
})

test('what the child said to one agency is for that agency, whatever the consent', async () => {
  const joint = await jointCase(server, { consent: { categories: ['IDENTITY', 'CASE_STATUS', 'CHILD_VIEW'] } })
  const { caseId } = joint
  const own = (await record(caseId)).body
  const theirs = (await record(caseId, heard({ view: 'Said at school.', listenedBy: 'Ida Berg, teacher' }), teacher)).body

  for (const [person, mine, hidden] of [[worker, own, theirs], [teacher, theirs, own]]) {
    const list = await person.get(`/cases/${caseId}/participation`, { status: 200 })
    assert.deepEqual(list.body.participation.map(one => one.id), [mine.id])
    await deniedOnce(server, await person.get(`/participation/${hidden.id}`), 404, 'NOT_FOUND')
    const told = await summary(caseId, person)
    assert.deepEqual([told.childView.view, told.steps.map(one => one.records)], [mine.view, [1]])
  }
  await deniedOnce(server, await record(caseId, { step: 'plan', kind: 'guardian', guardianId: ALVAS_GUARDIANS[0], participation: 'informed' }, teacher), 422, 'INVALID_REFERENCE')
})

test('a withdrawal takes nothing back, and who leads a unit whose part has ended still reads what it recorded', async () => {
  const joint = await jointCase(server)
  const theirs = (await record(joint.caseId, heard(), teacher)).body
  await revoke(server, joint.consent)
  assert.equal((await teacher.get(`/participation/${theirs.id}`)).status, 200)

  await head.post(`/participants/${joint.participant.id}/endings`, { reason: 'Moved.' }, { status: 201 })

  assert.equal((await head.get(`/participation/${theirs.id}`)).status, 200)
  await deniedOnce(server, await teacher.get(`/participation/${theirs.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await record(joint.caseId, heard(), head), 404, 'NOT_FOUND')
})

test('nobody without a relation learns of it', async () => {
  const caseId = await openCase(server)
  const { id } = (await record(caseId)).body
  await hiddenFromStrangers(server, 'listParticipationRecords', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createParticipationRecord', { path: { caseId }, body: heard() }, unknownId())
  await hiddenFromStrangers(server, 'getParticipationRecord', { path: { participationRecordId: id } }, unknownId())
  await hiddenFromStrangers(server, 'getParticipationSummary', { path: { caseId } }, unknownId())
})
