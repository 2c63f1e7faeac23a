// Information requests: what one organisation on a case asks another for, and how it was answered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock, stopClock, swedish } from '../support/clock.mjs'
import { ALVA, CLINIC, POLICE, SCHOOL, SOCIAL, day } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import {
  acting, allowedOnce, ask, decide, deniedOnce, hiddenFromStrangers, joinClinic, jointCase, openCase, PURPOSE, registerChild, requestDraft, writeRecord
} from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')
const psychologist = acting(server, 'clinic-psychologist')
const why = { reason: 'No consent covers it.' }

const tryToAsk = (caseId, body, person = psychologist) => person.call('createInformationRequest', { path: { caseId }, body })
const refuse = (request, person = worker) => person.post(`/information-requests/${request.id}/refusals`, why)
const withdraw = (request, person = psychologist) => person.post(`/information-requests/${request.id}/withdrawals`, {})
const see = async (request, person = psychologist) => (await person.get(`/information-requests/${request.id}`, { status: 200 })).body

// A case on which social services, the school and the clinic work, and a decision that lets social services tell the clinic.
async function threeAround(about) {
  const joint = await jointCase(server, about)
  return { ...joint, ...await joinClinic(server, joint.caseId) }
}

const answerDraft = ({ decision }, request, records, more = {}) => ({
  kind: 'handover', recipientId: CLINIC, ground: 'SOCIAL_CHILD_SUPPORT', decisionId: decision.id, requestId: request.id, recordIds: records.map(one => one.id),
  purpose: PURPOSE, justification: 'For the treatment.', ...more
})
const answer = (around, request, records, more) => worker.call('createDisclosure', { path: { caseId: around.caseId }, body: answerDraft(around, request, records, more) })

test('a participant asks another for categories of information, on a ground and by a day', async () => {
  const { caseId } = await threeAround()

  const made = await tryToAsk(caseId, requestDraft())

  assert.equal(made.status, 201, made.text)
  const { _links, id, askedAt, updatedAt, ...said } = made.body
  assert.deepEqual(said, {
    caseId, organisationId: CLINIC, organisationName: 'Hälso- och sjukvårdsnämnden', askedOrganisationName: 'Socialnämnden i Granby', ...requestDraft(),
    answeredCategories: [], timeliness: 'running', status: 'open', awaiting: 'them', disclosureIds: [], askedBy: 'Pär Asplid'
  })
  assert.deepEqual(relations(made), ['case', 'self', 'withdraw'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write' })
  assert.deepEqual(relations(await worker.get(`/information-requests/${id}`)), ['answer', 'case', 'refuse', 'self'])
})

test('what no answer could rest on is not asked for', async () => {
  const { caseId } = await threeAround()
  const grown = await registerChild(server, { years: 18, guardians: 0 })
  const grownUps = await openCase(server, { subjectId: grown.id })
  await joinGrown(grownUps)
  for (const [more, code] of [
    [{ ground: 'DUTY_TO_COLLABORATE' }, 'NO_LEGAL_GROUND'], [{ ground: 'COLLABORATION_AGREEMENT' }, 'NO_LEGAL_GROUND'], [{ ground: 'STATUTORY_DUTY' }, 'NO_LEGAL_GROUND'],
    [{ ground: 'HEALTH_CHILD_SUPPORT' }, 'GROUND_SOURCE_SECTOR'], [{ ground: 'YOUTH_OPINION' }, 'GROUND_RECIPIENT_SECTOR'],
    [{ ground: 'NECESSARY_OWN_TASK' }, 'GROUND_PRECONDITION'], [{ ground: 'HEALTH_EXAM_NOTICE', categories: ['FAMILY_SITUATION'] }, 'GROUND_SCOPE']
  ]) await deniedOnce(server, await tryToAsk(caseId, requestDraft(more)), 403, code, { subject_ids: [ALVA] })
  await deniedOnce(server, await tryToAsk(grownUps, requestDraft()), 403, 'GROUND_AGE')
  for (const [more, code, pointer] of [
    [{ askedOrganisationId: CLINIC }, 'INVALID_REFERENCE', '/body/askedOrganisationId'], [{ askedOrganisationId: POLICE }, 'INVALID_REFERENCE', '/body/askedOrganisationId'],
    [{ askedOrganisationId: unknownId() }, 'INVALID_REFERENCE', '/body/askedOrganisationId'], [{ dueOn: day(-1) }, 'UNPROCESSABLE', '/body/dueOn'],
    [{ categories: ['GOSSIP'] }, 'INVALID_REFERENCE', '/body/categories']
  ]) {
    const reply = await tryToAsk(caseId, requestDraft(more))
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer], JSON.stringify(more))
  }
  assert.equal((await tryToAsk(caseId, requestDraft({ dueOn: day() }))).status, 201)
  assert.equal((await worker.get(`/cases/${caseId}/information-requests`, { status: 200 })).body._meta.totalRecords, 1)
})

// The clinic on the case of someone who is of age: on the ground for treatment that knows no age.
async function joinGrown(caseId) {
  const decision = await decide(server, caseId, { ground: 'SOCIAL_SUBSTANCE_OR_COMPULSORY_CARE' })
  const invited = await worker.call('inviteParticipant', { path: { caseId }, body: {
    unitId: '01940000-0000-7000-8000-000000000161', ground: decision.ground, decisionId: decision.id, justification: 'Care.', purpose: PURPOSE
  } }, { status: 201 })
  await acting(server, 'clinic-manager').post(`/participants/${invited.body.id}/acceptances`, {}, { status: 201 })
  await acting(server, 'clinic-manager').post(`/cases/${caseId}/team-members`, { assignmentId: '01940000-0000-7000-8000-000000000406' }, { status: 201 })
}

test('who asked, when and with what outcome the client cannot say', async () => {
  const { caseId } = await threeAround()
  await refusesBodies(psychologist, 'createInformationRequest', { path: { caseId } }, [
    [{}, ...Object.keys(requestDraft()).map(name => `/body/${name}`)], [requestDraft({ question: ' ' }), '/body/question'],
    ...['organisationId', 'askedBy', 'askedAt', 'status'].map(name => [requestDraft({ [name]: 'open' }), `/body/${name}`])
  ])
  refused(await worker.post(`/information-requests/${unknownId()}/refusals`, { reason: '' }), 400, 'INVALID_REQUEST')
  refused(await psychologist.post(`/information-requests/${unknownId()}/withdrawals`, { status: 'answered' }), 400, 'INVALID_REQUEST')
  await refusesMalformedId(worker, 'getInformationRequest', 'informationRequestId')
  await refusesStrayQuery(worker, 'listInformationRequestsOfCase', { path: { caseId } })
  await refusesStrayQuery(worker, 'listInformationRequests')
  refused(await worker.get('/information-requests', { query: { direction: 'sideways' } }), 400, 'INVALID_REQUEST')
})

test('a disclosure that names it answers it, a part at a time', async () => {
  const around = await threeAround()
  const request = await ask(server, around.caseId, { categories: ['FAMILY_SITUATION', 'IDENTITY'] })
  const family = await writeRecord(server, 'social-case-worker', around.caseId)
  const identity = await writeRecord(server, 'social-case-worker', around.caseId, { category: 'IDENTITY' })

  const part = await answer(around, request, [family])
  const between = await see(request)
  const rest = await answer(around, request, [identity])
  const after = await see(request)

  assert.equal(part.status, 201, part.text)
  assert.equal(rest.status, 201, rest.text)
  assert.equal(part.body.requestId, request.id)
  assert.deepEqual([between.status, between.answeredCategories, between.disclosureIds, between.awaiting], ['partly-answered', ['FAMILY_SITUATION'], [part.body.id], 'them'])
  assert.deepEqual([after.status, after.answeredCategories, after.disclosureIds, after.awaiting, after.timeliness, after.answeredBy],
    ['answered', ['FAMILY_SITUATION', 'IDENTITY'], [part.body.id, rest.body.id].sort(), 'nobody', 'met', 'Sara Lindalm'])
  assert.deepEqual(relations(after), ['case', 'self'])
  await allowedOnce(server, part, [ALVA], [part.body.id], { activity: 'disclose', grounds: ['SOCIAL_CHILD_SUPPORT'] })
  await deniedOnce(server, await answer(around, request, [family]), 409, 'ALREADY_ANSWERED')
})

test('an answer is to what was asked, by the one who was asked', async () => {
  const around = await threeAround()
  const request = await ask(server, around.caseId)
  const toSchool = await ask(server, around.caseId, { askedOrganisationId: SOCIAL, ground: 'CONSENT' }, 'school-teacher')
  const elsewhere = await ask(server, (await threeAround()).caseId)
  const family = await writeRecord(server, 'social-case-worker', around.caseId)
  const identity = await writeRecord(server, 'social-case-worker', around.caseId, { category: 'IDENTITY' })

  for (const id of [toSchool.id, elsewhere.id, unknownId()]) {
    const reply = await answer(around, { id }, [family])
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/requestId'])
  }
  const beside = await answer(around, request, [identity])
  await deniedOnce(server, beside, 422, 'UNPROCESSABLE')
  assert.deepEqual(beside.body.errors.map(error => error.pointer), ['/body/requestId'])
  await deniedOnce(server, await answer(around, request, [family], { decisionId: undefined }), 403, 'DECISION_REQUIRED')

  assert.deepEqual([(await see(request)).status, (await see(request)).answeredBy], ['open', undefined])
})

test('the asked organisation refuses with a reason that the asking one reads', async () => {
  const around = await threeAround()
  const request = await ask(server, around.caseId)
  const family = await writeRecord(server, 'social-case-worker', around.caseId)

  const reply = await refuse(request)

  assert.equal(reply.status, 201, reply.text)
  const { status, refusalReason, answeredBy, awaiting, timeliness } = await see(request)
  assert.deepEqual({ status, refusalReason, answeredBy, awaiting, timeliness }, { status: 'refused', refusalReason: why.reason, answeredBy: 'Sara Lindalm', awaiting: 'nobody', timeliness: 'met' })
  await allowedOnce(server, reply, [ALVA], [request.id], { activity: 'write', concerned_ids: [CLINIC] })
  await deniedOnce(server, await refuse(request), 409, 'ALREADY_ANSWERED')
  await deniedOnce(server, await withdraw(request), 409, 'ALREADY_ANSWERED')
  await deniedOnce(server, await answer(around, request, [family]), 409, 'ALREADY_ANSWERED')
  await deniedOnce(server, await refuse(await ask(server, around.caseId), psychologist), 403, 'NOT_RECIPIENT')
})

test('the asking organisation withdraws what it does not need any more', async () => {
  const around = await threeAround()
  const request = await ask(server, around.caseId)
  await deniedOnce(server, await withdraw(request, worker), 403, 'NOT_OWNER', { concerned_ids: [CLINIC] })

  const reply = await withdraw(request)

  assert.equal(reply.status, 201, reply.text)
  assert.deepEqual([reply.body.status, reply.body.awaiting, reply.body.timeliness], ['withdrawn', 'nobody', undefined])
  assert.deepEqual(relations(reply), ['case', 'self'])
  await allowedOnce(server, reply, [ALVA], [request.id], { activity: 'write' })
  await deniedOnce(server, await refuse(request), 409, 'ALREADY_ANSWERED')
})

test('of two answers at once one has effect and the other is told so', async () => {
  const around = await threeAround()
  const family = await writeRecord(server, 'social-case-worker', around.caseId)
  for (let i = 0; i < 5; i++) {
    const request = await ask(server, around.caseId)

    const replies = await Promise.all([answer(around, request, [family]), refuse(request), withdraw(request), answer(around, request, [family])])

    assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409, 409, 409], replies.map(reply => reply.text).join('\n'))
    for (const reply of replies.filter(one => one.status === 409)) await deniedOnce(server, reply, 409, 'ALREADY_ANSWERED')
    const [answered, refusedOne, withdrawn] = replies.map(reply => reply.status === 201)
    assert.equal((await see(request)).status, refusedOne ? 'refused' : withdrawn ? 'withdrawn' : 'answered', String(answered))
  }
})

test('a ground that only answers questions opens what an open request names', async () => {
  const around = await jointCase(server)
  const health = await writeRecord(server, 'school-teacher', around.caseId)
  const told = more => teacher.call('createDisclosure', { path: { caseId: around.caseId }, body: {
    kind: 'handover', recipientId: SOCIAL, ground: 'CUSTODY_INQUIRY_SCHOOL', recordIds: [health.id], purpose: 'custody-inquiry', justification: '', preconditionStatement: 'The court has asked the board.', ...more
  } })
  await server.sql(`update samsyn.records set regime = 'PUPIL_SUPPORT' where id = '${health.id}'`)

  await deniedOnce(server, await told({}), 403, 'GROUND_PRECONDITION')
  const other = await ask(server, around.caseId, { askedOrganisationId: SCHOOL, ground: 'CONSENT', categories: ['ATTENDANCE'] }, 'social-case-worker')
  await deniedOnce(server, await told({ requestId: other.id }), 403, 'GROUND_PRECONDITION')
  const request = await ask(server, around.caseId, { askedOrganisationId: SCHOOL, ground: 'CUSTODY_INQUIRY_SCHOOL', categories: ['ATTENDANCE'] }, 'social-case-worker')
  await deniedOnce(server, await told({ requestId: request.id, preconditionStatement: undefined }), 403, 'GROUND_PRECONDITION')
  const made = await told({ requestId: request.id })

  assert.equal(made.status, 201, made.text)
  assert.deepEqual([made.body.justification, made.body.preconditionStatement], ['', 'The court has asked the board.'])
  assert.equal((await see(request, worker)).status, 'answered')
})

test('after its last day it is late, by the Swedish calendar', async t => {
  t.after(() => restoreClock(server))
  const { caseId } = await threeAround()
  const request = await ask(server, caseId, { dueOn: day(3) })

  await stopClock(server, swedish(day(3), '23:59'))
  const before = await psychologist.get(`/information-requests/${request.id}`, { status: 200 })
  await moveClock(server, swedish(day(4), '00:00'))
  const after = await psychologist.get(`/information-requests/${request.id}`, { status: 200 })
  await refuse(request)

  assert.deepEqual([before.body.timeliness, after.body.timeliness, (await see(request)).timeliness], ['running', 'late', 'late'])
  assert.notEqual(before.etag, after.etag)
})

test('a closed case takes no new request, and holds up neither a refusal nor a withdrawal', async () => {
  const { caseId } = await threeAround()
  const [refusable, withdrawable] = [await ask(server, caseId), await ask(server, caseId)]
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await tryToAsk(caseId, requestDraft()), 409, 'CASE_CLOSED')
  assert.equal((await refuse(refusable)).status, 201)
  assert.equal((await withdraw(withdrawable)).status, 201)
})

test('both sides read and list it, and a third participant learns nothing of it', async () => {
  const { caseId } = await threeAround()
  const made = [await ask(server, caseId), await ask(server, caseId, { dueOn: day(5) }), await ask(server, caseId, { dueOn: day(9) })].reverse()
  const back = await ask(server, caseId, { askedOrganisationId: CLINIC, ground: 'HEALTH_CHILD_SUPPORT', categories: ['MENTAL_HEALTH'] }, 'social-case-worker')
  await withdraw(made[0])
  const path = `/cases/${caseId}/information-requests`
  const listed = async (person, query, at = path) => (await person.get(at, { query: { limit: 100, ...query }, status: 200 })).body.informationRequests.map(one => one.id)

  for (const person of [worker, psychologist]) {
    const list = await person.get(path, { status: 200 })
    assert.deepEqual(list.body.informationRequests.map(one => one.id), [back.id, ...made.map(one => one.id)])
    await allowedOnce(server, list, [ALVA], [back.id, ...made.map(one => one.id)], { activity: 'read' })
  }
  assert.deepEqual(await listed(worker, { direction: 'sent' }), [back.id])
  assert.deepEqual(await listed(psychologist, { direction: 'received' }), [back.id])
  assert.deepEqual(await listed(worker, { status: 'withdrawn' }), [made[0].id])
  const waiting = (await listed(psychologist, { direction: 'sent', status: 'open' }, '/information-requests')).filter(id => made.some(one => one.id === id))
  assert.deepEqual(waiting, [made[1].id, made[2].id], 'the earliest last day first')
  await allowedOnce(server, await readsConditionally(worker, `/information-requests/${made[1].id}`), [ALVA], [made[1].id], { activity: 'read' })
  await pages(worker, path, 'informationRequests')

  for (const person of ['school-teacher', 'school-head']) {
    assert.deepEqual(await listed(acting(server, person)), [])
    await deniedOnce(server, await acting(server, person).get(`/information-requests/${made[1].id}`), 404, 'NOT_FOUND')
    await deniedOnce(server, await refuse(made[1], acting(server, person)), 404, 'NOT_FOUND')
    await deniedOnce(server, await withdraw(made[1], acting(server, person)), 404, 'NOT_FOUND')
  }
})

test('each change is carried out once', async () => {
  const { caseId } = await threeAround()
  const path = { caseId }
  const made = await answersOnce(server, 'clinic-psychologist', 'createInformationRequest', { path, body: requestDraft() }, { path, body: requestDraft({ purpose: 'other' }) })
  const refusing = body => ({ path: { informationRequestId: made.body.id }, body })
  await answersOnce(server, 'social-case-worker', 'refuseInformationRequest', refusing(why), refusing({ reason: 'Otherwise.' }))
  const [first, second] = [await ask(server, caseId), await ask(server, caseId)]
  await answersOnce(server, 'clinic-psychologist', 'withdrawInformationRequest', { path: { informationRequestId: first.id }, body: {} }, { path: { informationRequestId: second.id }, body: {} })
})

test('nobody without a relation learns of a request', async () => {
  const { caseId } = await jointCase(server)
  const request = await ask(server, caseId, { askedOrganisationId: SCHOOL, ground: 'CONSENT', categories: ['ATTENDANCE'] }, 'social-case-worker')
  const item = { informationRequestId: request.id }
  await hiddenFromStrangers(server, 'listInformationRequestsOfCase', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createInformationRequest', { path: { caseId }, body: requestDraft() }, unknownId())
  await hiddenFromStrangers(server, 'getInformationRequest', { path: item }, unknownId())
  await hiddenFromStrangers(server, 'refuseInformationRequest', { path: item, body: why }, unknownId())
  await hiddenFromStrangers(server, 'withdrawInformationRequest', { path: item, body: {} }, unknownId())
  refused(await acting(server, 'school-auditor').get('/information-requests'), 403, 'ROLE_NOT_ALLOWED')
})
