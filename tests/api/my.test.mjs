// What guardians and children see of what concerns them, what they do themselves, and what is kept from them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock, swedish } from '../support/clock.mjs'
import { decided, hold, identify, opening, receivedOf, report, step } from '../support/concern.mjs'
import { contract } from '../support/contract.mjs'
import { birthdayAhead, day, identityNumber, SCHOOL, SOCIAL } from '../support/demo.mjs'
import { operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId, whileInFlight } from '../support/habits.mjs'
import { asParty, familyOnCase, idsOfMine, listMine, registerFamily, signedIn } from '../support/party.mjs'
import { beginPlan, fillPlan, planningCase } from '../support/plans.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, askConsent, deniedOnce, logged, openCase, shareStandingly, writeRecord } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')

const SAID = 'I want to have Ida with me when I start again.'
const ADDRESS = 'Provgränd 8, 999 97 Granby'
const CONTACT = { address: ADDRESS, phone: '070-174 06 59' }
const family = (more = {}) => registerFamily(server, { contactDetails: CONTACT, ...more })
const restrict = async (subjectId, more = {}, by = worker) => (await by.call('createGuardianRestriction',
  { path: { subjectId }, body: { scope: 'everything', reason: 'Threats.', assessment: 'He must not know.', ...more } }, { status: 201 })).body
const WHAT = ['subjects', 'cases', 'consents', 'plans', 'access-events']
const say = (party, consent, answer = 'granted', options) => party.call('answerMyConsent', { path: { consentId: consent.id }, body: { answer } }, options)
const withdraw = (party, consent, body = {}) => party.call('revokeMyConsent', { path: { consentId: consent.id }, body })

const home = more => familyOnCase(server, { contactDetails: CONTACT, ...more })

// A family with a case about the child on which three agencies work by a plan.
async function planning(more) {
  const its = await family(more)
  const joint = await planningCase(server, { subjectId: its.child.id })
  const plan = await beginPlan(server, joint)
  await fillPlan(server, joint, plan)
  return { ...its, ...joint, plan, ...signedIn(server, its) }
}
const think = (party, plan, body = {}, options) => party.call('leaveMyPlanView', { path: { planId: plan.id }, body: { stage: 'planning', view: SAID, ...body } }, options)

// Every operation of `/my` with the identifiers of something: what whoever it is withheld from gets for each.
const reaching = ({ child, caseId, consent, plan }) => [
  ['getMyContactDetails', { path: { subjectId: child.id } }], ['getMyCase', { path: { caseId } }],
  ['getMyConsent', { path: { consentId: consent.id } }], ['answerMyConsent', { path: { consentId: consent.id }, body: { answer: 'refused' } }],
  ['revokeMyConsent', { path: { consentId: consent.id }, body: {} }],
  ...(plan ? [['getMyPlan', { path: { planId: plan.id } }], ['leaveMyPlanView', { path: { planId: plan.id }, body: { stage: 'planning', view: SAID } }]] : [])
]
const told = ({ type, title, status, code, detail }) => ({ type, title, status, code, detail })

// That nothing of it is there for this party: absent from every list, and for its identifiers the same answer as for
// identifiers that nothing has.
async function nothingFor(party, its) {
  for (const what of WHAT) assert.deepEqual(await listMine(party, what), [], what)
  const nothing = { child: { id: unknownId() }, caseId: unknownId(), consent: { id: unknownId() }, plan: its.plan && { id: unknownId() } }
  const unknown = reaching(nothing)
  for (const [at, [operation, input]] of reaching(its).entries()) {
    const hidden = await party.call(operation, input)
    const absent = await party.call(operation, unknown[at][1])
    await deniedOnce(server, hidden, 404, 'NOT_FOUND', { subject_ids: [its.child.id], concerned_ids: [SOCIAL] })
    await deniedOnce(server, absent, 404, 'NOT_FOUND', { subject_ids: [], concerned_ids: [] })
    assert.deepEqual(told(hidden.body), told(absent.body))
    assert.equal(hidden.text.length, absent.text.length)
  }
}

test('these are the operations of parties', () => {
  assert.deepEqual(operationsOf('My'), ['answerMyConsent', 'getMyAccessExtract', 'getMyCase', 'getMyConsent', 'getMyContactDetails', 'getMyPlan', 'leaveMyPlanView',
    'listMyAccessEvents', 'listMyCases', 'listMyConsents', 'listMyPlans', 'listMySubjects', 'revokeMyConsent'])
})

test('a guardian sees their child\'s case, whom to contact and who takes part, and nothing that is written', async () => {
  const its = await home()
  await writeRecord(server, 'social-case-worker', its.caseId)

  const reply = await readsConditionally(its.mum, `/my/cases/${its.caseId}`)

  const { _links, id, reference, openedAt, ...said } = reply.body
  assert.deepEqual(said, {
    subjectId: its.child.id, relation: 'guardian', status: 'open', contactPerson: 'Sara Lindalm',
    organisations: [{ id: SOCIAL, name: 'Socialnämnden i Granby', leads: true }, { id: SCHOOL, name: 'Utbildningsnämnden i Granby', leads: false }]
  })
  assert.deepEqual(relations(reply), ['self'])
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])
  assert.deepEqual((await listMine(its.mum, 'subjects')).map(({ _links, ...one }) => one),
    [{ id: its.child.id, relation: 'guardian', name: 'Nova Provfall', organisationName: 'Socialnämnden i Granby' }])
})

test('each reading of a party is logged once, as whom they stand in the register and never by number', async () => {
  const its = await home()

  const row = await allowedOnce(server, await its.mum.get(`/my/cases/${its.caseId}`), [its.child.id], [its.caseId],
    { activity: 'read', role: 'party', user_id: null, assignment_id: null, organisation_id: null, party_ids: [its.mother.id], concerned_ids: [SOCIAL] })

  assert.equal(Object.values(its.numbers).some(number => JSON.stringify(row).includes(number)), false)
  await allowedOnce(server, await its.mum.get('/my/cases'), [its.child.id], [its.caseId], { party_ids: [its.mother.id] })
  await deniedOnce(server, await its.mum.get(`/my/cases/${unknownId()}`), 404, 'NOT_FOUND', { role: 'party', user_id: null })
})

test('how the child is reached is told to its guardians', async () => {
  const its = await home()

  const [one] = await listMine(its.mum, 'subjects')
  const reply = await readsConditionally(its.mum, `/my/subjects/${one.id}/contact-details`)

  assert.deepEqual([reply.body.address, reply.body.phone, reply.body.email], [ADDRESS, '070-174 06 59', undefined])
  assert.equal((await its.mum.follow(one, 'contactDetails')).status, 200)
  await allowedOnce(server, reply, [its.child.id], [its.child.id], { party_ids: [its.mother.id] })
})

test('whoever is unknown everywhere is not refused, and sees nothing', async () => {
  const nobody = asParty(server, identityNumber('1917-12-31', 985))
  for (const what of WHAT) {
    const reply = await nobody.get(`/my/${what}`, { status: 200 })
    await allowedOnce(server, reply, [], [], { role: 'party', party_ids: [], concerned_ids: [] })
  }
  await nothingFor(nobody, await home())
})

test('a parent of another child sees nothing of this one', async () => {
  const other = await family()
  const stranger = asParty(server, other.numbers.mother)
  const its = await home()

  assert.deepEqual(await idsOfMine(stranger, 'subjects'), [other.child.id])
  for (const what of ['cases', 'consents']) assert.deepEqual(await idsOfMine(stranger, what), [], what)
  for (const [operation, input] of reaching(its)) await deniedOnce(server, await stranger.call(operation, input), 404, 'NOT_FOUND')
})

test('a guardian of a hundred years is found by the number with a plus', async () => {
  const its = await family()
  const number = identityNumber('1918-12-31', 986)
  const old = (await worker.post(`/subjects/${its.child.id}/guardians`, { name: 'Gammal Provfall', identityNumber: `${number.slice(2, 8)}+${number.slice(8)}`, kind: 'guardian', startsOn: day() }, { status: 201 })).body
  assert.equal(old.identityNumber, number)

  assert.deepEqual(await idsOfMine(asParty(server, `${number.slice(2, 8)}+${number.slice(8)}`), 'subjects'), [its.child.id])
  assert.deepEqual(await idsOfMine(asParty(server, `${number.slice(2, 8)}-${number.slice(8)}`), 'subjects'), [])
})

// -- consents ----------------------------------------------------------------------------------------------------------------------

test('a consent is given at home, by each for themselves', async () => {
  const its = await home()
  const consent = await askConsent(server, its.caseId)
  const asked = await readsConditionally(its.mum, `/my/consents/${consent.id}`)
  assert.deepEqual([asked.body.myPart, asked.body.inForce, asked.body.caseId], ['to-answer', false, its.caseId])
  assert.deepEqual(asked.body.recipientOrganisations, ['Socialnämnden i Granby', 'Utbildningsnämnden i Granby'])
  assert.deepEqual(relations(asked), ['answer', 'case', 'self'])

  const answered = await its.mum.follow(asked, 'answer', { answer: 'granted' }, { status: 201 })
  await allowedOnce(server, answered, [its.child.id], [consent.id], { activity: 'write', party_ids: [its.mother.id], user_id: null })

  assert.deepEqual([answered.body.myPart, answered.body.inForce], ['granted', false])
  assert.equal((await say(its.dad, consent)).body.inForce, true)
  const held = (await worker.get(`/consents/${consent.id}`)).body
  assert.deepEqual([held.state, held.givers.map(giver => [giver.form, giver.inOwnHand])], ['in-force', [['electronic', true], ['electronic', true]]])
  await deniedOnce(server, await say(its.mum, consent, 'refused'), 409, 'ALREADY_ANSWERED', { subject_ids: [its.child.id] })
})

test('withdrawn at home, nothing is shared any more, at the next read', async () => {
  const its = await home()
  const record = await writeRecord(server, 'social-case-worker', its.caseId)
  await shareStandingly(server, 'social-case-worker', its)
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)

  const reply = await withdraw(its.dad, its.consent, { reason: 'I have changed my mind.' })

  assert.equal(reply.status, 201, reply.text)
  assert.deepEqual([reply.body.myPart, reply.body.inForce, relations(reply)], ['withdrawn', false, ['case', 'self']])
  await allowedOnce(server, reply, [its.child.id], [its.consent.id], { activity: 'write', party_ids: [its.father.id] })
  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 403, 'CONSENT_REVOKED')
  assert.equal((await worker.get(`/consents/${its.consent.id}`)).body.state, 'revoked')
  await deniedOnce(server, await withdraw(its.dad, its.consent), 409, 'ALREADY_ENDED')
})

test('what was never granted cannot be withdrawn, and nothing is granted in a closed case', async () => {
  const its = await home()
  const consent = await askConsent(server, its.caseId)
  await deniedOnce(server, await withdraw(its.mum, consent), 409, 'CONFLICT')

  await worker.post(`/cases/${its.caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await say(its.mum, consent), 409, 'CASE_CLOSED')
  assert.equal((await withdraw(its.mum, its.consent)).status, 201)
})

test('what others answered is told to nobody', async () => {
  const its = await home()
  const consent = await askConsent(server, its.caseId)
  await say(its.dad, consent, 'refused')

  const seen = await its.mum.get(`/my/consents/${consent.id}`, { status: 200 })

  assert.deepEqual([seen.body.myPart, seen.body.inForce], ['to-answer', false])
  assert.equal(/refused|Sven/.test(seen.text), false)
})

test('a guardian at home and a case worker race to one answer', async () => {
  const its = await home()
  for (let round = 0; round < 5; round++) {
    const consent = await askConsent(server, its.caseId)
    const giver = consent.givers.find(one => one.guardianId === its.mother.id)

    const replies = await Promise.all([
      say(its.mum, consent, 'refused'),
      worker.call('answerConsent', { path: { consentId: consent.id }, body: { giverId: giver.id, answer: 'granted', form: 'oral' } })
    ])

    assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409])
    refused(replies.find(reply => reply.status === 409), 409, 'ALREADY_ANSWERED')
    const rows = await server.sql(`select answer, form, given_by_party from samsyn.consent_answers where giver_id = '${giver.id}'`)
    const byParty = replies[0].status === 201
    assert.deepEqual(rows, [{ answer: byParty ? 'refused' : 'granted', form: byParty ? 'electronic' : 'oral', given_by_party: byParty }])
  }
})

test('a repeated request answers once, and while it runs not at all', async () => {
  const its = await home()
  const consent = await askConsent(server, its.caseId)
  const key = `key-${unknownId()}`

  const running = await whileInFlight(server, its.numbers.mother, key, () => say(its.mum, consent, 'granted', { key }))
  const first = await say(its.mum, consent, 'granted', { key })
  const again = await say(its.mum, consent, 'granted', { key })
  const misused = await say(its.mum, consent, 'refused', { key })
  const others = await say(its.dad, consent, 'granted', { key })

  refused(running, 409, 'REQUEST_IN_FLIGHT')
  assert.deepEqual([first.status, again.status, again.text], [201, 201, first.text])
  refused(misused, 422, 'KEY_REUSED')
  assert.equal(others.status, 201, others.text)
  const undoing = `key-${unknownId()}`
  const revoke = body => its.mum.call('revokeMyConsent', { path: { consentId: consent.id }, body }, { key: undoing })
  const undone = await revoke({})
  assert.deepEqual([undone.status, (await revoke({})).text], [201, undone.text])
  refused(await revoke({ reason: 'Because.' }), 422, 'KEY_REUSED')
})

// -- plans --------------------------------------------------------------------------------------------------------------------------

test('the family sees the plan as one whole, whatever the agency, and says what it thinks of it', async () => {
  const its = await planning()
  const seen = await readsConditionally(its.mum, `/my/plans/${its.plan.id}`)
  refused(await its.mum.get(`/my/plans/${its.plan.id}?records=true`), 400, 'INVALID_REQUEST')
  assert.deepEqual([seen.body.interventions.length, seen.body.parties.length, seen.body.state], [3, 3, 'draft'])
  assert.deepEqual(relations(seen), ['case', 'leaveView', 'self'])
  assert.deepEqual(await idsOfMine(its.mum, 'plans'), [its.plan.id])

  const reply = await its.mum.follow(seen, 'leaveView', { stage: 'planning', view: SAID }, { status: 201 })

  await allowedOnce(server, reply, [its.child.id], [its.plan.id], { activity: 'write', party_ids: [its.mother.id], user_id: null })
  const { id, recordedAt, ...view } = reply.body.views[0]
  assert.deepEqual(view, { planId: its.plan.id, stage: 'planning', kind: 'guardian', guardianId: its.mother.id, view: SAID, form: 'digital', expressedOn: day(), inOwnHand: true })
  const staffs = (await teacher.get(`/plans/${its.plan.id}`, { status: 200 })).body
  assert.deepEqual(staffs.views.map(one => [one.view, one.inOwnHand]), [[SAID, true]])
  assert.equal(staffs.missingViews.some(one => one.stage === 'planning' && one.guardianId === its.mother.id), false)
})

test('a child of 15 says so for themselves, and its guardians see the plan as the assessment says', async () => {
  const its = await planning({ years: 15 })
  const said = await think(its.kid, its.plan)
  assert.deepEqual([said.status, said.body.views[0].kind, said.body.views[0].guardianId], [201, 'child', undefined])
  await deniedOnce(server, await its.mum.get(`/my/plans/${its.plan.id}`), 404, 'NOT_FOUND', { subject_ids: [its.child.id] })
  await deniedOnce(server, await think(its.mum, its.plan), 404, 'NOT_FOUND')
  assert.deepEqual(await idsOfMine(its.mum, 'plans'), [])

  await restrict(its.child.id, { scope: 'from-15', visible: ['plans'] })

  assert.equal((await think(its.mum, its.plan)).status, 201)
})

test('nothing is said in a plan that nobody works on', async () => {
  const [closed, revoked, ended] = [await planning(), await planning(), await planning()]
  await worker.post(`/cases/${closed.caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  await withdraw(revoked.dad, revoked.consent)
  await worker.post(`/plans/${ended.plan.id}/endings`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await think(closed.mum, closed.plan), 409, 'CASE_CLOSED')
  await deniedOnce(server, await think(revoked.mum, revoked.plan), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await think(ended.mum, ended.plan), 409, 'ALREADY_ENDED')
  assert.equal((await revoked.mum.get(`/my/plans/${revoked.plan.id}`)).body.state, 'suspended')
})

test('a view is of a stage, and of a follow-up with its meeting', async () => {
  const its = await planning()
  for (const [body, code, pointer] of [
    [{ stage: 'follow-up' }, 'UNPROCESSABLE', '/body/meetingId'], [{ meetingId: unknownId() }, 'UNPROCESSABLE', '/body/meetingId'],
    [{ stage: 'follow-up', meetingId: unknownId() }, 'INVALID_REFERENCE', '/body/meetingId']
  ]) {
    const reply = await think(its.mum, its.plan, body)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  await refusesBodies(its.mum, 'leaveMyPlanView', { path: { planId: its.plan.id } }, [
    [{}, '/body/stage', '/body/view'], [{ stage: 'planning', view: ' ' }, '/body/view'], [{ stage: 'planning', view: SAID, guardianId: unknownId() }, '/body/guardianId']
  ])
  const key = `key-${unknownId()}`
  const first = await think(its.mum, its.plan, {}, { key })
  assert.deepEqual([(await think(its.mum, its.plan, {}, { key })).text, first.body.views.length], [first.text, 1])
  refused(await think(its.mum, its.plan, { view: 'No.' }, { key }), 422, 'KEY_REUSED')
})

test('a plan is withheld from whoever may not be told all of it', async () => {
  const its = await planning()
  await restrict(its.child.id, { guardianId: its.father.id, scope: 'location' })

  await deniedOnce(server, await its.dad.get(`/my/plans/${its.plan.id}`), 404, 'NOT_FOUND')
  assert.deepEqual(await idsOfMine(its.dad, 'plans'), [])
  assert.equal((await its.mum.get(`/my/plans/${its.plan.id}`)).status, 200)

  await restrict(its.child.id, { guardianId: its.mother.id })
  await nothingFor(its.mum, its)
})

// -- age and custody --------------------------------------------------------------------------------------------------------------

test('a child becomes a party of their own on the day they turn 15, and a guardian\'s view narrows', async () => {
  const its = await home({ years: 15, since: birthdayAhead() })
  assert.deepEqual(await idsOfMine(its.kid, 'cases'), [])
  assert.equal('contactPerson' in (await its.mum.get(`/my/cases/${its.caseId}`)).body, true)
  await nothingFor(its.kid, its)

  try {
    await moveClock(server, swedish(birthdayAhead(), '00:00'))

    assert.deepEqual(await idsOfMine(its.kid, 'cases'), [its.caseId])
    assert.deepEqual([(await its.kid.get(`/my/cases/${its.caseId}`)).body.relation, (await its.kid.get(`/my/consents/${its.consent.id}`)).body.myPart], ['self', 'none'])
    await deniedOnce(server, await say(its.kid, its.consent), 403, 'ROLE_NOT_ALLOWED')
    await deniedOnce(server, await withdraw(its.kid, its.consent), 403, 'ROLE_NOT_ALLOWED')
    const { _links, ...seen } = (await its.mum.get(`/my/cases/${its.caseId}`)).body
    assert.deepEqual(Object.keys(seen).sort(), ['id', 'openedAt', 'reference', 'relation', 'status', 'subjectId'])
    assert.deepEqual(await idsOfMine(its.mum, 'consents'), [its.consent.id])
    assert.deepEqual(await idsOfMine(its.mum, 'access-events'), [])
    await deniedOnce(server, await its.mum.get(`/my/subjects/${its.child.id}/contact-details`), 403, 'GUARDIAN_SECRECY')

    await restrict(its.child.id, { scope: 'from-15', visible: ['cases', 'contact-details'] })
    assert.equal((await its.mum.get(`/my/cases/${its.caseId}`)).body.contactPerson, 'Sara Lindalm')
    assert.equal((await its.mum.get(`/my/subjects/${its.child.id}/contact-details`)).body.address, ADDRESS)
    assert.deepEqual(await idsOfMine(its.mum, 'access-events'), [])
  } finally {
    await restoreClock(server)
  }
})

test('on the day the child turns 18 its parents are told nothing any more', async () => {
  const its = await home({ years: 18, since: birthdayAhead() })
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])

  try {
    await moveClock(server, swedish(birthdayAhead(), '00:00'))

    await nothingFor(its.mum, its)
    assert.deepEqual(await idsOfMine(its.kid, 'cases'), [its.caseId])
  } finally {
    await restoreClock(server)
  }
})

test('whoever lost custody yesterday sees nothing, whoever loses it today still does', async () => {
  const its = await home()
  const edit = async endsOn => {
    const read = await worker.get(`/guardians/${its.father.id}`, { status: 200 })
    await worker.patch(`/guardians/${its.father.id}`, { endsOn }, { ifMatch: read.etag, status: 200 })
  }
  await edit(day())
  assert.deepEqual(await idsOfMine(its.dad, 'cases'), [its.caseId])

  await edit(day(-1))

  await nothingFor(its.dad, its)
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])
})

test('whom a court has appointed has the guardian\'s place, who cares without custody has not', async () => {
  const its = await home()
  const become = async kind => {
    const read = await worker.get(`/guardians/${its.father.id}`, { status: 200 })
    await worker.patch(`/guardians/${its.father.id}`, { kind }, { ifMatch: read.etag, status: 200 })
  }
  await become('specially-appointed')
  assert.deepEqual(await idsOfMine(its.dad, 'cases'), [its.caseId])

  await become('family-home-parent')

  await nothingFor(its.dad, its)
})

// -- what is kept from a guardian -----------------------------------------------------------------------------------------------

test('what is withheld wholly is not there, whichever way it is asked for', async () => {
  const its = await home()
  const restriction = await restrict(its.child.id, { guardianId: its.father.id })

  await nothingFor(its.dad, its)
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])

  await worker.post(`/guardian-restrictions/${restriction.id}/endings`, { reason: 'Over.' }, { status: 201 })
  assert.deepEqual(await idsOfMine(its.dad, 'cases'), [its.caseId])
})

test('a case in which secrecy against the guardians was assessed is withheld from them', async () => {
  const its = await home({ years: 14 })
  const caseId = await openCase(server, { subjectId: its.child.id })
  await askConsent(server, caseId, { assessment: { maturity: 'mature', secrecyAgainstGuardians: true, reason: 'She is afraid.' } })

  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])
  await deniedOnce(server, await its.mum.get(`/my/cases/${caseId}`), 404, 'NOT_FOUND', { subject_ids: [its.child.id] })
  assert.equal((await listMine(its.mum, 'consents')).some(one => one.caseId === caseId), false)
})

test('a guardian from whom the location must be kept never gets it, at any agency and in no reply', async () => {
  const its = await home()
  const school = await registerFamily(server, { person: 'school-head', numbers: its.numbers, contactDetails: { address: 'Skolvägen 2, 999 96 Granby' } })
  const consent = await askConsent(server, its.caseId)
  await teacher.get(`/cases/${its.caseId}`, { status: 200 })
  await restrict(its.child.id, { guardianId: its.father.id, scope: 'location' })

  for (const subjectId of [its.child.id, school.child.id]) {
    await deniedOnce(server, await its.dad.get(`/my/subjects/${subjectId}/contact-details`), 403, 'GUARDIAN_SECRECY', { subject_ids: [subjectId] })
  }
  await deniedOnce(server, await say(its.dad, consent), 403, 'GUARDIAN_SECRECY')

  const replies = []
  for (const what of ['subjects', 'cases', 'consents', 'access-events', `cases/${its.caseId}`, `consents/${consent.id}`]) replies.push(await its.dad.get(`/my/${what}`, { status: 200 }))
  replies.push(await say(its.dad, consent, 'refused'))
  for (const reply of replies) assert.equal(/Granby|Socialn|Utbildn|Lindalm|Provgränd|Skolvägen/.test(reply.text), false, reply.text)
  assert.deepEqual(await idsOfMine(its.dad, 'cases'), [its.caseId])
  assert.equal((await its.mum.get(`/my/subjects/${school.child.id}/contact-details`)).body.address, 'Skolvägen 2, 999 96 Granby')
})

test('with protected identity not even the name is told to a guardian from whom the location is kept', async () => {
  const its = await family({ person: 'social-manager', protectedIdentity: true })
  await restrict(its.child.id, { guardianId: its.father.id, scope: 'location' })

  const [seen] = await listMine(asParty(server, its.numbers.father), 'subjects')

  assert.deepEqual([seen.id, seen.name], [its.child.id, undefined])
  const [open] = await listMine(asParty(server, its.numbers.mother), 'subjects')
  assert.equal(open.name, 'Nova Provfall')
  assert.equal((await asParty(server, its.numbers.mother).get(`/my/subjects/${its.child.id}/contact-details`)).body.address, ADDRESS)
})

test('while guardians must not be contacted social services tell them nothing, and nobody lets on that it is so', async () => {
  const its = await home()
  const school = await registerFamily(server, { person: 'school-head', numbers: its.numbers, contactDetails: { address: 'Skolvägen 2, 999 96 Granby' } })
  const sent = await report(server, 'school-teacher', hold)
  const received = await receivedOf(server, sent)
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])

  await identify(server, received, its.child.id)

  assert.deepEqual(await idsOfMine(its.mum, 'subjects'), [school.child.id])
  for (const what of ['cases', 'consents', 'plans']) assert.deepEqual(await idsOfMine(its.mum, what), [], what)
  assert.equal((await listMine(its.mum, 'access-events', { limit: 100 })).some(one => one.subjectId !== school.child.id), false)
  for (const [operation, input] of reaching(its)) await deniedOnce(server, await its.mum.call(operation, input), 404, 'NOT_FOUND')
  assert.equal((await its.mum.get(`/my/subjects/${school.child.id}/contact-details`)).body.address, 'Skolvägen 2, 999 96 Granby')

  await step(server, 'social-case-worker', 'releaseHold', received, { reason: 'They have been spoken to.' })
  assert.deepEqual(await idsOfMine(its.mum, 'cases'), [its.caseId])
})

test('that there is an investigation is told once those it affects have been informed', async () => {
  const its = await family()
  const mum = asParty(server, its.numbers.mother)
  const { received } = await decided(server, opening(), { subjectId: its.child.id })
  const { investigationId } = received
  await worker.get(`/investigations/${investigationId}`, { status: 200 })
  const [before] = await listMine(mum, 'cases')
  assert.equal(before.investigationOpen, undefined)
  assert.equal((await listMine(mum, 'access-events', { limit: 100 })).some(one => /investigation|concern/.test(one.operation)), false)

  await worker.call('informOnInvestigation', { path: { investigationId }, body: { informed: ['guardian'], text: 'By telephone.' } }, { status: 201 })

  const [after] = await listMine(mum, 'cases')
  assert.equal(after.investigationOpen, true)
  const operations = (await listMine(mum, 'access-events', { limit: 100 })).map(one => one.operation)
  assert.equal(operations.includes('read investigation'), true)
  assert.equal(operations.some(one => one.includes('concern')), false)
})

// -- who is a party --------------------------------------------------------------------------------------------------------------

test('a party does nothing that staff do, whatever scope the token has', async () => {
  const its = await home()
  const scope = 'samsyn:my samsyn:case samsyn:agreement samsyn:admin samsyn:audit'
  const mum = asParty(server, its.numbers.mother, { scope })
  const values = { caseId: its.caseId, subjectId: its.child.id, consentId: its.consent.id, guardianId: its.mother.id, participantId: its.participant.id, systemId: 'SE5565594230-0001' }

  for (const operation of contract().operations.filter(one => one.source['x-permission'] && !one.source['x-permission'].startsWith('my:') && one.method === 'GET')) {
    const path = Object.fromEntries(operation.parameters.filter(one => one.in === 'path').map(one => [one.name, values[one.name] ?? its.caseId]))
    const query = Object.fromEntries(operation.parameters.filter(one => one.in === 'query' && one.required).map(one => [one.name, one.schema.format === 'date' ? '2026-01-01' : values[one.name] ?? its.caseId]))
    refused(await mum.call(operation.id, { path, query }), 403, 'ROLE_NOT_ALLOWED')
  }
  await deniedOnce(server, await mum.post(`/cases/${its.caseId}/closures`, { reason: 'Enough.' }), 403, 'ROLE_NOT_ALLOWED', { role: 'party', subject_ids: [its.child.id] })
  await deniedOnce(server, await mum.post('/subject-searches', { identityNumber: its.numbers.child }), 403, 'ROLE_NOT_ALLOWED')
})

test('a party without the scope, and staff with it, are refused', async () => {
  const its = await home()
  const scopeless = asParty(server, its.numbers.mother, { scope: 'samsyn:case' })
  const staff = worker.with({ claims: { scope: 'samsyn:case samsyn:my' } })

  for (const what of WHAT) {
    await deniedOnce(server, await scopeless.get(`/my/${what}`), 403, 'SCOPE_MISSING')
    await deniedOnce(server, await staff.get(`/my/${what}`), 403, 'ROLE_NOT_ALLOWED')
  }
  for (const [operation, input] of reaching(its)) {
    await deniedOnce(server, await scopeless.call(operation, input), 403, 'SCOPE_MISSING')
    await deniedOnce(server, await staff.call(operation, input), 403, 'ROLE_NOT_ALLOWED')
  }
})

test('what does not follow the contract is refused', async () => {
  const its = await home()
  for (const operation of ['listMySubjects', 'listMyCases', 'listMyConsents', 'listMyPlans', 'listMyAccessEvents']) await refusesStrayQuery(its.mum, operation)
  for (const [operation, input] of reaching(its)) {
    const [name] = Object.keys(input.path)
    await refusesMalformedId(its.mum, operation, name, input.body ? { body: input.body } : {})
  }
  await refusesBodies(its.mum, 'answerMyConsent', { path: { consentId: its.consent.id } }, [
    [{}, '/body/answer'], [{ answer: 'perhaps' }, '/body/answer'], [{ answer: 'granted', form: 'oral' }, '/body/form'], [{ answer: 'granted', giverId: unknownId() }, '/body/giverId']
  ])
  await refusesBodies(its.mum, 'revokeMyConsent', { path: { consentId: its.consent.id } }, [[{ reason: ' ' }, '/body/reason'], [{ giverId: unknownId() }, '/body/giverId']])
})

test('lists go by pages', async () => {
  const its = await home()
  for (let n = 0; n < 2; n++) await openCase(server, { subjectId: its.child.id })
  for (let n = 0; n < 2; n++) await askConsent(server, its.caseId)

  await pages(its.mum, '/my/cases', 'cases')
  await pages(its.mum, '/my/consents', 'consents')
})
