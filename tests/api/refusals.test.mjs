// Every refusal code of the evaluator over HTTP, what is never a ground, and consents that end with the day.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveClock, restoreClock, swedish } from '../support/clock.mjs'
import { ALVA, CLINIC, POLICE, POLICE_UNIT, SCHOOL, SCHOOL_HEALTH, SCHOOL_HEALTH_UNIT, SOCIAL, assignmentId, birthdayAhead, born, day } from '../support/demo.mjs'
import { unknownId } from '../support/habits.mjs'
import { readLaw } from '../support/naive-evaluator.mjs'
import { startServer } from '../support/server.mjs'
import {
  accept, acting, allowedOnce, appoint, askConsent, decide, deniedOnce, grantedConsent, handoverDraft, handOver, joinClinic, jointCase, openCase, PURPOSE, registerChild, revoke,
  shareStandingly, writeRecord
} from '../support/story.mjs'

const server = await startServer()
const law = readLaw()
const disclose = (caseId, body, person = 'social-case-worker') => acting(server, person).call('createDisclosure', { path: { caseId }, body })
const handover = (recipientId, ground, records, more = {}) => ({
  kind: 'handover', recipientId, ground, recordIds: records.map(one => one.id), purpose: PURPOSE, justification: 'It is needed.', ...more
})

// The police on a case, called to a child found in danger.
async function joinPolice(caseId) {
  const invited = await acting(server, 'social-case-worker').call('inviteParticipant', { path: { caseId }, body: {
    unitId: POLICE_UNIT, ground: 'IMMEDIATE_POLICE', preconditionStatement: 'Found alone at night in the harbour.', justification: 'To bring the child home.', purpose: PURPOSE
  } }, { status: 201 })
  await accept(server, invited.body, 'police-manager')
  await appoint(server, 'police-manager', caseId, 'police-officer')
}

// The school nurses, a branch of their own with nobody who leads it in the demo: one of them does for a moment.
async function joinNurses(caseId) {
  const decision = await decide(server, caseId, { ground: 'NECESSARY_OWN_TASK', recipientId: SCHOOL_HEALTH })
  const invited = await acting(server, 'social-case-worker').call('inviteParticipant', { path: { caseId }, body: {
    unitId: SCHOOL_HEALTH_UNIT, ground: decision.ground, decisionId: decision.id, justification: 'To ask about the health check.', purpose: PURPOSE
  } }, { status: 201 })
  const role = code => server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = '${code}') where id = '${assignmentId('school-nurse')}'`)
  await role('unit-manager')
  await accept(server, invited.body, 'school-nurse')
  await appoint(server, 'school-nurse', caseId, 'school-nurse')
}

const around = await jointCase(server)
await joinClinic(server, around.caseId)
await joinPolice(around.caseId)
const { caseId } = around
const family = await writeRecord(server, 'social-case-worker', caseId)

test('each refusal of the evaluator has its code, is logged once and changes nothing', async () => {
  const decision = await decide(server, caseId)
  const asked = await askConsent(server, caseId)
  const expired = await grantedConsent(server, caseId, { validFrom: day(-9), validUntil: day(-1) })
  const withdrawn = await revoke(server, await grantedConsent(server, caseId))
  const others = await grantedConsent(server, caseId, { recipientOrganisationIds: [CLINIC] })
  const narrow = await grantedConsent(server, caseId, { categories: ['ATTENDANCE'] })
  const byConsent = consentId => handover(SCHOOL, 'CONSENT', [family], { consentId })
  const onDecision = more => handover(CLINIC, 'SOCIAL_CHILD_SUPPORT', [family], { decisionId: decision.id, ...more })
  const before = (await acting(server, 'social-case-worker').get(`/cases/${caseId}/disclosures`)).body._meta.totalRecords

  for (const [body, code, person] of [
    [handover(SCHOOL, 'SOL_18_6', [family]), 'NO_LEGAL_GROUND'],
    [byConsent(undefined), 'CONSENT_REQUIRED'], [byConsent(asked.id), 'CONSENT_INCOMPLETE'], [byConsent(expired.id), 'CONSENT_EXPIRED'],
    [byConsent(withdrawn.id), 'CONSENT_REVOKED'], [byConsent(others.id), 'NOT_RECIPIENT'], [byConsent(narrow.id), 'GROUND_SCOPE'],
    [onDecision({ decisionId: undefined }), 'DECISION_REQUIRED'],
    [onDecision({ recipientId: SCHOOL }), 'GROUND_RECIPIENT_SECTOR'], [onDecision({ ground: 'HEALTH_CANNOT_CONSENT' }), 'GROUND_SOURCE_SECTOR'],
    [handover(POLICE, 'IMMEDIATE_POLICE', [family]), 'GROUND_PRECONDITION'], [handover(POLICE, 'PLACEMENT_INFO', [family]), 'GROUND_SCOPE'],
    [handover(SCHOOL_HEALTH, 'CONSENT', [family], { consentId: others.id }), 'NOT_RECIPIENT'],
    [onDecision(), 'ROLE_NOT_ALLOWED', 'social-auditor']
  ]) await deniedOnce(server, await disclose(caseId, body, person), 403, code, { subject_ids: [ALVA] })

  assert.equal((await acting(server, 'social-case-worker').get(`/cases/${caseId}/disclosures`)).body._meta.totalRecords, before)
  assert.equal((await disclose(caseId, onDecision())).status, 201)
})

test('agreements, general duties to collaborate and what counsel has not confirmed are no grounds, with all else in place', async () => {
  const unconfirmed = law.legalGrounds.filter(one => !one.enabled).map(one => one.code)
  for (const ground of [...law.neverGrounds.map(one => one.code), ...unconfirmed]) {
    const body = handover(SCHOOL, ground, [family], { consentId: around.consent.id, preconditionStatement: 'We have an agreement.' })
    await deniedOnce(server, await disclose(caseId, body), 403, 'NO_LEGAL_GROUND', { subject_ids: [ALVA] })
  }
})

test('a client\'s configuration opens nothing: whatever scopes and organisations it has, the ground decides', async () => {
  await server.sql("update samsyn.clients set scopes = array(select distinct unnest(scopes || '{samsyn:case,samsyn:agreement,samsyn:admin,samsyn:audit}'::text[]))")

  await deniedOnce(server, await disclose(caseId, handover(SCHOOL, 'SYSTEM_ACCESS', [family])), 403, 'NO_LEGAL_GROUND')
  await deniedOnce(server, await acting(server, 'school-teacher').get(`/records/${(await writeRecord(server, 'social-case-worker', caseId)).id}`), 403, 'NO_LEGAL_GROUND')
})

test('a school nurse\'s note is under the secrecy of health care inside a school', async () => {
  await joinNurses(caseId)
  const record = await writeRecord(server, 'school-nurse', caseId, { category: 'BEHAVIOUR', text: 'Bruises that do not fit the story.' })
  const pupils = await writeRecord(server, 'school-teacher', caseId, { category: 'BEHAVIOUR' })
  const draft = { ground: 'SCHOOL_TO_LAW_ENFORCEMENT', recipientId: POLICE, categories: ['BEHAVIOUR'] }
  const byNurse = await decide(server, caseId, draft, 'school-nurse')
  const byHead = await decide(server, caseId, draft, 'school-head')

  assert.equal(record.secrecyRegime, 'STUDENT_HEALTH_MEDICAL')
  await deniedOnce(server, await disclose(caseId, handover(POLICE, draft.ground, [record], { decisionId: byNurse.id }), 'school-nurse'), 403, 'GROUND_EXCLUDED')
  const made = await disclose(caseId, handover(POLICE, draft.ground, [pupils], { decisionId: byHead.id }), 'school-teacher')
  assert.equal(made.status, 201, made.text)
  const crime = await decide(server, caseId, { ...draft, ground: 'CRIME_AGAINST_CHILD', categories: ['BEHAVIOUR'] }, 'school-nurse')
  assert.equal((await disclose(caseId, handover(POLICE, 'CRIME_AGAINST_CHILD', [record], { decisionId: crime.id }), 'school-nurse')).status, 201)
})

test('records under several regimes must each pass', async () => {
  const open = await writeRecord(server, 'police-officer', caseId, { category: 'CRIME', secrecyRegime: 'POLICE' })
  const closed = await writeRecord(server, 'police-officer', caseId, { category: 'CRIME', secrecyRegime: 'CRIMINAL_RECORDS' })
  const notice = records => handover(SOCIAL, 'YOUNG_SUSPECT_NOTICE', records, { preconditionStatement: 'Reasonably suspected of theft.', justification: '' })

  await deniedOnce(server, await disclose(caseId, notice([open, closed]), 'police-officer'), 403, 'GROUND_EXCLUDED')
  const made = await disclose(caseId, notice([open]), 'police-officer')

  assert.equal(made.status, 201, made.text)
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'disclose', grounds: ['YOUNG_SUSPECT_NOTICE'] })
  const read = await acting(server, 'social-case-worker').get(`/records/${open.id}`, { status: 200 })
  await allowedOnce(server, read, [ALVA], [open.id], { grounds: ['YOUNG_SUSPECT_NOTICE'] })
})

test('an empty justification is refused where the ground requires one, and not where it does not', async () => {
  for (const [body, status] of [
    [handover(SCHOOL, 'CONSENT', [family], { consentId: around.consent.id, justification: '' }), 422],
    [handover(SCHOOL, 'CONSENT', [family], { consentId: around.consent.id, justification: ' \t' }), 422],
    [handover(SCHOOL, 'CONSENT', [family], { consentId: around.consent.id, justification: undefined }), 400],
    [handover(POLICE, 'LVU_ASSISTANCE', [family], { preconditionStatement: 'Help under LVU 43 § is asked for.', justification: '' }), 201]
  ]) {
    const reply = await disclose(caseId, body)
    assert.equal(reply.status, status, reply.text)
    if (status !== 201) assert.ok(reply.body.errors.map(error => error.pointer).includes('/body/justification'), reply.text)
  }
})

test('a statute opens the single case: a standing share rests on consent', async () => {
  const consent = await grantedConsent(server, caseId, { recipientOrganisationIds: [POLICE], categories: ['PLACEMENT'] })
  const body = { kind: 'standing-share', recipientId: POLICE, ground: 'CONTACT_DETAILS', consentId: consent.id, agreementId: unknownId(), categories: ['PLACEMENT'],
    purpose: PURPOSE, justification: 'Needed.', validUntil: day(9) }

  await deniedOnce(server, await disclose(caseId, body), 403, 'GROUND_SCOPE')
  await deniedOnce(server, await disclose(caseId, { ...body, ground: 'CONSENT' }), 403, 'AGREEMENT_NOT_IN_FORCE')
})

test('a protected identity is told only by those who hold the permission, on any ground', async () => {
  const child = await registerChild(server, { years: 10, protectedIdentity: true })
  const hidden = await openCase(server, { subjectId: child.id })
  await acting(server, 'social-case-worker').post(`/cases/${hidden}/team-members`, { assignmentId: assignmentId('social-manager') }, { status: 201 })
  const decision = await decide(server, hidden)
  const body = { unitId: '01940000-0000-7000-8000-000000000161', ground: decision.ground, decisionId: decision.id, justification: 'Treats the child.', purpose: PURPOSE }

  await deniedOnce(server, await acting(server, 'social-case-worker').call('inviteParticipant', { path: { caseId: hidden }, body }), 403, 'PROTECTED_IDENTITY', { subject_ids: [child.id] })
  assert.equal((await acting(server, 'social-manager').call('inviteParticipant', { path: { caseId: hidden }, body })).status, 201)
})

// -- from that day --------------------------------------------------------------------------------------------------------

// Someone who turns this old tomorrow.
const turnsTomorrow = years => born(years, birthdayAhead())
const tomorrow = () => moveClock(server, swedish(birthdayAhead(), '00:00'))

// A share and a handover by consent today; tomorrow the consent is not in force any more.
async function lapsesOvernight(joint) {
  const [given, shared] = [await writeRecord(server, 'social-case-worker', joint.caseId), await writeRecord(server, 'social-case-worker', joint.caseId)]
  const teacher = acting(server, 'school-teacher')
  await shareStandingly(server, 'social-case-worker', joint, { validFrom: day() })
  await handOver(server, 'social-case-worker', joint, [given.id])
  assert.equal((await teacher.get(`/records/${shared.id}`)).status, 200)

  await tomorrow()

  await deniedOnce(server, await disclose(joint.caseId, handoverDraft('social-case-worker', joint, [shared.id])), 403, 'CONSENT_EXPIRED')
  await deniedOnce(server, await teacher.get(`/records/${shared.id}`), 403, 'CONSENT_EXPIRED')
  assert.equal((await teacher.get(`/records/${given.id}`)).status, 200, 'what was handed over stays')
}

test('a guardians\' consent is not in force from the day the child turns 15', async t => {
  t.after(() => restoreClock(server))
  const child = await registerChild(server, { years: 14, birthDate: turnsTomorrow(15) })
  await lapsesOvernight(await jointCase(server, { subjectId: child.id }))
})

test('a consent is not in force from the day its child turns 18', async t => {
  t.after(() => restoreClock(server))
  const child = await registerChild(server, { years: 17, birthDate: turnsTomorrow(18) })
  await lapsesOvernight(await jointCase(server, { subjectId: child.id }))
})

test('a consent is not in force from the day after a guardian\'s custody ended', async t => {
  t.after(() => restoreClock(server))
  const child = await registerChild(server, { years: 10, guardians: 2 })
  const joint = await jointCase(server, { subjectId: child.id })
  const worker = acting(server, 'social-case-worker')
  const guardian = await worker.get(`/guardians/${child.guardians[1].id}`, { status: 200 })
  await worker.patch(`/guardians/${child.guardians[1].id}`, { endsOn: day() }, { ifMatch: guardian.etag, status: 200 })
  await lapsesOvernight(joint)
})

test('a ground for children ends on the eighteenth birthday', async t => {
  t.after(() => restoreClock(server))
  const child = await registerChild(server, { years: 17, birthDate: turnsTomorrow(18) })
  const clinics = await joinClinic(server, await openCase(server, { subjectId: child.id }))
  const record = await writeRecord(server, 'social-case-worker', clinics.caseId)
  const body = handover(CLINIC, 'SOCIAL_CHILD_SUPPORT', [record], { decisionId: clinics.decision.id })

  const today = await disclose(clinics.caseId, body)
  await tomorrow()
  const birthday = await disclose(clinics.caseId, body)

  assert.equal(today.status, 201, today.text)
  await deniedOnce(server, birthday, 403, 'GROUND_AGE', { subject_ids: [child.id] })
  assert.equal((await acting(server, 'clinic-psychologist').get(`/records/${record.id}`)).status, 200)
})

test('a ground holds from the first day of its wording', async t => {
  t.after(() => restoreClock(server))
  await server.sql(`update samsyn.legal_grounds set valid_from = '${day(1)}' where code = 'LVU_ASSISTANCE'`)
  const body = handover(POLICE, 'LVU_ASSISTANCE', [family], { preconditionStatement: 'Help under LVU 43 § is asked for.', justification: '' })

  await deniedOnce(server, await disclose(caseId, body), 403, 'NO_LEGAL_GROUND')
  await tomorrow()
  assert.equal((await disclose(caseId, body)).status, 201)
})
