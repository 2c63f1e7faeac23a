// Cases: opening, finding, editing, closing and opening again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { ALVA, ELIAS, MAJA, SCHOOL, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import {
  answersOnce, editsConditionally, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery,
  relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, appoint, deniedOnce, handOverCase, hiddenFromStrangers, jointCase, openCase, shareStandingly, writeRecord
} from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')

const READER = ['closures', 'consents', 'deadlines', 'decisions', 'disclosures', 'exclude', 'exclusions', 'handovers', 'informationRequests', 'investigations', 'leadTransfers', 'participants', 'participation',
  'plans', 'records', 'reopenings', 'self', 'teamMembers', 'transitions']
const WRITER = [...READER, 'addDeadline', 'addRecord', 'addTeamMember', 'announceTransition', 'askConsent', 'askInformation', 'beginPlan', 'close', 'disclose', 'edit', 'handOver',
  'invite', 'offerLead', 'recordParticipation', 'retention'].sort()
const reason = { reason: 'The plan is carried out and followed up.' }
const close = async (caseId, person = worker) => person.post(`/cases/${caseId}/closures`, reason, { status: 201 })
const reopen = async caseId => worker.post(`/cases/${caseId}/reopenings`, { reason: 'New concerns from the school.' }, { status: 201 })

test('whoever opens a case leads it and is on its team', async () => {
  const made = await worker.post('/cases', { subjectId: ALVA, title: 'Joint support autumn term' }, { status: 201 })

  assert.equal(made.body.title, 'Joint support autumn term')
  assert.equal(made.body.status, 'open')
  assert.deepEqual([made.body.subjectId, made.body.organisationId, made.body.unitId], [ALVA, SOCIAL, SOCIAL_UNIT])
  assert.equal(made.body.openedBy, 'Sara Lindalm')
  assert.deepEqual(relations(made), WRITER)
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'write', purpose: 'care', concerned_ids: [] })

  const team = await worker.follow(made, 'teamMembers', undefined, { status: 200 })
  const participants = await worker.follow(made, 'participants', undefined, { status: 200 })
  assert.deepEqual(team.body.teamMembers.map(member => member.userName), ['Sara Lindalm'])
  assert.deepEqual(participants.body.participants.map(part => part.status), ['lead'])
})

test('a request to open a case is carried out once', async () => {
  await answersOnce(server, 'social-case-worker', 'createCase',
    { body: { subjectId: ALVA, title: 'Once' } }, { body: { subjectId: ALVA, title: 'Twice' } })

  const titles = await server.sql(`select title from samsyn.cases where title in ('Once', 'Twice')`)
  assert.deepEqual(titles, [{ title: 'Once' }])
})

test('a repeated answer is a disclosure of its own and logged as one', async () => {
  const send = () => worker.post('/cases', { subjectId: ALVA, title: 'Logged again' }, { key: 'cases-logged-again', status: 201 })
  const made = await send()
  const again = await send()

  await allowedOnce(server, made, [ALVA], [made.body.id])
  await allowedOnce(server, again, [ALVA], [made.body.id])
})

test('a repeated answer shows the case as it is now', async () => {
  const send = () => worker.post('/cases', { subjectId: ALVA, title: 'First title' }, { key: 'cases-as-it-is-now', status: 201 })
  const made = await send()
  const edited = await worker.patch(`/cases/${made.body.id}`, { title: 'Second title' }, { ifMatch: made.etag, status: 200 })

  const again = await send()

  assert.equal(again.text, edited.text)
  assert.deepEqual([again.etag, again.headers.location], [edited.etag, made.headers.location])
})

test('whoever was taken off the team gets no repeated answer, and the attempt is logged with the case', async () => {
  const send = () => worker.post('/cases', { subjectId: ALVA, title: 'Left behind' }, { key: 'cases-left-behind' })
  const made = await send()
  const team = await worker.follow(made, 'teamMembers', undefined, { status: 200 })
  await handOverCase(server, made.body.id, 'social-manager')
  await manager.post(`/team-members/${team.body.teamMembers[0].id}/endings`, {}, { status: 201 })

  const again = await send()

  await deniedOnce(server, again, 404, 'NOT_FOUND', { activity: 'write', resource_ids: [made.body.id], subject_ids: [ALVA] })
  assert.equal(again.text.includes('Left behind'), false)
  assert.equal((await server.sql(`select from samsyn.cases where title = 'Left behind'`)).length, 1)
})

test('a case is about a child of the own register', async () => {
  const child = await server.sql(`
    insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
    select samsyn.uuid7(), '${SCHOOL}', 'Skolans Barn', '2015-01-01', a.id from samsyn.assignments a where a.organisation_id = '${SCHOOL}' limit 1`)
    .then(() => server.sql(`select id from samsyn.subjects where name = 'Skolans Barn'`))
  const ofTheSchool = await worker.post('/cases', { subjectId: child[0].id, title: 'Not ours' })
  const ofNobody = await worker.post('/cases', { subjectId: unknownId(), title: 'Nobody' })

  await deniedOnce(server, ofTheSchool, 422, 'INVALID_REFERENCE')
  await deniedOnce(server, ofNobody, 422, 'INVALID_REFERENCE')
  assert.deepEqual(ofTheSchool.body.errors.map(error => error.pointer), ['/body/subjectId'])
  assert.deepEqual(ofTheSchool.body.errors, ofNobody.body.errors)
})

test('a draft that does not follow the contract is refused with every fault', async () => {
  await refusesBodies(worker, 'createCase', {}, [
    [{}, '/body/subjectId', '/body/title'],
    [{ subjectId: 'Alva', title: '' }, '/body/subjectId', '/body/title'],
    [{ subjectId: ALVA, title: '   ' }, '/body/title'],
    [{ subjectId: ALVA, title: 'x'.repeat(201) }, '/body/title'],
    [{ subjectId: ALVA, title: 'Mine', organisationId: SCHOOL }, '/body/organisationId']
  ])
  await refusesStrayQuery(worker, 'createCase', { body: { subjectId: ALVA, title: 'Astray' } })
})

test('only roles that work with cases open or list them', async () => {
  for (const person of ['school-teacher', 'organisation-admin', 'system-admin', 'social-auditor', 'collaboration-lead']) {
    await deniedOnce(server, await acting(server, person).post('/cases', { subjectId: ALVA, title: 'No' }), 403, 'ROLE_NOT_ALLOWED')
  }
  await deniedOnce(server, await acting(server, 'social-auditor').get('/cases'), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await worker.with({ claims: { scope: 'samsyn:audit' } }).get('/cases'), 403, 'SCOPE_MISSING')
})

test('the list holds the cases to which one is related, and the log names each with its child', async () => {
  const [alvas, eliass] = [await openCase(server), await openCase(server, { subjectId: ELIAS })]
  const managers = await openCase(server, { subjectId: MAJA, person: 'social-manager' })

  const mine = await worker.get('/cases', { query: { limit: 100 }, status: 200 })
  const ofTheUnit = await manager.get('/cases', { query: { limit: 100 }, status: 200 })
  const ofTheSchool = await teacher.get('/cases', { status: 200 })

  const ids = reply => reply.body.cases.map(one => one.id)
  assert.deepEqual(ids(mine).slice(0, 2), [eliass, alvas])
  assert.equal(ids(mine).includes(managers), false)
  assert.deepEqual(ids(ofTheUnit).slice(0, 3), [managers, eliass, alvas])
  assert.deepEqual(ids(ofTheSchool), [])
  assert.equal(ofTheSchool.body._meta.totalRecords, 0)
  await allowedOnce(server, mine, mine.body.cases.map(one => one.subjectId), ids(mine))
  await allowedOnce(server, ofTheUnit, [ALVA, ELIAS, MAJA], ids(ofTheUnit))
  await allowedOnce(server, ofTheSchool, [], [])
  assert.deepEqual(relations(mine.body.cases[0]), WRITER)
})

test('a page names in the log what it holds and not what lies beyond it', async () => {
  await openCase(server)
  await openCase(server, { subjectId: ELIAS })
  const page = await worker.get('/cases', { query: { limit: 1 }, status: 200 })

  assert.ok(page.body._meta.totalRecords > 1)
  await allowedOnce(server, page, [ELIAS], [page.body.cases[0].id])
})

test('the list is filtered by status, child and leading organisation', async () => {
  const closed = await openCase(server, { subjectId: ELIAS })
  await close(closed)
  const list = async (query, person = worker) => (await person.get('/cases', { query: { limit: 100, ...query }, status: 200 })).body.cases

  const all = await list({})
  for (const [query, holds] of [
    [{ status: 'closed' }, one => one.status === 'closed'],
    [{ status: 'open' }, one => one.status === 'open'],
    [{ subjectId: ELIAS }, one => one.subjectId === ELIAS],
    [{ organisationId: SOCIAL }, () => true],
    [{ organisationId: SCHOOL }, () => false],
    [{ status: 'closed', subjectId: ELIAS }, one => one.status === 'closed' && one.subjectId === ELIAS]
  ]) assert.deepEqual((await list(query)).map(one => one.id), all.filter(holds).map(one => one.id), JSON.stringify(query))
  assert.ok(all.some(one => one.id === closed))
})

test('the list is read by pages', async () => {
  for (let i = 0; i < 3; i++) await openCase(server)
  await pages(worker, '/cases', 'cases', { status: 'open', subjectId: ALVA })
})

test('a faulty filter or page is refused with every fault', async () => {
  const reply = await worker.get('/cases', { query: { status: 'lost', subjectId: '1', limit: 101, page: -1, colour: 'blue' } })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer).sort(),
    ['/query/colour', '/query/limit', '/query/page', '/query/status', '/query/subjectId'])
})

test('a case is read by those related to it, conditionally if they wish', async () => {
  const caseId = await openCase(server)
  const read = await readsConditionally(worker, `/cases/${caseId}`)
  const unchanged = await worker.get(`/cases/${caseId}`, { ifNoneMatch: read.etag, status: 304 })

  assert.deepEqual(relations(read), WRITER)
  await allowedOnce(server, read, [ALVA], [caseId], { activity: 'read' })
  await allowedOnce(server, unchanged, [ALVA], [caseId], { activity: 'read' })
  await refusesMalformedId(worker, 'getCase', 'caseId')
})

test('nobody without a relation learns that a case exists', async () => {
  const caseId = await openCase(server)
  for (const [operationId, more] of Object.entries({
    getCase: {}, updateCase: { body: { title: 'New' }, ifMatch: '"1"' },
    listClosures: {}, closeCase: { body: reason }, listReopenings: {}, reopenCase: { body: reason }
  })) await hiddenFromStrangers(server, operationId, { path: { caseId }, ...more }, unknownId())
})

test('a colleague who neither works on the case nor leads its unit does not see it', async () => {
  const caseId = await openCase(server, { person: 'social-manager' })

  const without = await worker.get(`/cases/${caseId}`)
  await appoint(server, 'social-manager', caseId, 'social-case-worker')
  const on = await worker.get(`/cases/${caseId}`)

  await deniedOnce(server, without, 404, 'NOT_FOUND', { subject_ids: [ALVA], concerned_ids: [] })
  assert.equal(on.status, 200)
})

test('the title is edited by the leading organisation, on the version it read', async () => {
  const caseId = await openCase(server)

  const edited = await editsConditionally(worker, `/cases/${caseId}`, { title: 'Joint support spring term' })

  assert.equal(edited.body.title, 'Joint support spring term')
  assert.deepEqual(relations(edited), WRITER)
  await allowedOnce(server, edited, [ALVA], [caseId], { activity: 'write' })
  await refusesBodies(worker, 'updateCase', { path: { caseId } }, [
    [{}, '/body'], [{ title: null }, '/body/title'], [{ status: 'closed' }, '/body/status']
  ], { ifMatch: edited.etag })
})

test('a stale edit is refused, logged, and changes nothing', async () => {
  const caseId = await openCase(server)
  const stale = await worker.patch(`/cases/${caseId}`, { title: 'Overwritten' }, { ifMatch: '"99"' })

  await deniedOnce(server, stale, 412, 'PRECONDITION_FAILED', { subject_ids: [ALVA] })
  assert.equal((await worker.get(`/cases/${caseId}`)).body.title, 'Joint support autumn term')
})

test('a participant sees the case under the ground of its invitation but does not run it', async () => {
  const { caseId } = await jointCase(server)

  const seen = await head.get(`/cases/${caseId}`, { status: 200 })
  const forTeacher = await teacher.get(`/cases/${caseId}`, { status: 200 })
  const edit = await head.patch(`/cases/${caseId}`, { title: 'Ours' }, { ifMatch: seen.etag })
  const closing = await head.post(`/cases/${caseId}/closures`, reason)
  const reopening = await head.post(`/cases/${caseId}/reopenings`, reason)

  assert.deepEqual(relations(forTeacher), [...READER, 'addRecord', 'askInformation', 'beginPlan', 'disclose', 'handOver', 'recordParticipation'].sort())
  await allowedOnce(server, seen, [ALVA], [caseId], { grounds: ['CONSENT'], concerned_ids: [SOCIAL] })
  for (const refusal of [edit, closing, reopening]) await deniedOnce(server, refusal, 403, 'NOT_LEAD_ORGANISATION', { concerned_ids: [SOCIAL] })
})

test('whoever is shown a link to read may read what it leads to', async () => {
  const joint = await jointCase(server)
  await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)

  for (const person of [worker, manager, head, teacher]) {
    const seen = new Set()
    const waiting = [`${person.url}${contract().basePath}/cases/${joint.caseId}`]
    for (let href; (href = waiting.pop());) {
      if (seen.has(href)) continue
      seen.add(href)
      const { body, links } = await person.get(href, { status: 200 })
      const items = Object.values(body).filter(Array.isArray).flat().filter(item => item?._links)
      const shown = [links, ...items.map(item => item._links)].flatMap(Object.values)
      waiting.push(...shown.filter(link => link.method === 'GET').map(link => link.href))
    }
    assert.ok(seen.size > 15, `${person.subject} was led to ${seen.size} places only`)
  }
})

test('a closed case is read only for everyone', async () => {
  const { caseId, consent } = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  const before = await worker.get(`/cases/${caseId}`, { status: 200 })
  const closing = await close(caseId)
  const closed = await worker.get(`/cases/${caseId}`, { status: 200 })

  assert.deepEqual(relations(closing), ['self', 'up'])
  await allowedOnce(server, closing, [ALVA], [closing.body.id], { activity: 'write' })
  assert.equal(closed.body.status, 'closed')
  assert.notEqual(closed.etag, before.etag)
  assert.deepEqual(relations(closed), [...READER, 'reopen', 'retention'].sort())

  const paper = { caseId }
  const attempts = [
    worker.patch(`/cases/${caseId}`, { title: 'Late' }, { ifMatch: closed.etag }),
    worker.post(`/cases/${caseId}/closures`, reason),
    worker.call('createRecord', { path: paper, body: { category: 'FAMILY_SITUATION', text: 'Late.' } }),
    teacher.call('createRecord', { path: paper, body: { category: 'ATTENDANCE', text: 'Late.' } }),
    worker.call('amendRecord', { path: { recordId: record.id }, body: { text: 'Late.' } }, { ifMatch: '"1"' }),
    head.call('addTeamMember', { path: paper, body: { assignmentId: unknownId() } })
  ]
  for (const attempt of attempts) await deniedOnce(server, await attempt, 409, 'CASE_CLOSED', { subject_ids: [ALVA] })
  assert.equal((await worker.get(`/records/${record.id}`)).status, 200)
  assert.equal((await teacher.get(`/cases/${caseId}`)).status, 200)
  assert.equal((await worker.get(`/consents/${consent.id}`)).status, 200)
})

test('a closed case is opened again and can be worked on', async () => {
  const caseId = await openCase(server)
  refused(await worker.post(`/cases/${caseId}/reopenings`, reason), 409, 'CASE_NOT_CLOSED')
  await close(caseId)

  const reopening = await reopen(caseId)

  assert.deepEqual(relations(reopening), ['self', 'up'])
  assert.equal(reopening.body.reopenedBy, 'Sara Lindalm')
  await allowedOnce(server, reopening, [ALVA], [reopening.body.id], { activity: 'write' })
  const open = await worker.follow(reopening, 'up', undefined, { status: 200 })
  assert.deepEqual(relations(open), WRITER)
  await writeRecord(server, 'social-case-worker', caseId)
})

test('each closing and reopening is kept with who and why, newest first', async () => {
  const caseId = await openCase(server)
  const made = []
  for (let i = 0; i < 3; i++) {
    const closing = await close(caseId)
    made.unshift([closing.body.id, (await reopen(caseId)).body.id])
  }

  const closures = await worker.get(`/cases/${caseId}/closures`, { status: 200 })
  const reopenings = await worker.get(`/cases/${caseId}/reopenings`, { status: 200 })

  assert.deepEqual(closures.body.closures.map(one => one.id), made.map(([closing]) => closing))
  assert.deepEqual(reopenings.body.reopenings.map(one => one.id), made.map(([, reopening]) => reopening))
  assert.deepEqual([closures.body.closures[0].closedBy, closures.body.closures[0].reason], ['Sara Lindalm', reason.reason])
  await allowedOnce(server, closures, [ALVA], made.map(([closing]) => closing))
  await allowedOnce(server, reopenings, [ALVA], made.map(([, reopening]) => reopening))
  await pages(worker, `/cases/${caseId}/closures`, 'closures')
  await pages(worker, `/cases/${caseId}/reopenings`, 'reopenings')
  for (const operationId of ['listClosures', 'listReopenings']) await refusesStrayQuery(worker, operationId, { path: { caseId } })
})

test('closing and reopening are carried out once', async () => {
  const [one, two] = [await openCase(server), await openCase(server)]
  const input = (caseId, why) => ({ path: { caseId }, body: { reason: why } })

  await answersOnce(server, 'social-case-worker', 'closeCase', input(one, 'Done.'), input(one, 'Otherwise.'))
  await answersOnce(server, 'social-case-worker', 'reopenCase', input(one, 'Again.'), input(two, 'Again.'))

  const [count] = await server.sql(`select count(*) as n from samsyn.closures where case_id = '${one}'`)
  assert.equal(count.n, 1)
})

test('closing and reopening need a reason', async () => {
  const caseId = await openCase(server)
  for (const operationId of ['closeCase', 'reopenCase']) {
    await refusesBodies(worker, operationId, { path: { caseId } }, [
      [{}, '/body/reason'], [{ reason: ' ' }, '/body/reason'], [{ reason: 'x'.repeat(2001) }, '/body/reason']
    ])
  }
})
