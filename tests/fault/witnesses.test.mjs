// Logs and their witnesses together: two servers that guard each other, one that forks, one that is killed, one that is
// set back, and witnesses that are away, slow or lie. Cosignatures are verified by node:crypto.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { contract } from '../support/contract.mjs'
import { makeLog, sealed } from '../support/log.mjs'
import { cloneDatabase, command, conninfo, startServer } from '../support/server.mjs'
import { whileHolding } from '../support/session.mjs'
import { cosignedAt, COSIGNED, FakeLog, folder, makeNoteKey, textOf, witnessFile } from '../support/witness.mjs'

const submissionPrefix = server => server.url + contract().basePath + '/witness'

const SCHOOL = { log: makeLog('school.example/log'), witness: makeNoteKey('school.example/witness', COSIGNED) }
const REGION = { log: makeLog('region.example/log'), witness: makeNoteKey('region.example/witness', COSIGNED) }
const optionsOf = ({ log, witness }) => ({ ...log.options, witnessKey: witness.file, witnessName: witness.name })
const guardedBy = (who, server) => witnessFile({ vkey: who.witness.vkey, url: submissionPrefix(server) })

const region = await startServer({ options: optionsOf(REGION) })
const school = await startServer({ options: { ...optionsOf(SCHOOL), logWitnesses: guardedBy(REGION, region) } })

// -- what the tests say ------------------------------------------------------------------------------------------------------

async function restart(server, options) {
  await server.kill()
  Object.assign(server.options, options)
  await server.start()
}

async function grow(server, events = 1) {
  for (let i = 0; i < events; i++) await server.as('social-auditor').get('/access-events', { query: { limit: 1 }, status: 200 })
  return sealed(server)
}

const watch = (server, { log }) =>
  server.as('system-admin').post('/witnessed-logs', { origin: log.origin, verifierKeys: [log.verifier], description: 'Guarded.' }, { status: 201 })

// Waits until the witness has cosigned at least what is there now; returns the checkpoint and its size.
async function cosigned(server, witness) {
  const size = await sealed(server)
  const row = await server.until(async () => {
    const [found] = await server.sql(`select s.size::integer as size, s.line, samsyn.checkpoint(s.size) as note from samsyn.log_signatures s
      where s.name = '${witness.name}' and s.size >= ${size} order by s.size desc limit 1`)
    return found
  })
  const age = Math.abs(Date.now() / 1000 - cosignedAt(row.line, witness.vkey, textOf(row.note)))
  assert.ok(age < 600 && row.note.endsWith(row.line))
  return row
}

const known = async (server, { log }) => (await server.sql(`select id, size::integer as size, checkpoint from samsyn.witnessed_logs where origin = '${log.origin}'`))[0]
const conflicts = (server, kind) => server.sql(`select * from samsyn.log_conflicts where kind = '${kind}'`)
const metric = async (server, name, witness) =>
  Number((await server.management('/metrics')).text.match(new RegExp(`^samsyn_${name}\\{witness="${witness}"\\} (\\d+)$`, 'm'))?.[1])

// -- two that guard each other -----------------------------------------------------------------------------------------------

test('a school and a region guard each other, as soon as each has agreed to', async () => {
  await grow(school)
  await school.until(() => school.log('witness-failed').some(line => line.reason.includes('404')))
  await restart(region, { logWitnesses: guardedBy(SCHOOL, school) })

  await watch(region, SCHOOL)
  await watch(school, REGION)
  const ofSchool = await cosigned(school, REGION.witness)
  const ofRegion = await cosigned(region, SCHOOL.witness)

  assert.ok((await known(region, SCHOOL)).size >= ofSchool.size)
  assert.ok((await known(school, REGION)).size >= ofRegion.size)
  await school.until(async () => await metric(school, 'log_witness_size', REGION.witness.name) >= ofSchool.size)
  assert.equal(await metric(school, 'log_witness_refused', REGION.witness.name), 0)
  assert.ok(await metric(school, 'log_witness_failures_total', REGION.witness.name) >= 1)
})

test('every checkpoint is followed while both go on', async () => {
  let before = 0
  for (let i = 0; i < 3; i++) {
    await grow(school, 5)
    const { size } = await cosigned(school, REGION.witness)
    assert.ok(size > before)
    before = size
  }
  assert.deepEqual(await region.sql('select 1 from samsyn.log_conflicts'), [])
})

test('what one cosigns for another is kept through kill -9 of either', async () => {
  await restart(school)
  await restart(region)

  await grow(school)
  const { size } = await cosigned(school, REGION.witness)

  assert.ok((await known(region, SCHOOL)).size >= size)
  assert.deepEqual([await conflicts(school, 'behind'), await conflicts(school, 'refused')], [[], []])
})

// -- a fork ------------------------------------------------------------------------------------------------------------------

test('a copy of the database that goes its own way, with the same key, is refused and reported on both sides', async () => {
  await school.kill()
  const copy = await cloneDatabase(school.database)
  await school.start()
  await grow(school, 30)
  const { size } = await cosigned(school, REGION.witness)
  const forked = await startServer({ database: copy, tolerate: ['witness-refused'], options: { ...school.options, logMemory: `${folder()}/memory` } })

  await grow(forked)
  const [ahead] = await forked.until(async () => (found => found.length > 0 && found)(await conflicts(forked, 'ahead')))
  assert.equal(await metric(forked, 'log_witness_refused', REGION.witness.name), 1)
  await grow(forked, 60)
  const [refused] = await forked.until(async () => (found => found.length > 0 && found)(await conflicts(forked, 'refused')))

  assert.ok(ahead.kept_size >= size && ahead.size < ahead.kept_size)
  assert.deepEqual([refused.witness, refused.origin], [REGION.witness.name, SCHOOL.log.origin])
  const [seen] = await conflicts(region, 'inconsistent')
  assert.deepEqual([seen.origin, seen.checkpoint, seen.proof], [SCHOOL.log.origin, refused.checkpoint, refused.proof])
  assert.equal((await known(region, SCHOOL)).checkpoint, seen.kept_checkpoint)
  await region.until(() => region.log('log-conflict').some(line => line.level === 'security' && line.kind === 'inconsistent'))
  assert.ok(forked.log('witness-refused').every(line => line.level === 'error' && line.name === REGION.witness.name))
  const listed = await region.as('social-auditor').get('/log-conflicts', { status: 200 })
  assert.deepEqual(listed.body.logConflicts.map(one => one.kind), ['inconsistent'])

  await grow(school)
  await cosigned(school, REGION.witness)
})

// -- a witness that is set back or killed ------------------------------------------------------------------------------------

test('a witness restored from an older backup is told apart, and follows again', async () => {
  const backup = await known(region, SCHOOL)
  const [{ root }] = await region.sql(`select encode(root, 'hex') as root from samsyn.witnessed_logs where id = '${backup.id}'`)
  await grow(school, 3)
  const before = await cosigned(school, REGION.witness)
  await region.sql(`update samsyn.witnessed_logs set size = ${backup.size}, root = decode('${root}', 'hex'), checkpoint = $$${backup.checkpoint}$$ where id = '${backup.id}'`)

  await grow(school)
  await cosigned(school, REGION.witness)

  const [found] = await conflicts(school, 'behind')
  assert.deepEqual([found.witness, found.kept_size], [REGION.witness.name, backup.size])
  assert.ok(found.kept_checkpoint.startsWith(textOf(before.note)))
  await school.until(() => school.log('witness-set-back').some(line => line.level === 'security' && line.name === REGION.witness.name))
})

test('a witness killed between commit and reply has cosigned, and says so when asked again', async () => {
  const log = new FakeLog('fake.example/log').grow(3)
  await watch(region, { log: { origin: log.origin, verifier: log.key.vkey } })
  const send = from => region.anonymous().post('/witness/add-checkpoint', undefined, { raw: log.submission(from) })
  assert.equal((await send(0)).status, 200)
  log.grow(5)

  const waits = () => region.sql(`select 1 from pg_stat_activity where datname = '${region.database}' and wait_event_type = 'Lock' and query like '%keep_checkpoint%'`)
  await whileHolding(region.database, `select from samsyn.witnessed_logs where origin = '${log.origin}' for update`, async () => {
    const lost = send(3).then(() => 'answered', () => 'lost')
    await region.until(async () => (await waits()).length > 0)
    await region.kill()
    assert.equal(await lost, 'lost')
  })
  await region.until(async () => (await known(region, { log })).size === 8)
  await region.start()

  const told = await send(3)
  assert.deepEqual([told.status, told.text], [409, '8\n'])
  const again = await send(8)
  assert.equal(again.status, 200)
  cosignedAt(again.text, REGION.witness.vkey, log.text())
})

// -- witnesses that do not do what they should ---------------------------------------------------------------------------------

const now = () => Math.floor(Date.now() / 1000)
const text = (response, status, type, body) => response.writeHead(status, { 'Content-Type': type }).end(body)
const cosign = (key, time) => (response, { note }) => text(response, 200, 'text/plain', key.sign(textOf(note), time?.()))
const says = (status, type, body) => response => text(response, status, type, typeof body === 'function' ? body() : body)

// How each answers, and what is said of it.
const LIES = {
  'wrong-key': [() => cosign(makeNoteKey('wrong-key.example', COSIGNED)), /no valid cosignature/],
  'wrong-text': [key => response => text(response, 200, 'text/plain', key.sign('another text\n')), /no valid cosignature/],
  'bent': [key => (response, { note }) => text(response, 200, 'text/plain', key.sign(textOf(note)).replace(/.{6}\n$/, 'AAAA=\n')), /not signature lines|no valid cosignature/],
  'future': [key => cosign(key, () => now() + 7200), /time of the cosignature/],
  'past': [key => cosign(key, () => now() - 7200), /time of the cosignature/],
  'huge': [() => says(200, 'text/plain', () => randomBytes(1 << 20)), /larger/],
  'garbage': [() => says(200, 'text/plain', () => randomBytes(500)), /not signature lines/],
  'smuggler': [key => (response, { note }) => text(response, 200, 'text/plain', `\n${key.sign(textOf(note))}`), /not signature lines/],
  'empty': [() => says(200, 'text/plain', ''), /not signature lines/],
  'redirect': [() => response => response.writeHead(307, { Location: '/honest/add-checkpoint' }).end(), /status 307/],
  'undecided': [() => (response, { old }) => text(response, 409, 'text/x.tlog.size', old === 0 ? '1\n' : '0\n'), /cannot decide/],
  'sizeless': [() => says(409, 'text/x.tlog.size', '1\n2\n'), /status 409/],
  'ahead': [() => says(409, 'text/x.tlog.size', '9223372036854775807\n'), /cosigned more/],
  'stubborn': [() => says(422, 'text/plain', 'no'), /another history/],
  'slow': [() => () => {}, /cannot be fetched/]
}

// Witnesses of these names in one server, each asked under its own path. `asked` are the requests that it has got.
async function startWitnesses(answers) {
  const asked = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const [, name] = request.url.split('/')
    asked.push({ name, url: request.url, type: request.headers['content-type'], body })
    answers[name](response, { old: Number(body.match(/^old (\d+)\n/)[1]), note: body.slice(body.indexOf('\n\n') + 2) })
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => { server.closeAllConnections(); server.close() })
  return { asked, url: name => `http://127.0.0.1:${server.address().port}/${name}` }
}

test('no lie is kept, no silence delays, and who is honest is believed', async () => {
  const keys = Object.fromEntries(['honest', ...Object.keys(LIES)].map(name => [name, makeNoteKey(`${name}.example`, COSIGNED)]))
  const answers = Object.fromEntries(Object.entries(LIES).map(([name, [answer]]) => [name, answer(keys[name])]))
  const witnesses = await startWitnesses({ ...answers, honest: cosign(keys.honest) })
  const list = witnessFile(...Object.keys(keys).reverse().map(name => ({ vkey: keys[name].vkey, url: witnesses.url(name) })))
  const log = makeLog('lied-to.example/log')
  const server = await startServer({ options: { ...log.options, logWitnesses: list }, tolerate: ['witness-refused'] })

  await grow(server)
  await cosigned(server, keys.honest)
  for (let i = 0; i < 5; i++) await grow(server)
  const complaints = name => server.log().filter(line => ['witness-failed', 'witness-refused'].includes(line.event) && line.name === `${name}.example`)
  for (const [name, [, reason]] of Object.entries(LIES)) {
    // Whoever answers too late for the server is complained of for that, and is asked again.
    await server.until(() => complaints(name).some(line => reason.test(line.reason)))
    for (const line of complaints(name)) assert.match(line.reason, new RegExp(`${reason.source}|cannot be fetched: Timeout`), name)
    assert.ok(await metric(server, 'log_witness_failures_total', `${name}.example`) >= 1, name)
  }

  const kept = await server.sql(`select distinct s.name from samsyn.log_signatures s join samsyn.log_keys k using (name, key_id) where k.kind = 'witness'`)
  assert.deepEqual(kept, [{ name: 'honest.example' }])
  assert.deepEqual((await server.sql('select kind, witness from samsyn.log_conflicts')).map(one => `${one.witness} ${one.kind}`).sort().filter((one, i, all) => one !== all[i - 1]),
    ['ahead.example ahead', 'stubborn.example refused'])
  assert.deepEqual([...new Set(witnesses.asked.map(one => one.type))], ['text/plain; charset=utf-8'])
  assert.ok(witnesses.asked.every(one => one.url === `/${one.name}/add-checkpoint`))
})

test('a witness that was away is asked again, and two nodes ask it one at a time', async t => {
  const key = makeNoteKey('late.example', COSIGNED)
  let [away, busy, most] = [true, 0, 0]
  const witnesses = await startWitnesses({ late(response, { note }) {
    if (away) return response.destroy()
    most = Math.max(most, ++busy)
    setImmediate(() => { busy--; text(response, 200, 'text/plain', key.sign(textOf(note))) })
  } })
  const log = makeLog('two-nodes.example/log')
  const list = witnessFile({ vkey: key.vkey, url: witnesses.url('late') })
  const one = await startServer({ options: { ...log.options, logWitnesses: list } })
  const other = await startServer({ database: one.database, options: { ...log.options, logMemory: `${folder()}/memory`, logWitnesses: list } })
  await grow(one)
  await one.until(() => one.log('witness-failed').length + other.log('witness-failed').length > 0)

  const failures = async () => await metric(one, 'log_witness_failures_total', 'late.example') + await metric(other, 'log_witness_failures_total', 'late.example')
  const before = await failures()
  away = false
  witnesses.asked.length = 0
  for (let i = 0; i < 4; i++) {
    await grow(i % 2 ? one : other)
    await cosigned(one, key)
  }

  const bodies = witnesses.asked.map(request => request.body)
  const twice = bodies.length - new Set(bodies).size
  if (await failures() === before) assert.deepEqual({ most, twice }, { most: 1, twice: 0 })
  else t.diagnostic('this machine was too slow for a witness to be asked in time: it was asked again')
})

test('a server does not start with what it cannot use', async () => {
  const log = makeLog('start.example/log')
  const signed = Object.entries(log.options).flatMap(([name, value]) => [`--${name.replace(/[A-Z]/g, letter => '-' + letter.toLowerCase())}`, value])
  const refusal = async (...args) => {
    const ended = await command('serve', '--database', conninfo(school.database), '--listen', '127.0.0.1:0', '--management', '127.0.0.1:0',
      '--development-key', `${school.directory}/key.pem`, ...args)
    assert.equal(ended.status, 1)
    return ended.stderr
  }
  const key = makeNoteKey('w.example', COSIGNED)
  const good = { vkey: key.vkey, url: 'https://w.example/' }

  for (const [witnesses, why] of [
    [[good, good], /:4: the witness is there already/], [[{ vkey: makeNoteKey('w.example').vkey, url: good.url }], /:3: the key is not one of cosignatures/],
    [[{ vkey: key.vkey, url: 'http://w.example/' }], /:3: must be https/], [[{ vkey: key.vkey, url: '' }], /:3: must be a verifier key and a URL/]
  ]) assert.match(await refusal(...signed, '--log-witnesses', witnessFile(...witnesses)), why)
  assert.match(await refusal(...signed, '--log-witnesses', '/nowhere/witnesses'), /No such file/)
  assert.match(await refusal('--log-witnesses', witnessFile(good)), /--log-witnesses needs --log-keys/)
  for (const one of [['--witness-key', key.file], ['--witness-name', 'w.example']]) assert.match(await refusal(...one), /--witness-key and --witness-name go together/)
})
