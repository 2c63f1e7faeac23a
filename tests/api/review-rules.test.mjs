// Review rules: national thresholds of the checks, and those that an organisation sets instead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../support/demo.mjs'
import { answersOnce, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const worker = acting(server, 'social-case-worker')
const school = acting(server, 'school-auditor')

const list = async (query, by = auditor) => (await by.get('/review-rules', { query, status: 200 })).body.reviewRules
const make = async (body, by = auditor) => (await by.post('/review-rules', body, { status: 201 })).body

test('every kind has a national default, explained in two languages', async () => {
  const rules = await list({ limit: 100 })

  const national = rules.filter(rule => rule.origin === 'national')
  assert.deepEqual(national.map(rule => rule.code), ['COLLEAGUE', 'EMERGENCY_ACCESS', 'MANY_SUBJECTS', 'NO_TEAM_MEMBERSHIP', 'OUT_OF_HOURS', 'RANDOM_SAMPLE', 'REPEATED_DENIALS'])
  for (const rule of national) {
    assert.equal(rule.state, 'in-force')
    for (const member of ['nameEn', 'nameSv', 'descriptionEn', 'descriptionSv', 'provision']) assert.match(rule[member], /\S/)
    assert.deepEqual(relations(rule), ['describedby', 'help', 'self'].filter(name => rule._links[name]))
  }
})

test('a rule of the own organisation goes before the national one from its first day, there alone, until it is ended', async () => {
  const planned = await make({ code: 'MANY_SUBJECTS', threshold: 30, withinMinutes: 15, validFrom: day(1) })
  const made = await make({ code: 'MANY_SUBJECTS', threshold: 40, withinMinutes: 30, validUntil: day(30) })

  assert.deepEqual([planned.state, made.state, made.origin, made.threshold, made.withinMinutes], ['planned', 'in-force', 'own', 40, 30])
  assert.deepEqual((await list({ code: 'MANY_SUBJECTS', state: 'overridden' })).map(rule => rule.origin), ['national'])
  assert.deepEqual((await list({ code: 'MANY_SUBJECTS' }, school)).map(rule => [rule.origin, rule.state]), [['national', 'in-force']])

  const ended = await auditor.follow(await auditor.get(`/review-rules/${made.id}`), 'end', {}, { status: 201 })
  assert.deepEqual([ended.body.state, ended.links.end], ['ended', undefined])
  assert.deepEqual((await list({ code: 'MANY_SUBJECTS', state: 'in-force' })).map(rule => rule.origin), ['national'])
  await deniedOnce(server, await auditor.post(`/review-rules/${made.id}/endings`, {}), 409, 'ALREADY_ENDED')
})

test('a rule has the thresholds of its kind, all of them and no other', async () => {
  for (const [body, pointer] of [
    [{ code: 'MANY_SUBJECTS', threshold: 3 }, 'withinMinutes'], [{ code: 'EMERGENCY_ACCESS', threshold: 3 }, 'threshold'], [{ code: 'RANDOM_SAMPLE' }, 'sampleSize'],
    [{ code: 'RANDOM_SAMPLE', sampleSize: 3, perMille: 3 }, 'sampleSize'], [{ code: 'COLLEAGUE', threshold: 1 }, 'relationKinds'],
    [{ code: 'OUT_OF_HOURS', threshold: 1, opens: '08:00', closes: '07:00', weekdays: [1] }, 'closes'],
    [{ code: 'COLLEAGUE', threshold: 1, relationKinds: [], holidays: 'free' }, 'holidays'],
    [{ code: 'EMERGENCY_ACCESS', validFrom: day(-1) }, 'validFrom'], [{ code: 'EMERGENCY_ACCESS', validUntil: day(-1) }, 'validUntil']]) {
    const reply = await auditor.post('/review-rules', body)
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [`/body/${pointer}`], JSON.stringify(body))
  }
  const hours = await make({ code: 'OUT_OF_HOURS', threshold: 1, opens: '08:00', closes: '17:30', weekdays: [5, 1] })
  assert.deepEqual([hours.opens, hours.closes, hours.weekdays, hours.holidays], ['08:00', '17:30', [1, 5], 'free'])
  assert.equal((await make({ code: 'OUT_OF_HOURS', threshold: 1, opens: '08:00', closes: '17:30', weekdays: [5, 1], holidays: 'free-with-eves', validFrom: day(2) })).holidays, 'free-with-eves')
  assert.deepEqual((await make({ code: 'COLLEAGUE', threshold: 2, relationKinds: ['NEIGHBOUR'] })).relationKinds, ['NEIGHBOUR'])
  await deniedOnce(server, await auditor.post('/review-rules', { code: 'COLLEAGUE', threshold: 3, relationKinds: [] }), 409, 'ALREADY_EXISTS')
})

test('what holds everywhere is nobody\'s to end, and another\'s rule is not there', async () => {
  const [national] = await list({ code: 'COLLEAGUE' })
  const theirs = await make({ code: 'REPEATED_DENIALS', threshold: 5, withinMinutes: 5 }, school)

  await deniedOnce(server, await auditor.post(`/review-rules/${national.id}/endings`, {}), 403, 'NOT_OWNER')
  for (const id of [theirs.id, unknownId()]) {
    await deniedOnce(server, await auditor.get(`/review-rules/${id}`), 404, 'NOT_FOUND')
    await deniedOnce(server, await auditor.post(`/review-rules/${id}/endings`, {}), 404, 'NOT_FOUND')
  }
  const path = { reviewRuleId: theirs.id }
  for (const [id, input] of [['listReviewRules', {}], ['createReviewRule', { body: { code: 'EMERGENCY_ACCESS' } }], ['getReviewRule', { path }], ['endReviewRule', { path, body: {} }]]) {
    await deniedOnce(server, await worker.call(id, input), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('rules answer as every resource does', async () => {
  const made = await answersOnce(server, 'social-auditor', 'createReviewRule', { body: { code: 'NO_TEAM_MEMBERSHIP', threshold: 2, validFrom: day(5) } },
    { body: { code: 'NO_TEAM_MEMBERSHIP', threshold: 3, validFrom: day(5) } })
  const other = await make({ code: 'NO_TEAM_MEMBERSHIP', threshold: 2, validFrom: day(6) })
  const read = await readsConditionally(auditor, `/review-rules/${made.body.id}`)
  await allowedOnce(server, read, [], [made.body.id])
  await answersOnce(server, 'social-auditor', 'endReviewRule', { path: { reviewRuleId: made.body.id }, body: {} }, { path: { reviewRuleId: other.id }, body: {} })
  await refusesStrayQuery(auditor, 'listReviewRules')
  await refusesMalformedId(auditor, 'getReviewRule', 'reviewRuleId')
  await refusesMalformedId(auditor, 'endReviewRule', 'reviewRuleId', { body: {} })
  await refusesBodies(auditor, 'createReviewRule', {}, [[{}, '/body/code'], [{ code: 'GUESS' }, '/body/code'], [{ code: 'EMERGENCY_ACCESS', organisationId: unknownId() }, '/body/organisationId'],
    [{ code: 'OUT_OF_HOURS', threshold: 0, opens: '25:00', closes: 'x', weekdays: [0], holidays: 'some' }, '/body/threshold', '/body/opens', '/body/closes', '/body/weekdays/0', '/body/holidays']])
})
