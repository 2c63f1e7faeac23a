// Transitions: a child moves between units, the receiver knows, and somebody owns the risk that it falls between.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created } from '../support/client.mjs'
import { ALVA, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId, day, userId } from '../support/demo.mjs'
import {
  answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce, hiddenFromStrangers, jointCase, openCase } from '../support/story.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const elsewhere = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
const colleague = acting(server, elsewhere.person)

const draft = (more = {}) => ({ fromUnitId: SOCIAL_UNIT, toUnitId: elsewhere.unit, movesOn: day(60), reason: 'Turns thirteen.', ...more })
const announce = (caseId, more, by = worker) => by.call('createTransition', { path: { caseId }, body: draft(more) })
const announced = async (...its) => (await created(announce(...its))).body
const acknowledge = (transition, by = colleague) => by.post(`/transitions/${transition.id}/acknowledgements`, {})

test('a move is announced with sender, receiver, day and reason, and acknowledged by the receiver', async () => {
  const caseId = await openCase(server)

  const reply = await created(announce(caseId))

  const { fromUnitId, toUnitId, movesOn, reason, atRisk, status, createdBy, ground } = reply.body
  assert.deepEqual({ fromUnitId, toUnitId, movesOn, reason, atRisk, status, createdBy, ground }, {
    fromUnitId: SOCIAL_UNIT, toUnitId: elsewhere.unit, movesOn: day(60), reason: 'Turns thirteen.', atRisk: false, status: 'announced',
    createdBy: 'Sara Lindalm', ground: undefined
  })
  assert.deepEqual(relations(reply), ['acknowledge', 'case', 'self'])
  await allowedOnce(server, reply, [ALVA], [reply.body.id], { activity: 'write' })
  await readsConditionally(colleague, `/transitions/${reply.body.id}`)

  const answer = await created(acknowledge(reply.body))

  assert.equal(answer.body.status, 'acknowledged')
  assert.match(answer.body.acknowledgedBy, /^Test Person/)
  await allowedOnce(server, answer, [ALVA], [reply.body.id], { activity: 'write' })
  await deniedOnce(server, await acknowledge(reply.body), 409, 'ALREADY_ANSWERED')
  // To expect a child gives no sight of the case.
  await deniedOnce(server, await colleague.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('to an organisation that takes part, on a ground', async () => {
  const { caseId } = await jointCase(server)
  const groundless = await announce(caseId, { toUnitId: SCHOOL_UNIT })
  const transition = await announced(caseId, { toUnitId: SCHOOL_UNIT, ground: 'CONSENT' })

  await deniedOnce(server, groundless, 422, 'UNPROCESSABLE')
  assert.deepEqual(groundless.body.errors.map(error => error.pointer), ['/body/ground'])
  assert.equal((await teacher.get(`/transitions/${transition.id}`, { status: 200 })).body.ground, 'CONSENT')
  for (const by of [worker, manager]) await deniedOnce(server, await acknowledge(transition, by), 403, 'NOT_RECIPIENT')
  await deniedOnce(server, await acknowledge(transition, teacher), 403, 'ROLE_NOT_ALLOWED')
  await created(acknowledge(transition, head))
})

test('a child who may fall between has an owner, who finds it in their list', async () => {
  const caseId = await openCase(server)
  const owner = await hire(server, { unit: SOCIAL_UNIT })
  const at = { atRisk: true, ownerAssignmentId: owner.assignment }
  const transition = await announced(caseId, at)
  const by = acting(server, owner.person)

  const list = async query => (await by.get('/transitions', { query, status: 200 })).body.transitions.map(one => [one.id, one.atRisk, one.ownerAssignmentId])

  assert.deepEqual(await list({ atRisk: true }), [[transition.id, true, owner.assignment]])
  assert.deepEqual(await list({ atRisk: false }), [])
  await deniedOnce(server, await acknowledge(transition, by), 403, 'NOT_RECIPIENT')
  await deniedOnce(server, await by.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  for (const [more, code] of [
    [{ atRisk: true }, 'UNPROCESSABLE'], [{ ownerAssignmentId: owner.assignment }, 'UNPROCESSABLE'],
    [{ atRisk: true, ownerAssignmentId: assignmentId('school-teacher') }, 'INVALID_REFERENCE'],
    [{ atRisk: true, ownerAssignmentId: assignmentId('social-auditor') }, 'INVALID_REFERENCE'],
    [{ atRisk: true, ownerAssignmentId: unknownId() }, 'INVALID_REFERENCE']
  ]) {
    const reply = await announce(caseId, more)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/ownerAssignmentId'])
  }
})

test('from the own organisation, to a unit of it or one that takes part, in an open case', async () => {
  const caseId = await openCase(server)
  for (const [more, pointer] of [
    [{ fromUnitId: SCHOOL_UNIT }, '/body/fromUnitId'], [{ fromUnitId: unknownId() }, '/body/fromUnitId'],
    [{ toUnitId: SOCIAL_UNIT }, '/body/toUnitId'], [{ toUnitId: SCHOOL_UNIT }, '/body/toUnitId'], [{ toUnitId: unknownId() }, '/body/toUnitId'],
    [{ ground: 'NO_SUCH_GROUND' }, '/body/ground']
  ]) {
    const reply = await announce(caseId, more)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  await deniedOnce(server, await announce(caseId), 409, 'CASE_CLOSED')
})

test('a receiving leader finds what awaits them, by state and by pages; who is kept out does not', async () => {
  const cases = [await openCase(server), await openCase(server), await openCase(server)]
  const all = []
  for (const [n, caseId] of cases.entries()) all.push(await announced(caseId, { movesOn: day(10 + n) }))
  const list = async query => (await colleague.get('/transitions', { query: { limit: 100, ...query }, status: 200 })).body.transitions.map(one => one.id)
  await created(acknowledge(all[0]))

  assert.ok((await list({ status: 'acknowledged' })).includes(all[0].id))
  assert.deepEqual((await list({ status: 'announced' })).filter(id => all.some(one => one.id === id)), [all[1].id, all[2].id])
  assert.deepEqual((await manager.get(`/cases/${cases[0]}/transitions`, { status: 200 })).body.transitions.map(one => one.id), [all[0].id])
  await pages(colleague, '/transitions', 'transitions')

  const kept = await hire(server, { unit: elsewhere.unit, role: 'unit-manager' })
  assert.equal((await acting(server, kept.person).get(`/transitions/${all[1].id}`)).status, 200)
  await manager.post(`/cases/${cases[1]}/exclusions`, { userId: kept.user, kind: 'kinship', reason: 'Her niece.' }, { status: 201 })
  await deniedOnce(server, await acting(server, kept.person).get(`/transitions/${all[1].id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await acknowledge(all[1], acting(server, kept.person)), 404, 'NOT_FOUND')
})

test('announcements and acknowledgements are carried out once, also at once', async () => {
  const caseId = await openCase(server)
  const on = more => ({ path: { caseId }, body: draft(more) })
  const first = await answersOnce(server, 'social-case-worker', 'createTransition', on(), on({ reason: 'Other.' }))
  const second = await announced(caseId)
  const at = id => ({ path: { transitionId: id }, body: {} })
  await answersOnce(server, elsewhere.person, 'acknowledgeTransition', at(first.body.id), at(second.id))

  const replies = await Promise.all([acknowledge(second), acknowledge(second), acknowledge(second)])

  assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(), ['201', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED'])
})

test('nobody without a relation learns of a move', async () => {
  const { caseId } = await jointCase(server)
  const path = { transitionId: (await announced(caseId)).id }
  await deniedOnce(server, await teacher.get(`/transitions/${path.transitionId}`), 404, 'NOT_FOUND')
  assert.deepEqual((await teacher.get(`/cases/${caseId}/transitions`, { status: 200 })).body.transitions, [])
  await hiddenFromStrangers(server, 'listTransitionsOfCase', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createTransition', { path: { caseId }, body: draft() }, unknownId())
  await hiddenFromStrangers(server, 'getTransition', { path }, unknownId())
  await hiddenFromStrangers(server, 'acknowledgeTransition', { path, body: {} }, unknownId())
  await deniedOnce(server, await acting(server, 'social-auditor').get('/transitions'), 403, 'ROLE_NOT_ALLOWED')
})

test('what does not follow the contract is refused', async () => {
  await refusesMalformedId(worker, 'getTransition', 'transitionId')
  await refusesStrayQuery(worker, 'listTransitions')
  await refusesStrayQuery(worker, 'listTransitionsOfCase', { path: { caseId: unknownId() } })
  await refusesBodies(worker, 'createTransition', { path: { caseId: unknownId() } }, [
    [{}, '/body/fromUnitId', '/body/movesOn', '/body/reason', '/body/toUnitId'],
    [draft({ movesOn: '2027-02-30', status: 'acknowledged' }), '/body/movesOn', '/body/status']
  ])
  await refusesBodies(worker, 'acknowledgeTransition', { path: { transitionId: unknownId() } }, [[{ by: userId('social-manager') }, '/body/by']])
  assert.deepEqual(operationsOf('Transitions'), ['acknowledgeTransition', 'createTransition', 'getTransition', 'listTransitions', 'listTransitionsOfCase'])
})
