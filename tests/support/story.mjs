// The steps of joint work around a child, each as one call that succeeds or fails the test, and what the access log
// says of a request.
//
//   const caseId = await openCase(server)
//   const consent = await grantedConsent(server, caseId)
//   const joint = await jointCase(server)          // all of it: {caseId, consent, participant}, the school's team in place
//   const record = await writeRecord(server, 'school-teacher', joint.caseId)
//   const share = await shareStandingly(server, 'school-teacher', joint)
//   await deniedOnce(server, reply, 'CONSENT_REVOKED')
import assert from 'node:assert/strict'
import { refused } from './client.mjs'
import { AGREEMENT, ALVA, CLINIC, CLINIC_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, assignmentId, born, day } from './demo.mjs'

export const PURPOSE = 'coordinated-support'
export const CATEGORIES = ['IDENTITY', 'CASE_STATUS', 'ATTENDANCE', 'FAMILY_SITUATION']
export const LEAD = 'social-case-worker'

const clients = new WeakMap()
// One client a person and server, so that connections are used again.
export function acting(server, person) {
  if (!clients.has(server)) clients.set(server, new Map())
  const known = clients.get(server)
  if (!known.has(person)) known.set(person, server.as(person))
  return known.get(person)
}

// What a call made, which succeeds or fails the test.
export const made = async (server, person, operationId, path, body, options) =>
  (await acting(server, person).call(operationId, { path, body }, { status: 201, ...options })).body

// A child in the register of social services, this many years old, with as many guardians.
export async function registerChild(server, { years, guardians = 1, name = 'Nova Provfall', ...more }) {
  const birthDate = born(years)
  const child = await made(server, LEAD, 'createSubject', {}, { name, birthDate, ...more })
  const startsOn = birthDate
  child.guardians = []
  for (let i = 0; i < guardians; i++) {
    child.guardians.push(await made(server, LEAD, 'createGuardian', { subjectId: child.id }, { name: `Vårdnadshavare ${i + 1}`, kind: 'guardian', startsOn }))
  }
  return child
}

export async function openCase(server, { subjectId = ALVA, title = 'Joint support autumn term', person = LEAD } = {}) {
  return (await made(server, person, 'createCase', {}, { subjectId, title })).id
}

// What a consent asks for unless told otherwise: from and to social services and the school, half a year.
export const consentDraft = (more = {}) => ({
  disclosingOrganisationIds: [SOCIAL, SCHOOL], recipientOrganisationIds: [SOCIAL, SCHOOL], categories: CATEGORIES, purpose: PURPOSE,
  validUntil: day(180), form: 'written', assessment: { maturity: 'not-mature' }, ...more
})

export const askConsent = (server, caseId, more) => made(server, LEAD, 'createConsent', { caseId }, consentDraft(more))

export const answer = (server, consent, giver, answer = 'granted') =>
  made(server, LEAD, 'answerConsent', { consentId: consent.id }, { giverId: giver.id, answer, form: 'written' })

export async function grant(server, consent) {
  for (const giver of consent.givers) consent = await answer(server, consent, giver)
  return consent
}

export const grantedConsent = async (server, caseId, more) => grant(server, await askConsent(server, caseId, more))

export const revoke = (server, consent, giver = consent.givers[0]) =>
  made(server, LEAD, 'revokeConsent', { consentId: consent.id }, { giverId: giver.id })

// The demo's agreement between social services and the school, signed by both.
export async function signedAgreement(server) {
  for (const person of ['collaboration-lead', 'school-collaboration-lead']) {
    const lead = acting(server, person)
    const agreement = await lead.call('getAgreement', { path: { agreementId: AGREEMENT } }, { status: 200 })
    if (agreement.body.state === 'in-force') break
    await lead.call('signAgreement', { path: { agreementId: AGREEMENT } }, { status: 201, ifMatch: agreement.etag })
  }
  return AGREEMENT
}

export const invitation = (consentId, more = {}) =>
  ({ unitId: SCHOOL_UNIT, agreementId: AGREEMENT, ground: 'CONSENT', consentId, purpose: PURPOSE, ...more })

export async function invite(server, caseId, consentId, more) {
  await signedAgreement(server)
  return made(server, LEAD, 'inviteParticipant', { caseId }, invitation(consentId, more))
}

export const accept = (server, participant, person = 'school-head') =>
  made(server, person, 'acceptInvitation', { participantId: participant.id }, {})

export const appoint = (server, person, caseId, colleague) =>
  made(server, person, 'addTeamMember', { caseId }, { assignmentId: assignmentId(colleague) })

// A case about Alva (or another child) in which social services and the school work, with a consent in force.
export async function jointCase(server, { consent: more, ...about } = {}) {
  const caseId = await openCase(server, about)
  const consent = await grantedConsent(server, caseId, more)
  const participant = await accept(server, await invite(server, caseId, consent.id))
  await appoint(server, 'school-head', caseId, 'school-teacher')
  return { caseId, consent, participant }
}

const WRITES = { 'school-teacher': 'ATTENDANCE', 'school-head': 'ATTENDANCE' }
export const writeRecord = (server, person, caseId, more = {}) =>
  made(server, person, 'createRecord', { caseId }, { category: WRITES[person] ?? 'FAMILY_SITUATION', text: 'Absent 14 of 20 days in October.', ...more })

export async function amend(server, person, record, text) {
  return made(server, person, 'amendRecord', { recordId: record.id }, { text }, { ifMatch: `"${record.version}"` })
}

const other = person => person.startsWith('school') ? SOCIAL : SCHOOL

export const shareDraft = (person, { consent }, more = {}) => ({
  kind: 'standing-share', recipientId: other(person), ground: 'CONSENT', consentId: consent.id, agreementId: AGREEMENT,
  categories: [WRITES[person] ?? 'FAMILY_SITUATION'], purpose: PURPOSE, justification: 'Needed to plan the support.', validUntil: day(90), ...more
})
export const shareStandingly = (server, person, joint, more) =>
  made(server, person, 'createDisclosure', { caseId: joint.caseId }, shareDraft(person, joint, more))

export const handoverDraft = (person, { consent }, recordIds, more = {}) => ({
  kind: 'handover', recipientId: other(person), ground: 'CONSENT', consentId: consent.id, recordIds, purpose: PURPOSE,
  justification: 'Needed to plan the support.', ...more
})
export const handOver = (server, person, joint, recordIds, more) =>
  made(server, person, 'createDisclosure', { caseId: joint.caseId }, handoverDraft(person, joint, recordIds, more))

const NOTHING_OPEN = { openTasks: 'None.', agreements: 'None.', plans: 'None.', contacts: 'None.' }
// A colleague takes over from the case worker who leads the case.
export async function handOverCase(server, caseId, successor) {
  const handover = await made(server, LEAD, 'createHandover', { caseId }, { successorAssignmentId: assignmentId(successor), checklist: NOTHING_OPEN, reason: 'On leave.' })
  return made(server, successor, 'acceptHandover', { handoverId: handover.id }, {})
}

// What social services would tell the clinic about a child in its treatment (OSL 26:9), decided by their manager.
export const decisionDraft = (more = {}) => ({
  ground: 'SOCIAL_CHILD_SUPPORT', recipientId: CLINIC, categories: ['IDENTITY', 'CASE_STATUS', 'FAMILY_SITUATION'], circumstances: 'The child is treated at the clinic.',
  balancing: 'Without it the treatment cannot be planned; nothing beyond it is told.', outcome: 'disclose', ...more
})
export const decide = (server, caseId, more, person = 'social-manager') => made(server, person, 'createDecision', { caseId }, decisionDraft(more))

// The clinic as a participant, invited without consent or agreement: on a decision under that ground.
export async function joinClinic(server, caseId) {
  const decision = await decide(server, caseId)
  const participant = await made(server, LEAD, 'inviteParticipant', { caseId },
    { unitId: CLINIC_UNIT, ground: decision.ground, decisionId: decision.id, justification: 'It treats the child.', purpose: PURPOSE })
  await accept(server, participant, 'clinic-manager')
  await appoint(server, 'clinic-manager', caseId, 'clinic-psychologist')
  return { caseId, decision, participant }
}

export const requestDraft = (more = {}) => ({
  askedOrganisationId: SOCIAL, ground: 'SOCIAL_CHILD_SUPPORT', categories: ['FAMILY_SITUATION'], question: 'Where does she live now?', purpose: 'treatment',
  dueOn: day(14), ...more
})
export const ask = (server, caseId, more, person = 'clinic-psychologist') => made(server, person, 'createInformationRequest', { caseId }, requestDraft(more))

// The trace id under which a request is found in the access log.
export const traceOf = reply => reply.headers.traceparent.split('-')[1]

// The rows of the access log about one request, oldest first.
export const logged = (server, reply) =>
  server.sql(`select * from samsyn.access_events where trace_id = '${traceOf(reply)}' order by at`)

// That a request was logged once, as allowed, with these subjects and resources (and what else `more` says).
export async function allowedOnce(server, reply, subjectIds, resourceIds, more = {}) {
  const rows = await logged(server, reply)
  assert.equal(rows.length, 1, `logged ${rows.length} times: ${reply.operation}`)
  const [row] = rows
  assert.deepEqual([row.outcome, row.code, row.operation], ['allowed', null, reply.operation])
  assert.deepEqual(row.subject_ids, [...new Set(subjectIds)].sort())
  assert.deepEqual(row.resource_ids, [...new Set(resourceIds)].sort())
  for (const [name, value] of Object.entries(more)) assert.deepEqual(row[name], value, name)
  return row
}

// That a reply is this refusal, and stands in the access log once, with its code.
export async function deniedOnce(server, reply, status, code, more = {}) {
  refused(reply, status, code)
  const rows = await logged(server, reply)
  assert.deepEqual(rows.map(row => [row.outcome, row.code, row.operation]), [['denied', code, reply.operation]])
  for (const [name, value] of Object.entries(more)) assert.deepEqual(rows[0][name], value, name)
  return rows[0]
}

// Nobody without a relation learns anything: whoever lacks the permission is 403, whoever has it but no relation to the
// thing gets the same 404 as for a thing that does not exist. Each attempt is logged once, and concerns its owner.
export async function hiddenFromStrangers(server, operationId, { path, body, ...options }, unknown, { concerned = [SOCIAL] } = {}) {
  const attempt = (person, to) => acting(server, person).call(operationId, { path: to, body }, options)
  const [name] = Object.keys(path)

  const auditor = await attempt('school-auditor', path)
  const stranger = await attempt('clinic-manager', path)
  const nothing = await attempt('clinic-manager', { [name]: unknown })

  await deniedOnce(server, auditor, 403, 'ROLE_NOT_ALLOWED')
  const row = await deniedOnce(server, stranger, 404, 'NOT_FOUND', { resource_ids: [path[name]] })
  assert.deepEqual(row.concerned_ids, concerned)
  await deniedOnce(server, nothing, 404, 'NOT_FOUND', { resource_ids: [unknown], subject_ids: [], concerned_ids: [] })
  const told = ({ type, title, status, code, detail }) => ({ type, title, status, code, detail })
  assert.deepEqual(told(stranger.body), told(nothing.body))
}
