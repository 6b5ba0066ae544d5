import { expect, it } from 'vitest'
import { drawStartedNode } from '../../src/views/started-node.ts'

it('a node that is ready says one fact a line', () => {
  expect(
    drawStartedNode({
      name: 'barn',
      peer: '12D3KooWabc',
      addresses: ['/ip4/127.0.0.1/tcp/4100/p2p/12D3KooWabc'],
      models: [
        { name: 'llama3.2:3b', slots: 2, contextLength: 8192 },
        { name: 'skein-demo', slots: 1, contextLength: 1008, demonstration: true },
      ],
    }),
  ).toMatchInlineSnapshot(`
    "node barn
    peer 12D3KooWabc
    address /ip4/127.0.0.1/tcp/4100/p2p/12D3KooWabc
    model llama3.2:3b: 2 slots, 8,192 tokens of context
    model skein-demo: 1 slot, 1,008 tokens of context (shows the network, not intelligence)"
  `)
})
