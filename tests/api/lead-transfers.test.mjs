// Lead transfers: the lead of a case passes to another unit when that unit accepts, and not before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { created } from '../support/client.mjs'
import { ALVA, CLINIC_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId } from '../support/demo.mjs'
import {
  answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, appoint, deniedOnce, grantedConsent, handOver, hiddenFromStrangers, invitation, invite, jointCase, openCase,
  registerChild, shareStandingly, writeRecord
} from '../support/story.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const elsewhere = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })
const colleague = acting(server, elsewhere.person)
const reason = 'The support that remains is given at school.'
const why = { reason: 'Not ours.' }

const offer = (caseId, body, by = worker) => by.call('createLeadTransfer', { path: { caseId }, body: { reason, ...body } })
const offered = async (caseId, body, by) => (await created(offer(caseId, body, by))).body
const accept = (transfer, by = head) => by.post(`/lead-transfers/${transfer.id}/acceptances`, {})
const decline = (transfer, by = head) => by.post(`/lead-transfers/${transfer.id}/declinations`, why)
const withdraw = (transfer, by = worker) => by.post(`/lead-transfers/${transfer.id}/withdrawals`, why)

// A case in which the school takes part, and its lead offered to the school.
async function offeredCase() {
  const joint = await jointCase(server)
  return { ...joint, transfer: await offered(joint.caseId, { toParticipantId: joint.participant.id }) }
}

const leads = async caseId => (await server.sql(`
  select c.organisation_id, c.unit_id, c.lead_assignment_id, array_agg(p.status || ' ' || p.organisation_id order by p.status) as parts
  from samsyn.cases c join samsyn.participants p on p.case_id = c.id where c.id = '${caseId}' group by c.id`))[0]

test('the lead is offered to an organisation that takes part, and nothing changes before it has accepted', async () => {
  const joint = await jointCase(server)
  const before = await leads(joint.caseId)

  const reply = await created(offer(joint.caseId, { toParticipantId: joint.participant.id }))

  const { status, fromOrganisationId, fromUnitId, toOrganisationId, toUnitId, proposedBy, answeredAt } = reply.body
  assert.deepEqual({ status, fromOrganisationId, fromUnitId, toOrganisationId, toUnitId, proposedBy, answeredAt }, {
    status: 'pending', fromOrganisationId: SOCIAL, fromUnitId: SOCIAL_UNIT, toOrganisationId: SCHOOL, toUnitId: SCHOOL_UNIT,
    proposedBy: 'Sara Lindalm', answeredAt: undefined
  })
  assert.deepEqual(relations(reply), ['accept', 'case', 'decline', 'self', 'withdraw'])
  await allowedOnce(server, reply, [ALVA], [reply.body.id], { activity: 'write' })
  assert.deepEqual(await leads(joint.caseId), before)
})

test('with the acceptance the receiver leads and the sender takes part on the footing on which they worked together', async () => {
  const { caseId, participant, transfer } = await offeredCase()

  const reply = await created(accept(transfer))

  assert.deepEqual([reply.body.status, reply.body.answeredBy], ['accepted', 'Ravi Björkdal'])
  await allowedOnce(server, reply, [ALVA], [transfer.id], { activity: 'write', concerned_ids: [SOCIAL] })
  assert.deepEqual(await leads(caseId), {
    organisation_id: SCHOOL, unit_id: SCHOOL_UNIT, lead_assignment_id: assignmentId('school-head'), parts: [`accepted ${SOCIAL}`, `lead ${SCHOOL}`]
  })
  const read = (await worker.get(`/cases/${caseId}`, { status: 200 })).body
  assert.deepEqual([read.organisationId, read.unitId, read.leadAssignmentId, read.leadName], [SCHOOL, SCHOOL_UNIT, assignmentId('school-head'), 'Ravi Björkdal'])
  const parts = (await worker.get(`/cases/${caseId}/participants`, { status: 200 })).body.participants
  const former = parts.find(one => one.organisationId === SOCIAL)
  assert.deepEqual([former.status, former.ground, former.agreementId, former.consentId, former.purpose],
    ['accepted', participant.ground, participant.agreementId, participant.consentId, participant.purpose])
  const team = (await head.get(`/cases/${caseId}/team-members`, { query: { current: true }, status: 200 })).body.teamMembers
  assert.ok(team.some(one => one.assignmentId === assignmentId('school-head')))
})

test('afterwards what only the lead may is for the receiver alone', async () => {
  const { caseId, consent, transfer } = await offeredCase()
  const patch = (by, title, ifMatch) => by.patch(`/cases/${caseId}`, { title }, { ifMatch })
  await created(accept(transfer))
  const { etag } = await head.get(`/cases/${caseId}`, { status: 200 })

  await deniedOnce(server, await patch(worker, 'Ours', etag), 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, await worker.post(`/cases/${caseId}/closures`, why), 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, await worker.call('inviteParticipant', { path: { caseId }, body: invitation(consent.id, { unitId: CLINIC_UNIT }) }), 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, await offer(caseId, { toUnitId: elsewhere.unit }), 403, 'NOT_LEAD_ORGANISATION')
  assert.equal((await patch(head, 'Support at school', etag)).status, 200)
  await head.post(`/cases/${caseId}/closures`, why, { status: 201 })
  await deniedOnce(server, await manager.post(`/cases/${caseId}/reopenings`, why), 403, 'NOT_LEAD_ORGANISATION')
  await head.post(`/cases/${caseId}/reopenings`, why, { status: 201 })
})

test('records stay whose they are, and what was shared before is shared after', async () => {
  const joint = await jointCase(server)
  const ours = await writeRecord(server, 'social-case-worker', joint.caseId)
  const hidden = await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'HOUSING_ECONOMY' })
  const theirs = await writeRecord(server, 'school-teacher', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)

  await created(accept(await offered(joint.caseId, { toParticipantId: joint.participant.id })))

  assert.equal((await worker.get(`/records/${ours.id}`, { status: 200 })).body.organisationId, SOCIAL)
  assert.equal((await worker.get(`/records/${hidden.id}`)).status, 200)
  assert.equal((await head.get(`/records/${ours.id}`)).status, 200)
  await deniedOnce(server, await head.get(`/records/${hidden.id}`), 403, 'NO_LEGAL_GROUND')
  await deniedOnce(server, await worker.get(`/records/${theirs.id}`), 403, 'NO_LEGAL_GROUND')
  await worker.post(`/disclosures/${share.id}/endings`, why, { status: 201 })
  await deniedOnce(server, await head.get(`/records/${ours.id}`), 403, 'NO_LEGAL_GROUND')
  // The one who leads now discloses what is theirs to the one who led before, as before.
  await handOver(server, 'school-teacher', joint, [theirs.id])
  assert.equal((await worker.get(`/records/${theirs.id}`)).status, 200)
})

test('the child stays in the register of who registered it', async () => {
  const child = await registerChild(server, { years: 9 })
  const caseId = await openCase(server, { subjectId: child.id })
  const consent = await grantedConsent(server, caseId)
  const participant = await invite(server, caseId, consent.id)
  await head.post(`/participants/${participant.id}/acceptances`, {}, { status: 201 })
  await created(accept(await offered(caseId, { toParticipantId: participant.id })))

  const seen = await head.get(`/subjects/${child.id}`, { status: 200 })

  assert.equal(seen.body.organisationId, SOCIAL)
  await deniedOnce(server, await head.patch(`/subjects/${child.id}`, { name: 'Other' }, { ifMatch: seen.etag }), 403, 'NOT_OWNER')
  const own = await worker.get(`/subjects/${child.id}`, { status: 200 })
  assert.equal((await worker.patch(`/subjects/${child.id}`, { name: 'Nova Ny' }, { ifMatch: own.etag })).status, 200)
})

test('the receiver can end the part of the one who led before', async () => {
  const { caseId, transfer } = await offeredCase()
  await created(accept(transfer))
  const parts = (await head.get(`/cases/${caseId}/participants`, { status: 200 })).body.participants
  const [own, former] = [SCHOOL, SOCIAL].map(id => parts.find(one => one.organisationId === id))

  await deniedOnce(server, await worker.post(`/participants/${own.id}/endings`, why), 409, 'CONFLICT')
  await head.post(`/participants/${former.id}/endings`, why, { status: 201 })

  await deniedOnce(server, await worker.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await manager.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('within one organisation another unit takes over, and its leader sees the case only then', async () => {
  const caseId = await openCase(server)
  const transfer = await offered(caseId, { toUnitId: elsewhere.unit })
  const seen = await readsConditionally(colleague, `/lead-transfers/${transfer.id}`)
  assert.equal(seen.body.caseReference.length, 13)
  await deniedOnce(server, await colleague.get(`/cases/${caseId}`), 404, 'NOT_FOUND')

  await created(accept(transfer, colleague))

  assert.deepEqual(await leads(caseId), { organisation_id: SOCIAL, unit_id: elsewhere.unit, lead_assignment_id: elsewhere.assignment, parts: [`lead ${SOCIAL}`] })
  assert.equal((await colleague.get(`/cases/${caseId}`)).status, 200)
  assert.equal((await worker.get(`/cases/${caseId}`)).status, 200)
  await deniedOnce(server, await manager.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('nobody but the leader of the receiving unit answers, the sender least of all', async () => {
  const { caseId, transfer } = await offeredCase()
  await appoint(server, 'school-head', caseId, 'school-nurse').catch(() => {})
  for (const by of [worker, manager]) {
    await deniedOnce(server, await accept(transfer, by), 403, 'NOT_RECIPIENT', { subject_ids: [ALVA] })
    await deniedOnce(server, await decline(transfer, by), 403, 'NOT_RECIPIENT')
  }
  await deniedOnce(server, await accept(transfer, teacher), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await accept(transfer, colleague), 404, 'NOT_FOUND')
  await deniedOnce(server, await withdraw(transfer, head), 403, 'NOT_LEAD_ORGANISATION')

  assert.equal((await leads(caseId)).organisation_id, SOCIAL)
  assert.equal((await worker.get(`/lead-transfers/${transfer.id}`, { status: 200 })).body.status, 'pending')
})

test('an offer is declined or withdrawn with a reason, and answered once', async () => {
  const declined = (await offeredCase()).transfer
  const withdrawn = (await offeredCase()).transfer

  const one = await created(decline(declined))
  const other = await created(withdraw(withdrawn))

  assert.deepEqual([one.body.status, one.body.answerReason, one.body.answeredBy], ['declined', why.reason, 'Ravi Björkdal'])
  assert.deepEqual([other.body.status, other.body.answerReason, other.body.answeredBy], ['withdrawn', why.reason, 'Sara Lindalm'])
  assert.deepEqual(relations(one), ['case', 'self'])
  for (const transfer of [declined, withdrawn]) {
    await deniedOnce(server, await accept(transfer), 409, 'ALREADY_ANSWERED')
    await deniedOnce(server, await decline(transfer), 409, 'ALREADY_ANSWERED')
    await deniedOnce(server, await withdraw(transfer), 409, 'ALREADY_ANSWERED')
    assert.equal((await leads(transfer.caseId)).organisation_id, SOCIAL)
  }
})

test('one offer at a time; after an answer there can be another', async () => {
  const { caseId, participant, transfer } = await offeredCase()
  await deniedOnce(server, await offer(caseId, { toUnitId: elsewhere.unit }), 409, 'ALREADY_EXISTS')

  await created(withdraw(transfer))
  const second = await offered(caseId, { toParticipantId: participant.id })

  const { body } = await worker.get(`/cases/${caseId}/lead-transfers`, { status: 200 })
  assert.deepEqual(body.leadTransfers.map(one => [one.id, one.status]), [[second.id, 'pending'], [transfer.id, 'withdrawn']])
})

test('the lead goes back and forth', async () => {
  const { caseId, transfer } = await offeredCase()
  await created(accept(transfer))
  const parts = (await head.get(`/cases/${caseId}/participants`, { status: 200 })).body.participants
  const back = await offered(caseId, { toParticipantId: parts.find(one => one.organisationId === SOCIAL).id }, head)

  await created(accept(back, manager))

  assert.deepEqual(await leads(caseId), {
    organisation_id: SOCIAL, unit_id: SOCIAL_UNIT, lead_assignment_id: assignmentId('social-manager'), parts: [`accepted ${SCHOOL}`, `lead ${SOCIAL}`]
  })
})

test('what is offered must take part, or be another unit of the own organisation', async () => {
  const { caseId, participant } = await jointCase(server)
  const other = await jointCase(server)
  const invited = await openCase(server)
  const pending = await invite(server, invited, (await grantedConsent(server, invited)).id)

  for (const [id, body, pointer] of [
    [caseId, { toParticipantId: unknownId() }, '/body/toParticipantId'],
    [caseId, { toParticipantId: other.participant.id }, '/body/toParticipantId'],
    [invited, { toParticipantId: pending.id }, '/body/toParticipantId'],
    [caseId, { toUnitId: SOCIAL_UNIT }, '/body/toUnitId'],
    [caseId, { toUnitId: SCHOOL_UNIT }, '/body/toUnitId'],
    [caseId, { toUnitId: SOCIAL }, '/body/toUnitId'],
    [caseId, { toUnitId: unknownId() }, '/body/toUnitId']
  ]) {
    const reply = await offer(id, body)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  await deniedOnce(server, await offer(caseId, { toParticipantId: participant.id }, head), 403, 'NOT_LEAD_ORGANISATION')
})

test('a receiver that takes part no longer, or a closed case, cannot take over', async () => {
  const gone = await offeredCase()
  await worker.post(`/participants/${gone.participant.id}/endings`, why, { status: 201 })
  const closed = await offeredCase()
  await worker.post(`/cases/${closed.caseId}/closures`, why, { status: 201 })

  await deniedOnce(server, await accept(gone.transfer), 409, 'CONFLICT')
  await deniedOnce(server, await accept(closed.transfer), 409, 'CASE_CLOSED')
  await deniedOnce(server, await offer(closed.caseId, { toUnitId: elsewhere.unit }), 409, 'CASE_CLOSED')

  assert.equal((await leads(gone.caseId)).organisation_id, SOCIAL)
  await created(withdraw(gone.transfer))
})

test('a third organisation in the case learns nothing of an offer', async () => {
  const { caseId, transfer } = await offeredCase()
  // The clinic takes part as well; past the API, because the demo has no agreement with it.
  await server.sql(`insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, consent_id, invited_by)
    select samsyn.uuid7(), p.case_id, o.boundary_id, o.id, 'accepted', p.agreement_id, p.ground, p.consent_id, p.invited_by
    from samsyn.participants p, samsyn.organisations o where p.case_id = '${caseId}' and p.status = 'accepted' and o.id = '${CLINIC_UNIT}'`)
  const clinic = acting(server, 'clinic-manager')
  assert.equal((await clinic.get(`/cases/${caseId}`)).status, 200)

  const list = await clinic.get(`/cases/${caseId}/lead-transfers`, { status: 200 })

  assert.deepEqual(list.body.leadTransfers, [])
  await deniedOnce(server, await clinic.get(`/lead-transfers/${transfer.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await accept(transfer, clinic), 404, 'NOT_FOUND')
})

test('the leader of a unit finds what was offered to it, by state and by pages', async () => {
  await offeredCase()
  const { transfer } = await offeredCase()
  const { body } = await head.get('/lead-transfers', { query: { status: 'pending', limit: 100 }, status: 200 })

  assert.equal(body.leadTransfers[0].id, transfer.id)
  assert.ok(body.leadTransfers.every(one => one.status === 'pending' && one.toUnitId === SCHOOL_UNIT))
  assert.deepEqual((await worker.get('/lead-transfers', { status: 200 })).body.leadTransfers, [])
  await pages(head, '/lead-transfers', 'leadTransfers')
})

test('of two answers at once one counts and the other is told so', async () => {
  for (let round = 0; round < 6; round++) {
    const { caseId, transfer } = await offeredCase()

    const replies = await Promise.all([accept(transfer), decline(transfer), withdraw(transfer), accept(transfer)])

    assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409, 409, 409])
    for (const reply of replies.filter(one => one.status === 409)) assert.equal(reply.body.code, 'ALREADY_ANSWERED')
    const { status } = (await worker.get(`/lead-transfers/${transfer.id}`, { status: 200 })).body
    const lead = await leads(caseId)
    assert.equal(lead.organisation_id, status === 'accepted' ? SCHOOL : SOCIAL)
    assert.equal(lead.parts.filter(part => part.startsWith('lead')).length, 1)
  }
})

test('of several offers at once one stands, and a closing at once is before or after', async () => {
  for (let round = 0; round < 4; round++) {
    const { caseId, participant } = await jointCase(server)
    const replies = await Promise.all([1, 2, 3].map(() => offer(caseId, { toParticipantId: participant.id })))
    assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(), ['201', '409 ALREADY_EXISTS', '409 ALREADY_EXISTS'])

    const [accepted, closed] = await Promise.all([accept(replies.find(one => one.status === 201).body), worker.post(`/cases/${caseId}/closures`, why)])

    const { status, organisation_id } = (await server.sql(`select status, organisation_id from samsyn.cases where id = '${caseId}'`))[0]
    assert.deepEqual([status, organisation_id], [closed.status === 201 ? 'closed' : 'open', accepted.status === 201 ? SCHOOL : SOCIAL])
    if (accepted.status !== 201) assert.equal(accepted.body.code, 'CASE_CLOSED')
  }
})

test('offers and answers are carried out once', async () => {
  const one = await jointCase(server)
  const two = await jointCase(server)
  const on = (joint, more) => ({ path: { caseId: joint.caseId }, body: { toParticipantId: joint.participant.id, reason, ...more } })
  const first = await answersOnce(server, 'social-case-worker', 'createLeadTransfer', on(one), on(one, { reason: 'Other.' }))
  const second = await offered(two.caseId, { toParticipantId: two.participant.id })
  const at = (id, body = {}) => ({ path: { leadTransferId: id }, body })
  await answersOnce(server, 'social-case-worker', 'withdrawLeadTransfer', at(first.body.id, why), at(second.id, why))
  await answersOnce(server, 'school-head', 'declineLeadTransfer', at(second.id, why), at(first.body.id, why))
  const third = await offered(one.caseId, { toParticipantId: one.participant.id })
  await answersOnce(server, 'school-head', 'acceptLeadTransfer', at(third.id), at(second.id))
})

test('nobody without a relation learns of a transfer', async () => {
  const { caseId, transfer } = await offeredCase()
  const path = { leadTransferId: transfer.id }
  await hiddenFromStrangers(server, 'listLeadTransfersOfCase', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createLeadTransfer', { path: { caseId }, body: { toUnitId: CLINIC_UNIT, reason } }, unknownId())
  await hiddenFromStrangers(server, 'getLeadTransfer', { path }, unknownId())
  await hiddenFromStrangers(server, 'acceptLeadTransfer', { path, body: {} }, unknownId())
  await hiddenFromStrangers(server, 'declineLeadTransfer', { path, body: why }, unknownId())
  await hiddenFromStrangers(server, 'withdrawLeadTransfer', { path, body: why }, unknownId())
  await deniedOnce(server, await acting(server, 'school-auditor').get('/lead-transfers'), 403, 'ROLE_NOT_ALLOWED')
})

test('what does not follow the contract is refused', async () => {
  const caseId = unknownId()
  await refusesMalformedId(worker, 'getLeadTransfer', 'leadTransferId')
  await refusesStrayQuery(worker, 'listLeadTransfers')
  await refusesStrayQuery(worker, 'listLeadTransfersOfCase', { path: { caseId } })
  await refusesBodies(worker, 'createLeadTransfer', { path: { caseId } }, [
    [{ toUnitId: unknownId(), toParticipantId: unknownId(), reason }, '/body', '/body/toUnitId'],
    [{ reason }, '/body', '/body/toParticipantId'], [{ toUnitId: unknownId() }, '/body', '/body/reason']
  ])
  await refusesBodies(worker, 'acceptLeadTransfer', { path: { leadTransferId: unknownId() } }, [[{ unitId: SOCIAL_UNIT }, '/body/unitId']])
  for (const operation of ['declineLeadTransfer', 'withdrawLeadTransfer']) {
    await refusesBodies(worker, operation, { path: { leadTransferId: unknownId() } }, [[{}, '/body/reason'], [{ reason: ' ' }, '/body/reason']])
  }
  assert.deepEqual(operationsOf('Lead transfers'), ['acceptLeadTransfer', 'createLeadTransfer', 'declineLeadTransfer', 'getLeadTransfer',
    'listLeadTransfers', 'listLeadTransfersOfCase', 'withdrawLeadTransfer'])
})
