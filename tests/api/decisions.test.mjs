// Decisions: the recorded assessment that some grounds ask for before anything is disclosed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock, swedish } from '../support/clock.mjs'
import { ALVA, CLINIC, CLINIC_UNIT, SCHOOL, SOCIAL, day } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import {
  acting, allowedOnce, decide, decisionDraft, deniedOnce, hiddenFromStrangers, joinClinic, jointCase, openCase, PURPOSE, registerChild, writeRecord
} from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const why = { reason: 'The treatment has ended.' }

const tryToDecide = (caseId, body, person = manager) => person.call('createDecision', { path: { caseId }, body })
const withdraw = (decision, person = manager) => person.post(`/decisions/${decision.id}/withdrawals`, why)
const stateOf = async decision => (await manager.get(`/decisions/${decision.id}`, { status: 200 })).body.state

// A handover to the clinic on the decision, by whoever works on the case.
const discloseOn = async ({ caseId }, decisionId, record, more = {}) => worker.call('createDisclosure', {
  path: { caseId }, body: { kind: 'handover', recipientId: CLINIC, ground: 'SOCIAL_CHILD_SUPPORT', decisionId, recordIds: [record.id], purpose: PURPOSE, justification: 'For the treatment.', ...more }
})

test('a decision-maker records what was decided, from what, and how it was weighed', async () => {
  const caseId = await openCase(server)

  const made = await tryToDecide(caseId, decisionDraft({ validUntil: day(30) }))

  assert.equal(made.status, 201, made.text)
  const { _links, id, decidedAt, ...said } = made.body
  assert.deepEqual(said, {
    caseId, organisationId: SOCIAL, organisationName: 'Socialnämnden i Granby', recipientId: CLINIC, recipientName: 'Hälso- och sjukvårdsnämnden',
    ...decisionDraft(), state: 'in-force', validUntil: day(30), decidedBy: 'Mikael Granlund'
  })
  assert.deepEqual(relations(made), ['case', 'self', 'withdraw'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write' })
})

test('only who may decide for the organisation decides', async () => {
  const { caseId } = await jointCase(server)
  for (const person of ['social-case-worker', 'school-teacher']) {
    await deniedOnce(server, await tryToDecide(caseId, decisionDraft(), acting(server, person)), 403, 'ROLE_NOT_ALLOWED')
  }
  const school = await tryToDecide(caseId, decisionDraft({ ground: 'NOT_SECRET', recipientId: SOCIAL, categories: ['ATTENDANCE'] }), acting(server, 'school-head'))

  assert.equal(school.status, 201, school.text)
  assert.equal(school.body.organisationId, SCHOOL)
})

test('without circumstances or weighing there is no decision', async () => {
  const caseId = await openCase(server)
  for (const [more, code, pointer] of [
    [{ circumstances: '' }, 'UNPROCESSABLE', '/body/circumstances'], [{ circumstances: ' \n' }, 'UNPROCESSABLE', '/body/circumstances'],
    [{ balancing: '' }, 'UNPROCESSABLE', '/body/balancing'], [{ validUntil: day(-1) }, 'UNPROCESSABLE', '/body/validUntil'],
    [{ ground: 'SOL_18_6' }, 'INVALID_REFERENCE', '/body/ground'], [{ ground: 'STATUTORY_DUTY' }, 'INVALID_REFERENCE', '/body/ground'],
    [{ recipientId: SOCIAL }, 'INVALID_REFERENCE', '/body/recipientId'], [{ recipientId: CLINIC_UNIT }, 'INVALID_REFERENCE', '/body/recipientId'],
    [{ recipientId: unknownId() }, 'INVALID_REFERENCE', '/body/recipientId'], [{ categories: ['GOSSIP'] }, 'INVALID_REFERENCE', '/body/categories']
  ]) {
    const reply = await tryToDecide(caseId, decisionDraft(more))
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer], JSON.stringify(more))
  }
  assert.deepEqual((await manager.get(`/cases/${caseId}/decisions`, { status: 200 })).body.decisions, [])
})

test('who decided, for whom and when comes from the token and the clock', async () => {
  const caseId = await openCase(server)
  await refusesBodies(manager, 'createDecision', { path: { caseId } }, [
    [{}, ...['ground', 'recipientId', 'categories', 'circumstances', 'balancing', 'outcome'].map(name => `/body/${name}`)],
    ...['organisationId', 'decidedBy', 'decidedAt', 'state', 'withdrawnAt'].map(name => [decisionDraft({ [name]: unknownId() }), `/body/${name}`]),
    [decisionDraft({ outcome: 'maybe' }), '/body/outcome']
  ])
  refused(await manager.post(`/decisions/${unknownId()}/withdrawals`, { reason: ' ' }), 400, 'INVALID_REQUEST')
  await refusesMalformedId(manager, 'getDecision', 'decisionId')
  await refusesStrayQuery(manager, 'listDecisions', { path: { caseId } })
})

test('on a decision its team discloses what it covers, and nothing else', async () => {
  const joint = await jointCase(server)
  const { decision } = await joinClinic(server, joint.caseId)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const beyond = await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'HOUSING_ECONOMY' })
  const no = await decide(server, joint.caseId, { outcome: 'refuse' })
  const others = await decide(server, joint.caseId, { recipientId: SCHOOL })
  const otherGround = await decide(server, joint.caseId, { ground: 'NOT_SECRET' })
  const elsewhere = await decide(server, await openCase(server))
  const schools = await decide(server, joint.caseId, { ground: 'NOT_SECRET', categories: ['FAMILY_SITUATION'] }, 'school-head')

  for (const id of [undefined, unknownId(), no.id, others.id, otherGround.id, elsewhere.id, schools.id]) {
    await deniedOnce(server, await discloseOn(joint, id, record), 403, 'DECISION_REQUIRED', { subject_ids: [ALVA] })
  }
  await deniedOnce(server, await discloseOn(joint, decision.id, beyond), 403, 'GROUND_SCOPE', { subject_ids: [ALVA] })
  const made = await discloseOn(joint, decision.id, record)

  assert.equal(made.status, 201, made.text)
  assert.equal(made.body.decisionId, decision.id)
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'disclose', grounds: ['SOCIAL_CHILD_SUPPORT'] })
  const read = await acting(server, 'clinic-psychologist').get(`/records/${record.id}`, { status: 200 })
  await allowedOnce(server, read, [ALVA], [record.id], { grounds: ['SOCIAL_CHILD_SUPPORT'], disclosure_ids: [made.body.id] })
})

test('a withdrawal works forward only', async () => {
  const joint = await jointCase(server)
  const { decision } = await joinClinic(server, joint.caseId)
  const [given, kept] = [await writeRecord(server, 'social-case-worker', joint.caseId), await writeRecord(server, 'social-case-worker', joint.caseId)]
  assert.equal((await discloseOn(joint, decision.id, given)).status, 201)

  const ended = await withdraw(decision)

  assert.equal(ended.status, 201, ended.text)
  assert.deepEqual([ended.body.state, ended.body.withdrawnBy, ended.body.withdrawalReason, typeof ended.body.withdrawnAt], ['withdrawn', 'Mikael Granlund', why.reason, 'string'])
  assert.deepEqual(relations(ended), ['case', 'self'])
  await allowedOnce(server, ended, [ALVA], [decision.id], { activity: 'write' })
  await deniedOnce(server, await discloseOn(joint, decision.id, kept), 403, 'DECISION_REQUIRED')
  assert.equal((await acting(server, 'clinic-psychologist').get(`/records/${given.id}`)).status, 200)
  await deniedOnce(server, await withdraw(decision), 409, 'ALREADY_ENDED')
})

test('of a withdrawal and a disclosure at once, whichever is acknowledged first holds', async () => {
  const joint = await jointCase(server)
  await joinClinic(server, joint.caseId)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  for (let i = 0; i < 5; i++) {
    const decision = await decide(server, joint.caseId)

    const [first, second, disclosed] = await Promise.all([withdraw(decision), withdraw(decision), discloseOn(joint, decision.id, record)])

    assert.deepEqual([first.status, second.status].sort(), [201, 409])
    assert.ok([201, 403].includes(disclosed.status), disclosed.text)
    await deniedOnce(server, await discloseOn(joint, decision.id, record), 403, 'DECISION_REQUIRED')
  }
})

test('after its last day nothing is disclosed on it', async t => {
  t.after(() => restoreClock(server))
  const child = await registerChild(server, { years: 10 })
  const { caseId } = await joinClinic(server, await openCase(server, { subjectId: child.id }))
  const record = await writeRecord(server, 'social-case-worker', caseId)
  const decision = await decide(server, caseId, { validUntil: day(7) })

  await moveClock(server, swedish(day(7), '23:30'))
  const onItsDay = await discloseOn({ caseId }, decision.id, record)
  const before = await manager.get(`/decisions/${decision.id}`, { status: 200 })
  await moveClock(server, swedish(day(8), '00:00'))
  const after = await manager.get(`/decisions/${decision.id}`, { status: 200 })
  const dayAfter = await discloseOn({ caseId }, decision.id, record)

  assert.equal(onItsDay.status, 201, onItsDay.text)
  assert.deepEqual([before.body.state, after.body.state], ['in-force', 'expired'])
  assert.notEqual(after.etag, before.etag)
  await deniedOnce(server, dayAfter, 403, 'DECISION_REQUIRED')
})

test('a closed case decides nothing new and does not hold up a withdrawal', async () => {
  const caseId = await openCase(server)
  const decision = await decide(server, caseId)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await tryToDecide(caseId, decisionDraft()), 409, 'CASE_CLOSED')
  assert.equal((await withdraw(decision)).status, 201)
})

test('the deciding organisation reads its decisions, and no other participant learns of them', async () => {
  const joint = await jointCase(server)
  const { decision } = await joinClinic(server, joint.caseId)
  const made = [decision, await decide(server, joint.caseId, { recipientId: SCHOOL }), await decide(server, joint.caseId, { ground: 'NOT_SECRET' })].reverse()
  const path = `/cases/${joint.caseId}/decisions`

  for (const person of [worker, manager]) {
    const list = await person.get(path, { status: 200 })
    assert.deepEqual(list.body.decisions.map(one => one.id), made.map(one => one.id))
    await allowedOnce(server, list, [ALVA], made.map(one => one.id), { activity: 'read' })
  }
  assert.deepEqual((await manager.get(path, { query: { ground: 'NOT_SECRET' }, status: 200 })).body.decisions.map(one => one.id), [made[0].id])
  assert.deepEqual((await manager.get(path, { query: { recipientId: SCHOOL }, status: 200 })).body.decisions.map(one => one.id), [made[1].id])
  assert.deepEqual(relations(await worker.get(`/decisions/${decision.id}`)), ['case', 'self'])
  for (const person of ['school-teacher', 'school-head', 'clinic-manager']) {
    assert.deepEqual((await acting(server, person).get(path, { status: 200 })).body.decisions, [])
    await deniedOnce(server, await acting(server, person).get(`/decisions/${decision.id}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  }
  await deniedOnce(server, await withdraw(decision, acting(server, 'school-head')), 404, 'NOT_FOUND')
  assert.equal(await stateOf(decision), 'in-force')
  await allowedOnce(server, await readsConditionally(manager, `/decisions/${decision.id}`), [ALVA], [decision.id], { activity: 'read' })
  await pages(manager, path, 'decisions')
})

test('each change is carried out once', async () => {
  const caseId = await openCase(server)
  const path = { caseId }
  const made = await answersOnce(server, 'social-manager', 'createDecision', { path, body: decisionDraft() }, { path, body: decisionDraft({ outcome: 'refuse' }) })
  const ending = body => ({ path: { decisionId: made.body.id }, body })
  await answersOnce(server, 'social-manager', 'withdrawDecision', ending(why), ending({ reason: 'Otherwise.' }))

  assert.equal((await manager.get(`/cases/${caseId}/decisions`)).body._meta.totalRecords, 1)
})

test('nobody without a relation learns of a decision', async () => {
  const caseId = await openCase(server)
  const decision = await decide(server, caseId)
  await hiddenFromStrangers(server, 'listDecisions', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createDecision', { path: { caseId }, body: decisionDraft() }, unknownId())
  await hiddenFromStrangers(server, 'getDecision', { path: { decisionId: decision.id } }, unknownId())
  await hiddenFromStrangers(server, 'withdrawDecision', { path: { decisionId: decision.id }, body: why }, unknownId())
})
