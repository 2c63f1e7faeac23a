// Guardian restrictions: what is kept from a child's guardians, by whom it is recorded and who knows of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA, ALVAS_GUARDIANS, ELIAS, MAJAS_GUARDIAN, SOCIAL, day } from '../support/demo.mjs'
import {
  actsWith, answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, appoint, deniedOnce, hiddenFromStrangers, jointCase, openCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
await actsWith(server, 'clinic-manager', ['subject:read', 'guardian-restriction:write'])

const why = { reason: 'The threat is over.' }
const draft = (more = {}) => ({ scope: 'location', reason: 'Threats of violence.', assessment: 'The address must not reach him.', ...more })
const restrict = (subjectId, more, by = worker) => by.call('createGuardianRestriction', { path: { subjectId }, body: draft(more) })
const made = async (...given) => {
  const reply = await restrict(...given)
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}
const end = (id, by = worker) => by.post(`/guardian-restrictions/${id}/endings`, why)
const listed = async (subjectId, query) =>
  (await worker.get(`/subjects/${subjectId}/guardian-restrictions`, { query, status: 200 })).body.guardianRestrictions.map(one => one.id)
const pointers = reply => reply.body.errors.map(error => error.pointer)

test('these are the operations of guardian restrictions', () => {
  assert.deepEqual(operationsOf('Guardian restrictions'),
    ['createGuardianRestriction', 'endGuardianRestriction', 'getGuardianRestriction', 'listGuardianRestrictions'])
})

test('something is kept from one guardian, with the assessment behind it', async () => {
  const reply = await restrict(ALVA, { guardianId: ALVAS_GUARDIANS[1], validUntil: day(30) })

  assert.equal(reply.status, 201, reply.text)
  const { _links, id, decidedAt, updatedAt, ...said } = reply.body
  assert.deepEqual(said, {
    subjectId: ALVA, guardianId: ALVAS_GUARDIANS[1], scope: 'location', visible: [], reason: 'Threats of violence.',
    assessment: 'The address must not reach him.', validUntil: day(30), state: 'in-force', decidedBy: 'Sara Lindalm'
  })
  assert.deepEqual(relations(reply), ['end', 'self', 'up'])
  await allowedOnce(server, reply, [ALVA], [id], { activity: 'write' })
  assert.deepEqual((await readsConditionally(worker, `/guardian-restrictions/${id}`)).body, reply.body)
})

test('or from all of them, or from 15 all but what stays visible', async () => {
  const everyone = await made(ELIAS, { scope: 'everything' })
  const narrowed = await made(ELIAS, { scope: 'from-15', visible: ['plans', 'cases'] })

  assert.equal('guardianId' in everyone, false)
  assert.deepEqual(narrowed.visible, ['plans', 'cases'])
})

test('what is in force and what has ended is listed, newest first', async () => {
  const child = await registerChild(server, { years: 9 })
  const [first, second, third] = [await made(child.id), await made(child.id, { scope: 'everything' }), await made(child.id, { validUntil: day() })]
  await end(second.id)

  assert.deepEqual(await listed(child.id), [third.id, second.id, first.id])
  assert.deepEqual(await listed(child.id, { state: 'in-force' }), [third.id, first.id])
  assert.deepEqual(await listed(child.id, { state: 'ended' }), [second.id])
  await pages(worker, `/subjects/${child.id}/guardian-restrictions`, 'guardianRestrictions')
  const reply = await worker.get(`/subjects/${child.id}/guardian-restrictions`, { status: 200 })
  await allowedOnce(server, reply, [child.id], [first.id, second.id, third.id], { activity: 'read' })
})

test('it ends once, at once, and for a reason', async () => {
  const restriction = await made(ALVA)

  const ended = await end(restriction.id)

  assert.equal(ended.status, 201, ended.text)
  assert.deepEqual([ended.body.state, ended.body.endReason, ended.body.endedBy, typeof ended.body.endedAt], ['ended', why.reason, 'Sara Lindalm', 'string'])
  assert.deepEqual(relations(ended), ['self', 'up'])
  await allowedOnce(server, ended, [ALVA], [restriction.id], { activity: 'write' })
  await deniedOnce(server, await end(restriction.id), 409, 'ALREADY_ENDED', { subject_ids: [ALVA] })
})

test('one whose last day has passed has ended', async () => {
  const { id } = await made(ALVA, { validUntil: day() })
  await server.sql(`update samsyn.guardian_restrictions set valid_until = samsyn.today() - 1 where id = '${id}'`)

  assert.equal((await worker.get(`/guardian-restrictions/${id}`)).body.state, 'ended')
  await deniedOnce(server, await end(id), 409, 'ALREADY_ENDED')
})

test('the guardian is one of the child\'s, and what is said does not contradict itself', async () => {
  for (const [more, code, pointer] of [
    [{ guardianId: MAJAS_GUARDIAN }, 'INVALID_REFERENCE', '/body/guardianId'],
    [{ guardianId: unknownId() }, 'INVALID_REFERENCE', '/body/guardianId'],
    [{ visible: ['cases'] }, 'UNPROCESSABLE', '/body/visible'],
    [{ scope: 'everything', visible: [] }, 'UNPROCESSABLE', '/body/visible'],
    [{ validUntil: day(-1) }, 'UNPROCESSABLE', '/body/validUntil']
  ]) {
    const reply = await restrict(ALVA, more)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(pointers(reply), [pointer], JSON.stringify(more))
  }
})

test('nothing unknown, empty or set by the client gets in', async () => {
  await refusesBodies(worker, 'createGuardianRestriction', { path: { subjectId: ALVA } }, [
    [{}, '/body/scope', '/body/reason', '/body/assessment'],
    [draft({ scope: 'name' }), '/body/scope'],
    [draft({ scope: 'from-15', visible: ['records'] }), '/body/visible/0'],
    [draft({ reason: ' ' }), '/body/reason'],
    [draft({ assessment: '' }), '/body/assessment'],
    [draft({ decidedBy: 'me' }), '/body/decidedBy']
  ])
  const { id } = await made(ALVA)
  await refusesBodies(worker, 'endGuardianRestriction', { path: { guardianRestrictionId: id } }, [[{}, '/body/reason'], [{ ...why, endedAt: day() }, '/body/endedAt']])
  for (const operation of ['getGuardianRestriction', 'endGuardianRestriction']) {
    await refusesMalformedId(worker, operation, 'guardianRestrictionId', operation.startsWith('get') ? {} : { body: why })
  }
  for (const operation of ['listGuardianRestrictions', 'createGuardianRestriction']) {
    await refusesMalformedId(worker, operation, 'subjectId', operation.startsWith('list') ? {} : { body: draft() })
  }
  await refusesStrayQuery(worker, 'listGuardianRestrictions', { path: { subjectId: ALVA } })
})

test('the organisation\'s people on a case about the child know of it, others do not', async () => {
  const child = await registerChild(server, { years: 9 })
  const { id } = await made(child.id)
  await actsWith(server, 'social-manager', ['subject:read', 'case:read'])
  const colleague = acting(server, 'social-manager')

  await deniedOnce(server, await colleague.get(`/subjects/${child.id}/guardian-restrictions`), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await colleague.get(`/guardian-restrictions/${id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await restrict(child.id, {}, colleague), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await end(id, colleague), 403, 'ROLE_NOT_ALLOWED')

  // Nor does the right to record one show those of children with whom one does not work.
  await actsWith(server, 'social-manager', ['subject:read', 'case:read', 'guardian-restriction:write'])
  await deniedOnce(server, await colleague.get(`/subjects/${child.id}/guardian-restrictions`), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await colleague.get(`/guardian-restrictions/${id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await end(id, colleague), 404, 'NOT_FOUND')

  const caseId = await openCase(server, { subjectId: child.id })
  await appoint(server, 'social-case-worker', caseId, 'social-manager')
  assert.equal((await colleague.get(`/guardian-restrictions/${id}`)).status, 200)
  assert.deepEqual((await colleague.get(`/subjects/${child.id}/guardian-restrictions`)).body.guardianRestrictions.map(one => one.id), [id])
})

test('another agency on the case learns nothing of it', async () => {
  const child = await registerChild(server, { years: 9 })
  await jointCase(server, { subjectId: child.id })
  const { id } = await made(child.id)

  for (const person of [teacher, head]) {
    await deniedOnce(server, await person.get(`/guardian-restrictions/${id}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
    await deniedOnce(server, await person.get(`/subjects/${child.id}/guardian-restrictions`), 403, 'NOT_OWNER')
  }
  await deniedOnce(server, await end(id, head), 404, 'NOT_FOUND')
  await hiddenFromStrangers(server, 'getGuardianRestriction', { path: { guardianRestrictionId: id } }, unknownId())
  await hiddenFromStrangers(server, 'endGuardianRestriction', { path: { guardianRestrictionId: id }, body: why }, unknownId())
  await hiddenFromStrangers(server, 'listGuardianRestrictions', { path: { subjectId: child.id } }, unknownId())
  await hiddenFromStrangers(server, 'createGuardianRestriction', { path: { subjectId: child.id }, body: draft() }, unknownId())
})

test('what is kept from a guardian is not to be disclosed to them either', async () => {
  const child = await registerChild(server, { years: 9, guardians: 2 })
  const caseId = await openCase(server, { subjectId: child.id })
  const [mother, father] = child.guardians.map(one => one.id)
  const refusals = async (guardianId, category) => (await worker.post('/access-evaluations',
    { action: 'disclose', caseId, guardianId, ground: 'GUARDIAN', categories: [category], kind: 'handover' }, { status: 200 })).text.includes('GUARDIAN_SECRECY')
  await made(child.id, { guardianId: father })

  assert.deepEqual([await refusals(father, 'CONTACT_DETAILS'), await refusals(father, 'FAMILY_SITUATION'), await refusals(mother, 'CONTACT_DETAILS')], [true, false, false])
  await made(child.id, { guardianId: father, scope: 'everything' })
  assert.equal(await refusals(father, 'FAMILY_SITUATION'), true)
})

test('a repeated request records and ends once', async () => {
  const one = await answersOnce(server, 'social-case-worker', 'createGuardianRestriction',
    { path: { subjectId: ALVA }, body: draft() }, { path: { subjectId: ALVA }, body: draft({ scope: 'everything' }) })
  await answersOnce(server, 'social-case-worker', 'endGuardianRestriction',
    { path: { guardianRestrictionId: one.body.id }, body: why }, { path: { guardianRestrictionId: one.body.id }, body: { reason: 'Another.' } })
})

test('of two who end it at once, one does', async () => {
  const { id } = await made(ALVA)

  const replies = await Promise.all([end(id), end(id), end(id)])

  assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409, 409])
})
