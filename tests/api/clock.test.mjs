// The one clock: a test moves it, and what depends on the day follows; the server cannot.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { startServer } from '../support/server.mjs'
import { acting, grantedConsent, openCase } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const stateOf = async consent => (await worker.get(`/consents/${consent.id}`, { status: 200 })).body.state

test('a consent is over the day after its last, as soon as the clock says so', async () => {
  const consent = await grantedConsent(server, await openCase(server))
  assert.equal(await stateOf(consent), 'in-force')

  const last = Date.parse(`${consent.validUntil}T12:00:00Z`)
  await moveClock(server, last)
  assert.equal(await stateOf(consent), 'in-force', 'its last day')

  await moveClock(server, last + 86400e3)
  assert.equal(await stateOf(consent), 'expired')

  await restoreClock(server)
  assert.equal(await stateOf(consent), 'in-force')
})

test('the role of the server cannot move it', async () => {
  await assert.rejects(server.sql('set role samsyn_api; create or replace function samsyn.now() returns timestamptz language sql as $$ select timestamptz $q$2020-01-01$q$ $$'),
    /must be owner|permission denied/)
})
