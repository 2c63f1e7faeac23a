// What the clients of a server were shown, held against the access log: whatever any test file does, through every
// operation, nothing is missing from the log and nothing in it is invented.
//
// Of each reply it is noted which resources and children it named. At the end there must be exactly one row for each
// exchange, with the outcome and code that the client saw; an allowed one names every resource and every child that the
// reply contained, and nothing that it did not and that was not asked about; an evaluation names what it looked at.
import { contract } from './contract.mjs'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
// Refusals that come from the database, where the right to ask has been judged. What is refused before (the token, the
// form of the request) touched nobody's data.
const JUDGED = [403, 404, 409, 412, 422]

// The members of a list by one of their properties.
export function grouped(list, name) {
  const groups = new Map()
  for (const one of list) groups.set(one[name], [...groups.get(one[name]) ?? [], one])
  return groups
}

export class Tally {
  #entries = []

  // `asked` is the text of the request: what an answer is about need not stand in it once more.
  add(operation, method, reply, asked = '') {
    const source = operation && contract().find(operation.id).source
    const trace = reply.headers.traceparent?.split('-')[1]
    if (!source?.['x-audit'] || !trace || !concerns(reply)) return
    this.#entries.push({ trace, operation: operation.id, method, status: reply.status, evaluated: source['x-audit'] === 'evaluate', code: reply.body?.code, ...named(source, reply, asked) })
  }

  // The faults found; `sql` asks the server's database.
  async faults(sql) {
    if (!this.#entries.length) return []
    const events = await sql(`select trace_id, operation, outcome, code, resource_ids, subject_ids from samsyn.access_events where trace_id is not null`)
    const byTrace = grouped(events, 'trace_id')
    return [...grouped(this.#entries, 'trace')].flatMap(([trace, entries]) =>
      entries.flatMap(entry => compare(entry, byTrace.get(trace) ?? [], entries.length)))
  }
}

const concerns = reply => [200, 201, 204, 304].includes(reply.status) || (JUDGED.includes(reply.status) && reply.body?.code !== undefined)

function named(source, reply, asked) {
  if (reply.status >= 300 || typeof reply.body !== 'object') return { ids: [], children: [], all: undefined }
  const items = source['x-collection'] ? reply.body[source['x-collection']] ?? [] : [reply.body]
  const children = new Set()
  const visit = node => {
    if (!node || typeof node !== 'object') return
    if (typeof node.subjectId === 'string') children.add(node.subjectId)
    Object.values(node).forEach(visit)
  }
  visit(items)
  return { ids: items.map(item => item.id).filter(id => id !== undefined), children: [...children], all: new Set(`${asked} ${reply.text}`.match(UUID)) }
}

function compare(entry, events, exchanges) {
  const told = `${entry.operation} answered ${entry.status} ${entry.code ?? ''} (trace ${entry.trace})`
  const outcome = entry.status < 400 ? 'allowed' : 'denied'
  const event = events.find(one => one.operation === entry.operation && one.outcome === outcome && (one.code ?? undefined) === (outcome === 'denied' ? entry.code : undefined))
  if (!event) return [`${told} and is not in the log: ${JSON.stringify(events)}`]
  if (exchanges === 1 && events.length !== 1) return [`${told} and is in the log ${events.length} times`]
  if (outcome === 'denied' || !entry.all || exchanges > 1) return []
  return [
    ...entry.ids.filter(id => !event.resource_ids.includes(id)).map(id => `${told} showed ${id}, which the log does not name`),
    ...entry.children.filter(id => !event.subject_ids.includes(id)).map(id => `${told} showed the child ${id}, whom the log does not name`),
    ...event.resource_ids.filter(id => !entry.evaluated && !entry.all.has(id)).map(id => `${told} did not show ${id}, which the log names`)
  ]
}
