// The line to the database breaks in the middle of an exchange: what is told of it in the log is told once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakableLine } from '../support/broken-line.mjs'
import { refused } from '../support/client.mjs'
import { ALVA } from '../support/demo.mjs'
import { cloneDatabase, startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'
import { ownTrace } from '../support/watched.mjs'

const line = await breakableLine()
const database = await cloneDatabase()
const server = await startServer({ database, options: { database: `host=${line.directory} dbname=${database} user=samsyn_api` } })
const worker = server.as('social-case-worker')
const caseId = await openCase(server)

const rowsOf = trace => server.sql(`select outcome, code, resource_ids from samsyn.access_events where trace_id = '${trace}'`)
const openAgain = (key, traceparent) => worker.call('createCase', { body: { subjectId: ALVA, title: 'Joint support' } }, { key, headers: { traceparent } })

test('a reading of which the answer was lost is not read and logged a second time', async () => {
  const { trace, traceparent } = ownTrace()
  line.loseAnswerTo(trace)

  const reply = await worker.get(`/cases/${caseId}`, { headers: { traceparent } })

  refused(reply, 503, 'DATABASE_UNAVAILABLE')
  assert.equal(line.pending(), 0)
  assert.deepEqual(await rowsOf(trace), [{ outcome: 'allowed', code: null, resource_ids: [caseId] }])
})

test('a reading that was ended before it was carried out is carried out once', async () => {
  const { trace, traceparent } = ownTrace()
  line.refuse(trace)

  const reply = await worker.get(`/cases/${caseId}`, { headers: { traceparent } })

  assert.equal(reply.status, 200)
  assert.equal(line.pending(), 0)
  assert.deepEqual(await rowsOf(trace), [{ outcome: 'allowed', code: null, resource_ids: [caseId] }])
})

test('a writing of which the answer was lost is done once, and told as it is when it is repeated', async () => {
  const [first, second] = [ownTrace(), ownTrace()]
  line.loseAnswerTo(first.trace)

  refused(await openAgain('the-key', first.traceparent), 503, 'DATABASE_UNAVAILABLE')
  const again = await openAgain('the-key', second.traceparent)

  assert.equal(again.status, 201)
  const row = { outcome: 'allowed', code: null, resource_ids: [again.body.id] }
  assert.deepEqual([await rowsOf(first.trace), await rowsOf(second.trace)], [[row], [row]])
})
