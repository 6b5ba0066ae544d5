import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Client, type Runnable } from '../../src/index.ts'
import { onFile } from '../durable-client.ts'
import { withClient } from '../local-plans.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const N = z.object({ n: number })
const Half = z.object({ half: number })
/** The same where the compiler does not see that it may be absent: inside a column, or what `with` made. */
const Hidden: z.ZodType<{ half: number }, { half?: number | undefined }> = Half
const half = step({ name: 'half', input: N, output: number, run: ({ n }) => n / 2 })
const strict = step({ name: 'strict', input: Half, output: number, run: (row) => row.half })
const all = step({
  name: 'all',
  input: z.array(Half),
  output: number,
  run: (rows) => rows.length,
})
const named = step({
  name: 'named',
  input: z.object({ rows: z.array(Hidden) }),
  output: number,
  run: ({ rows }) => rows.length,
})
const lenient = step({
  name: 'lenient',
  input: z.array(z.object({ half: number.optional() })),
  output: number,
  run: (rows) => rows.length,
})

const isEven = ({ n }: { readonly n: number }) => n % 2 === 0
const numbers = pipeline('numbers', { ns: z.array(number) })
  .scatter('ns')
  .map(({ ns }) => ({ n: ns }))
const halves = numbers.step(half, { as: 'half', when: isEven })
const ns = { ns: [4, 3, 6, 8] }

const whole = pipeline('p', { ns: z.array(number) })
const lists = whole.step(halves)
const column = whole.step(halves, { as: 'list' })
const tried = whole.step(halves, { retries: 1 })

/** The output of a plan, and why steps were left out that were to run. */
async function cameOf(client: Client, plan: Runnable<typeof ns, unknown>): Promise<unknown> {
  const run = client.run(plan, ns)
  const skips: string[] = []
  for await (const event of run.events()) {
    const isSkip = event.type === 'task' && event.state === 'skipped' && event.why !== 'when'
    if (isSkip) skips.push(`${event.step}: ${event.why}`)
  }
  const { output, failures } = await run
  expect(failures).toEqual([])
  return { output, skips }
}

describe('what is absent of a row', () => {
  it.each([
    ['gathered and scattered', 'half', halves.aggregate().scatter().step(strict)],
    ['batched and scattered', 'half', halves.batch(2).scatter().step(strict)],
    [
      'grouped',
      'half',
      halves
        .aggregate({ by: ({ n }) => n % 3 })
        .scatter()
        .step(strict),
    ],
    ['batched twice', 'half', halves.batch(3).batch(2).scatter().scatter().step(strict)],
    ['of a plan of many rows', 'numbers/half', lists.scatter().step(strict)],
    ['of a plan tried as a whole', 'numbers/half', tried.scatter().step(strict)],
  ])('[P11] has its origin after the row was %s', async (_, origin, plan) => {
    await withClient(async (client) => {
      const skips = [`strict: '${origin}' is absent`]
      expect(await cameOf(client, plan)).toEqual({ output: [2, undefined, 3, 4], skips })
    })
  })

  it('[P11] has its origin in a column that its list was scattered from', async () => {
    const told = step({
      name: 'told',
      input: z.object({ list: Hidden }),
      output: number,
      run: ({ list }) => list.half,
    })
    const plan = column.scatter('list').step(told)
    await withClient(async (client) => {
      const skips = ["told: 'numbers/half' is absent"]
      expect(await cameOf(client, plan)).toEqual({ output: [2, undefined, 3, 4], skips })
    })
  })

  it('[P11] has its origin where all of the row is, also after it was gathered', async () => {
    const plus = step({ name: 'plus', input: number, output: number, run: (n) => n + 1 })
    const plan = numbers.step(half, { when: isEven }).batch(3).scatter().step(plus)
    await withClient(async (client) => {
      const skips = ["plus: 'half' is absent"]
      expect(await cameOf(client, plan)).toEqual({ output: [3, undefined, 4, 5], skips })
    })
  })

  it.each([
    ['them', 'all', halves.batch(2).step(all)],
    ['them as its only input', 'named', halves.batch(2).step(named)],
    ['what is made of them', 'named', halves.batch(2).step(named, { with: (rows) => ({ rows }) })],
  ])('[P11] skips the step that needs %s, rows together', async (_, name, plan) => {
    await withClient(async (client) => {
      const skips = [`${name}: 'half' is absent`]
      expect(await cameOf(client, plan)).toEqual({ output: [undefined, 2], skips })
    })
  })

  it('[P11] skips the step that needs the list of rows in a column', async () => {
    const counted = step({
      name: 'counted',
      input: z.object({ list: z.array(Hidden) }),
      output: number,
      run: ({ list }) => list.length,
    })
    await withClient(async (client) => {
      const skips = ["counted: 'numbers/half' is absent"]
      expect(await cameOf(client, column.step(counted))).toEqual({ output: undefined, skips })
    })
  })

  it('[P11] does not hold up who can do without it in a batch', async () => {
    await withClient(async (client) => {
      const plan = halves.batch(2).step(lenient)
      expect(await cameOf(client, plan)).toEqual({ output: [2, 2], skips: [] })
    })
  })

  it('[P11] hides nothing else that rows of a list lack', async () => {
    const needy = step({
      name: 'needy',
      input: z.array(z.object({ half: number.optional(), other: number })),
      output: number,
      run: (rows) => rows.length,
    })
    const forgetful = halves.map((row): { half?: number | undefined; other?: number } => row)
    await withClient(async (client) => {
      const error = await failureOf(client.run(forgetful.aggregate().step(needy), ns))
      expect(error.code).toBe('INVALID_INPUT')
    })
  })

  it('[P11] hides no other column that a row lacks', async () => {
    const needy = step({
      name: 'needy',
      input: z.object({ half: number.optional(), other: number }),
      output: number,
      run: ({ other }) => other,
    })
    const forgetful = halves.map((row): { half?: number | undefined; other?: number } => row)
    await withClient(async (client) => {
      const { result } = await failureOf(client.run(forgetful.step(needy), { ns: [3] }))
      expect(result.failures).toMatchObject([{ step: 'needy', error: { code: 'INVALID_INPUT' } }])
    })
  })

  it('[P11] [F15] has its origin where the list is taken from the record of the run', async () => {
    await using folder = await temporaryFolder()
    let isUp = false
    const flaky = step({
      name: 'flaky',
      input: z.array(z.unknown()),
      output: number,
      run: (rows) => {
        if (!isUp) throw new RangeError('not yet')
        return rows.length
      },
    })
    const rows = whole.step(halves, { retries: 1, as: 'rows' })
    const plan = rows.step(flaky, { with: (row) => row.rows, as: 'flaky' }).step(named)
    await onFile(folder.file('runs.db'), async (client) => {
      await expect(client.run(plan, ns, { id: 'r' })).rejects.toThrow('not yet')
    })
    isUp = true
    await onFile(folder.file('runs.db'), async (client) => {
      const { output, failures } = await client.resume('r', plan)
      expect({ output, failures }).toEqual({ output: undefined, failures: [] })
    })
  })
})
