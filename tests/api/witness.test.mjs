// The witness of the logs of others: what it takes, what it refuses, what it keeps of those that do not add up. Every
// cosignature is verified by node:crypto. The two sides together are in tests/fault/witnesses.test.mjs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import {
  answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery,
  relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { aHash, cosignedAt, COSIGNED, FakeLog, makeNoteKey, submission } from '../support/witness.mjs'

const NAME = 'region.example/witness'
const key = makeNoteKey(NAME, COSIGNED)
const server = await startServer({ options: { witnessKey: key.file, witnessName: NAME } })
const nobody = server.anonymous()
const system = server.as('system-admin')
const auditor = server.as('social-auditor')

let counter = 0
const draft = (more = {}) => {
  const origin = `watched-${++counter}.example/log`
  return { origin, verifierKeys: [makeNoteKey(origin).vkey], description: 'Someone else\'s log.', ...more }
}
const watch = async (more = {}) => (await system.post('/witnessed-logs', draft(more), { status: 201 })).body
const send = (body, options = {}) => nobody.post('/witness/add-checkpoint', undefined, { raw: body, type: 'text/plain', ...options })
const stateOf = async id => (await system.get(`/witnessed-logs/${id}`, { status: 200 })).body
const conflictsOf = async origin => (await auditor.get('/log-conflicts', { query: { limit: 100 }, status: 200 })).body.logConflicts.filter(one => one.origin === origin)
const pointers = reply => reply.body.errors.map(error => error.pointer)

// A log of some leaves that is watched, and how its checkpoints are sent.
async function watchedLog(size = 0) {
  const log = new FakeLog(`fake-${++counter}.example/log`)
  const { id } = await watch({ origin: log.origin, verifierKeys: [log.key.vkey] })
  if (size) await cosigned(log.grow(size), 0)
  return { log, id }
}

async function cosigned(log, from) {
  const before = Math.floor(Date.now() / 1000)
  const reply = await send(log.submission(from), { status: 200 })
  const at = cosignedAt(reply.text, key.vkey, log.text())
  assert.ok(at >= before - 1 && at <= Math.floor(Date.now() / 1000) + 1)
  return reply
}

function saidSize(reply, size) {
  assert.deepEqual([reply.status, reply.headers['content-type'], reply.text], [409, 'text/x.tlog.size', `${size}\n`])
}

test('these are the operations of witnesses', () => {
  assert.deepEqual(operationsOf('Witnesses'), ['addCheckpoint', 'createWitnessedLog', 'getLogConflict', 'getWitness', 'getWitnessedLog',
    'listLogConflicts', 'listWitnessedLogs', 'updateWitnessedLog'])
})

// -- what is taken ---------------------------------------------------------------------------------------------------------

test('the witness tells its verifier key', async () => {
  const reply = await nobody.get('/witness', { status: 200 })

  assert.equal(reply.text, key.vkey + '\n')
  await refusesStrayQuery(nobody, 'getWitness')
})

test('a log is followed from its first checkpoint on, whatever it grows by', async () => {
  const { log, id } = await watchedLog()
  assert.equal((await stateOf(id)).size, 0)

  let from = 0
  for (const count of [1, 1, 1, 4, 1, 8, 239, 1, 300]) {
    await cosigned(log.grow(count), from)
    from = log.size
  }

  const state = await stateOf(id)
  assert.deepEqual([state.size, state.checkpoint], [log.size, log.note()])
  assert.ok(state.cosignedAt)
})

test('the empty tree is a tree', async () => {
  const { log, id } = await watchedLog()

  await cosigned(log, 0)
  await cosigned(log, 0)
  await cosigned(log.grow(3), 0)

  assert.equal((await stateOf(id)).size, 3)
})

test('who asks again for the same tree gets a cosignature again', async () => {
  const { log, id } = await watchedLog(7)

  await cosigned(log, 7)
  await cosigned(log, 7)

  assert.equal((await stateOf(id)).size, 7)
  assert.deepEqual(await conflictsOf(log.origin), [])
})

test('signatures of others and further lines of the text are let be, and cosigned with it', async () => {
  const { log } = await watchedLog()
  log.grow(4)
  const text = log.text() + 'an extension\n'
  const note = `${text}\n${makeNoteKey('else.example').sign(text)}${log.key.sign(text)}${key.sign(text, 1)}`

  const reply = await send(submission(0, [], note), { status: 200 })

  cosignedAt(reply.text, key.vkey, text)
})

test('the media type is not looked at', async () => {
  const { log } = await watchedLog(2)

  for (const type of ['application/octet-stream', 'text/plain; charset=utf-8', 'application/json', undefined]) {
    const reply = await send(log.submission(2), { status: 200, headers: { 'Content-Type': type } })
    cosignedAt(reply.text, key.vkey, log.text())
  }
})

// -- what is refused -------------------------------------------------------------------------------------------------------

test('a log that is not watched is unknown, and so is one that is watched no more', async () => {
  const { log, id } = await watchedLog(3)
  refused(await send(new FakeLog('unknown.example/log').grow(1).submission(0)), 404, 'NOT_FOUND')

  await system.patch(`/witnessed-logs/${id}`, { active: false }, { ifMatch: (await system.get(`/witnessed-logs/${id}`)).etag, status: 200 })
  refused(await send(log.submission(3)), 404, 'NOT_FOUND')

  await system.patch(`/witnessed-logs/${id}`, { active: true }, { ifMatch: (await system.get(`/witnessed-logs/${id}`)).etag, status: 200 })
  saidSize(await send(log.grow(1).submission(0)), 3)
})

test('a checkpoint without a valid signature of the log is forbidden', async () => {
  const { log, id } = await watchedLog(3)
  log.grow(2)
  const text = log.text()
  const stranger = makeNoteKey(log.origin)
  const broken = log.key.sign(log.text(4))

  for (const lines of [stranger.sign(text), broken, makeNoteKey('else.example').sign(text), key.sign(text), log.key.sign(text) + broken,
    log.key.line(Buffer.alloc(64)), log.key.line(Buffer.alloc(63)), log.key.line(Buffer.alloc(1))]) {
    refused(await send(submission(3, log.proof(3), `${text}\n${lines}`)), 403, 'LOG_KEY_UNKNOWN')
  }

  assert.equal((await stateOf(id)).size, 3)
  assert.deepEqual(await conflictsOf(log.origin), [])
})

test('a key comes and goes', async () => {
  const { log, id } = await watchedLog(3)
  const next = makeNoteKey(log.origin)
  const rename = async verifierKeys => system.patch(`/witnessed-logs/${id}`, { verifierKeys }, { ifMatch: (await system.get(`/witnessed-logs/${id}`)).etag, status: 200 })

  await rename([log.key.vkey, next.vkey])
  await send(log.submission(3, 3, log.note(3, next)), { status: 200 })
  await rename([next.vkey])

  refused(await send(log.submission(3)), 403, 'LOG_KEY_UNKNOWN')
  await send(log.submission(3, 3, log.note(3, next)), { status: 200 })
})

test('an old size above the new one is malformed, and any but the one kept is told', async () => {
  const { log } = await watchedLog(5)

  refused(await send(submission(6, [], log.note())), 400, 'INVALID_REQUEST')
  saidSize(await send(log.submission(0)), 5)
  saidSize(await send(log.submission(4)), 5)
  saidSize(await send(log.submission(2, 3)), 5)
  saidSize(await send(log.grow(5).submission(7)), 5)
  assert.deepEqual(await conflictsOf(log.origin), [])
})

test('a proof that does not hold is refused and reported, once, with all that shows it', async () => {
  const { log, id } = await watchedLog(5)
  const forked = log.fork(4).grow(6)
  const proof = forked.proof(5)

  refused(await send(submission(5, proof, forked.note())), 422, 'LOG_INCONSISTENT')
  refused(await send(submission(5, proof, forked.note())), 422, 'LOG_INCONSISTENT')

  const [found, ...more] = await conflictsOf(log.origin)
  assert.deepEqual(more, [])
  assert.deepEqual([found.kind, found.keptSize, found.keptCheckpoint, found.size, found.checkpoint, found.proof, found.witness],
    ['inconsistent', 5, log.note(), 10, forked.note(), proof, undefined])
  await server.until(() => server.log('log-conflict').some(line => line.level === 'security' && line.origin === log.origin && line.kind === 'inconsistent'))
  assert.match((await server.management('/metrics')).text, /^samsyn_witness_conflicts_total\{kind="inconsistent"\} [1-9]/m)
  assert.equal((await stateOf(id)).size, 5)
})

test('no proof but the right one holds', async () => {
  const { log, id } = await watchedLog(6)
  log.grow(5)
  const right = log.proof(6)

  const wrong = [[], right.slice(1), right.slice(0, -1), [...right, aHash()], [aHash(), ...right], [...right].reverse(), right.map(() => aHash()),
    log.proof(5), log.proof(6, 10), Array.from({ length: 63 }, aHash)]
  for (const proof of wrong) refused(await send(submission(6, proof, log.note())), 422, 'LOG_INCONSISTENT')

  assert.equal((await stateOf(id)).size, 6)
  await cosigned(log, 6)
})

test('a proof where none is needed is refused', async () => {
  const { log } = await watchedLog()
  log.grow(4)

  refused(await send(submission(0, [aHash()], log.note())), 422, 'LOG_INCONSISTENT')
  await cosigned(log, 0)
  refused(await send(submission(4, [aHash()], log.note())), 422, 'LOG_INCONSISTENT')
})

test('another root at the same size is a fork, which two signatures prove', async () => {
  const { log, id } = await watchedLog(5)
  const forked = log.fork(4).grow(1)

  saidSize(await send(submission(5, [], forked.note())), 5)

  const [found] = await conflictsOf(log.origin)
  assert.deepEqual([found.kind, found.keptSize, found.keptCheckpoint, found.size, found.checkpoint, found.proof], ['fork', 5, log.note(), 5, forked.note(), []])
  await server.until(() => server.log('log-conflict').some(line => line.level === 'security' && line.origin === log.origin && line.kind === 'fork'))
  assert.equal((await stateOf(id)).checkpoint, log.note())
})

test('what proves nothing does not fill the table', async () => {
  const { log } = await watchedLog(1)
  log.grow(120)

  for (let size = 2; size <= 121; size++) refused(await send(submission(1, [aHash()], log.note(size))), 422, 'LOG_INCONSISTENT')
  saidSize(await send(submission(1, [], log.fork(0).grow(1).note())), 1)

  const [counts] = await server.sql(`select count(*) filter (where kind = 'inconsistent') as weak, count(*) filter (where kind = 'fork') as strong
    from samsyn.log_conflicts where origin = '${log.origin}'`)
  assert.deepEqual(counts, { weak: 100, strong: 1 })
})

test('of two histories that race, one is cosigned', async () => {
  for (let round = 0; round < 10; round++) {
    const { log, id } = await watchedLog(4)
    const ways = [log.fork().grow(3), log.fork().grow(3), log.fork().grow(5), log.fork().grow(1)]

    const replies = await Promise.all(ways.map(way => send(way.submission(4))))

    const won = ways[replies.findIndex(reply => reply.status === 200)]
    assert.deepEqual(replies.map(reply => reply.status).sort(), [200, 409, 409, 409])
    for (const reply of replies.filter(reply => reply.status === 409)) saidSize(reply, won.size)
    assert.equal((await stateOf(id)).checkpoint, won.note())
  }
})

test('of many that send the same, each is told the same tree', async () => {
  const { log, id } = await watchedLog(4)
  log.grow(4)

  const replies = await Promise.all(Array.from({ length: 20 }, () => send(log.submission(4))))

  for (const reply of replies) if (reply.status === 200) cosignedAt(reply.text, key.vkey, log.text()); else saidSize(reply, 8)
  assert.ok(replies.some(reply => reply.status === 200))
  assert.equal((await stateOf(id)).size, 8)
})

// -- what is malformed -----------------------------------------------------------------------------------------------------

test('a body that is not exactly what is specified is malformed', async () => {
  const { log, id } = await watchedLog(3)
  log.grow(4)
  const note = log.note()
  const [hash, ...hashes] = log.proof(3)
  const good = submission(3, [hash, ...hashes], note)
  const root = good.split('\n').at(-4)
  const line = log.key.sign(log.text())
  const bodies = [
    '\n', 'old 3', 'old 3\n', 'old 3\n\n', 'old 3\n' + note, 'x' + good, '\n' + good, ' ' + good, good.replace('old', 'OLD'), good.replace('old ', 'old'),
    good.replace('old ', 'old  '), good.replace('old ', 'old\t'), good.replace('old 3', 'old 03'), good.replace('old 3', 'old -3'), good.replace('old 3', 'old +3'),
    good.replace('old 3', 'old 3 '), good.replace('old 3', 'old 3.0'), good.replace('old 3', 'old 0x3'), good.replace('old 3', 'old '), good.replace('old 3', 'old three'),
    good.replace('old 3', 'old 9223372036854775808'), good.replace('old 3', 'old 18446744073709551619'), good.replace('old 3', 'old ' + '9'.repeat(400)),
    good.replaceAll('\n', '\r\n'), good.replace('\n', '\r\n'), good.replaceAll('\n', ''), good.slice(0, -1), good + '\n', good + 'x', good + good,
    good.replace(hash, hash.slice(0, -1)), good.replace(hash, hash.slice(1)), good.replace(hash, hash + '='), good.replace(hash, ' ' + hash), good.replace(hash, hash + ' '),
    good.replace(hash, Buffer.from(hash, 'base64').toString('hex')), good.replace(hash, '-'.repeat(43) + '='), good.replace(hash, Buffer.alloc(31).toString('base64')),
    good.replace(hash, Buffer.alloc(33).toString('base64')), good.replace(/=\n/, 'B\n'), submission(3, Array.from({ length: 64 }, aHash), note),
    submission(3, Array.from({ length: 65 }, aHash), note), good.replace(log.origin + '\n7', '\n7'), good.replace('\n7\n', '\n07\n'), good.replace('\n7\n', '\n7 \n'),
    good.replace('\n7\n', '\n-7\n'), good.replace('\n7\n', '\n9223372036854775808\n'), good.replace('\n7\n', '\n'), good.replace(root, aHash().slice(4)),
    good.replace('\u2014', '-'), good.replace('\u2014 ', '\u2014'), good.replace(line, line.slice(0, -2) + '\n'), good.replace(line, '\u2014 \n'), good.replace(line, ''),
    good.replace(line, line + '\n'), good.replace(line, line + 'more\n'), good.replace(line, line.repeat(40)), good.replace(log.origin, 'a\0b'), good.replace(log.origin, 'a\x07b')
  ]
  const bytes = [Buffer.from([0xff, 0xfe, 0x00]), Buffer.concat([Buffer.from(good), Buffer.of(0)]), Buffer.from(good, 'utf16le'), Buffer.from(good, 'latin1'), Buffer.alloc(1000)]
  for (const body of [...bodies, ...bytes]) {
    assert.notEqual(body.toString(), good)
    refused(await send(body), 400, 'INVALID_REQUEST')
  }

  const empty = refused(await send(undefined), 400, 'INVALID_REQUEST')
  assert.deepEqual(pointers(empty), ['/body'])
  assert.equal((await stateOf(id)).size, 3)
  assert.deepEqual(await conflictsOf(log.origin), [])
  await send(good, { status: 200 })
})

test('a body has an end, and no query beside it', async () => {
  const { log } = await watchedLog(1)

  refused(await send('old 0\n' + 'x'.repeat(65536)), 413, 'BODY_TOO_LARGE')
  refused(await send(log.submission(1), { headers: { 'Content-Encoding': 'gzip' } }), 415, 'MEDIA_TYPE_UNSUPPORTED')
  assert.deepEqual(pointers(refused(await send(log.submission(1), { query: { colour: 'blue' } }), 400, 'INVALID_REQUEST')), ['/query/colour'])
})

test('a token is not looked at', async () => {
  const { log } = await watchedLog(1)

  const reply = await server.anonymous({ token: 'nonsense' }).post('/witness/add-checkpoint', undefined, { raw: log.submission(1), status: 200 })

  cosignedAt(reply.text, key.vkey, log.text())
})

test('who is no witness says so', async () => {
  const other = await startServer()
  const stranger = other.anonymous()

  refused(await stranger.get('/witness'), 404, 'NOT_FOUND')
  refused(await stranger.post('/witness/add-checkpoint', undefined, { raw: new FakeLog('fake.example/log').grow(1).submission(0) }), 404, 'NOT_FOUND')
})

// -- the logs that are watched ---------------------------------------------------------------------------------------------

test('watched logs are listed by origin, for system administrators', async () => {
  for (let i = 0; i < 3; i++) await watch()

  const { body } = await system.get('/witnessed-logs', { query: { limit: 100 }, status: 200 })
  const origins = body.witnessedLogs.map(one => one.origin)

  assert.deepEqual(origins, [...origins].sort())
  await pages(system, '/witnessed-logs', 'witnessedLogs')
  await refusesStrayQuery(system, 'listWitnessedLogs')
})

test('a watched log is read, and leads to its editing', async () => {
  const { id } = await watch({ origin: 'school.example/log' })

  const seen = await readsConditionally(system, `/witnessed-logs/${id}`)

  assert.deepEqual(relations(seen), ['edit', 'self'])
  assert.deepEqual([seen.body.origin, seen.body.active, seen.body.size, seen.body.checkpoint, seen.body.cosignedAt], ['school.example/log', true, 0, undefined, undefined])
})

test('a watched log that does not exist is 404, and an identifier that is none 400', async () => {
  refused(await system.get(`/witnessed-logs/${unknownId()}`), 404, 'NOT_FOUND')
  refused(await system.patch(`/witnessed-logs/${unknownId()}`, { active: false }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  await refusesMalformedId(system, 'getWitnessedLog', 'witnessedLogId')
})

test('a log is watched once, however often the request is repeated, and under one origin', async () => {
  await answersOnce(server, 'system-admin', 'createWitnessedLog', { body: draft() }, { body: draft() })
  const { origin } = await watch()
  refused(await system.post('/witnessed-logs', draft({ origin })), 409, 'ALREADY_EXISTS')
})

test('a watched log is edited by whoever has read it as it is; a new checkpoint is no edit', async () => {
  const { log, id } = await watchedLog(2)
  const before = await system.get(`/witnessed-logs/${id}`)
  await cosigned(log.grow(1), 2)

  const edited = await system.patch(`/witnessed-logs/${id}`, { description: 'Renamed.' }, { ifMatch: before.etag, status: 200 })

  assert.deepEqual([edited.body.description, edited.body.size], ['Renamed.', 3])
  await editsConditionally(system, `/witnessed-logs/${id}`, { description: 'Again.' })
})

test('a key that does not fit together is pointed at', async () => {
  const good = makeNoteKey('fit.example').vkey
  const [, name, id, material] = good.match(/^([^+]+)\+([^+]+)\+(.+)$/)
  const wrong = [`${name}+00000000+${material}`, `other.example+${id}+${material}`, `${name}+${id}+${Buffer.alloc(33, 1).toString('base64')}`, makeNoteKey('c.example', COSIGNED).vkey]
  const { id: watched } = await watch()

  for (const one of wrong) {
    assert.deepEqual(pointers(refused(await system.post('/witnessed-logs', draft({ verifierKeys: [good, one] })), 422, 'UNPROCESSABLE')), ['/body/verifierKeys/1'], one)
    const ifMatch = (await system.get(`/witnessed-logs/${watched}`)).etag
    assert.deepEqual(pointers(refused(await system.patch(`/witnessed-logs/${watched}`, { verifierKeys: [one] }, { ifMatch }), 422, 'UNPROCESSABLE')), ['/body/verifierKeys/0'])
  }
})

test('every fault of a watched log is told at once', async () => {
  await refusesBodies(system, 'createWitnessedLog', {}, [
    [{}, '/body/description', '/body/origin', '/body/verifierKeys'],
    [draft({ origin: 'a\nb', description: ' ', verifierKeys: ['key', 'a+b+c'] }), '/body/origin', '/body/description', '/body/verifierKeys/0', '/body/verifierKeys/1'],
    [draft({ verifierKeys: [] }), '/body/verifierKeys'],
    [draft({ size: 7, checkpoint: 'x' }), '/body/size', '/body/checkpoint']
  ])
  const { id } = await watch()
  await refusesBodies(system, 'updateWitnessedLog', { path: { witnessedLogId: id } }, [
    [{}, '/body'], [{ origin: 'other', size: 0, active: null }, '/body/origin', '/body/size', '/body/active']
  ], { ifMatch: '"1"' })
})

test('what is watched is chosen by system administrators alone, and that is logged', async () => {
  const { id } = await watch()

  for (const person of ['social-case-worker', 'organisation-admin', 'social-auditor']) {
    const client = server.as(person)
    refused(await client.get('/witnessed-logs'), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.get(`/witnessed-logs/${id}`), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.post('/witnessed-logs', draft()), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.patch(`/witnessed-logs/${id}`, { active: false }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  }

  const [{ count }] = await server.sql(`select count(*) from samsyn.access_events where operation = 'createWitnessedLog' and outcome = 'allowed' and '${id}' = any (resource_ids)`)
  assert.equal(count, 1)
})

test('what is known of a log is never taken back or away', async () => {
  const { log, id } = await watchedLog(4)

  await assert.rejects(server.sql(`set role samsyn_api; delete from samsyn.witnessed_logs where id = '${id}'`), /permission denied/)
  await assert.rejects(server.sql(`set role samsyn_api; update samsyn.witnessed_logs set size = 0 where id = '${id}'`), /permission denied/)
  const [{ kept }] = await server.sql(`select samsyn.keep_checkpoint(l.id, l.revision, l.size, l.root, 3, l.root, 'x') as kept from samsyn.witnessed_logs l where l.id = '${id}'`)
  assert.deepEqual([kept, (await stateOf(id)).size], [false, log.size])
})

// -- conflicts -------------------------------------------------------------------------------------------------------------

test('conflicts are listed newest first, by kind, for auditors and system administrators', async () => {
  const { log } = await watchedLog(2)
  saidSize(await send(submission(2, [], log.fork(1).grow(1).note())), 2)

  const { body } = await system.get('/log-conflicts', { query: { limit: 100 }, status: 200 })
  const forks = await auditor.get('/log-conflicts', { query: { kind: 'fork', limit: 1 }, status: 200 })

  assert.deepEqual(body.logConflicts.map(one => one.foundAt), body.logConflicts.map(one => one.foundAt).sort().reverse())
  assert.deepEqual(forks.body.logConflicts.map(one => [one.kind, one.origin]), [['fork', log.origin]])
  await pages(auditor, '/log-conflicts', 'logConflicts', { kind: 'fork' })
  await refusesStrayQuery(auditor, 'listLogConflicts')
  for (const person of ['social-case-worker', 'organisation-admin', 'collaboration-lead']) refused(await server.as(person).get('/log-conflicts'), 403, 'ROLE_NOT_ALLOWED')
})

test('a conflict is read', async () => {
  const { log } = await watchedLog(2)
  saidSize(await send(submission(2, [], log.fork(1).grow(1).note())), 2)
  const [{ id }] = await conflictsOf(log.origin)

  const seen = await readsConditionally(auditor, `/log-conflicts/${id}`)

  assert.deepEqual([seen.body.kind, relations(seen)], ['fork', ['self']])
  refused(await auditor.get(`/log-conflicts/${unknownId()}`), 404, 'NOT_FOUND')
  refused(await server.as('school-teacher').get(`/log-conflicts/${id}`), 403, 'ROLE_NOT_ALLOWED')
  await refusesMalformedId(auditor, 'getLogConflict', 'logConflictId')
})
