import { parseWorkflow } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { begin } from './executor-world.ts'

/** Goes round without asking anything, as often as a document may. */
const circle = parseWorkflow({
  version: 1,
  name: 'circle',
  input: {},
  memory: { xs: ['x'] },
  steps: [{ id: 's', operator: 'sample', from: { s: 'xs' } }],
  edges: [
    {
      from: 's',
      to: '_end',
      if: { input: 's', expression: 'Equal', expected: 'never' },
      else: 's',
    },
  ],
  returns: 's',
  limits: { maxSteps: 1_000_000, maxTimeMs: 5 },
})

describe('an execution of very many steps that ask nothing', () => {
  it('[D8] lets the node do other things meanwhile, and ends at its time limit', async () => {
    const { world, execution, ended } = begin({ document: circle, input: {} })
    let turns = 0
    while (turns < 10) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      turns += 1
    }
    world.now = 5
    execution.look(world.now)
    expect(await ended).toMatchObject({ ok: false, code: 'TIME_LIMIT' })
  })
})
