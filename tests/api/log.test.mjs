// The log as everyone may check it: checkpoints, tiles and consistency proofs, verified by an implementation that shares
// nothing with the server's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { refusesStrayQuery } from '../support/habits.mjs'
import { continues, makeLog, openCheckpoint, readHash, rootOf, sealed } from '../support/log.mjs'
import { acting } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const log = makeLog()
const server = await startServer({ options: log.options })
const unsigned = await startServer()
const nobody = server.anonymous()
const worker = acting(server, 'social-case-worker')
const SIZE = 290
const HASH = 32

// Requests until there are enough events, sealed now and then, so that many sizes are signed. The leaves of the tree.
let grown
async function grow() {
  if (grown) return grown
  const leaves = []
  let size = 0
  while (size < SIZE) {
    await Promise.all(Array.from({ length: 24 }, () => worker.get('/cases', { status: 200 })))
    size = await sealed(server)
  }
  for (let index = 0; index * 256 < size; index++) leaves.push(...hashesOf(await tile(0, index, Math.min(256, size - index * 256))))
  grown = { size, leaves }
  return grown
}

const hashesOf = ({ bytes }) => Array.from({ length: bytes.length / HASH }, (_, i) => bytes.subarray(i * HASH, (i + 1) * HASH))
const name = (index, width = 256) => String(index).padStart(3, '0') + (width < 256 ? `.p/${width}` : '')
const tile = (level, index, width) => nobody.call('getTile', { path: { level, tile: name(index, width) } }, { status: 200 })

async function checkpoints() {
  const all = []
  for (let page = await nobody.get('/log/checkpoints', { query: { limit: 3 }, status: 200 }); ; page = await nobody.follow(page, 'next', undefined, { status: 200 })) {
    all.push(...page.body.checkpoints)
    if (!page.links.next) return all
  }
}

test('the newest checkpoint is a note that the log has signed, for everyone who asks', async () => {
  await grow()
  const reply = await nobody.get('/log/checkpoint', { status: 200 })

  const { origin, size } = openCheckpoint(reply.text, log.verifier)
  assert.deepEqual([origin, size >= SIZE], [log.origin, true])
  assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(reply.headers['cache-control'], 'public, max-age=1')
  assert.equal((await nobody.get('/log/checkpoint', { ifNoneMatch: reply.etag, status: 304 })).text, '')
  await nobody.get('/log/checkpoint', { ifNoneMatch: '"other"', status: 200 })
  await nobody.head('/log/checkpoint', { status: 200 })
})

test('a checkpoint altered in any place is not taken', async () => {
  await grow()
  const { text } = await nobody.get('/log/checkpoint', { status: 200 })
  const other = makeLog(log.origin)

  for (const [from, to] of [[log.origin, 'samsyn.example/lot'], [/\n[0-9]+\n/, '\n7\n'], [/\n[A-Za-z0-9+/]{43}=\n/, '\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'], ['log ', 'log A']]) {
    assert.notEqual(text.replace(from, to), text)
    assert.throws(() => openCheckpoint(text.replace(from, to), log.verifier))
  }
  assert.throws(() => openCheckpoint(text, other.verifier))
})

test('the history has every tree that was signed, and each is there as a note', async () => {
  await grow()
  const all = await checkpoints()
  const sizes = all.map(one => one.size)

  assert.ok(sizes.length > 5, `${sizes.length} sizes`)
  assert.deepEqual(sizes, [...new Set(sizes)].sort((a, b) => b - a))
  for (const one of all) {
    const reply = await nobody.follow(one, 'self', undefined, { status: 200 })
    const { size, root } = openCheckpoint(reply.text, log.verifier)
    assert.deepEqual([size, root.toString('base64')], [one.size, one.root])
    assert.ok(reply.text.endsWith(`\n\n${one.signatures.map(({ line }) => line).join('\n')}\n`))
    assert.deepEqual(one.signatures.map(({ name, kind }) => [name, kind]), [[log.origin, 'log']])
    await nobody.get(`/log/checkpoints/${one.size}`, { ifNoneMatch: reply.etag, status: 304 })
  }
  assert.deepEqual((await nobody.get('/log/checkpoints', { query: { cursor: sizes.at(-1) }, status: 200 })).body.checkpoints, [])
})

test('the keys are told in the form of a verifier', async () => {
  await grow()
  const { body } = await nobody.get('/log/keys', { status: 200 })

  assert.deepEqual(body.keys.map(({ firstUsedAt, ...key }) => key), [{ name: log.origin, kind: 'log', verifier: log.verifier }])
})

test('the tiles are the tree: every signed root follows from the leaves', async () => {
  const { leaves, size } = await grow()
  for (const one of await checkpoints()) {
    if (one.size <= size) assert.equal(rootOf(leaves.slice(0, one.size)).toString('base64'), one.root, `of ${one.size}`)
  }

  const [above] = hashesOf(await tile(1, 0, 1))
  assert.deepEqual(above, rootOf(leaves.slice(0, 256)))
})

test('a tile that has grown is served at every width it had, and for ever', async () => {
  const { leaves } = await grow()
  for (const width of [1, 2, 127, 255, 256]) {
    const reply = await tile(0, 0, width)

    assert.deepEqual(hashesOf(reply), leaves.slice(0, width))
    assert.equal(reply.headers['content-type'], 'application/octet-stream')
    assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable')
  }
})

test('there is no tile beyond the signed tree, and never an entry', async () => {
  await grow()
  await server.sql(`insert into samsyn.log_tiles (level, index, hashes) values (0, 1000, decode(repeat('00', 8192), 'hex')), (3, 0, decode(repeat('00', 32), 'hex'))`)

  for (const path of ['0/001', '0/001.p/255', '0/x001/000', '1/000', '1/000.p/2', '3/000.p/1', '7/000', '8/000', '63/000', '0/x999/x999/x999/x999/x999/999']) {
    refused(await nobody.get(`/log/tile/${path}`), 404, 'NOT_FOUND')
  }
  for (const path of ['entries/000', '64/000', '-1/000', '0/0', '0/1', '0/0000', '0/x000/001', '0/x001', '0/001/002', '0/000.p/0', '0/000.p/256', '0/000.p/01',
    '0/000.p', '0/000.p/', '0/000/', '0/000%2Ep/1%00', '0/..%2f000', '0/../0/000', '0/x001%2F001', '0/x999/x999/x999/x999/x999/x999/999', '0/+01', '0/%20000', "0/000'", '00/000', '1e1/000']) {
    const reply = await nobody.get(`/log/tile/${path}`, { unchecked: true })
    assert.equal(reply.status, 400, `${path} answered ${reply.status} ${reply.text}`)
  }
})

test('between any two sizes there is a proof, and it proves nothing else', async () => {
  const { leaves, size } = await grow()
  const sizes = [1, 2, 3, 4, 7, 8, 9, 31, 64, 127, 128, 129, 255, 256, 257, 258, size - 1, size]
  const roots = new Map(sizes.map(one => [one, rootOf(leaves.slice(0, one))]))

  for (const from of sizes) {
    for (const to of sizes.filter(one => one >= from)) {
      const { body, headers } = await nobody.get('/log/consistency-proofs', { query: { from, to }, status: 200 })
      const hashes = body.hashes.map(readHash)
      assert.ok(continues(from, to, roots.get(from), roots.get(to), hashes), `${from} to ${to}`)
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.equal(continues(from, to, roots.get(to === from ? 1 : to), roots.get(from), hashes), from === to && from === 1)
      if (hashes.length > 0) assert.equal(continues(from, to, roots.get(from), roots.get(to), hashes.slice(1)), false)
    }
  }
})

test('from every checkpoint to every later one there is a proof with the signed roots', async () => {
  await grow()
  const all = (await checkpoints()).reverse()
  for (const [i, from] of all.entries()) {
    for (const to of all.slice(i + 1)) {
      const { body } = await nobody.get('/log/consistency-proofs', { query: { from: from.size, to: to.size }, status: 200 })
      assert.ok(continues(from.size, to.size, readHash(from.root), readHash(to.root), body.hashes.map(readHash)), `${from.size} to ${to.size}`)
    }
  }
})

test('nothing is proved from nothing, backwards, or beyond what is signed', async () => {
  const { size } = await grow()
  const ask = (from, to) => nobody.get('/log/consistency-proofs', { query: { from, to } })

  assert.deepEqual((await ask(0, size)).body.hashes, [])
  const backwards = refused(await ask(size, size - 1), 400, 'INVALID_REQUEST')
  assert.deepEqual(backwards.body.errors.map(({ pointer }) => pointer), ['/query/from'])
  for (const to of [size + 100000, '9007199254740991']) {
    const beyond = refused(await ask(1, to), 404, 'LOG_NOT_SIGNED')
    assert.deepEqual(beyond.body.errors.map(({ pointer }) => pointer), ['/query/to'])
  }
  for (const [from, to] of [[1, '9007199254740992'], ['-1', 5], ['1.5', 5], ['x', 5], [undefined, 5], [1, undefined], [0, 0], ['1e2', 200], ['', 5]]) refused(await ask(from, to), 400, 'INVALID_REQUEST')
  for (const other of ['0', '9007199254740992', '-1', 'x', '1.5']) refused(await nobody.get(`/log/checkpoints/${other}`), 400, 'INVALID_REQUEST')
  refused(await nobody.get('/log/checkpoints/9007199254740991'), 404, 'LOG_NOT_SIGNED')
})

test('what is sealed and not signed is not shown', async () => {
  const stranger = unsigned.anonymous()
  await acting(unsigned, 'social-case-worker').get('/cases', { status: 200 })
  await unsigned.until(async () => (await unsigned.sql('select from samsyn.log_trees')).length > 0)

  refused(await stranger.get('/log/checkpoint'), 404, 'LOG_NOT_SIGNED')
  refused(await stranger.get('/log/checkpoints/1'), 404, 'LOG_NOT_SIGNED')
  refused(await stranger.get('/log/consistency-proofs', { query: { from: 1, to: 1 } }), 404, 'LOG_NOT_SIGNED')
  refused(await stranger.get('/log/tile/0/000.p/1'), 404, 'NOT_FOUND')
  assert.deepEqual((await stranger.get('/log/checkpoints', { status: 200 })).body.checkpoints, [])
  assert.deepEqual((await stranger.get('/log/keys', { status: 200 })).body.keys, [])
})

test('asking for it needs no token, tells of nobody, and is not logged', async () => {
  const { size } = await grow()
  const paths = ['/log/checkpoint', '/log/checkpoints', '/log/keys', `/log/consistency-proofs?from=1&to=${size}`, '/log/tile/0/000']
  const [{ before }] = await server.sql('select count(*) as before from samsyn.access_events')

  for (const path of paths) {
    const reply = await nobody.get(path, { status: 200 })
    assert.doesNotMatch(reply.text, /[0-9a-f]{8}-[0-9a-f]{4}-/)
    await server.as('nobody-registered').get(path, { status: 200 })
  }

  const [{ after }] = await server.sql('select count(*) as after from samsyn.access_events')
  assert.equal(after, before)
})

test('a query that nobody described is refused', async () => {
  for (const id of ['getCheckpoint', 'listCheckpoints', 'getLogKeys']) await refusesStrayQuery(nobody, id)
  await refusesStrayQuery(nobody, 'getCheckpointOfSize', { path: { size: 1 } })
  await refusesStrayQuery(nobody, 'getTile', { path: { level: 0, tile: '000' } })
  refused(await nobody.get('/log/consistency-proofs', { query: { from: 1, to: 2, size: 3 } }), 400, 'INVALID_REQUEST')
})
