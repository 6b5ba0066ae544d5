import { once } from 'node:events'
import process from 'node:process'
import { describe, expect, it, vi } from 'vitest'
import { ClientError } from '../../src/index.ts'
import { RunRecorder } from '../../src/run/run-recorder.ts'
import { fakeJournal } from '../fake-journal.ts'

const TAKEN = new ClientError('RUN_HELD', 'another process has it')
const FULL = new ClientError('STORE_FAILED', 'the disk is full')
const STATUS = { state: 'running', ms: 1, rows: 1, failures: 0, tokens: 0, bySteps: [] } as const

function recorder() {
  let listener: ((error: ClientError) => void) | undefined
  const lost = vi.fn<(error: ClientError) => void>()
  const made = new RunRecorder({
    run: 'monday',
    journal: { ...fakeJournal(() => undefined), onLost: (given) => void (listener = given) },
    isTakenUp: false,
    clock: { now: () => 0, schedule: () => () => {} },
    wallNow: () => 1,
    status: () => STATUS,
    lost,
  })
  return { recorder: made, lost, tell: (error: ClientError) => listener?.(error) }
}

describe('the recorder of a run', () => {
  it('[F16] warns where the end of a run that is done cannot be recorded', async () => {
    const { recorder: recording, lost, tell } = recorder()
    tell(TAKEN)
    expect(lost).toHaveBeenCalledExactlyOnceWith(TAKEN)
    await recording.close(undefined, { wasStopped: false, isMany: false })
    const warned = once(process, 'warning')
    tell(FULL)
    const message = "run 'monday' is done, which could not be recorded: the disk is full; resume"
    expect(await warned).toMatchObject([{ message: expect.stringContaining(message) as unknown }])
    expect(lost).toHaveBeenCalledOnce()
  })
})
