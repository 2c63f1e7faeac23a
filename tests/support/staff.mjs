// People beyond those of the demo.
//
//   const other = await hire(server, { organisation: SOCIAL, role: 'unit-manager' })        // in a new unit of their own
//   const deputy = await hire(server, { unit: SOCIAL_UNIT, role: 'case-worker', endsOn: day(20) })
//   await acting(server, other.person).get(...)
import { unknownId } from './habits.mjs'
import { ISSUER } from './token.mjs'

let hired = 0

// Somebody new, past the API: {person, user, assignment, unit}. Without a unit they get a new one.
export async function hire(server, { organisation, unit, role = 'case-worker', name = 'Test Person', startsOn = -100, endsOn }) {
  const [user, identity, assignment] = [unknownId(), unknownId(), unknownId()]
  const person = `hired-${++hired}`
  if (!unit) {
    unit = unknownId()
    await server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${unit}', '${organisation}', 'unit', 'Enhet ${hired}')`)
  }
  await server.sql(`
    insert into samsyn.users (id, organisation_id, name) select '${user}', boundary_id, '${name} ${hired}' from samsyn.organisations where id = '${unit}';
    insert into samsyn.identities (id, user_id, issuer, subject) values ('${identity}', '${user}', '${ISSUER}', '${person}');
    insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on, ends_on)
    select '${assignment}', '${user}', '${unit}', id, samsyn.today() + ${startsOn}, ${endsOn === undefined ? 'null' : `samsyn.today() + ${endsOn}`}
    from samsyn.roles where code = '${role}'`)
  return { person, user, assignment, unit }
}
