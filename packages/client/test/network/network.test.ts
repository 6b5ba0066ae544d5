import { LIMITS } from '@skein/protocol'
import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline } from '../../src/index.ts'
import type { Deed } from '../scripted-node.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf, until } from '../waiting.ts'
import { execute, judge, rewrite } from '../workflows.ts'
import { answers, broken, haikus, hopeless, listColumns, many, mute, writer } from '../writers.ts'

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
    expect(tasks.map(({ step: name }) => name)).toEqual([
      'rewrite',
      ...many.slice(0, 5).map(() => 'execute'),
    ])
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

  it('tells a workflow again that the node has forgotten for newer ones', async () => {
    await using net = await smallNetwork([{ answer: writer }])
    const texts = Array.from({ length: LIMITS.workflows + 1 }, (_, n) => `number ${n}`)
    for (const text of [...texts, 'number 0']) {
      const workflow = new WorkflowBuilder('w', { x: z.string() })
        .generativeStep({ id: 'a', prompt: `{{x}} ${text}` })
        .setReturnValue('a')
        .build()
      await net.client.run(workflow, { x: 'x' })
    }
    expect(net.nodes[0]?.defined).toHaveLength(LIMITS.workflows + 2)
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
    await using net = await smallNetwork([{ answer: mute, name: 'atlas' }], {
      graceMs: 100,
    })
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { retries: 50 })
    const run = net.client.run(plan, many)
    await until(() => net.nodes[0]?.assigned.length === 8)
    net.nodes[0]?.kill()
    const error = await failureOf(run)
    expect(error.result.stats.ms).toBeLessThan(5000)
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
    await using net = await smallNetwork([{ answer: hopeless }, { answer: hopeless }])
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

  it('fills in a second step from columns, with a mapping and under a name', async () => {
    await using net = await smallNetwork([{ answer: listColumns }])
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
