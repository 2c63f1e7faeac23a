// A report of concern, each step of it as one call that succeeds or fails the test.
//
//   const sent = await report(server, 'school-teacher', { child: { subjectId } })
//   const received = await receivedOf(server, sent)          // as social services see it
//   const { body: decided } = await opened(server, received)     // assessed, identified and decided: an investigation
import { ALVA, assignmentId, day, SOCIAL_UNIT } from './demo.mjs'
import { unknownId } from './habits.mjs'
import { acting, LEAD } from './story.mjs'

export const heard = { view: 'Wants it to stop.', heardOn: '2026-11-20', form: 'conversation', heardBy: 'Sara Lindalm' }
export const unheard = { absence: 'Is two years old.' }

export const reportDraft = (more = {}) => ({
  recipientUnitId: SOCIAL_UNIT, child: { description: 'A boy of about seven who plays alone by the station.' }, harms: ['physical-neglect'],
  concern: 'He is cold and hungry every evening.', observations: 'Seen on four evenings in November without a coat.', source: 'The staff themselves.',
  guardians: { informed: false, reason: 'Nobody knows who they are.' }, ...more
})
export const hold = { guardianContactHold: { reason: 'violence', text: 'The father has threatened her.' } }

export const report = async (server, person, more) =>
  (await acting(server, person).call('createConcernReport', { body: reportDraft(more) }, { status: 201 })).body

// Which received copy belongs to a sent one: nobody is told, so it is asked of the database.
export async function receivedIdOf(server, sent) {
  const [row] = await server.sql(`select counterpart_id from samsyn.concern_reports where id = '${sent.id}'`)
  return row.counterpart_id
}
export const receivedOf = async (server, sent, person = LEAD) =>
  (await acting(server, person).call('getConcernReport', { path: { concernReportId: await receivedIdOf(server, sent) } }, { status: 200 })).body

export const step = (server, person, operationId, { id }, body = {}) =>
  acting(server, person).call(operationId, { path: { concernReportId: id }, body })
const done = async (server, operationId, thing, body, person = LEAD) =>
  (await acting(server, person).call(operationId, { path: { concernReportId: thing.id }, body }, { status: 201 })).body

export const assessment = { immediateNeed: false, assessment: 'Is safe with the grandmother until Friday.' }
export const assess = (server, received) => done(server, 'assessProtection', received, assessment)
export const identify = (server, received, subjectId = ALVA) => done(server, 'identifyConcernReport', received, { subjectId })

export const decision = (outcome, more = {}) =>
  ({ outcome, reason: 'What has been seen and heard.', childView: heard, bestInterests: 'Safety weighs heaviest.', ...more })
export const opening = (more = {}) => decision('open', { caseTitle: 'Concern for a child', ...more })
export const decide = (server, received, body) => done(server, 'decideConcernReport', received, body)

// A report by this person about a child of social services' register, received, assessed and decided on.
export async function decided(server, body, { person = 'school-teacher', subjectId, ...more } = {}) {
  const sent = await report(server, person, more)
  const received = await receivedOf(server, sent)
  await assess(server, received)
  if (subjectId) await identify(server, received, subjectId)
  return { sent, received: await decide(server, received, body) }
}

// A child of the register of an agency, past the API.
export async function registeredAt(server, organisation, { name = 'Nova Provfall', number = null, born = day(-3000), hidden = false } = {}) {
  const id = unknownId()
  await server.sql(`insert into samsyn.subjects (id, organisation_id, identity_number, name, birth_date, protected_identity, created_by)
    values ('${id}', '${organisation}', ${number ? `'${number}'` : 'null'}, '${name}', '${born}', ${hidden}, '${assignmentId('school-head')}')`)
  return id
}

// The last day of a report's time limit, and whether it was met.
export async function dueOf(server, { id }, rule) {
  const [row] = await server.sql(`select coalesce(extended_until, due_on) as day, met_at is not null as met from samsyn.deadlines
    where resource_id = '${id}' and rule = '${rule}'`)
  return row
}
