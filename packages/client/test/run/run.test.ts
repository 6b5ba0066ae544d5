import { systemClock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { external, pipeline, step, type RunEvent } from '../../src/index.ts'
import type { Deed } from '../scripted-node.ts'
import { smallNetwork } from '../small-network.ts'
import { execute } from '../workflows.ts'
import { answers, haikus, many, writer } from '../writers.ts'

describe('watching a run', () => {
  it('shows what happens to each task, progress and rows; also to those who come late', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const run = net.client.run(haikus, { instruction: 'a' })
    const seen = async () => {
      const events: RunEvent<string[]>[] = []
      for await (const event of run) events.push(event)
      return events
    }
    const events = await seen()
    const states = events.flatMap((event) =>
      event.type === 'task' && event.step === 'rewrite' ? event.state : [],
    )
    expect(states).toEqual(['queued', 'sent', 'done'])
    expect(events.filter((event) => event.type === 'row')).toHaveLength(1)
    const progress = events.findLast((event) => event.type === 'progress')
    expect(progress).toMatchObject({ step: 'execute', done: 5, failed: 0, total: 5, etaMs: 0 })
    await run
    expect(await seen()).toEqual(events)
  })

  it('[B6] loses nothing of a long run for whoever comes when it is over', async () => {
    await using net = await smallNetwork([])
    // More than are at hand as they came.
    const rows = 30_000
    const same = step({ name: 'same', input: z.number(), output: z.number(), run: (n) => n })
    const run = net.client.run(
      same,
      Array.from({ length: rows }, (_, n) => n),
    )
    await run
    const counts: Record<string, number> = {}
    for await (const event of run.events()) {
      const what = event.type === 'task' ? event.state : event.type
      counts[what] = (counts[what] ?? 0) + 1
    }
    expect(counts).toMatchObject({ queued: rows, done: rows, row: rows })
    expect(counts).not.toHaveProperty('missed')
  })

  it('gives rows as they are done, from the first', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const run = net.client.run(execute, many)
    const rows: string[] = []
    for await (const row of run.rows()) rows.push(row)
    expect(rows.toSorted()).toEqual(answers.toSorted())
    await run
    const again: string[] = []
    for await (const row of run.rows()) again.push(row)
    expect(again).toEqual(rows)
  })

  it('gives rows in their order to who asks for several before the first is there', async () => {
    await using net = await smallNetwork([])
    const doubled = step({
      name: 'doubled',
      input: z.number(),
      output: z.number(),
      run: (n) => 2 * n,
    })
    const reader = net.client.run(doubled, [1, 2, 3]).rows()[Symbol.asyncIterator]()
    const asked = Array.from({ length: 5 }, async () => reader.next())
    const end = { done: true, value: undefined }
    const rows = [2, 4, 6].map((value) => ({ done: false, value }))
    expect(await Promise.all(asked)).toEqual([...rows, end, end])
  })

  it('gives no more rows to who has turned away', async () => {
    await using net = await smallNetwork([])
    const same = step({ name: 'same', input: z.number(), output: z.number(), run: (n) => n })
    const rows = net.client.run(same, [1, 2, 3]).rows()
    for await (const row of rows) {
      expect(row).toBe(1)
      break
    }
    const rest: number[] = []
    for await (const row of rows) rest.push(row)
    expect(rest).toEqual([])
  })

  it('throws after the last row what the run fails with: some rows must not be taken for all', async () => {
    await using net = await smallNetwork([])
    const odd = step({
      name: 'odd',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        if (n % 2 === 0) throw new RangeError('even')
        return n
      },
    })
    const run = net.client.run(odd, [1, 2, 3])
    const rows: number[] = []
    const read = async () => {
      for await (const row of run.rows()) rows.push(row)
    }
    await expect(read()).rejects.toMatchObject({ code: 'RUN_FAILED' })
    expect(rows).toEqual([1, 3])
  })

  it('tells of tasks that come back', async () => {
    let tries = 0
    const flaky = (): Deed => (++tries === 1 ? { fail: 'hiccup' } : { output: 'ok' })
    await using net = await smallNetwork([{ answer: flaky }])
    const run = net.client.run(execute, { instruction: 'x' })
    const states: string[] = []
    for await (const event of run) if (event.type === 'task') states.push(event.state)
    expect(states).toEqual(['queued', 'sent', 'retry', 'sent', 'done'])
  })

  it('is not killed by a failure that nobody awaits', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const fails = step({
      name: 'fails',
      input: z.string(),
      output: z.string(),
      run: () => Promise.reject(new RangeError('no')),
    })
    const run = net.client.run(fails, 'x')
    const events: string[] = []
    for await (const event of run) events.push(event.type)
    expect(events).toContain('task')
  })
})

describe('the result of a run', () => {
  it('[F11] tells what came of it, in words and as JSON that can be read again', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const run = net.client.run(haikus, { instruction: 'a' }, { id: 'r' })
    expect(run.status()).toMatchObject({ state: 'running', rows: 0 })
    const result = await run
    expect(result).toMatchObject({ id: 'r', state: 'done', ok: true, error: undefined })
    expect(run.status()).toMatchObject({ state: 'done', rows: 1, failures: 0 })
    expect(result.tasks[0]).toMatchObject({ attempts: 1, cached: false })
    expect(result.summary()).toMatch(/^\w+ \(r\): done in \d+(\.\d)? m?s\n {2}rewrite: 1 done, /)
    const json = JSON.stringify(result)
    expect(JSON.stringify(JSON.parse(json))).toBe(json)
    expect(JSON.parse(json)).toMatchObject({ ok: true, output: result.output })
  })

  it('[F11] is not ok when the run failed or was cancelled', async () => {
    await using net = await smallNetwork([])
    const broken = step({
      name: 'broken',
      input: z.number(),
      output: z.number(),
      run: () => {
        throw new RangeError('no')
      },
    })
    const failed = await net.client.run(broken, 1).then(undefined, (error: unknown) => error)
    expect(failed).toMatchObject({
      result: { ok: false, state: 'failed', error: { message: expect.any(String) as unknown } },
    })
    const run = net.client.run(broken, 1)
    await run.cancel()
    const cancelled = await run.then(undefined, (error: unknown) => error)
    expect(cancelled).toMatchObject({ result: { ok: false, state: 'cancelled' } })
  })
})

describe('the status of a run', () => {
  it('[B6] says how long the run took, however much later it is asked', async () => {
    let now = 0
    await using net = await smallNetwork([], { clock: { ...systemClock, now: () => now++ } })
    const same = step({ name: 'same', input: z.number(), output: z.number(), run: (n) => n })
    const run = net.client.run(same, 1)
    const { stats } = await run
    now += 1000
    expect(run.status().ms).toBe(stats.ms)
  })

  it('[B6] counts steps of every kind: workflows, local ones, those in plans, batches, threads, people', async () => {
    const input = z.object({ instruction: z.string() })
    const said = { input, output: z.string() }
    const local = step({ name: 'local', ...said, run: () => 'x' })
    const together = step({
      name: 'together',
      ...said,
      coalesce: { size: 1 },
      run: (all) => all.map(() => 'x'),
    })
    const worker = import.meta.resolve('./heavy-work.ts')
    const thread = step({ name: 'thread', input: z.number(), output: z.number(), worker })
    const person = external({ name: 'person', ...said })
    const plan = pipeline('all', { instruction: z.string() }).parallel({
      execute,
      local,
      together,
      person,
      nested: pipeline('nested', { instruction: z.string() }).step(local),
      thread: (rows) => rows.map(() => 20).step(thread),
    })
    await using net = await smallNetwork([{ answer: writer }])
    const run = net.client.run(plan, { instruction: 'a' })
    await expect
      .poll(() => run.status().bySteps.filter(({ done }) => done === 1), { timeout: 15_000 })
      .toHaveLength(5)
    expect(run.status().bySteps.map(({ step: name, running }) => [name, running])).toEqual([
      ['parallel.execute/execute', 0],
      ['parallel.local/local', 0],
      ['parallel.together/together', 0],
      ['parallel.person/person', 1],
      ['parallel.nested/nested/local', 0],
      ['parallel.thread/thread', 0],
    ])
    const [task] = net.client.tasks.list()
    net.client.tasks.complete(task?.key ?? '', 'fine')
    await run
    expect(run.status().bySteps.every(({ done, running }) => done === 1 && running === 0)).toBe(
      true,
    )
  })
})

describe('two runs of one pipeline at once', () => {
  it('[B6] have each their own status, and events in order for whoever joins late', async () => {
    await using net = await smallNetwork([])
    const gate = Promise.withResolvers<undefined>()
    const waits = step({
      name: 'waits',
      input: z.number(),
      output: z.number(),
      run: async (n) => {
        if (n > 1) await gate.promise
        return n
      },
    })
    const few = net.client.run(waits, [0, 1])
    const more = net.client.run(waits, [0, 1, 2, 3, 4])
    await few
    await expect.poll(() => more.status().rows).toBe(2)
    expect(few.status()).toMatchObject({ state: 'done', rows: 2, bySteps: [{ running: 0 }] })
    expect(more.status()).toMatchObject({ state: 'running', bySteps: [{ done: 2, running: 3 }] })
    gate.resolve(undefined)
    await more
    const states: string[] = []
    for await (const event of more.events()) {
      if (event.type === 'task' && event.task.endsWith('/4/waits')) states.push(event.state)
    }
    expect(states).toEqual(['queued', 'done'])
  })
})
