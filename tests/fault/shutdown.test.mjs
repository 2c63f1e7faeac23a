// SIGTERM under load: what has begun is finished and answered, what has not begun has no effect, and the end is 0.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'

const WORKERS = 24
const BEFORE = 80

for (const round of [1, 2, 3]) {
  test(`SIGTERM under load loses no request that had begun (${round})`, async t => {
    const server = await startServer({ manual: true })
    const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server), retry: false })
    load.start(WORKERS)
    await server.until(() => load.written.length >= BEFORE || load.faults.length)

    server.process.kill('SIGTERM')
    const { code, signal } = await server.exited
    await load.stop()

    assert.deepEqual([code, signal], [0, null])
    assert.ok(server.log('stopped').some(line => line.drained), 'it did not drain')
    assert.deepEqual(server.faults(), [])
    await load.compare()
    // An exchange without an answer must not have begun: nothing of it is in the database, not even a row of the log.
    const unanswered = load.attempts.filter(one => !one.reply)
    t.diagnostic(`${load.written.length} writings, ${unanswered.length} exchanges not begun`)
    const traces = unanswered.map(one => `'${one.trace}'`).join() || "''"
    assert.deepEqual(await server.sql(`select trace_id, operation, outcome from samsyn.access_events where trace_id in (${traces})`), [])
    await server.stop()
  })
}
