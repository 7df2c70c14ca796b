// A program with AWS's JavaScript SDK that does not know daypass: caller.mjs SECONDS, like ../go/main.go.
import { setTimeout } from 'node:timers/promises'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const client = new STSClient({})
const end = Date.now() + 1000 * Number(process.argv[2])
while (Date.now() < end) {
  await client.send(new GetCallerIdentityCommand({}))
  console.log((await client.config.credentials()).accessKeyId)
  await setTimeout(1000)
}
