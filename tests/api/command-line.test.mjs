// The command line: what it says of itself, and that it tells by its status when something was not done.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { makeFolder } from '../support/folder.mjs'
import { BINARY, cloneDatabase, command, conninfo } from '../support/server.mjs'

const keeper = conninfo(await cloneDatabase(), 'samsyn_retention')

test('the first word of some commands alone lists them', async () => {
  for (const [word, seconds] of [['log', ['verify', 'audit', 'months', 'archive', 'remove']], ['retention', ['list', 'run']]]) {
    const alone = await command(word)
    const help = await command(word, '--help')

    assert.deepEqual([alone.status, alone.stdout, help.status, help.stderr], [2, '', 0, ''])
    assert.equal(alone.stderr, help.stdout)
    assert.deepEqual([...help.stdout.matchAll(/^  (\S+) (\S+) /gm)].map(([, first, second]) => [first, second]), seconds.map(second => [word, second]))
  }
})

test('a command that there is not is named wholly', async () => {
  for (const [given, named] of [[['lag'], 'lag'], [['log', 'verifi'], 'log verifi'], [['lo'], 'lo'], [['lag', '--help'], 'lag'], [[''], '']]) {
    const { status, stdout, stderr } = await command(...given)

    assert.deepEqual([status, stdout, stderr], [2, '', `samsyn: there is no command ${named}; samsyn --help lists them\n`])
  }
})

test('what was printed and did not arrive was not done', () => {
  const full = openSync('/dev/full', 'w')
  try {
    for (const given of [['--help'], ['log', '--help'], ['serve', '--help'], ['version'], ['log', 'months', '--retention-database', keeper],
      ['retention', 'list', '--retention-database', keeper], ['retention', 'list', '--json', '--retention-database', keeper]]) {
      const { status, stderr } = spawnSync(BINARY, given, { stdio: ['ignore', full, 'pipe'] })

      assert.deepEqual([given.join(' '), status, String(stderr)], [given.join(' '), 2, 'samsyn: standard output: No space left on device\n'])
    }
  } finally {
    closeSync(full)
  }
})

test('to archive what is due says when nothing is, and wants a folder', async () => {
  const archive = output => command('log', 'archive', '--retention-database', keeper, '--output', output)

  assert.deepEqual(await archive(makeFolder('due')), { status: 0, stdout: '0 due\n', stderr: '' })
  assert.deepEqual(await archive('/nowhere/at-all'), { status: 1, stdout: '', stderr: 'samsyn: --output: /nowhere/at-all is no folder\n' })
})
