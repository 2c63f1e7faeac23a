// Staff relations: who of the staff is close to whom, for those who review accesses and nobody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALVA, ELIAS, SOCIAL_UNIT, assignmentId, day, userId } from '../support/demo.mjs'
import { answersOnce, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { acting, allowedOnce, deniedOnce, openCase } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const auditor = acting(server, 'social-auditor')
const school = acting(server, 'school-auditor')
const WORKER = userId('social-case-worker')
const draft = more => ({ userId: WORKER, subjectId: ALVA, kind: 'NEIGHBOUR', ...more })
const make = async more => (await auditor.post('/staff-relations', draft(more), { status: 201 })).body

test('a relation is registered, found by user, person and state, and ended', async () => {
  const made = await make({ note: 'Declared at the appraisal.' })
  const planned = await make({ kind: 'RELATIVE', validFrom: day(3), validUntil: day(9) })

  assert.deepEqual([made.state, planned.state, made.validFrom, made.note], ['in-force', 'planned', day(), 'Declared at the appraisal.'])
  const found = async query => (await auditor.get('/staff-relations', { query, status: 200 })).body.staffRelations.map(one => one.id)
  assert.deepEqual(await found({ userId: WORKER, subjectId: ALVA }), [planned.id, made.id])
  assert.deepEqual(await found({ state: 'planned' }), [planned.id])
  assert.deepEqual(await found({ userId: userId('social-manager') }), [])

  const ended = await auditor.follow(await auditor.get(`/staff-relations/${made.id}`), 'end', {}, { status: 201 })
  assert.deepEqual([ended.body.state, relations(ended).includes('end')], ['ended', false])
  await deniedOnce(server, await auditor.post(`/staff-relations/${made.id}/endings`, {}), 409, 'ALREADY_ENDED')
  assert.deepEqual(await found({ state: 'ended' }), [made.id])
})

test('only of people who work here and of persons of whom the organisation knows, once of a kind', async () => {
  for (const [more, pointer] of [[{ userId: userId('school-teacher') }, 'userId'], [{ userId: unknownId() }, 'userId'], [{ subjectId: unknownId() }, 'subjectId']]) {
    const reply = await auditor.post('/staff-relations', draft(more))
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(reply.body.errors.map(error => error.pointer), [`/body/${pointer}`])
  }
  await deniedOnce(server, await school.post('/staff-relations', draft({ userId: userId('school-teacher'), subjectId: ELIAS })), 422, 'INVALID_REFERENCE')
  await deniedOnce(server, await auditor.post('/staff-relations', draft({ kind: 'SELF', validUntil: day(-1) })), 422, 'UNPROCESSABLE')
  await make({ kind: 'COLLEAGUE' })
  await deniedOnce(server, await auditor.post('/staff-relations', draft({ kind: 'COLLEAGUE' })), 409, 'ALREADY_EXISTS')
})

test('the person, the manager and other organisations do not see it', async () => {
  const made = await make({ subjectId: ELIAS })
  const path = { staffRelationId: made.id }

  for (const person of ['social-case-worker', 'social-manager', 'organisation-admin', 'system-admin']) {
    for (const [id, input] of [['listStaffRelations', {}], ['createStaffRelation', { body: draft() }], ['getStaffRelation', { path }], ['endStaffRelation', { path, body: {} }]]) {
      await deniedOnce(server, await acting(server, person).call(id, input), 403, 'ROLE_NOT_ALLOWED')
    }
  }
  for (const id of [made.id, unknownId()]) {
    await deniedOnce(server, await school.get(`/staff-relations/${id}`), 404, 'NOT_FOUND')
    await deniedOnce(server, await school.post(`/staff-relations/${id}/endings`, {}), 404, 'NOT_FOUND')
  }
})

test('a reviewer who is excluded from a child neither sees nor registers who is close to it', async () => {
  const made = await make({ kind: 'SELF', subjectId: ELIAS })
  const caseId = await openCase(server, { subjectId: ELIAS })
  await acting(server, 'social-manager').post(`/cases/${caseId}/exclusions`, { userId: userId('social-auditor'), kind: 'kinship', reason: 'An uncle.' }, { status: 201 })

  await deniedOnce(server, await auditor.get(`/staff-relations/${made.id}`), 404, 'NOT_FOUND')
  await deniedOnce(server, await auditor.post(`/staff-relations/${made.id}/endings`, {}), 404, 'NOT_FOUND')
  await deniedOnce(server, await auditor.post('/staff-relations', draft({ subjectId: ELIAS, kind: 'RELATIVE' })), 422, 'INVALID_REFERENCE')
})

test('relations answer as every resource does', async () => {
  const [user, assignment] = [unknownId(), unknownId()]
  await server.sql(`insert into samsyn.users (id, organisation_id, name) select '${user}', organisation_id, 'Test Person' from samsyn.assignments where id = '${assignmentId('social-auditor')}';
    insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select '${assignment}', '${user}', '${SOCIAL_UNIT}', organisation_id, role_id, samsyn.today() from samsyn.assignments where id = '${assignmentId('social-auditor')}'`)
  const made = await answersOnce(server, 'social-auditor', 'createStaffRelation', { body: draft({ userId: user }) }, { body: draft({ userId: user, kind: 'SELF' }) })
  const other = await make({ userId: user, kind: 'SELF' })
  await make({ userId: user, kind: 'RELATIVE' })
  await allowedOnce(server, await readsConditionally(auditor, `/staff-relations/${made.body.id}`), [ALVA], [made.body.id])
  await answersOnce(server, 'social-auditor', 'endStaffRelation', { path: { staffRelationId: made.body.id }, body: {} }, { path: { staffRelationId: other.id }, body: {} })
  await pages(auditor, '/staff-relations', 'staffRelations', { userId: user })
  await refusesStrayQuery(auditor, 'listStaffRelations')
  await refusesMalformedId(auditor, 'getStaffRelation', 'staffRelationId')
  await refusesMalformedId(auditor, 'endStaffRelation', 'staffRelationId', { body: {} })
  await refusesBodies(auditor, 'createStaffRelation', {}, [[{}, '/body/userId', '/body/subjectId', '/body/kind'], [draft({ kind: 'ENEMY' }), '/body/kind'], [draft({ note: ' ' }), '/body/note'],
    [draft({ createdBy: unknownId() }), '/body/createdBy']])
})
