// Proofs that an event is in the log: for whoever may read the event, of the part that they are told, and no more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, SCHOOL, SOCIAL, userId } from '../support/demo.mjs'
import { readsConditionally, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { includes, leafOf, makeLog, openCheckpoint, openProof, readHash, sealed } from '../support/log.mjs'
import { acting, allowedOnce, deniedOnce, jointCase, logged, openCase, registerChild, revoke, shareStandingly, writeRecord } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'
import { whileHolding } from '../support/session.mjs'

const log = makeLog()
const server = await startServer({ options: log.options })
const auditor = acting(server, 'social-auditor')
const schoolAuditor = acting(server, 'school-auditor')
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')
const officer = acting(server, 'police-officer')

const eventOf = async reply => (await logged(server, reply))[0].id
const fileOf = (event, person = auditor, options = { status: 200 }) => person.call('getEventProof', { path: { accessEventId: event } }, options)
const proofOf = (event, person = auditor, options = { status: 200 }) => person.call('getInclusionProof', { path: { accessEventId: event } }, options)

async function eventsOf(person) {
  const events = []
  for (let page = await person.get('/access-events', { query: { limit: 100 }, status: 200 }); ; page = await person.follow(page, 'next', undefined, { status: 200 })) {
    events.push(...page.body.accessEvents)
    if (!page.links.next) return events
  }
}

let told
async function story() {
  if (told) return told
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  const read = await eventOf(await teacher.get(`/records/${record.id}`, { status: 200 }))
  await revoke(server, joint.consent)
  const refusal = await eventOf(await teacher.get(`/records/${record.id}`, { status: 403 }))
  const children = []
  for (let i = 0; i < 5; i++) {
    children.push((await registerChild(server, { years: 9 + i })).id)
    await openCase(server, { subjectId: children[i] })
  }
  const many = await eventOf(await worker.get('/cases', { status: 200 }))
  const hit = await eventOf(await officer.get(`/cases/${joint.caseId}`, { status: 404 }))
  const miss = await eventOf(await officer.get(`/cases/${unknownId()}`, { status: 404 }))
  await sealed(server)
  told = { joint, record, share, read, refusal, many, hit, miss, children }
  return told
}

test('every event that an auditor is told has a proof that leads to the signed root', async () => {
  await story()
  for (const person of [auditor, schoolAuditor]) {
    const events = (await eventsOf(person)).slice(1)
    await sealed(server)
    assert.ok(events.length > 3, `${events.length}`)
    for (const { _links, provable, ...event } of events) {
      assert.equal(provable, true)
      const { text } = await fileOf(event.id, person)
      const proof = openProof(text, log.verifier)
      assert.deepEqual(proof.event, event)

      const { body } = await proofOf(event.id, person)
      const { size, root } = openCheckpoint(body.checkpoint, log.verifier)
      const leaf = leafOf(event, proof.opening)
      assert.deepEqual([body.eventId, body.index, body.leafHash, body.size], [event.id, proof.index, leaf.toString('base64'), size])
      assert.ok(includes(leaf, body.index, size, root, body.hashes.map(readHash)))
    }
  }
})

test('an event that a signed checkpoint covers has links to its proofs, alone and in lists', async () => {
  const { read } = await story()
  await sealed(server)

  const one = await readsConditionally(auditor, `/access-events/${read}`)
  const listed = (await eventsOf(auditor)).find(event => event.id === read)

  assert.equal(one.body.provable, true)
  assert.deepEqual(listed, one.body)
  assert.deepEqual(relations(one), ['inclusionProof', 'proof', 'self'])
  assert.equal((await auditor.follow(one, 'inclusionProof', undefined, { status: 200 })).body.eventId, read)
  const file = await auditor.follow(one, 'proof', undefined, { status: 200 })
  assert.equal(openProof(file.text, log.verifier).event.id, read)
})

test('the index is the place in the order of transactions', async () => {
  await story()
  const rows = await server.sql('select id from samsyn.access_events order by txid, id limit 40')
  const own = new Set((await eventsOf(auditor)).map(event => event.id))
  for (const [index, { id }] of rows.entries()) if (own.has(id)) assert.equal((await proofOf(id)).body.index, index)
})

test('a proof of an event that is told otherwise does not hold', async () => {
  const { read } = await story()
  const { text } = await fileOf(read)
  const { event, opening, index, size } = openProof(text, log.verifier)
  const { root } = openCheckpoint(text.slice(text.indexOf('\n\n') + 2), log.verifier)
  const hashes = text.slice(0, text.indexOf('\n\n')).split('\n').slice(3).map(readHash)
  const holds = (other, how = opening) => includes(leafOf(other, how), index, size, root, hashes)

  assert.ok(holds(event))
  for (const [name, value] of Object.entries(event)) {
    if (['organisationName', 'userName'].includes(name)) continue
    const other = Array.isArray(value) ? [...value.slice(1), unknownId()] : unknownId()
    let taken = false
    try { taken = holds({ ...event, [name]: other }) } catch { /* an item that is not what its slot holds */ }
    assert.equal(taken, false, name)
  }
  assert.equal(holds(event, { ...opening, transaction: '7' }), false)
  assert.equal(includes(leafOf(event, opening), index + 1, size, root, hashes), false)
})

test('a proof file is handed out as one', async () => {
  const { read } = await story()
  const { headers } = await fileOf(read)

  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(headers['content-disposition'], `attachment; filename="${read}.tlog-proof"`)
  assert.equal(headers['cache-control'], 'no-store')
})

test('the same event has the same leaf for both agencies, and each opens the part that it is told', async () => {
  const { read } = await story()
  const [ours, theirs] = [await fileOf(read, auditor), await fileOf(read, schoolAuditor)].map(({ text }) => openProof(text, log.verifier))

  assert.equal(leafOf(ours.event, ours.opening).toString('hex'), leafOf(theirs.event, theirs.opening).toString('hex'))
  assert.deepEqual(Object.keys(theirs.opening.commitments.subjectIds), ['salt'])
  assert.deepEqual(Object.keys(ours.opening.commitments.subjectIds).sort(), ['opened', 'slots'])
})

test('whoever is told one child of a list learns nothing of the others', async () => {
  const { many, children } = await story()
  const whole = openProof((await fileOf(many)).text, log.verifier)
  assert.ok(children.every(child => whole.event.subjectIds.includes(child)))
  const { opening } = whole

  const text = JSON.stringify(opening)
  for (const child of children) assert.ok(!text.includes(child))
  assert.doesNotMatch(text, new RegExp((await server.sql(`select nonce from samsyn.access_events where id = '${many}'`))[0].nonce))
})

test('a refused guess does not show by its proof whether it was right', async () => {
  await story()
  const guess = async id => eventOf(await teacher.get(`/participants/${id}`, { status: 404 }))
  const foreign = await openCase(server, { subjectId: (await registerChild(server, { years: 8 })).id })
  const aimed = async id => eventOf(await teacher.get(`/cases/${id}`, { status: 404 }))
  const events = [await aimed(foreign), await aimed(unknownId()), await guess(unknownId())]
  await sealed(server)

  const files = []
  for (const event of events) files.push((await fileOf(event, schoolAuditor)).text)

  const shape = value => (value === null || typeof value !== 'object' ? typeof value : Array.isArray(value) ? value.map(shape)
    : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one)])))
  const [hit, miss, other] = files.map(text => openProof(text, log.verifier))
  assert.deepEqual(hit.event.subjectIds, [])
  assert.deepEqual(shape(hit.opening), shape(miss.opening))
  assert.deepEqual(shape(hit.opening), shape(other.opening))
  // But for the numbers of the opened slot, which chance has given it, and of the transaction.
  const length = ({ opening }) => JSON.stringify(opening, (name, value) => (['slot', 'transaction'].includes(name) ? 0 : value)).length
  assert.equal(length(hit), length(miss))
  assert.deepEqual(Object.keys(hit.opening.commitments.subjectIds), ['commitment'])
  assert.deepEqual(Object.keys(hit.opening.commitments.concernedIds), ['commitment'])
  assert.equal(hit.opening.commitments.resourceIds.slots.length, 16)
})

test('what others do among themselves has no proof, and cannot be told from what does not exist', async () => {
  const { miss } = await story()
  const unsealedForeign = await eventOf(await officer.get(`/cases/${unknownId()}`, { status: 404 }))

  for (const ask of [fileOf, proofOf]) {
    const hidden = await ask(miss, auditor, {})
    const fresh = await ask(unsealedForeign, auditor, {})
    const nothing = await ask(unknownId(), auditor, {})
    for (const reply of [hidden, fresh, nothing]) await deniedOnce(server, reply, 404, 'NOT_FOUND')
    const said = ({ body: { type, title, status, code, detail } }) => ({ type, title, status, code, detail })
    assert.deepEqual(said(hidden), said(nothing))
    assert.deepEqual(said(fresh), said(nothing))
    assert.equal(hidden.text.length, nothing.text.length)
  }
})

test('an event of this moment is not proved yet, and is soon', async () => {
  await story()
  for (const ask of [fileOf, proofOf]) {
    // Nothing is sealed that a transaction which still runs might have come before.
    const event = await whileHolding(server.database, 'select pg_current_xact_id()', async () => {
      const fresh = await eventOf(await worker.get('/cases', { status: 200 }))
      const early = refused(await ask(fresh, auditor, {}), 409, 'LOG_NOT_SEALED')
      assert.equal(early.headers['retry-after'], '2')
      await deniedOnce(server, early, 409, 'LOG_NOT_SEALED', { resource_ids: [fresh] })
      return fresh
    })
    await server.until(async () => (await ask(event, auditor, {})).status === 200)
  }
})

test('asking for a proof is logged as reading the event', async () => {
  const { read } = await story()
  for (const ask of [fileOf, proofOf]) await allowedOnce(server, await ask(read), [], [read], { activity: 'read', organisation_id: SOCIAL })
})

test('who may not read the log gets no proof', async () => {
  const { read } = await story()
  for (const ask of [fileOf, proofOf]) {
    refused(await ask(read, worker, {}), 403, 'ROLE_NOT_ALLOWED')
    refused(await ask(read, auditor.with({ claims: { scope: 'samsyn:case' } }), {}), 403, 'SCOPE_MISSING')
    refused(await ask(read, server.anonymous(), {}), 401, 'TOKEN_MISSING')
  }
  for (const id of ['getEventProof', 'getInclusionProof']) {
    await refusesMalformedId(auditor, id, 'accessEventId')
    await refusesStrayQuery(auditor, id, { path: { accessEventId: read } })
  }
})

test('an auditor who is excluded from a child gets no proof of what was done with it', async () => {
  const child = await registerChild(server, { years: 7 })
  const caseId = await openCase(server, { subjectId: child.id })
  const event = await eventOf(await worker.get(`/cases/${caseId}`, { status: 200 }))
  await sealed(server)
  await fileOf(event)

  await acting(server, 'social-manager').call('createExclusion', { path: { caseId }, body: { userId: userId('social-auditor'), kind: 'kinship', reason: 'The child is a niece.' } }, { status: 201 })

  for (const ask of [fileOf, proofOf]) await deniedOnce(server, await ask(event, auditor, {}), 404, 'NOT_FOUND')
})

test('proofs that race with sealing hold all the same', async () => {
  const { read } = await story()
  for (let round = 0; round < 12; round++) {
    const replies = await Promise.all([fileOf(read), proofOf(read), ...Array.from({ length: 6 }, () => worker.get('/cases', { status: 200 })), fileOf(read)])
    openProof(replies[0].text, log.verifier)
    openProof(replies.at(-1).text, log.verifier)
    const { size, root } = openCheckpoint(replies[1].body.checkpoint, log.verifier)
    assert.ok(includes(readHash(replies[1].body.leafHash), replies[1].body.index, size, root, replies[1].body.hashes.map(readHash)))
  }
})

test('what is told of a child names the agency that read', async () => {
  const { read } = await story()
  const { event } = openProof((await fileOf(read)).text, log.verifier)
  assert.deepEqual([event.organisationId, event.subjectIds], [SCHOOL, [ALVA]])
})
