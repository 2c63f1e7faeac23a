// A sealed and signed log, and what a superuser of the database can do to copies of it.
//
//   const sample = await sealedSample()                    600 events, several signed trees; no server is running
//   const copy = await sample.tampered(`delete from ...`)   with all triggers off; returns the name of the copy
//   const { status, stderr, counts } = await sample.audit(copy, '--checkpoint', sample.early)
import { writeFileSync } from 'node:fs'
import { makeFolder } from './folder.mjs'
import { makeLog, sealed } from './log.mjs'
import { cloneDatabase, command, conninfo, sql, startServer } from './server.mjs'

export const FAULTS = ['altered', 'missing', 'inserted', 'order', 'backdated', 'tree', 'signature', 'kept']

export const insertEvents = (first, last, at = 'clock_timestamp()') => `
  insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, role, client, client_address, operation, activity,
    purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, emergency_id, outcome, code, request_id, trace_id)
  select samsyn.uuid7(), ${at}, samsyn.uuid7(), samsyn.uuid7(), samsyn.uuid7(), samsyn.uuid7(), 'case-worker', 'portal', '127.0.0.1', 'getRecord',
    'read', 'care', array[samsyn.uuid7()], array[samsyn.uuid7(), samsyn.uuid7()], array[samsyn.uuid7()], '{CONSENT}', array[samsyn.uuid7()],
    samsyn.uuid7(), case i % 5 when 0 then 'denied' else 'allowed' end, case i % 5 when 0 then 'NOT_FOUND' end, samsyn.uuid7(),
    lpad(to_hex(i), 32, '0')
  from generate_series(${first}, ${last}) i`

// Waits until every event is in a tree again.
export const whole = server => server.until(async () => (await server.sql(`select (select count(*) from samsyn.access_events) =
  (select max(size) from samsyn.log_trees) as all`))[0].all)

export const OLD_MONTH = '2019-03'
export const ARCHIVE = '5f1d0a3c-8d3b-8b0e-9f5c-6a1b2c3d4e5f'

export async function sealedSample() {
  const log = makeLog()
  const directory = makeFolder('tampering')
  const database = await cloneDatabase()
  const keep = async (server, name) => {
    const size = await sealed(server)
    const { text } = await server.anonymous().get('/log/checkpoint')
    writeFileSync(`${directory}/${name}`, text)
    return size
  }

  await sql(database, insertEvents(1, 20, `timestamptz '${OLD_MONTH}-10 08:00:00+00' + i * interval '1 minute'`))
  await sql(database, `insert into samsyn.access_events (id, at, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
    values (samsyn.uuid7(), clock_timestamp(), 'removeAccessLog', 'cull', '{}', '{${ARCHIVE}}', '{}', '{}', '{}', 'allowed')`)
  const server = await startServer({ database, options: log.options, manual: true })
  await sealed(server)
  for (let i = 1; i < 5; i++) await server.sql(insertEvents(i * 60, i * 60 + 59))
  const earlySize = await keep(server, 'early')
  for (let i = 5; i < 10; i++) {
    await server.sql(insertEvents(i * 60, i * 60 + 59))
    await sealed(server)
  }
  const size = await keep(server, 'late')
  await server.stop()

  return {
    log, database, size, earlySize, directory,
    early: `${directory}/early`, late: `${directory}/late`,
    rows: text => sql(database, text),
    async tampered(text, from = database) {
      const copy = await cloneDatabase(from)
      await sql(copy, `set session_replication_role = replica; ${text}`)
      return copy
    },
    async audit(copy, ...more) {
      const run = await command('log', 'audit', '--owner-database', conninfo(copy, 'samsyn_owner'), '--verifier-key', log.verifier, ...more)
      const counts = Object.fromEntries(FAULTS.map(fault => [fault, Number(run.stdout.match(new RegExp(`^${fault} +(\\d+)$`, 'm'))?.[1] ?? 0)]).filter(([, n]) => n > 0))
      return { ...run, counts }
    },
    // As whoever has the sequencer, and the keys if `options` names them: everything is sealed anew.
    async resealed(copy, options = {}, more = {}) {
      const again = await startServer({ database: copy, options, manual: true, ...more })
      await whole(again)
      return again
    }
  }
}

// What stands in for the whole seal, so that a sequencer begins again.
export const UNSEAL = `
  delete from samsyn.log_signatures; delete from samsyn.log_trees; delete from samsyn.log_tiles; delete from samsyn.log_entries;`
