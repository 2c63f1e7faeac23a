// What deploy/ tells operators, held against the program: options, metrics, and the first administrator.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { oldEvents, oldMonth } from '../support/archive.mjs'
import { contract } from '../support/contract.mjs'
import { refused } from '../support/client.mjs'
import { identityNumber } from '../support/demo.mjs'
import { makeLog, sealed } from '../support/log.mjs'
import { optionsOf } from '../support/options.mjs'
import { cloneDatabase, cluster, command, conninfo, sql, startServer } from '../support/server.mjs'

const deploy = name => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url))
const COMMANDS = ['serve', 'migrate', 'check', 'demo', 'token', 'import-organisations', 'import-grounds', 'retention list', 'retention run',
  'log months', 'log archive', 'log remove']

const server = await startServer()

test('samsyn.conf.example names every option, with its default', async () => {
  const options = new Map((await Promise.all(COMMANDS.map(optionsOf))).flatMap(all => [...all]))
  options.delete('config') // which is what names the file

  const lines = [...readFileSync(deploy('samsyn.conf.example'), 'utf8').matchAll(/^#([a-z-]+) = (.*)$/gm)]

  assert.deepEqual(lines.map(([, name]) => name).sort(), [...options.keys()].sort())
  for (const [, name, value] of lines) if (options.get(name)) assert.equal(value, options.get(name), name)
})

// The commands that a unit of systemd runs, and those of a job of Kubernetes, without the binary's name.
const systemd = name => [...readFileSync(deploy(name), 'utf8').matchAll(/^ExecStart=\S+\/samsyn (.*)$/gm)].map(([, command]) => command.split(' '))
const kubernetes = name => parse(readFileSync(deploy(name), 'utf8').split(/^---$/m)[0])

test('what runs by itself lists and archives, and removes nothing', async () => {
  const month = '2019-05', log = makeLog(), folder = mkdtempSync('/tmp/samsyn-deploy-')
  const old = await startServer({ options: log.options })
  await oldMonth(old, month)
  await oldEvents(old, month, 25)
  await sealed(old)
  const database = ['--retention-database', conninfo(old.database, 'samsyn_retention')]
  const job = name => kubernetes(name).spec.jobTemplate.spec.template.spec.containers[0].args
  const commands = [...systemd('samsyn-retention.service'), ...systemd('samsyn-log-archive.service'), job('kubernetes/retention.yaml'), job('kubernetes/log-archive.yaml')]
    .map(args => args.map(word => word.replace(/^(%S|\/var\/lib)\/samsyn-log-archive$/, folder)))

  const done = []
  for (const args of commands) done.push(await command(...args, ...database))

  for (const { status, stderr } of done) assert.equal(status, 0, stderr)
  assert.deepEqual(readdirSync(folder), [`${month}.ndjson`])
  const [, archived, months, , again] = done.map(({ stdout }) => stdout)
  assert.match(archived, new RegExp(`^archived\t${month}\t25 events\tsha256 `))
  assert.match(months, new RegExp(`^${month}\t25\tdue\t2024-06-01\t-$`, 'm'))
  assert.equal(again, `there\t${month}\t${folder}/${month}.ndjson\n`)
  rmSync(folder, { recursive: true })
})

test('timers and jobs run at the same times', () => {
  for (const name of ['retention', 'log-archive']) {
    const [, day, hour] = readFileSync(deploy(`samsyn-${name}.timer`), 'utf8').match(/^OnCalendar=\*-\*-(\d\d) (\d\d):00:00 Europe\/Stockholm$/m)
    const { spec, metadata } = kubernetes(`kubernetes/${name}.yaml`)

    assert.deepEqual([spec.schedule, spec.timeZone, metadata.name], [`0 ${Number(hour)} ${Number(day)} * *`, 'Europe/Stockholm', `samsyn-${name}`])
    assert.ok(systemd(`samsyn-${name}.service`).length > 0)
  }
})

test('the alerts ask for metrics and operations that there are', async () => {
  await server.as('social-case-worker').get('/cases', { status: 200 })
  await server.anonymous().get('/cases', { status: 401 })
  const { text: metrics } = await server.management('/metrics')
  const exported = new Set([...metrics.matchAll(/^(?:# TYPE )?([a-z_]+)(?:\{| )/gm)].map(([, name]) => name))

  const rules = parse(readFileSync(deploy('prometheus-rules.yaml'), 'utf8')).groups.flatMap(group => group.rules)
  const asked = rules.flatMap(rule => rule.expr.match(/\bsamsyn_[a-z_]+/g) ?? [])
  const operations = rules.flatMap(rule => [...rule.expr.matchAll(/operation=~"([^"]*)"/g)].flatMap(([, names]) => names.split('|')))

  assert.deepEqual(asked.filter(name => !exported.has(name)), [])
  assert.ok(asked.length > 10 && operations.length > 0)
  for (const name of operations) assert.equal(contract().find(name).id, name)
})

// A series with labels begins at its first event, of which increase() says nothing.
test('an alert on what should never happen is given at the first time, too', async () => {
  const { text: fresh } = await (await startServer()).management('/metrics')
  const started = (name, labels) => fresh.split('\n').some(line => new RegExp(`^${name}[{ ]`).test(line) && line.includes(labels))
  const rules = parse(readFileSync(deploy('prometheus-rules.yaml'), 'utf8')).groups.flatMap(group => group.rules)

  const rare = rules.filter(rule => !rule.for).map(({ alert, expr }) => ({ alert, expr, of: /increase\(([a-z_]+)(?:\{([^}]*)\})?\[\w+\]\)+ > 0\b/.exec(expr) })).filter(({ of }) => of)

  assert.deepEqual(rare.filter(({ expr, of: [, name, labels = ''] }) => !started(name, labels) && !/ unless /.test(expr)).map(({ alert }) => alert), [])
  assert.ok(rare.length > 1)
})

test('the log of the database holds statements, but not the values that they were given', async () => {
  const number = identityNumber('2014-05-06', 987)
  const child = { name: 'Loggprov Testsson', birthDate: '2014-05-06', identityNumber: number }
  const database = await cloneDatabase()
  await sql(database, `alter role samsyn_api in database ${database} set log_min_duration_statement = 0`)
  const worker = (await startServer({ database })).as('social-case-worker')
  await worker.post('/subjects', child, { status: 201 })
  refused(await worker.post('/subjects', child), 409, 'ALREADY_EXISTS')

  const log = readFileSync(`${cluster()}/log`, 'utf8')

  assert.match(log, /insert into samsyn\.subjects/)
  assert.match(log, /subjects_identity_number_key/)
  assert.equal(log.includes(number), false)
  assert.equal(log.includes('Loggprov'), false)
})

test('first-administrator.sql lets the first administrator in', async () => {
  const values = { municipality: '0180', authority: 'Kommunstyrelsen', name: 'Alma Ek', issuer: 'samsyn-development', subject: 'alma', client: 'admin-portal', vendor: 'The vendor' }
  const sets = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`])

  execFileSync('psql', [conninfo(server.database, 'samsyn_owner'), '--no-psqlrc', '--quiet', '--file', deploy('first-administrator.sql'), ...sets])

  const me = await server.as('alma', { claims: { azp: 'admin-portal', scope: 'samsyn:admin' } }).get('/me', { status: 200 })
  assert.equal(me.body.name, 'Alma Ek')
  assert.equal(me.body.acting.role, 'system-admin')
})
