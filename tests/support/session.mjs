// A session of the superuser that holds something, a lock or a transaction, while something else is done.
//
//   await whileHolding(server.database, 'lock table samsyn.agreements', async () => ...)
//   const release = await hold(server.database, 'lock table samsyn.agreements')
//   await release()                                              again and again, if need be
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cluster } from './server.mjs'

// Carries out a statement in a transaction, which is rolled back by what is returned.
export async function hold(database, statement) {
  const psql = spawn('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1', '--host', cluster(),
    '--username', 'postgres', '--dbname', database], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise(resolve => psql.once('close', resolve))
  const release = () => {
    // Asked for, since a session that has gone holds its locks for a moment more.
    if (psql.stdin.writable) psql.stdin.end('rollback;\n')
    return gone
  }
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
