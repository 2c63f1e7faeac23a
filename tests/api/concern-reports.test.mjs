// Concern reports: what one side sends and the other receives, what comes of it, and that nothing leaks back.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock } from '../support/clock.mjs'
import {
  assess, assessment, decide, decision, dueOf, hold, identify, opening, receivedIdOf, receivedOf, registeredAt, report, reportDraft, step, unheard
} from '../support/concern.mjs'
import { ALVA, assignmentId, CLINIC_UNIT, day, ELIAS, endOfFebruary, identityNumber, latest, MAJA, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, userId } from '../support/demo.mjs'
import {
  actsWith, answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, deniedOnce, logged, openCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
const nurse = acting(server, 'school-nurse')
const psychologist = acting(server, 'clinic-psychologist')
const clinicManager = acting(server, 'clinic-manager')
afterEach(() => restoreClock(server))

const path = ({ id }) => ({ concernReportId: id })
const get = (person, one) => person.call('getConcernReport', { path: path(one) })
const read = async (person, one) => (await person.call('getConcernReport', { path: path(one) }, { status: 200 })).body
const send = (person, more) => person.call('createConcernReport', { body: reportDraft(more) })
const pointer = reply => reply.body.errors.map(error => error.pointer)
const total = async (person, query) => (await person.get('/concern-reports', { query, status: 200 })).body._meta.totalRecords
const due = (received, rule) => dueOf(server, received, rule)
const childAt = (organisation, more) => registeredAt(server, organisation, more)

test('these are the operations of concern reports', () => {
  assert.deepEqual(operationsOf('Concern reports'), ['askFeedback', 'assessProtection', 'createConcernReport', 'decideConcernReport',
    'extendPreliminaryAssessment', 'getConcernReport', 'giveFeedback', 'identifyConcernReport', 'listConcernReportSummaries', 'listConcernReports', 'releaseHold'])
})

test('a professional reports concern for a child at once, without consent or approval', async () => {
  const more = { contributors: [{ name: 'Ravi Björkdal', role: 'Head teacher' }], feedbackRequested: true, ...hold }

  const made = await send(teacher, more)

  assert.equal(made.status, 201, made.text)
  const { id, _links, reportedAt, updatedAt, ...said } = made.body
  const { recipientUnitId, feedbackRequested, guardianContactHold, child, ...told } = reportDraft(more)
  assert.deepEqual(said, {
    ...told, kind: 'sent', state: 'sent', organisationId: SCHOOL, secrecyRegime: 'CONCERN_REPORT_AT_REPORTER', ground: 'CONCERN_REPORT',
    reporterUnitId: SCHOOL_UNIT, reporterUnitName: 'Granskolan', reportedBy: 'Lena Ekhage', recipientUnitId: SOCIAL_UNIT,
    recipientUnitName: 'Barn och familj', child: { ...child, masked: false }, guardianContact: 'on-hold',
    guardianContactHold: { reason: 'violence', text: 'The father has threatened her.' },
    feedbackState: 'requested', feedback: { requestedAt: reportedAt }, retentionRule: 'PUBLIC_RECORDS'
  })
  assert.deepEqual(relations(made), ['self'])
  await allowedOnce(server, made, [], [id], { activity: 'disclose', grounds: ['CONCERN_REPORT'], concerned_ids: [SOCIAL] })
})

test('social services receive a copy of their own, with its time running', async () => {
  const today = latest('11-21')
  await moveClock(server, `${today}T12:00:00+01:00`)
  const sent = await report(server, 'school-teacher')

  const received = await receivedOf(server, sent)

  assert.deepEqual([received.kind, received.state, received.organisationId, received.secrecyRegime, received.reportedBy, received.reporterUnitName],
    ['received', 'awaiting-assessment', SOCIAL, 'SOCIAL_SERVICES', 'Lena Ekhage', 'Granskolan'])
  assert.deepEqual([received.concern, received.child.description], [sent.concern, sent.child.description])
  assert.equal(received.decisionDueOn, `${today.slice(0, 4)}-12-05`)
  assert.deepEqual(await due(received, 'IMMEDIATE_PROTECTION_ASSESSMENT'), { day: today, met: false })
  assert.deepEqual(relations(received), ['assess', 'extend', 'identify', 'self'])
})

test('a child of the own register is told with its number, and known to the recipient by it', async () => {
  const number = identityNumber('2016-03-04')
  const ours = await childAt(SCHOOL, { number })
  const theirs = await childAt(SOCIAL, { name: 'Nova Annan', number })

  const sent = await report(server, 'school-teacher', { child: { subjectId: ours } })

  assert.deepEqual(sent.child, { subjectId: ours, name: 'Nova Provfall', identityNumber: number, birthDate: day(-3000), masked: false })
  const received = await receivedOf(server, sent)
  assert.deepEqual(received.child, { subjectId: theirs, name: 'Nova Provfall', identityNumber: number, birthDate: day(-3000), masked: false })
  await allowedOnce(server, await get(worker, received), [theirs], [received.id], { concerned_ids: [] })
})

test('the reporter learns nothing of whether the child is known there', async () => {
  const [known, unknown] = [identityNumber('2015-02-03', 981), identityNumber('2015-02-03', 982)]
  const theirs = await childAt(SOCIAL, { number: known })
  const about = identityNumber => ({ child: { name: 'Nova', identityNumber, birthDate: '2015-02-03', description: 'In year 4.' } })

  const [first, second] = [await send(teacher, about(known)), await send(teacher, about(unknown))]

  const plain = ({ body: { id, _links, reportedAt, updatedAt, child: { identityNumber, ...child }, ...rest } }) => ({ ...rest, child })
  assert.deepEqual(plain(first), plain(second))
  assert.equal(first.etag, second.etag)
  const events = reply => logged(server, reply).then(([{ subject_ids, concerned_ids, grounds }]) => ({ subject_ids, concerned_ids, grounds }))
  assert.deepEqual(await events(first), await events(second))
  assert.equal((await receivedOf(server, first.body)).child.subjectId, theirs)
  assert.equal((await receivedOf(server, second.body)).child.subjectId, undefined)
})

test('what social services do changes nothing in the copy of the reporter', async () => {
  const child = await registerChild(server, { years: 9 })
  const sent = await report(server, 'school-teacher', hold)
  const before = await get(teacher, sent)
  const received = await receivedOf(server, sent)

  await assess(server, received)
  await identify(server, received, child.id)
  await worker.call('extendPreliminaryAssessment', { path: path(received), body: { until: day(30), reason: 'Abroad.' } }, { status: 201 })
  await decide(server, received, opening())

  const after = await get(teacher, sent)
  assert.equal(after.text, before.text)
  assert.equal(after.etag, before.etag)
  assert.doesNotMatch(after.text, new RegExp(received.id))
})

test('a report from family counselling rests on its own ground', async () => {
  await server.sql(`update samsyn.organisations set sector = 'FAMILY_COUNSELLING', regime = 'FAMILY_COUNSELLING' where id = '${CLINIC_UNIT}'`)
  try {
    const made = await send(psychologist)

    assert.deepEqual([made.status, made.body.ground, made.body.secrecyRegime], [201, 'CONCERN_REPORT_FAMILY_COUNSELLING', 'FAMILY_COUNSELLING'])
    await allowedOnce(server, made, [], [made.body.id], { grounds: ['CONCERN_REPORT_FAMILY_COUNSELLING'] })
  } finally {
    await server.sql(`update samsyn.organisations set sector = 'HEALTH_CARE', regime = 'HEALTH_CARE' where id = '${CLINIC_UNIT}'`)
  }
})

test('the evaluator weighs a report as any disclosure', async () => {
  const adult = await childAt(SCHOOL, { born: day(-7000) })
  const before = await server.sql('select count(*) as n from samsyn.concern_reports')

  await deniedOnce(server, await send(teacher, { child: { subjectId: adult } }), 403, 'GROUND_AGE')
  await deniedOnce(server, await send(teacher, { child: { description: 'A former pupil.', birthDate: day(-7000) } }), 403, 'GROUND_AGE')
  await deniedOnce(server, await send(teacher, { recipientUnitId: CLINIC_UNIT }), 403, 'GROUND_RECIPIENT_SECTOR')
  await server.sql(`update samsyn.organisations set sector = 'COURT' where id = '${SCHOOL_UNIT}'`)
  try {
    await deniedOnce(server, await send(teacher), 403, 'GROUND_SOURCE_SECTOR')
  } finally {
    await server.sql(`update samsyn.organisations set sector = 'SCHOOL' where id = '${SCHOOL_UNIT}'`)
  }
  assert.deepEqual(await server.sql('select count(*) as n from samsyn.concern_reports'), before)
})

test('a report is addressed to a unit where somebody will see it, about a child whom one may name', async () => {
  for (const [more, where] of [
    [{ recipientUnitId: unknownId() }, '/body/recipientUnitId'], [{ recipientUnitId: SOCIAL }, '/body/recipientUnitId'],
    [{ child: { subjectId: ALVA } }, '/body/child/subjectId'], [{ child: { subjectId: unknownId() } }, '/body/child/subjectId']
  ]) {
    const reply = await send(teacher, more)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(pointer(reply), [where])
  }
  await server.sql(`update samsyn.users set active = false where id in ('${userId('social-case-worker')}', '${userId('social-manager')}')`)
  try {
    await deniedOnce(server, await send(teacher), 422, 'INVALID_REFERENCE')
  } finally {
    await server.sql(`update samsyn.users set active = true where id in ('${userId('social-case-worker')}', '${userId('social-manager')}')`)
  }
})

test('what does not follow the contract is refused, and so is everything that is not the client’s to say', async () => {
  const { concern, ...without } = reportDraft()
  await refusesBodies(teacher, 'createConcernReport', {}, [
    [without, '/body/concern'], [reportDraft({ harms: [] }), '/body/harms'], [reportDraft({ reportedAt: '2020-01-01T00:00:00Z' }), '/body/reportedAt'],
    [reportDraft({ organisationId: SOCIAL }), '/body/organisationId'], [reportDraft({ ground: 'CONSENT' }), '/body/ground'],
    [reportDraft({ guardianContactHold: {} }), '/body/guardianContactHold/reason']
  ])
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  await refusesBodies(worker, 'giveFeedback', { path: path(received) }, [[{ outcome: 'opened' }, '/body/outcome']])
  for (const [operation, body] of [
    ['identifyConcernReport', {}], ['assessProtection', {}], ['extendPreliminaryAssessment', {}], ['decideConcernReport', { outcome: 'open' }],
    ['askFeedback', { why: 'x' }], ['releaseHold', {}]
  ]) refused(await step(server, 'social-case-worker', operation, received, body), 400, 'INVALID_REQUEST')
  await refusesMalformedId(worker, 'getConcernReport', 'concernReportId')
  await refusesStrayQuery(worker, 'listConcernReports')
})

test('a protected identity is reported, and shown on both sides to whoever may see it', async () => {
  const number = identityNumber('2016-03-05')
  const ours = await childAt(SCHOOL, { number, name: 'Gömd Provfall', hidden: true })

  const sent = await report(server, 'school-teacher', { child: { subjectId: ours } })

  assert.deepEqual(sent.child, { subjectId: ours, birthDate: day(-3000), masked: true })
  assert.equal((await read(head, sent)).child.name, 'Gömd Provfall')
  const received = await receivedOf(server, sent)
  assert.deepEqual(received.child, { birthDate: day(-3000), masked: true })
  assert.equal((await read(manager, received)).child.identityNumber, number)
  const masked = await get(worker, received)
  assert.doesNotMatch(masked.text, new RegExp(`Gömd|${number}`))
  assert.notEqual(masked.etag, (await get(manager, received)).etag)
})

test('a child whose identity only the recipient protects is masked there', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher', { child: { name: 'Maja', description: 'In year 6.' } }))

  const identified = await manager.call('identifyConcernReport', { path: path(received), body: { subjectId: MAJA } }, { status: 201 })

  assert.equal(identified.body.child.name, 'Maja')
  assert.deepEqual((await read(worker, received)).child, { subjectId: MAJA, masked: true })
})

test('the author and whoever leads the unit see what was sent, nobody else', async () => {
  const sent = await report(server, 'school-teacher')
  const received = await receivedOf(server, sent)

  assert.equal((await read(head, sent)).id, sent.id)
  for (const person of [nurse, psychologist, clinicManager, worker, manager]) await deniedOnce(server, await get(person, sent), 404, 'NOT_FOUND')
  for (const person of [teacher, head, nurse, psychologist, clinicManager]) await deniedOnce(server, await get(person, received), 404, 'NOT_FOUND')
  await deniedOnce(server, await get(acting(server, 'school-auditor'), sent), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await get(acting(server, 'collaboration-lead'), received), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await get(teacher, { id: unknownId() }), 404, 'NOT_FOUND', { concerned_ids: [] })
})

test('a guess at the copy of the other side is 404 like any guess, and logged for its holder', async () => {
  const sent = await report(server, 'school-teacher', { child: { subjectId: await childAt(SCHOOL) } })
  const received = await receivedOf(server, sent)

  const guess = await get(teacher, received)

  await deniedOnce(server, guess, 404, 'NOT_FOUND', { resource_ids: [received.id], concerned_ids: [SOCIAL] })
  const told = ({ body: { type, title, status, code, detail } }) => ({ type, title, status, code, detail })
  assert.deepEqual(told(guess), told(await get(teacher, { id: unknownId() })))
  for (const operation of ['askFeedback', 'giveFeedback', 'identifyConcernReport']) {
    const body = operation === 'identifyConcernReport' ? { subjectId: ALVA } : {}
    refused(await step(server, 'school-head', operation, received, body), 404, 'NOT_FOUND')
  }
})

test('an author who has moved to another unit leaves the report with the one that holds it', async () => {
  const sent = await report(server, 'school-teacher')
  const [unit] = [unknownId()]
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${unit}', '${SCHOOL}', 'unit', 'Ekskolan');
    update samsyn.assignments set unit_id = '${unit}' where id = '${assignmentId('school-teacher')}'`)
  try {
    refused(await get(teacher, sent), 404, 'NOT_FOUND')
    assert.equal(await total(teacher, {}), 0)
    refused(await step(server, 'school-teacher', 'askFeedback', sent), 404, 'NOT_FOUND')
    assert.equal((await read(head, sent)).reportedBy, 'Lena Ekhage')
  } finally {
    await server.sql(`update samsyn.assignments set unit_id = '${SCHOOL_UNIT}' where id = '${assignmentId('school-teacher')}'`)
  }
  assert.equal((await read(teacher, sent)).id, sent.id)
})

test('whoever loses the permission to receive sees nothing of what came in', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  await actsWith(server, 'social-case-worker', 'case:read,subject:read,concern-report:read,concern-report:write')
  try {
    refused(await get(worker, received), 404, 'NOT_FOUND')
    assert.equal(await total(worker, { state: 'awaiting-assessment' }), 0)
  } finally {
    await server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = 'case-worker') where id = '${assignmentId('social-case-worker')}'`)
  }
})

test('whoever is excluded from a child sees no report about it, and may report it all the same', async () => {
  const child = await registerChild(server, { years: 9, identityNumber: identityNumber(day(-3300)) })
  const caseId = await openCase(server, { subjectId: child.id })
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  await identify(server, received, child.id)
  await server.sql(`insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
    values (samsyn.uuid7(), '${caseId}', '${child.id}', '${SOCIAL}', '${userId('social-case-worker')}', 'kinship', 'Aunt.', '${assignmentId('social-manager')}')`)
  try {
    refused(await get(worker, received), 404, 'NOT_FOUND')
    assert.equal((await read(manager, received)).child.subjectId, child.id)
    const own = await send(worker, { child: { description: 'My niece.', identityNumber: child.identityNumber } })
    assert.deepEqual([own.status, own.body.child.subjectId], [201, undefined])
    refused(await send(worker, { child: { subjectId: child.id } }), 422, 'INVALID_REFERENCE')
  } finally {
    await server.sql(`update samsyn.exclusions set ended_at = now(), ended_by = declared_by, end_reason = 'Test over.'`)
  }
})

test('a report to a unit that has nobody is seen by whoever leads another of the authority', async () => {
  const empty = unknownId()
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${empty}', '${SOCIAL}', 'unit', 'Ungdom')`)

  const sent = await report(server, 'school-teacher', { recipientUnitId: empty })

  const received = await receivedOf(server, sent, 'social-manager')
  assert.equal(received.recipientUnitName, 'Ungdom')
  refused(await get(worker, received), 404, 'NOT_FOUND')
  assert.equal((await manager.call('assessProtection', { path: path(received), body: assessment })).status, 201)
})

test('the unit below is seen by whoever leads the one above', async () => {
  const below = unknownId()
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${below}', '${SOCIAL_UNIT}', 'unit', 'Mottagningen');
    update samsyn.assignments set unit_id = '${below}' where id = '${assignmentId('social-case-worker')}'`)
  try {
    const received = await receivedOf(server, await report(server, 'school-teacher', { recipientUnitId: below }))
    const above = await receivedOf(server, await report(server, 'school-teacher'), 'social-manager')
    assert.equal((await read(manager, received)).id, received.id)
    refused(await get(worker, above), 404, 'NOT_FOUND')
  } finally {
    await server.sql(`update samsyn.assignments set unit_id = '${SOCIAL_UNIT}' where id = '${assignmentId('social-case-worker')}'`)
  }
})

test('the lists show each side its own copies, by kind and state', async () => {
  const sent = []
  for (let i = 0; i < 3; i++) sent.unshift(await report(server, 'clinic-psychologist'))
  const received = await receivedOf(server, sent[0])
  await assess(server, received)

  const list = await psychologist.get('/concern-reports', { query: { limit: 3 }, status: 200 })
  assert.deepEqual(list.body.concernReports.map(one => one.id), sent.map(one => one.id))
  await pages(psychologist, '/concern-reports', 'concernReports', { kind: 'sent' })
  assert.equal(await total(psychologist, { kind: 'received' }), 0)
  const waiting = await worker.get('/concern-reports', { query: { kind: 'received', state: 'awaiting-decision', limit: 100 }, status: 200 })
  assert.ok(waiting.body.concernReports.some(one => one.id === received.id))
  assert.ok(waiting.body.concernReports.every(one => one.state === 'awaiting-decision'))
  refused(await worker.get('/concern-reports', { query: { state: 'lost' } }), 400, 'INVALID_REQUEST')
  await readsConditionally(teacher, `/concern-reports/${(await report(server, 'school-teacher')).id}`)
})

test('whoever leads a unit sees at a glance what waits, also in units that have nobody', async () => {
  const empty = unknownId()
  await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${empty}', '${SOCIAL}', 'unit', 'Familjerätten')`)
  const of = async (person, unit) => (await person.get('/concern-report-summaries', { query: { limit: 100 }, status: 200 })).body.concernReportSummaries.find(one => one.unitId === unit)
  await moveClock(server, `${day(-20)}T12:00:00+01:00`)
  const old = await receivedOf(server, await report(server, 'school-teacher', { recipientUnitId: empty, ...hold, feedbackRequested: true }), 'social-manager')
  await restoreClock(server)
  await report(server, 'school-teacher', { recipientUnitId: empty })
  await manager.call('assessProtection', { path: path(old), body: assessment }, { status: 201 })

  const { oldestWaiting, _links, ...counts } = await of(manager, empty)

  assert.deepEqual(counts, {
    unitId: empty, unitName: 'Familjerätten', attended: false, awaitingAssessment: 1, awaitingDecision: 1, late: 1, opened: 0, notOpened: 0,
    alreadyOpen: 0, awaitingFeedback: 1, onHold: 1
  })
  assert.deepEqual([oldestWaiting, Object.keys(_links)], [old.reportedAt, ['unit']])
  assert.equal((await of(worker, SOCIAL_UNIT)).attended, true)
  assert.equal(await of(worker, empty), undefined)
  assert.equal((await of(head, SCHOOL_UNIT)).awaitingAssessment, 0)
  assert.equal(await of(head, SOCIAL_UNIT), undefined)
  await refusesStrayQuery(manager, 'listConcernReportSummaries')
  await deniedOnce(server, await teacher.get('/concern-report-summaries'), 403, 'ROLE_NOT_ALLOWED')
})

test('the child is found out, and may be another than was thought until there is a case', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher'))

  const first = await worker.call('identifyConcernReport', { path: path(received), body: { subjectId: ALVA } }, { status: 201 })
  await allowedOnce(server, first, [ALVA], [received.id], { activity: 'write' })
  const second = await identify(server, received, ELIAS)

  assert.deepEqual([first.body.child.subjectId, second.child.subjectId], [ALVA, ELIAS])
  assert.deepEqual(second.identifications.map(one => [one.subjectId, one.identifiedBy]), [[ALVA, 'Sara Lindalm'], [ELIAS, 'Sara Lindalm']])
  for (const subjectId of [unknownId(), await childAt(SCHOOL)]) {
    const reply = await step(server, 'social-case-worker', 'identifyConcernReport', received, { subjectId })
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(pointer(reply), ['/body/subjectId'])
  }
  const child = await registerChild(server, { years: 9 })
  await identify(server, received, child.id)
  await assess(server, received)
  await decide(server, received, opening())
  await deniedOnce(server, await step(server, 'social-case-worker', 'identifyConcernReport', received, { subjectId: ALVA }), 409, 'CONFLICT')
})

test('the need of immediate protection is assessed and documented, more than once if need be', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  const made = await worker.call('assessProtection', { path: path(received), body: { ...assessment, immediateNeed: true, measures: 'Placed tonight.' } }, { status: 201 })

  assert.equal(made.body.state, 'awaiting-decision')
  assert.deepEqual(await due(received, 'IMMEDIATE_PROTECTION_ASSESSMENT').then(one => one.met), true)
  assert.deepEqual(relations(made), ['assess', 'decide', 'extend', 'identify', 'self'])
  const again = await assess(server, received)
  assert.deepEqual(again.protectionAssessments.map(({ assessedAt, ...one }) => one), [
    { ...assessment, immediateNeed: true, measures: 'Placed tonight.', assessedBy: 'Sara Lindalm' }, { ...assessment, assessedBy: 'Sara Lindalm' }])
})

test('whether to investigate is decided after the assessment, once', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  await deniedOnce(server, await step(server, 'social-case-worker', 'decideConcernReport', received, decision('not-open')), 409, 'CONFLICT')
  await assess(server, received)

  const made = await worker.call('decideConcernReport', { path: path(received), body: decision('not-open', { childView: unheard }) }, { status: 201 })

  const { decidedAt, ...said } = made.body.preliminaryDecision
  const { outcome, ...asked } = decision('not-open', { childView: unheard })
  assert.deepEqual(said, { ...asked, outcome, decidedBy: 'Sara Lindalm' })
  assert.deepEqual([made.body.state, made.body.retentionRule, made.body.caseId], ['not-opened', 'REPORT_NOT_OPENED', undefined])
  assert.equal((await due(received, 'PRELIMINARY_ASSESSMENT')).met, true)
  await allowedOnce(server, made, [], [received.id], { activity: 'write' })
  await deniedOnce(server, await step(server, 'social-case-worker', 'decideConcernReport', received, opening()), 409, 'ALREADY_ANSWERED')
})

test('an investigation is opened on a new case, of a child one knows', async () => {
  const today = latest('10-31')
  await moveClock(server, `${today}T12:00:00+01:00`)
  const child = await registerChild(server, { years: 9 })
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  await assess(server, received)
  const nameless = await step(server, 'social-case-worker', 'decideConcernReport', received, opening())
  await deniedOnce(server, nameless, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointer(nameless), ['/body/outcome'])
  await identify(server, received, child.id)

  const made = await worker.call('decideConcernReport', { path: path(received), body: opening() }, { status: 201 })

  assert.deepEqual([made.body.state, made.body.retentionRule], ['opened', 'CHILD_INVESTIGATION'])
  assert.deepEqual(relations(made), ['assess', 'case', 'giveFeedback', 'investigation', 'self'])
  const opened = await worker.follow(made, 'investigation', undefined, { status: 200 })
  assert.deepEqual([opened.body.state, opened.body.subjectId, opened.body.caseId, opened.body.dueOn], ['open', child.id, made.body.caseId, endOfFebruary(today)])
  const theCase = await worker.follow(made, 'case', undefined, { status: 200 })
  assert.deepEqual([theCase.body.title, theCase.body.subjectId, theCase.body.status], ['Concern for a child', child.id, 'open'])
})

test('an investigation is opened on a case of the own organisation about the same child, while none is open', async () => {
  const child = await registerChild(server, { years: 9 })
  const caseId = await openCase(server, { subjectId: child.id })
  const onManagers = await openCase(server, { subjectId: child.id, person: 'social-manager' })
  const closed = await openCase(server, { subjectId: child.id })
  await worker.post(`/cases/${closed}/closures`, { reason: 'Done.' }, { status: 201 })
  const assessed = async () => {
    const received = await receivedOf(server, await report(server, 'school-teacher'))
    await assess(server, received)
    return identify(server, received, child.id)
  }
  const [first, second] = [await assessed(), await assessed()]
  const inCase = caseId => ({ ...decision('open'), caseId })
  const attempt = (received, body) => step(server, 'social-case-worker', 'decideConcernReport', received, body)

  for (const id of [await openCase(server), onManagers, unknownId()]) {
    const reply = await attempt(first, inCase(id))
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(pointer(reply), ['/body/caseId'])
  }
  await deniedOnce(server, await attempt(first, inCase(closed)), 409, 'CASE_CLOSED')
  await deniedOnce(server, await attempt(first, decision('already-open')), 409, 'CONFLICT')
  assert.equal((await decide(server, first, inCase(caseId))).caseId, caseId)
  for (const body of [opening(), inCase(caseId), decision('not-open')]) await deniedOnce(server, await attempt(second, body), 409, 'CONFLICT')
  const joined = await decide(server, second, decision('already-open'))
  assert.deepEqual([joined.state, joined.caseId], ['already-open', caseId])
})

test('of two decisions at once one stands', async () => {
  for (let round = 0; round < 4; round++) {
    const child = await registerChild(server, { years: 9 })
    const received = await receivedOf(server, await report(server, 'school-teacher'))
    await assess(server, received)
    await identify(server, received, child.id)
    const attempt = (person, body) => step(server, person, 'decideConcernReport', received, body)

    const replies = await Promise.all([attempt('social-case-worker', opening()), attempt('social-manager', decision('not-open')), attempt('social-case-worker', opening())])

    assert.deepEqual(replies.map(reply => `${reply.status} ${reply.body.code ?? ''}`.trim()).sort(), ['201', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED'])
    const [{ n }] = await server.sql(`select count(*)::int as n from samsyn.cases where subject_id = '${child.id}'`)
    assert.equal(n, (await read(worker, received)).state === 'opened' ? 1 : 0)
  }
})

test('a request for feedback and the answer to it wait for each other', async () => {
  for (let round = 0; round < 4; round++) {
    const sent = await report(server, 'school-teacher')
    const received = await receivedOf(server, sent)
    await assess(server, received)
    await decide(server, received, decision('not-open'))

    const [asked, given] = await Promise.all([step(server, 'school-teacher', 'askFeedback', sent), step(server, 'social-case-worker', 'giveFeedback', received)])

    assert.equal(given.status, 201, given.text)
    assert.ok(asked.status === 201 || asked.body.code === 'ALREADY_ANSWERED', asked.text)
    assert.equal((await read(teacher, sent)).feedbackState, 'given')
  }
})

test('of two reports about one child that are decided at once one opens the investigation', async () => {
  for (let round = 0; round < 4; round++) {
    const child = await registerChild(server, { years: 9 })
    const two = []
    for (const person of ['school-teacher', 'clinic-psychologist']) {
      const received = await receivedOf(server, await report(server, person))
      await assess(server, received)
      two.push(await identify(server, received, child.id))
    }

    const replies = await Promise.all(two.map(received => step(server, 'social-case-worker', 'decideConcernReport', received, opening())))

    assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409])
    assert.ok(['ALREADY_EXISTS', 'CONFLICT'].includes(replies.find(reply => reply.status === 409).body.code))
    assert.deepEqual(await server.sql(`select (select count(*) from samsyn.investigations where subject_id = '${child.id}') as investigations,
      (select count(*) from samsyn.cases where subject_id = '${child.id}') as cases`), [{ investigations: 1, cases: 1 }])
  }
})

test('the time for the decision is extended for exceptional reasons, and only while it runs', async () => {
  const received = await receivedOf(server, await report(server, 'school-teacher'))
  const extend = until => step(server, 'social-case-worker', 'extendPreliminaryAssessment', received, { until, reason: 'Abroad.' })

  const early = await extend(day(14))
  await deniedOnce(server, early, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointer(early), ['/body/until'])
  assert.equal((await extend(day(21))).body.decisionDueOn, day(21))
  await assess(server, received)
  await decide(server, received, decision('not-open'))
  await deniedOnce(server, await extend(day(30)), 409, 'ALREADY_ANSWERED')
})

test('each step is for one side: the other is told so', async () => {
  const sent = await report(server, 'school-head')
  const received = await receivedOf(server, sent)
  for (const [operation, body] of [
    ['identifyConcernReport', { subjectId: ALVA }], ['assessProtection', assessment], ['extendPreliminaryAssessment', { until: day(30), reason: 'x' }],
    ['decideConcernReport', decision('not-open')], ['giveFeedback', {}], ['releaseHold', { reason: 'x' }]
  ]) await deniedOnce(server, await step(server, 'school-head', operation, sent, body), 403, 'NOT_RECIPIENT')
  await deniedOnce(server, await step(server, 'social-case-worker', 'askFeedback', received), 403, 'NOT_OWNER')
  await deniedOnce(server, await step(server, 'school-teacher', 'assessProtection', received, assessment), 403, 'ROLE_NOT_ALLOWED')
})

test('each step is carried out once', async () => {
  const sent = (await answersOnce(server, 'school-teacher', 'createConcernReport', { body: reportDraft(hold) }, { body: reportDraft() })).body
  assert.equal((await server.sql(`select count(*)::int as n from samsyn.concern_reports where id = '${sent.id}' or counterpart_id = '${sent.id}'`))[0].n, 2)
  const id = await receivedIdOf(server, sent)
  const child = await registerChild(server, { years: 9 })
  const once = (person, operation, first, other, at = { id }) =>
    answersOnce(server, person, operation, { path: path(at), body: first }, { path: path(at), body: other })

  await once('social-case-worker', 'identifyConcernReport', { subjectId: child.id }, { subjectId: ALVA })
  const assessed = await once('social-case-worker', 'assessProtection', assessment, { ...assessment, immediateNeed: true })
  assert.equal(assessed.body.protectionAssessments.length, 1)
  await once('social-case-worker', 'extendPreliminaryAssessment', { until: day(20), reason: 'x' }, { until: day(21), reason: 'x' })
  await once('social-case-worker', 'decideConcernReport', opening(), decision('not-open'))
  const another = await report(server, 'school-teacher')
  await answersOnce(server, 'school-teacher', 'askFeedback', { path: path(sent), body: {} }, { path: path(another), body: {} })
  await once('social-case-worker', 'giveFeedback', {}, { refusedReason: 'x' })
  await once('social-case-worker', 'releaseHold', { reason: 'x' }, { reason: 'y' })
  assert.deepEqual(await server.sql(`select count(*)::int as n from samsyn.cases where subject_id = '${child.id}'`), [{ n: 1 }])
})
