// The matrix: every operation × every person of the demo × (own, other, unknown), with the status that each must get.
//
//   await testMatrix(server, {
//     request: (operationId, place, person) => ({ path: { caseId }, query, body, options }),
//     expected: {
//       getApiInfo: { any: { otherwise: 200 } },
//       getCase: {
//         own: { 'social-case-worker': 200, 'social-manager': 200, otherwise: '403 ROLE_NOT_ALLOWED' },
//         other: { otherwise: 404 },
//         unknown: { otherwise: 404 }
//       }
//     }
//   })
//
// `own` is a thing of the person's own organisation, `other` one of another agency to which nothing connects the
// person, `unknown` an identifier that does not exist. An operation without a thing to point at (a list, a creation)
// has `any` alone. `request` tells what to send for one cell; it is called for each cell anew, so that it can make a
// fresh thing for a request that changes something. A cell is a status, or a status and a code: 403 or '403 ROLE_NOT_ALLOWED'.
//
// An operation of the contract without a row fails, as does a row without an operation, a place without a decision,
// a person who is neither named nor covered by `otherwise`, and a name that is nobody's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contract } from './contract.mjs'
import { PEOPLE } from './people.mjs'
import { ISSUER } from './token.mjs'

const PLACES = ['own', 'other', 'unknown']

function placesOf(row) {
  return row.any ? ['any'] : PLACES
}

// What is wrong with the table itself.
function tableFaults(expected) {
  const ids = contract().operations.map(operation => operation.id)
  const faults = ids.filter(id => !expected[id]).map(id => `${id} has no row: decide who may use it`)
  for (const [id, row] of Object.entries(expected)) {
    if (!ids.includes(id)) faults.push(`${id} is no operation of the contract`)
    for (const place of Object.keys(row).filter(name => !placesOf(row).includes(name))) faults.push(`${id}: ${place} does not belong there`)
    for (const place of placesOf(row)) faults.push(...cellFaults(id, place, row[place]))
  }
  return faults
}

function cellFaults(id, place, cells) {
  if (!cells) return [`${id}: nothing is decided for ${place}`]
  const strangers = Object.keys(cells).filter(name => name !== 'otherwise' && !PEOPLE.includes(name)).map(name => `${id} ${place}: nobody is called ${name}`)
  const missing = 'otherwise' in cells ? [] : PEOPLE.filter(name => !(name in cells)).map(name => `${id} ${place}: nothing is decided for ${name}`)
  return [...strangers, ...missing]
}

async function tryCell(client, id, place, person, cell, request) {
  const { options = {}, ...input } = await request(id, place, person) ?? {}
  const reply = await client.call(id, input, options)
  const got = String(cell).includes(' ') ? `${reply.status} ${reply.body?.code}` : String(reply.status)
  return got === String(cell) ? [] : [`${id}, ${place}, as ${person}: expected ${cell}, got ${reply.status} ${reply.body?.code ?? ''}`]
}

// Registers one test for the table and one for each of its rows.
export function testMatrix(server, { expected, request }) {
  const clients = new Map(PEOPLE.map(person => [person, server.as(person)]))
  test('every operation has a decision for every person and place', () => {
    const faults = tableFaults(expected)
    if (faults.length) assert.fail(faults.join('\n'))
  })
  test('the people of the matrix are all of the demo', async () => {
    const rows = await server.sql(`select subject from samsyn.identities where issuer = '${ISSUER}'`)
    assert.deepEqual(rows.map(row => row.subject).sort(), [...PEOPLE].sort())
  })
  for (const [id, row] of Object.entries(expected)) {
    test(`${id} answers each person as decided`, async () => {
      const faults = []
      for (const place of placesOf(row)) {
        for (const person of PEOPLE) {
          faults.push(...await tryCell(clients.get(person), id, place, person, row[place][person] ?? row[place].otherwise, request))
        }
      }
      if (faults.length) assert.fail(faults.join('\n'))
    })
  }
}
