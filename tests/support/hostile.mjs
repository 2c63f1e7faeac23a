// What a hostile user needs: things that are hidden from them, and a comparison that finds any difference between
// what is hidden and what does not exist.
import assert from 'node:assert/strict'
import { contract } from './contract.mjs'
import { ALVA, AGREEMENT, POLICE_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId, identityId, userId } from './demo.mjs'
import { unknownId } from './habits.mjs'
import { absent, add, beginPlan, goalDraft, interventionDraft, meetingDraft, needDraft, PLANNED } from './plans.mjs'
import { hire } from './staff.mjs'
import { acting, CATEGORIES, handOver, jointCase, LEAD, shareStandingly, writeRecord } from './story.mjs'

// Texts that stand in the hidden things, none of which may ever reach a stranger or a log line.
export const MARKS = { title: 'Titel Hemlighamn', social: 'Text Hemligdal', school: 'Text Hemligskog', reason: 'Skäl Hemligmyr', justification: 'Motiv Hemligfors' }

// Social services and the school work on one case with records, a share and a handover. Returns one identifier for
// each path parameter of the contract that names something hidden from other agencies.
export async function hiddenThings(server) {
  const joint = await jointCase(server, { title: MARKS.title, consent: { categories: [...new Set([...CATEGORIES, ...PLANNED])] } })
  const own = await writeRecord(server, 'social-case-worker', joint.caseId, { text: MARKS.social })
  const record = await writeRecord(server, 'school-teacher', joint.caseId, { text: MARKS.school })
  const share = await shareStandingly(server, 'school-teacher', joint, { justification: MARKS.justification })
  await handOver(server, 'social-case-worker', joint, [own.id])
  const worker = acting(server, 'social-case-worker')
  const members = await worker.get(`/cases/${joint.caseId}/team-members`, { status: 200 })
  const guardians = await worker.get(`/subjects/${ALVA}/guardians`, { status: 200 })
  const [made, colleague] = [(reply => reply.body.id), await hire(server, { organisation: SOCIAL })]
  const create = async (person, operationId, body) =>
    made(await acting(server, person).call(operationId, { path: { caseId: joint.caseId }, body }, { status: 201 }))
  const transfer = await create('social-case-worker', 'createLeadTransfer', { toParticipantId: joint.participant.id, reason: MARKS.reason })
  const handover = await create('social-case-worker', 'createHandover', { successorAssignmentId: assignmentId('social-manager'), reason: MARKS.reason,
    checklist: { openTasks: MARKS.social, agreements: MARKS.social, plans: MARKS.social, contacts: MARKS.social } })
  const transition = await create('social-case-worker', 'createTransition', { fromUnitId: SOCIAL_UNIT, toUnitId: SCHOOL_UNIT, movesOn: '2030-01-01', ground: 'CONSENT', reason: MARKS.reason })
  const [{ reference }] = await server.sql(`select reference from samsyn.cases where id = '${joint.caseId}'`)
  const emergency = made(await acting(server, colleague.person).call('openEmergencyAccess', { body: { caseReference: reference, reason: MARKS.reason } }, { status: 201 }))
  const exclusion = await create('social-manager', 'createExclusion', { userId: (await hire(server, { organisation: SOCIAL })).user, kind: 'bias', reason: MARKS.reason })
  const [event] = await server.sql(`select id from samsyn.access_events where organisation_id = '${SOCIAL}' and concerned_ids = '{}' limit 1`)
  return {
    ...await hiddenPlan(server, joint),
    joint, ownRecordId: own.id,
    caseId: joint.caseId, participantId: joint.participant.id, teamMemberId: members.body.teamMembers[0].id, recordId: record.id,
    consentId: joint.consent.id, disclosureId: share.id, subjectId: ALVA, guardianId: guardians.body.guardians[0].id,
    leadTransferId: transfer, handoverId: handover, transitionId: transition, emergencyAccessId: emergency, exclusionId: exclusion,
    agreementId: AGREEMENT, accessEventId: event.id, giverId: joint.consent.givers[0].id,
    userId: userId('social-case-worker'), identityId: identityId('social-case-worker'), assignmentId: assignmentId('social-case-worker')
  }
}

// A plan of theirs with a part of each kind, and how the child took part.
async function hiddenPlan(server, joint) {
  const plan = await beginPlan(server, joint, { title: MARKS.title, purpose: MARKS.social })
  const need = await add(server, plan, 'Need', needDraft({ description: MARKS.social }))
  const goal = await add(server, plan, 'Goal', goalDraft(need, { description: MARKS.social }))
  const intervention = await add(server, plan, 'Intervention', interventionDraft(goal, joint.participant, { description: MARKS.school }))
  const measure = await add(server, plan, 'Measure', { actor: 'Grandmother', description: MARKS.social })
  const meeting = await add(server, plan, 'Meeting', meetingDraft({ agenda: MARKS.social }))
  const view = await add(server, plan, 'View', absent('planning', { absenceReason: MARKS.reason }))
  const body = { step: 'plan', kind: 'child', participation: 'heard', view: MARKS.social }
  const taken = await acting(server, LEAD).post(`/cases/${joint.caseId}/participation`, body, { status: 201 })
  return { planId: plan.id, needId: need.id, goalId: goal.id, interventionId: intervention.id, measureId: measure.id, meetingId: meeting.id, viewId: view.id,
    participationRecordId: taken.body.id }
}

// The operations with a path parameter that names something hidden.
export const pointedOperations = hidden =>
  contract().operations.filter(one => one.parameters.some(parameter => parameter.in === 'path' && parameter.name in hidden))

// The input of an operation from the example of its contract.
export function exampleBody(operation) {
  const content = Object.values(operation.source.requestBody?.content ?? {})[0]
  return content?.example ?? (operation.source.requestBody?.required ? {} : undefined)
}

// Everything of a reply by which two could be told apart, but for what differs between any two requests and for the
// identifiers that the client itself has sent.
export function shape(reply, sent = []) {
  const same = text => sent.reduce((rest, one) => rest.replaceAll(one, 'SENT'), text)
    .replace(/urn:uuid:[0-9a-f-]{36}/g, 'REQUEST').replace(/"traceId":"[0-9a-f]{32}"/g, 'TRACE')
  const headers = Object.entries(reply.headers).filter(([name]) => !['date', 'traceparent', 'request-id', 'x-request-id'].includes(name))
  return { status: reply.status, headers: Object.fromEntries(headers.map(([name, value]) => [name, same(String(value))])), text: same(reply.text) }
}

// Calls an operation once with what is hidden and once with what does not exist; any difference fails.
// `send(id)` sends the request with one or the other. Returns the reply about what is hidden.
export async function sameAsUnknown(what, hiddenId, send) {
  const unknown = unknownId()
  const about = await send(hiddenId)
  const without = await send(unknown)
  assert.deepEqual(shape(about, [hiddenId]), shape(without, [unknown]), what)
  return about
}

// A second team: the police lead a case of their own about a child of their own.
export async function policeCase(server) {
  const officer = acting(server, 'police-manager')
  const child = (await officer.post('/subjects', { name: 'Polis Barnfors', birthDate: '2014-05-05' }, { status: 201 })).body
  const made = (await officer.post('/cases', { subjectId: child.id, title: 'Own case' }, { status: 201 })).body
  return { subjectId: child.id, caseId: made.id, unitId: POLICE_UNIT }
}

// Signs an agreement between social services, the school and more organisations, past the API: the demo has nobody who
// could sign for them.
export async function agreementWith(server, ...organisations) {
  const parties = [SOCIAL, SCHOOL, ...organisations]
  const [row] = await server.sql('select samsyn.uuid7() as id')
  await server.sql(`
    insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
    values ('${row.id}', '${SOCIAL}', 'Wider', '{coordinated-support}', '{IDENTITY,CASE_STATUS,ATTENDANCE,FAMILY_SITUATION}',
      samsyn.today() - 1, samsyn.today() + 100, '${assignmentId('collaboration-lead')}');
    insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by)
    select '${row.id}', party, now(), '${assignmentId('collaboration-lead')}' from unnest('{${parties}}'::uuid[]) party`)
  return row.id
}
