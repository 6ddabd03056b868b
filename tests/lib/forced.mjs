// SPDX-License-Identifier: MIT
// forced.mjs: oauth2-mock-server on this machine, whose token endpoint answers what the last {"set":{"status","body","headers"}} said.
import { createInterface } from 'node:readline'
import { Events, OAuth2Server } from 'oauth2-mock-server'

const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const server = new OAuth2Server()
let forced = {}

await server.issuer.keys.generate('ES256')
await server.start(0, '127.0.0.1')
server.issuer.url = `http://127.0.0.1:${server.address().port}`
server.service.on(Events.BeforeResponse, (response, request) => {
  if (forced.status !== undefined) response.statusCode = forced.status
  if (forced.body !== undefined) response.body = forced.body
  for (const [name, value] of Object.entries(forced.headers ?? {})) request.res.setHeader(name, value)
  tell({ asked: request.path ?? request.url, body: request.body })
})
tell({ issuer: server.issuer.url })

const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  forced = JSON.parse(line).set
  tell({ done: line })
})
orders.on('close', () => process.exit(0))
