// Which operations and documented statuses of the contract no test has seen.
import { contract, SERVER_WIDE } from './contract.mjs'
import { readSeen } from './seen.mjs'

// What has to be seen: every status that an operation lists, and each server-wide one once, anywhere.
function wanted() {
  const each = contract().operations.flatMap(operation =>
    [...operation.responses.keys()].filter(status => status !== 'default').map(status => ({ operation: operation.id, status })))
  return [...each, ...SERVER_WIDE.map(status => ({ operation: undefined, status: String(status) }))]
}

// Prints what is missing; returns how many are seen (passed) and not (failed).
export function reportCoverage(file) {
  const seen = readSeen(file)
  const anywhere = new Set([...seen].map(line => line.split(' ')[1]))
  const all = wanted()
  const missing = all.filter(({ operation, status }) => operation ? !seen.has(`${operation} ${status}`) : !anywhere.has(status))
  const names = [...new Set(missing.map(({ operation }) => operation))]
  for (const name of names) {
    const statuses = missing.filter(({ operation }) => operation === name).map(({ status }) => status)
    console.log(`never seen: ${name ?? 'any operation'} ${statuses.join(' ')}`)
  }
  console.log(`contract coverage: ${all.length - missing.length} of ${all.length} documented replies were seen`)
  return { passed: all.length - missing.length, failed: missing.length }
}
