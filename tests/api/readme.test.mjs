// The walk-through of README.md, run as a reader would run it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ALVAS_GUARDIANS, ELIAS } from '../support/demo.mjs'
import { makeFolder } from '../support/folder.mjs'
import { makeLog } from '../support/log.mjs'
import { Comparison, readSteps, runSteps } from '../support/readme.mjs'
import { BINARY, startServer } from '../support/server.mjs'

const top = fileURLToPath(new URL('../..', import.meta.url))
const LIFETIME_S = 28800

const server = await startServer({ options: { tokenMaxLifetimeS: LIFETIME_S, ...makeLog().options } })
const folder = makeFolder('readme')

// What `make run` leaves for the reader to source, and to run.
async function writeEnvironment() {
  const parties = await server.sql(`select 'KARIN=' || identity_number as one from samsyn.guardians where id = '${ALVAS_GUARDIANS[0]}'
    union all select 'ELIAS=' || identity_number from samsyn.subjects where id = '${ELIAS}'`)
  const text = execFileSync(`${top}/deploy/demo-environment.sh`,
    [BINARY, `${server.directory}/key.pem`, server.url, String(LIFETIME_S), ...parties.map(({ one }) => one)])
  mkdirSync(`${folder}/.samsyn`)
  writeFileSync(`${folder}/.samsyn/demo.env`, text)
  mkdirSync(`${folder}/build`)
  symlinkSync(BINARY, `${folder}/build/samsyn`)
}

test('the walk-through of README.md runs and shows what comes out', async t => {
  await writeEnvironment()
  const steps = await runSteps(readSteps(readFileSync(`${top}/README.md`, 'utf8')), folder)
  const comparison = new Comparison()

  for (const step of steps) {
    await t.test(`README.md:${step.line}`, () => {
      assert.equal(step.status, 0, `ended with ${step.status}:\n${step.code}\n${step.output}\n${step.errors}`)
      const missing = step.shown === undefined ? undefined : comparison.firstDifference(step.shown, step.output)
      assert.equal(missing, undefined, `the README shows what did not come out: ${missing}\ncame out:\n${step.output}`)
    })
  }
  assert.ok(steps.length > 0, 'README.md shows nothing to run')
})
