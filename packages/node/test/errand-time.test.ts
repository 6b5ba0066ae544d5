import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createScriptedEngine } from '../src/engines/scripted.ts'
import { FakeClock } from './fake-clock.ts'
import { Stage } from './stage.ts'

describe('a search', () => {
  it('[D1] [F24] that takes longer than its step says fails', async () => {
    await using stage = new Stage()
    const time = new FakeClock()
    const signals: AbortSignal[] = []
    const search = (_: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    }
    const hasty = new WorkflowBuilder('hasty', { text: z.string() })
      .searchStep({ id: 'found', query: 'about {{text}}', timeoutMs: 400 })
      .setReturnValue('found')
      .build()
    await stage.start(createScriptedEngine(), { clock: time, tools: { search } })
    const client = await stage.join()
    client.define(hasty)
    client.assign(hasty, { task: '1', input: { text: 'geese' } })
    await expect.poll(() => signals.length).toBe(1)
    time.advance(350)
    expect(signals[0]?.aborted).toBe(false)
    time.advance(100)
    expect(signals[0]?.aborted).toBe(true)
    const end = await client.ends('1')
    expect(end).toMatchObject({ type: 'fail', code: 'STALLED' })
    expect('message' in end && end.message).toContain('400 ms')
  })

  it('[D1] [N12] that may take longer than the node waits fails with both times, and what to do', async () => {
    await using stage = new Stage()
    const time = new FakeClock()
    const signals: AbortSignal[] = []
    const search = (_: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    }
    const patient = new WorkflowBuilder('patient', { text: z.string() })
      .searchStep({ id: 'found', query: 'about {{text}}', timeoutMs: 900 })
      .setReturnValue('found')
      .build()
    const patience = { firstTokenMs: 500, betweenTokensMs: 300 }
    await stage.start(createScriptedEngine(), { clock: time, tools: { search }, patience })
    const client = await stage.join()
    client.define(patient)
    client.assign(patient, { task: '1', input: { text: 'geese' } })
    await expect.poll(() => signals.length).toBe(1)
    time.advance(450)
    expect(signals[0]?.aborted).toBe(false)
    time.advance(100)
    expect(signals[0]?.aborted).toBe(true)
    expect(await client.ends('1')).toMatchObject({
      type: 'fail',
      code: 'STALLED',
      retryable: true,
      message: expect.stringContaining(
        'nothing came for 500 ms, the most that this node waits (the step would wait 900 ms): ' +
          'its owner may raise the firstTokenMs of its patience',
      ) as unknown,
    })
  })
})
