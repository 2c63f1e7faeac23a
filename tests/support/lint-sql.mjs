// Rules of this house for everything under sql/.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { contract } from './contract.mjs'

const KEYWORDS = new Set(('select from where insert into values update set delete create alter drop table view function trigger index ' +
  'policy grant revoke on to as and or not null default primary key references constraint unique check returns language ' +
  'begin end if then else elsif case when join left inner outer group order by limit offset with union all exists in is ' +
  'security definer stable immutable volatile declare return raise exception using for each row execute procedure').split(' '))
const faults = []
const list = folder => existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.sql')).sort().map(name => `${folder}/${name}`) : []

// The text with comments, quoted strings and quoted names blanked out, line for line. Function bodies between dollar
// quotes are code and stay.
function bare(text) {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, found => found.replace(/[^\n]/g, ' '))
}

function checkText(file, text) {
  bare(text).split('\n').forEach((line, i) => {
    const where = `${file}:${i + 1}`
    for (const word of line.match(/\b[A-Za-z_]+\b/g) ?? []) {
      if (word !== word.toLowerCase() && KEYWORDS.has(word.toLowerCase())) faults.push(`${where}: ${word} is not lower case`)
    }
    if (/\bcreate\s+type\b.*\benum\b/.test(line)) faults.push(`${where}: an enum type; a status is text with a check`)
    const made = /\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+)?(?:table|view|function|sequence)\s+(?:if\s+not\s+exists\s+)?([a-z_][\w.]*)/.exec(line)
    if (made && !made[1].includes('.')) faults.push(`${where}: ${made[1]} is not schema-qualified`)
  })
  text.split('\n').forEach((line, i) => {
    if (/\t/.test(line)) faults.push(`${file}:${i + 1}: a tab`)
    if (/\s+$/.test(line)) faults.push(`${file}:${i + 1}: space at the end of the line`)
    if (/\b(TODO|FIXME|XXX)\b/.test(line)) faults.push(`${file}:${i + 1}: finish it or file an issue`)
  })
}

// A function that runs with its owner's rights must not find its tables through the caller's search_path.
function checkDefiners(file, text) {
  for (const [head] of bare(text).matchAll(/\bcreate\s+(?:or\s+replace\s+)?function\b[\s\S]*?\bas\s*\$/g)) {
    if (/\bsecurity\s+definer\b/.test(head) && !/\bset\s+search_path\b/.test(head)) faults.push(`${file}: security definer without a fixed search_path: ${head.split('\n')[0]}`)
  }
}

function checkNumbers(files) {
  files.forEach((file, i) => {
    const [, number, rest] = /(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? []
    if (!number) faults.push(`${file}: not NNNN_verb_noun.sql`)
    else if (files.some((other, j) => j < i && other.includes(`/${number}_`))) faults.push(`${file}: number ${number} is taken`)
    else if (!rest.includes('_')) faults.push(`${file}: say what it does to what: NNNN_verb_noun.sql`)
  })
}

// Each statement belongs to an operation of the contract, once; one resource has one name everywhere.
function checkQueries(files) {
  const where = new Map()
  for (const file of files) {
    if (!existsSync(file.replace('sql/queries/', 'api/').replace(/\.sql$/, '.yaml'))) faults.push(`${file}: no api/ file of the same name`)
    readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
      const [, name] = /^-- name:\s*(\S+)/.exec(line) ?? []
      if (!name) return
      if (where.has(name)) faults.push(`${file}:${i + 1}: ${name} stands in ${where.get(name)} as well`)
      where.set(name, file)
      if (!contract().operations.some(operation => operation.id === name)) faults.push(`${file}:${i + 1}: the contract has no operation ${name}`)
    })
  }
}

const migrations = list('sql/migrations')
const queries = list('sql/queries')
for (const file of [...migrations, ...queries, ...list('sql/demo'), ...list('sql'), ...list('tests/sql')]) {
  const text = readFileSync(file, 'utf8')
  checkText(file, text)
  checkDefiners(file, text)
}
checkNumbers(migrations)
checkQueries(queries)
if (faults.length) {
  console.log(faults.join('\n'))
  process.exit(1)
}
console.log(`${migrations.length} migrations and ${queries.length} files of statements keep to the house rules`)
