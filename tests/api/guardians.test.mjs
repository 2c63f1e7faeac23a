// Guardians: who has custody of a child, in the register of one organisation, and masked with the child.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, ALVAS_GUARDIANS, coordinationNumber, day, ELIAS, identityNumber, MAJA, MAJAS_GUARDIAN } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { askConsent, consentDraft, deniedOnce, grant, hiddenFromStrangers, jointCase, openCase, registerChild } from '../support/story.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const manager = server.as('social-manager')
const teacher = server.as('school-teacher')
const head = server.as('school-head')
await actsWith(server, 'clinic-manager', ['subject:read', 'subject:write'])

const draft = (more = {}) => ({ name: 'Berit Exempelsson', kind: 'guardian', startsOn: '2014-05-06', ...more })
const add = async (child, more) => (await worker.post(`/subjects/${child}/guardians`, draft(more), { status: 201 })).body
const edit = async (id, change, by = worker) => by.patch(`/guardians/${id}`, change, { ifMatch: (await by.get(`/guardians/${id}`)).etag })
const list = async (client, child, query) => (await client.get(`/subjects/${child}/guardians`, { query, status: 200 })).body.guardians
const pointers = reply => reply.body.errors.map(error => error.pointer)

test('these are the operations of guardians', () => {
  assert.deepEqual(operationsOf('Guardians'), ['createGuardian', 'getGuardian', 'listGuardians', 'updateGuardian'])
})

test('a child\'s guardians are listed in the order in which they were registered', async () => {
  assert.deepEqual((await list(worker, ALVA)).map(one => one.name), ['Karin Testsson', 'Johan Testsson'])
  const child = await registerChild(server, { years: 8, guardians: 3 })
  assert.deepEqual(await pages(worker, `/subjects/${child.id}/guardians`, 'guardians'), child.guardians.map(one => one.id))
  await refusesStrayQuery(worker, 'listGuardians', { path: { subjectId: ALVA } })
  await refusesMalformedId(worker, 'listGuardians', 'subjectId')
  await refusesMalformedId(worker, 'createGuardian', 'subjectId', { body: draft() })
})

test('guardians are listed by whether they have custody today', async () => {
  const child = await registerChild(server, { years: 8, guardians: 0 })
  const until = await add(child.id, { name: 'Till Idag', endsOn: day() })
  const before = await add(child.id, { name: 'Till Igår', endsOn: day(-1) })
  const after = await add(child.id, { name: 'Från Imorgon', startsOn: day(1) })

  assert.deepEqual((await list(worker, child.id, { current: true })).map(one => one.id), [until.id])
  assert.deepEqual((await list(worker, child.id, { current: false })).map(one => one.id), [before.id, after.id])
  refused(await worker.get(`/subjects/${child.id}/guardians`, { query: { current: 'now' } }), 400, 'INVALID_REQUEST')
})

test('a guardian leads to the child, and to editing for whoever may', async () => {
  const seen = await readsConditionally(worker, `/guardians/${ALVAS_GUARDIANS[0]}`)

  assert.deepEqual([seen.body.name, seen.body.kind, seen.body.subjectId, seen.body.masked], ['Karin Testsson', 'guardian', ALVA, false])
  assert.match(seen.body.identityNumber, /^19850412984\d$/)
  assert.deepEqual(relations(seen), ['edit', 'self', 'up'])
  assert.equal((await worker.follow(seen, 'up', undefined, { status: 200 })).body.id, ALVA)
  await refusesMalformedId(worker, 'getGuardian', 'guardianId')
  await refusesMalformedId(worker, 'updateGuardian', 'guardianId', { body: { name: 'X' } }, { ifMatch: '"1"' })
})

test('the guardian of a child with a protected identity is masked with the child', async () => {
  const masked = await readsConditionally(worker, `/guardians/${MAJAS_GUARDIAN}`)
  const open = await readsConditionally(manager, `/guardians/${MAJAS_GUARDIAN}`)

  assert.deepEqual([masked.body.masked, 'name' in masked.body, 'identityNumber' in masked.body], [true, false, false])
  assert.deepEqual([open.body.masked, open.body.name], [false, 'Lisa Exempelgren'])
  assert.notEqual(masked.etag, open.etag)
  assert.equal(JSON.stringify(await list(worker, MAJA)).includes('Exempelgren'), false)
})

test('nobody overwrites what is masked for them', async () => {
  for (const change of [{ name: 'Någon' }, { identityNumber: null }]) refused(await edit(MAJAS_GUARDIAN, change), 403, 'PROTECTED_IDENTITY')
  assert.equal((await edit(MAJAS_GUARDIAN, { kind: 'temporary' })).body.kind, 'temporary')
  assert.equal((await edit(MAJAS_GUARDIAN, { name: 'Lisa Nygren' }, manager)).body.name, 'Lisa Nygren')
})

test('how a guardian is reached is masked with the child, from the next read on, and edited detail by detail', async () => {
  const contactDetails = { address: 'Provgränd 8, 999 97 Granby', phone: '070-174 06 59', email: 'berit@hem.example' }
  const child = await registerChild(server, { years: 8, guardians: 0 })
  const made = await add(child.id, { contactDetails })
  assert.deepEqual(made.contactDetails, contactDetails)
  assert.deepEqual((await edit(made.id, { contactDetails: { email: null } })).body.contactDetails, { address: contactDetails.address, phone: contactDetails.phone })

  await worker.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: (await worker.get(`/subjects/${child.id}`)).etag, status: 200 })

  for (const reply of [await worker.get(`/guardians/${made.id}`), await worker.get(`/subjects/${child.id}/guardians`)]) {
    assert.equal(reply.status, 200)
    for (const value of Object.values(contactDetails)) assert.equal(reply.text.includes(value), false)
  }
  refused(await edit(made.id, { contactDetails: null }), 403, 'PROTECTED_IDENTITY')
  assert.equal((await manager.get(`/guardians/${made.id}`)).body.contactDetails.phone, contactDetails.phone)
})

test('a carer without custody is registered and is asked for no consent', async () => {
  const child = await registerChild(server, { years: 8, guardians: 1 })
  const home = await add(child.id, { kind: 'family-home-parent', name: 'Familjehem Provfall' })
  await add(child.id, { kind: 'legal-representative', name: 'Ombud Provfall' })
  const adoptive = await add(child.id, { kind: 'adoptive-parent', name: 'Adoptivförälder Provfall' })
  const caseId = await openCase(server, { subjectId: child.id })

  const consent = await askConsent(server, caseId)

  assert.deepEqual(consent.givers.map(giver => giver.guardianId).sort(), [child.guardians[0].id, adoptive.id].sort())
  assert.equal((await grant(server, consent)).state, 'in-force')
  await add(child.id, { kind: 'family-home-parent', name: 'Nytt Familjehem' })
  assert.equal((await worker.get(`/consents/${consent.id}`)).body.state, 'in-force')
  await edit(home.id, { kind: 'guardian' })
  assert.equal((await worker.get(`/consents/${consent.id}`)).body.state, 'lapsed')
})

test('a consent lapses when its giver turns out to care without custody, and nobody gives one for a child in care alone', async () => {
  const child = await registerChild(server, { years: 8, guardians: 1 })
  const caseId = await openCase(server, { subjectId: child.id })
  const consent = await grant(server, await askConsent(server, caseId))
  assert.equal(consent.state, 'in-force')

  await edit(child.guardians[0].id, { kind: 'family-home-parent' })

  assert.equal((await worker.get(`/consents/${consent.id}`)).body.state, 'lapsed')
  refused(await worker.post(`/cases/${caseId}/consents`, consentDraft()), 422, 'UNPROCESSABLE')
})

test('a guardian whom one adds to a protected child is masked in the reply', async () => {
  const made = await worker.post(`/subjects/${MAJA}/guardians`, draft({ name: 'Hemlig Vårdnadshavare' }), { status: 201 })

  assert.deepEqual([made.body.masked, made.text.includes('Hemlig')], [true, false])
})

test('a guardian is registered with a number in any way of writing, and once', async () => {
  const child = await registerChild(server, { years: 8, guardians: 0 })
  const personal = identityNumber('1986-07-08', 987)
  const coordination = coordinationNumber('1987-08-09', 989)

  const made = await add(child.id, { identityNumber: `${personal.slice(2, 8)}-${personal.slice(8)}`, kind: 'specially-appointed' })
  assert.deepEqual([made.identityNumber, made.kind], [personal, 'specially-appointed'])
  assert.equal((await add(child.id, { identityNumber: coordination })).identityNumber, coordination)
  const twice = refused(await worker.post(`/subjects/${child.id}/guardians`, draft({ identityNumber: personal })), 409, 'ALREADY_EXISTS')
  assert.equal(twice.text.includes(personal), false)
  const other = await add(child.id)
  refused(await edit(other.id, { identityNumber: personal }), 409, 'ALREADY_EXISTS')
})

test('whose custody has ended may be registered anew', async () => {
  const child = await registerChild(server, { years: 8, guardians: 0 })
  const number = identityNumber('1986-07-08', 988)
  await add(child.id, { identityNumber: number, endsOn: day(-30) })

  await add(child.id, { identityNumber: number, startsOn: day() })

  assert.equal((await list(worker, child.id)).length, 2)
})

test('a guardian is registered once, however often the request is repeated', async () => {
  const child = await registerChild(server, { years: 8, guardians: 0 })
  const path = { subjectId: child.id }
  await answersOnce(server, 'social-case-worker', 'createGuardian', { path, body: draft() }, { path, body: draft({ name: 'Annan' }) })

  assert.equal((await list(worker, child.id)).length, 1)
})

test('custody does not end before it begins', async () => {
  const backwards = draft({ startsOn: '2020-02-02', endsOn: '2020-02-01' })
  assert.deepEqual(pointers(refused(await worker.post(`/subjects/${ELIAS}/guardians`, backwards), 422, 'UNPROCESSABLE')), ['/body/endsOn'])
  assert.deepEqual(pointers(refused(await edit(ALVAS_GUARDIANS[0], { endsOn: '1999-01-01' }), 422, 'UNPROCESSABLE')), ['/body/endsOn'])
})

test('every fault of a guardian is told at once', async () => {
  await refusesBodies(worker, 'createGuardian', { path: { subjectId: ALVA } }, [
    [{}, '/body/kind', '/body/name', '/body/startsOn'],
    [draft({ name: '', kind: 'aunt', startsOn: 'now', identityNumber: '1', subjectId: ALVA }), '/body/identityNumber', '/body/kind', '/body/name', '/body/startsOn', '/body/subjectId'],
    [draft({ contactDetails: { phone: '' } }), '/body/contactDetails/phone']
  ])
  await refusesBodies(worker, 'updateGuardian', { path: { guardianId: ALVAS_GUARDIANS[0] } }, [
    [{}, '/body'], [{ startsOn: '2020-01-01', kind: null }, '/body/kind', '/body/startsOn']
  ], { ifMatch: '"1"' })
})

test('a guardian is edited by whoever has read them as they are', async () => {
  const child = await registerChild(server, { years: 8, guardians: 1 })
  const edited = await editsConditionally(worker, `/guardians/${child.guardians[0].id}`, { name: 'Berit Ny', endsOn: day(30) })

  assert.deepEqual([edited.body.name, edited.body.endsOn], ['Berit Ny', day(30)])
  assert.equal('endsOn' in (await edit(child.guardians[0].id, { endsOn: null })).body, false)
})

test('a stranger learns nothing of a child\'s guardians', async () => {
  const [guardianId] = ALVAS_GUARDIANS
  await hiddenFromStrangers(server, 'listGuardians', { path: { subjectId: ALVA } }, unknownId())
  await hiddenFromStrangers(server, 'createGuardian', { path: { subjectId: ALVA }, body: draft() }, unknownId())
  await hiddenFromStrangers(server, 'getGuardian', { path: { guardianId } }, unknownId())
  await hiddenFromStrangers(server, 'updateGuardian', { path: { guardianId }, body: { name: 'X' }, ifMatch: '"1"' }, unknownId())
})

test('whoever may not see or register children is refused', async () => {
  for (const person of ['social-auditor', 'organisation-admin', 'system-admin', 'collaboration-lead']) {
    refused(await server.as(person).get(`/subjects/${ALVA}/guardians`), 403, 'ROLE_NOT_ALLOWED')
    refused(await server.as(person).get(`/guardians/${ALVAS_GUARDIANS[0]}`), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await teacher.post(`/subjects/${ALVA}/guardians`, draft()), 403, 'ROLE_NOT_ALLOWED')
  refused(await teacher.patch(`/guardians/${ALVAS_GUARDIANS[0]}`, { name: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
})

test('the team of another organisation sees the child of a joint case, but not who its guardians are', async () => {
  await jointCase(server)
  await teacher.get(`/subjects/${ALVA}`, { status: 200 })

  await deniedOnce(server, await teacher.get(`/subjects/${ALVA}/guardians`), 403, 'NOT_OWNER')
  await deniedOnce(server, await head.post(`/subjects/${ALVA}/guardians`, draft()), 403, 'NOT_OWNER')
  refused(await teacher.get(`/guardians/${ALVAS_GUARDIANS[0]}`), 404, 'NOT_FOUND')
  refused(await head.patch(`/guardians/${ALVAS_GUARDIANS[0]}`, { name: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
})
