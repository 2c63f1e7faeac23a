// Codes: the fixed vocabulary, read only and open to every registered person, whatever their role.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { actsWith, operationsOf, pages, refusesStrayQuery, relations } from '../support/habits.mjs'
import { command, conninfo, startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')

// The first release of the law, as the migration holds it.
const LAW = JSON.parse(/\$law\$([\s\S]*)\$law\$/.exec(readFileSync(new URL('../../sql/migrations/0019_load_law.sql', import.meta.url), 'utf8'))[1])

// Operation, path, collection: each is what the law says, but permissions.
const LISTS = [
  ['listPermissions', '/permissions', 'permissions'],
  ['listSectors', '/sectors', 'sectors'],
  ['listSecrecyRegimes', '/secrecy-regimes', 'secrecyRegimes'],
  ['listInformationCategories', '/information-categories', 'informationCategories'],
  ['listLegalGrounds', '/legal-grounds', 'legalGrounds'],
  ['listPreconditions', '/preconditions', 'preconditions'],
  ['listGroundScopes', '/ground-scopes', 'groundScopes'],
  ['listNeverGrounds', '/never-grounds', 'neverGrounds'],
  ['listDeadlineRules', '/deadline-rules', 'deadlineRules'],
  ['listRetentionRules', '/retention-rules', 'retentionRules'],
  ['listBbicAreas', '/bbic-areas', 'bbicAreas']
]

const all = async (path, collection, query = {}) => (await worker.get(path, { query: { limit: 100, ...query }, status: 200 })).body[collection]
const content = ({ _links, ...one }) => one
const byCode = (a, b) => (a.code < b.code ? -1 : 1)

test('these are the lists of codes', () => {
  assert.deepEqual(operationsOf('Codes'), LISTS.map(([id]) => id).sort())
})

for (const [id, path, collection] of LISTS) {
  test(`${path} lists its codes in order, for everyone who is registered`, async () => {
    const codes = await all(path, collection)

    assert.deepEqual(codes.map(one => one.code), [...codes].sort(byCode).map(one => one.code))
    if (LAW[collection]) assert.deepEqual(codes.map(content), [...LAW[collection]].sort(byCode))
    await pages(worker, path, collection, {}, 10)
    for (const one of codes) assert.deepEqual(relations(one), [])
  })

  test(`${path} refuses what the contract does not name, and who has no assignment`, async () => {
    await refusesStrayQuery(worker, id)
    refused(await worker.get(path, { query: { limit: 101 } }), 400, 'INVALID_REQUEST')
    refused(await worker.get(path, { headers: { 'Samsyn-Assignment': '01940000-0000-7000-8000-000000000999' } }), 403, 'ASSIGNMENT_REQUIRED')
    refused(await server.anonymous().get(path), 401, 'TOKEN_MISSING')
    refused(await worker.post(path, { code: 'X' }), 405, 'METHOD_NOT_ALLOWED')
  })
}

test('codes are open to a role that holds nothing', async () => {
  await actsWith(server, 'police-officer', [])

  for (const [, path] of LISTS) await server.as('police-officer').get(path, { status: 200 })
})

test('consent opens no secrecy that protects the public interest', async () => {
  const consent = (await all('/legal-grounds', 'legalGrounds')).find(one => one.code === 'CONSENT')
  const regimes = await all('/secrecy-regimes', 'secrecyRegimes')

  assert.deepEqual([consent.code, consent.enabled, consent.requiresConsent, consent.requiresDecision], ['CONSENT', true, true, false])
  for (const regime of regimes.filter(one => one.protects === 'public-interest')) assert.ok(consent.excludedRegimes.includes(regime.code), regime.code)
})

test('codes refer to each other: every sector of a regime and every regime of a ground exists', async () => {
  const sectors = (await all('/sectors', 'sectors')).map(one => one.code)
  const regimes = await all('/secrecy-regimes', 'secrecyRegimes')
  const grounds = await all('/legal-grounds', 'legalGrounds')
  const codes = regimes.map(one => one.code)

  for (const regime of regimes) assert.deepEqual(regime.sectors.filter(code => code !== '*' && !sectors.includes(code)), [], regime.code)
  for (const ground of grounds) {
    assert.deepEqual([...ground.sourceRegimes, ...ground.excludedRegimes].filter(code => code !== '*' && !codes.includes(code)), [], ground.code)
    assert.deepEqual([...ground.sourceSectors, ...ground.recipientSectors].filter(code => code !== '*' && !sectors.includes(code)), [], ground.code)
  }
})

test('names keep their Swedish letters', async () => {
  const health = (await all('/sectors', 'sectors')).find(one => one.code === 'HEALTH_CARE')

  assert.equal(health.nameSv, 'Hälso- och sjukvård, inklusive BUP, BVC och MVC')
})

test('permissions are those that the contract knows of and the roles hold', async () => {
  const codes = (await all('/permissions', 'permissions')).map(one => one.code)
  const roles = (await worker.get('/roles', { query: { limit: 100 }, status: 200 })).body.roles

  assert.ok(codes.includes('case:read') && codes.includes('access-event:read'))
  assert.deepEqual(roles.flatMap(role => role.permissions).filter(code => !codes.includes(code)), [])
})

// Wordings ------------------------------------------------------------------------------------------------------------

// Imports a release as the operator does, and returns what was said.
async function importLaw(release) {
  const file = `${server.directory}/release.json`
  writeFileSync(file, JSON.stringify(release))
  return command('import-grounds', '--owner-database', conninfo(server.database, 'samsyn_owner'), '--grounds', file)
}

test('a new wording is imported beside the one that ends, and each day has one', async () => {
  const consent = LAW.legalGrounds.find(one => one.code === 'CONSENT')
  const limit = LAW.deadlineRules.find(one => one.code === 'PRELIMINARY_ASSESSMENT')
  const kept = LAW.retentionRules.find(one => one.code === 'SOCIAL_FILE')
  const twice = (one, change) => [{ ...one, validUntil: '2027-06-30' }, { ...one, validFrom: '2027-07-01', ...change }]

  const { stdout } = await importLaw({
    legalGrounds: twice(consent, { section: '10:1' }), deadlineRules: twice(limit, { duration: 'P10D' }), retentionRules: twice(kept, { duration: 'P7Y' })
  })

  assert.match(stdout, /^legalGrounds: 1 added, 1 changed$/m)
  for (const [path, collection, code, member, before, after] of [
    ['/legal-grounds', 'legalGrounds', 'CONSENT', 'section', '10:1, 12:2-3', '10:1'],
    ['/deadline-rules', 'deadlineRules', 'PRELIMINARY_ASSESSMENT', 'duration', 'P14D', 'P10D'],
    ['/retention-rules', 'retentionRules', 'SOCIAL_FILE', 'duration', 'P5Y', 'P7Y']
  ]) {
    assert.deepEqual((await all(path, collection, { code })).map(one => [one[member], one.validUntil]), [[before, '2027-06-30'], [after, undefined]])
    assert.deepEqual((await all(path, collection, { code, onDate: '2027-06-30' })).map(one => one[member]), [before])
    assert.deepEqual((await all(path, collection, { code, onDate: '2027-07-01' })).map(one => one[member]), [after])
    assert.deepEqual(await all(path, collection, { code, onDate: '1999-12-31' }), [])
    assert.deepEqual(await all(path, collection, { code: 'NONE' }), [])
    refused(await worker.get(path, { query: { onDate: '2027-02-30' } }), 400, 'INVALID_REQUEST')
  }
})

test('a release at fault changes nothing', async () => {
  const before = await all('/legal-grounds', 'legalGrounds')
  const [ground] = LAW.legalGrounds

  const overlapping = await importLaw({ legalGrounds: [{ ...ground, code: 'GOOD' }, { ...ground, code: 'GUARDIAN', validFrom: '2026-01-01' }] })

  assert.equal(overlapping.status, 1)
  assert.match(overlapping.stderr, /legalGrounds\/1: GUARDIAN from 2026-01-01 to further notice overlaps its wording from 2009-06-30 to further notice/)
  assert.deepEqual(await all('/legal-grounds', 'legalGrounds'), before)
})
