// Runs test files over HTTP on one temporary cluster, two files at a time, and prints the totals.
//
//   node run-api.mjs STAGE FOLDER [FILE...]      STAGE is the word before "N passed, N failed"
//
// After all files of a folder the stage `api-test` checks that they saw every operation and documented status.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from 'node:test'
import { reportCoverage } from './coverage.mjs'
import { PATIENCE_MS } from './patience.mjs'
import { makeCluster, removeCluster } from './server.mjs'

const PARALLEL = 2
// What a file may take on a busy machine: those that try every operation with everybody are long.
const TIMEOUT_MS = 4 * PATIENCE_MS

const [stage, folder, ...chosen] = process.argv.slice(2)
const files = (chosen.length ? chosen : listTests(folder)).map(file => resolve(file))
const seen = resolve(process.env.BUILD ?? 'build', 'test', `${stage}.seen`)

let passed = 0
let failed = 0
let directory

function listTests(from) {
  try {
    return readdirSync(from).filter(name => name.endsWith('.test.mjs')).sort().map(name => join(from, name))
  } catch {
    return []
  }
}

function indent(text) {
  return String(text).split('\n').map(line => '    ' + line).join('\n')
}

// A suite only holds tests, and a file only stands for its tests: neither is counted, unless it broke by itself.
function onPass(data) {
  if (data.details?.type !== 'suite' && !files.includes(resolve(data.name))) passed++
}

function onFail(data) {
  const error = data.details?.error
  if (error?.failureType === 'subtestsFailed') return
  failed++
  console.log(`FAILED ${data.file ?? ''} ${data.name}`)
  console.log(indent(error?.cause?.stack ?? error?.cause ?? error?.stack ?? error))
}

function runFiles() {
  return new Promise(done => {
    run({ files, concurrency: PARALLEL, timeout: TIMEOUT_MS })
      .on('test:pass', onPass)
      .on('test:fail', onFail)
      .on('test:stderr', data => process.stdout.write(data.message))
      .on('test:stdout', data => process.stdout.write(data.message))
      .on('end', done)
      .resume()
  })
}

function cleanUp() {
  if (directory) removeCluster(directory)
  directory = undefined
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { cleanUp(); process.exit(1) })

try {
  if (!files.length) throw new Error(`no tests found in ${folder}`)
  mkdirSync(resolve(seen, '..'), { recursive: true })
  rmSync(seen, { force: true })
  directory = makeCluster()
  process.env.SAMSYN_TEST_CLUSTER = directory
  process.env.SAMSYN_SEEN = seen
  await runFiles()
  if (stage === 'api-test' && !chosen.length) {
    const coverage = reportCoverage(seen)
    passed += coverage.passed
    failed += coverage.failed
  }
} catch (error) {
  console.log(error.message)
  failed++
} finally {
  cleanUp()
}
if (passed + failed === 0) failed = 1
console.log(`${stage}: ${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
