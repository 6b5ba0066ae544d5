import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { topic, unless } from './found.ts'

/** Steps each of which goes on, back or out. */
function chain(count: number): object {
  return workflow({
    ...topic,
    steps: Array.from({ length: count }, (_, index) =>
      step(`s${index}`, index === 0 ? '{{topic}}' : `{{s${index - 1}}}`),
    ),
    edges: Array.from({ length: count - 1 }, (_, index) => ({
      from: `s${index}`,
      ...unless(`s${index}`, `s${index + 1}`, index % 2 === 0 ? '_end' : `s${index - 1}`),
    })),
    limits: { maxSteps: count },
    returns: 's0',
  })
}

describe('a check of a monster', () => {
  it('[D15] refuses 100,000 steps and a depth of 10,000', () => {
    expect(checkWorkflow(chain(100_000))).toEqual([
      {
        severity: 'error',
        code: 'UNREADABLE',
        path: 'steps',
        message: 'the workflow has 100000 steps, and 10000 are the most',
        mend: 'Repeat steps with a map or an edge that leads back, or cut the workflow into several.',
      },
    ])
    let deep: unknown = 1
    for (let depth = 0; depth < 10_000; depth += 1) deep = { memory: deep }
    const [finding] = checkWorkflow(deep)
    expect(finding?.message).toBe('the workflow is nested deeper than 48 levels')
    expect(finding?.path).toBe(Array.from({ length: 49 }, () => 'memory').join('.'))
  })

  it('[D15] says when there are too many branches to follow all', { timeout: 60_000 }, () => {
    const codes = new Set(checkWorkflow(chain(9000)).map(({ code }) => code))
    expect(codes).toContain('PARTLY_CHECKED')
  })
})
