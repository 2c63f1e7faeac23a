// One exchange of bytes with a server, for requests that no HTTP client would send.
import net from 'node:net'
import { mediaType, isJson } from './contract.mjs'
import { PATIENCE_MS } from './patience.mjs'

// Sends these bytes (text or buffers) on a connection of its own and reads one reply to its end:
// {status, headers, text, body}. Status 0 when the server closes without a reply.
export function sendRaw(server, ...parts) {
  return new Promise((resolve, reject) => {
    const chunks = []
    const socket = net.connect(server.port, '127.0.0.1', () => parts.forEach(part => socket.write(part)))
    const finish = () => { socket.destroy(); resolve(parse(Buffer.concat(chunks))) }
    socket.setTimeout(PATIENCE_MS, () => { socket.destroy(); reject(new Error(`no reply within ${PATIENCE_MS} ms`)) })
    socket.on('data', chunk => {
      chunks.push(chunk)
      if (complete(Buffer.concat(chunks))) finish()
    })
    socket.on('close', finish)
    socket.on('error', error => (error.code === 'EPIPE' || error.code === 'ECONNRESET' ? finish() : reject(error)))
  })
}

// A request line, Host and further header lines, ended.
export const head = (server, line, ...lines) => [line, `Host: 127.0.0.1:${server.port}`, ...lines, '', ''].join('\r\n')

function split(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? undefined : { top: bytes.subarray(0, end).toString('latin1'), rest: bytes.subarray(end + 4) }
}

function complete(bytes) {
  const parts = split(bytes)
  const length = parts && /^content-length: *(\d+)/im.exec(parts.top)
  return Boolean(length) && parts.rest.length >= Number(length[1])
}

function parse(bytes) {
  const parts = split(bytes)
  if (!parts) return { status: 0, headers: {}, text: '', body: undefined }
  const [first, ...lines] = parts.top.split('\r\n')
  const headers = Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const reply = { status: Number(first.split(' ')[1]), headers, text: parts.rest.toString('utf8') }
  reply.body = isJson(mediaType(reply)) ? JSON.parse(reply.text) : undefined
  return reply
}
