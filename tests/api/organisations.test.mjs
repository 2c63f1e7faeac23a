// Organisations: principals, secrecy boundaries and units. Everyone sees them; only administrators change them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { CLINIC, MUNICIPALITY, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, TOWN_HALL } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const teacher = server.as('school-teacher')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

const unit = (more = {}) => ({ kind: 'unit', parentId: SOCIAL, name: 'Ungdom och familj', ...more })
const addUnit = async (more, by = system) => (await by.post('/organisations', unit(more), { status: 201 })).body
const edit = async (id, change, by = system) => by.patch(`/organisations/${id}`, change, { ifMatch: (await by.get(`/organisations/${id}`)).etag })

test('these are the operations of organisations', () => {
  assert.deepEqual(operationsOf('Organisations'), ['createOrganisation', 'getOrganisation', 'listOrganisations', 'updateOrganisation'])
})

test('the whole register of municipalities and regions is there, page by page', async () => {
  const municipalities = await worker.get('/organisations', { query: { kind: 'municipality', limit: 1 }, status: 200 })
  const regions = await worker.get('/organisations', { query: { kind: 'region', limit: 1 }, status: 200 })

  assert.equal(municipalities.body._meta.totalRecords, 290 + 1) // and the one of the demo
  assert.equal(regions.body._meta.totalRecords, 21 + 1)
  await pages(worker, '/organisations', 'organisations', { kind: 'region' }, 7)
})

test('organisations are found by sector, by municipality code, by what they lie below and by how their name begins', async () => {
  const names = async query => (await teacher.get('/organisations', { query, status: 200 })).body.organisations.map(one => one.name)

  assert.deepEqual(await names({ sector: 'POLICE' }), ['Lokalpolisområde Granby', 'Polismyndigheten, region Gran'])
  assert.deepEqual(await names({ municipalityCode: '0180' }), ['Stockholms kommun'])
  assert.deepEqual(await names({ parentId: SCHOOL }), ['Elevhälsans medicinska insats', 'Granskolan'])
  assert.deepEqual(await names({ name: 'granS' }), ['Granskolan'])
  assert.deepEqual(await names({ name: '%' }), [])
  assert.deepEqual(await names({ kind: 'branch', parentId: MUNICIPALITY }), [])
})

test('a filter that is no code of its register is refused and named', async () => {
  const reply = await worker.get('/organisations', { query: { municipalityCode: '9999', kind: 'club', parentId: '1' } })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer).sort(), ['/query/kind', '/query/municipalityCode', '/query/parentId'])
  await refusesStrayQuery(worker, 'listOrganisations')
})

test('an organisation leads to what lies around it, and only an administrator to its editing', async () => {
  const mine = await readsConditionally(worker, `/organisations/${SOCIAL_UNIT}`)
  const seen = await system.get(`/organisations/${SOCIAL_UNIT}`, { status: 200 })
  const principal = await worker.get(`/organisations/${MUNICIPALITY}`, { status: 200 })

  assert.deepEqual([mine.body.boundaryId, mine.body.parentId, mine.body.sector, mine.body.secrecyRegime], [SOCIAL, SOCIAL, 'SOCIAL_SERVICES', 'SOCIAL_SERVICES'])
  assert.deepEqual(relations(mine), ['assignments', 'parts', 'self', 'up'])
  assert.deepEqual(relations(seen), ['assignments', 'edit', 'parts', 'self', 'up'])
  assert.deepEqual(relations(principal), ['parts', 'self'])
  assert.equal('boundaryId' in principal.body, false)
  assert.equal((await worker.follow(mine, 'up', undefined, { status: 200 })).body.name, 'Socialnämnden i Granby')
  assert.ok((await worker.follow(principal, 'parts', undefined, { status: 200 })).body.organisations.some(one => one.id === SCHOOL))
})

test('an organisation that does not exist is 404, and an identifier that is none 400', async () => {
  refused(await worker.get(`/organisations/${unknownId()}`), 404, 'NOT_FOUND')
  await refusesMalformedId(worker, 'getOrganisation', 'organisationId')
  await refusesMalformedId(system, 'updateOrganisation', 'organisationId', { body: { name: 'X' } }, { ifMatch: '"1"' })
})

test('a unit lies within the boundary of its parent and has its sector and regime', async () => {
  const made = await admin.post('/organisations', unit({ name: 'Öppenvård' }), { status: 201 })

  const { boundaryId, sector, secrecyRegime, active } = made.body
  assert.deepEqual({ boundaryId, sector, secrecyRegime, active }, { boundaryId: SOCIAL, sector: 'SOCIAL_SERVICES', secrecyRegime: 'SOCIAL_SERVICES', active: true })
  assert.deepEqual((await worker.get(made.headers.location, { status: 200 })).body.name, 'Öppenvård')
})

test('an authority, a branch and a provider are secrecy boundaries of their own', async () => {
  const activity = { sector: 'SOCIAL_SERVICES', secrecyRegime: 'SOCIAL_SERVICES' }
  const principal = await addUnit({ kind: 'private', parentId: undefined, name: 'Omsorg AB', organisationNumber: '556036-0793' })
  const provider = await addUnit({ kind: 'provider', parentId: principal.id, name: 'Omsorg Öst', ...activity })
  const authority = await addUnit({ kind: 'authority', parentId: MUNICIPALITY, name: 'Omsorgsnämnden', ...activity })
  const branch = await addUnit({ kind: 'branch', parentId: authority.id, name: 'Familjerådgivningen', sector: 'FAMILY_COUNSELLING' })

  assert.equal(principal.organisationNumber, '5560360793')
  assert.equal(principal.boundaryId, undefined)
  for (const one of [provider, authority, branch]) assert.equal(one.boundaryId, one.id)
  assert.deepEqual([branch.sector, branch.secrecyRegime], ['FAMILY_COUNSELLING', 'SOCIAL_SERVICES'])
})

test('an organisation in the wrong place is 422', async () => {
  const activity = { sector: 'SCHOOL', secrecyRegime: 'STUDENT_HEALTH' }
  const table = [
    [unit({ parentId: MUNICIPALITY }), 'UNPROCESSABLE', '/body/parentId'],
    [unit({ kind: 'authority', parentId: SOCIAL, ...activity }), 'UNPROCESSABLE', '/body/parentId'],
    [unit({ kind: 'branch', parentId: SOCIAL_UNIT }), 'UNPROCESSABLE', '/body/parentId'],
    [unit({ kind: 'branch', parentId: undefined, ...activity }), 'UNPROCESSABLE', '/body/parentId'],
    [unit({ kind: 'unit', parentId: unknownId() }), 'UNPROCESSABLE', '/body/parentId'],
    [unit({ kind: 'municipality' }), 'UNPROCESSABLE'],
    [unit({ kind: 'authority', parentId: MUNICIPALITY }), 'UNPROCESSABLE'],
    [unit({ sector: 'FISHERY' }), 'INVALID_REFERENCE']
  ]
  for (const [body, code, pointer] of table) {
    const reply = refused(await system.post('/organisations', body), 422, code)
    if (pointer) assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer], JSON.stringify(body))
  }
})

test('Swedish identifiers are checked, and every fault of a body is told at once', async () => {
  await refusesBodies(system, 'createOrganisation', {}, [
    [{ kind: 'club', name: ' ', colour: 'blue' }, '/body/colour', '/body/kind', '/body/name'],
    [{}, '/body/kind', '/body/name'],
    [unit({ organisationNumber: '556036-0794' }), '/body/organisationNumber'],
    [unit({ organisationNumber: '195560360793' }), '/body/organisationNumber'],
    [unit({ hsaId: 'SE2321000016' }), '/body/hsaId'],
    [unit({ hsaId: 'NO2321000016-A1' }), '/body/hsaId'],
    [unit({ municipalityCode: '0199', countyCode: '02' }), '/body/countyCode', '/body/municipalityCode'],
    [unit({ schoolUnitCode: '1234567' }), '/body/schoolUnitCode'],
    [unit({ parentId: 'x' }), '/body/parentId'],
    [unit({ name: 'N'.repeat(201) }), '/body/name']
  ])
  const school = await addUnit({ parentId: SCHOOL, hsaId: 'SE2321000016-Gran1', schoolUnitCode: '12345678', municipalityCode: '0180', countyCode: '01' })
  assert.deepEqual([school.hsaId, school.schoolUnitCode, school.municipalityCode, school.countyCode], ['SE2321000016-Gran1', '12345678', '0180', '01'])
})

test('HSA-id, school unit code and a municipality\'s code are each given once', async () => {
  await addUnit({ hsaId: 'SE2321000016-TAKEN' })

  refused(await system.post('/organisations', unit({ hsaId: 'SE2321000016-taken' })), 409, 'ALREADY_EXISTS')
  refused(await system.post('/organisations', unit({ parentId: SCHOOL, schoolUnitCode: '99999999' })), 409, 'ALREADY_EXISTS')
  refused(await system.post('/organisations', { kind: 'municipality', name: 'Stockholm igen', municipalityCode: '0180' }), 409, 'ALREADY_EXISTS')
  const other = await addUnit()
  refused(await edit(other.id, { hsaId: 'SE2321000016-TAKEN' }), 409, 'ALREADY_EXISTS')
})

test('an organisation is added once, however often the request is repeated', async () => {
  await answersOnce(server, 'organisation-admin', 'createOrganisation', { body: unit({ name: 'En gång' }) }, { body: unit({ name: 'En annan' }) })

  const named = await admin.get('/organisations', { query: { name: 'En ' }, status: 200 })
  assert.deepEqual(named.body.organisations.map(one => one.name), ['En gång'])
})

test('an organisation is edited by whoever has read it as it is', async () => {
  const { id } = await addUnit({ hsaId: 'SE2321000016-E1' })

  const edited = await editsConditionally(admin, `/organisations/${id}`, { name: 'Ungdomsenheten', hsaId: null })

  assert.equal(edited.body.name, 'Ungdomsenheten')
  assert.equal('hsaId' in edited.body, false)
  refused(await system.patch(`/organisations/${unknownId()}`, { name: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
})

test('kind, parent and number are never edited, and an empty or wrong change is 400', async () => {
  const { id } = await addUnit()
  await refusesBodies(system, 'updateOrganisation', { path: { organisationId: id } }, [
    [{}, '/body'], [{ kind: 'branch', parentId: SCHOOL }, '/body/kind', '/body/parentId'], [{ name: null, active: 'yes' }, '/body/active', '/body/name']
  ], { ifMatch: '"1"' })
  refused(await edit(id, { sector: 'FISHERY' }), 422, 'INVALID_REFERENCE')
})

test('an organisation administrator adds nothing but units, and only to their own organisation', async () => {
  const refusals = [
    unit({ parentId: SCHOOL }), unit({ parentId: SCHOOL_UNIT }), unit({ parentId: unknownId() }),
    unit({ kind: 'branch' }), unit({ kind: 'authority', parentId: MUNICIPALITY, sector: 'SCHOOL', secrecyRegime: 'STUDENT_HEALTH' }),
    { kind: 'private', name: 'Omsorg AB' }
  ]
  for (const body of refusals) refused(await admin.post('/organisations', body), 403, 'ROLE_NOT_ALLOWED')
})

test('an organisation administrator edits their own organisation, but not what decides which grounds apply to it', async () => {
  assert.equal((await edit(SOCIAL, { name: 'Socialnämnden i Granby' }, admin)).status, 200)
  refused(await edit(SOCIAL, { sector: 'HEALTH_CARE' }, admin), 403, 'ROLE_NOT_ALLOWED')
  refused(await edit(SOCIAL, { secrecyRegime: 'GENERAL' }, admin), 403, 'ROLE_NOT_ALLOWED')
  refused(await edit(SOCIAL, { active: false }, admin), 403, 'ROLE_NOT_ALLOWED')
  for (const id of [SCHOOL, SCHOOL_UNIT, CLINIC, MUNICIPALITY, TOWN_HALL]) {
    refused(await edit(id, { name: 'Mitt' }, admin), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('whoever administers nothing changes nothing', async () => {
  refused(await worker.post('/organisations', unit()), 403, 'ROLE_NOT_ALLOWED')
  refused(await worker.patch(`/organisations/${SOCIAL}`, { name: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  refused(await admin.with({ claims: { scope: 'samsyn:case' } }).post('/organisations', unit()), 403, 'SCOPE_MISSING')
})

test('a role without the permission sees no organisations', async () => {
  await actsWith(server, 'police-officer', [])
  const officer = server.as('police-officer')

  refused(await officer.get('/organisations'), 403, 'ROLE_NOT_ALLOWED')
  refused(await officer.get(`/organisations/${SOCIAL}`), 403, 'ROLE_NOT_ALLOWED')
})

test('nobody acts in a unit from the request on that follows its closing', async () => {
  const head = server.as('school-head')
  await head.get('/organisations', { query: { limit: 1 }, status: 200 })

  assert.equal((await edit(SCHOOL_UNIT, { active: false })).body.active, false)
  refused(await head.get('/organisations'), 403, 'ASSIGNMENT_REQUIRED')
  assert.equal((await edit(SCHOOL_UNIT, { active: true })).body.active, true)
  await head.get('/organisations', { query: { limit: 1 }, status: 200 })
})

test('a change of an organisation stands in the access log, a look at it does not', async () => {
  const made = await addUnit({}, admin)
  await worker.get(`/organisations/${made.id}`, { status: 200 })

  const rows = await server.sql(`select operation, activity, outcome, client from samsyn.access_events where '${made.id}' = any (resource_ids)`)
  assert.deepEqual(rows, [{ operation: 'createOrganisation', activity: 'write', outcome: 'allowed', client: 'demo-portal' }])
})
