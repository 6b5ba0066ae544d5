import { describe, expect, it } from 'vitest'
import { Progress } from '../../src/views/progress-state.ts'
import { drawProgress, progressLine } from '../../src/views/progress.ts'
import { printable } from '../../src/views/text.ts'

const plain = (_: unknown, text: string): string => text
const draw = (progress: Progress, now: number, columns = 80): string =>
  drawProgress(progress, { now, columns, paint: plain })

/** A run in full flight: one instruction rewritten, 5 to carry out, 3 done and 1 failed on two nodes. */
function inFlight(): Progress {
  const progress = new Progress('haiku', ['rewrite', 'execute'], 0)
  progress.tell({ type: 'total', step: 'rewrite', total: 1 }, 0)
  progress.tell({ type: 'queued', step: 'rewrite' }, 0)
  progress.tell({ type: 'sent', step: 'rewrite' }, 0)
  progress.tell({ type: 'returned', step: 'rewrite' }, 1_000)
  progress.tell({ type: 'done', step: 'rewrite', node: 'barn', tokens: 80 }, 1_000)
  for (let task = 0; task < 5; task++) progress.tell({ type: 'queued', step: 'execute' }, 1_000)
  for (let task = 0; task < 4; task++) progress.tell({ type: 'sent', step: 'execute' }, 1_000)
  for (const node of ['barn', 'loft', 'loft']) {
    progress.tell({ type: 'returned', step: 'execute' }, 2_000)
    progress.tell({ type: 'done', step: 'execute', node, tokens: 40 }, 2_000)
  }
  progress.tell({ type: 'returned', step: 'execute' }, 3_000)
  progress.tell({ type: 'failed', step: 'execute', message: 'the model\nstopped early' }, 3_000)
  progress.tell({ type: 'sent', step: 'execute' }, 3_000)
  return progress
}

describe('the live view', () => {
  it('shows a bar per step, rate, time left, tokens, nodes by throughput and errors', () => {
    expect(draw(inFlight(), 4_000)).toMatchInlineSnapshot(`
      "haiku  4.0 s · 200 tokens · 50 tokens/s
        rewrite  ━━━━━━━━━━━━━━━━━━━━ 1/1
        execute  ━━━━━━━━━━━━━━━━──── 4 of 5 so far  1 failed  1 running  1.0/s  1.0 s left
        nodes    barn 30 tokens/s · loft 20 tokens/s
        errors   1× the model stopped early (execute)"
    `)
  })

  it('says "of 5" once no more rows can come, and drops what is over', () => {
    const progress = inFlight()
    progress.tell({ type: 'returned', step: 'execute' }, 5_000)
    progress.tell({ type: 'done', step: 'execute', node: 'barn', tokens: 40 }, 5_000)
    progress.tell({ type: 'total', step: 'execute', total: 5 }, 5_000)
    expect(draw(progress, 5_000)).toMatchInlineSnapshot(`
      "haiku  5.0 s · 240 tokens · 48 tokens/s
        rewrite  ━━━━━━━━━━━━━━━━━━━━ 1/1
        execute  ━━━━━━━━━━━━━━━━━━━━ 5/5  1 failed
        nodes    barn 32 tokens/s · loft 16 tokens/s
        errors   1× the model stopped early (execute)"
    `)
  })

  it('fits a narrow terminal', () => {
    const lines = draw(inFlight(), 4_000, 50).split('\n')
    expect(
      Math.max(...lines.filter((line) => /nodes|errors/.test(line)).map((l) => l.length)),
    ).toBeLessThanOrEqual(50)
  })

  it('before anything has happened is a headline and empty bars', () => {
    expect(draw(new Progress('haiku', ['rewrite'], 0), 200)).toMatchInlineSnapshot(`
      "haiku  0.2 s
        rewrite  ──────────────────── waiting"
    `)
  })

  it('shows only the most frequent errors, and says that there are more', () => {
    const progress = new Progress('haiku', ['a'], 0)
    for (let kind = 0; kind < 5; kind++) {
      for (let count = 0; count <= kind; count++) {
        progress.tell({ type: 'trouble', step: 'a', message: `error ${kind}` }, 0)
      }
    }
    const text = draw(progress, 0)
    expect(text).toContain('5× error 4 (a)')
    expect(text).not.toContain('error 1')
    expect(text).toContain('… and 2 other kinds')
  })

  it('never shows escape sequences of a stranger', () => {
    const progress = new Progress('haiku', ['a'], 0)
    progress.tell({ type: 'done', step: 'a', node: 'ev\u001B[2Jil', tokens: 1 }, 0)
    progress.tell({ type: 'failed', step: 'a', message: '\u001B]0;owned\u0007 no' }, 0)
    for (const text of [draw(progress, 1_000), progressLine(progress, 1_000)]) {
      expect(text).toBe(printable(text))
    }
  })
})

describe('the plain line', () => {
  it('says the same in one line without control characters', () => {
    expect(progressLine(inFlight(), 4_000)).toMatchInlineSnapshot(
      `"haiku: 4.0 s, rewrite 1/1, execute 4 of 5 so far (1 failed), 200 tokens, 1× the model stopped early"`,
    )
  })
})

describe('progress', () => {
  it('counts the rate over the last ten seconds', () => {
    const progress = new Progress('x', ['a'], 0)
    for (let second = 0; second < 30; second++) {
      progress.tell({ type: 'done', step: 'a', tokens: 0 }, second * 1_000)
      progress.tell({ type: 'done', step: 'a', tokens: 0 }, second * 1_000 + 500)
    }
    expect(progress.steps(29_900)[0]?.perSecond).toBeCloseTo(2)
    expect(progress.steps(34_000)[0]?.perSecond).toBeCloseTo(1)
    expect(progress.steps(60_000)[0]?.perSecond).toBe(0)
  })

  it('keeps a flood of different errors small', () => {
    const progress = new Progress('x', ['a'], 0)
    for (let index = 0; index < 5_000; index++) {
      progress.tell({ type: 'failed', step: 'a', message: `error ${index}` }, 0)
    }
    expect(progress.errors().length).toBeLessThanOrEqual(21)
    expect(progress.errors().reduce((sum, { count }) => sum + count, 0)).toBe(5_000)
  })
})
