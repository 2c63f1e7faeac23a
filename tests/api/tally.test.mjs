// What every other file relies on: a reply that is not in the log, or is there otherwise, is found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
