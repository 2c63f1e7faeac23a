// The log, verified a second time: trees, notes and openings of events from their descriptions (RFC 6962, RFC 9162, C2SP
// signed-note, tlog-checkpoint and tlog-proof, src/log/event.h) with nothing but SHA-256 and Ed25519 of node:crypto.
//
//   const log = makeLog()                              keys and a place to remember, as options of a server
//   const server = await startServer({ options: log.options })
//   const { size, root } = openCheckpoint(text, log.verifier)      throws when it is not signed by this key
//   assert.ok(includes(leafOf(event, opening), index, size, root, hashes))
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { makeFolder } from './folder.mjs'

export const sha256 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest()
const tag = number => Buffer.of(number)

// -- trees ---------------------------------------------------------------------------------------------------------------------

export const leafHash = bytes => sha256(tag(0), bytes)
export const nodeHash = (left, right) => sha256(tag(1), left, right)

// RFC 6962 2.1, of hashes of leaves.
export function rootOf(leaves) {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

// RFC 9162 2.1.3.2. Numbers up to 2^53.
export function includes(leaf, index, size, root, hashes) {
  if (index >= size) return false
  let [node, last, found] = [BigInt(index), BigInt(size) - 1n, leaf]
  for (const hash of hashes) {
    if (last === 0n) return false
    if (node % 2n === 1n || node === last) {
      found = nodeHash(hash, found)
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n]
    } else {
      found = nodeHash(found, hash)
    }
    [node, last] = [node / 2n, last / 2n]
  }
  return last === 0n && found.equals(root)
}

// RFC 9162 2.1.4.2.
export function continues(from, to, fromRoot, toRoot, hashes) {
  if (from === to) return hashes.length === 0 && fromRoot.equals(toRoot)
  if (from === 0 || from > to || hashes.length === 0) return false
  let [node, last] = [BigInt(from) - 1n, BigInt(to) - 1n]
  const path = [...hashes]
  if ((from & (from - 1)) === 0) path.unshift(fromRoot)
  while (node % 2n === 1n) [node, last] = [node / 2n, last / 2n]
  let [old, grown] = [path[0], path[0]]
  for (const hash of path.slice(1)) {
    if (last === 0n) return false
    if (node % 2n === 1n || node === last) {
      [old, grown] = [nodeHash(hash, old), nodeHash(hash, grown)]
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n]
    } else {
      grown = nodeHash(grown, hash)
    }
    [node, last] = [node / 2n, last / 2n]
  }
  return last === 0n && old.equals(fromRoot) && grown.equals(toRoot)
}

// -- notes ---------------------------------------------------------------------------------------------------------------------

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

// A verifier key ("name+8 hex digits+base64"), of Ed25519 signatures of a log.
function readVerifier(text) {
  const [, name, id, key] = text.match(/^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/)
  const bytes = Buffer.from(key, 'base64')
  assert.equal(bytes[0], 1, 'a key of Ed25519')
  assert.equal(sha256(name, '\n', bytes).subarray(0, 4).toString('hex'), id, 'the id of the key is not its own')
  return { name, id, key: createPublicKey({ key: Buffer.concat([SPKI, bytes.subarray(1)]), format: 'der', type: 'spki' }) }
}

// The text of a note that this key has signed.
export function openNote(note, verifierText) {
  const verifier = readVerifier(verifierText)
  const end = note.lastIndexOf('\n\n')
  assert.ok(end > 0 && note.endsWith('\n'), 'no note')
  const text = note.slice(0, end + 1)
  const signatures = note.slice(end + 2, -1).split('\n').map(line => {
    const [, name, blob] = line.match(/^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/)
    const bytes = Buffer.from(blob, 'base64')
    return { name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
  })
  const ours = signatures.filter(({ name, id }) => name === verifier.name && id === verifier.id)
  assert.ok(ours.length === 1 && verify(null, text, verifier.key, ours[0].signature), 'the note is not signed by this key')
  return text
}

export function openCheckpoint(note, verifier) {
  const [origin, size, root, ...rest] = openNote(note, verifier).split('\n')
  assert.deepEqual(rest, [''])
  assert.match(size, /^(0|[1-9][0-9]*)$/)
  return { origin, size: Number(size), root: readHash(root) }
}

export function readHash(text) {
  assert.match(text, /^[A-Za-z0-9+/]{43}=$/)
  return Buffer.from(text, 'base64')
}

// A proof file, verified as far as what it is about: {event, opening, index, size}.
export function openProof(text, verifier) {
  const [head, note] = [text.slice(0, text.indexOf('\n\n') + 1), text.slice(text.indexOf('\n\n') + 2)]
  const [version, extra, index, ...hashes] = head.trimEnd().split('\n')
  assert.equal(version, 'c2sp.org/tlog-proof@v1')
  const { event, opening } = JSON.parse(Buffer.from(extra.match(/^extra (\S+)$/)[1], 'base64'))
  const { size, root } = openCheckpoint(note, verifier)
  const at = Number(index.match(/^index (0|[1-9][0-9]*)$/)[1])
  assert.ok(includes(leafOf(event, opening), at, size, root, hashes.map(readHash)), 'the event is not in the tree')
  return { event, opening, index: at, size }
}

// -- events --------------------------------------------------------------------------------------------------------------------

// The columns of the canonical form with their names in the API; of the lists, which are committed to (true) or open.
const FORM = [
  ['id'], ['at'], ['txid'], ['organisation_id', 'organisationId'], ['unit_id', 'unitId'], ['user_id', 'userId'],
  ['assignment_id', 'assignmentId'], ['party_ids', 'partyIds', true], ['role'], ['client'], ['client_address', 'clientAddress'],
  ['operation'], ['activity'], ['purpose'], ['subject_ids', 'subjectIds', true], ['resource_ids', 'resourceIds', true],
  ['concerned_ids', 'concernedIds', true], ['grounds', 'grounds', false], ['disclosure_ids', 'disclosureIds', true],
  ['emergency_id', 'emergencyAccessId'], ['outcome'], ['code'], ['request_id', 'requestId'], ['trace_id', 'traceId']
]

const fourBytes = number => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
const slotOf = (salt, item) => sha256(tag(4), salt, item)
const fold = slots => sha256(tag(5), ...slots)

// The commitment to a list of which `told` was told, from how it was opened.
function commitmentOf(told, how, least) {
  if (how.salt !== undefined) {
    const salt = readHash(how.salt)
    let count = least
    while (count < told.length) count *= 2
    return fold(Array.from({ length: count }, (_, i) => i < told.length
      ? slotOf(sha256(tag(2), salt, fourBytes(i)), told[i])
      : sha256(tag(3), salt, fourBytes(i))).sort(Buffer.compare))
  }
  if (how.slots === undefined) {
    assert.equal(told.length, 0)
    return readHash(how.commitment)
  }
  const slots = how.slots.map(readHash)
  assert.ok(slots.length >= least && Number.isInteger(Math.log2(slots.length)))
  assert.deepEqual(slots, [...slots].sort(Buffer.compare), 'the order of the slots tells something')
  assert.equal(how.opened.length, told.length)
  assert.equal(new Set(how.opened.map(({ slot }) => slot)).size, told.length)
  how.opened.forEach(({ slot, salt }, i) => assert.ok(slotOf(readHash(salt), told[i]).equals(slots[slot]), 'an item is not what its slot holds'))
  return fold(slots)
}

const measured = text => `${Buffer.byteLength(text)}:${text}`

// The hash of the leaf of an event that was told.
export function leafOf(event, opening) {
  assert.equal(opening.version, 2)
  const least = event.outcome === 'denied' ? 16 : 4
  const lines = FORM.map(([column, name = column, committed]) => {
    if (committed) return `${column} #${commitmentOf(event[name] ?? [], opening.commitments[name], least).toString('hex')}`
    if (committed === false) return `${column} *${[event[name].length, ...event[name].map(measured)].join(' ')}`
    const value = column === 'txid' ? opening.transaction : event[name]
    return `${column} ${value === undefined ? '-' : measured(value)}`
  })
  return leafHash(['samsyn-access-event/2', ...lines, ''].join('\n'))
}

// -- a log to try --------------------------------------------------------------------------------------------------------------

export function makeLog(origin = 'samsyn.example/log') {
  const directory = makeFolder('log')
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(`${directory}/key.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const key = Buffer.concat([tag(1), publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI.length)])
  const id = sha256(origin, '\n', key).subarray(0, 4).toString('hex')
  return {
    origin,
    verifier: `${origin}+${id}+${key.toString('base64')}`,
    options: { logOrigin: origin, logKeys: `${directory}/key.pem`, logMemory: `${directory}/memory` }
  }
}

// Waits until everything that has been logged so far, which must be something, is in a signed tree; returns its size.
// The months that have been removed are still in the tree.
export async function sealed(server) {
  const [{ count }] = await server.sql(`select (select count(*) from samsyn.access_events)::integer
    + (select coalesce(sum(events), 0) from samsyn.log_archives)::integer as count`)
  const everyone = server.anonymous()
  return server.until(async () => {
    const { status, text } = await everyone.get('/log/checkpoint')
    const size = status === 200 ? Number(text.split('\n')[1]) : 0
    return size >= count && size
  })
}
