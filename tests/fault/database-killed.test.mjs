// PostgreSQL is killed and restarted under load while the server keeps running: it says 503 while the database is away,
// recovers by itself, and loses nothing.
import '../support/own-cluster.mjs'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { kill, killAll, startAgain, stopAtOnce } from '../support/postmaster.mjs'
import { startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'

const WORKERS = 16
const EACH_ROUND = 50

const server = await startServer({ manual: true, tolerate: ['denial-not-recorded', 'database-unreachable'] })
after(() => server.stop())
const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server) })

const more = async () => {
  const before = load.written.length
  await server.until(() => load.written.length >= before + EACH_ROUND || load.faults.length)
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
    await stopAtOnce(server)
    await server.until(async () => (await server.management('/health/ready')).status === 503)
    assert.equal((await server.management('/health/live')).status, 200)
    const refused = await server.as('social-case-worker').get('/cases')
    assert.equal(`${refused.status} ${refused.body.code}`, '503 DATABASE_UNAVAILABLE')
    assert.ok(Number(refused.headers['retry-after']) > 0)
    await server.until(() => load.answered(503) > 0 || load.faults.length)
    startAgain()
    await server.until(async () => (await server.management('/health/ready')).status === 200)
    await more()
  })
  await t.test('every process of it with -9 at once', async () => {
    await killAll(server)
    startAgain()
    await more()
  })

  await load.stop()
  t.diagnostic(`${load.written.length} writings, ${load.attempts.length} exchanges, ${load.answered(503)} times 503`)
  assert.ok(load.answered(503) > 0, 'the kills hit nothing')
  await load.compare()
})
