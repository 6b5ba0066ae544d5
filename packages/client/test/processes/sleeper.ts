import { z } from 'zod'
import { step } from '../../src/index.ts'

/** In milliseconds. */
export const NAP = 4000

/** Sleeps so long, then says when it thinks that it is. */
export const sleeper = step({
  name: 'sleeper',
  input: z.number(),
  output: z.number(),
  run: async (ms, { sleep, now }) => {
    const before = now()
    await sleep(ms)
    return before
  },
})
