// Coordinated individual plans: what they rest on, who sees them, how they are adopted, followed up and ended, and what
// becomes of them when the consent is withdrawn or a party leaves.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { refused } from '../support/client.mjs'
import { moveClock, restoreClock, swedish } from '../support/clock.mjs'
import { ALVA, ALVAS_GUARDIANS, CLINIC, SCHOOL, SOCIAL, assignmentId, birthdayAhead, born, day, userId } from '../support/demo.mjs'
import { answersOnce, editsConditionally, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { absent, add, adopt, beginPlan, fillPlan, hear, meetingDraft, needDraft, PLANNED, planConsent, planDraft, planningCase, readPlan, readyPlan, smallCase, viewDraft } from '../support/plans.mjs'
import { acting, allowedOnce, askConsent, deniedOnce, hiddenFromStrangers, LEAD, logged, registerChild, revoke } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, LEAD)
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
const psychologist = acting(server, 'clinic-psychologist')
afterEach(() => restoreClock(server))

const begin = (joint, more, person = worker) => person.call('createPlan', { path: { caseId: joint.caseId }, body: planDraft(joint, more) })
const end = (plan, person = worker, reason = 'The goals are reached.') => person.post(`/plans/${plan.id}/endings`, { reason })
const change = async (plan, body, person = worker) =>
  person.patch(`/plans/${plan.id}`, body, { ifMatch: (await worker.get(`/plans/${plan.id}`)).etag })
const pointers = reply => reply.body.errors.map(error => error.pointer)
const deadlinesOf = (id, rule) => server.sql(`select label, rule, due_on, extended_until, met_at, unit_id from samsyn.deadlines
  where resource_id = '${id}' and rule is not distinct from ${rule ? `'${rule}'` : 'null'}`)

// The beginning: consent first ------------------------------------------------------------------------------------------

test('social services, the region and the school begin a plan, and each of them sees it whole', async () => {
  const joint = await planningCase(server)

  const made = await begin(joint, { responsibleParticipantId: joint.clinic.id, leadPerson: { assignmentId: assignmentId('school-teacher') } })

  assert.equal(made.status, 201, made.text)
  const { _links, id, createdAt, updatedAt, parties, leadPerson, responsibleOrganisationName, ...said } = made.body
  assert.deepEqual(said, {
    caseId: joint.caseId, organisationId: SOCIAL, organisationName: 'Socialnämnden i Granby', consentId: joint.consent.id,
    title: 'A school day that works', purpose: 'Coordinate the support around school and sleep.', state: 'draft',
    responsibleParticipantId: joint.clinic.id, needs: [], goals: [], interventions: [], otherMeasures: [], meetings: [], views: [],
    missingViews: ['planning', 'decision'].flatMap(stage => [{ stage, kind: 'child' }, ...ALVAS_GUARDIANS.map(guardianId => ({ stage, kind: 'guardian', guardianId }))]),
    createdBy: 'Sara Lindalm', updatedBy: 'Sara Lindalm'
  })
  assert.deepEqual(parties.map(one => one.organisationId).sort(), [SOCIAL, SCHOOL, CLINIC].sort())
  assert.deepEqual([leadPerson.kind, leadPerson.assignmentId], ['professional', assignmentId('school-teacher')])
  assert.deepEqual(relations(made), ['addGoal', 'addIntervention', 'addMeasure', 'addMeeting', 'addNeed', 'addView', 'adopt', 'case', 'changes', 'edit', 'end', 'self'])
  await allowedOnce(server, made, [ALVA], [id], { activity: 'write', grounds: [] })
  for (const person of [teacher, psychologist]) {
    const read = await person.get(`/plans/${id}`, { status: 200 })
    assert.deepEqual({ ...read.body, _links: 0 }, { ...made.body, _links: 0 })
    await allowedOnce(server, read, [ALVA], [id], { activity: 'read', grounds: ['CONSENT'], concerned_ids: [SOCIAL] })
  }
})

test('without a consent in force that covers every party nothing begins, and the code says what is missing', async () => {
  const joint = await planningCase(server)
  const elsewhere = await planningCase(server)
  const { caseId } = joint
  const both = { disclosingOrganisationIds: [SOCIAL, SCHOOL, CLINIC], recipientOrganisationIds: [SOCIAL, SCHOOL, CLINIC], categories: PLANNED }
  const asked = await askConsent(server, caseId, both)
  const withdrawn = await revoke(server, await planConsent(server, caseId))
  const later = await planConsent(server, caseId, { validFrom: day(1) })
  const past = await planConsent(server, caseId, { validFrom: day(-9), validUntil: day(-1) })
  const toSome = await planConsent(server, caseId, { recipientOrganisationIds: [SOCIAL, SCHOOL] })
  const fromSome = await planConsent(server, caseId, { disclosingOrganisationIds: [SOCIAL, CLINIC] })
  const narrow = await planConsent(server, caseId, { categories: PLANNED.filter(one => one !== 'INTERVENTIONS') })
  const unheard = await planConsent(server, caseId, { categories: PLANNED.filter(one => one !== 'CHILD_VIEW') })

  for (const [consentId, code] of [
    [unknownId(), 'CONSENT_REQUIRED'], [elsewhere.consent.id, 'CONSENT_REQUIRED'], [asked.id, 'CONSENT_INCOMPLETE'], [withdrawn.id, 'CONSENT_REVOKED'],
    [later.id, 'CONSENT_EXPIRED'], [past.id, 'CONSENT_EXPIRED'], [toSome.id, 'NOT_RECIPIENT'], [fromSome.id, 'GROUND_SCOPE'], [narrow.id, 'GROUND_SCOPE'],
    [unheard.id, 'GROUND_SCOPE']
  ]) {
    const reply = await begin(joint, { consentId })
    await deniedOnce(server, reply, 403, code, { subject_ids: [ALVA] })
    assert.deepEqual(pointers(reply), ['/body/consentId'], code)
  }
  assert.deepEqual((await worker.get(`/cases/${caseId}/plans`, { status: 200 })).body.plans, [])
  assert.deepEqual(await server.sql(`select from samsyn.plans where case_id = '${caseId}'`), [])
})

test('secrecy that no consent can break keeps an organisation out, and without the ground nothing begins', async () => {
  const joint = await planningCase(server)
  await server.sql(`update samsyn.organisations set regime = 'CRIMINAL_RECORDS' where id = '${CLINIC}'`)
  const excluded = await begin(joint)
  await server.sql(`update samsyn.organisations set regime = 'HEALTH_CARE' where id = '${CLINIC}';
    update samsyn.legal_grounds set enabled = false where code = 'CONSENT'`)
  const groundless = await begin(joint)
  await server.sql(`update samsyn.legal_grounds set enabled = true where code = 'CONSENT'`)

  await deniedOnce(server, excluded, 403, 'GROUND_EXCLUDED')
  await deniedOnce(server, groundless, 403, 'NO_LEGAL_GROUND')
  assert.equal((await begin(joint)).status, 201)
})

test('the parties are organisations that take part, and one alone coordinates nothing', async () => {
  const joint = await planningCase(server)
  const elsewhere = await smallCase(server)
  const pending = await smallCase(server)
  await server.sql(`update samsyn.participants set status = 'invited' where id = '${pending.school.id}'`)

  for (const [one, more, code, pointer] of [
    [joint, { participantIds: [unknownId()] }, 'INVALID_REFERENCE', '/body/participantIds'],
    [joint, { participantIds: [elsewhere.school.id] }, 'INVALID_REFERENCE', '/body/participantIds'],
    [pending, { participantIds: [pending.school.id] }, 'INVALID_REFERENCE', '/body/participantIds'],
    [joint, { participantIds: [joint.lead.id] }, 'UNPROCESSABLE', '/body/participantIds'],
    [pending, {}, 'UNPROCESSABLE', '/body/participantIds'],
    [joint, { responsibleParticipantId: unknownId() }, 'INVALID_REFERENCE', '/body/responsibleParticipantId'],
    [joint, { participantIds: [joint.school.id], responsibleParticipantId: joint.clinic.id }, 'INVALID_REFERENCE', '/body/responsibleParticipantId'],
    [joint, { leadPerson: { assignmentId: assignmentId('police-officer') } }, 'INVALID_REFERENCE', '/body/leadPerson/assignmentId'],
    [joint, { participantIds: [joint.school.id], leadPerson: { assignmentId: assignmentId('clinic-psychologist') } }, 'INVALID_REFERENCE', '/body/leadPerson/assignmentId'],
    [joint, { leadPerson: { guardianId: unknownId() } }, 'INVALID_REFERENCE', '/body/leadPerson/guardianId']
  ]) {
    const reply = await begin(one, more)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(pointers(reply), [pointer], JSON.stringify(more))
  }
})

test('only the organisation that leads the case begins a plan, in an open case', async () => {
  const joint = await planningCase(server)
  await deniedOnce(server, await begin(joint, {}, teacher), 403, 'NOT_LEAD_ORGANISATION')
  await worker.post(`/cases/${joint.caseId}/closures`, { reason: 'Done.' }, { status: 201 })
  await deniedOnce(server, await begin(joint), 409, 'CASE_CLOSED')
})

test('what does not follow the contract is refused', async () => {
  const { caseId, consent } = await smallCase(server)
  const body = planDraft({ consent })
  await refusesBodies(worker, 'createPlan', { path: { caseId } }, [
    [{}, '/body/consentId', '/body/title', '/body/purpose'], [{ ...body, title: ' ' }, '/body/title'], [{ ...body, organisationId: SCHOOL }, '/body/organisationId'],
    [{ ...body, adoptedAt: '2020-01-01T00:00:00Z' }, '/body/adoptedAt'], [{ ...body, participantIds: [] }, '/body/participantIds'],
    [{ ...body, leadPerson: {} }, '/body/leadPerson'], [{ ...body, leadPerson: { assignmentId: unknownId(), guardianId: unknownId() } }, '/body/leadPerson']
  ])
  await refusesBodies(worker, 'adoptPlan', { path: { planId: unknownId() } }, [[{}, '/body/bestInterests'], [{ bestInterests: 'A', adoptedBy: 'me' }, '/body/adoptedBy']], { ifMatch: '"1"' })
  await refusesBodies(worker, 'endPlan', { path: { planId: unknownId() } }, [[{}, '/body/reason'], [{ reason: '' }, '/body/reason']])
  await refusesBodies(worker, 'updatePlan', { path: { planId: unknownId() } }, [[{}, '/body'], [{ state: 'adopted' }, '/body/state'], [{ leadPerson: {} }, '/body/leadPerson']], { ifMatch: '"1"' })
  for (const operation of ['listPlans', 'listPlanChanges']) await refusesStrayQuery(worker, operation, { path: { caseId, planId: unknownId() } })
  await refusesMalformedId(worker, 'getPlan', 'planId')
})

test('each change is carried out once', async () => {
  const joint = await smallCase(server)
  const path = { caseId: joint.caseId }
  const made = await answersOnce(server, LEAD, 'createPlan', { path, body: planDraft(joint) }, { path, body: planDraft(joint, { title: 'Otherwise.' }) })
  const ending = reason => ({ path: { planId: made.body.id }, body: { reason } })
  await answersOnce(server, LEAD, 'endPlan', ending('Reached.'), ending('Not reached.'))
  assert.equal((await worker.get(`/cases/${joint.caseId}/plans`)).body._meta.totalRecords, 1)
})

// Reading -----------------------------------------------------------------------------------------------------------------

test('each party lists and reads its plans; who is no party of one learns only that nothing opens it', async () => {
  const joint = await planningCase(server)
  const made = [await beginPlan(server, joint), await beginPlan(server, joint), await beginPlan(server, joint, { participantIds: [joint.school.id] })].reverse()
  const path = `/cases/${joint.caseId}/plans`

  assert.deepEqual((await teacher.get(path, { status: 200 })).body.plans.map(one => one.id), made.map(one => one.id))
  const list = await psychologist.get(path, { status: 200 })
  assert.deepEqual(list.body.plans.map(one => one.id), made.slice(1).map(one => one.id))
  await allowedOnce(server, list, [ALVA], made.slice(1).map(one => one.id), { grounds: ['CONSENT'] })
  await deniedOnce(server, await psychologist.get(`/plans/${made[0].id}`), 403, 'NO_LEGAL_GROUND', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await psychologist.get(`/plans/${made[0].id}/changes`), 403, 'NO_LEGAL_GROUND')
  await readsConditionally(teacher, `/plans/${made[0].id}`)
  await pages(worker, path, 'plans')
})

test('nobody without a relation learns of a plan', async () => {
  const joint = await smallCase(server)
  const { plan } = await readyPlan(server, { ...joint, clinic: joint.lead })
  const ifMatch = '"1"'
  await hiddenFromStrangers(server, 'listPlans', { path: { caseId: joint.caseId } }, unknownId())
  await hiddenFromStrangers(server, 'createPlan', { path: { caseId: joint.caseId }, body: planDraft(joint) }, unknownId())
  await hiddenFromStrangers(server, 'getPlan', { path: { planId: plan.id } }, unknownId())
  await hiddenFromStrangers(server, 'updatePlan', { path: { planId: plan.id }, body: { title: 'A' }, ifMatch }, unknownId())
  await hiddenFromStrangers(server, 'adoptPlan', { path: { planId: plan.id }, body: { bestInterests: 'A' }, ifMatch }, unknownId())
  await hiddenFromStrangers(server, 'endPlan', { path: { planId: plan.id }, body: { reason: 'A' } }, unknownId())
  await hiddenFromStrangers(server, 'listPlanChanges', { path: { planId: plan.id } }, unknownId())
  assert.equal((await readPlan(server, plan)).body.state, 'draft')
})

test('whoever leaves the team, or loses the role, sees nothing at the next request, and leads no plan', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint, { leadPerson: { assignmentId: assignmentId('school-teacher') } })
  const { teamMembers } = (await head.get(`/cases/${joint.caseId}/team-members`, { status: 200 })).body
  await teacher.get(`/plans/${plan.id}`, { status: 200 })
  await head.post(`/team-members/${teamMembers.find(one => one.assignmentId === assignmentId('school-teacher')).id}/endings`, {}, { status: 201 })

  await deniedOnce(server, await teacher.get(`/plans/${plan.id}`), 404, 'NOT_FOUND')
  assert.equal((await head.get(`/plans/${plan.id}`, { status: 200 })).body.leadPerson, undefined)
  const role = code => server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = '${code}') where id = '${assignmentId('clinic-psychologist')}'`)
  await role('auditor')
  await deniedOnce(server, await psychologist.get(`/plans/${plan.id}`), 403, 'ROLE_NOT_ALLOWED')
  await role('professional')
})

test('somebody excluded from the case for a conflict of interest sees no plan of it', async () => {
  const joint = await planningCase(server)
  const { plan, need } = await readyPlan(server, joint)
  await server.sql(`insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
    values (samsyn.uuid7(), '${joint.caseId}', '${ALVA}', '${SCHOOL}', '${userId('school-teacher')}', 'kinship', 'Aunt of the child.', '${assignmentId('school-head')}')`)
  for (const path of [`/plans/${plan.id}`, `/plan-needs/${need.id}`, `/cases/${joint.caseId}/plans`, `/plans/${plan.id}/changes`]) {
    await deniedOnce(server, await teacher.get(path), 404, 'NOT_FOUND')
  }
  await server.sql(`update samsyn.exclusions set ended_at = samsyn.now(), ended_by = declared_by, end_reason = 'Not so.'`)
})

// Changing ----------------------------------------------------------------------------------------------------------------

test('the organisation that leads the plan changes it, and what stood before is kept', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint)

  const changed = await editsConditionally(worker, `/plans/${plan.id}`, { title: 'Nights and days', leadPerson: { guardianId: ALVAS_GUARDIANS[0] } })

  assert.deepEqual([changed.body.title, changed.body.leadPerson], ['Nights and days', { kind: 'guardian', guardianId: ALVAS_GUARDIANS[0] }])
  await allowedOnce(server, changed, [ALVA], [plan.id], { activity: 'write', grounds: [] })
  const later = await change(plan, { leadPerson: null, purpose: 'Sleep.', responsibleParticipantId: joint.school.id })
  assert.deepEqual([later.body.leadPerson, later.body.purpose, later.body.responsibleParticipantId], [undefined, 'Sleep.', joint.school.id])
  await deniedOnce(server, await change(plan, { title: 'Ours' }, teacher), 403, 'NOT_LEAD_ORGANISATION')
  for (const [body, code] of [[{ responsibleParticipantId: unknownId() }, 'INVALID_REFERENCE'], [{ participantIds: [joint.lead.id] }, 'UNPROCESSABLE']]) {
    await deniedOnce(server, await change(plan, body), 422, code)
  }
  await deniedOnce(server, await change(plan, { consentId: unknownId() }), 403, 'CONSENT_REQUIRED')
  const list = await teacher.get(`/plans/${plan.id}/changes`, { status: 200 })
  assert.deepEqual(list.body.changes.map(one => [one.part, one.change, one.before?.title]), [['plan', 'changed', 'Nights and days'], ['plan', 'changed', 'A school day that works'], ['plan', 'added', undefined]])
  await allowedOnce(server, list, [ALVA], list.body.changes.map(one => one.id), { grounds: ['CONSENT'] })
  await pages(teacher, `/plans/${plan.id}/changes`, 'changes')
})

test('of two who change the same plan at once, one is told that it has changed', async () => {
  const plan = await beginPlan(server, await smallCase(server))
  const { etag } = await worker.get(`/plans/${plan.id}`)

  const replies = await Promise.all(['One', 'Two'].map(title => worker.patch(`/plans/${plan.id}`, { title }, { ifMatch: etag })))

  assert.deepEqual(replies.map(reply => reply.status).sort(), [200, 412])
})

// Child and guardians, and the adoption -------------------------------------------------------------------------------------

test('a plan is adopted when child and guardians were heard or somebody says why not, at each stage', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint)
  const ask = async (status, code, pointer) => {
    const reply = await adopt(server, plan)
    await deniedOnce(server, reply, status, code, { subject_ids: [ALVA] })
    assert.deepEqual(pointers(reply), [pointer])
  }

  await ask(422, 'UNPROCESSABLE', '/interventions')
  await fillPlan(server, joint, plan)
  await ask(422, 'UNPROCESSABLE', '/views/planning/child')
  await add(server, plan, 'View', viewDraft('planning'), 'school-teacher')
  await ask(422, 'UNPROCESSABLE', `/views/planning/guardians/${ALVAS_GUARDIANS[0]}`)
  await add(server, plan, 'View', viewDraft('planning', { kind: 'guardian', guardianId: ALVAS_GUARDIANS[0], view: 'I agree.', form: 'interpreter' }))
  await ask(422, 'UNPROCESSABLE', `/views/planning/guardians/${ALVAS_GUARDIANS[1]}`)
  await add(server, plan, 'View', absent('planning', { kind: 'guardian', guardianId: ALVAS_GUARDIANS[1] }))
  await ask(422, 'UNPROCESSABLE', '/views/decision/child')
  assert.deepEqual((await readPlan(server, plan)).body.missingViews.map(one => one.stage), ['decision', 'decision', 'decision'])
  await hear(server, plan, 'decision')

  const adopted = await adopt(server, plan)

  assert.equal(adopted.status, 201, adopted.text)
  assert.deepEqual([adopted.body.state, adopted.body.adoptedBy, adopted.body.bestInterests, adopted.body.missingViews],
    ['adopted', 'Sara Lindalm', 'School with support is what she asks for.', []])
  await allowedOnce(server, adopted, [ALVA], [plan.id], { activity: 'write' })
  const [heard] = (await readPlan(server, plan, 'clinic-psychologist')).body.views
  assert.deepEqual([heard.view, heard.form, heard.listenedBy, heard.expressedOn, heard.inOwnHand], ['I want to have Ida with me when I start again.', 'conversation', 'Ida Berg, teacher', day(), false])
  await deniedOnce(server, await adopt(server, plan), 409, 'CONFLICT')
})

test('somebody of age speaks alone, and a guardian whose custody has ended is not asked', async () => {
  const adult = await registerChild(server, { years: 18 })
  const child = await registerChild(server, { years: 10, guardians: 2 })
  await server.sql(`update samsyn.guardians set ends_on = '${day(-1)}' where id = '${child.guardians[1].id}'`)

  for (const [subject, kinds] of [[adult, ['child']], [child, ['child', 'guardian']]]) {
    const plan = await beginPlan(server, await smallCase(server, { subjectId: subject.id }))
    assert.deepEqual(plan.missingViews.filter(one => one.stage === 'decision').map(one => one.kind), kinds)
  }
})

test('nobody adopts a wording they have not seen', async () => {
  const { plan, need } = await readyPlan(server, await planningCase(server))
  const { etag } = await readPlan(server, plan)
  await worker.patch(`/plan-needs/${need.id}`, { description: 'Otherwise.' }, { ifMatch: '"1"', status: 200 })
  const adoption = options => worker.call('adoptPlan', { path: { planId: plan.id }, body: { bestInterests: 'Good.' } }, options)

  await deniedOnce(server, await adoption({ ifMatch: etag }), 412, 'PRECONDITION_FAILED')
  refused(await adoption({}), 428, 'PRECONDITION_REQUIRED')
  assert.equal((await readPlan(server, plan)).body.state, 'draft')
})

test('of two who adopt at once, one does', async () => {
  const { plan } = await readyPlan(server, await planningCase(server))
  const { etag } = await readPlan(server, plan)
  const replies = await Promise.all([worker, worker].map(person => person.call('adoptPlan', { path: { planId: plan.id }, body: { bestInterests: 'Good.' } }, { ifMatch: etag })))

  assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409])
  assert.equal((await logged(server, replies.find(reply => reply.status === 409)))[0].code, 'CONFLICT')
  const { changes } = (await worker.get(`/plans/${plan.id}/changes`, { status: 200 })).body
  assert.equal(changes.filter(one => one.part === 'plan' && one.change === 'changed').length, 1)
})

test('an adoption is carried out once', async () => {
  const { plan } = await readyPlan(server, await planningCase(server))
  const { etag } = await readPlan(server, plan)
  const send = (bestInterests, key) => worker.call('adoptPlan', { path: { planId: plan.id }, body: { bestInterests } }, { ifMatch: etag, key })

  const first = await send('Good.', 'adopt-once')
  const again = await send('Good.', 'adopt-once')

  assert.deepEqual([first.status, again.status, again.text], [201, 201, first.text])
  refused(await send('Better.', 'adopt-once'), 422, 'KEY_REUSED')
})

test('the statutory time to begin runs until the plan is adopted', async () => {
  const { plan } = await readyPlan(server, await planningCase(server))
  const [running] = await deadlinesOf(plan.id, 'INDIVIDUAL_PLAN_START')
  assert.deepEqual([running.due_on, running.met_at], [day(), null])

  assert.equal((await adopt(server, plan)).status, 201)

  assert.notEqual((await deadlinesOf(plan.id, 'INDIVIDUAL_PLAN_START'))[0].met_at, null)
})

// Following up ------------------------------------------------------------------------------------------------------------------

const outcome = (more = {}) => ({
  attendees: ['Ida Berg, teacher', 'Olle Falk, psychologist'], childAttended: true, guardianIdsAttended: [ALVAS_GUARDIANS[0]],
  outcome: 'In school three days a week.', nextStep: 'Add Thursdays.', ...more
})
const record = (meeting, body = outcome(), person = worker) => person.post(`/plan-meetings/${meeting.id}/outcomes`, body)
const held = { plannedAt: `${day(-1)}T13:00:00.000Z` }

test('a follow-up tells who came, child and guardians too, what came of it, and plans the next', async () => {
  const { plan } = await readyPlan(server, await planningCase(server))
  const meeting = await add(server, plan, 'Meeting', meetingDraft(held))
  const withheld = await record(meeting)
  await deniedOnce(server, withheld, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointers(withheld), ['/views/follow-up/child'])
  assert.deepEqual((await readPlan(server, plan)).body.missingViews.filter(one => one.meetingId === meeting.id).map(one => one.kind), ['child', 'guardian', 'guardian'])
  await hear(server, plan, 'follow-up', { meetingId: meeting.id })

  const made = await record(meeting, outcome({ nextMeetingAt: `${day(60)}T13:00:00.000Z` }))

  assert.equal(made.status, 201, made.text)
  const { body } = made
  assert.deepEqual([body.state, body.attendees, body.childAttended, body.guardianIdsAttended, body.outcome, body.nextStep],
    ['held', ['Ida Berg, teacher', 'Olle Falk, psychologist'], true, [ALVAS_GUARDIANS[0]], 'In school three days a week.', 'Add Thursdays.'])
  await allowedOnce(server, made, [ALVA], [meeting.id], { activity: 'write' })
  const next = (await teacher.get(`/plan-meetings/${body.nextMeetingId}`, { status: 200 })).body
  assert.deepEqual([next.state, next.plannedAt, next.purpose, next.agenda], ['planned', `${day(60)}T13:00:00.000Z`, meeting.purpose, meeting.agenda])
  const [met] = await deadlinesOf(meeting.id)
  const [coming] = await deadlinesOf(next.id)
  assert.deepEqual([met.met_at !== null, coming.due_on, coming.met_at], [true, day(60), null])
  await deniedOnce(server, await record(meeting), 409, 'CONFLICT')
  await deniedOnce(server, await worker.patch(`/plan-meetings/${meeting.id}`, { agenda: 'A' }, { ifMatch: '"9"' }), 409, 'CONFLICT')
})

test('an outcome is recorded once, by the lead, after the meeting, and fits the child\'s guardians', async () => {
  const joint = await smallCase(server)
  const plan = await beginPlan(server, joint)
  const [meeting, coming] = [await add(server, plan, 'Meeting', meetingDraft(held)), await add(server, plan, 'Meeting', meetingDraft())]
  await hear(server, plan, 'follow-up', { meetingId: meeting.id })
  const path = { meetingId: meeting.id }

  await deniedOnce(server, await record(coming), 409, 'CONFLICT')
  await deniedOnce(server, await record(meeting, outcome(), teacher), 403, 'NOT_LEAD_ORGANISATION')
  for (const [more, code, pointer] of [
    [{ guardianIdsAttended: [unknownId()] }, 'INVALID_REFERENCE', '/body/guardianIdsAttended'], [{ nextMeetingAt: '2020-01-01T00:00:00Z' }, 'UNPROCESSABLE', '/body/nextMeetingAt']
  ]) {
    const reply = await record(meeting, outcome(more))
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(pointers(reply), [pointer])
  }
  await refusesBodies(worker, 'recordPlanMeetingOutcome', { path }, [
    [{}, '/body/attendees', '/body/childAttended', '/body/guardianIdsAttended', '/body/outcome', '/body/nextStep'], [outcome({ heldAt: day() }), '/body/heldAt']
  ])
  await hiddenFromStrangers(server, 'recordPlanMeetingOutcome', { path, body: outcome() }, unknownId())
  await answersOnce(server, LEAD, 'recordPlanMeetingOutcome', { path, body: outcome() }, { path, body: outcome({ nextStep: 'Otherwise.' }) })
})

test('of two who record an outcome at once, one does', async () => {
  const { plan } = await readyPlan(server, await planningCase(server))
  const meeting = await add(server, plan, 'Meeting', meetingDraft(held))
  await hear(server, plan, 'follow-up', { meetingId: meeting.id })

  const replies = await Promise.all([1, 2].map(() => record(meeting, outcome({ nextMeetingAt: `${day(60)}T13:00:00.000Z` }))))

  assert.deepEqual(replies.map(reply => reply.status).sort(), [201, 409])
  assert.equal((await readPlan(server, plan)).body.meetings.length, 2)
})

test('the day of a meeting is a deadline of the unit that leads, and moves when the meeting is put off', async () => {
  const plan = await beginPlan(server, await smallCase(server))
  const meeting = await add(server, plan, 'Meeting', meetingDraft({ plannedAt: '2027-03-27T22:30:00Z' }))
  const move = async plannedAt => worker.patch(`/plan-meetings/${meeting.id}`, { plannedAt }, { ifMatch: (await worker.get(`/plan-meetings/${meeting.id}`)).etag, status: 200 })
  assert.deepEqual((await deadlinesOf(meeting.id)).map(one => one.due_on), ['2027-03-27'])

  await move('2027-03-28T22:30:00Z') // past midnight in Sweden, where the clocks went forward that morning

  assert.deepEqual((await deadlinesOf(meeting.id)).map(one => [one.due_on, one.extended_until]), [['2027-03-27', '2027-03-29']])
  await move('2027-03-01T09:00:00Z')
  assert.deepEqual((await deadlinesOf(meeting.id)).map(one => [one.extended_until, one.met_at]), [['2027-03-29', null]])
})

// The consent is withdrawn ------------------------------------------------------------------------------------------------------

test('after a withdrawal the plan stands as it stood: read by those who got it, and written by nobody', async () => {
  const joint = await planningCase(server)
  const { plan } = await readyPlan(server, joint)
  assert.equal((await adopt(server, plan)).status, 201)
  const before = await readPlan(server, plan, 'clinic-psychologist')

  await revoke(server, joint.consent)

  const after = await readPlan(server, plan, 'clinic-psychologist')
  assert.equal(after.body.state, 'suspended')
  assert.notEqual(after.etag, before.etag)
  assert.deepEqual({ ...after.body, state: 0, _links: 0 }, { ...before.body, state: 0, _links: 0 })
  assert.deepEqual(relations(after), ['case', 'changes', 'edit', 'end', 'self'])
  await allowedOnce(server, after, [ALVA], [plan.id], { grounds: ['CONSENT'] })
  await deniedOnce(server, await change(plan, { title: 'On we go' }), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await begin(joint), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await worker.post(`/plans/${plan.id}/views`, viewDraft('decision')), 403, 'CONSENT_REVOKED')
})

test('nobody adopts, and records no outcome, without a consent in force', async () => {
  const joint = await planningCase(server)
  const { plan } = await readyPlan(server, joint)
  const meeting = await add(server, plan, 'Meeting', meetingDraft(held))
  await hear(server, plan, 'follow-up', { meetingId: meeting.id })
  await revoke(server, joint.consent)

  await deniedOnce(server, await adopt(server, plan), 403, 'CONSENT_REVOKED')
  await deniedOnce(server, await record(meeting), 403, 'CONSENT_REVOKED')
})

test('the plan rests when the consent runs out or the child turns 15, from that day', async () => {
  const fifteenth = birthdayAhead(30)
  const child = await registerChild(server, { years: 14, birthDate: born(15, fifteenth) })
  const joint = await smallCase(server, { subjectId: child.id, consent: { validUntil: day(400) } })
  const plan = await beginPlan(server, joint)
  const state = async () => (await readPlan(server, plan, 'school-teacher')).body.state

  await moveClock(server, Date.parse(swedish(fifteenth, '00:00')) - 600_000)
  assert.equal(await state(), 'draft')
  await moveClock(server, swedish(fifteenth, '00:00'))

  assert.equal(await state(), 'suspended')
  await deniedOnce(server, await worker.post(`/plans/${plan.id}/needs`, needDraft()), 403, 'CONSENT_EXPIRED')
})

test('a withdrawal and a writing that race leave nothing written after it', async () => {
  for (let round = 0; round < 5; round++) {
    const joint = await planningCase(server)
    const plan = await beginPlan(server, joint)
    const [written] = await Promise.all([worker.post(`/plans/${plan.id}/needs`, needDraft()), revoke(server, joint.consent)])
    assert.ok([201, 403].includes(written.status), written.text)
    const [row] = await server.sql(`select count(*)::int as n from samsyn.plan_needs where plan_id = '${plan.id}'`)
    assert.equal(row.n, written.status === 201 ? 1 : 0)
    await deniedOnce(server, await worker.post(`/plans/${plan.id}/needs`, needDraft()), 403, 'CONSENT_REVOKED')
  }
})

test('a new consent takes the place of the one withdrawn, when it covers what the plan holds', async () => {
  const joint = await planningCase(server)
  const { plan } = await readyPlan(server, joint)
  await revoke(server, joint.consent)
  const narrow = await planConsent(server, joint.caseId, { categories: ['INTERVENTIONS', 'CHILD_VIEW', 'FAMILY_SITUATION'] })
  const fewer = await planConsent(server, joint.caseId, { recipientOrganisationIds: [SOCIAL, SCHOOL] })
  const fresh = await planConsent(server, joint.caseId)

  for (const [body, code] of [[{ consentId: joint.consent.id }, 'CONSENT_REVOKED'], [{ consentId: narrow.id }, 'GROUND_SCOPE'], [{ consentId: fewer.id }, 'NOT_RECIPIENT']]) {
    await deniedOnce(server, await change(plan, body), 403, code)
  }
  const renewed = await change(plan, { consentId: fresh.id })

  assert.deepEqual([renewed.status, renewed.body.state, renewed.body.consentId], [200, 'draft', fresh.id])
  assert.equal((await adopt(server, plan)).status, 201)
})

// A party leaves ---------------------------------------------------------------------------------------------------------------

test('a party that leaves keeps what it got, and sees nothing of what comes after', async () => {
  const joint = await planningCase(server)
  const { plan, intervention } = await readyPlan(server, joint)
  await change(plan, { responsibleParticipantId: joint.school.id, leadPerson: { assignmentId: assignmentId('school-teacher') } })
  await head.post(`/participants/${joint.school.id}/endings`, { reason: 'She has moved to another school.' }, { status: 201 })
  await add(server, plan, 'Need', needDraft({ area: 'HEALTH', description: 'Only for those who stay.' }))

  const copy = await head.get(`/plans/${plan.id}`, { status: 200 })

  assert.deepEqual([copy.body.state, copy.body.needs.length, copy.body.interventions.length, typeof copy.body.leftAt], ['left', 1, 3, 'string'])
  assert.ok(!copy.text.includes('Only for those who stay.'))
  assert.deepEqual(relations(copy), ['self'])
  await allowedOnce(server, copy, [ALVA], [plan.id], { grounds: ['CONSENT'], concerned_ids: [SOCIAL] })
  assert.deepEqual((await head.get(`/cases/${joint.caseId}/plans`, { status: 200 })).body.plans.map(one => one.state), ['left'])
  await deniedOnce(server, await teacher.get(`/plans/${plan.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await head.get(`/plan-needs/${plan.id}`), 403, 'NO_LEGAL_GROUND')
  await deniedOnce(server, await head.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'done', note: 'Done.' }), 403, 'NO_LEGAL_GROUND')
  const now = (await readPlan(server, plan)).body
  assert.deepEqual([now.responsibleParticipantId, now.leadPerson, now.parties.map(one => one.organisationId).sort()], [joint.lead.id, undefined, [SOCIAL, CLINIC].sort()])
  // What the school was to do stays open until somebody says otherwise: the organisation that leads the plan may now.
  assert.equal(now.interventions.find(one => one.id === intervention.id).status, 'planned')
  await deniedOnce(server, await psychologist.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'cancelled', note: 'Moved.' }), 403, 'NOT_OWNER')
  await worker.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'cancelled', note: 'She has moved.' }, { status: 201 })
})

test('a party that is left out keeps a copy, and sees the plan as it is when it is back', async () => {
  const joint = await planningCase(server)
  const { plan } = await readyPlan(server, joint)

  const narrowed = await change(plan, { participantIds: [joint.clinic.id] })

  assert.deepEqual(narrowed.body.parties.map(one => one.organisationId).sort(), [SOCIAL, CLINIC].sort())
  await change(plan, { title: 'Without the school' })
  assert.deepEqual([(await teacher.get(`/plans/${plan.id}`)).body.state, (await teacher.get(`/plans/${plan.id}`)).body.title], ['left', 'A school day that works'])
  await deniedOnce(server, await teacher.post(`/plans/${plan.id}/views`, viewDraft('planning')), 403, 'NO_LEGAL_GROUND')
  await change(plan, { participantIds: [joint.clinic.id, joint.school.id] })
  const back = (await readPlan(server, plan, 'school-teacher')).body
  assert.deepEqual([back.state, back.title, back.leftAt], ['draft', 'Without the school', undefined])
})

test('of a party that leaves and a writing by it at once, the writing is before it or not at all', async () => {
  const joint = await planningCase(server)
  const { plan, intervention } = await readyPlan(server, joint)
  const [ended, written] = await Promise.all([
    head.post(`/participants/${joint.school.id}/endings`, { reason: 'Moved.' }),
    teacher.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'ongoing', note: 'Begun.' })
  ])
  assert.equal(ended.status, 201, ended.text)
  const copied = (await head.get(`/plans/${plan.id}`, { status: 200 })).body.interventions.find(one => one.id === intervention.id)
  assert.equal(copied.followUps.length, written.status === 201 ? 1 : 0)
})

// The end -----------------------------------------------------------------------------------------------------------------------

test('the organisation that leads ends the plan, and no intervention with it', async () => {
  const joint = await planningCase(server)
  const { plan, intervention } = await readyPlan(server, joint)
  const meeting = await add(server, plan, 'Meeting', meetingDraft())
  await teacher.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'ongoing', note: 'Begun.' }, { status: 201 })
  await deniedOnce(server, await end(plan, teacher), 403, 'NOT_LEAD_ORGANISATION')

  const ended = await end(plan)

  assert.equal(ended.status, 201, ended.text)
  assert.deepEqual([ended.body.state, ended.body.endReason, ended.body.endedBy, ended.body.missingViews], ['ended', 'The goals are reached.', 'Sara Lindalm', undefined])
  assert.deepEqual(relations(ended), ['case', 'changes', 'self'])
  await allowedOnce(server, ended, [ALVA], [plan.id], { activity: 'write' })
  assert.equal(ended.body.interventions.find(one => one.id === intervention.id).status, 'ongoing')
  for (const [id, rule] of [[plan.id, 'INDIVIDUAL_PLAN_START'], [meeting.id]]) assert.notEqual((await deadlinesOf(id, rule))[0].met_at, null)
  await deniedOnce(server, await end(plan), 409, 'ALREADY_ENDED')
  await deniedOnce(server, await adopt(server, plan), 409, 'ALREADY_ENDED')
  await deniedOnce(server, await change(plan, { title: 'On' }), 409, 'ALREADY_ENDED')
  assert.equal((await readPlan(server, plan, 'school-teacher')).body.endReason, 'The goals are reached.')
})

test('a plan ends without a consent and in a closed case too, and then the reason is not told on', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint)
  await revoke(server, joint.consent)
  await worker.post(`/cases/${joint.caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  const ended = await end(plan, worker, 'The guardians have withdrawn.')

  assert.deepEqual([ended.status, ended.body.endReason], [201, 'The guardians have withdrawn.'])
  const read = await readPlan(server, plan, 'school-teacher')
  assert.deepEqual([read.body.state, read.body.endReason], ['ended', undefined])
})

test('a plan follows the lead of its case to a party of it, with nothing lost', async () => {
  const joint = await planningCase(server)
  const { plan, intervention } = await readyPlan(server, joint)
  const alone = await beginPlan(server, joint, { participantIds: [joint.clinic.id] })
  const transfer = await worker.call('createLeadTransfer', { path: { caseId: joint.caseId }, body: { toParticipantId: joint.school.id, reason: 'The need is in school now.' } }, { status: 201 })
  await head.call('acceptLeadTransfer', { path: { leadTransferId: transfer.body.id }, body: {} }, { status: 201 })

  const read = await readPlan(server, plan, 'school-head')

  assert.deepEqual([read.body.organisationId, read.body.parties.length, read.body.interventions.length], [SCHOOL, 3, 3])
  await allowedOnce(server, read, [ALVA], [plan.id], { grounds: [] })
  await allowedOnce(server, await worker.get(`/plans/${plan.id}`), [ALVA], [plan.id], { grounds: ['CONSENT'] })
  assert.equal((await head.patch(`/plans/${plan.id}`, { title: 'Led by the school' }, { ifMatch: read.etag })).status, 200)
  await deniedOnce(server, await change(plan, { title: 'Ours still' }), 403, 'NOT_LEAD_ORGANISATION')
  await deniedOnce(server, await worker.post(`/plan-interventions/${intervention.id}/follow-ups`, { status: 'done', note: 'Done.' }), 403, 'NOT_OWNER')
  // What the new lead was never a party of stays with the one that began it.
  await deniedOnce(server, await head.get(`/plans/${alone.id}`), 403, 'NO_LEGAL_GROUND')
  assert.equal((await change(alone, { title: 'With the clinic' })).status, 200)
})
