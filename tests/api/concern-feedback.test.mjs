// What the reporter is told of a concern report, and the hold on contact with guardians.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { decided, decision, dueOf, hold, opening, receivedOf, registeredAt, report, step } from '../support/concern.mjs'
import { ALVA, day, identityNumber, latest, SCHOOL } from '../support/demo.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, deniedOnce, jointCase, logged, openCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
afterEach(() => restoreClock(server))

const path = ({ id }) => ({ concernReportId: id })
const get = (person, one) => person.call('getConcernReport', { path: path(one) })
const read = async (person, one) => (await person.call('getConcernReport', { path: path(one) }, { status: 200 })).body
const due = (received, rule) => dueOf(server, received, rule)
const childAt = (organisation, more) => registeredAt(server, organisation, more)

test('the reporter is told whether an investigation was opened, and nothing of its content', async () => {
  const child = await registerChild(server, { years: 9 })
  const { sent, received } = await decided(server, opening(), { subjectId: child.id, feedbackRequested: true })
  assert.deepEqual(await due(received, 'REPORTER_FEEDBACK'), { day: day(7), met: false })

  const given = await worker.call('giveFeedback', { path: path(received), body: {} }, { status: 201 })

  await allowedOnce(server, given, [child.id], [received.id], { activity: 'disclose', grounds: ['REPORTER_FEEDBACK'], concerned_ids: [SCHOOL] })
  assert.deepEqual([given.body.feedbackState, given.body.feedback.outcome, given.body.feedback.givenBy], ['given', 'opened', 'Sara Lindalm'])
  const told = await read(teacher, sent)
  assert.deepEqual(Object.keys(told.feedback).sort(), ['givenAt', 'outcome', 'requestedAt'])
  assert.deepEqual([told.feedbackState, told.feedback.outcome, told.state, told.caseId, told.preliminaryDecision], ['given', 'opened', 'sent', undefined, undefined])
  assert.equal((await due(received, 'REPORTER_FEEDBACK')).met, true)
  await deniedOnce(server, await step(server, 'social-case-worker', 'giveFeedback', received), 409, 'ALREADY_ANSWERED')
  await deniedOnce(server, await step(server, 'school-teacher', 'askFeedback', sent), 409, 'ALREADY_ANSWERED')
})

test('whoever reported a child whom they could not name does not learn from the log who it is, though they know the child', async () => {
  await jointCase(server)
  const { received } = await decided(server, opening(), { subjectId: ALVA })
  const given = await worker.call('giveFeedback', { path: path(received), body: {} }, { status: 201 })
  const [event] = await logged(server, given)
  const listed = async (person, query) => (await acting(server, person).call('listAccessEvents', { query: { operation: 'giveFeedback', ...query } }, { status: 200 }))
    .body.accessEvents.filter(one => one.id === event.id).map(one => one.subjectIds)

  assert.deepEqual(await listed('school-auditor', {}), [[]])
  assert.deepEqual(await listed('school-auditor', { subjectId: ALVA }), [])
  assert.deepEqual(await listed('social-auditor', { subjectId: ALVA }), [[ALVA]])

  // Nor does a page about the child end at the feedback, which would say the same.
  await jointCase(server)
  const follow = async limit => {
    const found = []
    let page = await acting(server, 'school-auditor').call('listAccessEvents', { query: { subjectId: ALVA, limit } }, { status: 200 })
    for (; page.links.next; page = await acting(server, 'school-auditor').follow(page, 'next', undefined, { status: 200 })) {
      const ids = page.body.accessEvents.map(one => one.id)
      assert.ok(page.links.next.href.includes(ids.at(-1)))
      found.push(...ids)
    }
    return [...found, ...page.body.accessEvents.map(one => one.id)]
  }

  const [all, singly] = [await follow(100), await follow(1)]
  assert.deepEqual(singly, all)
  assert.ok(all.length > 2 && !all.includes(event.id))
})

test('feedback follows the decision, also unasked', async () => {
  const child = await registerChild(server, { years: 9 })
  for (const [body, outcome, subjectId] of [[decision('not-open'), 'not-opened'], [opening(), 'opened', child.id], [decision('already-open'), 'already-open', child.id]]) {
    const { sent, received } = await decided(server, body, { subjectId })
    assert.equal((await worker.call('giveFeedback', { path: path(received), body: {} }, { status: 201 })).body.feedback.outcome, outcome)
    assert.equal((await read(teacher, sent)).feedback.outcome, outcome)
  }
})

test('there is no feedback before the decision, nor once the child is of age', async () => {
  const undecided = await receivedOf(server, await report(server, 'school-teacher'))
  await deniedOnce(server, await step(server, 'social-case-worker', 'giveFeedback', undecided), 409, 'CONFLICT')

  const { sent, received } = await decided(server, decision('not-open'), { child: { description: 'In year 9.', birthDate: day(-6560) } })
  await moveClock(server, `${day(400)}T12:00:00+01:00`)
  const reply = await acting(server, 'social-case-worker').call('giveFeedback', { path: path(received), body: {} })
  await deniedOnce(server, reply, 403, 'GROUND_AGE')
  assert.equal((await read(teacher, sent)).feedbackState, 'not-requested')
})

test('feedback is refused where it would be inappropriate, and the reporter does not learn why', async () => {
  const { sent, received } = await decided(server, decision('not-open'))
  const refuse = () => step(server, 'social-case-worker', 'giveFeedback', received, { refusedReason: 'The child does not want it.' })
  await deniedOnce(server, await refuse(), 409, 'CONFLICT')
  await teacher.call('askFeedback', { path: path(sent), body: {} }, { status: 201 })

  const reply = await refuse()

  assert.equal(reply.status, 201, reply.text)
  assert.equal(reply.body.feedback.refusedReason, 'The child does not want it.')
  await allowedOnce(server, reply, [], [received.id], { grounds: [], concerned_ids: [] })
  const told = await get(teacher, sent)
  assert.deepEqual([told.body.feedbackState, told.body.feedback.outcome], ['refused', 'refused'])
  assert.doesNotMatch(told.text, /does not want/)
})

test('whoever asks later is answered at once, within the week by its end', async () => {
  const year = latest('11-02').slice(0, 4)
  await moveClock(server, `${year}-11-02T12:00:00+01:00`)
  const [soon, late] = [await decided(server, decision('not-open')), await decided(server, decision('not-open'))]
  const child = await registerChild(server, { years: 9 })
  await decided(server, opening(), { subjectId: child.id })
  const running = await decided(server, decision('already-open'), { subjectId: child.id, feedbackRequested: true })
  const ask = async ({ sent }) => (await teacher.call('askFeedback', { path: path(sent), body: {} }, { status: 201 })).body

  await moveClock(server, `${year}-11-09T23:30:00+01:00`)
  assert.equal((await ask(soon)).feedbackState, 'requested')
  await moveClock(server, `${year}-11-10T00:30:00+01:00`)
  await ask(late)

  assert.deepEqual(await due(soon.received, 'REPORTER_FEEDBACK'), { day: `${year}-11-09`, met: false })
  assert.deepEqual(await due(late.received, 'REPORTER_FEEDBACK_LATE_REQUEST'), { day: `${year}-11-10`, met: false })
  assert.deepEqual(await due(running.received, 'REPORTER_FEEDBACK_LATE_REQUEST'), { day: `${year}-11-02`, met: false })
  await deniedOnce(server, await step(server, 'school-teacher', 'askFeedback', soon.sent), 409, 'ALREADY_EXISTS')
})

test('a request for feedback looks the same whatever has been decided', async () => {
  const open = await report(server, 'school-teacher')
  const { sent } = await decided(server, decision('not-open'))
  const replies = [await step(server, 'school-teacher', 'askFeedback', open), await step(server, 'school-teacher', 'askFeedback', sent)]

  const plain = ({ body: { id, _links, reportedAt, updatedAt, feedback, ...rest } }) => ({ ...rest, feedback: Object.keys(feedback) })
  assert.deepEqual(plain(replies[0]), plain(replies[1]))
  assert.deepEqual((await logged(server, replies[0])).map(row => [row.subject_ids, row.concerned_ids]), (await logged(server, replies[1])).map(row => [row.subject_ids, row.concerned_ids]))
})

test('a hold on contact with guardians is seen on both copies and on the cases about the child until it is released', async () => {
  const number = identityNumber('2017-04-05')
  const child = await registerChild(server, { years: 9, identityNumber: number })
  const [ours, theirs] = [await childAt(SCHOOL, { number }), child.id]
  const caseId = await openCase(server, { subjectId: theirs })
  const unheld = await openCase(server)
  const schools = (await head.post('/cases', { subjectId: ours, title: 'Support at school' }, { status: 201 })).body.id
  const held = async (person, id) => (await person.get(`/cases/${id}`, { status: 200 })).body.guardianContactHold
  const before = await worker.get(`/cases/${caseId}`, { status: 200 })

  const sent = await report(server, 'school-teacher', { child: { subjectId: ours }, ...hold })
  const received = await receivedOf(server, sent)

  assert.deepEqual([sent.guardianContact, received.guardianContact], ['on-hold', 'on-hold'])
  assert.deepEqual([await held(worker, caseId), await held(head, schools), await held(worker, unheld)], [true, true, undefined])
  assert.equal((await worker.get(`/cases/${caseId}`, { ifNoneMatch: before.etag })).status, 200)

  const released = await worker.call('releaseHold', { path: path(received), body: { reason: 'We have told them.' } }, { status: 201 })
  await allowedOnce(server, released, [theirs], [received.id], { activity: 'write' })
  assert.deepEqual([released.body.guardianContact, released.body.guardianContactHold.releaseReason], ['released', 'We have told them.'])
  const told = await get(teacher, sent)
  assert.equal(told.body.guardianContact, 'released')
  assert.doesNotMatch(told.text, /We have told|Sara Lindalm/)
  assert.deepEqual([await held(worker, caseId), await held(head, schools)], [undefined, undefined])
  await deniedOnce(server, await step(server, 'social-case-worker', 'releaseHold', received, { reason: 'x' }), 409, 'ALREADY_ENDED')
  const free = await receivedOf(server, await report(server, 'school-teacher'))
  await deniedOnce(server, await step(server, 'social-case-worker', 'releaseHold', free, { reason: 'x' }), 409, 'CONFLICT')
})

test('a hold keeps the child’s part of the API from guardians, and a report is never told to them', async () => {
  const scope = 'samsyn:my'
  await server.sql(`insert into samsyn.clients (id, client_id, name, vendor, organisation_ids, scopes)
    values (samsyn.uuid7(), 'family-portal', 'Familjeportalen', 'Provbolaget', '{}', '{${scope}}')`)
  const number = identityNumber('1986-03-09')
  const guardian = server.as('anyone', { claims: { iss: 'samsyn-development-party', azp: 'family-portal', scope, identity_number: number } })
  const child = await registerChild(server, { years: 9, guardians: 0, identityNumber: identityNumber(day(-3400)) })
  await worker.post(`/subjects/${child.id}/guardians`, { name: 'Berit Provfall', identityNumber: number, kind: 'guardian', startsOn: child.birthDate }, { status: 201 })
  const caseId = await openCase(server, { subjectId: child.id })
  const told = async () => [(await guardian.get('/my/cases', { status: 200 })).body.cases.map(one => one.id), (await guardian.get('/my/access-events', { status: 200 })).text]
  assert.deepEqual((await told())[0], [caseId])

  const received = await receivedOf(server, await report(server, 'school-teacher', { child: { description: 'In year 3.', identityNumber: child.identityNumber }, ...hold }))
  assert.equal(received.child.subjectId, child.id)

  assert.deepEqual((await told())[0], [])
  assert.doesNotMatch((await told())[1], /oncern/)
  await worker.call('releaseHold', { path: path(received), body: { reason: 'We have told them.' } }, { status: 201 })
  const [cases, events] = await told()
  assert.deepEqual(cases, [caseId])
  assert.doesNotMatch(events, /oncern/)
})
