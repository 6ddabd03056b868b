// SPDX-License-Identifier: MIT
// client.mjs v1|v2|auto SERVER [ARGUMENT…]: the official MCP client, told what to do by JSON lines on stdin. SERVER may be a URL;
// TOKEN in the environment is then shown there.
//   {"id":1,"call":TOOL,"arguments":{…},"timeout":MS,"progress":true}   {"id":2,"tools":true}   {"id":3,"ping":true}
//   {"id":4,"use":METHOD,"params":{…}} (listPrompts, readResource, complete… of the client's)   {"cancel":1}   {"close":true}
// auto is v2 that first asks for the later era. With progress the timeout begins anew at each (not with "reset":false), and {"id":1,"progress":…}
// is told. It answers {"id":1,"result":…} or {"id":1,"error":{"code","message"}}, in the order in which they come.
import readline from 'node:readline'

const [sdk, command, ...args] = process.argv.slice(2)
const base = sdk === 'v1' ? '@modelcontextprotocol/sdk/client' : '@modelcontextprotocol/client'
const { Client } = await import(sdk === 'v1' ? `${base}/index.js` : base)
const { StdioClientTransport } = await import(sdk === 'v1' ? `${base}/stdio.js` : `${base}/stdio`)


async function overHttp () {
  const { StreamableHTTPClientTransport } = await import(sdk === 'v1' ? `${base}/streamableHttp.js` : base)
  const headers = { Authorization: `Bearer ${process.env.TOKEN}` }
  return new StreamableHTTPClientTransport(new URL(command), { requestInit: { headers } })
}

// No env: the server gets what the client hands every server, which is six variables.
const transport = /^https?:/.test(command) ? await overHttp() : new StdioClientTransport({ command, args, stderr: 'inherit' })
const client = new Client({ name: 'official-client', version: '1.0' },
  sdk === 'auto' ? { versionNegotiation: { mode: 'auto' } } : {})
const running = new Map()
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

function carryOut ({ id, call, arguments: given, tools, use, params: wanted, timeout, progress, reset = true }, signal) {
  const options = { signal, ...(timeout ? { timeout } : {}) }
  if (progress) Object.assign(options, { onprogress: (progress) => tell({ id, progress }), resetTimeoutOnProgress: reset })
  if (tools) return client.listTools(undefined, options)
  if (use) return client[use](wanted, options)
  if (!call) return client.ping(options)
  const params = { name: call, arguments: given }
  return sdk === 'v1' ? client.callTool(params, undefined, options) : client.callTool(params, options)
}

transport.onclose = () => tell({ closed: true })
await client.connect(transport)
client.onclose = () => tell({ closed: true })
tell({
  connected: client.getServerVersion(),
  capabilities: client.getServerCapabilities(),
  version: client.getNegotiatedProtocolVersion?.(),
  pid: transport.pid
})

for await (const line of readline.createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  if (order.close) break
  if (order.cancel !== undefined) {
    running.get(order.cancel)?.abort('told to')
    continue
  }
  const abort = new AbortController()
  running.set(order.id, abort)
  carryOut(order, abort.signal)
    .then((result) => tell({ id: order.id, result }),
      (error) => tell({ id: order.id, error: { code: error.code, message: String(error.message) } }))
    .finally(() => running.delete(order.id))
}
await client.close()
process.exit(0)
