// Records: what each organisation writes on a case, and who may read it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, SCHOOL, SOCIAL } from '../support/demo.mjs'
import {
  answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, amend, deniedOnce, handOver, hiddenFromStrangers, jointCase, openCase, registerChild, revoke,
  shareStandingly, writeRecord
} from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')

const draft = { category: 'FAMILY_SITUATION', text: 'The parents live apart since August.' }
const recordsOf = async (person, caseId, query = {}) =>
  (await person.get(`/cases/${caseId}/records`, { query: { limit: 100, ...query }, status: 200 })).body.records

test('a record belongs to the organisation and regime of the one who wrote it', async () => {
  const { caseId } = await jointCase(server)

  const made = await teacher.post(`/cases/${caseId}/records`, { category: 'ATTENDANCE', text: 'Absent 14 of 20 days in October.' }, { status: 201 })

  const { organisationId, category, secrecyRegime, version, text, author } = made.body
  assert.deepEqual({ organisationId, category, secrecyRegime, version, text, author }, {
    organisationId: SCHOOL, category: 'ATTENDANCE', secrecyRegime: 'STUDENT_HEALTH', version: 1,
    text: 'Absent 14 of 20 days in October.', author: 'Lena Ekhage'
  })
  assert.deepEqual(relations(made), ['amend', 'case', 'self', 'versions'])
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'write', grounds: [], concerned_ids: [SOCIAL] })
})

test('another regime of the sector may be given, and no regime of another sector', async () => {
  const caseId = await openCase(server)
  const write = more => worker.post(`/cases/${caseId}/records`, { ...draft, ...more })

  assert.equal((await write({ secrecyRegime: 'CHILD_WHEREABOUTS' })).body.secrecyRegime, 'CHILD_WHEREABOUTS')
  for (const [more, pointer] of [
    [{ secrecyRegime: 'POLICE' }, '/body/secrecyRegime'], [{ secrecyRegime: 'NO_SUCH' }, '/body/secrecyRegime'], [{ category: 'NO_SUCH' }, '/body/category']
  ]) {
    const reply = await write(more)
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
})

test('a record is written once', async () => {
  const caseId = await openCase(server)
  const input = text => ({ path: { caseId }, body: { ...draft, text } })
  await answersOnce(server, 'social-case-worker', 'createRecord', input('Once.'), input('Otherwise.'))

  assert.deepEqual((await recordsOf(worker, caseId)).map(record => record.text), ['Once.'])
})

test('text survives as it was written', async () => {
  const caseId = await openCase(server)
  const texts = [
    'Åäö – “citat” 👩‍👧\nnew line\ttab \\ "quote"', '\u{1F9D2}'.repeat(100), 'x'.repeat(20000), '\u{1F9D2}'.repeat(20000),
    '<script>alert(1)</script>', "'; drop table samsyn.records; --"
  ]
  for (const text of texts) {
    const made = await worker.post(`/cases/${caseId}/records`, { ...draft, text }, { status: 201 })
    assert.equal((await worker.follow(made, 'self', undefined, { status: 200 })).body.text, text)
  }
})

test('the longest text may be sent escaped, and one character more is refused', async () => {
  const caseId = await openCase(server)
  const send = (path, length, options) =>
    worker.post(path, undefined, { raw: `{"category":"FAMILY_SITUATION","text":"${'\\ud83e\\uddd2'.repeat(length)}"}`, ...options })

  const longest = await send(`/cases/${caseId}/records`, 20000, { status: 201 })
  const longer = await send(`/cases/${caseId}/records`, 20001)
  const amended = await worker.follow(longest, 'amend', { text: '\u{1F9D2}'.repeat(20000) }, { status: 201, ifMatch: longest.etag })

  assert.equal(longest.body.text, '\u{1F9D2}'.repeat(20000))
  assert.equal(amended.body.version, 2)
  refused(longer, 400, 'INVALID_REQUEST')
  assert.deepEqual(longer.body.errors.map(error => [error.pointer, error.rule]), [['/body/text', 'maxLength']])
})

test('what does not follow the contract is refused', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  await refusesBodies(worker, 'createRecord', { path: { caseId } }, [
    [{}, '/body/category', '/body/text'],
    [{ ...draft, text: 'x'.repeat(20001) }, '/body/text'],
    [{ ...draft, text: ' \n ' }, '/body/text'],
    [{ ...draft, organisationId: SCHOOL, createdAt: '2026-01-01T00:00:00Z' }, '/body/createdAt', '/body/organisationId'],
    [{ ...draft, category: 'family' }, '/body/category']
  ])
  await refusesBodies(worker, 'amendRecord', { path: { recordId: record.id } }, [
    [{}, '/body/text'], [{ text: 'New.', reason: '' }, '/body/reason'], [{ text: 'New.', category: 'IDENTITY' }, '/body/category']
  ], { ifMatch: '"1"' })
  await refusesMalformedId(worker, 'getRecord', 'recordId')
  await refusesStrayQuery(worker, 'listRecords', { path: { caseId } })
  await refusesStrayQuery(worker, 'listRecordVersions', { path: { recordId: record.id } })
})

test('each agency sees its own records only, and counts no others', async () => {
  const { caseId } = await jointCase(server)
  const socials = [await writeRecord(server, 'social-case-worker', caseId), await writeRecord(server, 'social-case-worker', caseId)]
  const schools = await writeRecord(server, 'school-teacher', caseId)

  const seenBySocial = await worker.get(`/cases/${caseId}/records`, { status: 200 })
  const seenBySchool = await teacher.get(`/cases/${caseId}/records`, { status: 200 })

  assert.deepEqual(seenBySocial.body.records.map(record => record.id), socials.map(record => record.id).reverse())
  assert.deepEqual(seenBySchool.body.records.map(record => record.id), [schools.id])
  assert.deepEqual([seenBySocial.body._meta.totalRecords, seenBySchool.body._meta.totalRecords], [2, 1])
  await allowedOnce(server, seenBySocial, [ALVA], socials.map(record => record.id))
  await allowedOnce(server, seenBySchool, [ALVA], [schools.id])
})

test('a participant who asks for another\'s record is told that no ground opens it, and the owner\'s auditor sees the attempt', async () => {
  const { caseId } = await jointCase(server)
  const socials = await writeRecord(server, 'social-case-worker', caseId)
  const schools = await writeRecord(server, 'school-teacher', caseId)

  for (const [person, record, owner, auditor] of [
    [teacher, socials, SOCIAL, 'social-auditor'], [worker, schools, SCHOOL, 'school-auditor']
  ]) {
    for (const [operationId, more] of [['getRecord', {}], ['listRecordVersions', {}], ['amendRecord', { body: { text: 'Mine now.' }, ifMatch: '"1"' }]]) {
      const { body, ...options } = more
      const reply = await person.call(operationId, { path: { recordId: record.id }, body }, options)
      const row = await deniedOnce(server, reply, 403, 'NO_LEGAL_GROUND', { subject_ids: [ALVA], resource_ids: [record.id] })
      assert.ok(row.concerned_ids.includes(owner))
      const event = await acting(server, auditor).get(`/access-events/${row.id}`, { status: 200 })
      assert.deepEqual([event.body.outcome, event.body.code], ['denied', 'NO_LEGAL_GROUND'])
    }
  }
})

test('the list is filtered by category and organisation and read by pages', async () => {
  const joint = await jointCase(server)
  const { caseId } = joint
  await writeRecord(server, 'school-teacher', caseId)
  await writeRecord(server, 'school-teacher', caseId, { category: 'LEARNING' })
  for (let i = 0; i < 2; i++) await writeRecord(server, 'social-case-worker', caseId)
  await shareStandingly(server, 'school-teacher', joint)

  const all = await recordsOf(worker, caseId)
  assert.equal(all.length, 3)
  for (const [query, holds] of [
    [{ category: 'ATTENDANCE' }, record => record.category === 'ATTENDANCE'],
    [{ category: 'LEARNING' }, () => false],
    [{ organisationId: SCHOOL }, record => record.organisationId === SCHOOL],
    [{ organisationId: SOCIAL }, record => record.organisationId === SOCIAL],
    [{ organisationId: SOCIAL, category: 'ATTENDANCE' }, () => false]
  ]) assert.deepEqual((await recordsOf(worker, caseId, query)).map(record => record.id), all.filter(holds).map(record => record.id), JSON.stringify(query))
  await pages(worker, `/cases/${caseId}/records`, 'records')
})

test('a standing share opens the category to the whole team of the recipient, present and coming records alike', async () => {
  const joint = await jointCase(server)
  const before = await writeRecord(server, 'social-case-worker', joint.caseId)
  const hidden = await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'PARENT_HEALTH' })
  const share = await shareStandingly(server, 'social-case-worker', joint)
  const after = await writeRecord(server, 'social-case-worker', joint.caseId)

  const list = await teacher.get(`/cases/${joint.caseId}/records`, { status: 200 })
  const read = await readsConditionally(head, `/records/${after.id}`)

  assert.deepEqual(list.body.records.map(record => record.id), [after.id, before.id])
  const opened = { grounds: ['CONSENT'], disclosure_ids: [share.id], concerned_ids: [SOCIAL] }
  await allowedOnce(server, list, [ALVA], [before.id, after.id], opened)
  await allowedOnce(server, read, [ALVA], [after.id], opened)
  await allowedOnce(server, await teacher.get(`/records/${after.id}/versions`), [ALVA], [(await versionsOf(teacher, after))[0].id], opened)
  await deniedOnce(server, await teacher.get(`/records/${hidden.id}`), 403, 'NO_LEGAL_GROUND')
})

const versionsOf = async (person, record) => (await person.get(`/records/${record.id}/versions`, { status: 200 })).body.versions

test('a reader by share does not write: another\'s record is amended by nobody but its owner', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)

  const reply = await teacher.post(`/records/${record.id}/versions`, { text: 'Corrected by us.' }, { ifMatch: '"1"' })

  await deniedOnce(server, reply, 403, 'NOT_OWNER', { concerned_ids: [SOCIAL] })
})

test('an amendment is a new version; the ones before stay readable and are never overwritten', async () => {
  const caseId = await openCase(server)
  const first = await writeRecord(server, 'social-case-worker', caseId, { text: 'First.' })

  const second = await worker.post(`/records/${first.id}/versions`, { text: 'Second.', reason: 'One day was wrong.' }, { status: 201, ifMatch: '"1"' })
  const third = await worker.post(`/records/${first.id}/versions`, { text: 'Third.' }, { status: 201, ifMatch: second.etag })

  assert.deepEqual([second.body.version, third.body.version, third.body.text, third.etag], [2, 3, 'Third.', '"3"'])
  assert.deepEqual(relations(third), ['amend', 'case', 'self', 'versions'])
  await allowedOnce(server, second, [ALVA], [first.id], { activity: 'write' })
  const versions = await worker.get(`/records/${first.id}/versions`, { status: 200 })
  assert.deepEqual(versions.body.versions.map(one => [one.version, one.text, one.reason]),
    [[3, 'Third.', undefined], [2, 'Second.', 'One day was wrong.'], [1, 'First.', undefined]])
  await allowedOnce(server, versions, [ALVA], versions.body.versions.map(one => one.id))
  await pages(worker, `/records/${first.id}/versions`, 'versions')
})

test('an amendment needs the version it is based on', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  await amend(server, 'social-case-worker', record, 'Second.')
  const write = options => worker.post(`/records/${record.id}/versions`, { text: 'Blind.' }, options)

  refused(await write({}), 428, 'PRECONDITION_REQUIRED')
  await deniedOnce(server, await write({ ifMatch: '"1"' }), 412, 'PRECONDITION_FAILED', { subject_ids: [ALVA] })
  assert.deepEqual((await versionsOf(worker, record)).map(one => one.version), [2, 1])
})

test('an amendment is carried out once', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  const input = text => ({ path: { recordId: record.id }, body: { text }, ifMatch: '"1"' })

  await answersOnce(server, 'social-case-worker', 'amendRecord', input('Second.'), input('Otherwise.'))

  assert.equal((await versionsOf(worker, record)).length, 2)
})

test('an author who was taken off the team does not get the record back by its key', async () => {
  const { caseId } = await jointCase(server)
  const send = () => teacher.post(`/cases/${caseId}/records`, { category: 'ATTENDANCE', text: 'Said once.' }, { key: `record-${caseId}` })
  const made = await send()
  assert.equal((await send()).text, made.text)
  const team = await head.get(`/cases/${caseId}/team-members`, { status: 200 })
  const member = team.body.teamMembers.find(one => one.userName === 'Lena Ekhage')
  await head.post(`/team-members/${member.id}/endings`, {}, { status: 201 })

  const again = await send()

  await deniedOnce(server, again, 404, 'NOT_FOUND', { resource_ids: [caseId, made.body.id], subject_ids: [ALVA] })
  assert.equal(again.text.includes('Said once'), false)
})

test('a colleague of the same unit who is not on the team does not read it', async () => {
  const caseId = await openCase(server, { person: 'social-manager' })
  const record = await writeRecord(server, 'social-manager', caseId)

  await deniedOnce(server, await worker.get(`/records/${record.id}`), 404, 'NOT_FOUND', { subject_ids: [ALVA], concerned_ids: [] })
  await deniedOnce(server, await worker.get(`/cases/${caseId}/records`), 404, 'NOT_FOUND')
  await deniedOnce(server, await worker.post(`/cases/${caseId}/records`, draft), 404, 'NOT_FOUND')
})

test('nobody without a relation learns of a record', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  for (const [operationId, more] of Object.entries({ listRecords: {}, createRecord: { body: draft } })) {
    await hiddenFromStrangers(server, operationId, { path: { caseId }, ...more }, unknownId())
  }
  for (const [operationId, more] of Object.entries({ getRecord: {}, listRecordVersions: {}, amendRecord: { body: { text: 'Mine.' }, ifMatch: '"1"' } })) {
    await hiddenFromStrangers(server, operationId, { path: { recordId: record.id }, ...more }, unknownId())
  }
})

test('a closed case takes no record and no amendment, and stays readable', async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, 'social-case-worker', caseId)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await worker.post(`/cases/${caseId}/records`, draft), 409, 'CASE_CLOSED')
  await deniedOnce(server, await worker.post(`/records/${record.id}/versions`, { text: 'Late.' }, { ifMatch: '"1"' }), 409, 'CASE_CLOSED')
  assert.equal((await recordsOf(worker, caseId)).length, 1)
})

test('what was handed over stays readable in the version handed over; later versions do not flow', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId, { text: 'As handed over.' })
  const handover = await handOver(server, 'social-case-worker', joint, [record.id])
  await amend(server, 'social-case-worker', record, 'Known to social services alone.')

  const read = await teacher.get(`/records/${record.id}`, { status: 200 })
  const list = await teacher.get(`/cases/${joint.caseId}/records`, { status: 200 })
  const versions = await teacher.get(`/records/${record.id}/versions`, { status: 200 })

  assert.deepEqual([read.body.version, read.body.text, read.etag], [1, 'As handed over.', '"1"'])
  assert.deepEqual(list.body.records.map(one => [one.id, one.text]), [[record.id, 'As handed over.']])
  assert.deepEqual(versions.body.versions.map(one => one.text), ['As handed over.'])
  for (const [reply, ids] of [[read, [record.id]], [list, [record.id]], [versions, versions.body.versions.map(one => one.id)]]) {
    await allowedOnce(server, reply, [ALVA], ids, { grounds: ['CONSENT'], disclosure_ids: [handover.id], concerned_ids: [SOCIAL] })
  }
})

test('a withdrawal leaves what was handed over and stops everything else', async () => {
  const joint = await jointCase(server)
  const given = await writeRecord(server, 'social-case-worker', joint.caseId, { text: 'As handed over.' })
  const shared = await writeRecord(server, 'social-case-worker', joint.caseId)
  await handOver(server, 'social-case-worker', joint, [given.id])
  await shareStandingly(server, 'social-case-worker', joint)
  await amend(server, 'social-case-worker', given, 'Seen by the share.')
  assert.equal((await teacher.get(`/records/${given.id}`)).body.text, 'Seen by the share.')
  assert.equal((await recordsOf(teacher, joint.caseId)).length, 2)

  await revoke(server, joint.consent)

  assert.equal((await teacher.get(`/records/${given.id}`)).body.text, 'As handed over.')
  assert.deepEqual((await versionsOf(teacher, given)).map(one => one.version), [1])
  await deniedOnce(server, await teacher.get(`/records/${shared.id}`), 403, 'CONSENT_REVOKED', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await teacher.get(`/records/${shared.id}/versions`), 403, 'CONSENT_REVOKED')
  assert.deepEqual((await recordsOf(teacher, joint.caseId)).map(record => record.id), [given.id])
})

test('an etag held from before the withdrawal does not confirm anything', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)
  const { etag } = await teacher.get(`/records/${record.id}`, { status: 200 })
  await revoke(server, joint.consent)

  await deniedOnce(server, await teacher.get(`/records/${record.id}`, { ifNoneMatch: etag }), 403, 'CONSENT_REVOKED')
})

test('where a child lives under protected identity is shown only to whoever may see it', async () => {
  const child = await registerChild(server, { years: 10 })
  const joint = await jointCase(server, { subjectId: child.id, consent: { categories: ['IDENTITY', 'CASE_STATUS'] } })
  const record = await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'IDENTITY', text: 'Lives at a new address.' })
  await shareStandingly(server, 'social-case-worker', joint, { categories: ['IDENTITY'] })
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)

  const subject = await worker.get(`/subjects/${child.id}`, { status: 200 })
  await manager.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: subject.etag, status: 200 })

  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 403, 'PROTECTED_IDENTITY', { subject_ids: [child.id] })
  assert.deepEqual(await recordsOf(teacher, joint.caseId), [])
  assert.equal((await head.get(`/records/${record.id}`)).status, 200)
})
