// The options of a command as `samsyn COMMAND --help` prints them.
import { command } from './server.mjs'

// Name to default, undefined without one.
export async function optionsOf(name) {
  const { stdout } = await command(...name.split(' '), '--help')
  return new Map([...stdout.matchAll(/^ {2}--(\S+) \S+\n {6}.*?(?: \(default (.*)\))?$/gm)].map(([, option, fallback]) => [option, fallback]))
}
