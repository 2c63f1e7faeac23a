// Roles: permission sets as data, and the wall between administration and the content of cases.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { userId } from '../support/demo.mjs'
import {
  actsWith, answersOnce, editsConditionally, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId,
  refusesStrayQuery, relations, unknownId
} from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = server.as('social-case-worker')
const admin = server.as('organisation-admin')
const system = server.as('system-admin')

let counter = 0
const draft = (permissions = ['organisation:read', 'case:read'], more = {}) =>
  ({ code: `role-${++counter}`, nameEn: 'Reader', nameSv: 'Läsare', permissions, ...more })
const addRole = async (permissions, more) => (await system.post('/roles', draft(permissions, more), { status: 201 })).body
const edit = async (id, change) => system.patch(`/roles/${id}`, change, { ifMatch: (await system.get(`/roles/${id}`)).etag })
const roleOf = async code => (await server.sql(`select id from samsyn.roles where code = '${code}'`))[0].id
const pointers = reply => reply.body.errors.map(error => error.pointer)

test('these are the operations of roles', () => {
  assert.deepEqual(operationsOf('Roles'), ['createRole', 'getRole', 'listRoles', 'updateRole'])
})

test('the roles are listed by code, for everyone', async () => {
  assert.deepEqual(await pages(worker, '/roles', 'roles').then(async () => (await worker.get('/roles')).body.roles.map(role => role.code)),
    ['auditor', 'case-worker', 'collaboration-lead', 'organisation-admin', 'party', 'professional', 'system-admin', 'unit-manager'])
  await refusesStrayQuery(worker, 'listRoles')
})

test('no role that comes with Samsyn combines content with administration or audit', async () => {
  const areas = Object.fromEntries((await worker.get('/permissions', { query: { limit: 100 } })).body.permissions.map(one => [one.code, one.area]))
  const { roles } = (await worker.get('/roles', { status: 200 })).body

  for (const role of roles) {
    const held = new Set(role.permissions.map(code => areas[code]))
    assert.ok(!held.has('content') || !(held.has('administration') || held.has('audit')), role.code)
  }
})

test('a role is read by everyone, and leads to its editing for the system administrator alone', async () => {
  const id = await roleOf('case-worker')

  const seen = await readsConditionally(worker, `/roles/${id}`)

  assert.deepEqual([seen.body.code, seen.body.nameSv], ['case-worker', 'Handläggare'])
  assert.deepEqual(relations(seen), ['self'])
  assert.deepEqual(relations(await admin.get(`/roles/${id}`)), ['self'])
  assert.deepEqual(relations(await system.get(`/roles/${id}`)), ['edit', 'self'])
})

test('a role that does not exist is 404, and an identifier that is none 400', async () => {
  refused(await worker.get(`/roles/${unknownId()}`), 404, 'NOT_FOUND')
  refused(await system.patch(`/roles/${unknownId()}`, { nameEn: 'X' }, { ifMatch: '"1"' }), 404, 'NOT_FOUND')
  await refusesMalformedId(worker, 'getRole', 'roleId')
})

test('a role is added with its permissions, or with none', async () => {
  const made = await system.post('/roles', draft(['record:read', 'case:read']), { status: 201 })

  assert.deepEqual(made.body.permissions, ['record:read', 'case:read'])
  assert.deepEqual((await worker.get(made.headers.location, { status: 200 })).body.permissions, ['record:read', 'case:read'])
  assert.deepEqual((await addRole([])).permissions, [])
})

test('a code is given once', async () => {
  refused(await system.post('/roles', draft([], { code: 'auditor' })), 409, 'ALREADY_EXISTS')
})

test('a role is added once, however often the request is repeated', async () => {
  await answersOnce(server, 'system-admin', 'createRole', { body: draft() }, { body: draft() })
})

test('every fault of a role is told at once', async () => {
  await refusesBodies(system, 'createRole', {}, [
    [{}, '/body/code', '/body/nameEn', '/body/nameSv', '/body/permissions'],
    [draft(['case:read', 'case:read'], { code: 'Case Worker', nameEn: '', nameSv: 'x'.repeat(101) }), '/body/code', '/body/nameEn', '/body/nameSv', '/body/permissions'],
    [draft(['everything', 'case:read', 7]), '/body/permissions/0', '/body/permissions/2'],
    [draft('case:read'), '/body/permissions']
  ])
  await refusesBodies(system, 'updateRole', { path: { roleId: unknownId() } }, [
    [{}, '/body'], [{ code: 'other', permissions: null }, '/body/code', '/body/permissions']
  ], { ifMatch: '"1"' })
})

test('a permission that does not exist is 422', async () => {
  assert.deepEqual(pointers(refused(await system.post('/roles', draft(['case:delete'])), 422, 'INVALID_REFERENCE')), ['/body/permissions'])
  assert.deepEqual(pointers(refused(await edit((await addRole()).id, { permissions: ['case:delete'] }), 422, 'INVALID_REFERENCE')), ['/body/permissions'])
})

test('administration and auditing never combine with the content of cases, neither at once nor by an edit', async () => {
  const content = ['subject:read', 'subject:write', 'subject:protected', 'case:read', 'case:write', 'case:lead-unit', 'record:read',
    'record:write', 'consent:read', 'consent:write', 'disclosure:read', 'disclosure:write']
  const walled = ['organisation:write', 'organisation:any', 'user:write', 'role:write', 'client:read', 'client:write', 'access-event:read', 'access-event:export']

  for (const [index, one] of content.entries()) {
    const other = walled[index % walled.length]
    assert.deepEqual(pointers(refused(await system.post('/roles', draft([one, other])), 422, 'UNPROCESSABLE')), ['/body/permissions'], `${one} with ${other}`)
  }
  for (const other of walled) {
    const { id } = await addRole(['case:read'])
    refused(await edit(id, { permissions: ['case:read', other] }), 422, 'UNPROCESSABLE')
  }
  await addRole(['agreement:sign', 'case:read'])
  await addRole(['user:write', 'access-event:read', 'agreement:write'])
})

test('a role is edited by whoever has read it as it is', async () => {
  const { id } = await addRole()

  const edited = await editsConditionally(system, `/roles/${id}`, { nameSv: 'Läsare barn', permissions: ['record:read'] })

  assert.deepEqual([edited.body.nameSv, edited.body.nameEn, edited.body.permissions], ['Läsare barn', 'Reader', ['record:read']])
})

test('an edited role holds for everyone in it from the next request on', async () => {
  await actsWith(server, 'police-officer', ['case:read'])
  const officer = server.as('police-officer')
  await officer.get('/cases', { status: 200 })

  await edit(await roleOf('only-police-officer'), { permissions: ['role:read'] })

  refused(await officer.get('/cases'), 403, 'ROLE_NOT_ALLOWED')
  await officer.get('/roles', { status: 200 })
})

test('nobody changes what the role in which they act may do', async () => {
  const own = await roleOf('system-admin')
  const { permissions } = (await system.get(`/roles/${own}`)).body

  assert.deepEqual(pointers(refused(await edit(own, { permissions: [...permissions, 'access-event:read'] }), 403, 'ROLE_NOT_ALLOWED')), ['/body/permissions'])
  refused(await edit(own, { permissions: permissions.slice(1) }), 403, 'ROLE_NOT_ALLOWED')
  assert.equal((await edit(own, { nameEn: 'System administrators' })).status, 200)
})

test('only the system administrator adds and edits roles', async () => {
  const id = await roleOf('professional')
  for (const client of [worker, admin, server.as('social-auditor'), server.as('social-manager')]) {
    refused(await client.post('/roles', draft()), 403, 'ROLE_NOT_ALLOWED')
    refused(await client.patch(`/roles/${id}`, { nameEn: 'X' }, { ifMatch: '"1"' }), 403, 'ROLE_NOT_ALLOWED')
  }
  refused(await system.with({ claims: { scope: 'samsyn:case' } }).post('/roles', draft()), 403, 'SCOPE_MISSING')
})

test('a role without the permission sees no roles', async () => {
  await actsWith(server, 'police-manager', [])
  const manager = server.as('police-manager')

  refused(await manager.get('/roles'), 403, 'ROLE_NOT_ALLOWED')
  refused(await manager.get(`/roles/${await roleOf('auditor')}`), 403, 'ROLE_NOT_ALLOWED')
  assert.deepEqual((await manager.get(`/me`, { status: 200 })).body.acting.permissions, [])
  assert.equal((await manager.get('/me')).body.id, userId('police-manager'))
})
