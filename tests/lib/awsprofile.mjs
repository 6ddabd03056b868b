// SPDX-License-Identifier: MIT
// awsprofile.mjs: the credentials that AWS's own client finds for the profile of its environment (AWS_PROFILE, AWS_CONFIG_FILE),
// or why it finds none.
import { STSClient } from '@aws-sdk/client-sts'

try {
  const found = await new STSClient({ region: 'eu-west-1' }).config.credentials()
  process.stdout.write(JSON.stringify({ ...found, expiration: found.expiration?.toISOString() }))
} catch (error) {
  process.stdout.write(JSON.stringify({ error: `${error.name}: ${error.message}` }))
}
