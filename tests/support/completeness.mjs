// Traffic through every operation that is logged, by people who may and people who may not, and what follows from each:
// what was made is made again with its Idempotency-Key and read, what was read is read again, conditionally, and asked for
// by HEAD; children are registered, found, and what was done about them is listed and exported.
//
//   const traffic = new Traffic(watched, world, request, MATRIX, random)
//   await traffic.prepare()
//   await traffic.run(8)                        all of it, by eight at once; `traffic.done` grows up to `traffic.tasks.length`
import assert from 'node:assert/strict'
import { contract } from './contract.mjs'
import { day } from './demo.mjs'
import { asParty, registerFamily } from './party.mjs'
import { PEOPLE } from './people.mjs'
import { beginPlan, planningCase } from './plans.mjs'
import { acting, askConsent, grantedConsent } from './story.mjs'

export const AUDITED = contract().operations.filter(one => one.source['x-audit'])
const TRIES = 40
const STORIES = 4
const ok = reply => reply.status < 300

export class Traffic {
  constructor(watched, world, request, matrix, random) {
    Object.assign(this, { watched, world, request, matrix, random, done: 0 })
  }

  // A family of which the guardians and the child sign in, and one to whom nothing of it is told.
  async prepare() {
    this.family = await this.#familyAtHome()
    this.strangers = await registerFamily(this.watched)
    const stories = Array.from({ length: STORIES }, () => () => this.#story())
    this.tasks = this.#shuffled([...AUDITED.flatMap(({ id }) => this.#tasksOf(id)), ...stories])
  }

  async run(workers) {
    const queue = [...this.tasks]
    await Promise.all(Array.from({ length: workers }, async () => {
      for (let task; (task = queue.pop()); this.done++) await task()
    }))
  }

  async #familyAtHome() {
    const its = await registerFamily(this.watched, { contactDetails: { address: 'Provgränd 8, 999 97 Granby' } })
    const joint = await planningCase(this.watched, { subjectId: its.child.id })
    return { ...its, ...joint, plan: await beginPlan(this.watched, joint) }
  }

  #shuffled(list) {
    const all = [...list]
    for (let i = all.length - 1; i > 0; i--) {
      const other = Math.floor(this.random.next() * (i + 1));
      [all[i], all[other]] = [all[other], all[i]]
    }
    return all
  }

  // Somebody who may, and somebody who may not or aims at what is not theirs.
  #tasksOf(id) {
    const party = PARTY[id]
    const cells = Object.entries(this.matrix[id]).flatMap(([place, row]) => PEOPLE.map(person => ({ place, person, cell: String(row[person] ?? row.otherwise) })))
    const may = cells.filter(({ cell }) => cell < '300' || cell.endsWith('LOG_NOT_SEALED'))
    const mayNot = cells.filter(one => !may.includes(one))
    const chosen = this.random.one(may)
    const refused = this.random.one(mayNot)
    const tasks = [() => this.#succeed(id, () => (party ? this.#asParty(id, this.family) : this.#asStaff(id, chosen)))]
    if (refused) tasks.push(async () => (await this.#asStaff(id, refused)).send())
    if (party) tasks.push(async () => (await this.#asParty(id, this.strangers)).send())
    return tasks
  }

  // The nurse's role changes while somebody stands in for the manager of her branch: she acts before or after it.
  async #asStaff(id, { place, person }) {
    const { options, ...input } = await this.request(id, place, person) ?? {}
    const attempt = this.#attempt(acting(this.watched, person), id, input, options)
    return person === 'school-nurse' ? { ...attempt, send: more => this.world.alone(() => attempt.send(more)) } : attempt
  }

  async #asParty(id, { numbers }) {
    return this.#attempt(asParty(this.watched, numbers.mother), id, await PARTY[id](this.watched, this.family))
  }

  #attempt(client, id, input, options) {
    const path = contract().fill(contract().find(id), input.path)
    return { client, send: more => client.call(id, input, { ...options, ...more }), head: () => client.head(path, { query: input.query }) }
  }

  // Until it succeeds: what was lost in the middle may stand in its own way, and so may what others did meanwhile.
  async #succeed(id, prepare) {
    for (let tries = 1; ; tries++) {
      const attempt = await prepare()
      const reply = await attempt.send()
      if (reply.status < 300) return this.#follow(contract().find(id), attempt, reply)
      assert.ok(tries < TRIES, `${id} as ${attempt.client.subject} never succeeded: ${reply.status} ${reply.text}`)
    }
  }

  async #follow({ method, parameters }, { client, send, head }, reply) {
    if (method === 'GET') {
      await head()
      if (reply.etag && parameters.some(one => one.name === 'If-None-Match')) await send({ ifNoneMatch: reply.etag })
      return
    }
    if (reply.key) await send({ key: reply.key })
    const readable = Object.values(reply.links).filter(link => (link.method ?? 'GET') === 'GET')
    const beside = this.random.one(readable)
    for (const link of new Set([readable.find(one => one === reply.links.self), beside])) if (link) await client.get(link.href)
  }

  // A child is registered, found by number and read; what was done about it is searched, listed, exported and told.
  async #story() {
    const its = await registerFamily(this.watched)
    const subjectId = its.child.id
    const [worker, auditor] = [acting(this.watched, 'social-case-worker'), acting(this.watched, 'social-auditor')]
    await worker.get(`/subjects/${subjectId}`, { status: 200 })
    const found = await worker.call('searchSubjects', { body: { identityNumber: its.numbers.child } }, { status: 200 })
    assert.deepEqual(found.body.subjects.map(one => one.id), [subjectId])
    await worker.call('listSubjects', { query: { limit: 100 } }, { status: 200 })
    const search = await auditor.call('searchAccessEvents', { body: { identityNumber: its.numbers.child } }, { status: 200 })
    assert.ok(search.body.accessEvents.some(one => one.operation === 'searchSubjects'), 'that it was searched for is found')
    await auditor.call('listAccessEvents', { query: { subjectId } }, { status: 200 })
    for (const Accept of ['application/x-ndjson', 'text/csv']) await auditor.call('exportAccessEvents', { query: { subjectId } }, { headers: { Accept }, status: 200 })
    await auditor.call('exportLogServiceRecords', { query: { subjectId, systemId: 'SE5565594230-0001' } }, { status: 200 })
    await this.#tell(auditor, its)
  }

  async #tell(auditor, { numbers }) {
    const draft = { subjectIdentityNumber: numbers.child, recipientIdentityNumber: numbers.mother, identityCheck: 'identity-document' }
    const { body: { id } } = await auditor.call('createAccessExtract', { body: draft }, { status: 201 })
    const mother = asParty(this.watched, numbers.mother)
    for (const Accept of ['application/json', 'text/html']) {
      await auditor.call('getAccessExtract', { path: { accessExtractId: id } }, { headers: { Accept }, status: 200 })
      await mother.call('getMyAccessExtract', {}, { headers: { Accept }, status: 200 })
    }
  }
}

// What guardians and children do: the input of each operation, from the family.
const PARTY = {
  listMySubjects: () => ({}),
  getMyContactDetails: (server, its) => ({ path: { subjectId: its.child.id } }),
  listMyCases: () => ({}),
  getMyCase: (server, its) => ({ path: { caseId: its.caseId } }),
  listMyConsents: () => ({}),
  getMyConsent: (server, its) => ({ path: { consentId: its.consent.id } }),
  answerMyConsent: async (server, its) => ({ path: { consentId: (await askConsent(server, its.caseId)).id }, body: { answer: 'granted' } }),
  revokeMyConsent: async (server, its) => ({ path: { consentId: (await grantedConsent(server, its.caseId)).id }, body: {} }),
  listMyPlans: () => ({}),
  getMyPlan: (server, its) => ({ path: { planId: its.plan.id } }),
  leaveMyPlanView: (server, its) => ({ path: { planId: its.plan.id }, body: { stage: 'planning', view: 'I agree.' } }),
  listMyAccessEvents: () => ({}),
  getMyAccessExtract: () => ({ query: { from: `${day(-1)}T00:00:00Z` } })
}
