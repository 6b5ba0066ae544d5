import { describe, expect, it } from 'vitest'
import { KeptResults, type Ending } from '../src/kept-results.ts'

const finish = (task: string, output: unknown = 'x'): Ending => ({
  type: 'finish',
  task,
  attempt: 1,
  output,
  model: 'm',
  usage: { input: 1, output: 1 },
  timing: { queueMs: 0, loadMs: 0, promptMs: 0, generateMs: 0 },
  steps: [],
})
const tasksOf = (kept: KeptResults, client: string) => [...kept.of(client)].map(({ task }) => task)

describe('kept results', () => {
  it('are there until their client confirms them', () => {
    const kept = new KeptResults()
    kept.keep('x', finish('1'))
    kept.keep('x', finish('2'))
    kept.keep('y', finish('3'))
    kept.forget('x', { task: '1', attempt: 1 })
    kept.forget('x', { task: '2', attempt: 7 })
    expect([tasksOf(kept, 'x'), tasksOf(kept, 'y'), kept.size]).toEqual([['2'], ['3'], 2])
  })

  it('lose the oldest when there are too many of one client', () => {
    const kept = new KeptResults()
    for (let task = 0; task < 5000; task += 1) kept.keep('x', finish(String(task)))
    expect(kept.size).toBe(4096)
    expect(tasksOf(kept, 'x').at(0)).toBe('904')
  })

  it('lose the oldest when they are too large', () => {
    const kept = new KeptResults()
    const large = 'x'.repeat(3 * 1024 * 1024)
    for (let task = 0; task < 20; task += 1) kept.keep('x', finish(String(task), [large]))
    expect(kept.size).toBe(10)
    for (const task of tasksOf(kept, 'x')) kept.forget('x', { task, attempt: 1 })
    kept.keep('x', finish('last'))
    expect(tasksOf(kept, 'x')).toEqual(['last'])
  })

  it('count once when the same attempt ends again', () => {
    const kept = new KeptResults()
    const large = 'x'.repeat(20 * 1024 * 1024)
    kept.keep('x', finish('1', large))
    kept.keep('x', finish('1', large))
    expect(tasksOf(kept, 'x')).toEqual(['1'])
  })

  it('lose those of the client that was heard of longest ago', () => {
    const kept = new KeptResults()
    for (let client = 0; client < 64; client += 1) kept.keep(`client ${client}`, finish('1'))
    kept.keep('client 0', finish('2'))
    kept.keep('one more', finish('1'))
    expect([tasksOf(kept, 'client 0'), tasksOf(kept, 'client 1')]).toEqual([['1', '2'], []])
  })

  it('are kept for so many clients and no more', () => {
    const kept = new KeptResults()
    for (let client = 0; client < 100; client += 1) kept.keep(`client ${client}`, finish('1'))
    expect([kept.size, tasksOf(kept, 'client 0'), tasksOf(kept, 'client 99')]).toEqual([
      64,
      [],
      ['1'],
    ])
  })
})
