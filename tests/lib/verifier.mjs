// SPDX-License-Identifier: MIT
// verifier.mjs ISSUER-OR-JWKS-URL [AUDIENCE]: verifies the token on standard input as a service would that trusts the issuer.
// An address that ends in .json is that of the keys. Else the metadata of both standards is fetched first, as
// openid-client does it (RFC 8414, section 3.3: the issuer in it must be the one that was asked for).
// Tells {"claims":…,"header":…} or {"error":CODE} as one line of JSON.
import { createRemoteJWKSet, jwtVerify } from 'jose'

const [issuer, audience] = process.argv.slice(2)
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

async function metadata (url) {
  const answer = await fetch(url, { redirect: 'error' })
  if (answer.status !== 200) throw Object.assign(new Error(), { code: `HTTP ${answer.status}` })
  const found = await answer.json()
  if (found.issuer !== issuer) throw Object.assign(new Error(), { code: 'another issuer' })
  return found
}

async function keysOf () {
  if (issuer.endsWith('.json')) return issuer
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  const oauth = await metadata(`${origin}/.well-known/oauth-authorization-server${path}`)
  const openid = await metadata(`${origin}${path}/.well-known/openid-configuration`)
  if (oauth.jwks_uri !== openid.jwks_uri) throw Object.assign(new Error(), { code: 'other keys' })
  return oauth.jwks_uri
}

let token = ''
for await (const piece of process.stdin) token += piece
try {
  const keys = createRemoteJWKSet(new URL(await keysOf()))
  const options = { audience, ...(issuer.endsWith('.json') ? {} : { issuer }) }
  const { payload, protectedHeader } = await jwtVerify(token.trim(), keys, options)
  tell({ claims: payload, header: protectedHeader })
} catch (error) {
  tell({ error: error.code ?? String(error) })
}
