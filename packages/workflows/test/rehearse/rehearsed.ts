import { parseWorkflow, rehearse, type Rehearsal } from '../../src/index.ts'
import { workflow } from '../drive.ts'

/** Rehearses a workflow whose input is a topic. */
export function rehearsed(parts: object, input?: Readonly<Record<string, unknown>>): Rehearsal {
  return rehearse(
    parseWorkflow(workflow({ input: { topic: { type: 'string' } }, ...parts })),
    input,
  )
}

/** "draft: About geese" for each question. */
export function questions({ steps }: Rehearsal): readonly string[] {
  return steps.map(
    ({ step: id, messages, query, problem }) =>
      `${id}: ${messages?.at(-1)?.content ?? query ?? problem ?? ''}`,
  )
}

/** The targets of an edge that is taken when a key says yes. */
export function when(key: string, to: string, otherwise: string): object {
  return { to, if: { input: key, expression: 'Equal', expected: 'yes' }, else: otherwise }
}
