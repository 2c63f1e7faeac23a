// A server through which everything that a test does is traced, counted and repeated until it is answered, whatever is
// killed meanwhile: for makeWorld, the steps of story.mjs and the like it is the server.
//
//   const tally = new Tally({ complete: true })
//   const watched = new Watched(await startServer({ manual: true, tally }))
//   await watched.as('social-case-worker').get('/cases', { status: 200 })
//   watched.answered, watched.lost, watched.succeeded            how many, how many, Map of operationId to how many
//
// Each exchange has a trace id of its own. What was lost, or refused because the database was away, is sent again with the
// same Idempotency-Key.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from './client.mjs'
import { contract } from './contract.mjs'
import { PATIENCE_MS } from './patience.mjs'

const RETRY_MS = 50
export const BROKEN = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE']
const AWAY = /connection to server|server closed the connection|terminating connection|the database system is|could not (receive|send) data/

export class Watched {
  constructor(server) {
    Object.assign(this, { server, exchanges: 0, answered: 0, lost: 0, cut: 0, succeeded: new Map(), statuses: new Map() })
  }

  get tally() { return this.server.tally }
  get database() { return this.server.database }

  as(subject, more = {}) { return new WatchedClient(this, { key: this.server.key, subject, tally: this.tally, ...more }) }
  until(condition) { return this.server.until(condition) }

  // As the server's, once the database is there. Where it was lost in the middle, what was to be done may have been done.
  async sql(text) {
    if (!/^\s*select\b/i.test(text)) this.tally.pastTheApi(text)
    for (const end = Date.now() + PATIENCE_MS; ;) {
      try {
        return await this.server.sql(text)
      } catch (error) {
        if (/duplicate key/.test(error.stderr) && this.#doubtful.has(text)) return undefined
        if (!AWAY.test(error.stderr) || Date.now() > end) throw error
        this.#doubtful.add(text)
        await pause(RETRY_MS)
      }
    }
  }

  #doubtful = new Set()

  // How many replies had which status.
  byStatus() { return [...this.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`).join(', ') }

  count(operation, reply) {
    this.answered++
    this.statuses.set(reply.status, (this.statuses.get(reply.status) ?? 0) + 1)
    if (operation && reply.status < 300) this.succeeded.set(operation.id, (this.succeeded.get(operation.id) ?? 0) + 1)
  }
}

// The header by which an exchange is found in the log, and its trace id.
export function ownTrace() {
  const trace = randomBytes(16).toString('hex')
  return { trace, traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01` }
}

class WatchedClient extends Client {
  constructor(watched, more) {
    super(watched.server.url, more)
    this.watched = watched
  }

  async request(method, path, body, { status, ...options } = {}) {
    const operation = contract().match(method, this.target(path).split('?')[0])
    const keyed = operation?.method === 'POST' && operation.parameters.some(one => one.name === 'Idempotency-Key')
    const key = options.key ?? (keyed ? randomUUID() : undefined)
    for (const end = Date.now() + PATIENCE_MS; ;) {
      const reply = await this.#once(operation, method, path, body, { ...options, key }, send => super.request(method, path, body, send))
      if (reply && reply.status !== 503 && reply.body?.code !== 'REQUEST_IN_FLIGHT') {
        if (status !== undefined) assert.equal(reply.status, status, `${method} ${path} as ${this.subject} answered ${reply.status}:\n${reply.text.slice(0, 2000)}`)
        return Object.assign(reply, { key })
      }
      assert.ok(Date.now() < end, `${method} ${path} had no answer`)
      await pause(RETRY_MS)
    }
  }

  // One exchange; undefined when it was lost.
  async #once(operation, method, path, body, options, send) {
    const { trace, traceparent } = ownTrace()
    this.watched.exchanges++
    try {
      const reply = await send({ ...options, headers: { ...options.headers, traceparent } })
      this.watched.count(operation, reply)
      return reply
    } catch (error) {
      if (!BROKEN.includes(error.code)) throw error
      if (error.code !== 'ECONNREFUSED') this.watched.lost++
      if (error.partial) this.watched.cut++
      this.tally.lost(operation, trace, options.key, error.partial)
      return undefined
    }
  }
}
