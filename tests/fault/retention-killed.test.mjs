// The culling is killed with -9 in the middle and run again: everything was culled wholly or not at all, and once.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { day } from '../support/demo.mjs'
import { closedCase, retention, startRetention } from '../support/retention.mjs'
import { startServer } from '../support/server.mjs'
import { holdMoment, pausable, waitsAtMoment } from '../support/session.mjs'

const CASES = 12

const server = await startServer()
after(() => restoreClock(server))

// Where the culling is killed, and how much has been culled then: of what commits, the client's end changes nothing.
const MOMENTS = [['culling 3', 3], ['committing 7', 7], ['culling 11', 11]]
await pausable(server)
await server.sql(`
  create function pauses.at_tombstone() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
  begin perform pauses.pause(tg_argv[0] || ' ' || (select count(*) from samsyn.tombstones)); return new; end $$;
  create trigger pause_cull before insert on samsyn.tombstones for each row execute function pauses.at_tombstone('culling');
  create constraint trigger pause_commit after insert on samsyn.tombstones deferrable initially deferred for each row
    execute function pauses.at_tombstone('committing')`)

const count = async text => (await server.sql(`select (${text})::int as n`))[0].n
const culled = () => count('select count(*) from samsyn.tombstones')
const sessions = () => count(`select count(*) from pg_stat_activity where datname = '${server.database}' and usename = 'samsyn_retention'`)

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

test('killed with -9 and run again, the culling is whole', async () => {
  const cases = []
  for (let i = 0; i < CASES; i++) cases.push(await closedCase(server))
  const due = `${Number(day().slice(0, 4)) + 6}-07-01`
  await moveClock(server, `${due}T12:00:00+02:00`)

  for (const [moment, then] of MOMENTS) {
    const letGo = await holdMoment(server, moment)
    const child = startRetention(server, 'run', '--as-of', due)
    await server.until(async () => child.exitCode !== null || await waitsAtMoment(server, 'samsyn_retention'))
    child.kill('SIGKILL')
    assert.equal((await child.ended).signal, 'SIGKILL', `it came to ${moment}`)
    await whole()
    await letGo()
    await server.until(async () => await sessions() === 0)
    await whole()
    assert.equal(await culled(), then, moment)
  }
  const records = await retention(server, 'run', '--as-of', due)
  const shells = await retention(server, 'run', '--as-of', due)
  const nothing = await retention(server, 'run', '--as-of', due)

  for (const run of [records, shells, nothing]) assert.equal(run.status, 0, run.stderr)
  assert.match(nothing.stdout, /^0 culled, 0 held, 0 failed$/m)
  await whole()
  assert.deepEqual(await server.sql(`select kind, count(*)::int as n, count(distinct resource_id)::int as different from samsyn.tombstones group by kind order by kind`),
    [{ kind: 'case', n: CASES, different: CASES }, { kind: 'records', n: CASES, different: CASES }])
  const ids = cases.map(one => `'${one.id}'`).join()
  assert.equal(await count(`select count(*) from samsyn.cases where id in (${ids})`), 0)
  assert.equal(await count(`select count(*) from samsyn.subjects where id in (${cases.map(one => `'${one.subjectId}'`).join()})`), 0)
})
