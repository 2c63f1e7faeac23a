// What an auditor can show with nothing but what the log has given away and a verifier key: samsyn log verify.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeFolder } from '../support/folder.mjs'
import { makeLog, sealed } from '../support/log.mjs'
import { acting, logged } from '../support/story.mjs'
import { BINARY, cloneDatabase, command, sql, startServer } from '../support/server.mjs'
import { insertEvents, UNSEAL, whole } from '../support/tampering.mjs'

const directory = makeFolder('verify')
const log = makeLog()
const server = await startServer({ options: log.options, manual: true })

let files = 0
function keep(text) {
  const path = `${directory}/${++files}.ndjson`
  writeFileSync(path, text)
  return path
}
const verify = (file, ...more) => command('log', 'verify', file, '--verifier-key', log.verifier, ...more)
const verifyText = (text, ...more) => verify(keep(text), ...more)
const exported = async (from, query = {}) => (await acting(from, 'social-auditor').call('exportAccessEvents', { query: { proofs: true, ...query } },
  { headers: { Accept: 'application/x-ndjson' }, status: 200 })).text
const sizeOf = text => Number(JSON.parse(text.slice(0, text.indexOf('\n'))).checkpoint.split('\n')[1])
const shown = run => Number(run.stdout.match(/^result +\w+: (\d+) of/m)?.[1])

async function work() {
  for (let i = 0; i < 5; i++) await acting(server, 'social-case-worker').get('/cases', { status: 200 })
  await acting(server, 'social-case-worker').get('/cases/0193a5b0-7c1e-7a11-8a11-000000000000', { status: 404 })
  return sealed(server)
}

await work()
await server.sql(insertEvents(1, 600))
await work()
const early = await exported(server)
const [{ id: event }] = await logged(server, await acting(server, 'social-case-worker').get('/cases', { status: 200 }))
await work()
const late = await exported(server, { since: sizeOf(early) })
const proof = (await acting(server, 'social-auditor').call('getEventProof', { path: { accessEventId: event } }, { status: 200 })).text
await server.stop()

test('an export is shown to be of the log, and to continue the one before', async () => {
  for (const [text, more] of [[early, []], [late, []], [late, ['--checkpoint', keep(early)]]]) {
    const run = await verifyText(text, ...more)

    assert.equal(run.status, 0, run.stderr)
    assert.equal(run.stderr, '')
    assert.equal(shown(run), text.trimEnd().split('\n').length - 2)
    assert.match(run.stdout, new RegExp(`^log +${log.origin}$`, 'm'))
    assert.match(run.stdout, new RegExp(`^size +${sizeOf(text)}$`, 'm'))
    assert.ok(run.stdout.includes(log.verifier))
    assert.match(run.stdout, /^not sealed +\w+Name\n +\w+Name$/m)
    if (text === late) assert.match(run.stdout, new RegExp(`^continues +the log of ${sizeOf(early)} entries$`, 'm'))
  }
})

test('keys may stand in a file, and the export may come through a pipe', async () => {
  const keys = `${directory}/keys`
  writeFileSync(keys, `# of the log\n${log.verifier}\n`)
  const child = spawn(BINARY, ['log', 'verify', '-', '--verifier-key', keys], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(late)
  let out = ''
  child.stdout.on('data', chunk => { out += chunk })

  assert.equal(await new Promise(resolve => child.on('close', resolve)), 0)
  assert.match(out, /^result +good/m)
})

test('the proof of an event is shown, and not when it is changed', async () => {
  const [, extra] = proof.match(/^extra (.*)$/m)
  const changed = JSON.parse(Buffer.from(extra, 'base64'))
  changed.event.operation = 'getCase'

  const good = await verifyText(proof)
  const bad = await verifyText(proof.replace(extra, Buffer.from(JSON.stringify(changed)).toString('base64')))

  assert.equal(good.status, 0, good.stderr)
  assert.match(good.stdout, /^result +good: 1 of 1 events/m)
  assert.equal(bad.status, 1)
  assert.match(bad.stderr, /what the line says is not what is in the log at that place/)
})

const lines = late.trimEnd().split('\n')
const middle = Math.floor(lines.length / 2)
const withLine = (at, change) => [...lines.slice(0, at), change(lines[at]), ...lines.slice(at + 1)].join('\n') + '\n'
const asJson = change => line => { const value = JSON.parse(line); change(value); return JSON.stringify(value) }

const TAMPERED = {
  'another outcome': [withLine(middle, asJson(({ event }) => { event.outcome = 'denied'; event.code = 'NOT_FOUND' })), middle],
  'another reader': [withLine(middle, asJson(({ event }) => { event.userId = '0193a5b0-7c1e-7a11-8a11-000000000000' })), middle],
  'another time': [withLine(middle, asJson(({ event }) => { event.at = event.at.replace('Z', '1Z') })), middle],
  'a subject more': [withLine(middle, asJson(({ event }) => { event.subjectIds.push('0193a5b0-7c1e-7a11-8a11-000000000000') })), middle],
  'another index': [withLine(middle, asJson(line => { line.index -= 1 })), middle],
  'a proof without its last hash': [withLine(middle, asJson(({ proof: hashes }) => { hashes.pop() })), middle],
  'a line that is none': [withLine(middle, () => 'x'), middle],
  'a line gone': [withLine(middle, () => '').replace('\n\n', '\n'), lines.length - 2],
  'a line twice': [withLine(middle, line => `${line}\n${line}`), middle + 1],
  'two lines the other way round': [withLine(middle, line => `${lines[middle + 1]}\n${line}`), middle + 1],
  'no header': [lines.slice(1).join('\n') + '\n', 0],
  'another root': [withLine(0, asJson(header => { header.checkpoint = header.checkpoint.replace(/(?<=^.*\n\d+\n)./, c => c === 'A' ? 'B' : 'A') })), 0],
  'a smaller size': [withLine(0, asJson(header => { header.checkpoint = header.checkpoint.replace(/(?<=^.*\n)\d+/, size => size - 1) })), 0],
  'another origin': [withLine(0, line => line.replaceAll(log.origin, 'elsewhere.example/log')), 0],
  'another beginning': [withLine(0, asJson(({ since }) => { since.proof[0] = since.proof.at(-1).replace(/^./, c => c === 'A' ? 'B' : 'A') })), 0]
}

for (const [name, [text, line]] of Object.entries(TAMPERED)) {
  test(`an export with ${name} is wrong, and the line is named`, async () => {
    const run = await verifyText(text)

    assert.equal(run.status, 1, run.stdout)
    assert.match(run.stderr, new RegExp(`^line ${line + 1}: `))
    assert.match(run.stdout, /^result +WRONG/m)
  })
}

test('an export that was cut is wrong', async () => {
  for (const length of [0, 10, lines[0].length + 1, late.length - lines.at(-1).length - 1, late.length - 1]) {
    const run = await verifyText(late.slice(0, length))

    assert.equal(run.status, 1)
    assert.match(run.stderr, /cut|empty/)
  }
})

test('whoever is not given is not believed', async () => {
  const other = makeLog(log.origin)
  const run = await command('log', 'verify', keep(late), '--verifier-key', other.verifier)

  assert.equal(run.status, 1)
  assert.match(run.stderr, /^line 1: the checkpoint is signed by none of the given keys/)
  assert.match(run.stdout, /nothing is shown/)
})

// What a superuser of the database makes of the log, seen from the export that an auditor took before.
async function forge(change, options, more = {}) {
  const copy = await cloneDatabase(server.database)
  await sql(copy, `set session_replication_role = replica; create table public.kept as select * from samsyn.log_signatures; ${change} ${UNSEAL}`)
  const forger = await startServer({ database: copy, options, manual: true, ...more })
  await whole(forger)
  return forger
}
const EDIT = `update samsyn.access_events set user_id = samsyn.uuid7() where id = '${event}';`

test('a log made anew by whoever has the key is good by itself, and wrong by the export that was taken before', async () => {
  const forger = await forge(EDIT, { ...log.options, logMemory: `${directory}/memory` })
  await sealed(forger)
  const forged = await exported(forger)
  await forger.sql(insertEvents(1, 3))
  await sealed(forger)
  const kept = keep(late)
  const since = await exported(forger, { since: sizeOf(forged) })
  await forger.stop()

  assert.equal((await verifyText(forged)).status, 0)
  assert.equal((await verifyText(since)).status, 0)
  for (const text of [forged, since]) {
    const run = await verifyText(text, '--checkpoint', kept)
    assert.equal(run.status, 1)
    assert.match(run.stderr, /kept/)
  }
})

test('a log made anew by whoever has no key, with the old signatures put back, is wrong by itself', async () => {
  const forger = await forge(EDIT, log.options, { tolerate: ['checkpoint-refused'] })
  await forger.until(() => forger.log('checkpoint-refused').length > 0)
  const [{ size }] = await forger.sql('select max(size) as size from public.kept')
  await forger.sql(`set session_replication_role = replica;
    insert into samsyn.log_trees select ${size}, root, last_txid, last_id from samsyn.log_trees order by size desc limit 1 on conflict do nothing;
    insert into samsyn.log_signatures select * from public.kept where size = ${size}`)
  const text = await exported(forger)
  await forger.stop()

  const run = await verifyText(text)

  assert.equal(run.status, 1)
  assert.match(run.stderr, /^line 1: the signature of \S+ does not verify$/m)
})

test('what cannot be checked is a status of its own', async () => {
  const file = keep(late), key = ['--verifier-key', log.verifier]
  for (const [args, why] of [
    [key, /--input is needed/],
    [[file], /--verifier-key is needed/],
    [['/nowhere', ...key], /\/nowhere/],
    [[file, '--verifier-key', '/nowhere'], /neither a verifier key nor a file/],
    [[file, '--verifier-key', file], /--verifier-key/],
    [[file, ...key, '--checkpoint', keep('{"x":1}\n')], /there is no checkpoint in its first line/],
    [[file, ...key, '--witnesses', '1'], /there are keys of 0 witnesses/],
    [[file, file, ...key], /given twice/]
  ]) {
    const run = await command('log', 'verify', ...args)

    assert.equal(run.status, 2, run.stderr)
    assert.match(run.stderr, why)
    assert.equal(run.stdout, '')
  }
})
