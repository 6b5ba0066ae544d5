import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  interpret,
  parseWorkflow,
  type Answer,
  type CompletionNeed,
  type Need,
  type Outcome,
} from '../../src/index.ts'
import { drive, prompts, says, step, workflow } from '../drive.ts'

describe('what a workflow is given', () => {
  const document = workflow({
    input: { topic: { type: 'string', minLength: 3 }, count: { type: 'integer' } },
    optionalInputs: ['count'],
    steps: [step('a', '{{topic}}{{#if count}} {{count}}{{/if}}')],
    returns: 'a',
  })
  const run = (input: Record<string, unknown>) => drive(document, input, { script: { a: ['x'] } })

  it('[D24] is checked by the schemas of its inputs', () => {
    expect(prompts(run({ topic: 'geese', count: 2 }))).toEqual(['geese 2'])
    expect(prompts(run({ topic: 'geese' }))).toEqual(['geese'])
    expect(prompts(run({ topic: 'geese', count: undefined }))).toEqual(['geese'])
  })

  it.each([
    [{}, "the input 'topic' is missing"],
    [{ topic: 'x' }, "the input 'topic' does not fit: expected at least 3 characters, found 1"],
    [{ topic: 7 }, "the input 'topic' does not fit: expected a string, found 7"],
    [{ topic: 'geese', count: 1.5 }, "the input 'count' does not fit: expected an integer"],
    [{ topic: 'geese', cuont: 1 }, "has no input 'cuont'; it has 'topic', 'count'"],
  ])('[D24] is refused, naming the key: %j', (input, message) => {
    expect(() => run(input)).toThrow(message)
    expect(() => run(input)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('[D24] is refused naming all that is missing', () => {
    const any = { type: 'string' }
    const several = workflow({
      input: { a: any, b: any, c: any, d: any },
      optionalInputs: ['c'],
      steps: [step('s', '{{a}}')],
      returns: 's',
    })
    const ask = (input: Record<string, unknown>) => drive(several, input, { script: { s: ['x'] } })
    expect(() => ask({})).toThrow("the inputs 'a', 'b' and 'd' are missing")
    expect(() => ask({ a: 'x', d: undefined })).toThrow("the inputs 'b' and 'd' are missing")
  })

  it('[D24] is read by own properties only', () => {
    const strange = workflow({
      input: { toString: { type: 'string' } },
      steps: [step('a', '{{toString}}')],
      returns: 'a',
    })
    expect(() => drive(strange, {}, { script: { a: ['x'] } })).toThrow(
      "the input 'toString' is missing",
    )
  })
})

/** A loop with structured answers that are sometimes refused, a map and branches. */
const rich = parseWorkflow(
  workflow({
    input: { topics: { type: 'array', items: { type: 'string' } } },
    steps: [
      {
        id: 'facts',
        operator: 'map',
        over: 'topics',
        as: 'topic',
        concurrency: 2,
        body: {
          steps: [
            step('fact', '{{topic}}'),
            step('score', '{{fact}}', { schema: { type: 'number' } }),
          ],
          returns: ['fact', 'score'],
        },
      },
      {
        id: 'both',
        operator: 'parallel',
        branches: {
          one: { steps: [step('x', '{{facts}}')], returns: 'x' },
          two: {
            steps: [
              {
                id: 'inner',
                operator: 'parallel',
                branches: {
                  left: { steps: [step('l', '1')], returns: 'l' },
                  right: { steps: [step('r', '2')], returns: 'r' },
                },
              },
            ],
            returns: ['left', 'right'],
          },
        },
      },
      { id: 'pick', operator: 'sample', from: { topic: 'topics' } },
      step('end', '{{one}} {{two}} {{pick}}'),
    ],
    returns: ['facts', 'one', 'two', 'pick', 'end'],
  }),
)
const topics = { topics: ['a', 'b', 'c'] }

/** Answers by the prompt, so that the order of asking changes nothing. */
function answerTo(need: CompletionNeed): Answer & { kind: 'completion' } {
  const prompt = need.messages[0]?.content ?? ''
  if (need.step !== 'score') return says(`<${prompt}>`)
  return says(need.attempt === 1 ? 'no number' : String(prompt.length))
}

interface Walked {
  readonly outcome: Outcome
  readonly answers: readonly Answer[]
  readonly needs: readonly Need[]
}

/** Walks from some answers on; `choose` says which of what is under way ends first. */
function walkFrom(
  answers: readonly Answer[],
  choose: (open: number) => number,
  seed?: number,
): Walked {
  const walk = interpret(rich, topics, { from: { answers }, seed })
  const open = new Map<string, CompletionNeed>()
  const sent: Answer[] = []
  const needs: Need[] = []
  let next = walk.next()
  while (next.done !== true) {
    needs.push(next.value)
    const answer = reply(next.value, open, choose)
    sent.push(answer)
    next = walk.next(answer)
  }
  return { outcome: next.value, answers: sent, needs }
}

function reply(
  need: Need,
  open: Map<string, CompletionNeed>,
  choose: (open: number) => number,
): Answer {
  if (need.kind === 'completion') return answerTo(need)
  if (need.kind !== 'parallel') throw new TypeError(`no ${need.kind} here`)
  for (const { branch, need: single } of need.start) {
    if (single.kind === 'completion') open.set(branch, single)
  }
  const [branch, single] = [...open][choose(open.size)] ?? []
  if (branch === undefined || single === undefined) throw new TypeError('nothing is under way')
  open.delete(branch)
  return { kind: 'branch', branch, answer: answerTo(single) }
}

const first = (): number => 0
const last = (open: number): number => open - 1

describe('a checkpoint', () => {
  it('[N7] resumes at any answer with the same outcome, and asks for nothing again', () => {
    const whole = walkFrom([], first, 7)
    for (let count = 0; count <= whole.answers.length; count += 1) {
      const resumed = walkFrom(whole.answers.slice(0, count), first, 7)
      expect(resumed.outcome).toEqual(whole.outcome)
      expect(resumed.answers.length).toBe(whole.answers.length - count)
    }
  })

  it('[N7] [D15] resumes branches in whatever order their answers came', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 1000 })), fc.nat({ max: 40 }), (stream, cut) => {
        const choose = (open: number): number => (stream.next().value ?? 0) % open
        const whole = walkFrom([], choose, 7)
        const resumed = walkFrom(whole.answers.slice(0, cut), choose, 7)
        expect(resumed.outcome.output).toEqual(whole.outcome.output)
        expect(whole.outcome.output).toEqual(walkFrom([], first, 7).outcome.output)
      }),
      { numRuns: 60 },
    )
  })

  it('[N7] begins again what was under way', () => {
    const whole = walkFrom([], first)
    const { needs } = walkFrom(whole.answers.slice(0, 1), first)
    expect(needs[0]).toMatchObject({
      kind: 'parallel',
      start: [{ branch: '1' }, { branch: '0', need: { step: 'score' } }],
      stop: [],
    })
  })

  it('[N7] with every answer gives the outcome at once', () => {
    const whole = walkFrom([], first)
    expect(interpret(rich, topics, { from: whole }).next()).toMatchObject({ done: true })
  })

  it('[N7] is refused with more answers than are asked for, or others', () => {
    const whole = walkFrom([], first)
    const run = (answers: readonly Answer[]) => () => walkFrom(answers, first)
    expect(run([...whole.answers, says('x')])).toThrow('more answers than')
    expect(run([says('x')])).toThrow(expect.objectContaining({ code: 'BAD_CHECKPOINT' }))
    expect(run([{ kind: 'branch', branch: '9', answer: says('x') }])).toThrow("called '9'")
    expect(run([{ kind: 'branch', branch: '0', answer: { kind: 'result', value: 1 } }])).toThrow(
      "an answer of the kind 'result' came where 'completion' was asked for",
    )
  })
})

const seeds = ({ needs }: Walked): readonly unknown[] =>
  needs.flatMap((need) => {
    const singles = need.kind === 'parallel' ? need.start.map((entry) => entry.need) : [need]
    return singles.map((single) => (single.kind === 'completion' ? single.sampling?.seed : 0))
  })

describe('the seed', () => {
  it('[D16] gives each question its own, the same every time', () => {
    const run = seeds(walkFrom([], first, 42))
    expect(new Set(run).size).toBe(run.length)
    expect(run.every((seed) => Number.isSafeInteger(seed))).toBe(true)
    expect(seeds(walkFrom([], first, 42))).toEqual(run)
    expect(seeds(walkFrom([], first, 43))).not.toEqual(run)
  })

  it('[D16] does not depend on how far the other branches are', () => {
    expect(new Set(seeds(walkFrom([], last, 42)))).toEqual(new Set(seeds(walkFrom([], first, 42))))
  })

  it('[D16] is left to the model where none is given, and to the step that has its own', () => {
    expect(seeds(walkFrom([], first)).every((seed) => seed === undefined)).toBe(true)
    const own = workflow({
      steps: [step('a', '1', { sampling: { seed: 5, temperature: 0.2 } })],
      returns: 'a',
    })
    const { needs } = drive(own, {}, { seed: 42, script: { a: ['x'] } })
    expect(needs[0]).toMatchObject({ sampling: { seed: 5, temperature: 0.2 } })
  })
})

describe('the outcome', () => {
  const document = workflow({
    steps: [step('a', 'one'), step('b', 'two', { schema: { type: 'number' } })],
    returns: 'b',
  })
  const script = { a: [says('x', { finishReason: 'length' })], b: ['no', '7'] }

  it('[D16] tells each question and answer when asked to', () => {
    const { outcome } = drive(document, {}, { script, trace: true })
    expect(outcome.trace).toMatchObject([
      {
        step: 'a',
        prompt: 'one',
        answer: 'x',
        model: 'm',
        finishReason: 'length',
        usage: { input: 3, output: 2 },
        ms: 5,
      },
      { step: 'b', prompt: 'two', answer: 'no' },
      { step: 'b', answer: '7' },
    ])
    expect(outcome.trace[2]?.prompt).toContain('cannot be used')
  })

  it('[D16] has no trace where nobody asked', () => {
    expect(drive(document, {}, { script }).outcome.trace).toEqual([])
  })

  it('[D8] [D16] counts tokens and names the steps that were cut at the limit', () => {
    const { outcome } = drive(document, {}, { script })
    expect(outcome).toMatchObject({ usage: { input: 9, output: 6 }, cut: ['a'], steps: ['a', 'b'] })
  })
})
