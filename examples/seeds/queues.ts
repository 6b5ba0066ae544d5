import { external, pipeline, step, type Store } from '@skein/client'
import { z } from 'zod'

/** Units of computation: activities, workflows that survive a crash, and queues that people work on. */

const number = { input: z.number(), output: z.number() }

/** An activity: one value in, one out. */
export const double = step({ name: 'double', ...number, run: (x) => 2 * x })

/** A workflow: each call is recorded, so that after a crash the function begins anew and gets the same answers. */
export const quad = step({
  name: 'quad',
  ...number,
  run: async (x, context) => context.call(double, await context.call(double, x)),
})

/** Many calls at once. */
export const quadAll = step({
  name: 'quadAll',
  input: z.object({ all: z.array(z.number()) }),
  output: z.array(z.number()),
  run: ({ all }, context) => context.map(all, quad),
})

/** What an activity is underneath: take a value, put the result where it belongs. Both, or neither. */
export function workOff(store: Store, from: string, to: string): number {
  const leased = store.queue<number>(from).lease({ ms: 120_000, limit: 10 })
  for (const { key, value } of leased) {
    store.transaction((queues) => {
      queues.queue(to).push(key, 2 * value)
      queues.queue(from).remove(key)
    })
  }
  return leased.length
}

/** A task for people: it waits, also across restarts, until `skein tasks complete` or a POST answers it. */
export const manualReview = external({
  name: 'manual_review',
  input: z.object({ letter: z.string() }),
  output: z.boolean(),
})

export const reviewed = pipeline('reviewed', { letter: z.string() }).step(manualReview, {
  as: 'approved',
})
