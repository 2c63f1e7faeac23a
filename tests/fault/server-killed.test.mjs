// The server is killed with -9 under load and started again: nothing acknowledged is lost or done twice, and nothing was
// shown without its row in the access log.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { startServer } from '../support/server.mjs'
import { openCase } from '../support/story.mjs'

const ROUNDS = 3
const WORKERS = 16
const EACH_ROUND = 60 // acknowledged writings before the next kill

const server = await startServer({ manual: true })
after(() => server.stop())

test('killed with -9 under load and started again, it keeps what it acknowledged and logged what it showed', async t => {
  const load = new Load(server, { caseId: await openCase(server), subjectId: ALVA, hiddenId: await openCase(server) })
  load.start(WORKERS)

  for (let round = 1; round <= ROUNDS; round++) {
    const before = load.written.length
    await server.until(() => load.written.length >= before + EACH_ROUND || load.faults.length)
    await server.kill()
    await server.start()
  }
  const last = load.written.length
  await server.until(() => load.written.length >= last + EACH_ROUND || load.faults.length)
  await load.stop()

  const lost = load.attempts.filter(one => one.error).length
  t.diagnostic(`${load.written.length} writings, ${load.attempts.length} exchanges, ${lost} without an answer`)
  assert.ok(lost >= ROUNDS, 'the kills hit nothing')
  await load.compare()
})
