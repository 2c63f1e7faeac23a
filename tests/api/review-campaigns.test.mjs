// Review campaigns: the accesses of a period examined by rules, part after part, until every finding is reviewed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ALVA, ELIAS, SOCIAL, userId } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce, openCase } from '../support/story.mjs'
import { campaign, campaignDraft, findings, readPast } from '../support/reviews.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const school = acting(server, 'school-auditor')
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const moment = async () => (await server.sql('select samsyn.utc_micro(clock_timestamp()) as at'))[0].at
const DAY = { since: '2026-03-02T00:00:00Z', until: '2026-03-03T00:00:00Z' }
const review = finding => auditor.post(`/review-findings/${finding.id}/reviews`, { outcome: 'JUSTIFIED', comment: 'She stood in.' }, { status: 201 })
const close = (check, by = auditor) => by.post(`/review-campaigns/${check.id}/closures`, { comment: 'Nothing amiss.' })

test('real readings are checked: by the one who leads, by an emergency access, in one\'s own circle', async () => {
  const since = await moment()
  const caseId = await openCase(server)
  await manager.get(`/cases/${caseId}`, { status: 200 })
  const away = await hire(server, { organisation: SOCIAL })
  const access = (await acting(server, away.person).post('/emergency-accesses', { subjectId: ALVA, reason: 'Missing tonight.' }, { status: 201 })).body
  await acting(server, away.person).get(`/cases/${caseId}`, { headers: { 'Samsyn-Emergency-Access': access.id }, status: 200 })
  await auditor.post('/staff-relations', { userId: userId('social-manager'), subjectId: ALVA, kind: 'RELATIVE' }, { status: 201 })
  await worker.get('/clients', { status: 403 })

  const check = await campaign(server, 'social-auditor', { since, until: await moment(), rules: ['COLLEAGUE', 'EMERGENCY_ACCESS', 'NO_TEAM_MEMBERSHIP', 'RANDOM_SAMPLE'] })

  const found = await findings(server, 'social-auditor', check)
  const told = code => found.filter(finding => finding.code === code).map(finding => [finding.userName, finding.subjectIds.join(), finding.explanationEn])
  const [aManager, aWorker] = await Promise.all(['social-manager', 'social-case-worker'].map(async who => (await server.sql(`select name from samsyn.users where id = '${userId(who)}'`))[0].name))
  assert.deepEqual(found.filter(finding => finding.code === 'EMERGENCY_ACCESS').map(finding => [finding.userId, finding.events]), [[away.user, 2]])
  assert.equal(found.find(finding => finding.code === 'EMERGENCY_ACCESS').emergencyAccessId, access.id)
  assert.ok(told('NO_TEAM_MEMBERSHIP').some(([who, whom, why]) => who === aManager && whom === ALVA && /led the unit.* 1 readings; the threshold is 1\.$/.test(why)))
  assert.ok(told('COLLEAGUE').some(([who, , why]) => who === aManager && /^The reader is registered, .*: a relative\. 1 readings/.test(why)))
  assert.ok(told('COLLEAGUE').some(([who, , why]) => who === aWorker && why.includes(`to a colleague (${aManager})`)))
  for (const finding of found) {
    assert.match(finding.explanationSv, /[a-zåäö]/)
    for (const id of finding.accessEventIds) await auditor.get(`/access-events/${id}`, { status: 200 })
  }
  assert.equal(check.findings, found.length)
  assert.deepEqual(Object.fromEntries(check.rules.map(rule => [rule.code, rule.findings])), Object.fromEntries(check.rules.map(({ code }) => [code, told(code).length])))
})

test('a sample is drawn by the stated seed and a lot that comes after it, and anybody can draw it again', async () => {
  const ids = await readPast(server, 'social-case-worker', [ALVA], '2026-03-02T10:00:00Z', { times: 70 })

  const checks = []
  for (const seed of ['dice 4 2', 'dice 4 2', 'dice 1 1']) checks.push(await campaign(server, 'social-auditor', { ...DAY, rules: ['RANDOM_SAMPLE'], seed }))

  const drawn = async check => (await findings(server, 'social-auditor', check)).map(finding => finding.accessEventIds[0]).sort()
  for (const check of checks) {
    const rank = id => createHash('sha256').update(check.seed + check.lot + id).digest('hex')
    assert.deepEqual(await drawn(check), [...ids].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, 50).sort())
    assert.deepEqual([check.rules[0].population, check.rules[0].capped, check.examinedEvents], [70, false, 70])
  }
  // Who tries seeds beforehand cannot know the lot.
  assert.equal(new Set(checks.map(check => check.lot)).size, 3)
  assert.notDeepEqual(await drawn(checks[0]), await drawn(checks[1]))
})

test('a period is examined in parts, and nothing is shown before the last', async () => {
  await readPast(server, 'social-case-worker', [ALVA], '2026-02-01T02:00:00Z', { times: 10_001 })
  const query = { since: '2026-02-01T00:00:00Z', until: '2026-02-02T00:00:00Z', rules: ['OUT_OF_HOURS'] }

  const begun = await auditor.post('/review-campaigns', campaignDraft(query), { status: 201 })
  assert.deepEqual([begun.body.state, begun.body.examinedEvents, begun.body.findings], ['running', 10_000, 0])
  assert.deepEqual(await findings(server, 'social-auditor', begun.body), [])
  await deniedOnce(server, await close(begun.body), 409, 'FINDINGS_OPEN')
  const done = await auditor.follow(begun, 'run', {}, { status: 201 })

  assert.deepEqual([done.body.state, done.body.examinedEvents, done.body.findings, done.links.run], ['open', 10_001, 1, undefined])
  const [finding] = await findings(server, 'social-auditor', done.body)
  assert.deepEqual([finding.figure, finding.events, finding.accessEventIds.length], [10_001, 10_001, 50])
  await deniedOnce(server, await auditor.post(`/review-campaigns/${done.body.id}/runs`, {}), 409, 'ALREADY_ENDED')
})

test('a check is closed when every finding is reviewed', async () => {
  await readPast(server, 'social-case-worker', [ELIAS], '2026-03-07T10:00:00Z')
  await readPast(server, 'social-manager', [ELIAS], '2026-03-07T10:00:00Z')
  const check = await campaign(server, 'social-auditor', { since: '2026-03-07T00:00:00Z', until: '2026-03-08T00:00:00Z', rules: ['OUT_OF_HOURS'] })
  const [first, second] = await findings(server, 'social-auditor', check)

  await review(first)
  await deniedOnce(server, await close(check), 409, 'FINDINGS_OPEN')
  await auditor.post(`/review-findings/${second.id}/reviews`, { outcome: 'NEEDS_INQUIRY', comment: 'Ask.' }, { status: 201 })
  await deniedOnce(server, await close(check), 409, 'FINDINGS_OPEN')
  assert.equal((await auditor.get(`/review-campaigns/${check.id}`)).body.reviewedFindings, 1)
  await review(second)
  const closed = await close(check)

  assert.deepEqual([closed.status, closed.body.state, closed.body.closingComment, closed.body.reviewedFindings], [201, 'closed', 'Nothing amiss.', 2])
  assert.deepEqual(relations(closed).filter(name => ['run', 'close', 'findings'].includes(name)), ['findings'])
  await deniedOnce(server, await close(check), 409, 'ALREADY_ENDED')
  assert.deepEqual((await auditor.get('/review-campaigns', { query: { state: 'closed' } })).body.reviewCampaigns.map(one => one.id), [check.id])
})

test('the period is over, in order, and no longer than a leap year', async () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  for (const [period, pointer] of [[{ ...DAY, until: tomorrow }, 'until'], [{ ...DAY, until: DAY.since }, 'until'], [{ ...DAY, since: '2025-03-01T00:00:00Z' }, 'from']]) {
    const reply = await auditor.post('/review-campaigns', campaignDraft(period))
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [`/body/${pointer}`])
  }
  await server.sql("update samsyn.review_rules set valid_until = '2026-01-02' where code = 'REPEATED_DENIALS'")
  await deniedOnce(server, await auditor.post('/review-campaigns', campaignDraft({ ...DAY, rules: ['REPEATED_DENIALS'] })), 422, 'INVALID_REFERENCE')
})

test('a check is its own organisation\'s, of what its auditors are told', async () => {
  const check = await campaign(server, 'school-auditor', { ...DAY, scope: 'all', rules: ['RANDOM_SAMPLE', 'OUT_OF_HOURS'] })
  const path = { reviewCampaignId: check.id }

  assert.deepEqual([check.examinedEvents, check.findings], [0, 0])
  for (const id of [check.id, unknownId()]) {
    await deniedOnce(server, await auditor.get(`/review-campaigns/${id}`), 404, 'NOT_FOUND')
    await deniedOnce(server, await auditor.post(`/review-campaigns/${id}/runs`, {}), 404, 'NOT_FOUND')
    await deniedOnce(server, await close({ id }), 404, 'NOT_FOUND')
  }
  for (const [id, input] of [['listReviewCampaigns', {}], ['createReviewCampaign', { body: campaignDraft(DAY) }], ['getReviewCampaign', { path }], ['runReviewCampaign', { path, body: {} }],
    ['closeReviewCampaign', { path, body: { comment: 'x' } }]]) {
    await deniedOnce(server, await manager.call(id, input), 403, 'ROLE_NOT_ALLOWED')
  }
  assert.deepEqual((await school.get('/review-campaigns', { status: 200 })).body.reviewCampaigns.map(one => one.id), [check.id])
})

test('checks answer as every resource does', async () => {
  await readPast(server, 'social-case-worker', [ALVA], '2026-01-10T02:00:00Z', { times: 20_001 })
  const long = { since: '2026-01-10T00:00:00Z', until: '2026-01-11T00:00:00Z' }
  const made = await answersOnce(server, 'social-auditor', 'createReviewCampaign', { body: campaignDraft(long) }, { body: campaignDraft({ ...long, title: 'Other' }) })
  const other = (await auditor.post('/review-campaigns', campaignDraft(long), { status: 201 })).body
  const empty = [await campaign(server, 'social-auditor', { ...DAY }), await campaign(server, 'social-auditor', { ...DAY })]
  await allowedOnce(server, await readsConditionally(auditor, `/review-campaigns/${made.body.id}`), [], [made.body.id])
  const at = check => ({ path: { reviewCampaignId: check.id } })
  await answersOnce(server, 'social-auditor', 'runReviewCampaign', { ...at(made.body), body: {} }, { ...at(other), body: {} })
  await answersOnce(server, 'social-auditor', 'closeReviewCampaign', { ...at(empty[0]), body: { comment: 'Nothing.' } }, { ...at(empty[1]), body: { comment: 'Nothing.' } })
  await pages(auditor, '/review-campaigns', 'reviewCampaigns')
  await refusesStrayQuery(auditor, 'listReviewCampaigns')
  await refusesMalformedId(auditor, 'getReviewCampaign', 'reviewCampaignId')
  await refusesMalformedId(auditor, 'runReviewCampaign', 'reviewCampaignId', { body: {} })
  await refusesBodies(auditor, 'closeReviewCampaign', at(made.body), [[{}, '/body/comment'], [{ comment: ' ' }, '/body/comment']])
  await refusesBodies(auditor, 'createReviewCampaign', {}, [[{}, '/body/title', '/body/from', '/body/until', '/body/seed', '/body/rules'],
    [campaignDraft({ ...DAY, rules: [] }), '/body/rules'], [campaignDraft({ ...DAY, rules: ['GUESS'], scope: 'theirs' }), '/body/rules/0', '/body/scope'],
    [campaignDraft({ ...DAY, organisationId: unknownId() }), '/body/organisationId'], [campaignDraft({ ...DAY, lot: unknownId() }), '/body/lot']])
})
