import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Cancellation } from '../../src/cancellation.ts'
import { ClientError } from '../../src/errors.ts'
import { createMemoryStore, pipeline, plans, step } from '../../src/index.ts'
import { workOf } from '../../src/plan/runnable.ts'
import { LocalSteps } from '../../src/run/local-step.ts'
import { WorkerPool } from '../../src/run/worker-pool.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { VirtualTime } from '../virtual-time.ts'

const numbers = { input: z.number(), output: z.number() }

/** Calls a step as a run would. */
function caller(runnable: unknown, local: LocalSteps) {
  const work = workOf(runnable, 'test')
  if (work.kind !== 'local') throw new RangeError('no local step')
  return (input: unknown, cancellation = new Cancellation(), timeoutMs?: number) =>
    local.run(work.step, {
      key: 'k',
      input,
      attempt: 1,
      cancellation,
      timeoutMs,
      context: {},
      durable: () => {
        throw new RangeError('not durable')
      },
    })
}

type Answers = readonly number[] | Promise<readonly number[]>
type Answer = (inputs: readonly number[], signal: AbortSignal) => Answers

function setUp(answer: Answer = twice) {
  const time = new VirtualTime()
  /** Those that keep the process alive. */
  const timers = new Set<() => void>()
  const clock = {
    now: () => time.now,
    schedule: (ms: number, run: () => void) => {
      timers.add(run)
      time.after(ms, () => {
        if (timers.delete(run)) run()
      })
      return () => {
        timers.delete(run)
      }
    },
  }
  const batches: (readonly number[])[] = []
  const many = step({
    name: 'many',
    ...numbers,
    coalesce: { size: 3, wait: 20 },
    run: (inputs, { signal }) => {
      batches.push(inputs)
      return answer(inputs, signal)
    },
  })
  return { time, timers, batches, call: caller(many, new LocalSteps(clock)) }
}

const timedOut = { ok: false, error: { code: 'TIMED_OUT' } }

describe('a step that coalesces', () => {
  it('[B5] answers callers of about the same time together, each with its own answer', async () => {
    const { call, batches } = setUp()
    const answers = await Promise.all([call(1), call(2), call(3)])
    expect(answers).toMatchObject([{ output: 2 }, { output: 4 }, { output: 6 }])
    expect(batches).toEqual([[1, 2, 3]])
  })

  it('[B5] does not wait for more when the time is over', async () => {
    const { call, batches, time } = setUp()
    const pending = [call(1), call(2)]
    time.play(19)
    expect(batches).toEqual([])
    time.play(21)
    expect(await Promise.all(pending)).toMatchObject([{ output: 2 }, { output: 4 }])
    expect(batches).toEqual([[1, 2]])
  })

  it('[B5] rejects all callers of a failed batch, and none of the next', async () => {
    let isBroken = true
    const { call, batches } = setUp((inputs) => {
      if (!isBroken) return twice(inputs)
      isBroken = false
      throw new RangeError('no')
    })
    const failed = await Promise.all([call(1), call(2), call(3)])
    for (const outcome of failed) {
      expect(outcome).toMatchObject({ ok: false, error: { message: "step 'many' threw: no" } })
    }
    expect(await Promise.all([call(4), call(5), call(6)])).toMatchObject([{ ok: true }, {}, {}])
    expect(batches).toHaveLength(2)
  })

  it('[B5] is wrong when it gives more or fewer answers than it was asked', async () => {
    const { call } = setUp(() => [1])
    const [outcome] = await Promise.all([call(1), call(2), call(3)])
    expect(outcome).toMatchObject({
      ok: false,
      error: { message: "step 'many' gave 1 answers for 3 inputs" },
    })
  })

  it('[B5] leaves no timer behind when all that waited are cancelled', async () => {
    const { call, batches, timers } = setUp()
    const [one, other] = [new Cancellation(), new Cancellation()]
    const pending = [call(1, one), call(2, other)]
    for (const cancellation of [one, other]) {
      expect(timers.size).toBeGreaterThan(0)
      cancellation.cancel(new ClientError('CANCELLED', 'by the test'))
    }
    const refused = { ok: false, error: { code: 'CANCELLED' } }
    expect(await Promise.all(pending)).toMatchObject([refused, refused])
    expect(timers.size).toBe(0)
    expect(batches).toEqual([])
  })

  it('[B5] leaves out who was cancelled while it waited', async () => {
    const { call, batches } = setUp()
    const gone = new Cancellation()
    const first = call(1, gone)
    const second = call(2)
    gone.cancel(new ClientError('CANCELLED', 'gone'))
    await Promise.all([second, call(3), call(4)])
    expect(await first).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    expect(batches).toEqual([[2, 3, 4]])
  })

  it('[B5] [F20] leaves out tries whose time is over, and takes others in their place', async () => {
    const { call, batches, time } = setUp()
    const late = [call(1, undefined, 10), call(2, undefined, 10)]
    time.play(11)
    expect(await Promise.all(late)).toMatchObject([timedOut, timedOut])
    const answers = await Promise.all([call(3), call(4), call(5)])
    expect(answers).toMatchObject([{ output: 6 }, { output: 8 }, { output: 10 }])
    expect(batches).toEqual([[3, 4, 5]])
  })

  it('[B5] [F20] aborts its signal once the time of all of its tries is over', async () => {
    const aborted: boolean[] = []
    const signals: AbortSignal[] = []
    const { call, time } = setUp((_, signal) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const late = [call(1, undefined, 10), call(2, undefined, 10), call(3, undefined, 15)]
    for (const ms of [11, 16]) {
      time.play(ms)
      aborted.push(signals.every((signal) => signal.aborted))
    }
    expect(await Promise.all(late)).toMatchObject([timedOut, timedOut, timedOut])
    expect(aborted).toEqual([false, true])
  })

  it.each<[string, unknown, string]>([
    ['an object', 3, 'coalesce of step'],
    ['a size', { size: 0 }, 'coalesce.size of step'],
    ['a duration', { size: 2, wait: 'soon' }, 'coalesce.wait of'],
    ['known options', { size: 2, until: 3 }, "unknown option 'until'"],
  ])('wants %s', (_, coalesce, message) => {
    expect(make({ run: twice, coalesce })).toThrow(message)
  })

  it('[F4] [F24] is not told to have a context, which it would not be given', () => {
    const [context, coalesce] = [z.object({ unit: z.string() }), { size: 2 }]
    expect(make({ run: twice, context, coalesce })).toThrow('both coalesce and context')
    expect(make({ worker: heavy, context })).toThrow('both worker and context')
    // @ts-expect-error the compiler knows as well
    const typed = () => step({ name: 'many', ...numbers, context, coalesce, run: twice })
    expect(typed).toThrow('both coalesce and context')
  })
})

function twice(inputs: readonly number[]): number[] {
  return inputs.map((n) => n * 2)
}

const heavy = import.meta.resolve('./heavy-work.ts')

/** As JavaScript lets it. */
function make(parts: object): () => unknown {
  return (): unknown => Reflect.apply(step, undefined, [{ name: 's', ...numbers, ...parts }])
}

/** A plan of one cached step in a thread. */
function heavyOf(worker: string) {
  const work = step({ name: 'w', ...numbers, worker })
  return pipeline('p', { n: z.number() })
    .map(({ n }) => n)
    .step(work, { cache: true })
}

describe('a step with a worker', () => {
  const doubling = step({ name: 'heavy', ...numbers, worker: heavy })
  const thread = step({ name: 'thread', ...numbers, worker: `${heavy}#threadOf` })
  const broken = step({ name: 'broken', ...numbers, worker: `${heavy}#broken` })
  const endless = step({ name: 'endless', ...numbers, worker: `${heavy}#endless` })

  it('says what its function threw, if that is no error either', async () => {
    await using workers = new WorkerPool({ size: 1 })
    const odd = step({ name: 'odd', ...numbers, worker: `${heavy}#odd` })
    const outcome = await caller(odd, new LocalSteps(systemClock, { workers }))(1)
    expect(outcome).toHaveProperty('error.message', `step 'odd' threw: {"code":"E7"}`)
  })

  it('[B7] runs off the main thread, on one pool that all steps share', async () => {
    await using workers = new WorkerPool({ size: 1 })
    const local = new LocalSteps(systemClock, { workers })
    expect(await caller(doubling, local)(21)).toMatchObject({ ok: true, output: 42 })
    const [one, two] = await Promise.all([caller(thread, local)(0), caller(thread, local)(0)])
    expect(one.ok && one.output).not.toBe(0)
    expect(two.ok && two.output).toBe(one.ok && one.output)
    expect(workers.threads).toBe(1)
  })

  it('[B7] fails with what its function threw, and the thread goes on', async () => {
    await using workers = new WorkerPool({ size: 1 })
    const local = new LocalSteps(systemClock, { workers })
    expect(await caller(broken, local)(1)).toMatchObject({
      error: { message: "step 'broken' threw: too heavy" },
    })
    expect(await caller(doubling, local)(1)).toMatchObject({ output: 2 })
    expect(workers.threads).toBe(1)
  })

  it('[B7] is ended when it is cancelled, however busy it is', async () => {
    await using workers = new WorkerPool({ size: 1 })
    const local = new LocalSteps(systemClock, { workers })
    const cancellation = new Cancellation()
    const busy = caller(endless, local)(1, cancellation)
    cancellation.cancel(new ClientError('CANCELLED', 'enough'))
    expect(await busy).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    expect(await caller(doubling, local)(2)).toMatchObject({ output: 4 })
  })

  it('[B7] ends with its pool', async () => {
    const workers = new WorkerPool({ size: 2 })
    const local = new LocalSteps(systemClock, { workers })
    const call = caller(doubling, local)
    await Promise.all([call(1), call(2), call(3)])
    expect(workers.threads).toBe(2)
    await workers[Symbol.asyncDispose]()
    expect(workers.threads).toBe(0)
    const failed = { code: 'STEP_FAILED', message: 'CLOSED: the client was closed' }
    expect(await call(1)).toEqual({
      ok: false,
      error: expect.objectContaining(failed) as unknown,
      leases: 0,
      nodes: [],
    })
  })

  it('[F1] [F14] is another when its file has changed, and the same wherever that lies', async () => {
    await using folder = await temporaryFolder()
    const plan = async (name: string, text: string) => {
      const file = folder.file(name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, `export function run(n) { return ${text} }\nexport const other = run\n`)
      return pathToFileURL(file).href
    }
    const before = await plan('a/w.mjs', 'n + 1')
    const after = await plan('b/w.mjs', 'n * 100')
    const copy = await plan('c/w.mjs', 'n + 1')
    await using client = clientOn(createMemoryStore())
    const outputs = []
    for (const worker of [before, after, copy, `${copy}#other`]) {
      const { output, stats } = await client.run(heavyOf(worker), { n: 3 })
      outputs.push([output, stats.cached])
    }
    expect(outputs).toEqual([
      [4, 0],
      [300, 0],
      [4, 1],
      [4, 0],
    ])
    const seals = [before, after, copy].map((worker) => heavyOf(worker).freeze().hash)
    expect(seals[1]).not.toBe(seals[0])
    expect(seals[2]).toBe(seals[0])
    expect(plans.diff(heavyOf(before), heavyOf(after))).toMatchObject([{ kind: 'change' }])
    await client.run(heavyOf(before), { n: 5 }, { id: 'first' })
    await plan('a/w.mjs', 'n * 100')
    const edited = await client.rerun('first', heavyOf(`${before}?edited`))
    expect([edited.output, edited.stats.cached]).toEqual([500, 0])
  })

  it('wants the address of a file, and no other means', () => {
    expect(make({ worker: './heavy.ts' })).toThrow('must be the address of a file')
    expect(make({ worker: heavy, run: twice })).toThrow('cannot have both run and worker')
    expect(make({ worker: heavy, coalesce: { size: 2 } })).toThrow('both coalesce and worker')
  })
})

describe('a value whose schema has a route', () => {
  const Model = z.object({ weights: z.array(z.number()) }).meta({ id: 'Model' })
  const train = step({
    name: 'train',
    input: z.number(),
    output: Model,
    run: (n) => ({ weights: [n] }),
  })

  it('[F6] goes there, and its address is in the result', async () => {
    const put: unknown[] = []
    const routes = {
      Model: (value: unknown, { step: name }: { step: string }) => {
        put.push(value)
        return `file:///models/${name}`
      },
    }
    const call = caller(train, new LocalSteps(systemClock, { routes }))
    expect(await call(3)).toMatchObject({ ok: true, origin: { artifact: 'file:///models/train' } })
    expect(put).toEqual([{ weights: [3] }])
  })

  it('[F6] fails the step where the route fails', async () => {
    const routes = { Model: () => Promise.reject(new RangeError('disk full')) }
    const call = caller(train, new LocalSteps(systemClock, { routes }))
    const outcome = await call(3)
    expect(!outcome.ok && outcome.error.message).toBe("step 'train' threw: disk full")
  })

  it('[F6] stays where no route is for it', async () => {
    const outcome = await caller(train, new LocalSteps(systemClock))(3)
    expect(outcome.ok && outcome.origin).not.toHaveProperty('artifact')
  })
})
