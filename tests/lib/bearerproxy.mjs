// SPDX-License-Identifier: MIT
// bearerproxy.mjs URL: passes every request on to there with an Authorization header that has the token of its first line of standard
// input: for programs that have no option for one. Tells {"port"}. A proxy for tests, on this machine alone.
import { createServer, request } from 'node:http'
import { createInterface } from 'node:readline'

const to = new URL(process.argv[2])
const lines = createInterface({ input: process.stdin })
const { value: token } = await lines[Symbol.asyncIterator]().next()

const server = createServer((asked, answer) => {
  const headers = { ...asked.headers, authorization: `Bearer ${token}` }
  const passed = request({ host: to.hostname, port: to.port, method: asked.method, path: asked.url, headers }, (got) => {
    answer.writeHead(got.statusCode, got.headers)
    answer.flushHeaders()
    got.pipe(answer)
  })
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`))
lines.on('close', () => process.exit(0))
