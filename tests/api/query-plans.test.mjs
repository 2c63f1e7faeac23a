// How PostgreSQL goes about the statements when there is much: under the row policies, with the plan that the server's
// connections use (one for all values), no table that grows with the work is read from end to end.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { contract } from '../support/contract.mjs'
import { SCHOOL, SOCIAL } from '../support/demo.mjs'
import { cloneDatabase, cluster, command, conninfo } from '../support/server.mjs'

// Whatever reads somebody's data, but for the export, which is a cursor over the access log.
const OPERATIONS = contract().operations.map(one => one.source)
  .filter(one => one['x-audit'] && one['x-audit'] !== 'export' && (one.operationId.startsWith('list') || one.operationId.startsWith('get') || one['x-audit'] === 'search'))
  .map(one => one.operationId)
// What does not grow with the work: organisations and those who work there, agreements, and the law.
const SMALL = /^(organisations|users|identities|roles|assignments|clients|permissions|agreements|agreement_parties|sectors|secrecy_regimes|information_categories|legal_grounds|preconditions|ground_scopes|never_grounds|deadline_rules|retention_rules|retention_mappings|retention_decisions|bbic_areas|refusal_explanations|configuration)$/

// What samsyn.access_event_page and samsyn.find_access_events take, in their order, before the length of the page.
const EVENT_FILTERS = ['the_subject', 'the_user', 'the_organisation', 'the_client', 'the_operation', 'the_activity', 'the_ground', 'the_outcome', 'the_code',
  'the_emergency', 'in_emergency', 'since', 'before', 'the_cursor']

let database
const PERMISSIONS = [...new Set(contract().operations.map(one => one.source['x-permission']).filter(Boolean))].filter(one => one !== 'organisation:any')

const psql = (...input) =>
  execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', cluster(), '-U', 'postgres', '-d', database, ...input.slice(0, -1)],
    { encoding: 'utf8', input: input.at(-1), maxBuffer: 1 << 28 })

before(async () => {
  database = await cloneDatabase()
  psql('-v', 'cases=4000', '-v', 'records=5', '-v', 'events=20000', '-f',
    fileURLToPath(new URL('../bench/load.sql', import.meta.url)), '')
})

// The statements of an operation as the server sends them, without `enter`.
async function statements(operation) {
  const { stdout } = await command('check', '--database', conninfo(database), '--sql', operation)
  return stdout.split(/^-- (?=\S+, )/m).slice(1)
    .filter(block => !block.startsWith('enter,'))
    .map(block => block.slice(block.indexOf('\n')).trim())
}

// The plan of a statement for a case worker with a hundred cases, all its values null but for what is paged.
function plan(sql) {
  const values = [...new Set([...sql.matchAll(/\$(\d+)::(\w+(?:\[\])?)/g)].map(([, n, type]) => `${n} ${type}`))]
    .sort((a, b) => parseInt(a) - parseInt(b)).map(value => (value.endsWith('bigint') ? '20' : 'null'))
  const printed = psql(`
    begin;
    set local plan_cache_mode = force_generic_plan;
    set local enable_seqscan = off;
    set local role samsyn_api;
    select set_config('samsyn.assignment_id', md5('bench-assignment-3')::uuid::text, true) is null,
        set_config('samsyn.organisation_id', md5('bench-board-0')::uuid::text, true) is null,
        set_config('samsyn.permissions', ',${PERMISSIONS},', true) is null,
        set_config('samsyn.user_id', md5('bench-user-3')::uuid::text, true) is null \\g /dev/null
    prepare it as ${sql.replace(/;$/, '')};
    explain (format json, costs off) execute it${values.length ? `(${values})` : ''};
    rollback;`)
  return JSON.parse(printed)[0].Plan
}

function* nodes(node) {
  yield node
  for (const child of node.Plans ?? []) yield* nodes(child)
}

for (const operation of OPERATIONS) {
  test(`${operation} finds its rows by an index`, async () => {
    const sent = await statements(operation)

    const scans = sent.flatMap(sql => [...nodes(plan(sql))])

    const whole = scans.filter(node => node['Node Type'] === 'Seq Scan' && !SMALL.test(node['Relation Name']))
    assert.deepEqual(whole.map(node => node['Relation Name']), [])
  })
}

test('what a share opens is found along indexes, in the rule and in every function behind it', () => {
  // A record of the school's, shared standingly with the board whose case worker reads it; what happens inside functions
  // only auto_explain tells, on standard error.
  const record = "md5('bench-record-1501')::uuid"
  const statements = {
    'the record': `select count(*) from api.records r where r.resource = ${record}`,
    'the records of the case': `select count(*) / 5 from samsyn.records r where r.case_id = md5('bench-case-300')::uuid`,
    'the evaluation of reading it': `select (e.body ->> 'allowed')::boolean::int from samsyn.evaluate_access(jsonb_build_object('action', 'read', 'recordId', ${record})) e`,
    'the evaluation without the consent': `select 1 - (e.body ->> 'allowed')::boolean::int from samsyn.evaluate_access(jsonb_build_object('action', 'read', 'recordId', ${record}, 'assuming', '{"consentRevoked": true}'::jsonb)) e`,
    'the evaluation of a disclosure': `select 1 - (e.body ->> 'allowed')::boolean::int from samsyn.evaluate_access(jsonb_build_object('action', 'disclose', 'caseId', md5('bench-case-300')::uuid,
      'recipientId', md5('bench-school-0')::uuid, 'ground', 'FL_8', 'categories', jsonb_build_array('FAMILY_SITUATION'))) e`
  }
  for (const [what, statement] of Object.entries(statements)) {
    const { stderr, stdout } = spawnSync('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', database], { encoding: 'utf8', maxBuffer: 1 << 28, input: `
      load 'auto_explain';
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_timing = off;
      set client_min_messages = log; set enable_seqscan = off; set plan_cache_mode = force_generic_plan;
      select set_config('samsyn.assignment_id', md5('bench-assignment-3')::uuid::text, false) is null,
          set_config('samsyn.organisation_id', md5('bench-board-0')::uuid::text, false) is null,
          set_config('samsyn.unit_id', md5('bench-unit-0')::uuid::text, false) is null,
          set_config('samsyn.permissions', ',subject:read,case:read,record:read,consent:read,disclosure:read,disclosure:write,', false) is null,
          set_config('samsyn.targets', '{}', false) is null,
          set_config('samsyn.user_id', md5('bench-user-3')::uuid::text, false) is null \\g /dev/null
      set role samsyn_api;
      ${statement};` })

    assert.equal(stdout.trim().split('\n').at(-1), '1', `${what}: ${stderr.slice(-2000)}`)
    assert.match(stderr, /Index.* Scan .* on (disclosures|cases)/, what)
    const whole = [...stderr.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table).filter(table => !SMALL.test(table))
    assert.deepEqual(whole, [], what)
  }
})

test('the access log is searched along an index in its order, and no further than for a page', () => {
  const filters = {
    nothing: {}, the_subject: "md5('bench-subject-77')::uuid", the_user: "md5('bench-user-7')::uuid", the_organisation: "md5('bench-board-0')::uuid",
    the_client: "'bench'", the_operation: "'getRecord'", the_activity: "'read'", the_outcome: "'allowed'", in_emergency: 'false', since: 'now() - interval \'1 day\'',
    before: 'now()', the_ground: "'CONSENT'", the_code: "'NOT_FOUND'", the_emergency: "md5('none')::uuid"
  }
  for (const [filter, value] of Object.entries(filters)) {
    const values = EVENT_FILTERS.map(name => name === filter ? value : 'null')
    // What happens inside a function only auto_explain tells, on standard error.
    const { stderr, stdout } = spawnSync('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', database], { encoding: 'utf8', maxBuffer: 1 << 28, input: `
      load 'auto_explain';
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
      set client_min_messages = log; set plan_cache_mode = force_generic_plan; set jit = off;
      select set_config('samsyn.organisation_id', md5('bench-board-0')::uuid::text, false) is null,
          set_config('samsyn.permissions', ',access-event:read,', false) is null \\g /dev/null
      select count(*) from samsyn.find_access_events(${values}, 20);` })

    assert.match(stdout, /the_ground|the_code|the_emergency/.test(filter) ? /^0/ : /^[1-9]/, filter)
    assert.match(stderr, /Index.* Scan .*access_event/, filter)
    assert.doesNotMatch(stderr, /Seq Scan on access_event/, filter)
    const read = [...stderr.matchAll(/Scan .*access_event\w+ .*\(actual rows=(\d+) loops=(\d+)\)/g)].map(([, rows, loops]) => rows * loops)
    assert.ok(read.length > 0 && Math.max(...read) <= 25, `${filter} read ${Math.max(...read)} rows for a page of 20`)
  }
})

test('a part of an extract costs what its rows cost, however long the log goes on behind it', () => {
  const { stderr, stdout } = spawnSync('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', database], { encoding: 'utf8', maxBuffer: 1 << 28, input: `
    begin;
    insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
    select gen_random_uuid(), now() - n * interval '1 second', s.organisation_id, 'getSubject', 'read', array[s.id], array[s.id], '{}', '{FL_8}', '{}', 'allowed'
    from samsyn.subjects s cross join generate_series(1, 3000) n where s.id = md5('bench-subject-77')::uuid;
    load 'auto_explain';
    set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
    set client_min_messages = log; set jit = off;
    select count(*) from samsyn.extract_rows(array[row(md5('bench-subject-77')::uuid, true, false, '{}', '{}', '{}')::samsyn.told_person], null, null,
      samsyn.utc_micro(now() - interval '100 seconds') || '_ffffffff-ffff-ffff-ffff-ffffffffffff_ffffffff-ffff-ffff-ffff-ffffffffffff', 200, null);
    rollback;` })

  assert.equal(stdout.trim(), '200', stderr.slice(-2000))
  assert.doesNotMatch(stderr, /Seq Scan on access_event[^\n]*actual rows=[1-9]/)
  const read = [...stderr.matchAll(/Scan .*access_event\w+ .*\(actual rows=(\d+) loops=(\d+)\)/g)].map(([, rows, loops]) => rows * loops)
  assert.ok(read.length > 0 && Math.max(...read) <= 400, `${Math.max(...read)} rows were read for a part of 200`)
  const asked = stderr.split('Query Text:').length - 1
  assert.ok(asked <= 30, `${asked} statements for a part of 200`)
})

// A log of half a year, 25,000 events a month.
const SEARCHED = 150_000
let searchedLog
async function logToSearch() {
  if (searchedLog) return searchedLog
  searchedLog = await cloneDatabase()
  const run = (file, ...variables) => execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', cluster(), '-U', 'postgres', '-d', searchedLog,
    ...variables.flatMap(one => ['-v', one]), '-f', fileURLToPath(new URL(`../bench/${file}.sql`, import.meta.url))])
  run('months', 'each=25000')
  for (let month = 0; month < 6; month++) run('month', `month=${month}`, `events=${SEARCHED}`)
  return searchedLog
}

// What a page of each search touches, in buffers of 8 KiB, and every plan of the statements behind them.
async function explainSearches(searches) {
  const page = search => `select count(*) from samsyn.access_event_page(${EVENT_FILTERS.map(name => search[name] ?? 'null')}, 20) p
    cross join lateral samsyn.show_events(p.events, p.pause) s;`
  const { stdout, stderr } = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', cluster(), '-U', 'postgres', '-d', await logToSearch()], { encoding: 'utf8', maxBuffer: 1 << 30, input: `
    load 'auto_explain';
    set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = off;
    set plan_cache_mode = force_generic_plan; set jit = off;
    select set_config('samsyn.organisation_id', '${SOCIAL}', false) is null,
        set_config('samsyn.permissions', ',access-event:read,', false) is null \\g /dev/null
    set role samsyn_api;
    set client_min_messages = log;
    ${searches.map(page).join('\n')}
    set client_min_messages = warning;
    ${searches.map(search => `explain (analyze, buffers, timing off, format json) ${page(search)}`).join('\n')}` })
  const [counts, ...explained] = stdout.split(/^(?=\[)/m)
  assert.equal(explained.length, searches.length, stderr.slice(-2000))
  const tops = explained.map(one => JSON.parse(one)[0].Plan)
  return { found: counts.trim().split('\n').map(Number), touched: tops.map(top => top['Shared Hit Blocks'] + top['Shared Read Blocks']), plans: stderr }
}

test('a part of an export costs what its events cost, however long the log is', async () => {
  const { stdout, stderr } = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', cluster(), '-U', 'postgres', '-d', await logToSearch()], { encoding: 'utf8', maxBuffer: 1 << 30, input: `
    load 'auto_explain';
    set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on; set auto_explain.log_timing = off;
    set jit = off;
    select set_config('samsyn.organisation_id', '${SOCIAL}', false) is null,
        set_config('samsyn.permissions', ',access-event:read,', false) is null \\g /dev/null
    set role samsyn_api;
    set client_min_messages = log;
    select count(*) from samsyn.access_event_page(${EVENT_FILTERS.map(() => 'null')}, 5000) p
    cross join lateral samsyn.show_events(p.events, p.pause) s;` })

  assert.equal(stdout.trim(), '5000', stderr.slice(-2000))
  const handled = [...stderr.matchAll(/^.*\(actual rows=(\d+) loops=(\d+)\)/gm)].filter(([, rows, loops]) => rows * loops > 10_000)
  assert.deepEqual(handled.map(([step]) => step.trim()), [])
  const read = [...stderr.matchAll(/Index Scan using access_events_\w+_pkey .*\(actual rows=(\d+) loops=(\d+)\)/g)].map(([, rows, loops]) => rows * loops)
  assert.equal(read.reduce((sum, rows) => sum + rows, 0), 5000, 'each is read once')
})

const SEARCHES = {
  subject: { the_subject: "md5('subject-0')::uuid" },
  formerSubject: { the_subject: "md5('former-5-3')::uuid" },
  user: { the_user: "md5('user-5')::uuid" },
  organisation: { the_organisation: `'${SOCIAL}'` },
  otherOrganisation: { the_organisation: `'${SCHOOL}'` },
  client: { the_client: "'bench'" },
  operation: { the_operation: "'getRecord'" },
  activity: { the_activity: "'read'" },
  ground: { the_ground: "'CONSENT'" },
  outcome: { the_outcome: "'denied'" },
  code: { the_code: "'NO_LEGAL_GROUND'" },
  emergency: { in_emergency: 'false' },
  from: { since: "now() - interval '120 days'" },
  until: { before: "now() - interval '60 days'" }
}
// Where a page is filled, and where it is sought as far as the effort for one page goes: 10,020 rows, each by its key.
const PAGE_BUFFERS = 2_000
const EFFORT_BUFFERS = 45_000

test('no search of a long log reads more than for its page, by one filter or by two', async () => {
  const one = Object.entries(SEARCHES)
  const two = one.flatMap(([name, search], i) => one.slice(i + 1).filter(([, other]) => !(Object.keys(other)[0] in search))
    .map(([other, more]) => [`${name} and ${other}`, { ...search, ...more }]))
  const none = [['unknown subject', { the_subject: "md5('nobody')::uuid" }], ['unknown user', { the_user: "md5('nobody')::uuid" }],
    ['emergency access', { the_emergency: "md5('none')::uuid" }], ['ground never used', { the_ground: "'FL_8'" }], ['code never given', { the_code: "'CASE_CLOSED'" }]]
  const sifted = [['unknown operation', { the_operation: "'noSuchThing'" }], ['client of long ago', { the_client: "'retired-5'" }]]
  const all = [['no filter', {}], ...one, ...two, ...none, ...sifted]

  const { found, touched, plans } = await explainSearches(all.map(([, search]) => search))

  const seen = all.map(([name], i) => ({ name, found: found[i], touched: touched[i] }))
  const named = name => seen.find(one => one.name === name)
  assert.doesNotMatch(plans, /Seq Scan on access_event/)
  assert.deepEqual(seen.filter(({ found, touched }) => touched > (found === 20 ? PAGE_BUFFERS : EFFORT_BUFFERS)), [])
  assert.deepEqual(none.map(([name]) => named(name)).filter(({ found, touched }) => found > 0 || touched > PAGE_BUFFERS), [])
  // They are all found by something: a bound that an empty log would keep proves nothing.
  assert.deepEqual(one.map(([name]) => named(name)).filter(({ found }) => found < 20), [])
  // What is sifted comes to the end of its effort, and says where to go on.
  assert.deepEqual(sifted.map(([name]) => named(name).found), [1, 1])
})

test('what a guardian is told is found along indexes, however many children there are', () => {
  psql(`update samsyn.subjects set identity_number = lpad((hashtextextended(id::text, 0) & 68719476735)::text, 12, '0');
    update samsyn.guardians set identity_number = lpad((hashtextextended(id::text, 1) & 68719476735)::text, 12, '0');
    analyze samsyn.subjects; analyze samsyn.guardians;`)
  const number = psql(`select identity_number from samsyn.guardians where id = md5('bench-guardian-77')::uuid`).trim()
  for (const from of ['api.my_subjects', 'api.my_contact_details', 'api.my_cases', 'api.my_consents', 'api.my_plans', 'samsyn.find_my_access_events(null, 20)']) {
    const { stderr, stdout } = spawnSync('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', database], { encoding: 'utf8', input: `
      load 'auto_explain';
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set client_min_messages = log; set enable_seqscan = off;
      select set_config('samsyn.party_number', '${number}', false) is null,
          set_config('samsyn.permissions', ',my:read,', false) is null \\g /dev/null
      set role samsyn_api;
      select count(*) from ${from};` })

    assert.match(stdout, /plans|events/.test(from) ? /^\d/ : /^[1-9]/, from)
    if (!from.includes('plans')) assert.match(stderr, /Index.* Scan .*guardians_by_identity_number/, from)
    const whole = [...stderr.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table).filter(table => !SMALL.test(table))
    assert.deepEqual(whole, [], from)
  }
})
