// Writes what `make bench` runs into a directory: pgbench scripts of the very statements that the server sends, and the
// tokens and targets that wrk picks from.
//
//   node scripts.mjs DIRECTORY SAMSYN DATABASE CASES RECORDS KEY_FILE
//
// The statements come from `samsyn check --sql`, so that both sides always run the same; parameters that change from
// request to request are pgbench variables, the others are constants.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { sign } from '../support/token.mjs'

const [directory, samsyn, database, cases, records, keyFile] = process.argv.slice(2)
const workers = Math.max(1, Math.floor(cases / 100))

// pgbench takes `:name` for a variable even inside quotes, so colons before letters are written by their number.
const text = value => `U&'${value.replaceAll("'", "''").replace(/:(?=\w)/g, '\\003A')}'`
const named = (kind, number) => `md5('bench-${kind}-' || cast(cast(:${number} as bigint) as text))`
const fresh = 'gen_random_uuid()'

const body = '{"category":"FAMILY_SITUATION","text":"Text of a record, about as long as a short note from a meeting with the family usually is."}'
const question = `{"action":"read","recordId":"`
// What is measured: an operation, its permission, activity and target, and the values of its statements. Even records are
// the worker's own organisation's, odd ones the school's under a standing share.
const measures = {
  getRecord: {
    permission: 'record:read', activity: 'read', target: named('record', 'own'),
    values: { getRecord: [named('record', 'own')] }
  },
  getSharedRecord: {
    operation: 'getRecord', permission: 'record:read', activity: 'read', target: named('record', 'shared'),
    values: { getRecord: [named('record', 'shared')] }
  },
  listRecords: {
    permission: 'record:read', activity: 'read', target: named('case', 'case'),
    values: { 'listRecords.1': [named('case', 'case')], listRecords: [named('case', 'case'), 'null', 'null', '20', '0'] }
  },
  evaluateAccess: {
    permission: 'case:read', activity: 'evaluate',
    values: { evaluateAccess: [`${text(question)} || cast(cast(${named('record', 'shared')} as uuid) as text) || '"}'`] }
  },
  listCases: {
    permission: 'case:read', activity: 'read',
    values: { listCases: ['null', 'null', 'null', '20', '0'] }
  },
  createRecord: {
    permission: 'record:write', activity: 'write', target: named('case', 'case'),
    values: {
      'createRecord.1': [named('case', 'case')],
      'createRecord.2': [text(body), named('case', 'case')],
      'createRecord.3': [':id', named('case', 'case'), text(body)],
      'createRecord.4': [text(body), ':id'],
      createRecord: [':id']
    }
  }
}

function enterValues({ operation, permission, activity, target }) {
  const scope = text('{samsyn:case}')
  return [
    text('samsyn-development'), `'bench-' || cast(cast(:worker as bigint) as text)`, text('bench'), scope, "'{}'", 'null',
    text(operation), text(permission), scope, text(activity), target ? `array[${target}]` : "'{}'", text('127.0.0.1'),
    fresh, text('0af7651916cd43dd8448eb211c80319c'), 'null', 'null', 'null', 'null', 'null'
  ]
}

// pgbench cannot make a UUID, so the id of what is created is drawn by number and hashed.
const id = `md5('bench-new-' || cast(cast(:fresh as bigint) as text))`

function substitute(sql, values) {
  return sql.replace(/\$(\d+)(?=::)/g, (_, number) => `(${values[number - 1].replaceAll(':id', id)})`)
}

function statements(operation) {
  const printed = execFileSync(samsyn, ['check', '--database', database, '--sql', operation], { encoding: 'utf8' })
  return printed.split(/^-- (?=\S+, )/m).slice(1).map(block => {
    const [heading, ...lines] = block.split('\n')
    return { name: heading.split(',')[0], sql: lines.join('\n').trim() }
  })
}

for (const [measure, { operation = measure, ...how }] of Object.entries(measures)) {
  const script = [
    `\\set worker random(0, ${workers - 1})`,
    `\\set case :worker * 100 + random(0, 99)`,
    `\\set own :case * ${records} + 2 * random(0, ${Math.floor((records - 1) / 2)})`,
    `\\set shared :case * ${records} + 2 * random(0, ${Math.floor(records / 2) - 1}) + 1`,
    '\\set fresh random(1, 9000000000000000)',
    '\\startpipeline'
  ]
  for (const { name, sql } of statements(operation)) {
    if (name === 'enter') script.push(substitute(sql, enterValues({ operation, ...how })))
    else if (how.values[name]) script.push(substitute(sql, how.values[name]))
    else if (!name.endsWith('+key')) throw new Error(`${measure}: no values for the statement ${name}`)
  }
  writeFileSync(`${directory}/${measure}.sql`, script.join('\n') + '\n\\endpipeline\n')
}

const uuid = (kind, number) =>
  createHash('md5').update(`bench-${kind}-${number}`).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

// As many tokens as people at work at once: more than the verification cache would have to hold is another measure.
const key = readFileSync(keyFile, 'utf8')
const lines = []
for (let i = 0; i < Math.min(workers, 1000); i++) {
  const worker = Math.floor(i * workers / Math.min(workers, 1000))
  const token = sign(key, `bench-${worker}`, { azp: 'bench', scope: 'samsyn:case', exp: Math.floor(Date.now() / 1000) + 7200 })
  const at = worker * 100 + i % 100
  const own = at * records + i % records - i % records % 2
  lines.push([token, uuid('case', at), uuid('record', own), uuid('record', own + 1)].join(' '))
}
writeFileSync(`${directory}/targets`, lines.join('\n') + '\n')
writeFileSync(`${directory}/body`, body)
