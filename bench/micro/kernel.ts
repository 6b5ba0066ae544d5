/** What a run's one operation costs beside the work itself: look up, try, record in memory. */
import { Cancellation } from '../../packages/client/src/cancellation.ts'
import type { Call } from '../../packages/client/src/run/call.ts'
import { Kernel } from '../../packages/client/src/run/kernel.ts'
import type { TryOutcome } from '../../packages/client/src/run/outcomes.ts'
import { policyOf } from '../../packages/client/src/plan/policy.ts'
import { createMemoryStore } from '../../packages/client/src/store/memory-store.ts'
import { SlotMap, systemClock } from '../../packages/protocol/src/index.ts'
import type { Case } from './measure.ts'

const journal = await createMemoryStore({ capacity: 1_000 }).open('run')
const kernel = new Kernel({
  journal,
  cache: createMemoryStore().cache,
  flights: new SlotMap(),
  clock: systemClock,
  random: () => 0.5,
})
const policy = policyOf({}, 'step')
const cancellation = new Cancellation()
const input = Object.freeze({ question: 'why' })
const outcome: TryOutcome = {
  ok: true,
  output: 'because',
  origin: { node: 'a', peer: 'p', model: 'm', tokens: { input: 1, output: 1 }, ms: 1 },
}

let calls = 0

function nextCall(): Call {
  return {
    key: `step/${(calls += 1)}`,
    definition: 'workflow',
    step: 'step',
    isAnew: false,
    cachePlace: () => undefined,
    input,
    policy,
    cancellation,
    fallback: undefined,
    execute: () => Promise.resolve(outcome),
  }
}

export const cases: readonly Case[] = [
  {
    name: 'one call, in memory',
    aimUs: 15,
    async run(times) {
      for (let n = 0; n < times; n += 1) await kernel.call(nextCall())
    },
  },
]
