import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, RunError, step, type RunEvent } from '../src/index.ts'
import type { Deed } from './scripted-node.ts'
import { smallNetwork } from './small-network.ts'
import { execute, judge, rewrite } from './workflows.ts'

/** Five variations for `rewrite`, an answer for `execute`. */
function writer(input: Readonly<Record<string, unknown>>, { task }: { task: string }): Deed {
  const instruction = String(input['instruction'])
  if (!task.endsWith('/rewrite')) return { output: `did ${instruction}`, afterMs: 2 }
  return { output: [1, 2, 3, 4, 5].map((n) => `${instruction} ${n}`), afterMs: 2 }
}

const haikus = pipeline('haikus', { instruction: z.string() })
  .step(rewrite)
  .scatter()
  .step(execute, { minSuccessRatio: 0.9, retries: 3, timeout: '90s' })
  .aggregate()

const many = Array.from({ length: 200 }, (_, n) => ({ instruction: `row ${n}` }))
const answers = many.map(({ instruction }) => `did ${instruction}`)

async function failureOf(run: PromiseLike<unknown>): Promise<RunError> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof RunError) return thrown
  throw new RangeError(`the run did not fail with a RunError, but with ${String(thrown)}`)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('a run on nodes', () => {
  it("[D20] carries out the seed's example: five variations, scattered, each carried out", async () => {
    await using net = await smallNetwork([
      { answer: writer },
      { answer: writer },
      { answer: writer },
    ])
    const { output, failures, stats, tasks } = await net.client.run(haikus, {
      instruction: 'haiku',
    })
    expect(output).toEqual([1, 2, 3, 4, 5].map((n) => `did haiku ${n}`))
    expect(failures).toEqual([])
    expect(stats).toMatchObject({ tasks: 6, done: 6, failed: 0, tokens: 90, outputTokens: 60 })
    expect(stats.bySteps.map(({ step: name, done }) => [name, done])).toEqual([
      ['rewrite', 1],
      ['execute', 5],
    ])
    expect(tasks.map(({ step: name }) => name)).toEqual(['rewrite', ...Array(5).fill('execute')])
    expect(tasks[1]).toMatchObject({ output: 'did haiku 1', model: 'm', tokensPerSecond: 1000 })
    expect(stats.byNode.reduce((sum, share) => sum + share.tasks, 0)).toBe(6)
    expect(stats.nodes).toBe(3)
  })

  it('tells each workflow once a session, and each result that it is recorded', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    await net.client.run(execute, many)
    const [node] = net.nodes
    expect(node?.defined).toHaveLength(1)
    await until(() => node?.acknowledged.length === many.length)
    expect(new Set(node?.acknowledged.map(({ task }) => task)).size).toBe(many.length)
  })

  it('[N3] never gives a node more tasks than its credits', async () => {
    await using net = await smallNetwork([
      { answer: writer, slots: 2, credits: 3 },
      { answer: writer, slots: 1, credits: 1 },
    ])
    const { output } = await net.client.run(execute, many)
    expect(output).toEqual(answers)
    expect(net.nodes.map((node) => node.mostAtOnce)).toEqual([3, 1])
  })

  it('[N4] goes on elsewhere when a node dies: nothing lost, nothing twice, in order', async () => {
    await using net = await smallNetwork([
      { answer: writer },
      { answer: writer },
      { answer: writer },
    ])
    const run = net.client.run(execute, many)
    await until(() => (net.nodes[0]?.assigned.length ?? 0) > 20)
    net.nodes[0]?.kill()
    const { output, failures, stats } = await run
    expect(output).toEqual(answers)
    expect(failures).toEqual([])
    expect(stats.done).toBe(200)
    expect(stats.retries).toBeGreaterThan(0)
  })

  it('says within its patience that all nodes are gone, and who they were', async () => {
    await using net = await smallNetwork([{ answer: () => 'silence', name: 'atlas' }], {
      graceMs: 100,
    })
    const run = net.client.run(execute, many)
    await until(() => net.nodes[0]?.assigned.length === 8)
    net.nodes[0]?.kill()
    const error = await failureOf(run)
    expect(error.code).toBe('NO_NODES')
    expect(error.message).toContain('no node is there any more (the last were atlas)')
    expect(error.message).toContain('skein node start')
  })

  it('says why the given addresses could not be reached', async () => {
    await using net = await smallNetwork([], { addresses: ['memory:nobody'], graceMs: 100 })
    const error = await failureOf(net.client.run(execute, { instruction: 'x' }))
    expect(error.code).toBe('NO_NODES')
    expect(error.message).toContain('memory:nobody: ')
  })

  it('tries a failing task elsewhere, and gives it up after three nodes [N10]', async () => {
    const broken = () => ({ fail: 'out of memory' }) as const
    await using net = await smallNetwork(
      [broken, broken, broken, writer].map((answer) => ({ answer })),
    )
    const alone = await net.client.run(execute, many.slice(0, 1))
    expect(alone.output).toEqual(['did row 0'])
    await using bad = await smallNetwork([broken, broken, broken].map((answer) => ({ answer })))
    const error = await failureOf(bad.client.run(execute, { instruction: 'x' }))
    expect(error.code).toBe('POISON')
    expect(error.message).toContain('failed on 3 nodes')
    expect(error.result.failures).toHaveLength(1)
    expect(error.result.failures[0]).toMatchObject({ step: 'execute', attempts: 3 })
    expect(error.result.failures[0]?.nodes.toSorted()).toEqual(['node-1', 'node-2', 'node-3'])
  })

  it('does not try again what fails anywhere', async () => {
    const bad = () => ({ fail: 'the prompt is too long', fault: 'task', retryable: false }) as const
    await using net = await smallNetwork([{ answer: bad }, { answer: bad }])
    const error = await failureOf(net.client.run(execute, { instruction: 'x' }))
    expect(error.code).toBe('TASK_FAILED')
    expect(net.nodes.flatMap((node) => node.assigned)).toHaveLength(1)
  })

  it('tries a step anew with another seed when it may, under the same task id', async () => {
    let tries = 0
    const flaky = (): Deed => (++tries <= 3 ? { fail: 'garbled', fault: 'task' } : { output: 'ok' })
    await using net = await smallNetwork([{ answer: flaky }])
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { retries: 1 })
    const { output } = await net.client.run(plan, { instruction: 'x' })
    expect(output).toBe('ok')
    const assigned = net.nodes[0]?.assigned ?? []
    expect(assigned.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
    expect(new Set(assigned.map(({ task }) => task)).size).toBe(1)
    expect(new Set(assigned.map(({ seed }) => seed)).size).toBe(2)
  })

  it('[N9] sends cancel to the nodes at once, and rejects with what was done', async () => {
    let taken = 0
    const slow = (): Deed => (++taken > 3 ? 'silence' : { output: 'done' })
    await using net = await smallNetwork([{ answer: slow, slots: 2, credits: 4 }])
    const run = net.client.run(execute, many)
    await until(() => taken === 7)
    await run.cancel()
    const error = await failureOf(run)
    expect(error.code).toBe('CANCELLED')
    expect(error.result.output).toEqual(['done', 'done', 'done'])
    await until(() => net.nodes[0]?.cancelled.length === 4)
    await until(() => net.client.nodes()[0]?.unfinished === 0)
    expect(taken).toBe(7)
  })

  it('is cancelled by a signal, by its deadline, and by the end of the client', async () => {
    await using net = await smallNetwork([{ answer: () => 'silence' }])
    const controller = new AbortController()
    const signalled = net.client.run(execute, many, { signal: controller.signal })
    controller.abort(new RangeError('enough'))
    expect((await failureOf(signalled)).message).toContain('enough')
    const late = net.client.run(execute, many, { deadline: '30ms' })
    expect((await failureOf(late)).code).toBe('TIMED_OUT')
    const orphaned = net.client.run(execute, many)
    await net.client[Symbol.asyncDispose]()
    expect((await failureOf(orphaned)).code).toBe('CLOSED')
    expect(() => net.client.run(execute, many)).toThrow('the client was closed')
  })

  it('gives a task that takes too long back as timed out, and stops it at the node', async () => {
    await using net = await smallNetwork([{ answer: () => 'silence' }])
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { timeout: '60ms' })
    const error = await failureOf(net.client.run(plan, { instruction: 'x' }))
    expect(error.code).toBe('TIMED_OUT')
    expect(error.message).toContain('node-1 did not finish within 0.1 s')
    await until(() => net.nodes[0]?.cancelled.length === 1)
  })

  it('refuses a task that is too large to send, naming it; the node lives on', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const huge = { instruction: 'x'.repeat(5 * 1024 * 1024) }
    const error = await failureOf(net.client.run(execute, huge))
    expect(error.code).toBe('INVALID_INPUT')
    expect(error.message).toContain('cannot be sent')
    expect((await net.client.run(execute, { instruction: 'y' })).output).toBe('did y')
  })

  it('[D23] gives a callback every result with its input, task, node and model; one row or a list comes back', async () => {
    await using net = await smallNetwork([{ answer: writer, name: 'atlas' }])
    const plan = pipeline('p', { instruction: z.string() }).step(rewrite).scatter().step(execute)
    const listed = plan.callback((results) =>
      results.map(({ input, task, node, model, output }) => ({ input, task, node, model, output })),
    )
    const { id, output } = await net.client.run(listed, { instruction: 'a' })
    expect(output).toHaveLength(5)
    expect(output[2]).toEqual({
      input: { instruction: 'a 3' },
      task: `${id}/0.2/execute`,
      node: 'atlas',
      model: 'm',
      output: 'did a 3',
    })
    const one = plan.callback((results) => results.length)
    expect((await net.client.run(one, { instruction: 'a' })).output).toBe(5)
    expect((await net.client.run(one, [{ instruction: 'a' }])).output).toEqual([5])
    const later = plan.callback((results) => Promise.resolve(results.map(({ node }) => node)))
    expect((await net.client.run(later, { instruction: 'a' })).output).toHaveLength(5)
  })

  it('[D26] asks the models of the step: best first, chosen by the row, or all of them', async () => {
    const model = (_: unknown, { models }: { models: string[] }): Deed => ({ output: models[0] })
    await using net = await smallNetwork([
      { answer: model, models: ['small', 'large'] },
      { answer: model, models: ['small'] },
    ])
    const start = pipeline('p', { instruction: z.string() })
    const input = { instruction: 'small' }
    const { client } = net
    const ranked = start.step(execute, { models: ['huge', 'large', 'small'] })
    expect((await client.run(ranked, input)).output).toBe('large')
    const chosen = start.step(execute, { models: (row) => [row.instruction] })
    const rows = [input, { instruction: 'large' }]
    expect((await client.run(chosen, rows)).output).toEqual(['small', 'large'])
    const all = start.step(execute, { models: 'all' })
    expect((await client.run(all, input)).output).toEqual(['large', 'small'])
    expect((await client.run(execute, input, { models: ['large'] })).output).toBe('large')
  })

  it('[D29] refuses a model that no node has at once, with the models that are there', async () => {
    await using net = await smallNetwork([{ models: ['a', 'b'] }, { models: ['b'] }])
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { models: ['c'] })
    const error = await failureOf(net.client.run(plan, many))
    expect(error.code).toBe('NO_SUCH_MODEL')
    expect(error.message).toContain("no node offers 'c'; there is 'a' on 1 node, 'b' on 2 nodes")
    expect(error.result.stats.ms).toBeLessThan(5000)
  })

  it('[D29] waits for the model when it is asked to', async () => {
    await using net = await smallNetwork([{ models: ['a'], answer: writer }], { graceMs: 10 })
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { models: ['c'] })
    const run = net.client.run(plan, { instruction: 'x' }, { waitForNodes: true })
    await new Promise((resolve) => setTimeout(resolve, 150))
    net.nodes[0]?.offer({ models: ['a', 'c'] })
    expect((await run).output).toBe('did x')
    const short = net.client.run(plan, { instruction: 'x' }, { waitForNodes: '5m' })
    expect((await short).output).toBe('did x')
  })

  it('fills in a second step from columns, with a mapping and under a name', async () => {
    const answer = (input: Readonly<Record<string, unknown>>): Deed => ({
      output: Object.entries(input).map(([key, value]) => `${key}=${String(value)}`),
    })
    await using net = await smallNetwork([{ answer }])
    const plan = pipeline('p', { instruction: z.string(), extra: z.number() })
      .step(execute, { as: 'answer' })
      .step(judge, { as: 'grade', with: (row) => ({ instruction: row.instruction, answer: 'A' }) })
    const { output } = await net.client.run(plan, { instruction: 'i', extra: 1 })
    expect(output).toEqual({
      instruction: 'i',
      extra: 1,
      answer: ['instruction=i'],
      grade: ['instruction=i', 'answer=A'],
    })
  })

  it('takes turns with other runs of the same client', async () => {
    const order: string[] = []
    const answer = (input: Readonly<Record<string, unknown>>): Deed => {
      order.push(String(input['instruction']))
      return { output: 'x', afterMs: 1 }
    }
    await using net = await smallNetwork([{ answer, slots: 1, credits: 1 }])
    const long = net.client.run(execute, many)
    await until(() => order.length > 3)
    const short = net.client.run(
      execute,
      [1, 2, 3].map((n) => ({ instruction: `short ${n}` })),
    )
    await short
    const before = order.length
    await long
    expect(before).toBeLessThan(30)
  })
})

describe('generate', () => {
  const echo = (input: Readonly<Record<string, unknown>>): Deed => ({
    output: `<${Object.values(input).join('|')}>`,
  })

  it('[D27] answers a prompt, or many', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    expect(await net.client.generate('Hello')).toBe('<Hello>')
    expect(await net.client.generate(['a', 'b'], { models: ['m'] })).toEqual(['<a>', '<b>'])
  })

  it('[D27] runs a workflow, or several one after the other', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const { client } = net
    expect(await client.generate('a', execute, { models: ['m'] })).toBe('<a>')
    expect(await client.generate(['a', { instruction: 'b' }], execute)).toEqual(['<a>', '<b>'])
    expect(await client.generate('a', [execute, execute], { retries: 1 })).toBe('<<a>>')
    expect(await client.generate(['a', 'b'], [execute, execute])).toEqual(['<<a>>', '<<b>>'])
  })

  it('[D29] rejects with the models that are there', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const error = await failureOf(net.client.generate('a', { models: ['nope'] }))
    expect(error.message).toContain("there is 'm' on 1 node")
  })
})

describe('looking at the network', () => {
  it('[D31] lists models with nodes, slots and speed', async () => {
    await using net = await smallNetwork([
      { models: ['a', 'b'], slots: 3, answer: writer },
      { models: ['b'], slots: 1, answer: writer },
    ])
    expect(net.client.models()).toEqual([
      expect.objectContaining({ name: 'a', nodes: 1, slots: 3, freeSlots: 3 }),
      expect.objectContaining({ name: 'b', nodes: 2, slots: 4, freeSlots: 4 }),
    ])
    await net.client.run(execute, many, { models: ['b'] })
    expect(net.client.models()[1]?.tokensPerSecond).toBeCloseTo(1000)
  })

  it('lists nodes with their models', async () => {
    await using net = await smallNetwork([{ name: 'atlas', models: ['a'] }, {}])
    const [first, second] = net.client.nodes()
    expect(first).toMatchObject({ peer: 'node-1', name: 'atlas', draining: false, unfinished: 0 })
    expect(first?.models.map(({ name }) => name)).toEqual(['a'])
    expect(second).toMatchObject({ peer: 'node-2', name: 'node-2' })
  })
})

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
