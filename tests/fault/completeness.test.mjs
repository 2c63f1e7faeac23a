// Every operation that is logged is used, by people who may and people who may not, while the server and the database are
// killed with -9 and started again; then the log has what was shown, and nothing else.
import '../support/own-cluster.mjs'
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, test } from 'node:test'
import { MATRIX } from '../api/matrix.mjs'
import { AUDITED, Traffic } from '../support/completeness.mjs'
import { beginStreams, lengthen } from '../support/cuts.mjs'
import { makeLog } from '../support/log.mjs'
import { randomFrom } from '../support/naive-evaluator.mjs'
import { killAll, startAgain, stopAtOnce } from '../support/postmaster.mjs'
import { requestsIn } from '../support/requests.mjs'
import { assertWhole, signed } from '../support/sealing.mjs'
import { command, conninfo, startServer } from '../support/server.mjs'
import { Tally } from '../support/tally.mjs'
import { Watched } from '../support/watched.mjs'
import { makeWorld } from '../support/world.mjs'

const WORKERS = 8
const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
const log = makeLog()
const server = await startServer({
  manual: true, options: log.options, tally: new Tally({ complete: true }), tolerate: ['denial-not-recorded', 'database-unreachable']
})
after(() => server.stop())

const SERVER = { kill: () => server.kill(), revive: () => server.start() }
const DATABASE = { kill: () => killAll(server), revive: startAgain }
const DATABASE_AT_ONCE = { kill: () => stopAtOnce(server), revive: startAgain }
const BOTH = { kill: () => Promise.all([SERVER.kill(), DATABASE.kill()]), revive: () => { DATABASE.revive(); return SERVER.revive() } }
const KILLS = [SERVER, DATABASE, SERVER, DATABASE_AT_ONCE, BOTH]

const watched = new Watched(server)
await watched.tally.began(text => server.sql(text))
const world = await makeWorld(watched)
const traffic = new Traffic(watched, world, await requestsIn(world, MATRIX), MATRIX, randomFrom(seed))
await traffic.prepare()

// Kills each time a part of the traffic is through.
async function killAlong(running) {
  let ended = false
  running.finally(() => { ended = true }).catch(() => {})
  for (const [i, { kill, revive }] of KILLS.entries()) {
    const due = Math.floor(traffic.tasks.length * (i + 1) / (KILLS.length + 1))
    await server.until(() => traffic.done >= due || ended)
    await kill()
    await revive()
  }
  await running
}

test('every operation is used, by people who may and who may not, while server and database are killed', async t => {
  t.diagnostic(`seed ${seed}`)
  await signed(server) // of what has been done so far there are proofs

  await killAlong(traffic.run(WORKERS))

  const never = AUDITED.filter(one => !watched.succeeded.has(one.id)).map(one => one.id)
  t.diagnostic(`${watched.exchanges} exchanges: ${watched.answered} answered (${watched.byStatus()}), ${watched.lost} lost, the others refused the connection`)
  t.diagnostic(`${KILLS.length} kills, ${AUDITED.length - never.length} of ${AUDITED.length} operations succeeded`)
  assert.deepEqual(never, [], `seed ${seed}: these never succeeded`)
  assert.ok(watched.lost > 0, 'the kills hit nothing')
})

for (const [what, { kill, revive }] of [['the server', SERVER], ['the database', DATABASE]]) {
  test(`streams are cut when ${what} is killed`, async t => {
    if (kill === SERVER.kill) await lengthen(watched, traffic.family)
    const streams = await beginStreams(watched, traffic.family)

    await kill()

    const ends = await Promise.all(streams.map(rest => rest()))
    await revive()
    t.diagnostic(ends.map(({ id, events }) => `${id}: ${events} events arrived`).join(', '))
    assert.deepEqual(ends.filter(({ whole }) => whole).map(({ id }) => id), [], 'these were not cut')
  })
}

test('the log has what was shown and what was done, and nothing else', async () => {
  const faults = await watched.tally.faults(text => server.sql(text))

  assert.equal(faults.length, 0, `seed ${seed}: ${faults.length} faults, among them\n${faults.slice(0, 40).join('\n')}`)
})

test('it is sealed wholly, and is what was signed', async t => {
  const size = await signed(server)

  assert.equal(await assertWhole(server), size)
  const audit = await command('log', 'audit', '--owner-database', conninfo(server.database, 'samsyn_owner'), '--verifier-key', log.verifier)
  assert.deepEqual([audit.status, audit.stderr], [0, ''])
  t.diagnostic(`${size} events`)
})
