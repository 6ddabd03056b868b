// SPDX-License-Identifier: MIT
// oidc.mjs OPTIONS: a real OpenID provider (npm oidc-provider) on this machine, for as long as its standard input is open.
// OPTIONS, JSON: {"clients":[…] added to its own, "port":0, "scopes":[…], "rotate":true, "ttl":{"AccessToken":…}}.
// {"set":{"resources":[URI…]}}: access tokens for these (RFC 8707) are JWTs (RFC 9068), signed as "token_alg" says (one of the
// option "algorithms"), with "claims" beside their own. Clients may register themselves.
// Tells {"issuer","port"}, then what happens: {"asked","method","client","grant"} for each request once it has been answered,
// {"event","client"} for what was issued, used or revoked, and {"held":PATH} for an answer that is ready and held back.
// Takes lines: {"set":{"access_ttl":N,"refresh":false,"rotate":false,"skew":SECONDS,"status":…}}, {"hold":PATH}, {"release":PATH}.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { exportJWK, generateKeyPair } from 'jose'
import { errors, Provider } from 'oidc-provider'

const options = JSON.parse(process.argv[2] ?? '{}')
console.log = console.info = console.error // what it notices is none of our lines
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const knobs = { access_ttl: 600, refresh: true, rotate: options.rotate ?? true, skew: 0, interval: undefined, iss: true, resources: [], token_alg: 'ES256', claims: {} }
const holds = new Set()
const held = new Map() // path → functions that let an answer go

async function key (kid, alg = 'ES256') {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...await exportJWK(privateKey), kid, alg, use: 'sig' }
}

const CALLBACKS = ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:9876/oauth/callback`)
const common = {
  application_type: 'native', // a loopback redirect may then have any port (RFC 8252, 7.3)
  redirect_uris: CALLBACKS,
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  id_token_signed_response_alg: 'ES256'
}
// A secret that only RFC 6749, 2.3.1 carries whole in Basic: it has what is encoded, and a colon.
const SECRET = 'cl1ent:secret %+/& with all of it, thirty-two bytes'
const clients = [
  { ...common, client_id: 'countersign', token_endpoint_auth_method: 'none' },
  { ...common, client_id: 'countersign basic', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' },
  { ...common, client_id: 'countersign-post', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
  { client_id: 'resource', client_secret: SECRET, redirect_uris: [], grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
  ...options.clients ?? []
]

const server = createServer()
await new Promise((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
const { port } = server.address()
const issuer = `http://127.0.0.1:${port}`

const scopes = options.scopes ?? ['read', 'write']
const algorithms = options.algorithms ?? ['ES256']
const provider = new Provider(issuer, {
  clients,
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  jwks: { keys: await Promise.all(algorithms.map((alg) => key(alg === 'ES256' ? 'first' : alg, alg))) },
  scopes: ['openid', 'offline_access', 'profile', 'email', ...scopes],
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo (_, resource) {
        if (!knobs.resources.includes(resource)) throw new errors.InvalidTarget()
        return {
          scope: scopes.join(' '),
          accessTokenTTL: knobs.access_ttl,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: knobs.token_alg } }
        }
      }
    }
  },
  extraTokenClaims: (_, token) => token.resourceServer && { email: `${token.accountId}@example.org`, ...knobs.claims },
  enabledJWA: { idTokenSigningAlgValues: algorithms },
  cookies: { keys: ['a key of this test'] },
  conformIdTokenClaims: false,
  rotateRefreshToken: () => knobs.rotate,
  issueRefreshToken: async (_, client) => knobs.refresh && client.grantTypeAllowed('refresh_token'),
  clockTolerance: 5,
  ttl: {
    AccessToken: () => knobs.access_ttl,
    AuthorizationCode: 60,
    DeviceCode: 600,
    IdToken: 600,
    RefreshToken: 86400,
    Interaction: 600,
    Session: 86400,
    Grant: 86400,
    ...options.ttl
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.org` }) })
})
provider.proxy = false

for (const event of ['access_token.issued', 'access_token.destroyed', 'refresh_token.saved', 'refresh_token.consumed',
  'refresh_token.destroyed', 'authorization_code.consumed', 'device_code.consumed', 'grant.revoked', 'grant.success']) {
  provider.on(event, (thing) => tell({ event, client: thing?.clientId ?? thing?.oidc?.client?.clientId }))
}
for (const event of ['grant.error', 'authorization.error', 'revocation.error', 'server_error', 'device_authorization.error']) {
  provider.on(event, (_, error) => tell({ event, error: error.error ?? String(error), detail: error.error_detail ?? error.error_description ?? error.stack }))
}

async function held_back (path) {
  if (!holds.has(path)) return
  tell({ held: path })
  await new Promise((resolve) => held.set(path, [...held.get(path) ?? [], resolve]))
}

provider.use(async (ctx, next) => {
  await next()
  if (knobs.skew !== 0) ctx.set('Date', new Date(Date.now() + knobs.skew * 1000).toUTCString())
  if (ctx.path === '/device/auth' && knobs.interval !== undefined && ctx.body?.device_code) {
    ctx.body = { ...ctx.body, interval: knobs.interval ?? undefined }
  }
  await held_back(ctx.path)
  tell({ asked: ctx.path, method: ctx.method, status: ctx.status, client: ctx.oidc?.client?.clientId, grant: ctx.oidc?.params?.grant_type })
})

server.on('request', provider.callback())
tell({ issuer, port })

const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  const order = JSON.parse(line)
  if (order.set) Object.assign(knobs, order.set)
  if (order.hold) holds.add(order.hold)
  if (order.release) {
    holds.delete(order.release)
    for (const go of held.get(order.release) ?? []) go()
    held.delete(order.release)
  }
  tell({ done: line })
})
orders.on('close', () => process.exit(0))
