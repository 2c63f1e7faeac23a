// Logs and witnesses made by hand (C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness; RFC 6962), with
// nothing but SHA-256 and Ed25519 of node:crypto: what the server says is verified by another hand than its own.
//
//   const log = new FakeLog('fake.example/log').grow(5)
//   const body = log.submission(0)                         the body of add-checkpoint for its newest tree
//   const key = makeNoteKey('w.example', COSIGNED)         { vkey, file, sign(text, time) }
//   const time = cosignedAt(line, vkey, text)              throws when it does not verify
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { makeFolder } from './folder.mjs'
import { leafHash, rootOf, sha256 } from './log.mjs'

export const SIGNED = 1
export const COSIGNED = 4
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

// Of the test file: what one test makes, a server of the file may need in the next.
const directory = makeFolder('witness')
export const folder = () => mkdtempSync(`${directory}/`)

export function makeNoteKey(name, kind = SIGNED) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const material = Buffer.concat([Buffer.of(kind), publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI.length)])
  const id = sha256(name, '\n', material).subarray(0, 4)
  const file = `${folder()}/key.pem`
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const line = bytes => `\u2014 ${name} ${Buffer.concat([id, bytes]).toString('base64')}\n`
  return {
    name, file, line, vkey: `${name}+${id.toString('hex')}+${material.toString('base64')}`,
    sign(text, time = Math.floor(Date.now() / 1000)) {
      if (kind === SIGNED) return line(sign(null, Buffer.from(text), privateKey))
      const stamp = Buffer.alloc(8)
      stamp.writeBigUInt64BE(BigInt(time))
      return line(Buffer.concat([stamp, sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), privateKey)]))
    }
  }
}

// The time of a cosignature line, verified.
export function cosignedAt(line, vkey, text) {
  const [name, id, ...rest] = vkey.split('+')
  const material = Buffer.from(rest.join('+'), 'base64')
  assert.equal(material[0], COSIGNED)
  const [, named, blob] = line.match(/^\u2014 (\S+) ([A-Za-z0-9+/=]+)\n$/)
  const bytes = Buffer.from(blob, 'base64')
  assert.deepEqual([named, bytes.subarray(0, 4).toString('hex'), bytes.length], [name, id, 76])
  const time = bytes.readBigUInt64BE(4)
  const key = createPublicKey({ key: Buffer.concat([SPKI, material.subarray(1)]), format: 'der', type: 'spki' })
  assert.ok(verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key, bytes.subarray(12)), 'the cosignature does not verify')
  return Number(time)
}

export const textOf = note => note.slice(0, note.lastIndexOf('\n\n') + 1)

// RFC 6962 2.1.2.
function subproof(from, leaves, whole) {
  if (from === leaves.length) return whole ? [] : [rootOf(leaves)]
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return from <= half
    ? [...subproof(from, leaves.slice(0, half), whole), rootOf(leaves.slice(half))]
    : [...subproof(from - half, leaves.slice(half), false), rootOf(leaves.slice(0, half))]
}

export class FakeLog {
  constructor(origin, { key = makeNoteKey(origin), leaves = [] } = {}) {
    Object.assign(this, { origin, key, leaves })
  }

  grow(count) {
    for (let i = 0; i < count; i++) this.leaves.push(leafHash(randomBytes(16)))
    return this
  }

  // The same key and the same first leaves: another history from here on.
  fork(size = this.leaves.length) { return new FakeLog(this.origin, { key: this.key, leaves: this.leaves.slice(0, size) }) }

  get size() { return this.leaves.length }
  text(size = this.size) { return `${this.origin}\n${size}\n${rootOf(this.leaves.slice(0, size)).toString('base64')}\n` }
  note(size = this.size, key = this.key) { return `${this.text(size)}\n${key.sign(this.text(size))}` }
  proof(from, size = this.size) { return from === 0 ? [] : subproof(from, this.leaves.slice(0, size), true).map(hash => hash.toString('base64')) }
  submission(from, size = this.size, note = this.note(size)) { return submission(from, this.proof(from, size), note) }
}

export const submission = (old, proof, note) => `old ${old}\n${proof.map(hash => hash + '\n').join('')}\n${note}`
export const aHash = () => randomBytes(32).toString('base64')

// The file of --log-witnesses.
export function witnessFile(...witnesses) {
  const file = `${folder()}/witnesses`
  writeFileSync(file, ['# verifier key, address', '', ...witnesses.map(({ vkey, url }) => `${vkey} ${url}`)].join('\n') + '\n')
  return file
}
