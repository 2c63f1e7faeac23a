// A folder for as long as a test file runs. It goes when the process does, behind every server that may still write there.
import { mkdtempSync, rmSync } from 'node:fs'

const folders = []
process.once('exit', () => folders.forEach(folder => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })))

export function makeFolder(name) {
  const folder = mkdtempSync(`/tmp/samsyn-${name}-`)
  folders.push(folder)
  return folder
}
