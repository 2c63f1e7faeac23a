// What is tried against the checks of the access log: by an auditor of another organisation, by those whose accesses are
// checked (a colleague, a manager, the auditor themselves), and by an auditor who is excluded from a child.
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ALVA, ELIAS, SOCIAL_UNIT, userId } from '../support/demo.mjs'
import { refused } from '../support/client.mjs'
import { sameAsUnknown } from '../support/hostile.mjs'
import { unknownId } from '../support/habits.mjs'
import { campaign, campaignDraft, findings, readPast } from '../support/reviews.mjs'
import { startServer } from '../support/server.mjs'
import { hire } from '../support/staff.mjs'
import { acting, deniedOnce, openCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const school = acting(server, 'school-auditor')
const FINAL = { outcome: 'JUSTIFIED', comment: 'There was need.' }
const judge = (finding, by, body = FINAL) => by.post(`/review-findings/${finding.id}/reviews`, body)

// Another auditor of the same organisation, who may come to be under review.
async function secondAuditor() {
  const hired = await hire(server, { unit: SOCIAL_UNIT, role: 'auditor' })
  return { ...hired, client: acting(server, hired.person) }
}

// What one night of a day gave as findings: that each of these read these children.
async function night(date, readers, rules = ['OUT_OF_HOURS'], by = 'social-auditor') {
  for (const [reader, subjects] of Object.entries(readers)) await readPast(server, reader, subjects, `${date}T02:00:00Z`)
  const check = await campaign(server, by, { since: `${date}T00:00:00Z`, until: `${date}T12:00:00Z`, rules })
  return { check, found: await findings(server, by, check) }
}

// -- the auditor of another organisation ---------------------------------------------------------------------------------

test('guessed campaigns, findings, rules and relations of another organisation answer as what does not exist', async () => {
  const { check, found: [finding] } = await night('2026-02-02', { 'social-case-worker': [ALVA] })
  const rule = (await auditor.post('/review-rules', { code: 'MANY_SUBJECTS', threshold: 7, withinMinutes: 7 }, { status: 201 })).body
  const relation = (await auditor.post('/staff-relations', { userId: userId('social-manager'), subjectId: ALVA, kind: 'NEIGHBOUR' }, { status: 201 })).body
  const things = { reviewCampaignId: check.id, reviewFindingId: finding.id, reviewRuleId: rule.id, staffRelationId: relation.id }
  const operations = [['getReviewCampaign', 'reviewCampaignId'], ['runReviewCampaign', 'reviewCampaignId', {}], ['closeReviewCampaign', 'reviewCampaignId', { comment: 'x' }],
    ['getReviewFinding', 'reviewFindingId'], ['reviewFinding', 'reviewFindingId', FINAL], ['getReviewRule', 'reviewRuleId'], ['endReviewRule', 'reviewRuleId', {}],
    ['getStaffRelation', 'staffRelationId'], ['endStaffRelation', 'staffRelationId', {}]]

  for (const [operation, parameter, body] of operations) {
    // As themselves, and as another kind of thing.
    for (const [kind, id] of Object.entries(things)) {
      await sameAsUnknown(`${operation} with a ${kind}`, id, guess => school.call(operation, { path: { [parameter]: guess }, body }))
    }
  }
  assert.equal((await auditor.get(`/review-findings/${finding.id}`, { status: 200 })).body.state, 'open', 'nothing was changed')
})

test('filters and references of another organisation find what guesses find', async () => {
  const { check, found: [finding] } = await night('2026-02-03', { 'social-case-worker': [ALVA] })
  const ask = query => school.get('/review-findings', { query, status: 200 })

  await sameAsUnknown('campaignId', check.id, id => ask({ campaignId: id }))
  await sameAsUnknown('userId', finding.userId, id => ask({ userId: id }))
  await sameAsUnknown('subjectId of relations', ALVA, id => school.get('/staff-relations', { query: { subjectId: id }, status: 200 }))
  await sameAsUnknown('userId of relations', userId('social-manager'), id => school.get('/staff-relations', { query: { userId: id }, status: 200 }))
  await sameAsUnknown('a child of theirs', ELIAS, id => school.post('/staff-relations', { userId: userId('school-teacher'), subjectId: id, kind: 'RELATIVE' }))
  await sameAsUnknown('staff of theirs', userId('social-manager'), id => school.post('/staff-relations', { userId: id, subjectId: ELIAS, kind: 'RELATIVE' }))
})

test('a check of all that concerns the own organisation finds nothing of what does not', async () => {
  await readPast(server, 'social-case-worker', [ELIAS], '2026-02-04T02:00:00Z', { times: 3 })

  const check = await campaign(server, 'school-auditor', { since: '2026-02-04T00:00:00Z', until: '2026-02-05T00:00:00Z', scope: 'all', rules: ['OUT_OF_HOURS', 'RANDOM_SAMPLE', 'MANY_SUBJECTS', 'NO_TEAM_MEMBERSHIP'] })

  assert.deepEqual([check.examinedEvents, check.findings, check.rules.map(rule => rule.population ?? 0)], [0, 0, [0, 0, 0, 0]])
})

// -- those who are checked -----------------------------------------------------------------------------------------------

test('a colleague and a manager under review learn nothing of it and change nothing', async () => {
  const { check, found: [finding] } = await night('2026-02-05', { 'social-case-worker': [ALVA] })
  const calls = [['listReviewCampaigns', {}], ['getReviewCampaign', { path: { reviewCampaignId: check.id } }], ['createReviewCampaign', { body: campaignDraft({ since: '2026-02-05T00:00:00Z', until: '2026-02-06T00:00:00Z' }) }],
    ['closeReviewCampaign', { path: { reviewCampaignId: check.id }, body: { comment: 'x' } }], ['listReviewFindings', { query: { userId: userId('social-case-worker') } }],
    ['getReviewFinding', { path: { reviewFindingId: finding.id } }], ['reviewFinding', { path: { reviewFindingId: finding.id }, body: FINAL }],
    ['createReviewRule', { body: { code: 'OUT_OF_HOURS', threshold: 100000, opens: '00:00', closes: '23:59', weekdays: [1, 2, 3, 4, 5, 6, 7] } }],
    ['listStaffRelations', {}], ['createStaffRelation', { body: { userId: userId('social-manager'), subjectId: ALVA, kind: 'COLLEAGUE' } }]]

  for (const person of ['social-case-worker', 'social-manager']) {
    for (const [operation, input] of calls) await deniedOnce(server, await acting(server, person).call(operation, input), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('an auditor under review has no word on it, by whichever rule it was found, and cannot close the check over it', async () => {
  const they = await secondAuditor()
  const { check, found } = await night('2026-02-06', { 'social-auditor': [ELIAS] }, ['OUT_OF_HOURS', 'RANDOM_SAMPLE'])
  assert.deepEqual(found.map(one => one.code).sort(), ['OUT_OF_HOURS', 'RANDOM_SAMPLE'])

  for (const own of found) {
    for (const outcome of ['JUSTIFIED', 'NEEDS_INQUIRY', 'UNJUSTIFIED']) await deniedOnce(server, await judge(own, auditor, { ...FINAL, outcome }), 403, 'OWN_ACCESS')
  }
  await deniedOnce(server, await auditor.post(`/review-campaigns/${check.id}/closures`, { comment: 'Done.' }), 409, 'FINDINGS_OPEN')
  for (const own of found) assert.equal((await judge(own, they.client)).status, 201)
  await deniedOnce(server, await judge(found[0], auditor), 403, 'OWN_ACCESS')
})

test('nor on readings of those close to them, even by a rule that knows of no relations, and does not end the relation first', async () => {
  const they = await secondAuditor()
  const child = await registerChild(server, { years: 8 })
  const relation = (await auditor.post('/staff-relations', { userId: they.user, subjectId: child.id, kind: 'RELATIVE', validFrom: '2026-01-01' }, { status: 201 })).body
  const { found: [finding] } = await night('2026-02-09', { 'social-case-worker': [child.id] })
  const { found: [stranger] } = await night('2026-02-10', { 'social-case-worker': [ELIAS] })

  await deniedOnce(server, await judge(finding, they.client), 403, 'OWN_ACCESS')
  await deniedOnce(server, await they.client.post(`/staff-relations/${relation.id}/endings`, {}), 403, 'OWN_ACCESS')
  await auditor.post(`/staff-relations/${relation.id}/endings`, {}, { status: 201 })
  await deniedOnce(server, await judge(finding, they.client), 403, 'OWN_ACCESS')
  assert.equal((await judge(stranger, they.client)).status, 201)
  assert.equal((await judge(finding, auditor)).status, 201)
})

test('nobody speaks in the name of another, or twice', async () => {
  const they = await secondAuditor()
  const { found: [own] } = await night('2026-02-11', { 'social-auditor': [ALVA] })

  for (const more of [{ reviewedBy: they.user }, { assignmentId: unknownId() }, { reviewedAt: '2026-01-01T00:00:00Z' }]) refused(await judge(own, auditor, { ...FINAL, ...more }), 400, 'INVALID_REQUEST')
  const input = { path: { reviewFindingId: own.id }, body: FINAL }
  const headers = { 'Idempotency-Key': randomUUID() }
  const first = await they.client.call('reviewFinding', input, { headers, status: 201 })
  // A key is its owner's: it shows nobody else the answer, and carries nobody's word.
  await deniedOnce(server, await auditor.call('reviewFinding', input, { headers }), 403, 'OWN_ACCESS')
  assert.deepEqual(first.body.reviews.map(one => one.outcome), ['JUSTIFIED'])
  await deniedOnce(server, await judge(own, they.client, { ...FINAL, outcome: 'UNJUSTIFIED' }), 409, 'ALREADY_ANSWERED')
})

test('no seed can be chosen so that a sample misses somebody', async () => {
  await auditor.post('/review-rules', { code: 'RANDOM_SAMPLE', sampleSize: 1 }, { status: 201 })
  const others = await readPast(server, 'social-case-worker', [ALVA], '2026-02-12T10:00:00Z', { times: 3 })
  const [mine] = await readPast(server, 'social-auditor', [ALVA], '2026-02-12T11:00:00Z')
  const ids = [...others, mine]
  const first = (seed, lot = '') => ids.map(id => [createHash('sha256').update(seed + lot + id).digest('hex'), id]).sort()[0][1]
  const spared = Array.from({ length: 200 }, (_, n) => `seed ${n}`).filter(seed => first(seed) !== mine)
  const period = { since: '2026-02-12T00:00:00Z', until: '2026-02-13T00:00:00Z', rules: ['RANDOM_SAMPLE'] }

  const drawn = []
  // Each of the seeds spares the chooser by itself; with the lot, one in four meets them all the same.
  for (const seed of spared.slice(0, 60)) {
    const check = await campaign(server, 'social-auditor', { ...period, seed })
    const [finding] = await findings(server, 'social-auditor', check)
    assert.equal(finding.accessEventIds[0], first(seed, check.lot))
    drawn.push(finding.accessEventIds[0])
    if (drawn.includes(mine)) break
  }
  assert.ok(drawn.includes(mine), `60 seeds met ${new Set(drawn).size} readings`)
  for (const more of [{ lot: randomUUID() }, { drawnAt: '2026-01-01' }]) refused(await auditor.post('/review-campaigns', { ...campaignDraft(period), ...more }), 400, 'INVALID_REQUEST')
  // What was tried stays to be seen, and cannot be taken back.
  assert.ok((await school.get('/review-campaigns', { status: 200 })).body._meta.totalRecords <= 1)
  assert.ok((await auditor.get('/review-campaigns', { status: 200 })).body._meta.totalRecords >= drawn.length)
  refused(await auditor.request('DELETE', `/review-campaigns/${unknownId()}`), 405, 'METHOD_NOT_ALLOWED')
})

// -- the auditor who is excluded from a child ----------------------------------------------------------------------------

test('an excluded auditor cannot tell a child\'s findings from none, by list, number, filter, closing or a check of their own', async () => {
  const they = await secondAuditor()
  const child = await registerChild(server, { years: 9 })
  const caseId = await openCase(server, { subjectId: child.id })
  await acting(server, 'social-manager').post(`/cases/${caseId}/exclusions`, { userId: they.user, kind: 'kinship', reason: 'An aunt.' }, { status: 201 })
  const { check, found: [hidden] } = await night('2026-02-16', { 'social-case-worker': [child.id] })
  const ask = (path, query = {}) => they.client.get(path, { query, status: 200 })

  for (const [operation, body] of [['getReviewFinding'], ['reviewFinding', FINAL]]) {
    await sameAsUnknown(operation, hidden.id, id => they.client.call(operation, { path: { reviewFindingId: id }, body }))
  }
  for (const query of [{}, { userId: userId('social-case-worker') }, { state: 'open' }, { code: 'OUT_OF_HOURS' }]) {
    assert.equal((await ask('/review-findings', { campaignId: check.id, ...query })).body._meta.totalRecords, 0)
  }
  const seen = (await ask(`/review-campaigns/${check.id}`)).body
  assert.deepEqual([seen.findings, seen.reviewedFindings, seen.rules.map(rule => rule.findings)], [0, 0, [0]])
  const own = (await they.client.post('/review-campaigns', campaignDraft({ since: '2026-02-16T00:00:00Z', until: '2026-02-16T12:00:00Z', rules: ['OUT_OF_HOURS', 'RANDOM_SAMPLE', 'NO_TEAM_MEMBERSHIP'] }), { status: 201 })).body
  assert.deepEqual([own.findings, own.rules.map(rule => rule.findings)], [0, [0, 0, 0]])
  await sameAsUnknown('a relation to the child', child.id, id => they.client.post('/staff-relations', { userId: userId('social-manager'), subjectId: id, kind: 'NEIGHBOUR' }))
  await sameAsUnknown('relations of the child', child.id, id => ask('/staff-relations', { subjectId: id }))
})
