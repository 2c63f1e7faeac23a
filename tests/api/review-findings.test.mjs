// Review findings: what the checks found, who sees it, and what reviewers make of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA, ELIAS, SCHOOL_UNIT, SOCIAL_UNIT, userId } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce, logged, openCase, registerChild } from '../support/story.mjs'
import { campaign, findings, readPast } from '../support/reviews.mjs'
import { hire } from '../support/staff.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const FINAL = { outcome: 'UNJUSTIFIED', comment: 'There was no reason.' }
const said = (finding, body, by = auditor) => by.post(`/review-findings/${finding.id}/reviews`, { ...FINAL, ...body })

// Readings of the night of a day, as findings: one of each reader.
async function nightly(date, readers, by = 'social-auditor', more = {}) {
  for (const [reader, subjects] of Object.entries(readers)) await readPast(server, reader, subjects, `${date}T02:00:00Z`)
  const check = await campaign(server, by, { since: `${date}T00:00:00Z`, until: `${date}T12:00:00Z`, rules: ['OUT_OF_HOURS'], ...more })
  return { check, found: await findings(server, by, check) }
}

test('findings are found by campaign, rule, state and user, and each tells why with its figures', async () => {
  const { check, found } = await nightly('2026-02-02', { 'social-case-worker': [ALVA], 'social-manager': [ALVA, ELIAS] })

  assert.equal(found.length, 2)
  const ofManager = await findings(server, 'social-auditor', check, { userId: userId('social-manager') })
  const [finding] = ofManager
  assert.equal(ofManager.length, 1)
  assert.deepEqual(finding.subjectIds, [ALVA, ELIAS])
  assert.deepEqual([finding.code, finding.figure, finding.threshold, finding.events, finding.state, finding.reviews], ['OUT_OF_HOURS', 1, 1, 1, 'open', []])
  assert.equal(finding.explanationEn, '1 readings on 2026-02-02 outside 06:00–20:00 on the weekdays 1, 2, 3, 4, 5 (1 is Monday) that are not public holidays, by the clock in Sweden; the threshold is 1.')
  assert.equal(finding.explanationSv, '1 läsningar den 2026-02-02 utanför tiden 06:00–20:00 på veckodagarna 1, 2, 3, 4, 5 (1 är måndag) som inte är allmänna helgdagar, svensk tid; gränsen är 1.')
  await said(finding)
  assert.deepEqual((await findings(server, 'social-auditor', check, { state: 'open' })).map(one => one.userId), [userId('social-case-worker')])
  assert.deepEqual(await findings(server, 'social-auditor', check, { code: 'COLLEAGUE' }), [])
})

test('the log of a reading tells of every subject that its findings named', async () => {
  const { check, found } = await nightly('2026-02-03', { 'social-case-worker': [ALVA], 'social-manager': [ELIAS, ALVA] })
  const both = found.find(one => one.subjectIds.length === 2)

  const one = await auditor.get(`/review-findings/${both.id}`, { status: 200 })
  const many = await auditor.get('/review-findings', { query: { campaignId: check.id }, status: 200 })

  await allowedOnce(server, one, [ALVA, ELIAS], [both.id], { activity: 'read', purpose: 'audit' })
  await allowedOnce(server, many, [ALVA, ELIAS], found.map(finding => finding.id))
  const reviewed = await said(both)
  await allowedOnce(server, reviewed, [ALVA, ELIAS], [both.id], { activity: 'write' })
})

test('words are kept: an inquiry can be followed, a final word cannot', async () => {
  const { found: [finding] } = await nightly('2026-02-04', { 'social-case-worker': [ALVA] })

  const inquiry = await said(finding, { outcome: 'NEEDS_INQUIRY', comment: 'Ask her.' })
  const again = await said(finding, { outcome: 'NEEDS_INQUIRY', comment: 'Ask once more.' })
  const final = await said(finding, { outcome: 'JUSTIFIED', comment: 'She was called in.' })
  await deniedOnce(server, await said(finding), 409, 'ALREADY_ANSWERED')

  assert.deepEqual([inquiry, again, final].map(reply => [reply.status, reply.body.state]), [[201, 'inquiry'], [201, 'inquiry'], [201, 'reviewed']])
  assert.deepEqual(final.body.reviews.map(({ outcome, comment }) => [outcome, comment]),
    [['NEEDS_INQUIRY', 'Ask her.'], ['NEEDS_INQUIRY', 'Ask once more.'], ['JUSTIFIED', 'She was called in.']])
  assert.equal(relations(final).includes('review'), false)
})

test('of two who review at once, one has the final word', async () => {
  const { found: [finding] } = await nightly('2026-02-05', { 'social-case-worker': [ALVA] })

  const replies = await Promise.all([said(finding), said(finding, { outcome: 'JUSTIFIED' })])

  assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409])
  assert.equal((await auditor.get(`/review-findings/${finding.id}`)).body.reviews.length, 1)
})

test('nobody reviews what is about themselves, or about those close to them', async () => {
  const second = await hire(server, { unit: SOCIAL_UNIT, role: 'auditor' })
  const they = acting(server, second.person)
  const child = await registerChild(server, { years: 9 })
  const { found: [own] } = await nightly('2026-02-06', { 'social-auditor': [ALVA] })
  await auditor.post('/staff-relations', { userId: second.user, subjectId: child.id, kind: 'RELATIVE' }, { status: 201 })
  const relative = await nightly('2026-02-09', { 'social-case-worker': [child.id] }, 'social-auditor', { rules: ['COLLEAGUE'] })

  assert.deepEqual(relative.found.map(one => one.userId), [])
  await server.sql(`alter table samsyn.staff_relations disable trigger user;
    update samsyn.staff_relations set valid_from = '2026-01-01' where user_id = '${second.user}'; alter table samsyn.staff_relations enable trigger user`)
  const { found: [kin] } = await nightly('2026-02-10', { 'social-case-worker': [child.id] }, 'social-auditor', { rules: ['COLLEAGUE'] })
  await deniedOnce(server, await said(own), 403, 'OWN_ACCESS')
  await deniedOnce(server, await said(kin, {}, they), 403, 'OWN_ACCESS')
  assert.equal((await said(own, {}, they)).status, 201)
  assert.equal((await said(kin)).status, 201)
})

test('a reviewer who is excluded from a child learns nothing of findings about it', async () => {
  const second = await hire(server, { unit: SOCIAL_UNIT, role: 'auditor' })
  const they = acting(server, second.person)
  const child = await registerChild(server, { years: 9 })
  const caseId = await openCase(server, { subjectId: child.id })
  const { check, found: [finding] } = await nightly('2026-02-11', { 'social-case-worker': [child.id] })
  await they.get(`/review-findings/${finding.id}`, { status: 200 })
  await acting(server, 'social-manager').post(`/cases/${caseId}/exclusions`, { userId: second.user, kind: 'kinship', reason: 'An aunt.' }, { status: 201 })

  await deniedOnce(server, await they.get(`/review-findings/${finding.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await said(finding, {}, they), 404, 'NOT_FOUND')
  assert.deepEqual((await they.get('/review-findings', { query: { campaignId: check.id }, status: 200 })).body._meta.totalRecords, 0)
  assert.equal((await they.get(`/review-campaigns/${check.id}`, { status: 200 })).body.findings, 0)
  // Nor by a check of their own.
  const own = await they.post('/review-campaigns', { title: 'x', from: '2026-02-11T00:00:00Z', until: '2026-02-11T12:00:00Z', seed: 'x', rules: ['OUT_OF_HOURS', 'RANDOM_SAMPLE'] }, { status: 201 })
  assert.equal(own.body.findings, 0)
})

test('another organisation\'s reading is told as far as the own one knows of the child', async () => {
  const [ours, theirs] = [ALVA, unknownId()]
  const [id] = await readPast(server, 'school-teacher', [ours, theirs], '2026-02-12T02:00:00Z')
  await server.sql(`alter table samsyn.access_events disable trigger user`)
  const [event] = await server.sql(`select organisation_id, at from samsyn.access_events where id = '${id}'`)
  await server.sql(`update samsyn.access_events set concerned_ids = array[(select organisation_id from samsyn.subjects where id = '${ours}')] where id = '${id}';
    alter table samsyn.access_events enable trigger user;
    insert into samsyn.access_event_concerns (organisation_id, at, id) select organisation_id, timestamptz '2026-02-12T02:00:01Z', '${id}' from samsyn.subjects where id = '${ours}'`)
  assert.ok(event)
  const period = { since: '2026-02-12T00:00:00Z', until: '2026-02-12T12:00:00Z', rules: ['OUT_OF_HOURS'] }

  const all = await findings(server, 'social-auditor', await campaign(server, 'social-auditor', { ...period, scope: 'all' }))
  const staff = await findings(server, 'social-auditor', await campaign(server, 'social-auditor', period))

  assert.deepEqual(all.map(one => [one.userId, one.subjectIds, one.unitId]), [[userId('school-teacher'), [ours], SCHOOL_UNIT]])
  assert.deepEqual(staff, [])
})

test('managers, workers and other organisations see no finding', async () => {
  const { found: [finding] } = await nightly('2026-02-13', { 'social-case-worker': [ALVA] })
  const path = { reviewFindingId: finding.id }

  for (const person of ['social-manager', 'social-case-worker']) {
    for (const [id, input] of [['listReviewFindings', {}], ['getReviewFinding', { path }], ['reviewFinding', { path, body: FINAL }]]) {
      await deniedOnce(server, await acting(server, person).call(id, input), 403, 'ROLE_NOT_ALLOWED')
    }
  }
  const school = acting(server, 'school-auditor')
  const row = await deniedOnce(server, await school.get(`/review-findings/${finding.id}`), 404, 'NOT_FOUND')
  assert.deepEqual([row.subject_ids, row.concerned_ids.length], [[ALVA], 1])
  await deniedOnce(server, await said(finding, {}, school), 404, 'NOT_FOUND')
  await deniedOnce(server, await auditor.get(`/review-findings/${unknownId()}`), 404, 'NOT_FOUND')
  assert.equal((await logged(server, await school.get('/review-findings', { status: 200 })))[0].subject_ids.length, 0)
})

test('findings answer as every resource does', async () => {
  const { check, found } = await nightly('2026-02-16', { 'social-case-worker': [ALVA], 'social-manager': [ALVA], 'collaboration-lead': [ALVA] })
  const at = finding => ({ path: { reviewFindingId: finding.id } })
  await readsConditionally(auditor, `/review-findings/${found[0].id}`)
  await answersOnce(server, 'social-auditor', 'reviewFinding', { ...at(found[0]), body: FINAL }, { ...at(found[1]), body: FINAL })
  await pages(auditor, '/review-findings', 'reviewFindings', { campaignId: check.id })
  await refusesStrayQuery(auditor, 'listReviewFindings')
  await refusesMalformedId(auditor, 'getReviewFinding', 'reviewFindingId')
  await refusesBodies(auditor, 'reviewFinding', at(found[1]), [[{}, '/body/outcome', '/body/comment'], [{ outcome: 'FINE', comment: '' }, '/body/outcome', '/body/comment'],
    [{ ...FINAL, reviewedBy: unknownId() }, '/body/reviewedBy']])
})
