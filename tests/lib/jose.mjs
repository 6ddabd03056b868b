// SPDX-License-Identifier: MIT
// Verifies a token by npm's jose, as somebody would who has only the published keys. One JSON object on standard input:
// {"token","jwks","issuer","audience"}; one on standard output: {"claims","header"} or {"error"}.
import { createLocalJWKSet, jwtVerify } from 'jose';

let text = '';
for await (const piece of process.stdin)
  text += piece;
const { token, jwks, issuer, audience } = JSON.parse(text);
try {
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer, audience });
  console.log(JSON.stringify({ claims: payload, header: protectedHeader }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? String(error) }));
}
