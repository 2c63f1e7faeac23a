// Servers for tests: one temporary cluster per run, one cloned database and one sanitized server per test file.
//
//   const server = await startServer()           // at the top of the file; stopped and checked after its last test
//   const worker = server.as('social-case-worker')
//   const nobody = server.anonymous()
//   const rows = await server.sql(`select count(*) as n from samsyn.access_event`)     // as superuser
//
// Options of startServer: database (name of one that exists, instead of a fresh clone), options (object: further options
// of `samsyn serve`, in camel case: { statementTimeoutMs: 500 }; without one it waits long, patience.mjs), tolerate (events of level "error" that the file
// provokes on purpose), binary, manual (true: the file stops the server itself), port (a fixed one, for a restart), tally
// (null: what the clients were shown is not held against the access log, because the file alters the log).
//
// A file fails when its server does not stop with 0 on SIGTERM, when a sanitizer reported something, when a log line
// of level "error" was not tolerated, when a line is not JSON, or when a line holds a personal identity number.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { resolve } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createInterface } from 'node:readline'
import { Client } from './client.mjs'
import { beginOnOneDay } from './clock.mjs'
import { PATIENCE_MS, PATIENT, until } from './patience.mjs'
import { Tally } from './tally.mjs'
import { makeKey } from './token.mjs'

const run = promisify(execFile)
const here = name => fileURLToPath(new URL(name, import.meta.url))
const top = here('../..')

export const BINARY = process.env.SAMSYN ?? resolve(top, process.env.BUILD ?? 'build', 'samsyn-sanitize')

// Where the run's cluster lies. Under run-api.mjs it is there already; a test file run by itself makes its own.
let clusterDirectory = process.env.SAMSYN_TEST_CLUSTER
export function cluster() {
  if (!clusterDirectory) {
    clusterDirectory = makeCluster()
    process.on('exit', () => removeCluster(clusterDirectory))
  }
  return clusterDirectory
}

export function makeCluster() {
  const directory = mkdtempSync('/tmp/samsyn-test-')
  try {
    execFileSync(here('template.sh'), [directory, 'template'], { env: { ...process.env, SAMSYN: BINARY }, stdio: 'inherit' })
  } catch (error) {
    removeCluster(directory)
    throw error
  }
  return directory
}

export function removeCluster(directory) {
  try {
    execFileSync(here('cluster.sh'), ['stop', directory], { stdio: 'ignore' })
  } catch { /* it never started */ }
  rmSync(directory, { recursive: true, force: true })
}

// Runs SQL as the superuser; rows as objects. The text is one query, or several statements whose rows are not wanted.
export async function sql(database, text) {
  const query = /^\s*(select|with|table|values)\b/i.test(text)
    ? `select coalesce(json_agg(t), '[]') from (${text.replace(/;\s*$/, '')}) t`
    : text
  const { stdout } = await run('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1',
    '--host', cluster(), '--username', 'postgres', '--dbname', database, '--command', query], { maxBuffer: 1 << 28 })
  return query === text ? undefined : JSON.parse(stdout)
}

// A copy of the template, or of another database that nobody works in. Returns its name. Sessions that were ended, or that
// keep house, may be there for a moment more.
export async function cloneDatabase(template = 'template') {
  const name = `test_${randomBytes(8).toString('hex')}`
  const made = () => sql('postgres', `create database ${name} template ${template} owner samsyn_owner`).then(() => true)
  await until(() => made().catch(error => {
    if (!/is being accessed by other users/.test(error.stderr)) throw error
  }))
  return name
}

export const conninfo = (database, user = 'samsyn_api') => `host=${cluster()} dbname=${database} user=${user} connect_timeout=${PATIENCE_MS / 2000}`

// Runs a command of the binary to its end: {status, stdout, stderr}.
export async function command(...args) {
  try {
    return { status: 0, ...await run(BINARY, args, { maxBuffer: 1 << 26 }) }
  } catch (error) {
    if (typeof error.code !== 'number') throw error
    return { status: error.code, stdout: error.stdout, stderr: error.stderr }
  }
}

// Here, and not where the first server is started: who waited for one promise with the first test would be taken for it, and
// what they leave to be done after theirs would never be done.
await beginOnOneDay()

export async function startServer(options = {}) {
  const server = new Server(options)
  await server.start()
  if (!options.manual) after(() => server.stop())
  return server
}

const kebab = name => name.replace(/[A-Z]/g, letter => '-' + letter.toLowerCase())

class Server {
  constructor({ database, options = {}, tolerate = [], binary = BINARY, port = 0, tally = new Tally() }) {
    Object.assign(this, { database, options, tolerate, binary, port, tally })
    this.key = makeKey()
    this.lines = []
    this.directory = mkdtempSync('/tmp/samsyn-server-')
    writeFileSync(`${this.directory}/key.pem`, this.key, { mode: 0o600 })
  }

  // Started again, it has the port that it had; who was given that one meanwhile has it back soon.
  async start() {
    this.database ??= await cloneDatabase()
    for (const [end, before] = [Date.now() + PATIENCE_MS, this.lines.length]; ;) {
      try {
        return await this.#begin()
      } catch (error) {
        if (!/cannot listen on .* in use/.test(error.message) || Date.now() > end) throw error
        this.lines.length = before
      }
    }
  }

  async #begin() {
    const settings = {
      database: conninfo(this.database), listen: `127.0.0.1:${this.port}`, management: '127.0.0.1:0',
      developmentKey: `${this.directory}/key.pem`, acceptTestIdentityNumbers: true, ...PATIENT, ...this.options
    }
    const args = Object.entries(settings).filter(([, value]) => value !== undefined).flatMap(([name, value]) => [`--${kebab(name)}`, String(value)])
    this.stopped = false
    this.process = spawn(this.binary, ['serve', ...args], {
      // Its output is not that of the file: a server that outlived its file would keep the run from ending.
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1', UBSAN_OPTIONS: 'print_stacktrace=1', LSAN_OPTIONS: `suppressions=${here('lsan.supp')}:print_suppressions=0` }
    })
    const orphan = () => this.process.kill('SIGKILL')
    process.once('exit', orphan)
    this.exited = new Promise(resolve => this.process.once('close', (code, signal) => resolve({ code, signal })))
    this.exited.then(() => process.off('exit', orphan))
    const listening = await this.#readUntilListening()
    this.port = listening.port
    this.url = `http://127.0.0.1:${listening.port}`
    this.managementUrl = `http://127.0.0.1:${listening.managementPort}`
  }

  #readUntilListening() {
    return new Promise((resolve, reject) => {
      const fail = why => reject(new Error(`the server did not start: ${why}\n${this.lines.join('\n')}`))
      const timer = setTimeout(() => fail(`not listening after ${PATIENCE_MS} ms`), PATIENCE_MS)
      this.exited.then(({ code, signal }) => { clearTimeout(timer); fail(`it ended with ${code ?? signal}`) })
      createInterface({ input: this.process.stderr }).on('line', line => {
        this.lines.push(line)
        const event = parseLine(line)
        if (event?.event === 'listening') { clearTimeout(timer); resolve(event) }
      })
    })
  }

  // A client with tokens of this person (`sub`); further arguments as in client.mjs.
  as(subject, more = {}) { return new Client(this.url, { key: this.key, subject, tally: this.tally, ...more }) }
  anonymous(more = {}) { return new Client(this.url, more) }
  sql(text) { return sql(this.database, text) }

  // The parsed log lines, all or those of one event.
  log(event) { return this.lines.map(parseLine).filter(line => line && (!event || line.event === event)) }

  // Text of a path of the management listener: {status, text}.
  management(path) {
    return new Promise((resolve, reject) => {
      http.get(this.managementUrl + path, { agent: false }, reply => {
        const chunks = []
        reply.on('data', chunk => chunks.push(chunk)).on('error', reject)
        reply.on('end', () => resolve({ status: reply.statusCode, text: Buffer.concat(chunks).toString() }))
      }).on('error', reject)
    })
  }

  until(condition) { return until(condition) }

  // Stops it as an operator would and checks what it left behind.
  async stop() {
    if (this.stopped) return
    this.stopped = true
    this.process.kill('SIGTERM')
    const killer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE_MS)
    const { code, signal } = await this.exited
    clearTimeout(killer)
    rmSync(this.directory, { recursive: true, force: true })
    const faults = [...this.faults(), ...await this.tally?.faults(text => this.sql(text)) ?? []]
    if (code !== 0) faults.unshift(`it ended with ${signal ?? code} on SIGTERM`)
    if (faults.length) assert.fail(`the server of ${this.database} left faults behind:\n${faults.join('\n')}`)
  }

  // kill -9, for the fault tests; start() then starts it again on the same port and database.
  async kill() {
    this.stopped = true
    this.process.kill('SIGKILL')
    await this.exited
  }

  // What the log shows that it should not; empty when all is well.
  faults() {
    const faults = []
    for (const line of this.lines) {
      const event = parseLine(line)
      if (!event) faults.push(line)
      else if (event.level === 'error' && !this.tolerate.includes(event.event)) faults.push(`error: ${line}`)
      if (holdsIdentityNumber(line)) faults.push(`an identity number in the log: ${line}`)
    }
    return faults
  }
}

function parseLine(line) {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

// Twelve digits that begin with a date (61-91 for a day too: coordination numbers), with or without a hyphen;
// UUIDs and trace ids do not count.
function holdsIdentityNumber(line) {
  const text = line.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b/g, '')
  return /\b(18|19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[1-9]\d)-?\d{4}\b/.test(text)
}
