import type { ModelSummary, NodeSummary } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { drawModels, drawStatus } from '../../src/views/network.ts'

const small = { name: 'llama3.2:3b', contextLength: 8192, capabilities: ['chat', 'tools'] }

const models: readonly ModelSummary[] = [
  { ...small, nodes: 2, slots: 3, freeSlots: 1, tokensPerSecond: 41.2, demonstration: false },
  {
    name: 'skein-demo',
    nodes: 1,
    slots: 4,
    freeSlots: 4,
    contextLength: 1008,
    capabilities: ['chat'],
    demonstration: true,
  },
]

function node(name: string, changes: Partial<NodeSummary> = {}): NodeSummary {
  const offered = { ...small, slots: 2, credits: 3, tokensPerSecond: 40 }
  return {
    name,
    peer: `12D3KooW${name}12345678`,
    draining: false,
    unfinished: 0,
    models: [offered],
    ...changes,
  }
}

describe('the models', () => {
  it('[D31] are listed with nodes, free slots and measured tokens per second', () => {
    expect(drawModels(models)).toMatchInlineSnapshot(`
      "MODEL        NODES  FREE  SLOTS  TOKENS/S  CONTEXT  CAN
      llama3.2:3b      2     1      3  41           8192  chat, tools
      skein-demo       1     4      4  –            1008  demonstration"
    `)
  })
})

describe('the status', () => {
  it('shows each node with its models and what of them is free', () => {
    const nodes = [
      node('barn', { unfinished: 1 }),
      node('loft', { draining: true }),
      node('shed', { models: [] }),
    ]
    expect(drawStatus({ nodes, models, troubles: [] })).toMatchInlineSnapshot(`
      "3 nodes, 2 models, 5 of 7 slots free

      NODE  PEER      MODEL        FREE  SLOTS  TOKENS/S  NOTE
      barn  12345678  llama3.2:3b     1      2  40
      loft  12345678  llama3.2:3b     0      2  40        draining
      shed  12345678                  0      0            no model"
    `)
  })

  it('says which nodes could not be reached, and why', () => {
    const troubles = ['127.0.0.1:9 cannot be reached: nobody \u001B[31mlistens there']
    expect(drawStatus({ nodes: [], models: [], troubles })).toBe(
      '0 nodes, 0 models, 0 of 0 slots free\n\n! 127.0.0.1:9 cannot be reached: nobody listens there',
    )
  })

  it('never shows more free slots than the node grants', () => {
    const [model] = node('barn').models
    const nodes = model ? [node('barn', { models: [{ ...model, slots: 4, credits: 1 }] })] : []
    expect(drawStatus({ nodes, models: [], troubles: [] })).toMatch(/llama3\.2:3b +1 +4/)
  })
})
