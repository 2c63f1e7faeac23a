// Consents: who must give one, who gave it, who withdrew, and whether it is in force.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, CLINIC, ELIAS, SCHOOL, SOCIAL, SCHOOL_UNIT, born, day } from '../support/demo.mjs'
import {
  answersOnce, editsConditionally, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery,
  relations, unknownId
} from '../support/habits.mjs'
import {
  acting, allowedOnce, answer, askConsent, CATEGORIES, consentDraft, deniedOnce, grant, grantedConsent,
  hiddenFromStrangers, jointCase, openCase, registerChild, revoke
} from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')

const HOLDERS = ['case', 'edit', 'self']
const read = (consent, person = worker) => person.get(`/consents/${consent.id}`, { status: 200 })
const stateOf = async consent => (await read(consent)).body.state
const ask = (caseId, more) => worker.call('createConsent', { path: { caseId }, body: consentDraft(more) })
const tryToAnswer = (consent, body) => worker.post(`/consents/${consent.id}/answers`, { answer: 'granted', form: 'oral', ...body })
const tryToRevoke = (consent, body, person = worker) => person.post(`/consents/${consent.id}/revocations`, body)

async function childsCase(child) {
  const subject = await registerChild(server, child)
  return { subject, caseId: await openCase(server, { subjectId: subject.id }) }
}

test('what is asked for is written down with who must give it', async () => {
  const caseId = await openCase(server)

  const made = await ask(caseId, { documentReference: 'Archive 2026/117', assessment: { maturity: 'not-mature', reason: 'Nine years old.' } })

  assert.equal(made.status, 201, made.text)
  const { _links, id, createdAt, updatedAt, givers, assessment, ...said } = made.body
  assert.deepEqual(said, {
    caseId, subjectId: ALVA, organisationId: SOCIAL, disclosingOrganisationIds: [SOCIAL, SCHOOL], recipientOrganisationIds: [SOCIAL, SCHOOL],
    categories: CATEGORIES, purpose: 'coordinated-support', validFrom: day(), validUntil: day(180), form: 'written',
    documentReference: 'Archive 2026/117', state: 'requested'
  })
  assert.deepEqual(assessment, { maturity: 'not-mature', secrecyAgainstGuardians: false, reason: 'Nine years old.', assessedBy: 'Sara Lindalm' })
  assert.deepEqual(givers.map(giver => [giver.kind, giver.answer]), [['guardian', undefined], ['guardian', undefined]])
  assert.deepEqual(relations(made), [...HOLDERS, 'answer', 'revoke'].sort())
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'write' })
})

test('left out, the own organisation discloses and the period begins today', async () => {
  const caseId = await openCase(server)
  const made = await worker.call('createConsent', { path: { caseId }, body: { ...consentDraft(), disclosingOrganisationIds: undefined } }, { status: 201 })

  assert.deepEqual([made.body.disclosingOrganisationIds, made.body.validFrom], [[SOCIAL], day()])
})

// Age, assessment and number of guardians: who must give the consent (OSL 12:3, FB 6:11 and 6:13).
for (const [years, assessment, kinds] of [
  [9, { maturity: 'not-assessed' }, ['guardian', 'guardian']],
  [11, { maturity: 'mature' }, ['guardian', 'guardian']],
  [12, { maturity: 'not-mature' }, ['guardian', 'guardian']],
  [12, { maturity: 'mature' }, ['guardian', 'guardian', 'subject']],
  [14, { maturity: 'mature' }, ['guardian', 'guardian', 'subject']],
  [15, { maturity: 'not-assessed' }, ['guardian', 'guardian', 'subject']],
  [17, { maturity: 'not-mature' }, ['guardian', 'guardian', 'subject']],
  [13, { maturity: 'mature', secrecyAgainstGuardians: true, reason: 'Fears reprisals at home.' }, ['subject']],
  [16, { maturity: 'mature', secrecyAgainstGuardians: true, reason: 'Fears reprisals at home.' }, ['subject']],
  [18, { maturity: 'not-assessed' }, ['subject']]
]) {
  test(`at ${years}, ${assessment.maturity}${assessment.secrecyAgainstGuardians ? ', secrecy against the guardians' : ''}: ${kinds.join(', ')}`, async () => {
    const { caseId } = await childsCase({ years, guardians: 2 })

    const consent = await askConsent(server, caseId, { assessment })

    assert.deepEqual(consent.givers.map(giver => giver.kind).sort(), kinds)
    let state = consent.state
    for (const giver of consent.givers) {
      assert.equal(state, 'requested')
      state = (await answer(server, consent, giver)).state
    }
    assert.equal(state, 'in-force')
  })
}

test('only those who have custody today are asked', async () => {
  const { subject, caseId } = await childsCase({ years: 8 })
  const path = `/subjects/${subject.id}/guardians`
  await worker.post(path, { name: 'Före detta', kind: 'temporary', startsOn: day(-99), endsOn: day(-1) }, { status: 201 })
  await worker.post(path, { name: 'Kommande', kind: 'specially-appointed', startsOn: day(1) }, { status: 201 })

  const consent = await askConsent(server, caseId)

  assert.deepEqual(consent.givers.map(giver => giver.guardianId), [subject.guardians[0].id])
})

test('a consent that nobody could give is not asked for', async () => {
  const { caseId } = await childsCase({ years: 9, guardians: 0 })
  const young = await openCase(server)

  for (const [inCase, assessment, pointer] of [
    [caseId, { maturity: 'not-mature' }, '/body/assessment'],
    [young, { maturity: 'not-mature', secrecyAgainstGuardians: true, reason: 'Fears reprisals at home.' }, '/body/assessment'],
    [young, { maturity: 'mature', secrecyAgainstGuardians: true }, '/body/assessment/reason']
  ]) {
    const reply = await ask(inCase, { assessment })
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
})

test('what contradicts itself or leads nowhere is refused', async () => {
  const caseId = await openCase(server)
  for (const [more, code, pointer] of [
    [{ validUntil: day(-1) }, 'UNPROCESSABLE', '/body/validUntil'],
    [{ validFrom: day(10), validUntil: day(9) }, 'UNPROCESSABLE', '/body/validUntil'],
    [{ recipientOrganisationIds: [unknownId()] }, 'INVALID_REFERENCE', '/body/recipientOrganisationIds'],
    [{ recipientOrganisationIds: [SCHOOL_UNIT] }, 'INVALID_REFERENCE', '/body/recipientOrganisationIds'],
    [{ disclosingOrganisationIds: [SOCIAL, unknownId()] }, 'INVALID_REFERENCE', '/body/disclosingOrganisationIds'],
    [{ categories: ['IDENTITY', 'NO_SUCH'] }, 'INVALID_REFERENCE', '/body/categories']
  ]) {
    const reply = await ask(caseId, more)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer], JSON.stringify(more))
  }
})

test('what does not follow the contract is refused with every fault', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  await refusesBodies(worker, 'createConsent', { path: { caseId } }, [
    [{}, '/body/assessment', '/body/categories', '/body/form', '/body/purpose', '/body/recipientOrganisationIds', '/body/validUntil'],
    [consentDraft({ recipientOrganisationIds: [SCHOOL, SCHOOL] }), '/body/recipientOrganisationIds'],
    [consentDraft({ categories: [] }), '/body/categories'],
    [consentDraft({ validUntil: '2027-02-30' }), '/body/validUntil'],
    [consentDraft({ form: 'shouted', assessment: { maturity: 'wise' } }), '/body/assessment/maturity', '/body/form'],
    [consentDraft({ assessment: {} }), '/body/assessment/maturity']
  ])
  await refusesBodies(worker, 'answerConsent', { path: { consentId: consent.id } }, [
    [{}, '/body/answer', '/body/form', '/body/giverId'], [{ giverId: 'Karin', answer: 'maybe', form: 'oral' }, '/body/answer', '/body/giverId']
  ])
  await refusesBodies(worker, 'revokeConsent', { path: { consentId: consent.id } }, [
    [{}, '/body/giverId'], [{ giverId: unknownId(), reason: ' ' }, '/body/reason']
  ])
  await refusesBodies(worker, 'updateConsent', { path: { consentId: consent.id } }, [
    [{}, '/body'], [{ categories: ['IDENTITY'] }, '/body/categories'], [{ form: null, documentReference: '' }, '/body/documentReference', '/body/form']
  ], { ifMatch: '"1-requested"' })
  await refusesMalformedId(worker, 'getConsent', 'consentId')
  for (const operationId of ['listConsents', 'listConsentsOfCase']) await refusesStrayQuery(worker, operationId, { path: { caseId } })
})

test('only the leading organisation asks, holds and answers, and only in an open case', async () => {
  const { caseId, consent } = await jointCase(server)
  const [giver] = consent.givers
  const schoolAsks = await head.call('createConsent', { path: { caseId }, body: consentDraft() })
  const schoolAnswers = await head.post(`/consents/${consent.id}/answers`, { giverId: giver.id, answer: 'refused', form: 'oral' })
  const schoolRevokes = await tryToRevoke(consent, { giverId: giver.id }, head)
  const schoolEdits = await head.patch(`/consents/${consent.id}`, { form: 'oral' }, { ifMatch: '"1-in-force"' })
  const teacherAsks = await teacher.call('createConsent', { path: { caseId }, body: consentDraft() })

  await deniedOnce(server, schoolAsks, 403, 'NOT_LEAD_ORGANISATION', { concerned_ids: [SOCIAL] })
  for (const reply of [schoolAnswers, schoolRevokes, schoolEdits]) await deniedOnce(server, reply, 403, 'NOT_OWNER', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, teacherAsks, 403, 'ROLE_NOT_ALLOWED')
  assert.equal(await stateOf(consent), 'in-force')

  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  await deniedOnce(server, await ask(caseId), 409, 'CASE_CLOSED')
})

test('those who receive under it see what it covers and its state, not who decided and how', async () => {
  const { consent } = await jointCase(server)

  const seen = await read(consent, teacher)

  assert.equal(seen.body.state, 'in-force')
  assert.deepEqual(seen.body.categories, CATEGORIES)
  assert.equal('assessment' in seen.body || 'givers' in seen.body, false)
  assert.deepEqual(relations(seen), ['case', 'self'])
  await allowedOnce(server, seen, [ALVA], [consent.id], { concerned_ids: [SOCIAL] })
})

test('a participant who is no party to a consent does not learn of it', async () => {
  const { caseId, consent } = await jointCase(server)
  const other = await grantedConsent(server, caseId, { recipientOrganisationIds: [CLINIC], disclosingOrganisationIds: [SOCIAL] })

  await deniedOnce(server, await teacher.get(`/consents/${other.id}`), 404, 'NOT_FOUND')
  const list = await teacher.get(`/cases/${caseId}/consents`, { status: 200 })
  assert.deepEqual(list.body.consents.map(one => one.id), [consent.id])
})

test('a giver answers once, and only one of this consent', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const stranger = (await askConsent(server, caseId)).givers[0]
  const [giver] = consent.givers

  const granted = await tryToAnswer(consent, { giverId: giver.id, documentReference: 'Archive 2026/118' })

  assert.equal(granted.status, 201, granted.text)
  const { answer, form, documentReference, answeredAt } = granted.body.givers.find(one => one.id === giver.id)
  assert.deepEqual([answer, form, documentReference, typeof answeredAt], ['granted', 'oral', 'Archive 2026/118', 'string'])
  await allowedOnce(server, granted, [ALVA], [consent.id], { activity: 'write' })
  await deniedOnce(server, await tryToAnswer(consent, { giverId: giver.id, answer: 'refused' }), 409, 'ALREADY_ANSWERED')
  for (const giverId of [stranger.id, unknownId(), giver.guardianId]) {
    await deniedOnce(server, await tryToAnswer(consent, { giverId }), 422, 'INVALID_REFERENCE')
    await deniedOnce(server, await tryToRevoke(consent, { giverId }), 422, 'INVALID_REFERENCE')
  }
})

test('one refusal is enough, however many grant', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  await answer(server, consent, consent.givers[0], 'refused')

  const after = await answer(server, consent, consent.givers[1])

  assert.equal(after.state, 'refused')
  assert.deepEqual(Object.keys(after._links).sort(), HOLDERS)
})

test('any giver who granted may withdraw, once and with or without a reason', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const [one, other] = consent.givers
  await deniedOnce(server, await tryToRevoke(consent, { giverId: one.id }), 409, 'CONFLICT')
  await grant(server, consent)

  const revoked = await tryToRevoke(consent, { giverId: one.id, reason: 'Has moved.' })

  assert.equal(revoked.status, 201, revoked.text)
  assert.equal(revoked.body.state, 'revoked')
  assert.ok(revoked.body.givers.find(giver => giver.id === one.id).revokedAt)
  assert.deepEqual(relations(revoked), HOLDERS)
  await allowedOnce(server, revoked, [ALVA], [consent.id], { activity: 'write' })
  await deniedOnce(server, await tryToRevoke(consent, { giverId: one.id }), 409, 'ALREADY_ENDED')
  assert.equal((await tryToRevoke(consent, { giverId: other.id })).status, 201)
})

test('a withdrawal before everyone has answered counts', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  await answer(server, consent, consent.givers[0])
  await revoke(server, consent, consent.givers[0])

  assert.equal((await answer(server, consent, consent.givers[1])).state, 'revoked')
})

test('a closed case takes no answer and no edit of a consent', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const { etag } = await read(consent)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  const answered = await tryToAnswer(consent, { giverId: consent.givers[0].id })
  const edited = await worker.patch(`/consents/${consent.id}`, { form: 'oral' }, { ifMatch: etag })

  for (const reply of [answered, edited]) await deniedOnce(server, reply, 409, 'CASE_CLOSED', { subject_ids: [ALVA] })
  assert.equal((await read(consent)).etag, etag)
})

test('a closed case does not hold up a withdrawal', async () => {
  const { caseId, consent } = await jointCase(server)
  await worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  assert.equal((await revoke(server, consent)).state, 'revoked')
})

test('outside its period a consent is not in force', async () => {
  const caseId = await openCase(server)
  const future = await grantedConsent(server, caseId, { validFrom: day(1) })
  const past = await grantedConsent(server, caseId, { validFrom: day(-10), validUntil: day(-1) })
  const lastDay = await grantedConsent(server, caseId, { validUntil: day() })

  assert.equal(future.state, 'not-yet-in-force')
  assert.deepEqual(Object.keys(future._links).sort(), [...HOLDERS, 'revoke'].sort())
  assert.equal(past.state, 'expired')
  assert.equal(lastDay.state, 'in-force')
})

test('when others decide for the child the consent lapses', async () => {
  const grow = (subject, years) => server.sql(`update samsyn.subjects set birth_date = '${born(years)}' where id = '${subject.id}'`)

  const young = await childsCase({ years: 14 })
  const byGuardian = await grantedConsent(server, young.caseId)
  assert.equal(byGuardian.state, 'in-force')
  await grow(young.subject, 15)
  assert.equal(await stateOf(byGuardian), 'lapsed')

  const old = await childsCase({ years: 17 })
  const byBoth = await grantedConsent(server, old.caseId)
  assert.equal(byBoth.state, 'in-force')
  await grow(old.subject, 18)
  assert.equal(await stateOf(byBoth), 'lapsed')

  const moved = await childsCase({ years: 9 })
  const byOne = await grantedConsent(server, moved.caseId)
  assert.equal(byOne.state, 'in-force')
  await worker.post(`/subjects/${moved.subject.id}/guardians`, { name: 'Ny Vårdnadshavare', kind: 'guardian', startsOn: day() }, { status: 201 })
  assert.equal(await stateOf(byOne), 'lapsed')
})

test('only where it is kept can be edited, on the version that was read', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)

  const edited = await editsConditionally(worker, `/consents/${consent.id}`, { documentReference: 'Archive 2026/117', form: 'electronic' })
  const removed = await worker.patch(`/consents/${consent.id}`, { documentReference: null }, { ifMatch: edited.etag, status: 200 })
  const stale = await worker.patch(`/consents/${consent.id}`, { form: 'oral' }, { ifMatch: edited.etag })

  assert.deepEqual([edited.body.documentReference, edited.body.form], ['Archive 2026/117', 'electronic'])
  assert.deepEqual([removed.body.documentReference, removed.body.form], [undefined, 'electronic'])
  await allowedOnce(server, edited, [ALVA], [consent.id], { activity: 'write' })
  await deniedOnce(server, stale, 412, 'PRECONDITION_FAILED')
})

test('an etag changes with every answer and withdrawal', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const etags = [(await readsConditionally(worker, `/consents/${consent.id}`)).etag]
  for (const giver of consent.givers) {
    await answer(server, consent, giver)
    etags.push((await read(consent)).etag)
  }
  await revoke(server, consent)
  etags.push((await read(consent)).etag)

  assert.equal(new Set(etags).size, 4)
})

test('the lists are filtered by child and state, name each child in the log, and are read by pages', async () => {
  const [alvas, eliass] = [await openCase(server), await openCase(server, { subjectId: ELIAS })]
  for (let i = 0; i < 3; i++) await askConsent(server, alvas)
  await askConsent(server, eliass)
  await grantedConsent(server, alvas)
  const ids = reply => reply.body.consents.map(one => one.id)
  const all = await worker.get('/consents', { query: { limit: 100 }, status: 200 })
  const ofCase = await worker.get(`/cases/${alvas}/consents`, { query: { limit: 100 }, status: 200 })

  assert.equal(ids(ofCase).length, 4)
  assert.deepEqual(ids(ofCase), all.body.consents.filter(one => one.caseId === alvas).map(one => one.id))
  await allowedOnce(server, all, all.body.consents.map(one => one.subjectId), ids(all))
  await allowedOnce(server, ofCase, [ALVA], ids(ofCase))
  for (const state of ['requested', 'refused', 'in-force', 'not-yet-in-force', 'expired', 'revoked', 'lapsed']) {
    const some = all.body.consents.filter(one => one.state === state)
    assert.ok(some.length > 0, `no consent is ${state}`)
    assert.deepEqual(ids(await worker.get('/consents', { query: { state, limit: 100 } })), some.map(one => one.id), state)
    assert.deepEqual(ids(await worker.get(`/cases/${alvas}/consents`, { query: { state } })), some.filter(one => one.caseId === alvas).map(one => one.id))
  }
  assert.deepEqual(ids(await worker.get('/consents', { query: { subjectId: ELIAS, limit: 100 } })),
    all.body.consents.filter(one => one.subjectId === ELIAS).map(one => one.id))
  await pages(worker, '/consents', 'consents', { subjectId: ALVA, state: 'requested' })
  await pages(worker, `/cases/${alvas}/consents`, 'consents')
  refused(await worker.get('/consents', { query: { state: 'lost' } }), 400, 'INVALID_REQUEST')
})

test('each change is carried out once', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const path = { consentId: consent.id }
  const [giver, other] = consent.givers

  await answersOnce(server, 'social-case-worker', 'createConsent', { path: { caseId }, body: consentDraft() },
    { path: { caseId }, body: consentDraft({ form: 'oral' }) })
  await answersOnce(server, 'social-case-worker', 'answerConsent', { path, body: { giverId: giver.id, answer: 'granted', form: 'oral' } },
    { path, body: { giverId: other.id, answer: 'granted', form: 'oral' } })
  await answersOnce(server, 'social-case-worker', 'revokeConsent', { path, body: { giverId: giver.id } },
    { path, body: { giverId: giver.id, reason: 'Has moved.' } })
})

test('nobody without a relation learns of a consent', async () => {
  const caseId = await openCase(server)
  const consent = await askConsent(server, caseId)
  const giverId = consent.givers[0].id
  for (const [operationId, more] of Object.entries({ listConsentsOfCase: {}, createConsent: { body: consentDraft() } })) {
    await hiddenFromStrangers(server, operationId, { path: { caseId }, ...more }, unknownId())
  }
  for (const [operationId, more] of Object.entries({
    getConsent: {}, updateConsent: { body: { form: 'oral' }, ifMatch: '"1-requested"' },
    answerConsent: { body: { giverId, answer: 'granted', form: 'oral' } }, revokeConsent: { body: { giverId } }
  })) await hiddenFromStrangers(server, operationId, { path: { consentId: consent.id }, ...more }, unknownId())
  await deniedOnce(server, await acting(server, 'social-auditor').get('/consents'), 403, 'ROLE_NOT_ALLOWED')
  assert.deepEqual((await acting(server, 'clinic-manager').get('/consents', { status: 200 })).body.consents, [])
  assert.equal((await manager.get(`/consents/${consent.id}`)).status, 200)
})
