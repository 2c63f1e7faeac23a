// A month of the access log at its end: archived, verified without a database, removed; and nothing else is touched.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { archiveDue, archiveLog, listMonths, oldEvents, oldMonth, removeLog, rowsOf } from '../support/archive.mjs'
import { SOCIAL } from '../support/demo.mjs'
import { makeFolder } from '../support/folder.mjs'
import { makeLog, openCheckpoint, rootOf, sealed, sha256 } from '../support/log.mjs'
import { command, conninfo, startServer } from '../support/server.mjs'
import { acting } from '../support/story.mjs'

const MONTH = '2019-11', NEXT = '2019-12'
const directory = makeFolder('archive')
const log = makeLog()
const server = await startServer({ options: log.options })
const file = name => `${directory}/${name}.ndjson`
const write = (name, text) => { writeFileSync(file(name), text); return file(name) }
const verify = path => command('log', 'verify', path, '--verifier-key', log.verifier)
const linesOf = path => readFileSync(path, 'utf8').trimEnd().split('\n')

// November and December of a year that is past its time, of which some came in between the other's.
const EVENTS = 700
let made
async function months() {
  if (made) return made
  await oldMonth(server, MONTH)
  await oldMonth(server, NEXT)
  for (const [month, count] of [[MONTH, 550], [NEXT, 20], [MONTH, 150], [NEXT, 300]]) await oldEvents(server, month, count, { organisation: SOCIAL })
  await sealed(server)
  const result = await archiveLog(server, MONTH, file('month'))
  assert.equal(result.status, 0, result.stderr)
  made = { said: result.stdout, text: readFileSync(file('month'), 'utf8') }
  return made
}

async function leaves() {
  const rows = await server.sql("select encode(hashes, 'hex') as hashes from samsyn.log_tiles where level = 0 order by index")
  return rows.flatMap(({ hashes }) => hashes.match(/.{64}/g).map(hex => Buffer.from(hex, 'hex')))
}

// The month of the latest event.
const presentMonth = async () => (await server.sql("select to_char(max(at) at time zone 'UTC', 'YYYY-MM') as month from samsyn.access_events"))[0].month
const kept = async () => (await rowsOf(server, MONTH))['samsyn.access_events'] === EVENTS

test('an archive holds every row of the month, for its owner alone, and verifies without a database', async () => {
  const { said, text } = await months()
  const lines = text.trimEnd().split('\n').map(line => JSON.parse(line))

  assert.equal(statSync(file('month')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(directory).filter(name => name.startsWith('month')), ['month.ndjson'])
  assert.equal(said, `archived\t${MONTH}\t${EVENTS} events\tsha256 ${sha256(text).toString('hex')}\n`)
  const rows = lines.filter(line => line.row)
  const expected = await server.sql(`select e.id, l.index from samsyn.access_events e join samsyn.log_entries l using (id, at)
    where e.at >= '${MONTH}-01Z' and e.at < '${NEXT}-01Z' order by l.index`)
  assert.deepEqual(rows.map(({ row, index }) => ({ id: row.id, index })), expected)
  assert.deepEqual(lines.at(-1), { end: true, events: EVENTS, tiles: lines.filter(line => line.tile !== undefined).length })
  const verified = await verify(file('month'))
  assert.equal(verified.status, 0, verified.stderr)
  assert.match(verified.stdout, new RegExp(`good: ${EVENTS} of ${EVENTS} events`))
  const [logged] = await server.sql("select role, activity, concerned_ids from samsyn.access_events where operation = 'archiveAccessLog' order by at limit 1")
  assert.deepEqual(logged, { role: 'samsyn_retention', activity: 'export', concerned_ids: [SOCIAL] })
})

test('an archive is never written over another file, nor where none can be', async () => {
  await months()
  const there = await archiveLog(server, MONTH, write('there', 'kept'))
  const nowhere = await archiveLog(server, MONTH, `${directory}/nowhere/month`)

  assert.deepEqual([there.status, nowhere.status], [1, 1])
  assert.match(there.stderr, /is there already/)
  assert.match(nowhere.stderr, /No such file or directory/)
  assert.equal(readFileSync(file('there'), 'utf8'), 'kept')
})

test('no month is archived whose time is not over, or that is no month', async () => {
  const present = await presentMonth()
  const none = /--month: month is a month, YYYY-MM/
  for (const [month, failed, why] of [[present, 1, /is kept until/], ['2019-13', 2, none], ['2001-01', 1, /has no events/], ['2019 or', 2, none]]) {
    const { status, stderr } = await archiveLog(server, month, file('none'))
    assert.deepEqual([status, readdirSync(directory).some(name => name.startsWith('none'))], [failed, false], month)
    assert.match(stderr, why)
  }
})

test('the list of months says of each how it stands, for people and for scripts', async () => {
  await months()
  const { status, stdout, stderr } = await listMonths(server)

  assert.equal(status, 0, stderr)
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines[0], 'month\tevents\tstate\tkept until\tarchive sha256')
  assert.equal(lines.at(-1), '2 due')
  assert.deepEqual(lines.slice(1, 3), [`${MONTH}\t${EVENTS}\tdue\t2024-12-01\t-`, `${NEXT}\t320\tdue\t2025-01-01\t-`])
  const present = lines.at(-2).split('\t')
  assert.deepEqual([present[0], present[2]], [await presentMonth(), 'kept'])
  assert.ok(Number(present[1]) > 0)
})

test('every month that is due is archived at once, each once, and what is wrong with one keeps no other', async () => {
  const folder = mkdtempSync(`${directory}/due-`)
  const several = await startServer({ options: makeLog().options })
  for (const month of ['2018-01', '2018-02', '2018-03']) {
    await oldMonth(several, month)
    await oldEvents(several, month, 20)
  }
  await oldEvents(several, '2018-04', 30)
  await sealed(several)
  const before = await listMonths(several)
  await several.sql(`set session_replication_role = replica; update samsyn.access_events set operation = 'nothing' where at >= '2018-02-01Z' and at < '2018-03-01Z'`)

  const first = await archiveDue(several, folder)
  const second = await archiveDue(several, folder)
  const after = await listMonths(several)

  assert.match(before.stdout, /^2018-04\t30\tastray\t2023-05-01\t-$/m)
  assert.deepEqual(readdirSync(folder).sort(), ['2018-01.ndjson', '2018-03.ndjson', '2018-04.ndjson'])
  assert.deepEqual([first.status, second.status], [1, 1])
  for (const { stderr } of [first, second]) assert.match(stderr, /the row is not what was sealed/)
  assert.deepEqual(first.stdout.match(/^archived\t\S+/gm), ['archived\t2018-01', 'archived\t2018-03', 'archived\t2018-04'])
  assert.equal(second.stdout, ['2018-01', '2018-03', '2018-04'].map(month => `there\t${month}\t${folder}/${month}.ndjson\n`).join(''))
  assert.match(after.stdout, /^2018-04\t30\tdue\t2023-05-01\t-$/m)
  assert.equal((await removeLog(several, '2018-04', `${folder}/2018-04.ndjson`, 30)).status, 0)
  const sha = sha256(readFileSync(`${folder}/2018-04.ndjson`)).toString('hex')
  assert.match((await listMonths(several)).stdout, new RegExp(`^2018-04\t30\tremoved\t2023-05-01\t${sha}$`, 'm'))
})

test('a month that is sealed and not signed is not archived', async () => {
  const unsigned = await startServer()
  await oldMonth(unsigned, MONTH)
  await oldEvents(unsigned, MONTH, 10)
  await unsigned.until(async () => (await unsigned.sql('select from samsyn.log_trees')).length > 0)

  const { status, stderr } = await archiveLog(unsigned, MONTH, file('unsigned'))

  assert.equal(status, 1)
  assert.match(stderr, /not wholly signed/)
})

test('a month is not removed by an archive that is cut, altered, longer, of another month or of another log', async () => {
  const { text } = await months()
  const lines = text.split('\n')
  const other = await startServer({ options: makeLog().options })
  await oldMonth(other, MONTH)
  await oldEvents(other, MONTH, EVENTS)
  await sealed(other)
  assert.equal((await archiveLog(other, MONTH, file('other'))).status, 0)
  assert.equal((await archiveLog(server, NEXT, file('next'))).status, 0)
  const row = lines.findIndex(line => line.includes('"row"'))
  const swapped = [...lines]
  ;[swapped[row], swapped[row + 1]] = [lines[row + 1], lines[row]]
  const signature = lines[0].replace(/(\\u2014|\u2014) (\S+) ([A-Za-z0-9+/])/, (all, dash, name, first) => `${dash} ${name} ${first === 'A' ? 'B' : 'A'}`)
  assert.notEqual(signature, lines[0])
  const broken = {
    empty: '', word: 'nothing\n', cut: text.slice(0, -1), shorter: lines.slice(0, -2).join('\n') + '\n', half: text.slice(0, text.length / 2),
    altered: text.replace('"getCase"', '"getDuck"'), swapped: swapped.join('\n'), longer: text + '\n', more: text + text,
    renamed: text.replace(log.origin, 'other.example/log'), signature: [signature, ...lines.slice(1)].join('\n')
  }
  const files = { ...Object.fromEntries(Object.entries(broken).map(([name, bytes]) => [name, write(name, bytes)])), other: file('other'), next: file('next') }

  for (const [name, path] of Object.entries(files)) {
    const { status, stderr } = await removeLog(server, MONTH, path, EVENTS)
    assert.equal(status, 1, name)
    assert.match(stderr, /archive|checkpoint|signed/, name)
    assert.ok(await kept(), name)
  }
  const missing = await removeLog(server, MONTH, file('missing'), EVENTS)
  const miscounted = await removeLog(server, MONTH, file('month'), EVENTS - 1)
  assert.deepEqual([missing.status, miscounted.status, await kept()], [1, 1, true])
  assert.match(miscounted.stderr, /700 events and not 699/)
})

test('a row that is not what was sealed is found when its month is archived or removed', async () => {
  await months()
  const [{ id, index }] = await server.sql(`select l.id, l.index from samsyn.log_entries l where l.at >= '${MONTH}-01Z' order by l.index offset 300 limit 1`)
  const set = operation => server.sql(`set session_replication_role = replica; update samsyn.access_events set operation = '${operation}' where id = '${id}'`)
  await set('nothing')

  const archived = await archiveLog(server, MONTH, file('forged'))
  const removed = await removeLog(server, MONTH, file('month'), EVENTS)
  await set('getCase')

  for (const { status, stderr } of [archived, removed]) {
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`entry ${index}: the row is not what was sealed`))
  }
  assert.ok(await kept())
})

test('a month that is removed is gone from every table, and the log is provable as before', async () => {
  const { text } = await months()
  const auditor = acting(server, 'social-auditor')
  const before = await leaves()
  const [{ id }] = await server.sql(`select id from samsyn.access_events where at >= '${MONTH}-01Z' and at < '${NEXT}-01Z' limit 1`)
  const [{ id: later }] = await server.sql(`select id from samsyn.access_events where at >= '${NEXT}-01Z' and at < '2020-01-01Z' limit 1`)
  await auditor.get(`/access-events/${id}`, { status: 200 })

  const { status, stdout, stderr } = await removeLog(server, MONTH, file('month'), EVENTS)

  assert.equal(status, 0, stderr)
  assert.equal(stdout, `removed\t${MONTH}\t${EVENTS} events\tsha256 ${sha256(text).toString('hex')}\n`)
  for (const count of Object.values(await rowsOf(server, MONTH))) assert.equal(count, 0)
  assert.deepEqual(await server.sql(`select p.parent from samsyn.log_parts('${MONTH}-01') p where p.part is not null`), [])
  const [archive] = await server.sql("select id, month, events, encode(sha256, 'hex') as sha256, removed_by from samsyn.log_archives")
  assert.deepEqual(archive, { id: archive.id, month: `${MONTH}-01`, events: EVENTS, sha256: sha256(text).toString('hex'), removed_by: 'samsyn_retention' })
  const { body } = await auditor.get('/access-events', { query: { operation: 'removeAccessLog' }, status: 200 })
  assert.deepEqual(body.accessEvents.map(event => [event.resourceIds, event.role]), [[[archive.id], 'samsyn_retention']])

  await auditor.get(`/access-events/${id}`, { status: 404 })
  await auditor.get(`/access-events/${later}`, { status: 200 })
  await auditor.get('/access-events', { query: { until: '2020-01-01T00:00:00Z', from: '2019-01-01T00:00:00Z' }, status: 200 })
  await sealed(server)
  const checkpoint = await server.anonymous().get('/log/checkpoint', { status: 200 })
  const { size, root } = openCheckpoint(checkpoint.text, log.verifier)
  const now = (await leaves()).slice(0, size)
  assert.deepEqual(now.slice(0, before.length), before)
  assert.ok(rootOf(now).equals(root))
  assert.equal((await verify(file('month'))).status, 0)

  const audit = await command('log', 'audit', '--owner-database', conninfo(server.database, 'samsyn_owner'), '--verifier-key', log.verifier)
  assert.match(audit.stdout, new RegExp(`^archived +${EVENTS} entries.*\\n +${MONTH}, SHA-256 ${archive.sha256}$`, 'm'))
  assert.doesNotMatch(audit.stdout, /^(missing|altered|inserted|order|tree) /m, audit.stderr)

  const again = [await archiveLog(server, MONTH, file('again')), await removeLog(server, MONTH, file('month'), EVENTS)]
  for (const { status, stderr } of again) assert.match(`${status} ${stderr}`, /^1 .*has been removed/)
})
