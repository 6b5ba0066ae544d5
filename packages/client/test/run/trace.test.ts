import { describe, expect, it } from 'vitest'
import { smallNetwork } from '../small-network.ts'
import { execute } from '../workflows.ts'
import { echo } from '../writers.ts'

describe('the trace of a run', () => {
  it('[D16] comes with each task where it is asked for, as far as it can be read', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const result = await net.client.run(execute, { instruction: 'a' }, { trace: true })
    const { tasks } = result
    expect(tasks[0]?.steps).toEqual(['answer'])
    expect(tasks[0]?.trace).toEqual([
      {
        step: 'answer',
        prompt: 'Say it',
        answer: '<a>',
        model: 'm',
        finishReason: 'stop',
        usage: { input: 5, output: 10 },
        ms: 12,
      },
    ])
    expect(result.lineage(result.output).tasks[0]).not.toHaveProperty('trace')
  })

  it('[D16] does not come unasked; the ids of the steps do', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const { tasks } = await net.client.run(execute, { instruction: 'a' })
    expect(tasks[0]).toHaveProperty('steps', ['answer'])
    expect(tasks[0]).not.toHaveProperty('trace')
  })
})
