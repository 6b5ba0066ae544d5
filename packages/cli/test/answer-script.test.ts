import { parseWorkflow } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { parseAnswerScript } from '../src/answer-script.ts'
import { CliError } from '../src/errors.ts'

const document = parseWorkflow({
  version: 1,
  name: 'w',
  input: { list: { type: 'array' } },
  tools: ['search', { name: 'weather', description: '', parameters: { type: 'object' } }],
  steps: [
    {
      id: 'each',
      operator: 'map',
      over: 'list',
      as: 'item',
      body: {
        steps: [{ id: 'inner', operator: 'generation', prompt: '{{item}}' }],
        returns: 'inner',
      },
    },
    { id: 'judge', operator: 'generation', prompt: 'Judge {{each}}' },
  ],
  returns: 'judge',
})

function refusal(json: unknown): CliError {
  try {
    parseAnswerScript(json, document, 'answers.json')
  } catch (error) {
    if (error instanceof CliError) return error
  }
  throw new TypeError('it was accepted')
}

describe('a script of answers', () => {
  it('gives the answers of a step in order, and then from the first again', () => {
    const script = parseAnswerScript(
      { judge: ['a', { score: 1 }, { error: 'busy' }] },
      document,
      '',
    )
    const replies = Array.from({ length: 4 }, () => script.next('judge'))
    expect(replies).toEqual([
      { value: 'a' },
      { value: { score: 1 } },
      { error: 'busy' },
      { value: 'a' },
    ])
  })

  it('takes only {"error": text} for a failure', () => {
    const script = parseAnswerScript(
      { judge: [{ error: 3 }, { error: 'x', code: 1 }, {}, [], null] },
      document,
      '',
    )
    for (let count = 0; count < 5; count += 1) expect(script.next('judge')).toHaveProperty('value')
  })

  it('knows steps inside of steps, and tools by their names', () => {
    const script = parseAnswerScript({ inner: ['x'], weather: [1], search: [2] }, document, '')
    expect([script.next('inner'), script.next('weather'), script.next('search')]).toEqual([
      { value: 'x' },
      { value: 1 },
      { value: 2 },
    ])
    expect(script.next('judge')).toBeUndefined()
  })

  it('is refused with every wrong entry named, and the steps that there are', () => {
    const { message, mend, exitCode } = refusal({ jugde: ['x'], judge: [], inner: 'x' })
    expect(exitCode).toBe(2)
    expect(message.split('\n')).toEqual([
      "answers.json: there is no step 'jugde'. Did you mean judge?",
      "answers.json: the list of answers of 'judge' is empty",
      "answers.json: the answers of 'inner' must be a list",
    ])
    expect(mend).toContain('each, inner, judge, search, weather')
  })

  it.for([[[]], ['text'], [null], [3]])('is refused where it is %j', ([json]) => {
    expect(refusal(json).message).toBe('answers.json must hold one JSON object')
  })

  it('lists only the first of many wrong entries', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, ['y']]))
    expect(refusal(many).message).toContain('… and 4 more')
  })
})
