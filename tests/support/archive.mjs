// Old months of the access log in tests, and the commands that archive and remove them as samsyn_retention.
//
//   await oldMonth(server, '2019-11')                        the partitions that the server would have made then
//   await oldEvents(server, '2019-11', 300)                  committed now, with times of that month
//   await archiveLog(server, '2019-11', file)                {status, stdout, stderr}
//   await archiveDue(server, folder)                         every month that is due
//   await listMonths(server)
//   await removeLog(server, '2019-11', file, 300)
import { spawn } from 'node:child_process'
import { BINARY } from './server.mjs'
import { loginOf } from './retention.mjs'

// A partition waits only for a moment for those who use the log, lest others wait behind it: then it is tried again.
export const oldMonth = (server, month) => server.until(async () => {
  try {
    await server.sql(`do $$ begin perform samsyn.make_log_part(p.parent, p.rest, '${month}-01') from samsyn.log_parts('${month}-01') p; end $$`)
    return true
  } catch (error) {
    if (!/lock timeout/.test(error.stderr)) throw error
    return false
  }
})

export const oldEvents = (server, month, count, { subject, resource, organisation } = {}) => server.sql(`
  insert into samsyn.access_events (id, at, organisation_id, role, operation, activity, purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids,
    outcome, code, request_id, trace_id)
  select samsyn.uuid7(), timestamptz '${month}-01 00:00:00Z' + n * interval '1 hour', ${organisation ? `'${organisation}'` : 'null'}, 'case-worker',
    'getCase', 'read', 'care', ${subject ? `array['${subject}'::uuid]` : "'{}'"}, ${resource ? `array['${resource}'::uuid]` : "'{}'"}, '{}',
    case when n % 3 = 0 then '{CONSENT,NOT_SECRET}' else '{}' end::text[], '{}',
    case when n % 7 = 0 then 'denied' else 'allowed' end, case when n % 7 = 0 then 'NOT_FOUND' end, samsyn.uuid7(), 'trace'
  from generate_series(1, ${count}) n`)

// Starts samsyn log VERB; `ended` is what became of it.
export function startLog(server, verb, ...options) {
  const child = spawn(BINARY, ['log', verb, '--retention-database', loginOf(server), ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) child[name].on('data', bytes => { said[name] += bytes })
  child.ended = new Promise(resolve => child.once('close', (status, signal) => resolve({ status, signal, ...said })))
  return child
}

export const archiveLog = (server, month, file) => startLog(server, 'archive', '--month', month, '--output', file).ended
export const archiveDue = (server, folder) => startLog(server, 'archive', '--output', folder).ended
export const listMonths = server => startLog(server, 'months').ended
export const startRemoval = (server, month, file, count) =>
  startLog(server, 'remove', '--month', month, '--archive', file, '--confirm-count', String(count))
export const removeLog = (...what) => startRemoval(...what).ended

// How many rows each table of the log has of the month, by table.
export async function rowsOf(server, month) {
  const tables = (await server.sql(`select p.parent::text as name from samsyn.log_parts('${month}-01') p`)).map(({ name }) => name)
  const [counts] = await server.sql(`select ${tables.map(name => `(select count(*) from ${name} where at >= '${month}-01Z'
    and at < timestamptz '${month}-01Z' + interval '1 month') as "${name}"`).join()}`)
  return counts
}
