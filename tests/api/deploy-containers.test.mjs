// The image, compose.yaml and the Kubernetes manifests, held against the program and against each other. They are run
// by hand; what can go wrong without an engine noticing, or only when it runs, is noticed here.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse, parseAllDocuments } from 'yaml'
import { optionsOf } from '../support/options.mjs'
import { BINARY } from '../support/server.mjs'

const top = fileURLToPath(new URL('../../', import.meta.url))
const read = name => readFileSync(top + name, 'utf8')
const [builder, image] = read('Dockerfile').replace(/\\\n/g, ' ').split(/^FROM .*$/m).slice(1)
const packages = stage => /apt-get install (.*?) && rm/.exec(stage)[1].split(/\s+/).filter(word => word && !word.startsWith('--'))
const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(image)
const imageEnvironment = Object.fromEntries([...image.matchAll(/(SAMSYN_[A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]))

const compose = parse(read('deploy/compose.yaml'))
const folder = 'deploy/kubernetes/'
const manifests = readdirSync(top + folder).flatMap(name => parseAllDocuments(read(folder + name)).map(document => document.toJSON()))
const ofKind = kind => manifests.filter(manifest => manifest.kind === kind)
const templates = manifests.map(({ spec }) => spec?.jobTemplate?.spec.template ?? spec?.template).filter(Boolean)

// Both as one shape: what runs, with which variables, and what lies where: path to whether it may be written.
const services = Object.entries(compose.services).filter(([, service]) => service.image.startsWith('samsyn:')).map(([name, service]) => ({
  name: `compose ${name}`,
  image: service.image,
  words: service.command,
  environment: { ...imageEnvironment, ...service.environment },
  files: service.secrets.map(secret => `/run/secrets/${secret}`),
  mounts: new Map(service.volumes?.map(volume => volume.split(':')).map(([, path, mode]) => [path, mode !== 'ro'])),
  hardened: service.read_only && service.cap_drop.includes('ALL') && service.security_opt.includes('no-new-privileges:true')
}))
const pods = templates.map(({ metadata, spec }) => {
  const [{ name, image: tag, args, env, volumeMounts, securityContext }] = spec.containers
  const secretOf = mount => spec.volumes.find(volume => volume.name === mount.name)?.secret?.secretName
  const keysOf = secret => Object.keys(ofKind('Secret').find(each => each.metadata.name === secret).stringData)
  return {
    name: `kubernetes ${name}`,
    labels: metadata.labels,
    image: basename(tag),
    words: args,
    environment: { ...imageEnvironment, ...Object.fromEntries(env.map(each => [each.name, each.value])) },
    files: volumeMounts.filter(secretOf).flatMap(mount => keysOf(secretOf(mount)).map(key => `${mount.mountPath}/${key}`)),
    mounts: new Map(volumeMounts.map(mount => [mount.mountPath, !mount.readOnly])),
    hardened: securityContext.readOnlyRootFilesystem && securityContext.capabilities.drop.includes('ALL') &&
      securityContext.allowPrivilegeEscalation === false && spec.securityContext.runAsNonRoot &&
      String(spec.securityContext.runAsUser) === uid && String(spec.securityContext.runAsGroup) === gid
  }
})
const containers = [...services, ...pods]
const servers = containers.filter(({ words }) => words[0] === 'serve')

test('the image has every library that the binary is linked with, and builds with what make run installs', () => {
  const needed = execFileSync('readelf', ['-d', BINARY], { encoding: 'utf8' }).match(/(?<=\(NEEDED\).*\[)[^\]]+/g)
  const dpkg = (...words) => execFileSync('dpkg-query', words, { encoding: 'utf8' })
  const owners = library => dpkg('--search', `*/${library}`).match(/^[^:,]+/gm)
  const named = packages(image).filter(name => name.startsWith('lib'))
  const brought = dpkg('--show', '--showformat', '${Depends}, ', ...named).split(/, |\|/).map(each => each.trim().split(/[ :]/)[0])
  const everywhere = /^lib(c|m|gcc_s|asan|ubsan)\.so|^ld-linux/ // of every image, and of the sanitizers
  const listed = /run_packages=\(([^)]*)\)/.exec(read('deploy/install-packages.sh'))[1].split(/\s+/).filter(Boolean)
  const onlyThere = ['postgresql-15', 'openssl', 'curl', 'jq'] // a database and the walk-through

  const missing = needed.filter(library => !everywhere.test(library) && !owners(library).some(owner => named.includes(owner) || brought.includes(owner)))

  assert.deepEqual(missing, [])
  assert.ok(needed.length > 10)
  assert.deepEqual(listed.filter(name => !onlyThere.includes(name) && !packages(builder).includes(name)), [])
})

test('the image holds what the build needs, under one user without rights', () => {
  const copied = [...builder.matchAll(/^COPY (.*) \S+$/gm), ...image.matchAll(/^COPY (sql\S*) \S+$/gm)].flatMap(([, names]) => names.split(' '))
  const allowed = read('.dockerignore').match(/(?<=^!).*/gm)

  assert.deepEqual(copied.filter(name => !existsSync(top + name) || !allowed.includes(name.split('/')[0])), [])
  assert.match(image, new RegExp(`groupadd --gid ${gid} samsyn .*useradd --uid ${uid} --gid samsyn `))
})

test('every container runs a command with options that it knows, and files that it is given', async () => {
  for (const { name, words, environment, files, mounts } of containers) {
    const given = words.filter(word => /^--|^\//.test(word))
    const options = await optionsOf(words.filter(word => !given.includes(word)).join(' '))
    const names = Object.keys(environment).filter(variable => !(variable in imageEnvironment))
    const option = variable => variable.slice('SAMSYN_'.length).toLowerCase().replaceAll('_', '-').replace(/-file$/, '')
    const places = [...Object.values(environment), ...given].filter(value => value.startsWith('/'))

    assert.deepEqual(names.filter(variable => !options.has(option(variable))), [], name)
    assert.deepEqual(given.filter(word => word.startsWith('--') && !options.has(word.slice(2))), [], name)
    assert.deepEqual(places.filter(place => !files.includes(place) && !mounts.has(place) && !mounts.has(dirname(place))), [], name)
    assert.deepEqual(files.filter(file => !places.includes(file)), [], `${name} is given a secret that it does not use`)
  }
  assert.equal(containers.length, 7)
})

test('no container may write, but the server what it has signed last and the archive its months, on volumes that outlive it', () => {
  const kept = ofKind('StatefulSet')[0].spec.volumeClaimTemplates.map(claim => claim.metadata.name)

  const written = Object.fromEntries(servers.map(server => [server.name, ['/var/lib/samsyn']]))
  written['kubernetes log-archive'] = ['/var/lib/samsyn-log-archive']

  for (const { name, mounts, hardened } of containers) {
    const writable = [...mounts].filter(([, mayWrite]) => mayWrite).map(([path]) => path)
    assert.equal(hardened, true, name)
    assert.deepEqual(writable, written[name] ?? [], name)
  }
  for (const { environment } of servers) assert.equal(dirname(environment.SAMSYN_LOG_MEMORY), '/var/lib/samsyn')
  assert.match(image, /install --directory --owner samsyn --group samsyn --mode 0700 \/var\/lib\/samsyn/)
  assert.ok('log-memory' in compose.volumes && kept.includes('log-memory'))
})

test('every server signs its log, by name and with a key that it is given', () => {
  for (const { name, environment, files } of servers) {
    assert.ok(environment.SAMSYN_LOG_ORIGIN, name)
    assert.ok(files.includes(environment.SAMSYN_LOG_KEYS), name)
  }
  assert.equal(servers.length, 2)
})

test('everything runs the image of this version', () => {
  const [, version] = /^ {2}version: (\S+)$/m.exec(read('openapi.yaml'))

  assert.deepEqual([...new Set(containers.map(each => each.image))], [`samsyn:${version}`])
})

test('compose names every secret, network and volume that it uses, and how each file comes to be', () => {
  const all = Object.values(compose.services)
  const named = (key, section) => [...new Set(all.flatMap(service => service[key] ?? []))].filter(name => !(name in compose[section]))
  const sources = all.flatMap(service => service.volumes ?? []).map(volume => volume.split(':')[0])
  const once = read('deploy/compose.yaml').split('services:')[0]

  assert.deepEqual([...named('secrets', 'secrets'), ...named('networks', 'networks')], [])
  for (const { file } of Object.values(compose.secrets)) assert.ok(once.includes(`> ${file.slice(2)}`), file)
  for (const source of sources.filter(name => !name.startsWith('.'))) assert.ok(source in compose.volumes, source)
  for (const source of sources.filter(name => name.startsWith('.')))
    assert.ok(existsSync(`${top}deploy/${source}`) || once.includes(`mkdir ${source.slice(2)}`), source)
  for (const [, variable] of read('deploy/compose.yaml').matchAll(/\$\{(\w+):/g)) assert.ok(once.includes(`echo ${variable}=`), variable)
})

test('in Kubernetes every pod is under one network policy, and service, budget and monitoring find the server', () => {
  const [server] = pods.filter(({ words }) => words[0] === 'serve')
  const selects = ({ matchLabels = {}, matchExpressions = [] }, labels) =>
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key]))
  const [{ spec: { selector, ports: [port] } }] = ofKind('Service')
  const ports = templates.flatMap(({ spec }) => spec.containers[0].ports ?? [])
  const open = ofKind('NetworkPolicy').flatMap(({ spec }) => spec.ingress).flatMap(rule => rule.ports.map(each => each.port))

  for (const { name, labels } of pods)
    assert.equal(ofKind('NetworkPolicy').filter(({ spec }) => selects(spec.podSelector, labels)).length, 1, name)
  for (const matchLabels of [selector, ofKind('PodDisruptionBudget')[0].spec.selector.matchLabels])
    assert.deepEqual(pods.filter(({ labels }) => selects({ matchLabels }, labels)), [server])
  assert.ok(ports.some(({ name }) => name === port.targetPort))
  assert.deepEqual(ports.map(each => each.containerPort).sort(), open.sort())
  assert.deepEqual(['LISTEN', 'MANAGEMENT'].map(name => server.environment[`SAMSYN_${name}`]), ports.map(each => `0.0.0.0:${each.containerPort}`))
})
