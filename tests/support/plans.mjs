// A coordinated individual plan, as social services, the region's child psychiatry and the school make one around Alva.
//
//   const joint = await planningCase(server)         // {caseId, consent, school, clinic, lead}: participants, teams in place
//   const plan = await beginPlan(server, joint)
//   const { need, goal, intervention } = await fillPlan(server, joint, plan)
//   await hear(server, plan, 'decision')             // a view of the child, a reason for each guardian's absence
//   await adopt(server, plan)
import { AGREEMENT, ALVAS_GUARDIANS, CLINIC, CLINIC_UNIT, SCHOOL, SOCIAL, assignmentId, day } from './demo.mjs'
import { unknownId } from './habits.mjs'
import { accept, acting, appoint, grantedConsent, invite, jointCase, LEAD, made, openCase, PURPOSE, signedAgreement } from './story.mjs'

export const PLANNED = ['IDENTITY', 'CASE_STATUS', 'INTERVENTIONS', 'CHILD_VIEW', 'ATTENDANCE', 'MENTAL_HEALTH', 'FAMILY_SITUATION']
const ALL = [SOCIAL, SCHOOL, CLINIC]

const agreements = new WeakMap()
// An agreement between social services and the clinic, signed by both. Past the API: few may sign.
async function clinicAgreement(server) {
  if (!agreements.has(server)) {
    const id = unknownId()
    const signed = organisation => `('${id}', '${organisation}', now(), '${assignmentId('collaboration-lead')}')`
    await server.sql(`
      insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
      values ('${id}', '${SOCIAL}', 'With the region', '{${PURPOSE}}', '{${PLANNED}}', '${day(-1)}', '${day(999)}', '${assignmentId('collaboration-lead')}');
      insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by) values ${signed(SOCIAL)}, ${signed(CLINIC)}`)
    agreements.set(server, id)
  }
  return agreements.get(server)
}

export const planConsent = (server, caseId, more = {}) =>
  grantedConsent(server, caseId, { disclosingOrganisationIds: ALL, recipientOrganisationIds: ALL, categories: PLANNED, ...more })

// A case in which three agencies take part, each with its team, with a consent that covers them all.
export async function planningCase(server, { consent: more, ...about } = {}) {
  const caseId = await openCase(server, about)
  const consent = await planConsent(server, caseId, more)
  await signedAgreement(server)
  const school = await accept(server, await invite(server, caseId, consent.id, { agreementId: AGREEMENT }))
  const asked = await invite(server, caseId, consent.id, { unitId: CLINIC_UNIT, agreementId: await clinicAgreement(server) })
  const clinic = await accept(server, asked, 'clinic-manager')
  await appoint(server, 'school-head', caseId, 'school-teacher')
  await appoint(server, 'clinic-manager', caseId, 'clinic-psychologist')
  return { caseId, consent, school, clinic, lead: await leadOf(server, caseId) }
}

async function leadOf(server, caseId) {
  const { participants } = (await acting(server, LEAD).get(`/cases/${caseId}/participants`, { status: 200 })).body
  return participants.find(one => one.status === 'lead')
}

// The same without the clinic, which then is a stranger to it.
export async function smallCase(server, about = {}) {
  const { caseId, consent, participant } = await jointCase(server, { ...about, consent: { categories: PLANNED, ...about.consent } })
  return { caseId, consent, school: participant, lead: await leadOf(server, caseId) }
}

export const planDraft = ({ consent }, more = {}) => ({
  consentId: consent.id, title: 'A school day that works', purpose: 'Coordinate the support around school and sleep.', ...more
})
export const beginPlan = (server, joint, more) => made(server, LEAD, 'createPlan', { caseId: joint.caseId }, planDraft(joint, more))

export const needDraft = (more = {}) => ({ area: 'EDUCATION', description: 'A school day that she can manage.', ...more })
export const goalDraft = (need, more = {}) => ({ needId: need.id, description: 'In school four days a week by Easter.', ...more })
export const interventionDraft = (goal, participant, more = {}) =>
  ({ goalId: goal.id, participantId: participant.id, description: 'Adapted timetable and a fixed contact.', dueOn: day(90), ...more })
export const meetingDraft = (more = {}) =>
  ({ plannedAt: `${day(60)}T13:00:00.000Z`, purpose: 'Follow-up.', agenda: 'Attendance and sleep; what to keep.', ...more })
export const absent = (stage, more = {}) => ({ stage, kind: 'child', absenceReason: 'She does not want to speak about it now.', ...more })
export const viewDraft = (stage, more = {}) => ({
  stage, kind: 'child', view: 'I want to have Ida with me when I start again.', form: 'conversation', expressedOn: day(), listenedBy: 'Ida Berg, teacher', ...more
})

export const add = (server, plan, what, body, person = LEAD) => made(server, person, `createPlan${what}`, { planId: plan.id }, body)

// A need, a goal, and an intervention of each of the three.
export async function fillPlan(server, joint, plan) {
  const need = await add(server, plan, 'Need', needDraft())
  const goal = await add(server, plan, 'Goal', goalDraft(need))
  const intervention = await add(server, plan, 'Intervention', interventionDraft(goal, joint.school))
  const treatment = await add(server, plan, 'Intervention', interventionDraft(goal, joint.clinic, { description: 'Treatment of the sleep.' }))
  const support = await add(server, plan, 'Intervention', interventionDraft(goal, joint.lead, { description: 'A contact family at weekends.' }))
  return { need, goal, intervention, treatment, support }
}

// The child is heard, and why each guardian is not here is said.
export async function hear(server, plan, stage, more = {}, guardians = ALVAS_GUARDIANS) {
  await add(server, plan, 'View', viewDraft(stage, more))
  for (const guardianId of guardians) await add(server, plan, 'View', absent(stage, { kind: 'guardian', guardianId, absenceReason: 'Works abroad.', ...more }))
}

export const readPlan = async (server, plan, person = LEAD) => acting(server, person).get(`/plans/${plan.id}`, { status: 200 })

export async function adopt(server, plan, person = LEAD, bestInterests = 'School with support is what she asks for.') {
  const { etag } = await acting(server, LEAD).get(`/plans/${plan.id}`)
  return acting(server, person).call('adoptPlan', { path: { planId: plan.id }, body: { bestInterests } }, { ifMatch: etag })
}

// A plan with everything that its adoption asks for.
export async function readyPlan(server, joint) {
  const plan = await beginPlan(server, joint)
  const parts = await fillPlan(server, joint, plan)
  await hear(server, plan, 'planning')
  await hear(server, plan, 'decision')
  return { plan, ...parts }
}
