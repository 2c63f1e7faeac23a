// Team members: who of each organisation works on a case, and therefore sees it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA, SCHOOL, SOCIAL, assignmentId } from '../support/demo.mjs'
import {
  answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { acting, allowedOnce, appoint, deniedOnce, hiddenFromStrangers, jointCase, openCase, writeRecord } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const head = acting(server, 'school-head')
const teacher = acting(server, 'school-teacher')

const managersCase = () => openCase(server, { person: 'social-manager' })
const tryToAppoint = (person, caseId, assignmentId) => person.call('addTeamMember', { path: { caseId }, body: { assignmentId } })
const end = (person, member, options) => person.post(`/team-members/${member.id}/endings`, {}, options)

test('a colleague is appointed and sees the case from then on', async () => {
  const caseId = await managersCase()
  await deniedOnce(server, await worker.get(`/cases/${caseId}`), 404, 'NOT_FOUND')

  const made = await tryToAppoint(manager, caseId, assignmentId('social-case-worker'))

  assert.equal(made.status, 201, made.text)
  const { organisationId, userName, addedBy, endedAt } = made.body
  assert.deepEqual({ organisationId, userName, addedBy, endedAt },
    { organisationId: SOCIAL, userName: 'Sara Lindalm', addedBy: 'Mikael Granlund', endedAt: undefined })
  assert.deepEqual(relations(made), ['case', 'end', 'self'])
  await allowedOnce(server, made, [ALVA], [made.body.id], { activity: 'write' })
  assert.equal((await worker.get(`/cases/${caseId}`)).status, 200)
})

test('nobody is on a team twice at a time', async () => {
  const caseId = await managersCase()
  const member = await appoint(server, 'social-manager', caseId, 'social-case-worker')

  await deniedOnce(server, await tryToAppoint(manager, caseId, assignmentId('social-case-worker')), 409, 'ALREADY_EXISTS')

  await end(manager, member, { status: 201 })
  assert.notEqual((await appoint(server, 'social-manager', caseId, 'social-case-worker')).id, member.id)
})

test('an appointment is carried out once', async () => {
  const caseId = await managersCase()
  const input = body => ({ path: { caseId }, body })
  await answersOnce(server, 'social-manager', 'addTeamMember',
    input({ assignmentId: assignmentId('social-case-worker') }), input({ assignmentId: assignmentId('social-auditor') }))
})

test('only an active colleague of the own organisation in a role that works with cases is appointed', async () => {
  const { caseId } = await jointCase(server)
  for (const [who, code] of [
    [assignmentId('school-teacher'), 'INVALID_REFERENCE'],
    [unknownId(), 'INVALID_REFERENCE'],
    [assignmentId('social-auditor'), 'UNPROCESSABLE'],
    [assignmentId('organisation-admin'), 'UNPROCESSABLE'],
    [assignmentId('collaboration-lead'), 'UNPROCESSABLE']
  ]) {
    const reply = await tryToAppoint(worker, caseId, who)
    await deniedOnce(server, reply, 422, code)
    assert.deepEqual(reply.body.errors.map(error => error.pointer), ['/body/assignmentId'])
  }
  await refusesBodies(worker, 'addTeamMember', { path: { caseId } }, [
    [{}, '/body/assignmentId'], [{ assignmentId: 'Sara' }, '/body/assignmentId'],
    [{ assignmentId: unknownId(), organisationId: SCHOOL }, '/body/organisationId']
  ])
})

test('an assignment that has ended or not begun is not appointed', async () => {
  const caseId = await managersCase()
  const dates = (starts, ends) => server.sql(`
    update samsyn.assignments set starts_on = samsyn.today() + ${starts}, ends_on = samsyn.today() + ${ends}
    where id = '${assignmentId('social-case-worker')}'`)
  try {
    for (const [starts, ends] of [[-9, -1], [1, 9]]) {
      await dates(starts, ends)
      await deniedOnce(server, await tryToAppoint(manager, caseId, assignmentId('social-case-worker')), 422, 'INVALID_REFERENCE')
    }
  } finally {
    await server.sql(`update samsyn.assignments set starts_on = samsyn.today() - 365, ends_on = null where id = '${assignmentId('social-case-worker')}'`)
  }
})

test('a closed case takes nobody on', async () => {
  const caseId = await managersCase()
  await manager.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await deniedOnce(server, await tryToAppoint(manager, caseId, assignmentId('social-case-worker')), 409, 'CASE_CLOSED')
})

test('everyone in the case sees the team of every organisation', async () => {
  const { caseId } = await jointCase(server)

  const list = await teacher.get(`/cases/${caseId}/team-members`, { status: 200 })

  assert.deepEqual(list.body.teamMembers.map(member => [member.userName, member.organisationId]), [['Sara Lindalm', SOCIAL], ['Lena Ekhage', SCHOOL]])
  await allowedOnce(server, list, [ALVA], list.body.teamMembers.map(member => member.id), { concerned_ids: [SOCIAL] })
  assert.deepEqual(relations(list.body.teamMembers[0]), ['case', 'self'])
})

test('the list tells those on the team now from those who were, by pages', async () => {
  const caseId = await managersCase()
  const members = []
  for (let i = 0; i < 3; i++) {
    const member = await appoint(server, 'social-manager', caseId, 'social-case-worker')
    members.push(member.id)
    if (i < 2) await end(manager, member, { status: 201 })
  }
  const list = async query => (await manager.get(`/cases/${caseId}/team-members`, { query, status: 200 })).body.teamMembers.map(member => member.id)

  const all = await list({})
  assert.equal(all.length, 4)
  assert.deepEqual(all.slice(1), members)
  assert.deepEqual(await list({ current: false }), members.slice(0, 2))
  assert.deepEqual(await list({ current: true }), [all[0], members[2]])
  await pages(manager, `/cases/${caseId}/team-members`, 'teamMembers')
})

test('a membership is read by those related to the case', async () => {
  const { caseId } = await jointCase(server)
  const [first] = (await worker.get(`/cases/${caseId}/team-members`, { status: 200 })).body.teamMembers

  const read = await readsConditionally(teacher, `/team-members/${first.id}`)

  await allowedOnce(server, read, [ALVA], [first.id], { concerned_ids: [SOCIAL] })
})

test('who leaves the team loses sight of the case at the next request', async () => {
  const { caseId } = await jointCase(server)
  const record = await writeRecord(server, 'school-teacher', caseId)
  const team = await head.get(`/cases/${caseId}/team-members`, { status: 200 })
  const member = team.body.teamMembers.find(one => one.userName === 'Lena Ekhage')
  assert.equal((await teacher.get(`/records/${record.id}`)).status, 200)

  const ended = await end(head, member, { status: 201 })

  assert.ok(ended.body.endedAt)
  assert.notEqual(ended.etag, '"1"')
  await allowedOnce(server, ended, [ALVA], [member.id], { activity: 'write' })
  await deniedOnce(server, await teacher.get(`/records/${record.id}`), 404, 'NOT_FOUND', { subject_ids: [ALVA] })
  await deniedOnce(server, await teacher.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await end(head, member), 409, 'ALREADY_ENDED')
  assert.equal((await head.get(`/records/${record.id}`)).status, 200)
})

test('a closed case does not hold up taking someone off', async () => {
  const caseId = await managersCase()
  const member = await appoint(server, 'social-manager', caseId, 'social-case-worker')
  await manager.post(`/cases/${caseId}/closures`, { reason: 'Done.' }, { status: 201 })

  await end(manager, member, { status: 201 })

  await deniedOnce(server, await worker.get(`/cases/${caseId}`), 404, 'NOT_FOUND')
})

test('nobody takes themselves or another agency\'s people off a team', async () => {
  const { caseId } = await jointCase(server)
  const [social, school] = (await worker.get(`/cases/${caseId}/team-members`, { status: 200 })).body.teamMembers

  await deniedOnce(server, await end(worker, social), 409, 'CONFLICT')
  await deniedOnce(server, await end(worker, school), 403, 'NOT_OWNER')
  await deniedOnce(server, await end(head, social), 403, 'NOT_OWNER', { concerned_ids: [SOCIAL] })
  await deniedOnce(server, await end(teacher, school), 403, 'ROLE_NOT_ALLOWED')
})

test('an ending is carried out once', async () => {
  const [one, two] = [await managersCase(), await managersCase()]
  const first = await appoint(server, 'social-manager', one, 'social-case-worker')
  const second = await appoint(server, 'social-manager', two, 'social-case-worker')
  const input = member => ({ path: { teamMemberId: member.id }, body: {} })

  await answersOnce(server, 'social-manager', 'endTeamMember', input(first), input(second))
})

test('nobody without a relation learns of a team', async () => {
  const { caseId } = await jointCase(server)
  const [member] = (await worker.get(`/cases/${caseId}/team-members`, { status: 200 })).body.teamMembers

  await hiddenFromStrangers(server, 'listTeamMembers', { path: { caseId } }, unknownId())
  await hiddenFromStrangers(server, 'addTeamMember', { path: { caseId }, body: { assignmentId: assignmentId('clinic-psychologist') } }, unknownId())
  await hiddenFromStrangers(server, 'getTeamMember', { path: { teamMemberId: member.id } }, unknownId())
  await hiddenFromStrangers(server, 'endTeamMember', { path: { teamMemberId: member.id }, body: {} }, unknownId())
})

test('what does not follow the contract is refused', async () => {
  await refusesMalformedId(worker, 'getTeamMember', 'teamMemberId')
  await refusesStrayQuery(worker, 'listTeamMembers', { path: { caseId: unknownId() } })
  await refusesBodies(worker, 'endTeamMember', { path: { teamMemberId: unknownId() } }, [[{ reason: 'Done.' }, '/body/reason']])
})
