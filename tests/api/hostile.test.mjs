// Someone with a valid token of another agency tries to learn what is none of their business. What is hidden must look
// like what does not exist, in every reply and every way to ask.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import {
  AGREEMENT, ALVA, CLINIC, CLINIC_UNIT, POLICE_UNIT, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT, assignmentId, day, userId
} from '../support/demo.mjs'
import { unknownId } from '../support/habits.mjs'
import { agreementWith, exampleBody, hiddenThings, MARKS, pointedOperations, policeCase, sameAsUnknown } from '../support/hostile.mjs'
import { startServer } from '../support/server.mjs'
import { accept, acting, appoint, grantedConsent, invite, jointCase, LEAD, openCase, PURPOSE, shareDraft, writeRecord } from '../support/story.mjs'

const server = await startServer()
const hidden = await hiddenThings(server)
const own = await policeCase(server)
const worker = acting(server, LEAD)
const as = person => acting(server, person)
const CONTENT = ['police-officer', 'police-manager', 'clinic-psychologist', 'clinic-manager', 'school-nurse']
const EVERYBODY_ELSE = [...CONTENT, 'school-auditor', 'system-admin']
// Whoever is of the same agency but neither on the team nor the head of the unit has no need to know.
const COLLEAGUES = ['collaboration-lead', 'organisation-admin', 'social-auditor']

// Administrators of everything see users, identities and assignments; auditors see events of their staff.
const ADMINISTERED = ['userId', 'identityId', 'assignmentId']
const parameterOf = operation => operation.parameters.find(one => one.in === 'path').name
const seesByRight = (person, name) => (person === 'system-admin' && ADMINISTERED.includes(name)) ||
  (COLLEAGUES.includes(person) && (ADMINISTERED.includes(name) || name === 'accessEventId')) ||
  (!CONTENT.includes(person) && person !== 'system-admin' && name === 'agreementId')

function input(operation, id) {
  const options = operation.method === 'PATCH' || operation.parameters.some(one => one.name === 'If-Match') ? { ifMatch: '"1"' } : {}
  return [{ path: { [parameterOf(operation)]: id }, body: exampleBody(operation) }, options]
}

for (const person of [...EVERYBODY_ELSE, ...COLLEAGUES]) {
  test(`what is hidden from ${person} answers every operation as what does not exist`, async () => {
    for (const operation of pointedOperations(hidden)) {
      const name = parameterOf(operation)
      if (seesByRight(person, name)) continue
      const reply = await sameAsUnknown(`${operation.id} as ${person}`, hidden[name], id => {
        const [request, options] = input(operation, id)
        return as(person).call(operation.id, request, options)
      })
      assert.ok([403, 404].includes(reply.status), `${operation.id} as ${person} answered ${reply.status}`)
      // What parties ask is asked under a scope of its own, which nobody who works here has.
      if (reply.status === 403) assert.equal(reply.body.code, operation.source['x-permission']?.startsWith('my:') ? 'SCOPE_MISSING' : 'ROLE_NOT_ALLOWED')
    }
  })
}

test('the kind of a thing is not told by asking for it as something else', async () => {
  for (const operation of pointedOperations(hidden).filter(one => one.method === 'GET')) {
    for (const name of ['caseId', 'recordId', 'consentId', 'disclosureId', 'subjectId', 'participantId', 'guardianId']) {
      if (parameterOf(operation) === 'agreementId' || ADMINISTERED.includes(parameterOf(operation))) continue
      await sameAsUnknown(`${operation.id} with a ${name}`, hidden[name], id =>
        as('police-manager').call(operation.id, { path: { [parameterOf(operation)]: id } }))
    }
  }
})

test('neither the true entity tag nor any other tells that something is there', async () => {
  const paths = { caseId: 'cases', recordId: 'records', consentId: 'consents', disclosureId: 'disclosures', subjectId: 'subjects', participantId: 'participants', agreementId: 'agreements' }
  for (const [name, folder] of Object.entries(paths)) {
    const { etag } = await worker.get(`/${folder}/${hidden[name]}`, { status: 200 })
    for (const ifNoneMatch of [etag, '*', `W/${etag}`]) {
      const reply = await sameAsUnknown(`${folder} with If-None-Match ${ifNoneMatch}`, hidden[name], id => as('police-manager').get(`/${folder}/${id}`, { ifNoneMatch }))
      refused(reply, 404, 'NOT_FOUND')
    }
  }
})

test('a stale and a current entity tag of something hidden are refused alike', async () => {
  for (const [operationId, body] of [['updateCase', { title: 'Mine' }], ['updateSubject', { name: 'Mine' }], ['updateConsent', { form: 'oral' }], ['amendRecord', { text: 'Mine' }], ['updateGuardian', { name: 'Mine' }], ['updateAgreement', { title: 'Mine' }]]) {
    const operation = contract().find(operationId)
    const name = parameterOf(operation)
    for (const ifMatch of ['"1"', '"2"', '"999"', '"1-in-force"']) {
      await sameAsUnknown(`${operationId} ${ifMatch}`, hidden[name], id => as('police-manager').call(operationId, { path: { [name]: id }, body }, { ifMatch }))
    }
  }
})

test('HEAD and OPTIONS tell no more than GET', async () => {
  for (const folder of ['cases', 'records', 'consents']) {
    const id = hidden[{ cases: 'caseId', records: 'recordId', consents: 'consentId' }[folder]]
    await sameAsUnknown(`HEAD ${folder}`, id, one => as('police-officer').head(`/${folder}/${one}`, { unchecked: true }))
    await sameAsUnknown(`OPTIONS ${folder}`, id, one => as('police-officer').options(`/${folder}/${one}`, { unchecked: true }))
  }
})

// -- lists, filters, counts, pages ---------------------------------------------------------------------------------

const LISTS = ['listCases', 'listSubjects', 'listConsents', 'listInvitations', 'listAgreements', 'listUsers', 'listAssignments', 'listAccessEvents',
  'listLeadTransfers', 'listHandovers', 'listOutstandingHandovers', 'listTransitions', 'listEmergencyAccesses']
const secretsOf = person => [
  ...Object.values(MARKS), 'Alva Testsson', 'Karin Testsson', 'Johan Testsson',
  ...['caseId', 'participantId', 'teamMemberId', 'recordId', 'ownRecordId', 'consentId', 'disclosureId', 'subjectId', 'guardianId', 'giverId',
    'leadTransferId', 'handoverId', 'transitionId', 'emergencyAccessId', 'exclusionId']
    .map(name => hidden[name]),
  ...(person === 'system-admin' || person.startsWith('school') ? [] : [AGREEMENT])
]

test('no list of anybody else holds anything hidden, on any page', async () => {
  for (const person of EVERYBODY_ELSE) {
    for (const operationId of LISTS) {
      for (const query of [{ limit: 100 }, { limit: 100, page: 2 }, { limit: 1, page: 1_000_000 }, { limit: 100, page: 1_000_000 }]) {
        if (operationId === 'listAccessEvents' && query.page) continue
        const reply = await as(person).call(operationId, { query })
        if (reply.status === 403) continue
        assert.equal(reply.status, 200, reply.text)
        // The school takes part in the case: its auditor sees who touched it, by identifier.
        const secrets = secretsOf(person).filter(secret => operationId !== 'listAccessEvents' || !/^[0-9a-f-]{36}$/.test(secret))
        for (const secret of secrets) assert.ok(!reply.text.includes(secret), `${operationId} told ${person} of ${secret}`)
      }
    }
  }
})

test('a filter with what is hidden finds and counts as much as one with what does not exist', async () => {
  for (const operationId of LISTS) {
    for (const parameter of contract().find(operationId).parameters.filter(one => one.in === 'query' && one.name.endsWith('Id') && one.name !== 'organisationId')) {
      const id = hidden[parameter.name] ?? (parameter.name === 'unitId' ? SOCIAL_UNIT : undefined)
      assert.ok(id, `${operationId} filters by ${parameter.name}: what is hidden there?`)
      for (const person of CONTENT) {
        await sameAsUnknown(`${operationId} by ${parameter.name} as ${person}`, id, one => as(person).call(operationId, { query: { [parameter.name]: one } }))
      }
    }
  }
})

test('a filter by organisation, state or status counts nothing that is hidden', async () => {
  const manager = as('clinic-manager')
  for (const [operationId, query] of [['listCases', { organisationId: SOCIAL }], ['listCases', { status: 'open' }], ['listConsents', { state: 'in-force' }],
    ['listInvitations', { status: 'accepted' }], ['listSubjects', { protectedIdentity: true }], ['listSubjects', { inMyCases: false }],
    ['listUsers', { organisationId: SOCIAL }], ['listUsers', { name: 'Sara' }], ['listAssignments', { unitId: SOCIAL_UNIT }]]) {
    const reply = await manager.call(operationId, { query }, { status: 200 })
    assert.equal(reply.body._meta.totalRecords, 0, `${operationId} ${JSON.stringify(query)}`)
  }
})

test('forged cursors are refused or lead to nothing that is hidden', async () => {
  const auditor = as('school-auditor')
  const forged = ['', 'x', '0', '_', `2026-01-01T00:00:00.000000Z_${'-'.repeat(36)}`, `9999-99-99T99:99:99.999999Z_${unknownId()}`,
    `2026-02-30T00:00:00.000000Z_${unknownId()}`, `0000-00-00T00:00:00.000000Z_${unknownId()}`, `2026-01-01T..............:Z_${unknownId()}`,
    `2026-01-01T00:00:00.000000Z_${unknownId()}' or true --`, 'infinity_x', `9999-12-31T23:59:59.999999Z_${'f'.repeat(36)}`]
  for (const cursor of forged) {
    const reply = await auditor.get('/access-events', { query: { cursor } })
    assert.equal(reply.status, 400, `${cursor} answered ${reply.status}: ${reply.text}`)
  }
  const ahead = await auditor.get('/access-events', { query: { cursor: `9999-12-31T23:59:59.999999Z_ffffffff-ffff-ffff-ffff-ffffffffffff`, limit: 100 }, status: 200 })
  for (const event of ahead.body.accessEvents) assert.ok(event.organisationId === SCHOOL || event.subjectIds.includes(ALVA) || event.subjectIds.length === 0)
})

// -- the access log of one agency as a window into another ---------------------------------------------------------

test('an auditor does not learn from their own refused guesses what exists elsewhere', async () => {
  // A child of the police, and a case about a child that the school knows but in which the school has no part.
  const auditor = as('school-auditor')
  const guesses = [['getCase', { caseId: own.caseId }], ['listRecords', { caseId: own.caseId }], ['getSubject', { subjectId: own.subjectId }],
    ['getGuardian', { guardianId: hidden.guardianId }], ['getCase', { caseId: await openCase(server) }], ['getCase', { caseId: unknownId() }]]
  for (const [operationId, path] of guesses) refused(await auditor.call(operationId, { path }), 403, 'ROLE_NOT_ALLOWED')

  const { accessEvents } = (await auditor.get('/access-events', { query: { userId: userId('school-auditor'), outcome: 'denied', limit: guesses.length }, status: 200 })).body
  const bySubject = await auditor.get('/access-events', { query: { subjectId: own.subjectId }, status: 200 })

  const guessed = accessEvents.flatMap(event => event.resourceIds)
  for (const [, path] of guesses) assert.ok(guessed.includes(Object.values(path)[0]))
  for (const event of accessEvents) assert.deepEqual(event.subjectIds, [], `${event.operation} of ${event.resourceIds} tells a subject`)
  assert.deepEqual(bySubject.body.accessEvents, [])
})

test('a refusal of a reading of what is ours stands in our log with its subject', async () => {
  const reply = await as('police-officer').get(`/cases/${hidden.caseId}`)
  refused(reply, 404, 'NOT_FOUND')

  const { accessEvents } = (await as('social-auditor').get('/access-events', { query: { subjectId: ALVA, outcome: 'denied', userId: userId('police-officer'), limit: 100 }, status: 200 })).body

  assert.ok(accessEvents.some(event => event.resourceIds.includes(hidden.caseId) && event.subjectIds.includes(ALVA)))
})

test('who reads about two agencies in one request is seen by the auditors of each with its own part alone', async () => {
  // The clinic's manager works on a case of social services and on one of the police.
  const theirs = await clinicOnCase()
  const policeSide = await server.sql(`select samsyn.uuid7() as participant, samsyn.uuid7() as member`)
  await server.sql(`
    insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, invited_by)
    values ('${policeSide[0].participant}', '${own.caseId}', '${CLINIC}', '${CLINIC_UNIT}', 'accepted', '${theirs.agreementId}', 'CONSENT', '${assignmentId('police-manager')}')`)

  const list = await as('clinic-manager').get('/cases', { query: { limit: 100 }, status: 200 })
  const [found] = (await as('social-auditor').get('/access-events', { query: { userId: userId('clinic-manager'), operation: 'listCases', limit: 100 }, status: 200 }))
    .body.accessEvents.filter(event => event.traceId === list.headers.traceparent.split('-')[1])
  const export_ = await as('social-auditor').get('/access-event-exports', { query: { userId: userId('clinic-manager') }, headers: { Accept: 'application/x-ndjson' }, unchecked: true })

  assert.ok(list.text.includes(own.caseId) && list.text.includes(theirs.caseId))
  assert.ok(found.resourceIds.includes(theirs.caseId) && found.subjectIds.includes(ALVA))
  assert.ok(!JSON.stringify(found).includes(own.caseId), 'the case of the police')
  assert.ok(!JSON.stringify(found).includes(own.subjectId), 'the child that the police know')
  assert.ok(!export_.text.includes(own.caseId) && !export_.text.includes(own.subjectId), 'the export')
})

// -- references in bodies ------------------------------------------------------------------------------------------

// The clinic takes part in a case under a consent of its own, and knows nothing of the one between social services and
// the school in the same case.
async function clinicOnCase() {
  const agreementId = await agreementWith(server, CLINIC)
  const caseId = await openCase(server)
  const forClinic = await grantedConsent(server, caseId, { recipientOrganisationIds: [CLINIC], disclosingOrganisationIds: [SOCIAL, CLINIC] })
  const forSchool = await grantedConsent(server, caseId)
  const participant = await invite(server, caseId, forClinic.id, { unitId: CLINIC_UNIT, agreementId })
  await accept(server, participant, 'clinic-manager')
  await appoint(server, 'clinic-manager', caseId, 'clinic-psychologist')
  return { agreementId, caseId, forClinic, forSchool }
}

test('references to what is hidden are refused as references to nothing', async () => {
  const manager = as('police-manager')
  const admin = as('organisation-admin')
  const cases = [
    ['createCase', {}, 'subjectId', hidden.subjectId, { title: 'Mine' }, manager],
    ['addTeamMember', { caseId: own.caseId }, 'assignmentId', hidden.assignmentId, {}, manager],
    ['inviteParticipant', { caseId: own.caseId }, 'agreementId', AGREEMENT, { unitId: SCHOOL_UNIT, ground: 'CONSENT', consentId: unknownId(), purpose: PURPOSE }, manager],
    ['inviteParticipant', { caseId: own.caseId }, 'consentId', hidden.consentId, { unitId: SCHOOL_UNIT, ground: 'CONSENT', agreementId: AGREEMENT, purpose: PURPOSE }, manager],
    ['createDisclosure', { caseId: own.caseId }, 'consentId', hidden.consentId, { kind: 'standing-share', recipientId: SCHOOL, ground: 'CONSENT', agreementId: AGREEMENT, categories: ['IDENTITY'], purpose: PURPOSE, justification: 'x', validUntil: day(5) }, manager],
    ['createDisclosure', { caseId: own.caseId }, 'agreementId', AGREEMENT, { kind: 'standing-share', recipientId: SCHOOL, ground: 'CONSENT', consentId: hidden.consentId, categories: ['IDENTITY'], purpose: PURPOSE, justification: 'x', validUntil: day(5) }, manager],
    ['createUser', {}, 'organisationId', SCHOOL, { name: 'Mine' }, admin],
    ['createAssignment', {}, 'userId', userId('police-officer'), { unitId: SOCIAL_UNIT, role: 'case-worker' }, admin],
    ['createAssignment', {}, 'unitId', POLICE_UNIT, { userId: userId('social-case-worker'), role: 'case-worker' }, admin]
  ]
  for (const [operationId, path, member, id, rest, client] of cases) {
    const reply = await sameAsUnknown(`${operationId} ${member}`, id, one => client.call(operationId, { path, body: { ...rest, [member]: one } }))
    assert.ok(reply.status >= 403 && reply.status < 500, `${operationId} ${member}: ${reply.text}`)
  }
})

test('records of others cannot be handed on, whether they are there or not', async () => {
  const manager = as('police-manager')
  const body = id => ({ kind: 'handover', recipientId: SCHOOL, ground: 'CONSENT', recordIds: [id], purpose: PURPOSE, justification: 'x' })

  const reply = await sameAsUnknown('recordIds', hidden.recordId, id => manager.call('createDisclosure', { path: { caseId: own.caseId }, body: body(id) }))
  const shared = await sameAsUnknown('recordIds of a record one may read', hidden.recordId, id => worker.call('createDisclosure', { path: { caseId: hidden.caseId }, body: body(id) }))

  refused(reply, 422, 'INVALID_REFERENCE')
  refused(shared, 422, 'INVALID_REFERENCE')
})

test('the giver of another consent is as unknown as nobody', async () => {
  const other = await grantedConsent(server, await openCase(server))
  for (const [operationId, more] of [['answerConsent', { answer: 'granted', form: 'oral' }], ['revokeConsent', {}]]) {
    const reply = await sameAsUnknown(operationId, hidden.giverId, giverId => worker.call(operationId, { path: { consentId: other.id }, body: { giverId, ...more } }))
    refused(reply, 422, 'INVALID_REFERENCE')
  }
})

test('a participant learns nothing of a consent between others in the same case', async () => {
  const { caseId, forSchool, agreementId } = await clinicOnCase()
  const psychologist = as('clinic-psychologist')
  const record = await writeRecord(server, 'clinic-psychologist', caseId)
  const standing = consentId => ({ ...shareDraft('clinic', { consent: { id: consentId } }), recipientId: SOCIAL, agreementId })
  const handover = consentId => ({ kind: 'handover', recipientId: SOCIAL, ground: 'CONSENT', consentId, recordIds: [record.id], purpose: PURPOSE, justification: 'x' })
  const tries = async () => {
    for (const body of [standing, handover]) {
      const reply = await sameAsUnknown('createDisclosure', forSchool.id, id => psychologist.call('createDisclosure', { path: { caseId }, body: body(id) }))
      refused(reply, 403, 'CONSENT_REQUIRED')
    }
    await sameAsUnknown('getConsent', forSchool.id, consentId => psychologist.call('getConsent', { path: { consentId } }))
    await sameAsUnknown('answerConsent', forSchool.id, consentId => as('clinic-manager').call('answerConsent', { path: { consentId }, body: { giverId: forSchool.givers[0].id, answer: 'granted', form: 'oral' } }))
  }

  await tries()
  await worker.post(`/consents/${forSchool.id}/revocations`, { giverId: forSchool.givers[0].id }, { status: 201 })
  await tries()
})

test('a share never outlives its consent, whatever the role of the one who made it may see', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'school-teacher', joint.caseId)
  await server.sql(`
    insert into samsyn.roles (id, code, name_en, name_sv, permissions)
    values (samsyn.uuid7(), 'blind-discloser', 'x', 'x', '{case:read,record:read,disclosure:read,disclosure:write,agreement:read}') on conflict do nothing;
    update samsyn.assignments set role_id = (select id from samsyn.roles where code = 'blind-discloser') where id = '${assignmentId('school-teacher')}'`)
  try {
    const shared = await as('school-teacher').post(`/cases/${joint.caseId}/disclosures`, shareDraft('school-teacher', joint))
    refused(shared, 403, 'CONSENT_REQUIRED')
    await server.sql(`
      insert into samsyn.disclosures (id, kind, case_id, organisation_id, recipient_id, ground, agreement_id, categories, purpose, justification, valid_from, valid_until, disclosed_by)
      values (samsyn.uuid7(), 'standing-share', '${joint.caseId}', '${SCHOOL}', '${SOCIAL}', 'CONSENT', '${AGREEMENT}', '{ATTENDANCE}', 'x', 'x', samsyn.today(), samsyn.today(), '${assignmentId('school-teacher')}')`)
    await worker.post(`/consents/${joint.consent.id}/revocations`, { giverId: joint.consent.givers[0].id }, { status: 201 })
    assert.equal((await worker.get(`/records/${record.id}`)).status, 403)
  } finally {
    await server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = 'professional') where id = '${assignmentId('school-teacher')}'`)
  }
})

// -- identity numbers, identities, keys, assignments, clients -------------------------------------------------------

test('an identity number in the register of another agency is no obstacle and no hint', async () => {
  const [alva] = await server.sql(`select identity_number as number, birth_date as born from samsyn.subjects where id = '${ALVA}'`)
  const manager = as('police-manager')
  const search = () => manager.post('/subject-searches', { identityNumber: alva.number }, { status: 200 })

  const before = await search()
  const made = await manager.post('/subjects', { identityNumber: alva.number, name: 'Same Child', birthDate: alva.born }, { status: 201 })
  const after = await search()

  assert.equal(before.body._meta.totalRecords, 0)
  assert.deepEqual(after.body.subjects.map(one => one.id), [made.body.id])
  refused(await manager.post('/subjects', { identityNumber: alva.number, name: 'Again', birthDate: alva.born }), 409, 'ALREADY_EXISTS')
})

test("somebody else's idempotency key, or one's own with another client, is a fresh one", async () => {
  const key = randomUUID()
  const body = { name: 'Key Child', birthDate: '2015-01-01' }
  const first = await worker.post('/subjects', body, { key, status: 201 })

  const stranger = await as('police-manager').post('/subjects', body, { key, status: 201 })
  await server.sql(`update samsyn.clients set organisation_ids = organisation_ids || '${SOCIAL}'::uuid where client_id = 'other-portal'`)
  const elsewhere = await server.as(LEAD, { claims: { azp: 'other-portal' } }).post('/subjects', body, { key, status: 201 })
  await server.sql(`update samsyn.clients set organisation_ids = array_remove(organisation_ids, '${SOCIAL}') where client_id = 'other-portal'`)

  assert.equal(new Set([first.body.id, stranger.body.id, elsewhere.body.id]).size, 3)
})

test('who acts for two agencies does not carry an answer from one to the other by its key', async () => {
  // The nurse also works for the clinic.
  const [second] = await server.sql('select samsyn.uuid7() as id')
  await server.sql(`
    insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on)
    select '${second.id}', '${userId('clinic-manager')}', '${SOCIAL_UNIT}', id, samsyn.today() from samsyn.roles where code = 'unit-manager'`)
  const clinic = server.as('clinic-manager', { headers: { 'Samsyn-Assignment': assignmentId('clinic-manager') } })
  const social = server.as('clinic-manager', { headers: { 'Samsyn-Assignment': second.id } })
  const key = randomUUID()
  const body = { name: 'Two Hats', birthDate: '2015-01-01' }
  try {
    const first = await clinic.post('/subjects', body, { key, status: 201 })
    const other = await social.post('/subjects', body, { key, status: 201 })

    assert.notEqual(other.body.id, first.body.id)
    assert.equal(other.body.organisationId, SOCIAL)
    refused(await social.get(`/subjects/${first.body.id}`), 404, 'NOT_FOUND')
    refused(await clinic.get(`/subjects/${other.body.id}`), 404, 'NOT_FOUND')
    refused(await server.as('clinic-manager').get('/cases'), 403, 'ASSIGNMENT_REQUIRED')
  } finally {
    await server.sql(`update samsyn.assignments set ended_at = now() where id = '${second.id}'`)
  }
})

test("somebody else's assignment is as unknown as none", async () => {
  for (const path of ['/cases', `/cases/${hidden.caseId}`, '/me']) {
    const reply = await sameAsUnknown(path, assignmentId('social-case-worker'), id => as('police-manager').get(path, { headers: { 'Samsyn-Assignment': id } }))
    refused(reply, 403, 'ASSIGNMENT_REQUIRED')
  }
})

test('a client reaches the organisations and scopes it is registered for, and a token no scope beyond its own', async () => {
  const claims = { azp: 'other-portal' }
  refused(await server.as(LEAD, { claims }).get('/cases'), 403, 'CLIENT_NOT_ALLOWED')
  await server.as('school-teacher', { claims }).get('/cases', { status: 200 })
  refused(await server.as('school-auditor', { claims }).get('/access-events'), 403, 'SCOPE_MISSING')
  refused(await server.as('school-teacher', { claims: { scope: 'samsyn:audit' } }).get('/cases'), 403, 'SCOPE_MISSING')
  refused(await server.as('school-teacher', { claims: { azp: 'nobody' } }).get('/cases'), 403, 'CLIENT_NOT_REGISTERED')
  const me = await server.as('school-teacher', { claims }).get('/me', { status: 200 })
  assert.equal(me.body.client.clientId, 'other-portal')
})

test('a refusal for lack of a right does not depend on whether the thing exists', async () => {
  for (const claims of [{ scope: 'samsyn:audit' }, { azp: 'nobody' }, { azp: 'other-portal' }]) {
    const client = server.as('police-manager', { claims })
    for (const operation of pointedOperations(hidden)) {
      await sameAsUnknown(operation.id, hidden[parameterOf(operation)], id => {
        const [request, options] = input(operation, id)
        return client.call(operation.id, request, options)
      })
    }
  }
})

// -- what the body may not set --------------------------------------------------------------------------------------

test('no body sets an owner, an organisation, an actor or a time', async () => {
  const foreign = { id: unknownId(), organisationId: SCHOOL, ownerId: SCHOOL, unitId: SCHOOL_UNIT, authorId: assignmentId('school-teacher'), createdBy: 'x', createdAt: '2020-01-01T00:00:00Z',
    updatedAt: '2020-01-01T00:00:00Z', recordedBy: 'x', disclosedBy: 'x', status: 'accepted', state: 'in-force', revision: 7, version: 7, caseId: unknownId(), _links: {}, __proto__x: 1 }
  for (const operation of contract().operations.filter(one => one.source.requestBody && !one.open)) {
    const known = Object.keys(exampleBody(operation) ?? {})
    for (const [name, value] of Object.entries(foreign)) {
      if (known.includes(name) || documented(operation, name)) continue
      const path = Object.fromEntries(operation.parameters.filter(one => one.in === 'path').map(one => [one.name, hidden[one.name] ?? unknownId()]))
      const reply = await worker.call(operation.id, { path, body: { ...exampleBody(operation), [name]: value } }, { ifMatch: '"1"' })
      assert.equal(reply.status, 400, `${operation.id} took ${name}: ${reply.text}`)
    }
  }
})

function documented(operation, name) {
  const text = JSON.stringify(Object.values(operation.source.requestBody.content)[0].schema)
  const schemas = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(match => contract().document.components.schemas[match[1]])
  return schemas.some(schema => schema.properties?.[name] || JSON.stringify(schema.oneOf ?? '').includes(name) || schema.oneOf?.some(one => contract().resolve(one, '')[0].properties?.[name]))
}

// -- time: reported, never asserted ---------------------------------------------------------------------------------

test('how long what is hidden and what is not there take is told', async t => {
  const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
  for (const [folder, id] of [['cases', hidden.caseId], ['records', hidden.recordId], ['subjects', hidden.subjectId]]) {
    const took = { hidden: [], absent: [] }
    for (let i = 0; i < 150; i++) {
      for (const [what, one] of [['hidden', id], ['absent', unknownId()]]) {
        const began = process.hrtime.bigint()
        const reply = await as('police-manager').get(`/${folder}/${one}`)
        took[what].push(Number(process.hrtime.bigint() - began) / 1000)
        assert.equal(reply.status, 404)
      }
    }
    t.diagnostic(`${folder}: hidden ${Math.round(median(took.hidden))} µs, absent ${Math.round(median(took.absent))} µs in the median`)
    if (process.env.SHOW_TIMES) console.log(folder, Math.round(median(took.hidden)), Math.round(median(took.absent)))
  }
})
