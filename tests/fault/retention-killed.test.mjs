// The culling is killed with -9 in the middle and run again: everything was culled wholly or not at all, and once.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { day } from '../support/demo.mjs'
import { closedCase, retention, startRetention } from '../support/retention.mjs'
import { startServer } from '../support/server.mjs'

const CASES = 60
const KILLS = 3

const server = await startServer()
after(() => restoreClock(server))

const count = async text => (await server.sql(`select (${text})::int as n`))[0].n
const culled = () => count('select count(*) from samsyn.tombstones')

// What must be true at any moment: a tombstone and nothing left of the part, or all of it and no tombstone.
async function whole() {
  const [{ halves }] = await server.sql(`select count(*) as halves from (
    select r.case_id from samsyn.records r join samsyn.tombstones t on t.resource_id = r.case_id and t.kind = 'records'
    union all
    select v.record_id from samsyn.record_versions v where not exists (select from samsyn.records r where r.id = v.record_id)
    union all
    select r.id from samsyn.records r where not exists (select from samsyn.record_versions v where v.record_id = r.id)
    union all
    select t.resource_id from samsyn.tombstones t
    where (select count(*) from samsyn.access_events e where e.activity = 'cull' and e.resource_ids = array[t.resource_id]) <>
      (select count(*) from samsyn.tombstones u where u.resource_id = t.resource_id)) broken`)
  assert.equal(Number(halves), 0)
}

test('killed with -9 and run again, the culling is whole', async t => {
  const cases = []
  for (let i = 0; i < CASES; i++) cases.push(await closedCase(server))
  const due = `${Number(day().slice(0, 4)) + 6}-07-01`
  await moveClock(server, `${due}T12:00:00+02:00`)

  let cut = 0
  for (let round = 1; round <= KILLS; round++) {
    const before = await culled()
    const child = startRetention(server, 'run', '--as-of', due)
    await server.until(async () => await culled() > before || child.exitCode !== null, 30_000)
    child.kill('SIGKILL')
    const { signal } = await child.ended
    if (signal === 'SIGKILL' && await culled() < CASES) cut++
    await whole()
  }
  t.diagnostic(`cut short ${cut} times, with ${await culled()} of ${CASES} parts culled`)
  const records = await retention(server, 'run', '--as-of', due)
  const shells = await retention(server, 'run', '--as-of', due)
  const nothing = await retention(server, 'run', '--as-of', due)

  assert.ok(cut >= 1, 'the kills hit nothing')
  for (const run of [records, shells, nothing]) assert.equal(run.status, 0, run.stderr)
  assert.match(nothing.stdout, /^0 culled, 0 held, 0 failed$/m)
  await whole()
  assert.deepEqual(await server.sql(`select kind, count(*)::int as n, count(distinct resource_id)::int as different from samsyn.tombstones group by kind order by kind`),
    [{ kind: 'case', n: CASES, different: CASES }, { kind: 'records', n: CASES, different: CASES }])
  const ids = cases.map(one => `'${one.id}'`).join()
  assert.equal(await count(`select count(*) from samsyn.cases where id in (${ids})`), 0)
  assert.equal(await count(`select count(*) from samsyn.subjects where id in (${cases.map(one => `'${one.subjectId}'`).join()})`), 0)
})
