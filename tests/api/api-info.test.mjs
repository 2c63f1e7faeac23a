// What anybody may ask without a token: what this API is, and its contract.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const nobody = server.anonymous()

test('api-info names the API, its version and its status without a token', async () => {
  const reply = await nobody.get('/api-info', { status: 200 })

  assert.deepEqual(Object.keys(reply.body).filter(name => !name.startsWith('_')).sort(),
    ['apiDocumentation', 'apiName', 'apiReleased', 'apiStatus', 'apiVersion'])
})

test('an unknown query parameter of api-info is refused and named', async () => {
  const reply = await nobody.get('/api-info', { query: { colour: 'blue' }, status: 400 })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/query/colour'])
})

test('a method that api-info does not know is 405 with the methods that it knows', async () => {
  const reply = await nobody.delete('/api-info', { status: 405 })

  refused(reply, 405, 'METHOD_NOT_ALLOWED')
  assert.match(reply.headers.allow, /\bGET\b/)
})
