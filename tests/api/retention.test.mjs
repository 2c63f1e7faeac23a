// Retention: how long a case is kept, what holds it, and what is left of it after it was culled.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { moveClock, restoreClock } from '../support/clock.mjs'
import { ALVA, day, SCHOOL, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import { answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { closedCase, loginOf, retention } from '../support/retention.mjs'
import { acting, allowedOnce, deniedOnce, handOver, hiddenFromStrangers, jointCase, openCase, writeRecord } from '../support/story.mjs'
import { conninfo, startServer } from '../support/server.mjs'
import { hire } from '../support/staff.mjs'
import { makeWorld } from '../support/world.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')
const auditor = acting(server, 'social-auditor')
const admin = acting(server, 'organisation-admin')
after(() => restoreClock(server))

const why = { reason: 'A claim is before the court.' }
const close = caseId => worker.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })
const kept = async (caseId, person = worker) => (await person.get(`/cases/${caseId}/retention`, { status: 200 })).body
const hold = async (caseId, person = manager) => (await person.post(`/cases/${caseId}/legal-holds`, why, { status: 201 })).body
const release = (it, person = manager) => person.post(`/legal-holds/${it.id}/releases`, { reason: 'Over.' })
const years = (from, n) => `${Number(from.slice(0, 4)) + n}${from.slice(4)}`.replace('-02-29', '-02-28')
const next = date => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
const at = date => `${date}T12:00:00+01:00`
const dueAfter = n => next(years(day(), n))
const listed = async (...options) => JSON.parse((await retention(server, 'list', '--json', ...options)).stdout)

test('each part of a case is kept by its own rule, counted from the last note', async () => {
  const { caseId } = await jointCase(server)
  await writeRecord(server, 'social-case-worker', caseId)
  await writeRecord(server, 'school-teacher', caseId)

  const open = await kept(caseId)
  await close(caseId)
  const closed = await worker.get(`/cases/${caseId}/retention`, { status: 200 })

  assert.deepEqual(open.items.map(item => [item.kind, item.rule, item.state, item.dueOn]), [['records', 'SOCIAL_FILE', 'kept', undefined], ['case', 'SOCIAL_FILE', 'kept', undefined]])
  assert.deepEqual(closed.body.items[0], {
    kind: 'records', organisationId: SOCIAL, secrecyRegime: 'SOCIAL_SERVICES', rule: 'SOCIAL_FILE', provision: 'SoL 16:1 first para', mode: 'delete', state: 'dated',
    openedOn: day(), endedOn: day(), lastNoteOn: day(), keepUntil: years(day(), 5), dueOn: dueAfter(5), finishBy: `${Number(dueAfter(5).slice(0, 4)) + 1}-12-31`
  })
  assert.equal(closed.body.items[1].state, 'kept')
  assert.equal(closed.body.held, false)
  assert.deepEqual(relations(closed), ['case', 'legalHolds', 'self'])
  await allowedOnce(server, closed, [ALVA], [caseId])
  const schools = (await kept(caseId, head)).items
  assert.deepEqual(schools.map(item => [item.kind, item.organisationId, item.rule, item.state]), [['records', SCHOOL, 'PUBLIC_RECORDS', 'kept'], ['case', SOCIAL, 'SOCIAL_FILE', 'kept']])
})

test('what no act says when to cull is kept until the organisation has decided', async () => {
  const { caseId } = await jointCase(server)
  await writeRecord(server, 'school-teacher', caseId)
  await close(caseId)
  const before = (await kept(caseId, head)).items[0]

  await server.sql(`insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from)
    values (samsyn.uuid7(), '${SCHOOL}', 'record', 'P7Y', 'BUN 2026/17', samsyn.today())`)

  assert.deepEqual([before.state, before.dueOn], ['kept', undefined])
  const after = (await kept(caseId, head)).items[0]
  assert.deepEqual([after.state, after.dueOn], ['dated', dueAfter(7)])
  await server.sql(`insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from)
    values (samsyn.uuid7(), '${SCHOOL}', 'record', 'permanent', 'BUN 2026/18', samsyn.today())`)
  assert.equal((await kept(caseId, head)).items[0].state, 'kept')
})

test('a decision is recorded by the administrator, for the own organisation and once and for all', async () => {
  const made = await admin.post('/retention-decisions', { kind: 'record', secrecyRegime: 'SOCIAL_SERVICES', duration: 'P9Y', reference: 'SN 2026/4', validUntil: day(900) })

  assert.equal(made.status, 201, made.text)
  const { id, createdAt, _links, ...said } = made.body
  assert.deepEqual(said, { organisationId: SOCIAL, kind: 'record', secrecyRegime: 'SOCIAL_SERVICES', duration: 'P9Y', reference: 'SN 2026/4', validFrom: day(), validUntil: day(900), decidedBy: said.decidedBy })
  await allowedOnce(server, made, [], [id], { activity: 'write' })
  for (const [body, code, pointer] of [
    [{ kind: 'record', duration: 'P1Y', reference: 'A', secrecyRegime: 'NO_SUCH' }, 'INVALID_REFERENCE', '/body/secrecyRegime'],
    [{ kind: 'record', duration: 'P1Y', reference: 'A', validFrom: day(-1) }, 'UNPROCESSABLE', '/body/validFrom'],
    [{ kind: 'record', duration: 'P1Y', reference: 'A', validUntil: day(-1) }, 'UNPROCESSABLE', '/body/validUntil']
  ]) {
    const reply = await admin.post('/retention-decisions', body)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
  }
  await refusesBodies(admin, 'createRetentionDecision', {}, [
    [{ kind: 'record', duration: '5 years', reference: 'A' }, '/body/duration'], [{}, '/body/kind', '/body/duration', '/body/reference'],
    [{ kind: 'record', duration: 'P1Y', reference: 'A', organisationId: SCHOOL }, '/body/organisationId']])
  await deniedOnce(server, await manager.get('/retention-decisions'), 403, 'ROLE_NOT_ALLOWED')
})

test('a legal hold stops the culling of the whole case, until it is released', async () => {
  const { caseId } = await jointCase(server)

  const made = await manager.post(`/cases/${caseId}/legal-holds`, why)
  const again = await hold(caseId)
  const schools = await hold(caseId, head)

  assert.equal(made.status, 201, made.text)
  const { id, _links, updatedAt, placedAt, ...said } = made.body
  assert.deepEqual(said, { caseId, organisationId: SOCIAL, state: 'in-force', reason: why.reason, placedBy: said.placedBy })
  assert.deepEqual(relations(made), ['case', 'release', 'retention', 'self'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write' })
  assert.equal((await kept(caseId)).held, true)
  assert.deepEqual((await worker.get(`/cases/${caseId}/legal-holds`, { status: 200 })).body.legalHolds.map(one => one.id), [again.id, id])

  const released = await release(made.body)
  await release(again)
  assert.deepEqual([released.body.state, released.body.releaseReason], ['released', 'Over.'])
  assert.deepEqual(relations(released), ['case', 'retention', 'self'])
  await deniedOnce(server, await release(made.body), 409, 'ALREADY_ENDED')
  assert.equal((await kept(caseId)).held, true)
  assert.deepEqual((await worker.get(`/cases/${caseId}/legal-holds`, { query: { state: 'in-force' } })).body.legalHolds, [])
  await release(schools, head)
  assert.equal((await kept(caseId)).held, false)
})

test('a hold is its organisation\'s: others neither see nor release it', async () => {
  const { caseId } = await jointCase(server)
  const ours = await hold(caseId)

  await deniedOnce(server, await head.get(`/legal-holds/${ours.id}`), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await release(ours, head), 404, 'NOT_FOUND', { concerned_ids: [SOCIAL] })
  assert.deepEqual((await head.get(`/cases/${caseId}/legal-holds`, { status: 200 })).body.legalHolds, [])
  await deniedOnce(server, await release(ours, worker), 403, 'ROLE_NOT_ALLOWED')
  assert.equal((await kept(caseId)).held, true)
})

test('what is past its time is listed, culled each by itself, and leaves a tombstone', async () => {
  const joint = await jointCase(server)
  const ours = await writeRecord(server, 'social-case-worker', joint.caseId)
  const given = await writeRecord(server, 'social-case-worker', joint.caseId, { category: 'IDENTITY' })
  await handOver(server, 'social-case-worker', joint, [given.id])
  const schools = await writeRecord(server, 'school-teacher', joint.caseId)
  await close(joint.caseId)
  const about = items => items.filter(item => item.id === joint.caseId)
  const before = await server.sql(`select count(*) as n from samsyn.access_events where resource_ids @> array['${ours.id}']::uuid[]`)

  assert.deepEqual(about(await listed()), [])
  assert.deepEqual(about(await listed('--as-of', years(day(), 5))), [])
  const [due] = about(await listed('--as-of', dueAfter(5)))
  assert.deepEqual(due, { ...due, kind: 'records', organisationId: SOCIAL, rule: 'SOCIAL_FILE', provision: 'SoL 16:1 first para', dueOn: dueAfter(5), held: false })
  assert.equal(JSON.stringify(due).includes('Alva'), false)

  await moveClock(server, at(dueAfter(5)))
  const run = await retention(server, 'run', '--as-of', dueAfter(5))
  assert.equal(run.status, 0, run.stderr)
  assert.match(run.stdout, new RegExp(`^culled\trecords\t${joint.caseId}\t.*\tSOCIAL_FILE$`, 'm'))
  assert.equal((await worker.get(`/records/${ours.id}`)).status, 404)
  assert.equal((await worker.get(`/records/${given.id}`)).status, 404)
  assert.equal((await teacher.get(`/records/${given.id}`)).status, 200)
  assert.equal((await teacher.get(`/records/${schools.id}`)).status, 200)
  assert.deepEqual(about(await listed()), [])

  const { body } = await auditor.get('/tombstones', { query: { resourceId: joint.caseId }, status: 200 })
  assert.deepEqual(body.tombstones.map(one => [one.kind, one.rule, one.organisationId, one.culledBy, one.openedOn]), [['records', 'SOCIAL_FILE', SOCIAL, 'samsyn_retention', day()]])
  assert.deepEqual(await server.sql(`select count(*) as n from samsyn.access_events where resource_ids @> array['${ours.id}']::uuid[] and outcome = 'allowed'`), before)
  const [event] = await server.sql(`select outcome, organisation_id, role from samsyn.access_events where activity = 'cull' and resource_ids = array['${joint.caseId}']::uuid[]`)
  assert.deepEqual(event, { outcome: 'allowed', organisation_id: SOCIAL, role: 'samsyn_retention' })
  const culls = await auditor.get('/access-events', { query: { activity: 'cull' }, status: 200 })
  assert.ok(culls.body.accessEvents.some(one => one.resourceIds.includes(joint.caseId)), 'the auditor finds it')
  await restoreClock(server)
})

test('when the last part has gone the case goes, and the child with it; for those who had it there is nothing', async () => {
  const gone = await closedCase(server)
  const held = await closedCase(server)
  await hold(held.id)
  const link = await worker.get(`/cases/${gone.id}`, { status: 200 })

  await moveClock(server, at(dueAfter(5)))
  await retention(server, 'run', '--as-of', dueAfter(5))
  assert.equal((await worker.get(`/cases/${gone.id}`)).status, 200)
  const expected = (await listed()).filter(item => !item.held)
  const wrong = await retention(server, 'run', '--confirm-count', String(expected.length + 1))
  const right = await retention(server, 'run', '--confirm-count', String(expected.length))

  assert.equal(wrong.status, 1)
  assert.match(wrong.stderr, /nothing was culled/)
  assert.equal(right.status, 0, right.stderr)
  for (const path of [`/cases/${gone.id}`, `/records/${gone.recordId}`, `/subjects/${gone.subjectId}`, `/cases/${gone.id}/retention`, `/cases/${gone.id}/deadlines`]) {
    await deniedOnce(server, await worker.get(path), 404, 'NOT_FOUND')
  }
  assert.equal(link.status, 200)
  assert.equal((await worker.get(`/records/${held.recordId}`)).status, 200)
  assert.equal((await listed()).some(item => item.id === held.id && item.held), true)
  const tombstones = (await auditor.get('/tombstones', { query: { resourceId: gone.id }, status: 200 })).body.tombstones
  assert.deepEqual(tombstones.map(one => one.kind), ['case', 'records'])
  assert.deepEqual((await auditor.get('/tombstones', { query: { resourceId: gone.id, kind: 'case' } })).body.tombstones.map(one => one.id), [tombstones[0].id])
  assert.deepEqual((await auditor.get('/access-events', { query: { subjectId: gone.subjectId, operation: 'createRecord' }, status: 200 })).body.accessEvents.length, 1)
  await deniedOnce(server, await acting(server, 'school-auditor').get(`/tombstones/${tombstones[0].id}`), 404, 'NOT_FOUND')
  await restoreClock(server)
})

test('whoever is kept from a child stays so when the case in which it was declared is culled', async () => {
  const gone = await closedCase(server)
  const other = await openCase(server, { subjectId: gone.subjectId })
  const kin = await hire(server, { unit: SOCIAL_UNIT, role: 'unit-manager' })
  const by = acting(server, kin.person)
  assert.equal((await by.get(`/cases/${other}`)).status, 200)
  const exclusion = (await manager.post(`/cases/${gone.id}/exclusions`, { userId: kin.user, kind: 'kinship', reason: 'Her aunt.' }, { status: 201 })).body

  await moveClock(server, at(dueAfter(5)))
  for (let i = 0; i < 2; i++) await retention(server, 'run', '--as-of', dueAfter(5))

  await deniedOnce(server, await worker.get(`/cases/${gone.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await by.get(`/cases/${other}`), 404, 'NOT_FOUND')
  assert.equal((await manager.get(`/exclusions/${exclusion.id}`, { status: 200 })).body.caseId, other)
  await restoreClock(server)
})

test('a run says what it takes for granted, and its table is for people', async () => {
  const unsaid = await retention(server, 'run')
  const future = await retention(server, 'list', '--as-of', '2099-01-01')
  const unreadable = await retention(server, 'list', '--as-of', '2099-13-01')
  const unknown = await retention(server, 'list', '--owner-database', 'x')
  const never = await retention(server, 'run', '--as-of', '2099-01-01')

  assert.deepEqual([unsaid.status, unsaid.stderr], [1, 'samsyn: say --as-of DATE or --confirm-count N of what samsyn retention list has shown\n'])
  assert.match(future.stdout, /^what\tid\twhose\trule\tprovision\tdue since\theld\n/)
  assert.match(future.stdout, /\n\d+ to cull, \d+ held\n$/)
  assert.deepEqual([unreadable.status, unreadable.stderr], [2, 'samsyn: retention list: --as-of: as-of is a day of the calendar, YYYY-MM-DD\n'])
  assert.equal(unknown.status, 2)
  assert.match(never.stdout, /^0 culled/m)
})

test('the role that culls does nothing else, and the server does not become it', async () => {
  const psql = (login, text) => promisify(execFile)('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', login, '--command', text])

  for (const text of ['select * from samsyn.cases', 'select * from samsyn.tombstones', 'delete from samsyn.access_events', 'set role samsyn_owner', 'set role samsyn_api',
    "select samsyn.remove('samsyn.cases', '{}', false)", 'create table samsyn.x ()', 'create table public.x ()']) {
    await assert.rejects(psql(loginOf(server), text), /permission denied/, text)
  }
  for (const text of ['set session authorization samsyn_retention', 'set role samsyn_retention', "select samsyn.cull('case', null, null, null, null, null)", 'select * from samsyn.retention_due(null)']) {
    await assert.rejects(psql(conninfo(server.database), text), /permission denied/, text)
  }
  await assert.rejects(psql(conninfo(server.database, 'samsyn_owner'), "select samsyn.cull('case', null, null, null, null, null)"), /only samsyn_retention culls/)
})

test('retention keeps to the habits of the contract', async () => {
  const caseId = await openCase(server)
  const made = await hold(caseId)
  for (let i = 0; i < 2; i++) await hold(caseId)
  const decision = { kind: 'case', duration: 'P5Y', reference: 'Dnr 1' }
  const decided = (await answersOnce(server, 'organisation-admin', 'createRetentionDecision', { body: decision }, { body: { ...decision, reference: 'Dnr 2' } })).body
  for (let i = 0; i < 2; i++) await admin.post('/retention-decisions', decision, { status: 201 })
  await server.sql(`insert into samsyn.tombstones (id, kind, resource_id, organisation_id, rule, provision, culled_at, culled_by)
    select samsyn.uuid7(), 'consultation', samsyn.uuid7(), '${SOCIAL}', 'PUBLIC_RECORDS', 'Arkivlagen 10 §', now(), 'samsyn_retention' from generate_series(1, 3)`)
  const [{ id: tombstoneId }] = (await auditor.get('/tombstones', { query: { kind: 'consultation' }, status: 200 })).body.tombstones

  assert.deepEqual(operationsOf('Retention'), ['createLegalHold', 'createRetentionDecision', 'getLegalHold', 'getRetention', 'getRetentionDecision', 'getTombstone',
    'listLegalHolds', 'listRetentionDecisions', 'listTombstones', 'releaseLegalHold'])
  await readsConditionally(worker, `/cases/${caseId}/retention`)
  await readsConditionally(worker, `/legal-holds/${made.id}`)
  await readsConditionally(auditor, `/tombstones/${tombstoneId}`)
  await readsConditionally(admin, `/retention-decisions/${decided.id}`)
  await pages(worker, `/cases/${caseId}/legal-holds`, 'legalHolds')
  await pages(auditor, '/tombstones', 'tombstones', { kind: 'consultation' })
  await pages(admin, '/retention-decisions', 'retentionDecisions', { kind: 'case' })
  await answersOnce(server, 'social-manager', 'createLegalHold', { path: { caseId }, body: why }, { path: { caseId }, body: { reason: 'Other' } })
  await answersOnce(server, 'social-manager', 'releaseLegalHold', { path: { legalHoldId: made.id }, body: why }, { path: { legalHoldId: made.id }, body: { reason: 'Other' } })
  await refusesBodies(manager, 'createLegalHold', { path: { caseId } }, [[{}, '/body/reason'], [{ reason: ' ' }, '/body/reason'], [{ ...why, organisationId: SCHOOL }, '/body/organisationId']])
  await refusesBodies(manager, 'releaseLegalHold', { path: { legalHoldId: made.id } }, [[{}, '/body/reason'], [{ ...why, releasedAt: day() }, '/body/releasedAt']])
  await refusesStrayQuery(worker, 'listLegalHolds', { path: { caseId } })
  await refusesStrayQuery(auditor, 'listTombstones')
  await refusesStrayQuery(admin, 'listRetentionDecisions')
  await refusesMalformedId(worker, 'getRetention', 'caseId')
  await refusesMalformedId(worker, 'listLegalHolds', 'caseId')
  await refusesMalformedId(manager, 'createLegalHold', 'caseId', { body: why })
  await refusesMalformedId(worker, 'getLegalHold', 'legalHoldId')
  await refusesMalformedId(manager, 'releaseLegalHold', 'legalHoldId', { body: why })
  await refusesMalformedId(auditor, 'getTombstone', 'tombstoneId')
  await refusesMalformedId(admin, 'getRetentionDecision', 'retentionDecisionId')
  await hiddenFromStrangers(server, 'getRetention', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'listLegalHolds', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createLegalHold', { path: { caseId }, body: why }, unknownId())
  await hiddenFromStrangers(server, 'getLegalHold', { path: { legalHoldId: made.id } }, unknownId())
  await hiddenFromStrangers(server, 'releaseLegalHold', { path: { legalHoldId: made.id }, body: why }, unknownId())
  await deniedOnce(server, await admin.get(`/retention-decisions/${unknownId()}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await worker.get('/tombstones'), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await worker.get(`/tombstones/${tombstoneId}`), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await worker.get(`/retention-decisions/${decided.id}`), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await worker.post('/retention-decisions', decision), 403, 'ROLE_NOT_ALLOWED')
})

test('whatever a case may hold, nothing of it is left when its time is over, and the log is all there', async () => {
  await makeWorld(server)
  // All is over: closed, decided, released; each organisation has decided, and what was for good is not.
  await server.sql(`set session_replication_role = replica;
    update samsyn.cases set status = 'closed';
    insert into samsyn.closures (id, case_id, reason, closed_by) select samsyn.uuid7(), c.id, 'Done.', c.opened_by from samsyn.cases c;
    update samsyn.investigations set closed_at = coalesce(closed_at, samsyn.now());
    update samsyn.legal_holds set released_at = samsyn.now(), release_reason = 'Over.' where released_at is null;
    update samsyn.concern_reports set state = 'not-opened' where kind = 'received' and state like 'awaiting%';
    insert into samsyn.preliminary_decisions (id, concern_report_id, organisation_id, outcome, reason, child_view, best_interests, decided_by)
    select samsyn.uuid7(), r.id, r.organisation_id, 'not-open', 'No need.', '{}', 'None.', r.author_id from samsyn.concern_reports r
    where r.state = 'not-opened' and not exists (select from samsyn.preliminary_decisions p where p.concern_report_id = r.id);
    insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from)
    select samsyn.uuid7(), o.id, k.kind, 'P1Y', 'Dnr 9', '2040-01-01' from samsyn.organisations o, unnest(array['record', 'case', 'investigation', 'report', 'consultation']) k(kind)
    where o.boundary_id = o.id`)
  const logged = Number((await server.sql('select count(*) as n from samsyn.access_events'))[0].n)
  const tombstones = Number((await server.sql('select count(*) as n from samsyn.tombstones'))[0].n)

  await moveClock(server, at('2075-01-01'))
  let culled = 0
  for (let rounds = 0; rounds < 5; rounds++) {
    const run = await retention(server, 'run', '--as-of', '2075-01-01')
    assert.equal(run.status, 0, run.stderr)
    const [, n] = /^(\d+) culled, 0 held, 0 failed$/m.exec(run.stdout)
    culled += Number(n)
    if (n === '0') break
  }

  assert.ok(culled > 20)
  const columns = await server.sql(`select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname in ('case_id', 'subject_id', 'record_id', 'plan_id', 'investigation_id')
    where c.relnamespace = 'samsyn'::regnamespace and c.relkind = 'r' and a.atttypid = 'uuid'::regtype`)
  assert.ok(columns.length > 25)
  const left = await server.sql(columns.map(({ name, column }) =>
    `select '${name}' as name, count(*)::int as n from samsyn.${name} x where x.${column} is not null and exists (select from samsyn.access_events e where e.resource_ids @> array[x.${column}] or e.subject_ids @> array[x.${column}])`).join(' union all '))
  assert.deepEqual(left.filter(one => one.n > 0), [])
  assert.deepEqual(await server.sql('select id from samsyn.cases union all select id from samsyn.concern_reports union all select id from samsyn.consultations union all select id from samsyn.plans'), [])
  assert.equal(Number((await server.sql('select count(*) as n from samsyn.access_events'))[0].n), logged + culled)
  assert.equal(Number((await server.sql('select count(*) as n from samsyn.tombstones'))[0].n), tombstones + culled)
})
