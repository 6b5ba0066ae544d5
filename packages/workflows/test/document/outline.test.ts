import { describe, expect, it } from 'vitest'
import { parseWorkflow, workflowFrom } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

describe('a workflow in words', () => {
  it('has a line for each step, and where it leads', () => {
    const document = parseWorkflow(
      workflow({
        name: 'story',
        input: { topic: { type: 'string' }, style: { type: 'string' } },
        optionalInputs: ['style'],
        steps: [
          step('draft', '{{topic}}', {
            outputs: [{ type: 'push', key: 'drafts' }, { type: 'insert' }],
          }),
          step('judge', '{{drafts}}', {
            optional: true,
            when: {
              input: { type: 'size', key: 'drafts' },
              expression: 'GreaterThan',
              expected: 1,
            },
          }),
          {
            id: 'both',
            operator: 'parallel',
            branches: { pro: { steps: [step('x', '{{topic}}')], returns: 'x' } },
          },
          {
            id: 'each',
            operator: 'map',
            over: 'drafts',
            as: 'item',
            body: { steps: [step('y', '{{item}}')], returns: ['y', 'item'] },
          },
        ],
        edges: [
          {
            from: 'judge',
            to: 'both',
            if: { input: 'judge', expression: 'Contains', expected: 'Yes' },
            else: 'draft',
            fallback: '_end',
          },
        ],
        returns: {
          values: [
            'each',
            { type: 'get_all', key: 'drafts' },
            { type: 'peek', key: 'drafts', index: 0 },
          ],
        },
      }),
    )
    expect(workflowFrom(document).describe()).toMatchInlineSnapshot(`
      "story ← topic, style?
        draft  generation → push drafts, insert
          → judge
        judge  generation, when size drafts > 1, optional
          → both if judge contains Yes
          → draft else
          → the end if judge fails
        both  parallel
            pro
              x  generation
              returns x
          → each
        each  map over drafts as item
            y  generation
            returns y, item
        returns each, all of drafts, number 0 of drafts"
    `)
  })

  it.each([
    ['seen', 'seen'],
    [{ type: 'read', key: 'seen' }, 'seen'],
    [{ type: 'get_all', key: 'seen' }, 'all of seen'],
    [{ type: 'peek', key: 'seen', index: 2 }, 'number 2 of seen'],
    [{ type: 'pop', key: 'seen' }, 'the last of seen'],
    [{ type: 'size', key: 'seen' }, 'the size of seen'],
    [{ type: 'string', value: 'a "b"' }, String.raw`"a \"b\""`],
    [{ type: 'input' }, 'the whole input'],
  ])('says what it returns: %j', (value, text) => {
    const document = parseWorkflow(
      workflow({ input: { seen: {} }, steps: [step('a', 'x')], returns: { value } }),
    )
    expect(workflowFrom(document).describe()).toBe(`w ← seen\n  a  generation\n  returns ${text}`)
  })

  it('has every edge of a step that has several, in their order, and no word about what is not said', () => {
    const edge = { from: 'a', to: 'b', if: { input: 'a', expression: 'Equal', expected: 1 } }
    const document = parseWorkflow(
      workflow({
        steps: [step('a', 'x'), step('b', 'y'), step('c', 'z')],
        edges: [edge, { from: 'b', to: 'a' }, { from: 'a', to: 'c', fallback: 'b' }],
        returns: { values: { last: 'c', first: 'a' } },
      }),
    )
    expect(workflowFrom(document).describe().split('\n')).toEqual([
      'w',
      '  a  generation',
      '    → b if a = 1',
      '    → c',
      '    → b if a fails',
      '  b  generation',
      '    → a',
      '  c  generation',
      '  returns c, a',
    ])
  })

  it('names where it begins, and where nothing is returned but a text', () => {
    const document = workflow({
      steps: [step('a', 'x'), step('b', 'y', { outputs: [] })],
      start: 'b',
      returns: { value: { type: 'string', value: 'done' } },
    })
    expect(workflowFrom(parseWorkflow(document)).describe()).toMatchInlineSnapshot(`
      "w
        begins with b
        a  generation
          → b
        b  generation
        returns "done""
    `)
  })
})
