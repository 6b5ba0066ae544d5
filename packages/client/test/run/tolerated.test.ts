import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type Client, type RunResult, type Runnable } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn, onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { failureOf } from '../waiting.ts'

const number = z.number()
const N = z.object({ n: number })
const start = pipeline('p', { n: number })

/** Ten rows of each input, of which one fails, and that is put up with. */
function inner(ran: number[] = []) {
  const odd = step({
    name: 'odd',
    input: z.object({ n: number, i: number }),
    output: number,
    run: ({ i }) => {
      ran.push(i)
      if (i === 3) throw new RangeError('not three')
      return i
    },
  })
  return pipeline('inner', { n: number })
    .broadcast([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { as: 'i' })
    .step(odd, { minSuccessRatio: 0.9 })
    .aggregate()
}

/** A step that fails until it is told otherwise. */
function gate() {
  const state = { isOpen: false }
  const last = step({
    name: 'last',
    input: z.unknown(),
    output: z.unknown(),
    run: (value) => {
      if (!state.isOpen) throw new RangeError('not yet')
      return value
    },
  })
  return { state, last }
}

function calling(name: string, ran: number[]) {
  return step({
    name,
    input: N,
    output: z.unknown(),
    run: (row, { call }) => call(inner(ran), row),
  })
}

type AnyPlan = Runnable<{ n: number }, unknown>

/** What a result lists, in short. */
function listed({ failures }: Pick<RunResult<unknown>, 'failures'>): unknown[] {
  return failures.map(({ step: name, index, input, attempts, error }) => {
    return [name, index, input, attempts, error.code, error.message, error.retryable]
  })
}

const failure = (place: string, index = 0) => [
  place,
  index,
  { n: index, i: 3 },
  1,
  'STEP_FAILED',
  "step 'odd' threw: not three",
  true,
]

const WAYS: [
  how: string,
  place: string,
  planOf: (ran: number[], last: Runnable<unknown, unknown>) => AnyPlan,
][] = [
  [
    'tried as a whole',
    'inner/odd',
    (ran, last) => start.step(inner(ran), { retries: 1 }).step(last),
  ],
  ['cached', 'inner/odd', (ran, last) => start.step(inner(ran), { cache: true }).step(last)],
  ['asked by a step', 'body/odd', (ran, last) => start.step(calling('body', ran)).step(last)],
  [
    'asked by a step that another asks',
    'outer/body/odd',
    (ran, last) => {
      const body = calling('body', ran)
      const outer = step({
        name: 'outer',
        input: N,
        output: z.unknown(),
        run: (row, { call }) => call(body, row),
      })
      return start.step(outer).step(last)
    },
  ],
  [
    'tried as a whole in pipelines that are so, however deep',
    'a-pipeline-that-is-tried/a-second-one-in-it/one-more-of-the-kind/inner/odd',
    (ran, last) => {
      const third = pipeline('one-more-of-the-kind', N.shape).step(inner(ran), { retries: 1 })
      const second = pipeline('a-second-one-in-it', N.shape).step(third, { retries: 1 })
      const first = pipeline('a-pipeline-that-is-tried', N.shape).step(second, { retries: 1 })
      return start.step(first, { retries: 1 }).step(last)
    },
  ],
]

async function recorded(client: Client, id: string): Promise<unknown[]> {
  await Promise.resolve()
  return client.runs.failures(id).map(({ step: name, index }) => [name, index])
}

describe('what the answer of a pipeline has put up with', () => {
  it.each(WAYS)(
    '[F19] [F15] is listed again by who resumes its run: %s',
    async (_, place, planOf) => {
      await using folder = await temporaryFolder()
      const file = folder.file('runs.db')
      const ran: number[] = []
      const { state, last } = gate()
      const plan = planOf(ran, last)
      const inputs = [{ n: 0 }, { n: 1 }]
      await onFile(file, async (client) => {
        const { result } = await failureOf(client.run(plan, inputs, { id: 'r' }))
        expect(listed(result)).toEqual(expect.arrayContaining([failure(place), failure(place, 1)]))
      })
      ran.length = 0
      state.isOpen = true
      await onFile(file, async (client) => {
        const result = await client.resume('r', plan)
        expect(listed(result)).toEqual([failure(place), failure(place, 1)])
        expect(await recorded(client, 'r')).toEqual([
          [place, 0],
          [place, 1],
        ])
        const again = await client.rerun('r', plan)
        expect(listed(again)).toEqual(listed(result))
        expect(await recorded(client, again.id)).toHaveLength(2)
      })
      expect(ran).toEqual([])
    },
  )

  it('[F19] is listed once, however often the step is tried that asked it', async () => {
    await using client = clientOn(createMemoryStore())
    let tries = 0
    const body = calling('body', [])
    const flaky = step({
      name: 'flaky',
      input: N,
      output: z.unknown(),
      run: async (row, { call }) => {
        const answer = await call(body, row)
        if (++tries < 3) throw new RangeError('not yet')
        return answer
      },
    })
    const result = await client.run(start.step(flaky, { retries: 2 }), { n: 0 })
    expect(listed(result)).toEqual([failure('flaky/body/odd')])
  })

  it('[F19] [F15] is listed by who takes up a step in the middle', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: number[] = []
    const begun = Promise.withResolvers<undefined>()
    const body = calling('body', ran)
    let isUp = false
    const outer = step({
      name: 'outer',
      input: N,
      output: z.unknown(),
      run: async (row, { call, signal }) => {
        const answer = await call(body, row)
        if (isUp) return answer
        begun.resolve(undefined)
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        throw signal.reason
      },
    })
    const plan = start.step(outer)
    await onFile(file, async (client) => {
      const run = client.run(plan, { n: 0 }, { id: 'r' })
      run.then(undefined, () => {})
      await begun.promise
    })
    isUp = true
    ran.length = 0
    await onFile(file, async (client) => {
      expect(listed(await client.resume('r', plan))).toEqual([failure('outer/body/odd')])
      expect(listed(await client.resume('r', plan))).toEqual([failure('outer/body/odd')])
    })
    expect(ran).toEqual([])
  })

  it('[F19] [F15] is listed without its input where that cannot be written', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const { state, last } = gate()
    const rows = pipeline('rows', { n: number })
      .broadcast([2, 3], { as: 'i' })
      .map(({ n, i }) => ({ n, i, later: () => n }))
      .step(
        step({
          name: 'odd',
          input: z.object({ i: number }),
          output: number,
          run: ({ i }) => {
            if (i === 3) throw new RangeError('not three')
            return i
          },
        }),
        { minSuccessRatio: 0 },
      )
    const plan = start.step(rows, { retries: 1 }).step(last)
    await onFile(file, async (client) => {
      const run = client.run(plan, { n: 0 }, { id: 'r' })
      const { result } = await failureOf(run)
      expect(result.failures[0]).toMatchObject({ step: 'rows/odd', input: { n: 0 } })
    })
    state.isOpen = true
    await onFile(file, async (client) => {
      const { failures } = await client.resume('r', plan)
      expect(failures).toMatchObject([{ step: 'rows/odd', input: undefined }])
    })
  })
})
