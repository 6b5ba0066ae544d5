import { ClientError, type ProgressEvent, type TaskEvent } from '@skein/client'
import { describe, expect, it } from 'vitest'
import { Progress } from '../../src/views/progress-state.ts'
import { drawProgress, progressLine } from '../../src/views/progress.ts'
import { printable } from '../../src/views/text.ts'

const plain = (_: unknown, text: string): string => text
const draw = (progress: Progress, now: number, columns = 80): string =>
  drawProgress(progress, { now, columns, paint: plain })

/** What a run tells of tasks, shortly. */
function task(
  state: TaskEvent['state'],
  step: string,
  details: Partial<Pick<TaskEvent, 'task' | 'node' | 'tokens'>> & { message?: string } = {},
): TaskEvent {
  const { message, ...rest } = details
  const error = message === undefined ? {} : { error: new ClientError('TASK_FAILED', message) }
  return { type: 'task', step, state, task: `${step}-1`, ...rest, ...error }
}

function total(
  step: string,
  counts: Pick<ProgressEvent, 'done' | 'failed' | 'total' | 'tokens'>,
): ProgressEvent {
  return { type: 'progress', step, perSecond: 1, etaMs: undefined, ...counts }
}

/** A run in full flight: one instruction rewritten, 5 to carry out, 3 done and 1 failed on two nodes. */
function inFlight(): Progress {
  const progress = new Progress('haiku', 0)
  progress.tell(task('queued', 'rewrite'), 0)
  progress.tell(task('sent', 'rewrite', { node: 'barn' }), 0)
  progress.tell(task('done', 'rewrite', { node: 'barn', tokens: 80 }), 1_000)
  progress.tell(total('rewrite', { done: 1, failed: 0, total: 1, tokens: 80 }), 1_000)
  for (let i = 0; i < 5; i++) progress.tell(task('queued', 'execute', { task: `e${i}` }), 1_000)
  for (let i = 0; i < 4; i++) progress.tell(task('sent', 'execute', { task: `e${i}` }), 1_000)
  ;['barn', 'loft', 'loft'].forEach((node, i) => {
    progress.tell(task('done', 'execute', { task: `e${i}`, node, tokens: 40 }), 2_000)
  })
  const message = 'the model\nstopped early'
  progress.tell(task('failed', 'execute', { task: 'e3', message }), 3_000)
  progress.tell(task('sent', 'execute', { task: 'e4', node: 'barn' }), 3_000)
  return progress
}

/** As it looks when these nodes are there. */
function see(...names: string[]): string {
  const present = new Set(names)
  return drawProgress(inFlight(), { now: 3_000, columns: 80, paint: plain, present })
}

describe('the live view', () => {
  it('shows the nodes that are there, and says when none is left', () => {
    expect(see('loft')).toContain('loft')
    expect(see('loft')).not.toContain('barn')
    expect(see()).toContain('no node is left: waiting for one to come')
  })

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
    progress.tell(task('done', 'execute', { task: 'e4', node: 'barn', tokens: 40 }), 5_000)
    progress.tell(total('execute', { done: 4, failed: 1, total: 5, tokens: 160 }), 5_000)
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

  it('before anything has happened is a headline', () => {
    expect(draw(new Progress('haiku', 0), 200)).toMatchInlineSnapshot(`"haiku  0.2 s"`)
  })

  it('shows only the most frequent errors, and says that there are more', () => {
    const progress = new Progress('haiku', 0)
    for (let kind = 0; kind < 5; kind++) {
      for (let count = 0; count <= kind; count++) {
        progress.tell(task('retry', 'a', { message: `error ${kind}` }), 0)
      }
    }
    const text = draw(progress, 0)
    expect(text).toContain('5× error 4 (a)')
    expect(text).not.toContain('error 1')
    expect(text).toContain('… and 2 other kinds')
  })

  it('never shows escape sequences of a stranger', () => {
    const progress = new Progress('haiku', 0)
    progress.tell(task('done', 'a', { node: 'ev\u001B[2Jil', tokens: 1 }), 0)
    progress.tell(task('failed', 'a', { message: '\u001B]0;owned\u0007 no' }), 0)
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
    const progress = new Progress('x', 0)
    for (let second = 0; second < 30; second++) {
      progress.tell(task('done', 'a'), second * 1_000)
      progress.tell(task('done', 'a'), second * 1_000 + 500)
    }
    expect(progress.steps(29_900)[0]?.perSecond).toBeCloseTo(2)
    expect(progress.steps(34_000)[0]?.perSecond).toBeCloseTo(1)
    expect(progress.steps(60_000)[0]?.perSecond).toBe(0)
  })

  it('trusts the counts of the run where events were missed', () => {
    const progress = new Progress('x', 0)
    progress.tell(task('done', 'a', { tokens: 3 }), 500)
    progress.tell({ type: 'missed', count: 5_000 }, 600)
    progress.tell(total('a', { done: 4_000, failed: 2, total: 9_000, tokens: 12_000 }), 900)
    expect(progress.steps(1_000)[0]).toMatchObject({
      done: 4_000,
      failed: 2,
      known: 4_002,
      total: 9_000,
      perSecond: 4_002,
    })
    expect(progress.tokens).toBe(12_000)
  })

  it('counts a task that went elsewhere once, and one that was asked twice once', () => {
    const progress = new Progress('x', 0)
    progress.tell(task('queued', 'a'), 0)
    progress.tell(task('sent', 'a', { node: 'barn' }), 0)
    progress.tell(task('sent', 'a', { node: 'loft' }), 0)
    expect(progress.steps(0)[0]).toMatchObject({ running: 1, known: 1 })
    progress.tell(task('retry', 'a', { node: 'barn', message: 'barn: lost' }), 0)
    expect(progress.steps(0)[0]?.running).toBe(0)
    expect(progress.errors()).toEqual([{ message: 'lost', step: 'a', count: 1 }])
  })

  it('keeps a flood of different errors small', () => {
    const progress = new Progress('x', 0)
    for (let index = 0; index < 5_000; index++) {
      progress.tell(task('failed', 'a', { message: `error ${index}` }), 0)
    }
    expect(progress.errors().length).toBeLessThanOrEqual(21)
    expect(progress.errors().reduce((sum, { count }) => sum + count, 0)).toBe(5_000)
  })
})
