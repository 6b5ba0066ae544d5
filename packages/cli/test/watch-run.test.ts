import type { RunEvent } from '@skein/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchRun } from '../src/watch-run.ts'
import { recordTerminal } from './recorded-terminal.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** One task after the other, a second each. */
async function* slowly(count: number): AsyncGenerator<RunEvent<unknown>> {
  for (let index = 0; index < count; index += 1) {
    yield { type: 'task', step: 'a', state: 'queued', task: `${index}` }
    await new Promise((wake) => setTimeout(wake, 1_000))
    yield { type: 'task', step: 'a', state: 'done', task: `${index}`, node: 'barn', tokens: 5 }
  }
}

const { signal } = new AbortController()

describe('watching a run', () => {
  it('draws again and again on a terminal, the last time after the last event', async () => {
    const terminal = recordTerminal({ isTerminal: true })
    const watched = watchRun(slowly(3), { name: 'x', signal, terminal })
    await vi.advanceTimersByTimeAsync(3_100)
    await watched
    expect(terminal.frames.length).toBeGreaterThan(20)
    expect(terminal.frames.at(-1)).toContain('3 of 3')
    expect(terminal.talkLines).toEqual([])
  })

  it('writes a line now and then elsewhere, and none for what is over soon', async () => {
    const terminal = recordTerminal()
    const watched = watchRun(slowly(12), { name: 'x', signal, terminal })
    await vi.advanceTimersByTimeAsync(12_100)
    await watched
    expect(terminal.talkLines).toHaveLength(2)
    expect(terminal.talkLines[0]).toMatch(/^x: 5\.0 s, a [45] of \d so far/)
    const short = recordTerminal()
    const second = watchRun(slowly(1), { name: 'x', signal, terminal: short })
    await vi.advanceTimersByTimeAsync(1_100)
    await second
    expect(short.talkLines).toEqual([])
  })

  it('leaves the view as it was once the run is called off', async () => {
    const terminal = recordTerminal({ isTerminal: true })
    const stop = new AbortController()
    const watched = watchRun(slowly(4), { name: 'x', signal: stop.signal, terminal })
    await vi.advanceTimersByTimeAsync(1_500)
    stop.abort()
    await vi.advanceTimersByTimeAsync(5_000)
    await watched
    expect(terminal.frames.at(-1)).toContain('1 of 2 so far')
  })
})
