// Checks of the access log, as tests begin and read them.
//
//   const check = await campaign(server, 'social-auditor', { since, rules: ['COLLEAGUE'] })    // run to its end
//   const found = await findings(server, 'social-auditor', check)
//   await readPast(server, 'social-case-worker', [ALVA], '2026-03-02T10:00:00Z')               // an event, past the API
import { randomBytes } from 'node:crypto'
import { assignmentId } from './demo.mjs'
import { acting } from './story.mjs'

export const campaignDraft = ({ since, until = new Date().toISOString(), ...more } = {}) =>
  ({ title: 'A check', from: since, until, seed: 'four dice', rules: ['EMERGENCY_ACCESS'], ...more })

export async function campaign(server, person, draft) {
  const auditor = acting(server, person)
  let { body } = await auditor.post('/review-campaigns', campaignDraft(draft), { status: 201 })
  while (body.state === 'running') ({ body } = await auditor.post(`/review-campaigns/${body.id}/runs`, {}, { status: 201 }))
  return body
}

export const findings = async (server, person, check, query = {}) =>
  (await acting(server, person).get('/review-findings', { query: { campaignId: check.id, limit: 100, ...query }, status: 200 })).body.reviewFindings

// That a person read these subjects, so many times in a row from a time, every second, as events of the log; returns their ids.
export async function readPast(server, person, subjects, at, { code, times = 1, step = '1 second', resources = [], trace = randomBytes(16).toString('hex') } = {}) {
  await server.sql(`insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, role, operation, activity, purpose,
      subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, code, trace_id)
    select samsyn.uuid7(), timestamptz '${at}' + n * interval '${step}', a.organisation_id, a.unit_id, a.user_id, a.id, r.code, 'getCase', 'read', 'care',
      '{${subjects}}', '{${resources}}', '{}', '{}', '{}', ${code ? `'denied', '${code}'` : "'allowed', null"}, '${trace}'
    from generate_series(1, ${times}) n
    cross join samsyn.assignments a join samsyn.roles r on r.id = a.role_id where a.id = '${assignmentId(person)}'`)
  const rows = await server.sql(`select id from samsyn.access_events where trace_id = '${trace}' limit 1000`)
  return rows.map(row => row.id)
}
