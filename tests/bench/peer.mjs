// SPDX-License-Identifier: MIT
// peer.mjs v1|v2 stdio|http: get_secret as Countersign offers it, written on the official TypeScript SDK: v1 is
// @modelcontextprotocol/sdk, v2 @modelcontextprotocol/server (the Inspector brings it along), which has the later era too. Over HTTP it
// prints the port it is on.
// It keeps the secret in memory, asks nobody and records nothing: it is as fast as the SDK allows.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'

const [sdk, transport] = process.argv.slice(2)
const information = { name: 'peer', title: 'Peer', version: '1.0.0' }
const description = 'Asks for the use of one secret and returns a time-boxed reference to it.'
const inputSchema = z.object({
  name: z.string().max(128),
  purpose: z.string().max(500),
  ttl_seconds: z.number().int().min(1).max(86400).optional(),
})
const outputSchema = z.object({ status: z.string(), request_id: z.string(), result: z.record(z.string(), z.any()) })
const annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false }
const secrets = new Map([['demo', { reference: randomUUID(), created: Date.now() }]])

function getSecret ({ name, ttl_seconds = 3600 }) {
  const found = secrets.get(name)
  if (!found) return { isError: true, content: [{ type: 'text', text: 'there is no such secret' }] }
  const result = { ref: found.reference, expiresIn: ttl_seconds - Math.floor((Date.now() - found.created) / 1000) }
  return {
    content: [{ type: 'text', text: JSON.stringify(result) }],
    structuredContent: { status: 'completed', request_id: found.reference, result },
  }
}

const { McpServer } = await import(sdk === 'v1' ? '@modelcontextprotocol/sdk/server/mcp.js' : '@modelcontextprotocol/server')

function make () {
  const server = new McpServer(information)
  const [input, output] = sdk === 'v1' ? [inputSchema.shape, outputSchema.shape] : [inputSchema, outputSchema]
  server.registerTool('get_secret', { title: 'Get a reference to a secret', description, inputSchema: input, outputSchema: output, annotations },
    getSecret)
  return server
}

function told (port) {
  process.stdout.write(`${port}\n`)
}

async function stdio () {
  if (sdk === 'v2') return (await import('@modelcontextprotocol/server/stdio')).serveStdio(make)
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
  return make().connect(new StdioServerTransport())
}

// With sessions, and plain JSON where SSE is not needed: what is fastest.
async function httpV1 () {
  const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js')
  const sessions = new Map()
  const listening = createServer(async (request, response) => {
    let session = sessions.get(request.headers['mcp-session-id'])
    if (!session) {
      session = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID, enableJsonResponse: true, onsessioninitialized: (id) => sessions.set(id, session),
      })
      await make().connect(session)
    }
    await session.handleRequest(request, response)
  })
  listening.listen(0, '127.0.0.1', () => told(listening.address().port))
}

async function httpV2 () {
  const { createMcpHandler } = await import('@modelcontextprotocol/server')
  const { serve } = await import('@hono/node-server')
  const handler = createMcpHandler(make)
  serve({ fetch: (request) => handler.fetch(request), port: 0, hostname: '127.0.0.1' }, ({ port }) => told(port))
}

await (transport === 'stdio' ? stdio() : sdk === 'v1' ? httpV1() : httpV2())
