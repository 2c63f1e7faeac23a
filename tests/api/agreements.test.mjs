// Agreements: drawn up by one organisation, signed by all, and wanted by every standing share; never a ground.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { AGREEMENT, CLINIC, day, MUNICIPALITY, SCHOOL, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const lead = server.as('collaboration-lead')
const schoolLead = server.as('school-collaboration-lead')
const worker = server.as('social-case-worker')
const officer = server.as('police-officer')

const draft = (more = {}) => ({
  title: 'Tidiga och samordnade insatser', purposes: ['Samordnat stöd'], categories: ['ATTENDANCE', 'SCHOOL_SUPPORT'], partyIds: [SCHOOL],
  validFrom: day(), validUntil: day(365), ...more
})
const drawUp = async more => (await lead.post('/agreements', draft(more), { status: 201 })).body
const read = (id, by = lead) => by.get(`/agreements/${id}`, { status: 200 })
const edit = async (id, change, by = lead) => by.patch(`/agreements/${id}`, change, { ifMatch: (await read(id, by)).etag })
const sign = async (id, by = lead) => by.post(`/agreements/${id}/signatures`, undefined, { ifMatch: (await read(id, by)).etag })
const signAll = async (id, ...people) => { for (const by of people) assert.equal((await sign(id, by)).status, 201) }
const pointers = reply => reply.body.errors.map(error => error.pointer)
const signed = agreement => agreement.parties.filter(party => party.signedAt).map(party => party.organisationId)

test('these are the operations of agreements', () => {
  assert.deepEqual(operationsOf('Agreements'), ['createAgreement', 'getAgreement', 'listAgreements', 'signAgreement', 'updateAgreement'])
})

test('an agreement is drawn up between one\'s own organisation and others', async () => {
  const made = await lead.post('/agreements', draft({ partyIds: [SCHOOL, CLINIC] }), { status: 201 })

  assert.deepEqual([made.body.organisationId, made.body.state], [SOCIAL, 'awaiting-signatures'])
  assert.deepEqual(made.body.parties.map(party => party.organisationId), [SOCIAL, SCHOOL, CLINIC])
  assert.deepEqual(signed(made.body), [])
  assert.deepEqual(relations(made), ['edit', 'self', 'sign'])
  assert.deepEqual((await drawUp({ partyIds: [SOCIAL, SCHOOL] })).parties.map(party => party.organisationId), [SOCIAL, SCHOOL])
})

test('an agreement is for its parties alone, whatever their role', async () => {
  const { id } = await drawUp()

  const seen = await readsConditionally(server.as('school-teacher'), `/agreements/${id}`)
  assert.deepEqual(relations(seen), ['self'])
  assert.deepEqual(relations(await read(id, schoolLead)), ['edit', 'self', 'sign'])
  for (const one of [id, unknownId()]) {
    refused(await officer.get(`/agreements/${one}`), 404, 'NOT_FOUND')
    refused(await server.as('system-admin').get(`/agreements/${one}`), 404, 'NOT_FOUND')
  }
  assert.deepEqual((await officer.get('/agreements', { status: 200 })).body.agreements, [])
  await refusesMalformedId(worker, 'getAgreement', 'agreementId')
})

test('agreements are listed newest first and by state, page by page', async () => {
  const future = await drawUp({ validFrom: day(10), validUntil: day(20) })
  const past = await drawUp({ validFrom: day(-20), validUntil: day(-10) })
  const present = await drawUp({ validFrom: day(), validUntil: day() })
  for (const { id } of [future, past, present]) await signAll(id, lead, schoolLead)
  const ids = async state => (await worker.get('/agreements', { query: { state }, status: 200 })).body.agreements.map(one => one.id)

  assert.deepEqual(await ids('not-yet-in-force'), [future.id])
  assert.deepEqual(await ids('ended'), [past.id])
  assert.deepEqual(await ids('in-force'), [present.id])
  assert.equal((await ids('awaiting-signatures')).at(-1), AGREEMENT)
  const all = await pages(worker, '/agreements', 'agreements')
  assert.deepEqual(all.slice(0, 3), [present.id, past.id, future.id])
  refused(await worker.get('/agreements', { query: { state: 'signed' } }), 400, 'INVALID_REQUEST')
  await refusesStrayQuery(worker, 'listAgreements')
})

test('an agreement is in force when everyone has signed, and not before', async () => {
  const { id } = await drawUp({ partyIds: [SCHOOL, CLINIC] })
  await actsWith(server, 'clinic-manager', ['agreement:read', 'agreement:sign'])

  const first = await sign(id)
  const second = await sign(id, schoolLead)
  const third = await sign(id, server.as('clinic-manager'))

  assert.deepEqual([first, second, third].map(reply => reply.body.state), ['awaiting-signatures', 'awaiting-signatures', 'in-force'])
  assert.deepEqual(signed(third.body), [SOCIAL, SCHOOL, CLINIC])
  assert.equal(third.body.parties[0].signedBy, 'Tove Syrenberg')
  assert.deepEqual(relations(third), ['self'])
  assert.equal(third.headers.location.endsWith(`/agreements/${id}`), true)
})

test('each organisation signs once', async () => {
  const { id } = await drawUp()
  await sign(id)

  refused(await sign(id), 409, 'ALREADY_EXISTS')
})

test('nobody signs a wording that they have not seen', async () => {
  const { id } = await drawUp()
  const before = await read(id, schoolLead)
  await edit(id, { title: 'Ett annat innehåll' })

  refused(await schoolLead.post(`/agreements/${id}/signatures`, undefined, { ifMatch: before.etag }), 412, 'PRECONDITION_FAILED')
  refused(await schoolLead.post(`/agreements/${id}/signatures`), 428, 'PRECONDITION_REQUIRED')
  assert.deepEqual(signed((await read(id)).body), [])
})

test('a signature makes what others have read stale', async () => {
  const { id } = await drawUp()
  const before = await read(id)
  await sign(id, schoolLead)

  refused(await lead.post(`/agreements/${id}/signatures`, undefined, { ifMatch: before.etag }), 412, 'PRECONDITION_FAILED')
  assert.notEqual((await read(id)).etag, before.etag)
})

test('a signature is given once, however often the request is repeated', async () => {
  const [first, other] = [await drawUp(), await drawUp()]
  const [one, two] = [(await read(first.id)).etag, (await read(other.id)).etag]
  await answersOnce(server, 'collaboration-lead', 'signAgreement', { path: { agreementId: first.id }, ifMatch: one }, { path: { agreementId: other.id }, ifMatch: two })

  assert.deepEqual(signed((await read(other.id)).body), [])
})

test('an agreement is drawn up once, however often the request is repeated', async () => {
  await answersOnce(server, 'collaboration-lead', 'createAgreement', { body: draft() }, { body: draft({ title: 'En annan' }) })
})

test('what nobody has signed is edited by whoever has read it as it is; the parties are replaced as a whole', async () => {
  const { id } = await drawUp()

  const edited = await editsConditionally(lead, `/agreements/${id}`, {
    title: 'Nytt namn', purposes: ['a', 'b'], categories: ['LEARNING'], partyIds: [CLINIC], validFrom: day(1), validUntil: day(2)
  })

  const { title, purposes, categories, validFrom, validUntil } = edited.body
  assert.deepEqual({ title, purposes, categories, validFrom, validUntil }, { title: 'Nytt namn', purposes: ['a', 'b'], categories: ['LEARNING'], validFrom: day(1), validUntil: day(2) })
  assert.deepEqual(edited.body.parties.map(party => party.organisationId), [SOCIAL, CLINIC])
  refused(await schoolLead.get(`/agreements/${id}`), 404, 'NOT_FOUND')
})

test('the parties alone can be edited, and what was read before is stale then', async () => {
  const { id } = await drawUp()
  const before = await read(id)

  const edited = await edit(id, { partyIds: [SCHOOL, CLINIC] })

  assert.deepEqual(edited.body.parties.map(party => party.organisationId), [SOCIAL, SCHOOL, CLINIC])
  refused(await lead.post(`/agreements/${id}/signatures`, undefined, { ifMatch: before.etag }), 412, 'PRECONDITION_FAILED')
})

test('what someone has signed is not edited', async () => {
  const { id } = await drawUp()
  await sign(id, schoolLead)

  refused(await edit(id, { title: 'Efterhand' }), 409, 'CONFLICT')
  refused(await edit(id, { partyIds: [CLINIC] }), 409, 'CONFLICT')
})

test('only the organisation that drew it up edits an agreement', async () => {
  const { id } = await drawUp()

  refused(await edit(id, { title: 'Vårt' }, schoolLead), 403, 'NOT_OWNER')
})

test('whoever is no party signs and edits nothing', async () => {
  await actsWith(server, 'police-officer', ['agreement:read', 'agreement:write', 'agreement:sign'])

  for (const id of [(await drawUp()).id, unknownId()]) {
    refused(await officer.patch(`/agreements/${id}`, { title: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
    refused(await officer.post(`/agreements/${id}/signatures`, undefined, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  }
  await refusesMalformedId(officer, 'signAgreement', 'agreementId', {}, { ifMatch: '"1"' })
})

test('what an agreement refers to must exist and be a secrecy boundary', async () => {
  const { id } = await drawUp()
  const table = [
    [{ partyIds: [unknownId()] }, 'INVALID_REFERENCE', '/body/partyIds'],
    [{ partyIds: [SCHOOL, MUNICIPALITY] }, 'INVALID_REFERENCE', '/body/partyIds'],
    [{ partyIds: [SOCIAL_UNIT] }, 'INVALID_REFERENCE', '/body/partyIds'],
    [{ partyIds: [SOCIAL] }, 'UNPROCESSABLE', '/body/partyIds'],
    [{ categories: ['LEARNING', 'GOSSIP'] }, 'INVALID_REFERENCE', '/body/categories'],
    [{ validFrom: day(5), validUntil: day(4) }, 'UNPROCESSABLE', '/body/validUntil']
  ]
  for (const [more, code, pointer] of table) {
    assert.deepEqual(pointers(refused(await lead.post('/agreements', draft(more)), 422, code)), [pointer], JSON.stringify(more))
    assert.deepEqual(pointers(refused(await edit(id, more), 422, code)), [pointer], `edit ${JSON.stringify(more)}`)
  }
  assert.deepEqual(pointers(refused(await edit(id, { validFrom: day(400) }), 422, 'UNPROCESSABLE')), ['/body/validFrom'])
})

test('every fault of an agreement is told at once', async () => {
  await refusesBodies(lead, 'createAgreement', {}, [
    [{}, '/body/categories', '/body/partyIds', '/body/purposes', '/body/title', '/body/validFrom', '/body/validUntil'],
    [draft({ title: ' ', purposes: [], categories: ['lower'], partyIds: [SCHOOL, SCHOOL], validFrom: 'x', state: 'in-force' }),
      '/body/categories/0', '/body/partyIds', '/body/purposes', '/body/state', '/body/title', '/body/validFrom']
  ])
  await refusesBodies(lead, 'updateAgreement', { path: { agreementId: AGREEMENT } }, [
    [{}, '/body'], [{ title: null, organisationId: SCHOOL }, '/body/organisationId', '/body/title']
  ], { ifMatch: '"1"' })
  await refusesMalformedId(lead, 'updateAgreement', 'agreementId', { body: { title: 'X' } }, { ifMatch: '"1"' })
})

test('whoever has no such role draws up, edits and signs nothing', async () => {
  for (const person of ['social-case-worker', 'social-manager', 'organisation-admin', 'system-admin', 'social-auditor']) {
    const client = server.as(person)
    refused(await client.post('/agreements', draft()), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.patch(`/agreements/${AGREEMENT}`, { title: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.post(`/agreements/${AGREEMENT}/signatures`, undefined, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await lead.with({ claims: { scope: 'samsyn:case' } }).post('/agreements', draft()), 403, 'SCOPE_MISSING')
  await actsWith(server, 'police-manager', [])
  refused(await server.as('police-manager').get('/agreements'), 403, 'ROLE_NOT_ALLOWED')
  refused(await server.as('police-manager').get(`/agreements/${AGREEMENT}`), 403, 'ROLE_NOT_ALLOWED')
})
