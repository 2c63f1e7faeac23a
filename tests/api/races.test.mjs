// Two things at once. Each race is run for many rounds; what must hold afterwards holds whoever came first.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { AGREEMENT, ALVA, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId, day, userId } from '../support/demo.mjs'
import { startServer } from '../support/server.mjs'
import {
  acting, askConsent, grantedConsent, handoverDraft, invite, jointCase, LEAD, logged, openCase, PURPOSE, shareDraft,
  shareStandingly, writeRecord
} from '../support/story.mjs'

const ROUNDS = 8
const TEXT = 'Was not at school on Tuesday.'

const server = await startServer()
const worker = acting(server, LEAD)
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const manager = acting(server, 'social-manager')
const system = acting(server, 'system-admin')

const count = async (what, more = '') => (await server.sql(`select count(*)::int as n from samsyn.${what} ${more}`))[0].n
const outcomes = replies => replies.map(reply => `${reply.status} ${reply.body?.code ?? ''}`.trim()).sort()

async function inRounds(round, rounds = ROUNDS) {
  for (let number = 1; number <= rounds; number++) await round(number)
}

// Sends all of `requests` in the same moment; each is a function that begins one.
const atOnce = requests => Promise.all(requests.map(begin => begin()))
const times = (n, begin) => Array.from({ length: n }, () => begin)

async function invitedParticipant() {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  return { caseId, consent, participant: await invite(server, caseId, consent.id) }
}

test('of several acceptances of one invitation exactly one stands', () => inRounds(async () => {
  const { participant } = await invitedParticipant()
  const path = `/participants/${participant.id}/acceptances`

  const replies = await atOnce(times(4, () => head.post(path, {})))

  assert.deepEqual(outcomes(replies), ['201', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED'])
  assert.equal((await head.get(`/participants/${participant.id}`, { status: 200 })).body.status, 'accepted')
}))

test('an invitation that is accepted and declined at once has the answer that was acknowledged', () => inRounds(async () => {
  const { participant } = await invitedParticipant()
  const path = `/participants/${participant.id}`

  const [accepted, declined] = await atOnce([
    () => head.post(`${path}/acceptances`, {}), () => head.post(`${path}/declinations`, { reason: 'No room.' })])

  assert.deepEqual(outcomes([accepted, declined]), ['201', '409 ALREADY_ANSWERED'])
  const { status } = (await head.get(path, { status: 200 })).body
  assert.equal(status, accepted.status === 201 ? 'accepted' : 'declined')
}))

test('one organisation is invited once, however many invite it at once', () => inRounds(async () => {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  const earlier = await invite(server, caseId, consent.id)
  await worker.post(`/participants/${earlier.id}/endings`, { reason: 'Anew.' }, { status: 201 })
  const body = { unitId: SCHOOL_UNIT, agreementId: AGREEMENT, ground: 'CONSENT', consentId: consent.id, purpose: PURPOSE }

  const replies = await atOnce(times(3, () => worker.post(`/cases/${caseId}/participants`, body)))

  assert.deepEqual(outcomes(replies), ['201', '409 ALREADY_EXISTS', '409 ALREADY_EXISTS'])
  assert.equal(await count('participants', `where case_id = '${caseId}' and status = 'invited'`), 1)
}, 6))

test('of several closures at once exactly one stands', () => inRounds(async () => {
  const caseId = await openCase(server)
  const close = by => () => by.post(`/cases/${caseId}/closures`, { reason: 'Done.' })

  const replies = await atOnce([close(worker), close(manager), close(worker), close(manager)])

  assert.deepEqual(outcomes(replies), ['201', '409 CASE_CLOSED', '409 CASE_CLOSED', '409 CASE_CLOSED'])
  assert.equal(await count('closures', `where case_id = '${caseId}'`), 1)
}))

test('of several reopenings at once exactly one stands', () => inRounds(async () => {
  const caseId = await openCase(server)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  const replies = await atOnce(times(3, () => worker.post(`/cases/${caseId}/reopenings`, { reason: 'Anew.' })))

  assert.deepEqual(outcomes(replies), ['201', '409 CASE_NOT_CLOSED', '409 CASE_NOT_CLOSED'])
  assert.equal(await count('reopenings', `where case_id = '${caseId}'`), 1)
}))

test('what is written while a case is being closed is either there or refused, and nothing is written afterwards', () => inRounds(async () => {
  const caseId = await openCase(server)
  const write = () => worker.post(`/cases/${caseId}/records`, { category: 'FAMILY_SITUATION', text: TEXT })
  const add = () => worker.post(`/cases/${caseId}/team-members`, { assignmentId: assignmentId('social-manager') })

  const [first, closed, second, third, member] = await atOnce([
    write, () => manager.post(`/cases/${caseId}/closures`, { reason: 'Done.' }), write, write, add])

  assert.equal(closed.status, 201, closed.text)
  const written = [first, second, third].filter(reply => reply.status === 201)
  for (const reply of [first, second, third, member]) if (reply.status !== 201) refused(reply, 409, 'CASE_CLOSED')
  assert.equal(await count('records', `where case_id = '${caseId}'`), written.length)
  assert.equal(await count('record_versions', `where case_id = '${caseId}'`), written.length)
  refused(await write(), 409, 'CASE_CLOSED')
}))

test('of several amendments with one ETag exactly one stands, and nobody overwrites it', () => inRounds(async () => {
  const caseId = await openCase(server)
  const record = await writeRecord(server, LEAD, caseId)
  const amend = text => () => worker.post(`/records/${record.id}/versions`, { text }, { ifMatch: '"1"' })

  const replies = await atOnce([amend('A'), amend('B'), amend('C')])

  assert.deepEqual(outcomes(replies), ['201', '412 PRECONDITION_FAILED', '412 PRECONDITION_FAILED'])
  const now = (await worker.get(`/records/${record.id}`, { status: 200 })).body
  assert.deepEqual([now.version, now.text], [2, replies.find(reply => reply.status === 201).body.text])
}))

test('of several edits with one ETag exactly one stands', () => inRounds(async () => {
  const caseId = await openCase(server)
  const { etag } = await worker.get(`/cases/${caseId}`, { status: 200 })
  const edit = title => () => worker.patch(`/cases/${caseId}`, { title }, { ifMatch: etag })

  const replies = await atOnce([edit('A'), edit('B'), edit('C')])

  assert.deepEqual(outcomes(replies), ['200', '412 PRECONDITION_FAILED', '412 PRECONDITION_FAILED'])
  assert.equal((await worker.get(`/cases/${caseId}`)).body.title, replies.find(reply => reply.status === 200).body.title)
}))

test('two answers of one giver at once leave one answer', () => inRounds(async () => {
  const consent = await askConsent(server, await openCase(server))
  const giverId = consent.givers[0].id
  const answer = what => () => worker.post(`/consents/${consent.id}/answers`, { giverId, answer: what, form: 'oral' })

  const replies = await atOnce([answer('granted'), answer('refused'), answer('granted')])

  assert.deepEqual(outcomes(replies), ['201', '409 ALREADY_ANSWERED', '409 ALREADY_ANSWERED'])
  assert.equal(await count('consent_answers', `where giver_id = '${giverId}'`), 1)
}))

test('two withdrawals of one giver at once leave one withdrawal', () => inRounds(async () => {
  const consent = await grantedConsent(server, await openCase(server))
  const revoke = () => worker.post(`/consents/${consent.id}/revocations`, { giverId: consent.givers[0].id })

  const replies = await atOnce(times(3, revoke))

  assert.deepEqual(outcomes(replies), ['201', '409 ALREADY_ENDED', '409 ALREADY_ENDED'])
}))

test('no reading that began after a withdrawal was acknowledged shows the record', () => inRounds(async () => {
  const joint = await jointCase(server)
  await shareStandingly(server, 'school-teacher', joint)
  const record = await writeRecord(server, 'school-teacher', joint.caseId, { text: TEXT })
  const path = `/records/${record.id}`
  const { etag } = await worker.get(path, { status: 200 })
  let acknowledged = false
  let enough = false
  const targets = [[path], [path, { ifNoneMatch: etag }], [`${path}/versions`], [`/cases/${joint.caseId}/records`]]
  const lateOf = targets.map(() => [])

  // Readers go on before, during and after the withdrawal; what begins after the acknowledgement must be refused.
  const readers = targets.map(async (target, reader) => {
    while (!enough) {
      const after = acknowledged
      const reply = await worker.get(...target)
      if (after) lateOf[reader].push(reply)
    }
  })
  await worker.post(`/consents/${joint.consent.id}/revocations`, { giverId: joint.consent.givers[0].id }, { status: 201 })
  acknowledged = true
  await server.until(() => lateOf.every(replies => replies.length >= 3))
  enough = true
  await Promise.all(readers)

  const late = lateOf.flat()
  for (const reply of late) {
    assert.ok(!reply.text.includes(TEXT), `${reply.operation} showed the record after the withdrawal: ${reply.text}`)
    if (reply.operation === 'listRecords') assert.deepEqual(reply.body._meta.totalRecords, 0)
    else refused(reply, 403, 'CONSENT_REVOKED')
  }
  for (const reply of late) {
    const rows = await logged(server, reply)
    assert.equal(rows.length, 1)
    if (reply.operation !== 'listRecords') assert.equal(rows[0].outcome, 'denied')
    else assert.deepEqual(rows[0].resource_ids, [])
  }
}, 4))

test('a disclosure made while its consent is withdrawn is either before it or refused, and opens nothing afterwards', () => inRounds(async round => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'school-teacher', joint.caseId, { text: TEXT })
  const path = `/cases/${joint.caseId}/disclosures`
  const share = () => teacher.post(path, shareDraft('school-teacher', joint))
  const handOver = () => teacher.post(path, handoverDraft('school-teacher', joint, [record.id]))
  const withdraw = () => worker.post(`/consents/${joint.consent.id}/revocations`, { giverId: joint.consent.givers[0].id }, { status: 201 })

  const [shared, withdrawn, handed] = await atOnce(round % 2 ? [share, withdraw, handOver] : [handOver, withdraw, share])
  const late = [await share(), await handOver()]

  assert.equal(withdrawn.status, 201)
  for (const reply of [shared, handed]) if (reply.status !== 201) refused(reply, 403, 'CONSENT_REVOKED')
  for (const reply of late) refused(reply, 403, 'CONSENT_REVOKED')
  // What was lawfully handed over before stays with the recipient; nothing else opens the record.
  const handedOver = [shared, handed].some(reply => reply.body.kind === 'handover')
  const read = await worker.get(`/records/${record.id}`)
  assert.equal(read.status, handedOver ? 200 : 403, read.text)
  assert.equal(await count('disclosures', `where case_id = '${joint.caseId}'`), [shared, handed].filter(reply => reply.status === 201).length)
}))

test('an acceptance that races the withdrawal of the consent it rests on is either before it or refused', () => inRounds(async () => {
  const { consent, participant } = await invitedParticipant()
  const acceptance = () => head.post(`/participants/${participant.id}/acceptances`, {})
  const withdraw = () => worker.post(`/consents/${consent.id}/revocations`, { giverId: consent.givers[0].id }, { status: 201 })

  const [accepted] = await atOnce([acceptance, withdraw])

  if (accepted.status !== 201) refused(accepted, 403, 'CONSENT_REVOKED')
  const { status } = (await head.get(`/participants/${participant.id}`, { status: 200 })).body
  assert.equal(status, accepted.status === 201 ? 'accepted' : 'invited')
}))

test('a grant and a withdrawal of two givers at once leave the consent withdrawn', () => inRounds(async () => {
  const asked = await askConsent(server, await openCase(server))
  const [first, second] = asked.givers
  const path = `/consents/${asked.id}`
  await worker.post(`${path}/answers`, { giverId: first.id, answer: 'granted', form: 'oral' }, { status: 201 })

  await atOnce([
    () => worker.post(`${path}/answers`, { giverId: second.id, answer: 'granted', form: 'oral' }, { status: 201 }),
    () => worker.post(`${path}/revocations`, { giverId: first.id }, { status: 201 })])

  assert.equal((await worker.get(path, { status: 200 })).body.state, 'revoked')
}))

test('the same request twice at once has one effect, and the other is told so or gets the same answer', () => inRounds(async () => {
  const key = randomUUID()
  const title = `Once ${key}`
  const open = () => worker.post('/cases', { subjectId: ALVA, title }, { key })

  const replies = await atOnce(times(5, open))
  const late = await open()

  for (const reply of replies) if (reply.status !== 201) refused(reply, 409, 'REQUEST_IN_FLIGHT')
  const ids = new Set([...replies.filter(reply => reply.status === 201), late].map(reply => reply.body.id))
  assert.equal(late.status, 201)
  assert.equal(ids.size, 1)
  assert.equal(await count('cases', `where title = '${title}'`), 1)
  assert.equal(await count('idempotent_replies', `where key = '${key}'`), 1)
}))

test('one key with two different requests at once has the effect of one of them', () => inRounds(async () => {
  const key = randomUUID()
  const caseId = await openCase(server)
  const write = text => () => worker.post(`/cases/${caseId}/records`, { category: 'FAMILY_SITUATION', text }, { key })

  const replies = await atOnce([write('A'), write('B'), write('A'), write('B')])

  const made = replies.filter(reply => reply.status === 201)
  assert.equal(new Set(made.map(reply => reply.body.id)).size, 1)
  for (const reply of replies.filter(one => one.status !== 201)) assert.match(`${reply.status} ${reply.body.code}`, /^(409 REQUEST_IN_FLIGHT|422 KEY_REUSED)$/)
  assert.equal(await count('records', `where case_id = '${caseId}'`), 1)
}))

test('a refused request does not use up its key', async () => {
  const key = randomUUID()
  const caseId = await openCase(server)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  const write = () => worker.post(`/cases/${caseId}/records`, { category: 'FAMILY_SITUATION', text: TEXT }, { key })

  const before = await write()
  await worker.post(`/cases/${caseId}/reopenings`, { reason: 'Anew.' }, { status: 201 })
  const after = await write()

  refused(before, 409, 'CASE_CLOSED')
  assert.equal(after.status, 201, after.text)
})

// -- taken away between two requests of the same token ------------------------------------------------------------

// Keeps asking with one token while `take` takes something away; every request that began after `take` was
// acknowledged must be refused with `code`, and `give` brings it back.
async function takenAway({ person, path, take, give, status = 403, code }) {
  const { token } = server.as(person)
  const someone = server.anonymous({ headers: { Authorization: `Bearer ${token}` } })
  await someone.get(path, { status: 200 })
  let acknowledged = false
  let enough = false
  const late = []
  const readers = times(3, async () => {
    while (!enough) {
      const after = acknowledged
      const reply = await someone.get(path)
      if (after) late.push(reply)
    }
  }).map(begin => begin())
  try {
    await take()
    acknowledged = true
    await server.until(() => late.length >= 9)
  } finally {
    enough = true
    await Promise.all(readers)
    await give?.()
  }
  for (const reply of late) refused(reply, status, code)
  if (give) await someone.get(path, { status: 200 })
}

test('a permission taken from a role is gone from the next request on', () => inRounds(async () => {
  const [role] = await server.sql("select id, permissions from samsyn.roles where code = 'professional'")
  const joint = await jointCase(server)
  const set = async permissions => {
    const { etag } = await system.get(`/roles/${role.id}`)
    await system.patch(`/roles/${role.id}`, { permissions }, { ifMatch: etag, status: 200 })
  }

  await takenAway({ person: 'school-teacher', path: `/cases/${joint.caseId}`, code: 'ROLE_NOT_ALLOWED',
    take: () => set(role.permissions.filter(one => one !== 'case:read')), give: () => set(role.permissions) })
}, 2))

test('an ended assignment is gone from the next request on', () => inRounds(async () => {
  const made = (await system.post('/users', { organisationId: SOCIAL, name: 'Vera Vikarie' }, { status: 201 })).body
  const subject = `substitute-${randomUUID()}`
  await system.post(`/users/${made.id}/identities`, { issuer: 'samsyn-development', subject }, { status: 201 })
  const assignment = (await system.post('/assignments', { userId: made.id, unitId: SOCIAL_UNIT, role: 'case-worker' }, { status: 201 })).body

  await takenAway({ person: subject, path: '/cases', code: 'ASSIGNMENT_REQUIRED',
    take: () => system.post(`/assignments/${assignment.id}/endings`, undefined, { status: 201 }) })
}, 3))

test('a person who is no longer active is nobody from the next request on', () => inRounds(async () => {
  const path = `/users/${userId('school-nurse')}`
  const set = async active => {
    const { etag } = await system.get(path)
    await system.patch(path, { active }, { ifMatch: etag, status: 200 })
  }

  await takenAway({ person: 'school-nurse', path: '/cases', status: 401, code: 'USER_NOT_REGISTERED', take: () => set(false), give: () => set(true) })
}, 2))

test('who leaves the team does not see the case from the next request on', () => inRounds(async () => {
  const joint = await jointCase(server)
  const { teamMembers } = (await head.get(`/cases/${joint.caseId}/team-members`, { status: 200 })).body
  const member = teamMembers.find(one => one.assignmentId === assignmentId('school-teacher'))

  await takenAway({ person: 'school-teacher', path: `/cases/${joint.caseId}`, status: 404, code: 'NOT_FOUND',
    take: () => head.post(`/team-members/${member.id}/endings`, {}, { status: 201 }) })
}, 3))

test('when an organisation leaves a case its team is gone from the next request on', () => inRounds(async () => {
  const joint = await jointCase(server)

  await takenAway({ person: 'school-teacher', path: `/cases/${joint.caseId}`, status: 404, code: 'NOT_FOUND',
    take: () => worker.post(`/participants/${joint.participant.id}/endings`, { reason: 'No longer needed.' }, { status: 201 }) })
}, 3))

test('a client that is taken out of use is refused from the next request on', () => inRounds(async () => {
  const made = (await system.post('/clients', {
    clientId: `portal-${randomUUID()}`, name: 'Portal', vendor: 'Vendor', organisationIds: [SOCIAL], scopes: ['samsyn:case'] }, { status: 201 })).body
  const someone = server.as(LEAD, { claims: { azp: made.clientId } })
  const set = async (change) => {
    const { etag } = await system.get(`/clients/${made.id}`)
    await system.patch(`/clients/${made.id}`, change, { ifMatch: etag, status: 200 })
  }

  await someone.get('/cases', { status: 200 })
  await set({ scopes: ['samsyn:audit'] })
  refused(await someone.get('/cases'), 403, 'SCOPE_MISSING')
  await set({ scopes: ['samsyn:case'], organisationIds: [SCHOOL] })
  refused(await someone.get('/cases'), 403, 'CLIENT_NOT_ALLOWED')
  await set({ active: false })
  refused(await someone.get('/cases'), 403, 'CLIENT_NOT_REGISTERED')
}, 2))

test('someone added to a team twice at once is on it once', () => inRounds(async () => {
  const caseId = await openCase(server)
  const add = () => worker.post(`/cases/${caseId}/team-members`, { assignmentId: assignmentId('social-manager') })

  const replies = await atOnce(times(3, add))

  assert.deepEqual(outcomes(replies), ['201', '409 ALREADY_EXISTS', '409 ALREADY_EXISTS'])
}))

test('a signature that races a change of the agreement is of the wording that the signer saw', () => inRounds(async () => {
  const lead = acting(server, 'collaboration-lead')
  const other = acting(server, 'school-collaboration-lead')
  const made = await lead.post('/agreements', {
    title: 'First wording', purposes: [PURPOSE], categories: ['IDENTITY'], validFrom: day(), validUntil: day(30),
    partyIds: [SCHOOL] }, { status: 201 })
  const path = `/agreements/${made.body.id}`

  const [signed, changed] = await atOnce([
    () => other.post(`${path}/signatures`, {}, { ifMatch: made.etag }),
    () => lead.patch(path, { title: 'Second wording' }, { ifMatch: made.etag })])

  const now = (await lead.get(path, { status: 200 })).body
  const isSigned = now.parties.some(party => party.signedAt)
  assert.equal(isSigned, signed.status === 201, `${signed.text} ${changed.text}`)
  assert.notEqual(isSigned, changed.status === 200)
  assert.equal(now.title, isSigned ? 'First wording' : 'Second wording')
}))
