// Subjects: children and young people, each organisation's in a register of its own, and what is masked of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, assignmentId, coordinationNumber, day, ELIAS, identityNumber, MAJA, SCHOOL, SOCIAL } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { deniedOnce, hiddenFromStrangers, jointCase, logged } from '../support/story.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const manager = server.as('social-manager')
const head = server.as('school-head')
const teacher = server.as('school-teacher')

const draft = (more = {}) => ({ name: 'Nova Provfall', birthDate: '2014-05-06', ...more })
const register = async (more, by = worker) => (await by.post('/subjects', draft(more), { status: 201 })).body
const search = (client, identityNumber, query) => client.post('/subject-searches', { identityNumber }, { query })
const found = reply => reply.body.subjects.map(subject => subject.id)
const edit = async (id, change, by = worker) => by.patch(`/subjects/${id}`, change, { ifMatch: (await by.get(`/subjects/${id}`)).etag })
const pointers = reply => reply.body.errors.map(error => error.pointer)
const numberOf = async id => (await server.sql(`select identity_number from samsyn.subjects where id = '${id}'`))[0].identity_number

test('these are the operations of subjects', () => {
  assert.deepEqual(operationsOf('Subjects'), ['createSubject', 'getSubject', 'listSubjects', 'searchSubjects', 'updateSubject'])
})

test('an organisation\'s register is its own', async () => {
  assert.deepEqual(found(await worker.get('/subjects', { status: 200 })).sort(), [ALVA, ELIAS, MAJA])
  for (const person of ['school-teacher', 'clinic-psychologist', 'police-officer', 'school-nurse']) {
    assert.deepEqual(found(await server.as(person).get('/subjects', { status: 200 })), [], person)
  }
  await pages(worker, '/subjects', 'subjects')
})

test('the register is listed by protected identity, and a query that is no filter is refused', async () => {
  assert.deepEqual(found(await worker.get('/subjects', { query: { protectedIdentity: true } })), [MAJA])
  assert.deepEqual(found(await worker.get('/subjects', { query: { protectedIdentity: false } })).sort(), [ALVA, ELIAS])
  assert.deepEqual(found(await worker.get('/subjects', { query: { inMyCases: true } })), [])
  refused(await worker.get('/subjects', { query: { inMyCases: 'maybe' } }), 400, 'INVALID_REQUEST')
  refused(await worker.get('/subjects', { query: { name: 'Alva' } }), 400, 'INVALID_REQUEST')
  refused(await worker.get('/subjects', { query: { identityNumber: '201203169808' } }), 400, 'INVALID_REQUEST')
  await refusesStrayQuery(worker, 'listSubjects')
})

test('a subject leads to guardians and cases, and to what the reader\'s role may do', async () => {
  const seen = await readsConditionally(worker, `/subjects/${ALVA}`)

  assert.deepEqual([seen.body.name, seen.body.organisationId, seen.body.masked, seen.body.protectedIdentity], ['Alva Testsson', SOCIAL, false, false])
  assert.equal(seen.body.identityNumber, await numberOf(ALVA))
  assert.deepEqual(relations(seen), ['addGuardian', 'cases', 'edit', 'guardians', 'self'])
  assert.equal((await worker.follow(seen, 'guardians', undefined, { status: 200 })).body.guardians.length, 2)
  assert.deepEqual((await worker.follow(seen, 'cases', undefined, { status: 200 })).body.cases, [])
})

test('a protected identity is masked for all but those who may see it', async () => {
  const masked = await readsConditionally(worker, `/subjects/${MAJA}`)
  const open = await readsConditionally(manager, `/subjects/${MAJA}`)

  assert.deepEqual([masked.body.masked, 'name' in masked.body, 'identityNumber' in masked.body], [true, false, false])
  assert.deepEqual([open.body.masked, open.body.name, open.body.identityNumber], [false, 'Maja Exempelgren', await numberOf(MAJA)])
  assert.notEqual(masked.etag, open.etag)
  for (const reply of [masked, await worker.get('/subjects'), await search(worker, await numberOf(MAJA))]) {
    assert.equal(reply.text.includes('Exempelgren'), false)
    assert.equal(reply.text.includes(await numberOf(MAJA)), false)
  }
})

test('a masked representation is not current for whoever may see it all', async () => {
  const masked = await worker.get(`/subjects/${MAJA}`, { status: 200 })

  assert.equal((await manager.get(`/subjects/${MAJA}`, { ifNoneMatch: masked.etag })).status, 200)
})

test('nobody overwrites what is masked for them, nor unmasks it by clearing the flag', async () => {
  for (const change of [{ name: 'Någon' }, { identityNumber: null }, { protectedIdentity: false }]) {
    refused(await edit(MAJA, change), 403, 'PROTECTED_IDENTITY')
  }
  const kept = await edit(MAJA, { birthDate: (await worker.get(`/subjects/${MAJA}`)).body.birthDate, protectedIdentity: true })
  assert.deepEqual([kept.status, kept.body.masked], [200, true])
  const renamed = await edit(MAJA, { name: 'Maja Nygren' }, manager)
  assert.deepEqual([renamed.status, renamed.body.name], [200, 'Maja Nygren'])
})

test('whoever registers a protected identity without holding the permission gets it masked, then and later', async () => {
  const made = await worker.post('/subjects', draft({ name: 'Hemlig Person', protectedIdentity: true }), { status: 201 })
  const repeated = await answersOnce(server, 'social-case-worker', 'createSubject',
    { body: draft({ name: 'Hemlig Igen', protectedIdentity: true }) }, { body: draft() })

  for (const reply of [made, repeated]) assert.deepEqual([reply.body.masked, reply.text.includes('Hemlig')], [true, false])
  assert.equal((await manager.get(`/subjects/${made.body.id}`)).body.name, 'Hemlig Person')
})

test('a mark of protection takes effect from the next read on', async () => {
  const { id } = await register({ name: 'Tidigare Känd' })

  const marked = await edit(id, { protectedIdentity: true })

  assert.deepEqual([marked.body.masked, marked.text.includes('Känd')], [true, false])
  assert.equal((await worker.get(`/subjects/${id}`)).text.includes('Känd'), false)
})

test('a mark of protection takes effect on an answer that is repeated, too', async () => {
  const send = () => worker.post('/subjects', draft({ name: 'Förr Öppen' }), { key: 'subjects-protected-since', status: 201 })
  const made = await send()
  await edit(made.body.id, { protectedIdentity: true }, manager)

  const again = await send()

  assert.deepEqual([again.body.id, again.body.masked, 'name' in again.body], [made.body.id, true, false])
  assert.equal(again.text.includes('Öppen'), false)
})

test('whose assignment has ended gets no repeated answer', async () => {
  const officer = server.as('police-manager')
  const send = () => officer.post('/subjects', draft({ name: 'Borta Sedan' }), { key: 'subjects-ended-since' })
  const made = await send()
  assert.equal((await send()).text, made.text)
  await server.sql(`update samsyn.assignments set ended_at = now() where id = '${assignmentId('police-manager')}'`)

  const again = await send()

  await server.sql(`update samsyn.assignments set ended_at = null where id = '${assignmentId('police-manager')}'`)
  refused(again, 403, 'ASSIGNMENT_REQUIRED')
  assert.equal(again.text.includes('Borta'), false)
})

test('a child is registered with a personal number, a coordination number or none yet', async () => {
  const personal = identityNumber('2014-05-06', 990)
  const short = `${personal.slice(2, 8)}-${personal.slice(8)}`
  const coordination = coordinationNumber('2014-05-07', 991)

  assert.equal((await register({ identityNumber: short })).identityNumber, personal)
  assert.equal((await register({ identityNumber: `${coordination.slice(0, 8)}-${coordination.slice(8)}` })).identityNumber, coordination)
  assert.equal('identityNumber' in await register(), false)
})

test('a number that is none is refused, and never repeated in the refusal', async () => {
  const good = identityNumber('2014-05-06', 992)
  const wrongDigit = good.slice(0, 11) + (Number(good[11]) + 1) % 10
  const wrongDay = '20140231' + good.slice(8)

  for (const number of [wrongDigit, wrongDay, '2014-05-06', '12', 'abc', good + '1']) {
    for (const [id, body] of [['createSubject', draft({ identityNumber: number })], ['searchSubjects', { identityNumber: number }]]) {
      const reply = refused(await worker.call(id, { body }), 400, 'INVALID_REQUEST')
      assert.deepEqual([...new Set(pointers(reply))], ['/body/identityNumber'])
      if (number.length > 8) assert.equal(reply.text.includes(number), false, `${id} repeats ${number}`)
    }
  }
})

test('a number stands once in a register, and other registers tell nothing of it', async () => {
  const number = identityNumber('2013-01-02', 993)
  await register({ identityNumber: number })
  await actsWith(server, 'clinic-manager', ['subject:read', 'subject:write'])

  const twice = refused(await worker.post('/subjects', draft({ identityNumber: number })), 409, 'ALREADY_EXISTS')
  assert.equal(twice.text.includes(number), false)
  const other = await register({}, worker)
  refused(await edit(other.id, { identityNumber: number }), 409, 'ALREADY_EXISTS')
  const elsewhere = await register({ identityNumber: number }, server.as('clinic-manager'))
  assert.notEqual(elsewhere.organisationId, SOCIAL)
  assert.deepEqual(found(await search(server.as('clinic-manager'), number)), [elsewhere.id])
})

test('a day of birth is not in the future', async () => {
  assert.deepEqual(pointers(refused(await worker.post('/subjects', draft({ birthDate: day(1) })), 422, 'UNPROCESSABLE')), ['/body/birthDate'])
  assert.deepEqual(pointers(refused(await edit(ELIAS, { birthDate: day(1) }), 422, 'UNPROCESSABLE')), ['/body/birthDate'])
  assert.equal((await register({ birthDate: day() })).birthDate, day())
})

const CONTACT = { address: 'Provgränd 7\n999 97 Granby', phone: '+46 70 174 06 58', email: 'nova@hem.example' }

test('how a child is reached is registered and edited detail by detail', async () => {
  const { id, contactDetails } = await register({ contactDetails: CONTACT })
  assert.deepEqual(contactDetails, CONTACT)

  const moved = await edit(id, { contactDetails: { address: 'Provtorget 1', phone: null } })
  assert.deepEqual(moved.body.contactDetails, { address: 'Provtorget 1', email: CONTACT.email })
  assert.deepEqual((await edit(id, { name: 'Nova Ny' })).body.contactDetails, moved.body.contactDetails)
  assert.equal('contactDetails' in (await edit(id, { contactDetails: null })).body, false)
  assert.deepEqual((await edit(id, { contactDetails: { phone: '0701740658' } })).body.contactDetails, { phone: '0701740658' })
})

test('how a protected child is reached is masked in each reply, and nobody overwrites it unseen', async () => {
  const open = await register({ contactDetails: CONTACT, identityNumber: identityNumber('2014-05-06', 997) })
  await edit(open.id, { protectedIdentity: true })

  for (const reply of [await worker.get(`/subjects/${open.id}`), await worker.get('/subjects', { query: { limit: 100 } }), await search(worker, open.identityNumber)]) {
    assert.equal(reply.status, 200)
    for (const value of Object.values(CONTACT)) assert.equal(reply.text.includes(JSON.stringify(value).slice(1, -1)), false)
  }
  for (const contactDetails of [null, { phone: null }, { address: 'Någonstans 1' }]) refused(await edit(open.id, { contactDetails }), 403, 'PROTECTED_IDENTITY')
  const seen = await manager.get(`/subjects/${open.id}`, { status: 200 })
  assert.deepEqual([seen.body.masked, seen.body.contactDetails], [false, CONTACT])
  await edit(open.id, { protectedIdentity: false }, manager)
  assert.deepEqual((await worker.get(`/subjects/${open.id}`)).body.contactDetails, CONTACT)
})

test('every fault of a subject is told at once', async () => {
  await refusesBodies(worker, 'createSubject', {}, [
    [{}, '/body/birthDate', '/body/name'],
    [draft({ name: ' ', birthDate: '2014-13-01', protectedIdentity: 'yes', organisationId: SCHOOL }), '/body/birthDate', '/body/name', '/body/organisationId', '/body/protectedIdentity'],
    [draft({ identityNumber: null }), '/body/identityNumber'],
    [draft({ contactDetails: {} }), '/body/contactDetails'],
    [draft({ contactDetails: { address: ' ', phone: 'ring', email: 'hem', fax: '1' } }), '/body/contactDetails/address', '/body/contactDetails/email', '/body/contactDetails/fax', '/body/contactDetails/phone']
  ])
  await refusesBodies(worker, 'updateSubject', { path: { subjectId: ALVA } }, [
    [{}, '/body'], [{ name: null, organisationId: SCHOOL }, '/body/name', '/body/organisationId'],
    [{ contactDetails: { phone: 1 } }, '/body/contactDetails/phone']
  ], { ifMatch: '"1"' })
  await refusesMalformedId(worker, 'getSubject', 'subjectId')
  await refusesMalformedId(worker, 'updateSubject', 'subjectId', { body: { name: 'X' } }, { ifMatch: '"1"' })
})

test('a subject is edited by whoever has read it as it is; a coordination number gives way to the personal one', async () => {
  const { id } = await register({ identityNumber: coordinationNumber('2015-03-04', 994) })
  const personal = identityNumber('2015-03-04', 995)

  const edited = await editsConditionally(worker, `/subjects/${id}`, { identityNumber: personal, name: 'Nova Ny' })

  assert.deepEqual([edited.body.identityNumber, edited.body.name], [personal, 'Nova Ny'])
  assert.equal('identityNumber' in (await edit(id, { identityNumber: null })).body, false)
})

test('a search finds by any way of writing the number, within the register, and finding nobody is an answer', async () => {
  const number = await numberOf(ELIAS)
  const written = [number, `${number.slice(0, 8)}-${number.slice(8)}`, `${number.slice(2, 8)}-${number.slice(8)}`]

  for (const one of written) assert.deepEqual(found(await search(worker, one)), [ELIAS])
  const nobody = await search(worker, identityNumber('2011-11-11', 996))
  assert.deepEqual([nobody.status, nobody.body.subjects, nobody.body._meta.totalRecords], [200, [], 0])
  assert.deepEqual(found(await search(teacher, number)), [])
  refused(await search(worker, number, { colour: 'blue' }), 400, 'INVALID_REQUEST')
  await refusesBodies(worker, 'searchSubjects', {}, [[{}, '/body/identityNumber'], [{ identityNumber: number, name: 'E' }, '/body/name']])
})

test('a search is logged with whom it found, and without the number', async () => {
  const number = await numberOf(ELIAS)
  const [one] = await logged(server, await search(worker, number))
  const [none] = await logged(server, await search(teacher, number))

  assert.deepEqual([one.activity, one.outcome, one.subject_ids], ['search', 'allowed', [ELIAS]])
  assert.deepEqual([none.activity, none.outcome, none.subject_ids], ['search', 'allowed', []])
  assert.equal(JSON.stringify([one, none]).includes(number), false)
})

test('a stranger learns nothing of a subject', async () => {
  await actsWith(server, 'clinic-manager', ['subject:read', 'subject:write'])
  await hiddenFromStrangers(server, 'getSubject', { path: { subjectId: ALVA } }, unknownId())
  await hiddenFromStrangers(server, 'updateSubject', { path: { subjectId: ALVA }, body: { name: 'X' }, ifMatch: '"1"' }, unknownId())
})

test('whoever may not see or register children is refused', async () => {
  for (const person of ['social-auditor', 'organisation-admin', 'system-admin', 'collaboration-lead']) {
    const client = server.as(person)
    refused(await client.get('/subjects'), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.get(`/subjects/${ALVA}`), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.post('/subjects', draft()), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.patch(`/subjects/${ALVA}`, { name: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
    refused(await search(client, await numberOf(ALVA)), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await teacher.post('/subjects', draft()), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.with({ claims: { scope: 'samsyn:admin' } }).get('/subjects'), 403, 'SCOPE_MISSING')
})

test('the child of a joint case is seen by the team of the other organisation, and edited by the owner alone', async () => {
  const { caseId } = await jointCase(server)

  const seen = await teacher.get(`/subjects/${ALVA}`, { status: 200 })

  assert.equal(seen.body.name, 'Alva Testsson')
  assert.deepEqual(found(await teacher.get('/subjects', { query: { inMyCases: true } })), [ALVA])
  assert.deepEqual(found(await search(teacher, await numberOf(ALVA))), [ALVA])
  assert.deepEqual(found(await worker.get('/subjects', { query: { inMyCases: true } })), [ALVA])
  assert.equal(found(await worker.get('/subjects', { query: { inMyCases: false } })).includes(ALVA), false)
  assert.deepEqual((await teacher.follow(seen, 'cases', undefined, { status: 200 })).body.cases.map(one => one.id), [caseId])
  await deniedOnce(server, await head.patch(`/subjects/${ALVA}`, { name: 'X' }, { ifMatch: seen.etag }), 403, 'NOT_OWNER')
})

test('how a child is reached is for the organisation whose register it is, and for no participant', async () => {
  const changed = await edit(ALVA, { contactDetails: CONTACT })
  const foreign = await readsConditionally(teacher, `/subjects/${ALVA}`)

  assert.deepEqual(changed.body.contactDetails, CONTACT)
  assert.notEqual(foreign.etag, changed.etag)
  const number = await numberOf(ALVA)
  for (const reply of [foreign, await teacher.get('/subjects'), await search(teacher, number), await head.get(`/subjects/${ALVA}`)]) {
    assert.equal('contactDetails' in (reply.body.subjects?.[0] ?? reply.body), false)
    assert.equal(reply.text.includes('Provgränd'), false)
  }
})

test('whoever is not shown all of a child is not told that, or when, what is hidden changed', async () => {
  const before = await teacher.get(`/subjects/${ALVA}`, { status: 200 })
  const moved = await edit(ALVA, { contactDetails: { ...CONTACT, address: 'Provvägen 8, 123 45 Granby' } })
  const masked = await worker.get(`/subjects/${MAJA}`, { status: 200 })

  const unchanged = await teacher.get(`/subjects/${ALVA}`, { ifNoneMatch: before.etag })

  assert.deepEqual([moved.status, unchanged.status], [200, 304])
  assert.deepEqual([moved, before, masked].map(reply => 'updatedAt' in reply.body), [true, false, false])
  const born = moved.body.birthDate
  assert.equal((await edit(ALVA, { birthDate: '2017-04-05' })).status, 200)
  assert.equal((await teacher.get(`/subjects/${ALVA}`, { ifNoneMatch: before.etag })).status, 200)
  await edit(ALVA, { birthDate: born })
})

test('the identity protected after a case was shared is masked for the other organisation too', async () => {
  await edit(ALVA, { protectedIdentity: true })

  assert.equal((await teacher.get(`/subjects/${ALVA}`, { status: 200 })).body.masked, true)
  assert.equal((await head.get(`/subjects/${ALVA}`, { status: 200 })).body.masked, false)
})
