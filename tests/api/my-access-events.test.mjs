// Access events for parties: guardians and children see who has read what about them, and by which right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { asParty, familyOnCase, idsOfMine, listMine, registerFamily } from '../support/party.mjs'
import { startServer } from '../support/server.mjs'
import { acting, askConsent, logged, openCase, shareStandingly, writeRecord } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')

test('guardians see who has read what: when, where, in which role and on which ground, and never the name', async () => {
  const its = await familyOnCase(server)
  const record = await writeRecord(server, 'social-case-worker', its.caseId)
  await shareStandingly(server, 'social-case-worker', its)
  const read = await teacher.get(`/records/${record.id}`, { status: 200 })
  await acting(server, 'clinic-manager').get(`/cases/${its.caseId}`, { status: 404 })

  const reply = await its.mum.get('/my/access-events', { query: { limit: 100 }, status: 200 })

  const [row] = await logged(server, read)
  const event = reply.body.accessEvents.find(one => one.id === row.id)
  const { _links, id, at, ...said } = event
  assert.deepEqual(said, { subjectId: its.child.id, organisationName: 'Utbildningsnämnden i Granby', role: 'professional', activity: 'read',
    operation: 'read record', grounds: ['CONSENT'] })
  assert.equal(/Ekhage|Lindalm|denied|BUP|Hälso/.test(reply.text), false)
  const expected = await server.sql(`select id from samsyn.access_events where subject_ids @> array['${its.child.id}']::uuid[] and outcome = 'allowed'
    and role <> 'party' and resource_ids <> '{}' order by at desc`)
  assert.deepEqual(reply.body.accessEvents.map(one => one.id), expected.map(one => one.id))
})

test('the list goes on where the page ended, and is complete', async () => {
  const its = await familyOnCase(server)
  const all = await idsOfMine(its.mum, 'access-events')
  assert.ok(all.length > 6)

  const found = []
  let page = await its.mum.get('/my/access-events', { query: { limit: 2 }, status: 200 })
  for (;;) {
    found.push(...page.body.accessEvents.map(one => one.id))
    if (!page.links.next) break
    page = await its.mum.follow(page, 'next', undefined, { status: 200 })
  }

  assert.deepEqual(found, all)
  refused(await its.mum.get('/my/access-events', { query: { cursor: 'yesterday' } }), 400, 'INVALID_REQUEST')
})

test('what is withheld is not in the list, nor what other parties read', async () => {
  const its = await familyOnCase(server, { years: 14 })
  const secret = await openCase(server, { subjectId: its.child.id })
  await askConsent(server, secret, { assessment: { maturity: 'mature', secrecyAgainstGuardians: true, reason: 'She is afraid.' } })
  const hidden = await worker.get(`/cases/${secret}`, { status: 200 })
  await its.dad.get(`/my/cases/${its.caseId}`, { status: 200 })

  const events = await listMine(its.mum, 'access-events', { limit: 100 })

  const [row] = await logged(server, hidden)
  assert.equal(events.some(one => one.id === row.id), false)
  assert.equal(events.some(one => one.role === 'party'), false)
})

test('what a party reads at two agencies tells neither\'s auditor of the other', async () => {
  const its = await registerFamily(server)
  const school = await registerFamily(server, { person: 'school-head', numbers: its.numbers })
  const read = await asParty(server, its.numbers.mother).get('/my/subjects', { status: 200 })
  const [row] = await logged(server, read)
  assert.deepEqual(row.subject_ids, [its.child.id, school.child.id].sort())

  for (const [auditor, mine, theirs] of [['social-auditor', [its.child.id, its.mother.id], school], ['school-auditor', [school.child.id, school.mother.id], its]]) {
    const seen = await acting(server, auditor).get(`/access-events/${row.id}`, { status: 200 })
    assert.deepEqual([seen.body.subjectIds, seen.body.partyIds], [[mine[0]], [mine[1]]])
    for (const id of [theirs.child.id, theirs.mother.id]) assert.equal(seen.text.includes(id), false)
  }
})
