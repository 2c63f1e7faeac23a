// Exports as streams: what happens when the client goes, when the right to it ends, and when it is long.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import http from 'node:http'
import { test } from 'node:test'
import { contract } from '../support/contract.mjs'
import { SOCIAL, assignmentId } from '../support/demo.mjs'
import { acting } from '../support/story.mjs'
import { cluster, startServer } from '../support/server.mjs'

// Nothing ends here because time is up.
const server = await startServer({ options: { lockTimeoutMs: 600_000, statementTimeoutMs: 600_000 } })
const auditor = acting(server, 'social-auditor')
await server.sql(`
  insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome,
      request_id)
  select samsyn.uuid7(), now() - make_interval(secs => i), '${SOCIAL}', 'longStream', 'read', '{}', '{}', '{}', '{}', '{}', 'allowed', samsyn.uuid7()
  from generate_series(1, 60000) i`)

// An export of them that is read as fast as its reader calls resume().
function begin(query = { operation: 'longStream' }) {
  const path = `${contract().basePath}${contract().find('exportAccessEvents').path}?${new URLSearchParams(query)}`
  const request = http.get(server.url + path, { headers: { Authorization: `Bearer ${auditor.token}`, Accept: 'application/x-ndjson' } })
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

async function until(what, condition) {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  assert.fail(`waited in vain until ${what}`)
}

// Statements of the export that wait for a lock.
const waiting = async () => (await server.sql(`
  select count(*)::int as n from pg_stat_activity
  where datname = '${server.database}' and wait_event_type = 'Lock' and query ~ 'access_event_page'`))[0].n

test('a client that hangs up ends the work in the database', async () => {
  // What an export reads, and what it is logged in does not touch, is locked: the export waits for it.
  const holder = spawn('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', server.database], { stdio: ['pipe', 'ignore', 'inherit'] })
  holder.stdin.write('begin; lock table samsyn.access_event_concerns;\n')
  try {
    const { request, reply } = begin()
    reply.catch(() => {})
    await until('the export waits', async () => await waiting() === 1)

    request.destroy()

    await until('nothing waits any more', async () => await waiting() === 0)
    const [{ held }] = await server.sql(`select exists (select from pg_locks where relation = 'samsyn.access_event_concerns'::regclass and mode = 'AccessExclusiveLock') as held`)
    assert.equal(held, true)
  } finally {
    holder.stdin.end('rollback;\n')
  }
})

test('an export is cut when the right to it ends, and the part that came is true', async () => {
  const { reply } = begin()
  const stream = await reply
  await server.sql(`update samsyn.assignments set ended_at = now() where id = '${assignmentId('social-auditor')}'`)
  try {
    const { lines, whole } = await read(stream)

    assert.equal(whole, false)
    assert.ok(lines.length > 0 && lines.length < 60000, `${lines.length} lines`)
    for (const line of lines) assert.equal(JSON.parse(line).operation, 'longStream')
    assert.ok(server.log('stream-cut').some(line => line.operation === 'exportAccessEvents'))
  } finally {
    await server.sql(`update samsyn.assignments set ended_at = null where id = '${assignmentId('social-auditor')}'`)
  }
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
