import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria, toDria } from '../../src/index.ts'
import { drive } from '../drive.ts'

interface Looks {
  readonly input: { readonly type: string; readonly key: string; readonly index?: number }
  readonly expression: string
  readonly expected: string
}

/** A judge whose condition leads to the end, and again to the one that repeats it. */
function judged(condition: Looks, judge: object = {}, memory?: object): object {
  const generation = { operator: 'generation', messages: [{ role: 'user', content: 'Judge.' }] }
  const end = { id: '_end', operator: 'end', messages: [], inputs: [], outputs: [] }
  return {
    config: { max_steps: 3, max_time: 60 },
    ...(memory === undefined ? {} : { external_memory: memory }),
    tasks: [
      { id: 'judge', ...generation, outputs: [{ type: 'write', key: 'v' }], ...judge },
      { id: 'again', ...generation, outputs: [{ type: 'write', key: 'again' }] },
      end,
    ],
    steps: [
      { source: 'judge', target: '_end', condition: { ...condition, target_if_not: 'again' } },
      { source: 'again', target: '_end' },
    ],
    return_value: { input: { type: 'read', key: 'v' } },
  }
}

function stepsOf(document: object, answer: string): readonly string[] {
  const script = { judge: [answer], again: ['again'] }
  return drive(fromDria(document), {}, { script }).outcome.steps
}

const read = (key: string) => ({ type: 'read', key })
const schema = { type: 'object', properties: { verdict: {}, ok: {} } }
const list = { type: 'array', items: { type: 'string' } }

describe("a condition of Dria's", () => {
  it.each([
    ['Contains', 'good', '{"verdict":"good"}', true],
    ['Contains', 'verdict', '{"verdict":"good"}', true],
    ['Contains', '"verdict":"good"', '{"verdict": "good"}', true],
    ['Contains', 'bad', '{"verdict":"good"}', false],
    ['NotContains', 'bad', '{"verdict":"bad"}', false],
    ['NotContains', 'bad', '{"verdict":"good"}', true],
    ['Contains', 'true', '{"ok":true}', true],
    ['Equal', '{"ok":true}', '{"ok":true}', true],
  ] as const)('[D7] [D14] %s "%s" looks at the text of the answer %s', (...row) => {
    const [expression, expected, answer, holds] = row
    const document = judged({ input: read('v'), expression, expected }, { schema })
    expect(stepsOf(document, answer)).toEqual(holds ? ['judge'] : ['judge', 'again'])
  })

  it('[D7] [D14] looks at the text of a list, and of an item that was pushed', () => {
    const contains = { expression: 'Contains', expected: 'go' }
    expect(
      stepsOf(judged({ input: read('v'), ...contains }, { schema: list }), '["good"]'),
    ).toEqual(['judge'])
    const pushes = { schema, outputs: ['push', 'write'].map((type) => ({ type, key: type[0] })) }
    const document = judged({ input: { type: 'peek', key: 'p', index: 0 }, ...contains }, pushes)
    expect(stepsOf(document, '{"verdict":"good"}')).toEqual(['judge'])
  })

  it('[D7] [D14] looks at the text of what memory holds', () => {
    const looks = { input: read('m'), expression: 'Contains', expected: 'Ada' }
    expect(stepsOf(judged(looks, {}, { m: { name: 'Ada' } }), 'x')).toEqual(['judge'])
  })

  it.each([
    ['NotEqual', 'done', read('flag'), true],
    ['Equal', 'done', read('flag'), false],
    ['Equal', '', read('flag'), true],
    ['NotContains', 'done', { type: 'pop', key: 'flags' }, true],
    ['Contains', 'x', { type: 'peek', key: 'lst', index: 5 }, false],
  ] as const)('[D7] [D14] %s "%s" takes what is absent for an empty text', (...row) => {
    const [expression, expected, input, holds] = row
    const document = judged(
      { input, expression, expected },
      {
        outputs: [
          { type: 'push', key: 'lst' },
          { type: 'write', key: 'v' },
        ],
      },
    )
    expect(checkWorkflow(document).filter(({ severity }) => severity === 'error')).toEqual([])
    expect(stepsOf(document, 'x')).toEqual(holds ? ['judge'] : ['judge', 'again'])
  })

  it('[D7] [D14] comes back as it was', () => {
    const document = fromDria(judged({ input: read('v'), expression: 'Contains', expected: 'x' }))
    expect(fromDria(toDria(document)).edges).toEqual(document.edges)
  })
})
