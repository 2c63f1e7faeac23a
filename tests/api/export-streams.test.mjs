// Exports as streams: what happens when the client goes, when the right to it ends, and when it is long.
import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { contract } from '../support/contract.mjs'
import { SOCIAL, assignmentId } from '../support/demo.mjs'
import { makeLog } from '../support/log.mjs'
import { acting } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'
import { hold, whileHolding } from '../support/session.mjs'
import { ownTrace } from '../support/watched.mjs'

const server = await startServer({ options: makeLog().options })
const auditor = acting(server, 'social-auditor')
await server.sql(`
  insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome,
      request_id)
  select samsyn.uuid7(), now() - make_interval(secs => i), '${SOCIAL}', 'longStream', 'read', '{}', '{}', '{}', '{}', '{}', 'allowed', samsyn.uuid7()
  from generate_series(1, 60000) i`)

const END = `update samsyn.assignments set ended_at = now() where id = '${assignmentId('social-auditor')}'`
const RESTORE = `update samsyn.assignments set ended_at = null where id = '${assignmentId('social-auditor')}'`

// An export of them that is read as fast as its reader calls resume().
function begin(query = { operation: 'longStream' }, headers = {}) {
  const path = `${contract().basePath}${contract().find('exportAccessEvents').path}?${new URLSearchParams(query)}`
  const request = http.get(server.url + path, { headers: { Authorization: `Bearer ${auditor.token}`, Accept: 'application/x-ndjson', ...headers } })
  return { request, reply: new Promise((resolve, reject) => request.once('response', resolve).once('error', reject)) }
}

// The lines of a reply and whether it came to its end.
async function read(reply) {
  const chunks = []
  try {
    for await (const chunk of reply) chunks.push(chunk)
  } catch { /* cut: what came is what there is */ }
  return { lines: Buffer.concat(chunks).toString().split('\n').slice(0, -1), whole: reply.complete }
}

// Statements of the export that wait for a lock.
const waiting = async () => (await server.sql(`
  select count(*)::int as n from pg_stat_activity
  where datname = '${server.database}' and wait_event_type = 'Lock' and query ~ 'access_event_page'`))[0].n

// Whether anybody has, or waits for, a lock of this kind on the table.
const locked = async (table, mode, granted) => (await server.sql(`select exists (select from pg_locks where relation = 'samsyn.${table}'::regclass
  and database = (select oid from pg_database where datname = '${server.database}') and mode = '${mode}' and granted = ${granted})`))[0].exists

test('a client that hangs up ends the work in the database', async () => {
  // What an export reads, and what it is logged in does not touch, is locked: the export waits for it.
  await whileHolding(server.database, 'lock table samsyn.access_event_concerns', async () => {
    const { request, reply } = begin()
    reply.catch(() => {})
    await server.until(async () => await waiting() === 1)

    request.destroy()

    await server.until(async () => await waiting() === 0)
    assert.equal(await locked('access_event_concerns', 'AccessExclusiveLock', true), true)
  })
})

test('an export is cut when the right to it ends, and the part that came is true', async () => {
  const { reply } = begin()
  const stream = await reply
  await server.sql(END)
  try {
    const { lines, whole } = await read(stream)

    assert.equal(whole, false)
    assert.ok(lines.length > 0 && lines.length < 60000, `${lines.length} lines`)
    for (const line of lines) assert.equal(JSON.parse(line).operation, 'longStream')
    await server.until(() => server.log('stream-cut').some(line => line.operation === 'exportAccessEvents'))
  } finally {
    await server.sql(RESTORE)
  }
})

// Transactions that wait for a lock are served in turn. The export waits for a table; the end of the assignment waits for the
// transaction in which the export does; the next transaction of the export waits for that, before it looks at anything.
const TURN = 4711
await server.sql(`do $do$ begin
  execute replace(pg_get_functiondef('samsyn.enter'::regproc), E'\ndeclare\n', E'\ndeclare\n turn text := pg_advisory_xact_lock_shared(${TURN});\n');
end $do$`)

const waitingForTurn = async () => (await server.sql(`select exists (select from pg_locks where locktype = 'advisory' and objid = ${TURN} and mode = 'ExclusiveLock' and not granted
  and database = (select oid from pg_database where datname = '${server.database}'))`))[0].exists

async function endRightWhileWaitingFor(table, mode, query) {
  const { trace, traceparent } = ownTrace()
  const release = await hold(server.database, `lock table samsyn.${table}`)
  let ended
  try {
    const { reply } = begin(query, { traceparent })
    await server.until(() => locked(table, mode, false))
    ended = server.sql(`begin; select pg_advisory_xact_lock(${TURN}); ${END}; commit`)
    await server.until(waitingForTurn)
    await release()
    const stream = await reply
    return { status: stream.statusCode, ...await read(stream), logged: await server.sql(`select outcome, code from samsyn.access_events where trace_id = '${trace}'`) }
  } finally {
    await release()
    await ended
    await server.sql(RESTORE)
  }
}

test('an export whose right ends between its row in the log and its first part is cut there, and has that row alone', async () => {
  const { status, lines, whole, logged } = await endRightWhileWaitingFor('access_events', 'RowExclusiveLock', { operation: 'longStream' })

  assert.deepEqual([status, lines.length, whole], [200, 0, false])
  assert.deepEqual(logged, [{ outcome: 'allowed', code: null }])
})

test('an export whose right ends between a part and its proofs is cut there, and has one row in the log', async () => {
  await server.until(async () => (await server.anonymous().get('/log/checkpoint')).status === 200)

  const { status, lines, whole, logged } = await endRightWhileWaitingFor('access_event_concerns', 'AccessShareLock', { operation: 'longStream', proofs: 'true' })

  assert.deepEqual([status, lines.filter(line => JSON.parse(line).event).length, whole], [200, 0, false])
  assert.deepEqual(logged, [{ outcome: 'allowed', code: null }])
})

test('an export that broke off goes on from the last line received, without gap or repetition', async () => {
  const { request, reply } = begin()
  const stream = await reply
  const received = []
  for await (const chunk of stream) {
    received.push(chunk)
    if (Buffer.concat(received).length > 300_000) break
  }
  request.destroy()
  const first = Buffer.concat(received).toString().split('\n').slice(0, -1).map(line => JSON.parse(line))
  const { at, id } = first.at(-1)

  const rest = await read(await begin({ operation: 'longStream', cursor: `${at}_${id}` }).reply)

  const ids = [...first, ...rest.lines.map(line => JSON.parse(line))].map(event => event.id)
  assert.equal(rest.whole, true)
  assert.deepEqual([ids.length, new Set(ids).size], [60000, 60000])
})
