import { describe, expect, it } from 'vitest'
import { smallNetwork } from './small-network.ts'
import { failureOf } from './waiting.ts'
import { execute } from './workflows.ts'
import { echo, many, writer } from './writers.ts'

describe('generate', () => {
  it('[D27] answers a prompt, or many', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    expect(await net.client.generate('Hello')).toBe('<Hello>')
    expect(await net.client.generate(['a', 'b'], { models: ['m'] })).toEqual(['<a>', '<b>'])
  })

  it('[D27] runs a workflow, or several one after the other', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const { client } = net
    expect(await client.generate('a', execute, { models: ['m'] })).toBe('<a>')
    expect(await client.generate(['a', { instruction: 'b' }], execute)).toEqual(['<a>', '<b>'])
    expect(await client.generate('a', [execute, execute], { retries: 1 })).toBe('<<a>>')
    expect(await client.generate(['a', 'b'], [execute, execute])).toEqual(['<<a>>', '<<b>>'])
  })

  it('[D29] rejects with the models that are there', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const error = await failureOf(net.client.generate('a', { models: ['nope'] }))
    expect(error.message).toContain("there is 'm' on 1 node")
  })
})

describe('looking at the network', () => {
  it('[D31] lists models with nodes, slots and speed', async () => {
    await using net = await smallNetwork([
      { models: ['a', 'b'], slots: 3, answer: writer },
      { models: ['b'], slots: 1, answer: writer },
    ])
    expect(net.client.models()).toEqual([
      expect.objectContaining({ name: 'a', nodes: 1, slots: 3, freeSlots: 3 }),
      expect.objectContaining({ name: 'b', nodes: 2, slots: 4, freeSlots: 4 }),
    ])
    await net.client.run(execute, many, { models: ['b'] })
    expect(net.client.models()[1]?.tokensPerSecond).toBeCloseTo(1000)
  })

  it('lists nodes with their models', async () => {
    await using net = await smallNetwork([{ name: 'atlas', models: ['a'] }, {}])
    const [first, second] = net.client.nodes()
    expect(first).toMatchObject({ peer: 'node-1', name: 'atlas', draining: false, unfinished: 0 })
    expect(first?.models.map(({ name }) => name)).toEqual(['a'])
    expect(second).toMatchObject({ peer: 'node-2', name: 'node-2' })
  })
})
