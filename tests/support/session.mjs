// A session of the superuser that holds something, a lock or a transaction, while something else is done.
//
//   await whileHolding(server.database, 'lock table samsyn.agreements', async () => ...)
//   const release = await hold(server.database, 'lock table samsyn.agreements')
//   await release()                                              again and again, if need be; or release('commit')
//
// And moments of other transactions at which they can be made to wait:
//
//   await pausable(server)       then triggers may call pauses.pause('a moment'), or be pauses.at_row('a moment')
//   const letGo = await holdMoment(server, 'a moment')           whoever comes to it waits, until
//   await letGo()
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cluster } from './server.mjs'

// Carries out a statement in a transaction, which is ended by what is returned.
export async function hold(database, statement) {
  const psql = spawn('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1', '--host', cluster(),
    '--username', 'postgres', '--dbname', database], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise(resolve => psql.once('close', resolve))
  const release = (how = 'rollback') => {
    // Asked for, since a session that has gone holds its locks for a moment more.
    if (psql.stdin.writable) psql.stdin.end(`${how};\n`)
    return gone
  }
  psql.stdin.on('error', () => {}) // its database may be killed
  psql.stdin.write(`begin;\n${statement};\n\\echo held\n`)
  const said = createInterface({ input: psql.stdout })[Symbol.asyncIterator]()
  for (let line; (line = await said.next()).value !== 'held';) if (line.done) throw new Error(`the session ended: ${statement}`)
  return release
}

export async function whileHolding(database, statement, during) {
  const release = await hold(database, statement)
  try {
    return await during()
  } finally {
    await release()
  }
}

export const pausable = server => server.sql(`
  create schema pauses;
  create function pauses.pause(moment text) returns void language plpgsql set lock_timeout = 0 as $$
  begin perform pg_advisory_xact_lock_shared(hashtext(moment)); end $$;
  create function pauses.at_row() returns trigger language plpgsql as $$
  begin perform pauses.pause(tg_argv[0]); return new; end $$;
  grant usage on schema pauses to public`)

export const holdMoment = (server, moment) => hold(server.database, `select pg_advisory_xact_lock(hashtext('${moment}'))`)

// Whether a session of the role waits at one.
export const waitsAtMoment = async (server, role) => (await server.sql(`select from pg_stat_activity a join pg_locks l using (pid)
  where a.datname = '${server.database}' and a.usename = '${role}' and l.locktype = 'advisory' and not l.granted`)).length > 0
