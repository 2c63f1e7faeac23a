// The removal of a month of the log, killed and held up: the month is there or gone, and requests go on.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { archiveLog, oldEvents, oldMonth, removeLog, rowsOf, startLog, startRemoval } from '../support/archive.mjs'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { makeLog, sealed } from '../support/log.mjs'
import { cluster, startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'

const MONTH = '2019-11', EVENTS = 640
const directory = mkdtempSync('/tmp/samsyn-archive-')
after(() => rmSync(directory, { recursive: true, force: true }))
const file = `${directory}/month.ndjson`
const server = await startServer({ options: makeLog().options })
const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server) })
await oldMonth(server, MONTH)
await oldEvents(server, MONTH, EVENTS)
await sealed(server)

// A session that reads the log in a transaction which stays open until `end` is called.
async function openReader() {
  const reader = spawn('psql', ['--no-psqlrc', '--quiet', '--host', cluster(), '--username', 'postgres', '--dbname', server.database], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = new Promise(resolve => reader.once('close', resolve))
  const said = new Promise(resolve => reader.stdout.once('data', resolve))
  reader.stdin.write('begin; select count(*) from samsyn.access_events; \n')
  await said
  return async () => { reader.stdin.end('commit;\n'); await closed }
}

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
  await server.until(async () => (await calls('remove_log_month')).length > 0, 30_000)

  load.start(6)
  await server.until(() => load.written.length >= 20 || load.faults.length, 30_000)
  assert.equal(child.exitCode, null, 'it is still trying')
  child.kill('SIGKILL')
  await child.ended
  await server.until(async () => (await calls('remove_log_month')).length === 0)
  await end()
  await whole()
})

test('under load a month is removed as soon as who reads the log has done, and no request fails', async () => {
  const end = await openReader()
  const child = startRemoval(server, MONTH, file, EVENTS)
  await server.until(async () => (await calls('remove_log_month')).length > 0, 30_000)
  const before = load.written.length
  await server.until(() => load.written.length >= before + 20 || load.faults.length, 30_000)
  await whole()

  await end()
  const { status, stderr } = await child.ended
  const done = load.written.length
  await server.until(() => load.written.length >= done + 20 || load.faults.length, 30_000)
  await load.stop()

  assert.equal(status, 0, stderr)
  await load.compare()
  for (const count of Object.values(await rowsOf(server, MONTH))) assert.equal(count, 0)
  assert.deepEqual(await server.sql('select month, events from samsyn.log_archives'), [{ month: `${MONTH}-01`, events: EVENTS }])
  await sealed(server)
})

test('killed with -9 at any moment, a removal leaves the month wholly there or wholly gone', async t => {
  const months = ['2018-01', '2018-02', '2018-03', '2018-04', '2018-05', '2018-06']
  for (const month of months) {
    await oldMonth(server, month)
    await oldEvents(server, month, 60)
  }
  await sealed(server)
  const left = { there: 0, gone: 0 }

  for (const [i, month] of months.entries()) {
    const path = `${directory}/${month}.ndjson`
    const { status, stderr } = await archiveLog(server, month, path)
    assert.equal(status, 0, stderr)
    const child = startRemoval(server, month, path, 60)
    let seen = 0
    await server.until(async () => (await calls('remove_log_month')).length > 0 && ++seen > i || child.exitCode !== null, 30_000)
    child.kill('SIGKILL')
    await child.ended
    await server.until(async () => (await calls('')).length === 0)
    const counts = Object.entries(await rowsOf(server, month)).filter(([name]) => /access_events|log_entries/.test(name)).map(([, count]) => count)
    const archives = await server.sql(`select from samsyn.log_archives where month = '${month}-01'`)
    assert.ok(counts.every(count => count === counts[0]), counts.join())
    assert.equal(counts[0], archives.length === 1 ? 0 : 60)
    left[counts[0] ? 'there' : 'gone']++
    if (counts[0]) assert.equal((await removeLog(server, month, path, 60)).status, 0)
  }
  t.diagnostic(`${left.there} were there after the kill, ${left.gone} gone`)
  assert.equal((await server.sql('select from samsyn.log_archives')).length, 1 + months.length)
})
