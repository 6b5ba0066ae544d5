import { SlotMap, systemClock } from '@skein/protocol'
import { describe, expect, it } from 'vitest'
import { Cancellation } from '../../src/cancellation.ts'
import { ClientError } from '../../src/errors.ts'
import type { Call } from '../../src/run/call.ts'
import type { Flights } from '../../src/run/flights.ts'
import { Kernel } from '../../src/run/kernel.ts'
import type { TryOutcome } from '../../src/run/outcomes.ts'
import { delayAfter, policyOf, type PolicyOptions } from '../../src/plan/policy.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { CallRecord, Journal, Origin } from '../../src/store/store.ts'
import { fakeJournal } from '../fake-journal.ts'
import { VirtualTime } from '../virtual-time.ts'

const origin: Origin = { node: 'n', peer: 'p', model: 'm', tokens: { input: 1, output: 2 }, ms: 3 }

function success(output: unknown): TryOutcome {
  return { ok: true, output, origin }
}

function failure(message = 'no', retryable = true): TryOutcome {
  const error = new ClientError('TASK_FAILED', message, { retryable })
  return { ok: false, error, leases: 1, nodes: ['n'] }
}

interface Scene {
  readonly kernel: Kernel
  readonly time: VirtualTime
  readonly waits: number[]
}

async function scene(journal?: Journal): Promise<Scene> {
  const time = new VirtualTime()
  const waits: number[] = []
  const clock = {
    now: () => time.now,
    schedule: (ms: number, run: () => void) => {
      waits.push(ms)
      const cancel = systemClock.schedule(0, run)
      return cancel
    },
  }
  const used = journal ?? (await createMemoryStore().open('run'))
  const { cache } = createMemoryStore()
  const parts = {
    journal: used,
    cache,
    flights: new SlotMap() satisfies Flights,
    clock,
    random: () => 0.5,
  }
  return { kernel: new Kernel(parts), time, waits }
}

function call(
  outcomes: readonly TryOutcome[],
  options: PolicyOptions = {},
  rest: Partial<Call> = {},
): Call & { readonly tries: [attempt: number, leasesBefore: number][] } {
  const tries: [number, number][] = []
  return {
    key: '0/ask',
    step: 'ask',
    isAnew: false,
    cachePlace: () => undefined,
    definition: 'workflow',
    input: { prompt: 'why' },
    policy: policyOf(options, 'ask'),
    cancellation: new Cancellation(),
    fallback: undefined,
    tries,
    execute: (attempt, leases) => {
      tries.push([attempt, leases])
      return Promise.resolve(outcomes[attempt - 1] ?? failure('unexpected'))
    },
    ...rest,
  }
}

function list(error: ClientError, input: unknown): unknown {
  return [error.message, input]
}

function cachePlace() {
  return { scope: 'run', key: 'why', ttlMs: undefined }
}

function hang(): Promise<never> {
  return new Promise(() => {})
}

function worse(): never {
  throw new RangeError('worse')
}

describe('a call', () => {
  it('is run once, recorded, then told that it is', async () => {
    const order: string[] = []
    const committed = Promise.withResolvers<undefined>()
    const journal = fakeJournal((record) => {
      order.push(`commit ${String(record.output)}`)
      return committed.promise
    })
    const { kernel } = await scene(journal)
    const running = kernel.call(
      call([success('because')], {}, { committed: () => order.push('committed') }),
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(order).toEqual(['commit because'])
    committed.resolve(undefined)
    expect(await running).toMatchObject({ ok: true, output: 'because', replayed: false })
    expect(order).toEqual(['commit because', 'committed'])
  })

  it('is not run again when its answer is recorded', async () => {
    const { kernel } = await scene()
    await kernel.call(call([success('because')]))
    const again = call([success('other')])
    expect(await kernel.call(again)).toMatchObject({ output: 'because', replayed: true })
    expect(again.tries).toEqual([])
  })

  it('is run again when its step or its input has changed', async () => {
    const { kernel } = await scene()
    await kernel.call(call([success('because')]))
    const changed = call([success('b')], {}, { input: { prompt: 'when' } })
    expect(await kernel.call(changed)).toMatchObject({ output: 'b' })
    const edited = call([success('c')], {}, { definition: 'workflow 2' })
    expect(await kernel.call(edited)).toMatchObject({ output: 'c' })
  })

  it('gives frozen answers, all the way down', async () => {
    const { kernel } = await scene()
    const outcome = await kernel.call(call([success({ a: [{ b: 1 }] })]))
    expect(outcome).toMatchObject({ output: { a: [{ b: 1 }] } })
    expect(Object.isFrozen(outcome.ok && outcome.output)).toBe(true)
  })

  it('that cannot be recorded fails, and nobody is told that it was', async () => {
    const journal = fakeJournal(() => Promise.reject(new RangeError('disk full')))
    const { kernel } = await scene(journal)
    let told = false
    const outcome = await kernel.call(
      call(
        [success('x')],
        {},
        {
          committed: () => {
            told = true
          },
        },
      ),
    )
    expect(outcome).toMatchObject({ ok: false, error: { code: 'STORE_FAILED' } })
    expect(told).toBe(false)
  })
})

describe('[F20] tries', () => {
  it('[F20] go on until one succeeds, and number their leases after one another', async () => {
    const { kernel } = await scene()
    const flaky = call([failure(), failure(), success('x')], { retries: 5 })
    expect(await kernel.call(flaky)).toMatchObject({ ok: true, output: 'x', attempts: 3 })
    expect(flaky.tries).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
  })

  it('[F20] end after as many as were allowed, with the last error', async () => {
    const { kernel } = await scene()
    const bad = call([failure('one'), failure('two'), failure('three')], { retries: 1 })
    const outcome = await kernel.call(bad)
    expect(outcome).toMatchObject({ ok: false, attempts: 2, nodes: ['n'] })
    expect(outcome).toHaveProperty('error.message', 'two')
  })

  it('[F20] end at once where another cannot help, or the filter says so', async () => {
    const { kernel } = await scene()
    const hopeless = call([failure('never', false), success('x')], { retries: 5 })
    expect(await kernel.call(hopeless)).toMatchObject({ ok: false, attempts: 1 })
    const filtered = call([failure('no'), success('x')], {
      retry: { attempts: 5, filter: (error) => error.message !== 'no' },
    })
    expect(await kernel.call(filtered)).toMatchObject({ ok: false, attempts: 1 })
  })

  it('[F20] end where the filter throws, with its step and what it threw; no fallback hides it', async () => {
    const { kernel } = await scene()
    const retry = { attempts: 5, filter: worse }
    const slipped = call([failure('first'), success('x')], { retry }, { fallback: list })
    expect(await kernel.call(slipped)).toMatchObject({
      ok: false,
      attempts: 1,
      error: { code: 'STEP_FAILED', message: "the retry.filter of step 'ask' threw: worse" },
    })
  })

  it('[F20] wait longer each time, up to the longest delay', async () => {
    const { kernel, waits } = await scene()
    const retry = { attempts: 5, delay: 100, factor: 3, cap: 500, jitter: false }
    await kernel.call(call([], { retry }))
    expect(waits).toEqual([100, 300, 500, 500])
  })

  it('[F20] are spread over half to all of the delay', () => {
    const policy = policyOf({ retry: { attempts: 2, delay: 100 } }, 'ask')
    expect(delayAfter(policy, 1, () => 0)).toBe(50)
    expect(delayAfter(policy, 1, () => 1)).toBe(100)
    // However many there were.
    expect(delayAfter(policyOf({ retries: 2000 }, 'ask'), 1999, () => 1)).toBe(0)
  })

  it('[F20] are made up for by the fallback, which gets the last error and the input', async () => {
    const { kernel } = await scene()
    const outcome = await kernel.call(call([failure('first')], {}, { fallback: list }))
    expect(outcome).toMatchObject({ ok: true, output: ['first', { prompt: 'why' }] })
    const failed = await kernel.call(call([failure()], {}, { fallback: worse, key: '1/ask' }))
    expect(failed).toMatchObject({ ok: false, error: { message: 'worse' } })
  })

  it('[F20] fail where their fallback takes longer than a try may', async () => {
    const { kernel } = await scene()
    const hangs = call([failure()], { timeout: 50 }, { fallback: hang })
    const message = "the fallback of step 'ask' did not finish within 50 ms"
    expect(await kernel.call(hangs)).toMatchObject({
      ok: false,
      error: { code: 'TIMED_OUT', message },
    })
  })

  it('end although their fallback does not, when the call is cancelled', async () => {
    const { kernel, waits } = await scene()
    const cancellation = new Cancellation()
    const running = kernel.call(call([failure()], {}, { fallback: hang, cancellation }))
    await new Promise((resolve) => setTimeout(resolve, 5))
    cancellation.cancel(new ClientError('CANCELLED', 'enough'))
    expect(await running).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    expect(waits).toEqual([1000])
  })

  it('stop when the call is cancelled, also while they wait', async () => {
    const { kernel } = await scene()
    const cancellation = new Cancellation()
    const retry = { attempts: 50, delay: '1h' } as const
    const waiting = call([failure(), failure()], { retry }, { cancellation })
    const running = kernel.call(waiting)
    cancellation.cancel(new ClientError('CANCELLED', 'enough'))
    expect(await running).toMatchObject({ ok: false })
    expect(waiting.tries.length).toBeLessThanOrEqual(2)
  })

  it('[F2] that a cancellation cuts short say nothing to those who wait for their answer', async () => {
    const { kernel } = await scene()
    const cancellation = new Cancellation()
    const same = { cachePlace, isTriedAs: () => true }
    const execute = () => {
      cancellation.cancel(new ClientError('CANCELLED', 'enough'))
      return Promise.resolve(failure())
    }
    const first = kernel.call(call([], { retries: 5 }, { ...same, cancellation, execute }))
    const other = kernel.call(call([success('x')], {}, { ...same, key: '1/ask' }))
    expect(await first).toMatchObject({ ok: false, error: { cause: { message: 'no' } } })
    expect(await other).toMatchObject({ ok: true, output: 'x' })
  })

  it('tell before each but the first', async () => {
    const { kernel } = await scene()
    const told: string[] = []
    const retrying = (error: ClientError) => told.push(error.message)
    await kernel.call(
      call([failure('a'), failure('b'), success('x')], { retries: 2 }, { retrying }),
    )
    expect(told).toEqual(['a', 'b'])
  })
})

describe('records', () => {
  it('hold what a later store needs', async () => {
    const records: CallRecord[] = []
    const journal = fakeJournal((record) => {
      records.push(record)
      return undefined
    })
    const { kernel } = await scene(journal)
    await kernel.call(call([success('because')]))
    expect(records).toEqual([
      {
        key: '0/ask',
        definition: 'workflow',
        input: { prompt: 'why' },
        output: 'because',
        origin,
        attempts: 1,
      },
    ])
  })
})
