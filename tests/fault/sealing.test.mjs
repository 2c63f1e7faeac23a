// Sealing goes on whatever happens to the nodes, in the one order, and nothing is signed that contradicts what was.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { assertWhole, gauge, makeLogKey, ORIGIN, sealed, signed, signing } from '../support/sealing.mjs'
import { ALVA } from '../support/demo.mjs'
import { Load } from '../support/load.mjs'
import { cloneDatabase, startServer } from '../support/server.mjs'
import { hold } from '../support/session.mjs'
import { openCase } from '../support/story.mjs'

const read = (server, times = 1) => Promise.all(Array.from({ length: times }, async () =>
  assert.equal((await server.as('social-case-worker').get('/cases')).status, 200)))

// Why the first checkpoint was refused, once one is.
async function refusal(server) {
  await server.until(async () => await gauge(server, 'log_refused') === 1)
  return server.until(() => server.log('checkpoint-refused')[0]?.reason)
}

// Makes events that are `count` in one transaction.
const insertEvents = (server, count, at = 'clock_timestamp()') => server.sql(`
  insert into samsyn.access_events (id, at, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
  select samsyn.uuid7(), ${at}, 'listCases', 'read', '{}', '{}', '{}', '{}', '{}', 'allowed' from generate_series(1, ${count}) n`)

test('two nodes seal one log, are killed in turns under load, and there is neither gap nor duplicate', async () => {
  const keys = [makeLogKey()]
  const first = await startServer({ options: signing({ keys }), manual: true })
  const second = await startServer({ options: signing({ keys }), database: first.database, manual: true })
  const load = new Load(first, { caseId: await openCase(first), subjectId: ALVA, hiddenId: await openCase(first) })

  load.start(8)
  for (const node of [first, second, first]) {
    const before = load.written.length
    await first.until(() => load.written.length >= before + 30 || load.faults.length)
    await node.kill()
    await node.start()
  }
  await load.stop()
  await load.compare()

  await signed(second)
  await assertWhole(second)
  await first.until(async () => await gauge(first, 'log_sealed_total') + await gauge(second, 'log_sealed_total') > 0)
  await first.stop()
  await second.stop()
})

test('a transaction that stays open holds sealing back, a metric tells it, and its late row is not skipped', async () => {
  const server = await startServer({ options: signing() })
  await read(server, 3)
  await sealed(server)
  const end = await hold(server.database, `insert into samsyn.access_events (id, at, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
    values (samsyn.uuid7(), clock_timestamp(), 'late', 'read', '{}', '{}', '{}', '{}', '{}', 'allowed')`)

  await read(server, 5)
  await server.until(async () => await gauge(server, 'log_unsealed_seconds') >= 2)
  const held = await server.sql('select count(*) as n from samsyn.access_events where id not in (select id from samsyn.log_entries)')
  await end('commit')

  assert.deepEqual(held, [{ n: 5 }])
  await sealed(server)
  await assertWhole(server)
  const [{ behind }] = await server.sql(`select count(*) as behind from samsyn.log_entries l join samsyn.access_events e using (id)
    where l.index > (select x.index from samsyn.log_entries x join samsyn.access_events y using (id) where y.operation = 'late')`)
  assert.equal(behind, 5, 'the late row has the place of its transaction')
  await server.until(async () => await gauge(server, 'log_unsealed_seconds') === 0)
})

test('a clock that goes back changes nothing in the order', async () => {
  const server = await startServer({ options: signing() })

  for (const back of [0, 60, 3600, 86400 * 40]) await insertEvents(server, 3, `clock_timestamp() - interval '${back} seconds'`)

  await signed(server)
  assert.equal(await assertWhole(server), 12)
})

test('what one transaction has written is sealed in several parts, and then nothing waits', async () => {
  const server = await startServer({ options: signing() })
  await insertEvents(server, 5000)

  await signed(server)
  assert.equal(await assertWhole(server), 5000)
  await server.until(async () => await gauge(server, 'log_unsealed_seconds') === 0)
  assert.deepEqual(await server.sql('select samsyn.unsealed_seconds() as waited'), [{ waited: 0 }])
})

test('a database set back to an earlier state is not signed, by the memory of the node', async () => {
  const options = signing()
  const server = await startServer({ options, manual: true })
  await read(server, 5)
  await signed(server)
  await server.stop()
  const backup = await cloneDatabase(server.database)
  const again = await startServer({ options, database: server.database, manual: true })
  await read(again, 5)
  const size = await signed(again)
  await again.stop()
  const before = readFileSync(options.logMemory, 'utf8')

  const restored = await startServer({ options, database: backup, tolerate: ['checkpoint-refused'] })

  assert.match(await refusal(restored), new RegExp(`smaller than that of ${size} entries`))
  await read(restored, size)
  await sealed(restored)
  await restored.until(async () => restored.log('checkpoint-refused').some(line => /does not continue/.test(line.reason)))
  assert.ok((await restored.sql('select samsyn.signed_size() as size'))[0].size < size)
  assert.equal(readFileSync(options.logMemory, 'utf8'), before)
})

test('hashes altered under the server are not signed', async () => {
  const server = await startServer({ options: signing(), tolerate: ['checkpoint-refused'] })
  await read(server, 3)
  const size = await signed(server)

  await server.sql(`set session_replication_role = replica;
    update samsyn.log_tiles set hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0)) where level = 0 and index = 0`)
  await read(server, 2)

  assert.match(await refusal(server), /does not continue/)
  assert.equal((await server.sql('select samsyn.signed_size() as size'))[0].size, size)
})

test('keys are replaced one after the other, and each signs while it is there', async () => {
  const [old, fresh] = [makeLogKey(), makeLogKey()]
  const { logMemory: memory } = signing()
  const signers = server => server.sql(`select count(distinct key_id) as n from samsyn.log_signatures where size = samsyn.signed_size()`)
  let database
  const seen = []
  for (const keys of [[old], [old, fresh], [fresh]]) {
    const server = await startServer({ options: signing({ keys, memory }), database, manual: true })
    database = server.database
    await read(server, 2)
    const size = await signed(server)
    await server.until(async () => (await signers(server))[0].n === keys.length)
    const [{ note }] = await server.sql(`select samsyn.checkpoint(${size}) as note`)
    assert.ok(note.startsWith(`${ORIGIN}\n${size}\n`))
    seen.push(note.split('\n').filter(line => line.startsWith('\u2014')).length)
    await server.stop()
  }
  assert.deepEqual(seen, [1, 2, 1])

  const stranger = await startServer({ options: signing({ memory }), database, tolerate: ['checkpoint-refused'] })
  await read(stranger, 1)
  assert.match(await refusal(stranger), /signed by none of the log's keys/)
})

test('a cluster whose transactions are counted anew is not sealed, and says why', async () => {
  const server = await startServer({ options: signing() })
  await read(server, 2)
  const size = await sealed(server)
  await server.sql(`insert into samsyn.log_trees (size, root, last_txid, last_id)
    values (${size + 1}, decode(repeat('00', 32), 'hex'), '900000000000', samsyn.uuid7())`)

  await server.until(async () => server.log('sealing-failed').some(line => /restored from a dump/.test(line.reason)))

  await read(server, 1)
  await server.until(async () => await gauge(server, 'log_failures_total') > 0)
})

test('without keys the log is sealed and not signed', async () => {
  const server = await startServer()
  await read(server, 2)

  await sealed(server)

  assert.equal(server.log('log-not-signed').length, 1)
  assert.equal((await server.sql('select count(*) as n from samsyn.log_signatures'))[0].n, 0)
})
