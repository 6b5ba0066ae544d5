import { pipeline, step } from '../../src/index.ts'
import { z } from 'zod'

/** Numbers of a run. */
export const NUMBERS = Array.from({ length: 12 }, (_, n) => ({ n }))

/** A plan that tells of each call that begins; the seal is the same in every process. */
export function counted(began: (key: string, n: number) => void) {
  const square = step({
    name: 'square',
    input: z.number(),
    output: z.number(),
    run: async (n, { key }) => {
      began(key, n)
      await new Promise((resolve) => setTimeout(resolve, 10))
      return n * n
    },
  })
  return pipeline('counted', { n: z.number() })
    .map(({ n }) => n)
    .step(square)
}
