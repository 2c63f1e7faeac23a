// The main job as one story: one child, two agencies, one consent, every access logged.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { AGREEMENT, ALVA, SCHOOL, SCHOOL_UNIT, SOCIAL, assignmentId, day, userId } from '../support/demo.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()

// What the people of the story did, as they themselves saw it: a line for each request.
const tally = []

// Somebody who notes down each of their requests, under a trace id of its own.
function person(name) {
  const client = server.as(name)
  const send = client.request.bind(client)
  client.request = async (method, path, body, options = {}) => {
    const traceId = randomBytes(16).toString('hex')
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`
    const reply = await send(method, path, body, { ...options, headers: { ...options.headers, traceparent } })
    tally.push({ traceId, name, reply })
    return reply
  }
  return client
}

const caseWorker = person('social-case-worker')
const head = person('school-head')
const teacher = person('school-teacher')
const socialLead = person('collaboration-lead')
const schoolLead = person('school-collaboration-lead')
const officer = person('police-officer')
const auditor = server.as('social-auditor')
const schoolAuditor = server.as('school-auditor')

// What the story leaves from one step to the next.
let joint, consent, part, familyNote, absence, share

test('social services opens a case about Alva', async () => {
  joint = await caseWorker.post('/cases', { subjectId: ALVA, title: 'Joint support autumn term' }, { status: 201 })

  assert.equal(joint.body.status, 'open')
  assert.equal(joint.body.organisationId, SOCIAL)
  refused(await head.get(`/cases/${joint.body.id}`), 404, 'NOT_FOUND')
})

test('it asks a consent of everyone who has custody', async () => {
  consent = await caseWorker.follow(joint, 'askConsent', {
    disclosingOrganisationIds: [SOCIAL, SCHOOL], recipientOrganisationIds: [SOCIAL, SCHOOL],
    categories: ['IDENTITY', 'CASE_STATUS', 'ATTENDANCE', 'FAMILY_SITUATION'], purpose: 'coordinated-support',
    validUntil: day(180), form: 'written', assessment: { maturity: 'not-mature' }
  }, { status: 201 })

  assert.equal(consent.body.state, 'requested')
  assert.deepEqual(consent.body.givers.map(giver => giver.kind), ['guardian', 'guardian'])
})

test('nothing is in force until the second guardian has granted too', async () => {
  const [one, other] = consent.body.givers

  const half = await caseWorker.follow(consent, 'answer', { giverId: one.id, answer: 'granted', form: 'written' }, { status: 201 })
  assert.equal(half.body.state, 'requested')
  const whole = await caseWorker.follow(half, 'answer', { giverId: other.id, answer: 'granted', form: 'electronic' }, { status: 201 })

  assert.equal(whole.body.state, 'in-force')
})

test('no agreement, no invitation: the leads of both agencies sign', async () => {
  const invitation = { unitId: SCHOOL_UNIT, agreementId: AGREEMENT, ground: 'CONSENT', consentId: consent.body.id, purpose: 'coordinated-support' }
  refused(await caseWorker.follow(joint, 'invite', invitation), 403, 'AGREEMENT_NOT_IN_FORCE')

  const drawnUp = await socialLead.get(`/agreements/${AGREEMENT}`, { status: 200 })
  await socialLead.follow(drawnUp, 'sign', undefined, { status: 201, ifMatch: drawnUp.etag })
  const halfSigned = await schoolLead.get(`/agreements/${AGREEMENT}`, { status: 200 })
  const signed = await schoolLead.follow(halfSigned, 'sign', undefined, { status: 201, ifMatch: halfSigned.etag })

  assert.equal(signed.body.state, 'in-force')
})

test('the school is invited, accepts, and appoints its team', async () => {
  const invitation = { unitId: SCHOOL_UNIT, agreementId: AGREEMENT, ground: 'CONSENT', consentId: consent.body.id, purpose: 'coordinated-support' }
  await caseWorker.follow(joint, 'invite', invitation, { status: 201 })

  const [invited] = (await head.get('/participants', { query: { status: 'invited' }, status: 200 })).body.participants
  refused(await head.get(`/cases/${joint.body.id}`), 404, 'NOT_FOUND')
  part = await head.follow(invited, 'accept', {}, { status: 201 })
  const seen = await head.follow(part, 'case', undefined, { status: 200 })
  refused(await teacher.get(`/cases/${joint.body.id}`), 404, 'NOT_FOUND')
  await head.follow(seen, 'addTeamMember', { assignmentId: assignmentId('school-teacher') }, { status: 201 })

  assert.equal(part.body.status, 'accepted')
  assert.equal((await teacher.get('/cases', { status: 200 })).body.cases[0].id, joint.body.id)
})

test('both write records, and each sees its own only', async () => {
  const records = `/cases/${joint.body.id}/records`
  familyNote = await caseWorker.post(records, { category: 'FAMILY_SITUATION', text: 'The parents live apart since August.' }, { status: 201 })
  absence = await teacher.post(records, { category: 'ATTENDANCE', text: 'Absent 14 of 20 days in October.' }, { status: 201 })

  const socialSees = await caseWorker.get(records, { status: 200 })
  const schoolSees = await teacher.get(records, { status: 200 })

  assert.deepEqual(socialSees.body.records.map(record => record.id), [familyNote.body.id])
  assert.deepEqual(schoolSees.body.records.map(record => record.id), [absence.body.id])
  assert.equal(schoolSees.body._meta.totalRecords, 1)
  refused(await teacher.get(`/records/${familyNote.body.id}`), 403, 'NO_LEGAL_GROUND')
  refused(await caseWorker.get(`/records/${absence.body.id}`), 403, 'NO_LEGAL_GROUND')
})

test('whoever has nothing to do with the case learns nothing', async () => {
  for (const path of [`/cases/${joint.body.id}`, `/records/${familyNote.body.id}`, `/consents/${consent.body.id}`]) {
    refused(await officer.get(path), 404, 'NOT_FOUND')
  }
})

test('social services shares what the guardians consented to', async () => {
  const draft = {
    kind: 'standing-share', recipientId: SCHOOL, ground: 'CONSENT', consentId: consent.body.id, agreementId: AGREEMENT,
    categories: ['FAMILY_SITUATION'], purpose: 'coordinated-support', justification: 'The school needs it to plan support.', validUntil: day(90)
  }
  refused(await caseWorker.follow(joint, 'disclose', { ...draft, categories: ['FAMILY_SITUATION', 'PARENT_HEALTH'] }), 403, 'GROUND_SCOPE')

  share = await caseWorker.follow(joint, 'disclose', draft, { status: 201 })

  assert.equal(share.body.state, 'in-force')
})

test('the school reads it', async () => {
  const read = await teacher.get(`/records/${familyNote.body.id}`, { status: 200 })
  const list = await teacher.get(`/cases/${joint.body.id}/records`, { status: 200 })

  assert.equal(read.body.text, 'The parents live apart since August.')
  assert.deepEqual(list.body.records.map(record => record.id).sort(), [familyNote.body.id, absence.body.id].sort())
})

test('one guardian withdraws, and the next read is refused', async () => {
  const withdrawn = await caseWorker.follow(consent, 'revoke', { giverId: consent.body.givers[0].id }, { status: 201 })
  assert.equal(withdrawn.body.state, 'revoked')

  refused(await teacher.get(`/records/${familyNote.body.id}`), 403, 'CONSENT_REVOKED')
  refused(await head.get(`/records/${familyNote.body.id}/versions`), 403, 'CONSENT_REVOKED')
  const list = await teacher.get(`/cases/${joint.body.id}/records`, { status: 200 })

  assert.deepEqual(list.body.records.map(record => record.id), [absence.body.id])
  assert.equal((await teacher.get(`/disclosures/${share.body.id}`, { status: 200 })).body.state, 'suspended')
})

// Every event that an auditor may see, by following `next` to the end.
async function wholeLog(client) {
  const events = []
  let page = await client.get('/access-events', { query: { limit: 100 }, status: 200 })
  for (;;) {
    events.push(...page.body.accessEvents)
    if (!page.links.next) return events
    page = await client.follow(page, 'next', undefined, { status: 200 })
  }
}

// The access log is about persons: an agreement, which names none, may be read without a trace, but not signed.
const audited = ({ reply }) => reply.status >= 400 || contract().find(reply.operation).source['x-audit'] !== undefined

// What a line of the tally ought to have left in the log.
function expected({ name, reply }) {
  const things = reply.body._meta ? Object.values(reply.body).find(Array.isArray) : [reply.body]
  const allowed = reply.status < 400
  return {
    userId: userId(name),
    operation: reply.operation,
    outcome: allowed ? 'allowed' : 'denied',
    code: allowed ? undefined : reply.body.code,
    resourceIds: allowed ? things.map(thing => thing.id).sort() : undefined
  }
}

function found(event) {
  const { userId, operation, outcome, code, resourceIds } = event
  return { userId, operation, outcome, code, resourceIds: outcome === 'allowed' ? resourceIds : undefined }
}

test('the auditor finds every read and every refusal of the story, and nothing that did not happen', async () => {
  const log = await wholeLog(auditor)
  const events = log.filter(event => event.userId !== userId('social-auditor'))

  assert.ok(tally.length > 30, 'the story is not told to its end')
  for (const line of tally.filter(audited)) {
    const about = events.filter(event => event.traceId === line.traceId)
    assert.equal(about.length, 1, `${line.name} ${line.reply.operation} ${line.reply.status} is in the log ${about.length} times`)
    assert.deepEqual(found(about[0]), expected(line))
  }
  assert.equal(events.length, tally.filter(audited).length)
})

test('each event names the child, and those on another agency\'s information the ground and the share', async () => {
  const log = await wholeLog(auditor)
  const aboutAlva = await auditor.get('/access-events', { query: { subjectId: ALVA, limit: 100 }, status: 200 })

  const traces = new Set(aboutAlva.body.accessEvents.map(event => event.traceId))
  const touching = tally.filter(({ reply }) => !reply.operation.endsWith('Agreement') && !(reply.body._meta?.count === 0))
  for (const { traceId, name, reply } of touching) assert.ok(traces.has(traceId), `${name} ${reply.operation} ${reply.status} does not name Alva`)

  const underShare = log.filter(event => event.disclosureIds.includes(share.body.id) && event.operation === 'getRecord')
  assert.deepEqual(underShare.map(event => [event.userId, event.outcome, event.grounds]), [[userId('school-teacher'), 'allowed', ['CONSENT']]])
})

test('the school\'s auditor finds what was done and refused with the school\'s records and staff, and no more', async () => {
  const log = await wholeLog(schoolAuditor)
  const traces = new Set(log.map(event => event.traceId))
  const schoolStaff = ['school-head', 'school-teacher', 'school-collaboration-lead']

  for (const line of tally.filter(audited).filter(({ name }) => schoolStaff.includes(name))) {
    assert.ok(traces.has(line.traceId), `${line.name} ${line.reply.operation}`)
  }
  const tried = tally.find(({ name, reply }) => name === 'social-case-worker' && reply.operation === 'getRecord' && reply.status === 403)
  assert.equal(log.find(event => event.traceId === tried.traceId).code, 'NO_LEGAL_GROUND')
  const opening = tally.find(({ reply }) => reply.operation === 'createCase')
  assert.equal(traces.has(opening.traceId), false)
})

test('the log holds no content and no identity number', async () => {
  const text = JSON.stringify(await wholeLog(auditor))
  const [{ identity_number: number }] = await server.sql(`select identity_number from samsyn.subjects where id = '${ALVA}'`)

  for (const secret of ['The parents live apart', 'Absent 14 of 20', 'Joint support autumn term', 'Alva Testsson', number]) {
    assert.equal(text.includes(secret), false, `the log tells "${secret}"`)
  }
})
