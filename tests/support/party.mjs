// Guardians and children as they sign in, and a family that they are.
//
//   const mother = asParty(server, family.numbers.mother)       a client with a token of an identity number
//   const family = await registerFamily(server, { years: 9 })   {child, mother, father, numbers: {child, mother, father}}
//   const { caseId, mum } = await familyOnCase(server)          the same, with a joint case and clients {mum, dad, kid}
//   await listMine(mum, 'access-events')
import { born, identityNumber } from './demo.mjs'
import { acting, jointCase, LEAD } from './story.mjs'

// The development issuer that vouches for identity numbers.
export const ISSUER = 'samsyn-development-party'
export const SCOPE = 'samsyn:my'
let families = 0

export const asParty = (server, number, { scope = SCOPE, ...claims } = {}) =>
  server.as('party', { claims: { iss: ISSUER, scope, identity_number: number, ...claims } })

// Numbers that no other family has.
function numbersOf(family) {
  const on = (year, more) => new Date(Date.UTC(year, 0, 1 + family * 3 + more)).toISOString().slice(0, 10)
  return { child: identityNumber(on(2012, 0), 980), mother: identityNumber(on(1980, 1), 982), father: identityNumber(on(1978, 2), 984) }
}

// A child who is this many years old since a day, and both guardians in the register of the agency in which `person` acts, all with numbers:
// those of another family's members when `numbers` names them.
export async function registerFamily(server, { years = 9, since, person = LEAD, numbers = numbersOf(++families), ...more } = {}) {
  const make = async (operationId, path, body) => (await acting(server, person).call(operationId, { path, body }, { status: 201 })).body
  const birthDate = born(years, since)
  const child = await make('createSubject', {}, { name: 'Nova Provfall', birthDate, identityNumber: numbers.child, ...more })
  const guardian = (name, identityNumber) =>
    make('createGuardian', { subjectId: child.id }, { name, identityNumber, kind: 'guardian', startsOn: birthDate })
  return { child, mother: await guardian('Berit Provfall', numbers.mother), father: await guardian('Sven Provfall', numbers.father), numbers }
}

export const signedIn = (server, { numbers }) =>
  ({ mum: asParty(server, numbers.mother), dad: asParty(server, numbers.father), kid: asParty(server, numbers.child) })

// A family with a case of social services about the child, in which the school takes part with a consent in force.
export async function familyOnCase(server, more) {
  const its = await registerFamily(server, more)
  const joint = await jointCase(server, { subjectId: its.child.id })
  return { ...its, ...joint, ...signedIn(server, its) }
}

export const listMine = async (party, what, query) =>
  (await party.get(`/my/${what}`, { query, status: 200 })).body[{ 'access-events': 'accessEvents' }[what] ?? what]
export const idsOfMine = async (party, what) => (await listMine(party, what)).map(one => one.id)
