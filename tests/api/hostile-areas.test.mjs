// What one part of the work could tell of another: whoever leads a case now of what the former lead wrote, a ground of what
// came of a report, the access log of a suspicion, a deadline of a child one is kept from.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { decided, hold, opening, receivedIdOf, receivedOf, report } from '../support/concern.mjs'
import { day, POLICE, POLICE_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import { asParty, registerFamily } from '../support/party.mjs'
import { startServer } from '../support/server.mjs'
import { hire } from '../support/staff.mjs'
import {
  accept, acting, ask, decide, deniedOnce, handOver, invite, joinClinic, jointCase, openCase, PURPOSE, registerChild, shareStandingly, writeRecord
} from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const clinic = acting(server, 'clinic-manager')
const why = { reason: 'Not ours any more.' }

const pointer = reply => reply.body.errors?.map(error => error.pointer)
const participants = async (by, caseId) => (await by.get(`/cases/${caseId}/participants`, { status: 200 })).body.participants
const events = async party => (await party.get('/my/access-events', { query: { limit: 100 }, status: 200 })).body.accessEvents

async function passLead({ caseId, participant }) {
  const transfer = (await worker.post(`/cases/${caseId}/lead-transfers`, { toParticipantId: participant.id, ...why }, { status: 201 })).body
  await head.post(`/lead-transfers/${transfer.id}/acceptances`, {}, { status: 201 })
}
const exclude = (caseId, userId) => manager.post(`/cases/${caseId}/exclusions`, { userId, kind: 'kinship', reason: 'Her aunt.' }, { status: 201 })

// -- who leads now, and who led before --------------------------------------------------------------------------------------------

test('whoever leads a case now is not told on which ground and why the former lead invited a third agency', async () => {
  const joint = await jointCase(server)
  const { participant: invited } = await joinClinic(server, joint.caseId)
  const part = async by => (await participants(by, joint.caseId)).find(one => one.id === invited.id)

  await passLead(joint)

  const seen = await part(head)
  assert.deepEqual([seen.status, seen.ground, seen.justification, seen.purpose, seen.decisionId], ['accepted', undefined, undefined, undefined, undefined])
  for (const by of [worker, clinic]) {
    const { ground, justification } = await part(by)
    assert.deepEqual([ground, justification], ['SOCIAL_CHILD_SUPPORT', 'It treats the child.'])
  }
})

test('a consent is withdrawn with whoever holds it, also when their part in the case has ended', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'school-teacher', joint.caseId)
  await handOver(server, 'school-teacher', joint, [record.id])
  await passLead(joint)
  const former = (await participants(head, joint.caseId)).find(one => one.organisationId === SOCIAL)
  await head.post(`/participants/${former.id}/endings`, why, { status: 201 })

  const withdrawn = await manager.post(`/consents/${joint.consent.id}/revocations`, { giverId: joint.consent.givers[0].id })

  assert.deepEqual([withdrawn.status, withdrawn.body.state], [201, 'revoked'], withdrawn.text)
  await deniedOnce(server, await worker.get(`/consents/${joint.consent.id}`), 404, 'NOT_FOUND')
  assert.equal((await head.get(`/consents/${joint.consent.id}`, { status: 200 })).body.state, 'revoked')
})

test('with an organisation\'s part end the standing shares from it and to it', async () => {
  const joint = await jointCase(server)
  const theirs = await writeRecord(server, 'school-teacher', joint.caseId)
  const ours = await writeRecord(server, 'social-case-worker', joint.caseId)
  const from = await shareStandingly(server, 'school-teacher', joint)
  const to = await shareStandingly(server, 'social-case-worker', joint)
  await worker.get(`/records/${theirs.id}`, { status: 200 })

  await head.post(`/participants/${joint.participant.id}/endings`, why, { status: 201 })

  await deniedOnce(server, await worker.get(`/records/${theirs.id}`), 403, 'NO_LEGAL_GROUND')
  for (const share of [from, to]) assert.equal((await worker.get(`/disclosures/${share.id}`, { status: 200 })).body.state, 'ended')
  await accept(server, await invite(server, joint.caseId, joint.consent.id))
  await deniedOnce(server, await head.get(`/records/${ours.id}`), 403, 'NO_LEGAL_GROUND')
})

// -- oracles ----------------------------------------------------------------------------------------------------------------------

test('a reporter does not learn by an information request which case came of the report', async () => {
  const child = await registerChild(server, { years: 8 })
  const { received } = await decided(server, opening(), { subjectId: child.id })
  const question = { ground: 'REPORTER_FEEDBACK', categories: ['CASE_STATUS'] }
  const replies = []
  for (const caseId of [received.caseId, await openCase(server, { subjectId: child.id })]) {
    const consent = (await worker.post(`/cases/${caseId}/consents`, { disclosingOrganisationIds: [SOCIAL, SCHOOL], recipientOrganisationIds: [SOCIAL, SCHOOL],
      categories: ['IDENTITY', 'CASE_STATUS'], purpose: PURPOSE, validUntil: day(90), form: 'written', assessment: { maturity: 'not-mature' } }, { status: 201 })).body
    await worker.post(`/consents/${consent.id}/answers`, { giverId: consent.givers[0].id, answer: 'granted', form: 'written' }, { status: 201 })
    await accept(server, await invite(server, caseId, consent.id))
    replies.push(await ask(server, caseId, question, 'school-head').then(() => 'asked', error => String(error)))
  }
  assert.deepEqual(replies, ['asked', 'asked'])
})

test('an emergency does not tell whether there is a case about a child whose identity is protected', async () => {
  const outsider = acting(server, (await hire(server, { organisation: SOCIAL })).person)
  const reply = []
  for (const known of [true, false]) {
    const child = await registerChild(server, { years: 10, guardians: 0 })
    if (known) await openCase(server, { subjectId: child.id })
    await server.sql(`update samsyn.subjects set protected_identity = true where id = '${child.id}'`)
    reply.push(await outsider.call('openEmergencyAccess', { body: { subjectId: child.id, reason: 'At the ward.' } }))
  }
  for (const one of reply) await deniedOnce(server, one, 403, 'PROTECTED_IDENTITY')
  assert.deepEqual(pointer(reply[0]), pointer(reply[1]))
})

// -- kept from a child --------------------------------------------------------------------------------------------------------------

test('whoever is kept from a child finds no deadline of a report about it, and no refusal that names it', async () => {
  const its = await registerFamily(server)
  const kept = await hire(server, { unit: SOCIAL_UNIT })
  const by = acting(server, kept.person)
  await exclude(await openCase(server, { subjectId: its.child.id }), kept.user)

  const received = await receivedOf(server, await report(server, 'school-teacher', { child: { name: 'Nova Provfall', identityNumber: its.numbers.child, description: 'A pupil of year 3.' } }))

  const waiting = async who => (await who.get('/deadlines', { query: { limit: 100 }, status: 200 })).body.deadlines.filter(one => one.resourceId === received.id)
  assert.equal((await waiting(worker)).length, 2)
  assert.deepEqual(await waiting(by), [])
  const [{ id }] = await waiting(worker)
  await deniedOnce(server, await by.get(`/deadlines/${id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await by.get(`/concern-reports/${received.id}`), 404, 'NOT_FOUND')
})

test('a consultation does not tell whoever is kept from a child that it is in the register', async () => {
  const child = await registerChild(server, { years: 7, name: 'Tindra Okänd' })
  const kept = await hire(server, { unit: SOCIAL_UNIT })
  await exclude(await openCase(server, { subjectId: child.id }), kept.user)
  const consult = who => acting(server, who).call('createConsultation', { body: { recipientUnitId: SOCIAL_UNIT, question: 'What do you do when Tindra Okänd stays away?' } })

  refused(await consult('social-case-worker'), 422, 'UNPROCESSABLE')
  assert.equal((await consult(kept.person)).status, 201)
})

// -- guardians who must not know ------------------------------------------------------------------------------------------------------

test('no guardian reads of a suspected crime: neither who was told, nor the ground, nor that the police read', async () => {
  const its = await registerFamily(server)
  const caseId = await openCase(server, { subjectId: its.child.id })
  const ground = 'CRIME_AGAINST_CHILD'
  const decision = await decide(server, caseId, { ground, recipientId: POLICE, categories: ['IDENTITY', 'CASE_STATUS', 'FAMILY_SITUATION'] })
  const invited = (await worker.call('inviteParticipant', { path: { caseId },
    body: { unitId: POLICE_UNIT, ground, decisionId: decision.id, justification: 'A crime is suspected.', purpose: PURPOSE } }, { status: 201 })).body
  await accept(server, invited, 'police-manager')
  const record = await writeRecord(server, 'social-case-worker', caseId)
  const told = (await worker.call('createDisclosure', { path: { caseId },
    body: { kind: 'handover', recipientId: POLICE, ground, decisionId: decision.id, recordIds: [record.id], purpose: PURPOSE, justification: 'A crime is suspected.' } }, { status: 201 })).body
  await worker.get(`/disclosures/${told.id}`, { status: 200 })
  await worker.get(`/cases/${caseId}/participants`, { status: 200 })
  await acting(server, 'police-manager').get(`/records/${record.id}`, { status: 200 })
  await acting(server, 'police-manager').get(`/cases/${caseId}`, { status: 200 })
  const dad = asParty(server, its.numbers.father)

  const seen = await events(dad)

  assert.equal(seen.some(one => one.operation === 'create record'), true)
  assert.equal(/CRIME|Polis/.test(JSON.stringify(seen)), false, JSON.stringify(seen))
  assert.deepEqual(seen.filter(one => /disclosure|decision|invite|invitation/.test(one.operation)), [])
  assert.equal(/Polis/.test((await dad.get(`/my/cases/${caseId}`, { status: 200 })).text), false)
})

test('no party is told that the police have the child in their register, or a case about it', async () => {
  const its = await registerFamily(server)
  const police = await registerFamily(server, { person: 'police-manager', numbers: its.numbers })
  const caseId = (await acting(server, 'police-manager').post('/cases', { subjectId: police.child.id, title: 'Assault' }, { status: 201 })).body.id
  for (const who of ['father', 'mother']) {
    const party = asParty(server, its.numbers[who])
    for (const what of ['subjects', 'cases', 'consents', 'plans', 'access-events']) {
      const reply = await party.get(`/my/${what}`, { query: { limit: 100 }, status: 200 })
      assert.equal([police.child.id, caseId, 'Polis'].some(mark => reply.text.includes(mark)), false, reply.text)
    }
    for (const path of [`cases/${caseId}`, `subjects/${police.child.id}/contact-details`]) refused(await party.get(`/my/${path}`), 404, 'NOT_FOUND')
  }
  assert.match((await asParty(server, its.numbers.father).get('/my/subjects', { status: 200 })).text, new RegExp(its.child.id))
})

test('that care is applied for is not read in the access log by the guardians beforehand', async () => {
  const its = await registerFamily(server)
  const { received } = await decided(server, opening(), { subjectId: its.child.id })
  const path = { investigationId: received.investigationId }
  await worker.call('informOnInvestigation', { path, body: { informed: ['guardian'], text: 'By telephone.' } }, { status: 201 })
  await worker.call('registerCareApplication', { path, body: { appliedOn: day() } }, { status: 201 })

  const seen = await events(asParty(server, its.numbers.father))

  assert.equal(seen.some(one => one.operation === 'inform on investigation'), true)
  assert.equal(seen.some(one => /care/.test(one.operation)), false)
})

test('a consent does not name an organisation that withholds everything from the guardian who is asked', async () => {
  const its = await registerFamily(server)
  const school = await registerFamily(server, { person: 'school-head', numbers: its.numbers })
  const { caseId, consent } = await jointCase(server, { subjectId: its.child.id }).then(async joint =>
    ({ ...joint, consent: (await worker.post(`/cases/${joint.caseId}/consents`, { disclosingOrganisationIds: [SOCIAL], recipientOrganisationIds: [SCHOOL],
      categories: ['CASE_STATUS'], purpose: PURPOSE, validUntil: day(90), form: 'written', assessment: { maturity: 'not-mature' } }, { status: 201 })).body }))
  const dad = asParty(server, its.numbers.father)
  assert.match((await dad.get(`/my/consents/${consent.id}`, { status: 200 })).text, /Utbildning/)

  // A hold on contact with guardians at the school: nothing is restricted, and the location is not kept.
  const sent = await report(server, 'school-head', { child: { subjectId: school.child.id }, ...hold })
  await server.sql(`update samsyn.concern_reports set subject_id = null where id = '${await receivedIdOf(server, sent)}'`)

  for (const path of [`consents/${consent.id}`, 'consents', `cases/${caseId}`]) assert.equal(/Utbildning/.test((await dad.get(`/my/${path}`, { status: 200 })).text), false, path)
  const say = answer => dad.call('answerMyConsent', { path: { consentId: consent.id }, body: { answer } })
  await deniedOnce(server, await say('granted'), 403, 'GUARDIAN_SECRECY')
  assert.equal((await say('refused')).status, 201)
})

// -- whose auditor is told ------------------------------------------------------------------------------------------------------------

test('who aims at a transition is seen by the organisation that announced it', async () => {
  const { caseId } = await jointCase(server)
  const clinicUnit = (await joinClinic(server, caseId)).participant.unitId
  const made = (await head.call('createTransition', { path: { caseId }, body: { fromUnitId: SCHOOL_UNIT, toUnitId: clinicUnit, movesOn: day(30), ground: 'CONSENT', reason: 'Other schooling.' } }, { status: 201 })).body

  const row = await deniedOnce(server, await acting(server, 'police-manager').get(`/transitions/${made.id}`), 404, 'NOT_FOUND')

  assert.deepEqual(row.concerned_ids, [SOCIAL, SCHOOL].sort())
})
