import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria } from '../../src/index.ts'

const read = (key: string) => ({ type: 'read', key })

function task(id: string, reads: string, writes: string): object {
  return {
    id,
    operator: 'generation',
    messages: [{ role: 'user', content: '{x}' }],
    inputs: [{ name: 'x', value: read(reads) }],
    outputs: [{ type: 'write', key: writes }],
  }
}

function dria(tasks: readonly object[], returned: unknown, more: object = {}): object {
  const return_value = { input: returned }
  return { config: { max_steps: 9, max_time: 9 }, tasks, steps: [], return_value, ...more }
}

/** Places and mends of the errors that a check finds. */
function found(document: object): readonly string[] {
  return checkWorkflow(document)
    .filter(({ severity }) => severity === 'error')
    .map(({ path, mend }) => `${path} / ${mend}`)
}

describe("an error in one of Dria's workflows", () => {
  it('[D14] [D15] stands once, at places that are in it', () => {
    const document = dria([task('a', 'my/key', 'b]')], [read('b]'), read('my/key')])
    const mend = 'Choose another name.'
    expect(found(document)).toEqual([
      `tasks[0].inputs / ${mend}`,
      `tasks[0].outputs[0].key / ${mend}`,
      `return_value.input[0].key / ${mend}`,
      `return_value.input[1].key / ${mend}`,
    ])
    expect(() => fromDria(document)).toThrow(
      'tasks[0].inputs: a name has no brackets, slashes or line breaks. Choose another name.',
    )
    const kept = dria([task('a', 'm', 'a')], read('a'), { external_memory: { 'a/b': 'x' } })
    expect(found(kept)).toEqual([`external_memory["a/b"] / ${mend}`])
    const reserved = dria([task('constructor', 'm', 'a')], read('a'))
    expect(found(reserved)).toEqual([`tasks[0].id / ${mend}`])
  })

  it('[D8] [D14] [D15] is mended in its own words', () => {
    const steps = [
      { source: 'a', target: 'b' },
      { source: 'b', target: '_end' },
    ]
    const few = dria([task('a', 'm', 'a'), task('b', 'a', 'b')], read('b'), {
      config: { max_steps: 1, max_time: 9 },
      steps,
    })
    expect(found(few)).toEqual(['config.max_steps / Set config.max_steps to 2 or more.'])
  })
})
