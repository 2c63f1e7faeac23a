// Disclosures: what one organisation lets another see, on which ground, and when that stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { AGREEMENT, ALVA, CLINIC, POLICE, POLICE_UNIT, SCHOOL, SOCIAL, assignmentId, day } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import {
  accept, acting, allowedOnce, amend, appoint, askConsent, deniedOnce, grantedConsent, handOver, handoverDraft,
  hiddenFromStrangers, invite, jointCase, openCase, PURPOSE, registerChild, revoke, shareDraft, shareStandingly,
  writeRecord
} from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const teacher = acting(server, 'school-teacher')
const officer = acting(server, 'police-officer')

const why = { reason: 'The school no longer needs it.' }
const disclose = (caseId, body, person = worker) => person.call('createDisclosure', { path: { caseId }, body })
const stateOf = async disclosure => (await worker.get(`/disclosures/${disclosure.id}`, { status: 200 })).body.state
const end = (disclosure, person = worker) => person.post(`/disclosures/${disclosure.id}/endings`, why)

// The police as a third participant, under an agreement of its own with social services.
async function joinPolice({ caseId }) {
  const consent = await grantedConsent(server, caseId, {
    disclosingOrganisationIds: [SOCIAL, POLICE], recipientOrganisationIds: [SOCIAL, POLICE], categories: ['IDENTITY', 'CASE_STATUS', 'CRIME']
  })
  const agreementId = unknownId()
  const signed = organisation => `('${agreementId}', '${organisation}', now(), '${assignmentId('collaboration-lead')}')`
  await server.sql(`
    insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
    values ('${agreementId}', '${SOCIAL}', 'With the police', '{${PURPOSE}}', '{IDENTITY,CASE_STATUS,CRIME}', '${day(-1)}', '${day(99)}',
        '${assignmentId('collaboration-lead')}');
    insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by) values ${signed(SOCIAL)}, ${signed(POLICE)};`)
  await accept(server, await invite(server, caseId, consent.id, { unitId: POLICE_UNIT, agreementId }), 'police-manager')
  await appoint(server, 'police-manager', caseId, 'police-officer')
  return consent
}

test('a standing share opens categories for a time, under an agreement and a consent', async () => {
  const joint = await jointCase(server)

  const made = await disclose(joint.caseId, shareDraft('social-case-worker', joint))

  assert.equal(made.status, 201, made.text)
  const { _links, id, disclosedAt, updatedAt, ...said } = made.body
  assert.deepEqual(said, {
    kind: 'standing-share', caseId: joint.caseId, organisationId: SOCIAL, organisationName: 'Socialnämnden i Granby', recipientId: SCHOOL,
    recipientName: 'Utbildningsnämnden i Granby', ground: 'CONSENT', consentId: joint.consent.id, agreementId: AGREEMENT,
    categories: ['FAMILY_SITUATION'], purpose: PURPOSE, justification: 'Needed to plan the support.', validFrom: day(), validUntil: day(90),
    state: 'in-force', disclosedBy: 'Sara Lindalm'
  })
  assert.deepEqual(relations(made), ['case', 'end', 'self'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'disclose', grounds: ['CONSENT'], disclosure_ids: [id] })
})

test('a handover gives listed records as they stand', async () => {
  const joint = await jointCase(server)
  const records = [
    await writeRecord(server, 'social-case-worker', joint.caseId),
    await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'IDENTITY' })
  ]

  const made = await disclose(joint.caseId, handoverDraft('social-case-worker', joint, records.map(record => record.id)))

  assert.equal(made.status, 201, made.text)
  assert.deepEqual([made.body.kind, made.body.state, made.body.validFrom, made.body.agreementId], ['handover', 'handed-over', undefined, undefined])
  assert.deepEqual(made.body.recordIds, records.map(record => record.id).sort())
  assert.deepEqual(made.body.categories.sort(), ['FAMILY_SITUATION', 'IDENTITY'])
  assert.deepEqual(relations(made), ['case', 'self'])
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'disclose', grounds: ['CONSENT'] })
})

test('sharing goes both ways, each agency with its own', async () => {
  const joint = await jointCase(server)
  const absence = await writeRecord(server, 'school-teacher', joint.caseId)
  await shareStandingly(server, 'school-teacher', joint)

  assert.equal((await worker.get(`/records/${absence.id}`)).status, 200)
  await deniedOnce(server, await teacher.get(`/records/${(await writeRecord(server, 'social-case-worker', joint.caseId)).id}`), 403, 'NO_LEGAL_GROUND')
})

test('without a ground nothing is disclosed, and the code says what is missing', async () => {
  const joint = await jointCase(server)
  const { caseId } = joint
  const record = await writeRecord(server, 'social-case-worker', caseId)
  const strange = await writeRecord(server, 'social-case-worker', caseId, { category: 'PARENT_HEALTH' })
  const consented = more => grantedConsent(server, caseId, more)
  const asked = await askConsent(server, caseId)
  const refusedOne = await askConsent(server, caseId)
  await worker.post(`/consents/${refusedOne.id}/answers`, { giverId: refusedOne.givers[0].id, answer: 'refused', form: 'oral' }, { status: 201 })
  const withdrawn = await revoke(server, await consented())
  const later = await consented({ validFrom: day(1) })
  const past = await consented({ validFrom: day(-9), validUntil: day(-1) })
  const clinics = await consented({ recipientOrganisationIds: [CLINIC] })
  const schools = await consented({ disclosingOrganisationIds: [SCHOOL] })
  const wide = await consented({ categories: ['FAMILY_SITUATION', 'PARENT_HEALTH'] })
  const othersPurpose = await consented({ purpose: 'crime-prevention' })
  const elsewhere = (await jointCase(server)).consent

  for (const [consentId, code] of [
    [asked.id, 'CONSENT_INCOMPLETE'], [refusedOne.id, 'CONSENT_INCOMPLETE'], [withdrawn.id, 'CONSENT_REVOKED'], [later.id, 'CONSENT_EXPIRED'],
    [past.id, 'CONSENT_EXPIRED'], [clinics.id, 'NOT_RECIPIENT'], [schools.id, 'GROUND_SCOPE'], [elsewhere.id, 'CONSENT_REQUIRED'],
    [unknownId(), 'CONSENT_REQUIRED']
  ]) {
    await deniedOnce(server, await disclose(caseId, shareDraft('social-case-worker', joint, { consentId })), 403, code, { subject_ids: [ALVA] })
    const handover = handoverDraft('social-case-worker', joint, [record.id], { consentId })
    await deniedOnce(server, await disclose(caseId, handover), 403, code, { subject_ids: [ALVA] })
  }
  for (const [body, code] of [
    [shareDraft('social-case-worker', joint, { ground: 'CRIME_GENERAL' }), 'NO_LEGAL_GROUND'],
    [handoverDraft('social-case-worker', joint, [record.id], { ground: 'DUTY_TO_COLLABORATE' }), 'NO_LEGAL_GROUND'],
    [handoverDraft('social-case-worker', joint, [record.id], { consentId: undefined }), 'CONSENT_REQUIRED'],
    [handoverDraft('social-case-worker', joint, [record.id, strange.id]), 'GROUND_SCOPE'],
    [shareDraft('social-case-worker', joint, { categories: ['FAMILY_SITUATION', 'PARENT_HEALTH'] }), 'GROUND_SCOPE'],
    [shareDraft('social-case-worker', joint, { consentId: wide.id, categories: ['PARENT_HEALTH'] }), 'AGREEMENT_NOT_IN_FORCE'],
    [shareDraft('social-case-worker', joint, { agreementId: unknownId() }), 'AGREEMENT_NOT_IN_FORCE'],
    [shareDraft('social-case-worker', joint, { purpose: 'crime-prevention' }), 'GROUND_SCOPE'],
    [shareDraft('social-case-worker', { consent: othersPurpose }, { purpose: 'crime-prevention' }), 'AGREEMENT_NOT_IN_FORCE']
  ]) await deniedOnce(server, await disclose(caseId, body), 403, code, { subject_ids: [ALVA] })

  assert.deepEqual((await worker.get(`/cases/${caseId}/disclosures`, { status: 200 })).body.disclosures, [])
})

test('an organisation that does not take part receives nothing', async () => {
  const caseId = await openCase(server)
  const consent = await grantedConsent(server, caseId)
  const record = await writeRecord(server, 'social-case-worker', caseId)

  await deniedOnce(server, await disclose(caseId, shareDraft('social-case-worker', { consent })), 403, 'NOT_RECIPIENT')
  await deniedOnce(server, await disclose(caseId, handoverDraft('social-case-worker', { consent }, [record.id])), 403, 'NOT_RECIPIENT')
})

test('some secrecy no consent can break', async () => {
  const joint = await jointCase(server)
  const consent = await joinPolice(joint)
  const write = secrecyRegime => writeRecord(server, 'police-officer', joint.caseId, { category: 'CRIME', secrecyRegime, text: 'A report.' })
  const [breakable, absolute] = [await write('POLICE'), await write('CRIMINAL_RECORDS')]
  const draft = ids => ({ ...handoverDraft('social-case-worker', { consent }, ids), recipientId: SOCIAL })

  await deniedOnce(server, await disclose(joint.caseId, draft([breakable.id, absolute.id]), officer), 403, 'GROUND_EXCLUDED')
  assert.equal((await disclose(joint.caseId, draft([breakable.id]), officer)).status, 201)
  assert.equal((await worker.get(`/records/${breakable.id}`)).status, 200)
  await deniedOnce(server, await worker.get(`/records/${absolute.id}`), 403, 'NO_LEGAL_GROUND', { concerned_ids: [POLICE] })
})

test('a protected identity is disclosed only by whoever may see it', async () => {
  const child = await registerChild(server, { years: 10 })
  const joint = await jointCase(server, { subjectId: child.id })
  await appoint(server, 'social-case-worker', joint.caseId, 'social-manager')
  const subject = await manager.get(`/subjects/${child.id}`, { status: 200 })
  await manager.patch(`/subjects/${child.id}`, { protectedIdentity: true }, { ifMatch: subject.etag, status: 200 })
  const draft = shareDraft('social-case-worker', joint, { categories: ['IDENTITY'] })

  await deniedOnce(server, await disclose(joint.caseId, draft), 403, 'PROTECTED_IDENTITY', { subject_ids: [child.id] })
  assert.equal((await disclose(joint.caseId, draft, manager)).status, 201)
})

test('only own records on the case are handed over', async () => {
  const joint = await jointCase(server)
  const own = await writeRecord(server, 'social-case-worker', joint.caseId)
  const schools = await writeRecord(server, 'school-teacher', joint.caseId)
  await shareStandingly(server, 'school-teacher', joint)
  const elsewhere = await writeRecord(server, 'social-case-worker', await openCase(server))

  for (const id of [schools.id, elsewhere.id, unknownId()]) {
    const reply = await disclose(joint.caseId, handoverDraft('social-case-worker', joint, [own.id, id]))
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/recordIds'])
  }
})

test('the recipient is another agency, and the period does not end before it begins', async () => {
  const joint = await jointCase(server)
  for (const [more, code, pointer] of [
    [{ recipientId: SOCIAL }, 'INVALID_REFERENCE', '/body/recipientId'],
    [{ recipientId: unknownId() }, 'INVALID_REFERENCE', '/body/recipientId'],
    [{ recipientId: POLICE_UNIT }, 'INVALID_REFERENCE', '/body/recipientId'],
    [{ validUntil: day(-1) }, 'UNPROCESSABLE', '/body/validUntil'],
    [{ validFrom: day(5), validUntil: day(4) }, 'UNPROCESSABLE', '/body/validUntil']
  ]) {
    const reply = await disclose(joint.caseId, shareDraft('social-case-worker', joint, more))
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer], JSON.stringify(more))
  }
})

test('what is neither a share nor a handover is refused', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = shareDraft('social-case-worker', joint)
  const handover = handoverDraft('social-case-worker', joint, [record.id])
  for (const body of [
    {}, { ...share, kind: 'gift' }, { ...share, recordIds: [record.id] }, { ...share, agreementId: undefined }, { ...share, justification: undefined }, { ...handover, preconditionStatement: ' ' },
    { ...share, decisionId: unknownId() },
    { ...handover, recordIds: [] }, { ...handover, recordIds: [record.id, record.id] }, { ...handover, validUntil: day(9) },
    { ...handover, disclosedAt: '2020-01-01T00:00:00Z' }
  ]) {
    const reply = refused(await disclose(joint.caseId, body), 400, 'INVALID_REQUEST')
    assert.ok(reply.body.errors.every(error => error.pointer.startsWith('/body')), reply.text)
  }
  refused(await worker.post(`/disclosures/${unknownId()}/endings`, {}), 400, 'INVALID_REQUEST')
  await refusesMalformedId(worker, 'getDisclosure', 'disclosureId')
  await refusesStrayQuery(worker, 'listDisclosures', { path: { caseId: joint.caseId } })
})

test('a share opens nothing before its first day and after its last', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const coming = await shareStandingly(server, 'social-case-worker', joint, { validFrom: day(1) })
  const gone = await shareStandingly(server, 'social-case-worker', joint, { validFrom: day(-9), validUntil: day(-1) })

  assert.deepEqual([coming.state, gone.state], ['not-yet-in-force', 'ended'])
  assert.deepEqual([coming, gone].map(share => 'end' in share._links), [true, false])
  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 403, 'NO_LEGAL_GROUND')

  await shareStandingly(server, 'social-case-worker', joint, { validUntil: day() })
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)
})

test('the one who disclosed ends the share, and the next read is refused', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)
  await deniedOnce(server, await end(share, teacher), 403, 'NOT_OWNER', { concerned_ids: [SOCIAL] })

  const ended = await end(share)

  assert.equal(ended.status, 201, ended.text)
  assert.deepEqual([ended.body.state, ended.body.endReason, typeof ended.body.endedAt], ['ended', why.reason, 'string'])
  assert.deepEqual(relations(ended), ['case', 'self'])
  await allowedOnce(server, ended, [ALVA], [share.id], { activity: 'write' })
  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 403, 'NO_LEGAL_GROUND')
  await deniedOnce(server, await end(share), 409, 'ALREADY_ENDED')
})

test('what was handed over cannot be taken back', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const handover = await handOver(server, 'social-case-worker', joint, [record.id])

  await deniedOnce(server, await end(handover), 409, 'CONFLICT')
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)
})

test('after a withdrawal the share is suspended, what was handed over stays, and nothing new is disclosed', async () => {
  const joint = await jointCase(server)
  const [given, shared] = [await writeRecord(server, 'social-case-worker', joint.caseId), await writeRecord(server, 'social-case-worker', joint.caseId)]
  const share = await shareStandingly(server, 'social-case-worker', joint)
  const handover = await handOver(server, 'social-case-worker', joint, [given.id])
  const before = await teacher.get(`/disclosures/${share.id}`, { status: 200 })

  await revoke(server, joint.consent)

  const after = await teacher.get(`/disclosures/${share.id}`, { status: 200 })
  assert.deepEqual([before.body.state, after.body.state, await stateOf(handover)], ['in-force', 'suspended', 'handed-over'])
  assert.notEqual(after.etag, before.etag)
  assert.deepEqual(relations(await worker.get(`/disclosures/${share.id}`)), ['case', 'end', 'self'])
  assert.equal((await teacher.get(`/records/${given.id}`)).status, 200)
  await deniedOnce(server, await teacher.get(`/records/${shared.id}`), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await disclose(joint.caseId, shareDraft('social-case-worker', joint)), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await disclose(joint.caseId, handoverDraft('social-case-worker', joint, [shared.id])), 403, 'CONSENT_REVOKED')
  assert.equal((await end(share)).status, 201)
})

test('a new consent does not revive a share that rests on the one withdrawn', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  await revoke(server, joint.consent)
  const consent = await grantedConsent(server, joint.caseId)

  assert.equal(await stateOf(share), 'suspended')
  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 403, 'CONSENT_REVOKED')
  await shareStandingly(server, 'social-case-worker', { ...joint, consent })
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)
})

test('a second handover gives the version that stands then', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId, { text: 'First.' })
  await handOver(server, 'social-case-worker', joint, [record.id])
  await amend(server, 'social-case-worker', record, 'Second.')
  await amend(server, 'social-case-worker', { ...record, version: 2 }, 'Third.')
  assert.equal((await teacher.get(`/records/${record.id}`)).body.text, 'First.')

  await handOver(server, 'social-case-worker', joint, [record.id])

  assert.equal((await teacher.get(`/records/${record.id}`)).body.text, 'Third.')
  const { versions } = (await teacher.get(`/records/${record.id}/versions`, { status: 200 })).body
  assert.deepEqual(versions.map(one => one.text), ['Third.', 'First.'])
})

test('a closed case discloses nothing new and does not hold up the end of a share', async () => {
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  await worker.post(`/cases/${joint.caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await disclose(joint.caseId, shareDraft('social-case-worker', joint)), 409, 'CASE_CLOSED')
  await deniedOnce(server, await disclose(joint.caseId, handoverDraft('social-case-worker', joint, [record.id])), 409, 'CASE_CLOSED')
  assert.equal((await end(share)).status, 201)
})

test('each side reads and lists what it disclosed or received, and a third participant neither', async () => {
  const joint = await jointCase(server)
  await joinPolice(joint)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const absence = await writeRecord(server, 'school-teacher', joint.caseId)
  const made = [
    await shareStandingly(server, 'social-case-worker', joint), await handOver(server, 'social-case-worker', joint, [record.id]),
    await handOver(server, 'school-teacher', joint, [absence.id]), await shareStandingly(server, 'school-teacher', joint)
  ].reverse()
  const path = `/cases/${joint.caseId}/disclosures`

  for (const person of [worker, teacher]) {
    const list = await person.get(path, { status: 200 })
    assert.deepEqual(list.body.disclosures.map(one => one.id), made.map(one => one.id))
    await allowedOnce(server, list, [ALVA], made.map(one => one.id), { disclosure_ids: made.map(one => one.id).sort(), grounds: ['CONSENT'] })
    for (const kind of ['standing-share', 'handover']) {
      const some = await person.get(path, { query: { kind }, status: 200 })
      assert.deepEqual(some.body.disclosures.map(one => one.id), made.filter(one => one.kind === kind).map(one => one.id))
    }
  }
  const read = await readsConditionally(teacher, `/disclosures/${made[0].id}`)
  await allowedOnce(server, read, [ALVA], [made[0].id], { activity: 'read' })
  assert.deepEqual((await officer.get(path, { status: 200 })).body.disclosures, [])
  await deniedOnce(server, await officer.get(`/disclosures/${made[0].id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await officer.get(`/records/${record.id}`), 403, 'NO_LEGAL_GROUND')
  await pages(worker, path, 'disclosures')
  refused(await worker.get(path, { query: { kind: 'gift' } }), 400, 'INVALID_REQUEST')
})

test('each change is carried out once', async () => {
  const joint = await jointCase(server)
  const path = { caseId: joint.caseId }
  const made = await answersOnce(server, 'social-case-worker', 'createDisclosure',
    { path, body: shareDraft('social-case-worker', joint) }, { path, body: shareDraft('social-case-worker', joint, { validUntil: day(10) }) })
  const ending = body => ({ path: { disclosureId: made.body.id }, body })
  await answersOnce(server, 'social-case-worker', 'endDisclosure', ending(why), ending({ reason: 'Otherwise.' }))

  assert.equal((await worker.get(`/cases/${joint.caseId}/disclosures`)).body._meta.totalRecords, 1)
})

test('nobody without a relation learns of a disclosure', async () => {
  const joint = await jointCase(server)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  await hiddenFromStrangers(server, 'listDisclosures', { path: { caseId: joint.caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createDisclosure', { path: { caseId: joint.caseId }, body: shareDraft('social-case-worker', joint) }, unknownId())
  await hiddenFromStrangers(server, 'getDisclosure', { path: { disclosureId: share.id } }, unknownId())
  await hiddenFromStrangers(server, 'endDisclosure', { path: { disclosureId: share.id }, body: why }, unknownId())
})
