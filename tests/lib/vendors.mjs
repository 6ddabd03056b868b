// SPDX-License-Identifier: MIT
// vendors.mjs ORDER: asks a service as its vendor's own client does, and prints what that made of the answer. ORDER is JSON:
// {"client":"sts","endpoint","command":"AssumeRoleCommand","input":{},"keys"?:[id,secret]}
// {"client":"github","api","app","pem","installation","repositories"?,"permissions"?}
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'

const order = JSON.parse(process.argv[2])

async function sts () {
  const [accessKeyId, secretAccessKey] = order.keys ?? ['none', 'none']
  const client = new STSClient({ endpoint: order.endpoint, region: 'eu-west-1', credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 })
  const commands = { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand }
  const { Credentials } = await client.send(new commands[order.command](order.input))
  return Credentials
}

async function github () {
  const octokit = new Octokit({
    baseUrl: order.api,
    authStrategy: createAppAuth,
    auth: { appId: order.app, privateKey: order.pem, installationId: order.installation }
  })
  const { token, expiresAt, permissions, repositorySelection, repositoryNames } = await octokit.auth({
    type: 'installation', repositoryNames: order.repositories, permissions: order.permissions })
  const asInstallation = new Octokit({ baseUrl: order.api, auth: token })
  const reached = (await asInstallation.request('GET /installation/repositories')).data.repositories.map(({ name }) => name)
  const revoked = (await asInstallation.request('DELETE /installation/token')).status
  const after = await asInstallation.request('GET /installation/repositories').then(() => 200, (error) => error.status)
  return { token, expiresAt, permissions, repositorySelection, repositoryNames, reached, revoked, after }
}

try {
  console.log(JSON.stringify({ result: await { sts, github }[order.client]() }))
} catch (error) {
  console.log(JSON.stringify({ error: error.name, status: error.status ?? error.$metadata?.httpStatusCode }))
}
