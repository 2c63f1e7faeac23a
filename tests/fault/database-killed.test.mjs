// PostgreSQL is killed and restarted under load while the server keeps running: it says 503 while the database is away,
// recovers by itself, and loses nothing.
import '../support/own-cluster.mjs'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { cluster, startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'

const WORKERS = 16
const EACH_ROUND = 50
const script = fileURLToPath(new URL('../support/cluster.sh', import.meta.url))

const server = await startServer({ manual: true, tolerate: ['denial-not-recorded', 'database-unreachable'] })
after(() => server.stop())
const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server) })

const postmaster = () => Number(readFileSync(`${cluster()}/data/postmaster.pid`, 'utf8').split('\n')[0])
const alive = pid => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

function children(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch { /* it has ended by itself */ }
}

const startAgain = () => execFileSync(script, ['start', cluster(), 'max_connections=300'], { stdio: 'inherit' })
const more = async () => {
  const before = load.written.length
  await server.until(() => load.written.length >= before + EACH_ROUND || load.faults.length, 40_000)
}

test('the database is killed in four ways under load, and the server comes back by itself each time', async t => {
  load.start(WORKERS)
  await more()

  await t.test('one of its processes with -9: PostgreSQL restarts itself', async () => {
    const [{ pid }] = await server.sql("select pid from pg_stat_activity where usename = 'samsyn_api' limit 1")
    kill(pid)
    await more()
  })
  await t.test('all connections ended by an administrator', async () => {
    await server.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'samsyn_api'")
    await more()
  })
  await t.test('an immediate shutdown', async () => {
    const pid = postmaster()
    process.kill(pid, 'SIGQUIT')
    await server.until(() => !alive(pid), 20_000)
    await server.until(async () => (await server.management('/health/ready')).status === 503)
    assert.equal((await server.management('/health/live')).status, 200)
    const refused = await server.as('social-case-worker').get('/cases')
    assert.equal(`${refused.status} ${refused.body.code}`, '503 DATABASE_UNAVAILABLE')
    assert.ok(Number(refused.headers['retry-after']) > 0)
    startAgain()
    await server.until(async () => (await server.management('/health/ready')).status === 200)
    await more()
  })
  await t.test('every process of it with -9 at once', async () => {
    const pid = postmaster()
    const all = [pid, ...children(pid)]
    all.forEach(kill)
    await server.until(() => all.every(one => !alive(one)), 20_000)
    // Where nobody has buried the dead yet, PostgreSQL would take the process of its lock files for alive.
    for (const name of ['data/postmaster.pid', '.s.PGSQL.5432.lock']) rmSync(`${cluster()}/${name}`, { force: true })
    startAgain()
    await more()
  })

  await load.stop()
  t.diagnostic(`${load.written.length} writings, ${load.attempts.length} exchanges, ${load.answered(503)} times 503`)
  assert.ok(load.answered(503) > 0, 'the kills hit nothing')
  await load.compare()
})
