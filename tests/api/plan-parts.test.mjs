// What a plan is made of: needs, goals, other actors' measures, meetings, interventions and views, one by one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, ALVAS_GUARDIANS, SCHOOL, SOCIAL, day } from '../support/demo.mjs'
import { answersOnce, editsConditionally, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { absent, add, beginPlan, fillPlan, goalDraft, interventionDraft, meetingDraft, needDraft, planningCase, readPlan, smallCase, viewDraft } from '../support/plans.mjs'
import { acting, allowedOnce, deniedOnce, hiddenFromStrangers, LEAD, revoke, writeRecord } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, LEAD)
const teacher = acting(server, 'school-teacher')
const psychologist = acting(server, 'clinic-psychologist')

async function small() {
  const joint = await smallCase(server)
  const plan = await beginPlan(server, joint)
  const need = await add(server, plan, 'Need', needDraft())
  const goal = await add(server, plan, 'Goal', goalDraft(need))
  return { joint, plan, need, goal }
}

// Each kind of part: how one is written and changed, by whom it may be written besides the lead, and what is refused.
const PARTS = {
  PlanNeed: {
    path: 'plan-needs', parameter: 'needId', collection: 'needs', draft: () => needDraft(), other: () => needDraft({ description: 'Otherwise.' }),
    change: { description: 'A school day that she can manage all week.' },
    bad: [[{}, '/body/area', '/body/description'], [{ ...needDraft(), area: 'education' }, '/body/area'], [{ ...needDraft(), description: ' ' }, '/body/description'],
      [{ ...needDraft(), createdBy: 'me' }, '/body/createdBy']],
    unfit: [[needDraft({ area: 'NO_SUCH_AREA' }), 422, 'INVALID_REFERENCE', '/body/area'], [needDraft({ area: 'SAFETY' }), 403, 'GROUND_SCOPE', '/body/area']],
    unfitChange: [{ area: 'NO_SUCH_AREA' }, 422, 'INVALID_REFERENCE']
  },
  PlanGoal: {
    path: 'plan-goals', parameter: 'goalId', collection: 'goals', draft: ({ need }) => goalDraft(need), other: ({ need }) => goalDraft(need, { description: 'Otherwise.' }),
    change: { indicator: 'Attendance by week.' },
    bad: [[{}, '/body/needId', '/body/description'], [{ needId: 'x', description: 'A' }, '/body/needId'], [{ needId: unknownId(), description: 'A', status: 'done' }, '/body/status']],
    unfit: [[{ needId: unknownId(), description: 'A' }, 422, 'INVALID_REFERENCE', '/body/needId']],
    unfitChange: [{ needId: unknownId() }, 422, 'INVALID_REFERENCE']
  },
  PlanMeasure: {
    path: 'plan-measures', parameter: 'measureId', collection: 'otherMeasures', draft: () => ({ actor: 'Grandmother', description: 'Takes her to school on Mondays.' }),
    other: () => ({ actor: 'Grandfather', description: 'Cooks.' }), change: { actor: 'Aunt' },
    bad: [[{}, '/body/actor', '/body/description'], [{ actor: '', description: 'A' }, '/body/actor']], unfit: []
  },
  PlanMeeting: {
    path: 'plan-meetings', parameter: 'meetingId', collection: 'meetings', draft: () => meetingDraft(), other: () => meetingDraft({ agenda: 'Otherwise.' }),
    change: { plannedAt: `${day(70)}T13:00:00.000Z` },
    bad: [[{}, '/body/plannedAt', '/body/purpose', '/body/agenda'], [meetingDraft({ plannedAt: 'tomorrow' }), '/body/plannedAt'], [meetingDraft({ outcome: 'Good' }), '/body/outcome']],
    unfit: []
  },
  PlanIntervention: {
    path: 'plan-interventions', parameter: 'interventionId', collection: 'interventions', draft: ({ goal, joint }) => interventionDraft(goal, joint.lead),
    other: ({ goal, joint }) => interventionDraft(goal, joint.lead, { description: 'Otherwise.' }), change: { dueOn: day(120) }, byParties: true,
    bad: [[{}, '/body/goalId', '/body/participantId', '/body/description', '/body/dueOn'],
      [{ goalId: unknownId(), participantId: unknownId(), description: 'A', dueOn: day(), status: 'done' }, '/body/status'],
      [{ goalId: unknownId(), participantId: unknownId(), description: 'A', dueOn: day(), organisationId: SOCIAL }, '/body/organisationId']],
    unfit: [], unfitChange: [{ goalId: unknownId() }, 422, 'INVALID_REFERENCE']
  },
  PlanView: {
    path: 'plan-views', parameter: 'viewId', collection: 'views', draft: () => viewDraft('planning'), other: () => absent('planning'), byParties: true,
    bad: [[{ stage: 'planning', kind: 'child' }, '/body', '/body/absenceReason'], [{ ...viewDraft('planning'), absenceReason: 'And yet.' }, '/body', '/body/absenceReason'],
      [viewDraft('birthday'), '/body', '/body/stage'],
      [{ ...viewDraft('planning'), recordedAt: '2020-01-01T00:00:00Z' }, '/body', '/body/recordedAt']],
    unfit: [
      [viewDraft('follow-up'), 422, 'UNPROCESSABLE', '/body/meetingId'], [viewDraft('planning', { meetingId: unknownId() }), 422, 'UNPROCESSABLE', '/body/meetingId'],
      [viewDraft('follow-up', { meetingId: unknownId() }), 422, 'INVALID_REFERENCE', '/body/meetingId'],
      [viewDraft('planning', { kind: 'guardian' }), 422, 'UNPROCESSABLE', '/body/guardianId'],
      [viewDraft('planning', { guardianId: ALVAS_GUARDIANS[0] }), 422, 'UNPROCESSABLE', '/body/guardianId'],
      [viewDraft('planning', { kind: 'guardian', guardianId: unknownId() }), 422, 'INVALID_REFERENCE', '/body/guardianId'],
      [viewDraft('planning', { expressedOn: day(1) }), 422, 'UNPROCESSABLE', '/body/expressedOn']
    ]
  }
}
const write = (plan, name, body, person = worker) => person.call(`create${name}`, { path: { planId: plan.id }, body })
const editing = (name, part, body, person = worker, ifMatch = '"1"') =>
  person.call(`update${name}`, { path: { [PARTS[name].parameter]: part.id }, body }, { ifMatch })

for (const [name, kind] of Object.entries(PARTS)) {
  test(`${name}: is written once, logged, read by every party as it stands in the plan, and changed with who and when`, async () => {
    const world = await small()
    const { plan } = world

    const made = await write(plan, name, kind.draft(world))

    assert.equal(made.status, 201, made.text)
    await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'write', grounds: [] })
    const { _links, ...said } = made.body
    assert.deepEqual((await readPlan(server, plan, 'school-teacher')).body[kind.collection].find(one => one.id === made.body.id), said)
    await readsConditionally(teacher, `/${kind.path}/${made.body.id}`)
    const read = await teacher.get(`/${kind.path}/${made.body.id}`, { status: 200 })
    const lent = name === 'PlanIntervention' || read.body.organisationId !== SCHOOL
    await allowedOnce(server, read, [ALVA], [made.body.id], { activity: 'read', grounds: lent ? ['CONSENT'] : [], concerned_ids: [SOCIAL] })
    if (kind.change) {
      const changed = await editsConditionally(worker, `/${kind.path}/${made.body.id}`, kind.change)
      for (const [member, value] of Object.entries(kind.change)) assert.deepEqual(changed.body[member], value)
      assert.equal(changed.body.updatedBy, 'Sara Lindalm')
      const { changes } = (await teacher.get(`/plans/${plan.id}/changes`, { status: 200 })).body
      assert.deepEqual(changes.filter(one => one.partId === made.body.id).map(one => [one.part, one.change, one.changedBy]),
        [[name.replace('Plan', '').toLowerCase(), 'changed', 'Sara Lindalm'], [name.replace('Plan', '').toLowerCase(), 'added', 'Sara Lindalm']])
      assert.deepEqual(changes.find(one => one.change === 'changed' && one.partId === made.body.id).before, said)
    }
  })

  test(`${name}: each request is carried out once`, async () => {
    const world = await small()
    const path = { planId: world.plan.id }
    const before = (await readPlan(server, world.plan)).body[kind.collection].length
    await answersOnce(server, LEAD, `create${name}`, { path, body: kind.draft(world) }, { path, body: kind.other(world) })
    assert.equal((await readPlan(server, world.plan)).body[kind.collection].length, before + 1)
  })

  test(`${name}: what does not follow the contract, or does not fit, is refused and changes nothing`, async () => {
    const world = await small()
    const { plan } = world
    const part = (await write(plan, name, kind.draft(world))).body
    const before = (await readPlan(server, plan)).body
    await refusesBodies(worker, `create${name}`, { path: { planId: plan.id } }, kind.bad)
    for (const [body, status, code, pointer] of kind.unfit) {
      const reply = await write(plan, name, body)
      await deniedOnce(server, reply, status, code)
      assert.deepEqual(reply.body.errors.map(error => error.pointer), [pointer])
    }
    if (kind.unfitChange) await deniedOnce(server, await editing(name, part, kind.unfitChange[0]), kind.unfitChange[1], kind.unfitChange[2])
    if (kind.change) refused(await editing(name, part, {}), 400, 'INVALID_REQUEST')
    await refusesMalformedId(worker, `create${name}`, 'planId', { body: kind.draft(world) })
    await refusesMalformedId(worker, `get${name}`, kind.parameter)
    await refusesStrayQuery(worker, `get${name}`, { path: { [kind.parameter]: part.id } })
    assert.deepEqual((await readPlan(server, plan)).body, before)
  })

  test(`${name}: ${kind.byParties ? 'every party writes it' : 'the organisation that leads the plan alone writes it'}`, async () => {
    const world = await small()
    const { plan, joint, goal } = world
    const part = (await write(plan, name, kind.draft(world))).body
    const theirs = name === 'PlanIntervention' ? interventionDraft(goal, joint.school) : kind.draft(world)

    const made = await write(plan, name, theirs, teacher)

    if (kind.byParties) assert.equal(made.status, 201, made.text)
    else await deniedOnce(server, made, 403, 'NOT_LEAD_ORGANISATION', { concerned_ids: [SOCIAL] })
    if (kind.change) await deniedOnce(server, await editing(name, part, kind.change, teacher), 403, kind.byParties ? 'NOT_OWNER' : 'NOT_LEAD_ORGANISATION')
  })

  test(`${name}: after a withdrawal, in an ended plan and in a closed case nothing is written, and all is read`, async () => {
    const [withdrawn, ended, closed] = [await small(), await small(), await small()]
    for (const world of [withdrawn, ended, closed]) world.part = (await write(world.plan, name, kind.draft(world))).body
    await revoke(server, withdrawn.joint.consent)
    await worker.post(`/plans/${ended.plan.id}/endings`, { reason: 'Reached.' }, { status: 201 })
    await worker.post(`/cases/${closed.joint.caseId}/closures`, { reason: 'Done.' }, { status: 201 })

    for (const [world, status, code] of [[withdrawn, 403, 'CONSENT_REVOKED'], [ended, 409, 'ALREADY_ENDED'], [closed, 409, 'CASE_CLOSED']]) {
      await deniedOnce(server, await write(world.plan, name, kind.draft(world)), status, code, { subject_ids: [ALVA] })
      if (kind.change) await deniedOnce(server, await editing(name, world.part, kind.change), status, code)
      assert.equal((await teacher.get(`/${kind.path}/${world.part.id}`)).status, 200)
    }
  })

  test(`${name}: nobody without a relation learns of it, and a participant that is no party is told that nothing opens it`, async () => {
    const world = await small()
    const part = (await write(world.plan, name, kind.draft(world))).body
    await hiddenFromStrangers(server, `create${name}`, { path: { planId: world.plan.id }, body: kind.draft(world) }, unknownId())
    await hiddenFromStrangers(server, `get${name}`, { path: { [kind.parameter]: part.id } }, unknownId())
    if (kind.change) await hiddenFromStrangers(server, `update${name}`, { path: { [kind.parameter]: part.id }, body: kind.change, ifMatch: '"1"' }, unknownId())

    const joint = await planningCase(server)
    const plan = await beginPlan(server, joint, { participantIds: [joint.school.id] })
    const need = await add(server, plan, 'Need', needDraft())
    const there = { joint, plan, need, goal: await add(server, plan, 'Goal', goalDraft(need)) }
    const hidden = (await write(plan, name, kind.draft(there))).body
    await deniedOnce(server, await write(plan, name, kind.draft(there), psychologist), 403, 'NO_LEGAL_GROUND')
    await deniedOnce(server, await psychologist.get(`/${kind.path}/${hidden.id}`), 403, 'NO_LEGAL_GROUND', { concerned_ids: [SOCIAL] })
    if (kind.change) await deniedOnce(server, await editing(name, hidden, kind.change, psychologist), 403, 'NO_LEGAL_GROUND')
  })
}

test('the area of a need, and what a goal and an intervention are for, can change within the plan', async () => {
  const { plan, need, goal, joint } = await small()
  const other = await add(server, plan, 'Need', needDraft({ area: 'HEALTH', description: 'Sleep.' }))
  const sleep = await add(server, plan, 'Goal', goalDraft(other))
  const intervention = await add(server, plan, 'Intervention', interventionDraft(goal, joint.lead, { documentReference: 'Action programme 2027-02' }))

  assert.equal((await editing('PlanNeed', need, { area: 'FAMILY_SITUATION' })).body.area, 'FAMILY_SITUATION')
  assert.equal((await editing('PlanGoal', goal, { needId: other.id })).body.needId, other.id)
  const moved = await editing('PlanIntervention', intervention, { goalId: sleep.id, documentReference: null })
  assert.deepEqual([moved.body.goalId, moved.body.documentReference], [sleep.id, undefined])
  await deniedOnce(server, await editing('PlanNeed', other, { area: 'SAFETY' }), 403, 'GROUND_SCOPE')
})

test('nothing of another plan fits in, however visible', async () => {
  const [here, there] = [await small(), await small()]
  const meeting = await add(server, there.plan, 'Meeting', meetingDraft())
  for (const [name, body] of [
    ['PlanGoal', goalDraft(there.need)], ['PlanIntervention', interventionDraft(there.goal, here.joint.lead)],
    ['PlanIntervention', interventionDraft(here.goal, there.joint.school)], ['PlanView', viewDraft('follow-up', { meetingId: meeting.id })]
  ]) await deniedOnce(server, await write(here.plan, name, body), 422, 'INVALID_REFERENCE')
})

test('a part is never found under the name of another kind', async () => {
  const { plan, need } = await small()
  await deniedOnce(server, await worker.get(`/plan-goals/${need.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await worker.get(`/plan-measures/${plan.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await worker.get(`/plans/${need.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await editing('PlanMeeting', need, { agenda: 'A' }), 404, 'NOT_FOUND')
})

// Interventions ----------------------------------------------------------------------------------------------------------

const report = (intervention, person, body = { status: 'ongoing', note: 'Meets the special needs teacher twice a week.' }) =>
  person.post(`/plan-interventions/${intervention.id}/follow-ups`, body)

test('each party reports on its own intervention, and nobody else on it', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint)
  const { intervention, treatment, support } = await fillPlan(server, joint, plan)

  const reported = await report(intervention, teacher)

  assert.equal(reported.status, 201, reported.text)
  assert.deepEqual([reported.body.status, reported.body.followUps.map(one => [one.status, one.note, one.followedUpBy])],
    ['ongoing', [['ongoing', 'Meets the special needs teacher twice a week.', reported.body.updatedBy]]])
  await allowedOnce(server, reported, [ALVA], [intervention.id], { activity: 'write', grounds: [] })
  assert.equal((await report(intervention, teacher, { status: 'done', note: 'She is back.' })).body.followUps.length, 2)
  for (const [one, person] of [[intervention, worker], [intervention, psychologist], [treatment, teacher], [support, teacher]]) {
    await deniedOnce(server, await report(one, person), 403, 'NOT_OWNER')
  }
  const seen = (await readPlan(server, plan, 'clinic-psychologist')).body.interventions
  assert.deepEqual(seen.map(one => [one.id, one.status]).sort(), [[intervention.id, 'done'], [treatment.id, 'planned'], [support.id, 'planned']].sort())
})

test('a report is made once, says how it goes, and is for those who may see the plan', async () => {
  const { plan, goal, joint } = await small()
  const intervention = await add(server, plan, 'Intervention', interventionDraft(goal, joint.school))
  const path = { interventionId: intervention.id }
  const body = { status: 'ongoing', note: 'Goes well.' }
  await answersOnce(server, 'school-teacher', 'followUpPlanIntervention', { path, body }, { path, body: { ...body, note: 'Goes badly.' } })
  await refusesBodies(teacher, 'followUpPlanIntervention', { path }, [[{}, '/body/status', '/body/note'], [{ ...body, status: 'begun' }, '/body/status'], [{ ...body, followedUpAt: day() }, '/body/followedUpAt']])
  await hiddenFromStrangers(server, 'followUpPlanIntervention', { path, body }, unknownId())
  await revoke(server, joint.consent)
  await deniedOnce(server, await report(intervention, teacher), 403, 'CONSENT_REVOKED')
})

test('the record behind an intervention is named to its owner alone, and reading it needs its own ground', async () => {
  const { plan, goal, joint } = await small()
  const intervention = await add(server, plan, 'Intervention', interventionDraft(goal, joint.school))
  const record = await writeRecord(server, 'school-teacher', joint.caseId)
  const own = await writeRecord(server, LEAD, joint.caseId)

  const linked = await editing('PlanIntervention', intervention, { recordId: record.id }, teacher, '"1-own"')

  assert.equal(linked.status, 200, linked.text)
  assert.equal(linked.body.recordId, record.id)
  const shown = async person => [(await person.get(`/plan-interventions/${intervention.id}`, { status: 200 })).body,
    (await person.get(`/plans/${plan.id}`, { status: 200 })).body.interventions[0]].map(one => one.recordId)
  assert.deepEqual([await shown(teacher), await shown(worker)], [[record.id, record.id], [undefined, undefined]])
  assert.ok(!(await worker.get(`/plans/${plan.id}/changes`)).text.includes(record.id))
  await deniedOnce(server, await worker.get(`/records/${record.id}`), 403, 'NO_LEGAL_GROUND')
  for (const recordId of [own.id, unknownId()]) {
    await deniedOnce(server, await editing('PlanIntervention', intervention, { recordId }, teacher, '"2-own"'), 422, 'INVALID_REFERENCE')
  }
  await deniedOnce(server, await write(plan, 'PlanIntervention', interventionDraft(goal, joint.school, { recordId: record.id })), 422, 'INVALID_REFERENCE')
  const mine = await write(plan, 'PlanIntervention', interventionDraft(goal, joint.lead, { recordId: own.id }))
  assert.equal(mine.body.recordId, own.id)
  assert.equal((await editing('PlanIntervention', intervention, { recordId: null }, teacher, '"2-own"')).body.recordId, undefined)
})

test('a party writes an intervention for itself, not for another', async () => {
  const joint = await planningCase(server)
  const plan = await beginPlan(server, joint)
  const goal = await add(server, plan, 'Goal', goalDraft(await add(server, plan, 'Need', needDraft())))

  const reply = await write(plan, 'PlanIntervention', interventionDraft(goal, joint.clinic), teacher)

  await deniedOnce(server, reply, 403, 'NOT_LEAD_ORGANISATION')
  assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/participantId'])
  const own = await write(plan, 'PlanIntervention', interventionDraft(goal, joint.school), teacher)
  assert.deepEqual([own.body.organisationId, own.body.createdBy], [SCHOOL, own.body.updatedBy])
})

test('what is left of a plan has a ceiling', async () => {
  const { plan } = await small()
  await server.sql(`insert into samsyn.plan_measures (id, plan_id, actor, description, created_by)
    select samsyn.uuid7(), '${plan.id}', 'Somebody', 'Something', created_by from samsyn.plans, generate_series(1, 100) where id = '${plan.id}'`)
  await deniedOnce(server, await write(plan, 'PlanMeasure', PARTS.PlanMeasure.draft()), 409, 'CONFLICT')
})

test('a part carries the links that its reader may follow', async () => {
  const { plan, need, goal, joint } = await small()
  const meeting = await add(server, plan, 'Meeting', meetingDraft())
  assert.deepEqual(relations(need), ['edit', 'plan', 'self'])
  assert.deepEqual(relations(await add(server, plan, 'Intervention', interventionDraft(goal, joint.lead))), ['edit', 'followUp', 'plan', 'self'])
  assert.deepEqual(relations(meeting), ['addView', 'edit', 'plan', 'recordOutcome', 'self'])
  assert.deepEqual(relations(await add(server, plan, 'View', viewDraft('planning'))), ['plan', 'self'])
})
