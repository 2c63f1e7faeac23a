// Streams that are begun, not read any further than their beginning, and read to their end when something was killed
// meanwhile. They are so long that neither end has them whole by then.
import assert from 'node:assert/strict'
import http from 'node:http'
import { contract } from './contract.mjs'
import { acting } from './story.mjs'
import { asParty } from './party.mjs'
import { readPast } from './reviews.mjs'
import { streamed } from './streams.mjs'
import { ownTrace } from './watched.mjs'

const LONG = 40_000 // more bytes than the system keeps between a server and a client that does not read

// Makes the log so long, about the child of this family and its case, with rows of a trace that the tally is told.
export async function lengthen(watched, { child, caseId }) {
  const { trace } = ownTrace()
  const options = { times: LONG, step: '1 millisecond', resources: [caseId], trace }
  await readPast(watched, 'social-case-worker', [child.id], new Date(Date.now() - LONG).toISOString(), options)
  watched.tally.written(trace, LONG)
}

// Begins a stream of every kind about this family; each, called, gives the events that came, and whether that was all.
export async function beginStreams(watched, { child, numbers }) {
  const [auditor, mother] = [acting(watched, 'social-auditor'), asParty(watched, numbers.mother)]
  const draft = { subjectIdentityNumber: numbers.child, recipientIdentityNumber: numbers.mother, identityCheck: 'identity-document' }
  const { body: { id: accessExtractId } } = await auditor.call('createAccessExtract', { body: draft }, { status: 201 })
  return Promise.all([
    begin(watched, auditor, 'exportAccessEvents', { query: { subjectId: child.id } }, 'application/x-ndjson'),
    begin(watched, auditor, 'exportAccessEvents', { query: { subjectId: child.id } }, 'text/csv'),
    begin(watched, auditor, 'exportLogServiceRecords', { query: { subjectId: child.id, systemId: 'SE5565594230-0001' } }, 'application/x-ndjson'),
    begin(watched, auditor, 'getAccessExtract', { path: { accessExtractId } }, 'application/json'),
    begin(watched, mother, 'getMyAccessExtract', {}, 'application/json')
  ])
}

async function begin(watched, client, id, { path, query }, type) {
  const operation = contract().find(id)
  const { trace, traceparent } = ownTrace()
  watched.exchanges++
  const target = client.target(contract().fill(operation, path), query)
  const headers = { Authorization: `Bearer ${client.token}`, Accept: type, traceparent }
  const reply = await new Promise((resolve, reject) => http.get(watched.server.url + target, { headers, agent: false }, resolve).on('error', reject))
  assert.equal(reply.statusCode, 200, `${id} answered ${reply.statusCode}`)
  const arriving = reply[Symbol.asyncIterator]()
  const chunks = []
  const arrived = () => ({ status: reply.statusCode, headers: reply.headers, text: Buffer.concat(chunks).toString() })
  while (!streamed(arrived())?.length) chunks.push((await arriving.next()).value)
  return async () => {
    try {
      for await (const chunk of arriving) chunks.push(chunk)
    } catch { /* cut: what came is what there is */ }
    watched.lost++
    watched.tally.lost(operation, trace, undefined, arrived())
    return { id, whole: reply.complete, events: streamed(arrived()).length }
  }
}
