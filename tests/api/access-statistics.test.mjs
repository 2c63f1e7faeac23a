// Access statistics: how much is read, in numbers and as a picture.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { ALVA, SOCIAL, SOCIAL_UNIT, day, userId } from '../support/demo.mjs'
import { acting, deniedOnce, logged, openCase } from '../support/story.mjs'
import { readPast } from '../support/reviews.mjs'
import { refused } from '../support/client.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const manager = acting(server, 'social-manager')
const JANUARY = { from: '2026-01-05', until: '2026-01-11' }

// Readings of a week, of two units, with refusals; the same whether the days are counted or not.
await readPast(server, 'social-case-worker', [ALVA], '2026-01-05T10:00:00Z', { times: 12 })
await readPast(server, 'social-manager', [ALVA], '2026-01-07T23:30:00Z', { times: 4 })
await readPast(server, 'social-case-worker', [ALVA], '2026-01-09T10:00:00Z', { times: 6, code: 'NOT_FOUND' })
await server.sql('delete from samsyn.access_counted; delete from samsyn.access_counts')

const numbers = async (query, by = auditor) => (await by.get('/access-statistics', { query: { ...JANUARY, ...query }, status: 200 })).body
const lines = ({ days }) => days.map(one => `${one.day} ${one.activity} ${one.outcome} ${one.events}`)
const ALL = ['2026-01-05 read allowed 12', '2026-01-08 read allowed 4', '2026-01-09 read denied 6']

async function picture(query, { by = auditor, language = 'en' } = {}) {
  const reply = await by.get('/access-statistics/picture', { query: { ...JANUARY, ...query }, headers: { Accept: 'image/svg+xml', 'Accept-Language': language }, status: 200 })
  assert.equal(reply.headers['content-type'], 'image/svg+xml')
  assert.equal(reply.headers['content-language'], language)
  assert.equal(XMLValidator.validate(reply.text), true)
  const { svg } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(reply.text)
  return { text: reply.text, svg, reply }
}

test('accesses are counted by day in Sweden, by unit, activity and outcome', async () => {
  const all = await numbers()

  assert.deepEqual(lines(all), ALL)
  assert.deepEqual([all.exact, all.total, all.organisationId], [true, 22, SOCIAL])
  assert.deepEqual(all.units.map(one => [one.unitId, one.activity, one.outcome, one.events]), [[SOCIAL_UNIT, 'read', 'allowed', 16], [SOCIAL_UNIT, 'read', 'denied', 6]])
  assert.deepEqual(lines(await numbers({ outcome: 'denied' })), ALL.slice(2))
  assert.deepEqual(lines(await numbers({ activity: 'write' })), [])
  assert.deepEqual(lines(await numbers({ unitId: SOCIAL_UNIT, from: '2026-01-08', until: '2026-01-08' })), ALL.slice(1, 2))
  assert.deepEqual(lines(await numbers({}, acting(server, 'school-auditor'))), [])
})

test('days that are over and counted say what the log says', async () => {
  await server.sql('select samsyn.count_access(3600000)')
  const [counted] = await server.sql(`select through >= '2026-01-11' as it from samsyn.access_counted where organisation_id = '${SOCIAL}'`)

  assert.equal(counted.it, true)
  assert.deepEqual(lines(await numbers()), ALL)
  const today = await numbers({ from: day(), until: day() })
  assert.ok(today.total > 0, 'today is counted as it goes')
})

test('whoever may not read the log is told no number under five', async () => {
  const told = await numbers({}, manager)

  assert.deepEqual(lines(told), [ALL[0], ALL[2]])
  assert.deepEqual([told.exact, told.total], [false, 18])
  assert.match((await picture({}, { by: manager })).text, /Left out: numbers under five, and the present day\./)
  assert.doesNotMatch((await picture()).text, /Left out/)
})

// What a manager may ask about a day, a unit, an activity and an outcome, in every combination; and the week as a whole.
test('no two answers differ by a number under five, and none tells that there is one', async () => {
  const hidden = { from: '2026-01-08', until: '2026-01-08', activity: 'read', outcome: 'allowed', unitId: SOCIAL_UNIT }
  const whole = await numbers({}, manager)
  assert.equal(whole.total, whole.days.reduce((sum, one) => sum + one.events, 0))
  assert.equal(whole.total, whole.units.reduce((sum, one) => sum + one.events, 0))

  for (let kept = 0; kept < 32; kept++) {
    const query = Object.fromEntries(Object.entries(hidden).filter((_, i) => kept & (1 << i)))
    const narrow = await numbers(query, manager)
    const empty = await numbers({ from: '2026-01-06', until: '2026-01-06', ...query, ...(query.from && { from: '2026-01-06' }), ...(query.until && { until: '2026-01-06' }) }, manager)
    assert.ok(whole.total - narrow.total === 0 || whole.total - narrow.total >= 5, JSON.stringify(query))
    if (query.from && query.until) assert.deepEqual([narrow.total, narrow.days, narrow.units, Object.keys(narrow)], [0, [], [], Object.keys(empty)], 'four readings look like none')
  }
})

test('who adds to a small number learns nothing of the rest of it', async () => {
  // The four of 8 January, who are joined by seven readings of the manager's own.
  const day8 = { from: '2026-01-08', until: '2026-01-08' }
  await readPast(server, 'social-manager', [ALVA], '2026-01-14T10:00:00Z', { times: 7 })
  await readPast(server, 'social-case-worker', [ALVA], '2026-01-14T11:00:00Z', { times: 4 })
  await readPast(server, 'social-manager', [ALVA], '2026-01-15T10:00:00Z', { times: 7 })
  await readPast(server, 'social-case-worker', [ALVA], '2026-01-15T11:00:00Z', { times: 5 })
  await server.sql('delete from samsyn.access_counted; delete from samsyn.access_counts')
  const week = { from: '2026-01-14', until: '2026-01-15' }

  assert.deepEqual(lines(await numbers(week)), ['2026-01-14 read allowed 11', '2026-01-15 read allowed 12'])
  assert.deepEqual(lines(await numbers(week, manager)), ['2026-01-15 read allowed 12'])
  assert.deepEqual(lines(await numbers(day8, manager)), [])
})

test('a manager is told nothing of a day that goes on: two looks would show what was done between them', async () => {
  for (let n = 0; n < 6; n++) await acting(server, 'social-case-worker').get('/cases', { status: 200 })
  const today = { from: day(), until: day() }

  assert.ok((await numbers(today)).total >= 6)
  assert.deepEqual([(await numbers(today, manager)).total, (await numbers({ from: day(-1), until: day(1) }, manager)).days.filter(one => one.day >= day())], [0, []])
})

test('being excluded from a child does not show a manager how much it was read about', async () => {
  const before = await numbers({}, manager)
  const caseId = await openCase(server)
  await manager.post(`/cases/${caseId}/exclusions`, { userId: userId('social-manager'), kind: 'kinship', reason: 'An aunt.' }, { status: 201 })

  assert.deepEqual(lines(await numbers({}, manager)), lines(before))
})

test('the picture says in words and bars what the numbers say, in two languages', async () => {
  const { svg, text } = await picture()

  assert.equal(svg.title['#text'], 'Accesses by day, Socialnämnden i Granby, 2026-01-05 to 2026-01-11')
  assert.equal(svg.desc['#text'], 'A bar for each of 7 days, stacked by activity. 22 accesses: read 16, refused 6. Most on 2026-01-05: 12.')
  assert.equal(svg['aria-labelledby'], `${svg.title.id} ${svg.desc.id}`)
  assert.deepEqual([svg.role, svg['xml:lang'], svg.xmlns], ['img', 'en', 'http://www.w3.org/2000/svg'])
  const bars = [svg.g.g].flat()
  assert.deepEqual(bars.map(bar => bar.title), ['2026-01-05: read 12', '2026-01-08: read 4', '2026-01-09: refused 6'])
  const heights = bars.map(bar => Number([bar.rect].flat()[0].height))
  assert.ok(Math.abs(heights[0] - 3 * heights[1]) < 0.1 && Math.abs(heights[0] - 2 * heights[2]) < 0.1, `${heights}`)
  assert.doesNotMatch(text, /<script|<style|<a |href|on[a-z]+=/)

  const swedish = await picture({}, { language: 'sv' })
  assert.equal(swedish.svg.desc['#text'], 'En stapel för var och en av 7 dagar, delad efter aktivitet. 22 åtkomster: läst 16, nekat 6. Flest 2026-01-05: 12.')
  assert.match(swedish.text, />läst: 16</)
})

test('a picture of nothing, and of a year', async () => {
  const nothing = await picture({ from: '2020-01-01', until: '2020-01-01' })
  assert.equal(nothing.svg.desc['#text'], 'There were no accesses.')
  assert.equal(nothing.svg.g.g, undefined)
  assert.equal([(await picture({ from: '2025-01-12', until: '2026-01-12' })).svg.g.g].flat().length, 3)
})

test('a name that is markup stays text', async () => {
  const unit = '01940000-0000-7000-8000-0000000009aa'
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${unit}', '${SOCIAL}', 'unit', '</title><script>alert("1")</script> & ''å'' ' || chr(1) || chr(65535) || ']]>')`)

  const { svg, text } = await picture({ unitId: unit })

  assert.match(svg.title['#text'], /<\/title><script>|&lt;\/title&gt;&lt;script&gt;/)
  assert.doesNotMatch(text, /<script/)
  assert.equal([...text].some(one => (one < ' ' && one !== '\n') || one === '\uffff'), false)
})

test('every reading is logged, and only those who may read', async () => {
  for (const [id, path] of [['getAccessStatistics', '/access-statistics'], ['getAccessStatisticsPicture', '/access-statistics/picture']]) {
    const reply = await auditor.get(path, { query: JANUARY, status: 200 })
    const [row] = await logged(server, reply)
    assert.deepEqual([row.operation, row.outcome, row.purpose, row.subject_ids], [id, 'allowed', 'audit', []])
    await deniedOnce(server, await acting(server, 'social-case-worker').get(path, { query: JANUARY }), 403, 'ROLE_NOT_ALLOWED')
    const backwards = refused(await auditor.get(path, { query: { from: JANUARY.until, until: JANUARY.from } }), 400, 'INVALID_REQUEST')
    assert.deepEqual(backwards.body.errors.map(error => error.pointer), ['/query/until'])
    refused(await auditor.get(path, { query: { from: '2025-01-01', until: '2026-01-02' } }), 400, 'INVALID_REQUEST')
    const stray = refused(await auditor.get(path, { query: { ...JANUARY, colour: 'blue' } }), 400, 'INVALID_REQUEST')
    assert.deepEqual(stray.body.errors.map(error => error.pointer), ['/query/colour'])
  }
})
