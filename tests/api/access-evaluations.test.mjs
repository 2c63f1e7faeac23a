// Access evaluations: the answer is what the real thing would do, it tells nothing that is hidden, and nothing of what it
// pretends is left behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { AGREEMENT, ALVA, ALVAS_GUARDIANS, assignmentId, CLINIC, MAJAS_GUARDIAN, POLICE, SCHOOL, SCHOOL_UNIT, SOCIAL, userId } from '../support/demo.mjs'
import { operationsOf, refusesBodies, unknownId } from '../support/habits.mjs'
import { sameAsUnknown } from '../support/hostile.mjs'
import { startServer } from '../support/server.mjs'
import {
  acting, allowedOnce, appoint, ask as askFor, deniedOnce, grant, askConsent, handOver, handoverDraft, invitation, joinClinic, jointCase, LEAD, logged, openCase, registerChild, revoke,
  shareDraft, shareStandingly, writeRecord
} from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, LEAD)
const manager = acting(server, 'social-manager')
const teacher = acting(server, 'school-teacher')
const officer = acting(server, 'police-manager')

const ask = (client, body, status = 200) => client.post('/access-evaluations', body, { status })
const asked = async (client, body) => (await ask(client, body)).body
const codes = answer => answer.refusals.map(one => one.code)
const pointers = reply => reply.body.errors.map(error => error.pointer)
const reading = (client, recordId, more) => asked(client, { action: 'read', recordId, ...more })

// A joint case in which the school has shared one record, social services handed over another, and one is closed to each.
async function sharedCase() {
  const joint = await jointCase(server)
  const shared = await writeRecord(server, 'school-teacher', joint.caseId)
  const closed = await writeRecord(server, 'school-teacher', joint.caseId, { category: 'LEARNING' })
  const handed = await writeRecord(server, LEAD, joint.caseId)
  const kept = await writeRecord(server, LEAD, joint.caseId, { category: 'HOUSING_ECONOMY' })
  const share = await shareStandingly(server, 'school-teacher', joint)
  const handover = await handOver(server, LEAD, joint, [handed.id])
  return { ...joint, shared, closed, handed, kept, share, handover }
}
const joint = await sharedCase()

test('these are the operations of access evaluations', () => {
  assert.deepEqual(operationsOf('Access evaluations'), ['evaluateAccess', 'evaluateAuthzen', 'evaluateAuthzenBatch'])
})

// -- reading ----------------------------------------------------------------------------------------------------------

test('what opens a record is told: that it is one\'s own, or the disclosure and its ground', async () => {
  const own = await reading(teacher, joint.shared.id)
  const shared = await reading(worker, joint.shared.id)
  const handed = await reading(teacher, joint.handed.id)

  assert.deepEqual([own.action, own.allowed, own.because, own.ground, own.refusals], ['read', true, 'own-organisation', undefined, []])
  assert.deepEqual([shared.allowed, shared.because, shared.ground, shared.disclosureId], [true, 'disclosure', 'CONSENT', joint.share.id])
  assert.deepEqual([handed.allowed, handed.because, handed.ground, handed.disclosureId], [true, 'disclosure', 'CONSENT', joint.handover.id])
})

test('what opens a case is told: the team, or the unit', async () => {
  const question = { action: 'read', caseId: joint.caseId }

  assert.equal((await asked(worker, question)).because, 'team')
  assert.deepEqual([(await asked(manager, question)).because, (await asked(teacher, question)).ground], ['unit', 'CONSENT'])
})

test('the answer about a record is what reading it gives, for everyone and everything', async () => {
  const revoked = await sharedCase()
  await revoke(server, revoked.consent)
  const records = [joint, revoked].flatMap(one => [one.shared, one.closed, one.handed, one.kept])
  for (const person of [LEAD, 'social-manager', 'school-teacher', 'school-head', 'school-nurse', 'clinic-psychologist', 'police-manager']) {
    for (const { id } of [...records, { id: unknownId() }]) {
      const read = await acting(server, person).get(`/records/${id}`)
      const answer = await acting(server, person).post('/access-evaluations', { action: 'read', recordId: id })
      if (read.status === 404) refused(answer, 404, 'NOT_FOUND')
      else assert.deepEqual([answer.status, answer.body.allowed, codes(answer.body)], [200, read.status === 200, read.status === 200 ? [] : [read.body.code]], person)
    }
  }
})

test('a refusal is explained in plain words in both languages, with what would help', async () => {
  const answer = await reading(worker, joint.closed.id)

  assert.deepEqual(codes(answer), ['NO_LEGAL_GROUND'])
  for (const member of ['explanationEn', 'explanationSv', 'remedyEn', 'remedySv']) assert.match(answer.refusals[0][member], /\w+ \w+ \w+/)
})

test('it is told what would be if the consents were withdrawn, and they are not', async () => {
  const assuming = { consentRevoked: true }

  assert.deepEqual(codes(await reading(worker, joint.shared.id, { assuming })), ['CONSENT_REVOKED'])
  assert.equal((await reading(teacher, joint.handed.id, { assuming })).allowed, true)
  assert.equal((await reading(worker, joint.handed.id, { assuming })).allowed, true)
  assert.equal((await asked(worker, { action: 'read', caseId: joint.caseId, assuming })).allowed, true)
  assert.equal((await reading(worker, joint.shared.id, { assuming: { consentRevoked: false } })).allowed, true)
  const [{ n }] = await server.sql(`select count(*)::int as n from samsyn.consent_revocations where consent_id = '${joint.consent.id}'`)
  assert.equal(n, 0)
  assert.equal((await worker.get(`/consents/${joint.consent.id}`)).body.state, 'in-force')
})

// -- colleagues -------------------------------------------------------------------------------------------------------

test('a manager asks for a colleague: on the team, not on it, or in a role that may not', async () => {
  const of = (person, recordId = joint.shared.id) => reading(manager, recordId, { assignmentId: assignmentId(person) })

  assert.equal((await of(LEAD)).because, 'disclosure')
  assert.deepEqual(codes(await of('social-auditor')), ['ROLE_NOT_ALLOWED'])
  const own = await openCase(server, { person: 'social-manager' })
  const note = await writeRecord(server, 'social-manager', own)
  assert.deepEqual(codes(await of(LEAD, note.id)), ['NOT_TEAM_MEMBER'])
  assert.deepEqual(codes(await asked(manager, { action: 'read', caseId: own, assignmentId: assignmentId(LEAD) })), ['NOT_TEAM_MEMBER'])
  refused(await worker.get(`/records/${note.id}`), 404, 'NOT_FOUND')
})

test('a colleague who is excluded from a case is told of as anyone who does not work on it', async () => {
  const child = await registerChild(server, { years: 9, name: 'Släkt Provfall' })
  const caseId = await openCase(server, { subjectId: child.id, person: 'social-manager' })
  await appoint(server, 'social-manager', caseId, LEAD)
  const question = { action: 'read', caseId, assignmentId: assignmentId(LEAD) }
  assert.equal((await asked(manager, question)).allowed, true)

  await server.sql(`insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
    values (samsyn.uuid7(), '${caseId}', '${child.id}', '${SOCIAL}', '${userId(LEAD)}', 'kinship', 'Kin', '${assignmentId('social-manager')}')`)

  assert.deepEqual(codes(await asked(manager, question)), ['NOT_TEAM_MEMBER'])
})

test('only who may asks for a colleague, and only for one of their own organisation who works there today', async () => {
  const question = assignmentId => ({ action: 'read', recordId: joint.shared.id, assignmentId })
  await deniedOnce(server, await worker.post('/access-evaluations', question(assignmentId('social-manager'))), 403, 'ROLE_NOT_ALLOWED')
  assert.equal((await asked(worker, question(assignmentId(LEAD)))).allowed, true)

  const foreign = await sameAsUnknown('a colleague of another agency', assignmentId('school-teacher'), id => manager.post('/access-evaluations', question(id)))
  assert.deepEqual(pointers(refused(foreign, 422, 'INVALID_REFERENCE')), ['/body/assignmentId'])
  await server.sql(`update samsyn.assignments set ended_at = now() where id = '${assignmentId('organisation-admin')}'`)
  const ended = await sameAsUnknown('a colleague who has left', assignmentId('organisation-admin'), id => manager.post('/access-evaluations', question(id)))
  await server.sql(`update samsyn.assignments set ended_at = null where id = '${assignmentId('organisation-admin')}'`)
  refused(ended, 422, 'INVALID_REFERENCE')
})

test('asking for a colleague opens nothing that is hidden from whoever asks', async () => {
  // A case of another unit's own, on which the case worker alone works.
  const hidden = await openCase(server)
  const record = await writeRecord(server, LEAD, hidden)
  await server.sql(`update samsyn.participants set unit_id = (select id from samsyn.organisations where id = '${SCHOOL_UNIT}') where case_id = '${hidden}'`)

  for (const thing of [{ recordId: record.id }, { caseId: hidden }]) {
    const [name, id] = Object.entries(thing)[0]
    const reply = await sameAsUnknown(`${name} of a hidden case`, id, one =>
      manager.post('/access-evaluations', { action: 'read', [name]: one, assignmentId: assignmentId(LEAD) }))
    refused(reply, 404, 'NOT_FOUND')
  }
})

test('acting for a colleague ends with the answer', async () => {
  const reply = await ask(manager, { action: 'read', recordId: joint.shared.id, assignmentId: assignmentId(LEAD) })
  await allowedOnce(server, reply, [ALVA], [joint.shared.id], { user_id: userId('social-manager'), assignment_id: assignmentId('social-manager'), role: 'unit-manager', activity: 'evaluate' })
})

// -- disclosing -------------------------------------------------------------------------------------------------------

const disclosing = (more = {}) => ({ action: 'disclose', caseId: joint.caseId, recipientId: SCHOOL, ground: 'CONSENT', consentId: joint.consent.id, recordIds: [joint.kept.id], ...more })

test('the answer about a disclosure is what making it gives', async () => {
  const fresh = await jointCase(server)
  const revoked = await jointCase(server)
  const family = await Promise.all([fresh, revoked].map(one => writeRecord(server, LEAD, one.caseId)))
  const housing = await writeRecord(server, LEAD, fresh.caseId, { category: 'HOUSING_ECONOMY' })
  await revoke(server, revoked.consent)
  const requested = await askConsent(server, fresh.caseId)
  const tries = [
    [fresh, handoverDraft(LEAD, fresh, [family[0].id]), undefined],
    [fresh, handoverDraft(LEAD, fresh, [family[0].id], { consentId: undefined }), 'CONSENT_REQUIRED'],
    [fresh, handoverDraft(LEAD, fresh, [family[0].id], { consentId: requested.id }), 'CONSENT_INCOMPLETE'],
    [fresh, handoverDraft(LEAD, fresh, [housing.id]), 'GROUND_SCOPE'],
    [fresh, handoverDraft(LEAD, fresh, [family[0].id], { recipientId: POLICE }), 'NOT_RECIPIENT'],
    [fresh, handoverDraft(LEAD, fresh, [family[0].id], { ground: 'GENERAL_CLAUSE', consentId: undefined }), 'GROUND_EXCLUDED'],
    [fresh, handoverDraft(LEAD, fresh, [family[0].id], { ground: 'INDIVIDUAL_PLAN' }), 'NO_LEGAL_GROUND'],
    [revoked, handoverDraft(LEAD, revoked, [family[1].id]), 'CONSENT_REVOKED'],
    [fresh, shareDraft(LEAD, fresh), undefined],
    [fresh, shareDraft(LEAD, fresh, { purpose: 'something-else' }), 'GROUND_SCOPE'],
    [fresh, shareDraft(LEAD, fresh, { agreementId: unknownId() }), 'AGREEMENT_NOT_IN_FORCE'],
    [revoked, shareDraft(LEAD, revoked), 'CONSENT_REVOKED']
  ]
  for (const [{ caseId }, { validUntil, ...draft }, expected] of tries) {
    const answer = await asked(worker, { action: 'disclose', caseId, ...draft })
    const real = await worker.post(`/cases/${caseId}/disclosures`, { ...draft, ...(validUntil ? { validUntil } : {}) })
    const told = `${draft.kind} on ${draft.ground}, ${expected}: ${JSON.stringify(answer.refusals)}`
    assert.deepEqual([answer.allowed, codes(answer)[0], answer.because], [!expected, expected, expected ? undefined : 'ground'], told)
    assert.equal(real.status === 201 ? undefined : real.body.code, expected, real.text)
  }
})

test('every refusal that applies is told, worst first, each with the provision of the ground', async () => {
  const answer = await asked(worker, disclosing({ recipientId: POLICE, consentId: undefined, ground: 'HEALTH_CHILD_SUPPORT' }))

  assert.deepEqual(codes(answer), ['GROUND_SOURCE_SECTOR', 'GROUND_RECIPIENT_SECTOR', 'GROUND_EXCLUDED', 'NOT_RECIPIENT', 'DECISION_REQUIRED'])
  assert.match(answer.refusals[0].provision, /^OSL 2009:400 25:12/)
})

test('what is never a ground is refused with the reason', async () => {
  for (const [ground, words] of [['COLLABORATION_AGREEMENT', /agreement.*cannot break secrecy/], ['FL_8', /cooperat/], ['CULTURE_OF_TRUST', /[Gg]ood intentions/]]) {
    const [refusal] = (await asked(worker, disclosing({ ground }))).refusals
    assert.equal(refusal.code, 'NO_LEGAL_GROUND')
    assert.match(refusal.explanationEn, words)
    assert.match(refusal.explanationSv, new RegExp(`${ground} är aldrig en grund`))
  }
})

test('the grounds of which only something remediable is missing are named, and each opens once that is there', async () => {
  const answer = await asked(worker, disclosing({ ground: 'COLLABORATION_AGREEMENT' }))
  const consent = answer.possibleGrounds.find(one => one.ground === 'CONSENT')

  assert.ok(answer.possibleGrounds.length > 1)
  for (const one of answer.possibleGrounds) {
    for (const code of one.missing) assert.match(code, /^(CONSENT_(REQUIRED|INCOMPLETE|EXPIRED|REVOKED)|DECISION_REQUIRED|GROUND_PRECONDITION|AGREEMENT_NOT_IN_FORCE|NOT_RECIPIENT)$/, one.ground)
    assert.equal('precondition' in one, one.missing.includes('GROUND_PRECONDITION'), one.ground)
  }
  assert.equal(consent, undefined, 'the consent does not cover the housing, and a consent that does not is nothing to wait for')
  const covered = await asked(worker, disclosing({ ground: 'COLLABORATION_AGREEMENT', recordIds: [joint.handed.id] }))
  assert.deepEqual(covered.possibleGrounds.find(one => one.ground === 'CONSENT').missing, [])
  assert.equal((await asked(worker, disclosing({ recordIds: [joint.handed.id] }))).possibleGrounds, undefined)
})

test('a missing consent stands in the way of no statutory duty, which is shown', async () => {
  // The school to social services: the duty to report concern (SoL 19:1) and to give facts to an investigation (20:6).
  const answer = await asked(teacher, { action: 'disclose', caseId: joint.caseId, recipientId: SOCIAL, ground: 'CONSENT', categories: ['ATTENDANCE'] })
  const duties = new Map(answer.statutoryDuties.map(one => [one.ground, one]))

  assert.deepEqual(codes(answer), ['CONSENT_REQUIRED'])
  assert.match(answer.refusals[0].explanationEn, /never stands in the way of a statutory duty/)
  for (const ground of ['CONCERN_REPORT', 'INVESTIGATION_DUTY']) assert.deepEqual([duties.get(ground)?.effect, duties.get(ground)?.missing], ['duty', ['GROUND_PRECONDITION']], ground)
  const stated = await asked(teacher, { action: 'disclose', caseId: joint.caseId, recipientId: SOCIAL, ground: 'CONCERN_REPORT', categories: ['ATTENDANCE'], preconditionStatement: 'Bruises on both arms.' })
  assert.equal(stated.allowed, true)
  assert.equal('statutoryDuties' in await asked(teacher, { action: 'disclose', caseId: joint.caseId, recipientId: SOCIAL, ground: 'FL_8', categories: ['ATTENDANCE'] }), false)
})

test('a disclosure is asked about as if its consent were withdrawn', async () => {
  assert.equal((await asked(worker, disclosing({ recordIds: [joint.handed.id] }))).allowed, true)
  assert.deepEqual(codes(await asked(worker, disclosing({ recordIds: [joint.handed.id], assuming: { consentRevoked: true } }))), ['CONSENT_REVOKED'])
})

test('a decision and an information request count once they are there, and only for whom they are', async () => {
  const caseId = await openCase(server)
  const { decision } = await joinClinic(server, caseId)
  const request = await askFor(server, caseId)
  const record = await writeRecord(server, LEAD, caseId)
  const question = { action: 'disclose', caseId, recipientId: CLINIC, ground: 'SOCIAL_CHILD_SUPPORT', recordIds: [record.id] }

  const without = await asked(worker, question)
  const own = without.possibleGrounds.map(one => one.ground)
  assert.deepEqual(codes(without), ['DECISION_REQUIRED'])
  assert.ok(!own.includes('SOCIAL_CHILD_SUPPORT') && own.includes('GENERAL_CLAUSE') === false, own.join())
  assert.equal((await asked(worker, { ...question, decisionId: decision.id })).allowed, true)
  assert.equal((await asked(worker, { ...question, decisionId: decision.id, requestId: request.id })).allowed, true)
  assert.deepEqual(codes(await asked(worker, { ...question, decisionId: unknownId() })), ['DECISION_REQUIRED'])
  await sameAsUnknown('a decision of another agency', decision.id, id => acting(server, 'clinic-manager').post('/access-evaluations', { ...question, recipientId: SOCIAL, recordIds: undefined, categories: ['MENTAL_HEALTH'], decisionId: id }))
})

test('an invitation is for the lead, and needs its consent and agreement', async () => {
  const fresh = await openCase(server)
  const consent = await grant(server, await askConsent(server, fresh))
  const { unitId, ...draft } = invitation(consent.id)
  const inviting = { action: 'disclose', kind: 'invitation', caseId: fresh, recipientId: SCHOOL, ...draft }

  assert.equal((await asked(worker, inviting)).allowed, true)
  assert.deepEqual(codes(await asked(worker, { ...inviting, consentId: undefined })), ['CONSENT_REQUIRED'])
  assert.deepEqual(codes(await asked(worker, { ...inviting, agreementId: undefined })), ['AGREEMENT_NOT_IN_FORCE'])
  const other = await asked(acting(server, 'school-head'), { ...inviting, caseId: joint.caseId, recipientId: CLINIC, consentId: joint.consent.id })
  assert.ok(codes(other).includes('NOT_LEAD_ORGANISATION'))
})

test('the family receives on grounds of its own', async () => {
  const to = more => asked(worker, disclosing({ recipientId: undefined, consentId: undefined, recordIds: [joint.handed.id], ...more }))

  assert.deepEqual(codes(await to({ subjectId: ALVA, ground: 'SELF' })), ['DECISION_REQUIRED'])
  assert.deepEqual(codes(await to({ guardianId: ALVAS_GUARDIANS[0], ground: 'GUARDIAN' })), ['DECISION_REQUIRED'])
  assert.deepEqual(codes(await to({ guardianId: ALVAS_GUARDIANS[0], ground: 'SELF' }))[0], 'GROUND_RECIPIENT_SECTOR')
  for (const [member, id] of [['guardianId', MAJAS_GUARDIAN], ['subjectId', unknownId()], ['guardianId', unknownId()]]) {
    const reply = refused(await worker.post('/access-evaluations', disclosing({ recipientId: undefined, [member]: id })), 422, 'INVALID_REFERENCE')
    assert.deepEqual(pointers(reply), [`/body/${member}`])
  }
})

test('a colleague\'s role and place decide for a disclosure as for reading', async () => {
  const by = (person, more) => asked(manager, disclosing({ recordIds: [joint.handed.id], assignmentId: assignmentId(person), ...more }))

  assert.equal((await by(LEAD)).allowed, true)
  assert.deepEqual(codes(await by('social-auditor')), ['NOT_TEAM_MEMBER'])
  await server.sql(`insert into samsyn.roles (id, code, name_en, name_sv, permissions) values (samsyn.uuid7(), 'only-reads', 'x', 'x', '{organisation:read,case:read,record:read,consent:read}') on conflict do nothing`)
  await server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = 'only-reads') where id = '${assignmentId(LEAD)}'`)
  const unable = await by(LEAD)
  await server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = 'case-worker') where id = '${assignmentId(LEAD)}'`)
  assert.deepEqual(codes(unable), ['ROLE_NOT_ALLOWED'])
})

test('nothing is given out of a closed case', async () => {
  const closed = await jointCase(server)
  const record = await writeRecord(server, LEAD, closed.caseId)
  await worker.post(`/cases/${closed.caseId}/closures`, { reason: 'Done' }, { status: 201 })

  assert.deepEqual(codes(await asked(worker, { action: 'disclose', caseId: closed.caseId, recipientId: SCHOOL, ground: 'CONSENT', consentId: closed.consent.id, recordIds: [record.id] })), ['CASE_CLOSED'])
})

test('what a question refers to must be there for whoever asks, and say one thing', async () => {
  const wrong = async (more, status, code, pointer) => assert.deepEqual(pointers(refused(await worker.post('/access-evaluations', disclosing(more)), status, code)), [pointer])

  await wrong({ recordIds: [joint.shared.id] }, 422, 'INVALID_REFERENCE', '/body/recordIds')
  await wrong({ recipientId: SOCIAL }, 422, 'INVALID_REFERENCE', '/body/recipientId')
  await wrong({ recipientId: unknownId() }, 422, 'INVALID_REFERENCE', '/body/recipientId')
  await wrong({ recipientId: undefined }, 422, 'UNPROCESSABLE', '/body/recipientId')
  await wrong({ subjectId: ALVA }, 422, 'UNPROCESSABLE', '/body/recipientId')
  await wrong({ recordIds: undefined }, 422, 'UNPROCESSABLE', '/body/categories')
  await wrong({ categories: ['IDENTITY'] }, 422, 'UNPROCESSABLE', '/body/categories')
  await wrong({ recordIds: undefined, categories: ['NO_SUCH'] }, 422, 'INVALID_REFERENCE', '/body/categories')
  for (const body of [{ action: 'read', recordId: joint.kept.id, caseId: joint.caseId }, { action: 'read', assignmentId: assignmentId(LEAD) }]) {
    assert.deepEqual(pointers(refused(await worker.post('/access-evaluations', body), 422, 'UNPROCESSABLE')), ['/body/recordId'])
  }
})

// -- receiving --------------------------------------------------------------------------------------------------------

test('it is told whether another participant would see what is one\'s own, and what if the consents were withdrawn', async () => {
  const would = (recordId, recipientId, more) => asked(teacher, { action: 'receive', recordId, recipientId, ...more })

  const seen = await would(joint.shared.id, SOCIAL)
  assert.deepEqual([seen.allowed, seen.because, seen.disclosureId], [true, 'disclosure', joint.share.id])
  assert.deepEqual(codes(await would(joint.closed.id, SOCIAL)), ['NO_LEGAL_GROUND'])
  assert.deepEqual(codes(await would(joint.shared.id, SOCIAL, { assuming: { consentRevoked: true } })), ['CONSENT_REVOKED'])
  assert.deepEqual(codes(await would(joint.shared.id, CLINIC)), ['NOT_RECIPIENT'])
  assert.equal((await asked(teacher, { action: 'receive', caseId: joint.caseId, recipientId: SOCIAL })).allowed, true)
  assert.deepEqual(codes(await asked(teacher, { action: 'receive', caseId: joint.caseId, recipientId: POLICE })), ['NOT_RECIPIENT'])
})

test('what others let each other see is none of one\'s business', async () => {
  const reply = await worker.post('/access-evaluations', { action: 'receive', recordId: joint.shared.id, recipientId: SCHOOL })
  assert.deepEqual(pointers(await refused(reply, 403, 'NOT_OWNER')), ['/body/recordId'])
  refused(await worker.post('/access-evaluations', { action: 'receive', recordId: joint.kept.id, recipientId: unknownId() }), 422, 'INVALID_REFERENCE')
})

// -- what is hidden ---------------------------------------------------------------------------------------------------

test('a question about what is hidden is answered as one about what does not exist', async () => {
  const questions = [['caseId', joint.caseId, {}], ['recordId', joint.kept.id, {}], ['recordId', joint.shared.id, {}]].flatMap(([name, id]) => [
    [name, id, { action: 'read' }], [name, id, { action: 'read', assuming: { consentRevoked: true } }], [name, id, { action: 'read', assignmentId: assignmentId('police-officer') }],
    [name, id, { action: 'receive', recipientId: SCHOOL }], [name, id, { action: 'receive', recipientId: CLINIC }]
  ])
  questions.push(...['CONSENT', 'NOT_SECRET', 'FL_8'].map(ground => ['caseId', joint.caseId, { action: 'disclose', recipientId: SCHOOL, ground, consentId: joint.consent.id, categories: ['ATTENDANCE'] }]))
  questions.push(['caseId', joint.caseId, { action: 'disclose', subjectId: ALVA, ground: 'SELF', recordIds: [joint.kept.id] }])
  for (const [name, id, more] of questions) {
    const reply = await sameAsUnknown(`${name} ${JSON.stringify(more)}`, id, one => officer.post('/access-evaluations', { [name]: one, ...more }))
    refused(reply, 404, 'NOT_FOUND')
  }
})

test('a consent, an agreement, a decision or a request that one does not see counts as none', async () => {
  const mine = await openCase(server, { person: 'police-manager', subjectId: (await officer.post('/subjects', { name: 'Polis Barnfors', birthDate: '2014-05-05' }, { status: 201 })).body.id })
  for (const [name, id] of [['consentId', joint.consent.id], ['agreementId', AGREEMENT]]) {
    await sameAsUnknown(name, id, one => officer.post('/access-evaluations', { action: 'disclose', caseId: mine, recipientId: SCHOOL, ground: 'CONSENT', kind: 'standing-share', purpose: 'coordinated-support', categories: ['CRIME'], [name]: one }))
  }
})

test('a protected child is told of by code alone', async () => {
  const child = await registerChild(server, { years: 9, name: 'Skyddad Provfall' })
  const hidden = await jointCase(server, { subjectId: child.id, consent: { categories: ['IDENTITY', 'CASE_STATUS', 'CONTACT_DETAILS'] } })
  const record = await writeRecord(server, LEAD, hidden.caseId, { category: 'CONTACT_DETAILS', text: 'Hemlig gata 1' })
  const { etag } = await worker.get(`/subjects/${child.id}`)
  await worker.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: etag, status: 200 })

  const mine = await reading(worker, record.id)
  const giving = await asked(worker, { action: 'disclose', caseId: hidden.caseId, recipientId: SCHOOL, ground: 'CONSENT', consentId: hidden.consent.id, categories: ['CONTACT_DETAILS'] })

  assert.deepEqual([codes(mine), codes(giving)], [['PROTECTED_IDENTITY'], ['PROTECTED_IDENTITY']])
  assert.equal((await reading(manager, record.id)).allowed, true)
  assert.deepEqual(codes(await reading(manager, record.id, { assignmentId: assignmentId(LEAD) })), ['PROTECTED_IDENTITY'])
  for (const answer of [mine, giving]) assert.ok(!/Skyddad|Hemlig/.test(JSON.stringify(answer)))
})

// -- the access log ---------------------------------------------------------------------------------------------------

test('each question is one event, with what it was about', async () => {
  await allowedOnce(server, await ask(worker, { action: 'read', recordId: joint.shared.id }), [ALVA], [joint.shared.id],
    { activity: 'evaluate', grounds: ['CONSENT'], disclosure_ids: [joint.share.id], concerned_ids: [SCHOOL] })
  await allowedOnce(server, await ask(worker, { action: 'read', recordId: joint.closed.id }), [ALVA], [joint.closed.id], { grounds: [], disclosure_ids: [], concerned_ids: [SCHOOL] })
  await allowedOnce(server, await ask(worker, disclosing({ ground: 'FL_8' })), [ALVA], [joint.caseId], { grounds: [] })
  await allowedOnce(server, await ask(worker, disclosing({ recordIds: [joint.handed.id] })), [ALVA], [joint.caseId], { grounds: ['CONSENT'] })
  await allowedOnce(server, await ask(teacher, { action: 'receive', recordId: joint.shared.id, recipientId: SOCIAL }), [ALVA], [joint.shared.id])
})

test('a question about what is hidden is told to the auditors of whoever holds it, as an attempt to read it is', async () => {
  const asker = { type: 'user', id: userId('police-manager') }
  const attempts = [
    [SCHOOL, joint.shared.id, await officer.post('/access-evaluations', { action: 'read', recordId: joint.shared.id })],
    [SOCIAL, joint.kept.id, await officer.post('/access-evaluations', { action: 'receive', recordId: joint.kept.id, recipientId: SCHOOL })],
    [SOCIAL, joint.caseId, await officer.post('/access-evaluations', { action: 'disclose', caseId: joint.caseId, recipientId: SCHOOL, ground: 'NOT_SECRET', categories: ['ATTENDANCE'] })],
    [SCHOOL, joint.share.id, await officer.post('/access/v1/evaluation', { ...read('disclosure', joint.share.id), subject: asker })],
    [SOCIAL, joint.kept.id, await officer.post('/access/v1/evaluation', { ...disclose('record', joint.kept.id, { ground: 'NOT_SECRET', recipientId: SCHOOL }), subject: asker })]
  ]
  for (const [owner, thing, reply] of attempts) {
    const row = await deniedOnce(server, reply, 404, 'NOT_FOUND', { resource_ids: [thing], grounds: [], disclosure_ids: [] })
    assert.ok(row.concerned_ids.includes(owner), reply.operation)
  }
  await deniedOnce(server, await officer.post('/access-evaluations', { action: 'read', recordId: unknownId() }), 404, 'NOT_FOUND', { subject_ids: [], concerned_ids: [] })
})

test('every fault of a question is told, and whoever sees no cases asks none', async () => {
  await refusesBodies(worker, 'evaluateAccess', {}, [
    [{ action: 'write', caseId: joint.caseId }, '/body', '/body/action'], [{ action: 'read', caseId: joint.caseId, at: 'noon' }, '/body/at'], [{}, '/body', '/body/action']
  ])
  for (const person of ['social-auditor', 'organisation-admin', 'system-admin', 'collaboration-lead']) {
    await deniedOnce(server, await acting(server, person).post('/access-evaluations', { action: 'read', caseId: joint.caseId }), 403, 'ROLE_NOT_ALLOWED')
  }
})

// -- OpenID AuthZEN ---------------------------------------------------------------------------------------------------

const me = { type: 'user', id: userId(LEAD) }
const evaluation = (client, body, status = 200) => client.post('/access/v1/evaluation', body, { status })
const batch = (client, body, status = 200) => client.post('/access/v1/evaluations', body, { status })
const read = (type, id, more = {}) => ({ subject: me, action: { name: 'read' }, resource: { type, id }, ...more })
const disclose = (type, id, properties, more = {}) => ({ subject: me, action: { name: 'disclose' }, resource: { type, id, properties }, ...more })

test('AuthZEN asks the same engine about reading', async () => {
  const shared = (await evaluation(worker, read('record', joint.shared.id))).body
  const closed = (await evaluation(worker, read('record', joint.closed.id))).body

  assert.deepEqual([shared.decision, shared.context], [true, { reason: 'disclosure', ground: 'CONSENT', disclosureId: joint.share.id }])
  assert.deepEqual([closed.decision, closed.context.reason, closed.context.refusals.map(one => one.code)], [false, 'NO_LEGAL_GROUND', ['NO_LEGAL_GROUND']])
  assert.equal((await evaluation(worker, read('case', joint.caseId))).body.context.reason, 'team')
  assert.equal((await evaluation(worker, read('disclosure', joint.share.id))).body.context.reason, 'disclosure')
  assert.equal((await evaluation(worker, read('disclosure', joint.handover.id))).body.context.reason, 'own-organisation')
  assert.equal((await evaluation(worker, read('record', joint.shared.id, { context: { assuming: { consentRevoked: true } } }))).body.context.reason, 'CONSENT_REVOKED')
})

test('AuthZEN\'s subject is a user or an assignment: oneself, or a colleague for whoever may ask', async () => {
  const as = (client, subject) => client.post('/access/v1/evaluation', read('record', joint.shared.id, { subject }))

  for (const subject of [{ type: 'user', id: userId(LEAD) }, { type: 'assignment', id: assignmentId(LEAD) }]) {
    for (const client of [worker, manager]) assert.equal((await as(client, subject)).body.decision, true)
  }
  refused(await as(worker, { type: 'user', id: userId('social-manager') }), 403, 'ROLE_NOT_ALLOWED')
  for (const [type, id] of [['user', userId('school-teacher')], ['assignment', assignmentId('school-teacher')]]) {
    const foreign = await sameAsUnknown(`${type} of another agency`, id, one => as(manager, { type, id: one }))
    assert.deepEqual(pointers(refused(foreign, 422, 'INVALID_REFERENCE')), ['/body/subject/id'])
  }
})

test('AuthZEN asks the same engine about disclosing', async () => {
  const properties = { recipientId: SCHOOL, ground: 'CONSENT', consentId: joint.consent.id }
  const decided = async body => (await evaluation(worker, body)).body

  assert.deepEqual([(await decided(disclose('record', joint.handed.id, properties))).context.reason, (await decided(disclose('case', joint.caseId, { ...properties, categories: ['FAMILY_SITUATION'] }))).decision], ['ground', true])
  assert.equal((await decided(disclose('record', joint.kept.id, properties))).context.reason, 'GROUND_SCOPE')
  assert.equal((await decided(disclose('record', joint.handed.id, { ...properties, ground: 'SOL_18_6' }))).context.reason, 'NO_LEGAL_GROUND')
  assert.equal((await decided(disclose('record', joint.handed.id, properties, { context: { assuming: { consentRevoked: true } } }))).context.reason, 'CONSENT_REVOKED')
  for (const [body, pointer] of [[disclose('disclosure', joint.share.id, properties), '/body/resource/type'], [disclose('case', joint.caseId, { recipientId: SCHOOL }), '/body/resource/properties/ground'],
    [disclose('record', joint.handed.id, { ...properties, categories: ['LEARNING'] }), '/body/resource/properties/categories'], [disclose('case', joint.caseId, { ground: 'CONSENT', categories: ['LEARNING'] }), '/body/resource/properties/recipientId'],
    [read('case', joint.caseId, { resource: { type: 'case', id: joint.caseId, properties } }), '/body/resource/properties']]) {
    assert.deepEqual(pointers(refused(await worker.post('/access/v1/evaluation', body), 422, 'UNPROCESSABLE')), [pointer])
  }
})

test('AuthZEN is told nothing of what is hidden either', async () => {
  for (const [type, id] of [['case', joint.caseId], ['record', joint.kept.id], ['disclosure', joint.share.id]]) {
    const one = await sameAsUnknown(type, id, it => officer.post('/access/v1/evaluation', { subject: { type: 'user', id: userId('police-manager') }, action: { name: 'read' }, resource: { type, id: it } }))
    refused(one, 404, 'NOT_FOUND')
    const many = await sameAsUnknown(`${type} in a batch`, id, it => officer.post('/access/v1/evaluations', { subject: { type: 'user', id: userId('police-manager') }, action: { name: 'read' }, evaluations: [{ resource: { type, id: it } }] }))
    assert.deepEqual(many.body.evaluations.map(({ decision, context }) => [decision, context]), [[false, { reason: 'NOT_FOUND', error: { status: 404, message: 'NOT_FOUND' } }]])
    const [row] = await logged(server, many)
    assert.deepEqual([row.outcome, row.subject_ids], ['allowed', []])
  }
  const given = await sameAsUnknown('a record to disclose', joint.kept.id, it => officer.post('/access/v1/evaluation', { ...disclose('record', it, { ground: 'NOT_SECRET', recipientId: SCHOOL }), subject: { type: 'user', id: userId('police-manager') } }))
  refused(given, 404, 'NOT_FOUND')
})

test('a batch answers in the order of its questions, with what stands at the top where a question says nothing', async () => {
  const { body } = await batch(worker, {
    subject: me, action: { name: 'read' }, resource: { type: 'case', id: joint.caseId },
    evaluations: [{}, { resource: { type: 'record', id: joint.closed.id } }, { resource: { type: 'record', id: joint.shared.id } },
      { resource: { type: 'record', id: joint.shared.id }, context: { assuming: { consentRevoked: true } } }, { resource: { type: 'record', id: joint.shared.id } },
      { action: { name: 'disclose' }, resource: { type: 'record', id: joint.handed.id, properties: { recipientId: SCHOOL, ground: 'CONSENT', consentId: joint.consent.id } } },
      { subject: { type: 'user', id: userId('social-manager') } }, { resource: { type: 'record', id: joint.handed.id, properties: {} } }]
  })
  assert.deepEqual(body.evaluations.map(one => one.context.reason), ['team', 'NO_LEGAL_GROUND', 'disclosure', 'CONSENT_REVOKED', 'disclosure', 'ground', 'ROLE_NOT_ALLOWED', 'UNPROCESSABLE'])
  assert.deepEqual(body.evaluations.map(one => one.context.error?.status), [undefined, undefined, undefined, undefined, undefined, undefined, 403, 422])
  const missing = (await batch(worker, { evaluations: [{ action: { name: 'read' }, resource: { type: 'case', id: joint.caseId } }] })).body
  assert.deepEqual(missing.evaluations[0].context.error, { status: 400, message: 'INVALID_REQUEST' })
})

test('a batch may end with the first denial or the first permission', async () => {
  const decisions = async evaluations_semantic => (await batch(worker, {
    subject: me, action: { name: 'read' }, options: { evaluations_semantic },
    evaluations: [joint.shared.id, joint.closed.id, joint.handed.id].map(id => ({ resource: { type: 'record', id } }))
  })).body.evaluations.map(one => one.decision)

  assert.deepEqual(await decisions('execute_all'), [true, false, true])
  assert.deepEqual(await decisions('deny_on_first_deny'), [true, false])
  assert.deepEqual(await decisions('permit_on_first_permit'), [true])
})

test('a batch is one event of the access log, with everything that it was about', async () => {
  const hidden = await openCase(server, { person: 'police-manager', subjectId: (await officer.post('/subjects', { name: 'Polis Barn', birthDate: '2014-05-05' }, { status: 201 })).body.id })
  const reply = await batch(worker, { subject: me, action: { name: 'read' }, evaluations: [['record', joint.shared.id], ['case', joint.caseId], ['case', hidden]].map(([type, id]) => ({ resource: { type, id } })) })

  await allowedOnce(server, reply, [ALVA], [joint.shared.id, joint.caseId, hidden], { activity: 'evaluate', grounds: ['CONSENT'], disclosure_ids: [joint.share.id], concerned_ids: [SCHOOL, POLICE].sort() })
})

test('what AuthZEN lets a client say of the circumstances changes nothing', async () => {
  const said = { time: '1985-10-26T01:22-07:00', ip_address: '192.0.2.1', role: 'unit-manager', assumed: { anything: [true] } }

  const plain = await evaluation(worker, read('record', joint.closed.id))
  const told = await evaluation(worker, read('record', joint.closed.id, { context: said }))
  const assuming = await evaluation(worker, read('record', joint.shared.id, { context: { ...said, assuming: { consentRevoked: true } } }))

  assert.deepEqual(told.body, plain.body)
  assert.equal(assuming.body.context.reason, 'CONSENT_REVOKED')
})

test('a batch without evaluations is one evaluation, and is answered as one', async () => {
  for (const question of [read('record', joint.shared.id), read('record', joint.closed.id), disclose('record', joint.handed.id, { recipientId: SCHOOL, ground: 'CONSENT', consentId: joint.consent.id })]) {
    const alone = await evaluation(worker, question)
    for (const more of [{}, { evaluations: [] }, { options: { evaluations_semantic: 'deny_on_first_deny' } }]) {
      assert.deepEqual((await batch(worker, { ...question, ...more })).body, alone.body)
    }
  }
  const hidden = await batch(officer, { ...read('record', joint.kept.id), subject: { type: 'user', id: userId('police-manager') } })
  assert.deepEqual([hidden.body.decision, hidden.body.context.error], [false, { status: 404, message: 'NOT_FOUND' }])
  assert.deepEqual((await batch(worker, { subject: me, action: { name: 'read' } })).body.context.error, { status: 400, message: 'INVALID_REQUEST' })
  await allowedOnce(server, await batch(worker, read('record', joint.shared.id)), [ALVA], [joint.shared.id], { activity: 'evaluate', grounds: ['CONSENT'], disclosure_ids: [joint.share.id] })
})

test('AuthZEN\'s shape is closed', async () => {
  await refusesBodies(worker, 'evaluateAuthzen', {}, [
    [{}, '/body/action', '/body/resource', '/body/subject'],
    [read('case', joint.caseId, { context: { assuming: { time: 'noon' } } }), '/body/context/assuming/time'],
    [read('account', '123', { subject: { type: 'robot', id: joint.caseId } }), '/body/resource/id', '/body/resource/type', '/body/subject/type']
  ])
  await refusesBodies(worker, 'evaluateAuthzenBatch', {}, [[{ evaluations: [{ at: 'noon' }] }, '/body/evaluations/0/at'], [{ evaluations: {} }, '/body/evaluations']])
  for (const path of ['/access/v1/evaluation', '/access/v1/evaluations']) {
    refused(await acting(server, 'social-auditor').post(path, path.endsWith('s') ? { evaluations: [read('case', joint.caseId)] } : read('case', joint.caseId)), 403, 'ROLE_NOT_ALLOWED')
  }
})
