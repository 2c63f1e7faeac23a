// How PostgreSQL goes about the statements when there is much: under the row policies, with the plan that the server's
// connections use (one for all values), no table that grows with the work is read from end to end.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cloneDatabase, cluster, command, conninfo } from '../support/server.mjs'

const OPERATIONS = [
  'listCases', 'getCase', 'listRecords', 'getRecord', 'listRecordVersions', 'listParticipants', 'listInvitations', 'listTeamMembers',
  'listConsents', 'listConsentsOfCase', 'getConsent', 'listDisclosures', 'getDisclosure', 'listClosures', 'listReopenings',
  'listSubjects', 'getSubject', 'searchSubjects', 'listGuardians', 'listUsers', 'listAssignments', 'listAccessEvents', 'getAccessEvent',
  'listConcernReports', 'getConcernReport', 'listInvestigations', 'listInvestigationsOfCase', 'getInvestigation', 'listConsultations', 'getConsultation'
]
const GROWING = /^(cases|subjects|guardians|participants|team_members|records|record_versions|consents|consent_\w+|disclosures|disclosure_items|closures|reopenings|access_event\w*|concern_report\w*|protection_assessments|preliminary_decisions|investigation\w*|care_applications|consultation\w*)$/

let database

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
        set_config('samsyn.permissions', ',subject:read,case:read,record:read,consent:read,disclosure:read,user:read,concern-report:read,concern-report:receive,', true) is null,
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

    const whole = scans.filter(node => GROWING.test(node['Relation Name'] ?? '') && node['Node Type'] === 'Seq Scan')
    assert.deepEqual(whole.map(node => node['Relation Name']), [])
  })
}

test('the access log is searched along an index, whatever is asked for', () => {
  const filters = {
    nothing: 'null, null', subject: "md5('bench-subject-77')::uuid, null", user: "null, md5('bench-user-7')::uuid"
  }
  for (const [filter, values] of Object.entries(filters)) {
    // What happens inside a function only auto_explain tells, on standard error.
    const { stderr, stdout } = spawnSync('psql', ['-XqAt', '-h', cluster(), '-U', 'postgres', '-d', database], { encoding: 'utf8', input: `
      load 'auto_explain';
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set client_min_messages = log; set enable_seqscan = off;
      select set_config('samsyn.organisation_id', md5('bench-board-0')::uuid::text, false) is null,
          set_config('samsyn.permissions', ',access-event:read,', false) is null \\g /dev/null
      select count(*) from samsyn.find_access_events(${values}, null, null, null, null, null, null, null, null, 20);` })

    assert.match(stdout, /^[1-9]/, filter)
    assert.match(stderr, /Index.* Scan .*access_events_/, filter)
    assert.doesNotMatch(stderr, /Seq Scan on access_event/, filter)
  }
})
