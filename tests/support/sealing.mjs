// What the tests of the sealed log share: keys, metrics, and what must hold of the log whatever happened.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { makeFolder } from './folder.mjs'

export const ORIGIN = 'test.example/log'

// Options of a server that signs; each call makes a fresh key and memory unless they are given.
export function signing({ keys = [makeLogKey()], memory = `${makeFolder('log')}/memory` } = {}) {
  return { logOrigin: ORIGIN, logKeys: keys.join(','), logMemory: memory }
}

export function makeLogKey() {
  const file = `${makeFolder('log')}/key.pem`
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file], { stdio: 'ignore' })
  return file
}

export async function gauge(server, name) {
  const { text } = await server.management('/metrics')
  return Number(text.match(new RegExp(`^samsyn_${name} (.*)$`, 'm'))[1])
}

// Waits until everything that is committed is sealed; returns the size of the tree.
export async function sealed(server) {
  return server.until(async () => {
    const [{ events, size }] = await server.sql(`select (select count(*) from samsyn.access_events) as events,
      (select coalesce(max(size), 0) from samsyn.log_trees) as size`)
    return events === size && events > 0 && size
  })
}

// Waits until the newest tree is signed by the log; returns its size.
export async function signed(server) {
  const size = await sealed(server)
  await server.until(async () => (await server.sql('select samsyn.signed_size() as size'))[0].size >= size)
  return size
}

// Every event is exactly one leaf, leaves are numbered without gap, in the order of transactions, and no tree had
// another root than its leaves give (that is for the audit and the proofs); the sizes only grow.
export async function assertWhole(server) {
  const [facts] = await server.sql(`
    select (select count(*) from samsyn.access_events) as events,
      (select count(*) from samsyn.log_entries) as entries,
      (select count(distinct index) from samsyn.log_entries) as indexes,
      (select max(index) + 1 from samsyn.log_entries) as next,
      (select max(size) from samsyn.log_trees) as size,
      (select sum(octet_length(hashes)) / 32 from samsyn.log_tiles where level = 0) as leaves,
      (select count(*) from samsyn.access_events e left join samsyn.log_entries l on l.id = e.id and l.at = e.at where l.id is null) as unsealed,
      (select count(*) from (select e.txid, lag(e.txid) over (order by l.index) as before
        from samsyn.log_entries l join samsyn.access_events e on e.id = l.id and e.at = l.at) o where o.txid < o.before) as disordered`)
  assert.deepEqual(facts, { events: facts.events, entries: facts.events, indexes: facts.events, next: facts.events,
    size: facts.events, leaves: facts.events, unsealed: 0, disordered: 0 })
  return facts.events
}
