import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { clientOn, onFile } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { execute } from '../workflows.ts'

const number = z.number()

/** Steps a, b and c of a chain, which note what they run; `broken` throw. */
function chain(ran: string[], { broken = [] as readonly string[], edit = '' } = {}) {
  const make = (name: string) =>
    step({
      name,
      version: edit === name ? '2' : '1',
      input: number,
      output: number,
      run: (n) => {
        if (broken.includes(name)) throw new RangeError(`${name} is broken`)
        ran.push(`${name} ${n}`)
        return n + 1
      },
    })
  return pipeline('chain', { n: number })
    .map(({ n }) => n)
    .step(make('a'))
    .step(make('b'))
    .step(make('c'))
}

function* numbers(upTo: number) {
  for (let n = 0; n < 5; n++) {
    if (n === upTo) throw new RangeError('the stream broke')
    yield { n }
  }
}

describe('a run', () => {
  it('[F15] [X2] that failed goes on where it failed, with the same result', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: string[] = []
    await onFile(file, async (client) => {
      const run = client.run(chain(ran, { broken: ['c'] }), [{ n: 1 }, { n: 5 }], { id: 'r' })
      await expect(run).rejects.toMatchObject({ code: 'RUN_FAILED' })
    })
    expect(ran.toSorted()).toEqual(['a 1', 'a 5', 'b 2', 'b 6'])
    ran.length = 0
    await onFile(file, async (client) => {
      const { output, stats, failures } = await client.resume('r', chain(ran))
      expect(output).toEqual([4, 8])
      expect(failures).toEqual([])
      expect(stats).toMatchObject({ cached: 4, done: 6 })
    })
    expect(ran.toSorted()).toEqual(['c 3', 'c 7'])
  })

  it('[F15] is done again from a step, under a new id with its parent recorded', async () => {
    await using folder = await temporaryFolder()
    const ran: string[] = []
    await onFile(folder.file('runs.db'), async (client) => {
      const first = await client.run(chain(ran), { n: 1 }, { id: 'r', seed: 7 })
      ran.length = 0
      const again = await client.rerun('r', chain(ran), { from: 'b' })
      expect(again).toMatchObject({ output: first.output, seed: 7 })
      expect(again.id).not.toBe('r')
      expect(ran).toEqual(['b 2', 'c 3'])
      expect(await client.runs.show(again.id)).toMatchObject({ parent: 'r', state: 'done' })
    })
  })

  it('[F15] does an edited step again without its being named, and what follows from its answer', async () => {
    await using folder = await temporaryFolder()
    const ran: string[] = []
    await onFile(folder.file('runs.db'), async (client) => {
      await client.run(chain(ran), { n: 1 }, { id: 'r' })
      ran.length = 0
      await client.rerun('r', chain(ran, { edit: 'b' }), { id: 'again' })
      expect(ran).toEqual(['b 2'])
      await client.runs.remove('r')
      ran.length = 0
      expect(await client.resume('again', chain(ran, { edit: 'b' }))).toMatchObject({ output: 4 })
      expect(ran).toEqual([])
    })
  })

  it('[F14] [F15] records the seal of its plan before it begins', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      const plan = chain([], { broken: ['a'] })
      await expect(client.run(plan, { n: 1 }, { id: 'r' })).rejects.toThrow('a is broken')
      expect(await client.runs.show('r')).toMatchObject({ planHash: plan.freeze().hash })
      const odd = pipeline('odd', { n: number }).broadcast([1n, 2n], { as: 'big' })
      await client.run(odd, { n: 1 }, { id: 'odd' })
      const shown = await client.runs.show('odd')
      expect(shown.planHash).toBe(odd.freeze().hash)
      expect(shown.planJson).toMatchObject({ steps: [{ broadcast: ['1n', '2n'] }] })
    })
  })

  it('names the steps that there are where it cannot begin from one', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      await client.run(chain([]), { n: 1 }, { id: 'r' })
      await expect(client.rerun('r', chain([]), { from: 'x' })).rejects.toThrow(
        "'chain' has no step 'x'; it has 'a', 'b', 'c'",
      )
      const stepless = pipeline('none', { n: z.number() }).map(({ n }) => n)
      await client.run(stepless, { n: 1 }, { id: 's' })
      await expect(client.rerun('s', stepless, { from: 'x' })).rejects.toThrow(
        "'none' has no step 'x'; it has none at all",
      )
      await expect(client.resume('nothing', chain([]))).rejects.toMatchObject({
        code: 'NO_SUCH_RUN',
      })
      await expect(client.run(chain([]), { n: 1 }, { id: 'r' })).rejects.toThrow(
        "run 'r' is there already; resume it",
      )
    })
  })

  it('[Q10] gives the same with a store in memory and in a file', async () => {
    await using folder = await temporaryFolder()
    const inputs = [{ n: 1 }, { n: 2 }]
    const file = await onFile(folder.file('runs.db'), (client) =>
      Promise.resolve(client.run(chain([]), inputs, { id: 'r', seed: 1 })),
    )
    await using client = clientOn(createMemoryStore())
    const memory = await client.run(chain([]), inputs, { id: 'r', seed: 1 })
    const { output, inputs: origins, failures } = memory
    expect(file).toMatchObject({ output, inputs: origins, failures })
  })

  it('goes on with a stream after what it had read, and needs no stream that had ended', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const ran: string[] = []
    await onFile(file, async (client) => {
      const run = client.run(chain(ran), numbers(3), { id: 'r' })
      await expect(run).rejects.toThrow('the stream broke')
    })
    await onFile(file, async (client) => {
      await expect(client.resume('r', chain(ran))).rejects.toThrow('give them again')
    })
    await onFile(file, async (client) => {
      const { output } = await client.resume('r', chain(ran), { inputs: numbers(9) })
      expect(output).toEqual([3, 4, 5, 6, 7])
    })
    ran.length = 0
    await onFile(file, async (client) => {
      expect(await client.resume('r', chain(ran))).toMatchObject({ output: [3, 4, 5, 6, 7] })
    })
    expect(ran).toEqual([])
  })

  it('is not taken up with other inputs than it had read, which are closed, nor with fewer', async () => {
    await using folder = await temporaryFolder()
    let areClosed = false
    function* others() {
      try {
        yield* [{ n: 0 }, { n: 2 }, { n: 3 }, { n: 4 }]
      } finally {
        areClosed = true
      }
    }
    await onFile(folder.file('runs.db'), async (client) => {
      const begun = client.run(chain([]), numbers(3), { id: 'r' })
      await expect(begun).rejects.toThrow('the stream broke')
      await expect(client.resume('r', chain([]), { inputs: others() })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining("input number 2 is not what run 'r' had read") as unknown,
      })
      expect(areClosed).toBe(true)
      const fewer = numbers(9).take(2)
      await expect(client.resume('r', chain([]), { inputs: fewer })).rejects.toThrow(
        "there are only 2 inputs, and run 'r' had read 3",
      )
      const { output } = await client.resume('r', chain([]), { inputs: numbers(9) })
      expect(output).toEqual([3, 4, 5, 6, 7])
      await client.run(chain([]), [{ n: 1 }], { id: 'list' })
      await client.resume('list', chain([]), { inputs: [{ n: 1 }] })
      const rerun = client.rerun('list', chain([]), { inputs: [{ n: 50 }] })
      await expect(rerun).rejects.toThrow("the inputs are not what run 'list' had read")
    })
  })

  it('[F16] whose input cannot be written is not there: its name is free', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      const plan = pipeline('any', { value: z.unknown() }).map(() => 1)
      const run = client.run(plan, { value: () => 1 }, { id: 'r' })
      await expect(run).rejects.toMatchObject({ code: 'STORE_FAILED' })
      await expect(client.runs.show('r')).rejects.toMatchObject({ code: 'NO_SUCH_RUN' })
      expect(await client.run(plan, { value: 1 }, { id: 'r' })).toMatchObject({ output: 1 })
    })
  })

  it('[D21] is there for other processes before any function of the program runs in it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using other = createSqliteStore(file)
    const seen: boolean[] = []
    let id = ''
    const look = () => seen.push(other.read(id) !== undefined) === 0
    const asks = pipeline('asks', { instruction: z.string() })
    const when = asks.step(execute, { when: look })
    const mapped = asks.step(execute, {
      with: (row) => {
        look()
        throw new RangeError(row.instruction)
      },
    })
    function* inputs() {
      look()
      yield { instruction: 'x' }
    }
    await onFile(file, async (client) => {
      const skipped = client.run(when, { instruction: 'x' })
      id = skipped.id
      await skipped
      const failed = client.run(mapped, { instruction: 'x' })
      id = failed.id
      await expect(failed).rejects.toThrow('x')
      const streamed = client.run(when, inputs())
      id = streamed.id
      await streamed
    })
    expect(seen).toEqual([true, true, true, true])
  })

  it('[D28] can be looked at by another process while it goes on', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const gate = Promise.withResolvers<undefined>()
    const waits = step({
      name: 'waits',
      input: number,
      output: number,
      run: async (n) => {
        if (n === 2) await gate.promise
        return n
      },
    })
    const plan = pipeline('slow', { n: number })
      .map(({ n }) => n)
      .step(waits)
    await onFile(file, async (client) => {
      const run = client.run(plan, [{ n: 1 }, { n: 2 }], { id: 'r', project: 'p' })
      for await (const _ of run.rows()) break
      await onFile(file, async (other) => {
        await expect.poll(async () => other.runs.rows('r')).toEqual([1])
        expect(await other.runs.status('r')).toMatchObject({ state: 'running' })
        expect(await other.runs.list({ project: 'p' })).toMatchObject([{ id: 'r', plan: 'slow' }])
        expect(await other.runs.list({ project: 'q' })).toEqual([])
        await expect(other.resume('r', plan)).rejects.toMatchObject({ code: 'RUN_HELD' })
      })
      gate.resolve(undefined)
      await run
      expect(await client.runs.status('r')).toMatchObject({ state: 'done', rows: 2 })
    })
  })

  it('[D28] says which process is at it, and where its plan is found', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await onFile(file, async (client) => {
      const gate = Promise.withResolvers<undefined>()
      const plan = pipeline('held', { n: number }).map(async ({ n }) => {
        await gate.promise
        return n
      })
      const run = client.run(plan, { n: 1 }, { id: 'r', source: '/plans.ts#held' })
      await onFile(file, async (other) => {
        await expect.poll(async () => (await other.runs.list()).length).toBe(1)
        const { pid } = process
        const machine = hostname()
        expect(await other.runs.show('r')).toMatchObject({ holder: { pid, machine } })
      })
      gate.resolve(undefined)
      await run
      expect(await client.runs.show('r')).not.toHaveProperty('holder')
      await client.rerun('r', plan, { id: 's' })
      expect(await client.runs.show('s')).toMatchObject({ source: '/plans.ts#held' })
    })
  })

  it('[F4] gives each step of the context what it declares', async () => {
    await using folder = await temporaryFolder()
    await onFile(folder.file('runs.db'), async (client) => {
      const times = step({
        name: 'times',
        input: number,
        output: number,
        context: z.object({ factor: z.number(), plus: z.number().default(0) }),
        run: (n, { context }) => n * context.factor + context.plus,
      })
      const plan = pipeline('p', { n: number })
        .map(({ n }) => n)
        .step(times)
      const { output } = await client.run(plan, { n: 2 }, { id: 'r', context: { factor: 3, x: 1 } })
      expect(output).toBe(6)
      // @ts-expect-error a context that is missing
      await expect(client.run(plan, { n: 2 })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining("step 'times' needs another context: factor") as unknown,
      })
      const again = await client.rerun('r', plan, { context: { x: 2 } })
      expect(again.stats.cached).toBe(1)
      const other = await client.rerun('r', plan, { context: { factor: 4 } })
      expect(other).toMatchObject({ output: 8, stats: { cached: 0 } })
    })
  })
})
