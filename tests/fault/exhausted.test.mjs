// The database is held up by a lock until every connection of the pool waits: 503 with Retry-After, never a hang, and
// nothing is shown that could not be logged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA } from '../support/demo.mjs'
import { conninfo, startServer } from '../support/server.mjs'
import { whileHolding } from '../support/session.mjs'
import { acting, openCase, writeRecord } from '../support/story.mjs'

const POOL = 3

// The server under test waits a moment for a connection, and much longer for a lock; another has no haste.
const calm = await startServer()
const server = await startServer({
  database: calm.database, tolerate: ['denial-not-recorded', 'database-unreachable'],
  options: { database: `${conninfo(calm.database)} application_name=hasty`, poolSize: POOL, poolWaitMs: 300, lockTimeoutMs: 8_000, statementTimeoutMs: 12_000 }
})
const worker = acting(server, 'social-case-worker')
const caseId = await openCase(calm)
const record = await writeRecord(calm, 'social-case-worker', caseId)
const readAgain = () => server.until(async () => (await worker.get(`/records/${record.id}`)).status === 200)
const metrics = async () => (await server.management('/metrics')).text

const locked = (table, during) => whileHolding(server.database, `lock table samsyn.${table} in access exclusive mode`, during)

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

  const { replies, live, ready, text } = await locked('records', async () => {
    const sent = Array.from({ length: POOL }, writing)
    await server.until(async () => (await metrics()).includes(`\nsamsyn_db_connections_busy ${POOL}\n`))
    sent.push(...Array.from({ length: 5 * POOL }, (_, i) => i % 2 ? writing() : worker.get(`/records/${record.id}`)))
    await server.until(async () => /samsyn_db_waits_total [1-9]/.test(await metrics()))
    const [alive, isReady, shown] = await Promise.all([server.management('/health/live'), server.management('/health/ready'), metrics()])
    return { replies: await Promise.all(sent), live: alive, ready: isReady, text: shown }
  })

  assertOverloaded(replies)
  assert.equal(live.status, 200)
  assert.ok([200, 503].includes(ready.status))
  assert.match(text, /^samsyn_db_connections_max 3$/m)
  assert.match(await metrics(), /^samsyn_db_wait_timeouts_total [1-9]/m)
  assert.equal(await events(), before)
  await readAgain()
  const list = await acting(calm, 'social-case-worker').get(`/cases/${caseId}/records`, { status: 200 })
  assert.equal(list.body._meta.totalRecords, 1)
})

test('while the access log cannot be written nothing is shown and nothing is changed', async () => {
  const replies = await locked('access_events', () => Promise.all([
    worker.get(`/records/${record.id}`), worker.get('/cases'), worker.get(`/records/${record.id}`, { ifNoneMatch: '*' }),
    worker.post('/cases', { subjectId: ALVA, title: 'Never opened' }), server.as('police-officer').get(`/records/${record.id}`),
    server.as('social-auditor').get('/access-events')]))

  assertOverloaded(replies)
  assert.deepEqual(await server.sql("select id from samsyn.cases where title = 'Never opened'"), [])
  await readAgain()
})

test('a database that has fallen silent is given up, and the server recovers when it speaks again', async () => {
  const backends = (await server.sql(`select pid from pg_stat_activity where application_name = 'hasty' and datname = '${server.database}'`)).map(row => row.pid)
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
  await readAgain()
})
