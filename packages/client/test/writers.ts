import { z } from 'zod'
import { pipeline } from '../src/index.ts'
import type { Deed } from './scripted-node.ts'
import { execute, rewrite } from './workflows.ts'

/** Five variations for `rewrite`, an answer for `execute`. */
export function writer(input: Readonly<Record<string, unknown>>, { task }: { task: string }): Deed {
  const instruction = String(input['instruction'])
  if (!task.endsWith('/rewrite')) return { output: `did ${instruction}`, afterMs: 2 }
  return { output: [1, 2, 3, 4, 5].map((n) => `${instruction} ${n}`), afterMs: 2 }
}

/** The seed's example. */
export const haikus = pipeline('haikus', { instruction: z.string() })
  .step(rewrite)
  .scatter()
  .step(execute, { minSuccessRatio: 0.9, retries: 3, timeout: '90s' })
  .aggregate()

/** Inputs of `execute`, and what `writer` makes of them. */
export const many = Array.from({ length: 200 }, (_, n) => ({ instruction: `row ${n}` }))
export const answers = many.map(({ instruction }) => `did ${instruction}`)

/** Says what it was given. */
export function echo(input: Readonly<Record<string, unknown>>): Deed {
  return { output: `<${Object.values(input).join('|')}>` }
}

/** Says which model was asked. */
export function nameModel(_: unknown, { models }: { readonly models: readonly string[] }): Deed {
  return { output: models[0] }
}

/** Fails as a broken node does: it may go better elsewhere. */
export function broken(): Deed {
  return { fail: 'out of memory' }
}

/** Fails as a bad task does, at any node. */
export function hopeless(): Deed {
  return { fail: 'the prompt is too long', fault: 'task', retryable: false }
}

/** Says which columns it was given. */
export function listColumns(input: Readonly<Record<string, unknown>>): Deed {
  return { output: Object.entries(input).map(([key, value]) => `${key}=${String(value)}`) }
}

/** Never answers. */
export function mute(): Deed {
  return 'silence'
}
