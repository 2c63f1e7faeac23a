// What every other file relies on: a reply that is not in the log, or is there otherwise, is found.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { contract } from '../support/contract.mjs'
import { ALVA, SCHOOL } from '../support/demo.mjs'
import { startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'
import { Tally } from '../support/tally.mjs'

const server = await startServer({ tally: null })
const caseId = await openCase(server)

// The faults that are found when the log has been altered by `change` behind the back of one reading and one refusal.
async function faultsAfter(change) {
  const tally = new Tally()
  await server.as('social-case-worker', { tally }).get(`/cases/${caseId}`, { status: 200 })
  await server.as('social-case-worker', { tally }).get('/cases', { status: 200 })
  await server.as('police-officer', { tally }).get(`/cases/${caseId}`, { status: 404 })
  const last = operation => `id = (select id from samsyn.access_events where operation = '${operation}' order by at desc limit 1)`
  if (change) await server.sql(`set session_replication_role = replica; ${change(last)}`)
  return tally.faults(text => server.sql(text))
}

test('an honest log has no faults', async () => {
  assert.deepEqual(await faultsAfter(), [])
})

for (const [what, change, fault] of [
  ['a reading without a row', last => `delete from samsyn.access_events where ${last('listCases')}`, /listCases answered 200 .* is not in the log/],
  ['a refusal without a row', last => `delete from samsyn.access_events where ${last('getCase')}`, /getCase answered 404 NOT_FOUND .* is not in the log/],
  ['a refusal under another code', last => `update samsyn.access_events set code = 'CASE_CLOSED' where ${last('getCase')}`, /is not in the log/],
  ['a resource that is not named', last => `update samsyn.access_events set resource_ids = '{}' where ${last('listCases')}`, /which the log does not name/],
  ['a child who is not named', last => `update samsyn.access_events set subject_ids = '{}' where ${last('listCases')}`, /the child .* whom the log does not name/],
  ['a resource that was not shown', last => `update samsyn.access_events set resource_ids = resource_ids || gen_random_uuid() where ${last('listCases')}`, /did not show/],
  ['a row too many', last => `insert into samsyn.access_events select gen_random_uuid(), e.at, e.txid, e.nonce, e.organisation_id, e.unit_id, e.user_id,
    e.assignment_id, e.party_ids, e.role, e.client, e.client_address, e.operation, e.activity, e.purpose, e.subject_ids, e.resource_ids, e.concerned_ids,
    e.grounds, e.disclosure_ids, e.emergency_id, e.outcome, e.code, e.request_id, e.trace_id from samsyn.access_events e where ${last('listCases')}`, /is in the log 2 times/]
]) {
  test(`${what} is found`, async () => {
    const faults = await faultsAfter(change)

    assert.ok(faults.some(one => fault.test(one)), faults.join('\n') || 'nothing was found')
  })
}

// -- a complete tally ------------------------------------------------------------------------------------------------------------

const KNOWN = '11111111111111111111111111111111'
const lastOf = (operation, trace) => `id = (select id from samsyn.access_events where operation = '${operation}' and trace_id = '${trace}')`

// The same of a case that was opened with the answer lost, and of an export that was cut; the log has nothing else.
async function completeFaultsAfter(change = () => '') {
  const tally = new Tally({ complete: true })
  const sql = text => server.sql(text)
  await sql('set session_replication_role = replica; delete from samsyn.access_events')
  await tally.began(sql)
  const trace = { opened: randomTrace(), exported: randomTrace() }
  const send = (person, id, body, name, options) =>
    server.as(person).call(id, { body }, { headers: { traceparent: `00-${trace[name]}-00f067aa0ba902b7-01` }, ...options })
  const opened = await send('social-case-worker', 'createCase', { subjectId: ALVA, title: 'Joint support' }, 'opened', { key: trace.opened })
  const exported = await send('social-auditor', 'exportAccessEvents', undefined, 'exported', { status: 200 })
  tally.lost(contract().find('createCase'), trace.opened, trace.opened)
  tally.lost(contract().find('exportAccessEvents'), trace.exported, undefined, exported)
  await sql(`set session_replication_role = replica; ${change({ trace, caseId: opened.body.id })}`)
  return tally.faults(sql)
}
const randomTrace = () => randomBytes(16).toString('hex')

test('an honest log has no faults for a complete tally either', async () => {
  assert.deepEqual(await completeFaultsAfter(), [])
})

const copy = (from, changes = {}) => `insert into samsyn.access_events select (jsonb_populate_record(e,
  jsonb_build_object('id', gen_random_uuid()) || '${JSON.stringify(changes)}')).* from samsyn.access_events e where ${from};`

for (const [what, change, fault] of [
  ['a row of an exchange that there never was', ({ trace }) => copy(lastOf('createCase', trace.opened), { trace_id: KNOWN }), /nobody asked for what 1 rows of trace 1111/],
  ['a row without a trace', ({ trace }) => copy(lastOf('createCase', trace.opened), { trace_id: null }), /nobody asked for what 1 rows of trace null/],
  ['a second row of an exchange without an answer', ({ trace }) => copy(lastOf('createCase', trace.opened)), /createCase was cut off .* is in the log 2 times/],
  ['a second effect of one key', ({ trace, caseId }) => copy(lastOf('createCase', trace.opened), { resource_ids: [caseId.replace(/.$/, '0'), caseId] }), /with 2 effects/],
  ['a row about what was never made', ({ caseId }) => `delete from samsyn.cases where id = '${caseId}'`, /createCase was not answered .* was not made/],
  ['what was made without a row', ({ caseId }) => `insert into samsyn.cases select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'reference', translate(c.reference, '0123456789', '9876543210')))).*
    from samsyn.cases c where c.id = '${caseId}'`, /cases has .*, which no row names/],
  ['a cut export without a row', ({ trace }) => `delete from samsyn.access_events where ${lastOf('exportAccessEvents', trace.exported)}`, /exportAccessEvents was cut off .* is not in the log/],
  ['an event that was told and is not there', ({ trace }) => `delete from samsyn.access_events where ${lastOf('createCase', trace.opened)}`, /told of the event .*, which is not in the log/],
  ['an event that was told otherwise', ({ trace }) => `update samsyn.access_events set operation = 'getCase' where ${lastOf('createCase', trace.opened)}`, /told of the event .* as createCase, and it is getCase/],
  ['an event that was told to whom it does not concern', ({ trace }) => `update samsyn.access_events set organisation_id = '${SCHOOL}' where ${lastOf('createCase', trace.opened)}`, /which does not concern it/]
]) {
  test(`${what} is found by a complete tally`, async () => {
    const faults = await completeFaultsAfter(change)

    assert.ok(faults.some(one => fault.test(one)), faults.join('\n') || 'nothing was found')
  })
}
