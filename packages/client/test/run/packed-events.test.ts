import { describe, expect, it } from 'vitest'
import { ClientError, type RunEvent } from '../../src/index.ts'
import { PackedEvents } from '../../src/run/packed-events.ts'

const done: RunEvent<unknown> = {
  type: 'task',
  step: 'a',
  state: 'done',
  task: 'r/0/a',
  node: 'goose',
  tokens: 12,
  tokensPerSecond: 17.12345678901234,
}
const progress: RunEvent<unknown> = {
  type: 'progress',
  step: 'a',
  done: 1,
  failed: 0,
  total: undefined,
  perSecond: 0.1,
  etaMs: undefined,
  tokens: 12,
}

describe('packed events', () => {
  it('[B6] are the same again, in order, with the very same rows and errors of failures', () => {
    const row = Object.freeze({ text: 'wild', when: new Date(0) })
    const error = new ClientError('STEP_FAILED', 'no', { cause: new RangeError('odd') })
    const events: RunEvent<unknown>[] = [
      { type: 'task', step: 'a', state: 'queued', task: 'r/0/a' },
      done,
      { type: 'row', row },
      { type: 'row', row: undefined },
      { type: 'task', step: 'b', state: 'failed', task: 'r/0/b', error },
      { type: 'task', step: 'b', state: 'skipped', task: 'r/1/b', why: 'when' },
      progress,
      { type: 'row', row: 'last' },
    ]
    const unpacked = new PackedEvents(events).unpack()
    expect(unpacked).toStrictEqual(events)
    expect(unpacked[2]).toHaveProperty('row', row)
    expect(unpacked[4]).toMatchObject({ error: { cause: error.cause } })
    expect(unpacked[4]?.type === 'task' && unpacked[4].error === error).toBe(true)
  })

  it('tell why a task was tried again, without holding on to what was thrown', () => {
    const error = new ClientError('TASK_FAILED', 'hiccup', { cause: 'big', retryable: false })
    const event: RunEvent<unknown> = { type: 'task', step: 'a', state: 'retry', task: 't', error }
    const [unpacked] = new PackedEvents([event]).unpack()
    expect(unpacked).toMatchObject({
      state: 'retry',
      error: { code: 'TASK_FAILED', message: 'hiccup', retryable: false },
    })
    expect(unpacked?.type === 'task' && unpacked.error?.cause).toBeUndefined()
  })

  it('take little room', () => {
    const events = Array.from({ length: 4096 }, (_, i) => ({ ...done, task: `run-0001/${i}/a` }))
    expect(new PackedEvents(events).size).toBeLessThan(4096 * 12)
  })
})
