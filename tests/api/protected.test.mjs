// Protected identity: whoever does not hold subject:protected is never told who a protected child or its guardian is, nor
// where they live or how they are reached, whatever they ask for, whichever agency they work at.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { receivedIdOf, report } from '../support/concern.mjs'
import { contract } from '../support/contract.mjs'
import { assignmentId, identityNumber, SCHOOL, SOCIAL } from '../support/demo.mjs'
import { unknownId } from '../support/habits.mjs'
import { exampleBody } from '../support/hostile.mjs'
import { PEOPLE } from '../support/people.mjs'
import { cluster, startServer } from '../support/server.mjs'
import { acting, CATEGORIES, deniedOnce, handOver, jointCase, LEAD, registerChild, shareStandingly, writeRecord } from '../support/story.mjs'

const CHILD = { name: 'Skyddad Hemlingsdotter', address: 'Hemlingsgränd 17', phone: '070-174 06 71', email: 'skyddad@hemling.example' }
const MOTHER = { name: 'Mor Hemlingsson', address: 'Hemlingstorget 3', phone: '070-174 06 72', email: 'mor@hemling.example' }
const WRITTEN = { found: 'Finns på Hemlingsbacken 9 om dagarna', contact: 'Nås på Hemlingsvägen 5 hos mormor', placement: 'Placerad i Hemlingsbo' }
const NUMBERS = [identityNumber('2014-03-04', 991), identityNumber('1984-03-04', 992)]
const HOLDERS = ['social-manager', 'school-head', 'clinic-manager', 'police-manager']
const OTHERS = PEOPLE.filter(person => !HOLDERS.includes(person))

const contactOf = ({ address, phone, email }) => ({ address, phone, email })
const MARKS = [...Object.values(CHILD), ...Object.values(MOTHER), ...Object.values(WRITTEN),
  ...NUMBERS.flatMap(number => [number, number.slice(2), `${number.slice(0, 8)}-${number.slice(8)}`, `${number.slice(2, 8)}-${number.slice(8)}`])]

const server = await startServer()
const worker = acting(server, LEAD)
const manager = server.as('social-manager', { headers: { 'Samsyn-Assignment': assignmentId('social-manager') } })

// A child whom social services and the school work with, and of whom everything is known; then it is marked.
const child = await registerChild(server, { years: 12, guardians: 0, name: CHILD.name, identityNumber: NUMBERS[0], contactDetails: contactOf(CHILD) })
const { body: mother } = await worker.post(`/subjects/${child.id}/guardians`,
  { name: MOTHER.name, identityNumber: NUMBERS[1], kind: 'guardian', startsOn: '2014-03-04', contactDetails: contactOf(MOTHER) }, { status: 201 })
const joint = await jointCase(server, { subjectId: child.id, consent: { categories: [...CATEGORIES, 'CONTACT_DETAILS', 'PLACEMENT'] } })
const contact = await writeRecord(server, LEAD, joint.caseId, { category: 'CONTACT_DETAILS', text: WRITTEN.contact })
const placement = await writeRecord(server, LEAD, joint.caseId, { category: 'PLACEMENT', text: WRITTEN.placement })
const family = await writeRecord(server, LEAD, joint.caseId, { text: 'Något annat' })
await handOver(server, LEAD, joint, [contact.id, placement.id])
const share = await shareStandingly(server, LEAD, joint)
const sent = await report(server, 'school-head', { child: { name: CHILD.name, identityNumber: NUMBERS[0], description: WRITTEN.found } })
const { body: restriction } = await worker.post(`/subjects/${child.id}/guardian-restrictions`,
  { guardianId: mother.id, scope: 'location', reason: 'Hot om våld.', assessment: 'Adressen får inte nå henne.' }, { status: 201 })
const { body: { teamMembers } } = await worker.get(`/cases/${joint.caseId}/team-members`, { status: 200 })
const before = await worker.get(`/subjects/${child.id}`, { status: 200 })
await worker.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: before.etag, status: 200 })

const ids = { subjectId: child.id, guardianId: mother.id, caseId: joint.caseId, participantId: joint.participant.id, teamMemberId: teamMembers[0].id,
  consentId: joint.consent.id, disclosureId: share.id,
  concernReportId: await receivedIdOf(server, sent), guardianRestrictionId: restriction.id }

function tells(reply) {
  return MARKS.filter(mark => reply.text.includes(JSON.stringify(mark).slice(1, -1)) || reply.text.includes(encodeURIComponent(mark)))
}

// Everything of the contract that this person can send, with the child's own things wherever a path names one.
async function sweep(person, methods) {
  const client = acting(server, person)
  const told = []
  for (const operation of contract().operations.filter(one => methods.includes(one.method))) {
    const names = operation.parameters.filter(one => one.in === 'path').map(one => one.name)
    const query = operation.parameters.some(one => one.name === 'limit') ? { limit: 100 } : undefined
    for (const recordId of names.includes('recordId') ? [contact.id, placement.id, family.id] : [undefined]) {
      const path = Object.fromEntries(names.map(name => [name, { ...ids, recordId }[name] ?? unknownId()]))
      const reply = await client.call(operation.id, { path, query, body: exampleBody(operation) }, { ifMatch: '"1"' })
      assert.ok(reply.status < 500, `${operation.id} as ${person}: ${reply.status}`)
      told.push(...tells(reply).map(mark => `${operation.id} told ${person}: ${mark}`))
    }
  }
  return told
}

test('whoever holds the permission and works with the child is told all of it, so that there is something to hide', async () => {
  const replies = [await manager.get(`/concern-reports/${ids.concernReportId}`), await manager.get(`/subjects/${child.id}`), await manager.get(`/subjects/${child.id}/guardians`), await manager.get(`/cases/${joint.caseId}/records`)]
  assert.ok(tells(replies[0]).includes(CHILD.name))
  const told = new Set(replies.flatMap(tells))
  for (const mark of [...Object.values(CHILD), ...Object.values(MOTHER), ...Object.values(WRITTEN), ...NUMBERS]) assert.ok(told.has(mark), mark)
})

for (const person of OTHERS) {
  test(`nothing that ${person} reads tells of a protected child`, async () => {
    assert.deepEqual(await sweep(person, ['GET']), [])
  })
}

test('no search tells more than that somebody is there', async () => {
  for (const person of OTHERS) {
    for (const identityNumber of NUMBERS.flatMap(number => [number, `${number.slice(0, 8)}-${number.slice(8)}`])) {
      const reply = await acting(server, person).post('/subject-searches', { identityNumber })
      assert.deepEqual(tells(reply), [], person)
      if (reply.status === 200) for (const one of reply.body.subjects) assert.equal(one.masked, true)
    }
  }
})

test('no refusal repeats what was sent, nor what it collided with', async () => {
  const body = { name: 'X', birthDate: '2014-03-04', identityNumber: NUMBERS[0] }
  assert.deepEqual(tells(refused(await worker.post('/subjects', body), 409, 'ALREADY_EXISTS')), [])
  const custody = { name: 'X', identityNumber: NUMBERS[1], kind: 'guardian', startsOn: '2014-03-04' }
  assert.deepEqual(tells(refused(await worker.post(`/subjects/${child.id}/guardians`, custody), 403, 'PROTECTED_IDENTITY')), [])
  const { etag } = await worker.get(`/subjects/${child.id}`, { status: 200 })
  for (const change of [{ name: CHILD.name }, { identityNumber: NUMBERS[0] }, { contactDetails: contactOf(CHILD) }]) {
    const reply = await worker.patch(`/subjects/${child.id}`, change, { ifMatch: etag })
    await deniedOnce(server, reply, 403, 'PROTECTED_IDENTITY')
    assert.deepEqual(tells(reply), [])
  }
})

test('where a protected child lives is told to nobody on the team without the permission, not even to whoever wrote it', async () => {
  for (const record of [contact, placement]) {
    await deniedOnce(server, await worker.get(`/records/${record.id}`), 403, 'PROTECTED_IDENTITY')
    refused(await worker.get(`/records/${record.id}/versions`), 403, 'PROTECTED_IDENTITY')
    refused(await worker.patch(`/records/${record.id}`, { text: 'Y' }, { ifMatch: '"1"' }), 405, 'METHOD_NOT_ALLOWED')
    refused(await worker.call('amendRecord', { path: { recordId: record.id }, body: { text: 'Y' } }, { ifMatch: '"1"' }), 403, 'PROTECTED_IDENTITY')
    refused(await acting(server, 'school-teacher').get(`/records/${record.id}`), 403, 'PROTECTED_IDENTITY')
    refused(await acting(server, 'clinic-psychologist').get(`/records/${record.id}`), 404, 'NOT_FOUND')
    assert.equal((await manager.get(`/records/${record.id}`, { status: 200 })).body.text, record.text)
    assert.equal((await acting(server, 'school-head').get(`/records/${record.id}`, { status: 200 })).body.text, record.text)
  }
  const listed = await worker.get(`/cases/${joint.caseId}/records`, { status: 200 })
  assert.deepEqual([listed.body.records.map(one => one.id), listed.body._meta.totalRecords], [[family.id], 1])
})

test('nobody without the permission writes down where a protected child lives, and whoever holds it does', async () => {
  const draft = category => ({ category, text: 'Bor hos en faster.' })
  for (const category of ['IDENTITY', 'CONTACT_DETAILS', 'PLACEMENT']) {
    await deniedOnce(server, await worker.post(`/cases/${joint.caseId}/records`, draft(category)), 403, 'PROTECTED_IDENTITY')
  }
  assert.equal((await worker.post(`/cases/${joint.caseId}/records`, draft('HOUSING_ECONOMY'))).status, 201)
  assert.equal((await manager.post(`/cases/${joint.caseId}/records`, draft('PLACEMENT'))).status, 201)
})

test('a mark that is taken away is gone at the next read, for everyone who may read the child', async () => {
  const { etag } = await manager.get(`/subjects/${child.id}`, { status: 200 })
  await manager.patch(`/subjects/${child.id}`, { protectedIdentity: false }, { ifMatch: etag, status: 200 })

  const seen = await worker.get(`/subjects/${child.id}`, { status: 200 })
  assert.deepEqual([seen.body.masked, seen.body.name, seen.body.contactDetails], [false, CHILD.name, contactOf(CHILD)])
  assert.equal((await worker.get(`/records/${contact.id}`, { status: 200 })).body.text, WRITTEN.contact)
  const again = await manager.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: (await manager.get(`/subjects/${child.id}`)).etag, status: 200 })
  assert.equal(again.body.masked, false)
  assert.equal((await worker.get(`/subjects/${child.id}`, { status: 200 })).body.masked, true)
})

for (const person of OTHERS) {
  test(`nothing that ${person} tries to write tells of a protected child`, async () => {
    assert.deepEqual(await sweep(person, ['POST', 'PATCH', 'PUT', 'DELETE']), [])
    assert.deepEqual(await sweep(person, ['GET']), [])
  })
}

test('an export of the access log tells of a protected child by identifier alone', async () => {
  for (const [person, organisation] of [['social-auditor', SOCIAL], ['school-auditor', SCHOOL]]) {
    for (const Accept of ['application/x-ndjson', 'text/csv']) {
      const reply = await acting(server, person).get('/access-event-exports', { headers: { Accept }, status: 200 })
      assert.deepEqual(tells(reply), [], organisation)
      assert.ok(reply.text.includes(child.id))
    }
  }
})

test('no log tells of a protected child', () => {
  const lines = server.lines.join('\n') + readFileSync(`${cluster()}/log`, 'utf8')
  for (const mark of MARKS) assert.ok(!lines.includes(mark), mark)
})
