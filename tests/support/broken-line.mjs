// A line between a server and its database that breaks when it is told to.
//
//   const line = await breakableLine()
//   const server = await startServer({ database, options: { database: `host=${line.directory} dbname=${database} user=samsyn_api` } })
//   line.loseAnswerTo(trace)       the request of this trace is carried out, and the line breaks before its answer is through
//   line.refuse(trace)             the database ends the session in place of carrying it out
import net from 'node:net'
import { after } from 'node:test'
import { makeFolder } from './folder.mjs'
import { cluster } from './server.mjs'

const SOCKET = '.s.PGSQL.5432'
const TRACE = 32 // characters
const READY = Buffer.from('5a0000000549', 'hex') // ReadyForQuery, outside a transaction

// ErrorResponse as an administrator's pg_terminate_backend brings it about.
function terminated() {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
  const head = Buffer.from('E0000')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

export async function breakableLine() {
  const directory = makeFolder('line')
  const orders = new Map()
  const line = net.createServer(near => join(near, net.connect(`${cluster()}/${SOCKET}`), orders))
  await new Promise(resolve => line.listen(`${directory}/${SOCKET}`, resolve))
  after(() => line.close())
  return { directory, loseAnswerTo: trace => orders.set(trace, 'lose'), refuse: trace => orders.set(trace, 'refuse'), pending: () => orders.size }
}

// What is looked for may come in two pieces.
function join(near, far, orders) {
  let losing = false
  let [asked, answered] = [Buffer.of(), Buffer.of()]
  near.on('data', bytes => {
    asked = Buffer.concat([asked.subarray(1 - TRACE), bytes])
    const [trace, order] = [...orders].find(([one]) => asked.includes(one)) ?? []
    orders.delete(trace)
    if (order === 'refuse') {
      near.end(terminated())
      far.destroy()
      return
    }
    losing ||= order === 'lose'
    far.write(bytes)
  })
  far.on('data', bytes => {
    answered = Buffer.concat([answered, bytes]).subarray(-READY.length)
    if (!losing) near.write(bytes)
    else if (answered.equals(READY)) [near, far].forEach(socket => socket.destroy())
  })
  for (const [one, other] of [[near, far], [far, near]]) one.on('error', () => other.destroy()).on('close', () => other.destroy())
}
