// What a superuser of the database can do to the access log, and how it is found: by the database itself, by the
// signatures, or only by a checkpoint that was kept elsewhere. Which of them, each test says.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeLog } from '../support/log.mjs'
import { command, conninfo, sql } from '../support/server.mjs'
import { ARCHIVE, insertEvents, OLD_MONTH, sealedSample, UNSEAL } from '../support/tampering.mjs'
import { COSIGNED, makeNoteKey, textOf } from '../support/witness.mjs'

const sample = await sealedSample()
const { audit, tampered, resealed, size, earlySize, early, late } = sample

const entryOf = index => `(select n.id from samsyn.log_entries n where n.index = ${index})`
const rowOf = index => `samsyn.access_events set COLUMN where id = ${entryOf(index)}`
const edit = (index, change) => `update ${rowOf(index).replace('COLUMN', change)};`
const remove = index => `delete from samsyn.access_events where id = ${entryOf(index)};`
const told = run => run.stderr.trim().split('\n')
// The indexes that findings of this kind name.
const indexes = (run, fault) => told(run).filter(line => line.startsWith(`${fault}: entry `)).map(line => Number(line.match(/entry (\d+)/)[1])).sort((a, b) => a - b)

test('a log that nobody touched is good, also by the checkpoints that were kept', async () => {
  for (const kept of [[], ['--checkpoint', early], ['--checkpoint', late]]) {
    const run = await audit(sample.database, ...kept)

    assert.equal(run.status, 0, run.stderr)
    assert.equal(run.stderr, '')
    assert.match(run.stdout, new RegExp(`^entries +${size}, rows compared ${size}$`, 'm'))
    assert.match(run.stdout, new RegExp(`^size +${size}$`, 'm'))
    assert.match(run.stdout, /^not signed yet +0 entries$/m)
    assert.match(run.stdout, /^result +good/m)
    assert.ok(run.stdout.includes(sample.log.verifier))
  }
  assert.ok(size > 512 && earlySize > 256, 'there are tiles of two levels')
})

const CHANGES = { // of a value by its type, to another one that the column takes
  uuid: column => `${column} = samsyn.uuid7()`,
  text: column => `${column} = coalesce(${column}, '') || 'x'`,
  'uuid[]': column => `${column} = array_append(${column}, samsyn.uuid7())`,
  'text[]': column => `${column} = array_append(${column}, 'SOL_19_1')`,
  xid8: column => `${column} = (${column}::text::bigint + 1000000)::text::xid8`,
  'timestamp with time zone': column => `${column} = ${column} + interval '1 microsecond'`
}

test('a change of any column of a row is found, with the entry', async () => {
  const columns = await sample.rows(`select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = 'samsyn.access_events'::regclass and attnum > 0 and not attisdropped and attname <> 'id' order by attnum`)
  const changes = columns.map(({ name, type }, i) => ({ name, index: 40 + 20 * i, change: name === 'outcome'
    ? `outcome = case outcome when 'denied' then 'allowed' else 'denied' end, code = case outcome when 'denied' then null else 'NOT_FOUND' end`
    : name === 'code' ? `code = case outcome when 'denied' then 'KEY_REUSED' end, outcome = case outcome when 'denied' then 'denied' else 'allowed' end`
      : CHANGES[type](name) }))
  const denied = (await sample.rows(`select n.index from samsyn.log_entries n join samsyn.access_events e on e.id = n.id
    where e.outcome = 'denied' and n.index > 30 and n.index % 20 <> 0 order by n.index limit 1`))[0].index
  for (const one of changes) if (one.name === 'code') one.index = denied
  assert.ok(columns.length >= 24 && changes.every(({ index }) => index < size - 1))

  const run = await audit(await tampered(changes.map(({ index, change }) => edit(index, change)).join('')))

  assert.equal(run.status, 1)
  assert.deepEqual(indexes(run, 'altered'), changes.map(({ index }) => index).sort((a, b) => a - b))
  assert.deepEqual(run.counts, { altered: columns.length })
})

test('items of a list in another order are found', async () => {
  const run = await audit(await tampered(edit(100, 'resource_ids = array[resource_ids[2], resource_ids[1]]')))

  assert.deepEqual(indexes(run, 'altered'), [100])
})

test('rows that are gone are found: one, several together, the first and the last', async () => {
  const gone = [0, 99, 100, 101, 300, size - 1]
  const copy = await tampered(gone.map(remove).join(''))

  const run = await audit(copy)

  assert.equal(run.status, 1)
  assert.deepEqual(indexes(run, 'missing'), gone)
  assert.deepEqual(run.counts, { missing: gone.length })
})

test('a row by another identifier is one gone and one inserted', async () => {
  const run = await audit(await tampered(edit(120, 'id = samsyn.uuid7()')))

  assert.deepEqual(indexes(run, 'missing'), [120])
  assert.deepEqual(run.counts, { missing: 1, inserted: 1 })
})

test('rows slipped in below what is sealed are found', async () => {
  const copy = (index, id, txid, at) => `insert into samsyn.access_events
    select (jsonb_populate_record(e, jsonb_build_object('id', ${id}, 'txid', ${txid}, 'at', ${at}))).* from samsyn.access_events e where e.id = ${entryOf(index)};`
  const run = await audit(await tampered(
    copy(50, 'samsyn.uuid7()', 'e.txid', 'e.at') +
    copy(60, 'samsyn.uuid7()', `'3'`, 'e.at') +
    copy(70, 'e.id', 'e.txid', `e.at + interval '1 second'`) + // the same identifier once more, at another time
    copy(80, 'samsyn.uuid7()', 'e.txid', 'e.at')))

  assert.equal(run.status, 1)
  assert.deepEqual(run.counts, { inserted: 4 })
})

test('an event that is added later and says an older time is found by the trees before it', async () => {
  const copy = await tampered(insertEvents(1, 3, `clock_timestamp() - interval '3 hours'`))
  await (await resealed(copy)).stop()

  const run = await audit(copy)

  assert.equal(run.status, 1)
  assert.deepEqual(indexes(run, 'backdated'), [size, size + 1, size + 2])
  assert.deepEqual(run.counts, { backdated: 3 })
  assert.match(run.stdout, /^not signed yet +3 entries$/m)
})

test('entries that were swapped are found, and entries that say another time', async () => {
  const run = await audit(await tampered(`
    create temporary table two as select * from samsyn.log_entries where index in (200, 400);
    update samsyn.log_entries n set index = 600 - n.index from two t where t.id = n.id;
    update samsyn.log_entries set at = at + interval '1 second' where index = 222;`))

  assert.deepEqual(indexes(run, 'altered'), [200, 222, 400])
})

test('rows whose places in the order were swapped are found', async () => {
  const run = await audit(await tampered(`
    create temporary table two as select n.index, e.id, e.txid from samsyn.log_entries n join samsyn.access_events e on e.id = n.id where n.index in (100, 400);
    update samsyn.access_events e set txid = o.txid from two t join two o on o.index = 500 - t.index where e.id = t.id;`))

  assert.deepEqual(run.counts, { altered: 2 })
  assert.deepEqual(indexes(run, 'altered'), [100, 400])
})

test('entries that are gone, doubled or beyond the end are found', async () => {
  const run = await audit(await tampered(`
    delete from samsyn.log_entries where index in (10, 333);
    insert into samsyn.log_entries (index, at, id) values (444, now(), samsyn.uuid7()), (${size + 5}, now(), samsyn.uuid7());`))

  assert.deepEqual(indexes(run, 'missing'), [10, 333])
  assert.deepEqual(run.counts, { missing: 2, inserted: 4 }) // the two rows without entry, and the two entries
})

const flip = (level, index, byte) => `update samsyn.log_tiles set hashes = set_byte(hashes, ${byte}, get_byte(hashes, ${byte}) # 1) where level = ${level} and index = ${index};`

test('hashes that were changed, cut off or removed are found', async () => {
  const leaf = await audit(await tampered(flip(0, 1, 32 * 7)))
  const upper = await audit(await tampered(flip(1, 0, 40)))
  const cut = await audit(await tampered(`update samsyn.log_tiles set hashes = substring(hashes for 320) where level = 0 and index = 1`))
  const gone = await audit(await tampered(`delete from samsyn.log_tiles where level = 1`))

  assert.deepEqual(indexes(leaf, 'altered'), [263])
  assert.ok(leaf.counts.tree > 0 && leaf.counts.signature > 0)
  assert.deepEqual(upper.counts, { tree: 1 })
  assert.match(cut.stderr, /^tree: the hashes of the entries from 266 on are missing$/m)
  assert.deepEqual(gone.counts, { tree: 1 })
})

test('roots that were changed are found, and trees that say they end elsewhere', async () => {
  const root = await audit(await tampered(`update samsyn.log_trees set root = sha256('x') where size = ${size}`))
  const position = await audit(await tampered(`update samsyn.log_trees set last_id = samsyn.uuid7() where size = ${earlySize}`))

  assert.deepEqual(root.counts, { tree: 1 }) // and the signature is still that of the true root
  assert.deepEqual(position.counts, { tree: 1 })
})

test('a row whose hash was changed with it is found by the roots and the signatures', async () => {
  const copy = await tampered(edit(100, `client = 'another'`))
  const again = await resealed(await tampered(UNSEAL, copy))
  const [{ hashes }] = await again.sql(`select encode(substring(hashes from ${100 * 32 + 1} for 32), 'hex') as hashes from samsyn.log_tiles where level = 0 and index = 0`)
  await again.stop()

  const run = await audit(await tampered(`update samsyn.log_tiles set hashes = overlay(hashes placing '\\x${hashes}' from ${100 * 32 + 1}) where level = 0 and index = 0`, copy))

  assert.equal(run.counts.altered, undefined)
  assert.ok(run.counts.tree > 0 && run.counts.signature > 0)
})

const SIGNED = 'create table public.kept as select * from samsyn.log_signatures; create table public.trees as select * from samsyn.log_trees;'
// The old signatures under the new roots, as far as there is a tree of their size.
const RESIGN = `insert into samsyn.log_trees (size, root, last_txid, last_id, sealed_at)
    select k.size, t.root, k.last_txid, k.last_id, k.sealed_at from public.trees k cross join (select root from samsyn.log_trees order by size desc limit 1) t
    where k.size < (select max(size) from samsyn.log_trees) on conflict do nothing;
  insert into samsyn.log_signatures select k.* from public.kept k join samsyn.log_trees t on t.size = k.size;`

test('a log that was made anew after an edit, by whoever has no key, is found by the signatures', async () => {
  const copy = await tampered(SIGNED + edit(100, `user_id = samsyn.uuid7()`) + UNSEAL)
  await (await resealed(copy)).stop()

  const bare = await audit(copy)
  const dressed = await audit(await tampered(RESIGN, copy))

  assert.deepEqual(bare.counts, { signature: 1 })
  assert.match(bare.stderr, /there is no checkpoint that a given key has signed/)
  assert.ok(dressed.counts.signature > 0)
  assert.match(dressed.stderr, new RegExp(`^signature: the checkpoint of ${size} entries: the signature of ${sample.log.origin} does not verify$`, 'm'))
})

test('a log that was made anew by whoever has the key is found by a checkpoint that was kept, and not by itself', async () => {
  const copy = await tampered(edit(100, `user_id = samsyn.uuid7()`) + UNSEAL)
  const forger = await resealed(copy, { ...sample.log.options, logMemory: `${sample.directory}/other-memory` })
  await forger.until(async () => (await forger.sql('select samsyn.signed_size() as size'))[0].size === size)
  await forger.stop()

  assert.equal((await audit(copy)).status, 0)
  const byEarly = await audit(copy, '--checkpoint', early)
  const byLate = await audit(copy, '--checkpoint', late)
  const byMemory = await audit(copy, '--checkpoint', sample.log.options.logMemory)

  for (const run of [byEarly, byLate, byMemory]) {
    assert.equal(run.status, 1)
    assert.deepEqual(run.counts, { kept: 1 })
    assert.match(run.stderr, /is another one than by the checkpoint that was kept/)
  }
})

test('a log that was made anew by whoever has the key is found by a witness', async () => {
  const witness = makeNoteKey('witness.example', COSIGNED)
  const demands = ['--witness-keys', witness.vkey, '--witnesses', '1']
  const id = `'\\x${witness.vkey.split('+')[1]}'`
  const cosign = `insert into samsyn.log_signatures (size, name, key_id, line) values (${size}, '${witness.name}', ${id}, '${witness.sign(textOf(readFileSync(late, 'utf8')))}');`
  const cosigned = await tampered(`insert into samsyn.log_keys (name, key_id, verifier, kind) values ('${witness.name}', ${id}, '${witness.vkey}', 'witness'); ${cosign}`)
  const copy = await tampered(edit(100, `user_id = samsyn.uuid7()`) + UNSEAL, cosigned)
  const forger = await resealed(copy, { ...sample.log.options, logMemory: `${sample.directory}/third-memory` })
  await forger.until(async () => (await forger.sql('select samsyn.signed_size() as size'))[0].size === size)
  await forger.stop()

  const honest = await audit(cosigned, ...demands)
  const alone = await audit(copy, ...demands)
  const dressed = await audit(await tampered(cosign, copy), ...demands)

  assert.equal(honest.status, 0, honest.stderr)
  assert.match(honest.stdout, /^cosigned by +witness\.example at \d{4}-/m)
  assert.equal((await audit(copy)).status, 0)
  assert.deepEqual(alone.counts, { signature: 1 })
  assert.match(alone.stderr, /no checkpoint is cosigned by 1 of the given witnesses/)
  assert.match(dressed.stderr, new RegExp(`^signature: the checkpoint of ${size} entries: the cosignature of witness.example does not verify$`, 'm'))
})

test('a node that remembers what it signed refuses to sign a log that was made anew or cut', async () => {
  const remade = await tampered(edit(100, `user_id = samsyn.uuid7()`) + UNSEAL)
  const cut = await tampered(UNSEAL + `delete from samsyn.access_events where txid > (select max(txid::text::bigint) - 3 from samsyn.access_events)::text::xid8;`)
  for (const copy of [remade, cut]) {
    const node = await resealed(copy, sample.log.options, { tolerate: ['checkpoint-refused'] })
    await node.until(() => node.log('checkpoint-refused').length > 0)
    await node.stop()

    assert.equal((await sql(copy, 'select count(*)::int as n from samsyn.log_signatures'))[0].n, 0)
  }
})

test('a log that was cut off without care is found by what is left of it', async () => {
  const run = await audit(await tampered(`
    delete from samsyn.log_signatures where size > ${earlySize}; delete from samsyn.log_trees where size > ${earlySize};
    delete from samsyn.access_events where id in (select id from samsyn.log_entries where index >= ${earlySize});
    delete from samsyn.log_entries where index >= ${earlySize};`))

  assert.equal(run.status, 1)
  assert.match(run.stderr, /the log was longer once/)
})

test('a log that was cut off with all of its traces is found by a later checkpoint that was kept, and not by itself', async () => {
  const copy = await tampered(`
    ${SIGNED} create table public.entries as select * from samsyn.log_entries where index < ${earlySize};
    delete from samsyn.access_events where id not in (select id from public.entries);` + UNSEAL)
  await (await resealed(copy)).stop()
  await sql(copy, `set session_replication_role = replica;
    delete from public.kept where size <> ${earlySize}; ${RESIGN}
    delete from samsyn.log_trees where size <> ${earlySize};`)

  assert.equal((await audit(copy)).status, 0, (await audit(copy)).stderr)
  assert.equal((await audit(copy, '--checkpoint', early)).status, 0)
  const run = await audit(copy, '--checkpoint', late)

  assert.equal(run.status, 1)
  assert.deepEqual(run.counts, { kept: 1 })
  assert.match(run.stderr, new RegExp(`^kept: the log had ${size} entries by the checkpoint that was kept, and ${earlySize} can be checked$`, 'm'))
})

test('signatures that were exchanged, and keys that were, are found', async () => {
  const other = makeLog(sample.log.origin)
  const [, , key] = other.verifier.split('+')
  const exchanged = await audit(await tampered(`update samsyn.log_signatures s set line = o.line from samsyn.log_signatures o where s.size = ${size} and o.size = ${earlySize}`))
  const broken = await audit(await tampered(`update samsyn.log_signatures set line = 'x' where size = ${size}`.replace(`'x'`, `replace(line, ' samsyn', ' samsyn+')`)))
  const replaced = await audit(await tampered(`update samsyn.log_keys set verifier = '${other.verifier}'`))
  const renamed = await audit(await tampered(`update samsyn.log_keys set verifier = replace(verifier, split_part(verifier, '+', 3), '${key}')`))
  const strange = await command('log', 'audit', '--owner-database', conninfo(sample.database, 'samsyn_owner'), '--verifier-key', other.verifier)

  assert.deepEqual(exchanged.counts, { signature: 1 })
  assert.deepEqual(broken.counts, { signature: 1 })
  assert.deepEqual(replaced.counts, { signature: 1 })
  assert.deepEqual(renamed.counts, { signature: 1 })
  assert.equal(strange.status, 1)
  assert.match(strange.stderr, /has signed for the log, and was not given/)
  assert.match(strange.stderr, /there is no checkpoint that a given key has signed/)
})

test('a month that was archived is told as such if an event of the log vouches for it, and as missing if none does', async () => {
  const old = `select n.index from samsyn.log_entries n where n.at < '${OLD_MONTH}-28'`
  const remove = `delete from samsyn.access_events where at < '${OLD_MONTH}-28'; delete from samsyn.log_entries where at < '${OLD_MONTH}-28';`
  const archived = id => tampered(`
    insert into samsyn.log_archives (id, month, events, indexes, tree_size, sha256, removed_by)
    select '${id}', '${OLD_MONTH}-01', 20, (select range_agg(int8range(index, index, '[]')) from (${old}) o), ${size}, sha256('archive'), 'samsyn_retention';
    ${remove}`)

  const honest = await audit(await archived(ARCHIVE))
  const invented = await audit(await archived('5f1d0a3c-8d3b-8b0e-9f5c-6a1b2c3d4e60'))
  const without = await audit(await tampered(remove))

  assert.equal(honest.status, 0, honest.stderr)
  assert.match(honest.stdout, /^archived +20 entries, of which an archive alone can show the rows$/m)
  assert.match(honest.stdout, new RegExp(`^ +${OLD_MONTH}, SHA-256 [0-9a-f]{64}$`, 'm'))
  assert.deepEqual(invented.counts, { missing: 1 })
  assert.match(invented.stderr, new RegExp(`^missing: the month ${OLD_MONTH}: no event says that it was removed into an archive$`, 'm'))
  assert.deepEqual(without.counts, { missing: 20 })
})

test('findings are bounded on the terminal and counted whole', async () => {
  const run = await audit(await tampered(`delete from samsyn.access_events where id in (select id from samsyn.log_entries where index between 100 and 400)`))

  assert.equal(run.counts.missing, 301)
  assert.equal(told(run).length, 101)
  assert.match(told(run).at(-1), /there are more/)
})

test('what cannot be checked is a status of its own', async () => {
  const owner = conninfo(sample.database, 'samsyn_owner')
  const foreign = `${sample.directory}/foreign`
  writeFileSync(foreign, 'no checkpoint\n')
  for (const [args, why] of [
    [['--verifier-key', sample.log.verifier], /--owner-database is needed/],
    [['--owner-database', owner], /--verifier-key is needed/],
    [['--owner-database', owner, '--verifier-key', '/nowhere'], /neither a verifier key nor a file/],
    [['--owner-database', `${owner} port=1`, '--verifier-key', sample.log.verifier], /connection/],
    [['--owner-database', owner, '--verifier-key', sample.log.verifier, '--checkpoint', foreign], /--checkpoint/],
    [['--owner-database', owner, '--verifier-key', sample.log.verifier, '--witnesses', '1'], /there are keys of 0 witnesses/],
    [['--owner-database', owner, '--verifier-key', sample.log.verifier, 'stray'], /unknown option stray/]
  ]) {
    const run = await command('log', 'audit', ...args)
    assert.equal(run.status, 2, run.stderr)
    assert.match(run.stderr, why)
    assert.equal(run.stdout, '')
  }
})
