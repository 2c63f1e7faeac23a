// The matrix of matrix.mjs, tried cell by cell with the requests of support/requests.mjs.
import { test } from 'node:test'
import { AGREEMENT } from '../support/demo.mjs'
import { requestsIn } from '../support/requests.mjs'
import { testMatrix } from '../support/roles.mjs'
import { startServer } from '../support/server.mjs'
import { acting } from '../support/story.mjs'
import { makeWorld } from '../support/world.mjs'
import { MATRIX } from './matrix.mjs'

const server = await startServer()

testMatrix(server, { expected: MATRIX, request: await requestsIn(await makeWorld(server), MATRIX) })

test('nothing of the demo was used up by those who may not', async () => {
  const lead = acting(server, 'school-collaboration-lead')
  const { body } = await lead.get(`/agreements/${AGREEMENT}`, { status: 200 })
  if (body.state !== 'awaiting-signatures') throw new Error(`the demo's agreement is ${body.state}`)
})
