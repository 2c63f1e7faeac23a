// Extracts: who has read what about a person, for that person, at the desk and under /my, as JSON and as a page.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { decided, hold, identify, opening, receivedOf, report, step } from '../support/concern.mjs'
import { assignmentId, day, identityNumber, POLICE, SCHOOL, SOCIAL, userId } from '../support/demo.mjs'
import { answersOnce, operationsOf, pages, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { readHtml } from '../support/html.mjs'
import { asParty, registerFamily } from '../support/party.mjs'
import { startServer } from '../support/server.mjs'
import { hire } from '../support/staff.mjs'
import { acting, allowedOnce, askConsent, deniedOnce, jointCase, logged, openCase, revoke, shareStandingly, writeRecord } from '../support/story.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const schoolAuditor = acting(server, 'school-auditor')
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')

// A family with a case in which the school takes part, whose teacher has read a record under a share, and was refused it
// when the consent was withdrawn.
async function home(more) {
  const its = await registerFamily(server, more)
  const joint = await jointCase(server, { subjectId: its.child.id })
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  await shareStandingly(server, 'social-case-worker', joint)
  const seen = await teacher.get(`/records/${record.id}`, { status: 200 })
  await revoke(server, joint.consent)
  const refusal = await teacher.get(`/records/${record.id}`, { status: 403 })
  const party = who => asParty(server, its.numbers[who])
  return { ...its, ...joint, record, seen, refusal, mum: party('mother'), dad: party('father'), kid: party('child') }
}

const draft = (its, who, more = {}) =>
  ({ subjectIdentityNumber: its.numbers.child, recipientIdentityNumber: its.numbers[who], identityCheck: 'identity-document', ...more })
const ask = (its, who, more, by = auditor) => by.post('/access-extracts', draft(its, who, more))
const make = async (its, who, more, by = auditor) => (await by.post('/access-extracts', draft(its, who, more), { status: 201 })).body
const read = async (extract, by = auditor) => (await by.get(`/access-extracts/${extract.id}`, { status: 200 })).body
const extractFor = async (its, who, more, by) => read(await make(its, who, more, by), by)
const take = async (party, query) => (await party.get('/my/access-extract', { query, status: 200 })).body
const PAGE = { sv: { Accept: 'text/html', 'Accept-Language': 'sv' }, en: { Accept: 'text/html', 'Accept-Language': 'en' } }
const page = async (client, path, language = 'sv') => {
  const reply = await client.get(path, { headers: PAGE[language], status: 200 })
  return { reply, ...readHtml(reply.text) }
}
const restrict = async (subjectId, more = {}) => (await worker.call('createGuardianRestriction',
  { path: { subjectId }, body: { scope: 'everything', reason: 'Threats.', assessment: 'He must not know.', ...more } }, { status: 201 })).body
const ids = document => document.accessEvents.map(event => event.id)
const eventOf = async (document, reply) => {
  const [row] = await logged(server, reply)
  return document.accessEvents.find(event => event.id === row.id)
}
const INVALID = (reply, pointer) => {
  refused(reply, 422, 'INVALID_REFERENCE')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
}

test('these are the operations of extracts', () => {
  assert.deepEqual(operationsOf('Access extracts'), ['createAccessExtract', 'getAccessExtract', 'listAccessExtracts'])
})

// -- at the desk -----------------------------------------------------------------------------------------------------------------

test('a guardian at the desk gets who has read what, when, where, in which role and on which ground', async () => {
  const its = await home()

  const reply = await auditor.post('/access-extracts', draft(its, 'mother'), { status: 201 })
  const document = await auditor.follow(reply, 'self', undefined, { status: 200 })

  const { id, madeAt, until, _links, ...kept } = reply.body
  assert.deepEqual(kept, { subjectId: its.child.id, recipient: 'guardian', guardianId: its.mother.id, identityCheck: 'identity-document', namesStaff: false,
    organisationName: 'Socialnämnden i Granby', unitName: 'Barn och familj', madeBy: 'Karin Slåndal' })
  assert.deepEqual([document.body.recipientName, document.body.subjects], ['Berit Provfall', [{ id: its.child.id, name: 'Nova Provfall', birthDate: its.child.birthDate }]])
  const { id: event, at, localTime, ...said } = await eventOf(document.body, its.seen)
  assert.deepEqual(said, { subjectId: its.child.id, outcome: 'allowed', organisationName: 'Utbildningsnämnden i Granby', unitName: 'Granskolan', role: 'professional',
    roleNameSv: 'Yrkesutövare', roleNameEn: 'Professional', activity: 'read', actionSv: 'Läste en anteckning', actionEn: 'Read a note',
    grounds: [{ code: 'CONSENT', titleSv: 'Samtycke från den enskilde', titleEn: 'Consent of the protected individual', provision: 'OSL 2009:400 10:1, 12:2-3' }] })
  assert.equal(localTime, new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Stockholm', dateStyle: 'short', timeStyle: 'medium' }).format(new Date(at)))
  const told = await eventOf(document.body, its.refusal)
  assert.deepEqual([told.outcome, told.actionEn, told.grounds], ['denied', 'Tried to read and was refused; nothing was shown', []])
  assert.equal(/Ekhage|Lindalm|CONSENT_REVOKED/.test(document.text), false)
})

test('it is complete, in order, and says so', async () => {
  const its = await home()

  const document = await extractFor(its, 'mother')

  const rows = await server.sql(`select id from samsyn.access_events where subject_ids @> array['${its.child.id}']::uuid[] and resource_ids <> '{}'
    and operation not like '%AccessExtract' order by at desc, id desc`)
  assert.deepEqual(ids(document), rows.map(row => row.id))
  assert.equal(document.eventCount, rows.length)
})

test('that it was made and read is kept and logged', async () => {
  const its = await home()
  const reply = await ask(its, 'mother')
  await allowedOnce(server, reply, [its.child.id], [reply.body.id], { activity: 'write' })

  const json = await auditor.get(`/access-extracts/${reply.body.id}`, { status: 200 })
  await allowedOnce(server, json, [its.child.id], [reply.body.id], { activity: 'export' })
  const { reply: html } = await page(auditor, `/access-extracts/${reply.body.id}`)
  await allowedOnce(server, html, [its.child.id], [reply.body.id], { activity: 'export' })
  const head = await auditor.head(`/access-extracts/${reply.body.id}`, { status: 200 })
  await allowedOnce(server, head, [its.child.id], [reply.body.id], { activity: 'export' })

  const { body } = await auditor.get('/access-extracts', { query: { subjectId: its.child.id }, status: 200 })
  assert.deepEqual(body.accessExtracts.map(one => [one.id, relations(one)]), [[reply.body.id, ['self']]])
})

test('what is made of an extract is told to neither parent', async () => {
  const its = await home()
  await extractFor(its, 'father')

  for (const document of [await extractFor(its, 'mother'), await take(its.mum)]) {
    assert.equal(document.accessEvents.some(event => /utdrag|Tog ut/.test(event.actionSv)), false)
  }
})

test('read again it is the same, whatever has happened since', async () => {
  const its = await home()
  const extract = await make(its, 'mother')
  const first = await read(extract)
  await worker.get(`/cases/${its.caseId}`, { status: 200 })

  const again = await read(extract)

  assert.deepEqual(again, first)
  assert.equal((await extractFor(its, 'mother')).eventCount, first.eventCount + 1)
})

test('what has been withheld since is not shown any more', async () => {
  const its = await home()
  const extract = await make(its, 'father')
  assert.ok((await read(extract)).eventCount > 0)

  await restrict(its.child.id, { guardianId: its.father.id })

  assert.equal((await read(extract)).eventCount, 0)
  assert.ok((await extractFor(its, 'mother')).eventCount > 0)
})

test('a period is kept to', async () => {
  const its = await home()
  const whole = await extractFor(its, 'mother')
  const [newest, second, third] = whole.accessEvents
  const precise = async event => (await server.sql(`select samsyn.utc_micro(at) as at from samsyn.access_events where id = '${event.id}'`))[0].at

  const from = await extractFor(its, 'mother', { from: await precise(second) })
  const until = await extractFor(its, 'mother', { until: await precise(second) })
  const mine = await take(its.mum, { from: await precise(third), until: await precise(newest) })

  assert.deepEqual(ids(from), ids(whole).slice(0, 2))
  assert.deepEqual(ids(until), ids(whole).slice(2))
  assert.deepEqual(ids(mine), ids(whole).slice(1, 3))
  const reversed = await ask(its, 'mother', { from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' })
  refused(reversed, 422, 'UNPROCESSABLE')
  refused(await ask(its, 'mother', { from: `${day(30)}T00:00:00Z` }), 422, 'UNPROCESSABLE')
})

test('the organisation may name its own staff, and never another\'s', async () => {
  const its = await home()

  const named = await extractFor(its, 'mother', { namesStaff: true })

  const mine = named.accessEvents.filter(event => event.organisationName === 'Socialnämnden i Granby')
  const theirs = named.accessEvents.filter(event => event.organisationName !== 'Socialnämnden i Granby')
  assert.ok(mine.length > 0 && theirs.length > 0)
  assert.equal(mine.every(event => event.staffName === 'Sara Lindalm'), true)
  assert.equal(theirs.some(event => 'staffName' in event), false)
  const { rows } = await page(auditor, `/access-extracts/${named.id}`)
  assert.equal(rows.filter(row => row[2] === 'Handläggare\nSara Lindalm').length, mine.length)
})

test('it is of the own register alone', async () => {
  const its = await home()
  const school = await registerFamily(server, { person: 'school-head', numbers: its.numbers })
  const read = await acting(server, 'school-head').get(`/subjects/${school.child.id}`, { status: 200 })

  const atSocial = await extractFor(its, 'mother')
  const atSchool = await extractFor(its, 'mother', {}, schoolAuditor)
  const atHome = await take(its.mum)

  assert.equal(atSocial.accessEvents.some(event => event.subjectId !== its.child.id), false)
  assert.equal(atSchool.accessEvents.some(event => event.subjectId !== school.child.id), false)
  assert.ok(await eventOf(atSchool, read))
  assert.deepEqual(ids(atHome).length, ids(atSocial).length + ids(atSchool).length)
  assert.deepEqual(atHome.subjects.map(one => [one.id, one.relation, one.organisationName]).sort(),
    [[its.child.id, 'guardian', 'Socialnämnden i Granby'], [school.child.id, 'guardian', 'Utbildningsnämnden i Granby']].sort())
})

// -- who gets one ------------------------------------------------------------------------------------------------------------------

test('whoever is neither the child from 15 nor a guardian with custody gets none', async () => {
  const its = await home()
  const other = await home()
  const stranger = identityNumber('1971-03-04', 987)

  for (const number of [stranger, other.numbers.mother, its.numbers.child]) INVALID(await ask(its, 'mother', { recipientIdentityNumber: number }), '/body/recipientIdentityNumber')
  INVALID(await ask(its, 'mother', { subjectIdentityNumber: stranger }), '/body/subjectIdentityNumber')
  INVALID(await auditor.post('/access-extracts', { subjectId: unknownId(), recipientIdentityNumber: its.numbers.mother, identityCheck: 'identity-document' }), '/body/subjectId')
  const edited = await worker.get(`/guardians/${its.father.id}`, { status: 200 })
  await worker.patch(`/guardians/${its.father.id}`, { endsOn: day(-1) }, { ifMatch: edited.etag, status: 200 })
  INVALID(await ask(its, 'father'), '/body/recipientIdentityNumber')
  assert.deepEqual(ids(await take(its.dad)), [])
  const reply = await ask(its, 'father')
  await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
  assert.equal(Object.values(its.numbers).some(number => JSON.stringify([reply.body]).includes(number)), false)
})

test('from 15 the child is its own, and a guardian sees what an assessment leaves', async () => {
  const its = await home({ years: 15 })

  const own = await extractFor(its, 'child')
  const before = await extractFor(its, 'mother')
  await restrict(its.child.id, { scope: 'from-15', visible: ['access-events'] })
  const after = await extractFor(its, 'mother')

  assert.deepEqual([own.recipient, own.recipientName, 'guardianId' in own], ['subject', 'Nova Provfall', false])
  assert.ok(own.eventCount > 0)
  assert.deepEqual([before.eventCount, (await take(its.mum)).eventCount > 0], [0, true])
  assert.ok(after.eventCount > 0)
  await its.mum.get(`/my/cases/${its.caseId}`, { status: 200 })
  const online = document => document.accessEvents.filter(event => event.role === 'party').map(event => event.actionEn)
  assert.deepEqual(online(await extractFor(its, 'mother')), [])
  assert.ok(online(await extractFor(its, 'child')).includes('Read about a case online'))
})

test('the parents of an adult get none', async () => {
  const its = await home({ years: 18 })

  INVALID(await ask(its, 'mother'), '/body/recipientIdentityNumber')
  assert.ok((await extractFor(its, 'child')).eventCount > 0)
})

test('an auditor of another organisation makes and reads none', async () => {
  const its = await home()
  const extract = await make(its, 'mother')

  INVALID(await ask(its, 'mother', {}, schoolAuditor), '/body/subjectIdentityNumber')
  INVALID(await schoolAuditor.post('/access-extracts', { subjectId: its.child.id, recipientIdentityNumber: its.numbers.mother, identityCheck: 'identity-document' }), '/body/subjectId')
  for (const headers of [{}, PAGE.sv]) {
    await deniedOnce(server, await schoolAuditor.get(`/access-extracts/${extract.id}`, { headers }), 404, 'NOT_FOUND', { subject_ids: [its.child.id], concerned_ids: [SOCIAL] })
  }
  assert.equal((await schoolAuditor.get('/access-extracts', { query: { subjectId: its.child.id }, status: 200 })).body._meta.totalRecords, 0)
})

test('an auditor with a conflict of interest makes and reads none about the child', async () => {
  const its = await home()
  const extract = await make(its, 'mother')
  await acting(server, 'social-manager').call('createExclusion', { path: { caseId: its.caseId }, body: { userId: userId('social-auditor'), kind: 'bias', reason: 'An aunt.' } }, { status: 201 })
  try {
    INVALID(await ask(its, 'mother'), '/body/subjectIdentityNumber')
    await deniedOnce(server, await auditor.get(`/access-extracts/${extract.id}`), 404, 'NOT_FOUND')
    assert.equal((await auditor.get('/access-extracts', { query: { subjectId: its.child.id }, status: 200 })).body._meta.totalRecords, 0)
  } finally {
    await server.sql(`update samsyn.exclusions set ended_at = now() where user_id = '${userId('social-auditor')}'`)
  }
  assert.ok((await read(extract)).eventCount > 0)
})

test('nobody but auditors makes or reads one, and no party takes another\'s', async () => {
  const its = await home()
  const extract = await make(its, 'mother')
  const audits = { claims: { scope: 'samsyn:case samsyn:audit samsyn:admin' } }
  for (const person of ['social-case-worker', 'social-manager', 'organisation-admin', 'system-admin']) {
    const one = acting(server, person).with(audits)
    await deniedOnce(server, await ask(its, 'mother', {}, one), 403, 'ROLE_NOT_ALLOWED')
    await deniedOnce(server, await one.get(`/access-extracts/${extract.id}`), 403, 'ROLE_NOT_ALLOWED')
    await deniedOnce(server, await one.get('/access-extracts'), 403, 'ROLE_NOT_ALLOWED')
  }
  await deniedOnce(server, await its.mum.get(`/access-extracts/${extract.id}`), 403, 'SCOPE_MISSING')
  await deniedOnce(server, await worker.with({ claims: { scope: 'samsyn:my' } }).get('/my/access-extract'), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await asParty(server, its.numbers.mother, { scope: 'samsyn:case' }).get('/my/access-extract'), 403, 'SCOPE_MISSING')
})

// -- what is withheld --------------------------------------------------------------------------------------------------------------

// An extract and its page without what differs between any two: identifiers, times, and the names in its head.
function shape(text, its) {
  return text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '#').replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?/g, '@')
    .replaceAll(its.child.birthDate, 'born')
}
// A child and a guardian of whom there is no event at all: past the API.
async function unreadFamily() {
  const its = { child: { id: unknownId(), birthDate: '2017-05-06' }, mother: { id: unknownId() },
    numbers: { child: identityNumber('2017-05-06', 980), mother: identityNumber('1987-05-06', 982) } }
  await server.sql(`insert into samsyn.subjects (id, organisation_id, identity_number, name, birth_date, created_by)
      values ('${its.child.id}', '${SOCIAL}', '${its.numbers.child}', 'Nova Provfall', '${its.child.birthDate}', '${assignmentId('social-case-worker')}');
    insert into samsyn.guardians (id, subject_id, organisation_id, identity_number, name, kind, starts_on)
      values ('${its.mother.id}', '${its.child.id}', '${SOCIAL}', '${its.numbers.mother}', 'Berit Provfall', 'guardian', '${its.child.birthDate}')`)
  return its
}
const bothForms = async (its, who) => {
  const extract = await make(its, who)
  const json = await auditor.get(`/access-extracts/${extract.id}`, { status: 200 })
  return [json.text, (await page(auditor, `/access-extracts/${extract.id}`)).reply.text].map(text => shape(text, its))
}

test('hidden and none are the same extract', async () => {
  const its = await home()
  await restrict(its.child.id, { guardianId: its.mother.id })
  const quiet = await unreadFamily()

  const hidden = await bothForms(its, 'mother')
  const none = await bothForms(quiet, 'mother')

  assert.deepEqual(hidden, none)
  assert.match(hidden[0], /"accessEvents":\[\n\],"eventCount":0}/)
})

test('under /my, hidden, unknown and nobody are the same extract', async () => {
  const its = await home()
  await restrict(its.child.id, { guardianId: its.father.id })
  const nobody = asParty(server, identityNumber('1917-12-30', 985))

  for (const headers of [{}, PAGE.sv, PAGE.en]) {
    const hidden = await its.dad.get('/my/access-extract', { headers, status: 200 })
    const none = await nobody.get('/my/access-extract', { headers, status: 200 })
    assert.equal(shape(hidden.text, its), shape(none.text, its))
    const [one, other] = [(await logged(server, hidden))[0], (await logged(server, none))[0]]
    for (const row of [one, other]) assert.deepEqual([row.outcome, row.activity, row.subject_ids, row.concerned_ids, row.party_ids], ['allowed', 'export', [], [], []])
  }
})

test('where the location must be kept no row says where, and no name does', async () => {
  const its = await home()
  await restrict(its.child.id, { guardianId: its.father.id, scope: 'location' })

  const document = await extractFor(its, 'father', { namesStaff: true })
  const mine = await take(its.dad)

  assert.ok(document.eventCount > 0)
  for (const event of [...document.accessEvents, ...mine.accessEvents]) {
    assert.deepEqual([event.organisationName, event.unitName, event.staffName], [undefined, undefined, undefined])
  }
  const { rows } = await page(its.dad, '/my/access-extract')
  assert.equal(rows.every(row => row[1] === '–'), true)
  assert.equal(/Granby|Granskolan|Lindalm|Ekhage/.test(JSON.stringify(mine) + JSON.stringify(document.accessEvents)), false)
})

test('a protected name is on no extract from the desk, whoever it is for', async () => {
  const its = await registerFamily(server, { person: 'social-manager', protectedIdentity: true })

  for (const who of ['mother', 'father']) {
    const extract = await make(its, who)
    const { reply, text } = await page(auditor, `/access-extracts/${extract.id}`)
    const json = await auditor.get(`/access-extracts/${extract.id}`, { status: 200 })
    assert.equal(/Provfall/.test(reply.text + json.text), false)
    assert.match(text, /Namnet skrivs inte ut/)
  }
})

test('while guardians must not be contacted the desk tells them nothing', async () => {
  const its = await home()
  const received = await receivedOf(server, await report(server, 'school-teacher', hold))
  await identify(server, received, its.child.id)

  assert.equal((await extractFor(its, 'mother')).eventCount, 0)
  assert.equal((await take(its.mum)).eventCount, 0)

  await step(server, 'social-case-worker', 'releaseHold', received, { reason: 'They have been spoken to.' })
  assert.ok((await extractFor(its, 'mother')).eventCount > 0)
})

test('nothing is told of a report, of an investigation of which they have not been told, or of a case that is kept from them', async () => {
  const its = await registerFamily(server, { years: 14 })
  const { received } = await decided(server, opening(), { subjectId: its.child.id })
  await worker.get(`/investigations/${received.investigationId}`, { status: 200 })
  const secret = await openCase(server, { subjectId: its.child.id })
  await askConsent(server, secret, { assessment: { maturity: 'mature', secrecyAgainstGuardians: true, reason: 'She is afraid.' } })
  const hidden = await worker.get(`/cases/${secret}`, { status: 200 })
  const tried = await teacher.get(`/cases/${secret}`, { status: 404 })

  const before = await extractFor(its, 'mother')
  for (const reply of [hidden, tried]) assert.equal(await eventOf(before, reply), undefined)
  assert.equal(before.accessEvents.some(event => /utredning|orosanmälan/i.test(event.actionSv)), false)

  await worker.call('informOnInvestigation', { path: { investigationId: received.investigationId }, body: { informed: ['guardian'], text: 'By telephone.' } }, { status: 201 })
  const after = await extractFor(its, 'mother')
  assert.equal(after.accessEvents.some(event => event.actionSv === 'Läste en utredning'), true)
})

test('of attempts that were refused those alone are told whose organisation is known to take part', async () => {
  const its = await home()
  const tries = {}
  for (const person of ['clinic-psychologist', 'police-officer', 'school-head']) tries[person] = await acting(server, person).get(`/cases/${its.caseId}`)
  const late = await teacher.get(`/records/${its.record.id}`, { status: 403 })
  const wrote = await teacher.post(`/cases/${its.caseId}/closures`, { reason: 'Enough.' })
  assert.equal(wrote.status, 403)

  for (const document of [await extractFor(its, 'mother'), await take(its.mum)]) {
    assert.deepEqual([await eventOf(document, tries['clinic-psychologist']), await eventOf(document, tries['police-officer']), await eventOf(document, wrote)], [undefined, undefined, undefined])
    assert.equal((await eventOf(document, late)).outcome, 'denied')
    assert.equal(document.accessEvents.filter(event => event.outcome === 'denied').every(event => event.actionEn.startsWith('Tried to read')), true)
    assert.equal(document.accessEvents.some(event => /Polis|BUP/.test(event.organisationName)), false)
  }
  assert.equal((await its.mum.get('/my/access-events', { query: { limit: 100 }, status: 200 })).body.accessEvents.some(event => event.operation === undefined), false)
})

test('what the police do is told to nobody, not even at their own desk', async () => {
  const its = await registerFamily(server, { person: 'police-manager' })
  await acting(server, 'police-manager').get(`/subjects/${its.child.id}`, { status: 200 })
  const clerk = await hire(server, { organisation: POLICE, role: 'auditor' })

  const document = await extractFor(its, 'mother', {}, acting(server, clerk.person))

  assert.equal(document.eventCount, 0)
  assert.equal((await take(asParty(server, its.numbers.mother))).eventCount, 0)
})

test('an emergency access stands out', async () => {
  const its = await home()
  const [{ reference }] = await server.sql(`select reference from samsyn.cases where id = '${its.caseId}'`)
  const outsider = acting(server, (await hire(server, { organisation: SOCIAL })).person)
  const opened = await outsider.post('/emergency-accesses', { caseReference: reference, reason: 'Nobody of the team answers.' }, { status: 201 })
  const seen = await outsider.get(`/cases/${its.caseId}`, { headers: { 'Samsyn-Emergency-Access': opened.body.id }, status: 200 })

  const document = await extractFor(its, 'mother')
  const { rows } = await page(auditor, `/access-extracts/${document.id}`)

  for (const reply of [opened, seen]) assert.equal((await eventOf(document, reply)).emergency, true)
  assert.deepEqual(document.accessEvents.map(event => event.emergency === true), [true, true, ...Array(document.eventCount - 2).fill(false)])
  assert.deepEqual([rows[0][3], rows[1][3]], ['Nödåtkomst. Läste ett ärende', 'Nödåtkomst. Öppnade nödåtkomst till ett ärende'])
})

// -- the page --------------------------------------------------------------------------------------------------------------------

test('the page says what the JSON says, in the language that was asked for', async () => {
  const its = await home()
  const document = await extractFor(its, 'mother')
  for (const language of ['sv', 'en']) {
    const { reply, rows, ...seen } = await page(auditor, `/access-extracts/${document.id}`, language)
    const sv = language === 'sv'

    assert.deepEqual([seen.language, reply.headers['content-language'], reply.headers['content-type'].split(';')[0]], [language, language, 'text/html'])
    assert.equal(rows.length, document.eventCount)
    for (const [at, event] of document.accessEvents.entries()) {
      const grounds = event.grounds.map(ground => `${sv ? ground.titleSv : ground.titleEn} (${ground.provision})`).join('\n')
      const refusedWord = event.outcome === 'denied' ? (sv ? 'Nekad. ' : 'Refused. ') : ''
      const nothing = event.outcome === 'denied' ? '–' : sv ? 'Arbete med egna uppgifter' : 'Work with its own information'
      assert.deepEqual(rows[at], [`${event.localTime}\n${event.id}`, [event.organisationName, event.unitName].filter(Boolean).join('\n'),
        sv ? event.roleNameSv : event.roleNameEn, refusedWord + (sv ? event.actionSv : event.actionEn), grounds || nothing])
    }
    assert.match(seen.text, sv ? /Slut på utdraget\. Antal rader: \d+\./ : /End of the extract\. Number of rows: \d+\./)
    assert.match(seen.text, sv ? /Nova Provfall, född \d{4}-\d\d-\d\d/ : /Nova Provfall, born \d{4}-\d\d-\d\d/)
    const told = reply.text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '') // in which any four digits may come by chance
    assert.equal(Object.values(its.numbers).some(number => told.includes(number.slice(8))), false)
  }
})

test('the page runs nothing, loads nothing, and repeats its heading on paper', async () => {
  const its = await home()
  const { reply, tags, style, title, text } = await page(its.mum, '/my/access-extract')

  const hash = createHash('sha256').update(style).digest('base64')
  assert.equal(reply.headers['content-security-policy'], `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
  assert.equal(reply.headers['cache-control'], 'no-store')
  for (const tag of ['script', 'img', 'link', 'iframe', 'form', 'a', 'object']) assert.equal(tags.includes(tag), false, tag)
  assert.equal(/ on[a-z]+=| style=|javascript:|url\(|@import/.test(reply.text), false)
  assert.match(style, /thead\{display:table-header-group\}/)
  assert.match(style, /tr\{break-inside:avoid\}/)
  assert.deepEqual(tags.filter(tag => ['html', 'head', 'title', 'body', 'header', 'main', 'h1', 'table', 'thead', 'tbody'].includes(tag)),
    ['html', 'head', 'title', 'body', 'header', 'h1', 'main', 'table', 'thead', 'tbody'])
  // What was printed says on each sheet where it belongs and how many there are; a long word widens no column.
  assert.equal(title, `Utdrag ur åtkomstloggen ${text.match(/Utdragets nummer\s*([0-9a-f-]{36})/)[1]}`)
  assert.match(style, /@bottom-right\{content:counter\(page\)/)
  assert.match(style, /table-layout:fixed/)
})

test('on a narrow screen nothing is beside the screen: each cell is a line with the name of its column', async () => {
  const its = await home()
  for (const language of ['sv', 'en']) {
    const { reply, style, rows } = await page(its.mum, '/my/access-extract', language)
    const columns = [...reply.text.matchAll(/<th scope="col">([^<]*)</g)].map(([, name]) => name)
    const labels = [...reply.text.matchAll(/<td data-label="([^"]*)"/g)].map(([, label]) => label)

    assert.ok(rows.length > 0)
    assert.deepEqual(labels, rows.flatMap(() => columns))
    assert.match(style, /@media screen and \(max-width:52rem\)\{dl,table,tbody,tr,td\{display:block\}/)
    assert.match(style, /td::before\{content:attr\(data-label\)/)
    assert.equal(style.includes('min-width'), false)
  }
})

test('a hostile name is text and nothing else', async () => {
  const name = '<script>alert(1)</script>"\'&amp; \u202Egnp.exe\u2066\u200F\u0007 {{x}} --> ]]>'
  const its = await home({ name: name.replace('\u0007', '') })
  await server.sql(`update samsyn.subjects set name = '${name.replaceAll("'", "''")}' where id = '${its.child.id}';
    update samsyn.guardians set name = '${name.replaceAll("'", "''")}' where id = '${its.mother.id}';
    update samsyn.roles set name_sv = '<b onmouseover="x()">' where code = 'case-worker'`)
  const extract = await make(its, 'mother')
  try {
    const desk = await page(auditor, `/access-extracts/${extract.id}`)
    const mine = await page(its.mum, '/my/access-extract')

    for (const { reply, text, tags, rows } of [desk, mine]) {
      assert.equal(tags.includes('script') || tags.includes('b'), false)
      assert.ok(text.includes('<script>alert(1)</script>"\'&amp; \uFFFDgnp.exe\uFFFD\uFFFD\uFFFD {{x}} --> ]]>'), text.slice(0, 500))
      assert.equal(/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u0007]/.test(reply.text), false)
      assert.ok(rows.some(row => row.includes('<b onmouseover="x()">')))
    }
    assert.equal((await read(extract)).subjects[0].name, name)
  } finally {
    await server.sql("update samsyn.roles set name_sv = 'Handläggare' where code = 'case-worker'")
  }
})

test('of several children each row says about whom', async () => {
  const its = await home()
  const sibling = await registerFamily(server, { name: 'Alfa Provfall', numbers: { ...its.numbers, child: identityNumber('2018-02-03', 981) } })

  const { rows, text } = await page(its.mum, '/my/access-extract')
  const document = await take(its.mum)

  assert.match(text, /Nova Provfall, Socialnämnden i Granby\nAlfa Provfall, Socialnämnden i Granby|Alfa Provfall, Socialnämnden i Granby\nNova Provfall, Socialnämnden i Granby/)
  const names = { [its.child.id]: 'Nova Provfall', [sibling.child.id]: 'Alfa Provfall' }
  assert.deepEqual(rows.map(row => row[1]), document.accessEvents.map(event => names[event.subjectId]))
  const reply = await its.mum.get('/my/access-extract', { status: 200 })
  await allowedOnce(server, reply, [its.child.id, sibling.child.id], [reply.body.id, its.child.id, sibling.child.id], { activity: 'export', role: 'party', party_ids: [its.mother.id, sibling.mother.id].sort() })
})

// -- how long it is ----------------------------------------------------------------------------------------------------------------

// So many more readings of the case, several in the same moment.
const readings = (its, count) => server.sql(`insert into samsyn.access_events (id, at, organisation_id, unit_id, role, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
  select gen_random_uuid(), date_trunc('second', clock_timestamp()) - make_interval(secs => n / 7), '${SCHOOL}', null, 'professional', 'getCase', 'read', array['${its.child.id}']::uuid[],
    array['${its.caseId}']::uuid[], array['${SOCIAL}']::uuid[], '{CONSENT}', '{}', 'allowed' from generate_series(1, ${count}) n`)

test('ten thousand events are ten thousand rows, at the desk and at home', async () => {
  const its = await home()
  await readings(its, 10_000)
  const expected = (await server.sql(`select id from samsyn.access_events where subject_ids @> array['${its.child.id}']::uuid[] and resource_ids <> '{}' order by at desc, id desc`)).map(row => row.id)

  const desk = await extractFor(its, 'mother')
  const home_ = await take(its.mum)
  const { rows } = await page(auditor, `/access-extracts/${desk.id}`)

  assert.ok(expected.length > 10_000)
  for (const document of [desk, home_]) assert.deepEqual([document.eventCount, ids(document)], [expected.length, expected])
  assert.equal(rows.length, expected.length)
})

test('an extract whose reader loses the right meanwhile breaks off, and has no end', async () => {
  const its = await home()
  await readings(its, 20_000)
  const extract = await make(its, 'mother')
  const reply = await fetch(`${server.url}/samsyn/v1/access-extracts/${extract.id}`, { headers: { Authorization: `Bearer ${auditor.token}` } })
  const parts = reply.body[Symbol.asyncIterator]()
  let text = Buffer.from((await parts.next()).value).toString()

  await server.sql(`update samsyn.guardians set ends_on = samsyn.today() - 1 where id = '${its.mother.id}'`)

  await assert.rejects(async () => { for await (const part of parts) text += Buffer.from(part).toString() }, /terminated/)
  assert.deepEqual([text.includes('"accessEvents":['), text.includes('eventCount')], [true, false])
})

// -- what it says of itself --------------------------------------------------------------------------------------------------------

// Never on a case that a party is told of: reports and advice, what is kept from guardians, and that care is applied for.
const NEVER_TOLD = /ConcernReport|Consultation|GuardianRestriction|assessProtection|extendPreliminaryAssessment|Feedback|releaseHold|registerCareApplication|evaluate|Handover(Waivers)?$|^waive|^listMyAccessEvents$/

test('whatever a party may be told of is told in words', async () => {
  const areas = new Map((await server.sql('select code, area from samsyn.permissions')).map(row => [row.code, row.area]))
  const words = (await server.sql('select operation from samsyn.operation_words')).map(row => row.operation)
  const operations = contract().operations.filter(one => one.source['x-audit'] && ['content', 'party'].includes(areas.get(one.source['x-permission'])))

  const silent = operations.map(one => one.id).filter(id => !words.includes(id) && !NEVER_TOLD.test(id))

  assert.deepEqual(silent, [])
  assert.deepEqual(words.filter(word => !contract().operations.some(one => one.id === word)), [])
})

test('it names the newest signed checkpoint of the log, as it was when it was made', async () => {
  const its = await home()
  const before = await make(its, 'mother')
  assert.equal('logCheckpoint' in await read(before), false)
  let tree
  while (!tree) [tree] = await server.sql(`select size::text, encode(root, 'base64') as root from samsyn.log_trees order by size desc limit 1`)
  await server.sql(`insert into samsyn.log_keys (name, key_id, verifier, kind) values ('log.example', '\\x01020304', 'log.example+01020304+x', 'log');
    insert into samsyn.log_signatures (size, name, key_id, line) values (${tree.size}, 'log.example', '\\x01020304', E'\\u2014 log.example AQIDBA==\\n')`)

  const after = await make(its, 'mother')

  const expected = { origin: 'log.example', size: Number(tree.size), rootHash: tree.root }
  assert.deepEqual([(await read(after)).logCheckpoint, (await take(its.mum)).logCheckpoint], [expected, expected])
  assert.equal('logCheckpoint' in await read(before), false)
  const { text } = await page(auditor, `/access-extracts/${after.id}`, 'en')
  assert.ok(text.includes(`log.example, ${tree.size}, ${tree.root}`), text)
})

// -- the contract ------------------------------------------------------------------------------------------------------------------

test('a repeated request makes one extract', async () => {
  const its = await home()

  const made = await answersOnce(server, 'social-auditor', 'createAccessExtract', { body: draft(its, 'mother') }, { body: draft(its, 'father') })

  const { body } = await auditor.get('/access-extracts', { query: { subjectId: its.child.id }, status: 200 })
  assert.deepEqual(body.accessExtracts.map(one => one.id), [made.body.id])
})

test('the list goes by pages', async () => {
  const its = await home()
  for (let n = 0; n < 3; n++) await make(its, 'mother')

  await pages(auditor, '/access-extracts', 'accessExtracts', { subjectId: its.child.id })
})

test('what does not follow the contract is refused', async () => {
  const its = await home()
  const { mother, child } = its.numbers
  for (const [client, operation] of [[auditor, 'listAccessExtracts'], [its.mum, 'getMyAccessExtract']]) await refusesStrayQuery(client, operation)
  await refusesMalformedId(auditor, 'getAccessExtract', 'accessExtractId')
  refused(await its.mum.get('/my/access-extract', { query: { from: 'yesterday' } }), 400, 'INVALID_REQUEST')
  await deniedOnce(server, await auditor.get(`/access-extracts/${unknownId()}`), 404, 'NOT_FOUND')
  refused(await auditor.get(`/access-extracts/${unknownId()}`, { headers: { Accept: 'text/csv' } }), 406, 'NOT_ACCEPTABLE')
  const good = { subjectIdentityNumber: child, recipientIdentityNumber: mother, identityCheck: 'identity-document' }
  await refusesBodies(auditor, 'createAccessExtract', {}, [
    [{}, '/body', '/body/identityCheck', '/body/recipientIdentityNumber', '/body/subjectId'], [{ ...good, identityCheck: 'a feeling' }, '/body/identityCheck'],
    [{ ...good, recipientIdentityNumber: '191212121213' }, '/body/recipientIdentityNumber'], [{ ...good, madeBy: unknownId() }, '/body/madeBy'],
    [{ ...good, subjectId: its.child.id }, '/body'], [{ ...good, until: 'now' }, '/body/until'], [{ ...good, namesStaff: 'yes' }, '/body/namesStaff']
  ])
})
