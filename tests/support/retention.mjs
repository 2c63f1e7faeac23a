// Culling in tests: the commands as the role samsyn_retention, and cases that have been closed for a long time.
//
//   const { id } = await closedCase(server)
//   await retention(server, 'run', '--confirm-count', '3')          // {status, stdout, stderr}
import { spawn } from 'node:child_process'
import { BINARY, conninfo } from './server.mjs'
import { registerChild, openCase, writeRecord, acting, LEAD } from './story.mjs'

export const loginOf = server => conninfo(server.database, 'samsyn_retention')

// Starts the command; `ended` is what became of it.
export function startRetention(server, verb, ...options) {
  const child = spawn(BINARY, ['retention', verb, '--retention-database', loginOf(server), ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) child[name].on('data', bytes => { said[name] += bytes })
  child.ended = new Promise(resolve => child.once('close', (status, signal) => resolve({ status, signal, ...said })))
  return child
}
export const retention = (server, verb, ...options) => startRetention(server, verb, ...options).ended

// A case of social services about a child of its own, with one record, closed now.
export async function closedCase(server) {
  const child = await registerChild(server, { years: 9 })
  const id = await openCase(server, { subjectId: child.id })
  const record = await writeRecord(server, LEAD, id)
  await acting(server, LEAD).post(`/cases/${id}/closures`, { reason: 'Done.' }, { status: 201 })
  return { id, subjectId: child.id, recordId: record.id }
}
