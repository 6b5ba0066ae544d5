import { describe, expect, it } from 'vitest'
import {
  interpret,
  parseWorkflow,
  type Answer,
  type Need,
  type Outcome,
  type Pause,
} from '../../src/index.ts'
import { says, step, workflow } from '../drive.ts'

const sampled = { id: 's', operator: 'sample', from: { s: 'xs' } }
const round = { from: 's', to: 's', if: { input: 's', expression: 'Equal', expected: 'never' } }

/** Draws so often, and asks a model afterwards. */
function drawing(times: number, more: object = {}): object {
  return workflow({
    memory: { xs: ['x'] },
    steps: [
      ...Array.from({ length: times }, (_, index) => ({ ...sampled, id: `s${index}` })),
      step('a', '{{s0}}'),
    ],
    returns: 'a',
    limits: { maxSteps: 1000 },
    ...more,
  })
}

interface Walked {
  readonly kinds: readonly string[]
  readonly outcome: Outcome
}

function walkOn(walk: Generator<Need | Pause, Outcome, Answer>): Walked {
  const kinds: string[] = []
  let next = walk.next()
  while (next.done !== true) {
    kinds.push(next.value.kind)
    if (next.value.kind === 'parallel') {
      const branch = next.value.start[0]?.branch ?? ''
      next = walk.next({ kind: 'branch', branch, answer: says('A') })
    } else next = next.value.kind === 'pause' ? walk.next() : walk.next(says('A'))
  }
  return { kinds, outcome: next.value }
}

describe('a walk of many steps that ask nothing', () => {
  const document = parseWorkflow(drawing(40))

  it('[D8] pauses now and then where that is wished, and comes to the same', () => {
    const { kinds, outcome } = walkOn(interpret(document, {}, { pauses: true }))
    expect(kinds).toEqual(['pause', 'pause', 'completion'])
    const plain = walkOn(interpret(document, {}))
    expect(plain.kinds).toEqual(['completion'])
    expect(plain.outcome).toEqual(outcome)
  })

  it('[D8] pauses between its first steps and the others at a multiple of 16 only', () => {
    const few = parseWorkflow(drawing(14))
    expect(walkOn(interpret(few, {}, { pauses: true })).kinds).toEqual(['completion'])
  })

  it('[D8] pauses in a circle, too, and after answers that are replayed', () => {
    const circle = parseWorkflow(
      workflow({
        memory: { xs: ['x'] },
        steps: [step('a', 'x'), sampled],
        edges: [
          { from: 'a', to: 's' },
          { ...round, else: 's' },
        ],
        limits: { maxSteps: 100 },
        returns: 's',
      }),
    )
    const walk = interpret(circle, {}, { pauses: true, from: { answers: [says('A')] } })
    const kinds: string[] = []
    const rest = (): void => {
      for (let next = walk.next(); next.done !== true; next = walk.next()) {
        kinds.push(next.value.kind)
      }
    }
    expect(rest).toThrow('did not come to its end in 100 steps')
    expect(kinds).toEqual(['pause', 'pause', 'pause', 'pause', 'pause', 'pause'])
  })

  it('[D12] pauses inside branches, which go on where they were', () => {
    const body = {
      steps: Array.from({ length: 20 }, (_, index) => ({ ...sampled, id: `d${index}` })),
      returns: 'd0',
    }
    const both = parseWorkflow(
      drawing(1, {
        steps: [
          {
            id: 'p',
            operator: 'parallel',
            branches: {
              one: body,
              two: { steps: [step('t', 'T'), ...body.steps], returns: ['t', 'd0'] },
            },
          },
        ],
        returns: ['one', 'two'],
      }),
    )
    const { kinds, outcome } = walkOn(interpret(both, {}, { pauses: true }))
    expect(kinds).toEqual(['pause', 'parallel', 'pause'])
    expect(outcome.output).toEqual({ one: 'x', two: { t: 'A', d0: 'x' } })
    expect(walkOn(interpret(both, {})).outcome).toEqual(outcome)
  })

  it('[D12] fails in a branch after a pause as it does before one', () => {
    const body = {
      steps: [
        ...Array.from({ length: 20 }, (_, index) => ({ ...sampled, id: `d${index}` })),
        { id: 'none', operator: 'sample', from: { x: 'nothing' } },
      ],
      returns: 'd0',
    }
    const broken = parseWorkflow(
      drawing(1, {
        memory: { xs: ['x'], nothing: [] },
        steps: [{ id: 'p', operator: 'parallel', branches: { one: body } }],
        returns: 'one',
      }),
    )
    const walk = interpret(broken, {}, { pauses: true })
    expect(walk.next()).toEqual({ done: false, value: { kind: 'pause' } })
    expect(() => walk.next()).toThrow("step 'none': there is nothing to draw 'x' from")
  })
})
