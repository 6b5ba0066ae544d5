import { describe, expect, it, vi } from 'vitest'
import { createSqliteStore, pipeline } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { execute } from '../workflows.ts'
import { z } from 'zod'

const plan = pipeline('asks', { instruction: z.string() }).step(execute)
const inputs = Array.from({ length: 20 }, (_, i) => ({ instruction: `do ${i}` }))
const slow = { slots: 4, credits: 4, answer: () => ({ output: 'done', afterMs: 30 }) }
const taken = {
  code: 'INVALID_INPUT',
  message: expect.stringContaining('there already') as unknown,
}

describe('a run whose name is taken', () => {
  it('[D21] asks nobody, also where both begin at the same moment', async () => {
    await using folder = await temporaryFolder()
    const open = () => smallNetwork([slow], { store: createSqliteStore(folder.file('runs.db')) })
    await using one = await open()
    await using other = await open()
    const runs = [one, other].map(async ({ client }) => client.run(plan, inputs, { id: 'r' }))
    const outcomes = await Promise.allSettled(runs)
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining(taken) as unknown,
    })
    const asked = [one, other].map(({ nodes: [node] }) => node?.assigned.length)
    expect(new Set(asked)).toEqual(new Set([0, inputs.length]))
  })

  it('[D21] leaves the run alone that has it', async () => {
    await using at = await smallNetwork([slow])
    const first = at.client.run(plan, inputs, { id: 'r' })
    const isUnderWay = () => {
      expect(at.nodes[0]?.assigned).toHaveLength(slow.credits)
    }
    await vi.waitFor(isUnderWay, { interval: 1 })
    await expect(at.client.run(plan, inputs, { id: 'r' })).rejects.toMatchObject(taken)
    expect(await first).toMatchObject({ state: 'done', failures: [] })
    expect(at.nodes[0]?.cancelled).toEqual([])
  })
})
