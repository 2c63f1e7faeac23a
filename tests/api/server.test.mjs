// What anybody may ask without a token: what this API is, its contract and its documentation.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { operationsOf, refusesStrayQuery } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const nobody = server.anonymous()
const published = readFileSync(fileURLToPath(new URL('../../openapi.yaml', import.meta.url)), 'utf8')

test('these are the operations that need no token, and there are no others', () => {
  const open = contract().operations.filter(operation => operation.open).map(operation => operation.id).sort()

  assert.deepEqual(open, [...operationsOf('About'), ...operationsOf('Log'), 'addCheckpoint', 'getWitness'].sort())
  assert.deepEqual(operationsOf('About'), ['getApiInfo', 'getContractJson', 'getContractYaml', 'getDocs'])
  assert.deepEqual(operationsOf('Log'), ['getCheckpoint', 'getCheckpointOfSize', 'getConsistencyProof', 'getLogKeys', 'getTile', 'listCheckpoints'])
})

test('api-info names the API, its version and its status, and leads to contract and documentation', async () => {
  const { info } = contract().document
  const reply = await nobody.get('/api-info', { status: 200 })

  const { _links, apiDocumentation, ...rest } = reply.body
  assert.deepEqual(rest, { apiName: info['x-api-name'], apiVersion: info.version, apiReleased: info['x-api-released'], apiStatus: info['x-api-status'] })
  assert.equal(apiDocumentation, _links.help.href)
  assert.deepEqual(Object.keys(_links).sort(), ['describedby', 'help', 'self'])
  await nobody.follow(reply, 'describedby', undefined, { status: 200 })
  await nobody.follow(reply, 'help', undefined, { status: 200 })
})

test('the contract in YAML is the published one, byte by byte', async () => {
  const reply = await nobody.get('/openapi.yaml', { status: 200 })

  assert.equal(reply.text, published)
  assert.match(reply.headers['content-type'], /^application\/yaml\b/)
})

test('the contract in JSON says the same as the one in YAML', async () => {
  const reply = await nobody.get('/openapi.json', { status: 200 })

  assert.deepEqual(reply.body, JSON.parse(JSON.stringify(contract().document)))
})

test('the contract is not sent again to whoever has it', async () => {
  for (const path of ['/openapi.yaml', '/openapi.json']) {
    const first = await nobody.get(path, { status: 200 })
    const again = await nobody.get(path, { ifNoneMatch: first.etag, status: 304 })
    assert.equal(again.text, '')
    await nobody.get(path, { ifNoneMatch: '"other"', status: 200 })
    await nobody.get(path, { ifNoneMatch: '*', status: 304 })
  }
})

test('the documentation is one page without scripts that tells of every operation, and allows its own style alone', async () => {
  const { text, headers } = await nobody.get('/docs', { status: 200 })

  assert.equal(/<script|javascript:|\son[a-z]+=/i.test(text), false)
  for (const { id, path } of contract().operations) assert.ok(text.includes(path.replaceAll('&', '&amp;')), `nothing of ${id}`)
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)[1]
  assert.ok(headers['content-security-policy'].includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`))
  assert.ok(headers['content-security-policy'].includes("default-src 'none'"))
})

test('an unknown query parameter is refused and named', async () => {
  for (const id of operationsOf('About')) await refusesStrayQuery(nobody, id)
})

test('a method that a page does not know is 405 with the methods that it knows', async () => {
  for (const path of ['/api-info', '/openapi.yaml', '/openapi.json', '/docs']) {
    for (const method of ['DELETE', 'POST', 'PUT', 'PATCH']) {
      const reply = refused(await nobody.request(method, path), 405, 'METHOD_NOT_ALLOWED')
      assert.match(reply.headers.allow, /\bGET\b/)
    }
  }
})

test('a representation that the page does not have is 406', async () => {
  refused(await nobody.get('/openapi.json', { headers: { Accept: 'application/xml' } }), 406, 'NOT_ACCEPTABLE')
  refused(await nobody.get('/docs', { headers: { Accept: 'application/json' } }), 406, 'NOT_ACCEPTABLE')
  await nobody.get('/docs', { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, status: 200 })
})

test('what is said without a token is said with a wrong one too', async () => {
  await server.anonymous({ token: 'nonsense' }).get('/api-info', { status: 200 })
})
