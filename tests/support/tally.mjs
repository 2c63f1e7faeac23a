// What the clients of a server were shown, held against the access log: whatever any test file does, through every
// operation, nothing is missing from the log and nothing in it is invented.
//
// Of each reply it is noted which resources and children it named. At the end there must be exactly one row for each
// exchange, with the outcome and code that the client saw; an allowed one names every resource and every child that the
// reply contained, and nothing that it did not and that was not asked about; an evaluation names what it looked at.
//
// A complete tally is told of every exchange with the server, also of those that nobody answered. Then there is no row
// besides, at most one for an exchange without an answer, what that one says was done is there, one key has one effect,
// what was made has a row, and what was streamed, whole or cut, is of the log.
import { contract } from './contract.mjs'
import { streamed, streamFaults } from './streams.mjs'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
// Refusals that come from the database, where the right to ask has been judged. What is refused before (the token, the
// form of the request) touched nobody's data.
const JUDGED = [403, 404, 409, 412, 422]
const SHOWN = [200, 201, 204, 304]

// The members of a list by one of their properties.
export function grouped(list, name) {
  const groups = new Map()
  for (const one of list) {
    if (!groups.has(one[name])) groups.set(one[name], [])
    groups.get(one[name]).push(one)
  }
  return groups
}

export class Tally {
  #entries = []
  #others = new Map()
  #known = new Set()

  constructor({ complete = false } = {}) { this.complete = complete }

  // `asked` is the text of the request: what an answer is about need not stand in it once more. `key` is its
  // Idempotency-Key.
  add(operation, method, reply, asked = '', key) {
    const source = operation && contract().find(operation.id).source
    const trace = reply.headers.traceparent?.split('-')[1]
    if (!trace) return
    if (!source?.['x-audit'] || !concerns(reply)) {
      if (this.complete) this.#entries.push({ trace, operation: operation?.id, status: reply.status, code: reply.body?.code, vain: true })
      return
    }
    this.#entries.push({ trace, key, operation: operation.id, method, status: reply.status, evaluated: source['x-audit'] === 'evaluate', code: reply.body?.code,
      lines: this.complete && method !== 'HEAD' ? streamed(reply) : undefined, ...named(source, reply, asked) })
  }

  // An exchange that was given up without an answer, or in the middle of one: `partial` is what arrived of it.
  lost(operation, trace, key, partial) {
    const shown = operation.source['x-audit'] && SHOWN.includes(partial?.status) ? partial : undefined
    this.#entries.push({ trace, key, operation: operation.id, lost: true, status: shown?.status, lines: shown && streamed(shown) })
  }

  // Everything that is there now was made by nobody who is watched; later what `text` names, which is done past the API.
  async began(sql) { for (const id of (await identifiers(sql)).keys()) this.#known.add(id) }
  pastTheApi(text) { for (const id of text.match(UUID) ?? []) this.#known.add(id) }

  // Rows that the test wrote into the log itself, under this trace id.
  written(trace, count) { this.#others.set(trace, count) }

  // The faults found; `sql` asks the server's database.
  async faults(sql) {
    if (!this.#entries.length) return []
    const events = await sql(`select id, trace_id, operation, outcome, code, resource_ids, subject_ids, organisation_id, concerned_ids from samsyn.access_events
      where ${this.complete} or trace_id is not null`)
    const byTrace = grouped(events, 'trace_id')
    const log = new Map(events.map(event => [event.id, event]))
    const faults = [...grouped(this.#entries, 'trace')].flatMap(([trace, entries]) =>
      entries.flatMap(entry => compare(entry, byTrace.get(trace) ?? [], entries.length, log)))
    if (!this.complete) return faults
    const there = await identifiers(sql)
    return [...faults, ...this.#invented(byTrace), ...this.#twice(byTrace), ...this.#undone(byTrace, there), ...this.#silent(byTrace, there)]
  }

  // Rows of exchanges that there never were.
  #invented(byTrace) {
    const sent = new Set(this.#entries.map(entry => entry.trace))
    return [...byTrace].filter(([trace]) => !sent.has(trace)).flatMap(([trace, events]) =>
      (this.#others.get(trace) === events.length ? [] : [`nobody asked for what ${events.length} rows of trace ${trace} say: ${JSON.stringify(events.slice(0, 3))}`]))
  }

  // One Idempotency-Key has one effect, however often it was sent.
  #twice(byTrace) {
    return [...grouped(this.#entries.filter(entry => entry.key), 'key')].flatMap(([key, entries]) => {
      const made = new Set(entries.flatMap(entry => byTrace.get(entry.trace) ?? []).filter(event => event.outcome === 'allowed').map(event => event.resource_ids.join()))
      return made.size > 1 ? [`${entries[0].operation} with the key ${key} is in the log with ${made.size} effects: ${[...made].join(' and ')}`] : []
    })
  }

  // What the row of an exchange without an answer says was done is there, or was removed by another.
  #undone(byTrace, there) {
    const removed = new Set(allowed([...byTrace.values()].flat()).filter(removes).flatMap(event => event.resource_ids))
    const rows = this.#entries.filter(entry => entry.lost || entry.status === 503).flatMap(entry => byTrace.get(entry.trace) ?? [])
    return allowed(rows).filter(changes).flatMap(event => event.resource_ids
      .filter(id => (removes(event) ? there.has(id) : !there.has(id) && !removed.has(id)))
      .map(id => `${event.operation} was not answered (trace ${event.trace_id}), and its row names ${id}, which was not ${removes(event) ? 'removed' : 'made'}`))
  }

  // What came to be and no row names, in the tables of what rows name at all: the others hold parts of those.
  #silent(byTrace, there) {
    const told = new Set([...byTrace.values()].flat().flatMap(event => event.resource_ids))
    const tables = new Set([...told].map(id => there.get(id)).filter(table => !MADE_BESIDE.includes(table)))
    return [...there].filter(([id, table]) => tables.has(table) && !this.#known.has(id) && !told.has(id)).map(([id, table]) => `${table} has ${id}, which no row names`)
  }
}

// A case has its lead and its team from the start, a report a copy for whom it is sent to, a duty its time limit, a plan
// its changes and what a guardian thinks of it, a record its first version.
const MADE_BESIDE = ['participants', 'team_members', 'concern_reports', 'deadlines', 'plan_changes', 'plan_views', 'record_versions']

const sourceOf = event => contract().find(event.operation)
const allowed = events => events.filter(event => event.outcome === 'allowed')
const changes = event => sourceOf(event).method !== 'GET' && !['search', 'evaluate'].includes(sourceOf(event).source['x-audit'])
const removes = event => sourceOf(event).method === 'DELETE'
const concerns = reply => SHOWN.includes(reply.status) || (JUDGED.includes(reply.status) && reply.body?.code !== undefined)

// Every identifier of a thing that is kept, with the table that keeps it.
async function identifiers(sql) {
  const tables = await sql(`select c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'samsyn' and c.column_name = 'id' and c.data_type = 'uuid' and t.table_type = 'BASE TABLE' and c.table_name !~ '^(access_event|log_)'`)
  const rows = await sql(tables.map(({ name }) => `select id, '${name}' as name from samsyn.${name}`).join(' union all '))
  return new Map(rows.map(row => [row.id, row.name]))
}

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

function compare(entry, events, exchanges, log) {
  const told = `${entry.operation} ${entry.lost ? 'was cut off' : `answered ${entry.status} ${entry.code ?? ''}`} (trace ${entry.trace})`
  if (entry.vain) return vainFaults(entry, events, told)
  if (entry.lost && entry.status === undefined) return events.length > 1 ? [`${told} and is in the log ${events.length} times`] : []
  const outcome = entry.status < 400 ? 'allowed' : 'denied'
  const event = events.find(one => one.operation === entry.operation && one.outcome === outcome && (entry.lost || (one.code ?? undefined) === (outcome === 'denied' ? entry.code : undefined)))
  if (!event) return [`${told} and is not in the log: ${JSON.stringify(events)}`]
  if (exchanges === 1 && events.length !== 1) return [`${told} and is in the log ${events.length} times`]
  if (outcome === 'denied' || exchanges > 1) return []
  return [...streamFaults(entry.lines ?? [], event, log).map(fault => `${told} ${fault}`), ...entry.all ? nameFaults(entry, event, told) : []]
}

function nameFaults(entry, event, told) {
  return [
    ...entry.ids.filter(id => !event.resource_ids.includes(id)).map(id => `${told} showed ${id}, which the log does not name`),
    ...entry.children.filter(id => !event.subject_ids.includes(id)).map(id => `${told} showed the child ${id}, whom the log does not name`),
    ...event.resource_ids.filter(id => !entry.evaluated && !entry.all.has(id)).map(id => `${told} did not show ${id}, which the log names`)
  ]
}

// An answer that showed nothing and judged nothing: it may have a row as refused, with its code. What happened before a
// 503 is not known to whoever gets it.
function vainFaults({ status, code }, events, told) {
  if (events.length > 1) return [`${told} and is in the log ${events.length} times`]
  const untrue = status === 503 ? [] : events.filter(event => event.outcome !== 'denied' || (code !== undefined && event.code !== code))
  return untrue.map(event => `${told} and is in the log as ${JSON.stringify(event)}`)
}
