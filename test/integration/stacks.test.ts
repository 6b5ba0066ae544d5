import { createClient } from '@skein/client'
import { createNode, createScriptedEngine } from '@skein/node'
import { createIdentity, createLibp2pTransport, createNetworkKey } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import * as variations from '../../examples/seeds/variations.ts'
import { withClient } from './local-client.ts'

describe('a pipeline', () => {
  it('[F5] gives the same output in one process and over the network, where its stack says', async () => {
    const answers = { Hello: 'Hi' }
    const network = createNetworkKey()
    const lender = await createLibp2pTransport({ identity: await createIdentity(), network })
    const engine = createScriptedEngine({ answers })
    await using node = await createNode({ transport: lender, engines: [engine], name: 'far' })
    const transport = await createLibp2pTransport({ identity: await createIdentity(), network })
    await using far = createClient({ transport, addresses: node.addresses })
    await far.ready()
    await withClient(
      async (near) => {
        const input = { instruction: 'Hello' }
        const here = await near.run(variations.opinions, input)
        const there = await near.run(variations.opinions, input, { stack: far.stack })
        expect(there.output).toEqual(here.output)
        expect(here.tasks.map((task) => task.node)).not.toContain('far')
        expect(there.tasks.map((task) => task.node)).toContain('far')
      },
      { answers },
    )
  })
})
