// Emergency access: one case of the own agency, for a time, reading only, flagged in the log and reviewed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created } from '../support/client.mjs'
import { restoreClock, stopClock } from '../support/clock.mjs'
import { ALVA, MAJA, SCHOOL, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import {
  answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, deniedOnce, hiddenFromStrangers, jointCase, logged, openCase, registerChild, shareStandingly, writeRecord
} from '../support/story.mjs'
import { hire } from '../support/staff.mjs'
import { command, conninfo, startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const auditor = acting(server, 'social-auditor')
// Somebody of social services who works elsewhere, and who leads that unit.
const outsider = await hire(server, { organisation: SOCIAL })
const chief = await hire(server, { unit: outsider.unit, role: 'unit-manager' })
const own = acting(server, outsider.person)
const reason = 'The child is at the emergency ward and nobody of the team answers.'
const found = { outcome: 'justified', comment: 'Nobody of the team could be reached.' }

const referenceOf = async caseId => (await server.sql(`select reference from samsyn.cases where id = '${caseId}'`))[0].reference
const ask = (body, by = own) => by.call('openEmergencyAccess', { body: { reason, ...body } })
const opened = async (caseId, by) => (await created(ask({ caseReference: await referenceOf(caseId) }, by))).body
const end = (access, by = own) => by.post(`/emergency-accesses/${access.id}/endings`, {})
const review = (access, body = found, by = manager) => by.post(`/emergency-accesses/${access.id}/reviews`, body)
const under = access => ({ headers: { 'Samsyn-Emergency-Access': access.id ?? access } })
const over = async access => { await created(end(access)); return access }

test('a case of the own agency is opened for reading, with a reason, for an hour', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  await deniedOnce(server, await own.get(`/cases/${caseId}`), 404, 'NOT_FOUND')

  const reply = await created(ask({ caseReference: await referenceOf(caseId) }))

  const { userName, state, reviewState, review: none, openedAt, expiresAt, unitId, caseUnitId } = reply.body
  assert.match(userName, /^Test Person/)
  assert.deepEqual({ state, reviewState, none, unitId, caseUnitId }, { state: 'live', reviewState: 'open', none: undefined, unitId: outsider.unit, caseUnitId: SOCIAL_UNIT })
  assert.equal(Date.parse(expiresAt) - Date.parse(openedAt), 3_600_000)
  assert.deepEqual(relations(reply), ['case', 'end', 'self'])
  await allowedOnce(server, reply, [ALVA], [reply.body.id], { activity: 'emergency-access' })

  const reads = [
    await own.get(`/cases/${caseId}`, under(reply.body)), await own.get(`/cases/${caseId}/participants`, under(reply.body)),
    await own.get(`/cases/${caseId}/team-members`, under(reply.body)), await own.get(`/cases/${caseId}/records`, under(reply.body)),
    await own.get(`/records/${record.id}`, under(reply.body)), await own.get(`/records/${record.id}/versions`, under(reply.body)),
    await own.get(`/subjects/${ALVA}`, under(reply.body)), await own.get(`/subjects/${ALVA}/guardians`, under(reply.body)),
    await own.get(`/cases/${caseId}/closures`, under(reply.body)), await own.get(`/cases/${caseId}/reopenings`, under(reply.body))
  ]
  for (const read of reads) {
    assert.equal(read.status, 200, read.text)
    assert.deepEqual((await logged(server, read)).map(row => [row.outcome, row.emergency_id]), [['allowed', reply.body.id]], read.operation)
  }
  await deniedOnce(server, await own.get(`/cases/${caseId}`), 404, 'NOT_FOUND', { emergency_id: null })
})

test('it opens that one case and nothing else, and for reading alone', async () => {
  const caseId = await openCase(server)
  const other = await openCase(server)
  const child = await registerChild(server, { years: 8 })
  const mine = await openCase(server, { person: outsider.person, subjectId: child.id })
  const access = await opened(caseId)
  const record = await writeRecord(server, 'social-case-worker', caseId)

  // One's own cases too are closed to a request that is an emergency's.
  for (const [path, target] of [[`/cases/${other}`, other], [`/cases/${mine}`, mine], [`/subjects/${child.id}`, child.id]]) {
    await deniedOnce(server, await own.get(path, under(access)), 404, 'NOT_FOUND', { emergency_id: access.id, resource_ids: [target] })
  }
  const list = async path => (await own.get(path, { ...under(access), query: { limit: 100 }, status: 200 })).body
  assert.deepEqual((await list('/cases')).cases.map(one => one.id), [caseId])
  assert.deepEqual((await list('/subjects')).subjects.map(one => one.id), [ALVA])
  assert.deepEqual((await list(`/subjects/${child.id}/guardians`).catch(() => ({ guardians: [] }))).guardians, [])
  for (const [operation, input, options] of [
    ['createRecord', { path: { caseId }, body: { category: 'FAMILY_SITUATION', text: 'No.' } }],
    ['amendRecord', { path: { recordId: record.id }, body: { text: 'No.' } }, { ifMatch: '"1"' }],
    ['updateCase', { path: { caseId }, body: { title: 'No.' } }, { ifMatch: '"1"' }],
    ['closeCase', { path: { caseId }, body: { reason: 'No.' } }],
    ['addTeamMember', { path: { caseId }, body: { assignmentId: outsider.assignment } }],
    ['createExclusion', { path: { caseId }, body: { kind: 'bias', reason: 'No.' } }],
    ['createLeadTransfer', { path: { caseId }, body: { toUnitId: outsider.unit, reason: 'No.' } }],
    ['listConsentsOfCase', { path: { caseId } }],
    ['listDisclosures', { path: { caseId } }],
    ['openEmergencyAccess', { body: { caseReference: await referenceOf(other), reason } }]
  ]) await deniedOnce(server, await own.call(operation, input, { ...options, ...under(access) }), 403, 'ROLE_NOT_ALLOWED')
  assert.equal((await worker.get(`/records/${record.id}`, { status: 200 })).body.version, 1)
})

test('what other agencies share stays closed, both where the own agency leads and where it takes part', async () => {
  const joint = await jointCase(server)
  const ours = await writeRecord(server, 'social-case-worker', joint.caseId)
  const theirs = await writeRecord(server, 'school-teacher', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)
  await shareStandingly(server, 'school-teacher', joint)
  const pupil = await hire(server, { organisation: SCHOOL })
  const atSchool = acting(server, pupil.person)
  const [here, there] = [await opened(joint.caseId), await opened(joint.caseId, atSchool)]

  assert.equal((await worker.get(`/records/${theirs.id}`)).status, 200)
  assert.equal((await own.get(`/records/${ours.id}`, under(here))).status, 200)
  assert.equal((await own.get(`/records/${theirs.id}`, under(here))).status, 403)
  assert.deepEqual((await own.get(`/cases/${joint.caseId}/records`, { ...under(here), status: 200 })).body.records.map(one => one.id), [ours.id])
  assert.equal((await atSchool.get(`/records/${ours.id}`, under(there))).status, 403)
  assert.deepEqual((await atSchool.get(`/cases/${joint.caseId}/records`, { ...under(there), status: 200 })).body.records.map(one => one.id), [theirs.id])
  // The agency that leads is told, by the log, that its case was opened.
  const [row] = await server.sql(`select concerned_ids from samsyn.access_events where '${there.id}' = any (resource_ids) and operation = 'openEmergencyAccess'`)
  assert.deepEqual(row.concerned_ids, [SOCIAL])
})

test('never a case of another agency, nor one that does not exist', async () => {
  const child = await registerChild(server, { years: 8 })
  const caseId = await openCase(server, { subjectId: child.id })
  const atSchool = acting(server, (await hire(server, { organisation: SCHOOL })).person)
  for (const [body, pointer, by] of [
    [{ caseReference: await referenceOf(caseId) }, '/body/caseReference', atSchool],
    [{ subjectId: child.id }, '/body/subjectId', atSchool],
    [{ caseReference: '2026-00000000' }, '/body/caseReference', own],
    [{ subjectId: unknownId() }, '/body/subjectId', own],
    [{ subjectId: unknownId(), caseReference: await referenceOf(caseId) }, '/body/caseReference', own]
  ]) {
    const reply = await ask(body, by)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE', { subject_ids: [], resource_ids: [] })
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  const invited = await jointCase(server)
  await worker.post(`/participants/${invited.participant.id}/endings`, { reason: 'Done.' }, { status: 201 })
  await deniedOnce(server, await ask({ caseReference: await referenceOf(invited.caseId) }, atSchool), 422, 'INVALID_REFERENCE')
})

test('an access ends for whoever leaves the case as an agency', async () => {
  const joint = await jointCase(server)
  const atSchool = acting(server, (await hire(server, { organisation: SCHOOL })).person)
  const access = await opened(joint.caseId, atSchool)
  assert.equal((await atSchool.get(`/cases/${joint.caseId}`, under(access))).status, 200)

  await worker.post(`/participants/${joint.participant.id}/endings`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await atSchool.get(`/cases/${joint.caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
})

test('by the child alone it is the case that was opened last, an open one first', async () => {
  const child = await registerChild(server, { years: 8 })
  const [first, second, closed] = [await openCase(server, { subjectId: child.id }), await openCase(server, { subjectId: child.id }), await openCase(server, { subjectId: child.id })]
  await worker.post(`/cases/${closed}/closures`, { reason: 'Done.' }, { status: 201 })

  assert.equal((await created(ask({ subjectId: child.id }))).body.caseId, second)
  assert.equal((await created(ask({ subjectId: child.id, caseReference: await referenceOf(first) }))).body.caseId, first)
  assert.equal((await created(ask({ caseReference: await referenceOf(closed) }))).body.caseId, closed)
})

test('never into protected identity, not for holders of the permission, and not after it came to be protected', async () => {
  const hidden = await openCase(server, { subjectId: MAJA, person: 'social-manager' })
  await deniedOnce(server, await ask({ caseReference: await referenceOf(hidden) }), 403, 'PROTECTED_IDENTITY')
  await deniedOnce(server, await ask({ subjectId: MAJA }, acting(server, chief.person)), 403, 'PROTECTED_IDENTITY')

  const child = await registerChild(server, { years: 8 })
  const caseId = await openCase(server, { subjectId: child.id })
  const access = await opened(caseId)
  await server.sql(`update samsyn.subjects set protected_identity = true where id = '${child.id}'`)

  await deniedOnce(server, await own.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN', { emergency_id: null })
})

test('who is related to the case anyway needs none', async () => {
  const caseId = await openCase(server)
  await deniedOnce(server, await ask({ caseReference: await referenceOf(caseId) }, worker), 409, 'CONFLICT')
  await deniedOnce(server, await ask({ caseReference: await referenceOf(caseId) }, manager), 409, 'CONFLICT')
})

test('who is kept from the case does not get in, and an open access ends', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  await manager.post(`/cases/${caseId}/exclusions`, { userId: outsider.user, kind: 'kinship', reason: 'Her nephew.' }, { status: 201 })
    .then(async kept => {
      await deniedOnce(server, await own.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
      await deniedOnce(server, await ask({ caseReference: await referenceOf(caseId) }), 422, 'INVALID_REFERENCE')
      await deniedOnce(server, await own.get(`/emergency-accesses/${access.id}`), 404, 'NOT_FOUND')
      await manager.post(`/exclusions/${kept.body.id}/endings`, { reason: 'Another child.' }, { status: 201 })
    })
  await deniedOnce(server, await own.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
})

test('it ends by itself when its time has run out', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  const at = seconds => stopClock(server, new Date(Date.parse(access.expiresAt) + seconds * 1000).toISOString())
  const live = await own.get(`/emergency-accesses/${access.id}`, { status: 200 })
  try {
    await at(-1)
    assert.equal((await own.get(`/cases/${caseId}`, under(access))).status, 200)
    await at(1)
    await deniedOnce(server, await own.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN', { subject_ids: [ALVA] })
    const ended = await own.get(`/emergency-accesses/${access.id}`, { ifNoneMatch: live.etag, status: 200 })
    assert.equal(ended.body.state, 'ended')
    await deniedOnce(server, await end(access), 409, 'ALREADY_ENDED')
  } finally {
    await restoreClock(server)
  }
})

test('it is ended by who opened it, or by a manager who sees it, and opens nothing any more', async () => {
  const caseId = await openCase(server)
  for (const by of [own, manager, acting(server, chief.person)]) {
    const access = await opened(caseId)

    const ended = await created(end(access, by))

    assert.deepEqual([ended.body.state, relations(ended).includes('case')], ['ended', false])
    await deniedOnce(server, await own.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
    await deniedOnce(server, await end(access, by), 409, 'ALREADY_ENDED')
  }
})

test('the header is worth nothing for anybody else, with any other id, or without an id', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  const second = await hire(server, { unit: outsider.unit })
  const more = await hire(server, { unit: outsider.unit })
  // The same person in another assignment of theirs.
  await server.sql(`update samsyn.assignments set user_id = '${outsider.user}' where id = '${more.assignment}'`)

  await deniedOnce(server, await acting(server, second.person).get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
  await deniedOnce(server, await head.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN', { emergency_id: null })
  await deniedOnce(server, await worker.get(`/cases/${caseId}`, under(access)), 403, 'EMERGENCY_NOT_OPEN')
  const as = assignment => ({ headers: { 'Samsyn-Emergency-Access': access.id, 'Samsyn-Assignment': assignment } })
  await deniedOnce(server, await own.get(`/cases/${caseId}`, as(more.assignment)), 403, 'EMERGENCY_NOT_OPEN')
  assert.equal((await own.get(`/cases/${caseId}`, as(outsider.assignment))).status, 200)
  await server.sql(`update samsyn.assignments set user_id = '${more.user}' where id = '${more.assignment}'`)
  await deniedOnce(server, await own.get(`/cases/${caseId}`, under(unknownId())), 403, 'EMERGENCY_NOT_OPEN')
  const malformed = await own.get(`/cases/${caseId}`, under('urgent'))
  assert.deepEqual([malformed.status, malformed.body.errors[0].pointer], [400, '/header/Samsyn-Emergency-Access'])
})

test('a person whose role was taken away reads nothing under it any more', async () => {
  const caseId = await openCase(server)
  const leaving = await hire(server, { organisation: SOCIAL })
  const by = acting(server, leaving.person)
  const access = await opened(caseId, by)
  assert.equal((await by.get(`/cases/${caseId}`, under(access))).status, 200)

  await acting(server, 'organisation-admin').post(`/assignments/${leaving.assignment}/endings`, undefined, { status: 201 })

  await deniedOnce(server, await by.get(`/cases/${caseId}`, under(access)), 403, 'ASSIGNMENT_REQUIRED')
})

test('the managers of both units find what waits for a review; nobody else does', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  const list = async (by, query) => (await by.get('/emergency-accesses', { query: { limit: 100, ...query }, status: 200 })).body.emergencyAccesses.map(one => one.id)
  const beside = acting(server, (await hire(server, { organisation: SOCIAL, role: 'unit-manager' })).person)

  for (const by of [own, manager, acting(server, chief.person)]) assert.ok((await list(by, { review: 'open' })).includes(access.id))
  for (const by of [worker, head, beside]) assert.ok(!(await list(by)).includes(access.id))
  await deniedOnce(server, await beside.get(`/emergency-accesses/${access.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await worker.get(`/emergency-accesses/${access.id}`), 404, 'NOT_FOUND')
  await readsConditionally(manager, `/emergency-accesses/${access.id}`)
  await pages(own, '/emergency-accesses', 'emergencyAccesses')

  await over(access)
  await created(review(access))
  assert.ok(!(await list(manager, { review: 'open' })).includes(access.id))
  assert.ok((await list(manager, { review: 'done' })).includes(access.id))
})

test('it is reviewed once, afterwards, with an outcome, and never by who opened it', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  await deniedOnce(server, await review(access), 409, 'CONFLICT')
  await over(access)

  const reply = await created(review(access, { outcome: 'follow-up', comment: 'The duty officer was on call.' }))

  assert.equal(reply.body.reviewState, 'done')
  const { outcome, comment, reviewedBy } = reply.body.review
  assert.deepEqual({ outcome, comment, reviewedBy }, { outcome: 'follow-up', comment: 'The duty officer was on call.', reviewedBy: 'Mikael Granlund' })
  assert.deepEqual(relations(reply), ['self'])
  await allowedOnce(server, reply, [ALVA], [access.id], { activity: 'write' })
  await deniedOnce(server, await review(access, found, acting(server, chief.person)), 409, 'ALREADY_EXISTS')
  await deniedOnce(server, await review(access, found, own), 403, 'ROLE_NOT_ALLOWED')

  // A manager who opened one themselves.
  const theirs = await opened(caseId, acting(server, chief.person))
  await created(end(theirs, acting(server, chief.person)))
  await deniedOnce(server, await review(theirs, found, acting(server, chief.person)), 403, 'ROLE_NOT_ALLOWED')
  await created(review(theirs))
})

test('auditors find everything that was read under it', async () => {
  const caseId = await openCase(server)
  const access = await opened(caseId)
  await own.get(`/cases/${caseId}`, { ...under(access), status: 200 })
  await own.get(`/cases/${unknownId()}`, under(access))

  const list = await auditor.get('/access-events', { query: { emergencyAccessId: access.id }, status: 200 })

  assert.deepEqual(list.body.accessEvents.map(one => [one.operation, one.outcome, one.emergencyAccessId]),
    [['getCase', 'denied', access.id], ['getCase', 'allowed', access.id]])
  const openings = await auditor.get('/access-events', { query: { activity: 'emergency-access' }, status: 200 })
  assert.ok(openings.body.accessEvents.some(one => one.resourceIds.includes(access.id)))
})

test('a blank reason is no reason', async () => {
  const caseReference = await referenceOf(await openCase(server))
  for (const blank of ['', '  \n']) {
    const reply = await ask({ caseReference, reason: blank })
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/reason'])
  }
})

test('the operator sets how long it lasts', async () => {
  const caseReference = await referenceOf(await openCase(server))
  const set = minutes => command('migrate', '--owner-database', conninfo(server.database, 'samsyn_owner'), '--emergency-access-minutes', minutes)
  const minutes = async () => {
    const { openedAt, expiresAt } = (await created(ask({ caseReference }))).body
    return (Date.parse(expiresAt) - Date.parse(openedAt)) / 60_000
  }
  assert.equal((await set('15')).status, 0)
  assert.equal(await minutes(), 15)
  // Migrating without the option leaves it.
  await command('migrate', '--owner-database', conninfo(server.database, 'samsyn_owner'))
  assert.equal(await minutes(), 15)
  for (const outside of ['4', '1441', 'ever']) assert.notEqual((await set(outside)).status, 0)
  await set('60')
  assert.equal(await minutes(), 60)
})

test('of two reviews at once one counts, and an ending at once with a reading is before or after it', async () => {
  const caseId = await openCase(server)
  for (let round = 0; round < 5; round++) {
    const access = await opened(caseId)
    const [read, ended] = await Promise.all([own.get(`/cases/${caseId}`, under(access)), end(access)])
    assert.equal(ended.status, 201)
    assert.ok(read.status === 200 || read.body.code === 'EMERGENCY_NOT_OPEN')

    const replies = await Promise.all([review(access), review(access, found, acting(server, chief.person))])

    assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(), ['201', '409 ALREADY_EXISTS'])
  }
})

test('openings, endings and reviews are carried out once', async () => {
  const [one, two] = [await referenceOf(await openCase(server)), await referenceOf(await openCase(server))]
  const first = await answersOnce(server, outsider.person, 'openEmergencyAccess', { body: { caseReference: one, reason } }, { body: { caseReference: two, reason } })
  const second = (await created(ask({ caseReference: two }))).body
  const at = (id, body = {}) => ({ path: { emergencyAccessId: id }, body })
  await answersOnce(server, outsider.person, 'endEmergencyAccess', at(first.body.id), at(second.id))
  await answersOnce(server, 'social-manager', 'reviewEmergencyAccess', at(first.body.id, found), at(second.id, found))
})

test('nobody without a relation learns of one', async () => {
  const access = await opened(await openCase(server))
  const path = { emergencyAccessId: access.id }
  await hiddenFromStrangers(server, 'getEmergencyAccess', { path }, unknownId())
  await hiddenFromStrangers(server, 'endEmergencyAccess', { path, body: {} }, unknownId())
  await hiddenFromStrangers(server, 'reviewEmergencyAccess', { path, body: found }, unknownId())
  await deniedOnce(server, await auditor.get('/emergency-accesses'), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await ask({ subjectId: ALVA }, auditor), 403, 'ROLE_NOT_ALLOWED')
})

test('what does not follow the contract is refused', async () => {
  await refusesMalformedId(own, 'getEmergencyAccess', 'emergencyAccessId')
  await refusesStrayQuery(own, 'listEmergencyAccesses')
  await refusesBodies(own, 'openEmergencyAccess', {}, [
    [{ subjectId: ALVA }, '/body', '/body/reason'], [{ reason }, '/body'],
    [{ subjectId: ALVA, reason, expiresAt: '2030-01-01T00:00:00Z' }, '/body/expiresAt'],
    [{ caseReference: 'x', reason }, '/body/caseReference']
  ])
  await refusesBodies(own, 'endEmergencyAccess', { path: { emergencyAccessId: unknownId() } }, [[{ at: 'now' }, '/body/at']])
  await refusesBodies(manager, 'reviewEmergencyAccess', { path: { emergencyAccessId: unknownId() } }, [
    [{ outcome: 'fine', comment: ' ' }, '/body/comment', '/body/outcome'], [{}, '/body/comment', '/body/outcome']])
  assert.deepEqual(operationsOf('Emergency accesses'),
    ['endEmergencyAccess', 'getEmergencyAccess', 'listEmergencyAccesses', 'openEmergencyAccess', 'reviewEmergencyAccess'])
})
