// Participants: inviting an organisation on a legal ground, its answer, and the end of its part.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGREEMENT, ALVA, CLINIC, CLINIC_UNIT, POLICE_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, day } from '../support/demo.mjs'
import {
  answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import {
  accept, acting, allowedOnce, askConsent, decide, deniedOnce, grantedConsent, hiddenFromStrangers, invitation, invite, joinClinic,
  jointCase, openCase, PURPOSE, registerChild, revoke, signedAgreement, writeRecord
} from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const clinic = acting(server, 'clinic-manager')
const why = { reason: 'The pupil has moved to another school.' }

// A case with a consent in force, and the school invited to it.
async function invitedCase(about) {
  const caseId = await openCase(server, about)
  const consent = await grantedConsent(server, caseId)
  return { caseId, consent, participant: await invite(server, caseId, consent.id) }
}

const tryToInvite = (caseId, body, person = worker) => person.call('inviteParticipant', { path: { caseId }, body })

test('the leading organisation invites a unit under an agreement and on the ground of a consent', async () => {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  await signedAgreement(server)

  const made = await worker.post(`/cases/${caseId}/participants`, invitation(consent.id), { status: 201 })

  const { organisationId, unitId, leadOrganisationId, status, ground, consentId, agreementId, invitedBy, answeredAt } = made.body
  assert.deepEqual({ organisationId, unitId, leadOrganisationId, status, ground, consentId, agreementId, invitedBy, answeredAt }, {
    organisationId: SCHOOL, unitId: SCHOOL_UNIT, leadOrganisationId: SOCIAL, status: 'invited', ground: 'CONSENT', consentId: consent.id,
    agreementId: AGREEMENT, invitedBy: 'Sara Lindalm', answeredAt: undefined
  })
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'disclose', grounds: ['CONSENT'] })
})

test('an invitation is sent once', async () => {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  await signedAgreement(server)
  await answersOnce(server, 'social-case-worker', 'inviteParticipant',
    { path: { caseId }, body: invitation(consent.id) }, { path: { caseId }, body: invitation(consent.id, { purpose: 'other' }) })

  const twice = await tryToInvite(caseId, invitation(consent.id))

  await deniedOnce(server, twice, 409, 'ALREADY_EXISTS')
})

test('without a ground nobody is told that the child is known', async () => {
  await signedAgreement(server)
  const caseId = await openCase(server)
  const asked = await askConsent(server, caseId)
  const narrow = await grantedConsent(server, caseId, { categories: ['CASE_STATUS'] })
  const clinics = await grantedConsent(server, caseId, { recipientOrganisationIds: [CLINIC] })
  const schools = await grantedConsent(server, caseId, { disclosingOrganisationIds: [SCHOOL] })
  const later = await grantedConsent(server, caseId, { validFrom: day(1) })
  const withdrawn = await revoke(server, await grantedConsent(server, caseId))
  const elsewhere = await grantedConsent(server, await openCase(server))
  const good = await grantedConsent(server, caseId)

  for (const [body, code] of [
    [invitation(good.id, { ground: 'CRIME_GENERAL' }), 'NO_LEGAL_GROUND'],
    [invitation(undefined), 'CONSENT_REQUIRED'],
    [invitation(unknownId()), 'CONSENT_REQUIRED'],
    [invitation(elsewhere.id), 'CONSENT_REQUIRED'],
    [invitation(asked.id), 'CONSENT_INCOMPLETE'],
    [invitation(later.id), 'CONSENT_EXPIRED'],
    [invitation(withdrawn.id), 'CONSENT_REVOKED'],
    [invitation(clinics.id), 'NOT_RECIPIENT'],
    [invitation(narrow.id), 'GROUND_SCOPE'],
    [invitation(schools.id), 'GROUND_SCOPE'],
    [invitation(good.id, { agreementId: unknownId() }), 'AGREEMENT_NOT_IN_FORCE'],
    [invitation(good.id, { agreementId: undefined }), 'AGREEMENT_NOT_IN_FORCE'],
    [invitation(good.id, { purpose: 'crime-prevention' }), 'GROUND_SCOPE'],
    [{ unitId: SCHOOL_UNIT, ground: 'SOL_18_6', purpose: PURPOSE, agreementId: AGREEMENT }, 'NO_LEGAL_GROUND']
  ]) await deniedOnce(server, await tryToInvite(caseId, body), 403, code, { subject_ids: [ALVA] })

  const invited = await head.get('/participants', { query: { limit: 100 }, status: 200 })
  assert.equal(invited.body.participants.some(one => one.caseId === caseId), false)
})

test('the agreement must bind both organisations', async () => {
  await signedAgreement(server)
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId, { recipientOrganisationIds: [CLINIC] })

  await deniedOnce(server, await tryToInvite(caseId, invitation(consent.id, { unitId: CLINIC_UNIT })), 403, 'AGREEMENT_NOT_IN_FORCE')
})

test('on a ground in statute an organisation is invited without consent or agreement, on what the ground asks for', async () => {
  const { caseId } = await jointCase(server)
  const decision = await decide(server, caseId)
  const narrow = await decide(server, caseId, { categories: ['IDENTITY', 'FAMILY_SITUATION'] })
  const draft = (more = {}) => ({ unitId: CLINIC_UNIT, ground: 'SOCIAL_CHILD_SUPPORT', decisionId: decision.id, justification: 'It treats the child.', purpose: PURPOSE, ...more })

  for (const [body, code] of [
    [draft({ decisionId: undefined }), 'DECISION_REQUIRED'], [draft({ decisionId: unknownId() }), 'DECISION_REQUIRED'], [draft({ decisionId: narrow.id }), 'GROUND_SCOPE'],
    [draft({ unitId: POLICE_UNIT }), 'GROUND_RECIPIENT_SECTOR'], [draft({ ground: 'PLACEMENT_INFO', unitId: POLICE_UNIT, decisionId: undefined }), 'GROUND_PRECONDITION'],
    [draft({ ground: 'IMMEDIATE_POLICE', unitId: POLICE_UNIT, decisionId: undefined }), 'GROUND_PRECONDITION']
  ]) await deniedOnce(server, await tryToInvite(caseId, body), 403, code, { subject_ids: [ALVA] })
  for (const justification of [undefined, '', '  ']) {
    const reply = await tryToInvite(caseId, draft({ justification }))
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/justification'])
  }
  const police = await tryToInvite(caseId, draft({ ground: 'IMMEDIATE_POLICE', unitId: POLICE_UNIT, decisionId: undefined, preconditionStatement: 'Found alone at night in the harbour.' }))
  const clinic = await tryToInvite(caseId, draft())

  assert.equal(police.status, 201, police.text)
  assert.equal(clinic.status, 201, clinic.text)
  assert.deepEqual([clinic.body.ground, clinic.body.decisionId, clinic.body.justification, clinic.body.agreementId, clinic.body.consentId],
    ['SOCIAL_CHILD_SUPPORT', decision.id, 'It treats the child.', undefined, undefined])
  assert.equal(police.body.preconditionStatement, 'Found alone at night in the harbour.')
  await allowedOnce(server, clinic, [ALVA], [clinic.body.id], { activity: 'disclose', grounds: ['SOCIAL_CHILD_SUPPORT'] })
})

test('an invitation on a decision cannot be accepted once the decision is withdrawn', async () => {
  const caseId = await openCase(server)
  const decision = await decide(server, caseId)
  const body = { unitId: CLINIC_UNIT, ground: decision.ground, decisionId: decision.id, justification: 'It treats the child.', purpose: PURPOSE }
  const invited = (await tryToInvite(caseId, body)).body
  await manager.post(`/decisions/${decision.id}/withdrawals`, why, { status: 201 })

  await deniedOnce(server, await acting(server, 'clinic-manager').post(`/participants/${invited.id}/acceptances`, {}), 403, 'DECISION_REQUIRED')
})

test('on which ground and why an organisation was invited, the other participants do not learn', async () => {
  const joint = await jointCase(server)
  const { participant } = await joinClinic(server, joint.caseId)
  const told = ['ground', 'decisionId', 'justification', 'purpose']

  const seen = {}
  for (const person of ['social-case-worker', 'clinic-psychologist', 'school-teacher']) {
    const reply = await acting(server, person).get(`/participants/${participant.id}`, { status: 200 })
    seen[person] = told.filter(name => name in reply.body)
    await allowedOnce(server, reply, [ALVA], [participant.id], { grounds: person === 'school-teacher' ? ['CONSENT'] : ['SOCIAL_CHILD_SUPPORT'] })
  }

  assert.deepEqual(seen, { 'social-case-worker': told, 'clinic-psychologist': told, 'school-teacher': [] })
})

test('a protected identity is not told by someone who may not see it', async () => {
  await signedAgreement(server)
  const child = await registerChild(server, { years: 10, protectedIdentity: true })
  const caseId = await openCase(server, { subjectId: child.id })
  const consent = await grantedConsent(server, caseId)

  const byWorker = await tryToInvite(caseId, invitation(consent.id))
  const byManager = await tryToInvite(caseId, invitation(consent.id), manager)

  await deniedOnce(server, byWorker, 403, 'PROTECTED_IDENTITY')
  assert.equal(byManager.status, 201, byManager.text)
})

test('a unit of the own organisation, or none, cannot be invited', async () => {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  for (const unitId of [SOCIAL_UNIT, SCHOOL, unknownId()]) {
    const reply = await tryToInvite(caseId, invitation(consent.id, { unitId }))
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/unitId'])
  }
  await refusesBodies(worker, 'inviteParticipant', { path: { caseId } }, [
    [{}, '/body/ground', '/body/purpose', '/body/unitId'],
    [invitation(consent.id, { ground: 'consent', organisationId: SCHOOL }), '/body/ground', '/body/organisationId']
  ])
})

test('only the leading organisation invites, and only to an open case', async () => {
  const { caseId, consent } = await jointCase(server)
  const bySchool = await tryToInvite(caseId, invitation(consent.id, { unitId: CLINIC_UNIT }), head)
  await worker.post(`/cases/${caseId}/closures`, why, { status: 201 })
  const toClosed = await tryToInvite(caseId, invitation(consent.id))

  await deniedOnce(server, bySchool, 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, toClosed, 409, 'CASE_CLOSED')
  await deniedOnce(server, await tryToInvite(caseId, invitation(consent.id), teacher), 403, 'ROLE_NOT_ALLOWED')
})

test('before acceptance the invited unit sees the invitation and nothing of the case or the child', async () => {
  const child = await registerChild(server, { years: 9 })
  const { caseId, participant } = await invitedCase({ subjectId: child.id })

  const seen = await readsConditionally(head, `/participants/${participant.id}`)
  const list = await head.get('/participants', { query: { status: 'invited', limit: 100 }, status: 200 })

  assert.deepEqual(relations(seen), ['accept', 'decline', 'end', 'self'])
  assert.deepEqual(relations(list.body.participants.find(one => one.id === participant.id)), ['accept', 'decline', 'end', 'self'])
  await allowedOnce(server, seen, [child.id], [participant.id], { concerned_ids: [SOCIAL], grounds: ['CONSENT'] })
  const about = await server.sql(`
    select distinct c.subject_id as id
    from samsyn.participants p join samsyn.cases c on c.id = p.case_id
    where p.status = 'invited'`)
  await allowedOnce(server, list, about.map(one => one.id), list.body.participants.map(one => one.id))
  await deniedOnce(server, await head.get(`/cases/${caseId}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await head.get(`/cases/${caseId}/participants`), 404, 'NOT_FOUND')
  await deniedOnce(server, await head.get(`/subjects/${child.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await teacher.get(`/participants/${participant.id}`), 404, 'NOT_FOUND')
})

test('the one who leads the unit accepts, once, and sees the case from then on', async () => {
  const { caseId, participant } = await invitedCase()

  const accepted = await head.post(`/participants/${participant.id}/acceptances`, {}, { status: 201 })
  const again = await head.post(`/participants/${participant.id}/acceptances`, {})
  const declined = await head.post(`/participants/${participant.id}/declinations`, why)

  assert.deepEqual([accepted.body.status, accepted.body.answeredBy], ['accepted', 'Ravi Björkdal'])
  assert.deepEqual(relations(accepted), ['case', 'end', 'self'])
  assert.notEqual(accepted.etag, '"1"')
  await allowedOnce(server, accepted, [ALVA], [participant.id], { activity: 'write' })
  await deniedOnce(server, again, 409, 'ALREADY_ANSWERED')
  await deniedOnce(server, declined, 409, 'ALREADY_ANSWERED')
  assert.equal((await head.follow(accepted, 'case')).body.id, caseId)
})

test('nobody else answers for the invited unit', async () => {
  const { participant } = await invitedCase()

  for (const [path, body] of [['acceptances', {}], ['declinations', why]]) {
    await deniedOnce(server, await worker.post(`/participants/${participant.id}/${path}`, body), 403, 'NOT_RECIPIENT')
    await deniedOnce(server, await teacher.post(`/participants/${participant.id}/${path}`, body), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('an invitation whose ground is gone cannot be accepted', async () => {
  const { caseId, consent, participant } = await invitedCase()
  await revoke(server, consent)

  const late = await head.post(`/participants/${participant.id}/acceptances`, {})

  await deniedOnce(server, late, 403, 'CONSENT_REVOKED', { concerned_ids: [SOCIAL] })
  assert.equal((await head.get(`/participants/${participant.id}`)).body.status, 'invited')
  await deniedOnce(server, await head.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('an invitation is declined with a reason that the inviter sees, and can be sent anew', async () => {
  const { caseId, consent, participant } = await invitedCase()

  const declined = await head.post(`/participants/${participant.id}/declinations`, why, { status: 201 })

  const seen = await worker.get(`/participants/${participant.id}`, { status: 200 })
  assert.deepEqual([declined.body.status, seen.body.reason], ['declined', why.reason])
  assert.deepEqual(relations(declined), ['self'])
  await allowedOnce(server, declined, [ALVA], [participant.id], { activity: 'write' })
  await deniedOnce(server, await head.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  assert.notEqual((await invite(server, caseId, consent.id)).id, participant.id)
})

test('a part ends by the participant or by the lead, and its access with it', async () => {
  for (const by of [head, worker]) {
    const { caseId, participant } = await jointCase(server)
    await writeRecord(server, 'school-teacher', caseId)

    const ended = await by.post(`/participants/${participant.id}/endings`, why, { status: 201 })
    const again = await worker.post(`/participants/${participant.id}/endings`, why)

    assert.deepEqual([ended.body.status, ended.body.reason], ['ended', why.reason])
    assert.deepEqual(relations(ended), ['self'])
    await allowedOnce(server, ended, [ALVA], [participant.id], { activity: 'write' })
    await deniedOnce(server, again, 409, 'ALREADY_ENDED')
    await deniedOnce(server, await head.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
    await deniedOnce(server, await teacher.get(`/cases/${caseId}/records`), 404, 'NOT_FOUND')
    const team = await worker.get(`/cases/${caseId}/team-members`, { query: { current: true }, status: 200 })
    assert.deepEqual(team.body.teamMembers.map(member => member.organisationId), [SOCIAL])
  }
})

test('the lead\'s own part cannot end, and nobody ends the part of another', async () => {
  const { caseId, participant } = await jointCase(server)
  const parts = await worker.get(`/cases/${caseId}/participants`, { status: 200 })
  const lead = parts.body.participants.find(part => part.status === 'lead')

  assert.deepEqual(relations(lead), ['case', 'self'])
  await deniedOnce(server, await worker.post(`/participants/${lead.id}/endings`, why), 409, 'CONFLICT')
  await deniedOnce(server, await teacher.post(`/participants/${participant.id}/endings`, why), 403, 'ROLE_NOT_ALLOWED')
})

test('nothing of a part changes in a closed case', async () => {
  const { caseId, participant } = await invitedCase()
  await worker.post(`/cases/${caseId}/closures`, why, { status: 201 })

  for (const [path, body] of [['acceptances', {}], ['declinations', why], ['endings', why]]) {
    await deniedOnce(server, await head.post(`/participants/${participant.id}/${path}`, body), 409, 'CASE_CLOSED')
  }
})

test('everyone related to the case sees who takes part, in the order of invitation', async () => {
  const { caseId, consent, participant } = await jointCase(server)
  await head.post(`/participants/${participant.id}/endings`, why, { status: 201 })
  const again = await accept(server, await invite(server, caseId, consent.id))

  const list = await worker.get(`/cases/${caseId}/participants`, { status: 200 })

  assert.deepEqual(list.body.participants.map(part => part.status), ['lead', 'ended', 'accepted'])
  assert.deepEqual(list.body.participants.slice(1).map(part => part.id), [participant.id, again.id])
  await allowedOnce(server, list, [ALVA], list.body.participants.map(part => part.id))
  await pages(worker, `/cases/${caseId}/participants`, 'participants')
  assert.equal((await head.get(`/cases/${caseId}/participants`)).body._meta.totalRecords, 3)
})

test('the invitations to a unit are filtered by state and read by pages', async () => {
  for (let i = 0; i < 3; i++) await invitedCase()
  const list = async query => (await head.get('/participants', { query: { limit: 100, ...query }, status: 200 })).body.participants

  const all = await list({})
  for (const status of ['invited', 'accepted', 'declined', 'ended']) {
    const some = all.filter(one => one.status === status).map(one => one.id)
    assert.ok(some.length > 0, `no invitation is ${status}`)
    assert.deepEqual((await list({ status })).map(one => one.id), some, status)
  }
  assert.deepEqual(await list({ status: 'lead' }), [])
  await pages(head, '/participants', 'participants', { status: 'invited' })
  assert.ok((await clinic.get('/participants', { query: { limit: 100 }, status: 200 })).body.participants.every(one => one.unitId === CLINIC_UNIT))
  assert.deepEqual((await teacher.get('/participants', { status: 200 })).body.participants, [])
  assert.deepEqual((await manager.get('/participants', { status: 200 })).body.participants, [])
  await deniedOnce(server, await acting(server, 'school-auditor').get('/participants'), 403, 'ROLE_NOT_ALLOWED')
})

test('each answer is carried out once', async () => {
  const [one, two, three, four] = [await invitedCase(), await invitedCase(), await invitedCase(), await invitedCase()]
  const input = ({ participant }, body) => ({ path: { participantId: participant.id }, body })

  await answersOnce(server, 'school-head', 'acceptInvitation', input(one, {}), input(two, {}))
  await answersOnce(server, 'school-head', 'declineInvitation', input(three, why), input(three, { reason: 'Otherwise.' }))
  await answersOnce(server, 'social-case-worker', 'endParticipation', input(four, why), input(four, { reason: 'Otherwise.' }))
})

test('nobody without a relation learns of an invitation', async () => {
  const { caseId, consent, participant } = await invitedCase()
  for (const [operationId, more] of Object.entries({ listParticipants: {}, inviteParticipant: { body: invitation(consent.id) } })) {
    await hiddenFromStrangers(server, operationId, { path: { caseId }, ...more }, unknownId())
  }
  for (const [operationId, more] of Object.entries({
    getParticipant: {}, acceptInvitation: { body: {} }, declineInvitation: { body: why }, endParticipation: { body: why }
  })) await hiddenFromStrangers(server, operationId, { path: { participantId: participant.id }, ...more }, unknownId())
})

test('what does not follow the contract is refused', async () => {
  const path = { participantId: unknownId() }
  for (const operationId of ['declineInvitation', 'endParticipation']) {
    await refusesBodies(head, operationId, { path }, [[{}, '/body/reason'], [{ reason: '' }, '/body/reason']])
  }
  await refusesBodies(head, 'acceptInvitation', { path }, [[{ reason: 'Yes.' }, '/body/reason']])
  await refusesMalformedId(head, 'getParticipant', 'participantId')
  await refusesStrayQuery(head, 'listInvitations')
  await refusesStrayQuery(head, 'listParticipants', { path: { caseId: unknownId() } })
})
