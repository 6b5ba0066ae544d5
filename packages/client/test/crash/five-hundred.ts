import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'

const number = z.number()

/** What may be told apart in a run of it. */
export interface Watch {
  /** A step began, with the key of its call. */
  readonly began: (key: string) => void
}

/** Inputs, rows of each, and steps of each row: `inputs * (rows * 4 + 1)` tasks. */
export interface Measures {
  readonly inputs: number
  readonly rows: number
}

/** 20 inputs of 6 rows each make 500 tasks. */
export const FIVE_HUNDRED: Measures = { inputs: 20, rows: 6 }
/** 8 inputs of 6 rows each make 200 tasks. */
export const TWO_HUNDRED: Measures = { inputs: 8, rows: 6 }

export function inputsOf({ inputs, rows }: Measures): { numbers: number[] }[] {
  return Array.from({ length: inputs }, (_, i) => ({
    numbers: Array.from({ length: rows }, (_unused, j) => i * rows + j),
  }))
}

/** A plan that scatters, takes four steps with each row, and sums the rows of each input up. */
export function longPlan({ began }: Watch) {
  const next = (name: string, change: (n: number) => number) =>
    step({
      name,
      input: number,
      output: number,
      run: (n, { key }) => {
        began(key)
        return change(n)
      },
    })
  return pipeline('long', { numbers: z.array(number) })
    .scatter('numbers')
    .map((row) => row.numbers)
    .step(next('a', (n) => n + 1))
    .step(next('b', (n) => n * 3))
    .step(next('c', (n) => n - 2))
    .step(next('d', (n) => n * n))
    .aggregate()
    .step(
      step({
        name: 'sum',
        input: z.array(number),
        output: z.object({ sum: number, of: z.array(number) }),
        run: (of, { key }) => {
          began(key)
          return { sum: of.reduce((sum, n) => sum + n, 0), of }
        },
      }),
    )
}
