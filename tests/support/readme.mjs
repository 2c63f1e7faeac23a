// Runs the walk-through of README.md against a server and compares what the README shows with what comes out.
//
// The convention, which leaves the README readable:
//   - The walk-through is what stands between the lines `<!-- walk-through -->` and `<!-- /walk-through -->`.
//   - In it every ```sh block is run, in order, all in one bash session, in an empty folder that has .samsyn/demo.env as
//     `make run` writes it. A block ends with status 0, or the walk-through fails. A block after a line
//     `<!-- not run -->` is only for the reader.
//   - A ```text or ```json block directly after a ```sh block is that block's output (stdout), line by line. Of ids
//     (UUIDs) it counts that the same id stands where the README has the same; times (RFC 3339), dates, entity
//     tags of digits, ports and tokens may differ. A line `…` stands for any number of lines, `…` within a line for
//     any text. A shown block without a ```sh block before it is only for the reader.
import { execFile } from 'node:child_process'
import { PATIENCE_MS } from './patience.mjs'

const START = '<!-- walk-through -->'
const END = '<!-- /walk-through -->'
const NOT_RUN = '<!-- not run -->'
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

// The steps of a README: [{line, code, shown}], shown undefined when no output is shown.
export function readSteps(markdown) {
  const lines = markdown.split('\n')
  const first = lines.indexOf(START)
  const last = lines.indexOf(END)
  if (first < 0 || last < first) throw new Error(`README.md has no ${START} … ${END}`)
  const steps = []
  let skip = false
  let adjacent = false
  for (let i = first + 1; i < last; i++) {
    const fence = /^```(\w*)$/.exec(lines[i])
    if (!fence) {
      if (lines[i] === NOT_RUN) skip = true
      if (lines[i].trim()) adjacent = false
      continue
    }
    const end = lines.indexOf('```', i + 1)
    if (end < 0) throw new Error(`README.md:${i + 1}: the block does not end`)
    const text = lines.slice(i + 1, end).join('\n')
    const runs = fence[1] === 'sh' && !skip
    if (runs) steps.push({ line: i + 1, code: text, shown: undefined })
    else if (['text', 'json'].includes(fence[1]) && adjacent) steps.at(-1).shown = text
    adjacent = runs
    skip = false
    i = end
  }
  return steps
}

// Runs the steps in one session in `folder`; adds {output, status} to each. What a failed block wrote to stderr is
// in `errors`.
export async function runSteps(steps, folder, env = {}) {
  const mark = '=== end of step '
  const script = steps.map((step, i) => `${step.code}\n__status=$?; printf '\\n${mark}%d %d\\n' ${i} $__status; [ $__status = 0 ] || exit 1`).join('\n')
  const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1 << 26, timeout: 2 * PATIENCE_MS }
  const { stdout, stderr } = await new Promise(done =>
    execFile('bash', ['-o', 'pipefail', '-c', script], options, (error, out, err) => done({ stdout: out, stderr: err })))
  let rest = stdout
  return steps.map((step, i) => {
    const found = new RegExp(`\\n${mark}${i} (\\d+)\\n`).exec(rest)
    const output = found ? rest.slice(0, found.index) : rest
    rest = found ? rest.slice(found.index + found[0].length) : ''
    return { ...step, output, status: found ? Number(found[1]) : undefined, errors: stderr }
  })
}

const escape = text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

// What may differ from run to run, as one pattern for each kind.
const VOLATILE = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z'],
  [/\d{4}-\d\d-\d\d/g, '\\d{4}-\\d\\d-\\d\\d'],
  [/127\.0\.0\.1:\d+/g, '127\\.0\\.0\\.1:\\d+'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+'],
  [/\b[0-9a-f]{32}\b/g, '[0-9a-f]{32}'],
  [UUID, '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})'],
  [/…/g, '.*']
]

// A pattern for one shown line, and the ids it shows in order.
function patternOf(line) {
  const places = VOLATILE.flatMap(([find, pattern]) => [...line.matchAll(find)].map(m => ({ at: m.index, text: m[0], pattern })))
    .sort((a, b) => a.at - b.at || b.text.length - a.text.length)
  let pattern = ''
  let at = 0
  for (const place of places) {
    if (place.at < at) continue
    pattern += escape(line.slice(at, place.at)) + place.pattern
    at = place.at + place.text.length
  }
  return { pattern: new RegExp(`^${pattern}${escape(line.slice(at))}$`), ids: line.match(UUID) ?? [] }
}

// Compares outputs and remembers which id of the README stands for which id of the run, throughout all steps.
export class Comparison {
  constructor() {
    this.real = new Map()
    this.shown = new Map()
  }

  // Undefined when `output` is what is `shown`, else the first shown line that is not there.
  firstDifference(shown, output) {
    const wanted = shown.trimEnd().split('\n')
    const lines = output.trimEnd().split('\n')
    let at = 0
    let elided = false
    for (const line of wanted) {
      if (line.trim() === '…') {
        elided = true
        continue
      }
      while (elided && at < lines.length && !this.#matches(line, lines[at])) at++
      if (at >= lines.length || !this.#matches(line, lines[at])) return line
      this.#remember(line, lines[at++])
      elided = false
    }
    return at < lines.length && !elided ? `(the end, where this came: ${lines[at]})` : undefined
  }

  #pairs(line, actual) {
    const { pattern, ids } = patternOf(line)
    const found = pattern.exec(actual)
    return found && ids.map((id, i) => [id, found[i + 1]])
  }

  #matches(line, actual) {
    return this.#pairs(line, actual)?.every(([id, real]) => (this.real.get(id) ?? real) === real && (this.shown.get(real) ?? id) === id) ?? false
  }

  #remember(line, actual) {
    for (const [id, real] of this.#pairs(line, actual)) {
      this.real.set(id, real)
      this.shown.set(real, id)
    }
  }
}
