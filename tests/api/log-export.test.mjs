// The export with proofs: what an auditor can show with nothing but the file and a verifier key.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA } from '../support/demo.mjs'
import { includes, continues, leafOf, makeLog, openCheckpoint, readHash, sealed } from '../support/log.mjs'
import { acting, deniedOnce, jointCase, logged, openCase, revoke, shareStandingly, writeRecord } from '../support/story.mjs'
import { command, startServer } from '../support/server.mjs'

const log = makeLog()
const server = await startServer({ options: log.options })
const auditor = acting(server, 'social-auditor')
const schoolAuditor = acting(server, 'school-auditor')
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')

const exported = (query, person = auditor, options = { status: 200 }) =>
  person.call('exportAccessEvents', { query: { proofs: true, ...query } }, { headers: { Accept: 'application/x-ndjson' }, ...options })
const plain = async (query, person = auditor) =>
  (await person.call('exportAccessEvents', { query }, { headers: { Accept: 'application/x-ndjson' }, status: 200 })).text.split('\n').filter(Boolean).map(line => JSON.parse(line))

// An export taken apart and verified: {size, root, since, entries}.
function open(text) {
  assert.ok(text.endsWith('\n'))
  const [header, ...entries] = text.trimEnd().split('\n').map(line => JSON.parse(line))
  const end = entries.pop()
  assert.deepEqual([header.samsynExport, header.origin], [1, log.origin])
  assert.deepEqual(end, { end: true, events: entries.length })
  const { size, root } = openCheckpoint(header.checkpoint, log.verifier)
  for (const { index, event, opening, proof } of entries) {
    assert.ok(includes(leafOf(event, opening), index, size, root, proof.map(readHash)), `event ${event.id} is not entry ${index}`)
  }
  return { size, root, since: header.since, entries }
}

let told
async function story() {
  if (told) return told
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)
  await teacher.get(`/records/${record.id}`, { status: 200 })
  await revoke(server, joint.consent)
  await teacher.get(`/records/${record.id}`, { status: 403 })
  const first = await sealed(server)
  for (let i = 0; i < 24; i++) {
    await Promise.all(Array.from({ length: 24 }, () => worker.get('/cases', { status: 200 })))
  }
  const size = await sealed(server)
  const [{ now }] = await server.sql('select samsyn.utc_micro(clock_timestamp()) as now')
  told = { joint, record, first, size, until: now }
  return told
}

test('each line is proved, and the lines are those of the export without proofs', async () => {
  const { size, until } = await story()
  for (const person of [auditor, schoolAuditor]) {
    const { entries, ...file } = open((await exported({ until }, person)).text)

    assert.ok(file.size >= size)
    assert.deepEqual(entries.map(({ event }) => event), await plain({ until }, person))
    assert.equal(new Set(entries.map(({ index }) => index)).size, entries.length)
  }
  assert.ok(open((await exported({ until })).text).entries.length > 512, 'the export is of one group alone')
})

test('the verifier of the product comes to the same result, with no server', async () => {
  const { until } = await story()
  const { text } = await exported({ until, since: (await story()).first })
  const [file, broken] = [`${server.directory}/export.ndjson`, `${server.directory}/broken.ndjson`]
  writeFileSync(file, text)
  writeFileSync(broken, text.replace('"operation":"listCases"', '"operation":"listUsers"'))

  const good = await command('log', 'verify', file, '--verifier-key', log.verifier)
  const bad = await command('log', 'verify', broken, '--verifier-key', log.verifier)

  assert.equal(good.status, 0, good.stdout + good.stderr)
  assert.equal(bad.status, 1, bad.stdout + bad.stderr)
})

test('since an earlier checkpoint the header proves that nothing below it changed', async () => {
  const { first, until } = await story()
  const earlier = openCheckpoint((await server.anonymous().get(`/log/checkpoints/${first}`, { status: 200 })).text, log.verifier)

  const { size, root, since } = open((await exported({ until, since: first, subjectId: ALVA })).text)

  const kept = openCheckpoint(since.checkpoint, log.verifier)
  assert.deepEqual([kept.size, kept.root], [first, earlier.root])
  assert.ok(continues(first, size, earlier.root, root, since.proof.map(readHash)))
  assert.equal(open((await exported({ until })).text).since, undefined)
})

test('an export with proofs goes on from a cursor', async () => {
  const { until } = await story()
  const whole = open((await exported({ until })).text).entries.map(({ event }) => event)
  const { id, at } = whole[300]

  const rest = open((await exported({ until, cursor: `${at}_${id}` })).text).entries.map(({ event }) => event)

  assert.deepEqual(rest, whole.slice(301))
})

test('filters leave out lines, and what is left is proved', async () => {
  const { record, until } = await story()
  const reads = open((await exported({ until, operation: 'getRecord' })).text).entries

  assert.deepEqual(reads.map(({ event }) => [event.outcome, event.resourceIds]), [['denied', [record.id]], ['allowed', [record.id]]])
  assert.deepEqual(open((await exported({ until, operation: 'noSuchThing' })).text).entries, [])
})

test('what is not in the checkpoint yet is left out, and nothing else', async () => {
  await story()
  const before = await plain({ until: (await story()).until })
  await worker.get('/cases', { status: 200 })
  const [{ text }] = await Promise.all([exported({}), worker.get('/cases', { status: 200 })])

  const { entries, size } = open(text)
  const rows = await server.sql(`select x.id from samsyn.log_entries x where x.index >= ${size}`)
  const later = new Set(rows.map(({ id }) => id))
  const ids = entries.map(({ event }) => event.id)
  assert.ok(ids.every(id => !later.has(id)))
  assert.deepEqual(ids.slice(-before.length), before.map(({ id }) => id))
})

test('the export is logged as one before it leaves', async () => {
  const { until } = await story()
  const [row] = await logged(server, await exported({ until }))
  assert.deepEqual([row.operation, row.activity, row.outcome], ['exportAccessEvents', 'export', 'allowed'])
  await auditor.head('/access-event-exports', { query: { proofs: true }, status: 200 })
})

test('proofs are of lines of JSON alone', async () => {
  await story()
  const csv = await exported({}, auditor, { headers: { Accept: 'text/csv' } })
  refused(csv, 400, 'INVALID_REQUEST')
  assert.deepEqual(csv.body.errors.map(({ pointer }) => pointer), ['/query/proofs'])
})

test('since is for proofs, and of a checkpoint that was signed', async () => {
  const { size } = await story()
  const without = await exported({ proofs: undefined, since: 1 }, auditor, {})
  refused(without, 400, 'INVALID_REQUEST')
  assert.deepEqual(without.body.errors.map(({ pointer }) => pointer), ['/query/since'])
  const unknown = await exported({ since: size + 100000 }, auditor, {})
  await deniedOnce(server, unknown, 404, 'LOG_NOT_SIGNED', { activity: 'export' })
  for (const since of ['0', '-1', 'x', '9007199254740992']) refused(await exported({ since }, auditor, {}), 400, 'INVALID_REQUEST')
  refused(await exported({ proofs: 'maybe' }, auditor, {}), 400, 'INVALID_REQUEST')
})

test('without a signed checkpoint there is no export with proofs', async () => {
  const unsigned = await startServer()
  await deniedOnce(unsigned, await exported({}, acting(unsigned, 'social-auditor'), {}), 404, 'LOG_NOT_SIGNED')
})

test('who may not export gets no proofs', async () => {
  refused(await exported({}, worker, {}), 403, 'ROLE_NOT_ALLOWED')
})

test('no line tells of another agency\'s child, or how many there were', async () => {
  const caseId = await openCase(server)
  const hidden = (await logged(server, await acting(server, 'clinic-psychologist').get(`/cases/${caseId}`, { status: 404 })))[0]
  await sealed(server)

  const { text } = await exported({}, schoolAuditor)

  open(text)
  assert.ok(!text.includes(hidden.id))
  const nonces = await server.sql('select nonce from samsyn.access_events')
  assert.ok(nonces.every(({ nonce }) => !text.includes(nonce)))
})
