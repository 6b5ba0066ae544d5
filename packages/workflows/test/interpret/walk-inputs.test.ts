import { describe, expect, it } from 'vitest'
import { END } from '../../src/index.ts'
import { drive, prompts, step, workflow } from '../drive.ts'

const body = { steps: [step('one', '{{item}}')], returns: 'one' }

/** Maps over this, with these inputs of the step. */
function mapping(over: unknown, inputs: object = {}): object {
  return workflow({
    memory: { list: ['a', 'b'], none: [] },
    steps: [{ id: 'all', operator: 'map', over, as: 'item', body, inputs }, step('late', 'x')],
    edges: [{ from: 'all', to: END }],
    returns: 'all',
  })
}

describe('what a step maps over', () => {
  it.each([
    ['a key of memory', 'list', {}],
    ['one of its inputs', 'mine', { mine: { type: 'get_all', key: 'list' } }],
    ['an input said in place', { type: 'get_all', key: 'list' }, {}],
    ['its own input before memory', 'none', { none: 'list' }],
  ])('[D15] may be %s', (_, over, inputs) => {
    const driven = drive(mapping(over, inputs), {}, { script: { one: ['x'] } })
    expect(driven.outcome.output).toEqual(['x', 'x'])
    expect(prompts(driven)).toEqual(['a', 'b'])
  })

  it.each([
    ['late', 'late'],
    [{ type: 'read', key: 'late' }, 'late'],
  ])('[D15] must have a value: %j', (over, name) => {
    expect(() => drive(mapping(over), {}, { script: {} })).toThrow(
      expect.objectContaining({
        code: 'MISSING_VALUE',
        message: `step 'all': '${name}' has no value`,
        step: 'all',
      }),
    )
  })

  it('[D15] must be a list', () => {
    expect(() => drive(mapping({ type: 'size', key: 'list' }), {}, { script: {} })).toThrow(
      expect.objectContaining({
        code: 'STEP_FAILED',
        message: "step 'all': what it should map over is no list",
      }),
    )
  })
})
