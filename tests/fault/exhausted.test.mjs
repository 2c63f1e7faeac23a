// The database is held up by a lock until every connection of the pool waits: 503 with Retry-After, never a hang, and
// nothing is shown that could not be logged.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { ALVA } from '../support/demo.mjs'
import { cluster, startServer } from '../support/server.mjs'
import { acting, openCase, writeRecord } from '../support/story.mjs'

const POOL = 3

const server = await startServer({ manual: true, options: { poolSize: POOL, poolWaitMs: 300, lockTimeoutMs: 800, statementTimeoutMs: 2500 }, tolerate: ['denial-not-recorded', 'database-unreachable'] })
after(() => server.stop())
const worker = acting(server, 'social-case-worker')
const caseId = await openCase(server)
const record = await writeRecord(server, 'social-case-worker', caseId)

// Holds a table in a session of its own while `during` runs.
async function locked(table, during) {
  const psql = spawn('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--host', cluster(), '--username', 'postgres', '--dbname', server.database], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => psql.once('close', resolve))
  try {
    const held = new Promise(resolve => createInterface({ input: psql.stdout }).on('line', line => line === 'held' && resolve()))
    psql.stdin.write(`begin; lock table samsyn.${table} in access exclusive mode; select 'held';\n`)
    await held
    return await during()
  } finally {
    psql.stdin.end('rollback;\n')
    await ended
  }
}

function assertOverloaded(replies) {
  for (const reply of replies) {
    assert.equal(reply.status, 503, reply.text)
    assert.match(reply.body.code, /^(OVERLOADED|DATABASE_UNAVAILABLE)$/)
    assert.ok(Number(reply.headers['retry-after']) > 0)
  }
}

const events = async () => (await server.sql("select count(*)::int as n from samsyn.access_events where outcome = 'allowed'"))[0].n

test('with every connection waiting for a lock, requests get 503 and the server stays alive', async () => {
  const writing = () => worker.post(`/cases/${caseId}/records`, { category: 'FAMILY_SITUATION', text: 'Never written' })
  const before = await events()

  const { replies, live, ready, metrics } = await locked('records', async () => {
    const sent = Array.from({ length: 6 * POOL }, (_, i) => i % 2 ? writing() : worker.get(`/records/${record.id}`))
    await server.until(async () => /samsyn_db_waits_total [1-9]/.test((await server.management('/metrics')).text))
    const [alive, isReady, text] = await Promise.all(['/health/live', '/health/ready', '/metrics'].map(path => server.management(path)))
    return { replies: await Promise.all(sent), live: alive, ready: isReady, metrics: text }
  })

  assertOverloaded(replies)
  assert.equal(live.status, 200)
  assert.ok([200, 503].includes(ready.status))
  assert.match(metrics.text, /^samsyn_db_connections_max 3$/m)
  assert.match((await server.management('/metrics')).text, /^samsyn_db_wait_timeouts_total [1-9]/m)
  assert.equal(await events(), before)
  await worker.get(`/records/${record.id}`, { status: 200 })
  assert.equal((await worker.get(`/cases/${caseId}/records`, { status: 200 })).body._meta.totalRecords, 1)
})

test('while the access log cannot be written nothing is shown and nothing is changed', async () => {
  const replies = await locked('access_events', () => Promise.all([
    worker.get(`/records/${record.id}`), worker.get('/cases'), worker.get(`/records/${record.id}`, { ifNoneMatch: '*' }),
    worker.post('/cases', { subjectId: ALVA, title: 'Never opened' }), server.as('police-officer').get(`/records/${record.id}`),
    server.as('social-auditor').get('/access-events')]))

  assertOverloaded(replies)
  assert.deepEqual(await server.sql("select id from samsyn.cases where title = 'Never opened'"), [])
  await worker.get(`/records/${record.id}`, { status: 200 })
})

test('a database that has fallen silent is given up, and the server recovers when it speaks again', async () => {
  const backends = (await server.sql(`select pid from pg_stat_activity where usename = 'samsyn_api' and datname = '${server.database}'`)).map(row => row.pid)
  assert.ok(backends.length > 0)
  const signal = name => backends.forEach(pid => { try { process.kill(pid, name) } catch { /* it has ended */ } })

  signal('SIGSTOP')
  let replies
  try {
    replies = await Promise.all(Array.from({ length: 2 * POOL }, () => worker.get(`/records/${record.id}`)))
  } finally {
    signal('SIGCONT')
  }

  for (const reply of replies) assert.ok(reply.status === 200 || reply.status === 503, reply.text)
  assert.ok(replies.some(reply => reply.status === 503), 'nothing was held up')
  await server.until(async () => (await worker.get(`/records/${record.id}`)).status === 200)
})
