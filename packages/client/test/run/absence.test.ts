import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step, type Client } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

const start = pipeline('p', { n: z.number() })
const N = z.object({ n: z.number() })
const half = step({ name: 'half', input: N, output: z.number(), run: ({ n }) => n / 2 })
const strict = step({
  name: 'strict',
  input: z.object({ half: z.number() }),
  output: z.string(),
  run: (row) => `half is ${row.half}`,
})
const lenient = step({
  name: 'lenient',
  input: z.object({ half: z.number().optional() }),
  output: z.string(),
  run: (row) => `perhaps ${row.half}`,
})

const never = () => false

const isEven = ({ n }: { readonly n: number }) => n % 2 === 0

describe('a step with a condition', () => {
  const plan = start
    .step(half, { as: 'half', when: isEven })
    .step(strict, { as: 'strict' })
    .step(lenient, { as: 'lenient' })

  it('[P11] that is skipped leaves undefined: who needs it is skipped, its origin named, who does not runs', async () => {
    await withClient(async (client) => {
      const going = client.run(plan, { n: 3 })
      const skipped: string[] = []
      for await (const event of going) {
        if (event.type === 'task' && event.state === 'skipped') {
          skipped.push(`${event.step}: ${event.why}`)
        }
      }
      const { output, stats, failures } = await going
      expect(output).toEqual({
        n: 3,
        half: undefined,
        strict: undefined,
        lenient: 'perhaps undefined',
      })
      expect(skipped).toEqual(['half: when', "strict: 'half' is absent"])
      expect(failures).toEqual([])
      expect(stats.bySteps).toMatchObject([
        { step: 'half', done: 0, skipped: 1 },
        { step: 'strict', done: 0, skipped: 1 },
        { step: 'lenient', done: 1, skipped: 0 },
      ])
    })
  })

  it('[F17] runs where it holds', async () => {
    const { output } = await withClient(async (client) => client.run(plan, { n: 4 }))
    expect(output).toEqual({ n: 4, half: 2, strict: 'half is 2', lenient: 'perhaps 2' })
  })

  it('[F17] may look for itself later, and fails the step where it throws', async () => {
    const later = start.step(half, { when: (row) => Promise.resolve(isEven(row)) })
    const throwing = start.step(half, {
      when: () => {
        throw new RangeError('who knows')
      },
    })
    await withClient(async (client) => {
      expect((await client.run(later, { n: 3 })).output).toBeUndefined()
      expect((await client.run(later, { n: 8 })).output).toBe(4)
      const error = await failureOf(client.run(throwing, { n: 1 }))
      expect(error.result.failures).toMatchObject([{ step: 'half' }])
      expect(error.message).toContain('who knows')
    })
  })

  it('[F17] is not remembered as skipped', async () => {
    let isOpen = false
    let runs = 0
    const counted = step({
      name: 'counted',
      input: N,
      output: z.number(),
      run: ({ n }) => {
        runs++
        return n
      },
    })
    const gated = start.step(counted, { cache: true, when: () => isOpen })
    await withClient(async (client) => {
      expect((await client.run(gated, { n: 1 })).output).toBeUndefined()
      isOpen = true
      expect((await client.run(gated, { n: 1 })).output).toBe(1)
      expect((await client.run(gated, { n: 1 })).stats.cached).toBe(1)
      isOpen = false
      expect((await client.run(gated, { n: 1 })).output).toBeUndefined()
    })
    expect(runs).toBe(1)
  })

  it('[P11] may be a whole pipeline, and what it leaves may be the row', async () => {
    const inner = pipeline('inner', { n: z.number() }).step(half)
    const whole = start.step(inner, { when: isEven }).step(strict)
    const column = start.step(inner, { when: isEven, as: 'half' }).step(strict)
    await withClient(async (client) => {
      expect((await client.run(whole, { n: 3 })).output).toBeUndefined()
      expect((await client.run(whole, { n: 4 })).output).toBe('half is 2')
      expect((await client.run(column, { n: 3 })).output).toBeUndefined()
    })
  })

  it('[P11] whose whole row is absent is skipped, also where its answer was to be a column', async () => {
    const Half = z.object({ half: z.number() })
    const halved = step({
      name: 'halved',
      input: N,
      output: Half,
      run: ({ n }) => ({ half: n / 2 }),
    })
    const inner = pipeline('inner', Half.shape).step(strict)
    const first = start.step(halved, { when: isEven })
    const told = [first.step(strict, { as: 'told' }), first.step(inner, { as: 'told' })]
    await withClient(async (client) => {
      for (const one of told) {
        const { output, failures } = await client.run(one, { n: 3 })
        expect({ output, failures }).toEqual({ output: undefined, failures: [] })
        expect((await client.run(one, { n: 4 })).output).toEqual({ half: 2, told: 'half is 2' })
      }
    })
  })

  it('[P11] whose whole row is absent is skipped with a column, also where it could do without the row', async () => {
    const asked: unknown[] = []
    const any = step({
      name: 'any',
      input: z.unknown(),
      output: z.string(),
      run: (value) => String(asked.push(value)),
    })
    const rest = pipeline('rest', { n: z.number() }).step(any, { with: ({ n }) => n })
    const first = start.step(half, { when: isEven }).map((n) => (n === undefined ? n : { n }))
    const makesDo = [
      first.step(any, { as: 'told' }),
      first.step(any, { as: 'told', with: (row) => row?.n ?? 0 }),
      first.step(rest, { as: 'told', with: (row) => row ?? { n: 0 } }),
    ]
    await withClient(async (client) => {
      for (const one of makesDo) {
        const { output, failures } = await client.run(one, { n: 3 })
        expect({ output, failures, asked }).toEqual({ output: undefined, failures: [], asked: [] })
        expect((await client.run(one, { n: 4 })).output).toEqual({ n: 2, told: '1' })
        asked.length = 0
      }
    })
  })

  it('[P11] stays absent through the plan that needs it', async () => {
    const needs = pipeline('needs', { half: z.number() }).step(strict)
    const outer = start.step(half, { as: 'half', when: isEven }).step(needs, { as: 'told' })
    const { output } = await withClient(async (client) => client.run(outer, { n: 3 }))
    expect(output).toEqual({ n: 3, half: undefined, told: undefined })
  })

  it('[P11] stays absent in the object that branches are combined into', async () => {
    const branches = {
      half: pipeline('even', N.shape).step(half, { when: isEven }),
      n: pipeline('same', N.shape).map(({ n }) => n),
    }
    const combined = z.object({ half: z.number().optional(), n: z.number() })
    const whole = start
      .parallel(branches, { combined })
      .step(strict, { as: 'strict' })
      .step(lenient, { as: 'lenient' })
    await withClient(async (client) => {
      const run = client.run(whole, { n: 3 })
      const why: (string | undefined)[] = []
      for await (const event of run) {
        if (event.type === 'task' && event.state === 'skipped') why.push(event.why)
      }
      expect(why).toEqual(['when', "'parallel.half/even/half' is absent"])
      expect((await run).output).toMatchObject({ strict: undefined, lenient: 'perhaps undefined' })
      expect((await client.run(whole, { n: 4 })).output).toMatchObject({ strict: 'half is 2' })
    })
  })

  it('[P11] an optional input that was not given is absent; a wrong one is an error', async () => {
    const optional = pipeline('o', { half: z.number().optional() }).step(strict)
    const wrong = pipeline('w', { half: z.number() }).map(() => ({ half: Number('x') }))
    await withClient(async (client) => {
      expect((await client.run(optional, {})).output).toBeUndefined()
      const error = await failureOf(client.run(wrong.step(strict), { half: 1 }))
      expect(error.code).toBe('INVALID_INPUT')
    })
  })
})

describe('a row that does not fit', () => {
  const send = step({
    name: 'send',
    input: z.object({ to: z.email(), note: z.string().optional() }),
    output: z.string(),
    run: ({ to }) => `sent to ${to}`,
  })
  const words = step({ name: 'words', input: N, output: z.string(), run: ({ n }) => `${n}` })
  const wrong = { n: 1, to: 'nobody' }
  const shape = { n: z.number(), to: z.string() }
  const skipping = pipeline('p', shape).step(half, { as: 'half', when: never })
  const optional = pipeline('o', { ...shape, note: z.string().optional() })
  const mail = { with: ({ to }: { readonly to: string }) => ({ to }), as: 'sent' } as const

  const given = optional.step(send, { as: 'sent' })
  const beside = skipping.step(send, mail)
  const nested = skipping.step(pipeline('inner', { to: z.email() }).step(send), mail)
  const part = graph('g', { input: shape }, (g, { n, to }) =>
    g(send, { to, note: g(words, { n }, { when: never }) }),
  )

  it.each<[string, (client: Client) => PromiseLike<unknown>]>([
    ['an optional input is not given', (client) => client.run(given, wrong)],
    ['another column is absent', (client) => client.run(beside, wrong)],
    ['a pipeline is given it', (client) => client.run(nested, wrong)],
    ['it stands in a graph', (client) => client.run(part, wrong)],
  ])('[P11] fails for what is wrong with it, also where %s', async (_, run) => {
    const { message } = await failureOf(withClient(async (client) => run(client)))
    expect(message).toContain('Invalid email')
  })
})
