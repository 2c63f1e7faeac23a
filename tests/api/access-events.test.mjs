// Access events: what auditors of an agency find in the log, by filter, by page and by export.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { contract } from '../support/contract.mjs'
import { ALVA, ELIAS, identityNumber, MAJA, POLICE, SCHOOL, SOCIAL, assignmentId, userId } from '../support/demo.mjs'
import { readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, deniedOnce, jointCase, logged, openCase, revoke, shareStandingly, traceOf, writeRecord } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const schoolAuditor = acting(server, 'school-auditor')
const worker = acting(server, 'social-case-worker')
const teacher = acting(server, 'school-teacher')
const officer = acting(server, 'police-officer')

// One of everything that the log tells apart, and the time after the last of it.
let told
async function story() {
  if (told) return told
  const joint = await jointCase(server)
  const record = await writeRecord(server, 'social-case-worker', joint.caseId)
  const share = await shareStandingly(server, 'social-case-worker', joint)
  const read = await teacher.get(`/records/${record.id}`, { status: 200 })
  await revoke(server, joint.consent)
  const refusal = await teacher.get(`/records/${record.id}`, { status: 403 })
  await openCase(server, { subjectId: ELIAS })
  await worker.get('/cases', { status: 200 })
  await worker.post('/subject-searches', { identityNumber: (await worker.get(`/subjects/${ALVA}`)).body.identityNumber })
  await worker.get('/clients', { status: 403 })
  await officer.get(`/cases/${joint.caseId}`, { status: 404 })
  await auditor.call('exportAccessEvents', {}, { headers: { Accept: 'text/csv' }, status: 200 })
  await worker.with({ claims: { azp: 'other-portal' } }).get('/cases', { status: 403 })
  await underEmergency()
  const [{ now }] = await server.sql(`select samsyn.utc_micro(clock_timestamp()) as now`)
  told = { ...joint, record, share, read, refusal, until: now }
  return told
}

// Something read under an emergency access, past the API.
const EMERGENCY = unknownId()
const underEmergency = () => server.sql(`
  insert into samsyn.access_events (id, at, organisation_id, user_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds,
      disclosure_ids, emergency_id, outcome, request_id)
  values (samsyn.uuid7(), clock_timestamp(), '${SOCIAL}', '${userId('social-manager')}', 'getCase', 'read', '{${ALVA}}', '{}', '{}', '{}', '{}', '${EMERGENCY}',
      'allowed', samsyn.uuid7())`)

const list = async (query, person = auditor) => (await person.get('/access-events', { query: { limit: 100, ...query }, status: 200 }))

// Every event of a query, by following `next` to the end.
async function whole(query, person = auditor) {
  const events = []
  for (let page = await list(query, person); ; page = await person.follow(page, 'next', undefined, { status: 200 })) {
    events.push(...page.body.accessEvents)
    if (!page.links.next) return events
  }
}

const EXPORTS = contract().find('exportAccessEvents').path
const asExported = events => events.map(({ _links, provable, ...event }) => event)
async function exported(type, query, person = auditor) {
  const reply = await person.get(EXPORTS, { query, headers: { Accept: type }, status: 200 })
  assert.equal(reply.headers['content-type'].split(';')[0], type)
  return reply
}
const ndjson = async (query, person) => (await exported('application/x-ndjson', query, person)).text.split('\n').filter(Boolean).map(line => JSON.parse(line))

// The rows of a CSV file (RFC 4180), as lists of cells.
function csvRows(text) {
  const rows = [[]]
  let cell = '', quoted = false
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '"' && text[i + 1] === '"') cell += text[i++]
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted && text[i] === ',') { rows.at(-1).push(cell); cell = '' }
    else if (!quoted && text.startsWith('\r\n', i)) { rows.at(-1).push(cell); cell = ''; rows.push([]); i++ }
    else cell += text[i]
  }
  assert.deepEqual([quoted, cell, rows.pop()], [false, '', []], 'the file does not end with a whole line')
  return rows
}

test('an event tells who did what about whom, through what, on which ground, and nothing of the content', async () => {
  const { record, share, read } = await story()
  const [row] = await logged(server, read)

  const event = await auditor.get(`/access-events/${row.id}`, { status: 200 })

  const { _links, at, requestId, clientAddress, ...said } = event.body
  assert.deepEqual(said, {
    id: row.id, organisationId: SCHOOL, organisationName: 'Utbildningsnämnden i Granby', unitId: row.unit_id, userId: userId('school-teacher'),
    userName: 'Lena Ekhage', assignmentId: assignmentId('school-teacher'), role: 'professional', client: 'demo-portal', operation: 'getRecord',
    activity: 'read', purpose: 'care', subjectIds: [ALVA], resourceIds: [record.id], grounds: ['CONSENT'], disclosureIds: [share.id],
    outcome: 'allowed', traceId: traceOf(read), provable: false
  })
  assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  assert.match(clientAddress, /^127\.0\.0\.1$/)
  assert.deepEqual(relations(event), ['self'])
})

test('a refusal names its code, and both agencies\' auditors see it once', async () => {
  const { record, refusal, until } = await story()
  for (const person of [auditor, schoolAuditor]) {
    const events = (await whole({ until }, person)).filter(event => event.traceId === traceOf(refusal))

    assert.equal(events.length, 1)
    const { outcome, code, operation, subjectIds, resourceIds, userId: who, requestId } = events[0]
    assert.deepEqual({ outcome, code, operation, subjectIds, resourceIds, who }, {
      outcome: 'denied', code: 'CONSENT_REVOKED', operation: 'getRecord', subjectIds: [ALVA], resourceIds: [record.id], who: userId('school-teacher')
    })
    assert.equal(refusal.body.instance, `urn:uuid:${requestId}`)
  }
})

test('an auditor sees what their staff did and what others did with what is theirs, and no more', async () => {
  const { until } = await story()
  const rows = await server.sql(`select id, organisation_id, concerned_ids from samsyn.access_events where at < '${until}'`)
  const concerning = (organisation, row) => row.organisation_id === organisation || row.concerned_ids.includes(organisation)

  for (const [person, organisation] of [[auditor, SOCIAL], [schoolAuditor, SCHOOL]]) {
    const events = await whole({ until }, person)
    const expected = rows.filter(row => concerning(organisation, row)).map(row => row.id)
    assert.deepEqual(events.map(event => event.id).sort(), expected.sort())
    assert.ok(expected.length < rows.length || organisation === SOCIAL)
  }
})

test('what others do among themselves is hidden, and cannot be told from what does not exist', async () => {
  const own = await officer.get(`/cases/${unknownId()}`, { status: 404 })
  const [row] = await logged(server, own)

  const hidden = await auditor.get(`/access-events/${row.id}`)
  const nothing = await auditor.get(`/access-events/${unknownId()}`)

  await deniedOnce(server, hidden, 404, 'NOT_FOUND')
  await deniedOnce(server, nothing, 404, 'NOT_FOUND')
  assert.equal((await whole({ organisationId: POLICE })).some(event => event.id === row.id), false)
})

test('the newest event comes first, and pages lead through all of them though more happens meanwhile', async () => {
  const { until } = await story()
  const all = await whole({ until })
  const found = []
  let pages = 0
  for (let page = await list({ until, limit: 7 }); ; page = await auditor.follow(page, 'next', undefined, { status: 200 })) {
    pages++
    assert.deepEqual(page.body._meta, { limit: 7, count: page.body.accessEvents.length })
    found.push(...page.body.accessEvents.map(event => event.id))
    await worker.get('/cases', { status: 200 })
    if (!page.links.next) break
  }
  const order = all.map(event => `${event.at} ${event.id}`)

  assert.ok(pages > 3, `${pages} pages`)
  assert.deepEqual(found, all.map(event => event.id))
  assert.deepEqual(order, [...order].sort().reverse())
  assert.equal(new Set(found).size, found.length)
})

test('without an end, pages begun before something happened do not shift', async () => {
  await story()
  const first = await list({ limit: 5 })
  const again = await list({ limit: 5, until: first.body.accessEvents[0].at })
  for (let i = 0; i < 3; i++) await worker.get('/cases', { status: 200 })

  const second = await auditor.follow(first, 'next', undefined, { status: 200 })

  assert.equal(second.body.accessEvents.some(event => first.body.accessEvents.some(one => one.id === event.id)), false)
  assert.deepEqual(again.body.accessEvents.slice(0, 4).map(event => event.id), first.body.accessEvents.slice(1).map(event => event.id))
  assert.equal(again.body.accessEvents[4].id, second.body.accessEvents[0].id)
})

// Values that no event has.
const NOTHING = [unknownId(), 'noSuchThing', 'KEY_REUSED']

// Each filter, with what holds of the events that it lets through, and the values tried.
const FILTERS = {
  subjectId: [[ALVA, ELIAS, NOTHING[0]], (event, value) => event.subjectIds.includes(value)],
  userId: [['social-case-worker', 'school-teacher', 'police-officer', 'social-auditor'].map(userId), (event, value) => event.userId === value],
  organisationId: [[SOCIAL, SCHOOL, POLICE], (event, value) => event.organisationId === value],
  operation: [['getRecord', 'createCase', 'listClients', 'noSuchThing'], (event, value) => event.operation === value],
  activity: [['read', 'search', 'write', 'sign', 'disclose', 'export', 'access'], (event, value) => event.activity === value],
  outcome: [['allowed', 'denied'], (event, value) => event.outcome === value],
  code: [['CONSENT_REVOKED', 'NOT_FOUND', 'ROLE_NOT_ALLOWED', 'KEY_REUSED'], (event, value) => event.code === value],
  client: [['demo-portal', 'other-portal', 'noSuchThing'], (event, value) => event.client === value],
  ground: [['CONSENT', 'KEY_REUSED'], (event, value) => event.grounds.includes(value)],
  emergency: [[true, false], (event, value) => (event.emergencyAccessId !== undefined) === value],
  emergencyAccessId: [[EMERGENCY, NOTHING[0]], (event, value) => event.emergencyAccessId === value]
}

for (const [name, [values, holds]] of Object.entries(FILTERS)) {
  test(`the filter ${name} lets through what it says, in the list and in the export`, async () => {
    const { until } = await story()
    const all = await whole({ until })
    for (const value of values) {
      const expected = all.filter(event => holds(event, value))
      assert.equal(expected.length > 0, !NOTHING.includes(value), `${name} ${value} finds ${expected.length}`)
      assert.deepEqual(await whole({ until, [name]: value }), expected, `${name} ${value}`)
      assert.deepEqual(await ndjson({ until, [name]: value }), asExported(expected), `export, ${name} ${value}`)
    }
  })
}

test('each filter may be joined with each', async () => {
  const { until } = await story()
  const all = await whole({ until })
  const chosen = Object.fromEntries(Object.entries(FILTERS).map(([name, [[value]]]) => [name, value]))
  for (const [one, [, holdsOne]] of Object.entries(FILTERS)) {
    for (const [other, [, holdsOther]] of Object.entries(FILTERS)) {
      const found = await whole({ until, [one]: chosen[one], [other]: chosen[other] })
      assert.deepEqual(found, all.filter(event => holdsOne(event, chosen[one]) && holdsOther(event, chosen[other])), `${one} and ${other}`)
    }
  }
})

test('who knows the identity number alone finds what the list shows of the child, page by page', async () => {
  const { until } = await story()
  const number = (await worker.get(`/subjects/${ALVA}`)).body.identityNumber
  const expected = await whole({ until, subjectId: ALVA })
  const filtered = await whole({ until, subjectId: ALVA, outcome: 'denied' })
  const search = (body, query, person = auditor) => person.post('/access-event-searches', body, { query: { until, ...query } })

  const found = []
  for (let page = await search({ identityNumber: number }, { limit: 3 }); ; page = await auditor.follow(page, 'next', { identityNumber: number })) {
    assert.equal(page.status, 200)
    assert.ok(!JSON.stringify(page.body._links).includes(number))
    found.push(...page.body.accessEvents)
    if (!page.links.next) break
  }
  const short = await search({ identityNumber: `${number.slice(2, 8)}-${number.slice(8)}` }, { limit: 100, outcome: 'denied' })

  assert.deepEqual(found, expected)
  assert.deepEqual(short.body.accessEvents, filtered)
  const [row] = await logged(server, short)
  assert.deepEqual([row.outcome, row.activity, row.resource_ids], ['allowed', 'search', filtered.map(event => event.id).sort()])
})

test('a number that the own register does not know finds nothing, whoever else knows it', async () => {
  await story()
  const own = (await worker.get(`/subjects/${ALVA}`)).body.identityNumber
  const search = (person, identityNumber) => person.post('/access-event-searches', { identityNumber })

  const elsewhere = await search(schoolAuditor, own)
  const nowhere = await search(auditor, identityNumber('2014-05-06', 991))

  for (const reply of [elsewhere, nowhere]) {
    assert.deepEqual([reply.status, reply.body.accessEvents, reply.links.next], [200, [], undefined])
    assert.deepEqual((await logged(server, reply)).map(row => [row.outcome, row.activity, row.subject_ids]), [['allowed', 'search', []]])
  }
  await refusesBodies(auditor, 'searchAccessEvents', {}, [[{}, '/body/identityNumber'], [{ identityNumber: own, name: 'E' }, '/body/name']])
  refused(await search(auditor, '201203169999'), 400, 'INVALID_REQUEST')
  await refusesStrayQuery(auditor, 'searchAccessEvents', { body: { identityNumber: own } })
  for (const person of [worker, acting(server, 'organisation-admin')]) await deniedOnce(server, await search(person, own), 403, 'ROLE_NOT_ALLOWED')
  assert.ok(!server.lines.some(line => line.includes(own)))
})

test('from includes its moment and until does not', async () => {
  const { until } = await story()
  const all = await whole({ until })
  const moment = all[Math.floor(all.length / 2)].at

  for (const run of [whole, ndjson]) {
    const ids = async query => (await run(query)).map(event => event.id)
    assert.deepEqual(await ids({ from: moment, until }), all.filter(event => event.at >= moment).map(event => event.id))
    assert.deepEqual(await ids({ until: moment }), all.filter(event => event.at < moment).map(event => event.id))
    assert.deepEqual(await ids({ from: moment, until: moment }), [])
  }
  const elsewhere = new Date(Date.parse(moment) + 3600_000).toISOString().replace('Z', '+01:00')
  assert.deepEqual((await list({ from: elsewhere, until })).body._meta.count, all.filter(event => event.at >= moment.slice(0, 23)).length)
})

test('filters narrow each other', async () => {
  const { until } = await story()
  const all = await whole({ until })
  const query = { subjectId: ALVA, organisationId: SCHOOL, operation: 'getRecord', activity: 'read', userId: userId('school-teacher') }

  const both = await whole({ ...query, until })
  const denied = await whole({ ...query, until, outcome: 'denied', code: 'CONSENT_REVOKED' })

  assert.deepEqual(both.map(event => event.outcome), ['denied', 'allowed'])
  assert.deepEqual(denied.map(event => event.code), ['CONSENT_REVOKED'])
  assert.ok(both.length < all.length)
})

test('a faulty filter is refused with every fault', async () => {
  const reply = await auditor.get('/access-events', { query: {
    subjectId: '1', operation: 'a b', activity: 'spy', outcome: 'maybe', code: 'x', from: 'yesterday', until: '2026-13-01T00:00:00Z',
    limit: 0, cursor: 'first'
  } })

  refused(reply, 400, 'INVALID_REQUEST')
  assert.deepEqual(reply.body.errors.map(error => error.pointer).sort(),
    ['activity', 'code', 'cursor', 'from', 'limit', 'operation', 'outcome', 'subjectId', 'until'].map(name => `/query/${name}`))
  for (const operationId of ['listAccessEvents', 'exportAccessEvents']) await refusesStrayQuery(auditor, operationId)
  await refusesMalformedId(auditor, 'getAccessEvent', 'accessEventId')
})

test('reading the log is logged, with the events that were shown', async () => {
  const { until } = await story()
  const page = await list({ until, limit: 3 })
  const none = await list({ until, code: 'KEY_REUSED' })
  const read = await readsConditionally(auditor, `/access-events/${page.body.accessEvents[0].id}`)

  const shown = page.body.accessEvents.map(event => event.id)
  const [row] = await logged(server, page)
  assert.deepEqual([row.outcome, row.activity, row.purpose, row.resource_ids], ['allowed', 'read', 'audit', [...shown].sort()])
  const [empty] = await logged(server, none)
  assert.deepEqual([empty.outcome, empty.resource_ids], ['allowed', []])
  assert.deepEqual((await logged(server, read)).map(one => [one.outcome, one.resource_ids]), [['allowed', [shown[0]]]])
})

test('only an auditor reads or exports the log, with the scope for it', async () => {
  const { refusal } = await story()
  const [row] = await logged(server, refusal)
  for (const path of ['/access-events', `/access-events/${row.id}`, EXPORTS]) {
    const headers = path === EXPORTS ? { Accept: 'text/csv' } : {}
    for (const person of [worker, acting(server, 'social-manager'), acting(server, 'system-admin'), acting(server, 'organisation-admin')]) {
      await deniedOnce(server, await person.get(path, { headers }), 403, 'ROLE_NOT_ALLOWED')
    }
    await deniedOnce(server, await auditor.with({ claims: { scope: 'samsyn:case' } }).get(path, { headers }), 403, 'SCOPE_MISSING')
  }
})

test('a refusal before the role is known is logged too', async () => {
  const { caseId } = await story()
  const path = `/cases/${caseId}`
  const throughOther = worker.with({ claims: { azp: 'other-portal' } })
  const throughUnknown = worker.with({ claims: { azp: 'no-such-portal' } })
  const asNobody = worker.with({ headers: { 'Samsyn-Assignment': unknownId() } })

  await deniedOnce(server, await throughOther.get(path), 403, 'CLIENT_NOT_ALLOWED', { client: 'other-portal', organisation_id: SOCIAL })
  await deniedOnce(server, await throughUnknown.get(path), 403, 'CLIENT_NOT_REGISTERED', { client: 'no-such-portal' })
  await deniedOnce(server, await asNobody.get(path), 403, 'ASSIGNMENT_REQUIRED',
    { organisation_id: null, concerned_ids: [SOCIAL], user_id: userId('social-case-worker') })
})

test('whoever is nobody here leaves no event', async () => {
  const count = async () => (await server.sql('select count(*) as n from samsyn.access_events'))[0].n
  const before = await count()

  refused(await server.as('no-such-person').get('/cases'), 401, 'USER_NOT_REGISTERED')
  refused(await server.anonymous().get('/cases'), 401, 'TOKEN_MISSING')
  refused(await server.anonymous().get('/access-events'), 401, 'TOKEN_MISSING')

  assert.equal(await count(), before)
  await server.until(() => server.log('token-refused').length >= 3)
})

test('the export is the list, a line for each event, and is itself logged before its first line', async () => {
  const { until } = await story()
  for (const person of [auditor, schoolAuditor]) {
    assert.deepEqual(await ndjson({ until }, person), asExported(await whole({ until }, person)))
  }
  const reply = await exported('application/x-ndjson', { until })

  const rows = await logged(server, reply)
  assert.deepEqual(rows.map(row => [row.outcome, row.activity, row.operation, row.subject_ids]), [['allowed', 'export', 'exportAccessEvents', []]])
  assert.match(reply.headers['content-disposition'], /^attachment; filename="[\w.-]+"$/)
  assert.equal(reply.headers['cache-control'], 'no-store')
  const [first] = await ndjson({})
  assert.equal(first.operation, 'exportAccessEvents')
})

const columns = Object.keys(contract().document.components.schemas.AccessEvent.properties).filter(name => !['_links', 'provable'].includes(name))
const cellOf = value => value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value)

test('the CSV export is the list, with a header line and lists separated by spaces', async () => {
  const { until } = await story()
  const rows = csvRows((await exported('text/csv', { until })).text)

  assert.deepEqual(rows[0], columns)
  assert.deepEqual(rows.slice(1), (await whole({ until })).map(event => columns.map(name => cellOf(event[name]))))
})

// The records for a log archive, by the id of the event they are of.
const SYSTEM = 'SE5565594230-0001'
async function archived(person = auditor, query = {}) {
  const reply = await person.get('/log-service-exports', { query: { systemId: SYSTEM, ...query }, status: 200 })
  assert.match(reply.headers['content-disposition'], /^attachment; filename="log-service-exports.ndjson"$/)
  return { reply, records: reply.text.split('\n').filter(Boolean).map(line => JSON.parse(line)) }
}

test('a log archive gets what the own staff were shown, in its own words', async () => {
  const { until } = await story()
  const seen = await worker.get(`/subjects/${ALVA}`, { status: 200 })
  const number = seen.body.identityNumber
  const [row] = await logged(server, seen)

  const { reply, records } = await archived()
  const { activity: { activityArgs, ...activity }, ...record } = records.find(one => one.logId === row.id)

  assert.deepEqual(record, {
    logId: row.id, system: { systemId: SYSTEM, systemName: 'Samsyn' },
    user: {
      userId: userId('social-case-worker').replaceAll('-', ''), name: 'Sara Lindalm', assignment: record.user.assignment,
      careProvider: { careProviderId: SOCIAL.replaceAll('-', ''), careProviderName: 'Socialnämnden i Granby' },
      careUnit: { careUnitId: row.unit_id.replaceAll('-', ''), careUnitName: 'Barn och familj' }
    },
    resources: [{
      resourceType: 'personuppgifter', patient: { patientId: { root: '1.2.752.129.2.1.3.1', extension: number } },
      careProvider: { careProviderId: SOCIAL.replaceAll('-', ''), careProviderName: 'Socialnämnden i Granby' }
    }]
  })
  assert.match(record.user.assignment, /, Barn och familj$/)
  assert.deepEqual(activity, { activityType: 'Läsa', activityLevel: 'getSubject', startDate: activity.startDate, purpose: 'Vård och behandling' })
  assert.equal(activityArgs, `requestId=${row.request_id}`)
  assert.deepEqual((await logged(server, reply)).map(one => [one.outcome, one.activity, one.operation]), [['allowed', 'export', 'exportLogServiceRecords']])
  const shown = (await whole({ organisationId: SOCIAL, outcome: 'allowed', until })).filter(event => event.subjectIds.length > 0).map(event => event.id)
  assert.deepEqual((await archived(auditor, { until })).records.map(one => one.logId), shown)
})

test('a log archive is told no number of a child in another register, nor of one whose identity is protected', async () => {
  const { read } = await story()
  const [row] = await logged(server, read)
  const masked = await worker.get(`/subjects/${MAJA}`, { status: 200 })
  const [protectedRow] = await logged(server, masked)

  const elsewhere = (await archived(schoolAuditor, { subjectId: ALVA })).records
  const own = (await archived(auditor, { subjectId: MAJA, userId: userId('social-case-worker') })).records

  const known = elsewhere.find(one => one.logId === row.id)
  assert.deepEqual(known.resources.map(one => [one.resourceType, one.patient]), [['journaltext', undefined]])
  assert.match(known.activity.activityArgs, / ground=CONSENT$/)
  assert.deepEqual(own.find(one => one.logId === protectedRow.id).resources.map(one => one.patient), [undefined])
  assert.ok(elsewhere.every(one => one.user.careProvider.careProviderName === 'Utbildningsnämnden i Granby'))
})

test('a log archive has a name of its own for the system, and an auditor alone feeds it', async () => {
  refused(await auditor.get('/log-service-exports', { query: { systemId: 'Samsyn' } }), 400, 'INVALID_REQUEST')
  refused(await auditor.get('/log-service-exports'), 400, 'INVALID_REQUEST')
  await deniedOnce(server, await worker.get('/log-service-exports', { query: { systemId: SYSTEM } }), 403, 'ROLE_NOT_ALLOWED')
})

test('an export of nothing is an empty file, or a header line', async () => {
  assert.equal((await exported('application/x-ndjson', { code: 'KEY_REUSED' })).text, '')
  assert.deepEqual(csvRows((await exported('text/csv', { code: 'KEY_REUSED' })).text), [columns])
})

test('an export comes as NDJSON or CSV and as nothing else', async () => {
  refused(await auditor.get(EXPORTS, { headers: { Accept: 'application/pdf' } }), 406, 'NOT_ACCEPTABLE')
})

test('text that a spreadsheet would take for a formula is made harmless in CSV', async () => {
  const names = ['=HYPERLINK("http://evil.example","Click")', '+46 8 123', '-1+1', '@SUM(A1:A9)', '\t=1+1', 'Åsa "Öga", ord\r\noch rad', "'quoted"]
  const restore = `update samsyn.users set name = 'Sara Lindalm' where id = '${userId('social-case-worker')}'`
  try {
    for (const name of names) {
      await server.sql(`update samsyn.users set name = $name$${name}$name$ where id = '${userId('social-case-worker')}'`)
      const rows = csvRows((await exported('text/csv', { userId: userId('social-case-worker') })).text)
      const cells = new Set(rows.slice(1).filter(row => row[columns.indexOf('assignmentId')]).map(row => row[columns.indexOf('userName')]))

      assert.deepEqual([...cells], [/^[=+\-@\t\r]/.test(name) ? `'${name}` : name])
      assert.ok(rows.every(row => row.length === columns.length && row.every(cell => !/^[=+\-@\t\r]/.test(cell))))
      assert.deepEqual([...new Set((await ndjson({ userId: userId('social-case-worker'), outcome: 'allowed' })).map(event => event.userName))], [name])
    }
  } finally {
    await server.sql(restore)
  }
})

test('a long export is whole, in order and without repetition', async () => {
  await server.sql(`
    insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds,
        disclosure_ids, outcome, request_id)
    select samsyn.uuid7(), now() - make_interval(secs => i), '${SOCIAL}', 'longExport', 'read', '{${ALVA}}', '{}', '{}', '{}', '{}', 'allowed', samsyn.uuid7()
    from generate_series(1, 20000) i`)

  const events = await ndjson({ operation: 'longExport' })
  const rows = csvRows((await exported('text/csv', { operation: 'longExport' })).text)

  assert.equal(events.length, 20000)
  assert.equal(rows.length, 20001)
  const order = events.map(event => event.at)
  assert.deepEqual(order, [...order].sort().reverse())
  assert.deepEqual(rows.slice(1).map(row => row[0]), events.map(event => event.id))
})

test('a page for filters that almost nothing fits ends somewhere, and leads on', async () => {
  await server.sql(`
    insert into samsyn.access_events (id, at, organisation_id, operation, activity, client, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids,
        outcome, request_id)
    select samsyn.uuid7(), timestamptz '2026-01-01' - make_interval(secs => i), '${SOCIAL}', 'longSearch', 'read', case when i = 45000 then 'rare-portal' when i in (10100, 10101) then 'edge-portal' end, '{}', '{}',
        '{}', '{}', '{}', 'allowed', samsyn.uuid7()
    from generate_series(1, 50000) i`)
  const query = { client: 'rare-portal', until: '2026-01-01T00:00:00Z' }

  const first = await list(query)
  const events = await whole(query)

  assert.deepEqual([first.body.accessEvents, first.body._meta.count], [[], 0])
  assert.deepEqual(events.map(event => event.client), ['rare-portal'])
  assert.deepEqual(await ndjson(query), asExported(events))
  // Of a hundred wanted, the last event for which there is effort fits, and so does the one after it.
  assert.equal((await whole({ ...query, client: 'edge-portal' })).length, 2)
})

test('what the staff of others do among themselves is not even walked: no page leads on because of it', async () => {
  const busy = userId('school-teacher')
  await server.sql(`
    insert into samsyn.access_events (id, at, organisation_id, user_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds,
        disclosure_ids, outcome, request_id)
    select samsyn.uuid7(), timestamptz '2025-01-01' - make_interval(secs => i), '${SCHOOL}', '${busy}', 'ownWork', 'read', '{}', '{}',
        case when i = 12000 then '{${SOCIAL}}' else '{}' end::uuid[], '{}', '{}', 'allowed', samsyn.uuid7()
    from generate_series(1, 12000) i`)

  for (const query of [{ userId: busy }, { organisationId: SCHOOL }, { userId: busy, organisationId: SCHOOL }]) {
    const page = await list({ ...query, until: '2025-01-01T00:00:00Z' })

    assert.deepEqual(page.body.accessEvents.map(event => event.userId), [busy])
    assert.equal(page.links.next, undefined)
  }
  assert.equal((await ndjson({ userId: busy, until: '2025-01-01T00:00:00Z' }, schoolAuditor)).length, 12000)
})
