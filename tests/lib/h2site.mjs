// SPDX-License-Identifier: MIT
// h2site.mjs PEM: an HTTP/2 site with key and certificate from that file; tells {"port"} and then each request, in order.
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'

const pem = readFileSync(process.argv[2])
const server = http2.createSecureServer({ key: pem, cert: pem })
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

function forever (stream) {
  if (stream.destroyed) return
  while (!stream.destroyed && stream.write('and on it goes\n'.repeat(4096)) === true);
  stream.once('drain', () => forever(stream))
}

server.on('stream', (stream, headers) => {
  const chunks = []
  stream.on('error', () => {})
  stream.on('close', () => tell({ closed: headers[':path'] }))
  stream.on('data', (chunk) => chunks.push(chunk))
  stream.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    const path = headers[':path']
    tell({ headers: Object.entries(headers), body })
    if (path.startsWith('/silent')) return
    const extra = {}
    if (path.startsWith('/headers')) for (let n = 0; n < 90; n++) extra[`x-${n}`] = 'h'.repeat(1000)
    if (path.startsWith('/cookie')) extra['set-cookie'] = ['a=b', 'c=d']
    stream.respond({ ':status': 200, 'x-echo': headers.authorization ?? 'none', ...extra })
    if (path.startsWith('/forever')) forever(stream)
    else stream.end(JSON.stringify(headers))
  })
})
server.on('sessionError', () => {})
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }))
process.stdin.on('end', () => process.exit(0)).resume()
