// The removal of a month of the log, killed and held up: the month is there or gone, and requests go on.
import '../support/own-cluster.mjs'
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { archiveLog, oldEvents, oldMonth, removeLog, rowsOf, startLog, startRemoval } from '../support/archive.mjs'
import { ALVA } from '../support/demo.mjs'
import { makeFolder } from '../support/folder.mjs'
import { Load } from '../support/load.mjs'
import { makeLog, sealed } from '../support/log.mjs'
import { killAll, startAgain, stopAtOnce } from '../support/postmaster.mjs'
import { command, conninfo, startServer } from '../support/server.mjs'
import { hold, holdMoment, pausable, waitsAtMoment } from '../support/session.mjs'
import { openCase } from '../support/story.mjs'

const MONTH = '2019-11', EVENTS = 640, FEW = 60
const directory = makeFolder('archive')
const file = `${directory}/month.ndjson`
const log = makeLog()
const server = await startServer({ options: log.options, tolerate: ['denial-not-recorded', 'database-unreachable'] })
const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server) })
await oldMonth(server, MONTH)
await oldEvents(server, MONTH, EVENTS)
await sealed(server)

const openReader = () => hold(server.database, 'select count(*) from samsyn.access_events')

// A removal gives up after a minute in which others were always using the log, and says so.
const gaveUp = stderr => /reading the log all the time/.test(stderr)

after(() => load.stop())

const calls = name => server.sql(`select pid from pg_stat_activity where datname = '${server.database}' and usename = 'samsyn_retention' and query like '%${name}%'`)
async function whole() {
  const counts = await rowsOf(server, MONTH)
  assert.equal(counts['samsyn.access_events'], EVENTS)
  assert.equal(counts['samsyn.log_entries'], EVENTS)
  assert.deepEqual(await server.sql('select from samsyn.log_archives'), [])
}

test('an archive whose writing is killed has not got its name', async () => {
  const child = startLog(server, 'archive', '--month', MONTH, '--output', file)
  await server.until(async () => readdirSync(directory).length > 0 || child.exitCode !== null)
  child.kill('SIGKILL')
  await child.ended

  const { status, stderr } = readdirSync(directory).includes('month.ndjson') ? { status: 0 } : await archiveLog(server, MONTH, file)

  assert.equal(status, 0, stderr)
})

test('killed while it waits for who reads the log, a removal has removed nothing, and requests go on', async () => {
  const end = await openReader()
  const child = startRemoval(server, MONTH, file, EVENTS)
  await server.until(async () => (await calls('remove_log_month')).length > 0)

  load.start(6)
  await server.until(() => load.written.length >= 20 || load.faults.length)
  child.kill('SIGKILL')
  const { signal, stderr } = await child.ended
  assert.ok(signal === 'SIGKILL' || gaveUp(stderr), `it goes on trying: ${stderr}`)
  await server.until(async () => (await calls('remove_log_month')).length === 0)
  await end()
  await whole()
})

test('under load a month is removed as soon as who reads the log has done, and no request fails', async () => {
  const end = await openReader()
  const child = startRemoval(server, MONTH, file, EVENTS)
  await server.until(async () => (await calls('remove_log_month')).length > 0)
  const before = load.written.length
  await server.until(() => load.written.length >= before + 20 || load.faults.length)
  await whole()

  await end()
  let { status, stderr } = await child.ended
  while (gaveUp(stderr)) ({ status, stderr } = await removeLog(server, MONTH, file, EVENTS))
  const done = load.written.length
  await server.until(() => load.written.length >= done + 20 || load.faults.length)
  await load.stop()

  assert.equal(status, 0, stderr)
  await load.compare()
  for (const count of Object.values(await rowsOf(server, MONTH))) assert.equal(count, 0)
  assert.deepEqual(await server.sql('select month, events from samsyn.log_archives'), [{ month: `${MONTH}-01`, events: EVENTS }])
  await sealed(server)
})

// Moments of a removal at which it can be made to wait, first to last. Nothing of it stands before its commit does: that
// waits for what is deferred to it, and then the month goes, whoever has gone before.
const MOMENTS = ['logged', 'archived', 'first table dropped', 'last table dropped', 'committing']
await pausable(server)
await server.sql(`
  create function pauses.at_drop() returns event_trigger language plpgsql as $$
  begin
    perform pauses.pause(case when o.object_name like 'access_events_%' then 'first table dropped' else 'last table dropped' end)
    from pg_event_trigger_dropped_objects() o where o.object_type = 'table' and o.object_name ~ '^(access_events|log_entries)_[0-9]';
  end $$;
  create trigger pause_logged before insert on samsyn.access_events for each row when (new.operation = 'removeAccessLog') execute function pauses.at_row('logged');
  create trigger pause_archived after insert on samsyn.log_archives for each row execute function pauses.at_row('archived');
  create constraint trigger pause_commit after insert on samsyn.log_archives deferrable initially deferred for each row execute function pauses.at_row('committing');
  create event trigger pause_drop on sql_drop execute function pauses.at_drop()`)

// A month of so many events and its archive, and a removal of it that waits at a moment until it is let go.
async function archived(month) {
  const path = `${directory}/${month}.ndjson`
  await oldMonth(server, month)
  await oldEvents(server, month, FEW)
  await sealed(server)
  const { status, stderr } = await archiveLog(server, month, path)
  assert.equal(status, 0, stderr)
  return path
}
async function removalAt(moment, month, path) {
  const letGo = await holdMoment(server, moment)
  const child = startRemoval(server, month, path, FEW)
  await server.until(async () => child.exitCode !== null || await waitsAtMoment(server, 'samsyn_retention'))
  assert.equal(child.exitCode, null, `it came to ${moment}`)
  return { child, letGo }
}
const stands = async month => {
  const counts = Object.values(await rowsOf(server, month))
  const archives = await server.sql(`select from samsyn.log_archives where month = '${month}-01'`)
  const told = await server.sql(`select from samsyn.access_events e join samsyn.log_archives a on a.id = any (e.resource_ids)
    where e.operation = 'removeAccessLog' and a.month = '${month}-01'`)
  const partitions = await server.sql(`select from samsyn.log_parts('${month}-01') p where p.part is not null`)
  return { rows: counts.reduce((a, b) => a + b), archives: archives.length, told: told.length, partitions: partitions.length }
}
const GONE = { rows: 0, archives: 1, told: 1, partitions: 0 }

test('a removal that is killed with -9 leaves the month wholly there until it commits, and wholly gone from then on', async () => {
  const month = '2018-01', path = await archived(month)
  const there = await stands(month)
  assert.deepEqual([there.rows >= 2 * FEW, there.archives, there.partitions], [true, 0, 4])

  for (const moment of MOMENTS) {
    const { child, letGo } = await removalAt(moment, month, path)
    child.kill('SIGKILL')
    await child.ended
    await letGo()
    await server.until(async () => (await calls('')).length === 0)

    assert.deepEqual(await stands(month), moment === 'committing' ? GONE : there, moment)
  }
})

test('a database that is killed in the middle of a removal has the month wholly, and one that is killed after it has not', async () => {
  const month = '2018-02', path = await archived(month)
  const there = await stands(month)

  for (const [i, moment] of [...MOMENTS, 'committing'].entries()) {
    const end = i % 2 ? stopAtOnce : killAll
    const { child, letGo } = await removalAt(moment, month, path)
    await end(server)
    const { status } = await child.ended
    await letGo()
    startAgain()

    assert.equal(status, 1)
    assert.deepEqual(await stands(month), there, `${end.name} when ${moment}`)
  }
  const { status, stderr } = await removeLog(server, month, path, FEW)
  await killAll(server)
  startAgain()

  assert.equal(status, 0, stderr)
  assert.deepEqual(await stands(month), GONE)
})

test('after all of this the log is sealed, and nothing of it is missing', async () => {
  await server.until(async () => (await server.management('/health/ready')).status === 200)
  await sealed(server)

  const audit = await command('log', 'audit', '--owner-database', conninfo(server.database, 'samsyn_owner'), '--verifier-key', log.verifier)

  for (const month of ['2018-01', '2018-02', MONTH]) assert.match(audit.stdout, new RegExp(`^ +${month}, SHA-256 `, 'm'))
  assert.doesNotMatch(audit.stdout, /^(missing|altered|inserted|order|tree) /m, audit.stderr)
})
