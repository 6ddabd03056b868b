// SPDX-License-Identifier: MIT
// oauthclient.mjs v1|v2|auto URL: the official MCP client over HTTP. It has no token and finds out where to get one (RFC 9728):
// {"authorize":URL} is to be opened by a person; {"callback":URL} is where the person was sent back to. Lines are else as client.mjs
// has them, and {"refused":{"name","message"}} when it does not come in. {"tokens":true} tells what it got, {"spoil":true} forgets
// the access token and keeps the refresh token.
import readline from 'node:readline'

const [sdk, url] = process.argv.slice(2)
const base = sdk === 'v1' ? '@modelcontextprotocol/sdk/client' : '@modelcontextprotocol/client'
const { Client } = await import(sdk === 'v1' ? `${base}/index.js` : base)
const { StreamableHTTPClientTransport } = await import(sdk === 'v1' ? `${base}/streamableHttp.js` : base)
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const REDIRECT = 'http://127.0.0.1:9876/oauth/callback'

const kept = {}
const authProvider = {
  get redirectUrl () { return REDIRECT },
  get clientMetadata () {
    return { client_name: 'official-client', redirect_uris: [REDIRECT], application_type: 'native', token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] }
  },
  clientInformation: () => kept.client,
  saveClientInformation (client) { kept.client = client },
  tokens: () => kept.tokens,
  saveTokens (tokens) { kept.tokens = tokens },
  saveCodeVerifier (verifier) { kept.verifier = verifier },
  codeVerifier: () => kept.verifier,
  saveDiscoveryState (state) { kept.discovery = state },
  discoveryState: () => kept.discovery,
  redirectToAuthorization (to) { tell({ authorize: to.href }) }
}

const orders = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const next = async () => {
  const { value, done } = await orders.next()
  return done ? { close: true } : JSON.parse(value)
}

async function connect () {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider })
  const client = new Client({ name: 'official-client', version: '1.0' },
    sdk === 'auto' ? { versionNegotiation: { mode: 'auto' } } : {})
  try {
    await client.connect(transport)
    return { client, transport }
  } catch (error) {
    if (error.constructor.name !== 'UnauthorizedError') throw error
    const { callback, close } = await next()
    if (close) process.exit(0)
    const { searchParams } = new URL(callback)
    await (sdk === 'v1' ? transport.finishAuth(searchParams.get('code')) : transport.finishAuth(searchParams))
    return connect()
  }
}

let connected
try {
  connected = await connect()
} catch (error) {
  tell({ refused: { name: error.constructor.name, message: String(error.message) } })
  process.exit(0)
}
const { client, transport } = connected
const running = new Map()
tell({ connected: client.getServerVersion(), capabilities: client.getServerCapabilities(), session: transport.sessionId })

function carryOut ({ call, arguments: given, tools, timeout }, signal) {
  const options = { signal, ...(timeout ? { timeout } : {}) }
  if (tools) return client.listTools(undefined, options)
  if (!call) return client.ping(options)
  const params = { name: call, arguments: given }
  return sdk === 'v1' ? client.callTool(params, undefined, options) : client.callTool(params, options)
}

for (let order = await next(); !order.close; order = await next()) {
  if (order.cancel !== undefined) {
    running.get(order.cancel)?.abort('told to')
    continue
  }
  if (order.tokens) {
    tell({ tokens: kept.tokens })
    continue
  }
  if (order.spoil) {
    kept.tokens = { ...kept.tokens, access_token: 'spoilt' }
    tell({ spoilt: true })
    continue
  }
  const abort = new AbortController()
  running.set(order.id, abort)
  carryOut(order, abort.signal)
    .then((result) => tell({ id: order.id, result }),
      (error) => tell({ id: order.id, error: { code: error.code, name: error.constructor.name, message: String(error.message) } }))
    .finally(() => running.delete(order.id))
}
await client.close()
process.exit(0)
