import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria, toDria } from '../../src/index.ts'
import { drive, prompts } from '../drive.ts'

const whole = { name: 'q', value: { type: 'input', key: '' } }

/** A task that asks with all that it reads, and stores its answer under `input`. */
function task(id: string, reads: readonly object[], type = 'write'): object {
  const content = [id, ...reads.map((read) => ('name' in read ? `{${String(read.name)}}` : ''))]
  const messages = [{ role: 'user', content: content.join(' ') }]
  return { id, operator: 'generation', messages, inputs: reads, outputs: [{ type, key: 'input' }] }
}

function workflow(tasks: readonly object[], memory: object, returned: object): object {
  return {
    config: { max_steps: 9, max_time: 60 },
    external_memory: memory,
    tasks,
    steps: [
      { source: 'a', target: 'b' },
      { source: 'b', target: '_end' },
    ],
    return_value: { input: returned },
  }
}

describe("the whole input of one of Dria's workflows", () => {
  const script = { a: ['from a'], b: ['from b'] }
  const stored = { type: 'read', key: 'input' }
  const reads = [whole, { name: 'w', value: stored }]
  const both = workflow([task('a', reads), task('b', reads)], { input: 'kept' }, stored)

  it('[D2] [D14] is kept apart from what memory has under that name', () => {
    const driven = drive(fromDria(both), { input: 'Q' }, { script })
    expect(prompts(driven)).toEqual(['a Q kept', 'b Q from a'])
    expect(driven.outcome.output).toBe('from b')
    expect(checkWorkflow(both).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('[D2] [D14] is kept apart from a list of that name, and from conditions that read it', () => {
    const list = { type: 'get_all', key: 'input' }
    const pushing = workflow([task('a', [whole], 'push'), task('b', [whole], 'push')], {}, list)
    const again = { ...condition(stored, 'from b'), target_if_not: 'a' }
    const document = fromDria({ ...pushing, return_value: { input: list, to_json: true } })
    expect(prompts(drive(document, { input: 'Q' }, { script }))).toEqual(['a Q', 'b Q'])
    expect(drive(document, { input: 'Q' }, { script }).outcome.output).toEqual(['from a', 'from b'])
    const deciding = fromDria({
      ...both,
      steps: [
        { source: 'a', target: 'b' },
        { source: 'b', target: '_end', condition: again },
      ],
    })
    expect(drive(deciding, { input: 'Q' }, { script }).outcome.steps).toEqual(['a', 'b'])
  })

  it('[D14] leaves a key of that name alone where nothing reads the whole input', () => {
    const read = [{ name: 'w', value: stored }]
    const document = fromDria(workflow([task('a', read), task('b', read)], { input: 'm' }, stored))
    expect(Object.keys(document.input)).toEqual(['input'])
    expect(prompts(drive(document, {}, { script }))).toEqual(['a m', 'b from a'])
  })

  it('[D14] leaves such a key alone where the workflow is written back', () => {
    const read = [{ name: 'w', value: stored }]
    const document = fromDria(workflow([task('a', read), task('b', read)], { input: 'm' }, stored))
    const again = fromDria(toDria(document))
    const { input, memory, returns } = document
    expect(again).toMatchObject({ input, memory, returns })
    expect(prompts(drive(again, {}, { script }))).toEqual(['a m', 'b from a'])
  })

  it('[D14] is still the whole input where the workflow is written back', () => {
    const again = fromDria(toDria(fromDria(both), { 'input as text': 'kept' }))
    expect(prompts(drive(again, { input: 'Q' }, { script }))).toEqual(['a Q kept', 'b Q from a'])
  })
})

function condition(input: object, expected: string): object {
  return { input, expected, expression: 'Equal' }
}
