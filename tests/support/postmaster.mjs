// Ends PostgreSQL as no administrator would, and starts it again. For tests that have a cluster of their own
// (own-cluster.mjs).
//
//   await killAll(server)        every process of it with -9
//   await stopAtOnce(server)     an immediate shutdown
//   startAgain()
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cluster } from './server.mjs'

const script = fileURLToPath(new URL('cluster.sh', import.meta.url))

const postmaster = () => Number(readFileSync(`${cluster()}/data/postmaster.pid`, 'utf8').split('\n')[0])
// One letter, as in proc(5); none when there is no such process any more.
function stateOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').match(/^State:\s+(\w)/m)[1]
  } catch {
    return ''
  }
}
const alive = pid => !['', 'X', 'Z'].includes(stateOf(pid))

function children(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch { /* it has ended by itself */ }
}

export async function stopAtOnce(server) {
  const pid = postmaster()
  process.kill(pid, 'SIGQUIT')
  await server.until(() => !alive(pid))
}

export async function killAll(server) {
  const pid = postmaster()
  process.kill(pid, 'SIGSTOP') // so that nothing is forked between the look and the kill
  await server.until(() => stateOf(pid) === 'T')
  const all = [pid, ...children(pid)]
  all.forEach(kill)
  await server.until(() => all.every(one => !alive(one)))
  // Where nobody has buried the dead yet, PostgreSQL would take the process of its lock files for alive.
  for (const name of ['data/postmaster.pid', '.s.PGSQL.5432.lock']) rmSync(`${cluster()}/${name}`, { force: true })
}

// Without fsync, as template.sh first started it: what is killed here are processes, and what they wrote the system keeps.
export const startAgain = () => execFileSync(script, ['start', cluster(), 'max_connections=300', 'fsync=off'], { stdio: 'inherit' })
