// Codes: the fixed vocabulary, read only and open to every registered person, whatever their role.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { actsWith, operationsOf, pages, refusesStrayQuery, relations } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')

// Operation, path, collection, how many there are.
const [{ permissions }] = await server.sql('select count(*)::integer as permissions from samsyn.permissions')
const LISTS = [
  ['listPermissions', '/permissions', 'permissions', permissions],
  ['listSectors', '/sectors', 'sectors', 30],
  ['listSecrecyRegimes', '/secrecy-regimes', 'secrecyRegimes', 33],
  ['listInformationCategories', '/information-categories', 'informationCategories', 29],
  ['listLegalGrounds', '/legal-grounds', 'legalGrounds', 53]
]

const all = async (path, collection) => (await worker.get(path, { query: { limit: 100 }, status: 200 })).body[collection]

test('these are the lists of codes', () => {
  assert.deepEqual(operationsOf('Codes'), LISTS.map(([id]) => id).sort())
})

for (const [id, path, collection, count] of LISTS) {
  test(`${path} lists its codes in order, for everyone who is registered`, async () => {
    const codes = await all(path, collection)

    assert.deepEqual(codes.map(one => one.code), codes.map(one => one.code).sort((a, b) => (a < b ? -1 : 1)))
    assert.equal(codes.length, count)
    if (count > 2) await pages(worker, path, collection, {}, 10)
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
