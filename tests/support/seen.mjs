// Which operation answered with which status, gathered over all test processes of a run in one file, a line each.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

const file = process.env.SAMSYN_SEEN
const known = new Set()

export function saw(operationId, status) {
  const line = `${operationId} ${status}\n`
  if (!file || known.has(line)) return
  known.add(line)
  appendFileSync(file, line)
}

export function readSeen(path) {
  return new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])
}
