// Load that keeps its own tally: what was acknowledged, what was shown and what was refused, to be compared afterwards
// with what the database holds and what the access log says.
//
//   const load = new Load(server, { caseId, subjectId, hiddenId })
//   load.start(16)
//   ... things are killed ...
//   await load.stop()                  // every request begun has been repeated until it had an answer
//   await load.compare()
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { PATIENCE_MS } from './patience.mjs'
import { grouped } from './tally.mjs'
import { BROKEN, ownTrace } from './watched.mjs'

const RETRY_MS = 40

export class Load {
  // `retry`: false when nothing is to be repeated.
  constructor(server, { caseId, subjectId, hiddenId, retry = true }) {
    Object.assign(this, { server, caseId, subjectId, hiddenId, retry })
    this.worker = server.as('social-case-worker')
    this.stranger = server.as('police-officer')
    this.attempts = []   // {trace, what, reply | undefined}
    this.written = []    // {text, id}
    this.unanswered = [] // texts of writings without an answer, when nothing is repeated
    this.faults = []
    this.stopping = false
  }

  start(workers) {
    const turns = [() => this.write(), () => this.read(), () => this.list(), () => this.guess(), () => this.write(), () => this.read()]
    this.running = Array.from({ length: workers }, async (_, offset) => {
      for (let turn = offset; !this.stopping; turn++) await turns[turn % turns.length]()
    })
  }

  async stop() {
    this.stopping = true
    await Promise.all(this.running)
    assert.deepEqual(this.faults, [])
  }

  answered(status) { return this.attempts.filter(one => one.reply?.status === status).length }

  // One exchange; undefined when the connection was refused or lost. The trace id is ours, so that the log can be asked
  // about exchanges that were never answered.
  async exchange(what, client, send) {
    const { trace, traceparent } = ownTrace()
    const attempt = { trace, what, began: Date.now() }
    this.attempts.push(attempt)
    try {
      attempt.reply = await send(client, { headers: { traceparent } })
    } catch (error) {
      attempt.error = error
      if (!BROKEN.includes(error.code)) this.faults.push(`${what}: ${error.stack}`)
    }
    return attempt.reply
  }

  // Repeats an exchange until it has one of these statuses. What may come before is a lost connection, 503, or that the
  // first try still runs.
  async insist(what, client, send, wanted) {
    for (const end = Date.now() + PATIENCE_MS; ;) {
      const reply = await this.exchange(what, client, send)
      if (reply && wanted.includes(reply.status)) return reply
      if (reply && reply.status !== 503 && reply.body?.code !== 'REQUEST_IN_FLIGHT') this.faults.push(`${what} answered ${reply.status}: ${reply.text}`)
      if (!this.retry) return undefined
      if (Date.now() > end || this.faults.length) {
        this.stopping = true
        this.faults.push(`${what} had no answer`)
        return undefined
      }
      await pause(RETRY_MS)
    }
  }

  async write() {
    const key = randomUUID()
    const text = `load ${key}`
    const reply = await this.insist('write', this.worker, (client, options) =>
      client.post(`/cases/${this.caseId}/records`, { category: 'FAMILY_SITUATION', text }, { key, ...options }), [201])
    if (reply) this.written.push({ text, id: reply.body.id })
    else this.unanswered.push(text)
  }

  async read() {
    const { id } = this.written[Math.floor(Math.random() * this.written.length)] ?? {}
    if (id) await this.insist('read', this.worker, (client, options) => client.get(`/records/${id}`, options), [200])
  }

  list() {
    return this.insist('list', this.worker, (client, options) => client.get(`/cases/${this.caseId}/records`, { query: { limit: 5 }, ...options }), [200])
  }

  guess() {
    return this.insist('guess', this.stranger, (client, options) => client.get(`/cases/${this.hiddenId}`, options), [404])
  }

  // Holds the tally against the database and its log.
  async compare() {
    const records = await this.server.sql(`
      select r.id, v.text from samsyn.records r join samsyn.record_versions v on v.record_id = r.id where v.text like 'load %'`)
    const events = await this.server.sql(`
      select trace_id, outcome, code, operation, resource_ids, subject_ids from samsyn.access_events where trace_id is not null`)
    this.#compareWrites(records)
    this.#compareReplies(grouped(events, 'trace_id'))
    this.#comparePossible(records, events)
  }

  // Every acknowledged writing is there, under its identifier, once; and nothing else is.
  #compareWrites(records) {
    const byText = grouped(records, 'text')
    for (const { text, id } of this.written) assert.deepEqual(byText.get(text)?.map(record => record.id), [id], `the acknowledged ${text}`)
    for (const [text, found] of byText) assert.equal(found.length, 1, `${text} is there ${found.length} times`)
    const acknowledged = new Set(this.written.map(one => one.text))
    const others = [...byText.keys()].filter(text => !acknowledged.has(text))
    assert.deepEqual(others.filter(text => !this.unanswered.includes(text)), [], 'written without ever having been asked for')
  }

  // Every reply that showed something or refused something has its row.
  #compareReplies(byTrace) {
    for (const { trace, what, reply } of this.attempts.filter(one => [200, 201, 404].includes(one.reply?.status))) {
      const rows = byTrace.get(trace) ?? []
      const wanted = reply.status === 404 ? 'denied' : 'allowed'
      const ids = reply.body.records?.map(record => record.id) ?? (wanted === 'denied' ? [this.hiddenId] : [reply.body.id])
      const row = rows.find(one => one.outcome === wanted && ids.every(id => one.resource_ids.includes(id)))
      assert.ok(row, `${what} was answered ${reply.status}, but its row is not in the log: ${JSON.stringify(rows)}`)
      if (wanted === 'allowed' && ids.length) assert.ok(row.subject_ids.includes(this.subjectId), 'the row names the child')
      if (wanted === 'denied') assert.equal(row.code, 'NOT_FOUND')
    }
  }

  // Nothing is logged as allowed that was not possible: what a row names exists, and no guess was ever right.
  #comparePossible(records, events) {
    const existing = new Set(records.map(record => record.id))
    const ours = new Map(this.attempts.map(attempt => [attempt.trace, attempt]))
    for (const event of events.filter(one => one.outcome === 'allowed' && ours.has(one.trace_id))) {
      assert.notEqual(ours.get(event.trace_id).what, 'guess', 'a guess was logged as allowed')
      for (const id of event.resource_ids) assert.ok(existing.has(id), `${event.operation} is logged for ${id}, which is not there`)
    }
    const logged = new Set(events.filter(event => event.operation === 'createRecord' && event.outcome === 'allowed').flatMap(event => event.resource_ids))
    for (const id of existing) assert.ok(logged.has(id), `the record ${id} was written without a row`)
  }
}
