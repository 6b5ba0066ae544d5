import { describe, expect, it } from 'vitest'
import { checkWorkflow, parseWorkflow } from '../../src/index.ts'
import { drive, step, workflow } from '../drive.ts'
import { found, only, topic, unless } from './found.ts'

describe('the keys of a workflow', () => {
  it('[D15] finds nothing in a loop that reads its history once it is there', () => {
    const document = workflow({
      ...topic,
      steps: [
        step('draft', '{{topic}}{{#if note}} Mend: {{note}}{{/if}}'),
        step('judge', '{{draft}}', { outputs: [{ type: 'write', key: 'note' }] }),
      ],
      edges: [{ from: 'judge', ...unless('note', '_end', 'draft') }],
      returns: 'draft',
    })
    expect(checkWorkflow(document)).toEqual([])
    expect(parseWorkflow(document)).toEqual(document)
  })

  it('[D15] names every key that nothing writes, with its place and the keys that there are', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topci}}'), step('b', '{{a}} {{sytle}}')],
      returns: 'c',
    })
    expect(found(document)).toEqual([
      'error UNKNOWN_KEY steps[0].prompt',
      'error UNKNOWN_KEY steps[1].prompt',
      'error UNWRITTEN_RETURN returns',
    ])
    const [first] = checkWorkflow(document)
    expect(first?.message).toBe("'topci' is neither an input nor written by a step")
    expect(first?.mend).toContain("There are 'topic', 'a', 'b'.")
  })

  it('[D15] finds a key that is read before any way writes it', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}} {{b}}'), step('b', '{{a}}')],
      returns: 'b',
    })
    const { severity, code, path, message, mend } = only(document)
    expect({ severity, code, path }).toEqual({
      severity: 'error',
      code: 'READ_BEFORE_WRITTEN',
      path: 'steps[0].prompt',
    })
    expect(message).toBe("step 'a' reads 'b', which nothing has written before")
    expect(mend).toContain('{{#if b}}')
  })

  it('[D15] counts a first value under memory as written', () => {
    const steps = [step('a', '{{topic}} {{b}}'), step('b', '{{a}}')]
    expect(found(workflow({ ...topic, memory: { b: '' }, steps, returns: 'b' }))).toEqual([])
  })

  it('[D15] finds in a circle what its first round reads and only a later round writes', () => {
    const document = workflow({
      ...topic,
      steps: [
        step('draft', '{{topic}} {{note}}'),
        step('judge', '{{draft}}', { outputs: [{ type: 'write', key: 'note' }] }),
      ],
      edges: [{ from: 'judge', ...unless('note', '_end', 'draft') }],
      returns: 'draft',
    })
    expect(found(document)).toEqual(['error READ_BEFORE_WRITTEN steps[0].prompt'])
  })

  it('[D15] warns of a key that one of two ways does not write, and names that way', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('b', '{{a}}'), step('c', '{{b}}')],
      edges: [{ from: 'a', ...unless('a', 'b', 'c') }],
      returns: 'c',
    })
    const { severity, code, message } = only(document)
    expect({ severity, code }).toEqual({ severity: 'warning', code: 'MAYBE_UNWRITTEN' })
    expect(message).toBe("step 'c' reads 'b', which nothing writes on the way 'a' → 'c'")
  })

  it('[D15] knows that a step that failed wrote nothing', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('b', '{{a}}')],
      edges: [{ from: 'a', to: 'b', fallback: 'b' }],
      returns: 'b',
    })
    expect(found(document)).toEqual(['warning MAYBE_UNWRITTEN steps[1].prompt'])
  })

  it('[D15] warns only where a failure leads on to another step', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}} {{b}}'), step('b', '{{topic}}')],
      edges: [{ from: 'a', to: 'b', fallback: 'b' }],
      returns: 'a',
    })
    expect(found(document)).toContain('warning READ_BEFORE_WRITTEN steps[0].prompt')
  })

  it('[D15] finds a condition that reads what nothing wrote before', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('b', '{{a}}')],
      edges: [{ from: 'a', ...unless('b', 'b', '_end') }],
      returns: 'a',
    })
    expect(found(document)).toContain('error READ_BEFORE_WRITTEN edges[0].if.input')
  })

  it('[D15] finds a list that is always empty where it is looked at', () => {
    const document = workflow({
      ...topic,
      steps: [
        step('a', '{{topic}} {{all}}', { inputs: { all: { type: 'get_all', key: 'seen' } } }),
        step('b', '{{a}}', { outputs: [{ type: 'push', key: 'seen' }] }),
      ],
      returns: 'a',
    })
    expect(found(document)).toEqual(['warning NEVER_WRITTEN steps[0].inputs.all'])
  })

  it('[D15] finds a return value that is not written on every way, and one that is on none', () => {
    const steps = [step('a', '{{topic}}'), step('b', '{{a}}'), step('c', '{{a}}')]
    const edges = [
      { from: 'a', ...unless('a', 'b', 'c') },
      { from: 'b', to: '_end' },
    ]
    expect(found(workflow({ ...topic, steps, edges, returns: ['b', 'c'] }))).toEqual([
      'warning MAYBE_UNWRITTEN returns',
      'warning MAYBE_UNWRITTEN returns',
    ])
    const straight = [{ from: 'a', to: '_end' }]
    expect(found(workflow({ ...topic, steps, edges: straight, returns: 'b' }))).toContain(
      'error UNWRITTEN_RETURN returns',
    )
  })

  it('[D15] finds keys, inputs and stored texts that nobody reads', () => {
    const document = workflow({
      input: { topic: { type: 'string' }, style: { type: 'string' } },
      memory: { old: 'x' },
      steps: [
        step('a', '{{topic}}', {
          outputs: [
            { type: 'write', key: 'a' },
            { type: 'push', key: 'log' },
            { type: 'insert', key: 'store' },
          ],
        }),
      ],
      returns: 'a',
    })
    expect(found(document)).toEqual([
      'warning UNREAD_KEY steps[0].outputs[1]',
      'warning UNREAD_KEY steps[0].outputs[2]',
      'warning UNREAD_INPUT input.style',
      'warning UNREAD_INPUT memory.old',
    ])
  })

  it('[D15] does not call unread what a condition, a body or the whole input reads', () => {
    const document = workflow({
      input: { topic: { type: 'string' }, list: { type: 'array' } },
      steps: [
        step('a', '{{all}}', {
          inputs: { all: { type: 'input' } },
          outputs: [{ type: 'write', key: 'a' }, { type: 'insert' }],
        }),
        {
          id: 'm',
          operator: 'map',
          over: 'list',
          as: 'item',
          body: { steps: [step('x', '{{item}} {{a}}')], returns: 'x' },
        },
      ],
      edges: [
        { from: 'a', to: 'm', if: { input: 'a', expression: 'HaveSimilar', expected: 'b' } },
        { from: 'a', to: '_end' },
      ],
      returns: { value: { type: 'read', key: 'm', required: false } },
    })
    expect(found(document)).toEqual(['warning MAYBE_UNWRITTEN returns'])
  })

  it('[D15] looks into branches and bodies, with their places', () => {
    const document = workflow({
      ...topic,
      steps: [
        {
          id: 'p',
          operator: 'parallel',
          branches: {
            pro: { steps: [step('x', '{{topic}} {{y}}'), step('y', '{{x}}')], returns: 'y' },
            'a con': {
              steps: [step('x', '{{later}}'), step('z', '{{topic}}')],
              edges: [{ from: 'x', to: '_end' }],
              returns: 'x',
            },
          },
        },
        step('later', '{{pro}} {{[a con]}}'),
      ],
      returns: 'later',
    })
    expect(found(document)).toEqual([
      'error READ_BEFORE_WRITTEN steps[0].branches.pro.steps[0].prompt',
      'error READ_BEFORE_WRITTEN steps[0].branches["a con"].steps[0].prompt',
      'warning UNREACHABLE_STEP steps[0].branches["a con"].steps[1]',
      'warning UNREAD_KEY steps[0].branches["a con"].steps[1]',
    ])
  })

  it('[D15] knows the item of a map, and lists whose name only the run knows', () => {
    const document = workflow({
      input: { which: { type: 'string' }, list: { type: 'array' } },
      memory: { red: ['a'], blue: ['b'] },
      steps: [
        { id: 's', operator: 'sample', from: { one: { type: 'named', input: 'which' } } },
        {
          id: 'm',
          operator: 'map',
          over: 'list',
          as: 'item',
          indexAs: 'number',
          body: { steps: [step('x', '{{number}} {{item}} {{s}}')], returns: 'x' },
        },
      ],
      returns: 'm',
    })
    expect(checkWorkflow(document)).toEqual([])
  })

  it('[D15] warns of a list that is not there where a failure of the draw leads on', () => {
    const input = { type: 'string', value: 'colours' }
    const draw = {
      id: 's',
      operator: 'sample',
      from: { one: { type: 'named', input } },
      outputs: [{ type: 'write', key: 'out' }],
    }
    const document = workflow({
      steps: [draw, step('b', 'x', { outputs: [{ type: 'write', key: 'out' }] })],
      edges: [
        { from: 's', to: '_end', fallback: 'b' },
        { from: 'b', to: '_end' },
      ],
      returns: 'out',
    })
    expect(found(document)).toEqual(['warning READ_BEFORE_WRITTEN steps[0].from.one'])
    expect(drive(document, {}, { script: { b: ['b'] } }).outcome.output).toBe('b')
    const edges = [{ from: 's', to: '_end' }]
    expect(found({ ...document, edges })).toEqual(['error UNKNOWN_KEY steps[0].from.one'])
  })

  it('[D15] warns of an input that may be left out and is read as if it could not', () => {
    const document = workflow({
      input: { topic: { type: 'string' }, style: { type: 'string' } },
      optionalInputs: ['style'],
      steps: [step('a', '{{topic}} {{style}}')],
      returns: 'a',
    })
    expect(found(document)).toEqual(['warning MAYBE_UNWRITTEN steps[0].prompt'])
    const steps = [step('a', '{{topic}}{{#if style}}{{style}}{{/if}}')]
    expect(checkWorkflow({ ...document, steps })).toEqual([])
  })
})
