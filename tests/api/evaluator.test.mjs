// The grounds evaluator against a second one, written from the law in another language (support/naive-evaluator.mjs):
// thousands of random situations weighed from facts, and hundreds made of real rows.
//
// What failed can be had again: SEED=123 make api-test API_TESTS=tests/api/evaluator.test.mjs
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { ORDER, randomFrom, readLaw, refusalsOf, wordingOn } from '../support/naive-evaluator.mjs'
import { caseSituation, ORGANISATIONS, worldStatements } from '../support/random-cases.mjs'
import { cloneDatabase, cluster } from '../support/server.mjs'

const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
const law = readLaw()
const database = await cloneDatabase()
const MOST_SHOWN = 10

// What a script prints, line by line, run by the superuser in a transaction that leaves nothing behind.
async function answers(statements) {
  const psql = spawn('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1', '--host', cluster(),
    '--username', 'postgres', '--dbname', database], { stdio: ['pipe', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) psql[name].on('data', data => { said[name] += data })
  psql.stdin.end(['begin;', ...statements, 'rollback;'].join('\n'))
  const status = await new Promise(resolve => psql.once('close', resolve))
  assert.equal(status, 0, said.stderr)
  return said.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
}

const literal = value => `'${JSON.stringify(value).replaceAll("'", "''")}'`

// Both answers to each situation are the same, allowed and refused alike, and each code that can occur did.
function agree(situations, got, expectedCodes) {
  const wanted = situations.map(one => refusalsOf(law, one, one.facts))
  const differing = situations.filter((one, i) => String(got[i]) !== String(wanted[i]))
    .map(one => { const i = situations.indexOf(one); return { ...one, database: got[i], naive: wanted[i] } })
  assert.equal(differing.length, 0, `seed ${seed}: ${differing.length} of ${situations.length} differ, among them\n` +
    differing.slice(0, MOST_SHOWN).map(one => JSON.stringify(one)).join('\n'))
  assert.equal(got.length, situations.length)

  const seen = new Set(wanted.flat())
  assert.deepEqual(expectedCodes.filter(code => !seen.has(code)), [], `seed ${seed}: never refused with these`)
  const allowed = wanted.filter(codes => codes.length === 0).length
  assert.ok(allowed > situations.length / 20, `seed ${seed}: only ${allowed} of ${situations.length} were allowed`)
}

// -- weighing ------------------------------------------------------------------------------------------------------------

const codesOf = list => list.map(one => one.code)
const SECTORS = codesOf(law.sectors)
const REGIMES = codesOf(law.secrecyRegimes)
const CATEGORIES = codesOf(law.informationCategories)
const GROUNDS = codesOf(law.legalGrounds)
const NEVER = codesOf(law.neverGrounds)
const KINDS = ['standing-share', 'handover', 'invitation', 'concern-report', 'feedback', 'question']
const CONSENT_STATES = ['in-force', 'requested', 'refused', 'revoked', 'expired', 'lapsed', 'not-yet-in-force', null]
const DAYS = ['2019-01-01', '2018-12-31', '2025-06-30', '2025-07-01', '2026-01-14', '2026-01-15', '2026-11-21', '2030-02-28']

const listed = (list, all, random) => (list.includes('*') ? random.one(all) : random.one(list))

// A situation that the ground is for.
function lawful(ground, random) {
  const scope = law.groundScopes.find(one => one.code === ground.scope).categories
  const regimes = REGIMES.filter(code => (ground.sourceRegimes.includes('*') || ground.sourceRegimes.includes(code)) && !ground.excludedRegimes.includes(code))
  const asked = ground.initiative === 'on-request' || (ground.initiative === 'both' && random.chance(0.3))
  return {
    kind: random.one(['handover', 'handover', 'invitation', 'standing-share', 'question']), source_sector: listed(ground.sourceSectors, SECTORS, random),
    recipient_sector: listed(ground.recipientSectors, SECTORS, random), recipient_is_authority: true,
    regimes: [random.one(regimes), ...random.some(regimes, 2)], categories: [listed(scope, CATEGORIES, random), ...random.some(scope.includes('*') ? CATEGORIES : scope, 3)],
    subject_age: Math.floor(random.next() * (ground.subjectAgeBelow ?? 30)), role_allows: true, protected_from_role: false, withheld_from_guardian: false,
    consent_state: 'in-force', consent_names_recipient: true, consent_covers: true, decision: 'covers', on_request: asked,
    requested: asked || law.preconditions.find(one => one.code === ground.precondition).establishedBy === 'request',
    stated: true, investigation_open: true, reported: true, same_principal: true, same_authority: true, agreement_covers: true, takes_part: true
  }
}

const unsure = random => random.one([true, true, false, null])
const CHANGES = {
  kind: random => random.one([...KINDS, null]), source_sector: random => random.one([...SECTORS, null]), recipient_sector: random => random.one([...SECTORS, null]),
  recipient_is_authority: unsure, regimes: random => random.one([null, [], random.some(REGIMES, 3), [random.one(REGIMES)]]),
  categories: random => random.one([null, [], random.some(CATEGORIES, 4), [random.one(CATEGORIES)]]),
  subject_age: random => random.one([null, 0, 11, 12, 14, 15, 17, 18, 20, 21, 40]), role_allows: unsure, protected_from_role: unsure, withheld_from_guardian: unsure,
  consent_state: random => random.one(CONSENT_STATES), consent_names_recipient: unsure, consent_covers: unsure,
  decision: random => random.one(['covers', 'narrower', 'none', null]), on_request: unsure, requested: unsure, stated: unsure, investigation_open: unsure,
  reported: unsure, same_principal: unsure, same_authority: unsure, agreement_covers: unsure, takes_part: unsure
}

function situation(random) {
  const code = random.chance(0.04) ? random.one(NEVER) : random.one(GROUNDS)
  const ground = law.legalGrounds.find(one => one.code === code)
  const facts = lawful(ground ?? random.one(law.legalGrounds), random)
  for (const name of Object.keys(CHANGES)) if (random.chance(0.04)) facts[name] = CHANGES[name](random)
  return { ground: code, day: random.chance(0.1) ? random.one(DAYS) : '2026-11-21', facts }
}

test('what the database weighs is what follows from the law, in thousands of situations', async () => {
  console.log(`# seed ${seed}`)
  const random = randomFrom(seed)
  const situations = Array.from({ length: 8000 }, () => situation(random))

  const got = await answers([`
    select array_to_json(samsyn.weigh(samsyn.ground_in_force(s ->> 'ground', (s ->> 'day')::date),
        jsonb_populate_record(null::samsyn.disclosure_facts, s -> 'facts')))
    from jsonb_array_elements(${literal(situations)}) with ordinality given(s, place) order by place;`])

  agree(situations, got, ORDER)
})

test('every ground was weighed, and those in force opened something', () => {
  const random = randomFrom(seed)
  const situations = Array.from({ length: 8000 }, () => situation(random))
  const opened = new Set(situations.filter(one => refusalsOf(law, one, one.facts).length === 0).map(one => one.ground))
  const enabled = GROUNDS.filter(code => wordingOn(law, code, '2026-11-21'))

  assert.deepEqual([...opened].sort(), enabled.sort(), `seed ${seed}`)
})

// -- gathering -----------------------------------------------------------------------------------------------------------

test('what the database gathers from real rows and weighs is what follows from them', async () => {
  const random = randomFrom(seed + 1)
  const [{ today }] = await answers(['select json_build_object(\'today\', samsyn.today());'])
  const situations = Array.from({ length: 600 }, (_, number) => caseSituation({ number, random, today, law }))

  const got = await answers([...worldStatements(), ...situations.flatMap(one => one.statements)])

  agree(situations.map(({ ground, facts, told }) => ({ ground, day: today, facts, told })), got,
    ORDER.filter(code => code !== 'GUARDIAN_SECRECY'))
  assert.ok(ORGANISATIONS.every(one => situations.some(s => s.told.discloser === one.name) && situations.some(s => s.told.recipient === one.name)))
})
